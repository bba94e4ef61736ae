"""The Bolt app: one client, one error boundary."""

import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import Settings
from bot.errors import SlackError, StoreError
from bot.logs import log_failure
from bot.slack.api import refused_token
from bot.slack.metrics import BY_COMMAND, NOT_KEPT
from bot.slack.receiving.access import Installation
from bot.slack.receiving.listeners import register
from bot.slack.receiving.listeners.services import Services
from bot.slack.rendering.messages import failure_message, refusal_message
from bot.slack.rendering.views import note_view
from bot.slack.timing import DEFAULT, Timing

log = structlog.get_logger(__name__)

# Bolt reads these from the environment. The first two make it switch to OAuth with its own files
# and ignore the token; for the others it warns that they are set twice.
READ_BY_BOLT = (
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_VERIFICATION_TOKEN",
)


def web_session(timing: Timing = DEFAULT) -> aiohttp.ClientSession:
    """The HTTP session for all calls. A new one for each call costs a third more."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timing.call))


def web_client(
    token: str, api_url: str, session: aiohttp.ClientSession, *heard_by: AsyncRetryHandler
) -> AsyncWebClient:
    """The client for all calls. It never retries; the caller decides whether to try again.

    The SDK's own retry after a broken connection would post again what Slack had already stored.
    The handlers in `heard_by` see the outcome of every call, and must not retry it.
    """
    return AsyncWebClient(
        token=token, base_url=api_url, session=session, retry_handlers=[*heard_by]
    )


async def try_tokens(settings: Settings) -> None:
    """Check the tokens with the calls that the bot makes at its start.

    Raises SettingsError or SlackError.
    """
    token, _ = settings.needed_for_slack()
    async with web_session() as session:
        client = web_client(token, settings.slack_api_url, session)
        await identify(client)
        if settings.slack_app_token:
            await open_connection(client, settings.slack_app_token)


class Identity(NamedTuple):
    """Who the bot is in Slack, and where it is installed."""

    user: str
    installation: Installation


async def identify(client: AsyncWebClient) -> Identity:
    """Who the bot is. Raises SlackError if Slack refuses the token or cannot be reached."""
    try:
        response = await client.auth_test()
    except SlackApiError as error:
        raise refused_token("SLACK_BOT_TOKEN", error) from None
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        raise _unreached(client, error) from None
    installation = Installation(
        team=str(response["team_id"]),
        enterprise=str(response.get("enterprise_id") or ""),
        is_org_wide=response.get("is_enterprise_install") is True,
    )
    return Identity(str(response["user_id"]), installation)


async def open_connection(client: AsyncWebClient, app_token: str) -> str:
    """The URL for a new Socket Mode connection. Raises SlackError as `identify` does."""
    try:
        response = await client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        raise refused_token("SLACK_APP_TOKEN", error) from None
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        raise _unreached(client, error) from None
    return str(response["url"])


def build_app(client: AsyncWebClient, services: Services) -> AsyncApp:
    """The app with its listeners. Requests must be verified already: it checks no signatures."""
    for name in READ_BY_BOLT:
        os.environ.pop(name, None)
    app = AsyncApp(
        client=client,
        request_verification_enabled=False,
        raise_error_for_unhandled_request=True,
        process_before_response=True,  # never acknowledge what could not be stored
    )

    async def on_any(
        context: AsyncBoltContext, body: Mapping[str, Any], next: Callable[[], Awaitable[None]]
    ) -> BoltResponse | None:
        context["services"] = services  # passed to listeners as a parameter
        services.health.heartbeat.event()
        if not services.access.installation.has(context.team_id, context.enterprise_id):
            return await _refused(body, services)
        await next()
        return None

    async def on_error(
        error: Exception, body: Mapping[str, Any], client: AsyncWebClient
    ) -> BoltResponse:
        return await _translated(error, body, client, services)

    app.use(on_any)
    app.error(on_error)
    register(app)
    return app


async def _refused(body: Mapping[str, Any], services: Services) -> BoltResponse:
    """Acknowledge a request from a workspace that the bot does not serve, and tell the user."""
    log.warning("refused an event from another workspace")
    services.metrics.refused("workspace")
    said = refusal_message("workspace")
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", **said})
    if url := body.get("response_url"):
        with suppress(SlackClientError, aiohttp.ClientError, TimeoutError):
            await services.responses.privately(url, said)
    return BoltResponse(status=200)


async def _translated(
    error: Exception, body: Mapping[str, Any], client: AsyncWebClient, services: Services
) -> BoltResponse:
    """Handle any error: acknowledge the request, or Slack would resend it, and tell the user.

    An event that could not be stored is not acknowledged, because Slack must resend it.
    """
    if isinstance(error, BoltUnhandledRequestError):  # no listener matches, and none is needed
        return BoltResponse(status=200)
    if isinstance(error, StoreError) and "event" in body:
        log.error("not stored, so Slack will resend it", why=str(error))
        services.metrics.refused(NOT_KEPT)
        return BoltResponse(status=503)
    reference = log_failure("a request could not be answered")
    message = failure_message(reference, error)
    if "command" in body:
        services.metrics.question("error", BY_COMMAND)
        return BoltResponse(status=200, body={"response_type": "ephemeral", **message})
    with suppress(SlackClientError, aiohttp.ClientError, TimeoutError):
        if url := body.get("response_url"):
            await services.responses.privately(url, message)
        elif trigger := body.get("trigger_id"):
            show = client.views_push if body.get("view") else client.views_open
            await show(trigger_id=trigger, view=note_view(message["text"]))
    return BoltResponse(status=200)


def _unreached(client: AsyncWebClient, error: Exception) -> SlackError:
    return SlackError.unreachable(str(client.base_url), error)
