"""Once Slack has been told "received", the asker sees exactly one outcome, whatever dies.

In most of these the bot runs as its own process. The longer forms are in test_promise_slow.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.answering.answerer import Answerer
from bot.slack.timing import Timing
from tests.benchmarks.recovery import EVERYTHING, meet
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Mode, running
from tests.fakes.process import Child, child, outcomes
from tests.fakes.slack import FOLLOW_UP_SCOPES, SCOPES, Call, FakeSlack, Hang
from tests.fakes.storm import Storm, answered, due, storm

ASKED = "what does the truce cover?"
KILLS = 2
# So many posts are under way at once, each in a channel of its own.
AT_ONCE = 20


async def stormed(
    scopes: Collection[str], mode: Mode, folder: Path, mentions: int, kills: int
) -> Storm:
    async with FakeSlack(scopes) as slack, child(slack, folder, mode) as bot:
        over = await storm(bot, mentions, rate=100, kills=kills)
    print(over)
    return over


def nothing_lost_nothing_doubled(over: Storm) -> None:
    assert (over.lost, over.doubles) == (0, {}), over


def nothing_lost_few_doubled(over: Storm, kills: int) -> None:
    """What a kill doubles is what was being posted: one answer a channel, and so many in all."""
    assert over.lost == 0, over
    assert max(over.doubles.values(), default=0) <= kills, over
    assert over.doubles.total() <= kills * AT_ONCE, over


async def test_repeated_kills_lose_no_answer_and_double_none(
    tmp_path: Path,
) -> None:
    over = await stormed(FOLLOW_UP_SCOPES, "socket", tmp_path, mentions=100, kills=KILLS)
    nothing_lost_nothing_doubled(over)


async def test_without_read_scopes_a_kill_doubles_only_what_was_being_posted(
    tmp_path: Path,
) -> None:
    over = await stormed(SCOPES, "http", tmp_path, mentions=60, kills=KILLS)
    nothing_lost_few_doubled(over, KILLS)


async def test_no_slack_fault_loses_or_doubles_an_answer(tmp_path: Path) -> None:
    async with FakeSlack(FOLLOW_UP_SCOPES) as slack, child(slack, tmp_path) as bot:
        recovery = await meet(bot, EVERYTHING, mentions=30)
    print(f"{EVERYTHING}: the longest wait was {max(recovery.waits):.2f} s")
    assert (recovery.lost, recovery.doubled) == (0, 0)


@pytest.mark.parametrize("stored", [True, False])
async def test_a_hanging_post_times_out_and_is_repeated_only_if_it_did_not_arrive(
    stored: bool, article: Answerer, tmp_path: Path
) -> None:
    async with FakeSlack(FOLLOW_UP_SCOPES) as slack:
        slack.fail("chat.postMessage", Hang(30, stored=stored))
        timing = Timing(call=0.3)
        async with running("socket", article, tmp_path, slack=slack, timing=timing) as bot:
            await bot.event(fake_slack.mention(ASKED))
            await slack.calls_until("conversations.replies")
            await slack.posts_until(1)
            assert len(await slack.quiet(0.5)) == 1


async def test_sigterm_stops_within_the_grace_period_and_the_next_start_resumes(
    tmp_path: Path,
) -> None:
    posts = 0

    def hang(_: Call) -> Hang:
        nonlocal posts
        posts += 1
        return Hang(60, stored=posts % 2 == 0)

    async with FakeSlack(FOLLOW_UP_SCOPES) as slack, child(slack, tmp_path) as bot:
        slack.fail_by("chat.postMessage", hang)
        asked = [fake_slack.mention(ASKED, channel=f"C{n % 6}") for n in range(24)]
        assert all([await bot.event(event) for event in asked])
        await slack.calls_until("chat.postMessage", 6)
        assert await bot.stop(timeout=10) == 0
        assert due(bot) == 24
        slack.fail_by("chat.postMessage", lambda _: None)
        await bot.start()
        await answered(bot)
    assert set(outcomes(slack, [event["ts"] for event in asked]).values()) == {1}


# Told to stop while Slack hangs. `docker stop` kills after ten seconds.
SECONDS_TO_STOP = 8.0


async def test_sigterm_stops_in_time_when_sockets_views_and_posts_hang(
    tmp_path: Path,
) -> None:
    async with (
        FakeSlack(FOLLOW_UP_SCOPES) as slack,
        child(slack, tmp_path, health=True) as bot,
    ):
        assert await bot.event(fake_slack.mention(ASKED))
        [post] = await slack.posts_until(1)
        for method in ("chat.postMessage", "views.open"):
            slack.fail_by(method, lambda _: Hang(60))
        assert await bot.event(fake_slack.mention(ASKED))
        click = slack.send_interactive(fake_slack.click("why", post), timeout=1)
        clicking = asyncio.create_task(click)
        await slack.calls_until("chat.postMessage", 2)
        await slack.calls_until("views.open")
        slack.go_silent()
        begun = time.monotonic()
        assert await bot.stop(timeout=20) == 0
        assert time.monotonic() - begun < SECONDS_TO_STOP
        await clicking
        assert due(bot) == 1


@asynccontextmanager
async def starting(slack: FakeSlack, folder: Path) -> AsyncIterator[Child]:
    """A bot that may never be ready."""
    bot = Child(slack, folder)
    await bot.start(ready=False)
    try:
        yield bot
    finally:
        if bot.process.returncode is None:
            await bot.kill()


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
async def test_sigterm_stops_a_starting_bot_at_once(method: str, tmp_path: Path) -> None:
    async with FakeSlack() as slack:
        slack.fail_by(method, lambda _: Hang(60))
        async with starting(slack, tmp_path) as bot:
            await slack.calls_until(method, timeout=20)
            assert await bot.stop(2) == 0
            assert "Traceback" not in bot.log


async def test_sigterm_stops_a_bot_whose_first_socket_never_opens(tmp_path: Path) -> None:
    """Slack gives it an address where nobody says a word."""
    async with FakeSlack() as slack:
        with socket.create_server(("127.0.0.1", 0)) as hanging:
            slack.address_of_links = f"127.0.0.1:{hanging.getsockname()[1]}"
            async with starting(slack, tmp_path) as bot:
                await slack.calls_until("apps.connections.open", timeout=20)
                await asyncio.sleep(0.3)
                assert await bot.stop(4) == 0
