"""The HTTP side: one address for all that Slack sends, and three that say how the bot is."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog
import uvicorn
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.errors import SettingsError
from bot.slack.connections import BoundedConnection
from bot.slack.health import Health
from bot.slack.manifest import EVENTS_PATH
from bot.slack.metrics import NOT_SIGNED, NOT_UNDERSTOOD, TOO_LARGE

log = structlog.get_logger(__name__)

# Slack's own requests are a few kilobytes.
MAX_BODY_SIZE = 1024 * 1024
SECONDS_TO_FINISH = 1
# Seconds since 1970 have ten digits.
MAX_DIGITS = 20
# So many are taken at once. A connection is watched from then on, and files are few.
MAX_UNWATCHED = 100


def health_app(health: Health) -> Starlette:
    """A web application that only says how the bot is."""
    return Starlette(routes=_health_routes(health))


def http_app(app: AsyncApp, signing_secret: str, health: Health) -> Starlette:
    """The same, and it hands Slack's requests to the Bolt app, and no others.

    The signature is checked before anything is parsed: Bolt parses first, and logs what it
    refuses.
    """
    verifier = SignatureVerifier(signing_secret)

    async def on_request(request: Request) -> Response:
        try:
            body = await _body(request)
        except ClientDisconnect:
            return _refused("broken off", 400, 0)
        if body is None:
            health.metrics.refused(TOO_LARGE)
            return _refused("too large", 413, MAX_BODY_SIZE)
        if not _is_signed(verifier, request, body):
            health.metrics.refused(NOT_SIGNED)
            return _refused("not signed by Slack", 401, len(body))
        try:
            response = await app.async_dispatch(to_async_bolt_request(request, body))
        except Exception:  # signed, but nothing that Slack sends: Bolt breaks before it listens
            health.metrics.refused(NOT_UNDERSTOOD)
            return _refused("not understood", 400, len(body))
        return to_starlette_response(response)

    events = Route(EVENTS_PATH, on_request, methods=["POST"])
    return Starlette(routes=[events, *_health_routes(health)])


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
    config = uvicorn.Config(
        web,
        http=BoundedConnection,
        ws="none",
        backlog=MAX_UNWATCHED,
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


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: this program has its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _health_routes(health: Health) -> list[Route]:
    async def healthz(_: Request) -> Response:
        return PlainTextResponse("alive")

    async def readyz(_: Request) -> Response:
        state = await health.state()
        return JSONResponse(state, status_code=200 if all(state.values()) else 503)

    async def metrics(request: Request) -> Response:
        page, form = await health.page(request.headers.get("accept", ""))
        return Response(page, headers={"Content-Type": form})

    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
    ]


def _refused(why: str, status: int, size: int) -> Response:
    log.warning("refused a request", why=why, status=status, bytes=size)
    return PlainTextResponse(why, status_code=status)


async def _body(request: Request) -> bytes | None:
    """The request's body, or None when it is too large to be Slack's."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_SIZE:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _is_signed(verifier: SignatureVerifier, request: Request, body: bytes) -> bool:
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and signature.isascii()):
        return False
    if len(timestamp) > MAX_DIGITS:
        return False
    try:
        return verifier.is_valid(body, timestamp, signature)
    except UnicodeDecodeError:  # the verifier reads the body as UTF-8
        return False
