"""The bot as tools for other assistants, over the Model Context Protocol.

It uses the official library; see https://modelcontextprotocol.io.
"""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, NotRequired

import structlog
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import ToolAnnotations
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route
from typing_extensions import TypedDict  # pydantic requires it before Python 3.12

from bot import __version__
from bot.documents.scope import narrowed
from bot.json_lines import answer_object
from bot.logs import log_failure
from bot.model import Question
from bot.slack.background import Background
from bot.slack.receiving.message_words import MAX_TEXT_LENGTH
from bot.slack.rendering.messages import failure_message
from bot.web.api import (
    MAX_AFTER,
    MAX_BODY_SIZE,
    TOO_FAST,
    TOO_LONG,
    Clients,
    documents_object,
)
from bot.web.guards import host_of
from bot.web.public import PublicDocuments

log = structlog.get_logger(__name__)

PATH = "/mcp"
INSTRUCTIONS = """\
Answers questions with passages from documents that a team trusts. Nothing is generated.

- When "outcome" is "answered", give the "quote" word for word, and say where it is: title, \
headings, paragraph or page, and the link if there is one. "leads" govern the quote: the \
sentence that introduces a list, a table's header row, the question that it answers. Show them \
above it.
- When it is "closest", say that the documents may not answer this, say which words they lack \
("missing", "notes"), and only then quote the closest passage.
- When it is "not_found", say that the documents do not answer it. Do not answer from what you know.
- Pass on "notes". Never change, shorten or translate a quote without saying so.
- For a follow-up, give the earlier questions of the conversation in "after", oldest first.
"""
ASK = """\
Ask the documents a question in plain English, and get the passages that answer it, word for word. \
"after" are earlier questions of the same conversation, oldest first. "in_folder" narrows it to \
one document or folder, by the name or path that the tool "documents" gives."""
DOCUMENTS = """\
List the documents that answers come from. To get more, pass "next" as "first"; it is null after \
the last."""


class LeadObject(TypedDict):
    """Text that governs a quote, such as the sentence that introduces a list."""

    text: str
    start: int
    end: int


class CitationObject(TypedDict):
    """A quote, the passage that contains it, and where it is."""

    document: str
    title: str
    heading: str | None
    headings: list[str]
    leads: list[LeadObject]
    paragraph: int
    page: int | None
    page_label: str | None
    anchor: str | None
    lines: list[int] | None
    passage: str
    quote: str
    start: int
    end: int
    more: int
    url: str | None
    part: int
    also: list[str]
    version: NotRequired[str]


class PartObject(TypedDict):
    """One of several questions asked at once."""

    text: str
    outcome: str


class AnswerObject(TypedDict):
    """An answer, as `ask --json` prints it."""

    question: str
    outcome: str
    parts: list[PartObject]
    citations: list[CitationObject]
    missing: list[str]
    notes: list[str]
    corpus: str


class DocumentObject(TypedDict):
    """A document, and how many passages it has."""

    document: str
    title: str
    date: str | None
    author: str | None
    url: str | None
    rights: str | None
    passages: int


class DocumentsObject(TypedDict):
    """Some of the documents; `next` is where to continue, null after the last."""

    documents: list[DocumentObject]
    next: int | None
    notes: list[str]
    corpus: str


class Tools:
    """The tools: `ask`, and `documents`, which lists what can be asked about.

    Without `clients` there is no rate limit.
    """

    def __init__(self, documents: PublicDocuments, clients: Clients | None = None) -> None:
        self._documents, self._clients = documents, clients

    async def ask(
        self,
        question: str,
        context: Context[Any, Any],
        after: list[str] | None = None,
        in_folder: str | None = None,
    ) -> AnswerObject:
        """Answer a question. Raises ToolError, with a sentence for the assistant."""
        if max(map(len, (question, *(after or ())))) > MAX_TEXT_LENGTH:
            raise ToolError(TOO_LONG)
        if not self._may_ask(context):
            raise ToolError(TOO_FAST)
        asked = Question(_within(question, in_folder), tuple(after or ())[-MAX_AFTER:])
        begun = time.monotonic()
        answer = await _in_thread(self._documents.answer, asked)
        seconds = round(time.monotonic() - begun, 4)
        log.info("answered over MCP", outcome=answer.outcome, seconds=seconds)
        found: AnswerObject = answer_object(question, answer)  # type: ignore[assignment]
        return found

    async def documents(self, first: int = 0) -> DocumentsObject:
        """List documents from number `first` on. Raises ToolError."""
        listed: DocumentsObject = await _in_thread(documents_object, self._documents, max(0, first))
        return listed

    def _may_ask(self, context: Context[Any, Any]) -> bool:
        request = context.request_context.request
        if self._clients is None or not isinstance(request, Request):
            return True
        return self._clients.may_ask(request)


def server(documents: PublicDocuments, clients: Clients | None = None) -> MCPServer[Any]:
    """An MCP server with the tools, for any transport; `clients` limits the rate over HTTP."""
    made: MCPServer[Any] = MCPServer(
        "article-bot", instructions=INSTRUCTIONS, version=__version__, log_level="WARNING"
    )
    tools = Tools(documents, clients)
    only_reads = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    for tool, description in ((tools.ask, ASK), (tools.documents, DOCUMENTS)):
        made.add_tool(tool, description=description, annotations=only_reads, structured_output=True)
    return made


def mcp_app(
    documents: PublicDocuments,
    clients: Clients,
    public_url: str | None,
    guards: Sequence[Middleware],
) -> Starlette:
    """The tools over streamable HTTP at `/mcp`, protected by `guards`.

    Its lifespan must run, or every call fails. It keeps no state between requests.
    """
    hosts = ["localhost:*", "127.0.0.1:*", "[::1]:*"]
    origins = [f"http://{host}" for host in hosts]
    if public_url:
        hosts.append(host_of(public_url))
        origins.append(public_url)
    security = TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)
    app = server(documents, clients).streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=MAX_BODY_SIZE,
        transport_security=security,
    )
    guarded = [
        Route(route.path, route.endpoint, middleware=guards)
        for route in app.routes
        if isinstance(route, Route)
    ]
    return Starlette(routes=guarded, lifespan=app.router.lifespan_context)


def run_on_standard_streams(documents: PublicDocuments) -> None:
    """Serve the tools over standard input and output until the input ends."""
    asyncio.run(_run(documents))


async def _run(documents: PublicDocuments) -> None:
    stop = asyncio.Event()
    async with Background().keeping(documents=partial(documents.follow, stop)):
        await server(documents).run_stdio_async()
        stop.set()


async def _in_thread(work: Any, *of: Any) -> Any:
    """Run `work(*of)` in a thread. Raises ToolError with the reference of a logged failure."""
    try:
        return await asyncio.to_thread(work, *of)
    except Exception as error:
        reference = log_failure("a question over MCP could not be answered")
        raise ToolError(failure_message(reference, error)["text"]) from None


def _within(question: str, folder: str | None) -> str:
    """The question, narrowed to a document or folder with `in:`."""
    name = (folder or "").translate({ord(mark): None for mark in '"“”„'}).strip()
    if not name:
        return question
    # Before the question mark, because text after it is treated as chat around the question.
    asked = narrowed(question)[0].rstrip(" ?!.")
    return f'{asked} in:"{name}"?'
