"""Word files: the numbers that Word counts by itself."""

from collections.abc import Sequence

import docx
import pytest
from docx.oxml import parse_xml

from bot.documents.reader import read_document
from tests.fakes.files import _saved

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LEVELS = (("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"))


def agreement(
    *paragraphs: tuple[str, int | None],
    kinds: Sequence[tuple[str, str]] = LEVELS,
    restart: str = "",
) -> bytes:
    """A document with these paragraphs, each with its level in one numbering or without a number.

    From a paragraph RESTART on, they are in another list, which may `restart` the numbering.
    """
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for n, (kind, text) in enumerate(kinds)
    )
    numbering.insert(
        0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="77">{levels}</w:abstractNum>')
    )
    for number, override in (("77", ""), ("78", restart)):
        numbering.append(
            parse_xml(
                f'<w:num {W} w:numId="{number}"><w:abstractNumId w:val="77"/>{override}</w:num>'
            )
        )
    number = "77"
    for words, level in paragraphs:
        if words == "RESTART":
            number = "78"
            continue
        style = "Heading 1" if words.istitle() else None
        added = document.add_paragraph(words, style)
        if level is not None:
            place = f'<w:ilvl w:val="{level}"/><w:numId w:val="{number}"/>'
            properties = added._p.get_or_add_pPr()
            properties.append(parse_xml(f"<w:numPr {W}>{place}</w:numPr>"))
    return _saved(document)


def test_clauses_have_the_numbers_that_word_shows() -> None:
    content = agreement(
        ("Payment", 0),
        ("The fee is due in May.", 1),
        ("Late payments cost:", 1),
        ("4 percent in June;", 2),
        ("8 percent later.", 2),
        ("This is explained above.", None),
        ("The fee is reviewed.", 1),
        ("Liability", 0),
        ("It is limited & fair.", 1),
    )
    _, passages = read_document("a.docx", content)
    assert [(p.headings, [line.strip() for line in p.text.split("\n")]) for p in passages] == [
        (
            ("1. Payment",),
            [
                "1.1 The fee is due in May.",
                "1.2 Late payments cost:",
                "(a) 4 percent in June;",
                "(b) 8 percent later.",
            ],
        ),
        (("1. Payment",), ["This is explained above."]),
        (("1. Payment",), ["1.3 The fee is reviewed."]),
        (("2. Liability",), ["2.1 It is limited & fair."]),
    ]


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("upperLetter", ["A)", "B)", "C)", "D)"]),
        ("lowerRoman", ["i)", "ii)", "iii)", "iv)"]),
        ("upperRoman", ["I)", "II)", "III)", "IV)"]),
        ("decimalZero", ["01)", "02)", "03)", "04)"]),
        ("bullet", ["-", "-", "-", "-"]),
    ],
)
def test_numbers_are_written_as_their_list_says(kind: str, numbers: list[str]) -> None:
    content = agreement(*[("it is so.", 0)] * 4, kinds=[(kind, "%1)")])
    _, [passage] = read_document("a.docx", content)
    assert passage.text.split("\n") == [f"{number} it is so." for number in numbers]


def test_a_list_that_starts_anew_counts_from_its_start() -> None:
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    paragraphs = [("one.", 0), ("two.", 0), ("Then:", None), ("RESTART", None), ("three.", 0)]
    _, [_, last] = read_document("a.docx", agreement(*paragraphs, restart=override))
    assert last.text == "1. three."
    _, [_, last] = read_document("a.docx", agreement(*paragraphs))
    assert last.text == "3. three."


def test_a_numbered_question_in_bold_governs_its_answer() -> None:
    document = docx.Document()
    for words in ("May I bring a dog?", "May I bring a cat?"):
        document.add_paragraph(style="List Number").add_run(words).bold = True
        document.add_paragraph("No.")
    _, passages = read_document("a.docx", _saved(document))
    assert [passage.text for passage in passages] == [
        "1. May I bring a dog?",
        "No.",
        "2. May I bring a cat?",
        "No.",
    ]


def test_a_number_in_a_cell_stands_before_its_words() -> None:
    document = docx.Document()
    table = document.add_table(1, 2)
    table.cell(0, 0).paragraphs[0].style = document.styles["List Number"]
    table.cell(0, 0).paragraphs[0].add_run("Sign")
    table.cell(0, 1).text = "In ink"
    _, [passage] = read_document("a.docx", _saved(document))
    assert passage.text == "1. Sign | In ink"


def test_items_of_the_second_level_belong_to_the_first() -> None:
    document = docx.Document()
    for words, style in (("Bring", "List Bullet"), ("ink", "List Bullet 2")):
        document.add_paragraph(words, style)
    _, [passage] = read_document("a.docx", _saved(document))
    assert (passage.text, [item.parent for item in passage.items]) == (
        "- Bring\n    - ink",
        [-1, 0],
    )


def test_a_row_across_a_table_is_its_caption() -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "Allowances"
    for column, (name, value) in enumerate((("Role", "Cook"), ("Days", "3"), ("Sum", "40"))):
        table.cell(1, column).text, table.cell(2, column).text = name, value
    _, [passage] = read_document("a.docx", _saved(document))
    assert passage.cells == (("Role", "Cook"), ("Days", "3"), ("Sum", "40"))
    assert [passage.document.text[lead.start : lead.end] for lead in passage.leads] == [
        "Allowances",
        "Role | Days | Sum",
    ]
