"""The real Bolt app over real sockets, in both of its modes, against the fake Slack."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from bot.answering.answerer import Answerer
from bot.config import Settings
from bot.errors import SettingsError, SlackError
from bot.model import Answer, Question
from bot.slack.run import SECONDS_TO_FINISH, serve
from tests import fake_slack
from tests.conftest import ROOT
from tests.fake_slack import FakeSlack, Hang, RateLimited, Refused, SignedSender

TRUCE = "France and Britain are proposing a partial one-month truce"
Mode = Literal["socket", "http"]


@dataclass(frozen=True)
class Bot:
    """A running bot, its Slack, and how Slack reaches it: `None` is no acknowledgement."""

    slack: FakeSlack
    event: Callable[[dict[str, Any]], Awaitable[object | None]]
    command: Callable[[str], Awaitable[dict[str, Any]]]
    sender: SignedSender | None = None


@asynccontextmanager
async def running(mode: Mode, answerer: Answerer) -> AsyncIterator[Bot]:
    stop = asyncio.Event()
    async with FakeSlack() as slack:
        settings = settings_for(slack, mode)
        serving = asyncio.create_task(serve(settings, answerer, stop))
        try:
            if mode == "socket":
                await slack.connected()
                yield over_socket(slack)
            else:
                await slack.calls_until("auth.test")
                sender = SignedSender(f"http://127.0.0.1:{settings.port}/slack/events")
                await listening(settings.port)
                yield over_http(slack, sender)
        finally:
            stop.set()
            await serving


def settings_for(slack: FakeSlack, mode: Mode) -> Settings:
    line = {
        "socket": {"SLACK_APP_TOKEN": fake_slack.APP_TOKEN},
        "http": {"SLACK_SIGNING_SECRET": fake_slack.SIGNING_SECRET, "PORT": str(free_port())},
    }
    common = {"SLACK_BOT_TOKEN": fake_slack.BOT_TOKEN, "SLACK_API_URL": slack.api_url}
    return Settings.from_env(common | line[mode])


def over_socket(slack: FakeSlack) -> Bot:
    async def command(text: str) -> dict[str, Any]:
        ack = await slack.send_command("/ask", text)
        assert ack is not None
        return ack.payload or {}

    return Bot(slack, slack.send_event, command)


def over_http(slack: FakeSlack, sender: SignedSender) -> Bot:
    async def event(event: dict[str, Any]) -> object | None:
        reply = await sender.event(event)
        return reply if reply.status == 200 else None

    async def command(text: str) -> dict[str, Any]:
        reply = await sender.command("/ask", text)
        assert reply.status == 200
        body: dict[str, Any] = json.loads(reply.body)
        return body

    return Bot(slack, event, command, sender)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


async def listening(port: int) -> None:
    async with asyncio.timeout(5):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return


def words(value: object) -> str:
    """All the texts of a message's blocks, as a reader sees them."""
    if isinstance(value, dict):
        return " ".join(words(v) for k, v in value.items() if k not in ("type", "style"))
    if isinstance(value, list):
        return "".join(words(v) for v in value)
    return value if isinstance(value, str) else ""


@pytest.fixture(params=["socket", "http"])
async def bot(request: pytest.FixtureRequest, article: Answerer) -> AsyncIterator[Bot]:
    async with running(request.param, article) as bot:
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


async def test_a_direct_message_is_answered_in_a_thread_only_if_it_stood_in_one(bot: Bot) -> None:
    await bot.event(fake_slack.direct_message("what does the truce cover?"))
    await bot.slack.posts_until(1)
    await bot.event(fake_slack.direct_message("the truce?", thread_ts="1700000000.000001"))
    plain, threaded = await bot.slack.posts_until(2)
    assert (plain.channel, plain.thread_ts) == ("D1", None)
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
    examples = [
        item["elements"][0]["text"]
        for element in guide["blocks"][1]["elements"]
        if element["type"] == "rich_text_list"
        for item in element["elements"]
    ]
    assert len(examples) == 3
    for example in examples:
        assert type(article.answer(Question(example))).__name__ == "Answered"
    await bot.event(fake_slack.mention(text))
    [post] = await bot.slack.posts_until(1)
    assert post.blocks == guide["blocks"]


async def test_not_found_is_said_with_the_words_that_are_not_there(bot: Bot) -> None:
    await bot.event(fake_slack.mention("what's the guest wifi password?"))
    [post] = await bot.slack.posts_until(1)
    assert "The documents do not answer this." in words(post.blocks)
    assert "Not in the documents: guest, wifi, password." in words(post.blocks)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("👍 🎉", "There is no word in that to look for"),
        ("\x00\x07\u200b", "There is no word in that to look for"),
        ("truce " * 20_000, "longer than 1,000 characters"),
    ],
)
async def test_a_strange_question_gets_one_clear_sentence(bot: Bot, text: str, said: str) -> None:
    await bot.event(fake_slack.mention(text))
    [post] = await bot.slack.posts_until(1)
    assert said in words(post.blocks)


async def test_bots_edits_joins_and_its_own_messages_are_acknowledged_and_ignored(bot: Bot) -> None:
    for event in (
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


async def test_nothing_of_a_question_can_mention_or_link(bot: Bot) -> None:
    await bot.event(
        fake_slack.mention("<!channel> &lt;!here&gt; <https://evil.example|zzz> &amp;lt;")
    )
    [post] = await bot.slack.posts_until(1)
    sent = json.dumps(post.payload)
    assert "<!" not in sent
    assert "<http" not in sent
    assert "zzz" in sent
    assert "&amp;amp;" not in sent


async def test_an_unexpected_error_is_told_as_a_reference_and_logged(
    caplog: pytest.LogCaptureFixture, article: Answerer
) -> None:
    class Broken(Answerer):
        def answer(self, question: Question) -> Answer:  # noqa: ARG002  it breaks on any
            raise RuntimeError("s3cret detail")

    async with running("socket", Broken(article.corpus, article.index)) as bot:
        assert await bot.event(fake_slack.mention("the truce?"))
        [post] = await bot.slack.posts_until(1)
        acknowledged = await bot.command("the truce?")
    for said in (words(post.blocks), words(acknowledged["blocks"])):
        assert "s3cret" not in said
        reference = said.split("reference ")[1].rstrip(".").split(".")[0]
        assert f"reference {reference}" in caplog.text
    assert "s3cret detail" in caplog.text


async def test_a_post_that_slack_limits_is_made_again_when_it_says(bot: Bot) -> None:
    bot.slack.fail("chat.postMessage", RateLimited(1))
    await bot.event(fake_slack.mention("the truce?"))
    assert len(await bot.slack.posts_until(1)) == 1


async def test_a_message_that_slack_refuses_is_told_to_the_asker(bot: Bot) -> None:
    bot.slack.fail("chat.postMessage", Refused("invalid_blocks"))
    await bot.event(fake_slack.mention("the truce?"))
    [post] = await bot.slack.posts_until(1)
    assert "something went wrong on my side" in words(post.blocks)


@pytest.mark.parametrize(
    ("signing", "body", "status"),
    [
        ({"signature": ""}, b"{}", 401),
        ({"timestamp": ""}, b"{}", 401),
        ({"signature": "v0=00"}, b"{}", 401),
        ({"signature": "v0=\u00e9"}, b"{}", 401),
        ({"timestamp": "yesterday"}, b"{}", 401),
        ({"timestamp": "1700000000"}, b"{}", 401),
        ({"timestamp": "\u00b2"}, b"{}", 401),
        ({"signature": "v0=00"}, b"ssl_check=1", 401),
        ({}, b"{not json", 400),
        ({}, b"[1]", 400),
        ({}, b"\xff\xfe", 401),
        ({}, b"x" * (1024 * 1024 + 1), 413),
    ],
)
async def test_what_slack_did_not_sign_or_cannot_have_meant_is_refused(
    signing: dict[str, str], body: bytes, status: int, article: Answerer
) -> None:
    async with running("http", article) as bot:
        assert bot.sender
        headers = {"Content-Type": "application/json"}
        reply = await bot.sender.raw(body, headers, **signing)  # type: ignore[arg-type]
        assert reply.status == status
        assert await bot.slack.quiet() == []


async def test_a_body_that_was_changed_on_the_way_is_refused(article: Answerer) -> None:
    async with running("http", article) as bot:
        assert bot.sender
        other = SignedSender(bot.sender.url, secret="another secret")
        assert (await other.event(fake_slack.mention("the truce?"))).status == 401
        assert await bot.slack.quiet() == []


async def test_a_refresh_of_the_connection_loses_nothing(article: Answerer) -> None:
    async with running("socket", article) as bot:
        await bot.slack.disconnect()
        await bot.slack.connected()
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
async def test_a_start_that_slack_refuses_says_what_to_mend(
    wrong: dict[str, str], said: str, article: Answerer
) -> None:
    async with FakeSlack() as slack:
        right = {
            "SLACK_BOT_TOKEN": fake_slack.BOT_TOKEN,
            "SLACK_APP_TOKEN": fake_slack.APP_TOKEN,
            "SLACK_API_URL": slack.api_url,
        }
        with pytest.raises(SlackError) as caught:
            await serve(Settings.from_env(right | wrong), article, asyncio.Event())
    assert said in str(caught.value)


async def test_a_port_that_is_taken_is_named(article: Answerer) -> None:
    async with FakeSlack() as slack:
        settings = settings_for(slack, "http")
        with socket.create_server(("", settings.port)), pytest.raises(SettingsError) as caught:
            await serve(settings, article, asyncio.Event())
    assert f"PORT {settings.port} cannot be listened on" in str(caught.value)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopped_process_finishes_its_answers(number: signal.Signals) -> None:
    """As an operator runs it, with variables in the environment that would turn Bolt to OAuth."""
    async with FakeSlack() as slack:
        slack.fail("chat.postMessage", Hang(1.0))
        env = os.environ | {
            "SLACK_BOT_TOKEN": fake_slack.BOT_TOKEN,
            "SLACK_APP_TOKEN": fake_slack.APP_TOKEN,
            "SLACK_API_URL": slack.api_url.rstrip("/"),
            "SLACK_CLIENT_ID": "1.2",
            "SLACK_CLIENT_SECRET": "x",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "slack", env=env, stderr=asyncio.subprocess.PIPE, cwd=ROOT
        )
        await slack.connected(timeout=20)
        assert await slack.send_event(fake_slack.mention("what does the truce cover?"))
        await slack.calls_until("chat.postMessage")
        process.send_signal(number)
        _, err = await asyncio.wait_for(process.communicate(), SECONDS_TO_FINISH + 5)
    assert process.returncode == 0, err.decode()
    assert "Traceback" not in err.decode()
    assert "truce" not in err.decode()
    assert len(slack.posts) == 1
