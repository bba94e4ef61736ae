"""Leases: a replica may answer a question as long as it renews its lease on it."""

import asyncio
import time
from collections.abc import Callable, Collection
from contextlib import suppress

import structlog

from bot.errors import StoreError
from bot.slack.timing import Timing
from bot.store.records import InboxItem, Key
from bot.store.store import Store

log = structlog.get_logger(__name__)

# How many questions to take over at once; the limit leaves some for other replicas.
MAX_AT_ONCE = 200


def _now() -> float:
    """Seconds on a clock that keeps running while the machine sleeps, if the system has one."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Leases:
    """Renews the leases of the questions `in_hand`, and passes those it takes over to `take`.

    `clock` returns seconds and should keep running while the machine sleeps.
    """

    def __init__(
        self,
        store: Store,
        in_hand: Collection[Key],
        take: Callable[[InboxItem], None],
        timing: Timing,
        clock: Callable[[], float] = _now,
    ) -> None:
        self._store = store
        self._timing = timing
        self._in_hand = in_hand
        self._take = take
        self._clock = clock
        self._lost: set[Key] = set()
        self._unknown: frozenset[Key] = frozenset()
        self._renewed_at = self._grace_until = self._clock()
        self._renewal, self._hurry = asyncio.Event(), asyncio.Event()

    async def begin(self) -> None:
        """Take over the questions that an earlier process left unfinished."""
        self._adopt(await self._store.inbox.unfinished(), "left by an earlier process")
        await self._renew()
        while await self._take_over() == MAX_AT_ONCE:
            pass

    async def keep(self) -> None:
        """Renew the leases and take over expired ones, in an endless loop."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), self._timing.renewal)
            self._hurry.clear()
            try:
                await self._renew()
                if self._clock() >= self._grace_until:
                    await self._take_over()
            except StoreError as error:
                self._wait_for_others()
                log.warning("the leases cannot be renewed", why=str(error))
                await asyncio.sleep(1.0)

    async def holds(self, key: Key) -> bool:
        """Whether this replica may post the answer now. Waits for a renewal if unsure."""
        while self._clock() - self._renewed_at >= self._timing.trust:
            self._hurry.set()
            await self._renewal.wait()
        return key not in self._lost

    def let_go(self, key: Key) -> None:
        """Forget a question that is no longer in hand."""
        self._lost.discard(key)

    async def end(self) -> None:
        """Release the remaining questions to other replicas."""
        with suppress(StoreError):  # then the leases simply expire
            await self._store.inbox.release()

    async def _renew(self) -> None:
        begun, in_hand = self._clock(), frozenset(self._in_hand)
        own = await self._store.inbox.renew()
        if begun - self._renewed_at >= self._timing.trust:
            self._wait_for_others()
        self._renewed_at = begun
        self._lost = (self._lost | in_hand) - own
        self._renewal.set()
        self._renewal = asyncio.Event()
        await self._find_again(own - frozenset(self._in_hand))

    async def _find_again(self, unknown: frozenset[Key]) -> None:
        """Take up questions that were stored although the database reported an error.

        A question that was received just now may not be in hand yet, so it counts only if it is
        unknown at two renewals in a row.
        """
        again, self._unknown = unknown & self._unknown, unknown
        if again:
            own = await self._store.inbox.unfinished()
            self._adopt([item for item in own if item.key in again], "stored despite an error")

    async def _take_over(self) -> int:
        taken = await self._store.inbox.take_over(MAX_AT_ONCE)
        self._adopt(taken, "left by another replica")
        return len(taken)

    def _adopt(self, found: list[InboxItem], why: str) -> None:
        if found:
            log.info("resuming questions", why=why, questions=len(found))
        for item in found:
            self._lost.discard(item.key)
            self._take(item)

    def _wait_for_others(self) -> None:
        self._grace_until = self._clock() + self._timing.grace
