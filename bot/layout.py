"""Lays out a passage in lines: only lists and code keep their line breaks."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.english.patterns import lazy_pattern
from bot.model import Item, Passage, PassageKind, Span

# The indent of a nested item, and the width of a tab, in columns.
INDENT = 4

_BLANKS = re.compile(r"[ \t]{2,}")
_MARK = lazy_pattern(r"(?:[-*•–—▪◦‣·]|\d{1,3}[.)]|\(?[a-zA-Z0-9]{1,2}\))[ \t]+")


class _Line(NamedTuple):
    """A line of a passage: offsets of the line and its words in the document, and their column."""

    begin: int
    start: int
    words: str
    column: int

    @property
    def end(self) -> int:
        """Where its words end."""
        return self.start + len(self.words)


class _Break(NamedTuple):
    """The white space before a line's words: `ends` line feeds, then `blanks` spaces."""

    ends: int
    blanks: int


def laid_out(passage: Passage, stretch: Span, quote: Span) -> tuple[str, str, str]:
    """A stretch of a passage as text: before the quote, the quote, and after it.

    Each list item and each line of code is on a line of its own, with its indent. A paragraph or a
    row becomes one line, with runs of blanks collapsed. Lines end with a line feed.
    """
    if passage.kind in (PassageKind.LIST, PassageKind.CODE):
        return _in_lines(passage, stretch, quote)
    cuts = (Span(stretch.start, quote.start), quote, Span(quote.end, stretch.end))
    before, quoted, after = (one_line(passage.document.text[cut.start : cut.end]) for cut in cuts)
    return before, quoted, after


def one_line(text: str) -> str:
    """A text on one line, with runs of blanks collapsed."""
    return _BLANKS.sub(" ", " ".join(f"{text}.".splitlines())[:-1])


def _in_lines(passage: Passage, stretch: Span, quote: Span) -> tuple[str, str, str]:
    lines, is_code = list(_lines(passage)), passage.kind is PassageKind.CODE
    breaks = _breaks_in_code(lines) if is_code else _breaks_in_list(lines, passage.items)
    inside = [
        (line, before)
        for line, before in zip(lines, breaks, strict=True)
        if line.start < stretch.end and stretch.start < max(line.end, line.start + 1)
    ]
    # The shown part of a list starts at the left margin, however deeply it is nested.
    left = 0 if is_code else min((before.blanks for _, before in inside if before.ends), default=0)
    parts = ["", "", ""]
    for place, (line, (ends, blanks)) in enumerate(inside):
        if line.start >= stretch.start:
            part = 0 if line.start <= quote.start else 1 if line.start < quote.end else 2
            indent = blanks - left if ends else blanks
            parts[part] += "\n" * (ends if place else 0) + " " * indent
        line_shown = Span(max(line.start, stretch.start), min(line.end, stretch.end))
        for part, cut in enumerate(_around(quote, line_shown)):
            words = passage.document.text[cut.start : cut.end]
            parts[part] += words.expandtabs(INDENT) if is_code else one_line(words)
    before_quote, quoted, after = parts
    return before_quote, quoted, after


def _around(quote: Span, line: Span) -> tuple[Span, Span, Span]:
    """The parts of a line before, in and after a quote; each may be empty."""
    start, end = (min(max(edge, line.start), line.end) for edge in quote)
    return Span(line.start, start), Span(start, end), Span(end, line.end)


def _lines(passage: Passage) -> Iterator[_Line]:
    begin = passage.start
    for line in passage.text.splitlines(keepends=True):
        words = line.strip()
        blanks = line[: line.index(words)] if words else ""
        column = len(blanks.expandtabs(INDENT))
        yield _Line(begin, begin + len(blanks), words, column)
        begin += len(line)


def _breaks_in_code(lines: Sequence[_Line]) -> Iterator[_Break]:
    return (_Break(1, line.column) for line in lines)


def _breaks_in_list(lines: Sequence[_Line], items: Sequence[Item]) -> Iterator[_Break]:
    """The white space before each line of a list.

    An item begins a new line, and so does a line that is indented more than its item's words, such
    as code. Any other line continues the previous one.
    """
    places = {item.start: place for place, item in enumerate(items)}
    indent = column = words = blank_lines = 0
    for line in _with_first_column(lines, items, places):
        place = _place(line, places)
        if place is not None:
            indent, column = INDENT * _depth(place, items), line.column
            mark = _MARK.match(line.words)
            words = column + (mark.end() if mark else -1)
            yield _Break(1, indent)
        elif not line.words:
            blank_lines += 1
            yield _Break(0, 0)
            continue
        elif line.column > words:
            yield _Break(1 + blank_lines, indent + line.column - min(column, line.column))
        else:
            yield _Break(0, 1)
        blank_lines = 0


def _with_first_column(
    lines: Sequence[_Line], items: Sequence[Item], places: dict[int, int]
) -> Iterator[_Line]:
    """The lines; the first, whose indent is not part of the passage, gets that of its siblings."""
    first, *others = lines
    siblings = (
        line.column
        for line in others
        if (place := _place(line, places)) is not None and items[place].parent == items[0].parent
    )
    yield first._replace(column=next(siblings, 0))
    yield from others


def _place(line: _Line, places: dict[int, int]) -> int | None:
    """The place of the item that begins on a line; an item of code begins with its blanks."""
    return places.get(line.start, places.get(line.begin))


def _depth(place: int, items: Sequence[Item]) -> int:
    """How deeply an item is nested; 0 at the top level."""
    parent = items[place].parent
    return 0 if parent < 0 else 1 + _depth(parent, items)
