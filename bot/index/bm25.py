"""rank-bm25 over passages in memory: its scores to the bit, without walking every passage."""

from collections.abc import Container, Mapping, Sequence

import numpy as np
from rank_bm25 import BM25Plus


class MemoryEngine:
    """A BM25 index over passages, each given as its terms in their order.

    A passage is named by its position, from 0. Scores are those of `BM25Plus(delta=0).get_scores`,
    which is Lv and Zhai's BM25+ without its constant (Lower-Bounding Term Frequency
    Normalization, CIKM 2011):
    idf * f * (k1 + 1) / (f + k1 * (1 - b + b * length / average)), idf = ln((N + 1) / n).
    """

    # Plus with delta 0, not Okapi: Okapi scores a term of half the passages as 0 and makes the
    # weight of a more common one up. Here every weight is positive and falls with n.

    def __init__(self, passages: Sequence[Sequence[str]]) -> None:
        self.size = len(passages)
        self._scores: dict[str, dict[int, float]] = {}  # what was asked for is asked for again
        self._postings: dict[str, list[int]] = {}
        for position, terms in enumerate(passages):
            for term in dict.fromkeys(terms):
                self._postings.setdefault(term, []).append(position)
        # rank-bm25 divides by the number of passages and by their average length. With no term
        # at all there is nothing to find, and nothing is asked of it.
        self._bm25 = BM25Plus(passages, delta=0) if self._postings else None
        if self._bm25 is not None:
            self._bm25.doc_len = np.asarray(self._bm25.doc_len)  # or it converts it every time

    def frequency(self, term: str) -> int:
        """In how many passages the term stands."""
        return len(self._postings.get(term, ()))

    def scores(self, term: str) -> dict[int, float]:
        """What the term is worth in each passage that has it; the others score 0."""
        found = self._scores.get(term)
        if found is None:
            positions = self._postings.get(term)
            if positions is None or self._bm25 is None:
                return {}
            scores = self._bm25.get_batch_scores([term], positions)
            found = self._scores[term] = dict(zip(positions, scores, strict=True))
        return found

    def candidates(
        self, weights: Mapping[str, float], most: int, among: Container[int] | None = None
    ) -> list[int]:
        """The positions that score highest by the weighted sum of their terms, best first.

        Passages without any of the terms are not among them; of equals the earlier comes first.
        """
        totals: dict[int, float] = {}
        for term, weight in weights.items():
            for position, score in self.scores(term).items():
                totals[position] = totals.get(position, 0.0) + weight * score
        found = totals if among is None else [position for position in totals if position in among]
        return sorted(found, key=lambda position: (-totals[position], position))[:most]
