"""Scoring fewer passages does not change the result."""

from pathlib import Path

import pytest

from bot.answering.ranking import rank
from bot.answering.weights import MAX_CANDIDATES, MAX_RANKED
from bot.model import Question
from tests.conftest import open_answerer
from tests.fakes import documents

PASSAGES = 150


@pytest.mark.parametrize("most", [MAX_CANDIDATES, PASSAGES])
def test_the_top_results_do_not_depend_on_how_many_passages_are_scored(
    tmp_path: Path, most: int
) -> None:
    """As many as are found cannot be passed over; of ten, most can."""
    documents.write(tmp_path, PASSAGES)
    answerer = open_answerer(tmp_path)
    asked = [*documents.questions(PASSAGES, 25), *map("is it not {}?".format, ("new", "open"))]
    tried = 0
    for question in asked:
        for part in answerer.examine(Question(question)):
            few = rank(part.query, answerer.index, most, MAX_RANKED)
            every = rank(part.query, answerer.index, most, PASSAGES)
            told = [(one.analysis.rest.place, one.score, one.matches, one.quote) for one in few]
            assert told == [
                (one.analysis.rest.place, one.score, one.matches, one.quote)
                for one in every[: len(few)]
            ]
            tried += len(every) > MAX_RANKED
    assert tried > 10
