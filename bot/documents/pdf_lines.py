"""The lines of a PDF page with their positions, in PDFium's content order."""

import re
from collections.abc import Sequence
from ctypes import byref, c_double, c_int, c_ushort, create_string_buffer
from itertools import pairwise
from math import inf
from statistics import median
from typing import Any, NamedTuple

# PDFium's character for the hyphen of a word that continues on the next line; it omits that line
# end.
HYPHEN = "\ufffe"
# How many characters to sample at each end of a line, and their distance: one may be a footnote
# mark.
_SAMPLES, _APART = 3, 3
# How many characters to sample for the size and font of a line.
_WITHIN = 8
# Words with at least this gap or this difference of baselines, in font sizes, may be in different
# cells of a table.
_CELL_GAP = 0.45
_OTHER_LINE = 0.3
# In justified text the gaps of a line, at least so many, are alike: they differ by less than this
# and none is wider than a font size.
_JUSTIFIED_GAPS, _ALIKE = 4, 0.2
# A number or sign right after a word or full stop is the mark of a footnote if it is smaller than
# the letter before it, and raised by this share of that letter's size.
_AFTER_WORD = re.compile(r"(?:[^\W\d_]{3}|[.,;:!?)\]\"'”’])(\d{1,3}|[*†‡])(?![\w.])")
_SMALLER, _RAISED = 0.85, 0.1
# Stands for the characters of such a mark.
_DROPPED = "\ufdd0"
# In small capitals the first letter of a line is larger than the others, by these factors.
_SMALL_CAPITALS = (1.15, 1.6)
_FIXED_FLAG = 1
_FIXED_NAMES = (b"mono", b"courier", b"consol", b"cmtt", b"typewriter")
_BOLD_WEIGHT = 600
_BOLD_FLAG = 1 << 18
_BOLD_NAMES = (b"bold", b"black", b"heavy", b"cmbx", b"semibold", b"demi")
_MAX_CHARACTERS = 400_000


class Cell(NamedTuple):
    """A part of a line that is set apart from the others, perhaps a cell of a table.

    `start` is the index of its first letter on the page.
    """

    words: str
    left: float
    right: float
    base: float
    start: int = 0


class Line(NamedTuple):
    """A line of a page, or several lines that end with a hyphen and the one after them.

    `top` and `bottom` are the baselines of the first and the last, `left` is where the first begins
    and `right` where the last ends, in points from the page's lower left corner. `size` is the
    median font size in points. `cells` are its parts, if it has several. `bold` and `fixed` (a
    fixed-width font) hold for all sampled letters.
    """

    words: str
    page: int
    left: float
    right: float
    top: float
    bottom: float
    size: float
    bold: bool
    fixed: bool
    cells: tuple[Cell, ...] = ()


def lines_of(page: Any, number: int) -> list[Line]:
    """The lines of a page that are not blank; `number` is the page's number."""
    import pypdfium2.raw as raw

    text = page.get_textpage()
    try:
        reader = _Reader(raw, text.raw, number)
        return reader.lines()
    finally:
        text.close()


class _Reader:
    """Reads the characters of a page."""

    def __init__(self, raw: Any, text: Any, page: int) -> None:
        self._raw, self._text, self._page = raw, text, page
        self._characters = self._all()
        self._x, self._y = c_double(), c_double()
        self._matrix, self._box = raw.FS_MATRIX(), raw.FS_RECTF()
        self._name, self._flags = create_string_buffer(80), c_int()
        self._drop_marks()

    def lines(self) -> list[Line]:
        """The lines of the page in its main direction, upright or turned."""
        found: list[Line] = []
        turned: list[Line] = []
        start = 0
        for piece in self._characters.split("\n"):
            end = start + len(piece)
            first = start + len(piece) - len(piece.lstrip())
            last = start + len(piece.rstrip())
            if first < last:
                upright = self._raw.FPDFText_GetCharAngle(self._text, first) % 3.14159 < 0.1
                (found if upright else turned).extend(self._lines(first, last))
            start = end + 1
        return [line for line in (found if len(found) >= len(turned) else turned) if line.words]

    def _all(self) -> str:
        """The characters of the page, one per index of PDFium's."""
        count = min(_MAX_CHARACTERS, self._raw.FPDFText_CountChars(self._text))
        if count <= 0:
            return ""
        buffer = (c_ushort * (count + 1))()
        written = self._raw.FPDFText_GetText(self._text, 0, count, buffer)
        found = bytes(buffer)[: 2 * max(0, written - 1)].decode("utf-16-le", "replace")
        if len(found) == count and "\ufffd" not in found:
            return found
        codes = (self._raw.FPDFText_GetUnicode(self._text, at) for at in range(count))
        return "".join(map(_character, codes))

    def _drop_marks(self) -> None:
        """Replace the marks of footnotes, so that they do not stick to the words before them."""
        for found in reversed(list(_AFTER_WORD.finditer(self._characters))):
            start, end = found.span(1)
            size, raised = (
                self._size(start - 1),
                self._origin(start)[1] - self._origin(start - 1)[1],
            )
            if self._size(start) < _SMALLER * size and raised > _RAISED * size:
                whole = self._characters
                self._characters = whole[:start] + _DROPPED * (end - start) + whole[end:]

    def _lines(self, first: int, last: int) -> list[Line]:
        """The line between two indexes; several if PDFium missed where one ends, as at bullets."""
        line = self._line(first, last)
        starts = [
            after.start
            for before, after in pairwise(line.cells)
            if after.base < before.base - line.size / 2 and after.left < before.left
        ]
        if not starts:
            return [line]
        ends = [first + len(self._characters[first:at].rstrip()) for at in starts]
        return list(map(self._line, (first, *starts), (*ends, last)))

    def _line(self, first: int, last: int) -> Line:
        written = self._characters[first:last]
        broken = written.rfind(HYPHEN)
        tail = first + broken + 1 if broken >= 0 else first
        begins = self._samples(range(first, last, _APART))
        ends = self._samples(range(last - 1, max(tail, first) - 1, -_APART))
        tops = [self._origin(at)[1] for at in begins]
        bottoms = [self._origin(at)[1] for at in ends]
        within = self._within(first, last)
        sizes = [self._size(at) for at in within]
        size = self._usual_size(first, sizes)
        left = self._origin(begins[0])[0] if begins else 0.0
        right = self._origin(ends[0])[0] + size / 2 if ends else left
        fonts = [self._font(at) for at in within]
        bold, fixed = (all(font[n] for font in fonts) for n in (0, 1))
        cells = self._cells(first, last, size)
        place = (left, right, median(tops or [0.0]), median(bottoms or [0.0]))
        return Line(_clean(written), self._page, *place, size, bold, fixed, cells)

    def _usual_size(self, first: int, sizes: list[float]) -> float:
        """The size of the letters of a line; of the capitals if the others are small capitals."""
        usual = median(sizes) if sizes else 1.0
        if not self._characters[first].isupper():
            return usual
        larger = self._size(first) / usual
        least, most = _SMALL_CAPITALS
        return usual * larger if least <= larger <= most else usual

    def _within(self, first: int, last: int) -> list[int]:
        """Indexes sampled from the whole line, since some words may be in another font."""
        step = max(1, (last - first) // _WITHIN)
        return [at for at in range(first, last, step) if not self._is_blank(at)]

    def _is_blank(self, at: int) -> bool:
        return self._characters[at].isspace() or self._characters[at] in (HYPHEN, _DROPPED)

    def _samples(self, places: range) -> list[int]:
        found: list[int] = []
        for at in places:
            if self._is_blank(at):
                continue
            found.append(at)
            if len(found) == _SAMPLES:
                break
        return found

    def _origin(self, at: int) -> tuple[float, float]:
        self._raw.FPDFText_GetCharOrigin(self._text, at, byref(self._x), byref(self._y))
        return self._x.value, self._y.value

    def _size(self, at: int) -> float:
        """The size of a letter on the page, in points: its font size times its scaling."""
        size = float(self._raw.FPDFText_GetFontSize(self._text, at))
        if self._raw.FPDFText_GetMatrix(self._text, at, byref(self._matrix)):
            size *= (float(self._matrix.c) ** 2 + float(self._matrix.d) ** 2) ** 0.5
        return size if 0 < size < 10_000 else 1.0

    def _font(self, at: int) -> tuple[bool, bool]:
        """Whether a letter is bold, and whether its font is fixed-width."""
        self._name.value, self._flags.value = b"", 0
        self._raw.FPDFText_GetFontInfo(self._text, at, self._name, 80, byref(self._flags))
        name, flags = self._name.value.lower(), self._flags.value
        weight = self._raw.FPDFText_GetFontWeight(self._text, at)
        named = any(one in name for one in _BOLD_NAMES)
        bold = named or weight >= _BOLD_WEIGHT or bool(flags & _BOLD_FLAG)
        return bold, bool(flags & _FIXED_FLAG) or any(one in name for one in _FIXED_NAMES)

    def _cells(self, first: int, last: int, size: float) -> tuple[Cell, ...]:
        """The parts of a line that are set apart; empty if there is only one."""
        written = self._characters
        gaps = dict[tuple[int, int], float]()
        at = written.find(" ", first, last)
        while at > 0:
            after = at + 1
            while after < last and written[after] == " ":
                after += 1
            if first < at and after < last:
                gaps[at, after] = self._gap(at - 1, after, size)
            at = written.find(" ", after, last)
        ends = [place for place, gap in gaps.items() if gap > _CELL_GAP * size]
        if not ends or _is_justified(list(gaps.values()), size):
            return ()
        starts, stops = [first, *(b for _, b in ends)], [*(a for a, _ in ends), last]
        return tuple(map(self._cell, starts, stops))

    def _gap(self, before: int, after: int, size: float) -> float:
        """The space between two letters; infinite if they are not on one line."""
        left, right = self._origin(before), self._origin(after)
        if abs(left[1] - right[1]) > _OTHER_LINE * size and self._characters[before] != HYPHEN:
            return inf
        return right[0] - left[0] - self._width(before)

    def _cell(self, first: int, last: int) -> Cell:
        left, base = self._origin(first)
        right = self._origin(last - 1)[0] + self._width(last - 1)
        return Cell(_clean(self._characters[first:last]), left, right, base, first)

    def _width(self, at: int) -> float:
        """The width of a letter with the space that its font gives it: a colon is no gap."""
        self._raw.FPDFText_GetLooseCharBox(self._text, at, byref(self._box))
        return float(self._box.right) - float(self._box.left)


def _character(code: int) -> str:
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else " "


def _is_justified(gaps: Sequence[float], size: float) -> bool:
    """Whether the words of a line are only apart because the line is justified."""
    alike = max(gaps) - min(gaps) < _ALIKE * size
    return len(gaps) >= _JUSTIFIED_GAPS and alike and max(gaps) <= size


def _clean(written: str) -> str:
    """The text of a line: ligatures as letters, single spaces, no control characters."""
    from unicodedata import normalize

    plain = written.replace(_DROPPED, "") if _DROPPED in written else written
    plain = plain.replace("\u00ad", HYPHEN) if plain.endswith("\u00ad") else plain
    if not plain.isascii():
        plain = "".join(normalize("NFKC", c) if "\ufb00" <= c <= "\ufb06" else c for c in plain)
    if len(plain) > 2 and plain[1] == " " and not plain[0].isprintable():
        plain = "•" + plain[1:]  # a letter of a font of symbols
    plain = "".join(c if c.isprintable() or c == HYPHEN else " " for c in plain)
    return " ".join(plain.split())
