"""The Bolt app: one client, one error boundary."""

import os

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import Settings
from bot.errors import SlackError
from bot.slack.blocks import failure_message
from bot.slack.desk import Desk, log_failure
from bot.slack.listeners import register

# Bolt reads these from the environment by itself: with the first two it turns to OAuth and files
# and drops the token, and of the others it warns that it has them twice.
READ_BY_BOLT = (
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_VERIFICATION_TOKEN",
)
# Slack answers in well under a second; a call that takes this long will not come back.
DEADLINE = 10


def web_client(token: str, api_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """The client for every call. All calls share the session: a new one each costs a third more.

    A refused call (429) is made again after the time that Slack asks for. A broken one is not:
    Slack may have posted the message before the connection broke.
    """
    return AsyncWebClient(
        token=token,
        base_url=api_url,
        session=session,
        timeout=DEADLINE,
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=3)],
    )


async def try_tokens(settings: Settings) -> None:
    """Make the calls that the bot begins with. Raises SettingsError or SlackError."""
    token, _ = settings.needed_for_slack()
    async with aiohttp.ClientSession() as session:
        client = web_client(token, settings.slack_api_url, session)
        await identify(client)
        if settings.slack_app_token:
            await open_connection(client, settings.slack_app_token)


async def identify(client: AsyncWebClient) -> str:
    """The bot's user id. Raises SlackError when Slack refuses the token or cannot be reached."""
    try:
        response = await client.auth_test()
    except SlackApiError as error:
        raise SlackError(_refused("SLACK_BOT_TOKEN", error)) from None
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        raise SlackError(_unreached(client, error)) from None
    return str(response["user_id"])


async def open_connection(client: AsyncWebClient, app_token: str) -> str:
    """The address of a Socket Mode connection. Raises SlackError as `identify` does."""
    try:
        response = await client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        raise SlackError(_refused("SLACK_APP_TOKEN", error)) from None
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        raise SlackError(_unreached(client, error)) from None
    return str(response["url"])


def build_app(client: AsyncWebClient, desk: Desk, bot_user: str) -> AsyncApp:
    """The app with its listeners. Requests must have been verified before they get here."""
    for name in READ_BY_BOLT:
        os.environ.pop(name, None)
    app = AsyncApp(
        client=client, request_verification_enabled=False, raise_error_for_unhandled_request=True
    )
    app.error(_on_error)
    register(app, desk, bot_user)
    return app


async def _on_error(error: Exception, response: BoltResponse | None) -> BoltResponse | None:
    """The last resort. A request that nobody listens to is acknowledged, or it comes again."""
    if isinstance(error, BoltUnhandledRequestError):
        return BoltResponse(status=200)
    reference = log_failure("a request could not be answered")
    if response is None:  # acknowledged already
        return None
    body = {"response_type": "ephemeral", **failure_message(reference)}
    return BoltResponse(status=200, body=body)


def _refused(setting: str, error: SlackApiError) -> str:
    reason = error.response.get("error", "no reason given")
    return f"Slack refuses {setting} ({reason}); copy the token from the app's page again"


def _unreached(client: AsyncWebClient, error: Exception) -> str:
    return f"Slack cannot be reached at {client.base_url} ({error!r}); check the network"
