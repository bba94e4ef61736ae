"""How close in meaning passages are to a question: asked where words alone do not answer it.

It adds candidates and a part of the score, and shows in the reasons; a passage that conflicts, or
lacks what must be there, is no answer however close it is.
"""

import logging
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING

from bot.answering.query import Query
from bot.answering.weights import MAX_NEAREST, MEANING, MEANING_POWER
from bot.errors import ModelError
from bot.index import Index
from bot.index.analysis import Analysis
from bot.phrases import IN_MEANING

# numpy and the model load only on doubt.
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
        """What it is worth, as a share of all that the question's words are."""
        return float(MEANING * self.of(analysis) ** MEANING_POWER)

    def said(self, analysis: Analysis) -> str:
        """What explains it: `close in meaning (.71)`."""
        return f"{IN_MEANING} ({f'{self.of(analysis):.2f}'.removeprefix('0')})"


class Meaning:
    """The passages of an index by what they mean; loaded when it is first wanted.

    `opens` opens the vectors of its passages, given the model and what they were before: of a large
    corpus that is new, some are made each time. Several threads may ask at a time.
    """

    def __init__(self, opens: Opens) -> None:
        self._opens, self._lock = opens, Lock()
        self._vectors: PassageVectors | None = None
        self._is_tried = False

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
        """Load the model and the vectors, unless they are; what fails is logged once."""
        with self._lock:
            if not self._is_tried:
                self._is_tried = True
                self._open()
            return self._vectors

    @property
    def is_partial(self) -> bool:
        """Whether the vectors of some passages are still to be made."""
        return self._vectors is not None and not self._vectors.is_complete

    def go_on(self) -> None:
        """Make some more of them; who asks meanwhile goes by those that there are."""
        self._open()

    def _open(self) -> None:
        from bot.index.embeddings import encoder

        try:
            encoder()
            self._vectors = self._opens(encoder, self._vectors)
        except ModelError as error:
            logger.warning("%s; words alone are searched", error)


def _written(query: Query) -> str:
    """The question, and behind it the words that it borrows from an earlier one."""
    lent = (term.word for group in query.groups if group.weight < 1.0 for term in group.terms)
    return " ".join((query.question, *lent))
