"""`in:NAME` narrows a question to a document or a folder."""

import doctest

import pytest

from bot.answering.answerer import Answerer
from bot.documents import scope
from bot.model import Answered, Question
from tests.conftest import answerer_from

TEXTS = {
    "hr/travel-rules.md": "# Going places\n\nThe ferry is paid for by the treasurer.",
    "hr/leave.txt": "A day of leave is paid for by the mayor.",
    "town/news.txt": "The ferry carries horses.",
}


@pytest.fixture(scope="module")
def shelf() -> Answerer:
    return answerer_from(TEXTS)


def found(answerer: Answerer, question: str, *after: str) -> set[str]:
    answer = answerer.answer(Question(question, after))
    return {citation.passage.document.path for citation in answer.citations}


def test_the_examples_of_the_module_are_right() -> None:
    assert doctest.testmod(scope).failed == 0


@pytest.mark.parametrize(
    ("place", "paths"),
    [
        ("", {"hr/travel-rules.md", "town/news.txt"}),
        ("in:hr", {"hr/travel-rules.md"}),
        ("IN:HR/", {"hr/travel-rules.md"}),
        ("in:hr/travel-rules.md", {"hr/travel-rules.md"}),
        ("in:travel-rules", {"hr/travel-rules.md"}),
        ("in:Travel_Rules", {"hr/travel-rules.md"}),
        ('in:"going places"', {"hr/travel-rules.md"}),
        ("in:“going places”", {"hr/travel-rules.md"}),
        ("in:„going places“", {"hr/travel-rules.md"}),
        ("in:‘going places’", {"hr/travel-rules.md"}),
        ("in:'going places'", {"hr/travel-rules.md"}),
        ("in:«going places»", {"hr/travel-rules.md"}),
        ("in:« going places »", {"hr/travel-rules.md"}),
        ("in:‹going places›", {"hr/travel-rules.md"}),
        ("in:going-places", {"hr/travel-rules.md"}),
        ("in:town", {"town/news.txt"}),
    ],
)
def test_a_place_is_a_folder_a_file_or_a_title(
    shelf: Answerer, place: str, paths: set[str]
) -> None:
    assert found(shelf, f"what of the ferry {place}") == paths
    assert found(shelf, f"{place} what of the ferry?") == paths


@pytest.mark.parametrize(
    "question",
    ["in:town who carries the ferry?", "Who carries the ferry? in:town", "hi! in:town ferry"],
)
def test_a_place_may_stand_anywhere_in_a_message(shelf: Answerer, question: str) -> None:
    assert found(shelf, question) == {"town/news.txt"}


def test_an_apostrophe_does_not_end_a_name() -> None:
    assert scope.narrowed("who pays in:'Ann's rules'?") == ("who pays ?", "ann's-rules")
    assert scope.narrowed("who pays in:ann's?") == ("who pays ?", "ann's")


def test_an_unknown_place_gets_a_note_and_all_documents_are_searched(shelf: Answerer) -> None:
    answer = shelf.answer(Question("what of the ferry in:nowhere?"))
    assert "No document or folder is called “nowhere”; I looked in all of them." in answer.notes
    assert len(answer.citations) == 2


def test_an_overview_may_be_of_one_place(shelf: Answerer) -> None:
    answer = shelf.answer(Question("what is this about in:town"))
    assert isinstance(answer, Answered)
    assert [c.quote for c in answer.citations] == ["The ferry carries horses."]


def test_a_follow_up_stays_in_the_place_of_the_question_before_it(shelf: Answerer) -> None:
    assert found(shelf, "and who pays?", "what of the ferry in:hr") <= {
        "hr/travel-rules.md",
        "hr/leave.txt",
    }


def test_with_several_documents_the_title_is_searched(shelf: Answerer) -> None:
    assert found(shelf, "who pays for going places?") >= {"hr/travel-rules.md"}
    answer = shelf.answer(Question("who pays for going places?"))
    assert answer.citations[0].passage.document.title == "Going places"


def test_the_same_passage_in_several_documents_is_shown_once() -> None:
    texts = {
        "a.txt": "The ferry carries horses.\nIt rains.",
        "b.txt": "The  ferry carries horses.",
        "c.txt": "The ferry carries horses.",
        "d.txt": "The ferry sails.",
    }
    answer = answerer_from(texts).answer(Question("does the ferry carry horses?"))
    first = answer.citations[0]
    assert isinstance(answer, Answered)
    assert (first.passage.document.path, first.also) == ("a.txt", ("b.txt", "c.txt"))
    assert all("horses" not in citation.quote for citation in answer.citations[1:])
