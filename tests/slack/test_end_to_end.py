"""The real Bolt app over real sockets, in both of its modes, against the fake Slack."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.answering.answerer import Answerer
from bot.audiences import Audiences
from bot.config import Settings
from bot.errors import SettingsError, SlackError
from bot.model import Answer, Question
from bot.slack.app import web_client
from bot.slack.delivering.queue import MAX_PAUSE, MAX_WAIT, DeliveryQueue
from bot.slack.metrics import Metrics
from bot.slack.rendering.buttons import ButtonState
from bot.slack.rendering.presenter import Presenters
from bot.slack.run import SECONDS_FOR_POSTS, serve
from bot.store.records import InboxItem
from bot.store.store import open_store
from tests.conftest import ROOT
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, Still, running, settings_for, words
from tests.fakes.slack import FakeSlack, Hang, RateLimited, Refused, SignedSender

TRUCE = "France and Britain are proposing a partial one-month truce"


@pytest.fixture(params=["socket", "http"])
async def bot(
    request: pytest.FixtureRequest, article: Answerer, tmp_path: Path
) -> AsyncIterator[Bot]:
    async with running(request.param, article, tmp_path) as bot:
        yield bot


async def test_a_mention_is_answered_in_the_thread_of_the_question(bot: Bot) -> None:
    asked = fake_slack.mention("what does the truce cover?")
    assert await bot.event(asked)
    [post] = await bot.slack.posts_until(1)
    assert (post.channel, post.thread_ts) == ("C1", asked["ts"])
    assert post.text.startswith("Late on Sunday, Mr Macron said")
    assert TRUCE in words(post.blocks)
    assert "Coalition of the willing · Partial one-month ceasefire · paragraph 6 of 13" in words(
        post.blocks
    )
    assert (post.payload["unfurl_links"], post.payload["unfurl_media"]) == (False, False)


async def test_a_mention_inside_a_thread_is_answered_there(bot: Bot) -> None:
    await bot.event(fake_slack.mention("the truce?", thread_ts="1700000000.000001"))
    [post] = await bot.slack.posts_until(1)
    assert post.thread_ts == "1700000000.000001"


async def test_a_direct_message_is_answered_in_its_thread_or_begins_one(bot: Bot) -> None:
    asked = fake_slack.direct_message("what does the truce cover?")
    await bot.event(asked)
    await bot.slack.posts_until(1)
    await bot.event(fake_slack.direct_message("the truce?", thread_ts="1700000000.000001"))
    plain, threaded = await bot.slack.posts_until(2)
    assert (plain.channel, plain.thread_ts) == ("D1", asked["ts"])
    assert (threaded.channel, threaded.thread_ts) == ("D1", "1700000000.000001")
    assert TRUCE in words(plain.blocks)


async def test_the_command_is_answered_in_its_acknowledgement_for_the_asker_alone(bot: Bot) -> None:
    answer = await bot.command("what does the truce cover?")
    assert answer["response_type"] == "ephemeral"
    assert TRUCE in words(answer["blocks"])
    assert await bot.slack.quiet() == []


@pytest.mark.parametrize("text", ["", "help", " Help? "])
async def test_help_is_a_guide_with_three_questions_that_are_answered(
    bot: Bot, text: str, article: Answerer
) -> None:
    guide = await bot.command(text)
    [row] = [block for block in guide["blocks"] if block["type"] == "actions"]
    examples = [ButtonState.read(button["value"]).question.text for button in row["elements"]]
    assert len(examples) == 3
    for example in examples:
        assert type(article.answer(Question(example))).__name__ == "Answered"
    await bot.event(fake_slack.mention(text))
    [post] = await bot.slack.posts_until(1)
    assert post.blocks == guide["blocks"]


async def test_not_found_names_the_words_missing_from_the_documents(bot: Bot) -> None:
    await bot.event(fake_slack.mention("what's the guest wifi password?"))
    [post] = await bot.slack.posts_until(1)
    assert "The documents do not answer this." in words(post.blocks)
    assert "Not in the documents: wifi, password." in words(post.blocks)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("👍 🎉", "Happy to help."),
        ("\x00\x07\u200b", "I answer questions with passages"),
        ("truce " * 20_000, "longer than 1,000 characters"),
    ],
)
async def test_a_strange_question_gets_one_clear_sentence(bot: Bot, text: str, said: str) -> None:
    await bot.event(fake_slack.mention(text))
    [post] = await bot.slack.posts_until(1)
    assert said in words(post.blocks)


async def test_bots_edits_joins_and_its_own_messages_are_acknowledged_and_ignored(bot: Bot) -> None:
    stranger = {"thread_ts": "1700000000.000001"}
    for event in (
        fake_slack.direct_message("is it true?", channel="C1", **stranger),
        fake_slack.from_bot("the truce?"),
        fake_slack.from_bot("the truce?", channel="D1"),
        fake_slack.from_bot("the truce?", channel="D1", bot_id=fake_slack.BOT_ID),
        fake_slack.edited("the truce?"),
        fake_slack.joined(channel="D1"),
        fake_slack.direct_message("the truce?", channel="C1"),
        {"type": "reaction_added", "user": "U1", "reaction": "eyes"},
        {"type": "message"},
        {"type": "app_mention", "text": 5, "user": [], "channel": None, "ts": {}},
    ):
        assert await bot.event(event), event
    assert await bot.slack.quiet() == []


async def test_the_same_message_twice_is_answered_once(bot: Bot) -> None:
    asked = fake_slack.mention("the truce?")
    as_message = fake_slack.direct_message(asked["text"], channel="C1", ts=asked["ts"])
    for event in (asked, as_message, asked):
        assert await bot.event(event)
    assert len(await bot.slack.quiet()) == 1


async def test_a_question_cannot_inject_mentions_or_links(bot: Bot) -> None:
    await bot.event(
        fake_slack.mention("<!channel> &lt;!here&gt; <https://evil.example|zzz> &amp;lt;")
    )
    [post] = await bot.slack.posts_until(1)
    sent = json.dumps(post.payload)
    assert "<!" not in sent
    assert "<http" not in sent
    assert "zzz" in sent
    assert "&amp;amp;" not in sent


async def test_an_unexpected_error_shows_a_reference_that_is_logged(
    article: Answerer, tmp_path: Path
) -> None:
    class Broken(Answerer):
        def answer(self, question: Question) -> Answer:  # noqa: ARG002  it breaks on any
            raise RuntimeError("s3cret detail")

    with capture_logs() as logs:
        async with running("socket", Broken(article.index), tmp_path) as bot:
            assert await bot.event(fake_slack.mention("the truce?"))
            [post] = await bot.slack.posts_until(1)
            acknowledged = await bot.command("the truce?")
    logged = {log["reference"] for log in logs if "reference" in log and log["exc_info"]}
    for told in (words(post.blocks), words(acknowledged["blocks"])):
        assert "s3cret" not in told
        assert told.split("reference: ")[1].rstrip(".").split(".")[0] in logged


@pytest.mark.slow
async def test_a_rate_limited_post_is_retried_after_the_delay_slack_gives(bot: Bot) -> None:
    bot.slack.fail("chat.postMessage", RateLimited(1))
    await bot.event(fake_slack.mention("the truce?"))
    assert len(await bot.slack.posts_until(1)) == 1


async def test_setting_the_clock_back_does_not_block_a_channel(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time
    bot.slack.fail("chat.postMessage", RateLimited(1))
    await bot.event(fake_slack.mention("what does the truce cover?"))
    await bot.slack.calls_until("chat.postMessage")
    await asyncio.sleep(0.2)
    monkeypatch.setattr(time, "time", lambda: real() - 3600)
    assert len(await bot.slack.posts_until(1, timeout=3)) == 1


async def test_an_endless_rate_limit_is_cut_to_the_longest_pause(
    article: Answerer, tmp_path: Path
) -> None:
    """Neither a pause of hundreds of digits nor what a wrong clock wrote down is for ever."""
    async with running("socket", article, tmp_path) as bot:
        bot.slack.fail("chat.postMessage", RateLimited(10**400))
        with capture_logs() as logs:
            await bot.event(fake_slack.mention("what does the truce cover?"))
            async with asyncio.timeout(3):
                while not any(log["event"] == "posting failed; will retry" for log in logs):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        [log] = [log for log in logs if log["event"] == "posting failed; will retry"]
        assert log["seconds"] == MAX_PAUSE


async def test_a_message_postponed_for_days_by_a_wrong_clock_is_retried_within_a_minute(
    article: Answerer, tmp_path: Path
) -> None:
    now = time.time()
    item = InboxItem("T1", "C1", "1.1", "U1", "1.1", "the truce?", received_at=now)
    async with (
        FakeSlack() as slack,
        aiohttp.ClientSession() as session,
        open_store(f"sqlite:///{tmp_path / 'store.db'}") as store,
    ):
        await store.inbox.accept(item)
        await store.inbox.postpone(item, now + 1_000_000, "the clock was wrong")
        client = web_client(fake_slack.BOT_TOKEN, slack.api_url, session)
        queue = DeliveryQueue(store, Presenters(Audiences(Still(article))), client, Metrics())
        await queue.resume()
        [[(due, _, _)]] = queue._waiting.values()
        assert due - time.monotonic() <= MAX_WAIT
        await queue.finish(1)


@pytest.mark.parametrize("reason", ["invalid_blocks", "msg_blocks_too_long"])
async def test_blocks_that_slack_refuses_are_posted_as_plain_words(bot: Bot, reason: str) -> None:
    bot.slack.fail("chat.postMessage", Refused(reason))
    await bot.event(fake_slack.mention("what does the truce cover?"))
    [post] = await bot.slack.posts_until(1)
    assert (post.blocks, TRUCE in post.text) == ([], True)


async def test_the_asker_is_told_when_slack_refuses_the_answer(bot: Bot) -> None:
    bot.slack.fail("chat.postMessage", Refused("no_such_reason"))
    await bot.event(fake_slack.mention("the truce?"))
    [post] = await bot.slack.posts_until(1)
    assert "something went wrong" in words(post.blocks)


@pytest.mark.parametrize(
    ("signing", "body", "status"),
    [
        ({"signature": ""}, b"{}", 401),
        ({"timestamp": ""}, b"{}", 401),
        ({"signature": "v0=00"}, b"{}", 401),
        ({"signature": "v0=\u00e9"}, b"{}", 401),
        ({"timestamp": "yesterday"}, b"{}", 401),
        ({"timestamp": "1700000000"}, b"{}", 401),
        ({"timestamp": "1" * 5_000}, b"{}", 401),
        ({"timestamp": "\u00b2"}, b"{}", 401),
        ({"signature": "v0=00"}, b"ssl_check=1", 401),
        ({}, b"{not json", 400),
        ({}, b"[1]", 400),
        ({}, b"\xff\xfe", 401),
        ({}, b"x" * (1024 * 1024 + 1), 413),
    ],
)
async def test_unsigned_or_malformed_requests_are_refused(
    signing: dict[str, str], body: bytes, status: int, article: Answerer, tmp_path: Path
) -> None:
    async with running("http", article, tmp_path) as bot:
        assert bot.sender
        headers = {"Content-Type": "application/json"}
        reply = await bot.sender.raw(body, headers, **signing)  # type: ignore[arg-type]
        assert reply.status == status
        assert await bot.slack.quiet() == []


async def test_a_body_that_was_changed_on_the_way_is_refused(
    article: Answerer, tmp_path: Path
) -> None:
    async with running("http", article, tmp_path) as bot:
        assert bot.sender
        other = SignedSender(bot.sender.url, secret="another secret")
        assert (await other.event(fake_slack.mention("the truce?"))).status == 401
        assert await bot.slack.quiet() == []


async def test_reconnecting_loses_no_events(article: Answerer, tmp_path: Path) -> None:
    async with running("socket", article, tmp_path) as bot:
        await bot.slack.disconnect()
        await bot.slack.connected(2)
        assert await bot.event(fake_slack.mention("the truce?"))
        assert len(await bot.slack.posts_until(1)) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "Slack refuses SLACK_BOT_TOKEN (invalid_auth)"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "Slack refuses SLACK_APP_TOKEN (invalid_auth)"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api"}, "Slack cannot be reached at http://127"),
    ],
)
async def test_a_start_that_slack_refuses_says_what_to_fix(
    wrong: dict[str, str], said: str, article: Answerer, tmp_path: Path
) -> None:
    async with FakeSlack() as slack:
        right = {
            "SLACK_BOT_TOKEN": fake_slack.BOT_TOKEN,
            "SLACK_APP_TOKEN": fake_slack.APP_TOKEN,
            "SLACK_API_URL": slack.api_url,
        }
        store = open_store(f"sqlite:///{tmp_path / 'a.db'}")
        with pytest.raises(SlackError) as caught:
            await serve(
                Settings.from_env(right | wrong), Audiences(Still(article)), store, asyncio.Event()
            )
        await store.close()
    assert said in str(caught.value)


async def test_a_port_that_is_taken_is_named(article: Answerer, tmp_path: Path) -> None:
    async with FakeSlack() as slack:
        settings = settings_for(slack, "http", tmp_path)
        store = open_store(settings.store_url)
        with socket.create_server(("", settings.port or 0)), pytest.raises(SettingsError) as caught:
            await serve(settings, Audiences(Still(article)), store, asyncio.Event())
        await store.close()
    assert f"cannot listen on port {settings.port}" in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopped_process_finishes_its_answers(
    number: signal.Signals, tmp_path: Path
) -> None:
    """As an operator runs it, with variables in the environment that would turn Bolt to OAuth."""
    async with FakeSlack() as slack:
        slack.fail("chat.postMessage", Hang(1.0))
        env = os.environ | {
            "SLACK_BOT_TOKEN": fake_slack.BOT_TOKEN,
            "SLACK_APP_TOKEN": fake_slack.APP_TOKEN,
            "SLACK_API_URL": slack.api_url.rstrip("/"),
            "DATA_DIR": str(tmp_path),
            "SLACK_CLIENT_ID": "1.2",
            "SLACK_CLIENT_SECRET": "x",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "slack", env=env, stderr=asyncio.subprocess.PIPE, cwd=ROOT
        )
        await slack.connected(2, timeout=20)
        assert await slack.send_event(fake_slack.mention("what does the truce cover?"))
        await slack.calls_until("chat.postMessage")
        process.send_signal(number)
        _, err = await asyncio.wait_for(process.communicate(), SECONDS_FOR_POSTS + 5)
    assert process.returncode == 0, err.decode()
    assert "Traceback" not in err.decode()
    assert "truce" not in err.decode()
    assert len(slack.posts) == 1
