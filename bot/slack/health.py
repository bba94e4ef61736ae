"""Whether the bot can do its work: for /readyz, for Prometheus, and as lines for an admin."""

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
    """When the process started, when Slack was last heard from, and when an event last arrived.

    Times are monotonic, because the wall clock may be changed. The bot is not ready if it has heard
    nothing from Slack for `silence` seconds. `has_line` says whether events can arrive at all; over
    HTTP the bot cannot tell, so it is always true.
    """

    silence: float
    started_at: float = field(default_factory=time.monotonic)
    heard_at: float = field(default_factory=time.monotonic)
    event_at: float | None = None
    has_line: Callable[[], bool] = lambda: True

    def event(self) -> None:
        """Record that an event arrived from Slack."""
        self.event_at = self.heard_at = time.monotonic()

    def heard(self) -> None:
        """Record that Slack answered a call."""
        self.heard_at = time.monotonic()

    def is_heard(self) -> bool:
        """Whether events can arrive and Slack was heard from in the last `silence` seconds."""
        return self.has_line() and time.monotonic() - self.heard_at < self.silence


@dataclass(frozen=True, slots=True)
class Health:
    """Reports whether the bot can do its work."""

    store: Store
    presenters: Presenters
    heartbeat: Heartbeat
    metrics: Metrics
    background: Background

    async def state(self) -> dict[str, bool]:
        """Each part that the bot needs, and whether it works."""
        return self._parts(await self._stored())

    async def page(self, accept: str) -> tuple[bytes, str]:
        """The metrics for Prometheus in a format that `accept` allows, and their content type."""
        stored = await self._stored()
        return self.metrics.page(
            accept, self._parts(stored), stored, self.presenters.public.answerer
        )

    async def report(self, presenter: Presenter) -> tuple[str, ...]:
        """The state as lines for an admin; `presenter` is that of the channel where they asked.

        Raises StoreError if the store cannot be read.
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
        """The state of the store; None if it cannot be read."""
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
    """How long ago `then` was; it is in seconds since 1970."""
    return _long(max(0.0, time.time() - then))


def _long(seconds: float) -> str:
    """A duration in the largest unit of which it has at least two."""
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
