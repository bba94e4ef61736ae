"""Time, memory and disk against the size of the corpus: `python -m tests.benchmarks.sizes`.

Each engine answers the same questions of the same made-up documents (`tests.fakes.documents`), in a
process of its own, beside rank-bm25 and tantivy as they are. A trial, not collected by pytest; a
million passages take half an hour and 4 GB of disk. With `--keep DIR` what was made is used again.
"""

import argparse
import asyncio
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import tantivy
from rank_bm25 import BM25Plus
from rich.console import Console
from rich.table import Table

from bot.answering.answerer import Answerer
from bot.cli import NEW_OBJECTS
from bot.documents.folder import DocumentFolder
from bot.english.text import words
from bot.index.catalog import Catalog
from bot.index.tantivy import CATALOG, TantivyBuilder, TantivyIndex, TantivySearcher, index_folder
from bot.live import LiveAnswerer
from bot.model import Question
from tests.fakes import documents

ROOT = Path(__file__).parents[2]
SIZES = (13, 1_000, 10_000, 100_000, 1_000_000)
ASKED, WARMING = 300, 30
# Who holds everything in memory, or walks through it at every question, is spared the largest.
LARGEST = {"memory": 10_000, "rank-bm25": 1_000_000}
# At three seconds a question, fewer are enough.
FEWER = {("rank-bm25", 100_000): 60, ("rank-bm25", 1_000_000): 12}
ENGINES = ("memory", "disk", "rank-bm25", "tantivy", "tantivy, same words")
CANDIDATES = 100

Json = dict[str, Any]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="passages")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where what is made is kept")
    parser.add_argument("--one", nargs=3, metavar=("ENGINE", "PASSAGES", "DIR"), help="one cell")
    chosen = parser.parse_args()
    if chosen.one:
        engine, passages, folder = chosen.one
        print(json.dumps(MEASURES[engine](Path(folder), int(passages))))
        return
    with tempfile.TemporaryDirectory() as temporary:
        kept = chosen.keep or Path(temporary)
        sizes = [int(size) for size in chosen.sizes.split(",")]
        rows = [row for size in sizes for row in _measured(kept / f"shelf{size}", size)]
    _show(rows)


def _measured(folder: Path, size: int) -> Iterator[Json]:
    """A row for each engine at one size."""
    if not (folder / "corpus").exists():
        documents.write(folder / "corpus", size)
    for engine in ENGINES:
        if size <= LARGEST.get(engine, size):
            row = {"engine": engine, "passages": size} | _measure(engine, size, folder)
            print(json.dumps(row), file=sys.stderr, flush=True)
            yield row


def _measure(what: str, size: int, folder: Path) -> Json:
    """One of MEASURES, in a process of its own."""
    command = ["-m", "tests.benchmarks.sizes", "--one", what, str(size), str(folder)]
    ran = subprocess.run([sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    measured: Json = json.loads(ran.stdout)
    return measured


def memory(folder: Path, size: int) -> Json:
    """The engine for small corpora."""
    begun, cpu = time.monotonic(), time.process_time()
    answerer = LiveAnswerer(folder / "corpus", folder / "data", "memory").answerer
    answerer.answer(Question("what of it said Monday"))
    row = {"index": time.monotonic() - begun, "index cpu": time.process_time() - cpu}
    return row | _start(folder, "memory") | _answers(answerer, size)


def indexing(folder: Path, _: int) -> Json:
    """To index on disk, with all processors."""
    begun, cpu = time.monotonic(), _cpu_with_children()
    indexer = TantivyBuilder(index_folder(folder / "corpus", folder / "data"))
    indexer.update(DocumentFolder(folder / "corpus").look(), keep=False)
    indexer.close()
    return {"index": time.monotonic() - begun, "index cpu": _cpu_with_children() - cpu}


def disk(folder: Path, size: int) -> Json:
    """The engine for large ones; at the largest size, also what a change of one file takes."""
    data = folder / "data"
    index = index_folder(folder / "corpus", data)
    noted = folder / "indexed.json"
    if not noted.exists():
        noted.write_text(json.dumps(_measure("index", size, folder)))
    live = LiveAnswerer(folder / "corpus", data, "disk")
    row: Json = json.loads(noted.read_text()) | _start(folder, "disk")
    row |= _answers(live.answerer, size)
    live.close()
    return row | {"disk": _size(index), "change": asyncio.run(_change(folder, data))}


def _cpu_with_children() -> float:
    """The processor time of this process, and of the others that it made and that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


async def _change(folder: Path, data: Path) -> float:
    """Seconds until a change of one file is in force, in a shelf that follows its folder."""
    live = LiveAnswerer(folder / "corpus", data, "disk")
    stop = asyncio.Event()
    following = asyncio.create_task(live.follow(stop))
    await asyncio.sleep(1.5)
    file = min((folder / "corpus").rglob("*.txt"))
    text = file.read_text("utf-8")
    taken = []
    for written in (text + "Nobody had ever seen a quokka there.\n", text):
        before, begun = live.answerer, time.monotonic()
        file.write_text(written, encoding="utf-8")
        while live.answerer is before:  # noqa: ASYNC110  it is a stopwatch
            await asyncio.sleep(0.01)
        taken.append(time.monotonic() - begun)
        await asyncio.sleep(2.5)
    stop.set()
    await following
    return max(taken)


def rank_bm25(_: Path, size: int) -> Json:
    """rank-bm25 as it is: split words, every passage scored at every question."""
    begun, cpu = time.monotonic(), time.process_time()
    texts = [line for _, text in documents.documents(size) for line in text.splitlines()]
    plain = BM25Plus([text.lower().split() for text in texts], delta=0)
    row = {"index": time.monotonic() - begun, "index cpu": time.process_time() - cpu}
    many = FEWER.get(("rank-bm25", size), ASKED)
    return row | _timed(
        lambda question: plain.get_top_n(question.lower().split(), texts, n=3), size, many
    )


def tantivy_alone(folder: Path, size: int) -> Json:
    """tantivy's own hundred best for the question's stems, with the terms stored with each."""
    index, row = tantivy_of(folder)
    return row | _timed(lambda question: hundred(index, stems(question)), size, ASKED)


def stems(question: str) -> dict[str, float]:
    """The stems of a question's words of content, of equal weight."""
    found = words(question.casefold())
    return {word.term: 1.0 for word in found if word.is_content}


def tantivy_same(folder: Path, size: int) -> Json:
    """The same for the words that article-bot looks for: with synonyms, names, and weights.

    What they are is worked out beforehand, and not timed.
    """
    index, row = tantivy_of(folder)
    engine = _Overheard()
    answerer = LiveAnswerer(folder / "corpus", folder / "data", "disk").answerer
    assert isinstance(answerer.index, TantivyIndex)
    answerer.index._engine = cast("TantivySearcher", engine)  # which only listens
    asked = [*documents.questions(size, WARMING, seed=9), *documents.questions(size, ASKED)]
    weights = {question: engine.weights(answerer, question) for question in asked}
    return row | _timed(lambda question: _hundreds(index, weights[question]), size, ASKED)


def _hundreds(index: tantivy.Index, parts: list[dict[str, float]]) -> None:
    for weights in parts:
        hundred(index, weights)


class _Overheard:
    """Stands where the engine does, and keeps what is looked for."""

    def __init__(self) -> None:
        self._heard: list[dict[str, float]] = []

    def weights(self, answerer: Answerer, question: str) -> list[dict[str, float]]:
        """What is looked for, for each part of a question."""
        self._heard = []
        answerer.answer(Question(question))
        return self._heard

    def candidates(self, weights: dict[str, float], _: int, __: str | None) -> list[int]:
        self._heard.append(weights)
        return []

    def fuzzy(self, _: str, __: int) -> list[str]:
        return []


def hundred(index: tantivy.Index, weights: dict[str, float]) -> None:
    """The hundred best by the weighted sum of their terms, with their terms."""
    asked = []
    for stem, weight in weights.items():
        query = tantivy.Query.term_query(index.schema, "terms", stem, index_option="freq")
        asked.append((tantivy.Occur.Should, tantivy.Query.boost_query(query, weight)))
    searcher = index.searcher()
    found = searcher.search(tantivy.Query.boolean_query(asked), CANDIDATES, count=False)
    for _, address in found.hits:
        searcher.doc(address).get_first("terms")


def tantivy_of(folder: Path) -> tuple[tantivy.Index, Json]:
    """An index of the passages' stems, which it stores; and what it cost to make."""
    path, begun = folder / "tantivy", time.monotonic()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("terms", stored=True, tokenizer_name="terms", index_option="freq")
    fresh = not path.exists()
    path.mkdir(exist_ok=True)
    index = tantivy.Index(builder.build(), str(path))
    splitter = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("terms", splitter)
    if fresh:
        writer = index.writer(64_000_000, num_threads=1)
        known = Catalog.at(index_folder(folder / "corpus", folder / "data") / CATALOG)
        for start in range(0, known.fact("passages", 0), 10_000):
            query = "select above || own from passages where id > ? and id <= ?"
            for (terms,) in known.rows(query, (start, start + 10_000)):
                document = tantivy.Document()
                document.add_text("terms", terms)
                writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        known.close()
        index.reload()
        (folder / "tantivy.json").write_text(json.dumps({"index": time.monotonic() - begun}))
    cost: Json = json.loads((folder / "tantivy.json").read_text())
    return index, cost | {"disk": _size(path)}


def _answers(answerer: Answerer, size: int) -> Json:
    return _timed(lambda question: answerer.answer(Question(question)), size, ASKED)


def as_a_running_bot() -> None:
    """Leave what is there to itself, and look seldom for what nothing leads to, as the bot does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def _timed(ask: Callable[[str], object], size: int, many: int) -> Json:
    """Processor time of each question, asked once, after some others; and what memory is held."""
    for question in documents.questions(size, min(WARMING, many), seed=9):
        ask(question)
    as_a_running_bot()
    taken = []
    for question in documents.questions(size, ASKED)[:many]:
        begun = time.process_time()
        ask(question)
        taken.append((time.process_time() - begun) * 1000)
    taken.sort()
    return {
        "p50": statistics.median(taken),
        "p99": taken[min(len(taken) - 1, int(0.99 * len(taken)))],
        "memory": _anonymous(),
    }


def _anonymous() -> float:
    """This process's memory beyond the page cache, in MB."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    [line] = [line for line in status.read_text().splitlines() if line.startswith("RssAnon")]
    return int(line.split()[1]) / 1024


def _start(folder: Path, engine: str) -> Json:
    """Seconds from the start of `ask` to its end, the best of three: others use the machine too."""
    settings = {"ENGINE": engine, "DATA_DIR": str(folder / "data")}
    asked = ["ask", "--corpus", str(folder / "corpus"), "what of it said Monday"]
    taken = []
    for _ in range(3):
        begun = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "bot", *asked],
            cwd=ROOT,
            env=os.environ | settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        taken.append(time.monotonic() - begun)
    return {"start": min(taken)}


def _size(folder: Path) -> float:
    """The megabytes below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


MEASURES: dict[str, Callable[[Path, int], Json]] = {
    "index": indexing,
    "memory": memory,
    "disk": disk,
    "rank-bm25": rank_bm25,
    "tantivy": tantivy_alone,
    "tantivy, same words": tantivy_same,
}
OTHERS = ("rank-bm25", "tantivy", "tantivy, same words")
COLUMNS = {
    "index": ("to index, s", ".1f"),
    "start": ("`ask` in all, s", ".2f"),
    "change": ("a change, s", ".2f"),
    "memory": ("memory, MB", ".0f"),
    "disk": ("disk, MB", ".0f"),
    "p50": ("p50, ms", ".2f"),
    "p99": ("p99, ms", ".2f"),
}


def _show(rows: Sequence[Json]) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("passages", "engine", *(title for title, _ in COLUMNS.values())):
        table.add_column(name, justify="right")
    for name in OTHERS:
        table.add_column(f"beside {name}", justify="right")
    for row in rows:
        cells = [format(row[key], form) if key in row else "" for key, (_, form) in COLUMNS.items()]
        ratios = [_ratio(row, rows, other) for other in OTHERS]
        table.add_row(f"{row['passages']:,}", row["engine"], *cells, *ratios)
    Console(width=160).print(table)


def _ratio(row: Json, rows: Sequence[Json], other: str) -> str:
    """How many times as much processor time as another at the same size."""
    found = [r for r in rows if r["engine"] == other and r["passages"] == row["passages"]]
    return f"{row['p50'] / found[0]['p50']:.3g}" if found and row["engine"] != other else ""


if __name__ == "__main__":
    main()
