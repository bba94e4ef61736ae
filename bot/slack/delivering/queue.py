"""Answers the questions in the inbox and posts the answers: when, and in which order.

The inbox is the only retry queue. A post that failed is retried later; if Slack may have stored it
anyway, the bot first looks for it in the thread.
"""

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import replace
from heapq import heappop, heappush
from secrets import token_hex

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import phrases
from bot.english.claims import asks_whether
from bot.errors import BotError, SlackError, StoreError
from bot.logs import log_failure
from bot.model import MAX_EARLIER, Outcome, Question
from bot.slack.api import FATAL, reason_of, refused_token
from bot.slack.delivering.leases import Leases
from bot.slack.delivering.poster import End, Poster, TakenOver, retry_after
from bot.slack.delivering.thread_titles import ThreadTitles
from bot.slack.metrics import Metrics
from bot.slack.rendering.messages import Message, failure_message, refusal_message, sentence
from bot.slack.rendering.presenter import AskedIn, Presenters
from bot.slack.timing import DEFAULT, Timing
from bot.store.records import InboxItem, Key, Unanswered
from bot.store.store import Store

log = structlog.get_logger(__name__)

# How many channels to answer in at once. Slack allows about one post a second in each.
MAX_AT_ONCE = 20
# Seconds to wait after a failure: doubled each time, with some jitter, up to the maximum.
FIRST_WAIT, MAX_WAIT = 1.0, 60.0
# The due time of a question that goes before all others in its channel.
FIRST = 0.0
# The longest pause of a channel in seconds, even if Slack asks for more.
MAX_PAUSE = 300.0

# After these outcomes, later questions in the thread do not build on the question.
NOT_REMEMBERED = ("undeliverable", "error", Outcome.NO_QUESTION)

# After these outcomes, the thread is named after the question.
QUESTIONS = (Outcome.ANSWERED, Outcome.CLOSEST, Outcome.NOT_FOUND)


class DeliveryQueue:
    """Answers received questions: one at a time in each channel, MAX_AT_ONCE channels at once.

    Where the bot may not read threads, answers that were being posted when the process died are
    posted again: at most one in each channel, and MAX_AT_ONCE in all.
    """

    def __init__(
        self,
        store: Store,
        presenters: Presenters,
        client: AsyncWebClient,
        metrics: Metrics,
        timing: Timing = DEFAULT,
    ) -> None:
        self._store = store
        self._presenters = presenters
        self._metrics = metrics
        # For each channel, a heap of (due time, number that keeps the order, key). The times are
        # monotonic, because the wall clock may be changed.
        self._waiting: dict[str, list[tuple[float, int, Key]]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._wake: dict[str, asyncio.Event] = {}
        self._in_hand: dict[Key, InboxItem] = {}
        self._leases = Leases(
            store, self._in_hand, lambda item: self.take(replace(item, doubtful=True)), timing
        )
        self._poster = Poster(client, self._leases.holds)
        self._titles = ThreadTitles(client)
        self._keeping: asyncio.Task[None] | None = None
        self._naming: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(MAX_AT_ONCE)
        self._stopping = False
        self._numbers = 0
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def resume(self) -> None:
        """Take over unfinished questions, now and regularly; some may already be answered."""
        await self._leases.begin()
        self._keeping = asyncio.create_task(self._leases.keep())
        self._keeping.add_done_callback(self._on_kept)

    def take(self, item: InboxItem) -> None:
        """Queue a question that is in the store; if it is queued already, do not queue it again."""
        if known := self._in_hand.get(item.key):
            self._in_hand[item.key] = replace(known, doubtful=known.doubtful or item.doubtful)
            return
        # Limit the wait, because another clock may have set `due_at`.
        pause = min(max(0.0, item.due_at - time.time()), MAX_WAIT)
        self._wait(item, time.monotonic() + pause)
        channel = item.channel
        if channel in self._workers:
            self._wake[channel].set()
        else:
            self._wake[channel] = asyncio.Event()
            self._workers[channel] = asyncio.create_task(self._serve(channel))

    async def finish(self, seconds: float) -> None:
        """Answer what is due, for at most this many seconds. The rest stays in the inbox."""
        self._stopping = True
        if self._keeping:
            self._keeping.cancel()
        for wake in self._wake.values():
            wake.set()
        if self._workers:
            _, late = await asyncio.wait(self._workers.values(), timeout=seconds)
            for worker in late:
                worker.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for naming in self._naming:
            naming.cancel()
        await asyncio.gather(*self._naming, return_exceptions=True)
        await self._leases.end()

    def _on_kept(self, keeping: "asyncio.Task[None]") -> None:
        if not keeping.cancelled() and not self.failed.done():
            self.failed.set_exception(keeping.exception() or RuntimeError("no lease is kept"))

    def _wait(self, item: InboxItem, due: float) -> None:
        self._numbers += 1
        self._in_hand[item.key] = item
        waiting = self._waiting.setdefault(item.channel, [])
        heappush(waiting, (due, self._numbers, item.key))

    async def _serve(self, channel: str) -> None:
        """Answer the waiting questions of a channel until none is left."""
        waiting, wake = self._waiting[channel], self._wake[channel]
        held_until = 0.0  # Slack's rate limit applies to the whole channel
        try:
            while waiting:
                wake.clear()
                seconds = max(waiting[0][0], held_until) - time.monotonic()
                if seconds > 0:
                    if self._stopping:
                        return
                    with suppress(TimeoutError):
                        await asyncio.wait_for(wake.wait(), seconds)
                    continue
                _, _, key = heappop(waiting)
                async with self._at_once:
                    held_until = await self._deliver(self._in_hand[key])
        except SlackError as error:  # nothing can be posted in any channel
            if not self.failed.done():
                self.failed.set_exception(error)
        finally:
            del self._workers[channel], self._wake[channel]
            if not waiting:
                del self._waiting[channel]

    async def _deliver(self, item: InboxItem) -> float:
        """Answer one question, or put it back for later.

        Returns the monotonic time until which nothing else may be posted in its channel; 0 if
        there is no limit.
        """
        with structlog.contextvars.bound_contextvars(question=":".join(item.key)):
            try:
                if item.doubtful and await self._poster.is_posted(item):
                    log.info("already posted")
                    await self._cross_out(item, End(Outcome.ANSWERED))
                else:
                    outcome, message, gap = await self._answer(item)
                    end = await self._poster.post(item, outcome, message)
                    await self._cross_out(item, end, gap)
                    if end.outcome in QUESTIONS:
                        self._name_thread(item)
            except SlackApiError as error:
                if reason_of(error) in FATAL:
                    raise refused_token("SLACK_BOT_TOKEN", error) from None
                return await self._put_back(item, reason_of(error), retry_after(error))
            except SlackError:
                raise
            except TakenOver:
                log.warning("the lease was lost; another replica may answer")
            except StoreError as error:  # before anything was posted
                return await self._put_back(item, str(error), None)
            except Exception as error:  # no connection, or the SDK fails on a proxy's response
                return await self._put_back(item, type(error).__name__, None)
            self._let_go(item)
            return 0

    async def _answer(self, item: InboxItem) -> tuple[str, Message, Unanswered | None]:
        """The outcome, the message, and the gap to keep if the documents do not answer."""
        if item.refusal:
            return "refused", refusal_message(item.refusal), None
        earlier = await self._earlier(item)
        text = item.text
        if item.thread != item.ts and not earlier and asks_whether(text):
            said = await self._poster.said_before(item)
            if said is None:
                return Outcome.NO_QUESTION, sentence(phrases.CANNOT_READ), None
            text = said or text
        status = asyncio.create_task(self._poster.say_status(item))
        gap = None
        try:
            question, presenter = Question(text, earlier), self._presenters.in_channel(item.channel)
            asker = "" if item.channel.startswith("D") else f"{item.user} {item.ts}"
            outcome, message = await asyncio.to_thread(presenter.reply, question, asker)
            if self._presenters.keeps_gaps(item.channel):
                with suppress(BotError):  # the answer matters more than the gap
                    gap = await asyncio.to_thread(
                        presenter.unanswered, question, asked_in(item), outcome
                    )
        except Exception as error:
            outcome = "error"
            message = failure_message(log_failure("a question could not be answered"), error)
        await status
        return outcome, message, gap

    async def _earlier(self, item: InboxItem) -> tuple[str, ...]:
        """The asker's earlier questions that this one may lean on: those in its thread.

        A message that starts a thread in a channel has none; one that starts a thread in a direct
        message may lean on any earlier one there.
        """
        thread: str | None = item.thread
        if item.thread == item.ts:
            if not item.channel.startswith("D"):
                return ()
            thread = None
        return await self._store.history.earlier(
            item.team, item.channel, thread, item.user, MAX_EARLIER
        )

    async def _cross_out(self, item: InboxItem, end: End, gap: Unanswered | None = None) -> None:
        outcome, why = end
        gap = gap if gap is not None and gap.outcome == outcome else None
        remember = not item.refusal and outcome not in NOT_REMEMBERED
        while True:  # never give up: otherwise it would be answered again
            try:
                own = await self._store.inbox.finish(
                    item, outcome, remember=remember, why=why, gap=gap
                )
                break
            except StoreError as error:
                log.error("posted, but cannot be marked done yet", why=str(error))
                await asyncio.sleep(FIRST_WAIT)
        if not own:
            raise TakenOver
        log.info("done", outcome=outcome, seconds=round(time.time() - item.received_at, 3))
        self._metrics.done(item, outcome)

    async def _put_back(self, item: InboxItem, why: str, pause: float | None) -> float:
        """Retry later. A `pause` means that Slack limited the rate, so nothing was posted.

        Returns the same time as `_deliver`.
        """
        wait = min(MAX_WAIT, FIRST_WAIT * 2 ** min(item.attempts, 10))
        wait = min(MAX_PAUSE, pause) if pause is not None else wait * random.uniform(0.5, 1.0)
        log.warning(
            "posting failed; will retry",
            why=why,
            seconds=round(wait, 1),
            attempts=item.attempts + 1,
        )
        due_at = time.time() + wait
        own = True
        with suppress(StoreError):  # it is retried anyway
            own = await self._store.inbox.postpone(item, due_at, why)
        if own:
            known = self._in_hand[item.key]
            doubtful = known.doubtful or pause is None
            attempts = item.attempts + 1
            again = replace(known, due_at=due_at, attempts=attempts, why=why, doubtful=doubtful)
            # A rate limit pauses the whole channel; this question stays first.
            self._wait(again, FIRST if pause is not None else time.monotonic() + wait)
        else:
            log.warning("the lease was lost; another replica may answer")
            self._let_go(item)
        return time.monotonic() + wait if pause is not None else 0

    def _name_thread(self, item: InboxItem) -> None:
        """Name its thread in the background."""
        naming = asyncio.create_task(self._titles.name(item))
        self._naming.add(naming)
        naming.add_done_callback(self._naming.discard)

    def _let_go(self, item: InboxItem) -> None:
        self._in_hand.pop(item.key, None)
        self._leases.let_go(item.key)


def asked_in(item: InboxItem) -> AskedIn:
    """Where a message was asked; a direct message gets no channel, and a random id for its ts."""
    if item.channel.startswith("D"):
        return AskedIn(item.team, "", token_hex(8), item.user, item.received_at)
    return AskedIn(item.team, item.channel, item.ts, item.user, item.received_at)
