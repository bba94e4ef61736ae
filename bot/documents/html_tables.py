"""Tables of HTML: their caption, the names of their columns, and their rows."""

from collections.abc import Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from bot.documents.html_words import number_of, with_number, words_of
from bot.documents.tables import MAX_CELLS, MAX_REPEATED
from bot.documents.tree import one_cell

# A cell spans at most this many columns.
MAX_SPAN = 50
# A table has at most this many rows of column names.
MAX_HEADER_ROWS = 3


class Cells(NamedTuple):
    """A table's caption or "", the names of its columns or nothing, and its other rows."""

    caption: str
    header: list[str]
    rows: list[list[str]]


class _Row(NamedTuple):
    """The texts of a row by column, and whether they name the columns."""

    texts: list[str]
    heads: bool


def read(node: LexborNode) -> Cells:
    """The texts of a table by row and column.

    A first row with one cell across the whole table belongs to the caption. Several rows of column
    names are joined.
    """
    caption = node.css_first("caption")
    above = [words_of(caption)] if caption is not None else []
    rows = list[_Row]()
    from_above: dict[int, tuple[str, int]] = {}
    for line in node.css("tr"):
        cells = [cell for cell in line.iter() if cell.tag in ("td", "th")]
        heads = len(rows) < MAX_HEADER_ROWS and all(map(_heads_column, cells))
        texts = _row(cells, from_above, repeats=heads and len(cells) > 1)
        texts = [one_cell(with_number(words)) for words in texts]
        if not rows and len(cells) == 1 < len(texts):
            above.append(texts[0])
        elif any(texts):
            rows.append(_Row(texts, heads and all(row.heads for row in rows)))
    if len(rows) > 1 and not rows[0].heads and _names_numbers([row.texts for row in rows]):
        rows[0] = rows[0]._replace(heads=True)
    return Cells(
        " ".join(filter(None, above)),
        _column_names([row.texts for row in rows if row.heads]),
        [row.texts for row in rows if not row.heads],
    )


def _names_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row has a name for each column, and most others a number in one of them."""
    first, *others = rows
    if len(first) < 2 or not all(first) or any(map(_has_digit, first)):
        return False
    if any(len(row) != len(first) for row in others):
        return False
    numbers = max(sum(map(_has_digit, column)) for column in zip(*others, strict=True))
    return 2 * numbers > len(others)


def _has_digit(cell: str) -> bool:
    return any(c.isdigit() for c in cell)


def _column_names(rows: Sequence[Sequence[str]]) -> list[str]:
    """The names of the columns from the rows that name them, each word once."""
    width = max(map(len, rows), default=0)
    columns = ([row[n] for row in rows if n < len(row) and row[n]] for n in range(width))
    return [" ".join(dict.fromkeys(column)) for column in columns]


def _row(
    cells: Sequence[LexborNode], from_above: dict[int, tuple[str, int]], *, repeats: bool = False
) -> list[str]:
    """The text of a row by column. A cell that spans rows is repeated in each of them.

    A cell that spans columns is in the first of them, or in all if it `repeats`.
    `from_above` maps a column to the text of a cell from above and the rows that it still spans.
    """
    texts: list[str] = []
    for cell in cells:
        _go_on(texts, from_above)
        across = number_of(cell.attributes.get("colspan"), 1)
        down = number_of(cell.attributes.get("rowspan"), 1) - 1
        words = words_of(cell)
        for place in range(min(across, MAX_SPAN, MAX_CELLS - len(texts))):
            said = "" if place and not repeats else words
            if down > 0:
                from_above[len(texts)] = (said if len(said) <= MAX_REPEATED else "", down)
            texts.append(said)
    _go_on(texts, from_above)
    return texts


def _go_on(texts: list[str], from_above: dict[int, tuple[str, int]]) -> None:
    while found := from_above.pop(len(texts), None):
        said, more = found
        if more > 1:
            from_above[len(texts)] = (said, more - 1)
        texts.append(said)


def _heads_column(cell: LexborNode) -> bool:
    """Whether a cell of a table's first row is a column header: a `th`, or all in bold."""
    if cell.tag == "th":
        return True
    bold = "".join(one.text() or "" for one in cell.css("b, strong"))
    return bool(bold.strip()) and "".join(bold.split()) == "".join((cell.text() or "").split())
