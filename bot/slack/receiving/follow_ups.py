"""Questions in a thread that do not mention the bot: which of them it answers.

Without a mention, the bot answers only a person whose last message in the thread was to the bot,
and only if the documents answer the question. It stays out of all other conversations.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.answering.question_parser import MAX_QUESTION_LENGTH
from bot.english import decoration, questions
from bot.english.talk import covered
from bot.model import MAX_EARLIER, Question
from bot.slack.delivering.poster import question_of
from bot.slack.receiving.events import IncomingMessage
from bot.slack.rendering.presenter import Presenters
from bot.store.store import Store

log = structlog.get_logger(__name__)

# Slack expects an acknowledgement within three seconds.
SECONDS_TO_LOOK = 1.5
# The bot answers no follow-ups in longer threads.
MAX_MESSAGES = 999

_YOU = re.compile(r"\b(?:you|your|yours|u|ur|y'all)\b", re.I)
_NAME = r"[A-Z][\w'’-]{1,30}"
_NAMED = re.compile(rf"(?:^|[\s(])@\w|^\W{{0,3}}({_NAME})\s?[,:]|,\s?({_NAME})[?!.]{{0,3}}$", re.M)


class FollowUps:
    """Decides which messages without a mention to answer."""

    def __init__(
        self, store: Store, presenters: Presenters, client: AsyncWebClient, bot_user: str
    ) -> None:
        self._store = store
        self._presenters = presenters
        self._client = client
        self._bot_user = bot_user

    async def is_one(self, message: IncomingMessage) -> bool:
        """Whether a message follows up on its author's last one to the bot, and has an answer.

        False if Slack does not return the thread in time. Raises StoreError.
        """
        where = message.team, message.channel, message.thread, message.user
        return (
            await asyncio.to_thread(_asks_the_documents, message.text)
            and await self._store.history.has_asked(*where)
            and await self._is_answered(message)
            and await self._spoke_to_the_bot(message)
        )

    async def _is_answered(self, message: IncomingMessage) -> bool:
        earlier = await self._store.history.earlier(
            message.team, message.channel, message.thread, message.user, MAX_EARLIER
        )
        presenter = self._presenters.in_channel(message.channel)
        return await asyncio.to_thread(presenter.answers_anew, Question(message.text, earlier))

    async def _spoke_to_the_bot(self, message: IncomingMessage) -> bool:
        """Whether the last earlier message not by the bot is by the same author and to the bot."""
        try:
            async with asyncio.timeout(SECONDS_TO_LOOK):
                response = await self._client.conversations_replies(
                    channel=message.channel,
                    ts=message.thread,
                    latest=message.ts,
                    limit=MAX_MESSAGES,
                    include_all_metadata=True,
                )
        except Exception as error:  # nobody expects an answer
            log.info("a thread cannot be read", why=type(error).__name__)
            return False
        return not response.get("has_more") and self._is_next(message, response["messages"])

    def _is_next(self, message: IncomingMessage, thread: Sequence[Mapping[str, Any]]) -> bool:
        answered = {question_of(said) for said in thread if said.get("user") == self._bot_user}
        people = [
            said
            for said in thread
            if said.get("user") != self._bot_user and said.get("ts", "") < message.ts
        ]
        if not people:
            return False
        last = max(people, key=lambda said: said.get("ts", ""))
        to_bot = f"<@{self._bot_user}" in str(last.get("text")) or last.get("ts") in answered
        return last.get("user") == message.user and to_bot


def _asks_the_documents(text: str) -> bool:
    """Whether a message reads as a question that is not addressed to a person."""
    said = decoration.read(text, MAX_QUESTION_LENGTH).question or text
    is_to_somebody = _YOU.search(text) or _names_somebody(text)
    return not is_to_somebody and questions.asks(questions.normal(said))


def _names_somebody(text: str) -> bool:
    """Whether a message addresses a person: "Anna, who pays?", "who pays, Tom?", "@anna who?"."""
    for match in _NAMED.finditer(text):
        name = match[1] or match[2]
        if name is None or covered(name) is None:  # "Thanks, who pays?"
            return True
    return False
