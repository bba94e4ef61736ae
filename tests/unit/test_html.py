"""Web pages as wikis, site generators and word processors write them."""

import pytest

from bot.documents.reader import read_document
from bot.model import Passage
from tests.fakes import files


def passages_of(body: str) -> list[Passage]:
    _, passages = read_document("a.html", f"<html><body>{body}</body></html>".encode())
    return passages


def texts_of(body: str) -> list[str]:
    return [passage.text for passage in passages_of(body)]


def leads_of(passage: Passage) -> list[str]:
    return [passage.document.text[lead.start : lead.end] for lead in passage.leads]


@pytest.mark.parametrize(
    ("items", "text"),
    [
        ("<li>Sign<p>Use ink.</p>", "- Sign\n    Use ink."),
        ("<li>Pay <ul><li>cash</ul> or leave", "- Pay\n    - cash\n    or leave"),
        ("<li><div>Bring<ol><li>ink</ol></div>", "- Bring\n    1. ink"),
        ("<li>Bring<h4>Ink</h4><p>Blue.</p>", "- Bring\n    Ink\n    Blue."),
        ("<li>Bring<ul><ul><li>ink</ul></ul>", "- Bring\n    - ink"),
        ("<li>Bring</li><ul><li>ink</li></ul><li>Sign</li>", "- Bring\n    - ink\n- Sign"),
        ("<li><ul><li>Only this</ul>", "- Only this"),
        ("<div><li>Ink</li></div>", "- Ink"),
        ("<li>Run<pre>one\ntwo</pre>", "- Run\n    one\n    two"),
        ("<li>• ink<br>• paper</li>", "-\n    • ink\n    • paper"),
        ("<li>Bring<br>• ink<br>• paper</li>", "- Bring\n    • ink\n    • paper"),
    ],
)
def test_all_that_is_in_an_item_is_read_in_order(items: str, text: str) -> None:
    [passage] = passages_of(f"<ul>{items}</ul>")
    lines = [line.rstrip() for line in passage.text.split("\n")]
    assert [line for line in lines if line] == text.split("\n")


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ("type=a", "a. Sign\nb. Pay"),
        ("type=A start=3", "C. Sign\nD. Pay"),
        ("start=4", "4. Sign\n5. Pay"),
    ],
)
def test_an_item_has_the_number_that_the_page_shows(attributes: str, text: str) -> None:
    assert texts_of(f"<ol {attributes}><li>Sign<li>Pay</ol>") == [text]


def test_items_that_begin_with_headings_are_sections() -> None:
    body = "<ol><li><h2>Scope</h2><p>All staff.</p></li><li><h2>Pay</h2><ol><li>Monthly.</ol></ol>"
    assert [(p.headings, p.text) for p in passages_of(f"<h1>Rules</h1>{body}")] == [
        (("1. Scope",), "All staff."),
        (("2. Pay",), "1. Monthly."),
    ]


def test_a_list_that_only_indents_text_is_text() -> None:
    assert texts_of("<ul>Set further in.</ul>") == ["Set further in."]


@pytest.mark.parametrize(
    "body",
    [
        "<p>You bring:<br>• ink<br>• paper<br>and a ruler</p>",
        "<p>You bring:</p><p>• ink</p><p>• paper and a ruler</p>",
    ],
)
def test_marks_that_somebody_typed_make_a_list(body: str) -> None:
    [passage] = passages_of(body)
    assert passage.text.split() == "• ink • paper and a ruler".split()
    assert (passage.kind, len(passage.items), leads_of(passage)) == ("list", 2, ["You bring:"])


def test_a_question_in_bold_before_a_line_break_governs_the_rest() -> None:
    [passage] = passages_of("<p><b>May I bring a dog?</b><br>No.</p>")
    assert (passage.text, leads_of(passage)) == ("No.", ["May I bring a dog?"])


def test_a_summary_governs_what_it_hides_and_nothing_else() -> None:
    body = "<details><summary>Receipts</summary><p>Above 10 euros.</p></details><p>Meals too.</p>"
    hidden, after = passages_of(f"<h1>Pay</h1>{body}")
    assert (hidden.headings, leads_of(hidden)) == ((), ["Receipts"])
    assert (after.headings, leads_of(after)) == ((), [])


def test_the_caption_and_all_rows_of_names_govern_the_rows_of_a_table() -> None:
    body = (
        "<table><caption>Rates</caption><tr><th rowspan=2>Country<th colspan=2>Hotel"
        "<tr><th>City<th>Village<tr><th>Peru<td>90<td>60</table>"
    )
    [row] = passages_of(body)
    assert leads_of(row) == ["Rates", "Country | Hotel City | Hotel Village"]
    assert row.cells == (("Country", "Peru"), ("Hotel City", "90"), ("Hotel Village", "60"))


def test_words_above_numbers_name_the_columns_of_a_table_without_headers() -> None:
    body = "<table><tr><td>Role<td>Days<tr><td>Cook<td>3<tr><td>Driver<td>4</table>"
    assert [passage.cells for passage in passages_of(body)] == [
        (("Role", "Cook"), ("Days", "3")),
        (("Role", "Driver"), ("Days", "4")),
    ]
    assert texts_of("<table><tr><td>Cook<td>Ann<tr><td>Driver<td>Bob</table>") == [
        "Cook | Ann",
        "Driver | Bob",
    ]


def test_code_beside_the_numbers_of_its_lines_is_code_without_them() -> None:
    body = "<table><tr><td><pre>1\n2</pre><td><pre>stop all\nstart all</pre></table>"
    assert texts_of(body) == ["stop all\nstart all"]


@pytest.mark.parametrize(
    "around",
    [
        "<div role=navigation>Menu</div>",
        "<ol id=breadcrumbs><li>Home</ol>",
        "<div class='page breadcrumb'>Home</div>",
        "<div id=footer>Printed on paper</div>",
        "<div class=navbar>Home</div>",
        "<del>Never.</del>",
    ],
)
def test_what_is_around_the_text_is_not_read(around: str) -> None:
    assert texts_of(f"{around}<p>One.</p>") == ["One."]


def test_a_box_with_the_class_sidebar_is_text() -> None:
    assert texts_of("<div class=sidebar><p>A box.</p></div>") == ["A box."]


def test_a_list_of_links_to_sections_is_a_pointer() -> None:
    [contents, text] = passages_of("<ul><li><a href='#pay'>Pay</a></ul><ul><li>Pay is due.</ul>")
    assert (contents.points, text.points) == (True, False)


def test_a_page_that_names_another_encoding_but_is_utf_8_is_read_as_that() -> None:
    content = "<meta charset=windows-1252><p>Café at nine – bring €5.".encode()
    _, [passage] = read_document("a.html", content)
    assert passage.text == "Café at nine – bring €5."


def test_a_bar_in_a_cell_does_not_divide_it() -> None:
    [row] = passages_of("<table><tr><th>Command<th>Does<tr><td>a | b<td>joins</table>")
    assert [cell.replace("\u00a0", " ") for _, cell in row.cells] == ["a | b", "joins"]


def test_the_handbook_as_a_page_loses_no_word() -> None:
    body = files.html("# T\n\n- one\n  1. two\n\n     three\n- four\n\n| a | b |\n|-|-|\n| c | d |")
    document, _ = read_document("a.html", body)
    assert str(document.text).split() == "T - one 1. two three - four a | b c | d".split()


def test_cells_that_span_rows_and_columns_do_not_multiply_a_page() -> None:
    cells = "<td rowspan=99999 colspan=999>ink</td>" * 20
    body = f"<table>{f'<tr>{cells}</tr>' * 200}</table>"
    assert sum(map(len, texts_of(body))) < 20 * len(body)


def test_a_long_cell_that_spans_rows_is_only_in_the_first() -> None:
    words = "ink " * 100
    rows = "<tr><td>paper<td>pen</tr>" * 3
    page = texts_of(f"<table><tr><td rowspan=4>{words}<td>a<td>b</tr>{rows}</table>")
    assert ["ink" in text for text in page] == [True, False, False, False]
