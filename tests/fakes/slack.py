"""A small fake of Slack on a loopback port: Web API, Socket Mode, response_urls, signed HTTP.

Real clients reach it over real sockets, so what is tested is the app as it runs. It is strict
about tokens, scopes, tickets and triggers, judges all that it is sent, and misbehaves only when
told to. It knows no users and no channels: it remembers what it was asked and what was posted.
"""

# ruff: noqa: ASYNC109 - a timeout here is Slack's patience with the app, not a caller's deadline

import asyncio
import hashlib
import hmac
import io
import json
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypedDict, Unpack
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.fakes.judge import judge_call, judge_form, judge_response
from tests.fakes.payloads import (
    APP_ID,
    BOT_ID,
    BOT_USER,
    TEAM,
    Ephemeral,
    Json,
    Post,
    View,
    app_home_opened,
    click,
    command_payload,
    direct_message,
    edited,
    event_payload,
    fresh_ts,
    from_bot,
    interactive_payload,
    is_on_a_message,
    joined,
    mention,
    numbers,
    shortcut,
    submission,
)
from tests.fakes.workspace import (
    FOLLOW_UP_SCOPES,
    SCOPES,
    Objection,
    Response,
    Workspace,
    error,
    ok,
)

# The fake in three modules: what it remembers, what it delivers, and its sockets here.
__all__ = [
    "APP_ID",
    "BOT_ID",
    "BOT_USER",
    "FOLLOW_UP_SCOPES",
    "SCOPES",
    "TEAM",
    "Ephemeral",
    "Objection",
    "Post",
    "Response",
    "View",
    "app_home_opened",
    "click",
    "command_payload",
    "direct_message",
    "edited",
    "event_payload",
    "fresh_ts",
    "from_bot",
    "interactive_payload",
    "joined",
    "mention",
    "shortcut",
    "submission",
]

BOT_TOKEN = "xoxb-fake-bot"
APP_TOKEN = "xapp-fake-app"
SIGNING_SECRET = "fake-signing-secret"

_JSON_IN_FORMS = tuple("attachments blocks loading_messages message metadata prompts view".split())
_FLAGS_IN_FORMS = ("include_all_metadata", "reply_broadcast", "unfurl_links", "unfurl_media")
_NOWHERE = "http://127.0.0.1:9/response/0"


@dataclass(frozen=True)
class Call:
    """One request to the Web API, as it came in; `when` is on the monotonic clock."""

    method: str
    token: str
    payload: Json
    when: float


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


@dataclass(frozen=True)
class Garbled:
    """A page of some proxy's, after the call was carried out if `stored`, or else instead."""

    stored: bool
    status: int = 502
    content_type: str = "text/html"


Fault = RateLimited | ServerError | Cut | Refused | Hang | Garbled


@dataclass
class _Link:
    """One Socket Mode connection; only a live one is sent envelopes."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport
    live: bool = True


class Sending(TypedDict, total=False):
    """Slack's patience (3 s), and which live connection gets the envelope: 0 oldest, -1 newest.

    A higher number than there are connections begins again at the oldest.
    """

    timeout: float
    link: int


class FakeSlack(Workspace):
    """Slack, for as long as its `async with`; what it was asked stays readable after that.

    Leaving it raises an AssertionError with all that the judge has against what the app sent.
    """

    def __init__(self, scopes: Collection[str] = SCOPES) -> None:
        super().__init__(scopes)
        self.calls: list[Call] = []
        self._faults: defaultdict[str, deque[Fault | None]] = defaultdict(deque)
        self._rules: dict[str, Callable[[Call], Fault | None]] = {}
        self._links: list[_Link] = []
        self._tickets: set[str] = set()
        self._awaited: dict[str, asyncio.Future[Json | None]] = {}

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
        self.address_of_links = self._address
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _: object, __: TracebackType | None
    ) -> None:
        for connection in self._runner.server.connections if self._runner.server else ():
            connection.force_close()
        await self._runner.cleanup()
        if self.objections and kind is None:
            lines = [f"{one.method}: {one.sentence}" for one in self.objections]
            raise AssertionError("\n".join(["Slack would not take this:", *lines]))

    def response_url(self) -> str:
        """Make a response_url; what is posted there is kept in `responses`."""
        return f"http://{self._address}/response/{self.response_number()}"

    def interaction(self, payload: Json) -> Json:
        """Complete a shortcut or a click, for either transport; one that is complete stays so."""
        user = payload.get("user", {}).get("id", "U1")
        url = self.response_url() if is_on_a_message(payload) else ""
        return interactive_payload(payload, response_url=url, trigger_id=self.trigger_id(user))

    def fail(self, method: str, *faults: Fault | None) -> None:
        """Let the next calls of a method meet these faults, in order; None is a call that works."""
        self._faults[method].extend(faults)

    def fail_by(self, method: str, rule: Callable[[Call], Fault | None]) -> None:
        """Let each call of a method for which no fault is in line meet what the rule says of it."""
        self._rules[method] = rule

    # What tests wait for.

    async def calls_until(self, method: str, n: int = 1, timeout: float = 5.0) -> list[Call]:
        """Wait until a method was called n times, and return all its calls."""
        return await self._until(n, lambda: [c for c in self.calls if c.method == method], timeout)

    async def connected(self, n: int = 1, timeout: float = 5.0) -> None:
        """Wait until n connections are live; one told to leave, or gone silent, is not."""
        await self._until(n, self._live, timeout)

    async def quiet(self, seconds: float = 0.2) -> list[Post]:
        """Let time pass and return the posts, to show that nothing more comes."""
        await asyncio.sleep(seconds)
        return list(self.posts)

    # The Web API.

    async def _on_call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        call = Call(method, token, await _fields(request), time.monotonic())
        self.calls.append(call)
        self.object_to(method, judge_call(method, call.payload))
        self._tell()
        return await self._answer(call, self._fault(call), request)

    def _fault(self, call: Call) -> Fault | None:
        if faults := self._faults[call.method]:
            return faults.popleft()
        rule = self._rules.get(call.method)
        return rule(call) if rule else None

    async def _answer(self, call: Call, fault: Fault | None, request: web.Request) -> web.Response:
        if isinstance(fault, ServerError | Cut | Garbled) and fault.stored:
            self._carry_out(call)
        match fault:
            case None:
                scopes = {"X-OAuth-Scopes": ",".join(sorted(self.scopes))}
                return web.json_response(self._carry_out(call), headers=scopes)
            case RateLimited(seconds):
                wait = {"Retry-After": str(seconds)}
                return web.json_response(error("ratelimited"), status=429, headers=wait)
            case Refused(name):
                return web.json_response(error(name))
            case ServerError():
                return web.json_response(error("service_unavailable"), status=503)
            case Garbled(_, status, content_type):
                page = "<html>Bad gateway</html>"
                return web.Response(text=page, status=status, content_type=content_type)
            case Cut():
                _transport(request).abort()
                return web.Response()  # to nobody
            case Hang(seconds, stored):
                early = self._carry_out(call) if stored else None
                await asyncio.sleep(seconds)
                return web.json_response(early or self._carry_out(call))

    def _carry_out(self, call: Call) -> Json:
        """Do what the method does and return its answer; a refused token does nothing."""
        opens = call.method == "apps.connections.open"
        right = APP_TOKEN if opens else BOT_TOKEN
        if not call.token:
            return error("not_authed")
        if call.token != right:
            known = call.token in (APP_TOKEN, BOT_TOKEN)
            return error("not_allowed_token_type" if known else "invalid_auth")
        if opens:
            self._tickets.add(ticket := str(next(numbers)))
            return ok(url=f"ws://{self.address_of_links}/link?ticket={ticket}")
        return self.carry_out(call.method, call.payload)

    async def _on_response(self, request: web.Request) -> web.Response:
        number, payload = request.match_info["number"], await _fields(request)
        self.object_to("response_url", judge_response(payload))
        refusal = self.respond(number, str(request.url), payload)
        return web.Response(status=404 if refusal else 200, text=refusal or "ok")

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
        ext_shared: bool = False,
        team_id: str = TEAM,
        org: str | None = None,
        home: str | None = None,
        **sending: Unpack[Sending],
    ) -> Ack | None:
        """Deliver an event; None if no acknowledgement came in time, or nobody was connected."""
        self.hear(event)
        payload = event_payload(
            event, event_id, ext_shared=ext_shared, team_id=team_id, org=org, home=home
        )
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
        team_id: str = TEAM,
        org: str | None = None,
        **sending: Unpack[Sending],
    ) -> Ack | None:
        """Deliver a slash command, as `send_event` does."""
        payload = command_payload(
            command,
            text,
            user=user,
            channel=channel,
            response_url=self.response_url(),
            trigger_id=self.trigger_id(user),
            team_id=team_id,
            org=org,
        )
        envelope = {"type": "slash_commands", "accepts_response_payload": True}
        ack = await self._send({**envelope, "payload": payload}, **sending)
        if ack and ack.payload:
            self.object_to(command, judge_response(ack.payload))
        return ack

    async def send_interactive(self, payload: Json, **sending: Unpack[Sending]) -> Ack | None:
        """Deliver a click, a shortcut or a form, as `send_event` does."""
        envelope = {"type": "interactive", "accepts_response_payload": True}
        full = self.interaction(payload)
        ack = await self._send({**envelope, "payload": full}, **sending)
        if ack and ack.payload:
            is_form = full["type"] == "view_submission"
            judge = judge_form if is_form else judge_response
            self.object_to(full["type"], judge(ack.payload))
            if is_form and "view" in ack.payload:
                self.update_form(full["view"]["id"], ack.payload["view"], full["user"]["id"])
        return ack

    async def _send(self, envelope: Json, timeout: float = 3.0, link: int = -1) -> Ack | None:
        if not (live := self._live()):
            return None
        envelope_id, start = str(uuid.uuid4()), time.monotonic()
        self._awaited[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout):
                await live[link % len(live)].socket.send_json(
                    {"envelope_id": envelope_id, **envelope}
                )
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
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    packed = {name: json.loads(texts[name]) for name in _JSON_IN_FORMS if name in texts}
    flags = {name: texts[name] in ("1", "true") for name in _FLAGS_IN_FORMS if name in texts}
    return {**fields, **packed, **flags}


# HTTP delivery.


class Signing(TypedDict, total=False):
    """What to claim instead of the truth ("" leaves the header out), and Slack's patience (3 s)."""

    timestamp: str
    signature: str
    timeout: float


@dataclass(frozen=True)
class SignedSender:
    """Slack over HTTP, posting to `url`: the app's address, /slack/events and all.

    With a FakeSlack its response_urls and trigger_ids are the ones that the fake knows, and the
    fake collects what the judge has against a reply; without one that is raised at once.
    An app that is too late raises TimeoutError; one that does not listen, aiohttp's ClientError.
    """

    url: str
    secret: str = field(default=SIGNING_SECRET, repr=False)
    slack: FakeSlack | None = field(default=None, repr=False)

    async def event(
        self,
        event: Json,
        *,
        event_id: str | None = None,
        retry_attempt: int = 0,
        retry_reason: str = "",
        ext_shared: bool = False,
        team_id: str = TEAM,
        org: str | None = None,
        home: str | None = None,
        **signing: Unpack[Signing],
    ) -> Reply:
        """Deliver an event as JSON; only a redelivery has the headers of a retry."""
        if self.slack:
            self.slack.hear(event)
        retry = {"X-Slack-Retry-Num": str(retry_attempt), "X-Slack-Retry-Reason": retry_reason}
        headers = {"Content-Type": "application/json", **(retry if retry_attempt else {})}
        payload = event_payload(
            event, event_id, ext_shared=ext_shared, team_id=team_id, org=org, home=home
        )
        return await self.raw(json.dumps(payload).encode(), headers, **signing)

    async def command(
        self,
        command: str,
        text: str,
        *,
        user: str = "U1",
        channel: str = "C1",
        team_id: str = TEAM,
        org: str | None = None,
        response_url: str = "",
        **signing: Unpack[Signing],
    ) -> Reply:
        """Deliver a slash command as a form."""
        form = command_payload(
            command,
            text,
            user=user,
            channel=channel,
            response_url=response_url or (self.slack.response_url() if self.slack else _NOWHERE),
            trigger_id=self.slack.trigger_id(user) if self.slack else "",
            team_id=team_id,
            org=org,
        )
        reply = await self._form(form, signing)
        self._judge(command, reply)
        return reply

    async def interactive(
        self, payload: Json, *, response_url: str = "", **signing: Unpack[Signing]
    ) -> Reply:
        """Deliver an interaction as a form whose one field, `payload`, is JSON."""
        given = {"response_url": response_url} if response_url else {}
        if self.slack:
            full = self.slack.interaction({**payload, **given})
        else:
            full = interactive_payload({**payload, **given}, response_url=_NOWHERE)
        reply = await self._form({"payload": json.dumps(full)}, signing)
        self._judge(full["type"], reply)
        return reply

    def _judge(self, method: str, reply: Reply) -> None:
        """Judge what a reply shows; one that says no to Slack shows nothing."""
        if reply.status != 200 or not reply.body:
            return
        is_json = reply.body.startswith("{")
        judge = judge_form if method == "view_submission" and is_json else judge_response
        found = judge(json.loads(reply.body) if is_json else {"text": reply.body})
        if self.slack:
            self.slack.object_to(method, found)
        elif found:
            raise AssertionError(f"{method}: {'; '.join(found)}")

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
        signed = self.sign(when, body) if signature is None else signature
        claims = {"X-Slack-Request-Timestamp": when, "X-Slack-Signature": signed}
        sent = {**{name: value for name, value in claims.items() if value}, **headers}
        start, patience = time.monotonic(), aiohttp.ClientTimeout(total=timeout)
        async with (
            aiohttp.ClientSession(timeout=patience) as session,
            session.post(self.url, data=io.BytesIO(body), headers=sent) as response,
        ):
            return Reply(response.status, await response.text(), time.monotonic() - start)

    def sign(self, timestamp: str, body: bytes) -> str:
        """Sign a body as Slack does."""
        signed = b"v0:" + timestamp.encode() + b":" + body
        return "v0=" + hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
