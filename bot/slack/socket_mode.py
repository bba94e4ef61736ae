"""Socket Mode: the bot opens the web sockets itself, so it needs no public address."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from slack_bolt.adapter.socket_mode.async_internals import (
    run_async_bolt_app,
    send_async_response,
)
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.errors import SlackError
from bot.slack.app import open_connection
from bot.slack.health import Heartbeat

log = structlog.get_logger(__name__)

# Slack closes a connection every few hours. A second one listens while the first reconnects.
CONNECTIONS = 2
# Seconds between pings. A dead connection is noticed when a ping is unanswered for as long again.
PING_INTERVAL = 2
# A ticket is good for one attempt; after this timeout the bot gets a new one.
SECONDS_TO_CONNECT = 10.0
FIRST_WAIT, MAX_WAIT = 0.5, 30.0
# How long closing a connection may take before it is cut off.
SECONDS_TO_HANG_UP = 1.0
# A connection whose pings have been unanswered for this long counts as dead.
SECONDS_OF_SILENCE = 15.0


@asynccontextmanager
async def socket_mode(
    app: AsyncApp, app_token: str, heartbeat: Heartbeat, seconds_to_finish: float
) -> AsyncIterator[None]:
    """Receive requests during the `with` block; when it ends, finish those under way.

    Waits at most `seconds_to_finish`. Raises SlackError if Slack refuses the first connection.
    """
    first = await open_connection(app.client, app_token)
    clients = [_Client(app, app_token) for _ in range(CONNECTIONS)]
    clients[0].wss_uri = first
    heartbeat.has_line = lambda: any(client.is_alive() for client in clients)
    try:
        for client in clients:
            await client.connect()
        yield
    finally:  # all at once, since each may take the whole time
        await asyncio.gather(*(client.end(seconds_to_finish) for client in clients))


class _Client(SocketModeClient):
    """The SDK's client, with single-use tickets, back-off, and a shutdown that loses nothing."""

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        super().__init__(app_token, app.logger, app.client, ping_interval=PING_INTERVAL)
        self._requests = _InFlight(app)
        self.socket_mode_request_listeners.append(self._requests)
        self._refused = 0

    async def issue_new_wss_url(self) -> str:
        """Get a new ticket, retrying with exponential back-off and jitter."""
        while True:
            try:
                ticket = await open_connection(self.web_client, self.app_token)
            except SlackError as error:
                wait = min(MAX_WAIT, FIRST_WAIT * 2 ** min(self._refused, 10))
                wait *= random.uniform(0.5, 1.0)
                self._refused += 1
                log.warning("no connection to Slack", why=str(error), seconds=round(wait, 1))
                await asyncio.sleep(wait)
            else:
                self._refused = 0
                return ticket

    async def connect(self) -> None:
        """Connect, however long it takes."""
        while not self.closed:
            try:
                async with asyncio.timeout(SECONDS_TO_CONNECT):
                    await super().connect()  # type: ignore[no-untyped-call]
                return
            except TimeoutError:
                self.wss_uri = None

    def is_alive(self) -> bool:
        """Whether Slack answered a ping within SECONDS_OF_SILENCE."""
        return time.time() - (self.last_ping_pong_time or 0.0) < SECONDS_OF_SILENCE

    async def end(self, seconds: float) -> None:
        """Accept nothing more, finish what is under way within `seconds`, and disconnect."""
        await self._requests.finish(seconds)
        for _ in range(2):  # if the first times out, nothing is left that the second waits for
            with suppress(TimeoutError):
                async with asyncio.timeout(SECONDS_TO_HANG_UP):
                    await self.close()  # type: ignore[no-untyped-call]
                    return


class _InFlight:
    """Handles requests until `finish` is called, which waits for those under way.

    Later requests are not acknowledged, so Slack sends them again.
    """

    def __init__(self, app: AsyncApp) -> None:
        self._app = app
        self._open = True
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def __call__(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if not self._open:
            return
        self._under_way += 1
        self._idle.clear()
        try:
            response = await self._response(request)
            await send_async_response(client, request, response, time.time())
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def _response(self, request: SocketModeRequest) -> BoltResponse:
        """The app's response. An unreadable request is acknowledged, or Slack would resend it."""
        try:
            response: BoltResponse = await run_async_bolt_app(self._app, request)
            return response
        except Exception as error:  # Bolt failed before any listener ran: not a request of Slack's
            log.warning("not understood", type=request.type, why=type(error).__name__)
            return BoltResponse(status=200)

    async def finish(self, seconds: float) -> None:
        self._open = False
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            log.warning("stopped with unfinished requests", number=self._under_way)
