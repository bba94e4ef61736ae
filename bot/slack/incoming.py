"""A payload from Slack to what it asks and where, or the reason to leave it alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# A person's message comes without a subtype, or with one of these.
PERSONS_SUBTYPES = (None, "file_share", "thread_broadcast")

_MARKUP = re.compile(r"<([^<>]*)>")
_EMOJI = re.compile(
    r"(?<!\w):(?:\+1|-1|100|1234|[\w+-]*[a-z_][\w+-]*)(?:::skin-tone-\d)?:(?!\w)", re.A
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A message to answer: who asked what, and where the answer belongs.

    `thread` is the thread to answer in, None for a direct message outside of one. `key` is the
    same for every delivery of the same message.
    """

    text: str
    user: str
    channel: str
    thread: str | None
    key: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that asks nothing, and why."""

    reason: str


def read(body: Mapping[str, Any], bot_user: str) -> Asked | Ignored:
    """Decide what an event is. Takes whatever Slack, or somebody in its name, may send."""
    event = body.get("event")
    if not isinstance(event, Mapping):
        return Ignored("no event")
    user, channel, ts = event.get("user"), event.get("channel"), event.get("ts")
    text = event.get("text")
    if not (isinstance(user, str) and isinstance(channel, str) and isinstance(ts, str)):
        return Ignored("not a message of a person in a channel")
    if event.get("bot_id") or event.get("bot_profile") or user == bot_user:
        return Ignored("from a bot")
    if event.get("subtype") not in PERSONS_SUBTYPES or "edited" in event or event.get("hidden"):
        return Ignored("an edit, or a notice of Slack's")
    direct = event.get("channel_type") == "im"
    if event.get("type") != "app_mention" and not direct:
        return Ignored("not addressed to the bot")
    thread = event.get("thread_ts")
    if not isinstance(thread, str):
        thread = None if direct else ts
    team = body.get("team_id")
    key = (team if isinstance(team, str) else "", channel, ts)
    return Asked(question_text(text, bot_user), user, channel, thread, key)


def question_text(text: object, bot_user: str) -> str:
    """The words of a message: markup becomes what a reader sees, the bot's own name goes.

    >>> question_text("<@UBOT> is <https://a.example|this> <#C1|general> &lt;b&gt;?", "UBOT")
    'is this general <b>?'
    """
    if not isinstance(text, str):
        return ""

    def seen(match: re.Match[str]) -> str:
        target, _, label = match.group(1).partition("|")
        return " " if target == f"@{bot_user}" else label or " "

    bare = _EMOJI.sub(" ", _MARKUP.sub(seen, text))
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):  # & last: once only
        bare = bare.replace(entity, character)
    return " ".join(bare.split())
