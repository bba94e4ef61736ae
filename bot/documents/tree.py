"""The blocks of a document, which the reader of every format builds.

A heading opens a section and a question opens its answer: each governs the blocks that follow, up
to the next of its kind. Lists, items and tables contain their own blocks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.english.patterns import lazy_pattern
from bot.model import CELLS, Page, Span

_ASKS = lazy_pattern(r"Q\s?:\s.*|Q\s?[:.]\s?.*\?", re.I)
_CAPTION = lazy_pattern(r"(?:table|tab\.|exhibit)\s+(?:[A-Z]\.?)?\d{1,3}\b", re.I)
_ANOTHER_SITE = lazy_pattern(r"[a-z][a-z0-9+.-]*:|//", re.I)

# First and last line in the file on disk, from 1; None if the format has no lines.
Lines = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section; `level` counts from 1.

    `anchor` is the id by which a web page opens at the heading, or "".
    """

    span: Span
    lines: Lines
    level: int
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is answered by the blocks after it."""

    span: Span
    lines: Lines


@dataclass(frozen=True, slots=True)
class AnswerEnd:
    """Ends the answer to the last question where no heading or question follows."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. `points` is true if it is nothing but links to other sections."""

    span: Span
    lines: Lines
    points: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """Preformatted lines."""

    span: Span
    lines: Lines


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, with its cells separated by ` | `."""

    span: Span
    lines: Lines


@dataclass(frozen=True, slots=True)
class Table:
    """Rows, and the header row and the caption above them if there are any."""

    header: Row | None
    rows: list[Row]
    caption: Span | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list: `span` covers its mark and opening text, `blocks` are what follows.

    `points` is true if the opening text is nothing but links to other sections.
    """

    span: Span
    lines: Lines
    points: bool = False
    blocks: "list[Block]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class List:
    """A list of items."""

    items: list[Item]


Block = Heading | Question | AnswerEnd | Paragraph | Code | Table | List


class Tree(NamedTuple):
    """A document's text, and its blocks in order with their spans in the text.

    `fields` is the file's metadata, such as front matter. `warnings` has a phrase for each thing
    that was skipped or guessed. `pages` tells where pages begin, if the format has any.
    """

    text: str
    blocks: list[Block]
    fields: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    pages: tuple[Page, ...] = ()

    @property
    def title(self) -> Heading | None:
        """The only heading of level 1, if it is the first block; several are sections."""
        tops = [one for one in self.blocks if isinstance(one, Heading) and one.level == 1]
        return tops[0] if len(tops) == 1 and tops[0] is self.blocks[0] else None


class TextBuilder:
    """Builds a text piece by piece; `add` returns where each piece is."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0

    def add(self, piece: str, between: str = "\n\n") -> Span:
        """Append a piece, after `between` unless it is the first; returns its span."""
        if self._pieces:
            self._pieces.append(between)
            self._length += len(between)
        start = self._length
        self._pieces.append(piece)
        self._length += len(piece)
        return Span(start, self._length)

    @property
    def length(self) -> int:
        """The length of the text so far, in characters."""
        return self._length

    @property
    def text(self) -> str:
        """The whole text so far."""
        return "".join(self._pieces)


def asks(line: str, *, is_bold: bool) -> bool:
    """Whether a line introduces its answer: a question in bold, or anything after "Q:"."""
    return (is_bold and line.endswith("?")) or bool(_ASKS.fullmatch(line))


def joined(first: Lines, last: Lines) -> Lines:
    """The lines from the first of one block to the last of both; None if either has none."""
    return (first[0], max(first[1], last[1])) if first and last else None


def one_cell(words: str) -> str:
    """The text of a cell. A bar in it is kept apart by other spaces than those between cells."""
    return words.replace(CELLS, "\u00a0|\u00a0")


def is_caption(words: str) -> bool:
    """Whether words are what the next table is called: `Table 3: Rates by country`."""
    return bool(_CAPTION.match(words))


def leads_elsewhere(links: Sequence[str | None]) -> bool:
    """Whether a paragraph is nothing but links to other sections of the documents.

    `links` has the target of each piece of its text, or None for a piece without a link.
    """
    return bool(links) and all(link is not None and not _ANOTHER_SITE.match(link) for link in links)
