"""What becomes of each call to Slack's Web API, counted where the SDK asks whether to repeat it."""

from collections.abc import Callable

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

from bot.slack.failures import BAD_BLOCKS, FATAL, RATE_LIMITED, SERVER, UNDELIVERABLE

SCOPE = {"missing_scope", "no_permission"}
KIND_OF_REASON = {
    reason: kind
    for kind, reasons in {
        "rate_limited": RATE_LIMITED,
        "server": SERVER,
        "token": FATAL,
        "scope": SCOPE,
        "undeliverable": UNDELIVERABLE,
        "blocks": BAD_BLOCKS,
    }.items()
    for reason in reasons
}


class CountingHandler(AsyncRetryHandler):
    """Hears the outcome of every call of a client and of its copies; repeats none of them."""

    def __init__(self, count: Callable[[str], None]) -> None:
        super().__init__()
        self._count = count

    async def _can_retry_async(
        self,
        *,
        state: RetryState,  # noqa: ARG002  the SDK's signature
        request: HttpRequest,  # noqa: ARG002  the SDK's signature
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if found := _kind_of_error(error) if error else _kind_of_response(response):
            self._count(found)
        return False


def _kind_of_response(response: HttpResponse | None) -> str | None:
    """What kind of failure a response is; None when it is none."""
    status = response.status_code if response else 0
    body = response.body if response else None
    if status == 429:
        return "rate_limited"
    if status >= 500:
        return "server"
    if isinstance(body, dict) and body.get("ok") is True:
        return None
    reason = body.get("error") if isinstance(body, dict) else None
    return KIND_OF_REASON.get(str(reason), "other")


def _kind_of_error(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, aiohttp.ClientError | OSError):
        return "connection"
    if isinstance(error, SlackApiError):  # of a body that is no JSON
        return "server"
    return "other"
