"""Questions that compare two things get the closest passage on each, and no claim to answer."""

import pytest

from bot.answering.answerer import COMPARES, Answerer
from bot.english.comparisons import compared
from bot.english.questions import normal
from bot.model import Answered, Closest, NotFound, Question
from tests.conftest import answerer_from

TICKETS = """\
# Tickets

## Day ticket

A day ticket costs nine euros.

## Week ticket

A week ticket costs thirty euros and is valid on the ferry.

## What is the difference between a child and a senior?

Children travel free, whereas seniors pay half.
"""


@pytest.fixture(scope="module")
def tickets() -> Answerer:
    return answerer_from({"tickets.md": TICKETS})


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("What's the difference between a day ticket and a week ticket?", "day ticket/week ticket"),
        ("differences between day and week tickets", "day tickets/week tickets"),
        ("compare the day ticket with the week ticket", "day ticket/week ticket"),
        ("day ticket vs. week ticket?", "day ticket/week ticket"),
        ("how does a day ticket differ from a week ticket?", "day ticket/week ticket"),
        ("how do gold and silver differ", "gold/silver"),
        ("how are contractors different from employees?", "contractors/employees"),
        ("what does the diff command compare?", ""),
        ("what did they compare Ukraine to?", ""),
        ("compare the day ticket and the day ticket", ""),
        ("what do I have to ask the bridge team vs the ferry team?", ""),
    ],
)
def test_the_two_things_that_a_question_compares(question: str, things: str) -> None:
    assert "/".join(compared(normal(question))) == things


@pytest.mark.parametrize(
    "question",
    [
        "compare the day ticket and the week ticket",
        "day vs week ticket",
        "Day ticket vs. week pass",
    ],
)
def test_a_comparison_gets_the_closest_passage_on_each(tickets: Answerer, question: str) -> None:
    answer = tickets.answer(Question(question))
    assert isinstance(answer, Closest)
    quotes = [citation.quote for citation in answer.citations]
    assert [quote.split()[1] for quote in quotes[:2]] == ["day", "week"]
    assert COMPARES in answer.notes
    assert not answer.missing


def test_a_passage_that_compares_answers(tickets: Answerer) -> None:
    answer = tickets.answer(Question("what is the difference between a child and a senior?"))
    assert isinstance(answer, Answered)
    assert answer.citations[0].quote.startswith("Children travel free")


def test_a_comparison_with_something_unknown_is_no_comparison(tickets: Answerer) -> None:
    answer = tickets.answer(Question("compare the day ticket with the zeppelin"))
    assert isinstance(answer, Closest)
    assert answer.missing == ("zeppelin",)
    assert COMPARES not in answer.notes


def test_words_of_comparing_are_not_reported_as_missing() -> None:
    answerer = answerer_from({"bridge.md": "# Bridge\n\nMasons repair it.\n"})
    answer = answerer.answer(Question("what's the difference between a zeppelin and a balloon?"))
    assert isinstance(answer, NotFound)
    assert answer.missing == ("zeppelin", "balloon")
