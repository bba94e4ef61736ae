"""Posts answers in Slack, knows which failures to retry, and checks what is already posted."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.logs import log_failure
from bot.slack.api import (
    BAD_BLOCKS,
    FATAL,
    RATE_LIMITED,
    SERVER,
    UNDELIVERABLE,
    reason_of,
)
from bot.slack.delivering.client_msg_id import DUPLICATE, NOT_TAKEN, ClientMessageIds
from bot.slack.receiving.message_words import message_words
from bot.slack.rendering.messages import Message, failure_message, plain_message
from bot.store.records import InboxItem, Key

log = structlog.get_logger(__name__)

SECONDS_FOR_STATUS = 1.0
STATUS = "is looking in the documents…"

# Errors that mean that the bot may not read the thread, for example without the scope.
MAY_NOT_LOOK = {"missing_scope", "not_in_channel", "channel_not_found", "thread_not_found"}

METADATA = "article_bot_answer"
# The `way` of a post that reports a failure; see `_say`.
FAILURE = 2


class End(NamedTuple):
    """How a question ended, and Slack's reason if the answer could not be posted."""

    outcome: str
    why: str = ""


class TakenOver(Exception):
    """Raised when this replica may no longer answer a question."""


class Poster:
    """Posts answers. `holds` says whether this replica may still answer a question."""

    def __init__(self, client: AsyncWebClient, holds: Callable[[Key], Awaitable[bool]]) -> None:
        self._client = client
        self._holds = holds
        self._ids = ClientMessageIds()

    async def say_status(self, item: InboxItem) -> None:
        """Show in a direct message that the bot is looking; posting the answer clears this."""
        if not item.channel.startswith("D"):
            return
        with suppress(Exception):  # the answer matters more than the status
            async with asyncio.timeout(SECONDS_FOR_STATUS):
                await self._client.assistant_threads_setStatus(
                    channel_id=item.channel, thread_ts=item.thread, status=STATUS
                )

    async def post(self, item: InboxItem, outcome: str, message: Message) -> End:
        """Post an answer, and return how the question ended.

        If Slack rejects the blocks, post plain text; if it rejects the message, tell the asker.
        Raises SlackApiError if the call may succeed later, and TakenOver if another replica has
        the question.
        """
        for number, way in enumerate((message, plain_message(message))):
            try:
                await self._say(item, way, number)
                return End(outcome)
            except SlackApiError as error:
                reason = reason_of(error)
                if reason in UNDELIVERABLE:
                    log.warning("cannot be posted", reason=reason)
                    return End("undeliverable", reason)
                if may_pass(error):
                    raise
                if reason not in BAD_BLOCKS or number:
                    break
                log.error("Slack rejected the blocks; posting plain text", reason=reason)
        return await self._post_failure(item, reason)

    async def _post_failure(self, item: InboxItem, reason: str) -> End:
        reference = log_failure(f"Slack rejected an answer: {reason}")
        try:
            await self._say(item, failure_message(reference), FAILURE)
        except SlackApiError as error:
            if may_pass(error):
                raise
            return End("undeliverable", reason_of(error))
        return End("error", reason)

    async def _say(self, item: InboxItem, message: Mapping[str, Any], way: int) -> None:
        """Post one form of the answer: `way` is 0 with blocks, 1 as plain text, or FAILURE."""
        if not await self._holds(item.key):
            raise TakenOver
        if item.refusal:
            await self._client.chat_postEphemeral(
                channel=item.channel,
                user=item.user,
                # In a thread without replies it would not be visible.
                thread_ts=item.thread if item.thread != item.ts else None,
                text=message["text"],
                blocks=message.get("blocks"),
            )
            return
        metadata = {"event_type": METADATA, "event_payload": {"question": item.ts}}
        client_msg_id = self._ids.field(item.key, way)
        try:
            await self._client.chat_postMessage(
                channel=item.channel,
                thread_ts=item.thread,
                metadata=metadata,
                **client_msg_id,
                **message,
            )
        except SlackApiError as error:
            reason = reason_of(error) if client_msg_id else ""
            if reason == NOT_TAKEN:
                self._ids.give_up()
                await self._say(item, message, way)
            elif reason == DUPLICATE:
                log.info("already posted")
            else:
                raise

    async def said_before(self, item: InboxItem) -> str | None:
        """What a person or another app last said in the thread before a message; "" if nothing.

        None if the bot may not read the thread.
        """
        try:
            response = await self._client.conversations_replies(
                channel=item.channel, ts=item.thread, latest=item.ts, limit=999
            )
        except SlackApiError as error:
            if reason_of(error) in MAY_NOT_LOOK:
                return None
            raise
        before = [said for said in response["messages"] if said.get("ts", "") < item.ts]
        found = [message_words(said, "").all for said in before if question_of(said) is None]
        return next(filter(None, reversed(found)), "")

    async def is_posted(self, item: InboxItem) -> bool:
        """Whether the answer is in Slack already; False if the bot may not read the thread."""
        if item.refusal:
            return False
        try:
            response = await self._client.conversations_replies(
                channel=item.channel,
                ts=item.thread,
                oldest=item.ts,
                limit=999,
                include_all_metadata=True,
            )
        except SlackApiError as error:
            if reason_of(error) in MAY_NOT_LOOK:
                return False
            raise
        return any(question_of(found) == item.ts for found in response["messages"])


def question_of(message: Mapping[str, Any]) -> str | None:
    """The ts of the question that a message by the bot answers; None for other messages."""
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return payload.get("question") if metadata.get("event_type") == METADATA else None


def _status(error: SlackApiError) -> int:
    response = error.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0))


def retry_after(error: SlackApiError) -> float | None:
    """How many seconds Slack asks to wait after a rate-limited call; None for other errors.

    It is 1 if Slack does not say.
    """
    if _status(error) != 429 and reason_of(error) not in RATE_LIMITED:
        return None
    waits = str(error.response.headers.get("Retry-After", "")).strip()
    return float(waits) if waits.isascii() and waits.isdigit() else 1.0


def may_pass(error: SlackApiError) -> bool:
    """Whether the same call may succeed later, perhaps with another token."""
    reason = reason_of(error)
    passing = {*SERVER, *FATAL, ""}
    return _status(error) >= 500 or retry_after(error) is not None or reason in passing
