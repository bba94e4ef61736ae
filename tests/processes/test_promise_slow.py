"""Longer tests of the promise that each question has exactly one outcome: `pytest -m long`.

With -s they print what they measured.
"""

import asyncio
from pathlib import Path

import pytest

from tests.benchmarks.growth import measure
from tests.benchmarks.recovery import table
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Mode
from tests.fakes.process import child
from tests.fakes.slack import FOLLOW_UP_SCOPES, SCOPES, FakeSlack, Hang
from tests.fakes.storm import due
from tests.processes.test_promise import (
    ASKED,
    nothing_lost_few_doubled,
    nothing_lost_nothing_doubled,
    stormed,
)

pytestmark = pytest.mark.long

MENTIONS, KILLS = 1_000, 5


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_five_kills_during_a_thousand_mentions_lose_and_double_nothing(
    mode: Mode, tmp_path: Path
) -> None:
    over = await stormed(FOLLOW_UP_SCOPES, mode, tmp_path, MENTIONS, KILLS)
    nothing_lost_nothing_doubled(over)


async def test_without_read_scopes_five_kills_double_few_of_a_thousand_mentions(
    tmp_path: Path,
) -> None:
    over = await stormed(SCOPES, "socket", tmp_path, MENTIONS, KILLS)
    nothing_lost_few_doubled(over, KILLS)


async def test_no_slack_fault_loses_or_doubles_an_answer_and_the_delays_are_printed() -> None:
    for recovery in await table(mentions=60):
        assert (recovery.lost, recovery.doubled) == (0, 0)


async def test_sigterm_stops_in_time_when_views_and_posts_hang_on_each_connection(
    tmp_path: Path,
) -> None:
    """One on each of its connections: each of them waits for what it has begun."""
    async with FakeSlack(FOLLOW_UP_SCOPES) as slack, child(slack, tmp_path) as bot:
        assert await bot.event(fake_slack.mention(ASKED))
        [post] = await slack.posts_until(1)
        for method in ("chat.postMessage", "views.open"):
            slack.fail_by(method, lambda _: Hang(60))
        assert await bot.event(fake_slack.mention(ASKED))
        why = fake_slack.click("why", post)
        clicks = [
            asyncio.create_task(slack.send_interactive(why, link=link, timeout=1))
            for link in (0, 1)
        ]
        await slack.calls_until("views.open", 2)
        await slack.calls_until("chat.postMessage", 2)
        assert await bot.stop(timeout=10) == 0
        await asyncio.gather(*clicks)
        assert due(bot) == 1


async def test_memory_and_open_files_do_not_grow_from_2_000_to_20_000_mentions(
    tmp_path: Path,
) -> None:
    async with FakeSlack() as slack:
        early, late = await measure(slack, tmp_path, 2_000, 20_000)
    assert late.memory <= early.memory * 1.05
    assert late.files <= early.files * 1.05
