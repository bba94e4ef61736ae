"""Groups the lines of a PDF's pages into pieces: paragraphs, headings, terms and tables."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from bot.documents.pdf_lines import HYPHEN, Line
from bot.documents.pdf_tables import Grid, grid_at

# A heading's font size, at least, relative to the text.
HEADING_SIZE = 1.12
MAX_HEADING_LENGTH = 120
# A larger gap than this, in line distances, begins a new paragraph.
PARAGRAPH_GAP = 1.3
# The line distance is the smallest one that at least this share of the lines have.
PITCH_SHARE = 0.05
# Font sizes that differ by a smaller share count as equal.
SAME_SIZE = 0.06

# If a line leaves more than this share of its column free, it was broken on purpose.
_WIDE_ROOM = 0.3

BULLETS = "•▪◦‣·●○■□–—*\uf0b7\uf0a7\uf0d8-"
MARK = re.compile(rf"(?:[{BULLETS}]|o|\(?\d{{1,3}}[.)]|\(?[a-zA-Z][.)])\s+(?=\S)")
_ENDS = re.compile(r"[.!?:;][\"'”’)\]»]*$")
_LEADERS = re.compile(
    r"(?<![\s.])(?:\s?\.){4,}+\s{0,5}[\divxlc]{0,8}$|(?<![\s…])(?:…\s?){2,}+[\divxlc]{0,8}$", re.I
)
_TAIL = 200
DOTS = re.compile(r"(?:\s?\.){4,}|(?:…\s?){2,}")
# The number of a section or a clause at the beginning of a line: 3, 3.1, A.1.
_CLAUSE = re.compile(r"(?:\d{1,3}|[A-Z])(?:\.\d{1,3})+[.)]?\s+(?=[\"“‘']?[^\W\d_])")
_SECTION = re.compile(r"(?:\d{1,3}|[A-Z](?=\.))(?:\.\d{1,3})*[.)]?\s+(?=[^\W\d_])")
CONTENTS = re.compile(r"(?:table of )?contents:?|inhaltsverzeichnis|sommaire", re.I)
_NOTE_MARK = re.compile(r"\d{1,3}|[*†‡]")
_NO_HEADING = re.compile(r"[.,;][\"'”’)\]]*$")
_OWN_NUMBER = re.compile(
    r"^(?:chapter|section|part|appendix)?\s*[\dA-Z]{1,3}(?:\.\d{1,3})*[.:)]?\s+"
)


class Outline(NamedTuple):
    """An entry of the outline: its title, its page from 1, and its level from 1."""

    title: str
    page: int
    level: int


class TextPiece(NamedTuple):
    """Lines of a paragraph, a list item or code; with `points`, an entry of the contents."""

    lines: list[Line]
    points: bool = False


class TitlePiece(NamedTuple):
    """Lines of a heading; `level` is None if it is not in the outline."""

    lines: list[Line]
    level: int | None

    @property
    def words(self) -> str:
        """The heading on one line."""
        return " ".join(line.words for line in self.lines)


class TermPiece(NamedTuple):
    """A line in bold with an indented definition below it."""

    line: Line


Piece = TextPiece | TitlePiece | TermPiece | Grid


class Pieces:
    """Goes through the lines and groups those that belong together."""

    def __init__(self, pages: Sequence[Sequence[Line]], outline: Iterable[Outline]) -> None:
        self._pages = pages
        lines = [line for page in pages for line in page]
        self._body, self._is_bold = body_of(lines)
        self._pitch = pitch_of(lines, self._body)
        self._titles: dict[int, dict[str, int]] = {}
        for entry in outline:
            for key in _keys(entry.title):
                self._titles.setdefault(entry.page, {}).setdefault(key, entry.level)
        self._found: list[Piece] = []
        self._page: Sequence[Line] = ()
        self._is_contents = self._below_contents = False

    def pieces(self) -> list[Piece]:
        """All pieces, in order."""
        for page in self._pages:
            self._page = page
            leading = sum(_leads(line.words) for line in page)
            self._is_contents = leading >= max(4, len(page) / 4)
            at = 0
            while at < len(page):
                at += self._take(page, at)
        return self._found

    def _take(self, lines: Sequence[Line], at: int) -> int:
        """Take the piece that begins at a line of a page; returns its number of lines."""
        if self._is_entry(lines[at]):
            self._found.append(TextPiece([lines[at]], points=True))
            return 1
        if self._below_contents and _is_page_of(lines, at):
            self._found.append(TextPiece([_joined(lines[at], lines[at + 1])], points=True))
            return 2
        if self._is_term(lines, at):
            self._found.append(TermPiece(lines[at]))
            return 1
        title = self._title(lines, at)
        is_larger = lines[at].size >= HEADING_SIZE * self._body
        grid = grid_at(lines, at, self._grid_before(lines[at])) if not is_larger else None
        if grid is not None and (title is None or title.level is None):
            self._found.append(grid)
            return grid.lines
        if title is not None:
            self._below_contents = bool(CONTENTS.fullmatch(title.words))
            self._found.append(title)
            return len(title.lines)
        self._below_contents &= not _ENDS.search(lines[at].words)
        self._add(lines[at])
        return 1

    def _grid_before(self, line: Line) -> Grid | None:
        """The table at the end of the page before this line's page, or None."""
        last = self._found[-1] if self._found else None
        return last if isinstance(last, Grid) and last.page == line.page - 1 else None

    def _is_entry(self, line: Line) -> bool:
        """Whether a line is an entry of a table of contents."""
        numbered = line.words[-1].isdigit() and self._is_contents
        leads = _leads(line.words) and any(map(str.isalpha, line.words))
        paged = self._below_contents and line.cells and line.cells[-1].words.isdecimal()
        return numbered or leads or bool(paged)

    def _is_term(self, lines: Sequence[Line], at: int) -> bool:
        """Whether a line is in bold with an indented definition right below it."""
        if at + 1 == len(lines) or not lines[at].bold or not same_size(*lines[at : at + 2]):
            return False
        line, below = lines[at], lines[at + 1]
        near = 0 < line.bottom - below.top <= PARAGRAPH_GAP * self._pitch
        return near and not below.bold and 0.8 < (below.left - line.left) / line.size < 6

    def _title(self, lines: Sequence[Line], at: int) -> TitlePiece | None:
        line = lines[at]
        for number in (3, 2, 1):
            taken = list(lines[at : at + number])
            known = self._titles.get(line.page)
            keys = _keys(" ".join(one.words for one in taken)) if known else ()
            for key in keys:
                if known and key in known and len(taken) == number:
                    return TitlePiece(taken, known[key])
        if not self._may_head(line):
            return None
        taken = [line]
        for below in lines[at + 1 : at + 3]:
            near = 0 <= taken[-1].bottom - below.top < 1.6 * line.size
            if not near or below.bold != line.bold or not same_size(below, line):
                break
            if _SECTION.match(below.words):
                break  # a heading of its own
            taken.append(below)
        if not all(self._may_head(one, goes_on=one is not line) for one in taken):
            return None
        words = " ".join(one.words for one in taken)
        return TitlePiece(taken, None) if len(words) <= MAX_HEADING_LENGTH else None

    def _may_head(self, line: Line, *, goes_on: bool = False) -> bool:
        """Whether a line may be a heading, or if it `goes_on`, the next line of one."""
        larger = line.size >= HEADING_SIZE * self._body
        bold = line.bold and not self._is_bold and line.size >= 0.95 * self._body
        return (
            (larger or bold)
            and len(line.words) <= MAX_HEADING_LENGTH
            and any(c.isalpha() for c in line.words)
            and (goes_on or not line.words[0].islower())
            and line.words[0] not in BULLETS
            and not _NO_HEADING.search(line.words)
            and not _leads(line.words)
        )

    def _add(self, line: Line) -> None:
        """Add a line to the paragraph that it continues, or begin a new one."""
        place = len(self._found) - 1
        last = self._found[place] if self._found else None
        if isinstance(last, TextPiece) and last.lines[-1].page != line.page:
            # Skip the footnotes in between.
            while place > 0 and self._is_note(self._found[place], line):
                place -= 1
            before = self._found[place]
            if isinstance(before, TextPiece) and self._goes_on_over_page(before, line):
                self._found.append(self._found.pop(place))
                before.lines.append(line)
            else:
                self._found.append(TextPiece([line]))
        elif isinstance(last, TextPiece) and _is_beside(last.lines[-1], line):
            last.lines[-1] = _joined(last.lines[-1], line)
        elif isinstance(last, TextPiece) and not last.points and not self._begins(last.lines, line):
            last.lines.append(line)
        else:
            self._found.append(TextPiece([line]))

    def _is_note(self, piece: Piece, line: Line) -> bool:
        if not isinstance(piece, TextPiece):
            return False
        first = piece.lines[0]
        return first.page == line.page - 1 and first.size < (1 - SAME_SIZE) * line.size

    def _goes_on_over_page(self, before: TextPiece, line: Line) -> bool:
        last = before.lines[-1]
        if last.page != line.page - 1 or not same_style(last, line) or mark_of(line):
            return False
        return not _ENDS.search(last.words) or (line.words[0].islower() and not last.fixed)

    def _begins(self, lines: Sequence[Line], line: Line) -> bool:
        """Whether a line begins a new paragraph after the lines above it."""
        last = lines[-1]
        if not same_style(last, line):
            return True
        if mark_of(line) or last.words.endswith(HYPHEN):
            return bool(mark_of(line))
        gap = last.bottom - line.top
        ended = bool(_ENDS.search(last.words))
        if ended and _CLAUSE.match(line.words):
            return True
        if gap < -0.5 * line.size:
            return ended or not line.words[0].islower()
        if gap > PARAGRAPH_GAP * self._pitch * max(1.0, line.size / self._body):
            return True
        if line.fixed or abs(gap) < 0.3 * line.size:
            return False
        return self._is_set_off(lines, line, ended=ended)

    def _is_set_off(self, lines: Sequence[Line], line: Line, *, ended: bool) -> bool:
        """Whether a line's indent changes, or the line above it was broken on purpose."""
        last, step = lines[-1], 0.8 * line.size
        if mark_of(lines[0]) and line.left > lines[0].left + 0.3 * line.size:
            return False  # a hanging indent below the item's first words
        if mark_of(lines[0]) and ended:
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
        """The left and right edge of the column of lines that begin about where this one does."""
        near = 3 * line.size
        rights = [one.right for one in self._page if abs(one.left - line.left) < near]
        # Another column beside this one ends it, even if there is wider text above or below.
        beside = [
            one.left - line.size
            for one in self._page
            if one.left > line.right and abs(one.top - line.bottom) < 1.5 * line.size
        ]
        return line.left, min([max(rights, default=line.right), *beside])


def body_of(lines: Sequence[Line]) -> tuple[float, bool]:
    """The most common font size, and whether most letters are bold."""
    sizes, bold = Counter[float](), 0
    for line in lines:
        sizes[round(line.size, 1)] += len(line.words)
        bold += len(line.words) * line.bold
    return (sizes.most_common(1)[0][0] or 1.0), 2 * bold > sizes.total()


def pitch_of(lines: Sequence[Line], body: float) -> float:
    """The usual distance between the baselines of two lines, in points."""
    gaps = Counter(
        round(above.bottom - line.top, 1)
        for above, line in pairwise(lines)
        if 0.8 * body < above.bottom - line.top < 3 * body and same_size(above, line)
    )
    common = [gap for gap, number in gaps.items() if number >= PITCH_SHARE * gaps.total()]
    return min(common, default=1.2 * body)


def same_size(one: Line, other: Line) -> bool:
    """Whether two lines have about the same font size."""
    return abs(one.size - other.size) <= SAME_SIZE * max(one.size, other.size)


def _is_beside(above: Line, line: Line) -> bool:
    """Whether a line continues the one above on the same baseline, split by a raised mark."""
    near = -0.5 * above.size <= line.left - above.right < 2 * line.size
    return near and abs(above.bottom - line.top) < 0.5 * line.size


def _is_page_of(lines: Sequence[Line], at: int) -> bool:
    """Whether the line after this one is just a number on the same baseline, far to the right."""
    if at + 1 == len(lines) or not lines[at + 1].words.isdecimal():
        return False
    return abs(lines[at].bottom - lines[at + 1].top) < 0.5 * lines[at].size


def _joined(above: Line, line: Line) -> Line:
    """A line with what stands beside it, but without the raised mark of a footnote."""
    raised = line.bottom > above.bottom + 0.15 * above.size and line.size < 0.9 * above.size
    if raised and _NOTE_MARK.fullmatch(line.words) and not above.words[-2:].isdigit():
        return above._replace(right=line.right)
    words = f"{above.words} {line.words}"
    return above._replace(words=words, right=line.right, bottom=line.bottom)


def same_style(one: Line, other: Line) -> bool:
    """Whether two lines may belong to one paragraph, judging by their fonts."""
    if not same_size(one, other) or one.fixed != other.fixed:
        return False
    goes_on = not _ENDS.search(one.words) and other.words[0].islower()
    return one.bold == other.bold or goes_on


def _leads(words: str) -> bool:
    """Whether a line ends with dot leaders and perhaps a page number."""
    return bool(_LEADERS.search(words[-_TAIL:]))


def mark_of(line: Line) -> re.Match[str] | None:
    """The list mark at the beginning of a line, or None."""
    return MARK.match(line.words)


def _keys(title: str) -> tuple[str, ...]:
    """Keys to compare titles by: their letters and digits, with and without their number."""
    whole = " ".join(title.split())
    tell: Callable[[str], str] = lambda said: "".join(filter(str.isalnum, said.casefold()))  # noqa: E731
    keys = (tell(whole), tell(_OWN_NUMBER.sub("", whole, count=1)))
    return tuple(key for key in dict.fromkeys(keys) if len(key) > 1)
