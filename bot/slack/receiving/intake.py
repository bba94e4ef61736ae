"""Takes questions in: each is stored before Slack is told that it was received."""

import asyncio
import time

import structlog

from bot.answering.answerer import MAX_QUESTION_LENGTH
from bot.english import decoration, questions
from bot.slack.delivering.queue import DeliveryQueue
from bot.slack.metrics import Metrics
from bot.slack.receiving.access import Access
from bot.slack.receiving.events import IncomingMessage
from bot.slack.receiving.rate_limit import Pace, PaceMaker, pace_of
from bot.store.records import InboxItem, Key, same_message
from bot.store.store import Store

log = structlog.get_logger(__name__)


class Intake:
    """Takes questions in, refuses those that may not be asked, and puts the rest in the queue."""

    def __init__(
        self,
        store: Store,
        queue: DeliveryQueue,
        access: Access,
        questions_per_minute: int,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._queue = queue
        self._access = access
        self._metrics = metrics
        self._most = questions_per_minute
        self._pace = PaceMaker(questions_per_minute)

    async def receive(self, asked: IncomingMessage) -> None:
        """Write a question down, once, and have it answered. What is not meant for the bot is left.

        Raises StoreError when it cannot be written: then Slack must not hear that it was received.
        """
        if not (asked.addressed or await self._follows_up(asked)):
            return
        refusal = self._access.refusal(asked.channel, direct=asked.direct, shared=asked.shared)
        pace = Pace.FAIR
        if not refusal:
            key = (asked.team, asked.channel, asked.ts)
            pace = await self._pace_of(asked.team, asked.user, key, asked.client_msg_id)
        if pace is Pace.TOLD:
            log.info("too many questions of one person", channel=asked.channel)
            self._metrics.refused("pace")
            return
        now = time.time()
        item = InboxItem(
            team=asked.team,
            channel=asked.channel,
            ts=asked.ts,
            user=asked.user,
            thread=asked.thread,
            text=asked.text,
            refusal=refusal or ("pace" if pace is Pace.TOO_FAST else ""),
            received_at=now,
            due_at=now,
            client_msg_id=asked.client_msg_id,
        )
        new = await self._store.inbox.accept(item)
        log.info("received" if new else "came again", question=":".join(item.key))
        self._metrics.received(item, new=new)
        if new:
            self._queue.take(item)

    async def too_fast(self, team: str, user: str) -> bool:
        """Count a question that is answered at once; whether it is one too many."""
        return await self._pace_of(team, user, None) is not Pace.FAIR

    async def _pace_of(
        self, team: str, user: str, message: Key | None, client_msg_id: str = ""
    ) -> Pace:
        """Count a question: in the store where several replicas share it, or else here alone."""
        if self._store.is_shared:
            number = await self._store.inbox.count(team, user, message, client_msg_id)
            return pace_of(number, self._most)
        # A hash is a third of the size to remember; what has no key is new each time.
        known = object() if message is None else hash(same_message(message, client_msg_id))
        return self._pace.of((team, user), known, time.monotonic())

    async def _follows_up(self, asked: IncomingMessage) -> bool:
        """Whether a message to nobody goes on from a question of the same person in its thread."""
        if not await asyncio.to_thread(_asks, asked.text):
            return False
        return await self._store.history.has_asked(
            asked.team, asked.channel, asked.thread, asked.user
        )


def _asks(text: str) -> bool:
    said = decoration.read(text, MAX_QUESTION_LENGTH).question or text
    return questions.asks(questions.normal(said))
