"""Questions about the whole corpus: the main points, the people, the places, the headings."""

import pytest

from bot.answering.answerer import Answerer
from bot.answering.overview import MAX_CITED, MAX_POINTS
from bot.model import Answered, NotFound, Question
from tests.conftest import answerer_of


@pytest.mark.parametrize(
    ("question", "paragraphs", "note"),
    [
        ("which people are named?", [2, 4], "People named: Dagny Tarrant, Ivo Horvat."),
        ("which places are mentioned?", [3], "Places named: Norway."),
        ("what can I ask?", [1, 4], None),  # the lead, and what stands under the heading
    ],
)
def test_an_overview_cites_where_each_is_named_first(
    ferry: Answerer, question: str, paragraphs: list[int], note: str | None
) -> None:
    answer = ferry.answer(Question(question))
    assert isinstance(answer, Answered)
    assert [citation.passage.number for citation in answer.citations] == paragraphs
    assert answer.notes == ((note,) if note else ())


@pytest.mark.parametrize("question", ["what is this about?", "TL;DR", "summarise the article pls"])
def test_the_main_points_begin_with_the_lead(ferry: Answerer, question: str) -> None:
    answer = ferry.answer(Question(question))
    assert isinstance(answer, Answered)
    assert answer.citations[0].passage.number == 1
    assert len({citation.passage for citation in answer.citations}) == MAX_POINTS


def test_the_main_points_of_one_paragraph_are_its_first_sentence() -> None:
    answer = answerer_of("The ferry sails. It rains.").answer(Question("what is this about?"))
    assert [citation.quote for citation in answer.citations] == ["The ferry sails."]


@pytest.mark.parametrize("question", ["which people are named?", "which places are mentioned?"])
def test_an_overview_without_names_finds_nothing(question: str) -> None:
    answer = answerer_of("The ferry sails. It rains.").answer(Question(question))
    assert isinstance(answer, NotFound)


def test_the_headings_of_each_document_are_cited() -> None:
    two = answerer_of("It sails.\nThe fare\nIt is free.", "It rains.\nThe sea\nIt is wide.")
    answer = two.answer(Question("which topics are covered?"))
    assert [c.quote for c in answer.citations] == [
        "It sails.",
        "It is free.",
        "It rains.",
        "It is wide.",
    ]


def test_an_overview_is_read_at_a_glance() -> None:
    text = "\n".join(f"Anna Kovac{chr(97 + n)} sang of the sea that day." for n in range(20))
    answer = answerer_of(text).answer(Question("which people are named?"))
    assert len(answer.citations) == MAX_CITED


def test_a_question_about_something_is_no_overview(ferry: Answerer) -> None:
    answer = ferry.answer(Question("what is the ferry about?"))
    assert [citation.passage.number for citation in answer.citations][:1] == [3]
    assert answer.reasons


def test_a_person_known_by_a_title_elsewhere_is_named() -> None:
    text = "Tom Price opened the ferry.\nMr Price sang."
    answer = answerer_of(text).answer(Question("which people are named?"))
    assert answer.notes == ("People named: Tom Price.",)


def test_a_paragraph_without_a_sentence_is_no_error() -> None:
    answerer_of("The ferry sails.\n\u2003\nIt rains.").answer(Question("what is this about?"))


@pytest.mark.parametrize("question", ["give me a summary", "which people are named?"])
def test_an_overview_in_a_thread_is_of_the_whole(ferry: Answerer, question: str) -> None:
    in_thread = ferry.answer(Question(question, ("what will the ferry carry?",)))
    assert in_thread == ferry.answer(Question(question))


@pytest.mark.parametrize("question", ["tldr", "summary?", "people?"])
def test_an_overview_of_one_word_in_a_thread_is_of_the_whole(
    ferry: Answerer, question: str
) -> None:
    in_thread = ferry.answer(Question(question, ("what will the ferry carry?",)))
    assert in_thread == ferry.answer(Question(question))
