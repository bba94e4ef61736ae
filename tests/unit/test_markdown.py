"""What stands above a passage of Markdown, and what of its source is no text."""

import pytest

from bot.documents.reader import read_document
from bot.json_lines import citation_object
from bot.model import Citation, Passage
from bot.phrases import place


def passages(source: str) -> list[Passage]:
    return read_document("a.md", source.encode())[1]


def under(source: str) -> list[tuple[tuple[str, ...], str, tuple[int, int]]]:
    return [(p.headings, p.text, p.lines) for p in passages(source)]


# the path of headings


def test_a_passage_has_every_heading_above_it_and_the_first_is_the_title() -> None:
    source = (
        "# Plans\n\nIntro.\n\n## Gold\n\nA.\n\n### Limits\n\nB.\n\n## Silver\n\nC.\n\n# Notes\n\nD."
    )
    assert [(path, text) for path, text, _ in under(source)] == [
        ((), "Intro."),
        (("Gold",), "A."),
        (("Gold", "Limits"), "B."),
        (("Silver",), "C."),
        (("Notes",), "D."),
    ]


def test_a_level_that_is_left_out_is_no_heading() -> None:
    assert [path for path, *_ in under("# T\n\n### Deep\n\nA.\n\n## High\n\nB.")] == [
        ("Deep",),
        ("High",),
    ]


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_the_title_of_the_text_stays_where_the_front_matter_has_another(name: str) -> None:
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
    [(path, text, lines)] = under(f"# T\n\n## Pets\n\n{question}{between}No.\n")
    assert path == ("Pets", question.strip("*_"))
    assert text == "No."
    assert lines == (5 + between.count("\n"),) * 2


def test_a_question_governs_until_the_next_question_or_heading() -> None:
    source = "# T\n\n**One?**\n\nA.\n\nB.\n\n**Two?**\n\nC.\n\n## Other\n\nD."
    assert [(path, text) for path, text, _ in under(source)] == [
        (("One?",), "A."),
        (("One?",), "B."),
        (("Two?",), "C."),
        (("Other",), "D."),
    ]


def test_a_question_that_nothing_answers_is_a_passage() -> None:
    assert [text for _, text, _ in under("# T\n\n**One?**\n\n**Two?**\n\nA.\n\n**Three?**")] == [
        "One?",
        "A.",
        "Three?",
    ]


@pytest.mark.parametrize(
    "line", ["**May I?** she asked.", "Is it **open?**", "**Bold.**", "**a** or **b?**", "Q and A?"]
)
def test_a_line_with_more_than_a_question_is_a_passage(line: str) -> None:
    assert under(f"# T\n\n{line}\n\nNo.")[0][0] == ()


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
        ("For more, see [the travel guide](travel.md).", True),
        ("[The form](https://forms.example/a)", False),
        ("[Hotels](#hotels) cost 90 euros.", False),
        ("See a doctor at once.", False),
        ("Hotels", False),
    ],
)
def test_what_is_only_links_to_other_sections_says_where_to_look(item: str, points: bool) -> None:
    [passage] = passages(f"- {item}\n")
    assert passage.points == points


def test_the_path_of_headings_is_cited_outermost_first() -> None:
    [passage] = passages("# Notes\n\n## Release 1.70.0\n\n### Fixes\n\nA leak is mended.")
    assert place(passage)[:2] == ["Notes", "Release 1.70.0 › Fixes"]
    cited = citation_object(Citation(passage, passage.start, passage.end))
    assert (cited["headings"], cited["heading"]) == (["Release 1.70.0", "Fixes"], "Fixes")
