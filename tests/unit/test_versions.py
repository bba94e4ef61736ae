"""Passages that differ only in numbers and dates, in documents with different dates."""

import json
from pathlib import Path

import pytest

from bot.answering.answerer import Answerer
from bot.model import Answered, Question
from bot.slack.rendering.buttons import ButtonState
from bot.slack.rendering.messages import answer_message, shared_message
from tests.conftest import Run, answerer_from

QUESTION = "how much is dinner in London?"


def policy(day: str, pounds: int, title: str = "Travel policy", heading: str = "Meals") -> str:
    return (
        f"---\ntitle: {title}\ndate: {day}\n---\n\n## {heading}\n\n"
        f"Dinner in London is {pounds} pounds from {pounds - 20} March. Keep the bill.\n"
    )


TWO = {"a.md": policy("2024-02-01", 24), "b.md": policy("2 February 2025", 25)}


def cited(answerer: Answerer, question: str = QUESTION) -> list[str]:
    answer = answerer.answer(Question(question))
    return [citation.passage.document.path for citation in answer.citations]


def test_the_newer_version_answers_despite_an_earlier_one() -> None:
    for files in (TWO, {"a.md": TWO["b.md"], "b.md": TWO["a.md"]}):
        answer = answerer_from(files).answer(Question(QUESTION))
        assert isinstance(answer, Answered)
        assert [c.quote for c in answer.citations] == [
            "Dinner in London is 25 pounds from 5 March.",
            "Dinner in London is 24 pounds from 4 March.",
        ]


def test_the_newest_of_many_versions_and_the_one_before_it_are_shown() -> None:
    files = {f"{year}.md": policy(f"{year}-02", year - 2000) for year in range(2015, 2027)}
    assert cited(answerer_from(files)) == ["2026.md", "2025.md"]


@pytest.mark.parametrize(
    ("question", "paths"),
    [
        ("how much was dinner in London in 2024?", ["a.md", "b.md"]),  # a year
        ("how much was dinner in London in 2025?", ["b.md", "a.md"]),
        ("how much is dinner in London in:a.md", ["a.md"]),  # a document
        ("how much is dinner in London by the blue book?", ["c.md"]),
    ],
)
def test_a_year_or_a_document_in_the_question_decides(question: str, paths: list[str]) -> None:
    files = {**TWO, "c.md": policy("2023", 23, title="Blue book")}
    assert cited(answerer_from(files), question)[: len(paths)] == paths


@pytest.mark.parametrize(
    "other",
    [
        policy("2024-02-01", 24, title="Students"),
        policy("2024-02-01", 24, heading="Guests"),
        policy("2025-02-02", 24),  # of the same day
        policy("2024-02-01", 24).replace("date:", "day:"),
        policy("2024-02-01", 24).replace("Keep", "Do not keep"),
    ],
)
def test_a_passage_that_differs_in_words_or_heading_or_has_the_same_date_is_no_version(
    run: Run, tmp_path: Path, other: str
) -> None:
    (tmp_path / "a.md").write_text(other)
    (tmp_path / "b.md").write_text(TWO["b.md"])
    answered = json.loads(run("ask", "--json", "--corpus", str(tmp_path), QUESTION).out)
    assert not any("version" in citation for citation in answered["citations"])


def test_every_interface_marks_the_earlier_version(run: Run, tmp_path: Path) -> None:
    for name, text in TWO.items():
        (tmp_path / name).write_text(text)
    shown = run("ask", "--corpus", str(tmp_path), QUESTION).out
    assert "An earlier version says:\n  “Dinner in London is 24 pounds from 4 March.”" in shown
    answered = json.loads(run("ask", "--json", "--corpus", str(tmp_path), QUESTION).out)
    assert [citation.get("version") for citation in answered["citations"]] == [None, "earlier"]
    question = Question(QUESTION)
    answer = answerer_from(TWO).answer(question)
    for message in (
        answer_message(question, answer),
        shared_message(answer, ButtonState.of(question, answer), "U1"),
    ):
        said = json.dumps(message["blocks"])
        assert said.index("25 pounds") < said.index("An earlier version says:")
        assert said.index("An earlier version says:") < said.index("24 pounds")
        assert "bears on this" not in said
