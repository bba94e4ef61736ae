"""Where people reach the bot in Slack: one row for each event, command, shortcut and button.

The app manifest and the listeners are made from this table. It imports nothing heavy, because
`article-bot manifest` must be fast.
"""

from typing import Literal, NamedTuple

Kind = Literal["event", "command", "shortcut", "action", "view"]

COMMAND = "/ask"
FIND_SOURCE = "find_source"
CONTEXT, WHY, SHARE, NEAREST, VOTE = "context", "why", "share", "nearest", "vote"
# TEACH is both a button, followed by a number, and the window that it opens.
TEACH, NOT_THERE, SEARCH = "teach", "not_there", "search"
# KEEP is both a shortcut and the form that it opens.
PERSON, KEEP, UNKEEP = "person", "keep_answer", "unkeep"
# Followed by a number, because an action id must be unique in a message.
ASK, HOME, GAPS, PICK = "ask", "home", "gaps", "pick"


class Surface(NamedTuple):
    """Something that Slack sends: `id` is Slack's name for it, and `scope` the scope it needs.

    `place` is where a message event comes from; the manifest adds it after a dot. With
    `follow_ups`, Slack sends the event only to an app that may read the threads it answered in.
    With `numbered`, the action's id is followed by a colon and a number.
    """

    kind: Kind
    id: str
    scope: str | None = None
    place: str = ""
    follow_ups: bool = False
    numbered: bool = False

    @property
    def subscription(self) -> str:
        """An event's name in the manifest."""
        return f"{self.id}.{self.place}" if self.place else self.id


SURFACES = (
    Surface("event", "app_mention", "app_mentions:read"),
    Surface("event", "message", "im:history", "im"),
    Surface("event", "message", "channels:history", "channels", follow_ups=True),
    Surface("event", "message", "groups:history", "groups", follow_ups=True),
    Surface("event", "app_home_opened"),
    Surface("command", COMMAND, "commands"),
    Surface("shortcut", FIND_SOURCE, "commands"),
    Surface("action", CONTEXT),
    Surface("action", WHY),
    Surface("action", NEAREST),
    Surface("action", ASK, numbered=True),
    Surface("action", HOME, numbered=True),
    Surface("action", GAPS, numbered=True),
    Surface("action", TEACH, numbered=True),
    Surface("action", PICK, numbered=True),
    Surface("action", NOT_THERE),
    Surface("view", TEACH),
    Surface("action", PERSON),
    Surface("shortcut", KEEP, "commands"),
    Surface("view", KEEP),
    Surface("action", UNKEEP),
    Surface("action", SHARE),
    Surface("action", VOTE),
)
