"""Plain text to blocks: finds paragraphs, lists, questions and headings in its lines."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.documents.tree import (
    Block,
    Heading,
    Item,
    List,
    Paragraph,
    Question,
    Tree,
    asks,
    joined,
)
from bot.english.patterns import lazy_pattern
from bot.model import Span

# A heading is a short line that does not end a sentence; 80 characters are a wide headline.
MAX_HEADING_LENGTH = 80
# In wrapped English most lines begin in lower case; if every line is a paragraph, hardly any does.
WRAPPED_SHARE = 1 / 3
# The level of a heading that is not underlined; underlined ones are above it.
_LEVEL = 3
_LEVELS = {"=": 1, "-": 2, "~": 2, "^": 2}

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_UNSEEN = "\ufeff\u200b"
_RULE = re.compile(r"([-=_*~#^])(?:\s?\1){2,}+")
_NO_HEADING_END = re.compile(r"[.!:;,…][\"'”’»)\]]*$")
_MARK = lazy_pattern(r"(?:[-*•–—▪◦‣·]|\d{1,3}[.)]|\(?[a-zA-Z0-9]{1,2}\))[ \t]+(?=\S)")
_ANSWER = re.compile(r"A\s?[:.]\s")
# A line that ends with one of these words continues on the next one.
_GOES_ON = re.compile(
    r"\b(?:an?|the|of|and|or|but|to|for|with|by|from|at|as|is|are|was|were|be|can|could|may|might"
    r"|must|shall|should|will|would|has|have|had|that|which|not|nor|if|than|because|unless|your"
    r"|our|their|my|its)$"
)
_ASKS_ITSELF = re.compile(r"(?:who|what|where|when|why|how|which)\b", re.I)


class _Line(NamedTuple):
    """A line without the space around it: its span, number from 1, indent and words."""

    start: int
    end: int
    number: int
    indent: int
    words: str


class _Text(NamedTuple):
    """Lines of a paragraph, which is a heading candidate if `may_head`."""

    lines: Sequence[_Line]
    may_head: bool


class _Listed(NamedTuple):
    """Lines of a list: those that begin with a mark, and their continuations."""

    lines: list[_Line]


class _Underlined(NamedTuple):
    """A heading with a rule below it."""

    line: _Line
    level: int


_Piece = _Text | _Listed | _Underlined | Question


def read(text: str, start: int = 0) -> Tree:
    """The blocks of a text after the offset `start`.

    Either each line is a paragraph, or paragraphs are wrapped and separated by blank lines; the
    lines themselves show which. A short line without a full stop above a paragraph is a heading,
    and at the top of the text it is the title.
    """
    groups = _groups(text, start)
    wrapped = _is_wrapped(groups)
    pieces: list[_Piece] = []
    for group in groups:
        for piece in _pieces(group, wrapped=wrapped):
            _add(pieces, piece)
    return Tree(text, list(_blocks(_without_single_items(pieces))))


def _groups(text: str, start: int) -> list[list[_Line]]:
    """The lines that are not blank, in groups separated by blank lines."""
    groups: list[list[_Line]] = [[]]
    number = 1 + len(re.findall(r"\r\n|\r|\n", text[:start]))
    for match in _LINE.finditer(text, start):
        line = match.group()
        words = line.strip().strip(_UNSEEN).strip()
        if words:
            at = line.index(words)
            first = match.start() + at
            indent = len(line[:at].strip(_UNSEEN).expandtabs(4))
            groups[-1].append(_Line(first, first + len(words), number, indent, words))
        elif groups[-1]:
            groups.append([])
        number += 1
    return [group for group in groups if group]


def _is_wrapped(groups: list[list[_Line]]) -> bool:
    following = [line for group in groups for line in group[1:]]
    lower = sum(line.words[0].islower() for line in following)
    return bool(following) and lower >= WRAPPED_SHARE * len(following)


def _pieces(group: list[_Line], *, wrapped: bool) -> Iterator[_Piece]:
    """The pieces in a group of lines."""
    width = max(len(line.words) + line.indent for line in group)
    at = 0
    while at < len(group):
        line = group[at]
        below = group[at + 1] if at + 1 < len(group) else None
        rule = _rule(below.words) if below else None
        if _rule(line.words):
            at += 1
        elif rule and rule[1] in _LEVELS and may_be_heading(line.words):
            yield _Underlined(line, _LEVELS[rule[1]])
            at += 2
        elif _mark(line.words) and (at == 0 or not wrapped or _introduces(group[at - 1])):
            last = _end_of_list(group, at, wrapped=wrapped)
            yield _Listed(group[at:last])
            at = last
        elif line.words[0] in "Qq" and asks(line.words, is_bold=False):
            yield Question(Span(line.start, line.end), (line.number, line.number))
            at += 1
        elif not wrapped or _stands_alone(line, below, width if at == 0 else 0):
            yield _Text([line], may_head=True)
            at += 1
        else:
            last = _end_of_paragraph(group, at)
            yield _Text(group[at:last], may_head=last == at + 1)
            at = last


def _mark(words: str) -> re.Match[str] | None:
    """The mark that begins an item; a line that begins with two letters has none."""
    return None if words[:2].isalpha() else _MARK.match(words)


def _rule(words: str) -> re.Match[str] | None:
    return None if words[0].isalnum() else _RULE.fullmatch(words)


def _introduces(line: _Line) -> bool:
    return line.words.endswith(":") or bool(_mark(line.words))


def _end_of_list(group: list[_Line], first: int, *, wrapped: bool) -> int:
    """The index after the last line of a list; its items may continue on the lines below."""
    indent = group[first].indent
    for at in range(first + 1, len(group)):
        line = group[at]
        if _rule(line.words):
            return at
        if not _mark(line.words) and not wrapped and line.indent <= indent:
            return at
    return len(group)


def _end_of_paragraph(group: list[_Line], first: int) -> int:
    for at in range(first + 1, len(group)):
        line = group[at]
        if _rule(line.words) or _ANSWER.match(line.words):
            return at
        if _mark(line.words) and group[at - 1].words.endswith(":"):
            return at
    return len(group)


def _stands_alone(line: _Line, below: _Line | None, width: int) -> bool:
    """Whether a line of wrapped text was broken on purpose, like a heading.

    Either the next line is indented more, or the line is a question with room for the next word.
    """
    if below is None or not may_be_heading(line.words) or below.words[0].islower():
        return False
    if below.indent > line.indent:
        return True
    room = width - line.indent - len(line.words)
    return line.words.endswith("?") and len(below.words.split(maxsplit=1)[0]) < room


def _list(lines: list[_Line]) -> List:
    """The items of a list; an item that is indented more is nested in the one above."""
    whole = List([])
    open_items: list[tuple[int, Item]] = []
    for line in lines:
        mark = _mark(line.words)
        if mark is None:
            _continue(open_items[-1][1], line)
            continue
        while open_items and open_items[-1][0] >= line.indent:
            open_items.pop()
        item = Item(Span(line.start, line.end), (line.number, line.number))
        if open_items:
            _sublist(open_items[-1][1]).items.append(item)
        else:
            whole.items.append(item)
        open_items.append((line.indent, item))
    return whole


def _continue(item: Item, line: _Line) -> None:
    """Add a continuation line to an item."""
    numbers = (line.number, line.number)
    last = item.blocks[-1] if item.blocks else None
    if isinstance(last, Paragraph):
        span = Span(last.span.start, line.end)
        item.blocks[-1] = Paragraph(span, joined(last.lines, numbers))
    else:
        item.blocks.append(Paragraph(Span(line.start, line.end), numbers))


def _sublist(item: Item) -> List:
    if not (item.blocks and isinstance(item.blocks[-1], List)):
        item.blocks.append(List([]))
    last = item.blocks[-1]
    assert isinstance(last, List)
    return last


def _add(pieces: list[_Piece], piece: _Piece) -> None:
    """Append a piece, or join it to the list before: blank lines do not divide lists or items."""
    last = pieces[-1] if pieces else None
    if isinstance(last, _Listed) and (
        isinstance(piece, _Listed)
        or (isinstance(piece, _Text) and piece.lines[0].indent > _last_indent(last.lines))
    ):
        last.lines.extend(piece.lines)
    else:
        pieces.append(piece)


def _last_indent(lines: Sequence[_Line]) -> int:
    """The indent of the last item of a list."""
    return next(line.indent for line in reversed(lines) if _mark(line.words))


def _without_single_items(pieces: list[_Piece]) -> list[_Piece]:
    """Turn each single item without an introduction into a paragraph or a numbered heading."""
    found: list[_Piece] = []
    for piece in pieces:
        alone = isinstance(piece, _Listed) and len(piece.lines) == 1
        before = found[-1] if found else None
        introduced = isinstance(before, _Text) and before.lines[-1].words.endswith(":")
        if isinstance(piece, _Listed) and alone and not introduced:
            found.append(_Text(piece.lines, may_head=True))
        else:
            found.append(piece)
    return found


def _blocks(pieces: list[_Piece]) -> Iterator[Block]:
    headings = _headings(pieces)
    for place, piece in enumerate(pieces):
        match piece:
            case _Underlined(line, level):
                yield Heading(Span(line.start, line.end), (line.number, line.number), level)
            case _Text(lines, _):
                span = Span(lines[0].start, lines[-1].end)
                numbers = (lines[0].number, lines[-1].number)
                if place in headings:
                    yield Heading(span, numbers, _LEVEL if place else 1)
                else:
                    yield Paragraph(span, numbers)
            case _Listed(lines):
                yield _list(lines)
            case _:
                yield piece


def _headings(pieces: list[_Piece]) -> set[int]:
    """The indexes of headings: single short lines above a paragraph, or two at the very top.

    Several short lines in a row look like a list and remain paragraphs, so that search finds them.
    """
    places: set[int] = set()
    run: list[int] = []
    for place, piece in enumerate(pieces):
        below = pieces[place + 1] if place + 1 < len(pieces) else None
        if isinstance(piece, _Text) and piece.may_head and _heads(piece.lines[0], below):
            run.append(place)
            continue
        if len(run) == 1 or run == [0, 1]:
            places.update(run)
        run = []
    return places


def _heads(line: _Line, below: _Piece | None) -> bool:
    """Whether a line may be the heading of what is below: no continuation, not indented less."""
    if not may_be_heading(line.words):
        return False
    if isinstance(below, _Text):
        first = below.lines[0]
        return first.indent >= line.indent and not first.words[0].islower()
    return True


def may_be_heading(line: str) -> bool:
    """Whether a line can be a heading: short, and neither a sentence nor the start of one.

    >>> [may_be_heading(line) for line in ("Opening hours", "You can", "-i, --ignore-case")]
    [True, False, False]
    """
    return (
        len(line) <= MAX_HEADING_LENGTH
        and (line[0].isalnum() or line[0] in "\"'“‘«([¿§")
        and not line[0].islower()
        and any(c.isalpha() for c in line)
        and not _NO_HEADING_END.search(line)
        and (not _GOES_ON.search(line) or bool(_ASKS_ITSELF.match(line)))
    )
