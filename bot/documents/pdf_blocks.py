"""The lines of a PDF's pages to blocks: which are paragraphs, lists, tables, code and headings."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, cast

from bot.documents.pdf_lines import HYPHEN, Line
from bot.documents.pdf_tables import Grid, grid_at
from bot.documents.plain_text import may_be_heading
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
    TextBuilder,
    asks,
)
from bot.model import CELLS, Span

# A heading is so much larger than the text.
HEADING_SIZE = 1.12
MAX_HEADING_LENGTH = 120
# A new paragraph begins so much further down than a new line.
PARAGRAPH_GAP = 1.3
# The distance of lines is the smallest that such a share of them have.
PITCH_SHARE = 0.05
# What stands below a term defines it, up to so many characters.
MAX_DEFINITION_LENGTH = 800
# Sizes that differ by less are one.
SAME_SIZE = 0.06

# Where a line has so much of its column left, the next word was put below it on purpose.
_WIDE_ROOM = 0.3

_BULLET = "•▪◦‣·●○■□–—*\uf0b7\uf0a7\uf0d8-"
_MARK = re.compile(rf"(?:[{_BULLET}]|o|\(?\d{{1,3}}[.)]|\(?[a-zA-Z][.)])\s+(?=\S)")
_ENDS = re.compile(r"[.!?:;][\"'”’)\]»]*$")
_LEADERS = re.compile(r"(?:\s?\.){4,}\s*[\divxlc]*$|(?:…\s?){2,}[\divxlc]*$", re.I)
_TAIL = 200
_DOTS = re.compile(r"(?:\s?\.){4,}|(?:…\s?){2,}")
_NO_HEADING = re.compile(r"[.,;][\"'”’)\]]*$")
_OWN_NUMBER = re.compile(
    r"^(?:chapter|section|part|appendix)?\s*[\dA-Z]{1,3}(?:\.\d{1,3})*[.:)]?\s+"
)
_WORD = re.compile(r"[^\W\d_]+")


class Outline(NamedTuple):
    """An entry of the outline: its title, its page from 1, and its level from 1."""

    title: str
    page: int
    level: int


class _Text(NamedTuple):
    """Lines that are a paragraph, a part of a list, or code."""

    lines: list[Line]
    points: bool = False


class _Title(NamedTuple):
    """Lines that are a heading; without a level where only their size tells it."""

    lines: list[Line]
    level: int | None


class _Term(NamedTuple):
    """A line that is defined by what stands below it, further in."""

    line: Line


_Piece = _Text | _Title | _Term | Grid


def blocks(
    pages: Sequence[Sequence[Line]], outline: Iterable[Outline]
) -> tuple[str, list[Block], list[tuple[int, int]]]:
    """The text, its blocks, and where in it each page begins: `(start, number of the page)`."""
    pieces = _Pieces(pages, outline).pieces()
    writer = _Writer(pages, pieces)
    found = list(writer.blocks())
    return writer.text.text, found, writer.starts


class _Pieces:
    """Goes through the lines and tells what belongs together."""

    def __init__(self, pages: Sequence[Sequence[Line]], outline: Iterable[Outline]) -> None:
        self._pages = pages
        lines = [line for page in pages for line in page]
        self._body, self._is_bold = _body(lines)
        self._pitch = _pitch(lines, self._body)
        self._titles: dict[int, dict[str, int]] = {}
        for entry in outline:
            for key in _keys(entry.title):
                self._titles.setdefault(entry.page, {}).setdefault(key, entry.level)
        self._found: list[_Piece] = []
        self._page: Sequence[Line] = ()
        self._is_contents = False

    def pieces(self) -> list[_Piece]:
        """All of them, in order."""
        for page in self._pages:
            self._page = page
            leading = sum(_leads(line.words) for line in page)
            self._is_contents = leading >= max(4, len(page) / 4)
            at = 0
            while at < len(page):
                at += self._take(page, at)
        return self._found

    def _take(self, lines: Sequence[Line], at: int) -> int:
        """Take what begins at a line of a page; returns how many lines it is."""
        if self._is_entry(lines[at]):
            self._found.append(_Text([lines[at]], points=True))
            return 1
        if self._is_term(lines, at):
            self._found.append(_Term(lines[at]))
            return 1
        title = self._title(lines, at)
        is_larger = lines[at].size >= HEADING_SIZE * self._body
        grid = grid_at(lines, at, self._grid_before(lines[at])) if not is_larger else None
        if grid is not None and (title is None or title.level is None):
            self._found.append(grid)
            return grid.lines
        if title is not None:
            self._found.append(title)
            return len(title.lines)
        self._add(lines[at])
        return 1

    def _grid_before(self, line: Line) -> Grid | None:
        """The table with which the page before this line's ends."""
        last = self._found[-1] if self._found else None
        return last if isinstance(last, Grid) and last.page == line.page - 1 else None

    def _is_entry(self, line: Line) -> bool:
        """Whether a line is one of a table of contents."""
        numbered = line.words[-1].isdigit() and self._is_contents
        leads = _leads(line.words) and any(map(str.isalpha, line.words))
        return numbered or leads

    def _is_term(self, lines: Sequence[Line], at: int) -> bool:
        """Whether a line in bold has its definition right below it, set further in."""
        if at + 1 == len(lines) or not lines[at].bold or not _same_size(*lines[at : at + 2]):
            return False
        line, below = lines[at], lines[at + 1]
        near = 0 < line.bottom - below.top <= PARAGRAPH_GAP * self._pitch
        return near and not below.bold and 0.8 < (below.left - line.left) / line.size < 6

    def _title(self, lines: Sequence[Line], at: int) -> _Title | None:
        line = lines[at]
        for number in (3, 2, 1):
            taken = list(lines[at : at + number])
            known = self._titles.get(line.page)
            keys = _keys(" ".join(one.words for one in taken)) if known else ()
            for key in keys:
                if known and key in known and len(taken) == number:
                    return _Title(taken, known[key])
        if not self._may_head(line):
            return None
        taken = [line]
        for below in lines[at + 1 : at + 3]:
            near = 0 <= taken[-1].bottom - below.top < 1.6 * line.size
            if not near or below.bold != line.bold or not _same_size(below, line):
                break
            taken.append(below)
        if len(taken) > 1 and not all(map(self._may_head, taken)):
            return None
        words = " ".join(one.words for one in taken)
        return _Title(taken, None) if len(words) <= MAX_HEADING_LENGTH else None

    def _may_head(self, line: Line) -> bool:
        larger = line.size >= HEADING_SIZE * self._body
        bold = line.bold and not self._is_bold and line.size >= 0.95 * self._body
        return (
            (larger or bold)
            and len(line.words) <= MAX_HEADING_LENGTH
            and any(c.isalpha() for c in line.words)
            and not line.words[0].islower() | (line.words[0] in _BULLET)
            and not _NO_HEADING.search(line.words)
            and not _leads(line.words)
        )

    def _add(self, line: Line) -> None:
        """Add a line to the paragraph that it goes on with, or as the first of another."""
        place = len(self._found) - 1
        last = self._found[place] if self._found else None
        if isinstance(last, _Text) and last.lines[-1].page != line.page:
            # Notes at the foot of the page stand between.
            while place > 0 and self._is_note(self._found[place], line):
                place -= 1
            before = self._found[place]
            if isinstance(before, _Text) and self._goes_on_over_page(before, line):
                self._found.append(self._found.pop(place))
                before.lines.append(line)
            else:
                self._found.append(_Text([line]))
        elif isinstance(last, _Text) and _is_beside(last.lines[-1], line):
            above = last.lines[-1]
            words = f"{above.words} {line.words}"
            beside = above._replace(words=words, right=line.right, bottom=line.bottom)
            last.lines[-1] = beside
        elif isinstance(last, _Text) and not last.points and not self._begins(last.lines, line):
            last.lines.append(line)
        else:
            self._found.append(_Text([line]))

    def _is_note(self, piece: _Piece, line: Line) -> bool:
        if not isinstance(piece, _Text):
            return False
        first = piece.lines[0]
        return first.page == line.page - 1 and first.size < (1 - SAME_SIZE) * line.size

    def _goes_on_over_page(self, before: _Text, line: Line) -> bool:
        last = before.lines[-1]
        if last.page != line.page - 1 or not _same_style(last, line) or _mark(line):
            return False
        return not _ENDS.search(last.words) or (line.words[0].islower() and not last.fixed)

    def _begins(self, lines: Sequence[Line], line: Line) -> bool:
        """Whether a line begins another paragraph than the lines above it."""
        last = lines[-1]
        if not _same_style(last, line):
            return True
        if _mark(line) or last.words.endswith(HYPHEN):
            return bool(_mark(line))
        gap = last.bottom - line.top
        ended = bool(_ENDS.search(last.words))
        if gap < -0.5 * line.size:
            return ended or not line.words[0].islower()
        if gap > PARAGRAPH_GAP * self._pitch * max(1.0, line.size / self._body):
            return True
        if line.fixed or abs(gap) < 0.3 * line.size:
            return False
        return self._is_set_off(lines, line, ended=ended)

    def _is_set_off(self, lines: Sequence[Line], line: Line, *, ended: bool) -> bool:
        """Whether a line is set further in or out, or the one above it was ended on purpose."""
        last, step = lines[-1], 0.8 * line.size
        if _mark(lines[0]) and line.left > lines[0].left + 0.3 * line.size:
            return False  # it hangs below the first words of the item
        if _mark(lines[0]) and ended:
            return True
        if last.left + step < line.left:
            return ended or line.left > last.left + 2 * step
        if line.left < last.left - step and len(lines) > 1:
            return True
        first = len(line.words.split(" ", 1)[0])
        begins, ends = self._column(last)
        room = ends - last.right
        if room <= (0.6 * first + 1) * line.size:
            return False
        return ended or not line.words[0].islower() or room > _WIDE_ROOM * (ends - begins)

    def _column(self, line: Line) -> tuple[float, float]:
        """From where to where the lines reach that begin about where this one does."""
        near = 3 * line.size
        rights = [one.right for one in self._page if abs(one.left - line.left) < near]
        return line.left, max(rights, default=line.right)


class _Writer:
    """Writes the text, block by block, and notes where each page begins."""

    def __init__(self, pages: Sequence[Sequence[Line]], pieces: list[_Piece]) -> None:
        self._pieces = pieces
        self.text = TextBuilder()
        self.starts: list[tuple[int, int]] = []
        words = (word for page in pages for line in page for word in _WORD.findall(line.words))
        self._words = {word.casefold() for word in words}
        self._compounds = {
            found.casefold()
            for page in pages
            for line in page
            if "-" in line.words
            for found in re.findall(r"\w+(?:-\w+)+", line.words)
        }
        self._levels = _levels(pieces)
        self._deepest = 1 + max(self._levels.values(), default=1)
        self._margins = {page[0].page: min(line.left for line in page) for page in pages if page}
        lines = [line for page in pages for line in page]
        self._pitch = _pitch(lines, _body(lines)[0])

    def blocks(self) -> Iterator[Block]:
        """Each block in order."""
        at, table = 0, cast(Table | None, None)
        while at < len(self._pieces):
            piece = self._pieces[at]
            at += 1
            match piece:
                case _Title(lines, _):
                    span = self._add(lines)
                    yield Heading(span, None, self._levels[at - 1])
                case Grid():
                    rows = self._rows(piece)
                    if piece.goes_on and table is not None:
                        table.rows.extend(rows)
                    else:
                        table = self._table(piece, rows)
                        yield table
                case _Term():
                    at -= 1
                    items = list[Item]()
                    while at < len(self._pieces) and self._is_defined(at):
                        item, at = self._definition(at, "\n" if items else "\n\n")
                        items.append(item)
                    if items:
                        yield List(items)
                    else:
                        yield Heading(self._add([piece.line]), None, self._deepest)
                        at += 1
                case _Text(lines, True):
                    yield self._entry(lines[0])
                case _Text(lines) if all(line.fixed for line in lines):
                    yield Code(self._add(lines, "\n"), None)
                case _Text(lines) if self._is_numbered_heading(at - 1):
                    yield Heading(self._add(lines), None, self._deepest)
                case _Text(lines) if _mark(lines[0]):
                    marked = [lines]
                    while at < len(self._pieces) and (more := _items_at(self._pieces[at])):
                        marked.append(more)
                        at += 1
                    yield self._list(marked)
                case _Text(lines) if listed := self._unmarked(at - 1):
                    yield self._list(listed, mark="- ")
                    at += len(listed) - 1
                case _Text(lines):
                    yield self._paragraph(lines)

    def _is_numbered_heading(self, at: int) -> bool:
        """Whether a short line with a number, alone, stands above a paragraph: `3. Leave`."""
        before = self._pieces[at - 1] if at else None
        piece, below = self._pieces[at], (*self._pieces[at + 1 : at + 2], None)[0]
        if not isinstance(piece, _Text) or not isinstance(below, _Text) or len(piece.lines) > 1:
            return False
        mark, words = _mark(piece.lines[0]), piece.lines[0].words
        if mark is None or not mark[0][0].isdigit() or not may_be_heading(words):
            return False
        listed = isinstance(before, _Text) and (
            bool(_mark(before.lines[0])) or before.lines[-1].words.endswith(":")
        )
        return not listed and not _mark(below.lines[0])

    def _paragraph(self, lines: list[Line]) -> Block:
        span = self._add(lines)
        if asks(self._said(lines)[0], is_bold=all(line.bold for line in lines)):
            return Question(span, None)
        return Paragraph(span, None)

    def _entry(self, line: Line) -> Block:
        """An entry of the contents, without the dots that lead to its number."""
        plain = " ".join(_DOTS.sub(" ", line.words).split())
        return Paragraph(self._add([line._replace(words=plain)]), None, points=True)

    def _unmarked(self, at: int) -> list[list[Line]]:
        """The items of a list whose marks are drawn: they stand further in, without gaps."""
        found = list[list[Line]]()
        for piece in self._pieces[at:]:
            if not isinstance(piece, _Text) or piece.points or piece.lines[0].fixed:
                break
            first, above = piece.lines[0], found[-1][-1] if found else None
            if _mark(first) or first.left < self._margins.get(first.page, 0) + 1.5 * first.size:
                break
            if above is not None and not self._is_tight(above, first):
                break
            found.append(piece.lines)
        return found if len(found) > 1 and self._hangs_below(at, found[0][0]) else []

    def _is_tight(self, above: Line, line: Line) -> bool:
        near = 0 < above.bottom - line.top <= PARAGRAPH_GAP * self._pitch
        return near and _same_style(above, line)

    def _hangs_below(self, at: int, line: Line) -> bool:
        """Whether what stands before a piece begins further out."""
        before = self._pieces[at - 1] if at else None
        return isinstance(before, _Text | _Title) and before.lines[0].left < line.left - line.size

    def _list(self, items: list[list[Line]], mark: str = "") -> Block:
        """The items; one that is set further in is in the one above it."""
        whole = List([])
        opened = list[tuple[float, Item]]()
        for place, lines in enumerate(items):
            left = lines[0].left
            while opened and opened[-1][0] >= left - 0.3 * lines[0].size:
                opened.pop()
            indent = "    " * len(opened)
            between = "\n" if place else "\n\n"
            added = self._add(lines, between=between, indent=indent + mark)
            item = Item(Span(added.start + len(indent), added.end), None)
            into = _sublist(opened[-1][1]) if opened else whole
            into.items.append(item)
            opened.append((left, item))
        return whole

    def _is_defined(self, at: int) -> bool:
        """Whether what stands below a term is as short as a definition; else it is a section."""
        return isinstance(self._pieces[at], _Term) and (
            sum(len(line.words) for piece in self._below(at) for line in piece.lines)
            <= MAX_DEFINITION_LENGTH
        )

    def _below(self, at: int) -> list[_Text]:
        """The paragraphs that stand below a term, further in and as large."""
        term = self._pieces[at]
        found = list[_Text]()
        assert isinstance(term, _Term)
        for piece in self._pieces[at + 1 :]:
            if not isinstance(piece, _Text):
                break
            first, size = piece.lines[0], term.line.size
            if first.left < term.line.left + 0.5 * size or not _same_size(first, term.line):
                break
            found.append(piece)
        return found

    def _definition(self, at: int, between: str) -> tuple[Item, int]:
        """A term with what defines it, and where the next piece is."""
        term = self._pieces[at]
        assert isinstance(term, _Term)
        item = Item(self._add([term.line], between=between), None)
        below = self._below(at)
        for piece in below:
            indent = "    "
            added = self._add(piece.lines, between="\n", indent=indent)
            item.blocks.append(Paragraph(Span(added.start + len(indent), added.end), None))
        return item, at + 1 + len(below)

    def _rows(self, grid: Grid) -> list[Row]:
        rows = list[Row]()
        for cells in grid.rows:
            words = CELLS.join(self._whole_words(cell) for cell in cells)
            between = "\n" if rows or grid.goes_on else "\n\n"
            self._turn(grid.page, between)
            rows.append(Row(self.text.add(words, between), None))
        return rows

    def _table(self, grid: Grid, rows: list[Row]) -> Table:
        full = all(grid.rows[0]) and len(rows) > 1
        heads = full and (grid.bold_first or not any(c.isdigit() for c in "".join(grid.rows[0])))
        return Table(rows[0], rows[1:]) if heads else Table(None, rows)

    def _add(
        self, lines: Sequence[Line], join: str = " ", between: str = "\n\n", indent: str = ""
    ) -> Span:
        words, turns = self._said(lines, join)
        start = self._turn(lines[0].page, between)
        span = self.text.add(indent + words, between)
        for place, page in turns:
            self._note(start + len(indent) + place, page)
        return span

    def _turn(self, page: int, between: str) -> int:
        """Note where the next piece begins, if it is the first of its page."""
        start = self.text.length + (len(between) if self.text.length else 0)
        self._note(start, page)
        return start

    def _note(self, start: int, page: int) -> None:
        if not self.starts or page > self.starts[-1][1]:
            self.starts.append((start, page))

    def _said(self, lines: Sequence[Line], join: str = " ") -> tuple[str, list[tuple[int, int]]]:
        """The words of some lines, and where in them another page begins."""
        words, turns = "", list[tuple[int, int]]()
        page = lines[0].page
        for line in lines:
            said = line.words
            if not words and (mark := _MARK.match(said)) and not mark[0].strip(_BULLET + "o "):
                said = "- " + said[mark.end() :]
            if words.endswith("-") and said[0].isalpha() and join == " ":
                words = words[:-1] + HYPHEN
            elif words and not words.endswith(HYPHEN):
                words += join
            if line.page != page:
                turns.append((len(self._whole_words(words)), line.page))
                page = line.page
            words += said
        return self._whole_words(words), turns

    def _whole_words(self, said: str) -> str:
        return _BROKEN.sub(self._rejoined, said).replace(HYPHEN, "-") if HYPHEN in said else said

    def _rejoined(self, broken: re.Match[str]) -> str:
        """A word that a line's end broke: with its hyphen where it has one elsewhere."""
        first, second = broken[1], broken[2]
        compound, whole = f"{first}-{second}", first + second
        if not second[0].islower() or compound.casefold() in self._compounds:
            return compound
        if whole.casefold() in self._words or _is_english(whole):
            return whole
        both = all(part.casefold() in self._words for part in (first, second))
        return compound if both and _is_english(first) and _is_english(second) else whole


_BROKEN = re.compile(rf"(?<!\w)(\w{{1,60}}){HYPHEN}\s?(\w{{1,60}})")


def _is_english(word: str) -> bool:
    from bot.english.spelling import is_english

    return is_english(word.casefold())


def _items_at(piece: _Piece) -> list[Line]:
    """The lines of an item; none of what is none."""
    return piece.lines if isinstance(piece, _Text) and _mark(piece.lines[0]) else []


def _sublist(item: Item) -> List:
    if not item.blocks:
        item.blocks.append(List([]))
    last = item.blocks[-1]
    assert isinstance(last, List)
    return last


def _levels(pieces: Sequence[_Piece]) -> dict[int, int]:
    """The level of each heading, by its place: from the outline, or by size among the others.

    The largest of all, at the top and nowhere else, is the title.
    """
    titles = {n: piece for n, piece in enumerate(pieces) if isinstance(piece, _Title)}
    known = [one.level + 1 for one in titles.values() if one.level is not None]
    deepest = max(known, default=1)
    by_look = dict[tuple[int, bool], int]()
    for one in titles.values():
        if one.level is not None:
            by_look.setdefault(_look(one), one.level + 1)
    looks = sorted({_look(one) for one in titles.values()} - by_look.keys(), reverse=True)
    by_look |= {look: deepest + n for n, look in enumerate(looks, start=1)}
    levels = {
        n: by_look[_look(one)] if one.level is None else one.level + 1 for n, one in titles.items()
    }
    counted = Counter(_look(one) for one in titles.values())
    top = titles.get(0)
    if top is not None and counted[_look(top)] == 1 and _look(top) == max(counted):
        levels[0] = 1
    return levels


def _look(title: _Title) -> tuple[int, bool]:
    return round(2 * title.lines[0].size), title.lines[0].bold


def _body(lines: Sequence[Line]) -> tuple[float, bool]:
    """The size of most letters, and whether most are bold."""
    sizes, bold = Counter[float](), 0
    for line in lines:
        sizes[round(line.size, 1)] += len(line.words)
        bold += len(line.words) * line.bold
    return (sizes.most_common(1)[0][0] or 1.0), 2 * bold > sizes.total()


def _pitch(lines: Sequence[Line], body: float) -> float:
    """How far a line of the text stands below the one before it."""
    gaps = Counter(
        round(above.bottom - line.top, 1)
        for above, line in pairwise(lines)
        if 0.8 * body < above.bottom - line.top < 3 * body and _same_size(above, line)
    )
    common = [gap for gap, number in gaps.items() if number >= PITCH_SHARE * gaps.total()]
    return min(common, default=1.2 * body)


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= SAME_SIZE * max(one.size, other.size)


def _is_beside(above: Line, line: Line) -> bool:
    """Whether a line goes on where one that a raised mark ended stops."""
    near = 0 <= line.left - above.right < 2 * line.size
    return near and abs(above.bottom - line.top) < 0.5 * line.size


def _same_style(one: Line, other: Line) -> bool:
    if not _same_size(one, other) or one.fixed != other.fixed:
        return False
    goes_on = not _ENDS.search(one.words) and other.words[0].islower()
    return one.bold == other.bold or goes_on


def _leads(words: str) -> bool:
    """Whether a line leads by dots to a page's number."""
    return bool(_LEADERS.search(words[-_TAIL:]))


def _mark(line: Line) -> re.Match[str] | None:
    return _MARK.match(line.words)


def _keys(title: str) -> tuple[str, ...]:
    """A title as it is compared: its letters and digits, with its number and without."""
    whole = " ".join(title.split())
    tell: Callable[[str], str] = lambda said: "".join(filter(str.isalnum, said.casefold()))  # noqa: E731
    keys = (tell(whole), tell(_OWN_NUMBER.sub("", whole, count=1)))
    return tuple(key for key in dict.fromkeys(keys) if len(key) > 1)
