"""The desk where Slack's questions are answered: each message once, and none in silence."""

import asyncio
import logging
import secrets
from collections import OrderedDict
from functools import cached_property
from typing import TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.answering.answerer import Answerer
from bot.answering.suggestions import suggestions
from bot.model import Question
from bot.slack.blocks import Message, answer_message, failure_message, guide_message
from bot.slack.incoming import Asked
from bot.thread import Thread, asks_for_help

logger = logging.getLogger(__name__)

Key = TypeVar("Key")
Value = TypeVar("Value")

# How many messages and threads are remembered. Slack redelivers for six minutes or so.
MOST_REMEMBERED = 10_000


class Desk:
    """Takes questions, answers them from one corpus, and posts the answers."""

    def __init__(self, answerer: Answerer, client: AsyncWebClient) -> None:
        self._answerer = answerer
        self._client = client
        self._seen: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        self._threads: OrderedDict[tuple[str, str | None, str], Thread] = OrderedDict()
        self._deliveries: set[asyncio.Task[None]] = set()

    def take(self, asked: Asked) -> None:
        """Answer a message in its channel, soon. One that came before is left alone."""
        if asked.key in self._seen:
            logger.info("a message came again: %s", asked.key)
            return
        _remember(self._seen, asked.key, None)
        delivery = asyncio.create_task(self._deliver(asked))
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)

    def reply(self, text: str, after: tuple[str, ...] = ()) -> Message:
        """The message that answers a text."""
        if asks_for_help(text):
            return guide_message(self._examples)
        return answer_message(self._answerer.answer(Question(text, after)))

    async def finish(self, seconds: float) -> None:
        """Wait until what was taken is delivered, for so many seconds at most."""
        if self._deliveries:
            await asyncio.wait(self._deliveries, timeout=seconds)

    @cached_property
    def _examples(self) -> tuple[str, ...]:
        return suggestions(self._answerer)

    async def _deliver(self, asked: Asked) -> None:
        """Answer and post. What breaks on the way is logged, and its reference posted."""
        try:
            await self._post(asked, self._answer(asked))
        except Exception:
            await self._post_failure(asked, log_failure("a message could not be answered"))

    def _answer(self, asked: Asked) -> Message:
        place = (asked.channel, asked.thread, asked.user)
        thread = self._threads.get(place) or Thread()
        message = self.reply(asked.text, thread.earlier)
        thread.add(asked.text)
        _remember(self._threads, place, thread)
        return message

    async def _post(self, asked: Asked, message: Message) -> None:
        await self._client.chat_postMessage(
            channel=asked.channel, thread_ts=asked.thread, **message
        )

    async def _post_failure(self, asked: Asked, reference: str) -> None:
        try:
            await self._post(asked, failure_message(reference))
        except Exception:
            log_failure("an error could not be told to the asker")


def log_failure(what: str) -> str:
    """Log the exception that is being handled; returns the reference to tell the asker."""
    reference = secrets.token_hex(4)
    logger.exception("%s (reference %s)", what, reference)
    return reference


def _remember(memory: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    """Keep the value as the newest; the oldest is forgotten when there are too many."""
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > MOST_REMEMBERED:
        memory.popitem(last=False)
