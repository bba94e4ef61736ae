"""The bot as a process of its own, that may be killed, and Slack that delivers until it hears.

Real processes and real sockets on loopback: what these trials show holds for the bot as it runs.
"""

# ruff: noqa: ASYNC109 - a timeout here is a test's patience with the bot, not a caller's deadline

import asyncio
import json
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.conftest import ROOT
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Json, Mode, free_port, listening
from tests.fakes.slack import FakeSlack, SignedSender

# Slack says an event again at once, after a minute, and after five. Here nobody waits so long.
PATIENCE, PAUSE, MAX_DELIVERIES = 1.0, 0.5, 60
FOREIGN = re.compile("SLACK_.*|.*_PROXY", re.IGNORECASE)


@dataclass
class Child:
    """The bot as a process, with its data in a folder. It may be killed and started again."""

    slack: FakeSlack
    folder: Path
    mode: Mode = "socket"
    settings: dict[str, str] = field(default_factory=dict)
    health: bool = False
    port: int = field(default_factory=free_port)
    _process: asyncio.subprocess.Process | None = None

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "not started"
        return self._process

    @property
    def log(self) -> str:
        """All that it wrote to standard error, over all its lives."""
        return self._errors.read_text(encoding="utf-8")

    @property
    def lines(self) -> list[Json]:
        """Its log, line by line; each must be JSON."""
        return [json.loads(line) for line in self.log.splitlines()]

    @property
    def _errors(self) -> Path:
        return self.folder / "stderr.txt"

    @property
    def env(self) -> dict[str, str]:
        line = {
            "socket": {"SLACK_APP_TOKEN": fake_slack.APP_TOKEN},
            "http": {"SLACK_SIGNING_SECRET": fake_slack.SIGNING_SECRET, "PORT": str(self.port)},
        }
        ours = {
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_BOT_TOKEN": fake_slack.BOT_TOKEN,
            "DATA_DIR": str(self.folder),
            "CORPUS_DIR": str(ROOT / "corpus"),
            "QUESTIONS_PER_MINUTE": "10000",
        }
        inherited = {name: os.environ[name] for name in os.environ if not FOREIGN.fullmatch(name)}
        health = {"PORT": str(self.port)} if self.health else {}
        return inherited | ours | line[self.mode] | health | self.settings

    async def start(self, *, ready: bool = True) -> None:
        """Start it; with `ready`, return when Slack can reach it."""
        with self._errors.open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "slack", env=self.env, cwd=ROOT, stderr=errors
            )
        if ready and self.mode == "socket":
            await self.slack.connected(2, timeout=20)
        elif ready:
            await listening(self.port)

    async def kill(self) -> None:
        """End it in the middle of whatever it does, as a power cut would."""
        self.process.kill()
        await self.process.wait()

    async def stop(self, timeout: float = 10.0) -> int:
        """Tell it to stop; returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended(timeout)

    async def ended(self, timeout: float = 10.0) -> int:
        """Wait until it has ended by itself; returns its exit status."""
        return await asyncio.wait_for(self.process.wait(), timeout)

    async def event(self, event: Json, **how: object) -> bool:
        """Deliver an event once; whether it was acknowledged."""
        if self.mode == "socket":
            return await self.slack.send_event(event, **how) is not None  # type: ignore[arg-type]
        sender = SignedSender(f"http://127.0.0.1:{self.port}/slack/events", slack=self.slack)
        try:
            return (await sender.event(event, **how)).status == 200  # type: ignore[arg-type]
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def deliver(self, event: Json, event_id: str) -> int:
        """Deliver an event as Slack does, again until it is acknowledged; returns how often."""
        for attempt in range(MAX_DELIVERIES):
            retry = {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
            if await self.event(event, event_id=event_id, timeout=PATIENCE, **retry):
                return attempt + 1
            await asyncio.sleep(PAUSE)
        raise AssertionError(f"never acknowledged in {MAX_DELIVERIES} deliveries")

    async def get(self, path: str) -> tuple[int, str]:
        """Ask for its health; returns status and body."""
        url = f"http://127.0.0.1:{self.port}{path}"
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return response.status, await response.text()


@asynccontextmanager
async def child(
    slack: FakeSlack, folder: Path, mode: Mode = "socket", *, health: bool = False, **settings: str
) -> AsyncIterator[Child]:
    """Run the bot as a process for as long as the `with`; with `health` it tells how it is."""
    bot = Child(slack, folder, mode, settings, health)
    await bot.start()
    try:
        yield bot
    finally:
        if bot.process.returncode is None:
            await bot.kill()


def outcomes(slack: FakeSlack, asked: Iterable[str]) -> Counter[str]:
    """How many posts stand in the thread of each question; 0 for one that was lost."""
    there = Counter(post.thread_ts or "" for post in slack.posts)
    return Counter({ts: there[ts] for ts in asked})
