"""Finds tables in a PDF: lines whose parts are aligned in columns."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from bot.documents.pdf_lines import Cell, Line
from bot.documents.tree import is_caption

# A first column of these is list marks or heading numbers, not a table.
_BULLET = re.compile(r"[^\w\s]")
_MARK = re.compile(r"[^\w\s]|\(?(?:[\divxlc]+|[a-zA-Z])(?:\.\d+)*[.)]?", re.I)
# A line with one part belongs to a table if one of this many lines below it has several.
_NEAR = 2
# The largest line distance within a cell, in font sizes.
_WITHIN_CELL = 1.6
# A table has at least this many rows with more than one cell.
_MIN_ROWS = 2
_MAX_COLUMNS = 30
# Gaps of two lines may align by chance, so a table with fewer rows needs a wider gutter, in font
# sizes.
_SURE_ROWS, _SURE_GUTTER = 3, 0.8


class Grid(NamedTuple):
    """The rows of a table, each with a cell for every column; its page and its number of lines.

    `head` is the table's first row. A grid that `goes_on` continues the table at the end of the
    page before, and does not repeat its `head`.
    """

    rows: list[list[str]]
    page: int
    lines: int
    bold_first: bool
    head: list[str]
    goes_on: bool = False


def grid_at(lines: Sequence[Line], start: int, before: Grid | None = None) -> Grid | None:
    """The table that begins at a line of a page, or None.

    `before` is the table at the end of the page before, if any.
    """
    first = start + _begins_above(lines, start)
    if len(lines[first].cells) < 2 or lines[first].fixed:
        return None
    end = _end(lines, first)
    parts = [cell for line in lines[start:end] for cell in _parts(line)]
    second = lines[first].cells[1].left - lines[first].size / 2
    columns = _columns(
        [
            cell
            for line in lines[first:end]
            for cell in _parts(line)
            if line.cells or cell.left >= second
        ]
    )
    if not 2 <= len(columns) <= _MAX_COLUMNS:
        return None
    rows = _rows(parts, columns, lines[start].size)
    firsts = [row[0] for row in rows if row[0]]
    marks = _MARK if len(columns) == 2 else _BULLET
    if 2 * sum(bool(marks.fullmatch(one)) for one in firsts) >= len(firsts):
        return None
    full = [row for row in rows if sum(map(bool, row)) >= 2]
    goes_on = before is not None and len(before.head) == len(columns)
    if len(full) < (1 if goes_on else _MIN_ROWS) or 2 * len(full) < len(rows):
        return None
    if (
        len(full) < _SURE_ROWS
        and not goes_on
        and _narrowest(columns) < _SURE_GUTTER * lines[start].size
    ):
        return None
    head = before.head if before is not None and goes_on else rows[0]
    rest = rows[1:] if goes_on and rows[0] == head else rows
    return Grid(rest, lines[start].page, end - start, lines[start].bold, head, goes_on)


def _begins_above(lines: Sequence[Line], start: int) -> bool:
    """Whether a line is the beginning of a cell that goes on in the first column of the next line.

    The other cells of that line are higher than their first then.
    """
    if lines[start].cells or start + 1 == len(lines) or len(lines[start + 1].cells) < 2:
        return False
    line, (first, *others) = lines[start], lines[start + 1].cells
    near = 0 < line.bottom - first.base <= _WITHIN_CELL * line.size
    higher = all(cell.base > first.base + 0.3 * line.size for cell in others)
    return near and higher and line.right < others[0].left and line.bold == lines[start + 1].bold


def _parts(line: Line) -> tuple[Cell, ...]:
    return line.cells or (Cell(line.words, line.left, line.right, line.top),)


def _end(lines: Sequence[Line], start: int) -> int:
    """The index after the last line that can belong to a table that begins at `start`."""
    end = at = start + 1
    second = lines[start].cells[1].left
    size = lines[start].size
    lowest = lines[start].bottom
    while at < len(lines):
        line = lines[at]
        if line.fixed or abs(line.size - size) > 0.25 * size or line.page != lines[start].page:
            break
        if lowest - line.top > 4 * size or line.top > lines[start].top + 3 * size:
            break  # far below, or in the next column of the page
        lowest = min(lowest, line.bottom)
        if len(line.cells) < 2 and line.left < second < line.right - size:
            break
        if is_caption(line.words):
            break
        if len(line.cells) >= 2 or line.left >= second - size / 2:
            end = at + 1
        elif not any(len(below.cells) >= 2 for below in lines[at + 1 : at + 1 + _NEAR]):
            break
        at += 1
    return end


def _columns(cells: Sequence[Cell]) -> list[tuple[float, float]]:
    """The left and right edges of the columns; cells that overlap horizontally share one."""
    found = list[tuple[float, float]]()
    for cell in sorted(cells, key=lambda one: one.left):
        if found and cell.left < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], cell.right))
        else:
            found.append((cell.left, cell.right))
    return found


def _narrowest(columns: Sequence[tuple[float, float]]) -> float:
    """The width of the narrowest gap between two columns."""
    return min(right[0] - left[1] for left, right in pairwise(columns))


def _rows(
    cells: Sequence[Cell], columns: Sequence[tuple[float, float]], size: float
) -> list[list[str]]:
    """The text of the cells by row.

    A cell in an earlier column, or far below the last one in the same column, begins a new row.
    """
    rows = list[list[str]]()
    last, base = len(columns), 0.0
    for cell in cells:
        column = max((n for n, (left, _) in enumerate(columns) if left <= cell.left + 1), default=0)
        apart = column == last and base - cell.base > _WITHIN_CELL * size
        if column < last or apart or not rows:
            rows.append([""] * len(columns))
        rows[-1][column] = f"{rows[-1][column]} {cell.words}".strip()
        last, base = column, cell.base
    return _joined(rows)


def _joined(rows: list[list[str]]) -> list[list[str]]:
    """The rows, with a single cell below another one joined to it, if its row has no beginning."""
    found = list[list[str]]()
    for row in rows:
        filled = [n for n, words in enumerate(row) if words]
        if found and len(filled) == 1 and filled[0] and found[-1][filled[0]]:
            found[-1][filled[0]] += f" {row[filled[0]]}"
        else:
            found.append(row)
    return found
