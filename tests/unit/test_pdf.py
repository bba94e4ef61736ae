"""PDF pages as office programs, browsers and TeX lay them out."""

from collections.abc import Sequence

import pytest

from bot.documents.reader import read_document
from bot.model import Passage
from tests.fakes import files
from tests.fakes.files import Placed

TEXT = (
    "The works council has to be asked before any change of the hours that are worked",
    "in the halls, and it has two weeks to answer. Nothing is changed before that.",
)


def lines(*words: str, top: float = 700, left: float = 60, step: float = 14) -> list[Placed]:
    return [(left, top - n * step, 11, said) for n, said in enumerate(words)]


def passages_of(*pages: Sequence[Placed]) -> list[Passage]:
    _, passages = read_document("a.pdf", files.pdf(pages))
    return passages


def headings_of(*pages: Sequence[Placed]) -> list[tuple[str, ...]]:
    return [passage.headings for passage in passages_of(*pages)]


def row(top: float, *cells: str, left: float = 60) -> list[Placed]:
    return [(left + 120 * n, top, 11, words) for n, words in enumerate(cells)]


def test_rows_at_the_edge_of_a_page_are_no_running_head() -> None:
    """They differ from page to page in their numbers only, as a running head does."""
    pages = [
        [
            *row(780, f"P-{n}1", "Pump", f"{n} euros"),
            *row(766, f"P-{n}2", "Valve", f"{n} euros"),
            *row(120, f"P-{n}3", "Pump", f"{n} euros"),
            *row(106, f"P-{n}4", "Hose", f"{n} euros"),
        ]
        for n in range(1, 7)
    ]
    texts = [passage.text for passage in passages_of(*pages)]
    assert [text.split(" | ")[0] for text in texts] == [
        f"P-{n}{k}" for n in range(1, 7) for k in range(1, 5)
    ]


def test_a_row_whose_cells_are_wrapped_is_one_row() -> None:
    """Each cell is written from its first to its last line before the next one."""
    placed = row(700, "Item", "Use", "Price")
    for top, item, price in ((680, "P-1", "10"), (630, "P-2", "20"), (580, "P-3", "30")):
        placed += [
            (60, top, 11, item),
            *lines("Pumps water", "out of cellars", "and ponds", top=top, left=180, step=13),
            (300, top, 11, f"{price} euros"),
        ]
    assert [passage.text for passage in passages_of(placed)] == [
        f"P-{n} | Pumps water out of cellars and ponds | {n}0 euros" for n in (1, 2, 3)
    ]
    assert passages_of(placed)[0].cells[0] == ("Item", "P-1")


def test_a_wrapped_name_of_the_first_column_belongs_to_its_row() -> None:
    placed: list[Placed] = [
        (60, 707, 11, "Years of"),
        (60, 694, 11, "service"),
        (180, 700, 11, "Full pay"),
        (300, 700, 11, "Half pay"),
    ]
    placed += [*row(670, "none", "2 weeks", "0 weeks"), *row(650, "some", "6 weeks", "6 weeks")]
    assert [passage.cells[0] for passage in passages_of(placed)] == [
        ("Years of service", "none"),
        ("Years of service", "some"),
    ]


def test_a_cell_that_goes_on_alone_below_belongs_to_the_row_above() -> None:
    placed = [*row(700, "Gate", "Ann and", "41"), *row(686, "", "Dora", "")[1:2]]
    placed += row(672, "Shop", "Bob", "42")
    assert [passage.text for passage in passages_of(placed)] == [
        "Gate | Ann and Dora | 41",
        "Shop | Bob | 42",
    ]


def test_a_caption_begins_another_table() -> None:
    placed = [*row(700, "Gate", "41"), *row(686, "Shop", "42"), *row(672, "Hall", "43")]
    placed += lines("Table 2: Notice", top=650)
    placed += [*row(630, "Cook", "Week"), *row(616, "Maid", "Month"), *row(602, "Boy", "Day")]
    first, *_, last = passages_of(placed)
    assert (first.text, first.leads) == ("Gate | 41", ())
    assert last.document.text[last.leads[0].start : last.leads[0].end] == "Table 2: Notice"


def test_a_table_ends_with_its_column_of_the_page() -> None:
    placed = [*row(300, "Gate", "41"), *row(286, "Shop", "42"), *row(272, "Hall", "43")]
    text = ("The second column of", "the page is text about", "the gate of the hall.")
    passages = passages_of([*placed, *lines(*text, top=780, left=320)])
    assert [passage.text for passage in passages] == [
        "Gate | 41",
        "Shop | 42",
        "Hall | 43",
        " ".join(text),
    ]


def test_bullets_beside_another_column_are_a_list() -> None:
    placed = list[Placed]()
    for top, words in ((700, "Sign in"), (686, "Take a badge"), (672, "Wear it")):
        placed += [(60, top, 11, "•"), (80, top, 11, words)]
    for top, words in ((700, "Pay"), (686, "Leave"), (672, "Lock up")):
        placed += [(320, top, 11, "•"), (340, top, 11, words)]
    assert [(passage.kind, passage.text) for passage in passages_of(placed)] == [
        ("list", "- Sign in\n- Take a badge\n- Wear it\n- Pay\n- Leave\n- Lock up")
    ]


def test_a_mark_of_a_footnote_is_no_word() -> None:
    placed = [
        (60, 700, 11, "Gloves are worn"),
        (139, 704, 7, "1"),
        (146, 700, 11, "at the press."),
        *lines("They are red.", top=660),
        (60, 640, 8, "1 Not in summer."),
    ]
    assert passages_of(placed)[0].text == "Gloves are worn at the press."


def test_lines_beside_another_column_are_not_broken_on_purpose() -> None:
    """Wider text above must not make the lines of a narrow column look short."""
    left = ("Unpaid leave is given for", "Six months at most, and", "Head of office agrees.")
    placed = [*lines(*TEXT, top=760), *lines(*left)]
    placed += lines("It does not count as", "service of any kind.", left=200)
    assert [passage.text for passage in passages_of(placed)] == [
        " ".join(TEXT),
        " ".join(left),
        "It does not count as service of any kind.",
    ]


def test_a_heading_ends_where_the_next_number_begins() -> None:
    placed = [
        (60, 700, 16, "2 Fire"),
        (60, 680, 16, "2.1 The alarm of the hall and"),
        (60, 660, 16, "the annex"),
        *lines(*TEXT, top=630),
    ]
    assert headings_of(placed) == [("2 Fire", "2.1 The alarm of the hall and the annex")]


def test_small_capitals_are_as_large_as_their_capitals() -> None:
    placed = [(60, 780, 20, "Handbook"), (60, 700, 15, "S"), (70, 700, 11, "AFETY")]
    assert headings_of([*placed, *lines(*TEXT, top=670)]) == [("SAFETY",)]


@pytest.mark.parametrize("first", ["Contents", "Table of contents"])
def test_the_heading_of_the_contents_heads_only_these(first: str) -> None:
    contents = [
        (60, 820, 20, "Rules"),
        (60, 780, 18, first),
        *lines("Entry ............ 2", "Fire ............. 2", top=740),
    ]
    text = [(60, 780, 14, "Entry"), *lines(*TEXT, top=750), (60, 700, 14, "Fire")]
    passages = passages_of(contents, [*text, *lines("Leave at once.", top=670)])
    assert [(p.headings, p.points) for p in passages] == [
        ((first,), True),
        ((first,), True),
        (("Entry",), False),
        (("Fire",), False),
    ]


def test_entries_of_the_contents_may_have_no_dots() -> None:
    placed = [(60, 780, 18, "Rules"), (60, 750, 14, "Contents")]
    for top, words, page in ((720, "Entry", "2"), (700, "Fire", "3")):
        placed += [(60, top, 11, words), (400, top, 11, page)]
    passages = passages_of(placed, [(60, 780, 14, "Entry"), *lines(*TEXT, top=750)])
    assert [passage.points for passage in passages] == [True, True, False]


def test_headings_of_a_title_page_head_nothing_that_follows() -> None:
    cover = [
        (60, 600, 28, "Handbook"),
        (60, 540, 20, "Version 4"),
        *lines("For all staff", top=500),
    ]
    text = [(60, 780, 14, "Entry"), *lines(*TEXT, top=750)]
    assert headings_of(cover, text)[-1] == ("Entry",)


def test_a_numbered_clause_begins_a_paragraph() -> None:
    clauses = (
        '1.1 In this agreement the "Fee" is the sum that is named in the schedule, and it is due.',
        '1.2 "Term" means two years from the day on which the agreement begins to hold for all.',
        "1.3 The members of the council meet once a month, and they decide on what is proposed.",
    )
    assert [passage.text for passage in passages_of(lines(*clauses))] == list(clauses)


def test_the_words_of_a_justified_line_are_no_cells() -> None:
    gaps = ((60, "The"), (86, "fee"), (108, "is"), (123, "due"), (148, "now"), (175, "here"))
    placed = [(x, top, 11, word) for top in (700, 686, 672) for x, word in gaps]
    [passage] = passages_of(placed)
    assert passage.kind == "paragraph"


def test_blank_pages_are_not_called_scans() -> None:
    from bot.documents.pdf import read

    assert read(files.pdf([lines("One day."), [], []]), "a.pdf").warnings == ()
