"""Reads a payload from Slack: what it asks and where, or why to ignore it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from bot.answering.question_parser import MAX_QUESTION_LENGTH
from bot.english import decoration
from bot.english.claims import asks_whether
from bot.slack.receiving.message_words import message_words

# A person's message has no subtype or one of these.
PERSONS_SUBTYPES = (None, "file_share", "thread_broadcast", "me_message")

# Slack's own ids have about a dozen characters.
MAX_ID_LENGTH = 100
# A mention of a person, a group or a whole channel.
_NAMES_OTHERS = re.compile(r"<[@!](?!date)")


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message to answer, perhaps: who asked what, and where the answer belongs.

    `team`, `channel` and `ts` are the same for every delivery of a message, and so is
    `client_msg_id`, if the author's client set one. `thread` is the thread to answer in; a message
    outside of threads starts one. `direct` marks a direct message to the bot. A message that is not
    `addressed` to the bot can only be a follow-up. `shared` marks a channel that is shared with
    another organisation.
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
    """An event that the bot does not answer, and why."""

    reason: str


def read(body: Mapping[str, Any], bot_user: str) -> IncomingMessage | Ignored:
    """Decide what an event is. Accepts any payload, however malformed."""
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
        and not (isinstance(text, str) and _NAMES_OTHERS.search(text))
    )
    if not (addressed or follows):  # a mention of the bot also arrives as an app_mention
        return Ignored("not addressed to the bot")
    team, client_msg_id = body.get("team_id"), event.get("client_msg_id")
    return IncomingMessage(
        text=_asked(event, bot_user),
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


def _asked(message: Mapping[str, Any], bot_user: str) -> str:
    """What a message asks.

    If it only points at a forwarded message ("is this right?"), that is the forwarded text.
    """
    own, forwarded = message_words(message, bot_user)
    if not forwarded:
        return own
    points = not own or asks_whether(own) or decoration.read(own, MAX_QUESTION_LENGTH).talk
    return forwarded if points else f"{own}\n{forwarded}"
