"""Questions about a document itself: its author, date, source and licence."""

import re
from pathlib import Path
from string import ascii_lowercase

import pytest
from hypothesis import given, settings
from hypothesis.strategies import from_regex

from bot.answering.answerer import Answerer
from bot.english import about_document
from bot.english.about_document import _alternatives
from bot.model import Answered, NotFound, Question
from tests.conftest import open_answerer

FERRY = """---
title: Ferry news
author: Jane Doe
date: 2025-03-02
url: https://a.example/ferry
rights: CC BY 4.0
---
The ferry carries forty horses a day. Ms Reeve wrote the letter to the council.

The report was written by Mr Holt in 1999.
"""
TRAVEL = "# Travel policy\n\nBy Monday all is paid. Trips are booked by Ann.\n\n"
AUTHOR, DATE = "The file says that Jane Doe wrote it.", "The file gives its date as 2025-03-02."
SOURCE, RIGHTS = (
    "The file gives its source as https://a.example/ferry",
    "The file says of its rights: CC BY 4.0",
)


def answerer(folder: Path, **texts: str) -> Answerer:
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text)
    return open_answerer(folder)


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("who wrote it?", AUTHOR),
        ("Who wrote the article?", AUTHOR),
        ("who's the author?", AUTHOR),
        ("who is the author of Ferry news?", AUTHOR),
        ("who is this by?", AUTHOR),
        ("when was this published?", DATE),
        ("when was the document last updated?", DATE),
        ("what is the publication date?", DATE),
        ("how old is the article?", DATE),
        ("what is the source?", SOURCE),
        ("where does this come from?", SOURCE),
        ("link?", SOURCE),
        ("what is the license?", RIGHTS),
        ("under what licence is it published?", RIGHTS),
    ],
)
def test_a_question_about_a_document_is_answered_from_its_front_matter(
    tmp_path: Path, question: str, note: str
) -> None:
    answer = answerer(tmp_path, ferry=FERRY).answer(Question(question))
    assert isinstance(answer, Answered)
    assert answer.notes == (note,)


@pytest.mark.parametrize(
    ("question", "after", "quote"),
    [
        ("who wrote the letter?", (), "Ms Reeve wrote the letter to the council."),
        ("who was the report written by?", (), "The report was written by Mr Holt in 1999."),
        ("how old is the ferry?", (), "The ferry carries forty horses a day."),
        ("when was the ferry published?", (), ""),
        ("where does Ferry news come from?", (), ""),
        ("who wrote it?", ("what does the letter say?",), "Ms Reeve wrote the letter"),
    ],
)
def test_a_question_that_the_text_answers_is_not_answered_from_front_matter(
    tmp_path: Path, question: str, after: tuple[str, ...], quote: str
) -> None:
    answer = answerer(tmp_path, ferry=FERRY).answer(Question(question, after))
    assert answer.citations[0].quote.startswith(quote)
    assert {AUTHOR, DATE, SOURCE}.isdisjoint(answer.notes)


def test_two_questions_about_a_document_are_both_answered(tmp_path: Path) -> None:
    asked = Question("who wrote it and when was it published?")
    answer = answerer(tmp_path, ferry=FERRY).answer(asked)
    assert answer.notes == (AUTHOR, DATE)
    assert [part.outcome for part in answer.parts] == ["answered", "answered"]


@pytest.mark.parametrize("question", ["who wrote Ferry news?", "who wrote it in:ferry?"])
def test_a_named_document_is_picked_from_several(tmp_path: Path, question: str) -> None:
    two = answerer(tmp_path, ferry=FERRY, travel=TRAVEL)
    assert two.answer(Question(question)).notes == (AUTHOR,)


def test_it_refers_to_no_document_when_there_are_several(tmp_path: Path) -> None:
    two = answerer(tmp_path, ferry=FERRY, travel=TRAVEL)
    assert two.answer(Question("who wrote it?")).notes != (AUTHOR,)


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("who wrote it?", "The file does not say who wrote it."),
        ("when was the travel policy published?", "The file does not say when it was published."),
        ("what is the link?", "The file does not say where it comes from."),
        ("what is its licence?", "The file does not say under which licence it is."),
    ],
)
def test_a_detail_missing_from_the_file_is_reported_as_missing(
    tmp_path: Path, question: str, note: str
) -> None:
    answer = answerer(tmp_path, travel=TRAVEL).answer(Question(question))
    assert isinstance(answer, NotFound)
    assert answer.notes == (note,)


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("By Jane Doe", "who wrote it?"),
        ("Author: Jane Doe", "who is the author?"),
        ("Last updated: 3 May 2026", "when was it last updated?"),
        ("Source: the town hall", "what is the source?"),
        ("© 2026 Lowmere. All rights reserved.", "who owns the copyright?"),
    ],
)
def test_a_line_of_the_text_that_says_it_is_quoted(
    tmp_path: Path, line: str, question: str
) -> None:
    answer = answerer(tmp_path, travel=TRAVEL + line).answer(Question(question))
    assert isinstance(answer, Answered)
    assert answer.citations[0].quote in line


@pytest.mark.parametrize(
    "whole", [one for text in about_document._DETAILS.values() for one in _alternatives(text)]
)
def test_the_quick_check_recognises_every_question_about_a_document(whole: str) -> None:
    @given(from_regex(re.compile(whole, re.X), fullmatch=True, alphabet=ascii_lowercase + " '"))
    @settings(max_examples=30)
    def try_it(question: str) -> None:
        assert about_document._TELLS.search(question)

    try_it()
