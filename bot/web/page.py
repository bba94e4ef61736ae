"""The page of `play`: the bot in a browser, for the person at this machine.

The URL holds the whole conversation: each `q` is a question, oldest first. So the back button,
reloading and sharing a link work, and the server keeps no state.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot import phrases
from bot.logs import log_failure
from bot.model import Citation, Document, NoQuestion, Question, Talk
from bot.slack import surfaces
from bot.slack.receiving.message_words import MAX_TEXT_LENGTH
from bot.slack.rendering import block_kit
from bot.slack.rendering.buttons import ButtonState
from bot.slack.rendering.messages import examples_blocks, failure_message
from bot.slack.rendering.presenter import Presenter
from bot.slack.rendering.views import OTHER_BUTTON, View, note_view
from bot.web.api import Clients, api_routes, as_response, body_of
from bot.web.blocks import Block, blocks_as_html
from bot.web.guards import LocalOnly
from bot.web.public import PublicDocuments
from bot.web.reading import Place, address, read

HERE = Path(__file__).parent
# At most this many questions of a conversation are shown, which bounds the URL.
MAX_TURNS = 12
# Documents listed on the first page.
MAX_NAMED = 100
# Practically no limit: the only client is the person at this machine.
QUESTIONS_PER_MINUTE = 10_000
# The block with the vote buttons, which is dropped: votes are stored only for Slack.
VOTES = "context_actions"

STATIC = {"style.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not `no-referrer`: with that, a browser does not send the origin of a form.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Link(NamedTuple):
    """A link: its URL and its words."""

    url: str
    words: str


class Turn(NamedTuple):
    """A question and its answer as HTML. `links` open the quotes in their documents."""

    number: int
    question: str
    answer: Markup
    links: tuple[Link, ...]


def page_app(documents: PublicDocuments, port: int) -> Starlette:
    """The page and the API, for requests from this machine only."""
    page = Page(documents)
    routes = [
        Route("/", page.conversation),
        Route("/window", page.window, methods=["POST"]),
        Route("/read/{path:path}", page.document),
        Route("/state", page.state),
        Route("/static/{name}", static),
        *api_routes(documents, Clients(QUESTIONS_PER_MINUTE)),
    ]
    return Starlette(routes=routes, middleware=[Middleware(LocalOnly, port, is_page=True)])


class Page:
    """The handlers of a browser's requests."""

    def __init__(self, documents: PublicDocuments) -> None:
        self._documents = documents
        self._presenter = Presenter(documents)
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            auto_reload=False,
        )

    async def conversation(self, request: Request) -> Response:
        """Show the conversation and a field for the next question, or what can be asked."""
        asked = _asked(request.query_params.getlist("q"))
        return await self._shown("conversation.html", self._conversation, asked)

    async def window(self, request: Request) -> Response:
        """Show the window that a button opens."""
        try:
            form = parse_qs((await body_of(request)).decode("utf-8", "replace"))
        except (ValueError, ClientDisconnect):
            form = {}
        action, value = (form.get(name, [""])[0] for name in ("button", "value"))
        return await self._shown("window.html", self._window, action, value, _asked(form.get("q")))

    async def document(self, request: Request) -> Response:
        """Show a document, at quoted words (`quote`) or from a passage on (`from`)."""
        place = Place.read(request.query_params.get("quote", ""))
        first = request.query_params.get("from", "")
        number = int(first) if first.isascii() and first.isdigit() and len(first) < 10 else 0
        path = request.path_params["path"]
        return await self._shown("document.html", self._document, path, place, number)

    async def state(self, _: Request) -> Response:
        """The hash of the current documents, so that an open page can tell it is outdated."""
        return as_response({"corpus": self._documents.answerer.index.documents_hash})

    async def _shown(
        self, name: str, build: Callable[..., Mapping[str, Any]], *of: Any
    ) -> Response:
        """A page, built in a thread; on an error, a page with the reference of the log entry."""
        try:
            html, status = await asyncio.to_thread(self._page, name, build, *of)
        except Exception as error:
            reference = log_failure("a page could not be shown")
            said = failure_message(reference, error)["text"]
            html, status = self._render("trouble.html", {"said": said}), 503
        return HTMLResponse(html, status, HEADERS)

    def _page(
        self, name: str, build: Callable[..., Mapping[str, Any]], *of: Any
    ) -> tuple[str, int]:
        values = build(*of)
        if values:
            return self._render(name, values), 200
        return self._render("trouble.html", {"said": "There is no such document."}), 404

    def _render(self, name: str, values: Mapping[str, Any]) -> str:
        facts, index = self._documents.facts, self._documents.answerer.index
        trouble = [phrases.shown(facts.problem)] if facts.problem else []
        return self._templates.get_template(name).render(
            values, notes=[*self._documents.notes, *trouble], corpus=index.documents_hash
        )

    def _conversation(self, asked: Sequence[str]) -> Mapping[str, Any]:
        answerer = self._documents.asked()
        turns = [self._turn(number, asked) for number in range(1, len(asked) + 1)]
        index = answerer.index
        return {
            "turns": turns,
            "asked": asked,
            "examples": [Link(_thread([one]), phrases.shown(one)) for one in answerer.examples],
            "documents": [_listed(document) for document in index.documents[:MAX_NAMED]],
            "unnamed": max(0, len(index.documents) - MAX_NAMED),
            "size": f"{phrases.count(len(index.documents), 'document')}, "
            f"{phrases.count(index.size, 'passage')}",
            "problems": [phrases.shown(problem) for problem in index.problems[:MAX_NAMED]],
        }

    def _turn(self, number: int, asked: Sequence[str]) -> Turn:
        *after, text = asked[:number]
        question = Question(text, tuple(after))
        answer = self._documents.asked().answer(question)
        if isinstance(answer, NoQuestion) and answer.talk in (Talk.GUIDE, Talk.AROUND):
            blocks = _guide(answer.examples)
        else:
            _, message = self._presenter.reply(question)
            blocks = [block for block in message["blocks"] if block["type"] != VOTES]
        return Turn(number, phrases.shown(text), _drawn(blocks, asked), _links(answer.citations))

    def _window(self, action: str, value: str, asked: Sequence[str]) -> Mapping[str, Any]:
        try:
            view = self._opened(action, value)
        except ValueError:
            view = note_view(OTHER_BUTTON)
        return {
            "title": view["title"]["text"],
            "body": _drawn(view["blocks"], asked),
            "back": _thread(asked),
        }

    def _opened(self, action: str, value: str) -> View:
        """The window that a button opens. Raises ValueError for an unknown button."""
        match action.partition(":")[0]:
            case surfaces.CONTEXT:
                return self._presenter.more_context(value)
            case surfaces.WHY:
                return self._presenter.why(value)
            case surfaces.NEAREST:
                return self._presenter.nearest(value)
            case _:
                raise ValueError(action)

    def _document(self, path: str, place: Place | None, first: int) -> Mapping[str, Any]:
        reading = read(self._documents.asked().index, path, place, first)
        if reading is None:
            return {}
        document = reading.document
        facts = [document.author, document.date, phrases.count(reading.size, "passage")]
        return {
            "reading": reading,
            "title": phrases.shown(document.title),
            "facts": [phrases.shown(fact) for fact in facts if fact],
            "url": document.url if (document.url or "").startswith(("https://", "http://")) else "",
            "here": address(document),
        }


async def static(request: Request) -> Response:
    """Serve the style sheet, the script and the icon."""
    name = request.path_params["name"]
    if name not in STATIC:
        return Response(status_code=404)
    body = await asyncio.to_thread((HERE / "static" / name).read_bytes)
    return Response(body, headers=HEADERS | {"Content-Type": f"{STATIC[name]}; charset=utf-8"})


def _asked(texts: Sequence[str] | None) -> list[str]:
    """The last MAX_TURNS questions of a conversation, without blank ones."""
    found = (text.encode("utf-8", "replace").decode().strip() for text in texts or ())
    return [text[:MAX_TEXT_LENGTH] for text in found if text][-MAX_TURNS:]


def _thread(asked: Sequence[str]) -> str:
    """The URL of a conversation, at its last answer."""
    return f"/?{urlencode([('q', text) for text in asked])}#latest" if asked else "/"


def _drawn(blocks: Sequence[Block], asked: Sequence[str]) -> Markup:
    """Blocks as HTML, with buttons that work."""

    def button(block: Block) -> str:
        return _button(block, asked)

    # Safe: `blocks_as_html` and `_button` escape all text.
    return Markup(blocks_as_html(blocks, button))  # nosec B704


def _button(block: Block, asked: Sequence[str]) -> str:
    """A button as HTML: a link if it asks a question, a form if it opens a window, else nothing."""
    action, value, label = block["action_id"], block["value"], escape(block["text"]["text"])
    name = action.partition(":")[0]
    if name == surfaces.ASK:
        url = escape(_thread([*asked, ButtonState.read(value).question.text]))
        return f'<a class="button" href="{url}">{label}</a>'
    if name not in (surfaces.CONTEXT, surfaces.WHY, surfaces.NEAREST):
        return ""
    fields = [("button", action), ("value", value), *(("q", text) for text in asked)]
    hidden = "".join(
        f'<input type="hidden" name="{field}" value="{escape(text)}">' for field, text in fields
    )
    form = '<form class="opens" method="post" action="/window">'
    return f"{form}{hidden}<button>{label}</button></form>"


def _links(citations: Sequence[Citation]) -> tuple[Link, ...]:
    """Links to the quotes in their documents, without duplicates."""
    links = {}
    for citation in citations:
        passage = citation.passage
        title = phrases.shown(passage.document.title).strip() or passage.document.path
        url = address(passage.document, Place.of(citation))
        links[url] = Link(url, f"{title}, paragraph {passage.number}")
    return tuple(links.values())


def _guide(examples: Sequence[str]) -> list[dict[str, Any]]:
    """What the bot does and example questions, without what works only in Slack."""
    return [block_kit.section(phrases.WHAT_I_DO), *examples_blocks(examples, "For example:")]


def _listed(document: Document) -> Link:
    title = phrases.shown(document.title).strip() or document.path
    return Link(address(document), title)
