"""The HTTP side of Slack: one address for events, commands and interactivity."""

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.slack.manifest import EVENTS_PATH

# Slack's own requests are a few kilobytes.
LARGEST_BODY = 1024 * 1024


def http_app(app: AsyncApp, signing_secret: str) -> Starlette:
    """A web application that hands Slack's requests to the Bolt app, and no others.

    The signature is checked before anything is parsed: Bolt parses first, and logs what it
    refuses.
    """
    verifier = SignatureVerifier(signing_secret)

    async def on_request(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too large", status_code=413)
        if not _is_signed(verifier, request, body):
            return PlainTextResponse("not signed by Slack", status_code=401)
        try:
            bolt_request = to_async_bolt_request(request, body)
        except (ValueError, AttributeError, TypeError):  # signed, but no object and no form
            return PlainTextResponse("not understood", status_code=400)
        return to_starlette_response(await app.async_dispatch(bolt_request))

    return Starlette(routes=[Route(EVENTS_PATH, on_request, methods=["POST"])])


async def _body(request: Request) -> bytes | None:
    """The request's body, or None when it is too large to be Slack's."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _is_signed(verifier: SignatureVerifier, request: Request, body: bytes) -> bool:
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and signature.isascii()):
        return False
    try:
        return verifier.is_valid(body, timestamp, signature)
    except UnicodeDecodeError:  # the verifier reads the body as UTF-8
        return False
