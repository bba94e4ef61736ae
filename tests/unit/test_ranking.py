"""Scoring fewer passages does not change the result."""

from pathlib import Path

import pytest

from bot.answering.evidence import features
from bot.answering.ranking import rank
from bot.answering.weights import MAX_CANDIDATES, MAX_RANKED, RANKED
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


# Sections whose passages fill the first ranks, versions of a rule, and opposites.
SECTIONS = {
    "ferry.md": "# Ferry\n\n"
    + "".join(
        f"The ferry to isle {n} leaves at {n} pm from the north pier.\n\n" for n in range(1, 7)
    )
    + "# Harbour\n\nThe harbour office is at the north pier.\n",
    "rule-2023.md": "---\ndate: 2023-01-01\n---\n# Fares\n\nA ticket to the isle costs 4 euros.\n",
    "rule-2024.md": "---\ndate: 2024-01-01\n---\n# Fares\n\nA ticket to the isle costs 5 euros.\n",
    "alarm.md": "".join(
        f"# {room}\n\n{text}\n\n"
        for room, text in (
            ("Hall", "Turn the alarm on at the desk."),
            ("Loft", "An alarm desk stands there."),
            ("Shed", "The alarm desk is old."),
            ("Yard", "Turn the alarm off at the gate of the wood behind the farm of the miller."),
        )
    ),
}
ASKED = (
    "when does the ferry to isle 3 leave?", "where is the harbour office?", "what leaves the pier?",
    "what does a ticket to the isle cost?", "is the ferry late?", "how do I turn the ferry off?",
    "how do I turn the alarm off at the desk?", "who has a key at the north pier?",
)  # fmt: skip


def test_the_evidence_does_not_depend_on_how_many_passages_are_ranked(tmp_path: Path) -> None:
    """Three are, unless they do not tell how far the first is ahead."""
    for name, text in SECTIONS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    answerer = open_answerer(tmp_path)
    ranked = set()
    for question in ASKED:
        [part] = answerer.examine(Question(question))
        few, many = (
            rank(part.query, answerer.index, MAX_CANDIDATES, top) for top in (RANKED, MAX_RANKED)
        )
        assert [one.analysis for one in few[:RANKED]] == [one.analysis for one in many[:RANKED]]
        assert features(part.query, few) == features(part.query, many)
        ranked.add(len(few))
    assert min(ranked) <= RANKED < max(ranked)
