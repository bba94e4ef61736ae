"""How close in meaning passages are to a question; used when words alone do not answer it.

Closeness adds candidates and adds to their scores, and appears in the reasons. A passage with a
conflict, or without a required word, is never an answer, however close it is.
"""

import logging
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING

from bot.answering.query import Query
from bot.answering.weights import MAX_NEAREST, MEANING, MEANING_POWER
from bot.errors import EngineError, ModelError
from bot.index import Index
from bot.index.analysis import Analysis
from bot.phrases import IN_MEANING

# numpy and the model are imported only when words alone do not answer.
if TYPE_CHECKING:
    from bot.index.embeddings import Encoder
    from bot.index.vectors import PassageVectors, Similarities

logger = logging.getLogger(__name__)

Opens = Callable[["Callable[[], Encoder]", "PassageVectors | None"], "PassageVectors"]


class Closeness:
    """How close each passage of an index is to one question."""

    def __init__(self, similarities: "Similarities", within: str | None) -> None:
        self._similarities, self._within = similarities, within

    def nearest(self, index: Index) -> Sequence[Analysis]:
        """The passages that are closest, within the query's scope."""
        found = index.by_id(self._similarities.nearest(MAX_NEAREST))
        if self._within is None:
            return found
        scope = index.catalog.within(self._within)
        return [analysis for analysis in found if analysis.document in scope]

    def of(self, analysis: Analysis) -> float:
        """How close a passage is, from 0 to 1."""
        return self._similarities.of(analysis.id)

    @property
    def most(self) -> float:
        """How close the closest passage of all is."""
        return max(map(self._similarities.of, self._similarities.nearest(1)), default=0.0)

    def score(self, analysis: Analysis) -> float:
        """The score for closeness, in units of what all the question's words together score."""
        return float(MEANING * self.of(analysis) ** MEANING_POWER)

    def said(self, analysis: Analysis) -> str:
        """The reason to show: `close in meaning (.71)`."""
        return f"{IN_MEANING} ({f'{self.of(analysis):.2f}'.removeprefix('0')})"


class Meaning:
    """The passages of an index by their meaning; loaded on first use. Thread-safe.

    `opens` returns the passages' vectors, given the model and the vectors of the previous call. For
    a large new corpus each call computes only some of them. If OpenSearch does not answer then, the
    next call tries again, and questions meanwhile go by words alone.
    """

    def __init__(self, opens: Opens) -> None:
        self._opens, self._lock = opens, Lock()
        self._vectors: PassageVectors | None = None
        self._is_tried = self._must_retry = False

    def closeness(self, query: Query) -> Closeness | None:
        """How close passages are to a question; None when the model cannot be used."""
        vectors = self.load()
        if vectors is None or not len(vectors):
            return None
        from bot.index.embeddings import encoder
        from bot.index.vectors import MAX_WORDS_ASKED, cut

        asked = encoder().question(cut(_written(query), MAX_WORDS_ASKED))
        return Closeness(vectors.similarities(asked), query.within)

    def load(self) -> "PassageVectors | None":
        """Load the model and the vectors on the first call. Logs a failure, and returns None."""
        with self._lock:
            if not self._is_tried:
                try:
                    self._open()
                except EngineError as error:
                    self._must_retry = True
                    logger.warning("%s; words alone are searched", error)
            return self._vectors

    @property
    def is_partial(self) -> bool:
        """Whether `go_on` should be called: some passages still lack a vector."""
        return self._must_retry or (self._vectors is not None and not self._vectors.is_complete)

    def go_on(self) -> None:
        """Compute some more vectors; questions meanwhile use the existing ones.

        Raises EngineError if passages cannot be read.
        """
        self._open()  # without the lock: only one thread calls this, and questions must not wait

    def _open(self) -> None:
        from bot.index.embeddings import encoder

        try:
            encoder()
            self._vectors = self._opens(encoder, self._vectors)
        except ModelError as error:
            logger.warning("%s; words alone are searched", error)
        self._is_tried, self._must_retry = True, False


def _written(query: Query) -> str:
    """The question, followed by the words that it borrows from an earlier one."""
    lent = (term.word for group in query.groups if group.weight < 1.0 for term in group.terms)
    return " ".join((query.question, *lent))
