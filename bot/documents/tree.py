"""What a document is made of, whatever its format: the blocks that every reader builds.

A heading opens a section and a question opens its answer: both govern the blocks that follow, up
to the next of their kind. Lists, items and tables hold their own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.english.patterns import lazy_pattern
from bot.model import Page, Span

_ASKS = lazy_pattern(r"Q\s?[:.]\s?.*\?", re.I)
_ANOTHER_SITE = lazy_pattern(r"[a-z][a-z0-9+.-]*:|//", re.I)

# Lines, first and last, from 1, of the file as it lies on disk; None where a file has none.
Lines = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section of this level, from 1.

    `anchor` is the name by which a page on the web is opened at it, or "".
    """

    span: Span
    lines: Lines
    level: int
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that what follows it answers."""

    span: Span
    lines: Lines


@dataclass(frozen=True, slots=True)
class AnswerEnd:
    """Here the answer to the last question ends, though neither heading nor question follows."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. One that `points` is only links to other sections."""

    span: Span
    lines: Lines
    points: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that are shown as they stand."""

    span: Span
    lines: Lines


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, its cells apart by ` | `."""

    span: Span
    lines: Lines


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a header row; not every table has one."""

    header: Row | None
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list: `span` is its mark and its first words, which may be only a link."""

    span: Span
    lines: Lines
    points: bool = False
    blocks: "list[Block]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class List:
    """Items."""

    items: list[Item]


Block = Heading | Question | AnswerEnd | Paragraph | Code | Table | List


class Tree(NamedTuple):
    """A document's text and its blocks in order, each at its place in the text.

    `fields` are what the file says of itself, as in front matter; `warnings` are a sentence
    on each thing that was left out or guessed; `pages` are where its pages begin, if it has any.
    """

    text: str
    blocks: list[Block]
    fields: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    pages: tuple[Page, ...] = ()

    @property
    def title(self) -> Heading | None:
        """The heading of the first level at its very top; one of several is that of a section."""
        tops = [one for one in self.blocks if isinstance(one, Heading) and one.level == 1]
        return tops[0] if len(tops) == 1 and tops[0] is self.blocks[0] else None


class TextBuilder:
    """A text that grows; each piece is told where it stands."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0

    def add(self, piece: str, between: str = "\n\n") -> Span:
        """Add a piece, with `between` before it unless it is the first."""
        if self._pieces:
            self._pieces.append(between)
            self._length += len(between)
        start = self._length
        self._pieces.append(piece)
        self._length += len(piece)
        return Span(start, self._length)

    @property
    def length(self) -> int:
        """How long it is."""
        return self._length

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self._pieces)


def asks(line: str, *, is_bold: bool) -> bool:
    """Whether a line is a question that asks for what follows: all bold, or after "Q:"."""
    return (is_bold and line.endswith("?")) or bool(_ASKS.fullmatch(line))


def joined(first: Lines, last: Lines) -> Lines:
    """The lines from those of one block to those of another."""
    return (first[0], max(first[1], last[1])) if first and last else None


def leads_elsewhere(links: Sequence[str | None]) -> bool:
    """Whether a paragraph is nothing but links to other sections of the documents.

    `links` has, for each of its words, where it leads, or None.
    """
    return bool(links) and all(link is not None and not _ANOTHER_SITE.match(link) for link in links)
