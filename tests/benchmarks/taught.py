"""What teaching does: half of a set's questions are taught, and both halves are asked.

python -m tests.benchmarks.taught FOLDER QUESTIONS.jsonl [FOLDER QUESTIONS.jsonl ...]

A line of a set has a `question` and its right places: `gold`, a list of [document, first line, last
line], or `paragraphs` of a `document` or of the only one. Which half is taught is drawn five times.
For those that were not taught it prints how many have a right first passage, are answered rightly,
and are right of those answered, before and after, with the mean of the five; for those that were
taught how many are answered rightly.
"""

import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from bot.answering.answerer import Answerer
from bot.learning.taught import Entry, Taught
from bot.live import LiveAnswerer
from bot.model import Answered, Passage, Question

SEEDS = 5


class Asked(NamedTuple):
    """A question and the passages that are right."""

    question: Question
    right: frozenset[tuple[str, int]]
    gold: Passage


class Scores(NamedTuple):
    """Shares: a right first passage, answered rightly, right of those answered."""

    first: float
    rightly: float
    precision: float


def read(file: Path, answerer: Answerer) -> list[Asked]:
    """The questions that have an answer in the documents, but for follow-ups: none is taught."""
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    asked = []
    for line in lines:
        right = [p for p in passages(line, answerer) if not p.points]
        if right and not line.get("after"):
            places = frozenset((p.document.path, p.number) for p in right)
            asked.append(Asked(Question(line["question"]), places, right[0]))
    return asked


def passages(line: dict[str, Any], answerer: Answerer) -> list[Passage]:
    """The right passages of a question, those of the first place first."""
    if "gold" not in line:
        document = line.get("document") or answerer.index.documents[0].path
        wanted = set(line.get("paragraphs") or ())
        return [p for p in answerer.index.passages_of(document) if p.number in wanted]
    return [
        passage
        for document, first, last in line["gold"]
        for passage in answerer.index.passages_of(document)
        if passage.lines and passage.lines[0] <= last and passage.lines[1] >= first
    ]


def scores(answerer: Answerer, asked: Sequence[Asked]) -> Scores:
    """How an answerer does."""
    first = answered = both = 0
    for one in asked:
        answer = answerer.answer(one.question)
        cited = [c.passage for c in answer.citations[:1]]
        is_right = any((p.document.path, p.number) in one.right for p in cited)
        first += is_right
        answered += isinstance(answer, Answered)
        both += is_right and isinstance(answer, Answered)
    number = max(1, len(asked))
    return Scores(first / number, both / number, both / max(1, answered))


def main(argv: Sequence[str]) -> None:
    """Measure each set."""
    for folder, file in zip(argv[::2], argv[1::2], strict=True):
        data = Path(folder).parent / "none"
        plain = LiveAnswerer(Path(folder), data, "memory").answerer
        asked = read(Path(file), plain)
        before, after, own = [], [], []
        for seed in range(SEEDS):
            mixed = asked[:]
            random.Random(seed).shuffle(mixed)
            half = len(mixed) // 2
            lines = [Entry.of(one.question.text, one.gold, "U1").line for one in mixed[:half]]
            taught = Answerer(plain.index, taught=Taught("\n".join(lines)))
            before.append(scores(plain, mixed[half:]))
            after.append(scores(taught, mixed[half:]))
            own.append(scores(taught, mixed[:half]))
        print(f"{folder}: {len(asked)} questions")
        for name, found in (("before", before), ("after", after), ("taught", own)):
            means = [mean(values) for values in zip(*found, strict=True)]
            shown = (
                f"{name} {value:.3f}" for name, value in zip(Scores._fields, means, strict=True)
            )
            print(f"  {name:7}", ", ".join(shown), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
