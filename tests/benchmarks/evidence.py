"""Fits the weights of the evidence rule to folders of questions, and tries them across corpora.

    python -m tests.benchmarks.evidence [--meaning] FOLDER [FOLDER ...]

A FOLDER has `documents` and `questions.jsonl`, whose lines have `question`, perhaps `after`, and
`gold`: a list of [document, first line, last line] that answer it, empty for a question that they
do not answer. It may have `documents-gone` and `gone.jsonl` too: the documents without the answers
to those questions. A FOLDER of such folders counts as one. Every folder weighs the same, however
many questions it has. With --meaning the weights are for the questions that words alone do not
answer, where the sentence model helps; vectors are kept in each FOLDER. Each is judged by weights
that were fitted to the others, and by those that are in force.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bot.answering.answerer import Answerer
from bot.answering.evidence import features, features_of_meaning
from bot.answering.vetoes import vetoes
from bot.answering.weights import (
    EVIDENCE,
    EVIDENCE_BASE,
    EVIDENCE_MEANING,
    EVIDENCE_MEANING_BASE,
    Thresholds,
)
from bot.live import LiveAnswerer
from bot.model import Outcome, Question

Numbers = npt.NDArray[np.float64]

# How strongly weights are held near zero: so that none grows on a chance of a few questions.
RIDGE = 0.3
STEPS = 50


class Judged(NamedTuple):
    """A question's features, and whether its first passage answers it; None: nothing does.

    `kind` tells the questions apart. `vetoed`: it is no answer whatever its chance.
    """

    features: tuple[float, ...]
    right: bool | None
    vetoed: bool
    kind: str

    def is_answered(self, weights: Numbers, enough: float) -> bool:
        """Whether these weights call it answered."""
        chance = 1 / (1 + np.exp(-np.dot((*self.features, 1.0), weights)))
        return not self.vetoed and bool(chance >= enough)


def judged(folder: Path, *, by_meaning: bool = False) -> list[Judged]:
    """What was found for the questions of a folder; by meaning, for those words do not answer."""
    if not (folder / "documents").exists():
        inside = sorted(folder.iterdir())
        return [one for inner in inside for one in judged(inner, by_meaning=by_meaning)]
    asked = {"none": ("documents", "questions.jsonl"), "gone": ("documents-gone", "gone.jsonl")}
    found = []
    for kind, (documents, questions) in asked.items():
        if (folder / questions).exists():
            live = LiveAnswerer(
                folder / documents, folder, "memory", semantic=by_meaning, indexed=True
            )
            found += _asked(live.answerer, folder / questions, kind)
    return found


def _asked(answerer: Answerer, file: Path, kind: str) -> list[Judged]:
    found = []
    for line in file.read_text("utf-8").splitlines():
        asked = json.loads(line)
        question = Question(asked["question"], tuple(asked.get("after", ())))
        gold = asked.get("gold", [])
        parts = answerer.examine(question)
        if len(parts) != 1 or not parts[0].found:
            continue
        [part] = parts
        by_words = Answerer(answerer.index).examine(question)[0]
        if answerer.meaning is not None and by_words.verdict.outcome is Outcome.ANSWERED:
            continue
        passage = part.found[0].analysis.passage
        right = any(
            passage.document.path == document
            and passage.lines is not None
            and passage.lines[0] <= last
            and passage.lines[1] >= first
            for document, first, last in gold
        )
        known = features(part.query, part.found)
        vetoed = any(vetoes(part.query, part.found[0], known, Thresholds()))
        closeness = answerer.meaning.closeness(part.query) if answerer.meaning else None
        if closeness is not None:
            known = features_of_meaning(part.query, part.found, by_words.found, closeness)
        label, known_as = (right, "answerable") if gold else (None, kind)
        found.append(Judged(tuple(known.values()), label, vetoed, known_as))
    return found


def fitted(corpora: Sequence[Sequence[Judged]]) -> Numbers:
    """The weights, the base last: logistic regression by Newton's method, each corpus alike."""
    rows, right, weights = [], [], []
    for corpus in corpora:
        usable = [one for one in corpus if not one.vetoed]
        rows += [(*one.features, 1.0) for one in usable]
        right += [float(one.right or 0) for one in usable]
        weights += [1000 / len(usable)] * len(usable)
    x, y, w = np.array(rows), np.array(right), np.array(weights)
    held = np.full(x.shape[1], RIDGE * len(corpora))
    held[-1] = 0.0
    found = np.zeros(x.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-x @ found))
        slope = x.T @ (w * (y - chance)) - held * found
        bend = (x.T * (w * chance * (1 - chance))) @ x + np.diag(held)
        found = found + np.linalg.solve(bend, slope)
    return found


def figures(corpus: Sequence[Judged], weights: Numbers, enough: float) -> str:
    """What a corpus comes to at a threshold."""
    said = [one for one in corpus if one.is_answered(weights, enough)]
    answerable = sum(one.right is not None for one in corpus)
    rightly = sum(bool(one.right) for one in said)
    of_answerable = sum(one.right is not None for one in said)
    wrong = {kind: sum(one.kind == kind for one in said) for kind in ("none", "gone")}
    of = {kind: sum(one.kind == kind for one in corpus) for kind in wrong}
    return (
        f"rightly {rightly / max(1, answerable):.2f}"
        f"  precision {rightly / max(1, of_answerable):.2f}"
        f"  unanswerable answered {wrong['none']}/{of['none']}  gone {wrong['gone']}/{of['gone']}"
    )


def main() -> None:
    """Print the weights and the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--meaning", action="store_true")
    parser.add_argument("--enough", type=float, nargs="*")
    options = parser.parse_args()
    usual = Thresholds()
    weights, base, least = EVIDENCE, EVIDENCE_BASE, usual.answered
    if options.meaning:
        weights, base = EVIDENCE_MEANING, EVIDENCE_MEANING_BASE
        least = usual.answered_by_meaning
    names = [folder.name for folder in options.folders]
    corpora = [judged(folder, by_meaning=options.meaning) for folder in options.folders]
    now = np.array([*weights.values(), base])
    found = fitted(corpora)
    for enough in options.enough or [least]:
        print(f"answered from {enough:.2f}")
        for place, name in enumerate(names):
            print(f"  {name:22} in force    {figures(corpora[place], now, enough)}")
            print(f"  {'':22} fitted      {figures(corpora[place], found, enough)}")
            others = [corpus for other, corpus in enumerate(corpora) if other != place]
            if others:
                print(f"  {'':22} by others   {figures(corpora[place], fitted(others), enough)}")
    print(
        ", ".join(f'"{name}": {weight:.2f}' for name, weight in zip(weights, found, strict=False))
    )
    print(f"base {found[-1]:.2f}")


if __name__ == "__main__":
    main()
