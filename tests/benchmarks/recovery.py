"""How long an asker waits when Slack misbehaves: `python -m tests.benchmarks.recovery`.

Each fault meets a bot of its own, in a process of its own, in the middle of its work. An asker
waits from the first delivery of the question to the post that answers it.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.fakes import slack as fake_slack
from tests.fakes.process import Child, child, outcomes
from tests.fakes.slack import (
    FOLLOW_UP_SCOPES,
    Call,
    Cut,
    FakeSlack,
    Fault,
    Garbled,
    Hang,
    RateLimited,
    ServerError,
)
from tests.fakes.storm import QUESTIONS, answered

CHANNELS = 5
# One that takes longer than any deadline of the bot's.
FOREVER = 60.0
EVERY_THIRD_POST: dict[str, Fault] = {
    "429, Retry-After 1": RateLimited(1),
    "503, not stored": ServerError(stored=False),
    "503, stored": ServerError(stored=True),
    "cut, not stored": Cut(stored=False),
    "cut, stored": Cut(stored=True),
    "a proxy's page, not stored": Garbled(stored=False),
    "a proxy's page, stored": Garbled(stored=True),
}
EVERY_TENTH_POST: dict[str, Fault] = {
    "hangs, not stored": Hang(FOREVER),
    "hangs, stored": Hang(FOREVER, stored=True),
}


async def silent(slack: FakeSlack) -> None:
    slack.go_silent()


IN_THE_MIDDLE: dict[str, Callable[[FakeSlack], Awaitable[None]]] = {
    "disconnect frames": FakeSlack.disconnect,
    "links that die without a word": silent,
}
# Each second post meets the next fault, and the connections break twice.
EVERYTHING = "all but the hanging, in turn"


@dataclass(frozen=True)
class Recovery:
    """What came of the questions that met a fault, and how long each asker waited."""

    lost: int
    doubled: int
    waits: list[float]


async def meet(bot: Child, name: str, mentions: int, rate: float = 20.0) -> Recovery:
    """Deliver mentions at a steady rate while the fault of that name is met."""
    slack = bot.slack
    if fault := EVERY_THIRD_POST.get(name):
        slack.fail_by("chat.postMessage", every(3, fault))
    elif fault := EVERY_TENTH_POST.get(name):
        slack.fail_by("chat.postMessage", every(10, fault))
    elif name == EVERYTHING:
        slack.fail_by("chat.postMessage", every(2, *EVERY_THIRD_POST.values()))
    breaks = {mentions // 2: IN_THE_MIDDLE[name]} if name in IN_THE_MIDDLE else {}
    if name == EVERYTHING:
        breaks = {(n + 1) * mentions // 3: way for n, way in enumerate(IN_THE_MIDDLE.values())}
    start, asked = time.monotonic(), {}

    async def deliver(n: int) -> None:
        await asyncio.sleep(start + n / rate - time.monotonic())
        if n in breaks:
            await breaks[n](slack)
        event = fake_slack.mention(QUESTIONS[n % len(QUESTIONS)], channel=f"C{n % CHANNELS}")
        asked[event["ts"]] = time.monotonic()
        await bot.deliver(event, f"Ev{n}")

    await asyncio.gather(*map(deliver, range(mentions)))
    await answered(bot)
    numbers = outcomes(slack, asked)
    firsts = {post.thread_ts: post.when for post in reversed(slack.posts)}
    return Recovery(
        lost=sum(not number for number in numbers.values()),
        doubled=sum(max(0, number - 1) for number in numbers.values()),
        waits=[firsts[ts] - asked[ts] for ts in asked if ts in firsts],
    )


def every(nth: int, *faults: Fault) -> Callable[[Call], Fault | None]:
    """A rule by which each nth call meets the next of the faults."""
    calls = 0

    def rule(_: Call) -> Fault | None:
        nonlocal calls
        calls += 1
        return None if calls % nth else faults[calls // nth % len(faults)]

    return rule


async def table(mentions: int) -> list[Recovery]:
    print(f"{mentions} questions each: seconds from the first delivery to the answer\n")
    print(f"{'every third post (hangs: every tenth)':40} lost  doubled  median  longest")
    recoveries = []
    for name in (*EVERY_THIRD_POST, *EVERY_TENTH_POST, *IN_THE_MIDDLE, EVERYTHING):
        async with FakeSlack(FOLLOW_UP_SCOPES) as slack:
            with tempfile.TemporaryDirectory() as folder:
                async with child(slack, Path(folder)) as bot:
                    found = await meet(bot, name, mentions)
        recoveries.append(found)
        waits = f"{median(found.waits):6.2f}  {max(found.waits):7.2f}"
        print(f"{name:40} {found.lost:4}  {found.doubled:7}  {waits}", flush=True)
    return recoveries


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.recovery", description=__doc__
    )
    parser.add_argument("--mentions", type=int, default=60, metavar="N", help="10 to 1000")
    given = parser.parse_args()
    if not 10 <= given.mentions <= 1000:
        parser.error("--mentions is out of its bounds; see --help")
    asyncio.run(table(given.mentions))


if __name__ == "__main__":
    main()
