"""The state of the service, for whoever runs it: in numbers, and in lines for a person."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.answering.answerer import Answerer
from bot.model import Outcome
from bot.phrases import count

# How long Slack may be silent before something is wrong. It is asked once a minute.
SECONDS_OF_SILENCE = 180.0
OUTCOMES: dict[str, str] = {
    Outcome.ANSWERED: "answered",
    Outcome.CLOSEST: "nearest passages",
    Outcome.NOT_FOUND: "not found",
    "help": "help",
    "refused": "refused",
    "error": "errors",
    "undeliverable": "could not be posted",
}


@dataclass(slots=True)
class Heartbeat:
    """When the process started, when Slack was last heard of, and when an event last came.

    `has_line` is whether events can come at all: over HTTP nobody knows.
    """

    started_at: float = field(default_factory=time.time)
    heard_at: float = field(default_factory=time.time)
    event_at: float | None = None
    has_line: Callable[[], bool] = lambda: True

    def event(self) -> None:
        """Something came from Slack."""
        self.event_at = self.heard_at = time.time()

    def heard(self) -> None:
        """Slack answered."""
        self.heard_at = time.time()

    def is_heard(self) -> bool:
        """Whether Slack was heard of lately."""
        return self.has_line() and time.time() - self.heard_at < SECONDS_OF_SILENCE


def lines(
    heartbeat: Heartbeat,
    due: int,
    oldest: float | None,
    outcomes: Mapping[str, int],
    answerer: Answerer,
) -> tuple[str, ...]:
    """The state in lines; `oldest` is when the oldest question that is due was received."""
    event = "none yet" if heartbeat.event_at is None else f"{_ago(heartbeat.event_at)} ago"
    waiting = "nothing" if oldest is None else f"{due:,}, the oldest for {_ago(oldest)}"
    counted = [f"{n:,} {OUTCOMES.get(name, name)}" for name, n in sorted(outcomes.items())]
    return (
        f"Last event from Slack: {event}; running for {_ago(heartbeat.started_at)}.",
        f"Waiting to be answered: {waiting}.",
        f"In the last 24 hours: {', '.join(counted) or 'no question'}.",
        f"Index: {count(answerer.corpus.size, 'passage')}, content hash "
        f"{answerer.corpus.content_hash[:12]}, changed {_ago(answerer.changed)} ago.",
    )


def _ago(then: float) -> str:
    """How long ago, in the largest unit that there is at least two of."""
    seconds = max(0.0, time.time() - then)
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
