"""Idle connections block nobody, neither over HTTP nor at the health endpoints."""

# ruff: noqa: ASYNC110, ASYNC240 - nothing sets an event when a line is logged; /proc is no disk

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.answering.answerer import Answerer
from bot.slack.connections import MAX_CONNECTIONS, SECONDS_TO_ASK
from tests.fakes import slack as fake_slack
from tests.fakes.bot import running
from tests.fakes.process import child
from tests.fakes.slack import FakeSlack

ASKED = "what does the truce cover?"
HEAD = b"POST /slack/events HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n"
HEALTHZ = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"


@asynccontextmanager
async def connected(
    port: int, said: bytes = b""
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(said)
        await writer.drain()
        yield reader, writer
    finally:
        writer.transport.abort()


async def closed_after(reader: asyncio.StreamReader) -> float:
    start = time.monotonic()
    with suppress(ConnectionError):
        await reader.read()
    return time.monotonic() - start


@pytest.mark.slow
async def test_a_connection_without_a_whole_request_is_closed_after_ten_seconds(
    article: Answerer, tmp_path: Path
) -> None:
    beginnings = (b"", b"P", HEAD, HEAD + b"\r\n", HEAD + b"\r\n" + b"x" * 99, HEALTHZ + b"GET ")
    async with running("http", article, tmp_path) as bot, AsyncExitStack() as stack:
        assert bot.settings.port
        open_ = [connected(bot.settings.port, said) for said in beginnings]
        readers = [(await stack.enter_async_context(one))[0] for one in open_]
        async with asyncio.timeout(SECONDS_TO_ASK + 3):
            waits = await asyncio.gather(*map(closed_after, readers))
        assert max(waits) > SECONDS_TO_ASK - 1
        assert await bot.event(fake_slack.mention(ASKED))
        assert len(await bot.slack.posts_until(1)) == 1


@pytest.mark.slow
async def test_too_many_idle_connections_block_neither_slack_nor_health_checks(
    tmp_path: Path,
) -> None:
    async with (
        FakeSlack() as slack,
        child(slack, tmp_path, "http") as bot,
        AsyncExitStack() as stack,
    ):
        for _ in range(2 * MAX_CONNECTIONS + 100):
            await stack.enter_async_context(connected(bot.port))
        assert await bot.get("/healthz") == (200, "alive")
        assert len(list(Path(f"/proc/{bot.process.pid}/fd").iterdir())) < MAX_CONNECTIONS + 100
        assert await bot.event(fake_slack.mention(ASKED))
        assert len(await slack.posts_until(1)) == 1
        assert bot.log.count("closed a connection") < 100
        assert len(bot.log) < 50_000


async def test_an_aborted_request_logs_one_line(article: Answerer, tmp_path: Path) -> None:
    async with running("http", article, tmp_path) as bot:
        assert bot.settings.port
        with capture_logs() as logs:
            async with connected(bot.settings.port, HEAD + b"\r\nhalf"):
                await asyncio.sleep(0.1)
            async with asyncio.timeout(3):
                while not logs:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
        assert [log.get("why") for log in logs] == ["broken off"]


@pytest.mark.parametrize(("host", "reached"), [("", False), ("0.0.0.0", True)])
async def test_in_socket_mode_health_is_served_to_this_machine_only_unless_host_is_set(
    host: str, reached: bool, tmp_path: Path
) -> None:
    """127.0.0.2 is another address of this machine."""
    async with FakeSlack() as slack, child(slack, tmp_path, health=True, HOST=host) as bot:
        assert (await bot.get("/healthz"))[0] == 200
        with socket.socket() as other:
            assert (other.connect_ex(("127.0.0.2", bot.port)) == 0) == reached
