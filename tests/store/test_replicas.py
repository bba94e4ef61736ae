"""Several replicas on one PostgreSQL: message ownership, shared data, and server failures."""

import asyncio
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import make_url
from structlog.testing import capture_logs

from bot.answering.answerer import Answerer
from bot.answering.meaning import Meaning
from bot.errors import InboxFull, StoreError
from bot.index.vectors import PassageVectors
from bot.slack.app import web_session
from bot.slack.delivering.leases import Leases
from bot.slack.timing import DEFAULT
from bot.store.admin import backup
from bot.store.locks import single_instance
from bot.store.records import InboxItem, Unanswered
from bot.store.store import Store, open_store
from tests.conftest import Run
from tests.fakes.bot import running
from tests.fakes.postgres import PASSWORD, Postgres
from tests.store.test_store import NOW, Clock, received, vote

LEARNING = ("gaps", "once", "counters")
LEASE = 1.5  # seconds, so long that a busy machine does not outlast it


async def accepted(store: Store, *numbers: int) -> None:
    for number in numbers:
        assert await store.inbox.accept(received(f"{number}.0"))


async def refusal(store: Store, number: int) -> str:
    """What is said when a message cannot be accepted; it must be said in time for Slack."""
    begun = time.monotonic()
    with pytest.raises(StoreError) as caught:
        await store.inbox.accept(received(f"{number}.0"))
    assert time.monotonic() - begun < 3
    return str(caught.value)


# Whose a message is


async def test_all_replicas_share_one_inbox_limit(
    database: str,
) -> None:
    async with open_store(database, max_due=4) as one, open_store(database, max_due=4) as two:
        await accepted(one, 1, 2)
        await accepted(two, 3, 4)
        for store in (one, two):
            with pytest.raises(InboxFull):
                await store.inbox.accept(received("5.0"))
        assert (await one.state()).due == 4


async def test_a_message_that_reaches_two_replicas_is_accepted_once(
    database: str, postgres: Postgres
) -> None:
    async with open_store(database) as one, open_store(database) as two:
        messages = [received(f"{n}.0") for n in range(200)]
        forth = (one.inbox.accept(message) for message in messages)
        back = (two.inbox.accept(message) for message in reversed(messages))
        new = await asyncio.gather(*forth, *back)
        assert sum(new) == 200
        assert len(await one.inbox.unfinished()) + len(await two.inbox.unfinished()) == 200
    # All write their rows in one order, so no replica waits for another that waits for it.
    name = make_url(database).database
    query = f"SELECT deadlocks FROM pg_stat_database WHERE datname = '{name}'"
    assert postgres.run_sql(query) == [(0,)]


async def test_renewed_leases_stay_and_expired_ones_are_taken_over_once(database: str) -> None:
    async with (
        open_store(database, lease=LEASE) as dead,
        open_store(database, lease=LEASE) as alive,
        open_store(database, lease=LEASE) as third,
    ):
        await accepted(dead, 1, 2, 3)
        await accepted(alive, 4)
        assert await alive.inbox.take_over(10) == []
        await asyncio.sleep(LEASE + 0.1)
        assert await alive.inbox.renew() == {received("4.0").key}
        taken = await asyncio.gather(alive.inbox.take_over(10), third.inbox.take_over(10))
        assert sorted(due.ts for one in taken for due in one) == ["1.0", "2.0", "3.0"]
        assert await dead.inbox.renew() == frozenset()
        assert await dead.inbox.unfinished() == []


async def test_takeover_is_limited_and_starts_with_the_oldest(database: str) -> None:
    async with (
        open_store(database, lease=LEASE) as dead,
        open_store(database, lease=LEASE) as alive,
    ):
        await accepted(dead, *range(5))
        await asyncio.sleep(LEASE + 0.1)
        first = await alive.inbox.take_over(3)
        assert [due.ts for due in first] == ["0.0", "1.0", "2.0"]
        assert [due.ts for due in await alive.inbox.take_over(3)] == ["3.0", "4.0"]


async def test_a_replica_that_lost_a_message_cannot_finish_or_postpone_it(database: str) -> None:
    async with (
        open_store(database, lease=LEASE) as paused,
        open_store(database, lease=LEASE) as alive,
    ):
        await accepted(paused, 1)
        await asyncio.sleep(LEASE + 0.1)
        [due] = await alive.inbox.take_over(1)
        assert not await paused.inbox.finish(due, "answered", remember=True)
        assert not await paused.inbox.postpone(due, 5.0, "why")
        assert await alive.inbox.unfinished() == [due]
        assert await alive.inbox.postpone(due, 5.0, "why")
        assert await alive.inbox.finish(due, "closest", remember=True)
        assert not await alive.inbox.finish(due, "answered", remember=True)
        assert (await paused.state()).outcomes == {"closest": 1}


async def test_no_replica_takes_over_a_message_that_another_may_still_be_posting(
    database: str, postgres: Postgres
) -> None:
    """The longest that can be: its last call begins when it last trusts its lease, and hangs."""
    clock, message = Clock(), received("1.0")
    async with (
        open_store(database, lease=DEFAULT.lease) as stalled,
        open_store(database, lease=DEFAULT.lease) as other,
    ):
        leases = Leases(stalled, {message.key}, lambda _: None, DEFAULT, clock)
        await accepted(stalled, 1)
        await leases.begin()  # it renews, and after that its database is silent
        trusted = 0
        while trusted < 100 and await holds_at_once(leases, message):
            trusted += 1
            clock.now += 1
        async with web_session() as session:
            call = session.timeout.total
        assert call
        await later(postgres, database, trusted + call - 1)
        assert await other.inbox.take_over(10) == []
        await later(postgres, database, 10)
        assert [due.ts for due in await other.inbox.take_over(10)] == ["1.0"]


async def holds_at_once(leases: Leases, message: InboxItem) -> bool:
    """Whether it may post now, without asking the database first."""
    try:
        return await asyncio.wait_for(leases.holds(message.key), 0.05)
    except TimeoutError:
        return False


async def later(postgres: Postgres, database: str, seconds: float) -> None:
    """So many seconds pass for all leases in the database."""
    command = f"UPDATE inbox SET leased_until = leased_until - {seconds}"
    await asyncio.to_thread(postgres.run_sql, command, database.rpartition("/")[2])


async def test_released_messages_are_taken_over_at_once(database: str) -> None:
    async with open_store(database) as leaving, open_store(database) as staying:
        await accepted(leaving, 1, 2)
        await leaving.inbox.release()
        assert len(await staying.inbox.take_over(10)) == 2


def test_on_sqlite_the_next_process_owns_what_the_last_one_left(tmp_path: Path) -> None:
    async def lives() -> None:
        async with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store:
            await accepted(store, 1)
        async with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store:
            assert await store.inbox.take_over(10) == []
            assert await store.inbox.renew() == {received("1.0").key}
            assert await store.inbox.finish(received("1.0"), "answered", remember=False)

    asyncio.run(lives())


# What they share


async def test_replicas_share_a_question_count_that_resets_every_minute(
    database: str,
) -> None:
    clock = Clock()
    async with open_store(database, clock=clock) as one, open_store(database, clock=clock) as two:
        numbers = await asyncio.gather(
            *(store.inbox.count("T1", f"U{n % 7}", None) for n in range(70) for store in (one, two))
        )
        assert sorted(numbers) == sorted([*range(1, 21)] * 7)
        await accepted(one, 1)
        assert await two.inbox.count("T1", "U0", received("1.0").key) == 0
        clock.now += 60
        assert await two.inbox.count("T1", "U0", None) == 1


async def test_a_redelivered_message_is_not_counted_again(database: str) -> None:
    clock = Clock()
    async with open_store(database, clock=clock) as one, open_store(database, clock=clock) as two:
        key = received("1.0").key
        assert [await store.inbox.count("T1", "UANN", key) for store in (one, two, one)] == [
            1,
            1,
            1,
        ]
        assert await two.inbox.count("T1", "UANN", received("2.0").key) == 2
        assert await one.inbox.count("T1", "UANN", None) == 3
        clock.now += 60
        assert await one.inbox.count("T1", "UANN", key) == 1


async def test_a_message_with_two_time_stamps_is_one_question_of_a_person(database: str) -> None:
    clock = Clock()
    async with open_store(database, clock=clock) as one, open_store(database, clock=clock) as two:
        first, second = received("1.0", client_msg_id="a"), received("2.0", client_msg_id="a")
        assert await one.inbox.count("T1", "UANN", first.key, "a") == 1
        assert await two.inbox.count("T1", "UANN", second.key, "a") == 1
        assert await one.inbox.accept(first)
        assert not await two.inbox.accept(second)
        clock.now += 60
        assert await two.inbox.count("T1", "UANN", second.key, "a") == 0


async def test_a_thread_and_its_votes_are_known_to_all(database: str) -> None:
    async with open_store(database) as one, open_store(database) as two:
        await accepted(one, 1)
        assert await two.history.has_asked("T1", "C1", "1.0", "UANN")
        await one.inbox.finish(received("1.0"), "answered", remember=True)
        assert await two.history.earlier("T1", "C1", "1.0", "UANN", 3) == ("q 1.0",)
        await one.votes.vote(vote(1))
        await two.votes.vote(vote(-1, voted_at=NOW + 1))
        assert await one.votes.tally("T1", "C1", "9.0") == (0, 1)


async def test_one_of_several_clicks_shares_and_another_may_after_a_failure_or_a_minute(
    database: str,
) -> None:
    clock = Clock()
    async with open_store(database, clock=clock) as one, open_store(database, clock=clock) as two:
        message = ("T1", "C1", "9.0")
        clicks = await asyncio.gather(
            *(store.shares.share(*message) for store in (one, two, one, two))
        )
        assert sorted(clicks) == [False, False, False, True]
        await two.shares.unshare(*message)
        assert await one.shares.share(*message)
        clock.now += 59
        assert not await two.shares.share(*message)
        clock.now += 1
        assert await two.shares.share(*message)
        assert await one.shares.share("T1", "C1", "10.0")


async def test_with_0_days_replicas_with_the_same_secret_recognise_a_second_vote(
    database: str,
) -> None:
    async with (
        open_store(database, 0, secret="xoxb-1") as one,
        open_store(database, 0, secret="xoxb-1") as two,
    ):
        await one.votes.vote(vote(1))
        await two.votes.vote(vote(-1, voted_at=NOW + 1))
        assert await one.votes.tally("T1", "C1", "9.0") == (0, 1)


async def test_ten_stores_that_open_together_create_the_tables_once(database: str) -> None:
    def start(_: int) -> Store:
        async def start() -> Store:
            return open_store(database)

        return asyncio.run(start())

    with ThreadPoolExecutor(10) as threads:
        stores = list(threads.map(start, range(10)))
    for number, store in enumerate(stores):
        await accepted(store, number)
        await store.close()


# A server in trouble


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (f":{PASSWORD}@", ":s3cr3t@", "refuses the user or the password; fix DATABASE_URL"),
        ("//bot:", "//ann:", "refuses the user or the password; fix DATABASE_URL"),
        ("/bot", "/nobot", "does not exist on that server; create it, or fix DATABASE_URL"),
        ("127.0.0.1", "127.0.0.2", "cannot be reached; see whether its server runs, or fix"),
    ],
)
def test_a_refused_login_is_reported_without_the_password(
    right: str, wrong: str, said: str, database: str
) -> None:
    before, found, after = database.rpartition(right)
    assert found
    with pytest.raises(StoreError) as caught:
        open_store(before + wrong + after)
    assert str(caught.value).startswith("the database ")
    assert said in str(caught.value)
    assert "s3cr" not in str(caught.value)


def test_a_database_of_something_else_is_refused_and_left_as_it_is(
    database: str, postgres: Postgres
) -> None:
    name = database.rpartition("/")[2]
    postgres.run_sql("CREATE TABLE diary (dear text)", name)
    with pytest.raises(StoreError, match="contains something other than this bot's data"):
        open_store(database)
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    assert postgres.run_sql(tables, name) == [("diary",)]


def test_a_user_with_too_few_rights_gets_a_clear_error(database: str, postgres: Postgres) -> None:
    postgres.run_sql("CREATE ROLE guest LOGIN PASSWORD 's3cret'")
    with pytest.raises(StoreError, match="gives this user too few rights"):
        open_store(database.replace("//bot:", "//guest:"))


def test_a_store_that_must_be_there_is_not_made(database: str) -> None:
    with pytest.raises(StoreError, match="has no store yet"):
        open_store(database, make=False)


@pytest.mark.slow
async def test_a_locked_table_refuses_in_time_and_works_once_unlocked(database: str) -> None:
    import psycopg

    async with open_store(database) as store:
        with psycopg.connect(database) as other:
            other.execute("LOCK TABLE inbox")
            said = await asyncio.gather(*(refusal(store, n) for n in range(20)))
        assert len(set(said)) == 1
        assert "is too slow or locked by another program" in said[0]
        await accepted(store, 1)


async def test_a_server_restart_between_two_calls_is_not_noticed(trouble: Postgres) -> None:
    async with open_store(trouble.new_database()) as store:
        await accepted(store, 1)
        trouble.stop()
        trouble.start()
        await accepted(store, 2)


async def test_a_stopped_server_refuses_everything_and_keeps_what_was_accepted(
    trouble: Postgres,
) -> None:
    async with open_store(trouble.new_database()) as store:
        await accepted(store, *range(50))
        trouble.stop()
        said = await asyncio.gather(*(refusal(store, n) for n in range(50, 70)))
        assert {"s3cret" in one for one in said} == {False}
        assert "cannot be reached" in await refusal(store, 70)
        trouble.start()
        await accepted(store, *range(50, 71))
        assert len(await store.inbox.unfinished()) == 71


@pytest.mark.slow
async def test_a_hanging_server_is_reported_before_slack_stops_waiting(
    database: str, postgres: Postgres
) -> None:
    async with open_store(database) as store:
        await accepted(store, 1)
        name = database.rpartition("/")[2]
        query = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'article-bot store %'"
        [(pid,)] = postgres.run_sql(query, name)
        os.kill(int(str(pid)), signal.SIGSTOP)
        try:
            assert "does not answer" in await refusal(store, 2)
        finally:
            os.kill(int(str(pid)), signal.SIGCONT)
        assert [due.ts for due in await store.inbox.unfinished()] == ["1.0", "2.0"]


# From one database to another


async def test_migrate_moves_everything_to_another_database_and_back(
    run: Run, database: str, tmp_path: Path
) -> None:
    old, back = f"sqlite:///{tmp_path / 'old.db'}", f"sqlite:///{tmp_path / 'back.db'}"
    async with open_store(old) as store:
        await asyncio.gather(*(store.inbox.accept(received(f"{n}.0")) for n in range(2500)))
        for n in range(3):
            await store.inbox.finish(received(f"{n}.0"), "answered", remember=True)
        await store.votes.vote(vote())
        await store.shares.share("T1", "C1", "9.0")
        await store.gaps.add(
            Unanswered(
                team="T1",
                channel="C1",
                message="1.0",
                user="U1",
                asks="x",
                question="x?",
                outcome="closest",
                asked_at=time.time(),
            )
        )
        assert await store.once.is_first("digest", "2026-W48")
        await store.once.counting_up("taught", lambda: None)
        before = await store.inbox.unfinished()
    printed = "inbox: 2,500 rows, in both\nthreads: 3 rows, in both\nfeedback: 1 row, in both\n"
    for source, target in ((old, database), (database, back)):
        ran = await asyncio.to_thread(run, "migrate", source, target)
        assert (ran.status, ran.err) == (0, "")
        others = ("pace: 0 rows", *(f"{table}: 1 row" for table in ("shares", *LEARNING)))
        assert ran.out == printed + "".join(f"{line}, in both\n" for line in others)
    for url in (database, back):
        async with open_store(url) as store:
            await store.inbox.take_over(9999)
            assert sorted(await store.inbox.unfinished(), key=str) == sorted(before, key=str)
            assert not await store.inbox.accept(received("0.0"))
            assert await store.history.earlier("T1", "C1", "1.0", "UANN", 2) == ("q 1.0", "q 2.0")
            assert await store.votes.tally("T1", "C1", "9.0") == (1, 0)
            assert [gap.question for gap in await store.gaps.since(0.0)] == ["x?"]
            assert not await store.once.is_first("digest", "2026-W48")
            assert await store.once.counted("taught") == 1
            await store.history.remember("T1", "C1", None, "UANN", "one more")


async def test_migrate_refuses_a_database_that_is_not_empty(
    run: Run, database: str, tmp_path: Path
) -> None:
    old = f"sqlite:///{tmp_path / 'old.db'}"
    for url in (old, database):
        async with open_store(url) as store:
            await accepted(store, 1)
    ran = await asyncio.to_thread(run, "migrate", old, database)
    assert (ran.status, ran.out) == (2, "")
    assert "is not empty; name an empty database" in ran.err
    assert "s3cret" not in ran.err
    ran = await asyncio.to_thread(run, "migrate", old, old)
    assert "both URLs name the same database" in ran.err


async def test_nothing_moves_while_a_bot_runs(run: Run, database: str, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    old = f"sqlite:///{folder / 'old.db'}"
    async with open_store(old) as store:
        await accepted(store, 1)
    with single_instance(old):
        ran = await asyncio.to_thread(run, "migrate", old, database)
    assert "another article-bot runs with " in ran.err
    async with open_store(database):
        ran = await asyncio.to_thread(run, "migrate", old, database)
    assert "is in use by 1 other article-bot; stop it first" in ran.err
    assert await asyncio.to_thread(run, "migrate", old, database)


def test_a_backup_of_postgresql_is_left_to_its_own_tool(database: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="pg_dump"):
        backup(database, tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


async def test_replicas_with_different_sentence_models_are_told(
    run: Run, database: str, article: Answerer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> PassageVectors:
        raise AssertionError("words alone must answer")

    warned = "other replicas use a different sentence model, or none; set the same SEMANTIC"
    monkeypatch.setenv("DATABASE_URL", database)
    by_meaning = Answerer(article.index, meaning=Meaning(never))
    logged = []
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(open_store(database))  # a command, which has no model
        for number, answerer in enumerate((by_meaning, by_meaning, article)):
            folder = tmp_path / str(number)
            with capture_logs() as logs:
                await stack.enter_async_context(
                    running("http", answerer, folder, DATABASE_URL=database)
                )
            logged.append([log["replicas"] for log in logs if log["event"] == warned])
        checked = (await asyncio.to_thread(run, "check")).out
    assert logged == [[], [], [2]]
    assert "; 2 running bots on it with another sentence model or none, so" in checked
    assert "another sentence model" not in (await asyncio.to_thread(run, "check")).out
