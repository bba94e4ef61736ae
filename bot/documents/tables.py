"""CSV, TSV and Excel to blocks: tables whose rows are governed by their column names."""

import csv
import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO, StringIO
from itertools import islice, pairwise, zip_longest
from typing import Any, NamedTuple

from bot.documents import zips
from bot.documents.encoding import decoded
from bot.documents.plain_text import may_be_heading
from bot.documents.tree import (
    Block,
    Heading,
    Lines,
    Paragraph,
    Row,
    Table,
    TextBuilder,
    Tree,
    joined,
    one_cell,
)
from bot.errors import CorpusError
from bot.model import CELLS

# More rows are a database, not a document.
MAX_ROWS = 20_000
# Limits on cells per row, cells per sheet and characters per cell.
MAX_CELLS = 200
MAX_AREA = 20_000_000
MAX_CELL_LENGTH = 10_000
# In characters: a longer cell that is merged over rows is only in the first of them.
MAX_REPEATED = 200
# The column names are within this many rows; a title may come before them.
_TOP_ROWS = 10
_SAMPLE = 20_000
# How a file for Excel names its delimiter.
_NAMED_DELIMITER = re.compile(r"sep=(.)[ \t]*(?:\r\n|\r|\n)", re.I)
_DELIMITERS = ",;\t|"
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"[-+]?(?=[.,\s%€$£]*\d)[\d.,\s%€$£]+|\d{4}-\d\d-\d\d.*")


class _Line(NamedTuple):
    """A row: its cells, its lines in the file, and whether a blank row is above it."""

    cells: list[str]
    lines: Lines
    is_set_off: bool = False


def read_text(content: bytes, shown: str, delimiter: str) -> Tree:
    """The rows of a CSV or TSV file. Raises CorpusError if it is not text."""
    text, guess = decoded(content, shown)
    guessed = (f"read as {guess}",) if guess is not None else ()
    builder = TextBuilder()
    named = _NAMED_DELIMITER.match(text)
    mark = named[1] if named else _delimiter(text, delimiter)
    found, more = _limited(_csv_lines(text, mark, named.end() if named else 0))
    blocks = list(_tables(found, builder))
    return Tree(builder.text, blocks, warnings=(*guessed, *_said(more)))


def read_workbook(content: bytes, shown: str) -> Tree:
    """The rows of each sheet of an Excel file, with the sheet's name as a heading.

    A cell's text is its stored value, not as formatted. Hidden sheets, rows and columns are
    skipped. Raises CorpusError if the file cannot be read.
    """
    zips.check(content, shown, "an Excel")
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    builder, blocks, more = TextBuilder(), list[Block](), False
    left = MAX_ROWS
    try:
        hidden = _hidden(content, shown)
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        for about in book.sheets_metadata:
            if about.visible != SheetVisibleEnum.Visible or not _is_sheet(about):
                continue
            sheet = book.get_sheet_by_name(about.name)
            first_row, first_column = sheet.start or (0, 0)
            unseen = hidden.get(about.name, _NOTHING)
            rows = (
                [
                    _stored(cell)
                    for column, cell in enumerate(islice(row, MAX_CELLS), start=first_column)
                    if column not in unseen.columns
                ]
                for number, row in enumerate(_unmerged(sheet), start=first_row)
                if number not in unseen.rows
            )
            found, is_cut = _limited((_Line(cells, None) for cells in rows), left)
            more, left = more or is_cut, left - len(found)
            if found:
                named = about.name.strip() or "Sheet"
                blocks.append(Heading(builder.add(named), None, 2))
                blocks.extend(_tables(found, builder))
    except PasswordError:
        raise CorpusError.encrypted(shown) from None
    except (CalamineError, ValueError, KeyError, OSError):
        raise CorpusError.broken(shown, "an Excel") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise CorpusError.broken(shown, "an Excel") from None
    return Tree(builder.text, blocks, _properties(content), _said(more))


def _unmerged(sheet: Any) -> Iterator[list[Any]]:
    """The rows of a sheet; a cell that is merged over several rows is in each of them."""
    first_row, first_column = sheet.start or (0, 0)
    begins = dict[int, list[tuple[int, int]]]()
    for (row, column), (last, _) in islice(sheet.merged_cell_ranges or (), MAX_ROWS):
        if last > row:
            begins.setdefault(row, []).append((column - first_column, last))
    above: dict[int, tuple[Any, int]] = {}
    for number, cells in enumerate(sheet.iter_rows(), start=first_row):
        for column, (cell, last) in list(above.items()):
            if number > last:
                del above[column]
            else:
                cells[column] = cell
        for column, last in begins.get(number, ()):
            if 0 <= column < len(cells):
                is_short = len(str(cells[column])) <= MAX_REPEATED
                above[column] = (cells[column] if is_short else "", last)
        yield cells


def _is_sheet(about: Any) -> bool:
    return str(about.typ).rpartition(".")[2] == "WorkSheet"


def _properties(content: bytes) -> tuple[tuple[str, str], ...]:
    from bot.documents.word import properties_of

    return tuple(properties_of(content).items())


class _Unseen(NamedTuple):
    """The numbers of hidden rows and columns of a sheet, from 0."""

    rows: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()


_NOTHING = _Unseen()
_ATTRIBUTES = re.compile(rb"([\w:]+)\s*=\s*[\"']([^\"']*)[\"']")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]{0,200}?\br\s*=\s*[\"']\$?([A-Z]{1,3})\$?(\d{1,7})[\"']")
_HIDES = re.compile(rb"<(?:\w+:)?(row|col)\s([^>]*\bhidden\s*=\s*[\"'](?:1|true)[\"'][^>]*)>")


def _hidden(content: bytes, shown: str) -> dict[str, _Unseen]:
    """The hidden rows and columns of each sheet, by its name; calamine does not report them.

    Raises CorpusError for a sheet with more than MAX_AREA cells, which would fill the memory.
    """
    import html
    import zipfile

    found: dict[str, _Unseen] = {}
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return {}
        relations = [
            _values(one) for one in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
        ]
        targets = {one.get("Id", ""): one.get("Target", "") for one in relations}
        for sheet in map(_values, _SHEET.findall(archive.read("xl/workbook.xml"))):
            target = targets.get(sheet.get("r:id", ""), "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if path in names:
                content = archive.read(path)
                if _area(content) > MAX_AREA:
                    raise CorpusError.past_limit(shown, f"a sheet of more than {MAX_AREA:,} cells")
                found[html.unescape(sheet.get("name", ""))] = _unseen(content)
    return found


def _area(sheet: bytes) -> int:
    """The number of cells up to the last row and column; calamine holds all of them in memory."""
    rows = columns = 0
    for column, row in _CELL.findall(sheet):
        number = 0
        for letter in column:
            number = 26 * number + letter - 64
        rows, columns = max(rows, int(row)), max(columns, number)
    return rows * columns


def _unseen(sheet: bytes) -> _Unseen:
    rows, columns = set[int](), set[int]()
    for kind, attributes in _HIDES.findall(sheet):
        values = _values(attributes)
        if kind == b"row" and values.get("r", "").isdecimal():
            rows.add(int(values["r"]) - 1)
        elif kind == b"col" and values.get("min", "").isdecimal():
            last = min(int(values.get("max", values["min"])), 20_000)
            columns.update(range(int(values["min"]) - 1, last))
    return _Unseen(frozenset(rows), frozenset(columns))


def _values(attributes: bytes) -> dict[str, str]:
    found = _ATTRIBUTES.findall(attributes)
    return {
        name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in found
    }


def _delimiter(text: str, usual: str) -> str:
    """The delimiter: `usual`, unless only others split the first lines into equally many cells."""
    lines = [line for line in islice(text[:_SAMPLE].splitlines(), 20) if line.strip()]
    counts = {
        mark: [len(next(csv.reader([line], delimiter=mark), [])) for line in lines]
        for mark in dict.fromkeys(usual + _DELIMITERS)
    }
    alike = [mark for mark, found in counts.items() if found and min(found) == max(found) > 1]
    return max(alike, key=lambda mark: counts[mark][0]) if usual not in alike and alike else usual


def _csv_lines(text: str, delimiter: str, start: int) -> Iterator[_Line]:
    """The rows of a text after the offset `start`."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    rows = csv.reader(StringIO(text[start:], newline=""), delimiter=delimiter)
    last = above = int(start > 0)
    try:
        for row in rows:
            number = above + rows.line_num
            yield _Line([_one_line(cell) for cell in row[:MAX_CELLS]], (last + 1, number))
            last = number
    except csv.Error:
        return


def _limited(lines: Iterable[_Line], most: int = MAX_ROWS) -> tuple[list[_Line], bool]:
    """The first `most` rows that are not blank, and whether there are more."""
    filled = _filled_lines(lines)
    found = list(islice(filled, most))
    return found, next(filled, None) is not None


def _filled_lines(lines: Iterable[_Line]) -> Iterator[_Line]:
    is_set_off = False
    for line in lines:
        if any(line.cells):
            yield line._replace(is_set_off=is_set_off)
        is_set_off = not any(line.cells)


def _said(more: bool) -> tuple[str, ...]:
    return (f"has more than {MAX_ROWS:,} rows; the first {MAX_ROWS:,} are read",) if more else ()


def _tables(lines: Sequence[_Line], text: TextBuilder) -> Iterator[Block]:
    """The tables of a sheet: a blank row above other column names divides two."""
    first, is_below = 0, False
    for place, line in enumerate(lines):
        if line.is_set_off and is_below and _begins_table(lines, place):
            yield from _table(lines[first:place], text)
            first, is_below = place, False
        is_below = is_below or _filled(line) > 1
    yield from _table(lines[first:], text)


def _begins_table(lines: Sequence[_Line], place: int) -> bool:
    """Whether column names are at a place, perhaps below their title: words above a number."""
    names, below = lines[place : place + 2], lines[place + 1 : place + 3]
    if names and _filled(names[0]) == 1:
        names, below = names[1:], below[1:]
    if not names or not below or _filled(names[0]) < 2 or not _names_columns(names[0].cells):
        return False
    pairs = zip(names[0].cells, below[0].cells, strict=False)
    return any(name and _NUMBER.fullmatch(cell) for name, cell in pairs)


def _paragraphs(lines: Sequence[_Line], text: TextBuilder) -> Iterator[Block]:
    """The cells of a single column as text; a first one that looks like a heading is one."""
    for place, line in enumerate(lines):
        words = next(cell for cell in line.cells if cell)
        if not place and len(lines) > 1 and may_be_heading(words):
            yield Heading(text.add(words), line.lines, 3)
        else:
            yield Paragraph(text.add(words), line.lines)


def _table(lines: Sequence[_Line], text: TextBuilder) -> Iterator[Block]:
    """The table of some rows; a single cell above the column names is a heading."""
    if all(_filled(line) == 1 for line in lines):
        yield from _paragraphs(lines, text)
        return
    widest = max((_filled(line) for line in lines[: 5 * _TOP_ROWS]), default=0)
    first = 0
    while first < min(_TOP_ROWS, len(lines) - 1) and _filled(lines[first]) == 1 < widest:
        words = next(cell for cell in lines[first].cells if cell)
        yield Heading(text.add(words), lines[first].lines, 3)
        first += 1
    rows, width = list[Row](), _width(lines[first:])
    listed = _with_joined_names(lines[first:])
    for place, line in enumerate(listed):
        cells = [*line.cells, *[""] * width][:width]
        rows.append(Row(text.add(CELLS.join(cells), "\n" if place else "\n\n"), line.lines))
    if not rows:
        return
    heads = len(rows) > 1 and _names_columns(listed[0].cells)
    yield Table(rows[0], rows[1:]) if heads else Table(None, rows)


def _with_joined_names(lines: Sequence[_Line]) -> Sequence[_Line]:
    """The rows; if the second one names columns too, below wider names, it is joined to the first.

    It begins with an empty cell then, and the row below it has numbers.
    """
    if len(lines) < 3 or lines[1].cells[0] or _filled(lines[1]) < 2:
        return lines
    names, more, below = (line.cells for line in lines[:3])
    if not (_names_columns(names) and _names_columns(more) and any(map(_NUMBER.fullmatch, below))):
        return lines
    whole, above = list[str](), ""
    for name, other in zip_longest(names, more, fillvalue=""):
        above = name or above
        whole.append(f"{above} {other}".strip() if other else name)
    return [_Line(whole, joined(lines[0].lines, lines[1].lines)), *lines[2:]]


def _filled(line: _Line) -> int:
    return sum(map(bool, line.cells))


def _width(lines: Sequence[_Line]) -> int:
    """The number of columns up to the last cell that is not empty in any row."""
    return max(
        (n for line in lines for n, cell in enumerate(line.cells, start=1) if cell), default=0
    )


def _names_columns(cells: Sequence[str]) -> bool:
    """Whether a row names the columns: it has words and no numbers."""
    said = [cell for cell in cells if cell]
    numbers = [cell for cell in said if _NUMBER.fullmatch(cell)]
    has_words = said != numbers or not cells[0]
    return bool(said) and (not numbers or (has_words and _are_years(numbers)))


def _are_years(numbers: Sequence[str]) -> bool:
    """Whether numbers are years one after another, up or down."""
    if len(numbers) < 2 or not all(map(_YEAR.fullmatch, numbers)):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(numbers)}
    return steps in ({1}, {-1})


def _stored(cell: Any) -> str:
    """A stored value as text: dates as in ISO 8601, whole numbers without a decimal point."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime.datetime() if cell.time() == datetime.time():
            return cell.date().isoformat()
        case datetime.datetime():
            return cell.isoformat(" ", "minutes" if not cell.second else "seconds")
        case datetime.date() | datetime.time():
            return cell.isoformat()
        case _:
            return _one_line(str(cell))


def _one_line(cell: str) -> str:
    words = " ".join(cell.replace("\0", "").split())
    return one_cell(words)[:MAX_CELL_LENGTH]
