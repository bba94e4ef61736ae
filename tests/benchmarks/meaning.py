"""What finding by meaning changes: each set of questions without it and with it, in one table.

    python -m tests.benchmarks.meaning SET [SET ...]

A SET is a folder as `tests.benchmarks.evidence` describes it (`documents`, `questions.jsonl`, and
perhaps `documents-gone` and `gone.jsonl`), or a file of questions of the documents in `corpus`: as
`article-bot eval` reads it, and all of these together are one line; or lines with `question` and
`contains`, one of which the right passage has. The first 60 questions of each folder are asked of
the next one's documents too: nothing there answers them. Vectors are kept in --data, so that a
second run takes no time for them.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from bot.answering.answerer import Answerer
from bot.evaluation.cases import read_cases
from bot.live import LiveAnswerer
from bot.model import Answer, Citation, Outcome, Question

OTHERS = 60
IsRight = Callable[[Citation], bool]


class Asked(NamedTuple):
    """A question, and what tells a right passage; None where nothing answers it."""

    question: Question
    is_right: IsRight | None


class Figures(NamedTuple):
    """How many of the answerable questions, and of the others how many are called answered."""

    answerable: int
    first: int
    three: int
    answered: int
    rightly: int
    wrongly: tuple[tuple[str, int, int], ...]

    def __str__(self) -> str:
        of = max(1, self.answerable)
        wrongly = "".join(f"  {kind} {said}/{asked}" for kind, said, asked in self.wrongly)
        return (
            f"first {self.first / of:.3f}  three {self.three / of:.3f}  rightly"
            f" {self.rightly / of:.3f} at {self.rightly / max(1, self.answered):.3f}{wrongly}"
        )


class Corpus(NamedTuple):
    """Documents, with what is asked of them, by kind."""

    documents: Path
    asked: dict[str, list[Asked]]


def figures(corpora: Sequence[Corpus], data: Path, *, by_meaning: bool) -> Figures:
    """What several corpora come to, together."""
    answers: list[tuple[str, Asked, Answer]] = []
    for documents, asked in corpora:
        live = LiveAnswerer(documents, data, "memory", semantic=by_meaning, indexed=True)
        answers += _answers(live.answerer, asked)
    own = [(one, answer) for _, one, answer in answers if one.is_right is not None]
    said = [(one, answer) for one, answer in own if answer.outcome is Outcome.ANSWERED]
    wrongly: dict[str, list[bool]] = {}
    for kind, one, answer in answers:
        if one.is_right is None:
            wrongly.setdefault(kind, []).append(answer.outcome is Outcome.ANSWERED)
    return Figures(
        len(own),
        sum(_among(1, *pair) for pair in own),
        sum(_among(3, *pair) for pair in own),
        len(said),
        sum(_among(1, *pair) for pair in said),
        tuple((kind, sum(found), len(found)) for kind, found in sorted(wrongly.items())),
    )


def _answers(
    answerer: Answerer, asked: dict[str, list[Asked]]
) -> Iterable[tuple[str, Asked, Answer]]:
    for kind, questions in asked.items():
        for one in questions:
            yield kind, one, answerer.answer(one.question)


def _among(most: int, asked: Asked, answer: Answer) -> bool:
    assert asked.is_right is not None
    return any(map(asked.is_right, answer.citations[:most]))


def of_folder(folder: Path, other: Path | None) -> list[Corpus]:
    """The corpora of a folder, and the first questions of another one asked of it."""
    own = {"": list(_in_lines(folder / "questions.jsonl"))}
    if other is not None:
        asked = list(_in_lines(other / "questions.jsonl"))[:OTHERS]
        own["other"] = [one._replace(is_right=None) for one in asked]
    corpora = [Corpus(folder / "documents", own)]
    if (folder / "gone.jsonl").exists():
        gone = list(_in_lines(folder / "gone.jsonl"))
        corpora.append(Corpus(folder / "documents-gone", {"gone": gone}))
    return corpora


def _in_lines(file: Path) -> Iterable[Asked]:
    for line in file.read_text("utf-8").splitlines():
        asked = json.loads(line)
        question = Question(asked["question"], tuple(asked.get("after") or ()))
        is_right = None
        if asked.get("gold"):
            is_right = _stands_in(asked["gold"])
        elif asked.get("contains"):
            is_right = _has_one_of(asked["contains"])
        yield Asked(question, is_right)


def _has_one_of(texts: Sequence[str]) -> IsRight:
    return lambda citation: any(text in citation.passage.text for text in texts)


def _stands_in(gold: Sequence[tuple[str, int, int]]) -> IsRight:
    def is_right(citation: Citation) -> bool:
        path, lines = citation.passage.document.path, citation.passage.lines
        return lines is not None and any(
            path == document and lines[0] <= last and lines[1] >= first
            for document, first, last in gold
        )

    return is_right


def of_files(files: Sequence[Path], documents: Path) -> list[Corpus]:
    """The questions of some files for `eval`, as one."""
    asked = [
        Asked(case.question, _is_one_of(case.paragraphs) if case.answerable else None)
        for file in files
        for case in read_cases(file)
        if case.paragraphs or not case.answerable
    ]
    return [Corpus(documents, {"unanswerable": asked})]


def _is_one_of(paragraphs: frozenset[int]) -> IsRight:
    return lambda citation: citation.passage.number in paragraphs


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    options = parser.parse_args()
    folders = [one for one in options.sets if one.is_dir()]
    files = [one for one in options.sets if not one.is_dir()]
    cases = [file for file in files if '"paragraphs"' in file.read_text("utf-8")]
    table = {"files": of_files(cases, options.corpus)} if cases else {}
    for file in set(files) - set(cases):
        table[file.stem] = [Corpus(options.corpus, {"": list(_in_lines(file))})]
    for place, folder in enumerate(folders):
        other = folders[(place + 1) % len(folders)]
        table[folder.name] = of_folder(folder, other if other != folder else None)
    for name, corpora in table.items():
        for by_meaning in (False, True):
            found = figures(corpora, options.data, by_meaning=by_meaning)
            print(f"{name:24}{'with' if by_meaning else 'without':8} {found}", flush=True)


if __name__ == "__main__":
    main()
