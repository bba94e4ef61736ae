"""What a corpus costs on OpenSearch, by its size: `python -m tests.benchmarks.opensearch_sizes`.

A node of its own on this machine, one shard without a copy, made-up documents
(`tests.fakes.documents`). Not collected by pytest;
OPENSEARCH_NODE as for the tests. 100,000 passages take two to three
minutes. From these figures deploy/OPERATING.md reckons what a large corpus takes.
"""

import argparse
import statistics
import tempfile
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from bot.index.opensearch.backend import OpenSearchBackend
from bot.live import LiveAnswerer
from bot.model import Question
from tests.fakes import documents
from tests.fakes.opensearch import OpenSearch, started
from tests.fakes.opensearch_index import ALIAS, opened

SIZES = (10_000, 100_000)
ASKED, WARMING = 300, 100

Json = dict[str, Any]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="passages")
    parser.add_argument("--heap", default="1g", help="the node's heap")
    chosen = parser.parse_args()
    try:
        with started(1, HEAP=chosen.heap, JAVA_TOOL_OPTIONS="") as server:
            rows = [_measured(server, int(size)) for size in chosen.sizes.split(",")]
    except pytest.skip.Exception as why:
        raise SystemExit(str(why)) from None
    table = Table("figure", *(f"{row['passages']:,}" for row in rows))
    for name in rows[0]:
        table.add_row(name, *(f"{row[name]:,.4g}" for row in rows))
    Console().print(table)


def _measured(server: OpenSearch, size: int) -> Json:
    server.empty()
    with tempfile.TemporaryDirectory() as temporary:
        folder, kept = Path(temporary, "corpus"), Path(temporary, "kept")
        documents.write(folder, size)
        nodes = opened(server)
        begun, cpu, theirs = time.monotonic(), time.process_time(), _cpu(server)
        lock = partial(nullcontext, _Ours())
        live = LiveAnswerer(
            folder,
            kept,
            shared=lambda f, prep, p, w: OpenSearchBackend(f, kept, nodes, lock, p, w, prep),
        )
        row: Json = {
            "passages": size,
            "index, s": time.monotonic() - begun,
            "index, bot's processor ms a passage": (time.process_time() - cpu) * 1000 / size,
            "index, OpenSearch's": (_cpu(server) - theirs) / size,
            "bytes a passage in a copy": _stored(server) / size,
            "bytes a passage in the catalog": _size_of(kept) / size,
        }
        changed = next(path for path in sorted(folder.rglob("*.txt")))
        changed.write_text("The ferry carries horses over the Wendle.\n")
        begun = time.monotonic()
        assert live.refresh()
        row["a changed file, s"] = time.monotonic() - begun
        return row | _answers(live, server, size)


def _answers(live: LiveAnswerer, server: OpenSearch, size: int) -> Json:
    """The questions of the shelf, after some others of it."""
    for text in documents.questions(size, WARMING, seed=5):
        live.answerer.answer(Question(text))
    seconds = []
    cpu, theirs = time.process_time(), _cpu(server)
    for text in documents.questions(size, ASKED):
        begun = time.monotonic()
        live.answerer.answer(Question(text))
        seconds.append(time.monotonic() - begun)
    return {
        "a question, median ms": statistics.median(seconds) * 1000,
        "p99": sorted(seconds)[int(ASKED * 0.99)] * 1000,
        "bot's processor ms": (time.process_time() - cpu) * 1000 / ASKED,
        "OpenSearch's": (_cpu(server) - theirs) / ASKED,
    }


def _cpu(server: OpenSearch) -> float:
    """Milliseconds of processor time that the nodes have used."""
    nodes = server.ask("GET", "/_nodes/stats/process")["nodes"]
    return float(sum(node["process"]["cpu"]["total_in_millis"] for node in nodes.values()))


def _stored(server: OpenSearch) -> float:
    """Bytes of the version in force."""
    server.ask("POST", f"/{ALIAS}/_flush")
    return float(
        server.ask("GET", f"/{ALIAS}/_stats/store")["_all"]["primaries"]["store"]["size_in_bytes"]
    )


def _size_of(kept: Path) -> int:
    return max(file.stat().st_size for file in kept.glob("*.sqlite"))


class _Ours:
    """The right to write, where nobody else would."""

    def still(self) -> bool:
        return True


if __name__ == "__main__":
    main()
