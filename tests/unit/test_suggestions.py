"""Suggested questions: ones that a person would ask, each tried before it is offered."""

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


def test_how_to_headings_are_offered_as_questions_and_questions_unchanged() -> None:
    answerer = answerer_from({"handbook.md": HANDBOOK + ROOMS + DOGS})
    assert answerer.examples[:2] == ("How do I book a room?", "Can I bring my dog?")


def test_two_handbooks_are_called_the_documents() -> None:
    leave = "# Old handbook\n\n## Overtime\n\nOvertime is paid at twice the rate.\n"
    answerer = answerer_from({"a.md": HANDBOOK, "b.md": leave})
    assert answerer.examples[0] == "What do the documents say about parking?"


@pytest.mark.parametrize("heading", ["Demos", "Overview", "Book rooms", "Step 2", "This is it"])
def test_an_unsuitable_heading_gives_no_suggestion(heading: str) -> None:
    text = f"# Notes\n\n## {heading}\n\n{heading}: it rained on Friday and the room was cold.\n"
    assert answerer_from({"a.md": text}).examples == ()


def test_a_heading_unrelated_to_its_text_is_not_offered() -> None:
    text = (
        "# Notes\n\n## Office weather\n\nIt rained on Friday and the room was cold.\n\n"
        "## Ferry\n\nHorses sail to Norway on Monday.\n\n"
        "## Tea time\n\nA kettle stands in the corner.\n\nMilk is cold.\n"
    )
    assert answerer_from({"a.md": text}).examples == ()


def test_each_suggestion_is_answered(article: Answerer) -> None:
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
