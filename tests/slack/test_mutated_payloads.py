"""Slack payloads with any part replaced by anything: they are received, and nothing breaks."""

import asyncio
import copy
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

import pytest
from slack_bolt.request import payload_utils
from slack_bolt.request.async_request import AsyncBoltRequest
from structlog.testing import capture_logs

from bot.answering.answerer import Answerer
from bot.store.store import Store
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, Json, Mode, running
from tests.fakes.slack import command_payload, event_payload

ASKED = "what does the truce cover?"
PAYLOADS, AT_ONCE = 1_000, 20


class Sent(NamedTuple):
    """A payload, and the type of the envelope that it comes in over a socket."""

    envelope: str
    payload: Json


async def samples(bot: Bot) -> list[Sent]:
    """One payload of every kind that the bot listens to, and of some that it ignores."""
    await bot.event(fake_slack.mention(ASKED))
    await bot.event(
        fake_slack.mention("which deal sank the titanic iceberg voyage passengers?", channel="C2")
    )
    first, second = await bot.slack.posts_until(2)
    found, missed = (first, second) if first.channel == "C1" else (second, first)
    alone = await bot.command(ASKED)
    await bot.event(fake_slack.app_home_opened())
    [home] = await bot.slack.views_until(1)
    events = [
        fake_slack.mention(ASKED),
        fake_slack.mention("and when?", thread_ts=found.thread_ts),
        fake_slack.direct_message(ASKED),
        fake_slack.direct_message("and who?", channel="C1", thread_ts=found.thread_ts),
        fake_slack.edited(ASKED),
        fake_slack.joined(),
        fake_slack.from_bot(ASKED),
        fake_slack.app_home_opened(),
        fake_slack.app_home_opened(tab="messages"),
    ]
    interactions = [
        *(fake_slack.click(action, found) for action in ("context", "why", "vote")),
        fake_slack.click("nearest", missed),
        fake_slack.click("ask:1", missed),
        *(fake_slack.click(action, alone) for action in ("share", "vote", "why")),
        fake_slack.click("ask:1", home),
        fake_slack.shortcut("find_source", found.text),
    ]
    command = command_payload(
        "/ask", ASKED, user="U1", channel="C1", response_url=bot.slack.response_url()
    )
    return [
        *(Sent("events_api", event_payload(event)) for event in events),
        *(Sent("interactive", bot.slack.interaction(one)) for one in interactions),
        Sent("slash_commands", cast(Json, command)),
    ]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a payload."""
    parts: Any = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    for name, part in parts:
        yield (*path, name)
        yield from places(part, (*path, name))


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value] if depth % 2 else {"x": value}
    return value


def anything(chance: random.Random) -> Any:
    match chance.randrange(12):
        case 0:
            return None
        case 1:
            return chance.choice((True, False))
        case 2:
            return chance.choice((0, -1, 1.5, 10**400, 2**63, 1e300))
        case 3:
            return chance.choice(("", "\0", "\ud800", "<@UBOT>", "U1", "1.1", "é👍", "-1", "1e9"))
        case 4:
            return chance.choice(("a", ":", "<", "us ", "&amp;", " ", "9", "字")) * 20_000
        case 5:
            return nested(chance.choice((1, 10, 300)))
        case 6:
            return [chance.choice((None, 0, "x", {}, []))] * chance.choice((1, 5, 2000))
        case 7:
            return {str(n): n for n in range(chance.choice((1, 5, 2000)))}
        case 8:
            return chance.choice(("http://127.0.0.1:9/x", "https://evil.example/", "file:///x"))
        case 9:
            return chance.choice(("block_actions", "app_mention", "message", "modal", "im"))
        case 10:
            return {}
        case _:
            return []


def mutated(sent: Sent, chance: random.Random) -> Sent:
    """The same with up to three parts replaced by anything, or left out."""
    payload = copy.deepcopy(sent.payload)
    for _ in range(chance.randrange(1, 4)):
        *path, last = chance.choice(list(places(payload)))
        inner = payload
        for name in path:
            inner = inner[name]
        if chance.random() < 0.25:
            del inner[last]
        else:
            inner[last] = anything(chance)
        if not payload:
            break
    event = payload.get("event")
    if isinstance(event, dict) and event.get("ts") == sent.payload.get("event", {}).get("ts"):
        event["ts"] = fake_slack.fresh_ts()  # another message, or it has come already
    return Sent(sent.envelope, payload)


def can_be_parsed(sent: Sent) -> bool:
    """Whether Bolt gets as far as to look who listens."""
    try:
        request = AsyncBoltRequest(mode="socket_mode", body=sent.payload)
        for name in (
            "action",
            "command",
            "event",
            "message",
            "options",
            "shortcut",
            "step",
            "view",
        ):
            getattr(payload_utils, f"to_{name}")(request.body)
    except Exception:
        return False
    return True


async def over_http(bot: Bot, sent: Sent) -> int:
    """The status of what was posted as Slack does."""
    assert bot.sender
    if sent.envelope == "events_api":
        headers = {"Content-Type": "application/json"}
        body = json.dumps(sent.payload).encode()
    else:
        form = sent.payload
        if sent.envelope == "interactive":
            form = {"payload": json.dumps(sent.payload)}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({name: str(one) for name, one in form.items()}, errors="replace").encode()
    return (await bot.sender.raw(body, headers, timeout=10)).status


async def over_socket(bot: Bot, sent: Sent) -> int:
    """200 when it was acknowledged, else 0."""
    accepts = sent.envelope != "events_api"
    envelope = {"type": sent.envelope, "accepts_response_payload": accepts, "retry_attempt": 0}
    ack = await bot.slack._send({**envelope, "payload": sent.payload}, timeout=10)
    return 200 if ack else 0


async def nothing_is_due(store: Store) -> None:
    async with asyncio.timeout(60):
        while (await store.state()).due:  # noqa: ASYNC110 - a post in Slack sets no event here
            await asyncio.sleep(0.1)


@pytest.fixture(params=["http", "socket"])
async def bot(
    request: pytest.FixtureRequest, article: Answerer, tmp_path: Path
) -> AsyncIterator[Bot]:
    how: Mode = request.param
    async with running(how, article, tmp_path, QUESTIONS_PER_MINUTE="10000") as bot:
        yield bot


async def test_every_mutated_payload_is_received_and_leaves_no_work_undone(
    bot: Bot,
) -> None:
    chance, statuses = random.Random(14), Counter[tuple[str, bool, int]]()
    known = await samples(bot)
    send = over_http if bot.sender else over_socket
    wrong: list[tuple[int, Sent]] = []
    numbers = iter(range(PAYLOADS))

    async def deliver() -> None:
        for n in numbers:
            sent = mutated(known[n % len(known)], chance)
            status, parsed = await send(bot, sent), can_be_parsed(sent)
            statuses[sent.envelope, parsed, status] += 1
            if status not in (200, 400) or (parsed and status != 200):
                wrong.append((status, sent))

    with capture_logs():
        await asyncio.gather(*(deliver() for _ in range(AT_ONCE)))
        await nothing_is_due(bot.store)
    print(dict(statuses))
    for status, sent in wrong[:3]:
        print(status, json.dumps(sent)[:1500])
    # An id that came is given back to Slack as it is; whatever else is shown must be right.
    ids = ("team_id", "trigger_id", "channel_id", "user_id", "thread_ts", "channel", "user")
    objections = bot.slack.objections
    objections[:] = [one for one in objections if one.sentence.split(":")[0] not in ids]
    assert wrong == [], [(status, sent.envelope) for status, sent in wrong]
    posts = len(bot.slack.posts)
    assert await bot.event(fake_slack.mention(ASKED, user="U2", channel="C9"))
    await bot.slack.posts_until(posts + 1)
