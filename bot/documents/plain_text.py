"""Plain text to blocks: finds paragraphs, lists, questions and headings in its lines."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise, takewhile
from typing import NamedTuple

from bot.documents.tree import (
    Block,
    Code,
    Heading,
    Item,
    List,
    Paragraph,
    Question,
    Row,
    Table,
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
# In a text with tables, addresses and headings too, only lines of at least this length tell.
FULL_LINE = 45
# A line right above a paragraph is a heading if it fills at most this share of the width, which the
# next line exceeds, and has at most this many words.
_HEADING_SHARE, _HEADING_WORDS = 0.6, 6
# In columns: lines indented by this much below a colon are shown as they are.
MIN_INDENT = 2
# The level of a heading that is not underlined; underlined ones are above it.
_LEVEL = 3
_LEVELS = {"=": 1, "-": 2, "~": 2, "^": 2}

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_UNSEEN = "\ufeff\u200b"
_RULE = lazy_pattern(r"([-=_*~#^])(?:\s?\1){2,}+")
_NO_HEADING_END = re.compile(r"[.!:;,…][\"'”’»)\]]*$")
_MARK = lazy_pattern(r"(?:[-*•–—▪◦‣·]|\d{1,3}[.)]|\(?[a-zA-Z0-9]{1,2}\))[ \t]+(?=\S)")
# The number of a section: 2, 3.1, 3.1.2.
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3})*)\.?[ \t]+(?=[^\W\d_])")
# The number of a clause in running text, and the end of the line before it.
_CLAUSE = lazy_pattern(r"\d{1,3}(?:\.\d{1,3})+\.?[ \t]+[\"“‘']?[^\W\d_]")
_ENDS_SENTENCE = lazy_pattern(r"[.!?:;][\"'”’»)\]]*$")
# An entry of the contents: dots up to a page number.
_LEADERS = lazy_pattern(r"(?<![ \t.])(?:[ \t]?\.){4,}+[ \t]{0,5}[\divxlc]{1,6}$", re.I)
# Lines between the rows of a table, and those below aligned column names.
_BORDER = lazy_pattern(r"[+|][-=+:| \t]*[-=][-=+:| \t]*[+|]")
_COLUMN_RULE = lazy_pattern(r"([-=])\1+(?:[ \t]+\1{2,})+")
_VERSION = re.compile(r"v\d+(?:\.\d+)+\b")
_ANSWER = re.compile(r"A\s?[:.]\s")
# A line that ends with one of these words continues on the next one.
_GOES_ON = re.compile(
    r"\b(?:an?|the|of|and|or|but|to|for|with|by|from|at|as|is|are|was|were|be|can|could|may|might"
    r"|must|shall|should|will|would|has|have|had|that|which|not|nor|if|than|because|unless|your"
    r"|our|their|my|its)$"
)
_ASKS_ITSELF = lazy_pattern(r"(?:who|what|where|when|why|how|which)\b", re.I)


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


class _Rows(NamedTuple):
    """Lines of a table, and the line above them that names the columns."""

    header: _Line | None
    lines: list[_Line]


class _Indented(NamedTuple):
    """Indented lines below one that ends with a colon, such as a command to run."""

    lines: list[_Line]


class _Underlined(NamedTuple):
    """A heading with a rule below it."""

    line: _Line
    level: int


_Piece = _Text | _Listed | _Rows | _Indented | _Underlined | Question


def read(text: str, start: int = 0) -> Tree:
    """The blocks of a text after the offset `start`.

    Either each line is a paragraph, or paragraphs are wrapped and separated by blank lines; the
    lines themselves show which. A short line without a full stop above a paragraph is a heading,
    and at the top of the text it is the title.
    """
    groups = _groups(text, start)
    wrapped = _is_wrapped(groups)
    width = _width(groups) if wrapped else 0
    pieces: list[_Piece] = []
    for group in groups:
        if pieces and _is_indented(group, pieces[-1]):
            pieces.append(_Indented(group))
            continue
        for piece in _pieces(group, width):
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


def _is_indented(group: list[_Line], above: _Piece) -> bool:
    """Whether lines are set off by an indent, below a paragraph that introduces them."""
    if not isinstance(above, _Text) or not above.lines[-1].words.endswith(":"):
        return False
    least = above.lines[0].indent + MIN_INDENT
    return all(line.indent >= least for line in group) and not _mark(group[0].words)


def _is_wrapped(groups: list[list[_Line]]) -> bool:
    pairs = [pair for group in groups for pair in pairwise(group)]
    full = [(above, line) for above, line in pairs if _length(above) >= FULL_LINE]
    return any(
        len(found) >= least and sum(map(_goes_on, found)) >= WRAPPED_SHARE * len(found)
        for found, least in ((pairs, 1), (full, 2))
    )


def _goes_on(pair: tuple[_Line, _Line]) -> bool:
    """Whether the second of two lines goes on in lower case."""
    return pair[1].words[0].islower()


def _length(line: _Line) -> int:
    return line.indent + len(line.words)


def _width(groups: list[list[_Line]]) -> int:
    """The length at which lines are wrapped: that of the longest one that goes on in lower case."""
    pairs = (pair for group in groups for pair in pairwise(group))
    return max((_length(pair[0]) for pair in pairs if _goes_on(pair)), default=0)


def _pieces(group: list[_Line], width: int) -> Iterator[_Piece]:
    """The pieces in a group of lines; `width` is where lines are wrapped, or 0."""
    wrapped = width > 0
    longest = max(map(_length, group))
    at, headed = 0, True
    while at < len(group):
        line = group[at]
        below = group[at + 1] if at + 1 < len(group) else None
        rule = _rule(below.words) if below else None
        table = _table(group, at)
        begins, headed = headed, True  # whether no text is above this line, or the next one
        if table is not None:
            rows, at = table
            yield rows
        elif _rule(line.words):
            at += 1
        elif rule and rule[1] in _LEVELS and may_be_heading(line.words):
            yield _Underlined(line, _LEVELS[rule[1]])
            at += 2
        elif _is_entry(line.words):
            yield _Text([line], may_head=False)
            at += 1
        elif _mark(line.words) and (begins or not wrapped or _introduces(group[at - 1])):
            last = _end_of_list(group, at, wrapped=wrapped)
            yield _Listed(group[at:last])
            at = last
        elif line.words[0] in "Qq" and asks(line.words, is_bold=False):
            yield Question(Span(line.start, line.end), (line.number, line.number))
            at += 1
        elif not wrapped or _stands_alone(line, below, longest if at == 0 else 0, width):
            yield _Text([line], may_head=True)
            at += 1
        else:
            last = _end_of_paragraph(group, at)
            yield _Text(group[at:last], may_head=last == at + 1)
            at, headed = last, False


def _table(group: list[_Line], first: int) -> tuple[_Rows, int] | None:
    """The table that begins at a line of a group, and the index after it; or None.

    Its cells are between bars, or it has a rule with gaps below the names of its columns.
    """
    if group[first].words[0] not in "|+":
        if first + 1 == len(group) or not _is_column_rule(group[first + 1]):
            return None
        rows = [line for line in group[first + 2 :] if not _is_column_rule(line)]
        return _Rows(group[first], rows), len(group)
    lines = islice(group, first, None)
    drawn = list(takewhile(lambda line: _is_border(line) or _is_row(line), lines))
    rows = [line for line in drawn if not _is_border(line)]
    if len(drawn) < 2:
        return None
    if not rows:  # nothing but borders, which say nothing
        return _Rows(None, []), first + len(drawn)
    place = drawn.index(rows[0]) + 1
    heads = len(rows) > 1 and place < len(drawn) and _is_border(drawn[place])
    heads = heads and ("=" in drawn[place].words or sum(map(_is_border, drawn[place:-1])) == 1)
    cells = [_without_bars(line) for line in rows]
    return _Rows(cells[0] if heads else None, cells[heads:]), first + len(drawn)


def _is_border(line: _Line) -> bool:
    return line.words[0] in "|+" and bool(_BORDER.fullmatch(line.words))


def _is_column_rule(line: _Line) -> bool:
    return line.words[0] in "-=" and bool(_COLUMN_RULE.fullmatch(line.words))


def _is_row(line: _Line) -> bool:
    return line.words.startswith("|") and line.words.endswith("|") and line.words.count("|") > 2


def _without_bars(line: _Line) -> _Line:
    """A row without its outer bars and the space beside them, but with that of an empty cell."""
    inside = line.words[1:-1]
    bare = inside.strip()
    before = 0 if bare.startswith("|") else inside.index(bare)
    after = len(inside) if bare.endswith("|") else len(inside.rstrip())
    start = line.start + 1
    return line._replace(start=start + before, end=start + after, words=inside[before:after])


def _mark(words: str) -> re.Match[str] | None:
    """The mark that begins an item; a line that begins with two letters has none."""
    return None if words[:2].isalpha() else _MARK.match(words)


def _rule(words: str) -> re.Match[str] | None:
    return None if words[0].isalnum() else _RULE.fullmatch(words)


def _is_entry(words: str) -> bool:
    """Whether a line is an entry of the contents."""
    return ("..." in words or ". ." in words) and bool(_LEADERS.search(words))


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
        if _CLAUSE.match(line.words) and _ENDS_SENTENCE.search(group[at - 1].words):
            return at
    return len(group)


def _stands_alone(line: _Line, below: _Line | None, longest: int, width: int) -> bool:
    """Whether a line of wrapped text was broken on purpose, like a heading.

    The next line is indented more, or the line is a question with room for the next word. The
    first line of a group (which has `longest`) may also be numbered, in capitals, or much shorter
    than the text below.
    """
    if below is None or not may_be_heading(line.words) or below.words[0].islower():
        return False
    if below.indent > line.indent:
        return True
    room = longest - _length(line)
    if line.words.endswith("?") and len(below.words.split(maxsplit=1)[0]) < room:
        return True
    if not longest or _mark(below.words):
        return False
    short = _length(line) <= _HEADING_SHARE * width and len(line.words.split()) <= _HEADING_WORDS
    short = short and _length(below) > _HEADING_SHARE * width
    begins = below.words.split(maxsplit=1)[0].strip(".,:;").istitle()
    return (short and begins) or (
        room > 0 and (_in_capitals(line.words) or bool(_NUMBERED.match(line.words)))
    )


def _in_capitals(words: str) -> bool:
    return sum(map(str.isalpha, words)) > 2 and words.isupper()


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
                    level = _LEVEL + _depth(lines[0].words) if place else 1
                    yield Heading(span, numbers, level)
                else:
                    yield Paragraph(span, numbers, _is_entry(lines[-1].words))
            case _Listed(lines):
                yield _list(lines)
            case _Indented(lines):
                yield Code(Span(lines[0].start, lines[-1].end), (lines[0].number, lines[-1].number))
            case _Rows(header, lines):
                yield Table(_row(header) if header else None, [_row(line) for line in lines])
            case _:
                yield piece


def _row(line: _Line) -> Row:
    return Row(Span(line.start, line.end), (line.number, line.number))


def _depth(words: str) -> int:
    """How far below the first sections a heading's number puts it: 2 for `3.1.2`, else 0."""
    number = _NUMBERED.match(words)
    return number[1].count(".") if number else 0


def _headings(pieces: list[_Piece]) -> set[int]:
    """The indexes of headings: single short lines above a paragraph, or two at the very top.

    Several short lines in a row look like a list and remain paragraphs, so that search finds them,
    unless their capitals or numbers say that they are headings.
    """
    places: set[int] = set()
    run: list[int] = []
    for place, piece in enumerate(pieces):
        below = pieces[place + 1] if place + 1 < len(pieces) else None
        if isinstance(piece, _Text) and piece.may_head and _heads(piece.lines[0], below):
            asked = bool(run) and _asks(pieces[run[-1]])
            if not _surely_heads(piece.lines[0], below) or asked:
                run.append(place)
                continue
            places.add(place)
        if len(run) == 1 or run == [0, 1]:
            places.update(run)
        run = []
    return places


def _surely_heads(line: _Line, below: _Piece | None) -> bool:
    """Whether a line is a heading whatever is around it.

    It is a question above its answer, in capitals, or has the number of a section.
    """
    words = below.lines[0].words if isinstance(below, _Text) else ""
    if line.words.endswith("?"):
        return isinstance(below, _Text) and not _asks(below)
    if _in_capitals(line.words):
        return below is not None and not _in_capitals(words)
    own, next_number = _NUMBERED.match(line.words), _NUMBERED.match(words)
    if own is None:
        return False
    if next_number is not None:
        return next_number[1].startswith(f"{own[1]}.")
    return "." in own[1] and below is not None


def _asks(piece: _Piece) -> bool:
    return isinstance(piece, _Text) and piece.lines[-1].words.endswith("?")


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
        and (not line[0].islower() or bool(_VERSION.match(line)))
        and any(c.isalpha() for c in line)
        and not _NO_HEADING_END.search(line)
        and (not _GOES_ON.search(line) or bool(_ASKS_ITSELF.match(line)))
    )
