import itertools

from hypothesis import given
from hypothesis import strategies as st

from bot.documents.plain_text import split
from tests.conftest import CORPUS

ARTICLE = CORPUS / "coalition-of-the-willing.txt"


def told(text: str) -> list[tuple[str | None, str, tuple[int, int]]]:
    return [
        (b.headings[-1] if b.headings else None, text[b.start : b.end], b.lines)
        for b in split(text).paragraphs
    ]


def test_the_article_has_thirteen_paragraphs_under_two_headings() -> None:
    text = ARTICLE.read_text(encoding="utf-8")
    paragraphs = split(text).paragraphs
    assert len(paragraphs) == 13
    assert {block.headings[-1] if block.headings else None for block in paragraphs} == {
        None,
        "Partial one-month ceasefire",
        "What is the coalition of the willing?",
    }
    assert [block.lines[0] for block in paragraphs] == [1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 14, 15]


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
    assert split("A day in May\nOne.").title == "A day in May"


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


def test_windows_line_ends_and_a_byte_order_mark_are_no_words() -> None:
    assert told("\ufeffOne.\r\n\r\nTwo.\r\n") == [(None, "One.", (1, 1)), (None, "Two.", (3, 3))]


TEXT = st.text(alphabet=st.sampled_from("Aa b.?!\n\r\t“”\u00a0\u2028\x0b\ufeff"), max_size=200)


@given(TEXT)
def test_paragraphs_are_in_order_apart_and_begin_and_end_with_words(text: str) -> None:
    paragraphs = split(text).paragraphs
    for block in paragraphs:
        cut = text[block.start : block.end]
        assert cut
        assert cut == cut.strip(" \t\r\n")
        assert block.lines[0] <= block.lines[1]
    assert all(a.end <= b.start for a, b in itertools.pairwise(paragraphs))


@given(TEXT)
def test_no_line_is_lost(text: str) -> None:
    """What is not a paragraph is a heading or the title, and each of them is kept."""
    found = split(text)
    kept = [text[b.start : b.end] for b in found.paragraphs]
    headings = {h for b in found.paragraphs for h in b.headings} | {found.title or ""}
    letters = {c for c in text if c.isalpha()}
    assert letters <= set("".join([*kept, *headings]))


@given(TEXT)
def test_a_line_number_leads_to_the_paragraph(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for block in split(text).paragraphs:
        first_line = text[block.start : block.end].splitlines()[0].split("\n")[0]
        assert first_line.strip() in lines[block.lines[0] - 1]
