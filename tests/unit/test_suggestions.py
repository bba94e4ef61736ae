"""What is offered to ask: questions that a person would ask, each tried before."""

import pytest

from bot.answering.answerer import Answerer
from bot.model import Answered, Question
from bot.slack.rendering.messages import example_label
from tests.conftest import answerer_from

HANDBOOK = """\
---
title: Employee Handbook
---
## Demos

Demos are on Friday at four in the big room.

## Parking

Parking is free behind the building. A parking permit costs nothing.

## Annual Leave

Annual leave is 25 days a year.

## Add a user

Add a user in the console.

## Release 1.70.0

The release has fixes.
"""
ROOMS = "\n## How to book a room\n\nYou book a room in the calendar.\n"
DOGS = "\n## Can I bring my dog?\n\nDogs may come to the office on Fridays.\n"


def test_a_heading_becomes_a_question_about_its_subject() -> None:
    answerer = answerer_from({"handbook.md": HANDBOOK})
    assert answerer.examples == (
        "What does the handbook say about parking?",
        "What does the handbook say about annual leave?",
    )


def test_a_heading_that_asks_is_offered_as_it_is_and_one_on_how_to_as_a_question() -> None:
    answerer = answerer_from({"handbook.md": HANDBOOK + ROOMS + DOGS})
    assert answerer.examples[:2] == ("How do I book a room?", "Can I bring my dog?")


def test_of_two_handbooks_none_is_the_handbook() -> None:
    leave = "# Old handbook\n\n## Overtime\n\nOvertime is paid at twice the rate.\n"
    answerer = answerer_from({"a.md": HANDBOOK, "b.md": leave})
    assert answerer.examples[0] == "What do the documents say about parking?"


@pytest.mark.parametrize("heading", ["Demos", "Overview", "Book rooms", "Step 2", "This is it"])
def test_none_is_better_than_a_bad_one(heading: str) -> None:
    text = f"# Notes\n\n## {heading}\n\n{heading}: it rained on Friday and the room was cold.\n"
    assert answerer_from({"a.md": text}).examples == ()


def test_a_heading_of_which_its_passage_says_nothing_is_not_offered() -> None:
    text = (
        "# Notes\n\n## Office weather\n\nIt rained on Friday and the room was cold.\n\n"
        "## Ferry\n\nHorses sail to Norway on Monday.\n\n"
        "## Tea time\n\nA kettle stands in the corner.\n\nMilk is cold.\n"
    )
    assert answerer_from({"a.md": text}).examples == ()


def test_each_is_answered(article: Answerer) -> None:
    assert len(article.examples) == 3
    for question in article.examples:
        assert isinstance(article.answer(Question(question)), Answered)


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("Can I bring my dog?", "Can I bring my dog?"),
        ("What does the handbook say about annual leave?", "…about annual leave?"),
        ("How do I get reimbursed for a train ticket?", "How do I get reimbursed for a…"),
        (
            "What do the documents say about the partial truce at sea?",
            "…about the partial truce at…",
        ),
    ],
)
def test_a_button_shows_at_most_thirty_characters_cut_at_a_word(question: str, label: str) -> None:
    assert example_label(question) == label
    assert len(label) <= 30
