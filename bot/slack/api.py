"""Slack's error codes for Web API calls, grouped by kind, and a counter of failed calls.

The SDK asks its retry handlers after every call, so one of them counts the failures.
"""

from collections.abc import Callable

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

from bot.errors import SlackError

# The token no longer works: the bot cannot answer anybody until it is replaced.
FATAL = {
    "invalid_auth",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "not_authed",
    "org_login_required",
    "user_removed_from_team",
}
# The call may succeed later.
RATE_LIMITED = {"ratelimited", "rate_limited"}
SERVER = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
# Slack will never accept a message in that channel.
UNDELIVERABLE = {
    "channel_not_found",
    "is_archived",
    "not_in_channel",
    "user_not_in_channel",
    "messages_tab_disabled",
    "restricted_action",
    "restricted_action_thread_only_channel",
    "restricted_action_non_threadable_channel",
    "restricted_action_read_only_channel",
    "cannot_reply_to_message",
    "team_access_not_granted",
}
# Slack rejects the blocks but accepts plain text.
BAD_BLOCKS = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}
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


def reason_of(error: SlackApiError) -> str:
    """Slack's error code; "" if the response is not from Slack, for example from a proxy."""
    data = getattr(error.response, "data", None)  # for a broken body the SDK passes another object
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def refused_token(setting: str, error: SlackApiError) -> SlackError:
    """The error for a token that Slack refuses."""
    return SlackError.refused(setting, reason_of(error))


class CountingHandler(AsyncRetryHandler):
    """Counts the failed calls of a client and of its copies, by kind; never retries."""

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
    """The kind of failure; None if the call succeeded."""
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
    if isinstance(error, SlackApiError):  # the body is not JSON
        return "server"
    return "other"
