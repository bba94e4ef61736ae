"""Accepts questions: each is stored before Slack hears that it was received."""

import time

import structlog

from bot.slack.delivering.queue import DeliveryQueue
from bot.slack.metrics import Metrics
from bot.slack.receiving.access import Access
from bot.slack.receiving.events import IncomingMessage
from bot.slack.receiving.follow_ups import FollowUps
from bot.slack.receiving.rate_limit import Pace, PaceMaker, pace_of
from bot.store.records import InboxItem, Key, same_message
from bot.store.store import Store

log = structlog.get_logger(__name__)


class Intake:
    """Stores each question once and queues it; access and rate limits decide on refusals."""

    def __init__(
        self,
        store: Store,
        queue: DeliveryQueue,
        access: Access,
        questions_per_minute: int,
        metrics: Metrics,
        follow_ups: FollowUps,
    ) -> None:
        self._store = store
        self._follow_ups = follow_ups
        self._queue = queue
        self._access = access
        self._metrics = metrics
        self._most = questions_per_minute
        self._pace = PaceMaker(questions_per_minute)

    async def receive(self, asked: IncomingMessage) -> None:
        """Store a question once and queue it; ignore a message that is not meant for the bot.

        Raises StoreError when it cannot be stored; then Slack must not hear that it was received.
        """
        refusal = self._access.refusal(asked.channel, direct=asked.direct, shared=asked.shared)
        if not asked.addressed and (refusal or not await self._follow_ups.is_one(asked)):
            return
        pace = Pace.FAIR
        if not refusal and not is_help(asked.text):
            key = (asked.team, asked.channel, asked.ts)
            pace = await self._pace_of(asked.team, asked.user, key, asked.client_msg_id)
        if not asked.addressed and pace is not Pace.FAIR:
            return
        if pace is Pace.TOLD:
            log.info("rate limited", channel=asked.channel)
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
        log.info("received" if new else "duplicate delivery", question=":".join(item.key))
        self._metrics.received(item, new=new)
        if new:
            self._queue.take(item)

    async def too_fast(self, team: str, user: str, text: str) -> bool:
        """Count a question that bypasses the queue; returns whether it exceeds the rate limit."""
        return not is_help(text) and await self._pace_of(team, user, None) is not Pace.FAIR

    async def _pace_of(
        self, team: str, user: str, message: Key | None, client_msg_id: str = ""
    ) -> Pace:
        """Count a question: in the store if replicas share it, otherwise in this process."""
        if self._store.is_shared:
            number = await self._store.inbox.count(team, user, message, client_msg_id)
            return pace_of(number, self._most)
        # A hash takes a third of the memory; a question without a key is always new.
        known = object() if message is None else hash(same_message(message, client_msg_id))
        return self._pace.of((team, user), known, time.monotonic())


def is_help(text: str) -> bool:
    """Whether a message is empty or asks for help; neither counts against the rate limit."""
    return text.casefold().strip(" ?!.") in ("", "help")
