"""The HTTP API: answers a question with the JSON object that `ask --json` prints."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import structlog
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.json_lines import answer_object, as_line, document_object, read_question
from bot.logs import log_failure
from bot.model import Question
from bot.slack.receiving.message_words import MAX_TEXT_LENGTH
from bot.slack.receiving.rate_limit import Pace, PaceMaker
from bot.slack.rendering.messages import failure_message
from bot.web.guards import refusal
from bot.web.public import PublicDocuments

log = structlog.get_logger(__name__)

# In bytes. A question with the earlier ones of its thread takes a few kilobytes.
MAX_BODY_SIZE = 64 * 1024
# At most this many earlier questions are used; the answerer does not look further back.
MAX_AFTER = 12
# Documents per response.
MAX_LISTED = 1000

TOO_FAST = "That's a lot of questions in one minute; ask again shortly."
NO_QUESTION = 'Send the question as q, or as {"question": "..."} in the body.'
TOO_LONG = f"A question may have at most {MAX_TEXT_LENGTH:,} characters."
TOO_LARGE = f"The body may have at most {MAX_BODY_SIZE:,} bytes."
NO_NUMBER = "from must be a whole number."


class Clients:
    """The rate limit of each client, by its IP address; `most` is in questions per minute."""

    def __init__(self, most: int) -> None:
        self._pace = PaceMaker(most)

    def may_ask(self, request: Request) -> bool:
        """Count a question; returns whether it is within the rate limit."""
        address = request.client.host if request.client else ""
        return self._pace.of(address, object(), time.monotonic()) is Pace.FAIR


class TooLarge(ValueError):
    """The request is larger than the limit."""


def api_routes(
    documents: PublicDocuments, clients: Clients, guards: Sequence[Middleware] = ()
) -> list[Route]:
    """The routes `/ask` and `/documents`, protected by `guards`."""
    api = Api(documents, clients)
    return [
        Route("/ask", api.ask, methods=["GET", "POST"], middleware=guards),
        Route("/documents", api.list_documents, middleware=guards),
    ]


class Api:
    """The handlers. An error is a sentence in JSON: `{"error": "..."}`."""

    def __init__(self, documents: PublicDocuments, clients: Clients) -> None:
        self._documents, self._clients = documents, clients

    async def ask(self, request: Request) -> Response:
        """Answer a question. The status is 200 whatever the outcome.

        Otherwise it is 400 (no valid question), 413 (too large), 429 (too many) or 503 (a failure).
        """
        try:
            question = await _question(request)
        except TooLarge as error:
            return refusal(413, str(error))
        except (ValueError, ClientDisconnect) as error:
            return refusal(400, str(error) or NO_QUESTION)
        if not self._clients.may_ask(request):
            return refusal(429, TOO_FAST, {"Retry-After": "60"})
        begun = time.monotonic()
        try:
            answer = await asyncio.to_thread(self._documents.answer, question)
        except Exception as error:
            return outage(error)
        log.info("answered over HTTP", outcome=answer.outcome, seconds=_since(begun))
        return as_response(answer_object(question.text, answer))

    async def list_documents(self, request: Request) -> Response:
        """List documents from number `from` on; `next` is where to continue, or null."""
        first = request.query_params.get("from", "0")
        if not (first.isascii() and first.isdigit() and len(first) < 10):
            return refusal(400, NO_NUMBER)
        try:
            listed = await asyncio.to_thread(documents_object, self._documents, int(first))
        except Exception as error:
            return outage(error)
        return as_response(listed)


def documents_object(documents: PublicDocuments, first: int = 0) -> dict[str, Any]:
    """At most MAX_LISTED documents from number `first` on, as plain values.

    `next` is where to continue, None after the last. Raises FolderAway.
    """
    index = documents.asked().index
    listed = index.documents[first : first + MAX_LISTED]
    end = first + len(listed)
    return {
        "documents": [document_object(each) | {"passages": each.paragraphs} for each in listed],
        "next": end if end < len(index.documents) else None,
        "notes": list(documents.notes),
        "corpus": index.documents_hash,
    }


def as_response(values: dict[str, Any], status: int = 200) -> Response:
    """Plain values as a JSON response that is not cached."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(as_line(values), status, headers, "application/json")


def outage(error: Exception) -> Response:
    """A response (503) for a failure, with a reference under which the log has the reason."""
    reference = log_failure("a question over HTTP could not be answered")
    said = failure_message(reference, error)["text"]
    return as_response({"error": said, "reference": reference}, 503)


async def _question(request: Request) -> Question:
    """Read the question of a request. Raises ValueError with a sentence for the client."""
    if request.method == "POST":
        asked = read_question(await body_of(request))
    else:
        asked = Question(
            request.query_params.get("q", ""), tuple(request.query_params.getlist("after"))
        )
    if not asked.text.strip():
        raise ValueError(NO_QUESTION)
    if max(map(len, (asked.text, *asked.after))) > MAX_TEXT_LENGTH:
        raise TooLarge(TOO_LONG)
    return Question(asked.text, asked.after[-MAX_AFTER:])


async def body_of(request: Request) -> bytes:
    """Read the body of a request. Raises TooLarge if it exceeds MAX_BODY_SIZE."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_SIZE:
            raise TooLarge(TOO_LARGE)
    return body


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 4)
