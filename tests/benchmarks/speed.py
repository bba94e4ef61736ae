"""How fast and how right, beside what people would use instead: `python -m tests.benchmarks.speed`.

Processor time, medians of several runs, each pair in turn, since machines are noisy. A trial, not
collected by pytest. With `--squad FILE` (SQuAD 2 in its own JSON format, to be had from its
authors) it also asks each question of the paragraphs of its own article, and one of another.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rank_bm25 import BM25Okapi, BM25Plus

from bot.answering.answerer import Answerer
from bot.evaluation.cases import Case, read_cases
from bot.model import Answered, Passage, Question
from tests.conftest import answerer_of, open_answerer

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
QUESTIONS = ROOT / "tests" / "questions"
SETS = ("article-dev", "article-dev-2", "article-held-out")
QUESTION = "what does the truce cover?"
RUNS = 11


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--squad", type=Path, metavar="FILE", help="SQuAD 2 in JSON")
    parser.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.first:
        print(json.dumps(_first()))
        return
    print(start_of_ask())
    print(first_answer())
    print(repeated_answer())
    plain_bm25()
    if chosen.squad:
        squad(json.loads(chosen.squad.read_text("utf-8"))["data"])


def start_of_ask() -> str:
    """The whole process of `ask`, beside the import of rank-bm25 alone."""
    ask = [sys.executable, "-m", "bot", "ask", QUESTION]
    alone = [sys.executable, "-c", "import rank_bm25"]
    pairs = [(_cpu_of(ask), _cpu_of(alone)) for _ in range(RUNS + 1)][1:]
    return _report("`ask` as a process", "`import rank_bm25`", pairs)


def _cpu_of(command: list[str]) -> float:
    """Processor time of a command whose modules are compiled, as they are once it is installed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as data:
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "DATA_DIR": data}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def first_answer() -> str:
    """`answer()` on the article, each question for the first time, in fresh processes."""
    asked = [sys.executable, "-m", "tests.benchmarks.speed", "--first"]
    runs = [subprocess.run(asked, check=True, stdout=subprocess.PIPE, cwd=ROOT) for _ in range(5)]
    pairs = [json.loads(run.stdout) for run in runs]
    return _report("a first `answer()`, 13 passages", "`get_top_n`", pairs)


def _first() -> tuple[float, float]:
    """Seconds of a question on the average, in this process, and rank-bm25's."""
    answerer = open_answerer(ROOT / "corpus")
    plain, passages = _plain()
    ours = theirs = 0.0
    asked = _questions()
    for question in asked:
        ours += _cpu(partial(answerer.answer, question))
        theirs += _cpu(partial(plain.get_top_n, question.text.lower().split(), passages, n=3))
    return ours / len(asked), theirs / len(asked)


def _plain() -> tuple[BM25Plus, list[Passage]]:
    passages = _passages()
    return BM25Plus([passage.text.lower().split() for passage in passages]), passages


def _questions() -> list[Question]:
    return [c.question for name in SETS for c in read_cases(QUESTIONS / f"{name}.jsonl")]


def repeated_answer() -> str:
    """The same for questions that were asked before."""
    answerer = open_answerer(ROOT / "corpus")
    plain, passages = _plain()
    asked = _questions()

    def top_n() -> None:
        for question in asked:
            plain.get_top_n(question.text.lower().split(), passages, n=3)

    def answers() -> None:
        for question in asked:
            answerer.answer(question)

    answers()
    pairs = [(_cpu(answers) / len(asked), _cpu(top_n) / len(asked)) for _ in range(RUNS)]
    return _report("a repeated `answer()`", "`get_top_n`", pairs)


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _report(what: str, beside: str, pairs: Sequence[tuple[float, float]]) -> str:
    ours = statistics.median(our for our, _ in pairs) * 1000
    ratio = statistics.median(our / their for our, their in pairs)
    return f"{what}: {ours:.3g} ms, {ratio:.3g} × {beside}"


def plain_bm25() -> None:
    """How often rank-bm25 with `split()` puts a right passage first; `eval` says it of the bot."""
    passages = _passages()
    plain = BM25Okapi([passage.text.split() for passage in passages])
    for name in SETS:
        cases = [c for c in read_cases(QUESTIONS / f"{name}.jsonl") if c.answerable]
        right = sum(_plain_is_right(case, plain, passages) for case in cases)
        print(f"rank-bm25 with split(), {name}: right passage first {right / len(cases):.2f}")


def _passages() -> list[Passage]:
    index = open_answerer(ROOT / "corpus").index
    return [analysis.passage for analysis in index.beginning(index.size)]


def _plain_is_right(case: Case, plain: BM25Okapi, passages: Sequence[Passage]) -> bool:
    [best] = plain.get_top_n(case.question.text.split(), passages, n=1)
    return best.number in case.paragraphs


def squad(articles: list[Json]) -> None:
    """Every question of SQuAD 2, asked of its own article and of another one."""
    answerers = [_answerer(article) for article in articles]
    everything = [list(_asked(article)) for article in articles]
    first = quoted = answerable = answered_right = answered = other = other_answered = 0
    draw = random.Random(1)
    for place, (answerer, asked) in enumerate(zip(answerers, everything, strict=True)):
        for question, paragraph, answers in asked:
            answer = answerer.answer(Question(question))
            if answers:
                best = answer.citations[0] if answer.citations else None
                right = best is not None and best.passage.number == paragraph
                answerable += 1
                first += right
                quoted += right and any(words in best.quote for words in answers if best)
                answered += isinstance(answer, Answered)
                answered_right += right and isinstance(answer, Answered)
            elsewhere = draw.choice(everything[(place + 5) % len(everything)])[0]
            other += 1
            other_answered += isinstance(answerer.answer(Question(elsewhere)), Answered)
    print(f"SQuAD, {answerable:,} answerable questions, each of its own article:")
    print(f"  right paragraph first {first / answerable:.3f}")
    print(f"  and an answer in the quote {quoted / answerable:.3f}")
    print(
        f"  answered {answered / answerable:.3f}, of these rightly {answered_right / answered:.3f}"
    )
    print(f"  {other:,} questions of another article: answered {other_answered / other:.3f}")


def _asked(article: Json) -> Iterator[tuple[str, int, list[str]]]:
    """Each question, the number of its paragraph, and its answers: none for an impossible one."""
    for number, paragraph in enumerate(article["paragraphs"], start=1):
        for asked in paragraph["qas"]:
            yield asked["question"], number, [answer["text"] for answer in asked["answers"]]


def _answerer(article: Json) -> Answerer:
    """Of a document whose every paragraph is a passage: each is a line, as in newspapers."""
    texts = [paragraph["context"].replace("\n", " ") for paragraph in article["paragraphs"]]
    return answerer_of("\n".join(texts))


if __name__ == "__main__":
    main()
