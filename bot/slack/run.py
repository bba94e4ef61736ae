"""Run the bot in Slack until it is told to stop: over Socket Mode or HTTP."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.answering.answerer import Answerer
from bot.config import Settings
from bot.errors import StoreError
from bot.slack.app import build_app, identify, web_client, web_session
from bot.slack.calls import CountingHandler
from bot.slack.delivery import Delivery
from bot.slack.desk import Desk
from bot.slack.failures import FATAL, refused_token
from bot.slack.http import Health, health_app, http_app, listen
from bot.slack.listeners import Front
from bot.slack.logs import configure
from bot.slack.metrics import EXPIRED, Metrics
from bot.slack.policy import Policy
from bot.slack.reception import Reception
from bot.slack.responses import Responses
from bot.slack.socket_mode import socket_mode
from bot.slack.vitals import Vitals
from bot.store.store import Store

log = structlog.get_logger(__name__)

# Who stops a service gives it ten seconds; then it is killed.
SECONDS_FOR_REQUESTS = 3.0
SECONDS_FOR_POSTS = 5.0
DEFAULT_PORT = 3000
# How often Slack is asked whether it is there and still lets the bot in, and the store swept.
HEARTBEAT = 60.0
SWEEPS = 3600.0


def run(
    settings: Settings, answerer: Callable[[], Answerer], open_store: Callable[[], Store]
) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises SlackError when Slack does not let the bot in, or no longer does.
    """
    configure(settings.log_level)
    asyncio.run(_run(settings, answerer, open_store))


async def _run(
    settings: Settings, answerer: Callable[[], Answerer], open_store: Callable[[], Store]
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    store = open_store()
    try:
        await serve(settings, answerer, store, stop)
    finally:
        await store.close()


async def serve(
    settings: Settings, answerer: Callable[[], Answerer], store: Store, stop: asyncio.Event
) -> None:
    """Answer until `stop` is set; then receive no more, and finish what was taken."""
    token, _ = settings.needed_for_slack()
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(web_session())
        metrics = Metrics()
        counting = CountingHandler(metrics.slack_error)
        client = web_client(token, settings.slack_api_url, session, counting)
        bot_user = await identify(client)
        vitals, desk, policy = Vitals(), Desk(answerer), Policy.of(settings)
        delivery = Delivery(store, desk, client, metrics)
        pace = settings.questions_per_minute
        reception = Reception(store, delivery, policy, pace, metrics)
        responses = Responses(session)
        front = Front(desk, reception, store, policy, responses, vitals, metrics, bot_user)
        await delivery.resume()
        stack.push_async_callback(delivery.finish, SECONDS_FOR_POSTS)
        app = build_app(client, front)
        health = Health(store, desk, vitals, metrics)
        if settings.slack_app_token:
            if settings.port is not None:
                await stack.enter_async_context(listen(health_app(health), settings.port))
            line = socket_mode(app, settings.slack_app_token, SECONDS_FOR_REQUESTS)
            await stack.enter_async_context(line)
        else:
            web = http_app(app, settings.slack_signing_secret or "", health)
            await stack.enter_async_context(listen(web, settings.port or DEFAULT_PORT))
        await stack.enter_async_context(_beating(client, store, health, delivery.failed))
        log.info("answering", passages=len(desk.corpus.passages))
        stopped = asyncio.ensure_future(stop.wait())
        ends: list[asyncio.Future[Any]] = [stopped, delivery.failed]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        log.info("stopping")
    if delivery.failed.done():
        delivery.failed.result()


@asynccontextmanager
async def _beating(
    client: AsyncWebClient, store: Store, health: Health, failed: "asyncio.Future[None]"
) -> AsyncIterator[None]:
    tasks = [
        asyncio.create_task(_ask_slack(client, health.vitals, failed)),
        asyncio.create_task(_sweep(store, health.metrics)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _ask_slack(
    client: AsyncWebClient, vitals: Vitals, failed: "asyncio.Future[None]"
) -> None:
    """Hear from Slack once a minute; a token that it no longer takes is the end."""
    while True:
        await asyncio.sleep(HEARTBEAT)
        try:
            await client.auth_test()
            vitals.heard()
        except SlackApiError as error:
            if error.response.get("error") in FATAL and not failed.done():
                failed.set_exception(refused_token("SLACK_BOT_TOKEN", error))
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("Slack does not answer", why=type(error).__name__)


async def _sweep(store: Store, metrics: Metrics) -> None:
    """Delete what was kept long enough, now and once an hour."""
    while True:
        with suppress(StoreError):
            if expired := await store.sweep():
                log.warning("questions waited too long for an answer", questions=expired)
                metrics.question(EXPIRED, number=expired)
        await asyncio.sleep(SWEEPS)
