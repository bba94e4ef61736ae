import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.passages import Cut, cuts
from bot.documents.plain_text import read
from bot.documents.reader import read_document
from bot.documents.tree import Lines
from bot.model import PassageKind
from tests.conftest import CORPUS

ARTICLE = CORPUS / "coalition-of-the-willing.txt"


def paragraphs_of(text: str) -> list[Cut]:
    return cuts(read(text))


def headings_of(text: str, cut: Cut) -> list[str]:
    return [text[start:end] for start, end in cut.headings]


def told(text: str) -> list[tuple[str | None, str, Lines]]:
    return [
        (next(iter(headings_of(text, cut)[::-1]), None), text[cut.start : cut.end], cut.lines)
        for cut in paragraphs_of(text)
    ]


def test_the_article_has_thirteen_paragraphs_under_two_headings() -> None:
    text = ARTICLE.read_text(encoding="utf-8")
    paragraphs = paragraphs_of(text)
    assert len(paragraphs) == 13
    assert {heading for heading, _, _ in told(text)} == {
        None,
        "Partial one-month ceasefire",
        "What is the coalition of the willing?",
    }
    assert [block.lines and block.lines[0] for block in paragraphs] == [
        1,
        2,
        3,
        4,
        5,
        7,
        8,
        9,
        10,
        12,
        13,
        14,
        15,
    ]


def test_lines_are_paragraphs_with_or_without_blank_lines_between() -> None:
    assert told("One.\nTwo.\n\nThree.\n") == [
        (None, "One.", (1, 1)),
        (None, "Two.", (2, 2)),
        (None, "Three.", (4, 4)),
    ]


def test_wrapped_lines_are_joined_up_to_the_blank_line() -> None:
    text = "The first paragraph\ngoes on here.\n\nThe second\nends there.\n"
    assert told(text) == [
        (None, "The first paragraph\ngoes on here.", (1, 2)),
        (None, "The second\nends there.", (4, 5)),
    ]


def test_a_short_line_without_a_full_stop_is_the_heading_of_what_follows() -> None:
    assert told("One.\nWhy it matters?\nTwo.\nThree.") == [
        (None, "One.", (1, 1)),
        ("Why it matters?", "Two.", (3, 3)),
        ("Why it matters?", "Three.", (4, 4)),
    ]


def test_a_heading_at_the_top_is_the_title() -> None:
    text = "A day in May\nOne."
    title = read(text).title
    assert title
    assert text[slice(*title.span)] == "A day in May"


def test_a_list_of_short_lines_is_not_lost_as_headings() -> None:
    assert [line for _, line, _ in told("Bring this.\nBread\nMilk\nEggs\nThat is all.")] == [
        "Bring this.",
        "Bread",
        "Milk",
        "Eggs",
        "That is all.",
    ]


def test_a_short_line_at_the_end_is_a_paragraph() -> None:
    assert told("One.\nJane Doe") == [(None, "One.", (1, 1)), (None, "Jane Doe", (2, 2))]


def test_windows_line_ends_and_a_byte_order_mark_are_removed() -> None:
    assert told("\ufeffOne.\r\n\r\nTwo.\r\n") == [(None, "One.", (1, 1)), (None, "Two.", (3, 3))]


@pytest.mark.parametrize(
    "text",
    [
        "Intro.\n\nYou can\n\nCats sleep.\n\nDogs bark.",
        "We went to\nthe harbour.\nIt was cold.",
        "$include /etc/inputrc\n\nIt is read at the start.",
        "--quiet\n\nNothing is printed.",
        "The plan\n\nof last year is over.",
        "  Set further in\n\nThan this.",
    ],
)
def test_a_line_that_begins_a_sentence_or_is_a_command_is_no_heading(text: str) -> None:
    assert {heading for heading, _, _ in told(text)} == {None}
    assert read(text).title is None


def test_a_heading_stands_above_text_that_is_set_further_in() -> None:
    text = (
        "NAME\n    grep prints lines\n    that match.\n\nEXIT STATUS\n    It is 0 for a\n    match."
    )
    assert [heading for heading, _, _ in told(text)] == [None, "EXIT STATUS"]


def test_an_underline_makes_a_heading_and_a_rule_is_not_text() -> None:
    text = "Handbook\n========\n\nPets\n----\nDogs stay out.\n\n* * *\n\nCats may come in."
    assert told(text) == [
        ("Pets", "Dogs stay out.", (6, 6)),
        ("Pets", "Cats may come in.", (10, 10)),
    ]


def listed(text: str) -> list[tuple[list[str], list[str]]]:
    return [
        (
            [text[lead.start : lead.end] for lead in cut.leads],
            [text[item.start : item.end] for item in cut.items],
        )
        for cut in paragraphs_of(text)
        if cut.kind == "list"
    ]


@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize("marks", ["- {}", "* {}", "• {}", "{n}. {}", "{n}) {}", "({n}) {}"])
def test_lines_with_marks_are_the_items_of_a_list(marks: str, between: str) -> None:
    items = [marks.format(item, n=n) for n, item in enumerate(["alcohol", "fines"], start=1)]
    text = f"You may not claim these:{between}{between.join(items)}{between}Ask first."
    assert listed(text) == [(["You may not claim these:"], items)]


def test_an_item_goes_on_over_the_lines_below_it() -> None:
    text = "To restore:\n\n1. Stop the\n   service.\n\n   It takes a minute.\n2. Copy it\n   back."
    assert listed(text) == [
        (
            ["To restore:"],
            ["1. Stop the\n   service.\n\n   It takes a minute.", "2. Copy it\n   back."],
        )
    ]


def test_an_indented_item_belongs_to_the_one_above_it() -> None:
    text = "Bring:\n- clothes\n  - a coat\n  - boots\n- food\n"
    [cut] = paragraphs_of(text)
    assert [item.parent for item in cut.items] == [-1, 0, 0, -1]


def test_a_number_alone_begins_a_heading() -> None:
    text = "1. Scope\n\nAll staff.\n\n2. Terms\n\nA year.\n"
    assert [heading for heading, _, _ in told(text)] == [None, "2. Terms"]


def test_a_question_governs_its_answer() -> None:
    text = "Pets\n\nQ: May I bring a dog?\nA: No.\n\nQ: A cat?\nA: Yes.\n"
    assert [
        ([text[lead.start : lead.end] for lead in cut.leads], text[cut.start : cut.end])
        for cut in paragraphs_of(text)
    ] == [(["Q: May I bring a dog?"], "A: No."), (["Q: A cat?"], "A: Yes.")]


WRAPPED = (
    "Anybody who works in the hall wears gloves and a helmet, and whoever has\n"
    "none gets them at the gate from the warden on duty.\n"
)


def paths(text: str) -> list[tuple[list[str], str]]:
    return [
        (headings_of(text, cut), " ".join(text[cut.start : cut.end].split()))
        for cut in paragraphs_of(text)
    ]


def test_wrapped_text_is_recognised_among_tables_and_addresses() -> None:
    address = "Gate\nMill Road 1\nBrook\n\n"
    text = f"{WRAPPED}\n{address * 3}{WRAPPED}"
    assert [words for _, words in paths(text)].count(" ".join(WRAPPED.split())) == 2


def test_numbers_of_sections_give_the_path_of_headings() -> None:
    text = f"1  Safety\n\n{WRAPPED}\n2  Fire\n\n2.1  Alarm\n\n{WRAPPED}\n2.1.1 Test\n{WRAPPED}"
    whole = " ".join(WRAPPED.split())
    assert paths(f"The hall\n\n{text}") == [
        (["1  Safety"], whole),
        (["2  Fire", "2.1  Alarm"], whole),
        (["2  Fire", "2.1  Alarm", "2.1.1 Test"], whole),
    ]


def test_a_line_in_capitals_is_a_heading_above_short_lines() -> None:
    text = "The hall\n\nIt is open.\n\nOPENING HOURS\n\nMonday 8 to 5\n\nSunday 9 to 1\n"
    assert paths(text)[1:] == [
        (["OPENING HOURS"], "Monday 8 to 5"),
        (["OPENING HOURS"], "Sunday 9 to 1"),
    ]


def test_a_short_line_right_above_wrapped_text_is_its_heading() -> None:
    text = f"The hall\n\n{WRAPPED}\nSafety first\n{WRAPPED}"
    assert [headings for headings, _ in paths(text)] == [[], ["Safety first"]]


def test_a_list_may_follow_a_heading_without_a_blank_line() -> None:
    items = "(a) It is 25 days.\n(b) It is asked for at the\n    gate.\n"
    text = f"The hall\n\n{WRAPPED}\nLeave\n-----\n{items}"
    assert [len(items) for _, items in listed(text)] == [2]


def test_a_numbered_clause_begins_a_paragraph_after_a_full_stop() -> None:
    text = f"The hall\n\n2.1 Gloves. {WRAPPED}2.2 Helmets. {WRAPPED}"
    assert [words[:12] for _, words in paths(text)] == ["2.1 Gloves. ", "2.2 Helmets."]


def test_each_question_of_a_list_of_questions_heads_its_answer() -> None:
    text = "Help\n\nIt is easy.\n\nLogs\n\nWhere are they?\nIn a file.\n\nHow old?\nA year.\n"
    assert paths(text)[-2:] == [(["Where are they?"], "In a file."), (["How old?"], "A year.")]


def test_a_version_heads_what_changed_in_it() -> None:
    text = "News\n\nIt is free.\n\nv2.4\n- Login works.\n- Export works.\n"
    assert paths(text)[-1][0] == ["v2.4"]


def test_entries_of_the_contents_are_pointers() -> None:
    text = f"The hall\n\n1  Safety ......... 2\n2  Fire . . . . . . 3\n\n{WRAPPED}"
    assert [cut.points for cut in paragraphs_of(text)] == [True, True, False]


GRID = "+------+-------+"
DRAWN = (
    (GRID, "| Size | Price |", GRID, "| S    | 5     |", "| L    | 9     |", GRID),
    (GRID, "| Size | Price |", "+======+=======+", "| S | 5 |", GRID, "| L | 9 |", GRID),
    ("| Size | Price |", "|------|------:|", "| S    | 5     |", "| L    | 9     |"),
)


@pytest.mark.parametrize("table", ["\n".join(lines) for lines in DRAWN])
def test_a_drawn_table_has_rows_below_its_column_names(table: str) -> None:
    text = f"{WRAPPED}\n{table}\n\n{WRAPPED}"
    rows = [cut for cut in paragraphs_of(text) if cut.kind == "row"]
    spans = [
        (*((lead.start, lead.end) for lead in cut.leads), (cut.start, cut.end)) for cut in rows
    ]
    assert [[" ".join(text[a:b].split()) for a, b in row] for row in spans] == [
        ["Size | Price", "S | 5"],
        ["Size | Price", "L | 9"],
    ]


def test_an_empty_first_cell_of_a_drawn_table_stays() -> None:
    text = f"{WRAPPED}\n|      | Price |\n|------|-------|\n| S    | 5     |\n"
    _, passages = read_document("a.txt", text.encode())
    assert [dict(row.cells) for row in passages if row.kind == "row"] == [{"": "S", "Price": "5"}]


def test_aligned_columns_have_rows_below_the_rule() -> None:
    text = f"{WRAPPED}\nName     Room\n-------  ----\nAnn Lee  A1\nBob Ray  B2\n"
    rows = [cut for cut in paragraphs_of(text) if cut.kind == "row"]
    assert [text[cut.start : cut.end] for cut in rows] == ["Ann Lee  A1", "Bob Ray  B2"]
    assert [text[lead.start : lead.end] for lead in rows[0].leads] == ["Name     Room"]


TEXT = st.text(alphabet=st.sampled_from("Aa b.?!\n\r\t“”\u00a0\u2028\x0b\ufeff"), max_size=200)


@given(TEXT)
def test_paragraphs_are_in_order_apart_and_begin_and_end_with_words(text: str) -> None:
    paragraphs = paragraphs_of(text)
    for block in paragraphs:
        cut = text[block.start : block.end]
        assert cut
        assert cut == cut.strip(" \t\r\n")
        assert block.lines is not None
        assert block.lines[0] <= block.lines[1]
    assert all(a.end <= b.start for a, b in itertools.pairwise(paragraphs))


@given(TEXT)
def test_no_line_is_lost(text: str) -> None:
    """What is not a paragraph is a heading or the title, and each of them is kept."""
    found, title = paragraphs_of(text), read(text).title
    kept = [text[cut.start : cut.end] for cut in found]
    headings = [heading for cut in found for heading in headings_of(text, cut)]
    leads = [text[lead.start : lead.end] for cut in found for lead in cut.leads]
    top = [text[slice(*title.span)]] if title else []
    letters = {c for c in text if c.isalpha()}
    assert letters <= set("".join([*kept, *headings, *leads, *top]))


@given(TEXT)
def test_a_line_number_leads_to_the_paragraph(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for block in paragraphs_of(text):
        assert block.lines is not None
        first_line = text[block.start : block.end].splitlines()[0].split("\n")[0]
        assert first_line.strip() in lines[block.lines[0] - 1]


def test_indented_lines_below_a_colon_are_one_block_with_what_introduces_it() -> None:
    text = "To copy it, run:\n\n    copy a\n    copy b\n\nIt takes a while.\n"
    block, after = paragraphs_of(text)
    assert text[block.start : block.end] == "copy a\n    copy b"
    assert [text[lead.start : lead.end] for lead in block.leads] == ["To copy it, run:"]
    assert text[after.start : after.end] == "It takes a while."


def test_indented_lines_below_a_sentence_are_no_block() -> None:
    found = paragraphs_of("It is so.\n\n    copy a\n    copy b\n")
    assert PassageKind.CODE not in {block.kind for block in found}


def test_borders_without_rows_are_no_text() -> None:
    assert [text for _, text, _ in told("One.\n\n+---+\n+---+\n\nTwo.\n")] == ["One.", "Two."]
