"""Tables as people keep them in Excel: titles, several tables on a sheet, merged cells."""

import pytest

from bot.documents.reader import read_document
from bot.model import Passage
from tests.fakes import files


def passages_of(csv: str) -> list[Passage]:
    _, passages = read_document("a.csv", csv.encode())
    return passages


@pytest.mark.parametrize(
    ("csv", "cells"),
    [
        ("Item,2023,2024\nPumps,5,6\n", (("Item", "Pumps"), ("2023", "5"), ("2024", "6"))),
        (",2024,2023\nPumps,5,6\n", (("", "Pumps"), ("2024", "5"), ("2023", "6"))),
        ("Ann,2023,2031\nBob,2025,2030\n", ()),
        ("Ann,12\nBob,13\n", ()),
    ],
)
def test_years_in_a_row_name_columns(csv: str, cells: tuple[tuple[str, str], ...]) -> None:
    assert passages_of(csv)[-1].cells == cells


def test_a_line_that_names_the_delimiter_is_not_read() -> None:
    [passage] = passages_of("sep=;\r\nName;Sum\r\nAnn;1,50\r\n")
    assert (passage.cells, passage.lines) == ((("Name", "Ann"), ("Sum", "1,50")), (3, 3))
    assert passage.headings == ()


def test_names_below_a_blank_row_begin_another_table() -> None:
    csv = "Name,Age\nAnn,30\n\nTotal,1\n\nTowns\nCity,Zip\nBern,3000\n"
    assert [(passage.headings, passage.cells) for passage in passages_of(csv)] == [
        ((), (("Name", "Ann"), ("Age", "30"))),
        ((), (("Name", "Total"), ("Age", "1"))),
        (("Towns",), (("City", "Bern"), ("Zip", "3000"))),
    ]


def test_text_in_a_single_column_is_text() -> None:
    content = files.xlsx({"Help": [["How to use this"], ["Fill in the sums."], ["Send it."]]})
    _, passages = read_document("a.xlsx", content)
    assert [(passage.headings, passage.kind, passage.text) for passage in passages] == [
        (("Help", "How to use this"), "paragraph", "Fill in the sums."),
        (("Help", "How to use this"), "paragraph", "Send it."),
    ]


def test_a_cell_merged_over_rows_is_in_each_of_them() -> None:
    rows: list[list[files.Cell]] = [["Region", "Limit"], ["Europe", 20], ["", 15], ["", 30]]
    _, passages = read_document("a.xlsx", files.xlsx({"Days": rows}, merged="A2:A3"))
    assert [passage.text for passage in passages] == ["Europe | 20", "Europe | 15", " | 30"]


def test_names_in_two_rows_are_joined() -> None:
    csv = "Area,Summer,,Winter\n,Plan,Real,Plan\nNorth,1,2,3\n"
    [passage] = passages_of(csv)
    assert [name for name, _ in passage.cells] == [
        "Area",
        "Summer Plan",
        "Summer Real",
        "Winter Plan",
    ]
