"""The index of a small corpus in memory; rank-bm25 proposes candidates."""

import sqlite3
from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from rank_bm25 import BM25Plus

from bot.english.spelling import Speller
from bot.index import Index
from bot.index.analysis import Analysis
from bot.index.builder import Builder, CatalogPassages, Look
from bot.index.catalog import LoadedCatalog
from bot.index.catalog_writer import CatalogWriter
from bot.index.preparing import Preparer

# Size of the cache of scopes: documents and folders that questions were narrowed to.
MAX_SCOPES = 100

# Positions of passages in ascending order, and a score for each.
Scores = tuple[np.ndarray[Any, np.dtype[np.intp]], np.ndarray[Any, np.dtype[np.float64]]]
_NO_SCORES: Scores = (np.array([], dtype=np.intp), np.array([]))


class MemoryIndex(Index):
    """An index in memory, from a connection to an in-memory catalog."""

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
        """The words within an edit distance of a word."""
        return self._speller.fuzzy(word, errors)

    def beginning(self, most: int, within: str | None = None) -> list[Analysis]:
        """The first `most` passages of a document or folder, or of all documents."""
        if within is None:
            return self._all[:most]
        return [self._all[position] for position in sorted(self._within(within))[:most]]

    def _find_within(self, name: str) -> frozenset[int]:
        """The positions of the passages in a document or folder."""
        documents = self.catalog.within(name)
        return frozenset(n for n, one in enumerate(self._all) if one.document in documents)


class MemoryBackend:
    """Indexes documents in memory; a refresh reads only changed files.

    A file that cannot be read is listed in the index's `problems`. It is skipped, unless it was
    readable before: then its last version stays.
    """

    name = "memory"

    def __init__(self, preparer: Preparer) -> None:
        self._preparer = preparer
        self._is_opened = False
        self._begin()

    def refresh(self, look: Look) -> MemoryIndex | None:
        """A new index if the documents changed, else None."""
        changed = self._builder.update(look(), keep=True)
        if not changed and self._is_opened:
            return None
        self._is_opened = True
        return MemoryIndex(self._catalog.copy())

    def news(self) -> None:
        """Nothing to do: no other process writes this index."""

    def rebuild(self, look: Look) -> MemoryIndex:
        """Discard the index and rebuild it from the documents."""
        self._catalog.close()
        self._begin()
        index = self.refresh(look)
        assert index is not None
        return index

    def close(self) -> None:
        """Nothing to release."""

    def _begin(self) -> None:
        self._catalog = CatalogWriter()
        self._builder = Builder(self._catalog, CatalogPassages(self._catalog), self._preparer)
        self._is_opened = False


class BM25:
    """A BM25 index over passages, each given as its terms in order.

    A passage is identified by its position, from 0. Scores are those of
    `BM25Plus(delta=0).get_scores`, which is Lv and Zhai's BM25+ without its constant
    (Lower-Bounding Term Frequency Normalization, CIKM 2011):
    idf * f * (k1 + 1) / (f + k1 * (1 - b + b * length / average)), idf = ln((N + 1) / n).
    """

    # BM25Plus with delta 0 rather than BM25Okapi: rank-bm25's Okapi gives a term in half of the
    # passages weight 0 and more common ones an artificial weight. Here weights are positive and
    # fall with n.

    def __init__(self, passages: Sequence[Sequence[str]]) -> None:
        self.size = len(passages)
        self._scores: dict[str, Scores] = {}  # a cache by term
        self._postings: dict[str, list[int]] = {}
        for position, terms in enumerate(passages):
            for term in dict.fromkeys(terms):
                self._postings.setdefault(term, []).append(position)
        # rank-bm25 divides by the number of passages and by their average length, so it is not
        # used without any term.
        self._bm25 = BM25Plus(passages, delta=0) if self._postings else None
        if self._bm25 is not None:
            self._bm25.doc_len = np.asarray(self._bm25.doc_len)  # else converted on every call

    def frequency(self, term: str) -> int:
        """The number of passages that have a term."""
        return len(self._postings.get(term, ()))

    def scores(self, term: str) -> Scores:
        """The positions of the passages that have a term, and its score in each."""
        found = self._scores.get(term)
        if found is None:
            positions = self._postings.get(term)
            if positions is None or self._bm25 is None:
                return _NO_SCORES
            scores = self._bm25.get_batch_scores([term], positions)
            found = self._scores[term] = np.asarray(positions), np.asarray(scores)
        return found

    def candidates(
        self, weights: Mapping[str, float], most: int, among: Container[int] | None = None
    ) -> list[int]:
        """The positions with the highest weighted sum of their terms' scores, best first.

        Only passages with at least one of the terms; ties are in the order of positions. `among`
        restricts the search to some positions.
        """
        if not weights:
            return []
        there = [(*self.scores(term), weight) for term, weight in weights.items()]
        positions = np.concatenate([where for where, _, _ in there])
        scores = np.concatenate([weight * score for _, score, weight in there])
        totals = np.bincount(positions, scores)
        found = np.flatnonzero(np.bincount(positions))
        if among is not None:
            found = np.array([one for one in found.tolist() if one in among], dtype=np.intp)
        ranked = found[np.argsort(-totals[found], kind="stable")]
        return list(ranked[:most].tolist())
