"""What answering needs of an indexed corpus, wherever it is kept: one answer from any engine."""

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from bot.english.aliases import Alias
from bot.english.synonyms import Phrase
from bot.index.analysis import Analysis

# The form of an index on disk and of what a button remembers of a passage. Raise it whenever the
# same documents would be cut or written differently; an index of another form is built again, and
# one of this form is used by every version of the program. A test fails when it must be raised: the
# word lists count too, since they say which words are no names and so who is called what.
FORMAT = 2

# Of all whom a shelf of documents calls by one name, those that most documents call so.
MAX_ALIAS_TARGETS = 8


class AliasTarget(NamedTuple):
    """Who is called so: the name, the stems to look for, and the documents in which it holds.

    The documents are as `Analysis.document` tells them.
    """

    name: str
    found_as: Phrase
    documents: Container[str | int]


class Index(Protocol):
    """The passages of a corpus by their terms, and what the corpus says of its words.

    `size` is the number of passages, `average` how many terms they have on the average.
    """

    size: int
    average: float

    def frequency(self, term: str) -> int:
        """In how many passages a term stands."""

    def candidates(
        self, weights: Mapping[str, float], most: int, within: str | None
    ) -> Sequence[Analysis]:
        """The passages that score highest by the weighted sum of their terms.

        None has no term. `within` is the name of a document or folder to look in, or None.
        """

    def beginning(self, most: int, within: str | None) -> Sequence[Analysis]:
        """The first passages, of a document or folder or of all."""

    def has_place(self, name: str) -> bool:
        """Whether a document or folder has this name."""

    def is_name(self, term: str) -> bool:
        """Whether the corpus always writes a term with a capital."""

    def nearest(self, word: str) -> str | None:
        """The word of the corpus that a misspelt one was meant to be."""

    def called(self, terms: frozenset[Phrase]) -> Sequence[AliasTarget]:
        """Who is called so; two phrases are an office and what it is of.

        No more than MOST_CALLED: those whom most documents call so, then by their stems.
        """

    def in_offices(self, phrase: Phrase) -> bool:
        """Whether a phrase is one of two that make an office."""

    def longest_called(self, stem: str) -> int:
        """How many words the longest has, of what somebody is called, that begins with this."""

    def close(self) -> None:
        """Give up what is held open; nothing is asked of it any more."""

    def aliases(self) -> Iterable[tuple[str, Alias]]:
        """Each alias, with the document in which it holds."""


def idf(index: Index, term: str) -> float:
    """How rare a term is: ln((N + 1) / n); a term that no passage has counts as n = 1."""
    return math.log((index.size + 1) / max(1, index.frequency(term)))
