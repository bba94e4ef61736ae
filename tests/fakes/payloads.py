"""What Slack delivers to an app: events, commands, shortcuts and clicks, as it writes them.

The builders know no fake: what they build is delivered over a socket or over HTTP. A text is what
Slack would deliver: `&`, `<` and `>` already escaped, mentions as <@U1>.
"""

import html
import itertools
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

TEAM, APP_ID, BOT_USER, BOT_ID = "T1", "A1", "UBOT", "BBOT"

Json = dict[str, Any]
Ts = str | None

_AUTHOR = {"user": BOT_USER, "bot_id": BOT_ID, "app_id": APP_ID, "team": TEAM}
_CHANNEL_TYPES = {"C": "channel", "D": "im", "G": "group"}
_CHANNEL_NAMES = {"D": "directmessage", "G": "privategroup"}
numbers = itertools.count(1)


# What the app showed, that a person can click on.


@dataclass(frozen=True)
class Post:
    """One message that chat.postMessage stored, as chat.update left it.

    `when` is on the monotonic clock.
    """

    channel: str
    thread_ts: str | None
    text: str
    blocks: list[Json]
    metadata: Json | None
    ts: str
    payload: Json
    updates: int = 0
    when: float = field(default_factory=time.monotonic, compare=False)


@dataclass(frozen=True)
class Ephemeral:
    """One message that chat.postEphemeral showed to one person."""

    channel: str
    user: str
    thread_ts: str | None
    text: str
    blocks: list[Json]
    ts: str
    payload: Json


@dataclass(frozen=True)
class View:
    """One view that was opened, pushed or published, or what it was updated to."""

    kind: Literal["open", "push", "update", "publish"]
    id: str
    view: Json
    user_id: str | None


def as_message(post: Post) -> Json:
    """The post as Slack gives it back."""
    message = {"type": "message", "text": post.text, "ts": post.ts, **_AUTHOR}
    optional = {"thread_ts": post.thread_ts, "metadata": post.metadata}
    filled = {key: value for key, value in optional.items() if value}
    return {**message, "blocks": with_block_ids(post.blocks, post.ts), **filled}


def as_view(view: View) -> Json:
    """The view as Slack gives it back: with an id, and with all that was left out."""
    defaults: Json = {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "close": None,
        "submit": None,
    }
    ours: Json = {
        "id": view.id,
        "team_id": TEAM,
        "app_id": APP_ID,
        "bot_id": BOT_ID,
        "app_installed_team_id": TEAM,
        "root_view_id": view.id,
        "previous_view_id": None,
        "state": {"values": {}},
        "hash": f"{int(time.time())}.{view.id}",
    }
    blocks = with_block_ids(view.view.get("blocks", []), view.id)
    return {**defaults, **view.view, **ours, "blocks": blocks}


def with_block_ids(blocks: list[Json], place: str) -> list[Json]:
    """The blocks with the ids that Slack makes up, the same ones each time."""
    return [{"block_id": f"{place}-{n}", **block} for n, block in enumerate(blocks)]


# Events.


def fresh_ts() -> str:
    """Name a message as Slack does: seconds, a dot, six digits, each later than the last."""
    return f"{int(time.time())}.{next(numbers):06d}"


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


def app_home_opened(
    *,
    user: str = "U1",
    tab: Literal["home", "messages"] = "home",
    channel: str = "D1",
    view: View | None = None,
) -> Json:
    """Open the app: its home, which comes with the view that is there, or the agent's pane."""
    event = {"type": "app_home_opened", "user": user, "channel": channel, "tab": tab}
    shown = {"view": as_view(view)} if view else {}
    return {**event, "event_ts": fresh_ts(), **shown}


def _message(text: str, user: str, ts: Ts, thread_ts: Ts = None) -> Json:
    message = {"type": "message", "user": user, "text": text, "ts": ts or fresh_ts()}
    thread = {"thread_ts": thread_ts} if thread_ts else {}
    client_msg_id = str(uuid.uuid5(uuid.NAMESPACE_OID, message["ts"]))  # of a message, one
    ids = {"client_msg_id": client_msg_id, "team": TEAM}
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
    return [{"type": "rich_text", "block_id": f"b{next(numbers)}", "elements": [section]}]


# Shortcuts and clicks. What only Slack knows, `interactive_payload` adds.


def shortcut(
    callback_id: str, message: Json | Post | str, *, channel: str = "C1", user: str = "U1"
) -> Json:
    """Use a shortcut on a message: an event's, a post of the bot's own, or what someone said."""
    return {
        "type": "message_action",
        "callback_id": callback_id,
        "user": _person(user),
        "channel": _channel(channel),
        "message": (written := _written(message)),
        "message_ts": written["ts"],
        "action_ts": fresh_ts(),
    }


def _written(message: Json | Post | str) -> Json:
    if isinstance(message, Post):
        return as_message(message)
    if isinstance(message, str):
        return _message(message, "U2", None)
    of_an_event = ("channel", "channel_type", "event_ts")
    kept = {name: value for name, value in message.items() if name not in of_an_event}
    return {**kept, "type": "message"}


def click(
    action_id: str,
    on: Post | Ephemeral | View | Json,
    *,
    user: str = "U1",
    channel: str = "C1",
    vote: Literal["positive", "negative"] = "positive",
) -> Json:
    """Click a button of a post, of a view, or of what only the asker sees.

    The last is an Ephemeral, or the body that was posted to a response_url or acknowledged a
    command; for a body, say its channel. `vote` picks one of the two feedback buttons.
    """
    where = _where(on, channel)
    blocks = where.pop("blocks")
    return {
        "type": "block_actions",
        "user": _person(user),
        "actions": [_pressed(action_id, blocks, vote)],
        "state": {"values": {}},
        **where,
    }


def submission(on: View, *, user: str = "U1", **typed: str) -> Json:
    """Click the button at the bottom of a form, with words in its fields by their ids.

    A field that is not named holds what stood in it.
    """
    view = as_view(on)
    values: Json = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element, name = block["element"], block["element"]["action_id"]
        if element["type"] == "static_select":
            chosen = {option["value"]: option for option in element["options"]}
            default = element.get("initial_option")
            held = {"selected_option": chosen[typed[name]] if name in typed else default}
        else:
            held = {"value": typed.get(name, element.get("initial_value"))}
        values[block["block_id"]] = {name: {"type": element["type"], **held}}
    return {
        "type": "view_submission",
        "user": _person(user),
        "view": {**view, "state": {"values": values}},
        "response_urls": [],
    }


def _where(on: Post | Ephemeral | View | Json, channel: str) -> Json:
    """What a click tells of its place, and the blocks that stand there."""
    match on:
        case View():
            container: Json = {"type": "view", "view_id": on.id}
            view = as_view(on)
            return {"container": container, "view": view, "blocks": view["blocks"]}
        case Post():
            message = as_message(on)
            container = _container(on.channel, on.ts, on.thread_ts, ephemeral=False)
            told = {"container": container, "channel": _channel(on.channel), "message": message}
            return {**told, "blocks": message["blocks"]}
        case Ephemeral():
            channel, ts, thread_ts, blocks = on.channel, on.ts, on.thread_ts, on.blocks
        case _:
            ts, thread_ts, blocks = fresh_ts(), on.get("thread_ts"), on.get("blocks", [])
    container = _container(channel, ts, thread_ts, ephemeral=True)
    told = {"container": container, "channel": _channel(channel)}
    return {**told, "blocks": with_block_ids(blocks, ts)}


def _container(channel: str, ts: str, thread_ts: Ts, *, ephemeral: bool) -> Json:
    container = {"type": "message", "message_ts": ts, "channel_id": channel}
    thread = {"thread_ts": thread_ts} if thread_ts else {}
    return {**container, **thread, "is_ephemeral": ephemeral}


def _pressed(action_id: str, blocks: list[Json], vote: str) -> Json:
    for block, element in _clickable(blocks):
        if element["action_id"] == action_id:
            pressed = element.get(f"{vote}_button", element)
            told = {name: pressed[name] for name in ("text", "value", "style") if name in pressed}
            ids = {"action_id": action_id, "block_id": block["block_id"]}
            return {**ids, "type": element["type"], **told, "action_ts": fresh_ts()}
    there = [element["action_id"] for _, element in _clickable(blocks)]
    raise AssertionError(f"no button {action_id!r} there, only {there}")


def _clickable(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    for block in blocks:
        for element in (*block.get("elements", ()), block.get("accessory", {})):
            if "action_id" in element:
                yield block, element


def _person(user: str) -> Json:
    return {"id": user, "username": user.lower(), "name": user.lower(), "team_id": TEAM}


def _channel(channel: str) -> Json:
    return {"id": channel, "name": _channel_name(channel)}


def _channel_name(channel: str) -> str:
    return _CHANNEL_NAMES.get(channel[:1], channel.lower())


# Payloads: what is delivered, the same over a socket and over HTTP.


def event_payload(
    event: Json,
    event_id: str | None = None,
    *,
    ext_shared: bool = False,
    team_id: str = TEAM,
    org: str | None = None,
    home: str | None = None,
) -> Json:
    """Wrap an event as the Events API does; a redelivery has the event_id of the first.

    `org` is the organisation in all of whose workspaces the app is installed. `home` is the
    workspace of an author who writes from another one, in a channel that both share.
    """
    bot = {"team_id": team_id, "user_id": BOT_USER, "is_bot": True}
    return {
        "token": "verification",
        "team_id": home or team_id,
        "api_app_id": APP_ID,
        "type": "event_callback",
        "event": event,
        "event_id": event_id or f"Ev{next(numbers):08d}",
        "event_time": int(float(event.get("event_ts", time.time()))),
        "event_context": f"4-{next(numbers)}",
        "authorizations": [{**bot, "enterprise_id": org, "is_enterprise_install": org is not None}],
        "is_ext_shared_channel": ext_shared,
        "context_team_id": team_id,
        "context_enterprise_id": org,
    }


def command_payload(
    command: str,
    text: str,
    *,
    user: str,
    channel: str,
    response_url: str,
    trigger_id: str = "",
    team_id: str = TEAM,
    org: str | None = None,
) -> dict[str, str]:
    """Fill in the form of a slash command: every field is a text, the boolean too."""
    enterprise = {"enterprise_id": org, "enterprise_name": "Org"} if org else {}
    return {
        "token": "verification",
        "team_id": team_id,
        **enterprise,
        "api_app_id": APP_ID,
        "team_domain": "fake",
        "channel_id": channel,
        "channel_name": _channel_name(channel),
        "user_id": user,
        "user_name": user.lower(),
        "command": command,
        "text": text,
        "is_enterprise_install": "true" if org else "false",
        "response_url": response_url,
        "trigger_id": trigger_id or fresh_trigger_id(),
    }


def interactive_payload(payload: Json, *, response_url: str, trigger_id: str = "") -> Json:
    """Add what Slack adds to every interaction, where the payload does not say otherwise."""
    common: Json = {
        "token": "verification",
        "api_app_id": APP_ID,
        "team": {"id": TEAM, "domain": "fake"},
        "user": _person("U1"),
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": trigger_id or fresh_trigger_id(),
    }
    if is_on_a_message(payload):
        common["response_url"] = response_url
    return {**common, **payload}


def is_on_a_message(payload: Json) -> bool:
    """Whether an interaction is answered at a response_url: one in a view is not."""
    return payload.get("type") in ("block_actions", "message_action") and "view" not in payload


def fresh_trigger_id() -> str:
    """Make a trigger_id, as each command and each interaction has one."""
    return f"{next(numbers)}.{next(numbers)}.{uuid.uuid4().hex}"
