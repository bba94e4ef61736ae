"""A payload from Slack to what it asks and where, or the reason to leave it alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

# A person's message comes without a subtype, or with one of these.
PERSONS_SUBTYPES = (None, "file_share", "thread_broadcast")

# Slack's own are a dozen characters long.
MAX_ID_LENGTH = 100
# Of a message no more is read: questions are cut far below that, and nothing that somebody writes
# may hold up the rest.
MAX_TEXT_LENGTH = 12_000
MAX_END_LENGTH = 4_000

_MARKUP = re.compile(r"<([^<>]*)>")
_EMOJI = re.compile(
    r"(?<!\w):(?:\+1|-1|100|1234|[A-Z\d+-]*[a-z_][\w+-]*)(?:::skin-tone-\d)?:(?!\w)", re.A
)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message that may be one to answer: who asked what, and where the answer belongs.

    `team`, `channel` and `ts` are the same for every delivery of the same message, and so is
    `client_msg_id`, where its author's client gave it one. `thread` is the
    thread to answer in, which the message itself begins where it stands in none. `direct` says
    that it was written to the bot alone, `addressed` that it was meant for it: what is not is a
    follow-up at most. `shared` says that people of another organisation read there.
    """

    text: str
    user: str
    team: str
    channel: str
    ts: str
    thread: str
    direct: bool = False
    addressed: bool = True
    shared: bool = False
    client_msg_id: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that asks nothing, and why."""

    reason: str


def read(body: Mapping[str, Any], bot_user: str) -> IncomingMessage | Ignored:
    """Decide what an event is. Takes whatever Slack, or somebody in its name, may send."""
    event = body.get("event")
    if not isinstance(event, Mapping):
        return Ignored("no event")
    user, channel, ts = event.get("user"), event.get("channel"), event.get("ts")
    text, thread = event.get("text"), event.get("thread_ts")
    if not (_is_id(user) and _is_id(channel) and _is_id(ts)):
        return Ignored("not a message of a person in a channel")
    if event.get("bot_id") or event.get("bot_profile") or user == bot_user:
        return Ignored("from a bot")
    if event.get("subtype") not in PERSONS_SUBTYPES or "edited" in event or event.get("hidden"):
        return Ignored("an edit, or a notice of Slack's")
    if not _is_id(thread):
        thread = ts
    in_thread = thread != ts
    direct = event.get("channel_type") == "im"
    addressed = direct or event.get("type") == "app_mention"
    follows = (
        event.get("type") == "message"
        and in_thread
        and not (isinstance(text, str) and "<@" in text)
    )
    if not (addressed or follows):  # to nobody, to another, or a mention, which comes as one too
        return Ignored("not addressed to the bot")
    team, client_msg_id = body.get("team_id"), event.get("client_msg_id")
    return IncomingMessage(
        text=question_text(text, bot_user),
        user=user,
        team=team if _is_id(team) else "",
        channel=channel,
        ts=ts,
        thread=thread,
        direct=direct,
        addressed=addressed,
        shared=body.get("is_ext_shared_channel") is True,
        client_msg_id=client_msg_id if _is_id(client_msg_id) else "",
    )


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.isascii() and 0 < len(value) <= MAX_ID_LENGTH


def question_text(text: object, bot_user: str) -> str:
    """The words of a message: markup becomes what a reader sees, the bot's own name goes.

    >>> question_text("<@UBOT> is <https://a.example|this> <#C1|general> &lt;b&gt;?", "UBOT")
    'is this general <b>?'

    Lines stay lines: a quoted one, or a signature, is told by where it stands.
    """
    if not isinstance(text, str):
        return ""

    def seen(match: re.Match[str]) -> str:
        target, _, label = match.group(1).partition("|")
        return " " if target == f"@{bot_user}" else label or " "

    marked = _MARKUP.sub(seen, _bounded(text))
    bare = _EMOJI.sub(" ", marked)
    if not bare.strip():  # emoji alone are an answer of a kind
        bare = marked
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):  # & last: once only
        bare = bare.replace(entity, character)
    clean = bare.encode("utf-8", "replace").decode()
    return "\n".join(filter(None, (" ".join(line.split()) for line in clean.splitlines())))


def _bounded(text: str) -> str:
    """No more than MAX_TEXT_LENGTH of a message: its beginning, and its end, where a paste asks."""
    if len(text) <= MAX_TEXT_LENGTH:
        return text
    return f"{text[:-MAX_END_LENGTH][: MAX_TEXT_LENGTH - MAX_END_LENGTH]}\n{text[-MAX_END_LENGTH:]}"
