"""Acknowledgements and memory while large files are read and indexed under a running bot.

Run it by hand: `python -m tests.benchmarks.large_files --mb 200`. It ends with status 1 when a
promise was broken.
"""

import argparse
import asyncio
import itertools
import json
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.benchmarks.soak import RATE, Soak, ask, look
from tests.conftest import CORPUS
from tests.fakes import documents
from tests.fakes.process import Child, child
from tests.fakes.slack import FOLLOW_UP_SCOPES, FakeSlack

FILE_MB, SECONDS_OF_A_LOOK = 19, 2.0
# What is promised: seconds until 99.9% of all and until the last are acknowledged, and bytes of
# memory that all processes hold together.
MOST_SOON, MOST_LATE, MOST_MEMORY = 1.0, 3.0, 1_000_000_000


def write(folder: Path, megabytes: int) -> int:
    """Fill a folder with files just below the limit; returns their passages."""
    texts = (text for _, text in documents.documents(10**9))
    written = passages = 0
    for number in itertools.count():
        if written >= megabytes * 1_000_000:
            return passages
        with (folder / f"large-{number:02}.txt").open("w", encoding="utf-8") as file:
            while file.tell() < FILE_MB * 1_000_000 and written + file.tell() < megabytes * 1e6:
                passages += file.write(text := next(texts)) and text.count("\n")
            written += file.tell()
    raise AssertionError("unreachable")


async def trial(megabytes: int, patience: float) -> tuple[Soak, dict[str, float]]:
    """Ask all the while; returns what was measured, and how long the files took."""
    with tempfile.TemporaryDirectory() as folder:
        corpus, data, waiting = (Path(folder, name) for name in ("corpus", "data", "waiting"))
        shutil.copytree(CORPUS, corpus)
        data.mkdir()
        waiting.mkdir()
        passages = write(waiting, megabytes)
        print(f"{megabytes} MB, {passages:,} passages", flush=True)
        async with (
            FakeSlack(FOLLOW_UP_SCOPES) as slack,
            child(slack, data, health=True, CORPUS_DIR=str(corpus), LOG_LEVEL="ERROR") as bot,
        ):
            for file in waiting.iterdir():
                file.rename(corpus / file.name)
            over = Soak()
            asking = asyncio.create_task(ask_on(bot, over))
            looking = asyncio.create_task(look_on(bot, over))
            start = asyncio.get_running_loop().time()
            while (seconds := asyncio.get_running_loop().time() - start) < patience:
                if await served(bot) > passages:
                    break
                await asyncio.sleep(1)
            for task in (asking, looking):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            return over, {"seconds_until_active": round(seconds), "passages": await served(bot)}


async def ask_on(bot: Child, over: Soak) -> None:
    tasks = set[asyncio.Task[None]]()
    for number in itertools.count():
        tasks.add(task := asyncio.create_task(ask(bot, over, number)))
        task.add_done_callback(tasks.discard)
        await asyncio.sleep(1 / RATE)


async def look_on(bot: Child, over: Soak) -> None:
    while True:
        await look(bot, over, SECONDS_OF_A_LOOK)
        await asyncio.sleep(SECONDS_OF_A_LOOK)


async def served(bot: Child) -> int:
    """How many passages it answers from."""
    _, metrics = await bot.get("/metrics")
    line = next(x for x in metrics.splitlines() if x.startswith("article_bot_index_passages "))
    return int(float(line.split()[1]))


def report(over: Soak, took: dict[str, float]) -> bool:
    """Print what was measured; whether all promises were kept."""
    acks = sorted(over.acks)
    soon, late = acks[int(0.999 * (len(acks) - 1))], acks[-1]
    memory = max(held for _, held, _ in over.looks)
    figures = took | {
        "questions": len(acks),
        "unacknowledged": over.unacknowledged,
        "ack_99.9_seconds": round(soon, 3),
        "ack_last_seconds": round(late, 3),
        "memory_at_most_mb": round(memory / 1e6),
    }
    print(json.dumps(figures, indent=2))
    kept = not over.unacknowledged and soon <= MOST_SOON and late <= MOST_LATE
    return kept and memory <= MOST_MEMORY


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.large_files", description=__doc__
    )
    parser.add_argument("--mb", type=int, default=200, metavar="N", help="megabytes of files")
    parser.add_argument("--patience", type=float, default=1800, metavar="S", help="seconds")
    given = parser.parse_args()
    return 0 if report(*asyncio.run(trial(given.mb, given.patience))) else 1


if __name__ == "__main__":
    sys.exit(main())
