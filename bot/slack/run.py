"""Run the bot in Slack until it is told to stop: over Socket Mode or HTTP."""

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.answering.answerer import Answerer
from bot.config import Settings
from bot.errors import SettingsError
from bot.slack.app import build_app, identify, open_connection, web_client
from bot.slack.desk import Desk
from bot.slack.http import http_app

logger = logging.getLogger(__name__)

# Who stops a service gives it ten seconds; then it is killed.
SECONDS_TO_FINISH = 8
# How soon a dead connection is noticed: four pings unanswered.
PING_INTERVAL = 3


def run(settings: Settings, answerer: Answerer) -> None:
    """Serve until SIGTERM or SIGINT. Raises SlackError when Slack does not let the bot in."""
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    asyncio.run(_run(settings, answerer))


async def _run(settings: Settings, answerer: Answerer) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(settings, answerer, stop)


async def serve(settings: Settings, answerer: Answerer, stop: asyncio.Event) -> None:
    """Answer until `stop` is set; then receive no more, and finish what was taken."""
    token, _ = settings.needed_for_slack()
    async with aiohttp.ClientSession() as session:
        client = web_client(token, settings.slack_api_url, session)
        bot_user = await identify(client)
        desk = Desk(answerer, client)
        app = build_app(client, desk, bot_user)
        async with _line(settings, app):
            logger.info("answering from %d passages", answerer.corpus.size)
            await stop.wait()
            logger.info("stopping")
        await desk.finish(SECONDS_TO_FINISH)


def _line(settings: Settings, app: AsyncApp) -> AbstractAsyncContextManager[None]:
    if settings.slack_app_token:
        return _socket_mode(app, settings.slack_app_token)
    return _http(app, settings.slack_signing_secret or "", settings.port)


@asynccontextmanager
async def _socket_mode(app: AsyncApp, app_token: str) -> AsyncIterator[None]:
    """Receive over a web socket that the bot opens: no public address is needed."""
    address = await open_connection(app.client, app_token)
    handler = AsyncSocketModeHandler(app, app_token, ping_interval=PING_INTERVAL)
    handler.client.wss_uri = address  # or it asks for another one
    requests = _InFlight(handler.handle)
    handler.client.socket_mode_request_listeners[:] = [requests]
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        await requests.finish(SECONDS_TO_FINISH)
        await handler.close_async()  # type: ignore[no-untyped-call]


class _InFlight:
    """Hands requests on until it is told to finish; then waits for those under way.

    What comes after that is not acknowledged, so Slack sends it again.
    """

    def __init__(self, handle: Callable[..., Awaitable[None]]) -> None:
        self._handle = handle
        self._open = True
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def __call__(self, *args: Any) -> None:
        if not self._open:
            return
        self._under_way += 1
        self._idle.clear()
        try:
            await self._handle(*args)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def finish(self, seconds: float) -> None:
        self._open = False
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            logger.warning("stopped with %d requests under way", self._under_way)


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: this program has its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _http(app: AsyncApp, signing_secret: str, port: int) -> AsyncIterator[None]:
    """Receive over HTTP on all interfaces; a proxy in front brings TLS."""
    try:
        listening = socket.create_server(("", port))
    except OSError as error:
        raise SettingsError(
            f"PORT {port} cannot be listened on ({error.strerror}); set another"
        ) from None
    config = uvicorn.Config(
        http_app(app, signing_secret),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
