"""Front matter: read where possible, and never the reason that a document is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents import front_matter
from bot.documents.reader import read_document

PARSES = "its lines were read one by one"


@pytest.mark.parametrize(
    ("block", "fields"),
    [
        ("---\ntitle: A day\n---\n", {"title": "A day"}),
        ("---\r\ntitle: A day\r\n---\r\n", {"title": "A day"}),
        ("---\rtitle: A day\r---\r", {"title": "A day"}),
        ("---\ntitle: A day\n...\n", {"title": "A day"}),
        ("---\nTitle: A day\nlayout: x\n---\n", {"title": "A day"}),
        ("---\ntitle: 1.10\ndate: 2025-03-02\n---\n", {"title": "1.10", "date": "2025-03-02"}),
        ("---\ntitle: ~\nurl:\nauthor: Jo\n---\n", {"author": "Jo"}),
        ("---\nauthor:\n  - Ann\n  - Bob\n---\n", {"author": "Ann, Bob"}),
        ("---\nauthors: [Ann, Bob]\n---\n", {"author": "Ann, Bob"}),
        ("---\nauthor:\n- name: Ann\n- name: Bob\n---\n", {"author": "Ann, Bob"}),
        ("---\nlayout: x\n---\n", {}),
        ("---\n---\n", {}),
        (
            '+++\ntitle = "A day"\ndate = 2025-03-02\n+++\n',
            {"title": "A day", "date": "2025-03-02"},
        ),
        ('+++\nauthors = ["Ann", "Bob"]\n[x]\ntitle = "y"\n+++\n', {"author": "Ann, Bob"}),
        ("% A day\n", {"title": "A day"}),
        (
            "% A day\n  in May\n% Ann; Bob\n% 2025\n",
            {"title": "A day in May", "author": "Ann, Bob", "date": "2025"},
        ),
        ("% A day\n%\n% 2025\n", {"title": "A day", "date": "2025"}),
    ],
)
def test_front_matter_gives_the_fields_that_we_know(block: str, fields: dict[str, str]) -> None:
    assert front_matter.read(f"{block}One.\n") == (fields, len(block), ())


@pytest.mark.parametrize(
    ("block", "fields", "warning"),
    [
        ("---\ntitle: Manual: the saw\n---\n", {"title": "Manual: the saw"}, PARSES),
        ("---\ntitle: [Draft] Lathe\n---\n", {"title": "[Draft] Lathe"}, PARSES),
        ("---\ntitle: 'A day'\ntags: [\n---\n", {"title": "A day"}, PARSES),
        ("---\n\ttitle: x\nauthor: Jo\n---\n", {"author": "Jo"}, PARSES),
        ('+++\ntitle = "A day"\nx = \n+++\n', {"title": "A day"}, PARSES),
        ("---\ntitle: [x]\nauthor: Jo\n---\n", {"author": "Jo"}, "`title` in the front matter"),
        ("---\nurl: /manuals/pump/\ntitle: P\n---\n", {"title": "P"}, "`url` in the front matter"),
        ("---\nurl: javascript:alert(1)\n---\n", {}, "must begin with http:// or https://"),
    ],
)
def test_an_invalid_field_is_dropped_with_a_warning(
    block: str, fields: dict[str, str], warning: str
) -> None:
    found = front_matter.read(f"{block}One.\n")
    assert (found.fields, found.end) == (fields, len(block))
    [said] = found.warnings
    assert warning in said


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nThe kiln is swept hourly.\n",
        "---\ntitle: x\n",
        "---\n\nThe kiln is swept.\n\n---\n\nIt is hot.\n",
        "---\n# Kiln\n\nIt is swept.\n\n---\n\nIt is hot.\n",
        "---\n- x\n---\nOne.\n",
        "---\nNote: the kiln is hot: beware.\n\nIt is swept.\n---\nOne.\n",
        "---\n\nThe kiln is swept.\n\nDate: 5 May.\n\n---\n\nIt is hot.\n",
        f"---\ntitle: x\n# {'x' * front_matter.MAX_LENGTH}\n---\nOne.\n",
        "--- x\ntitle: x\n---\nOne.\n",
        "+++\nOne.\n",
        "% of people who agree\n",
        "One.\n---\ntitle: x\n---\n",
    ],
)
def test_a_block_that_is_not_front_matter_is_text(text: str) -> None:
    assert front_matter.read(text) == ({}, 0, ())


@pytest.mark.parametrize(
    "block",
    ["[" * 60_000, "- " * 30_000, "? " * 30_000, "x: &x [*x]", "a: &a {b: 1}\nc: {<<: [*a, *a]}"],
)
def test_an_expensive_block_does_not_lose_the_title(block: str) -> None:
    document, _ = read_document("a.txt", f"---\ntitle: T\n{block}\n---\nOne.\n".encode())
    assert document.title == "T"


def test_an_indented_block_below_a_title_block_is_text() -> None:
    assert front_matter.read("% A day\n\n    code\n") == ({"title": "A day"}, 8, ())


@given(
    st.sampled_from(["---\n", "+++\n", "% "]),
    st.text(max_size=80),
    st.sampled_from(["\n---\n", "\n+++\n", "\n"]),
)
def test_front_matter_never_hides_the_text_below_it(opening: str, block: str, closing: str) -> None:
    text = f"{opening}{block}{closing}\nThe kiln is swept.\n"
    found = front_matter.read(text)
    assert "The kiln is swept." in text[found.end :]
    assert all(value and "\0" not in value for value in found.fields.values())


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_the_first_heading_stays_when_the_title_is_another(name: str) -> None:
    mark = "# " if name == "a.md" else ""
    source = f"---\ntitle: Manual\n---\n{mark}Oiling the pump\n\nWeekly.\n\nIt is Ann's job.\n"
    document, passages = read_document(name, source.encode())
    assert document.title == "Manual"
    assert {passage.heading for passage in passages} == {"Oiling the pump"}
    _, passages = read_document(name, source.replace("Manual", "Oiling the pump").encode())
    assert {passage.heading for passage in passages} == {None}
