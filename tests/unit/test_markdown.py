"""Headings and introductions above a Markdown passage, and what in the source is not text."""

import pytest

from bot.documents.reader import read_document
from bot.documents.tree import Lines
from bot.json_lines import citation_object
from bot.model import Citation, Passage
from bot.phrases import place


def passages(source: str) -> list[Passage]:
    return read_document("a.md", source.encode())[1]


def under(source: str) -> list[tuple[tuple[str, ...], str, Lines]]:
    return [(p.headings, p.text, p.lines) for p in passages(source)]


def leads(passage: Passage) -> list[str]:
    cited = Citation(passage, passage.start, passage.end)
    return [passage.document.text[start:end] for start, end in cited.leads]


# the path of headings


def test_a_passage_has_every_heading_above_it_and_the_first_is_the_title() -> None:
    source = "# Plans\n\nIntro.\n\n## Gold\n\nA.\n\n### Limits\n\nB.\n\n## Silver\n\nC."
    assert [(path, text) for path, text, _ in under(source)] == [
        ((), "Intro."),
        (("Gold",), "A."),
        (("Gold", "Limits"), "B."),
        (("Silver",), "C."),
    ]


def test_a_few_words_all_in_bold_are_a_heading_below_the_last_one() -> None:
    source = (
        "# Notes\n\n## Spring\n\n**Added**\n\n- A calendar.\n\n**Changed**\n\n- The clock.\n\n"
        "## Winter\n\n**It is the first.**\n\n- **Bold**\n"
    )
    assert [(path, text) for path, text, _ in under(source)] == [
        (("Spring", "Added"), "- A calendar."),
        (("Spring", "Changed"), "- The clock."),
        (("Winter",), "It is the first."),
        (("Winter",), "- Bold"),
    ]


@pytest.mark.parametrize("asked", ["Q: You are against it.", "**Q: You are against it.**"])
def test_what_an_interviewer_says_is_above_the_answer_even_without_a_question_mark(
    asked: str,
) -> None:
    [answer] = passages(f"# Talk\n\n{asked}\n\nA: I never said so.\n")
    assert (leads(answer), answer.text) == (["Q: You are against it."], "A: I never said so.")


def test_one_of_several_top_level_headings_is_no_title() -> None:
    source = b"# Restore\n\nStop it.\n\n# Rotate the keys\n\nMake one."
    document, found = read_document("run-book.md", source)
    assert document.title == "Run book"
    assert [passage.heading for passage in found] == ["Restore", "Rotate the keys"]


def test_a_skipped_level_adds_no_heading() -> None:
    assert [path for path, *_ in under("# T\n\n### Deep\n\nA.\n\n## High\n\nB.")] == [
        ("Deep",),
        ("High",),
    ]


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_the_top_heading_is_kept_when_the_front_matter_has_another_title(name: str) -> None:
    top = "# Rules" if name == "a.md" else "Rules"
    source = f"---\ntitle: Handbook\n---\n{top}\n\nWear a helmet on the whole site.\n"
    document, [passage] = read_document(name, source.encode())
    assert (document.title, passage.headings, passage.heading) == ("Handbook", ("Rules",), "Rules")


def test_the_name_of_a_heading_for_links_is_no_text_of_it() -> None:
    assert under("# T\n\n## Opening hours {#hours .wide}\n\nA.")[0][0] == ("Opening hours",)


# questions


@pytest.mark.parametrize(
    "question",
    ["**May I bring a dog?**", "__May I bring a dog?__", "Q: May I bring a dog?", "**Q. A dog?**"],
)
@pytest.mark.parametrize("between", ["\n\n", "\n", "  \n"])
def test_a_question_governs_what_follows(question: str, between: str) -> None:
    [passage] = passages(f"# T\n\n## Pets\n\n{question}{between}No.\n")
    assert passage.headings == ("Pets",)
    assert leads(passage) == [question.strip("*_")]
    assert passage.text == "No."
    assert passage.lines == (5 + between.count("\n"),) * 2


def test_a_question_governs_until_the_next_question_or_heading() -> None:
    source = "# T\n\n**One?**\n\nA.\n\nB.\n\n**Two?**\n\nC.\n\n## Other\n\nD."
    assert [(leads(one), one.headings, one.text) for one in passages(source)] == [
        (["One?"], (), "A."),
        (["One?"], (), "B."),
        (["Two?"], (), "C."),
        ([], ("Other",), "D."),
    ]


def test_a_question_without_text_below_it_is_a_passage() -> None:
    assert [text for _, text, _ in under("# T\n\n**One?**\n\n**Two?**\n\nA.\n\n**Three?**")] == [
        "One?",
        "A.",
        "Three?",
    ]


@pytest.mark.parametrize(
    "line", ["**May I?** she asked.", "Is it **open?**", "**Bold.**", "**a** or **b?**", "Q and A?"]
)
def test_a_line_with_more_than_a_question_is_a_passage(line: str) -> None:
    assert leads(passages(f"# T\n\n{line}\n\nNo.")[-1]) == []


# links


@pytest.mark.parametrize(
    "address",
    [
        '{% page "/travel/hotels/#how-to-claim" %}',
        "{{ site.baseurl }}/hotels.html",
        "{{ site.baseurl }}{% link hotels.md %}#claim",
        '{{< ref "hotels.md" >}}',
        "/hotels.html",
    ],
)
def test_the_address_of_a_link_is_no_text(address: str) -> None:
    assert [text for _, text, _ in under(f"Claim [the hotel]({address}) at once.")] == [
        "Claim the hotel at once."
    ]


@pytest.mark.parametrize(
    ("item", "points"),
    [
        ("[Hotels](#hotels)", True),
        ("[Hotels](travel.md#hotels).", True),
        ('[Hotels]({% page "/hotels/" %})', True),
        ("[Hotels](#hotels), [Trains](#trains)", True),
        ("See the section on hotels.", True),
        ("For details, see Expenses.", True),
        ("For more on this, everybody is encouraged to read Hotels at Home.", True),
        ("More information is in the drawer.", True),
        ("For more than a week, ask the porter.", False),
        ("For more, see [the travel guide](travel.md).", True),
        ("[The form](https://forms.example/a)", False),
        ("[Hotels](#hotels) cost 90 euros.", False),
        ("See a doctor at once.", False),
        ("Hotels", False),
    ],
)
def test_a_list_of_links_to_other_sections_is_marked_as_a_pointer(item: str, points: bool) -> None:
    [passage] = passages(f"- {item}\n")
    assert passage.points == points


def test_the_path_of_headings_is_cited_outermost_first() -> None:
    [_, passage] = passages("# Notes\n\n## Release 1.70.0\n\n### Fixes\n\nA leak is closed.")
    citation = Citation(passage, passage.start, passage.end)
    assert place(citation)[:2] == ["Notes", "Release 1.70.0 › Fixes"]
    values = citation_object(citation)
    assert (values["headings"], values["heading"]) == (["Release 1.70.0", "Fixes"], "Fixes")


# lists


def test_a_list_is_a_passage_below_what_introduces_it() -> None:
    [passage] = passages("# T\n\nYou may never claim:\n\n- alcohol\n- parking fines\n")
    assert (passage.kind, passage.text) == ("list", "- alcohol\n- parking fines")
    assert leads(passage) == ["You may never claim:"]
    assert passage.lines == (5, 6)


def test_a_paragraph_that_says_more_is_a_passage_too() -> None:
    [first, second] = passages("# T\n\nFines are dear. Never claim:\n\n- a fine\n")
    assert first.text == "Fines are dear. Never claim:"
    assert leads(second) == ["Never claim:"]


@pytest.mark.parametrize(
    ("before", "introduces"),
    [
        ("Claim these:", True),
        ("The following is paid.", True),
        ("Here are the rules.", True),
        ("Ask your manager.", False),
    ],
)
def test_only_a_real_introduction_leads_a_list(before: str, introduces: bool) -> None:
    passage = passages(f"# T\n\n{before}\n\n- a\n- b\n")[-1]
    assert leads(passage) == ([before] if introduces else [])


def test_a_nested_item_is_led_by_its_parent_item() -> None:
    [passage] = passages("# T\n\nBring:\n\n- clothes\n    - a coat\n    - boots\n- food\n")
    assert passage.text == "- clothes\n    - a coat\n    - boots\n- food"
    [_, coat, *_] = passage.items
    cited = Citation(passage, coat.start, coat.end)
    assert cited.quote == "- a coat"
    assert [passage.document.text[a:b] for a, b in cited.leads] == ["Bring:", "- clothes"]


def test_items_keep_their_numbers_and_what_stands_below_them() -> None:
    source = "# T\n\n3. Stop it:\n\n   ```\n   stop a\n   stop b\n   ```\n\n4. Wait.\n"
    [passage] = passages(source)
    assert passage.text == "3. Stop it:\n    stop a\n    stop b\n4. Wait."
    assert [passage.document.text[one.start : one.end] for one in passage.items] == [
        "3. Stop it:\n    stop a\n    stop b",
        "4. Wait.",
    ]


@pytest.mark.parametrize(
    ("items", "length", "sizes"), [(12, 5, [12]), (15, 5, [12, 3]), (8, 300, [3, 3, 2])]
)
def test_a_long_list_goes_on_in_another_passage(items: int, length: int, sizes: list[int]) -> None:
    found = passages("# T\n\n" + "".join(f"- {'x' * length}\n" for _ in range(items)))
    assert [len(passage.items) for passage in found] == sizes
    assert [passage.more for passage in found] == [
        items - sum(sizes[: n + 1]) for n in range(len(sizes))
    ]


# tables


def test_a_row_is_a_passage_below_the_names_of_its_columns() -> None:
    source = (
        "# T\n\n| Plan | Seats | Price |\n|---|---|---|\n| Gold | | 9 \\| 8 |\n| Tin | 3 | 1 |\n"
    )
    [gold, tin] = passages(source)
    assert (gold.kind, gold.text, gold.lines) == ("row", "Gold |  | 9\u00a0|\u00a08", (5, 5))
    assert leads(gold) == ["Plan | Seats | Price"]
    assert gold.cells == (("Plan", "Gold"), ("Seats", ""), ("Price", "9\u00a0|\u00a08"))
    assert tin.cells == (("Plan", "Tin"), ("Seats", "3"), ("Price", "1"))


# code


def test_code_keeps_its_lines_and_is_led_by_the_sentence_before_it() -> None:
    [passage] = passages("# T\n\nStop it like this:\n\n```sh\nstop a\n  --now\n```\n")
    assert (passage.kind, passage.text) == ("code", "stop a\n  --now")
    assert leads(passage) == ["Stop it like this:"]


# marks and HTML


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Paid monthly.[^1]\n\n[^1]: In arrears.", ["Paid monthly.", "In arrears."]),
        ("- [ ] Sign it\n- [x] Send it", ["- Sign it\n- Send it"]),
        ("It is ~~red~~ blue.", ["It is red blue."]),
        ("> [!NOTE]\n> Bring a badge.", ["Bring a badge."]),
        ("!!! warning\n    Mind the step.", ["Mind the step."]),
        (":::tip\nMind the step.\n:::", ["Mind the step."]),
        ("The map ![of the site](a.png){width=50%} is old.", ["The map of the site is old."]),
        ('Ask in {% slack_channel "people" %} first.', ["Ask in people first."]),
        ('{% include "nav.html" %}\n\nRead on.', ["Read on."]),
        ("Press <kbd>Ctrl</kbd> and<br>wait.", ["Press Ctrl and wait."]),
        ("Ask <team>@example.org for a <token>.", ["Ask <team>@example.org for a <token>."]),
        ("Paid.[^1]\n\n[^1]: Monthly.\n\n    In arrears.", ["Paid.", "Monthly.", "In arrears."]),
        ("1. Sign\n1. Pay\n1. Go", ["1. Sign\n2. Pay\n3. Go"]),
        ("1. Sign\n3. Pay", ["1. Sign\n3. Pay"]),
        ("Read [[Pay|how we pay]] and [[Leave]].", ["Read how we pay and Leave."]),
        ('{% hint style="info" %}\nAsk first.\n{% endhint %}', ["Ask first."]),
        ('<Tabs>\n<Tab value="mac" label="Mac">\n\nRun it.\n\n</Tab>\n</Tabs>', ["Run it."]),
        ("import Tabs from '@theme/Tabs';\n\nimport it from abroad", ["import it from abroad"]),
        ("<Name>\n\nis yours.", ["<Name>", "is yours."]),
        ("<p>One.</p>\n\n<div>Two.</div>", ["One.", "Two."]),
        ("a <!-- no --> b <script>no</script> c", ["a  b  c"]),
        ("<script>\n\nno\n\n</script>\n\nYes.", ["Yes."]),
        ("<!--\n\nno\n\n-->\n\nYes.", ["Yes."]),
        ("<style>\np { color: red }\n</style>\n\nYes.", ["Yes."]),
        ("<ul><li>Red</li><li>Blue</li></ul>", ["- Red\n- Blue"]),
        ("<table><tr><td>Red</td><td>4</td></tr></table>", ["Red | 4"]),
    ],
)
def test_markup_is_removed_and_its_content_is_kept(source: str, text: list[str]) -> None:
    assert [passage.text for passage in passages(source)] == text


def test_a_summary_that_is_a_question_governs_what_it_hides() -> None:
    for summary in ("May I?", "<b>May I?</b>"):
        source = f"<details>\n<summary>{summary}</summary>\n\nNo.\n\n</details>"
        [passage] = passages(source)
        assert (leads(passage), passage.text) == (["May I?"], "No.")
        *_, after = passages(f"{source}\n\nIt rains.")
        assert leads(after) == []


def test_the_question_of_a_box_governs_the_box_only() -> None:
    source = '??? question "May I restart it?"\n    Yes.\n\n    At any time.\n\nIt rains.'
    assert [(leads(one), one.text, one.lines) for one in passages(source)] == [
        (["May I restart it?"], "Yes.", (2, 2)),
        (["May I restart it?"], "At any time.", (4, 4)),
        ([], "It rains.", (6, 6)),
    ]


def test_the_caption_of_a_table_governs_its_rows() -> None:
    source = "Table 3: Rates\n\n| Plan | Sum |\n|---|---|\n| Gold | 5 |\n"
    assert leads(passages(source)[-1]) == ["Table 3: Rates", "Plan | Sum"]


def test_headings_alone_are_read() -> None:
    assert [one.text for one in passages("# Notes\n\n## Version 2, 5 May 2024\n")] == [
        "Version 2, 5 May 2024",
    ]
