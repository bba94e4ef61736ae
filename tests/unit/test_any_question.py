"""Any question to any corpus: nothing raises, and every quote comes from the document."""

from time import perf_counter

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.answering.answerer import MAX_CITATIONS, Answerer
from bot.answering.question_parser import MAX_QUESTION_LENGTH
from bot.english.questions import normal
from bot.english.text import words
from bot.errors import CorpusError
from bot.model import Answer, Answered, NotFound, Question
from tests.conftest import CORPUS, answerer_of, open_answerer

ARTICLE = next(CORPUS.glob("*.txt")).read_text(encoding="utf-8")
ITS_WORDS = sorted({ARTICLE[word.start : word.end] for word in words(ARTICLE)})
ASKING = (
    "who what when where why how is it and the US u.s. of list all people abt w/o ; ? ,".split()
)
QUESTIONS = st.lists(st.sampled_from([*ITS_WORDS, *ASKING]), max_size=12).map(" ".join)

ARTICLE_ANSWERS = open_answerer(CORPUS)


def check(answer: Answer) -> None:
    """What holds of every answer."""
    for citation in answer.citations:
        passage = citation.passage
        assert citation.quote
        assert citation.quote == passage.document.text[citation.start : citation.end]
        assert passage.start <= citation.start < citation.end <= passage.end
    places = {(c.passage.document.path, c.start) for c in answer.citations}
    assert len(places) == len(answer.citations)


def seen(answer: Answer) -> object:
    """All of an answer that its asker sees."""
    missing = [word.casefold() for word in answer.missing]  # as it was typed
    notes = [note.casefold() for note in answer.notes]
    return type(answer), answer.citations, missing, notes


@given(QUESTIONS, st.lists(QUESTIONS, max_size=2))
def test_a_question_in_the_article_s_words_gets_quotes_that_stand_in_it(
    question: str, after: list[str]
) -> None:
    check(ARTICLE_ANSWERS.answer(Question(question, tuple(after))))


@given(st.text(), st.lists(st.text(), max_size=2))
@example("\ud800", ["\0"])
@example("<" * 99, ["'" * 99])
def test_any_text_gets_an_answer(question: str, after: list[str]) -> None:
    check(ARTICLE_ANSWERS.answer(Question(question, tuple(after))))


@given(st.one_of(QUESTIONS, st.text()), QUESTIONS)
def test_the_same_question_gets_the_same_answer(question: str, before: str) -> None:
    asked = Question(question, (before,))
    assert ARTICLE_ANSWERS.answer(asked) == ARTICLE_ANSWERS.answer(asked)


@given(st.one_of(QUESTIONS, st.text()))
@example("!~A")
@example("0H")
@example("m:0M")
def test_letter_case_and_the_space_around_it_change_no_answer(question: str) -> None:
    # One mark of Greek has a letter as its capital.
    assume("\u0345" not in question)
    answer = ARTICLE_ANSWERS.answer(Question(question))
    for written in (question.upper(), question.lower(), question.title(), f"\t {question}\r\n"):
        # A few letters of other scripts have no capital, or another one back; a few words are
        # names only in capitals.
        if normal(written).strip() == normal(question).strip():
            assert seen(ARTICLE_ANSWERS.answer(Question(written))) == seen(answer)


PIECES = "Mr Anna Kovac von der president Latvia’s (AK) US 2 two the truce , . ? “ ” é 😀".split()
TEXTS = st.lists(st.sampled_from([*PIECES, "\n", "\n\n", "The Prime Minister"])).map(" ".join)
ABOUT_ALL = ["what is this about?", "which people are named?", "which places?", "what can I ask?"]


@given(st.lists(TEXTS, min_size=1, max_size=3), st.data())
def test_any_corpus_answers_its_own_words(texts: list[str], data: st.DataObject) -> None:
    try:
        answerer = answerer_of(*texts)
    except CorpusError:  # a text without a paragraph
        assume(False)
    for question in [*ABOUT_ALL, data.draw(st.sampled_from(texts)), data.draw(QUESTIONS)]:
        check(answerer.answer(Question(question)))


# how long, how large


@pytest.mark.parametrize("word", ["x", "truce ", "who and ", "list all "])
def test_a_question_of_a_hundred_thousand_characters_is_cut_with_a_note(word: str) -> None:
    question = Question((word * 100_000)[:100_000])
    start = perf_counter()
    answer = ARTICLE_ANSWERS.answer(question)
    assert perf_counter() - start < 1
    said = (
        f"Your question is longer than {MAX_QUESTION_LENGTH:,} characters; I read only that many."
    )
    assert answer.notes[0] == said
    check(answer)


def test_a_question_of_the_longest_length_is_not_cut() -> None:
    question = "truce ".ljust(MAX_QUESTION_LENGTH - 1, "?") + "!"
    assert ARTICLE_ANSWERS.answer(Question(question)).notes == ()


def test_long_threads_and_long_follow_ups_are_answered_within_a_second() -> None:
    start = perf_counter()
    check(ARTICLE_ANSWERS.answer(Question("and why?", ("and why?",) * 5_000)))
    check(ARTICLE_ANSWERS.answer(Question("and why?", ("list " * 20_000,) * 3)))
    assert perf_counter() - start < 1


def test_a_corpus_of_one_paragraph_answers_or_does_not() -> None:
    one = answerer_of("The ferry carries horses.")
    assert isinstance(one.answer(Question("what does the ferry carry?")), Answered)
    assert isinstance(one.answer(Question("is there wifi?")), NotFound)


@pytest.fixture(scope="module")
def store() -> Answerer:
    """A corpus of 3,000 short paragraphs."""
    return answerer_of("\n".join(f"Shelf {n} holds {n + 5_000} jars of tea." for n in range(3_000)))


@pytest.mark.parametrize("shelf", [0, 1, 1_234, 2_999])
def test_in_three_thousand_paragraphs_the_right_one_is_found(store: Answerer, shelf: int) -> None:
    start = perf_counter()
    answer = store.answer(Question(f"how many jars of tea does shelf {shelf} hold?"))
    assert perf_counter() - start < 2
    assert answer.citations[0].quote == f"Shelf {shelf} holds {shelf + 5_000} jars of tea."


@pytest.mark.parametrize("question", [*ABOUT_ALL, "tea?", "how many jars are there?"])
def test_a_question_that_matches_three_thousand_paragraphs_gets_few_citations(
    store: Answerer, question: str
) -> None:
    answer = store.answer(Question(question))
    check(answer)
    assert len(answer.citations) <= MAX_CITATIONS
