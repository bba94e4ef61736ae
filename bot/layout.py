"""How a passage is laid out in lines: those of a list and of code are kept, no others."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.english.patterns import lazy_pattern
from bot.model import Item, Passage, PassageKind, Span

# How many columns an item stands to the right of the one it belongs to, and a tab is wide.
INDENT = 4

_BLANKS = re.compile(r"[ \t]{2,}")
_MARK = lazy_pattern(r"(?:[-*•–—▪◦‣·]|\d{1,3}[.)]|\(?[a-zA-Z0-9]{1,2}\))[ \t]+")


class _Line(NamedTuple):
    """A line of a passage: where it and its words begin in the document; the words' column."""

    begin: int
    start: int
    words: str
    column: int

    @property
    def end(self) -> int:
        """Where its words end."""
        return self.start + len(self.words)


class _Break(NamedTuple):
    """What stands before a line's words: so many line ends, then so many blanks."""

    ends: int
    blanks: int


def laid_out(passage: Passage, stretch: Span, quote: Span) -> tuple[str, str, str]:
    """What a stretch of a passage says before a quote in it, the quote, and what it says after.

    Each item of a list and each line of code is a line of its own, as far in as it belongs. A
    paragraph or a row is one line, and a run of blanks is one. Lines end with a line feed.
    """
    if passage.kind in (PassageKind.LIST, PassageKind.CODE):
        return _in_lines(passage, stretch, quote)
    cuts = (Span(stretch.start, quote.start), quote, Span(quote.end, stretch.end))
    before, quoted, after = (one_line(passage.document.text[cut.start : cut.end]) for cut in cuts)
    return before, quoted, after


def one_line(text: str) -> str:
    """A text without its line ends; a run of blanks is one."""
    return _BLANKS.sub(" ", " ".join(f"{text}.".splitlines())[:-1])


def _in_lines(passage: Passage, stretch: Span, quote: Span) -> tuple[str, str, str]:
    lines, is_code = list(_lines(passage)), passage.kind is PassageKind.CODE
    breaks = _breaks_in_code(lines) if is_code else _breaks_in_list(lines, passage.items)
    inside = [
        (line, before)
        for line, before in zip(lines, breaks, strict=True)
        if line.start < stretch.end and stretch.start < max(line.end, line.start + 1)
    ]
    # What is shown of a list begins at the left, wherever in the list it stands.
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
    """What of a line stands before a quote, in it and after it; each may be empty."""
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
    """What stands before each line of a list.

    An item begins a line. A line that is set further in than its item's words is a line of its
    own, such as one of code; any other goes on where the last one ended.
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
    """The lines; the first, whose indent is not in the passage, is set in as its siblings are."""
    first, *others = lines
    siblings = (
        line.column
        for line in others
        if (place := _place(line, places)) is not None and items[place].parent == items[0].parent
    )
    yield first._replace(column=next(siblings, 0))
    yield from others


def _place(line: _Line, places: dict[int, int]) -> int | None:
    """The place of the item that begins on a line; one of code begins with the line's blanks."""
    return places.get(line.start, places.get(line.begin))


def _depth(place: int, items: Sequence[Item]) -> int:
    """How many items an item is within."""
    parent = items[place].parent
    return 0 if parent < 0 else 1 + _depth(parent, items)
