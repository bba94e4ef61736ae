"""Many mentions in many channels while the bot is killed again and again, and what came of it."""

# ruff: noqa: ASYNC109, ASYNC110 - a timeout here is a test's patience with the bot, not a caller's
# deadline; and another process cannot set an event.

import asyncio
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass

from tests.fakes import slack as fake_slack
from tests.fakes.process import Child, outcomes
from tests.fakes.slack import Call, Hang

CHANNELS, PEOPLE = 25, 97
# Slack takes some time over a post, and has stored it at the beginning of that or at its end.
SECONDS_OF_A_POST = 0.05
QUESTIONS = (
    "what does the truce cover?",
    "what did Starmer announce on Sunday?",
    "which plan is being cooked up in Washington?",
    "who pays for the new stadium?",
)


@dataclass(frozen=True)
class Storm:
    """What came of the mentions: each by its ts, with how many answers it has, and its channel."""

    answers: Counter[str]
    channels: dict[str, str]
    deliveries: int
    seconds: float

    @property
    def lost(self) -> int:
        return sum(not number for number in self.answers.values())

    @property
    def doubles(self) -> Counter[str]:
        """In each channel, how many answers are one too many."""
        found: Counter[str] = Counter()
        for ts, number in self.answers.items():
            found[self.channels[ts]] += max(0, number - 1)
        return +found

    def __str__(self) -> str:
        return (
            f"{len(self.answers):,} questions in {self.deliveries:,} deliveries: {self.lost} lost, "
            f"{self.doubles.total()} doubled, in {self.seconds:.1f} s"
        )


async def storm(bot: Child, mentions: int, rate: float, kills: int) -> Storm:
    """Deliver mentions at a steady rate, each tenth twice, and kill the bot so many times.

    It is killed in the middle of posting: when the next of so many equal parts is answered.
    """
    slack, start = bot.slack, time.monotonic()
    posts = 0

    def slow(_: Call) -> Hang:
        nonlocal posts
        posts += 1
        return Hang(SECONDS_OF_A_POST, stored=posts % 2 == 0)

    slack.fail_by("chat.postMessage", slow)
    events = [
        fake_slack.mention(
            QUESTIONS[n % len(QUESTIONS)], channel=f"C{n % CHANNELS}", user=f"U{n % PEOPLE}"
        )
        for n in range(mentions)
    ]

    async def deliver(n: int) -> int:
        await asyncio.sleep(start + n / rate - time.monotonic())
        copies = 2 if n % 10 == 0 else 1
        event_id = f"Ev{n}"
        return sum(await asyncio.gather(*(bot.deliver(events[n], event_id) for _ in range(copies))))

    async def kill() -> None:
        for n in range(kills):
            await slack.posts_until((n + 1) * mentions // (kills + 1), timeout=60)
            await bot.kill()
            await bot.start(ready=False)

    killing = asyncio.create_task(kill())
    deliveries = await asyncio.gather(*map(deliver, range(mentions)))
    await killing
    channels = {event["ts"]: event["channel"] for event in events}
    await answered(bot)
    answers = outcomes(slack, channels)
    return Storm(answers, channels, sum(deliveries), time.monotonic() - start)


async def answered(bot: Child, timeout: float = 60.0) -> None:
    """Wait until nothing is due in the inbox, and a little longer for what should not come."""
    async with asyncio.timeout(timeout):
        while due(bot):
            await asyncio.sleep(0.1)
    await bot.slack.quiet(0.5)


def due(bot: Child) -> int:
    """How many questions in the bot's inbox have no outcome."""
    with closing(sqlite3.connect(bot.folder / "article-bot.db", timeout=5)) as database:
        unfinished = "SELECT count(*) FROM inbox WHERE finished_at IS NULL"
        number: int = database.execute(unfinished).fetchone()[0]
        return number
