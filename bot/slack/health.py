"""Whether the bot can do its work: for /readyz, for Prometheus, and in lines for an admin."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.answering.answerer import Answerer
from bot.errors import StoreError
from bot.model import Outcome
from bot.phrases import count, shown
from bot.slack.background import Background
from bot.slack.metrics import Metrics
from bot.slack.rendering.block_kit import cut
from bot.slack.rendering.presenter import Presenter, Presenters
from bot.store.records import State
from bot.store.store import Store

# The outcomes of questions, in words for an admin.
IN_WORDS: dict[str, str] = {
    Outcome.ANSWERED: "answered",
    Outcome.CLOSEST: "nearest passages",
    Outcome.NOT_FOUND: "not found",
    Outcome.NO_QUESTION: "no question",
    "refused": "refused",
    "error": "errors",
    "undeliverable": "could not be posted",
}


@dataclass(slots=True)
class Heartbeat:
    """When the process started, when Slack was last heard of, and when an event last came.

    All on the monotonic clock: the other one may be set.

    `silence` is for how many seconds Slack may say nothing before something is wrong. `has_line`
    is whether events can come at all: over HTTP nobody knows.
    """

    silence: float
    started_at: float = field(default_factory=time.monotonic)
    heard_at: float = field(default_factory=time.monotonic)
    event_at: float | None = None
    has_line: Callable[[], bool] = lambda: True

    def event(self) -> None:
        """Something came from Slack."""
        self.event_at = self.heard_at = time.monotonic()

    def heard(self) -> None:
        """Slack answered."""
        self.heard_at = time.monotonic()

    def is_heard(self) -> bool:
        """Whether Slack was heard of lately."""
        return self.has_line() and time.monotonic() - self.heard_at < self.silence


@dataclass(frozen=True, slots=True)
class Health:
    """What tells whether the bot can do its work."""

    store: Store
    presenters: Presenters
    heartbeat: Heartbeat
    metrics: Metrics
    background: Background

    async def state(self) -> dict[str, bool]:
        """Each thing that it needs, and whether it is there."""
        return self._parts(await self._stored())

    async def page(self, accept: str) -> tuple[bytes, str]:
        """What Prometheus reads, and the name of its form."""
        stored = await self._stored()
        return self.metrics.page(
            accept, self._parts(stored), stored, self.presenters.public.answerer
        )

    async def report(self, presenter: Presenter) -> tuple[str, ...]:
        """The state in lines, for an admin who asks where this presenter answers.

        Raises StoreError when the store cannot be read.
        """
        state = await self.store.state()
        lines = _lines(self.heartbeat, state, presenter.answerer)
        problem = presenter.facts.problem
        return (*lines, f"The documents: {cut(shown(problem), 300)}") if problem else lines

    def _parts(self, stored: State | None) -> dict[str, bool]:
        facts = [presenter.facts for presenter in self.presenters.all]
        return {
            "store": stored is not None,
            "documents": all(one.passages > 0 and not one.broken for one in facts),
            "slack": self.heartbeat.is_heard(),
            "background": not self.background.dead,
        }

    async def _stored(self) -> State | None:
        """The state of the store; None when it cannot be read."""
        try:
            return await self.store.state()
        except StoreError:
            return None


def _lines(heartbeat: Heartbeat, state: State, answerer: Answerer) -> tuple[str, ...]:
    event = (
        "none yet"
        if heartbeat.event_at is None
        else f"{_long(time.monotonic() - heartbeat.event_at)} ago"
    )
    waiting = (
        "nothing" if state.oldest is None else f"{state.due:,}, the oldest for {_ago(state.oldest)}"
    )
    counted = [f"{n:,} {IN_WORDS.get(name, name)}" for name, n in sorted(state.outcomes.items())]
    running = _long(time.monotonic() - heartbeat.started_at)
    return (
        f"Last event from Slack: {event}; running for {running}.",
        f"Waiting to be answered: {waiting}.",
        f"In the last 24 hours: {', '.join(counted) or 'no question'}.",
        f"Index: {count(answerer.index.size, 'passage')}, content hash "
        f"{answerer.index.documents_hash[:12]}, changed {_ago(answerer.index.changed)} ago.",
    )


def _ago(then: float) -> str:
    """How long ago, in seconds since 1970."""
    return _long(max(0.0, time.time() - then))


def _long(seconds: float) -> str:
    """How long it is, in the largest unit that there is at least two of."""
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
