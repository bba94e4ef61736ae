"""What the store takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass

Key = tuple[str, str, str]


def same_message(key: Key, client_msg_id: str) -> Key:
    """What every event of a message has in common, whatever time stamps Slack gave it."""
    team, channel, ts = key
    return team, channel, client_msg_id or ts


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A message to answer: what Slack sent, and when to try it next.

    Team, channel and ts are its key: the same at every delivery. `client_msg_id` is what its
    author's client called it, if anything: where Slack gives one message two time stamps, it is
    the same in both. `thread` is the thread to answer in. `refusal` is why it will be refused
    rather than answered, and empty when it will not. `attempts` is how often a try failed, `why`
    is the reason of the last one. `doubtful` says that its answer may be in Slack already; the
    store does not keep that. Times are seconds since 1970.
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
        """What tells it from every other message."""
        return self.team, self.channel, self.ts


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What a person (`user`) thinks of an answer: `value` is 1 or -1.

    `message` is the answer's ts; document, passage and corpus say what was answered to `question`.
    `voted_at` tells one click from the next.
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

    `message` is the question's ts, or the answer's. `asks` is what it asks, whatever the wording;
    as it is kept it is a digest. `document` and `passage` say what was nearest, "" and 0 for
    nothing. `channel` is where others could read the question; of one that was asked in private it
    is "", and its words are not kept.
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
    """What is due, and since when; the outcomes and the votes of the last 24 hours."""

    due: int
    oldest: float | None
    outcomes: Mapping[str, int]
    up: int
    down: int
