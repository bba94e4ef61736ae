"""Serves an application over HTTP until a signal stops it, and follows changes of the documents."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import structlog
from starlette.applications import Starlette

from bot.slack.background import Background
from bot.slack.server import listen
from bot.web.public import PublicDocuments

log = structlog.get_logger(__name__)


def run(
    web: Starlette,
    documents: PublicDocuments,
    host: str,
    port: int,
    when_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT. Raises SettingsError if the port is in use.

    `when_ready` is called once the server listens.
    """
    asyncio.run(_until_a_signal(web, documents, host, port, when_ready))


async def _until_a_signal(
    web: Starlette,
    documents: PublicDocuments,
    host: str,
    port: int,
    when_ready: Callable[[], None],
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows, where Ctrl-C ends the program anyway
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve_until(stop, web, documents, host, port, when_ready)


async def serve_until(
    stop: asyncio.Event,
    web: Starlette,
    documents: PublicDocuments,
    host: str,
    port: int,
    when_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until `stop` is set."""
    async with (
        listen(web, host, port),
        Background().keeping(documents=partial(documents.follow, stop)),
    ):
        log.info("answering", passages=documents.answerer.index.size)
        when_ready()
        await stop.wait()
        log.info("stopping")
