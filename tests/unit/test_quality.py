"""Quality must not drop: asks the question sets of people who read only the documents."""

from pathlib import Path
from typing import NamedTuple

import pytest

from bot.evaluation.cases import evaluate, read_cases
from tests.conftest import CORPUS, open_answerer

HERE = Path(__file__).parents[1]


class Bounds(NamedTuple):
    """How many questions of a set must at least come out right, and may at most come out wrong.

    `first`: the right passage comes first. `answered`: and it is called the answer. `wrong`: a
    wrong one is. `unanswerable`: the documents do not say it, and something is called the answer.
    """

    first: int
    answered: int
    wrong: int
    unanswerable: int


# A question or two inside of what it is today. Who makes it better draws the bounds closer.
@pytest.mark.parametrize(
    ("name", "corpus", "bounds"),
    [
        # today 52, 31, 0, 0 of 80
        ("article-dev", CORPUS, Bounds(first=51, answered=30, wrong=1, unanswerable=1)),
        # today 36, 18, 0, 1 of 60
        ("article-dev-2", CORPUS, Bounds(first=36, answered=17, wrong=1, unanswerable=2)),
        # today 40, 23, 1, 1 of 60
        ("article-held-out", CORPUS, Bounds(first=39, answered=22, wrong=2, unanswerable=2)),
        # today 7, 1, 0, 0 of 20
        ("policy", HERE / "corpora/policy", Bounds(first=6, answered=1, wrong=1, unanswerable=1)),
    ],
)
def test_a_set_of_questions_is_answered_no_worse_than_before(
    name: str, corpus: Path, bounds: Bounds
) -> None:
    cases = read_cases(HERE / "questions" / f"{name}.jsonl")
    results = evaluate(cases, open_answerer(corpus).answer)
    right = {result.case.name for result in results if result.first}
    answered = {result.case.name for result in results if result.outcome == "answered"}
    answerable = {case.name for case in cases if case.answerable}
    assert len(right) >= bounds.first
    assert len(right & answered) >= bounds.answered
    assert len((answered & answerable) - right) <= bounds.wrong
    assert len(answered - answerable) <= bounds.unanswerable
