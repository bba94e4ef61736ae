"""Several replicas behind one PostgreSQL, killed, paused, and without their database for a time."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.answering.answerer import Answerer
from bot.slack.timing import Timing
from bot.store.records import InboxItem
from tests.fakes import slack as fake_slack
from tests.fakes.bot import running
from tests.fakes.postgres import Postgres, started
from tests.fakes.replicas import Storm, replicas
from tests.fakes.slack import FOLLOW_UP_SCOPES, FakeSlack, RateLimited


@pytest.fixture
def trouble() -> Iterator[Postgres]:
    """A server that is stopped and started."""
    with started() as server:
        yield server


async def killed_in_turn(
    postgres: Postgres, url: str, folder: Path, mentions: int, kills: int, *, hasty: bool
) -> tuple[int, int]:
    async with (
        FakeSlack(FOLLOW_UP_SCOPES) as slack,
        replicas(3, slack, url, folder, hasty=hasty) as bots,
    ):
        storm = Storm(slack, postgres, url)
        killing = asyncio.create_task(storm.kill_in_turn(bots, mentions, kills))
        await storm.blow(mentions, 100 if mentions > 500 else 40)
        await killing
        return storm.report(await storm.answered())


async def test_replicas_that_are_killed_in_turn_lose_nothing_and_double_nothing(
    postgres: Postgres, database: str, tmp_path: Path
) -> None:
    assert await killed_in_turn(postgres, database, tmp_path, 150, 3, hasty=True) == (0, 0)


@pytest.mark.long
async def test_a_thousand_mentions_while_replicas_are_killed_in_turn(
    postgres: Postgres, database: str, tmp_path: Path
) -> None:
    assert await killed_in_turn(postgres, database, tmp_path, 1000, 9, hasty=False) == (0, 0)


async def without_database(
    trouble: Postgres, folder: Path, mentions: int, seconds: float, *, hasty: bool
) -> tuple[int, int]:
    url = trouble.new_database()
    async with (
        FakeSlack(FOLLOW_UP_SCOPES) as slack,
        replicas(3, slack, url, folder, hasty=hasty),
    ):
        storm = Storm(slack, trouble, url)
        blowing = asyncio.create_task(storm.blow(mentions, mentions / (seconds + 3)))
        await slack.posts_until(mentions // 10, timeout=20)
        await asyncio.to_thread(trouble.stop)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(trouble.start)
        await blowing
        return storm.report(await storm.answered())


async def test_a_database_outage_of_seconds_loses_no_question(
    trouble: Postgres, tmp_path: Path
) -> None:
    assert await without_database(trouble, tmp_path, 60, 2, hasty=True) == (0, 0)


@pytest.mark.long
@pytest.mark.parametrize("seconds", [10, 45])
async def test_a_long_database_outage_loses_no_question(
    seconds: float, trouble: Postgres, tmp_path: Path
) -> None:
    """Within the leases, and until all of them have run out."""
    assert await without_database(trouble, tmp_path, 1000, seconds, hasty=False) == (0, 0)


async def test_a_replica_that_was_paused_does_not_post_what_another_has_taken_over(
    database: str, tmp_path: Path
) -> None:
    # No scope to look with: only the lease can keep it from posting.
    async with FakeSlack() as slack, replicas(2, slack, database, tmp_path) as (first, _):
        slack.fail("chat.postMessage", RateLimited(2))
        assert await slack.send_event(fake_slack.mention("what does the truce cover?"), link=0)
        await slack.calls_until("chat.postMessage")
        await asyncio.sleep(0.3)  # it hears that it must wait
        first.pause()
        await slack.posts_until(1, timeout=8)
        first.go_on()
        assert len(await slack.quiet(3)) == 1
    assert "the lease was lost" in first.log.read_text()


async def test_a_stopping_replica_hands_over_its_unanswered_questions(
    postgres: Postgres, database: str, tmp_path: Path
) -> None:
    async with FakeSlack() as slack, replicas(2, slack, database, tmp_path) as (first, _):
        slack.fail("chat.postMessage", RateLimited(30))
        assert await slack.send_event(fake_slack.mention("what does the truce cover?"), link=0)
        await slack.calls_until("chat.postMessage")
        assert await first.stop() == 0
        due = "UPDATE inbox SET due_at = 0"
        name = database.rpartition("/")[2]
        await asyncio.to_thread(postgres.run_sql, due, name)
        assert len(await slack.posts_until(1, timeout=2)) == 1


async def test_a_stored_question_that_no_process_knows_of_is_answered(
    article: Answerer, tmp_path: Path
) -> None:
    async with running("socket", article, tmp_path, timing=Timing(renewal=0.1)) as bot:
        unheard = InboxItem("T1", "C1", "1.0", "U1", "1.0", "the truce?", "", time.time())
        await bot.store.inbox.accept(unheard)
        [post] = await bot.slack.posts_until(1)
        assert post.thread_ts == "1.0"
        assert len(await bot.slack.quiet(0.5)) == 1


async def test_a_question_forgotten_while_waiting_is_not_answered(
    article: Answerer, tmp_path: Path
) -> None:
    async with running("socket", article, tmp_path, timing=Timing(renewal=0.1)) as bot:
        bot.slack.fail("chat.postMessage", RateLimited(1))
        assert await bot.event(fake_slack.mention("the truce?", user="UANN"))
        await bot.slack.calls_until("chat.postMessage")
        await asyncio.sleep(0.2)
        assert await bot.store.forget("UANN") == 1
        assert await bot.slack.quiet(1.5) == []


async def test_two_replicas_behind_a_load_balancer_answer_each_question_once(
    article: Answerer, database: str, tmp_path: Path
) -> None:
    async with (
        FakeSlack() as slack,
        running("http", article, tmp_path, slack=slack, DATABASE_URL=database) as one,
        running("http", article, tmp_path, slack=slack, DATABASE_URL=database) as two,
    ):
        events = [
            fake_slack.mention("the truce?", channel=f"C{n}", user=f"U{n}") for n in range(30)
        ]
        deliveries = [bot.event(event) for event in events for bot in (one, two)]
        assert all(await asyncio.gather(*deliveries))
        posts = await slack.posts_until(30)
        assert len(await slack.quiet(0.5)) == 30
        assert {post.thread_ts for post in posts} == {event["ts"] for event in events}


async def test_a_person_has_one_rate_limit_across_all_replicas(
    article: Answerer, database: str, tmp_path: Path
) -> None:
    few: dict[str, Any] = {"QUESTIONS_PER_MINUTE": "5", "DATABASE_URL": database}
    async with (
        FakeSlack() as slack,
        running("http", article, tmp_path, slack=slack, **few) as one,
        running("http", article, tmp_path, slack=slack, **few) as two,
    ):
        for n in range(12):
            bot = one if n % 2 else two
            assert await bot.event(fake_slack.mention("the truce?", channel=f"C{n}"))
        await slack.posts_until(5)
        answered = len(await slack.quiet(0.5))
        told = len(await slack.ephemerals_until(1))
    # When a minute of the clock ends in between, five more are answered.
    assert (answered, told) in {(5, 1), *((n, told) for n in range(6, 11))}
