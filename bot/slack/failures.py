"""What goes wrong with Slack, in words: for the log, for the asker, for the operator."""

import secrets

import structlog
from slack_sdk.errors import SlackApiError

from bot.errors import SlackError

log = structlog.get_logger(__name__)

# The token is of no use any more: nobody can be answered until somebody mends it.
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


def log_failure(what: str) -> str:
    """Log the exception that is being handled; returns the reference to tell the asker."""
    reference = secrets.token_hex(4)
    log.exception(f"{what} (reference {reference})", reference=reference)
    return reference


def reason_of(error: SlackApiError) -> str:
    """What Slack says was wrong; nothing when it is not Slack that speaks, but a proxy."""
    data = getattr(error.response, "data", None)  # of a broken body the SDK gives another object
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def refused_token(setting: str, error: SlackApiError) -> SlackError:
    """The error for a token that Slack refuses."""
    return SlackError.refused(setting, reason_of(error))
