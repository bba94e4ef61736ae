"""The API and MCP as one application: for `serve`, or on the server that receives from Slack."""

from collections.abc import Sequence
from importlib.util import find_spec

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.audiences import Documents
from bot.config import DEFAULT_PORT, LOCAL, Settings
from bot.errors import SettingsError
from bot.web.api import Clients, api_routes
from bot.web.guards import LocalOnly, TokenOnly, is_loopback
from bot.web.public import PublicDocuments


def api_app(documents: PublicDocuments, settings: Settings, port: int) -> Starlette:
    """An application with `/ask` and `/documents`, and `/mcp` if its library is installed.

    If API_TOKEN is set, requests need it; otherwise only this machine may ask.
    """
    guards = _guards(settings, port)
    clients = Clients(settings.questions_per_minute)
    routes = api_routes(documents, clients, guards)
    if find_spec("mcp") is None:
        return Starlette(routes=routes)
    from bot.web.mcp import mcp_app  # takes longer to import than all the rest

    tools = mcp_app(documents, clients, settings.public_url, guards)
    return Starlette(routes=[*routes, *tools.routes], lifespan=tools.router.lifespan_context)


def api_beside_slack(documents: Documents, settings: Settings) -> Starlette | None:
    """The same, for the server that Slack posts to; None in Socket Mode or without API_TOKEN."""
    if settings.slack_app_token or not settings.api_token:
        return None
    return api_app(PublicDocuments(documents), settings, settings.port or DEFAULT_PORT)


def with_health(app: Starlette, documents: PublicDocuments) -> Starlette:
    """Add `/healthz`, and `/readyz`, which returns 503 while the documents are `broken`."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("alive")

    async def readyz(_: Request) -> Response:
        is_ready = not documents.facts.broken
        return JSONResponse({"documents": is_ready}, 200 if is_ready else 503)

    app.routes.extend([Route("/healthz", healthz), Route("/readyz", readyz)])
    return app


def host_to_listen_on(settings: Settings) -> str:
    """The configured host; by default "" (all interfaces), or 127.0.0.1 without API_TOKEN.

    Raises SettingsError if other machines could ask without a token.
    """
    if settings.api_token:
        return settings.host or ""
    host = settings.host or LOCAL
    if not is_loopback(host):
        raise SettingsError.no_api_token(host)
    return host


def _guards(settings: Settings, port: int) -> Sequence[Middleware]:
    if settings.api_token:
        return [Middleware(TokenOnly, settings.api_token)]
    return [Middleware(LocalOnly, port)]
