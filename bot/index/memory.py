"""A small corpus, indexed in memory in a moment: rank-bm25 proposes its passages."""

import sqlite3
from collections.abc import Container, Mapping, Sequence
from functools import lru_cache

import numpy as np
from rank_bm25 import BM25Plus

from bot.english.spelling import Speller
from bot.index import Index
from bot.index.analysis import Analysis
from bot.index.builder import Builder, CatalogPassages, Look
from bot.index.catalog import LoadedCatalog
from bot.index.catalog_writer import CatalogWriter
from bot.index.preparing import Preparer

# The documents and folders that questions were narrowed to.
MAX_SCOPES = 100


class MemoryIndex(Index):
    """The index of a corpus whose catalog is in memory."""

    def __init__(self, db: sqlite3.Connection) -> None:
        catalog = LoadedCatalog(db)
        super().__init__(catalog)
        self._all = [self._analysis(row) for row in catalog.first(self.size, None)]
        for analysis, number in zip(self._all, catalog.ids(), strict=True):
            analysis.id = number
        self._by_id = {analysis.id: analysis for analysis in self._all}
        self._bm25 = BM25([analysis.terms for analysis in self._all])
        self._speller = Speller(catalog.words)
        self._within = lru_cache(MAX_SCOPES)(self._find_within)

    def candidates(
        self, weights: Mapping[str, float], most: int, within: str | None
    ) -> list[Analysis]:
        """The passages that score highest by the weighted sum of their terms."""
        among = None if within is None else self._within(within)
        return [self._all[position] for position in self._bm25.candidates(weights, most, among)]

    def by_id(self, ids: Sequence[int]) -> list[Analysis]:
        """The passages with these ids of the catalog."""
        return [self._by_id[number] for number in ids]

    def fuzzy(self, word: str, errors: int) -> list[str]:
        """The words within so many errors of a word."""
        return self._speller.fuzzy(word, errors)

    def beginning(self, most: int, within: str | None = None) -> list[Analysis]:
        """The first passages, of a document or folder or of all."""
        if within is None:
            return self._all[:most]
        return [self._all[position] for position in sorted(self._within(within))[:most]]

    def _find_within(self, name: str) -> frozenset[int]:
        """The positions of the passages in a document or folder."""
        documents = self.catalog.within(name)
        return frozenset(n for n, one in enumerate(self._all) if one.document in documents)


class MemoryBackend:
    """Documents that are read and indexed in a moment; only what changed is read again.

    A file that cannot be read is left out and named in the index's `problems`. One that could be
    read the last time stays as it was then.
    """

    name = "memory"

    def __init__(self, preparer: Preparer) -> None:
        self._preparer = preparer
        self._is_opened = False
        self._begin()

    def refresh(self, look: Look) -> MemoryIndex | None:
        """A new index when the documents changed, else None."""
        changed = self._builder.update(look(), keep=True)
        if not changed and self._is_opened:
            return None
        self._is_opened = True
        return MemoryIndex(self._catalog.copy())

    def news(self) -> None:
        """Others have nothing to do with it."""

    def rebuild(self, look: Look) -> MemoryIndex:
        """A new index from the documents alone."""
        self._catalog.close()
        self._begin()
        index = self.refresh(look)
        assert index is not None
        return index

    def close(self) -> None:
        """Nothing is held from others."""

    def _begin(self) -> None:
        self._catalog = CatalogWriter()
        self._builder = Builder(self._catalog, CatalogPassages(self._catalog), self._preparer)
        self._is_opened = False


class BM25:
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
