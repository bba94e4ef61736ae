"""The metrics that Prometheus reads from a running bot, over real sockets."""

import asyncio
import math
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families

from bot.answering.answerer import Answerer
from bot.model import Answer, Question
from bot.slack.metrics import KINDS, REASONS
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, Mode, free_port, running
from tests.fakes.slack import (
    FOLLOW_UP_SCOPES,
    Cut,
    FakeSlack,
    Hang,
    RateLimited,
    Refused,
    ServerError,
)

ASKED = "what does the truce cover?"
Labels = tuple[str, ...]


class Page(dict[tuple[str, Labels], float]):
    """Each figure by its name and the values of its labels, in the order of the labels' names."""

    def __init__(self, text: str) -> None:
        self.text = text
        families = text_string_to_metric_families(text)
        for sample in (sample for family in families for sample in family.samples):
            values = tuple(value for _, value in sorted(sample.labels.items()))
            self[sample.name, values] = sample.value

    def of(self, name: str, *values: str) -> float:
        return self[f"article_bot_{name}", values]

    def counted(self, name: str) -> dict[Labels, float]:
        """What is not 0 of a counter, by the values of its labels."""
        full = f"article_bot_{name}_total"
        return {values: n for (other, values), n in self.items() if other == full and n}


async def fetch(bot: Bot, path: str, accept: str = "text/plain") -> tuple[str, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(
            f"http://127.0.0.1:{bot.settings.port}{path}", headers={"Accept": accept}
        ) as response,
    ):
        return await response.text(), response.headers["Content-Type"]


async def scrape(bot: Bot) -> Page:
    return Page((await fetch(bot, "/metrics"))[0])


async def settled(bot: Bot, finished: int) -> Page:
    """The figures when so many messages have been crossed out."""
    async with asyncio.timeout(10):
        while True:
            page = await scrape(bot)
            counted = page.counted("questions")
            done = sum(n for (_, through), n in counted.items() if through == "message")
            if done >= finished and not page.of("questions_due"):
                return page
            await asyncio.sleep(0.02)


@pytest.fixture(params=["socket", "http"])
def mode(request: pytest.FixtureRequest) -> Mode:
    chosen: Mode = request.param
    return chosen


@pytest.fixture
async def bot(article: Answerer, tmp_path: Path) -> AsyncIterator[Bot]:
    async with running("http", article, tmp_path) as bot:
        yield bot


async def test_questions_are_counted_by_their_outcome_however_they_came(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path, PORT=str(free_port())) as bot:
        assert (await scrape(bot)).counted("questions") == {}
        await bot.event(fake_slack.mention(ASKED))
        await bot.event(fake_slack.direct_message("what's the guest wifi password?"))
        await bot.event(fake_slack.mention("help"))
        await bot.command(ASKED)
        await bot.command("help")
        await bot.command("status")  # no question
        page = await settled(bot, 3)
        assert page.counted("questions") == {
            ("answered", "message"): 1,
            ("not_found", "message"): 1,
            ("no_question", "message"): 1,
            ("answered", "command"): 1,
            ("no_question", "command"): 1,
        }
        assert page.of("receipt_to_post_seconds_count") == 3
        assert 0 < page.of("receipt_to_post_seconds_sum") < 10
        assert page.of("receipt_to_post_seconds_bucket", "3600.0") == 3


async def test_waiting_questions_and_their_age_are_shown_until_they_are_posted(bot: Bot) -> None:
    assert (await scrape(bot)).of("oldest_due_seconds") == 0
    bot.slack.fail("chat.postMessage", Hang(0.4))
    await bot.event(fake_slack.mention(ASKED))
    await bot.event(fake_slack.mention(ASKED))
    await bot.slack.calls_until("chat.postMessage")
    page = await scrape(bot)
    assert page.of("questions_due") == 2
    assert 0 < page.of("oldest_due_seconds") < 5
    page = await settled(bot, 2)
    assert (page.of("questions_due"), page.of("oldest_due_seconds")) == (0, 0)
    assert page.of("receipt_to_post_seconds_bucket", "0.25") < 2


async def test_a_message_that_comes_again_is_counted_and_not_answered_again(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path, PORT=str(free_port())) as bot:
        mention = fake_slack.mention(ASKED)
        for _ in range(3):
            await bot.event(mention)
        page = await settled(bot, 1)
        assert page.counted("redeliveries") == {(): 2}
        assert page.counted("questions") == {("answered", "message"): 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "kind", "outcome"),
    [
        (RateLimited(1), "rate_limited", "answered"),
        (ServerError(stored=False), "server", "answered"),
        (Cut(stored=False), "connection", "answered"),
        (Refused("internal_error"), "server", "answered"),
        (Refused("invalid_blocks"), "blocks", "answered"),
        (Refused("is_archived"), "undeliverable", "undeliverable"),
        (Refused("no_such_reason"), "other", "error"),
        (Refused("xoxb-a-stranger-s-words"), "other", "error"),
    ],
)
async def test_slack_errors_are_counted_by_kind(
    fault: Any, kind: str, outcome: str, article: Answerer, tmp_path: Path
) -> None:
    async with running("http", article, tmp_path, scopes=FOLLOW_UP_SCOPES) as bot:
        bot.slack.fail("chat.postMessage", fault)
        await bot.event(fake_slack.mention(ASKED))
        page = await settled(bot, 1)
    assert page.counted("slack_errors") == {(kind,): 1}
    assert page.counted("questions") == {(outcome, "message"): 1}
    assert page.of("receipt_to_post_seconds_count") == (outcome != "undeliverable")
    assert "stranger" not in page.text


@pytest.mark.slow
async def test_a_missing_scope_to_read_the_thread_is_counted(bot: Bot) -> None:
    bot.slack.fail("chat.postMessage", Refused("internal_error"))
    await bot.event(fake_slack.mention(ASKED))
    page = await settled(bot, 1)
    assert page.counted("slack_errors") == {("server",): 1, ("scope",): 1}


async def test_a_call_that_a_click_makes_is_counted_too(bot: Bot) -> None:
    await bot.event(fake_slack.mention(ASKED))
    [post] = await bot.slack.posts_until(1)
    bot.slack.fail("views.open", Refused("ratelimited"))
    await bot.interact(fake_slack.click("context", post))
    async with asyncio.timeout(10):
        while not (counted := (await scrape(bot)).counted("slack_errors")):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert counted == {("rate_limited",): 1}


async def test_refused_requests_and_questions_are_counted_by_reason(
    article: Answerer, tmp_path: Path
) -> None:
    async with running(
        "http", article, tmp_path, ALLOWED_CHANNELS="C2", QUESTIONS_PER_MINUTE="1"
    ) as bot:
        assert bot.sender
        headers = {"Content-Type": "application/json"}
        await bot.sender.raw(b"{}", headers, signature="v0=00")
        await bot.sender.raw(b"{not json", headers)
        await bot.sender.raw(b"x" * (1024 * 1024 + 1), headers)
        await bot.event(fake_slack.mention(ASKED))
        await bot.event(fake_slack.mention(ASKED, channel="C2"), ext_shared=True)
        for _ in range(3):  # the second is told, the third is only left out
            await bot.event(fake_slack.mention(ASKED, channel="C2"))
        await bot.command(ASKED)
        page = await settled(bot, 4)
    assert page.counted("refused") == {
        ("not_signed",): 1,
        ("not_understood",): 1,
        ("too_large",): 1,
        ("channel",): 1,
        ("shared",): 1,
        ("pace",): 3,
    }
    assert page.counted("questions") == {
        ("refused", "message"): 3,
        ("answered", "message"): 1,
        ("refused", "command"): 1,
    }


async def test_a_command_that_breaks_is_an_error(article: Answerer, tmp_path: Path) -> None:
    class Broken(Answerer):
        def answer(self, question: Question) -> Answer:  # noqa: ARG002  it breaks on any
            raise RuntimeError("broken")

    async with running("http", Broken(article.index), tmp_path) as bot:
        await bot.command(ASKED)
        await bot.event(fake_slack.mention(ASKED))
        page = await settled(bot, 1)
    assert page.counted("questions") == {("error", "command"): 1, ("error", "message"): 1}


@pytest.mark.slow
async def test_a_locked_store_reports_nan_and_refuses_questions(bot: Bot) -> None:
    file = bot.settings.store_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert await bot.event(fake_slack.mention(ASKED)) is None
        page = await scrape(bot)
        assert math.isnan(page.of("questions_due"))
        assert math.isnan(page.of("oldest_due_seconds"))
        assert page.of("ready", "store") == 0
        assert page.counted("refused") == {("not_kept",): 1}
    page = await scrape(bot)
    assert (page.of("questions_due"), page.of("ready", "store")) == (0, 1)


async def test_the_index_and_the_process_are_described(bot: Bot, article: Answerer) -> None:
    page = await scrape(bot)
    assert page.of("index_passages") == article.index.size
    assert 0 < page.of("index_age_seconds") < 3600
    assert {part: page.of("ready", part) for part in ("store", "documents", "slack")} == {
        "store": 1,
        "documents": 1,
        "slack": 1,
    }
    if sys.platform == "linux":
        assert page["process_start_time_seconds", ()] > 0
        assert page["process_resident_memory_bytes", ()] > 0


async def test_every_label_value_is_exported_from_the_start(bot: Bot) -> None:
    page = await scrape(bot)
    for kind in KINDS:
        assert page.of("slack_errors_total", kind) == 0
    for reason in REASONS:
        assert page.of("refused_total", reason) == 0


async def test_metrics_contain_no_words_people_or_channels(bot: Bot) -> None:
    for text in (ASKED, "is xylophone a word?"):
        await bot.event(fake_slack.mention(text, user="U777", channel="C888"))
        await bot.command(text, user="U777", channel="C888")
    page = await settled(bot, 2)
    for hidden in ("truce", "xylophone", "U777", "C888", fake_slack.TEAM, "T1"):
        assert hidden not in page.text


async def test_metrics_use_the_format_that_the_client_accepts(bot: Bot) -> None:
    text, form = await fetch(bot, "/metrics", "application/openmetrics-text; version=1.0.0")
    assert form.startswith("application/openmetrics-text")
    assert "article_bot_questions" in {
        family.name
        for family in open_metrics(text)  # type: ignore[no-untyped-call]
    }
    assert (await fetch(bot, "/metrics", "*/*"))[1].startswith("text/plain")


async def test_two_bots_in_one_process_count_separately(article: Answerer, tmp_path: Path) -> None:
    async with (
        FakeSlack() as slack,
        running("http", article, tmp_path / "1", slack=slack) as one,
        running("http", article, tmp_path / "2", slack=slack) as other,
    ):
        await one.command(ASKED)
        assert (await scrape(one)).counted("questions") == {("answered", "command"): 1}
        assert (await scrape(other)).counted("questions") == {}
