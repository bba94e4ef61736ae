"""The page and the API as they run, in this process, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from bot.config import Settings
from bot.live import LiveAnswerer
from bot.web.page import page_app
from bot.web.public import PublicDocuments
from bot.web.run import serve_until
from bot.web.service import api_app, with_health
from tests.fakes.bot import free_port, listening


@asynccontextmanager
async def playing(folder: Path, **how: Any) -> AsyncIterator[str]:
    """The address of the page of a folder."""
    documents = PublicDocuments(LiveAnswerer(folder, folder, "memory", **how))
    port = free_port()
    async with serving(page_app(documents, port), documents, port) as url:
        yield url


@asynccontextmanager
async def serving(web: Starlette, documents: PublicDocuments, port: int) -> AsyncIterator[str]:
    """The address of an application, as long as it runs."""
    stop = asyncio.Event()
    running = asyncio.create_task(serve_until(stop, web, documents, "127.0.0.1", port))
    await listening(port)
    try:
        yield f"http://localhost:{port}"
    finally:
        stop.set()
        await running


@asynccontextmanager
async def answering(
    folder: Path, *, max_away: float = 600.0, **settings: Any
) -> AsyncIterator[str]:
    """The address of the API of a folder, with settings by their names."""
    documents = PublicDocuments(LiveAnswerer(folder, folder, "memory", max_away=max_away))
    port = free_port()
    web = with_health(
        api_app(documents, Settings.from_env({"SEMANTIC": "off"} | settings), port), documents
    )
    async with serving(web, documents, port) as url:
        yield url
