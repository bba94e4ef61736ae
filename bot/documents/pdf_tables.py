"""Finds tables in a PDF: lines whose parts are aligned in columns."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from bot.documents.pdf_lines import Cell, Line

# A first column of these is list marks or heading numbers, not a table.
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
    if len(lines[start].cells) < 2 or lines[start].fixed:
        return None
    end = _end(lines, start)
    parts = [cell for line in lines[start:end] for cell in _parts(line)]
    columns = _columns([cell for line in lines[start:end] for cell in line.cells])
    if not 2 <= len(columns) <= _MAX_COLUMNS:
        return None
    rows = _rows(parts, columns, lines[start].size)
    firsts = [row[0] for row in rows if row[0]]
    if len(columns) == 2 and 2 * sum(bool(_MARK.fullmatch(one)) for one in firsts) >= len(firsts):
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


def _parts(line: Line) -> tuple[Cell, ...]:
    return line.cells or (Cell(line.words, line.left, line.right, line.top),)


def _end(lines: Sequence[Line], start: int) -> int:
    """The index after the last line that can belong to a table that begins at `start`."""
    end = at = start + 1
    second = lines[start].cells[1].left
    size = lines[start].size
    while at < len(lines):
        line = lines[at]
        if line.fixed or abs(line.size - size) > 0.25 * size or line.page != lines[start].page:
            break
        if lines[at - 1].bottom - line.top > 4 * size:
            break
        if len(line.cells) < 2 and line.left < second < line.right - size:
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
    return rows
