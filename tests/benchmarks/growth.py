"""What the bot holds on to: its memory and its open files after so many mentions, and so many more.

A trial, run by hand: `python -m tests.benchmarks.growth`, or as a test: `pytest -m long`.
"""

# ruff: noqa: ASYNC110 - another process cannot set an event

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.load import text
from tests.fakes import slack as fake_slack
from tests.fakes.process import Child, child
from tests.fakes.slack import FakeSlack
from tests.fakes.storm import CHANNELS, PEOPLE, due

AT_ONCE, RATE = 20, 100.0
# In which connections that nobody uses any more are closed.
REST = 17.0


@dataclass(frozen=True)
class Held:
    """What a process holds: resident memory in bytes, and open files."""

    mentions: int
    memory: int
    files: int


async def measure(slack: FakeSlack, folder: Path, *counts: int) -> list[Held]:
    """Run the bot, and look at it each time that it has answered so many mentions."""
    found = []
    async with child(slack, folder, LOG_LEVEL="ERROR") as bot:
        done = 0
        for count in counts:
            await ask(bot, range(done, count))
            done = count
            found.append(look(bot.process.pid, count))
            print(
                f"after {count:6,} mentions: {found[-1].memory / 1e6:6.1f} MB, "
                f"{found[-1].files} open files",
                flush=True,
            )
    return found


async def ask(bot: Child, numbers: range) -> None:
    """Ask so many questions at a steady rate, and wait until all are answered."""
    waiting, start = iter(numbers), time.monotonic()

    async def one_after_another() -> None:
        for n in waiting:
            await asyncio.sleep(start + (n - numbers.start) / RATE - time.monotonic())
            event = fake_slack.mention(text(n), channel=f"C{n % CHANNELS}", user=f"U{n % PEOPLE}")
            assert await bot.event(event)
            if n % 500 == 0:  # the fake need not remember it all
                bot.slack.calls.clear()
                bot.slack.posts.clear()

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
    async with asyncio.timeout(60):
        while due(bot):
            await asyncio.sleep(0.2)
    await asyncio.sleep(REST)


def look(pid: int, mentions: int) -> Held:
    """What the process holds now, as Linux tells."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Held(mentions, pages * os.sysconf("SC_PAGE_SIZE"), files)


async def show(counts: Sequence[int]) -> None:
    start = time.monotonic()
    async with FakeSlack() as slack:
        with tempfile.TemporaryDirectory() as folder:
            await measure(slack, Path(folder), *counts)
    print(f"in {time.monotonic() - start:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.growth", description=__doc__)
    parser.add_argument("counts", type=int, nargs="*", default=[2_000, 5_000, 10_000, 20_000])
    given = parser.parse_args()
    if not all(0 < count <= 100_000 for count in given.counts):
        parser.error("count from 1 to 100,000 mentions")
    asyncio.run(show(given.counts))


if __name__ == "__main__":
    main()
