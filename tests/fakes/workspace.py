"""What the fake of Slack remembers: what the app posted, showed, opened and answered, and where.

It carries out the methods of the Web API, and knows nothing of sockets and tokens.
"""

# ruff: noqa: ASYNC109 - a timeout here is a test's patience with the app, not a caller's deadline

import asyncio
import re
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from tests.fakes.judge import judge_response, judge_view
from tests.fakes.payloads import (
    BOT_ID,
    BOT_USER,
    TEAM,
    Ephemeral,
    Json,
    Post,
    View,
    as_message,
    as_view,
    fresh_trigger_id,
    fresh_ts,
    numbers,
)

T = TypeVar("T")
ViewKind = Literal["open", "push", "update", "publish"]

# What the bot asks for, and what it asks for to be told of messages that do not mention it.
SCOPES = frozenset({"app_mentions:read", "assistant:write", "chat:write", "commands", "im:history"})
FOLLOW_UP_SCOPES = SCOPES | {"channels:history", "groups:history"}

_HISTORIES = {"C": "channels:history", "D": "im:history", "G": "groups:history"}
_POSTS_PER_RESPONSE_URL = 5
_DEEPEST_STACK_OF_VIEWS = 3


@dataclass(frozen=True)
class Response:
    """One body that was posted to a response_url."""

    url: str
    payload: Json


@dataclass(frozen=True)
class Objection:
    """What the judge has against one payload that the app sent, and how it was sent."""

    method: str
    sentence: str


@dataclass
class _Trigger:
    """A trigger_id that was handed out: to whom, when, and whether a view was opened with it."""

    user: str
    when: float
    used: bool = False


class Workspace:
    """One workspace with the app in it; what happened there is read from its lists.

    A test may change what is not so: where the app is installed, the channels that are missing or
    archived or that the app is not in, the scopes it has, and how long a trigger_id is good for.
    """

    def __init__(self, scopes: Collection[str] = SCOPES) -> None:
        self.scopes = set(scopes)
        self.installation: Json = {"team_id": TEAM, "is_enterprise_install": False}
        self.posts: list[Post] = []
        self.said: dict[tuple[str, str], Json] = {}
        self.sessions: dict[tuple[str, str], str] = {}
        self.ephemerals: list[Ephemeral] = []
        self.views: list[View] = []
        self.homes: dict[str, View] = {}
        self.responses: list[Response] = []
        self.objections: list[Objection] = []
        self.missing_channels: set[str] = set()
        self.not_in: set[str] = set()
        self.archived: set[str] = set()
        self.seconds_of_a_trigger = 3.0
        self._triggers: dict[str, _Trigger] = {}
        self._posts_left: dict[str, int] = {}
        self._changed = asyncio.Event()

    # What the judge said, and what Slack hands out.

    def object_to(self, method: str, sentences: list[str]) -> None:
        """Note what the judge has against a payload."""
        self.objections += [Objection(method, sentence) for sentence in sentences]

    def trigger_id(self, user: str = "U1") -> str:
        """Make a trigger_id, with which one view may be opened or pushed for the user."""
        trigger_id = fresh_trigger_id()
        self._triggers[trigger_id] = _Trigger(user, time.monotonic())
        return trigger_id

    def response_number(self) -> str:
        """Number a response_url, to which a few bodies may be posted."""
        number = str(next(numbers))
        self._posts_left[number] = _POSTS_PER_RESPONSE_URL
        return number

    # What tests wait for.

    async def posts_until(self, n: int, timeout: float = 5.0) -> list[Post]:
        """Wait until there are n posts, and return all there are."""
        return await self._until(n, lambda: self.posts, timeout)

    async def ephemerals_until(self, n: int, timeout: float = 5.0) -> list[Ephemeral]:
        """Wait until n messages were shown to one person each, and return all there are."""
        return await self._until(n, lambda: self.ephemerals, timeout)

    async def updates_until(self, n: int, timeout: float = 5.0) -> list[Post]:
        """Wait until posts were updated n times in all, and return those that were."""
        await self._until(n, lambda: [p for p in self.posts for _ in range(p.updates)], timeout)
        return [post for post in self.posts if post.updates]

    async def views_until(self, n: int, timeout: float = 5.0) -> list[View]:
        """Wait until n views were opened, pushed, updated or published, and return all."""
        return await self._until(n, lambda: self.views, timeout)

    async def responses_until(self, n: int, timeout: float = 5.0) -> list[Response]:
        """Wait until n bodies were posted to response_urls, and return all there are."""
        return await self._until(n, lambda: self.responses, timeout)

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

    # What people say.

    def hear(self, event: Json) -> None:
        """Remember what a person said in a channel: it is a part of its thread."""
        if event.get("type") in ("message", "app_mention") and "subtype" not in event:
            self.said[str(event.get("channel")), str(event.get("ts"))] = {
                **event,
                "type": "message",
            }

    def _said_in(self, payload: Json) -> list[Json]:
        thread = payload["ts"]
        return [
            event
            for (channel, ts), event in self.said.items()
            if channel == payload["channel"] and thread in (ts, event.get("thread_ts"))
        ]

    # What the app does.

    def carry_out(self, method: str, payload: Json) -> Json:
        """Do what a method of the Web API does, and return its answer."""
        if refusal := self._refusal(method, payload.get("channel", "")):
            return refusal
        match method:
            case "auth.test":
                who = {"user": "bot", "user_id": BOT_USER, "bot_id": BOT_ID}
                where = {"team": "Fake", **self.installation}
                return ok(url="https://fake.slack.com/", **where, **who)
            case "chat.postMessage":
                post = self._post(payload)
                return ok(channel=post.channel, ts=post.ts, message=as_message(post))
            case "chat.postEphemeral":
                return ok(message_ts=self._show(payload).ts)
            case "chat.update":
                return self._update(payload)
            case "chat.getPermalink":
                place = f"{payload['channel']}/p{payload['message_ts'].replace('.', '')}"
                return ok(permalink=f"https://fake.slack.com/archives/{place}")
            case "conversations.history":
                posts = [post for post in reversed(self.posts) if not post.thread_ts]
                return _history(posts, payload)
            case "conversations.replies":
                posts = [post for post in self.posts if payload["ts"] in (post.ts, post.thread_ts)]
                return _history(posts, payload, self._said_in(payload))
            case "views.open":
                return self._open("open", payload)
            case "views.push":
                return self._open("push", payload)
            case "views.update":
                return self._update_view(payload)
            case "views.publish":
                return self._publish(payload)
            case "assistant.threads.setStatus" | "assistant.threads.setSuggestedPrompts":
                return ok()
            case "assistant.threads.setTitle":
                return ok()
            case "agents.sessions.setStatus":
                return self._set_session(payload)
            case "blocks.validate":
                return _validated(payload)
            case _:
                return error("unknown_method")

    def _set_session(self, payload: Json) -> Json:
        """A session keeps the title that it was made with."""
        key = (payload["channel_id"], payload["thread_ts"])
        title = self.sessions.setdefault(key, payload.get("title", ""))
        return ok(status=payload["status"], title=title)

    def _refusal(self, method: str, channel: str) -> Json | None:
        needed = scopes_for(method, channel)
        if needed and not self.scopes & set(needed):
            provided = ",".join(sorted(self.scopes))
            return {**error("missing_scope"), "needed": needed[0], "provided": provided}
        if channel in self.missing_channels:
            return error("channel_not_found")
        if method in ("chat.postMessage", "chat.postEphemeral"):
            if channel in self.archived:
                return error("is_archived")
            if channel in self.not_in:
                return error("not_in_channel")
        return None

    def _post(self, payload: Json) -> Post:
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

    def _show(self, payload: Json) -> Ephemeral:
        shown = Ephemeral(
            channel=payload.get("channel", ""),
            user=payload.get("user", ""),
            thread_ts=payload.get("thread_ts") or None,
            text=payload.get("text", ""),
            blocks=payload.get("blocks") or [],
            ts=fresh_ts(),
            payload=payload,
        )
        self.ephemerals.append(shown)
        self._tell()
        return shown

    def _update(self, payload: Json) -> Json:
        """Change a post: its new text and blocks take the place of the old ones."""
        place = (payload.get("channel"), payload.get("ts"))
        for n, post in enumerate(self.posts):
            if (post.channel, post.ts) == place:
                self.posts[n] = updated = replace(
                    post,
                    text=payload.get("text", ""),
                    blocks=payload.get("blocks") or [],
                    metadata=payload.get("metadata") or post.metadata,
                    updates=post.updates + 1,
                )
                self._tell()
                return ok(channel=post.channel, ts=post.ts, message=as_message(updated))
        return error("message_not_found")

    def _open(self, kind: Literal["open", "push"], payload: Json) -> Json:
        """Open a modal, or push one on those that its user has opened."""
        trigger = self._triggers.get(payload.get("trigger_id", ""))
        if trigger is None:
            return error("invalid_trigger_id")
        if trigger.used:
            return error("exchanged_trigger_id")
        if time.monotonic() - trigger.when > self.seconds_of_a_trigger:
            return error("expired_trigger_id")
        if kind == "push" and self._depth(trigger.user) >= _DEEPEST_STACK_OF_VIEWS:
            return error("push_limit_reached")
        trigger.used = True
        return self._keep(kind, payload, trigger.user)

    def _depth(self, user: str) -> int:
        """How many modals a user has on each other: the last one opened, and those pushed since."""
        kinds = [view.kind for view in self.views if view.user_id == user]
        since = kinds[::-1].index("open") + 1 if "open" in kinds else 0
        return sum(kind in ("open", "push") for kind in kinds[len(kinds) - since :])

    def _update_view(self, payload: Json) -> Json:
        known = [view for view in self.views if view.id == payload.get("view_id")]
        if not known:
            return error("not_found")
        return self._keep("update", payload, known[-1].user_id, known[-1].id)

    def update_form(self, view_id: str, view: Json, user: str) -> None:
        """Show what the acknowledgement of a form says in its place."""
        self._keep("update", {"view": view}, user, view_id)

    def _publish(self, payload: Json) -> Json:
        user = payload.get("user_id", "")
        earlier = self.homes.get(user)
        answer = self._keep("publish", payload, user, earlier.id if earlier else None)
        self.homes[user] = self.views[-1]
        return answer

    def _keep(
        self, kind: ViewKind, payload: Json, user: str | None, view_id: str | None = None
    ) -> Json:
        view = View(kind, view_id or f"V{next(numbers)}", payload.get("view", {}), user)
        self.views.append(view)
        self._tell()
        return ok(view=as_view(view))

    def respond(self, number: str, url: str, payload: Json) -> str | None:
        """Take what was posted to a response_url, or say why not."""
        if not (left := self._posts_left.get(number, 0)):
            return "used_url" if number in self._posts_left else "no_service"
        self._posts_left[number] = left - 1
        self.responses.append(Response(url, payload))
        self._tell()
        return None


def _validated(payload: Json) -> Json:
    """What Slack answers of a payload: each objection of the judge's with a pointer and a code."""
    given = [kind for kind in ("blocks", "message", "view") if kind in payload]
    if given not in (["message"], ["view"]):  # blocks alone the bot does not ask about
        return error("invalid_arguments")
    [kind] = given
    found = judge_view(payload[kind]) if kind == "view" else judge_response(payload[kind])
    errors = [
        {"pointer": _pointer(said), "code": "failed_constraint", "message": said} for said in found
    ]
    return {**error(f"invalid_{kind}"), "errors": errors} if errors else ok()


def _pointer(objection: str) -> str:
    """The place that an objection begins with: of `blocks[0].text` the pointer /blocks/0/text."""
    place = objection.partition(":")[0]
    return "/" + re.sub(r"[.\[\]]+", "/", place).strip("/")


def ok(**fields: Any) -> Json:
    return {"ok": True, **fields}


def error(name: str) -> Json:
    return {"ok": False, "error": name}


def scopes_for(method: str, channel: str) -> Sequence[str]:
    """The scopes of which a call needs one."""
    match method.split("."):
        case ["chat", "getPermalink"]:
            return ()
        case ["chat", _]:
            return ("chat:write",)
        case ["agents", "sessions", _]:
            return ("chat:write",)
        case ["assistant", _, "setStatus"]:
            return ("assistant:write", "chat:write")
        case ["assistant", *_]:
            return ("assistant:write",)
        case ["conversations", _]:
            return (_HISTORIES.get(channel[:1], "channels:history"),)
        case _:
            return ()


def _history(posts: list[Post], payload: Json, said: Sequence[Json] = ()) -> Json:
    """Return a channel's posts on one page, and what people said among them.

    Metadata is shown only to those who ask for it.
    """
    shown = [as_message(post) for post in posts if post.channel == payload["channel"]]
    if said:
        shown = sorted((*shown, *said), key=lambda message: message["ts"])
    if not payload.get("include_all_metadata"):
        shown = [{key: message[key] for key in message if key != "metadata"} for message in shown]
    return ok(messages=shown, has_more=False, response_metadata={"next_cursor": ""})
