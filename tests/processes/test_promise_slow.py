"""The longer trials of the promise that each question has exactly one outcome: `pytest -m long`.

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
async def test_of_a_thousand_mentions_and_five_kills_nothing_is_lost_or_said_twice(
    mode: Mode, tmp_path: Path
) -> None:
    over = await stormed(FOLLOW_UP_SCOPES, mode, tmp_path, MENTIONS, KILLS)
    nothing_lost_nothing_doubled(over)


async def test_of_a_thousand_mentions_five_kills_double_few_where_the_bot_may_not_look(
    tmp_path: Path,
) -> None:
    over = await stormed(SCOPES, "socket", tmp_path, MENTIONS, KILLS)
    nothing_lost_few_doubled(over, KILLS)


async def test_no_fault_of_slacks_loses_or_doubles_an_answer_and_the_time_it_costs_is_printed() -> (
    None
):
    for recovery in await table(mentions=60):
        assert (recovery.lost, recovery.doubled) == (0, 0)


async def test_a_bot_whose_windows_hang_as_well_as_its_posts_still_ends_in_time(
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


async def test_memory_and_open_files_are_after_20_000_mentions_what_they_were_after_2_000(
    tmp_path: Path,
) -> None:
    async with FakeSlack() as slack:
        early, late = await measure(slack, tmp_path, 2_000, 20_000)
    assert late.memory <= early.memory * 1.05
    assert late.files <= early.files * 1.05
