"""Half an hour of questions while documents change and something hostile comes, and what it cost.

Run it by hand: `python -m tests.benchmarks.soak`. It ends with status 1 when a promise was broken.
"""

# ruff: noqa: ASYNC110, ASYNC240 - another process cannot set an event; /proc and /tmp are no disks

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import CORPUS
from tests.fakes import slack as fake_slack
from tests.fakes.process import Child, child
from tests.fakes.slack import FOLLOW_UP_SCOPES, FakeSlack
from tests.fakes.storm import CHANNELS, PEOPLE, QUESTIONS, due

RATE, SECONDS_OF_A_DOCUMENT, SECONDS_OF_AN_ATTACK = 20.0, 5.0, 10.0
SECONDS_OF_A_LOOK = 15.0
# What is promised: seconds until 99.9% of all and until the last are acknowledged, and by how many
# bytes memory may grow in the last two thirds.
MOST_SOON, MOST_LATE, MOST_GROWTH = 1.0, 3.0, 2_000_000
SHOWN = 5


@dataclass
class Soak:
    """What was asked and what came of it; each look is seconds, bytes of memory, open files."""

    asked: dict[str, str] = field(default_factory=dict)
    acks: list[float] = field(default_factory=list)
    unacknowledged: int = 0
    looks: list[tuple[float, int, int]] = field(default_factory=list)
    attacks: int = 0


# What is hostile: messages, requests and files, one after another.


async def a_colon(bot: Child, _: Path) -> None:
    await bot.slack.send_event(fake_slack.mention(":" + "a" * 30_000, channel="C98"))


async def a_word_over_and_over(bot: Child, _: Path) -> None:
    thread = fake_slack.direct_message("us " * 10_000, channel="C98", thread_ts="1.1")
    await bot.slack.send_event(thread)


async def half_a_payload(bot: Child, _: Path) -> None:
    broken = {"type": "app_mention", "user": {}, "text": [[]], "channel": 5, "ts": None}
    await bot.slack.send_event(broken)


async def idle_connections(bot: Child, _: Path) -> None:
    for _n in range(60):
        _reader, writer = await asyncio.open_connection("127.0.0.1", bot.port)
        writer.write(b"GET /healthz HTTP/1.1\r\n")
        asyncio.get_running_loop().call_later(5, writer.transport.abort)


async def a_name_that_is_no_text(_: Child, corpus: Path) -> None:
    with suppress(OSError):  # not every file system has them
        Path(os.fsdecode(os.fsencode(corpus) + b"/hostile-\xff\xfe.txt")).write_text("It is here.")


async def front_matter(_: Child, corpus: Path) -> None:
    bad = "!!bool x", "9" * 5_000, "[" * 2_000
    (corpus / "hostile-front.md").write_text(
        "---\n" + "".join(f"title: {x}\n" for x in bad) + "---\n"
    )


async def a_long_line(_: Child, corpus: Path) -> None:
    (corpus / "hostile-line.txt").write_text("word " * 400_000)


async def a_paragraph_of_chinese(_: Child, corpus: Path) -> None:
    (corpus / "hostile-chinese.txt").write_text("\u4e2d\u6587" * 30_000, encoding="utf-8")


async def a_link_that_leads_outside(_: Child, corpus: Path) -> None:
    (corpus / "hostile-link.txt").symlink_to("/etc/passwd")


async def a_folder_without_end(_: Child, corpus: Path) -> None:
    (corpus / "hostile-deep").joinpath(*["d"] * 100).mkdir(parents=True)


ATTACKS: tuple[Callable[[Child, Path], Awaitable[None]], ...] = (
    a_colon,
    a_name_that_is_no_text,
    half_a_payload,
    front_matter,
    idle_connections,
    a_long_line,
    a_word_over_and_over,
    a_paragraph_of_chinese,
    a_link_that_leads_outside,
    a_folder_without_end,
)


def clean(corpus: Path) -> None:
    """Take away what is hostile in the folder."""
    for path in corpus.glob("hostile-*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


# The load.


async def soak(seconds: float) -> tuple[Soak, Counter[str], list[str]]:
    """Run the bot for so long; returns what was measured, the posts of each question, the wrong."""
    with tempfile.TemporaryDirectory() as folder:
        corpus, data = Path(folder, "corpus"), Path(folder, "data")
        shutil.copytree(CORPUS, corpus)
        data.mkdir()
        async with (
            FakeSlack(FOLLOW_UP_SCOPES) as slack,
            child(slack, data, health=True, CORPUS_DIR=str(corpus), LOG_LEVEL="ERROR") as bot,
        ):
            over = Soak()
            stop = time.monotonic() + seconds
            await asyncio.gather(
                every(1 / RATE, stop, lambda n: ask(bot, over, n)),
                every(SECONDS_OF_A_DOCUMENT, stop, lambda n: change(corpus, n)),
                every(SECONDS_OF_AN_ATTACK, stop, lambda n: attack(bot, corpus, over, n)),
                every(SECONDS_OF_A_LOOK, stop, lambda _: look(bot, over)),
            )
            async with asyncio.timeout(120):
                while due(bot):
                    await asyncio.sleep(0.5)
            await slack.quiet(1)
            await look(bot, over)
            answers = Counter(dict.fromkeys(over.asked, 0))
            answers.update(post.thread_ts for post in slack.posts if post.thread_ts in over.asked)
            return over, answers, wrong(slack, over)


async def every(pause: float, stop: float, do: Callable[[int], Awaitable[None]]) -> None:
    """Begin something at a steady rate until it is time to stop, and wait for all of it."""
    start, number, tasks = time.monotonic(), 0, set[asyncio.Task[None]]()
    while (when := start + number * pause) < stop:
        await asyncio.sleep(when - time.monotonic())
        task = asyncio.ensure_future(do(number))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        number += 1
    await asyncio.gather(*tasks)


async def ask(bot: Child, over: Soak, number: int) -> None:
    said = QUESTIONS[number % len(QUESTIONS)]
    event = fake_slack.mention(said, channel=f"C{number % CHANNELS}", user=f"U{number % PEOPLE}")
    start = time.monotonic()
    if await bot.event(event, timeout=10):
        over.asked[event["ts"]] = said
        over.acks.append(time.monotonic() - start)
    else:
        over.unacknowledged += 1


async def change(corpus: Path, number: int) -> None:
    new = corpus / ".ferry.new"
    new.write_text(f"# Ferry\n\nThe crossing of Lowmere takes {number} passengers at a time.\n")
    new.replace(corpus / "ferry.md")


async def attack(bot: Child, corpus: Path, over: Soak, number: int) -> None:
    clean(corpus)
    over.attacks += 1
    await ATTACKS[number % len(ATTACKS)](bot, corpus)


async def look(bot: Child, over: Soak, pause: float = SECONDS_OF_A_LOOK) -> None:
    """Note what the bot and its children hold."""
    family = [bot.process.pid]
    for pid in family:
        with suppress(OSError):
            tasks = Path(f"/proc/{pid}/task").iterdir()
            family += [
                int(child) for one in tasks for child in (one / "children").read_text().split()
            ]
    memory = files = 0
    for pid in family:
        with suppress(OSError, StopIteration):
            status = Path(f"/proc/{pid}/status").read_text().splitlines()
            memory += 1024 * int(next(x for x in status if x.startswith("VmRSS")).split()[1])
            files += len(list(Path(f"/proc/{pid}/fd").iterdir()))
    seconds = over.looks[-1][0] + pause if over.looks else 0.0
    over.looks.append((seconds, memory, files))
    print(f"{seconds:6.0f} s  {memory / 1e6:7.1f} MB  {files:4} open files", flush=True)


def wrong(slack: FakeSlack, over: Soak) -> list[str]:
    """The answers that differ from the first one to the same question."""
    first: dict[str, str] = {}
    posts = [post for post in slack.posts if post.thread_ts in over.asked]
    return [
        post.text
        for post in posts
        if first.setdefault(over.asked[str(post.thread_ts)], post.text) != post.text
    ]


def report(over: Soak, answers: Counter[str], wrong: list[str]) -> bool:
    """Print what was measured; whether all promises were kept."""
    lost = sum(not number for number in answers.values())
    doubled = sum(max(0, number - 1) for number in answers.values())
    acks = sorted(over.acks)
    soon, late = acks[int(0.999 * (len(acks) - 1))], acks[-1]
    settled = over.looks[len(over.looks) // 3 :]
    growth, files = settled[-1][1] - settled[0][1], [look[2] for look in settled]
    figures = {
        "questions": len(answers),
        "attacks": over.attacks,
        "lost": lost,
        "doubled": doubled,
        "wrong": len(wrong),
        "unacknowledged": over.unacknowledged,
        "ack_99.9_seconds": round(soon, 3),
        "ack_last_seconds": round(late, 3),
        "growth_of_the_last_two_thirds_mb": round(growth / 1e6, 2),
        "open_files": [min(files), max(files)],
    }
    print(json.dumps(figures, indent=2))
    for text in wrong[:SHOWN]:
        print("wrong:", text[:200])
    kept = not (lost or doubled or wrong or over.unacknowledged)
    return kept and soon <= MOST_SOON and late <= MOST_LATE and growth <= MOST_GROWTH


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, metavar="N", help="how long")
    given = parser.parse_args()
    return 0 if report(*asyncio.run(soak(60 * given.minutes))) else 1


if __name__ == "__main__":
    sys.exit(main())
