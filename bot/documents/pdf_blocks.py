"""Turns the pieces of a PDF's pages into blocks: paragraphs, lists, tables, code and headings."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from bot.documents.pdf_lines import HYPHEN, Line
from bot.documents.pdf_pieces import (
    BULLETS,
    CONTENTS,
    DOTS,
    MARK,
    PARAGRAPH_GAP,
    Outline,
    Piece,
    Pieces,
    TermPiece,
    TextPiece,
    TitlePiece,
    body_of,
    mark_of,
    pitch_of,
    same_size,
    same_style,
)
from bot.documents.pdf_tables import Grid
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
    one_cell,
)
from bot.model import CELLS, Span

# Longer text below a term is a section, not a definition.
MAX_DEFINITION_LENGTH = 800

# A first page with at most this many pieces and no sentence is a title page.
MAX_ON_TITLE_PAGE = 12
_ENDS_SENTENCE = re.compile(r"\w{3}[.!?][\"'”’)\]]*$")

_OWN_NUMBER = re.compile(r"((?:\d{1,3}|[A-Z])(?:\.\d{1,3})*)[.)]?\s")
_WORD = re.compile(r"[^\W\d_]+")


def blocks(
    pages: Sequence[Sequence[Line]], outline: Iterable[Outline]
) -> tuple[str, list[Block], list[tuple[int, int]]]:
    """The text, its blocks, and (offset in the text, page number) for the start of each page."""
    pieces = Pieces(pages, outline).pieces()
    writer = _Writer(pages, pieces)
    found = list(writer.blocks())
    return writer.text.text, found, writer.starts


class _Writer:
    """Builds the text block by block, and records where each page begins."""

    def __init__(self, pages: Sequence[Sequence[Line]], pieces: list[Piece]) -> None:
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
            for found in re.findall(r"\b\w++(?:-\w++)+", line.words)
        }
        self._levels = _levels(pieces)
        self._deepest = 1 + max(self._levels.values(), default=1)
        self._margins = {page[0].page: min(line.left for line in page) for page in pages if page}
        lines = [line for page in pages for line in page]
        self._pitch = pitch_of(lines, body_of(lines)[0])

    def blocks(self) -> Iterator[Block]:
        """Each block in order."""
        at, table = 0, cast(Table | None, None)
        while at < len(self._pieces):
            piece = self._pieces[at]
            at += 1
            match piece:
                case TitlePiece(lines, _):
                    span = self._add(lines)
                    yield Heading(span, None, self._levels[at - 1])
                case Grid():
                    rows = self._rows(piece)
                    if piece.goes_on and table is not None:
                        table.rows.extend(rows)
                    else:
                        table = self._table(piece, rows)
                        yield table
                case TermPiece():
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
                case TextPiece(lines, True):
                    yield self._entry(lines[0])
                case TextPiece(lines) if all(line.fixed for line in lines):
                    yield Code(self._add(lines, "\n"), None)
                case TextPiece(lines) if self._is_numbered_heading(at - 1):
                    yield Heading(self._add(lines), None, self._deepest)
                case TextPiece(lines) if mark_of(lines[0]):
                    marked = [lines]
                    while at < len(self._pieces) and (more := _items_at(self._pieces[at])):
                        marked.append(more)
                        at += 1
                    yield self._list(marked)
                case TextPiece(lines) if listed := self._unmarked(at - 1):
                    yield self._list(listed, mark="- ")
                    at += len(listed) - 1
                case TextPiece(lines):
                    yield self._paragraph(lines)

    def _is_numbered_heading(self, at: int) -> bool:
        """Whether a piece is a single short line with a number above a paragraph: `3. Leave`."""
        before = self._pieces[at - 1] if at else None
        piece, below = self._pieces[at], (*self._pieces[at + 1 : at + 2], None)[0]
        if (
            not isinstance(piece, TextPiece)
            or not isinstance(below, TextPiece)
            or len(piece.lines) > 1
        ):
            return False
        mark, words = mark_of(piece.lines[0]), piece.lines[0].words
        if mark is None or not mark[0][0].isdigit() or not may_be_heading(words):
            return False
        listed = isinstance(before, TextPiece) and (
            bool(mark_of(before.lines[0])) or before.lines[-1].words.endswith(":")
        )
        return not listed and not mark_of(below.lines[0])

    def _paragraph(self, lines: list[Line]) -> Block:
        span = self._add(lines)
        if asks(self._said(lines)[0], is_bold=all(line.bold for line in lines)):
            return Question(span, None)
        return Paragraph(span, None)

    def _entry(self, line: Line) -> Block:
        """An entry of the table of contents, without its dot leaders."""
        plain = " ".join(DOTS.sub(" ", line.words).split())
        return Paragraph(self._add([line._replace(words=plain)]), None, points=True)

    def _unmarked(self, at: int) -> list[list[Line]]:
        """The items of a list whose marks are drawings: indented pieces without gaps between."""
        found = list[list[Line]]()
        for piece in self._pieces[at:]:
            if not isinstance(piece, TextPiece) or piece.points or piece.lines[0].fixed:
                break
            first, above = piece.lines[0], found[-1][-1] if found else None
            if mark_of(first) or first.left < self._margins.get(first.page, 0) + 1.5 * first.size:
                break
            if above is not None and not self._is_tight(above, first):
                break
            found.append(piece.lines)
        return found if len(found) > 1 and self._hangs_below(at, found[0][0]) else []

    def _is_tight(self, above: Line, line: Line) -> bool:
        near = 0 < above.bottom - line.top <= PARAGRAPH_GAP * self._pitch
        return near and same_style(above, line)

    def _hangs_below(self, at: int, line: Line) -> bool:
        """Whether the piece before begins further left than a line."""
        before = self._pieces[at - 1] if at else None
        return (
            isinstance(before, TextPiece | TitlePiece)
            and before.lines[0].left < line.left - line.size
        )

    def _list(self, items: list[list[Line]], mark: str = "") -> Block:
        """The list of some items; an item that is indented more is nested in the one above."""
        whole = List([])
        opened = list[tuple[float, Item]]()
        for place, lines in enumerate(items):
            left = lines[0].left
            above = items[place - 1][-1] if place else lines[0]
            if above.page == lines[0].page and above.bottom < lines[0].top:
                opened.clear()  # the list goes on in the next column
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
        """Whether the text below a term is short enough to be its definition."""
        return isinstance(self._pieces[at], TermPiece) and (
            sum(len(line.words) for piece in self._below(at) for line in piece.lines)
            <= MAX_DEFINITION_LENGTH
        )

    def _below(self, at: int) -> list[TextPiece]:
        """The paragraphs below a term that are indented and of the same size."""
        term = self._pieces[at]
        found = list[TextPiece]()
        assert isinstance(term, TermPiece)
        for piece in self._pieces[at + 1 :]:
            if not isinstance(piece, TextPiece):
                break
            first, size = piece.lines[0], term.line.size
            if first.left < term.line.left + 0.5 * size or not same_size(first, term.line):
                break
            found.append(piece)
        return found

    def _definition(self, at: int, between: str) -> tuple[Item, int]:
        """A term with its definition, and the index of the next piece."""
        term = self._pieces[at]
        assert isinstance(term, TermPiece)
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
            words = CELLS.join(one_cell(self._whole_words(cell)) for cell in cells)
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
        """The offset of the next piece; recorded if it is the first of its page."""
        start = self.text.length + (len(between) if self.text.length else 0)
        self._note(start, page)
        return start

    def _note(self, start: int, page: int) -> None:
        if not self.starts or page > self.starts[-1][1]:
            self.starts.append((start, page))

    def _said(self, lines: Sequence[Line], join: str = " ") -> tuple[str, list[tuple[int, int]]]:
        """The text of some lines, and (offset in it, page number) for each page that begins."""
        words, turns = "", list[tuple[int, int]]()
        page = lines[0].page
        for line in lines:
            said = line.words
            if not words and (mark := MARK.match(said)) and not mark[0].strip(BULLETS + "o "):
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
        """A word that was hyphenated at a line end; it keeps the hyphen if it has one elsewhere."""
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


def _items_at(piece: Piece) -> list[Line]:
    """The lines of a piece that is a list item; otherwise none."""
    return piece.lines if isinstance(piece, TextPiece) and mark_of(piece.lines[0]) else []


def _sublist(item: Item) -> List:
    if not item.blocks:
        item.blocks.append(List([]))
    last = item.blocks[-1]
    assert isinstance(last, List)
    return last


def _levels(pieces: Sequence[Piece]) -> dict[int, int]:
    """The level of each heading by its index: from the outline, or from its size and weight.

    A heading at the top with a look that is larger than all others is the title, at level 1.
    """
    titles = {n: piece for n, piece in enumerate(pieces) if isinstance(piece, TitlePiece)}
    known = [one.level + 1 for one in titles.values() if one.level is not None]
    deepest = max(known, default=1)
    by_look = dict[tuple[int, bool], int]()
    for one in titles.values():
        if one.level is not None:
            by_look.setdefault(_look(one), one.level + 1)
    ranks = {n: _rank(one) for n, one in titles.items() if _look(one) not in by_look}
    ranked = {rank: deepest + n for n, rank in enumerate(sorted(set(ranks.values())), start=1)}
    levels = {
        n: one.level + 1
        if one.level is not None
        else ranked[ranks[n]]
        if n in ranks
        else by_look[_look(one)]
        for n, one in titles.items()
    }
    for n in _above_all(titles, pieces):
        levels[n] = max(levels.values())  # the headings after it are not below it
    counted = Counter(_look(one) for one in titles.values())
    top = titles.get(0)
    if top is not None and counted[_look(top)] == 1 and _look(top) == max(counted):
        levels[0] = 1
    return levels


def _above_all(titles: dict[int, TitlePiece], pieces: Sequence[Piece]) -> Iterator[int]:
    """The headings of the contents, and those on a title page: they head nothing that follows."""
    first = [one for one in pieces if _page(one) == 1]
    has_title_page = len(first) < len(pieces) and _is_title_page(first)
    for n, one in titles.items():
        if CONTENTS.fullmatch(one.words) or (has_title_page and _page(one) == 1):
            yield n


def _is_title_page(pieces: Sequence[Piece]) -> bool:
    return len(pieces) <= MAX_ON_TITLE_PAGE and all(
        isinstance(one, TitlePiece)
        or (isinstance(one, TextPiece) and not _ENDS_SENTENCE.search(one.lines[-1].words))
        for one in pieces
    )


def _page(piece: Piece) -> int:
    match piece:
        case Grid():
            return piece.page
        case TermPiece():
            return piece.line.page
        case _:
            return piece.lines[0].page


def _rank(title: TitlePiece) -> tuple[float, bool, int]:
    """Sorts headings by their level: larger ones first, then those in bold, then by number."""
    number = _OWN_NUMBER.match(title.lines[0].words)
    size, bold = _look(title)
    return -size, not bold, number[1].count(".") if number else 0


def _look(title: TitlePiece) -> tuple[int, bool]:
    return round(2 * title.lines[0].size), title.lines[0].bold
