"""How the text of a citation is shown: with what introduces it, and with its own line breaks."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.reader import read_document
from bot.model import Citation, Closest, Document, Passage, PassageKind
from bot.phrases import (
    CLOSEST,
    LACKS,
    NOT_CERTAIN,
    Quoted,
    alone,
    in_one_line,
    not_mentioned,
    opening,
    quoted,
    remarks,
    whole,
)

HANDBOOK = """\
# Handbook

You may never claim the following:

- parking fines, also
  in Leeds
- tickets for
  - the ferry
  - the tram
- fares

The plans are these:

| Plan | Seats | Storage |
| --- | --- | --- |
| Gold | 200 | 2 TB |
| Silver | | 500 GB |
| Tin | 5 |
| 1 \\| 2 | 5 | 1 TB |

**Can I bring my dog?**

Dogs may come
on Fridays. Cats   may not.

## Running

Restart the service with:

```sh
if true; then
\tsystemctl restart web

fi
```
"""
NEVER = "You may never claim the following:"


def passage(kind: PassageKind, nth: int = 0, source: str = HANDBOOK, name: str = "a.md") -> Passage:
    _, passages = read_document(name, source.encode())
    return [one for one in passages if one.kind is kind][nth]


def of(passage: Passage, quote: str) -> Citation:
    start = passage.start + passage.text.index(quote)
    return Citation(passage, start, start + len(quote))


def test_the_items_of_a_list_stand_each_on_a_line_below_what_introduces_them() -> None:
    assert whole(passage(PassageKind.LIST)) == Quoted(
        (NEVER,),
        "",
        "- parking fines, also in Leeds\n- tickets for\n    - the ferry\n    - the tram\n- fares",
        "",
    )


def test_a_nested_item_keeps_its_indent_within_its_list() -> None:
    said = quoted(of(passage(PassageKind.LIST), "- the ferry"))
    assert said == Quoted(
        (NEVER,),
        "- parking fines, also in Leeds\n- tickets for\n    ",
        "- the ferry",
        "\n    - the tram\n- fares",
    )


def test_nested_items_alone_start_at_the_left_below_their_parent() -> None:
    said = alone(of(passage(PassageKind.LIST), "- the ferry\n    - the tram"))
    assert said == Quoted((NEVER, "- tickets for"), "", "- the ferry\n- the tram", "")


def test_a_list_in_plain_text_keeps_its_numbers_and_loses_its_hard_wraps() -> None:
    text = (
        "Do this:\n\n  1. Stop the pump\n     at once.\n  2. Wait.\n  3. Oil it.\n\nIt is done.\n"
    )
    said = whole(passage(PassageKind.LIST, 0, text, "a.txt"))
    assert (said.leads, said.quote) == (
        ("Do this:",),
        "1. Stop the pump at once.\n2. Wait.\n3. Oil it.",
    )


def test_code_in_an_item_keeps_its_lines() -> None:
    steps = (
        "9. Run:\n\n       if on:\n           stop()\n10. Then:\n\n        start()\n        go()\n"
    )
    said = whole(passage(PassageKind.LIST, 0, f"Do:\n\n{steps}")).quote
    assert [line.strip() for line in said.split("\n")] == [
        "9. Run:", "if on:", "stop()", "10. Then:", "start()", "go()",
    ]  # fmt: skip
    spaced = whole(passage(PassageKind.LIST, 0, "Do:\n\n- Run:\n\n      a()\n\n      b()\n- End\n"))
    assert spaced.quote == "- Run:\n    a()\n\n    b()\n- End"
    assert re.search(r"\n( +)if on:\n\1    stop\(\)\n10", said)


def test_a_long_list_says_how_it_goes_on_where_the_quote_reaches_its_end() -> None:
    source = "Bring:\n\n" + "".join(f"{n}. thing {n}\n" for n in range(1, 21))
    first = passage(PassageKind.LIST, 0, source)
    assert whole(first).more == "… and 8 more"
    assert alone(of(first, "12. thing 12")).more == "… and 8 more"
    assert alone(of(first, "11. thing 11")).more == ""


def test_a_row_is_paired_with_its_columns_and_then_has_no_header_above_it() -> None:
    assert whole(passage(PassageKind.ROW)) == Quoted(
        ("The plans are these:",), "", "Plan: Gold · Seats: 200 · Storage: 2 TB", ""
    )


@pytest.mark.parametrize(
    ("nth", "row"), [(1, "Plan: Silver · Storage: 500 GB"), (2, "Plan: Tin · Seats: 5")]
)
def test_an_empty_cell_is_left_out(nth: int, row: str) -> None:
    assert whole(passage(PassageKind.ROW, nth)).quote == row


def test_a_row_is_paired_even_with_a_very_long_header() -> None:
    columns = [f"column {n} of the table of ferries" for n in range(20)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in (columns, ["---"] * 20, ["x"] * 20))
    row = passage(PassageKind.ROW, 0, table)
    assert whole(row) == Quoted((), "", " · ".join(f"{column}: x" for column in columns), "")
    [lead] = Citation(row, row.start, row.end).leads
    assert row.document.text[lead.start : lead.end].endswith("of ferries")


def test_a_row_that_does_not_fit_its_header_is_shown_as_it_is_below_it() -> None:
    table = "<table><tr><th>Plan<th>Seats<tr><td>Gold<td>5<td>1 TB</table>"
    said = whole(passage(PassageKind.ROW, 0, table, "a.html"))
    assert said.leads[-1] == "Plan | Seats"
    assert said.quote == "Gold | 5 | 1 TB"


def test_a_bar_in_a_cell_is_shown_within_its_cell() -> None:
    assert whole(passage(PassageKind.ROW, 3)).quote.replace("\u00a0", " ") == (
        "Plan: 1 | 2 · Seats: 5 · Storage: 1 TB"
    )


def test_a_part_of_a_row_is_shown_as_it_is() -> None:
    said = quoted(of(passage(PassageKind.ROW), "200"))
    assert said[1:4] == ("Gold | ", "200", " | 2 TB")
    assert said.leads[-1] == "Plan | Seats | Storage"


def test_a_paragraph_is_one_line_below_the_question_that_it_answers() -> None:
    said = quoted(of(passage(PassageKind.PARAGRAPH), "Cats   may not."))
    assert said == Quoted(
        ("Can I bring my dog?",), "Dogs may come on Fridays. ", "Cats may not.", ""
    )


def test_code_keeps_its_lines_and_their_indent() -> None:
    assert whole(passage(PassageKind.CODE)) == Quoted(
        ("Restart the service with:",),
        "",
        "if true; then\n    systemctl restart web\n\nfi",
        "",
    )


def test_in_one_line_a_quote_stands_after_what_governs_it() -> None:
    said = in_one_line(of(passage(PassageKind.LIST), "- parking fines, also in Leeds"))
    assert said == f"{NEVER} - parking fines, also in Leeds"


PIECES = ["a", "bc ", "  ", "\n", "\r\n", "\n\n", "\t", "- x", "1. y", " | ", "\x1b[31m", "\u202e"]


@given(
    st.lists(st.sampled_from(PIECES), min_size=1).map("".join).filter(str.strip),
    st.sampled_from(["a.md", "a.txt"]),
    st.data(),
)
def test_every_word_of_a_passage_is_shown_once_and_no_control_character(
    text: str, name: str, data: st.DataObject
) -> None:
    source = f"- one\n\n{text}\n\n```\nx\n{text}\n```\n\n- two\n  - three\n{text}"
    _, passages = read_document(name, source.encode())
    found = data.draw(st.sampled_from(passages))
    start = data.draw(st.integers(found.start, found.end - 1))
    citation = Citation(found, start, data.draw(st.integers(start + 1, found.end)))
    if citation.quote == found.text and found.cells:
        return
    said = quoted(citation)
    assert not any(re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", shown) for shown in said[1:4])
    together = "".join(said[1:4])
    assert letters(together) == letters(found.text)
    assert letters(said.quote) == letters(citation.quote)
    assert letters(alone(citation).quote) == letters(citation.quote)


def letters(text: str) -> str:
    return "".join(c for c in text if not c.isspace() and c not in "\x1b\u202e")


@pytest.mark.parametrize(
    ("missing", "asked", "said"),
    [
        (("Christmas", "bonus"), "is there a Christmas bonus?", "a Christmas bonus"),
        (("umbrella",), "do we sell an umbrella for dogs", "an umbrella"),
        (("wifi", "password"), "what's the wifi password?", "“wifi password”"),
        (("wifi", "tank"), "a wifi speed, or a tank", "“wifi” or a tank"),
        (("tall",), "is it a tall tower?", "a tall tower"),
        (("tall",), "a tall tower stands there?", "“tall”"),  # where the phrase ends is not known
        (("bonus",), "is a bonus deducted in June?", "“bonus”"),
        (("a", "b", "c"), "a x b x c", "“a”, “b” or “c”"),
        (("C++", "v2.4"), "who writes C++ in v2.4?", "“C++” or “v2.4”"),
        (("bonus", "tank"), "a bonus, tank?", "a bonus or “tank”"),
        (("other",), "spelled otherwise", "“other”"),
        (("bonus",), "BONUS bonus", "“BONUS bonus”"),
    ],
)
def test_missing_words_are_named_in_natural_english(
    missing: tuple[str, ...], asked: str, said: str
) -> None:
    assert not_mentioned(missing, asked) == said


def test_the_reason_for_only_the_closest_is_shown_above_the_passage() -> None:
    notes = (f"{LACKS} “bonus”.", "I read “waht” as “what”.")
    passage = Passage(Document("a.txt", "Tea.", "A"), 0, 4, 1, (1, 1))
    answer = Closest(
        citations=(Citation(passage, 0, 4),), corpus="h", missing=("Xmas",), notes=notes
    )
    above = opening(answer, "Xmas bonus?")
    assert above == (
        "The documents don't mention “Xmas”. The closest I found does not mention “bonus”:"
    )
    assert remarks(answer) == [notes[1]]
    assert opening(replace(answer, missing=(), notes=()), "x") == f"{NOT_CERTAIN} {CLOSEST}"
