"""Runs the bot in Slack, over Socket Mode or HTTP, until it is stopped."""

import asyncio
import ctypes
import signal
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any, TypeVar

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette

from bot.audiences import Audiences
from bot.config import DEFAULT_PORT, LOCAL, Settings
from bot.errors import StoreError
from bot.learning.answers import Answers
from bot.learning.teaching import TAUGHT_COUNTER, Teacher
from bot.logs import configure
from bot.slack.api import FATAL, CountingHandler, reason_of, refused_token
from bot.slack.app import build_app, identify, web_client, web_session
from bot.slack.background import Background, Work
from bot.slack.delivering.digest import tell_weekly
from bot.slack.delivering.queue import DeliveryQueue
from bot.slack.delivering.response_url import Responses
from bot.slack.health import Health, Heartbeat
from bot.slack.http import health_app, http_app
from bot.slack.metrics import EXPIRED, Metrics
from bot.slack.receiving.access import Access
from bot.slack.receiving.follow_ups import FollowUps
from bot.slack.receiving.intake import Intake
from bot.slack.receiving.listeners.services import Services
from bot.slack.rendering.presenter import Presenters
from bot.slack.server import listen
from bot.slack.socket_mode import socket_mode
from bot.slack.timing import DEFAULT, Timing
from bot.store.store import Store, open_store

log = structlog.get_logger(__name__)

T = TypeVar("T")

# Service managers often kill a process 10 seconds after they ask it to stop. Together with the time
# that the documents need, these limits stay below 8 seconds.
SECONDS_FOR_REQUESTS = 1.0
SECONDS_FOR_POSTS = 3.0
# The mallopt parameter for the number of heaps, from glibc's malloc.h.
M_ARENA_MAX = -8
# Seconds between two sweeps of the store.
SWEEPS = 3600.0
# Seconds between two checks whether another replica was taught something.
SECONDS_BETWEEN_COUNTS = 0.5


def run(
    settings: Settings,
    documents: Audiences,
    timing: Timing = DEFAULT,
    api: Starlette | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; over HTTP, serve the `api` too.

    Raises SlackError if Slack refuses a token or cannot be reached at the start, or if a token
    stops working later.
    """
    configure(settings.log_level)
    _one_heap()
    asyncio.run(_run(settings, documents, timing, api))


def _one_heap() -> None:
    """Make all threads share one heap, if the C library supports that.

    By default each thread has a heap of its own, and cannot reuse what a replaced index freed in
    another one: while documents changed, memory grew by a megabyte a minute.
    """
    with suppress(AttributeError, OSError, TypeError):  # not glibc
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


async def _run(
    settings: Settings, documents: Audiences, timing: Timing, api: Starlette | None
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    store = open_store(
        settings.store_url,
        settings.keep_questions_days,
        is_alone=True,
        secret=settings.slack_bot_token,
        lease=timing.lease,
        model=documents.public.answerer.model,
    )
    try:
        await serve(settings, documents, store, stop, timing, api)
    finally:
        await store.close()


async def serve(
    settings: Settings,
    documents: Audiences,
    store: Store,
    stop: asyncio.Event,
    timing: Timing = DEFAULT,
    api: Starlette | None = None,
) -> None:
    """Answer until `stop` is set; then accept nothing new, and finish what was accepted.

    The store must have been opened with the lease of `timing`.
    """
    try:
        with suppress(_Stopped):
            await _serve(settings, documents, store, stop, timing, api)
    finally:
        documents.close()


async def _serve(
    settings: Settings,
    documents: Audiences,
    store: Store,
    stop: asyncio.Event,
    timing: Timing,
    api: Starlette | None,
) -> None:
    token, _ = settings.needed_for_slack()
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(web_session(timing))
        metrics = Metrics()
        counting = CountingHandler(metrics.slack_error)
        client = web_client(token, settings.slack_api_url, session, counting)
        bot_user, installation = await _unless(stop, identify(client))
        heartbeat, presenters = Heartbeat(timing.silence), Presenters(documents, settings.experts)
        access = Access.of(settings, installation)
        queue = DeliveryQueue(store, presenters, client, metrics, timing)
        pace = settings.questions_per_minute
        follow_ups = FollowUps(store, presenters, client, bot_user)
        intake = Intake(store, queue, access, pace, metrics, follow_ups)
        responses = Responses(session, settings.slack_api_url)
        background = Background()
        health = Health(store, presenters, heartbeat, metrics, background)
        folder = settings.answers_folder
        teacher = Teacher(store, Answers(folder) if folder else None, documents.look_soon)
        services = Services(
            presenters, intake, store, access, responses, health, metrics, bot_user, teacher
        )
        if store.is_shared:
            await _compare_models(store, documents.public.answerer.model)
        await queue.resume()
        stack.push_async_callback(queue.finish, SECONDS_FOR_POSTS)
        app = build_app(client, services)
        if settings.slack_app_token:
            if settings.port is not None:
                await stack.enter_async_context(
                    # Only this machine needs the health checks.
                    listen(health_app(health), settings.host or LOCAL, settings.port)
                )
            line = socket_mode(app, settings.slack_app_token, heartbeat, SECONDS_FOR_REQUESTS)
            await _unless(stop, stack.enter_async_context(line))
        else:
            web = http_app(app, settings.slack_signing_secret or "", health, api)
            await stack.enter_async_context(
                listen(web, settings.host or "", settings.port or DEFAULT_PORT)
            )
        works: dict[str, Work] = {}
        if store.is_shared:
            works["learning"] = partial(_follow_others, store, documents.look_soon)
        if settings.digest_channel:
            works["digest"] = partial(tell_weekly, store, client, settings.digest_channel)
        beside = background.keeping(
            **works,
            documents=partial(documents.follow, stop),
            heartbeat=partial(_ask_slack, client, heartbeat, queue.failed, timing.heartbeat),
            sweep=partial(_sweep, store, metrics),
        )
        await stack.enter_async_context(beside)
        log.info("answering", passages=presenters.public.corpus.size)
        stopped = asyncio.ensure_future(stop.wait())
        ends: list[asyncio.Future[Any]] = [stopped, queue.failed]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        log.info("stopping")
    if queue.failed.done():
        queue.failed.result()


async def _compare_models(store: Store, model: str) -> None:
    """Warn if other replicas would answer differently, since only some find by meaning."""
    with suppress(StoreError):
        if others := await store.with_other_model(model):
            log.warning(
                "other replicas use a different sentence model, or none; set the same SEMANTIC",
                replicas=others,
            )


class _Stopped(Exception):
    """The bot was stopped before it had started."""


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """The result of work that may take forever. Raises _Stopped if `stop` is set first."""
    working, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise _Stopped
        return working.result()
    finally:
        working.cancel()
        stopped.cancel()
        await asyncio.gather(working, stopped, return_exceptions=True)


async def _ask_slack(
    client: AsyncWebClient, heartbeat: Heartbeat, failed: "asyncio.Future[None]", every: float
) -> None:
    """Check the token every `every` seconds; `failed` gets a SlackError if Slack refuses it."""
    while True:
        await asyncio.sleep(every)
        try:
            await client.auth_test()
            heartbeat.heard()
        except SlackApiError as error:
            if reason_of(error) in FATAL and not failed.done():
                failed.set_exception(refused_token("SLACK_BOT_TOKEN", error))
            log.warning("Slack does not answer", why=reason_of(error) or type(error).__name__)
        except Exception as error:  # no connection, or the SDK fails on a proxy's response
            log.warning("Slack does not answer", why=type(error).__name__)


async def _follow_others(store: Store, look_soon: Callable[[], None]) -> None:
    """Look for changed documents whenever another replica was taught something."""
    known = None
    while True:
        with suppress(StoreError):
            counted = await store.once.counted(TAUGHT_COUNTER)
            if known not in (None, counted):
                look_soon()
            known = counted
        await asyncio.sleep(SECONDS_BETWEEN_COUNTS)


async def _sweep(store: Store, metrics: Metrics) -> None:
    """Delete expired data, now and once an hour."""
    while True:
        with suppress(StoreError):
            if expired := await store.sweep():
                log.warning("questions expired", questions=expired)
                metrics.question(EXPIRED, number=expired)
        await asyncio.sleep(SWEEPS)
