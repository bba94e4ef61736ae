"""A folder of files becomes documents, and documents become passages."""

from collections.abc import Sequence
from typing import Protocol

from bot.model import Document, Passage


class AnyCorpus(Protocol):
    """What the bot knows, wherever it is kept: in memory (`reading`) or on disk (`catalog`).

    It hands out the passages of a document, and never promises to hold all of them. `size` is
    their number, `synonyms` the text of the corpus's own list, `problems` has a sentence for each
    file that could not be read; the others serve.
    """

    @property
    def documents(self) -> Sequence[Document]:
        """Every document, in the order of their paths."""

    @property
    def size(self) -> int:
        """How many passages there are."""

    @property
    def documents_hash(self) -> str:
        """A hash of the documents and the corpus's own list of synonyms."""

    @property
    def synonyms(self) -> str:
        """The text of the corpus's own list."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read, and how to mend it."""

    def passages_of(self, path: str) -> tuple[Passage, ...]:
        """The passages of a document, in their order; none of one that is not there."""

    def beginning(self, most: int) -> Sequence[Passage]:
        """The first passages of the first documents."""
