"""The Prometheus metrics served at /metrics: counters since the start, and the current state.

No label contains a message's text, a person or a channel. Every value that a label may have is
listed here and exported as 0 from the start.
"""

import math
import time
from collections.abc import Mapping
from itertools import product

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder

from bot.answering.answerer import Answerer
from bot.model import Outcome
from bot.slack.receiving.access import REFUSALS
from bot.store.records import InboxItem, State

BY_MESSAGE, BY_COMMAND = "message", "command"
# How a question may end: with an answer's outcome or without an answer.
OUTCOMES = (*Outcome, "refused", "error", "undeliverable")
EXPIRED = "expired"
OTHER = "other"
# Why something from Slack was rejected or refused, including the reasons of the access rules.
NOT_SIGNED, TOO_LARGE = "not_signed", "too_large"
NOT_UNDERSTOOD, NOT_KEPT = "not_understood", "not_kept"
REASONS = (NOT_SIGNED, TOO_LARGE, NOT_UNDERSTOOD, NOT_KEPT, *REFUSALS)
# How a call to Slack may fail; see `bot.slack.api`.
KINDS = (
    "rate_limited",
    "server",
    "timeout",
    "connection",
    "token",
    "scope",
    "undeliverable",
    "blocks",
    OTHER,
)
PARTS = ("store", "documents", "slack", "background")
SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600)

# Counters begin with the process, whose start time is exported already.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The metrics of one running bot."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._questions = _counter(
            registry,
            "article_bot_questions",
            "Questions by source and outcome.",
            through=(BY_MESSAGE, BY_COMMAND),
            outcome=(*OUTCOMES, EXPIRED, OTHER),
        )
        self._posted = Histogram(
            "article_bot_receipt_to_post_seconds",
            "Seconds from receiving a message to posting its answer.",
            registry=registry,
            buckets=SECONDS,
        )
        self._redeliveries = Counter(
            "article_bot_redeliveries",
            "Messages that Slack delivered again; the duplicates were dropped.",
            registry=registry,
        )
        self._refused = _counter(
            registry,
            "article_bot_refused",
            "Requests and messages rejected or refused, by reason.",
            reason=(*REASONS, OTHER),
        )
        self._slack_errors = _counter(
            registry,
            "article_bot_slack_errors",
            "Failed calls to Slack's Web API, by kind.",
            kind=KINDS,
        )

        def gauge(name: str, what: str, *labels: str) -> Gauge:
            return Gauge(f"article_bot_{name}", what, labels, registry=registry)

        self._due = gauge("questions_due", "Messages waiting for an answer.")
        self._oldest = gauge("oldest_due_seconds", "Age of the oldest of them; 0 if none waits.")
        self._passages = gauge("index_passages", "Passages in the index.")
        self._index_age = gauge("index_age_seconds", "Seconds since the documents last changed.")
        self._ready = gauge("ready", "Whether /readyz reports each part as ready (1).", "part")

    def question(self, outcome: str, through: str = BY_MESSAGE, number: int = 1) -> None:
        """Count `number` questions that ended with an outcome."""
        known = outcome if outcome in OUTCOMES or outcome == EXPIRED else OTHER
        self._questions.labels(through=through, outcome=known).inc(number)

    def done(self, item: InboxItem, outcome: str) -> None:
        """Count a finished message; unless it is undeliverable, also record its latency."""
        self.question(outcome)
        if outcome != "undeliverable":
            self._posted.observe(max(0.0, time.time() - item.received_at))

    def received(self, item: InboxItem, *, new: bool) -> None:
        """Count a stored message: a duplicate delivery if not `new`, otherwise any refusal."""
        if not new:
            self._redeliveries.inc()
        elif item.refusal:
            self.refused(item.refusal)

    def refused(self, reason: str) -> None:
        """Count a request or message that was rejected, or will be answered with a refusal."""
        self._refused.labels(reason=reason if reason in REASONS else OTHER).inc()

    def slack_error(self, kind: str) -> None:
        """Count a failed call to Slack."""
        self._slack_errors.labels(kind=kind if kind in KINDS else OTHER).inc()

    def page(
        self, accept: str, ready: Mapping[str, bool], state: State | None, answerer: Answerer
    ) -> tuple[bytes, str]:
        """The metrics in a format that `accept` allows, and the format's content type.

        `state` is None if the store cannot be read; the gauges of due messages are then NaN.
        """
        now = time.time()
        for part in PARTS:
            self._ready.labels(part=part).set(ready[part])
        self._due.set(math.nan if state is None else state.due)
        self._oldest.set(math.nan if state is None else now - (state.oldest or now))
        self._passages.set(answerer.index.size)
        self._index_age.set(max(0.0, now - answerer.index.changed))
        encode, form = choose_encoder(accept)
        return encode(self._registry), form


def _counter(
    registry: CollectorRegistry, name: str, what: str, **labels: tuple[str, ...]
) -> Counter:
    """A counter with every combination of the labels' values, each exported from the start."""
    counter = Counter(name, what, tuple(labels), registry=registry)
    for values in product(*labels.values()):
        counter.labels(*values)
    return counter
