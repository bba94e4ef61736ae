"""The records that the store accepts and returns."""

from collections.abc import Mapping
from dataclasses import dataclass

Key = tuple[str, str, str]


def same_message(key: Key, client_msg_id: str) -> Key:
    """What all events of a message share, even if Slack gave them different timestamps."""
    team, channel, ts = key
    return team, channel, client_msg_id or ts


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A message to answer: what Slack sent, and when to try it next.

    Team, channel and ts are its key, the same at every delivery. `client_msg_id` is the ID from
    its author's client, if any; it stays the same when Slack gives one message two timestamps.
    `thread` is the thread to answer in. `refusal` is why it will be refused instead of answered,
    or empty. `attempts` counts failed attempts, and `why` is the reason of the last failure.
    `doubtful` means that its answer may be in Slack already; this is not stored. Times are in
    seconds since 1970.
    """

    team: str
    channel: str
    ts: str
    user: str
    thread: str
    text: str
    refusal: str = ""
    received_at: float = 0.0
    due_at: float = 0.0
    attempts: int = 0
    why: str = ""
    doubtful: bool = False
    client_msg_id: str = ""

    @property
    def key(self) -> Key:
        """Identifies the message: team, channel and ts."""
        return self.team, self.channel, self.ts


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A person's vote on an answer: `value` is 1 or -1. Raises ValueError for any other.

    `message` is the answer's ts; `document`, `passage` and `corpus` identify what was answered to
    `question`. `voted_at` distinguishes one click from the next.
    """

    team: str
    channel: str
    message: str
    user: str
    value: int
    question: str
    document: str
    passage: int
    corpus: str
    voted_at: float

    def __post_init__(self) -> None:
        if self.value not in (1, -1):
            raise ValueError("a vote is 1 or -1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A question that the documents did not answer, or (`down`) an answer that did not help.

    `message` is the ts of the question or of the answer. `asks` is what is asked, independent of
    the wording; it is stored as a digest. `document` and `passage` are the closest passage, "" and
    0 if there is none. `channel` is where others could read the question; it is "" for a question
    asked in private, whose words are not stored.
    """

    team: str
    channel: str
    message: str
    user: str
    asks: str
    question: str
    outcome: str
    document: str = ""
    passage: int = 0
    down: bool = False
    asked_at: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """Messages that are due, and the outcomes and votes of the last 24 hours.

    `oldest` is when the oldest due message came, in seconds since 1970; None if nothing is due.
    """

    due: int
    oldest: float | None
    outcomes: Mapping[str, int]
    up: int
    down: int
