"""The server that an HTTP application runs on, for as long as a `with`."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette

from bot.errors import SettingsError
from bot.slack.connections import BoundedConnection

SECONDS_TO_FINISH = 1
# So many are taken at once. A connection is watched from then on, and files are few.
MAX_UNWATCHED = 100


@asynccontextmanager
async def listen(web: Starlette, host: str, port: int) -> AsyncIterator[None]:
    """Serve for as long as the `with`, on all interfaces when `host` is empty.

    A proxy in front brings TLS.
    """
    try:
        listening = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except OSError as error:
        raise SettingsError.port_taken(port, error) from None
    # Connections inherit it. Without it the body of a response waits 40 ms for the head to be
    # acknowledged; asyncio sets it only on sockets that it has made itself.
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
