"""What becomes of a call to Slack's Web API: the reasons that Slack gives, and their kinds.

Calls are counted where the SDK asks whether to repeat them.
"""

from collections.abc import Callable

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

from bot.errors import SlackError

# The token is of no use any more: nobody can be answered until somebody replaces it.
FATAL = {
    "invalid_auth",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "not_authed",
    "org_login_required",
    "user_removed_from_team",
}
# A call that may succeed later.
RATE_LIMITED = {"ratelimited", "rate_limited"}
SERVER = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
# Slack will never take a message there.
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
# Slack does not take these blocks, and takes the words.
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
    """What Slack says was wrong; nothing when it is not Slack that speaks, but a proxy."""
    data = getattr(error.response, "data", None)  # of a broken body the SDK gives another object
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def refused_token(setting: str, error: SlackApiError) -> SlackError:
    """The error for a token that Slack refuses."""
    return SlackError.refused(setting, reason_of(error))


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
