"""A small fake of Slack on a loopback port: Web API, Socket Mode, response_urls, signed HTTP.

Real clients reach it over real sockets, so what is tested is the app as it runs. It is strict
about tokens and tickets, and misbehaves only when told to. It knows no users and no channels:
it remembers what it was asked and what was posted.
"""

# ruff: noqa: ASYNC109 - a timeout here is Slack's patience with the app, not a caller's deadline

import asyncio
import hashlib
import hmac
import html
import io
import itertools
import json
import re
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self, TypedDict, TypeVar, Unpack
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

BOT_TOKEN = "xoxb-fake-bot"
APP_TOKEN = "xapp-fake-app"
SIGNING_SECRET = "fake-signing-secret"
TEAM, APP_ID, BOT_USER, BOT_ID = "T1", "A1", "UBOT", "BBOT"

Json = dict[str, Any]
Ts = str | None
T = TypeVar("T")

_FROM = {"token": "verification", "team_id": TEAM, "api_app_id": APP_ID}
_BOT = {"team_id": TEAM, "user_id": BOT_USER, "is_bot": True, "is_enterprise_install": False}
_AUTHOR = {"user": BOT_USER, "bot_id": BOT_ID, "app_id": APP_ID, "team": TEAM}
_CHANNEL_TYPES = {"C": "channel", "D": "im", "G": "group"}
_JSON_IN_FORMS = ("attachments", "blocks", "loading_messages", "metadata", "prompts", "view")
_ONLY_RECORDED = {
    "assistant.threads.setStatus",
    "assistant.threads.setSuggestedPrompts",
    "chat.postEphemeral",
    "chat.update",
    "views.open",
    "views.publish",
}
_NOWHERE = "http://127.0.0.1:9/response/0"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Call:
    """One request to the Web API, as it came in; `when` is on the monotonic clock."""

    method: str
    token: str
    payload: Json
    when: float


@dataclass(frozen=True)
class Post:
    """One message that chat.postMessage stored."""

    channel: str
    thread_ts: str | None
    text: str
    blocks: list[Json]
    metadata: Json | None
    ts: str
    payload: Json


@dataclass(frozen=True)
class Response:
    """One body that was posted to a response_url."""

    url: str
    payload: Json


@dataclass(frozen=True)
class Ack:
    """The acknowledgement of an envelope, and how long Slack waited for it."""

    payload: Json | None
    seconds: float


@dataclass(frozen=True)
class Reply:
    """What the app answered to an HTTP delivery."""

    status: int
    body: str
    seconds: float


@dataclass(frozen=True)
class RateLimited:
    """429 with Retry-After; the call is not carried out."""

    seconds: int


@dataclass(frozen=True)
class ServerError:
    """503, after the call was carried out if `stored`, or else instead."""

    stored: bool


@dataclass(frozen=True)
class Cut:
    """The connection is cut, after the call was carried out if `stored`, or else instead."""

    stored: bool


@dataclass(frozen=True)
class Refused:
    """200 with `ok` false and this error; the call is not carried out."""

    error: str


@dataclass(frozen=True)
class Hang:
    """A late answer. The call is carried out at once if `stored`, or else if its caller waits."""

    seconds: float
    stored: bool = False


Fault = RateLimited | ServerError | Cut | Refused | Hang

# Events. A text is what Slack would deliver: `&`, `<` and `>` already escaped, mentions as <@U1>.


def fresh_ts() -> str:
    """Name a message as Slack does: seconds, a dot, six digits, each later than the last."""
    return f"{int(time.time())}.{next(_numbers):06d}"


def mention(
    text: str, *, channel: str = "C1", user: str = "U1", ts: Ts = None, thread_ts: Ts = None
) -> Json:
    """Mention the bot in a channel; a text that mentions someone already is left as it is."""
    said = text if "<@" in text else f"<@{BOT_USER}> {text}"
    message = {**_message(said, user, ts, thread_ts), "type": "app_mention"}
    return {**message, "channel": channel, "event_ts": message["ts"]}


def direct_message(
    text: str, *, channel: str = "D1", user: str = "U1", ts: Ts = None, thread_ts: Ts = None
) -> Json:
    """Send the bot a message; in a channel that is not a DM it is a plain channel message."""
    return _in_channel(_message(text, user, ts, thread_ts), channel)


def edited(
    text: str, *, channel: str = "D1", user: str = "U1", ts: Ts = None, previous: str = "before"
) -> Json:
    """Edit a message: `ts` is the edited message's own, the event has a later one."""
    before, now = _message(previous, user, ts), fresh_ts()
    after = {**before, "text": text, "blocks": _rich_text(text)}
    after["edited"] = {"user": user, "ts": now}
    change = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": now}
    return _in_channel({**change, "message": after, "previous_message": before}, channel)


def joined(*, channel: str = "C1", user: str = "U1", ts: Ts = None) -> Json:
    """Say that someone joined a channel: the system message, subtype `channel_join`."""
    message = _message(f"<@{user}> has joined the channel", user, ts)
    return _in_channel({**message, "subtype": "channel_join"}, channel)


def from_bot(
    text: str, *, channel: str = "C1", bot_id: str = "BOTHER", thread_ts: Ts = None
) -> Json:
    """Let a bot speak: a mention in a channel, a message in a DM. BOT_ID is the app itself."""
    user, app = (BOT_USER, APP_ID) if bot_id == BOT_ID else ("UOTHER", "AOTHER")
    say = direct_message if channel.startswith("D") else mention
    profile = {"id": bot_id, "app_id": app, "name": "bot", "deleted": False, "team_id": TEAM}
    event = say(text, channel=channel, user=user, thread_ts=thread_ts)
    return {**event, "bot_id": bot_id, "app_id": app, "bot_profile": profile}


def _message(text: str, user: str, ts: Ts, thread_ts: Ts = None) -> Json:
    message = {"type": "message", "user": user, "text": text, "ts": ts or fresh_ts()}
    thread = {"thread_ts": thread_ts} if thread_ts else {}
    ids = {"client_msg_id": str(uuid.uuid4()), "team": TEAM}
    return {**message, **thread, **ids, "blocks": _rich_text(text)}


def _in_channel(message: Json, channel: str) -> Json:
    kind = _CHANNEL_TYPES.get(channel[:1], "channel")
    return {**message, "channel": channel, "channel_type": kind, "event_ts": message["ts"]}


def _rich_text(text: str) -> list[Json]:
    """Write the text as Slack's editor does: mentions are elements, the rest is unescaped."""
    elements: list[Json] = []
    for n, part in enumerate(re.split(r"<@(\w+)(?:\|[^>]*)?>", text)):
        if n % 2:  # what the pattern caught
            elements.append({"type": "user", "user_id": part})
        elif part:
            elements.append({"type": "text", "text": html.unescape(part)})
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": f"b{next(_numbers)}", "elements": [section]}]


# Payloads: what is delivered, the same over a socket and over HTTP.


def event_payload(event: Json, event_id: str | None = None) -> Json:
    """Wrap an event as the Events API does; a redelivery has the event_id of the first."""
    return {
        **_FROM,
        "type": "event_callback",
        "event": event,
        "event_id": event_id or f"Ev{next(_numbers):08d}",
        "event_time": int(float(event.get("event_ts", time.time()))),
        "event_context": f"4-{next(_numbers)}",
        "authorizations": [{**_BOT, "enterprise_id": None}],
        "is_ext_shared_channel": False,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
    }


def command_payload(
    command: str, text: str, *, user: str, channel: str, response_url: str
) -> dict[str, str]:
    """Fill in the form of a slash command: every field is a text, the boolean too."""
    return {
        **_FROM,
        "team_domain": "fake",
        "channel_id": channel,
        "channel_name": "directmessage" if channel.startswith("D") else channel.lower(),
        "user_id": user,
        "user_name": user.lower(),
        "command": command,
        "text": text,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": _trigger_id(),
    }


def interactive_payload(payload: Json, *, response_url: str) -> Json:
    """Add what Slack adds to every interaction, where the payload does not say otherwise."""
    common: Json = {
        "token": "verification",
        "api_app_id": APP_ID,
        "team": {"id": TEAM, "domain": "fake"},
        "user": {"id": "U1", "username": "u1", "name": "u1", "team_id": TEAM},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": _trigger_id(),
    }
    if payload.get("type") in ("block_actions", "message_action"):  # forms and shortcuts get none
        common["response_url"] = response_url
    return {**common, **payload}


def _trigger_id() -> str:
    return f"{next(_numbers)}.{next(_numbers)}.{uuid.uuid4().hex}"


@dataclass
class _Link:
    """One Socket Mode connection; only a live one is sent envelopes."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport
    live: bool = True


class Sending(TypedDict, total=False):
    """Slack's patience (3 s), and which live connection gets the envelope: 0 oldest, -1 newest."""

    timeout: float
    link: int


class FakeSlack:
    """Slack, for as long as its `async with`; what it was asked stays readable after that."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.posts: list[Post] = []
        self.responses: list[Response] = []
        self.missing_channels: set[str] = set()
        self._faults: defaultdict[str, deque[Fault | None]] = defaultdict(deque)
        self._links: list[_Link] = []
        self._tickets: set[str] = set()
        self._awaited: dict[str, asyncio.Future[Json | None]] = {}
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._on_call)
        app.router.add_get("/link", self._on_link)
        app.router.add_post("/response/{number}", self._on_response)
        # A handler is cancelled with its connection, so that none outlives the test.
        options: Json = {"handler_cancellation": True, "access_log": None, "shutdown_timeout": 1}
        self._runner = web.AppRunner(app, **options)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._address = f"127.0.0.1:{self._runner.addresses[0][1]}"
        self.api_url = f"http://{self._address}/api/"
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._runner.server.connections if self._runner.server else ():
            connection.force_close()
        await self._runner.cleanup()

    def response_url(self) -> str:
        """Make a response_url; what is posted there is kept in `responses`."""
        return f"http://{self._address}/response/{next(_numbers)}"

    def fail(self, method: str, *faults: Fault | None) -> None:
        """Let the next calls of a method meet these faults, in order; None is a call that works."""
        self._faults[method].extend(faults)

    # What tests wait for.

    async def posts_until(self, n: int, timeout: float = 5.0) -> list[Post]:
        """Wait until there are n posts, and return all there are."""
        return await self._until(n, lambda: self.posts, timeout)

    async def calls_until(self, method: str, n: int = 1, timeout: float = 5.0) -> list[Call]:
        """Wait until a method was called n times, and return all its calls."""
        return await self._until(n, lambda: [c for c in self.calls if c.method == method], timeout)

    async def responses_until(self, n: int, timeout: float = 5.0) -> list[Response]:
        """Wait until n bodies were posted to response_urls, and return all there are."""
        return await self._until(n, lambda: self.responses, timeout)

    async def connected(self, n: int = 1, timeout: float = 5.0) -> None:
        """Wait until n connections are live; one told to leave, or gone silent, is not."""
        await self._until(n, self._live, timeout)

    async def quiet(self, seconds: float = 0.2) -> list[Post]:
        """Let time pass and return the posts, to show that nothing more comes."""
        await asyncio.sleep(seconds)
        return list(self.posts)

    async def _until(self, n: int, seen: Callable[[], list[T]], timeout: float) -> list[T]:
        try:
            async with asyncio.timeout(timeout):
                while len(seen()) < n:
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"{n} awaited, {len(seen())} came: {seen()}") from None
        return list(seen())

    def _tell(self) -> None:
        """Wake all who wait, each to look for itself; the next change has an event of its own."""
        self._changed.set()
        self._changed = asyncio.Event()

    # The Web API.

    async def _on_call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        call = Call(method, token, await _fields(request), time.monotonic())
        self.calls.append(call)
        self._tell()
        faults = self._faults[method]
        return await self._answer(call, faults.popleft() if faults else None, request)

    async def _answer(self, call: Call, fault: Fault | None, request: web.Request) -> web.Response:
        if isinstance(fault, ServerError | Cut) and fault.stored:
            self._carry_out(call)
        match fault:
            case None:
                return web.json_response(self._carry_out(call))
            case RateLimited(seconds):
                wait = {"Retry-After": str(seconds)}
                return web.json_response(_error("ratelimited"), status=429, headers=wait)
            case Refused(error):
                return web.json_response(_error(error))
            case ServerError():
                return web.json_response(_error("service_unavailable"), status=503)
            case Cut():
                _transport(request).abort()
                return web.Response()  # to nobody
            case Hang(seconds, stored):
                early = self._carry_out(call) if stored else None
                await asyncio.sleep(seconds)
                return web.json_response(early or self._carry_out(call))

    def _carry_out(self, call: Call) -> Json:
        """Do what the method does and return its answer; a refused token does nothing."""
        payload = call.payload
        if objection := self._objection(call):
            return _error(objection)
        match call.method:
            case "auth.test":
                who = {"user": "bot", "user_id": BOT_USER, "bot_id": BOT_ID}
                return _ok(url="https://fake.slack.com/", team="Fake", team_id=TEAM, **who)
            case "apps.connections.open":
                self._tickets.add(ticket := str(next(_numbers)))
                return _ok(url=f"ws://{self._address}/link?ticket={ticket}")
            case "chat.postMessage":
                post = self._store(payload)
                return _ok(channel=post.channel, ts=post.ts, message=_as_message(post))
            case "conversations.history":
                posts = [post for post in reversed(self.posts) if not post.thread_ts]
                return _history(posts, payload)
            case "conversations.replies":
                posts = [post for post in self.posts if payload["ts"] in (post.ts, post.thread_ts)]
                return _history(posts, payload)
            case method:
                return _ok() if method in _ONLY_RECORDED else _error("unknown_method")

    def _objection(self, call: Call) -> str | None:
        right = APP_TOKEN if call.method == "apps.connections.open" else BOT_TOKEN
        if not call.token:
            return "not_authed"
        if call.token != right:
            known = call.token in (APP_TOKEN, BOT_TOKEN)
            return "not_allowed_token_type" if known else "invalid_auth"
        return "channel_not_found" if call.payload.get("channel") in self.missing_channels else None

    def _store(self, payload: Json) -> Post:
        post = Post(
            channel=payload.get("channel", ""),
            thread_ts=payload.get("thread_ts") or None,
            text=payload.get("text", ""),
            blocks=payload.get("blocks") or [],
            metadata=payload.get("metadata") or None,
            ts=fresh_ts(),
            payload=payload,
        )
        self.posts.append(post)
        self._tell()
        return post

    async def _on_response(self, request: web.Request) -> web.Response:
        self.responses.append(Response(str(request.url), await _fields(request)))
        self._tell()
        return web.Response(text="ok")

    # Socket Mode.

    async def _on_link(self, request: web.Request) -> web.WebSocketResponse:
        if request.query.get("ticket") not in self._tickets:
            raise web.HTTPForbidden
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        link = _Link(socket, _transport(request))
        self._links.append(link)
        try:
            hello = {"type": "hello", "connection_info": {"app_id": APP_ID}, "debug_info": {}}
            await socket.send_json({**hello, "num_connections": len(self._links)})
            self._tell()
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._acknowledge(message.json())
        finally:
            self._links.remove(link)
        return socket

    def _acknowledge(self, envelope: Json) -> None:
        awaited = self._awaited.get(envelope["envelope_id"])
        if awaited and not awaited.done():
            awaited.set_result(envelope.get("payload"))

    def _live(self) -> list[_Link]:
        return [link for link in self._links if link.live]

    async def send_event(
        self,
        event: Json,
        *,
        event_id: str | None = None,
        retry_attempt: int = 0,
        retry_reason: str = "",
        **sending: Unpack[Sending],
    ) -> Ack | None:
        """Deliver an event; None if no acknowledgement came in time, or nobody was connected."""
        payload = event_payload(event, event_id)
        retry = {"retry_attempt": retry_attempt, "retry_reason": retry_reason}
        envelope = {"type": "events_api", "accepts_response_payload": False, **retry}
        return await self._send({**envelope, "payload": payload}, **sending)

    async def send_command(
        self,
        command: str,
        text: str,
        *,
        user: str = "U1",
        channel: str = "C1",
        **sending: Unpack[Sending],
    ) -> Ack | None:
        """Deliver a slash command, as `send_event` does."""
        url = self.response_url()
        payload = command_payload(command, text, user=user, channel=channel, response_url=url)
        envelope = {"type": "slash_commands", "accepts_response_payload": True}
        return await self._send({**envelope, "payload": payload}, **sending)

    async def send_interactive(self, payload: Json, **sending: Unpack[Sending]) -> Ack | None:
        """Deliver a click, a shortcut or a form, as `send_event` does."""
        full = interactive_payload(payload, response_url=self.response_url())
        envelope = {"type": "interactive", "accepts_response_payload": True}
        return await self._send({**envelope, "payload": full}, **sending)

    async def _send(self, envelope: Json, timeout: float = 3.0, link: int = -1) -> Ack | None:
        if not (live := self._live()):
            return None
        envelope_id, start = str(uuid.uuid4()), time.monotonic()
        self._awaited[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout):
                await live[link].socket.send_json({"envelope_id": envelope_id, **envelope})
                payload = await self._awaited[envelope_id]
        except (TimeoutError, ConnectionError):
            return None
        finally:
            del self._awaited[envelope_id]
        return Ack(payload, time.monotonic() - start)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every live connection to leave: it gets no more envelopes, its acks still count."""
        for link in self._live():
            link.live = False
            await link.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})

    def go_silent(self) -> None:
        """Leave every current connection open and dead: nothing more is read from it or sent."""
        for link in self._links:
            link.live = False
            link.transport.pause_reading()


def _ok(**fields: Any) -> Json:
    return {"ok": True, **fields}


def _error(error: str) -> Json:
    return {"ok": False, "error": error}


def _transport(request: web.Request) -> asyncio.Transport:
    if request.transport is None:
        raise ConnectionResetError("the caller has gone")
    return request.transport


async def _fields(request: web.Request) -> Json:
    """Read query and body as one set of fields; an empty body has none, whatever its type."""
    if request.content_type == "application/json":
        body = json.loads(await request.text() or "{}")
    else:
        body = dict(await request.post())
    fields = {**request.query, **body}
    packed = [name for name in _JSON_IN_FORMS if isinstance(fields.get(name), str)]
    return {**fields, **{name: json.loads(fields[name]) for name in packed}}


def _history(posts: list[Post], payload: Json) -> Json:
    """Return a channel's posts on one page; metadata only to those who ask for it."""
    shown = [_as_message(post) for post in posts if post.channel == payload["channel"]]
    if str(payload.get("include_all_metadata")).lower() not in ("1", "true"):
        shown = [{key: message[key] for key in message if key != "metadata"} for message in shown]
    return _ok(messages=shown, has_more=False, response_metadata={"next_cursor": ""})


def _as_message(post: Post) -> Json:
    message = {"type": "message", "text": post.text, "blocks": post.blocks, "ts": post.ts}
    optional = {"thread_ts": post.thread_ts, "metadata": post.metadata}
    return {**message, **_AUTHOR, **{key: value for key, value in optional.items() if value}}


# HTTP delivery.


class Signing(TypedDict, total=False):
    """What to claim instead of the truth ("" leaves the header out), and Slack's patience (3 s)."""

    timestamp: str
    signature: str
    timeout: float


@dataclass(frozen=True)
class SignedSender:
    """Slack over HTTP, posting to `url`: the app's address, /slack/events and all.

    An app that is too late raises TimeoutError; one that does not listen, aiohttp's ClientError.
    """

    url: str
    secret: str = field(default=SIGNING_SECRET, repr=False)

    async def event(
        self,
        event: Json,
        *,
        event_id: str | None = None,
        retry_attempt: int = 0,
        retry_reason: str = "",
        **signing: Unpack[Signing],
    ) -> Reply:
        """Deliver an event as JSON; only a redelivery has the headers of a retry."""
        retry = {"X-Slack-Retry-Num": str(retry_attempt), "X-Slack-Retry-Reason": retry_reason}
        headers = {"Content-Type": "application/json", **(retry if retry_attempt else {})}
        body = json.dumps(event_payload(event, event_id)).encode()
        return await self.raw(body, headers, **signing)

    async def command(
        self,
        command: str,
        text: str,
        *,
        user: str = "U1",
        channel: str = "C1",
        response_url: str = _NOWHERE,
        **signing: Unpack[Signing],
    ) -> Reply:
        """Deliver a slash command as a form; FakeSlack makes a response_url that is listened to."""
        form = command_payload(command, text, user=user, channel=channel, response_url=response_url)
        return await self._form(form, signing)

    async def interactive(
        self, payload: Json, *, response_url: str = _NOWHERE, **signing: Unpack[Signing]
    ) -> Reply:
        """Deliver an interaction as a form whose one field, `payload`, is JSON."""
        full = interactive_payload(payload, response_url=response_url)
        return await self._form({"payload": json.dumps(full)}, signing)

    async def _form(self, form: dict[str, str], signing: Signing) -> Reply:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.raw(urlencode(form).encode(), headers, **signing)

    async def raw(
        self,
        body: bytes,
        headers: dict[str, str],
        *,
        timestamp: str | None = None,
        signature: str | None = None,
        timeout: float = 3.0,
    ) -> Reply:
        """Post any bytes, signed with their timestamp, which is now unless it is given."""
        when = str(int(time.time())) if timestamp is None else timestamp
        signed = self._sign(when, body) if signature is None else signature
        claims = {"X-Slack-Request-Timestamp": when, "X-Slack-Signature": signed}
        sent = {**{name: value for name, value in claims.items() if value}, **headers}
        start, patience = time.monotonic(), aiohttp.ClientTimeout(total=timeout)
        async with (
            aiohttp.ClientSession(timeout=patience) as session,
            session.post(self.url, data=io.BytesIO(body), headers=sent) as response,
        ):
            return Reply(response.status, await response.text(), time.monotonic() - start)

    def _sign(self, timestamp: str, body: bytes) -> str:
        signed = b"v0:" + timestamp.encode() + b":" + body
        return "v0=" + hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
