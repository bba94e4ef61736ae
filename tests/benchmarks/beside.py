"""Processor time of a question, beside what people would use instead, each question in turn.

`python -m tests.benchmarks.beside PASSAGES DIR` prints a JSON object with an engine a name: the
median and the 99th of a hundred in milliseconds. All engines are asked in one process, twenty
questions each in turn, so that a busy machine slows them alike, and none clears the processor's
caches for another at every question. Each question is asked of each for the first time.

rank-bm25 is asked with split words for its three best, bm25s with the same for their numbers,
SQLite FTS5 with the words joined by "or" for its three best, tantivy with stems for a hundred.
"""

import argparse
import json
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rank_bm25 import BM25Plus

from bot.english.text import STOP_WORDS, words
from bot.live import LiveAnswerer
from bot.model import Question
from tests.benchmarks import sizes
from tests.fakes import documents

MEMORY, DISK = "article-bot in memory", "article-bot on disk"
RANK_BM25, BM25S, FTS5, TANTIVY = "rank-bm25", "bm25s", "SQLite FTS5", "tantivy"
# Who holds everything in memory is spared more passages, who scores them all more questions.
LARGEST = {MEMORY: 10_000, RANK_BM25: 100_000, BM25S: 100_000}
FEWER = {(RANK_BM25, 100_000): 60}
ASKED, WARMING = 300, 30
IN_TURN = 20
SHOWN = 3

Ask = Callable[[str], object]


def main() -> None:
    """Measure one size."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("passages", type=int)
    parser.add_argument("folder", type=Path, help="where `sizes` made the documents and the index")
    chosen = parser.parse_args()
    print(json.dumps(measured(chosen.folder, chosen.passages)))


def measured(folder: Path, size: int) -> dict[str, tuple[float, float]]:
    """The median and the 99th percentile of each engine, in milliseconds."""
    engines = dict(_engines(folder, size))
    sizes.as_a_running_bot()
    for question in documents.questions(size, WARMING, seed=9):
        for name, ask in engines.items():
            if (name, size) not in FEWER:
                ask(question)
    taken: dict[str, list[float]] = {name: [] for name in engines}
    asked = documents.questions(size, ASKED)
    for start in range(0, ASKED, IN_TURN):
        for name, ask in engines.items():
            most = FEWER.get((name, size), ASKED)
            for question in asked[start : min(start + IN_TURN, most)]:
                begun = time.process_time()
                ask(question)
                taken[name].append((time.process_time() - begun) * 1000)
    return {name: (statistics.median(found), _99th(found)) for name, found in taken.items()}


def _99th(found: Sequence[float]) -> float:
    return sorted(found)[min(len(found) - 1, int(0.99 * len(found)))]


def _engines(folder: Path, size: int) -> Iterator[tuple[str, Ask]]:
    texts = [line for _, text in documents.documents(size) for line in text.splitlines()]
    disk = LiveAnswerer(folder / "corpus", folder / "data", "disk").answerer
    yield DISK, lambda question: disk.answer(Question(question))
    if size <= LARGEST[MEMORY]:
        memory = LiveAnswerer(folder / "corpus", folder / "data", "memory").answerer
        yield MEMORY, lambda question: memory.answer(Question(question))
    if size <= LARGEST[RANK_BM25]:
        yield RANK_BM25, _rank_bm25(texts)
    if size <= LARGEST[BM25S] and (ask := _bm25s(texts)):
        yield BM25S, ask
    yield FTS5, _fts5(texts)
    yield TANTIVY, _tantivy(folder)


def _rank_bm25(texts: Sequence[str]) -> Ask:
    plain = BM25Plus([text.lower().split() for text in texts], delta=0)
    return lambda question: plain.get_top_n(question.lower().split(), texts, n=SHOWN)


def _bm25s(texts: Sequence[str]) -> Ask | None:
    try:
        import bm25s
    except ImportError:  # pip install '.[bench]'
        return None
    plain = bm25s.BM25()
    plain.index([text.lower().split() for text in texts], show_progress=False)
    most = min(SHOWN, len(texts))

    def ask(question: str) -> object:
        return plain.retrieve([question.lower().split()], k=most, show_progress=False)

    return ask


def _fts5(texts: Sequence[str]) -> Ask:
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table texts using fts5(text, tokenize = 'porter')")
    database.executemany("insert into texts values (?)", ((text,) for text in texts))
    query = f"select text from texts where texts match ? order by rank limit {SHOWN}"

    def ask(question: str) -> object:
        content = [word.plain for word in words(question) if word.plain not in STOP_WORDS]
        asked = " OR ".join(f'"{word}"' for word in content)
        return database.execute(query, (asked,)).fetchall() if asked else []

    return ask


def _tantivy(folder: Path) -> Ask:
    index, _ = sizes.tantivy_of(folder)
    return lambda question: sizes.hundred(index, sizes.stems(question))


if __name__ == "__main__":
    main()
