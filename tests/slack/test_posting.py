"""How answers reach Slack: channels in parallel, one post at a time in each."""

import asyncio
import random
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest
from structlog.testing import capture_logs

from bot.answering.answerer import Answerer
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, Mode, running
from tests.fakes.payloads import Json
from tests.fakes.slack import Call, Cut, FakeSlack, Hang, RateLimited, Refused

ASKED = "what does the truce cover?"
SECONDS_OF_A_POST = 0.2
CHANNELS = 30
AT_ONCE = 20


@pytest.fixture(params=["socket", "http"])
def mode(request: pytest.FixtureRequest) -> Mode:
    mode: Mode = request.param
    return mode


def begun(slack: FakeSlack) -> list[Call]:
    return [call for call in slack.calls if call.method == "chat.postMessage"]


def under_way(slack: FakeSlack, seconds: float) -> Iterator[list[Call]]:
    """At the beginning of each post, all that Slack had not answered yet, with this one."""
    posts = begun(slack)
    for n, post in enumerate(posts):
        yield [other for other in posts[: n + 1] if other.when > post.when - seconds]


async def offer(bot: Bot, mentions: int, rate: float) -> dict[str, float]:
    """Mention the bot at a steady rate in channels at random; when each was sent, by its ts."""
    chance, start, sent = random.Random(0), time.monotonic(), {}

    async def ask(n: int, channel: str) -> None:
        await asyncio.sleep(start + n / rate - time.monotonic())
        event = fake_slack.mention(ASKED, channel=channel, user=f"U{n}")
        sent[event["ts"]] = time.monotonic()
        assert await bot.event(event)

    channels = [f"C{chance.randrange(CHANNELS)}" for _ in range(mentions)]
    await asyncio.gather(*(ask(n, channel) for n, channel in enumerate(channels)))
    await bot.slack.posts_until(mentions, timeout=60)
    return sent


@pytest.mark.long
async def test_fifty_mentions_a_second_in_thirty_channels_are_answered_within_a_second(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    """A laboratory figure, of a machine that does nothing else.

    Slack itself takes about one message a second in each channel.
    """
    async with running(mode, article, tmp_path) as bot:
        bot.slack.fail_by("chat.postMessage", lambda _: Hang(SECONDS_OF_A_POST))
        sent = await offer(bot, mentions=400, rate=50)
    waits = [post.when - sent[str(post.thread_ts)] for post in bot.slack.posts]
    p99 = quantiles(waits, n=100)[98]
    print(f"p50 {median(waits):.2f} s, p99 {p99:.2f} s")
    assert p99 < 1.0


@pytest.mark.slow
async def test_each_channel_gets_its_answers_one_at_a_time_in_question_order(
    article: Answerer, tmp_path: Path
) -> None:
    async with running("socket", article, tmp_path) as bot:
        bot.slack.fail_by("chat.postMessage", lambda _: Hang(SECONDS_OF_A_POST))
        sent = await offer(bot, mentions=150, rate=50)
    for posts in under_way(bot.slack, SECONDS_OF_A_POST):
        assert len({post.payload["channel"] for post in posts}) == len(posts) <= AT_ONCE
    in_channel = defaultdict(list)
    for post in bot.slack.posts:
        in_channel[post.channel].append(sent[str(post.thread_ts)])
    assert all(times == sorted(times) for times in in_channel.values())


async def test_twenty_posts_run_at_once_and_no_more(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path) as bot:
        bot.slack.fail_by("chat.postMessage", lambda _: Hang(1.5))
        asked = [
            fake_slack.mention(ASKED, channel=f"C{n}", user=f"U{n}") for n in range(AT_ONCE + 5)
        ]
        assert all(await asyncio.gather(*map(bot.event, asked)))
        await bot.slack.posts_until(AT_ONCE + 5)
    assert max(len(posts) for posts in under_way(bot.slack, 1.5)) == AT_ONCE


async def test_questions_that_come_at_the_same_moment_are_answered_in_their_order(
    article: Answerer, tmp_path: Path
) -> None:
    async with running("socket", article, tmp_path) as bot:
        asked = [fake_slack.mention(ASKED, user=f"U{n}") for n in range(20)]
        assert all(await asyncio.gather(*map(bot.event, asked)))
        posts = await bot.slack.posts_until(20)
    assert [post.thread_ts for post in posts] == [event["ts"] for event in asked]


async def test_a_rate_limited_channel_keeps_its_order_and_delays_no_other(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path) as bot:
        bot.slack.fail("chat.postMessage", RateLimited(2))
        limited = [fake_slack.mention(ASKED, channel="CBUSY", user=f"U{n}") for n in range(3)]
        for event in limited:
            assert await bot.event(event)
        await bot.slack.calls_until("chat.postMessage")
        for n in range(2 * AT_ONCE):
            assert await bot.event(fake_slack.mention(ASKED, channel=f"C{n}", user=f"V{n}"))
        posts = await bot.slack.posts_until(2 * AT_ONCE + 3)
    assert [post.channel for post in posts[-3:]] == ["CBUSY"] * 3
    assert [post.thread_ts for post in posts[-3:]] == [event["ts"] for event in limited]


# The id that each post carries.


async def test_each_post_has_its_own_id_and_retries_reuse_it(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path) as bot:
        bot.slack.fail("chat.postMessage", Cut(stored=False))
        for user in ("U1", "U2"):
            assert await bot.event(fake_slack.mention(ASKED, user=user))
        await bot.slack.posts_until(2)
    ids = defaultdict(set)
    for call in begun(bot.slack):
        ids[call.payload["thread_ts"]].add(uuid.UUID(call.payload["client_msg_id"]))
    first, second = ids.values()
    assert len(begun(bot.slack)) == 3
    assert (len(first), len(second), len(first | second)) == (1, 1, 2)
    assert {one.version for one in first | second} == {5}


async def test_a_post_that_slack_reports_as_a_duplicate_counts_as_posted(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path) as bot:
        bot.slack.fail("chat.postMessage", Refused("duplicate_client_msg_id"))
        assert await bot.event(fake_slack.mention(ASKED))
        await bot.slack.calls_until("chat.postMessage")
        assert await bot.slack.quiet(0.5) == []
        assert (await bot.store.state()).due == 0
        assert (await bot.store.state()).outcomes == {"answered": 1}


async def test_posts_go_without_an_id_once_slack_has_refused_it(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    def rule(call: Call) -> Refused | None:
        return Refused("invalid_arguments") if "client_msg_id" in call.payload else None

    async with running(mode, article, tmp_path) as bot:
        bot.slack.fail_by("chat.postMessage", rule)
        with capture_logs() as logs:
            assert await bot.event(fake_slack.mention(ASKED))
            await bot.slack.posts_until(1)
            assert await bot.event(fake_slack.mention(ASKED))
            await bot.slack.posts_until(2)
        assert len(begun(bot.slack)) == 3
        assert not [log for log in logs if log["log_level"] == "error"]


async def test_plain_text_sent_after_refused_blocks_has_a_new_id(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path) as bot:
        bot.slack.fail("chat.postMessage", Refused("invalid_blocks"))
        assert await bot.event(fake_slack.mention(ASKED))
        await bot.slack.posts_until(1)
    blocks, plain = (call.payload["client_msg_id"] for call in begun(bot.slack))
    assert blocks != plain


# One gesture that arrives as two events.


def twice(event: Json) -> list[Json]:
    ts = fake_slack.fresh_ts()
    return [event, {**event, "ts": ts, "event_ts": ts}]


async def test_a_message_with_two_time_stamps_is_answered_once(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path, QUESTIONS_PER_MINUTE="2") as bot:
        for event in (fake_slack.mention(ASKED), fake_slack.direct_message(ASKED)):
            assert all(await asyncio.gather(*map(bot.event, twice(event))))
        await bot.slack.posts_until(2)
        assert len(await bot.slack.quiet(0.3)) == 2
        assert bot.slack.ephemerals == []  # nor is it a second one for anybody's pace


async def test_replicas_and_later_processes_answer_a_message_with_two_time_stamps_once(
    article: Answerer, database: str, tmp_path: Path
) -> None:
    async with FakeSlack() as slack:
        few: Json = {"DATABASE_URL": database, "QUESTIONS_PER_MINUTE": "1"}
        event, again = twice(fake_slack.mention(ASKED))
        async with running("http", article, tmp_path, slack=slack, **few) as one:
            assert await one.event(event)
            await slack.posts_until(1)
        async with running("http", article, tmp_path, slack=slack, **few) as two:
            assert await two.event(again)
            assert len(await slack.quiet(0.3)) == 1
        assert slack.ephemerals == []


async def test_messages_without_a_valid_client_id_are_identified_by_their_time_stamps(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path) as bot:
        for odd in (None, "", 7, ["x"], "\u00e9", "x" * 101):
            for event in twice(fake_slack.mention(ASKED)):
                assert await bot.event({**event, "client_msg_id": odd})
        await bot.slack.posts_until(12)
        assert len(await bot.slack.quiet(0.2)) == 12
