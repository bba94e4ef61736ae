"""Any request over HTTP: never a server error, and no answer unless Slack asked."""

import asyncio
import copy
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.answering.answerer import Answerer
from bot.slack.http import MAX_BODY_SIZE
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, running
from tests.fakes.slack import command_payload, event_payload, interactive_payload

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
BODIES, AT_ONCE = 10_000, 20
SAID = "what does the truce cover?"
Sent = tuple[bytes, str]


@pytest.fixture
async def bot(article: Answerer, tmp_path: Path) -> AsyncIterator[Bot]:
    async with running("http", article, tmp_path) as bot:
        yield bot


# Bodies.


def noise(chance: random.Random) -> Sent:
    return chance.randbytes(chance.randrange(200)), chance.choice((JSON, FORM, "text/plain", ""))


def a_value(chance: random.Random, depth: int = 3) -> Any:
    """Any JSON at all."""
    match chance.randrange(9 if depth else 6):
        case 0:
            return None
        case 1:
            return chance.choice((True, False))
        case 2:
            return chance.choice((0, -1, 1.5, 10**400, 2**63))
        case 3:
            return chance.choice(("", "\0", "event_callback", "\ud800", "<@UBOT>", "U1", "é👍"))
        case 4:
            return "".join(map(chr, (chance.randrange(32, 0xD7FF) for _ in range(8))))
        case 5:
            return chance.choice(("block_actions", "view_submission", "message", "shortcut"))
        case 6:
            return [a_value(chance, depth - 1) for _ in range(chance.randrange(4))]
        case _:
            names = ("type", "event", "payload", "command", "actions", "user", "team", "view", "x")
            return {
                chance.choice(names): a_value(chance, depth - 1) for _ in range(chance.randrange(5))
            }


def any_json(chance: random.Random) -> Sent:
    value = a_value(chance)
    return json.dumps(value).encode(), chance.choice((JSON, JSON, FORM))


def any_form(chance: random.Random) -> Sent:
    field = chance.choice(("payload", "command", "ssl_check", "x"))
    value = json.dumps(a_value(chance)) if chance.random() < 0.8 else "{["
    return urlencode({field: value, "token": "x"}).encode(), FORM


def spoilt(chance: random.Random) -> Sent:
    """What Slack does send, with some of it missing, or something else in its place.

    Of a message its user is: nobody asks, so it must not be answered.
    """
    match chance.randrange(3):
        case 0:
            event = chance.choice((fake_slack.mention, fake_slack.direct_message))(SAID)
            body = event_payload(event) | {"event": _spoil({**event, "user": {}}, chance)}
            return json.dumps(_spoil(body, chance, keep=("event",))).encode(), JSON
        case 1:
            form = command_payload(
                "/ask", SAID, user="U1", channel="C1", response_url="http://127.0.0.1:9/x"
            )
            spoilt_form = {name: str(value) for name, value in _spoil(form, chance).items()}
            return urlencode(spoilt_form, errors="replace").encode(), FORM
        case _:
            click = {"type": "block_actions", "actions": [{"action_id": "why", "value": "x"}]}
            where: Any = {"container": {"message_ts": "1.1", "channel_id": "C1"}, "message": {}}
            full = interactive_payload({**click, **where}, response_url="http://127.0.0.1:9/x")
            return urlencode({"payload": json.dumps(_spoil(full, chance))}).encode(), FORM


def _spoil(body: dict[str, Any], chance: random.Random, keep: tuple[str, ...] = ()) -> Any:
    body = copy.deepcopy(body)
    for name in chance.sample(sorted(body), k=min(len(body), chance.randrange(1, 4))):
        if name in ("user", "trigger_id", *keep):
            continue
        if chance.random() < 0.4:
            del body[name]
        else:
            body[name] = a_value(chance)
    return body


KINDS: tuple[Callable[[random.Random], Sent], ...] = (noise, any_json, any_form, spoilt)


@pytest.mark.slow
async def test_no_request_body_causes_a_server_error_or_an_answer(bot: Bot) -> None:
    assert bot.sender
    sender, chance, statuses = bot.sender, random.Random(11), Counter[tuple[bool, int]]()
    broken: list[bytes] = []
    bodies = iter(range(BODIES))

    async def post(session: aiohttp.ClientSession) -> None:
        for n in bodies:
            body, kind = KINDS[n % len(KINDS)](chance)
            signed, when = chance.random() < 0.2, str(int(time.time()))
            headers = {"Content-Type": kind} if kind else {}
            if signed or chance.random() < 0.5:
                signature = sender.sign(when, body if signed else body + b" ")
                headers |= {"X-Slack-Request-Timestamp": when, "X-Slack-Signature": signature}
            async with session.post(sender.url, data=body, headers=headers) as response:
                statuses[signed, response.status] += 1
                if response.status >= 500:
                    broken.append(body)

    with capture_logs():  # what is logged of that would take longer to write than all the rest
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(post(session) for _ in range(AT_ONCE)))
    print(dict(statuses))
    assert broken == []
    assert statuses.total() == BODIES
    assert {status for signed, status in statuses if not signed} == {401}
    assert statuses[True, 200]
    assert statuses[True, 400]
    assert await bot.slack.quiet() == []
    assert bot.slack.ephemerals == []
    assert await bot.event(fake_slack.mention(SAID, user="U2"))
    assert len(await bot.slack.posts_until(1)) == 1


async def test_only_the_size_of_a_refused_request_is_logged(bot: Bot) -> None:
    assert bot.sender
    body = json.dumps(event_payload(fake_slack.mention("zanzibarquokka"))).encode()
    with capture_logs() as logs:
        for body_sent, how in (
            (body, {"signature": ""}),
            (body, {"signature": "v0=zanzibarquokka"}),
            (body, {"timestamp": "1700000000"}),
            (body, {"timestamp": "zanzibarquokka"}),
            (b"zanzibarquokka", {}),
            (b"zanzibarquokka" * MAX_BODY_SIZE, {}),
        ):
            reply = await bot.sender.raw(body_sent, {"Content-Type": JSON}, **how)  # type: ignore[arg-type]
            assert reply.status in (400, 401, 413)
            assert "zanzibarquokka" not in reply.body
    assert len(logs) == 6
    assert [log["bytes"] for log in logs][:4] == [len(body)] * 4
    assert "zanzibarquokka" not in str(logs)
