"""Several bots on one database as processes of their own, that are killed, paused and started."""

# ruff: noqa: ASYNC109, ASYNC110 - a timeout here is a test's patience with the bots, not a caller's
# deadline; and another process cannot set an event.

import asyncio
import os
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Json
from tests.fakes.postgres import Postgres
from tests.fakes.slack import FakeSlack, Hang

FOREIGN = re.compile("SLACK_.*|.*_PROXY", re.IGNORECASE)
# Slack says an event again at once, after a minute, and after five. Here nobody waits so long.
PATIENCE, PAUSE, MAX_DELIVERIES = 3.0, 0.3, 60
QUESTIONS = (
    "what does the truce cover?",
    "what did Starmer announce on Sunday?",
    "which plan is being cooked up in Washington?",
    "who pays for the new stadium?",
)
# The bot with leases that run out in four seconds instead of thirty.
HASTY = """
from bot.config import read_settings
from bot.audiences import open_audiences
from bot.slack.run import run
from bot.slack.timing import Timing

settings = read_settings()
timing = Timing(lease=4.0, trust=2.0, call=1.5, renewal=0.5, grace=1.5)
run(settings, open_audiences(settings), timing)
"""


@dataclass
class Replica:
    """One bot, with a log of all its lives."""

    env: dict[str, str]
    log: Path
    command: tuple[str, ...]
    process: asyncio.subprocess.Process | None = None
    lives: int = 0

    async def start(self) -> None:
        """Start it, and wait for nothing."""
        self.lives += 1
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, *self.command, env=self.env, cwd=ROOT, stderr=log
            )

    async def kill(self) -> None:
        """End it in the middle of whatever it does, as a power cut would."""
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def stop(self) -> int:
        """Tell it to stop; returns its exit status."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 15)

    def pause(self) -> None:
        """Stop it in the middle of whatever it does; it does not know."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End the pause."""
        assert self.process
        self.process.send_signal(signal.SIGCONT)


@asynccontextmanager
async def replicas(
    number: int, slack: FakeSlack, url: str, folder: Path, *, hasty: bool = True, **settings: str
) -> AsyncIterator[list[Replica]]:
    """So many bots on the database, in the order in which they are connected to Slack.

    They may have settings of their own by their names.
    """
    ours = {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": fake_slack.BOT_TOKEN,
        "SLACK_APP_TOKEN": fake_slack.APP_TOKEN,
        "DATABASE_URL": url,
        "CORPUS_DIR": str(ROOT / "corpus"),
        "QUESTIONS_PER_MINUTE": "10000",
    }
    inherited = {name: os.environ[name] for name in os.environ if not FOREIGN.fullmatch(name)}
    command = ("-c", HASTY) if hasty else ("-m", "bot", "slack")
    async with AsyncExitStack() as stack:
        started = []
        for n in range(number):
            here = {"DATA_DIR": str(folder / f"data{n}")}
            replica = Replica(inherited | ours | here | settings, folder / f"{n}.log", command)
            stack.push_async_callback(replica.kill)
            await replica.start()
            started.append(replica)
            if n == 0:
                await slack.connected(2, timeout=20)
        await slack.connected(2 * number, timeout=20 * number)
        yield started


@dataclass
class Storm:
    """Mentions that Slack delivers to whoever is connected, again until they are acknowledged."""

    slack: FakeSlack
    postgres: Postgres
    url: str
    deliveries: int = 0
    events: list[Json] = field(default_factory=list)
    started_at: float = field(default_factory=time.monotonic)

    async def blow(self, mentions: int, rate: float) -> None:
        """Deliver so many more at a steady rate, each tenth twice at once."""
        begin, first = time.monotonic(), len(self.events)
        slow = [Hang(0.05, stored=n % 2 == 0) for n in range(2 * mentions)]
        self.slack.fail("chat.postMessage", *slow)
        self.events += [
            fake_slack.mention(
                QUESTIONS[n % len(QUESTIONS)], channel=f"C{n % 25}", user=f"U{n % 97}"
            )
            for n in range(mentions)
        ]

        async def deliver(n: int) -> None:
            await asyncio.sleep(begin + n / rate - time.monotonic())
            copies = 2 if n % 10 == 0 else 1
            event = self.events[first + n]
            await asyncio.gather(*(self._deliver(event) for _ in range(copies)))

        await asyncio.gather(*map(deliver, range(mentions)))

    async def _deliver(self, event: Json) -> None:
        for _ in range(MAX_DELIVERIES):
            self.deliveries += 1
            link = random.randrange(12)
            if await self.slack.send_event(event, timeout=PATIENCE, link=link):
                return
            await asyncio.sleep(PAUSE)
        raise AssertionError(f"never acknowledged in {MAX_DELIVERIES} deliveries")

    async def kill_in_turn(self, bots: list[Replica], mentions: int, kills: int) -> None:
        """Kill one after another and start it again, when the next of equal parts is answered."""
        before = len(self.slack.posts)
        for n in range(kills):
            await self.slack.posts_until(before + (n + 1) * mentions // (kills + 1), timeout=120)
            await bots[n % len(bots)].kill()
            await bots[n % len(bots)].start()

    async def answered(self, timeout: float = 60.0) -> Counter[str]:
        """Wait until nothing is due; returns how many answers each question has."""
        name = self.url.rpartition("/")[2]
        due = "SELECT count(*) FROM inbox WHERE finished_at IS NULL"
        async with asyncio.timeout(timeout):
            while await asyncio.to_thread(self.postgres.run_sql, due, name) != [(0,)]:
                await asyncio.sleep(0.1)
        there = Counter(post.thread_ts for post in await self.slack.quiet(0.5))
        return Counter({event["ts"]: there[event["ts"]] for event in self.events})

    def report(self, answers: Counter[str]) -> tuple[int, int]:
        """Print what came of it; returns how many were lost, and how many answers too many."""
        lost = sum(number == 0 for number in answers.values())
        doubled = sum(max(0, number - 1) for number in answers.values())
        print(
            f"{len(answers):,} questions in {self.deliveries:,} deliveries: {lost} lost, "
            f"{doubled} doubled, in {time.monotonic() - self.started_at:.1f} s"
        )
        return lost, doubled
