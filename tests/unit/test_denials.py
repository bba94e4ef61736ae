"""Headings that negate the text below them, and how they are shown with a quote."""

import pytest

from bot import phrases
from bot.answering.answerer import Answerer
from bot.english.denials import denies, repeats_its_end
from bot.model import Answer, Answered, Closest, Question
from tests.conftest import answerer_from

TERMS = """\
# Terms

## What is covered

- Lost luggage
- Broken skis

## What is not covered

- Theft from a car
- Skiing accidents

## Deprecated

The paper form F12 is accepted until May.

## Removed

### Endpoints

- Support for TLS 1.0
"""


@pytest.fixture(scope="module")
def terms() -> Answerer:
    return answerer_from({"terms.md": TERMS})


def leads(answer: Answer) -> tuple[str, ...]:
    """What is shown above the first quote."""
    return phrases.alone(answer.citations[0]).leads


@pytest.mark.parametrize(
    "heading",
    ["Not covered", "Exclusions", "Don’ts", "Removed in 2.0", "Prohibited items", "Out of scope"],
)
def test_a_heading_may_deny_what_stands_below_it(heading: str) -> None:
    assert denies(heading)


@pytest.mark.parametrize("heading", ["Covered", "Notes", "Notice", "Bank", "Out and about", "FAQ"])
def test_most_headings_deny_nothing(heading: str) -> None:
    assert not denies(heading)


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("are skiing accidents covered?", "What is not covered"),
        ("is the paper form F12 accepted?", "Deprecated"),
        ("does it support TLS 1.0?", "Removed"),  # further up
    ],
)
def test_a_heading_that_denies_is_shown_above_the_quote(
    terms: Answerer, question: str, heading: str
) -> None:
    answer = terms.answer(Question(question))
    assert isinstance(answer, Answered)
    assert leads(answer) == (heading,)


def test_any_other_heading_is_not_shown_above_the_quote(terms: Answerer) -> None:
    answer = terms.answer(Question("is lost luggage covered?"))
    assert isinstance(answer, Answered)
    assert leads(answer) == ()


@pytest.mark.parametrize("question", ["what is not covered?", "what isn't covered?"])
def test_a_negative_question_is_answered_below_a_denying_heading(
    terms: Answerer, question: str
) -> None:
    assert leads(terms.answer(Question(question))) == ("What is not covered",)


@pytest.mark.parametrize(
    ("heading", "item", "repeats"),
    [
        ("Deprecated", "The form F12 is deprecated. Use F13.", True),
        ("Removed in 2.0", "Support for fax was dropped.", True),
        ("Removed in 2.0", "Support for fax", False),
        ("Not covered", "Locks that were removed", False),  # denies something else
    ],
)
def test_an_item_may_repeat_that_it_has_ended(heading: str, item: str, repeats: bool) -> None:
    assert repeats_its_end(heading, item) is repeats


def test_an_item_that_says_itself_that_it_has_ended_answers() -> None:
    text = "# Notes\n\n## Removed\n\n- Fax was dropped in May. Use mail instead of it.\n- Telex\n"
    notes = answerer_from({"notes.md": text})
    assert isinstance(notes.answer(Question("what should I use instead of fax?")), Answered)
    assert isinstance(notes.answer(Question("what is telex?")), Closest)


def test_items_below_a_denying_heading_do_not_answer_a_positive_question(terms: Answerer) -> None:
    answer = terms.answer(Question("which theft from a car?"))
    assert isinstance(answer, Closest)
    assert "It stands under “What is not covered”." in answer.notes
    assert isinstance(terms.answer(Question("which theft is not covered?")), Answered)
