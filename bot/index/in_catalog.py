"""What a corpus says of its words, as its catalog has it; an engine finds the passages."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from bot.english.aliases import Alias
from bot.english.spelling import errors_allowed, nearest_of
from bot.english.synonyms import Phrase
from bot.index import MAX_ALIAS_TARGETS, AliasTarget
from bot.index.analysis import Analysis, PassageDetail, Words
from bot.index.catalog import BETWEEN, Catalog, Row

# Counts, names and aliases that are kept of those that were looked up.
MAX_CACHED = 20_000


class CatalogIndex:
    """An index but for its candidates.

    `near` gives the words within so many errors of a word.
    """

    def __init__(self, catalog: Catalog, near: Callable[[str, int], Sequence[str]]) -> None:
        self.corpus, self._near = catalog, near
        self.size = catalog.size
        self.average = catalog.length / max(1, self.size)
        self.frequency = lru_cache(MAX_CACHED)(self._frequency)
        self.is_name = lru_cache(MAX_CACHED)(self._is_name)
        self.called = lru_cache(MAX_CACHED)(self._called)
        self.longest_called = lru_cache(MAX_CACHED)(self._longest_called)

    @property
    def changed(self) -> float:
        """When the documents last changed."""
        return float(self.corpus.fact("changed", 0.0))

    def close(self) -> None:
        """Give the state up."""
        self.corpus.close()

    def beginning(self, most: int, within: str | None) -> list[Analysis]:
        """The first passages, of a document or folder or of all."""
        return [self._analysis(row) for row in self.corpus.first(most, within)]

    def has_place(self, name: str) -> bool:
        """Whether a document or folder has this name."""
        query = "select 1 from places where name = ? limit 1"
        return self.corpus.value(query, (name,)) is not None

    def nearest(self, word: str) -> str | None:
        """The word of the corpus that a misspelt one was meant to be."""
        for errors in range(1, errors_allowed(word) + 1):
            near = self._near(word, errors)
            counts = {other: self._count(other) for other in near}
            found = nearest_of(word, {other: count for other, count in counts.items() if count > 0})
            if found is not None:
                return found
        return None

    def in_offices(self, phrase: Phrase) -> bool:
        """Whether a phrase is one of two that make an office."""
        query = "select 1 from offices where phrase = ? limit 1"
        return self.corpus.value(query, (phrase,)) is not None

    def aliases(self) -> Iterator[tuple[str, Alias]]:
        """Each alias, with the document in which it holds."""
        query = """
            select path, called, written, name from aliases join documents on id = document
            order by path, called, found_as"""
        for path, called, written, name in self.corpus.rows(query):
            yield path, Alias(frozenset(called.split(BETWEEN)), written, name)

    def _frequency(self, term: str) -> int:
        return self.corpus.value("select passages from terms where term = ?", (term,)) or 0

    def _is_name(self, term: str) -> bool:
        query = "select capital > 0 and small = 0 from terms where term = ?"
        return bool(self.corpus.value(query, (term,)))

    def _count(self, word: str) -> int:
        return self.corpus.value("select count from words where word = ?", (word,)) or 0

    def _called(self, terms: frozenset[Phrase]) -> Sequence[AliasTarget]:
        asked = BETWEEN.join(sorted(terms))
        query = """
            select min(name), found_as from aliases where called = ?
            group by found_as order by count(distinct document) desc, found_as limit ?"""
        return [
            AliasTarget(name, found_as, _Documents(self.corpus, asked, found_as))
            for name, found_as in self.corpus.rows(query, (asked, MAX_ALIAS_TARGETS))
        ]

    def _longest_called(self, stem: str) -> int:
        query = "select max(longest) from aliases where called > ? and called < ?"
        return self.corpus.value(query, (f"{stem} ", f"{stem}!")) or 0

    def _analysis(self, row: Row) -> Analysis:
        return Analysis(row.key, Words(*row.words), lambda: self._rest(row))

    def _rest(self, row: Row) -> PassageDetail:
        place = (row.document, row.number)
        return PassageDetail(
            place, row.text, row.start, row.marks, lambda: self.corpus.passage(row)
        )


class _Documents:
    """The documents that call somebody so; each is looked up when it is asked about."""

    def __init__(self, catalog: Catalog, called: str, found_as: str) -> None:
        self._catalog, self._called, self._found_as = catalog, called, found_as

    def __contains__(self, document: object) -> bool:
        query = """
            select 1 from aliases where called = ? and found_as = ? and document = ? limit 1"""
        return self._catalog.value(query, (self._called, self._found_as, document)) is not None
