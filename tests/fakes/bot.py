"""The bot as it runs, in this process, before the fake Slack: over web sockets or signed HTTP."""

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bot.answering.answerer import Answerer
from bot.audiences import Audiences
from bot.config import Settings
from bot.live import Facts, LiveAnswerer
from bot.slack.run import serve
from bot.slack.timing import DEFAULT, Timing
from bot.store.store import Store, open_store
from bot.web.service import api_beside_slack
from tests.fakes import slack as fake_slack
from tests.fakes.slack import SCOPES, FakeSlack, SignedSender

Mode = Literal["socket", "http"]
Json = dict[str, Any]


@dataclass(frozen=True)
class Still:
    """Documents that do not change."""

    answerer: Answerer

    @property
    def facts(self) -> Facts:
        """As of documents in memory."""
        corpus = self.answerer.index
        size = (len(corpus.documents), corpus.size)
        return Facts(
            "memory",
            *size,
            corpus.changed,
            self.answerer.failure,
            bool(self.answerer.failure),
        )

    def look_soon(self) -> None:
        """Nothing changes."""

    async def follow(self, stop: asyncio.Event) -> None:
        """Nothing happens."""
        await stop.wait()


@dataclass(frozen=True)
class Bot:
    """A running bot, its Slack, and how Slack reaches it: `None` is no acknowledgement."""

    slack: FakeSlack
    store: Store
    settings: Settings
    sender: SignedSender | None = None

    async def event(self, event: Json, **how: Any) -> object | None:
        """Deliver an event; `how` is what Slack says of the delivery."""
        if self.sender is None:
            return await self.slack.send_event(event, **how)
        reply = await self.sender.event(event, **how)
        return reply if reply.status == 200 else None

    async def command(self, text: str, **who: str | None) -> Json:
        """Ask with the command; the answer is the acknowledgement."""
        if self.sender is None:
            ack = await self.slack.send_command("/ask", text, **who)  # type: ignore[arg-type]
            assert ack is not None
            return ack.payload or {}
        reply = await self.sender.command("/ask", text, **who)  # type: ignore[arg-type]
        assert reply.status == 200
        body: Json = json.loads(reply.body)
        return body

    async def interact(self, payload: Json) -> None:
        """Click, or use a shortcut; it must be acknowledged."""
        if self.sender is None:
            assert await self.slack.send_interactive(payload)
        else:
            assert (await self.sender.interactive(payload)).status == 200


@asynccontextmanager
async def running(
    mode: Mode,
    answerer: Answerer | LiveAnswerer | Audiences,
    folder: Path,
    *,
    scopes: Collection[str] = SCOPES,
    slack: FakeSlack | None = None,
    timing: Timing = DEFAULT,
    **settings: str,
) -> AsyncIterator[Bot]:
    """Run the bot with its store in a folder, and with settings of its own by their names."""
    if slack is None:
        async with (
            FakeSlack(scopes) as new,
            running(mode, answerer, folder, slack=new, timing=timing, **settings) as bot,
        ):
            yield bot
        return
    stop = asyncio.Event()
    chosen = settings_for(slack, mode, folder, **settings)
    documents = Still(answerer) if isinstance(answerer, Answerer) else answerer
    audiences = documents if isinstance(documents, Audiences) else Audiences(documents)
    store = open_store(
        chosen.store_url,
        chosen.keep_questions_days,
        lease=timing.lease,
        model=audiences.public.answerer.model,
    )
    api = api_beside_slack(audiences.public, chosen)
    serving = asyncio.create_task(serve(chosen, audiences, store, stop, timing, api))
    try:
        if mode == "socket":
            await slack.connected(2)
            yield Bot(slack, store, chosen)
        else:
            assert chosen.port
            await listening(chosen.port)
            sender = SignedSender(f"http://127.0.0.1:{chosen.port}/slack/events", slack=slack)
            yield Bot(slack, store, chosen, sender)
    finally:
        stop.set()
        try:
            await serving
        finally:
            await store.close()


def settings_for(slack: FakeSlack, mode: Mode, folder: Path, **settings: str) -> Settings:
    """Settings with which the bot reaches the fake, and keeps what it keeps in the folder."""
    line = {
        "socket": {"SLACK_APP_TOKEN": fake_slack.APP_TOKEN},
        "http": {"SLACK_SIGNING_SECRET": fake_slack.SIGNING_SECRET, "PORT": str(free_port())},
    }
    common = {
        "SLACK_BOT_TOKEN": fake_slack.BOT_TOKEN,
        "SLACK_API_URL": slack.api_url,
        "DATA_DIR": str(folder),
    }
    return Settings.from_env({"SEMANTIC": "off"} | common | line[mode] | settings)


def free_port() -> int:
    """A port that nobody listens on.

    It is none that the system gives to who asks for any, as other tests do meanwhile.
    """
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with suppress(OSError), socket.create_server(("", port)):
            return port


async def listening(port: int) -> None:
    """Wait until somebody listens on the port."""
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return


def words(value: object) -> str:
    """All the texts of a message's or a view's blocks, as a reader sees them."""
    if isinstance(value, dict):
        hidden = ("type", "style", "action_id", "block_id", "value")
        return " ".join(words(v) for k, v in value.items() if k not in hidden)
    if isinstance(value, list):
        return "".join(words(v) for v in value)
    return value if isinstance(value, str) else ""
