"""Stores of older versions are upgraded completely or not at all, by one bot at a time."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import Connection, inspect, text

from bot.answering.answerer import Answerer
from bot.errors import StoreError
from bot.store.admin import backup, copies_of, forget_in
from bot.store.database import open_engine
from bot.store.locks import single_instance
from bot.store.migrations import STEPS, VERSION, Step
from bot.store.store import open_store
from tests.conftest import ROOT, Run
from tests.fakes.bot import running
from tests.fakes.payloads import mention
from tests.fakes.process import child as bot_process
from tests.fakes.slack import FakeSlack
from tests.store.test_failures import HOLDING, child, small_disk
from tests.store.test_store import everything, received, vote

__all__ = ["small_disk"]

# As the first form of version 1 made it; IDENTITY is how each database numbers rows.
FIRST = """
CREATE TABLE store_version (version INTEGER NOT NULL);
INSERT INTO store_version VALUES (1);
CREATE TABLE inbox (
    team VARCHAR NOT NULL, channel VARCHAR NOT NULL, ts VARCHAR NOT NULL, "user" VARCHAR NOT NULL,
    thread VARCHAR NOT NULL, text VARCHAR NOT NULL, refusal VARCHAR NOT NULL,
    received_at DOUBLE PRECISION NOT NULL, due_at DOUBLE PRECISION NOT NULL,
    attempts INTEGER NOT NULL, why VARCHAR NOT NULL, outcome VARCHAR,
    finished_at DOUBLE PRECISION,
    PRIMARY KEY (team, channel, ts)
);
CREATE INDEX inbox_by_finished_at ON inbox (finished_at);
CREATE TABLE threads (
    id IDENTITY, team VARCHAR NOT NULL, channel VARCHAR NOT NULL, thread VARCHAR NOT NULL,
    "user" VARCHAR NOT NULL, text VARCHAR NOT NULL, asked_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX threads_by_user ON threads ("user", team, asked_at);
CREATE TABLE feedback (
    team VARCHAR NOT NULL, channel VARCHAR NOT NULL, message VARCHAR NOT NULL,
    "user" VARCHAR NOT NULL, value INTEGER NOT NULL, question VARCHAR NOT NULL,
    document VARCHAR NOT NULL, passage INTEGER NOT NULL, corpus VARCHAR NOT NULL,
    voted_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (team, channel, message, "user")
);
"""
# Two questions that are due, one that was answered and is remembered, and two votes on its answer.
KEPT = """
INSERT INTO inbox (team, channel, ts, "user", thread, text, refusal, received_at, due_at, attempts,
                   why, outcome, finished_at) VALUES
    ('T1', 'C1', '2.0', 'UANN', '2.0', 'what does the truce cover?', '', NOW, NOW, 0, '', NULL,
     NULL),
    ('T1', 'C1', '3.0', 'UBOB', '3.0', 'who drew up the truce?', '', NOW, NOW, 1, 'timeout', NULL,
     NULL),
    ('T1', 'C1', '1.0', '', '1.0', '', '', NOW, NOW, 0, '', 'answered', NOW);
INSERT INTO threads (team, channel, thread, "user", text, asked_at) VALUES
    ('T1', 'C1', '1.0', 'UANN', 'Xyzzy the first', NOW);
INSERT INTO feedback VALUES
    ('T1', 'C1', '9.0', 'UANN', 1, 'Xyzzy the first', 'a.md', 6, 'hash', NOW),
    ('T1', 'C1', '9.0', 'UBOB', -1, 'Xyzzy the first', 'a.md', 6, 'hash', NOW);
"""
# What later forms of version 1 had: leases, and counts for each minute.
LEASES = """
ALTER TABLE inbox ADD COLUMN owner VARCHAR NOT NULL DEFAULT 'dead';
ALTER TABLE inbox ADD COLUMN leased_until DOUBLE PRECISION NOT NULL DEFAULT 0;
UPDATE inbox SET owner = '' WHERE 'sqlite' = 'DIALECT';
"""
COUNTS = """
CREATE TABLE pace (
    team VARCHAR NOT NULL, "user" VARCHAR NOT NULL, minute INTEGER NOT NULL,
    questions INTEGER NOT NULL, PRIMARY KEY (team, "user", minute)
);
INSERT INTO pace VALUES ('T1', 'UANN', 1, 1);
"""
COUNTS_BY_MESSAGE = """
CREATE TABLE pace (
    team VARCHAR NOT NULL, "user" VARCHAR NOT NULL, minute INTEGER NOT NULL,
    message VARCHAR NOT NULL, questions INTEGER NOT NULL,
    PRIMARY KEY (team, "user", minute, message)
);
INSERT INTO pace VALUES ('T1', 'UANN', 1, '', 1);
"""
VERSION_2 = """
CREATE TABLE shares (
    team VARCHAR NOT NULL, channel VARCHAR NOT NULL, message VARCHAR NOT NULL,
    shared_at DOUBLE PRECISION NOT NULL, PRIMARY KEY (team, channel, message)
);
INSERT INTO shares VALUES ('T1', 'C1', '9.0', NOW);
UPDATE store_version SET version = 2;
"""
VERSION_3 = """
ALTER TABLE inbox ADD COLUMN client_msg_id VARCHAR NOT NULL DEFAULT '';
CREATE UNIQUE INDEX inbox_by_client_msg_id ON inbox (team, channel, client_msg_id)
    WHERE client_msg_id <> '';
UPDATE store_version SET version = 3;
"""
VERSION_4 = """
CREATE TABLE gaps (
    team VARCHAR NOT NULL, channel VARCHAR NOT NULL, message VARCHAR NOT NULL,
    "user" VARCHAR NOT NULL, asks VARCHAR NOT NULL, question VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL, document VARCHAR NOT NULL, passage INTEGER NOT NULL,
    down INTEGER NOT NULL, asked_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (team, channel, message, "user")
);
CREATE INDEX gaps_by_asked_at ON gaps (asked_at);
CREATE TABLE once (
    what VARCHAR NOT NULL, subject VARCHAR NOT NULL, at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (what, subject)
);
CREATE TABLE counters (name VARCHAR NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (name));
UPDATE store_version SET version = 4;
"""
FORMS = {
    "the first of version 1": FIRST + KEPT,
    "version 1 with leases": FIRST + KEPT + LEASES + COUNTS,
    "version 1": FIRST + KEPT + LEASES + COUNTS_BY_MESSAGE,
    "version 2": FIRST + KEPT + LEASES + COUNTS_BY_MESSAGE + VERSION_2,
    "version 3": FIRST + KEPT + LEASES + COUNTS_BY_MESSAGE + VERSION_2 + VERSION_3,
    "version 4": FIRST + KEPT + LEASES + COUNTS_BY_MESSAGE + VERSION_2 + VERSION_3 + VERSION_4,
}
ROWS = {"inbox": 3, "threads": 1, "feedback": 2}
BEFORE = "store.db.before-1"
TODAY = f"version {VERSION}"
NEXT = VERSION + 1


def run_sql(url: str, commands: str) -> list[tuple[Any, ...]]:
    """Run commands as another program would; returns the rows of the last one, if it gives any."""
    if file := sqlite_file(url):
        with closing(sqlite3.connect(file, isolation_level=None)) as database:
            *firsts, last = [one for one in commands.split(";") if one.strip()]
            for command in firsts:
                database.execute(command)
            return database.execute(last).fetchall()
    import psycopg

    with psycopg.connect(url) as connection:
        done = connection.execute(commands.encode())
        while done.nextset():
            pass
        return done.fetchall() if done.description else []


def sqlite_file(url: str) -> Path | None:
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None


def make_store(url: str, form: str = "version 1") -> None:
    """Make a store as an older version left it."""
    file = sqlite_file(url)
    script = FORMS[form].replace("NOW", str(time.time()))
    script = script.replace("IDENTITY", "INTEGER NOT NULL" if file else "SERIAL NOT NULL")
    if file:
        file.parent.mkdir(mode=0o700, exist_ok=True)
        file.touch(0o600)
        run_sql(url, "PRAGMA journal_mode=WAL")
    run_sql(url, script.replace("DIALECT", "sqlite" if file else "postgresql"))


def version_of(url: str) -> int:
    [(version,)] = run_sql(url, "SELECT version FROM store_version")
    return int(version)


def rows_of(url: str) -> dict[str, int]:
    return {table: run_sql(url, f"SELECT count(*) FROM {table}")[0][0] for table in ROWS}


def files_of(folder: Path) -> dict[str, bytes]:
    """All files with what is in them, but for the lock and SQLite's own that come and go."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return {name: found for name, found in files.items() if not name.endswith(("-shm", ".lock"))}


def upgrade(url: str, steps: Mapping[int, Step] = STEPS) -> None:
    open_engine(url, steps=steps).dispose()


def refusal(url: str, steps: Mapping[int, Step] = STEPS) -> str:
    with pytest.raises(StoreError) as caught:
        upgrade(url, steps)
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the `url` of SQLite is."""
    return tmp_path / "data" / "store.db"


@pytest.fixture
def old(file: Path) -> str:
    """The address of a file that version 1 left."""
    url = f"sqlite:///{file}"
    make_store(url)
    return url


@pytest.fixture
def settings(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of a bot that has this file."""
    monkeypatch.setenv("DATABASE_URL", old)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:1")


# What is there afterwards


@pytest.mark.parametrize("form", FORMS)
async def test_an_upgrade_keeps_all_data_of_an_older_store_and_uses_it(form: str, url: str) -> None:
    make_store(url, form)
    async with open_store(url) as store:
        assert (version_of(url), rows_of(url)) == (VERSION, ROWS)
        await store.inbox.take_over(10)
        due = {one.ts: one for one in await store.inbox.unfinished()}
        assert sorted(due) == ["2.0", "3.0"]
        assert (due["3.0"].attempts, due["3.0"].why) == (1, "timeout")
        assert due["2.0"].text == "what does the truce cover?"
        assert await store.inbox.finish(due["3.0"], "answered", remember=True)
        assert not await store.inbox.accept(received("1.0"))
        assert await store.inbox.accept(received("4.0"))
        assert await store.history.earlier("T1", "C1", "1.0", "UANN", 3) == ("Xyzzy the first",)
        assert await store.votes.tally("T1", "C1", "9.0") == (1, 1)
        await store.votes.vote(vote(-1))
        assert await store.votes.tally("T1", "C1", "9.0") == (0, 2)
        assert await store.inbox.count("T1", "UANN", received("5.0").key) == 1
        assert await store.shares.share("T1", "C1", "9.0") == (
            form not in ("version 2", "version 3", "version 4")
        )
        assert await store.inbox.renew() == {received("2.0").key, received("4.0").key}
        assert await store.forget("UANN") == 4
        assert await store.sweep() == 0
    assert "UANN" not in everything(url)
    assert "Xyzzy" not in everything(url)


def schema_of(url: str) -> dict[str, object]:
    """Each table's columns, key and indexes. A file knows no more of a type than what it gives."""
    kind: Callable[[Any], object] = (lambda of: of.python_type) if sqlite_file(url) else str
    engine = open_engine(url, upgrade=False)
    with engine.connect() as connection:
        look = inspect(connection)
        schema: dict[str, object] = {
            table: (
                {
                    (column["name"], kind(column["type"]), column["nullable"])
                    for column in look.get_columns(table)
                },
                look.get_pk_constraint(table)["constrained_columns"],
                [(index["name"], index["column_names"]) for index in look.get_indexes(table)],
            )
            for table in look.get_table_names()
        }
    engine.dispose()
    return schema


@pytest.mark.parametrize("form", FORMS)
def test_an_upgraded_store_has_the_tables_of_a_new_one(form: str, url: str, tmp_path: Path) -> None:
    make_store(url, form)
    upgrade(url)
    upgraded = schema_of(url)
    if sqlite_file(url):
        new = f"sqlite:///{tmp_path / 'new.db'}"
    else:
        run_sql(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        new = url
    upgrade(new)
    assert upgraded == schema_of(new)


async def test_the_bot_answers_what_was_due_in_an_older_store(url: str, tmp_path: Path) -> None:
    make_store(url)
    async with (
        FakeSlack() as slack,
        bot_process(slack, tmp_path, DATABASE_URL=url) as bot,
    ):
        await slack.calls_until("chat.postMessage", 2)
        assert await bot.stop() == 0
        assert sorted(str(post.thread_ts) for post in slack.posts) == ["2.0", "3.0"]
    outcomes = "SELECT ts FROM inbox WHERE outcome IN ('answered', 'closest') ORDER BY ts"
    assert run_sql(url, outcomes) == [("1.0",), ("2.0",), ("3.0",)]
    assert version_of(url) == VERSION


# The copy


def test_a_file_is_copied_before_its_upgrade_readable_only_by_its_owner(
    old: str, file: Path
) -> None:
    before = os.umask(0)
    try:
        upgrade(old)
    finally:
        os.umask(before)
    copy = file.with_name(BEFORE)
    assert sorted(files_of(file.parent)) == ["store.db", BEFORE]
    assert copy.stat().st_mode & 0o777 == 0o600
    there = f"sqlite:///{copy}"
    assert (version_of(there), rows_of(there)) == (1, ROWS)
    upgrade(there)  # it is a store that can be used again
    assert rows_of(there) == ROWS


def test_a_store_that_is_not_older_is_not_copied(url: str, file: Path) -> None:
    make_store(url, TODAY)
    upgrade(url)
    assert not file.with_name(f"store.db.before-{VERSION}").exists()
    assert copies_of(url) == []


@pytest.mark.parametrize("left", [b"", None], ids=["an empty one", "a copy"])
def test_a_copy_that_an_earlier_try_left_is_replaced(
    left: bytes | None, old: str, file: Path
) -> None:
    copy = file.with_name(BEFORE)
    if left is None:
        backup(old, copy)
        run_sql(old, "DELETE FROM threads")
    else:
        copy.write_bytes(left)
    upgrade(old)
    assert version_of(f"sqlite:///{copy}") == 1
    assert rows_of(f"sqlite:///{copy}") == rows_of(old)


def test_a_link_to_the_file_finds_its_copies(old: str, file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(file)
    upgrade(f"sqlite:///{link}")
    assert [copy.path for copy in copies_of(f"sqlite:///{link}")] == [file.with_name(BEFORE)]
    assert [copy.version for copy in copies_of(old)] == [1]


def fill(url: str) -> None:
    """Have a store take some 400 KB."""
    words = "x" * 4000
    values = ", ".join(f"('T', 'C', '', 'U', '{words}', {n})" for n in range(100))
    into = 'INSERT INTO threads (team, channel, thread, "user", text, asked_at) VALUES '
    run_sql(url, f"{into}{values}; PRAGMA wal_checkpoint(TRUNCATE)")


def test_an_upgrade_is_refused_on_a_full_disk_and_works_once_there_is_room(
    small_disk: Path,
) -> None:
    file = small_disk / "store.db"
    url = f"sqlite:///{file}"
    make_store(url)
    fill(url)
    (small_disk / "filler").write_bytes(b"x" * 400_000)
    before = files_of(small_disk)
    said = refusal(url)
    assert said.startswith(f"{file}.before-1 cannot be written (database or disk is full); make")
    assert files_of(small_disk) == before
    assert version_of(url) == 1
    (small_disk / "filler").unlink()
    upgrade(url)
    assert (version_of(url), rows_of(url)["threads"]) == (VERSION, 101)


NO_ROOM = """
import resource, sys
from bot.errors import StoreError
from bot.store.database import open_engine

soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
try:
    open_engine(sys.argv[1])
except StoreError as error:
    print(error)
"""


def test_an_upgrade_is_refused_when_its_copy_would_exceed_the_file_size_limit(
    old: str, file: Path
) -> None:
    fill(old)
    before = files_of(file.parent)
    with child(NO_ROOM, old) as process:
        said, _ = process.communicate(timeout=60)
    assert said.startswith(f"{file}.before-1 cannot be written (")
    assert files_of(file.parent) == before
    upgrade(old)
    assert version_of(old) == VERSION


# All or nothing


def break_it(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE half (done INTEGER)"))
    connection.execute(text("DELETE FROM inbox"))
    raise LookupError("half done")


def add_table(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE half (done INTEGER)"))
    connection.execute(text("INSERT INTO half VALUES (1)"))


def test_an_upgrade_that_fails_in_the_middle_changes_nothing_and_a_second_try_works(
    url: str,
) -> None:
    make_store(url)
    before = schema_of(url)
    with pytest.raises(LookupError, match="half done"):
        upgrade(url, {**STEPS, NEXT: break_it})
    assert (schema_of(url), version_of(url), rows_of(url)) == (before, 1, ROWS)
    upgrade(url, {**STEPS, NEXT: add_table})
    assert (version_of(url), rows_of(url)) == (NEXT, ROWS)
    assert run_sql(url, "SELECT * FROM half") == [(1,)]
    assert run_sql(url, "SELECT * FROM shares") == []


def test_a_database_error_in_an_upgrade_step_is_reported_as_usual(url: str) -> None:
    make_store(url)

    def fail(connection: Connection) -> None:
        connection.execute(text("SELECT * FROM nowhere"))

    assert "cannot be used (" in refusal(url, {**STEPS, NEXT: fail})
    assert version_of(url) == 1


KILLED = """
import os, signal, sys
from sqlalchemy import text
from bot.store.database import open_engine
from bot.store.migrations import STEPS

def die(connection):
    connection.execute(text("DELETE FROM inbox"))
    os.kill(os.getpid(), signal.SIGKILL)

open_engine(sys.argv[1], steps={**STEPS, max(STEPS) + 1: die})
"""


def test_an_upgrade_that_is_killed_leaves_the_older_store_and_a_second_try_works(url: str) -> None:
    make_store(url)
    ran = subprocess.run([sys.executable, "-c", KILLED, url], cwd=ROOT, check=False, timeout=60)
    assert ran.returncode == -signal.SIGKILL
    assert (version_of(url), rows_of(url)) == (1, ROWS)
    upgrade(url)
    assert (version_of(url), rows_of(url)) == (VERSION, ROWS)


# Who may upgrade, and when


def test_a_newer_store_is_refused_and_left_as_it_is(url: str, tmp_path: Path) -> None:
    make_store(url, TODAY)
    run_sql(url, f"UPDATE store_version SET version = {NEXT}")
    told = f"is a store of version {NEXT}, and this article-bot knows versions up to {VERSION}; "
    assert told in refusal(url)
    assert rows_of(url) == ROWS
    if sqlite_file(url):
        with pytest.raises(StoreError, match="upgrade article-bot"):
            backup(url, tmp_path / "copy.db")


@pytest.mark.usefixtures("settings")
def test_a_file_held_by_a_bot_is_not_upgraded_but_can_be_backed_up(
    run: Run, old: str, file: Path, tmp_path: Path
) -> None:
    with child(HOLDING, str(file)) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        ran = run("forget", "UANN")
        assert (ran.status, ran.out) == (2, "")
        assert f"{file} is a store of version 1, which cannot be upgraded now: another" in ran.err
        assert f"the next start upgrades the store from version 1 to {VERSION}" in run("check").out
        ran = run("backup", str(tmp_path / "copy.db"))
        assert (ran.status, ran.err) == (0, "")
        process.kill()
    assert (version_of(old), rows_of(old), copies_of(old)) == (1, ROWS, [])
    assert version_of(f"sqlite:///{tmp_path / 'copy.db'}") == 1
    assert run("forget", "UANN").status == 0
    assert version_of(old) == VERSION


def test_an_upgrade_holds_the_file_so_that_no_other_process_can_open_it(
    old: str, file: Path
) -> None:
    seen = []

    def look(_: Connection) -> None:
        with (
            pytest.raises(StoreError, match="another article-bot runs with"),
            single_instance(f"sqlite:///{file}"),
        ):
            pass
        seen.append("held")

    upgrade(old, {**STEPS, NEXT: look})
    assert seen == ["held"]
    with single_instance(f"sqlite:///{file}"):
        open_engine(old, is_alone=True, steps={**STEPS, NEXT: look, NEXT + 1: look}).dispose()
    assert seen == ["held"] * 2


def test_replicas_that_start_at_once_upgrade_once_however_long_it_takes(database: str) -> None:
    make_store(database)

    def slow(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE IF NOT EXISTS upgrades (number INTEGER)"))
        connection.execute(text("INSERT INTO upgrades VALUES (1)"))
        connection.execute(text("SELECT pg_sleep(2.5)"))  # longer than a bot waits for a lock
        time.sleep(2.5)  # or the server for a transaction

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: upgrade(database, {**STEPS, NEXT: slow}), range(8)))
    assert run_sql(database, "SELECT * FROM upgrades") == [(1,)]
    assert (version_of(database), rows_of(database)) == (NEXT, ROWS)


def test_replicas_that_start_at_once_on_an_older_store_all_work(database: str) -> None:
    make_store(database)

    def start(number: int) -> None:
        async def start() -> None:
            async with open_store(database) as store:
                assert await store.inbox.accept(received(f"{number}.5"))

        asyncio.run(start())

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(start, range(8)))
    assert rows_of(database) == ROWS | {"inbox": 11}


@pytest.fixture
def connected(database: str) -> Iterator[Callable[[str], None]]:
    """Connect to the database by a name, as a program that goes on; all end with the test."""
    import psycopg

    with ExitStack() as stack:

        def connect(name: str) -> None:
            stack.enter_context(closing(psycopg.connect(database, application_name=name)))

        yield connect


def test_an_upgrade_is_refused_and_counts_the_older_replicas_that_are_connected(
    database: str, connected: Callable[[str], None]
) -> None:
    make_store(database)
    for name in (
        "article-bot index",
        f"article-bot store {VERSION}",
        "psql",
        "article-bot store x",
    ):
        connected(name)
    import psycopg

    for names, said in (
        (["article-bot"], "and 1 older article-bot is connected to it; stop all of them"),
        (["article-bot", "article-bot store 1"], "and 2 older article-bots are connected to it"),
    ):
        with ExitStack() as stack:
            for name in names:
                older = psycopg.connect(database, application_name=name)
                stack.enter_context(closing(older))
            assert said in refusal(database)
    assert (version_of(database), rows_of(database)) == (1, ROWS)
    until(lambda: _names(database).isdisjoint(names))
    upgrade(database)
    assert version_of(database) == VERSION


def _names(database: str) -> set[str]:
    return {name for (name,) in run_sql(database, "SELECT application_name FROM pg_stat_activity")}


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


async def test_a_replica_reports_its_version_to_the_database(database: str) -> None:
    async with open_store(database) as store:
        await store.state()
        said = await asyncio.to_thread(refusal, database, {**STEPS, NEXT: add_table})
        assert (
            f"is a store of version {VERSION}, and 1 older article-bot is connected to it" in said
        )
    assert version_of(database) == VERSION


async def test_a_connected_bot_of_any_version_prevents_a_migration(
    run: Run, database: str, connected: Callable[[str], None], tmp_path: Path
) -> None:
    make_store(database, TODAY)
    for name in ("article-bot", "article-bot store 2", "article-bot store 7", "article-bot index"):
        connected(name)
    ran = await asyncio.to_thread(run, "migrate", database, f"sqlite:///{tmp_path / 'new.db'}")
    assert "is in use by 3 other article-bots; stop them first" in ran.err


def test_an_upgrade_waits_for_what_a_bot_is_just_writing(database: str) -> None:
    import psycopg

    make_store(database)
    with ThreadPoolExecutor(1) as thread, psycopg.connect(database) as bot:
        bot.execute("SELECT version FROM store_version")
        upgrading = thread.submit(upgrade, database)
        time.sleep(0.5)
        bot.execute("UPDATE inbox SET why = 'written by version 1'")
        assert not upgrading.done()
        bot.commit()
        upgrading.result(timeout=10)
    whys = run_sql(database, "SELECT DISTINCT why FROM inbox")
    assert (version_of(database), whys) == (VERSION, [("written by version 1",)])


# A bot that meets a store which was upgraded meanwhile


async def test_a_bot_that_meets_a_newer_store_writes_nothing_and_says_why(url: str) -> None:
    told = f"is a store of version {NEXT}, and this article-bot knows versions up to {VERSION}; "
    async with open_store(url) as store:
        assert await store.inbox.accept(received("1.0"))
        before = everything(url)
        run_sql(url, f"UPDATE store_version SET version = {NEXT}")
        many = (store.inbox.accept(received(f"{n}.0")) for n in range(1, 1000))
        said = await asyncio.gather(*many, return_exceptions=True)
        assert {type(one) for one in said} == {StoreError}
        assert {told in str(one) for one in said} == {True}
        for refused in (
            store.inbox.renew(),
            store.inbox.take_over(9),
            store.inbox.unfinished(),
            store.state(),
            store.votes.vote(vote()),
            store.inbox.postpone(received("1.0"), 5.0, "why"),
            store.inbox.finish(received("1.0"), "answered", remember=True),
            store.forget("UANN"),
            store.sweep(),
        ):
            with pytest.raises(StoreError, match=told):
                await refused
        run_sql(url, f"UPDATE store_version SET version = {VERSION}")
        assert everything(url) == before
        assert await store.inbox.accept(received("2.0"))


async def test_an_older_replica_does_not_renew_its_leases_after_an_upgrade(database: str) -> None:
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
    async with open_store(database) as older:
        assert await older.inbox.accept(received("1.0"))
        run_sql(database, f"{others} current_database() AND pid <> pg_backend_pid()")
        await asyncio.to_thread(upgrade, database, {**STEPS, NEXT: add_table})
        leases = run_sql(database, "SELECT owner, leased_until FROM inbox")
        with pytest.raises(StoreError, match="upgrade article-bot"):
            await older.inbox.renew()
        with pytest.raises(StoreError, match="upgrade article-bot"):
            await older.inbox.accept(received("2.0"))
    assert run_sql(database, "SELECT owner, leased_until FROM inbox") == leases


async def test_a_running_bot_that_meets_a_newer_store_is_not_ready_and_acknowledges_nothing(
    url: str, article: Answerer, tmp_path: Path
) -> None:
    async with running("http", article, tmp_path, DATABASE_URL=url) as bot:
        address = f"http://127.0.0.1:{bot.settings.port}/readyz"
        asked = mention("what does the truce cover?", ts="5.0")
        assert await bot.event(mention("what does the truce cover?", ts="4.0"))
        await bot.slack.calls_until("chat.postMessage")
        run_sql(url, f"UPDATE store_version SET version = {NEXT}")
        assert await bot.event(asked) is None
        async with aiohttp.ClientSession() as session, session.get(address) as response:
            assert (response.status, (await response.json())["store"]) == (503, False)
        run_sql(url, f"UPDATE store_version SET version = {VERSION}")
        assert await bot.event(asked)  # Slack sends it again, to a bot that may take it
        await bot.slack.calls_until("chat.postMessage", 2)


# The command line


@pytest.mark.usefixtures("settings")
def test_check_changes_nothing_and_names_each_copy(run: Run, old: str, file: Path) -> None:
    ran = run("check")
    assert f"; the next start upgrades the store from version 1 to {VERSION}\n" in ran.out
    assert (version_of(old), copies_of(old)) == (1, [])
    upgrade(old)
    ran = run("check")
    copy = f"a copy from before version 2: {file}.before-1; delete it when you are satisfied\n"
    assert copy in ran.out
    assert "the next start" not in ran.out
    file.with_name(BEFORE).unlink()
    assert "copy" not in run("check").out


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("form", ["the first of version 1", "version 1"])
def test_forget_leaves_no_byte_of_a_person_in_any_copy(
    form: str, run: Run, old: str, file: Path
) -> None:
    file.unlink()
    make_store(old, form)
    fill(old)
    long = "'" + "Xyzzy" * 3000 + "'"
    run_sql(old, f"UPDATE inbox SET text = {long} WHERE ts = '2.0'")
    ran = run("forget", "UANN")
    assert (ran.status, ran.err) == (0, "")
    told = f"Deleted 3 rows about UANN in the copy {file}.before-1.\n"
    assert ran.out == f"Deleted 3 rows about UANN.\n{told}"
    for name, kept in files_of(file.parent).items():
        assert (b"UANN" in kept, b"Xyzzy" in kept) == (False, False), name
    there = f"sqlite:///{file}.before-1"
    assert (version_of(there), rows_of(there)) == (1, {"inbox": 3, "threads": 100, "feedback": 1})
    assert run_sql(there, "SELECT ts FROM inbox WHERE finished_at IS NULL") == [("3.0",)]


def test_forget_passes_over_a_copy_that_an_interrupted_upgrade_left_empty(
    old: str, file: Path
) -> None:
    file.with_name(BEFORE).touch()
    [copy] = copies_of(old)
    assert forget_in(copy, "UANN") == 0


@pytest.mark.usefixtures("settings")
def test_forget_names_a_copy_that_is_no_database(run: Run, file: Path) -> None:
    copy = file.with_name("store.db.before-0")
    copy.write_bytes(b"dear diary\n" * 500)
    ran = run("forget", "UANN")
    assert (ran.status, ran.out) == (2, "Deleted 3 rows about UANN.\n")
    assert f"{copy} is corrupt or not a database" in ran.err


def test_an_older_store_can_be_migrated(run: Run, url: str, tmp_path: Path) -> None:
    make_store(url)
    new = f"sqlite:///{tmp_path / 'new.db'}"
    ran = run("migrate", url, new)
    assert (ran.status, ran.err) == (0, "")
    assert (version_of(new), rows_of(new)) == (VERSION, ROWS)
    assert (version_of(url), rows_of(url)) == (VERSION, ROWS)
