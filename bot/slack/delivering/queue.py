"""From the inbox to Slack: each question is answered, posted once, and crossed out.

The inbox is the only retry queue. What could not be posted is tried again later; where Slack may
have stored the post all the same, it is looked for first.
"""

import asyncio
import random
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, NamedTuple

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackError, StoreError
from bot.model import MAX_EARLIER, Outcome, Question
from bot.slack.api import (
    BAD_BLOCKS,
    FATAL,
    RATE_LIMITED,
    SERVER,
    UNDELIVERABLE,
    log_failure,
    reason_of,
    refused_token,
)
from bot.slack.delivering.leases import Leases
from bot.slack.metrics import Metrics
from bot.slack.rendering.messages import Message, failure_message, plain_message, refusal_message
from bot.slack.rendering.presenter import Presenter
from bot.slack.timing import DEFAULT, Timing
from bot.store.records import Due, Key, Received
from bot.store.store import Store

log = structlog.get_logger(__name__)

# Posts under way at once, each in a channel of its own. Slack takes about one a second in each.
MAX_AT_ONCE = 20
# After a failure the next try waits, twice as long each time, and a little at random.
FIRST_WAIT, MAX_WAIT = 1.0, 60.0
SECONDS_FOR_STATUS = 1.0
STATUS = "is looking in the documents…"

# The bot was not given the scope to read there, so it cannot look.
MAY_NOT_LOOK = {"missing_scope", "not_in_channel", "channel_not_found", "thread_not_found"}

CHANNEL_HISTORIES = {"channels:history", "groups:history"}

METADATA = "article_bot_answer"


@dataclass(order=True)
class _Task:
    """A question that waits to be answered; `doubtful` when its answer may be there already."""

    due_at: float
    number: int
    received: Received = field(compare=False)
    attempts: int = field(default=0, compare=False)
    doubtful: bool = field(default=False, compare=False)


class _End(NamedTuple):
    """How a question ended, and why nothing could be posted."""

    outcome: str
    why: str = ""


class _TakenOver(Exception):
    """A question is no longer this replica's to answer."""


class Delivery:
    """Answers what was received: in each channel one after another, all channels at once.

    Channels in which the bot may not look whether it has answered take turns.
    """

    def __init__(
        self,
        store: Store,
        presenter: Presenter,
        client: AsyncWebClient,
        metrics: Metrics,
        scopes: Collection[str],
        timing: Timing = DEFAULT,
    ) -> None:
        self._store = store
        self._presenter = presenter
        self._client = client
        self._metrics = metrics
        self._waiting: dict[str, list[_Task]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._wake: dict[str, asyncio.Event] = {}
        self._in_hand: dict[Key, _Task] = {}
        self._leases = Leases(
            store, self._in_hand, lambda due: self._add(due, doubtful=True), timing
        )
        self._keeping: asyncio.Task[None] | None = None
        self._reads_channels = set(scopes) >= CHANNEL_HISTORIES
        self._at_once = asyncio.Semaphore(MAX_AT_ONCE)
        # Where the bot may not look, what was under way when it died is posted again: one, then.
        self._one_at_a_time = asyncio.Semaphore(1)
        self._stopping = False
        self._numbers = 0
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def resume(self) -> None:
        """Take up what others left, now and from time to time; any of it may have been posted."""
        await self._leases.begin()
        self._keeping = asyncio.create_task(self._leases.keep())
        self._keeping.add_done_callback(self._on_kept)

    def take(self, received: Received) -> None:
        """Answer a question that the store has just accepted."""
        self._add(Due(received, received.received_at), doubtful=False)

    async def finish(self, seconds: float) -> None:
        """Answer what is due, for so many seconds at most. The rest stays in the inbox."""
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
        await self._leases.end()

    def _on_kept(self, keeping: "asyncio.Task[None]") -> None:
        if not keeping.cancelled() and not self.failed.done():
            self.failed.set_exception(keeping.exception() or RuntimeError("no lease is kept"))

    def _may_look(self, channel: str) -> bool:
        """Whether the bot may read what stands in a channel. An id does not tell a private one."""
        return channel.startswith("D") or self._reads_channels

    def _add(self, due: Due, *, doubtful: bool) -> None:
        if known := self._in_hand.get(due.received.key):
            known.doubtful |= doubtful
            return
        self._numbers += 1
        channel = due.received.channel
        task = _Task(due.due_at, self._numbers, due.received, due.attempts, doubtful)
        self._in_hand[due.received.key] = task
        heappush(self._waiting.setdefault(channel, []), task)
        if channel in self._workers:
            self._wake[channel].set()
        else:
            self._wake[channel] = asyncio.Event()
            self._workers[channel] = asyncio.create_task(self._serve(channel))

    async def _serve(self, channel: str) -> None:
        """Answer what waits in a channel, until nothing does."""
        waiting, wake = self._waiting[channel], self._wake[channel]
        held_until = 0.0  # a limit of Slack's holds for the whole channel
        try:
            while waiting:
                wake.clear()
                seconds = max(waiting[0].due_at, held_until) - time.time()
                if seconds > 0:
                    if self._stopping:
                        return
                    with suppress(TimeoutError):
                        await asyncio.wait_for(wake.wait(), seconds)
                    continue
                task = heappop(waiting)
                async with self._at_once if self._may_look(channel) else self._one_at_a_time:
                    held_until = await self._deliver(task)
        except SlackError as error:  # no channel can be answered any more
            if not self.failed.done():
                self.failed.set_exception(error)
        finally:
            del self._workers[channel], self._wake[channel]
            if not waiting:
                del self._waiting[channel]

    async def _deliver(self, task: _Task) -> float:
        """Answer one question, or put it back for later.

        Returns until when nothing else may be posted in its channel, 0 for no such time.
        """
        received = task.received
        with structlog.contextvars.bound_contextvars(question=":".join(received.key)):
            try:
                if task.doubtful and await self._is_posted(received):
                    log.info("posted already")
                    await self._cross_out(received, _End(Outcome.ANSWERED))
                else:
                    outcome, message = await self._answer(received)
                    end = await self._post(received, outcome, message)
                    await self._cross_out(received, end)
            except SlackApiError as error:
                if reason_of(error) in FATAL:
                    raise refused_token("SLACK_BOT_TOKEN", error) from None
                return await self._put_back(task, reason_of(error), _retry_after(error))
            except SlackError:
                raise
            except _TakenOver:
                log.warning("another replica answers this, or nobody any more")
            except StoreError as error:  # before anything was posted
                return await self._put_back(task, str(error), None)
            except Exception as error:  # no connection, or what a proxy answered breaks the SDK
                return await self._put_back(task, type(error).__name__, None)
            self._let_go(received)
            return 0

    async def _answer(self, received: Received) -> tuple[str, Message]:
        if received.refusal:
            return "refused", refusal_message(received.refusal)
        earlier = await self._earlier(received)
        status = asyncio.create_task(self._say_status(received))
        try:
            question = Question(received.text, earlier)
            outcome, message = await asyncio.to_thread(self._presenter.reply, question)
        except Exception:
            outcome = "error"
            message = failure_message(log_failure("a question could not be answered"))
        await status
        return outcome, message

    async def _earlier(self, received: Received) -> tuple[str, ...]:
        """What the question may lean on: the asker's earlier ones in its thread.

        A message that begins a thread has none; to the bot alone it may lean on any other one.
        """
        thread: str | None = received.thread
        if received.thread == received.ts:
            if not received.channel.startswith("D"):
                return ()
            thread = None
        return await self._store.earlier(
            received.team, received.channel, thread, received.user, MAX_EARLIER
        )

    async def _say_status(self, received: Received) -> None:
        """Show in a direct message that the bot is looking. The answer takes it away again."""
        if not received.channel.startswith("D"):
            return
        with suppress(Exception):  # whatever it is, the answer is what was asked for
            async with asyncio.timeout(SECONDS_FOR_STATUS):
                await self._client.assistant_threads_setStatus(
                    channel_id=received.channel, thread_ts=received.thread, status=STATUS
                )

    async def _post(self, received: Received, outcome: str, message: Message) -> _End:
        """Post; where Slack will not have the message, tell the asker so in plain words.

        Raises SlackApiError where it may be tried again.
        """
        ways: list[Mapping[str, Any]] = [message, plain_message(message)]
        for number, way in enumerate(ways):
            try:
                await self._say(received, way)
                return _End(outcome)
            except SlackApiError as error:
                reason = reason_of(error)
                if reason in UNDELIVERABLE:
                    log.warning("cannot be answered", reason=reason)
                    return _End("undeliverable", reason)
                if _may_pass(error):
                    raise
                if reason not in BAD_BLOCKS or number:
                    break
                log.error("Slack did not take the blocks; posting the words", reason=reason)
        return await self._post_failure(received, reason)

    async def _post_failure(self, received: Received, reason: str) -> _End:
        reference = log_failure(f"Slack refused an answer: {reason}")
        try:
            await self._say(received, failure_message(reference))
        except SlackApiError as error:
            if _may_pass(error):
                raise
            return _End("undeliverable", reason_of(error))
        return _End("error", reason)

    async def _say(self, received: Received, message: Mapping[str, Any]) -> None:
        if not await self._leases.holds(received.key):
            raise _TakenOver
        if received.refusal:
            await self._client.chat_postEphemeral(
                channel=received.channel,
                user=received.user,
                # In a thread that has no answer yet nobody would see it.
                thread_ts=received.thread if received.thread != received.ts else None,
                text=message["text"],
                blocks=message.get("blocks"),
            )
            return
        metadata = {"event_type": METADATA, "event_payload": {"question": received.ts}}
        await self._client.chat_postMessage(
            channel=received.channel, thread_ts=received.thread, metadata=metadata, **message
        )

    async def _is_posted(self, received: Received) -> bool:
        """Whether the answer stands in Slack already. Where the bot may not look, it does not."""
        if received.refusal:
            return False
        try:
            response = await self._client.conversations_replies(
                channel=received.channel,
                ts=received.thread,
                oldest=received.ts,
                limit=999,
                include_all_metadata=True,
            )
        except SlackApiError as error:
            if reason_of(error) in MAY_NOT_LOOK:
                return False
            raise
        wanted = {"event_type": METADATA, "event_payload": {"question": received.ts}}
        return any(found.get("metadata") == wanted for found in response["messages"])

    async def _cross_out(self, received: Received, end: _End) -> None:
        outcome, why = end
        remember = not received.refusal and outcome not in ("undeliverable", "error")
        while True:  # however long it takes: what is not crossed out is answered again
            try:
                own = await self._store.finish(received, outcome, remember=remember, why=why)
                break
            except StoreError as error:
                log.error("answered, and cannot be crossed out yet", why=str(error))
                await asyncio.sleep(FIRST_WAIT)
        if not own:
            raise _TakenOver
        log.info("done", outcome=outcome, seconds=round(time.time() - received.received_at, 3))
        self._metrics.done(received, outcome)

    async def _put_back(self, task: _Task, why: str, retry_after: float | None) -> float:
        """Try again later. Slack refused a call with Retry-After without carrying it out."""
        wait = min(MAX_WAIT, FIRST_WAIT * 2 ** min(task.attempts, 10))
        wait = retry_after if retry_after is not None else wait * random.uniform(0.5, 1.0)
        log.warning("not posted yet", why=why, seconds=round(wait, 1), attempts=task.attempts + 1)
        task.due_at = time.time() + wait
        task.attempts += 1
        task.doubtful |= retry_after is None
        own = True
        with suppress(StoreError):  # it is due in any case
            own = await self._store.postpone(task.received, task.due_at, why)
        if own:
            heappush(self._waiting[task.received.channel], task)
        else:
            log.warning("another replica answers this, or nobody any more")
            self._let_go(task.received)
        return task.due_at if retry_after is not None else 0

    def _let_go(self, received: Received) -> None:
        self._in_hand.pop(received.key, None)
        self._leases.let_go(received.key)


def _status(error: SlackApiError) -> int:
    response = error.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0))


def _retry_after(error: SlackApiError) -> float | None:
    """For how many seconds Slack wants to hear nothing, of a call that it limits."""
    if _status(error) != 429 and reason_of(error) not in RATE_LIMITED:
        return None
    waits = str(error.response.headers.get("Retry-After", "")).strip()
    return float(waits) if waits.isascii() and waits.isdigit() else 1.0


def _may_pass(error: SlackApiError) -> bool:
    """Whether the same call may succeed later, be it with another token."""
    reason = reason_of(error)
    passing = {*SERVER, *FATAL, ""}
    return _status(error) >= 500 or _retry_after(error) is not None or reason in passing
