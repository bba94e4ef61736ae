"""Which questions this replica may answer: its own, as long as it renews its leases."""

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

# So many are taken over at once, that other replicas get some too.
MAX_AT_ONCE = 200


def _now() -> float:
    """Seconds of a clock that goes on while the machine sleeps, where there is one."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Leases:
    """Keeps the leases of what is `in_hand`, and gives what is to be taken up to `take`.

    `clock` tells seconds, and goes on while the machine sleeps, where it can.
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
        """Take up what a process before this one left."""
        self._adopt(await self._store.inbox.unfinished(), "they were left")
        await self._renew()
        while await self._take_over() == MAX_AT_ONCE:
            pass

    async def keep(self) -> None:
        """Renew, and take over what has run out, again and again."""
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
        """Whether a question is this replica's to post, now. Waits until that is known."""
        while self._clock() - self._renewed_at >= self._timing.trust:
            self._hurry.set()
            await self._renewal.wait()
        return key not in self._lost

    def let_go(self, key: Key) -> None:
        """A question is not in hand any more."""
        self._lost.discard(key)

    async def end(self) -> None:
        """Let others take over the rest."""
        with suppress(StoreError):  # then its leases run out
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
        """Take up what was written down although the database said that it was not.

        What was received in this moment is still on its way here; it is not unknown twice.
        """
        again, self._unknown = unknown & self._unknown, unknown
        if again:
            own = await self._store.inbox.unfinished()
            self._adopt([item for item in own if item.key in again], "they were in nobody's hands")

    async def _take_over(self) -> int:
        taken = await self._store.inbox.take_over(MAX_AT_ONCE)
        self._adopt(taken, "another replica does not answer them any more")
        return len(taken)

    def _adopt(self, found: list[InboxItem], why: str) -> None:
        if found:
            log.info("resuming questions", why=why, questions=len(found))
        for item in found:
            self._lost.discard(item.key)
            self._take(item)

    def _wait_for_others(self) -> None:
        self._grace_until = self._clock() + self._timing.grace
