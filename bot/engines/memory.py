"""rank-bm25 over passages in memory: its scores to the bit, without walking every passage."""

import math
from collections.abc import Mapping, Sequence

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
        self._idf = {
            term: math.log((self.size + 1) / len(positions))
            for term, positions in self._postings.items()
        }
        self._highest = math.log(self.size + 1)
        # rank-bm25 divides by the number of passages and by their average length. With no term
        # at all there is nothing to find, and nothing is asked of it.
        self._bm25 = BM25Plus(passages, delta=0) if self._postings else None
        if self._bm25 is not None:
            self._bm25.doc_len = np.asarray(self._bm25.doc_len)  # or it converts it every time

    def knows(self, term: str) -> bool:
        """Whether any passage has the term."""
        return term in self._postings

    def idf(self, term: str) -> float:
        """How rare a term is: ln((N + 1) / n); a term that no passage has counts as n = 1."""
        return self._idf.get(term, self._highest)

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

    def candidates(self, weights: Mapping[str, float], most: int) -> list[int]:
        """The positions that score highest by the weighted sum of their terms, best first.

        Passages without any of the terms are not among them; of equals the earlier comes first.
        """
        totals: dict[int, float] = {}
        for term, weight in weights.items():
            for position, score in self.scores(term).items():
                totals[position] = totals.get(position, 0.0) + weight * score
        return sorted(totals, key=lambda position: (-totals[position], position))[:most]
