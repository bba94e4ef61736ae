"""The HTTP app: one route for everything that Slack sends, and three for health and metrics."""

import structlog
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.slack.health import Health
from bot.slack.manifest import EVENTS_PATH
from bot.slack.metrics import NOT_SIGNED, NOT_UNDERSTOOD, TOO_LARGE

log = structlog.get_logger(__name__)

# In bytes. Slack's own requests are a few kilobytes.
MAX_BODY_SIZE = 1024 * 1024
# Seconds since 1970 have ten digits.
MAX_DIGITS = 20


def health_app(health: Health) -> Starlette:
    """A web application with only /healthz, /readyz and /metrics."""
    return Starlette(routes=_health_routes(health))


def http_app(
    app: AsyncApp, signing_secret: str, health: Health, api: Starlette | None = None
) -> Starlette:
    """The same routes, and one that passes requests signed by Slack to the Bolt app.

    The routes of `api` are served too; it does its own access control. Signatures are checked
    before anything is parsed, because Bolt would parse first and log what it rejects.
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
        except Exception:  # signed but malformed: Bolt fails before any listener
            health.metrics.refused(NOT_UNDERSTOOD)
            return _refused("not understood", 400, len(body))
        return to_starlette_response(response)

    events = Route(EVENTS_PATH, on_request, methods=["POST"])
    api = api or Starlette()
    return Starlette(
        routes=[events, *_health_routes(health), *api.routes],
        lifespan=api.router.lifespan_context,
    )


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
    """The request's body; None if it is larger than MAX_BODY_SIZE."""
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
