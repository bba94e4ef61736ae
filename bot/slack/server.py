"""Serves an HTTP application inside a `with` block."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette

from bot.errors import SettingsError
from bot.slack.connections import BoundedConnection

SECONDS_TO_FINISH = 1
# How many connections asyncio accepts in a row. BoundedConnection limits them only after that, and
# a process may open few files.
MAX_UNWATCHED = 100


@asynccontextmanager
async def listen(web: Starlette, host: str, port: int) -> AsyncIterator[None]:
    """Serve inside the `with` block, on all interfaces if `host` is empty.

    TLS is left to a proxy in front. Raises SettingsError if the port cannot be opened.
    """
    try:
        listening = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except OSError as error:
        raise SettingsError.port_taken(port, error) from None
    # Accepted connections inherit this. Without it, the body of a response waits 40 ms until its
    # head is acknowledged; asyncio sets it only on sockets that it created.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        web,
        http=BoundedConnection,
        ws="none",
        backlog=MAX_UNWATCHED,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: this program has its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
