"""The lock for writing the index: one holder at a time, which knows when it has lost it."""

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy.exc import OperationalError

from bot.errors import StoreError
from bot.store.locks import WriterLock, index_writer_lock
from bot.store.postgres import WRITER, holds_index, lock_index, session_of
from bot.store.store import open_store
from bot.store.url import parse
from tests.conftest import Run
from tests.fakes.postgres import PASSWORD, Postgres
from tests.store.test_failures import child

HOLDING = """
import sys, time
from bot.store.locks import index_writer_lock

with index_writer_lock(sys.argv[1]) as right:
    print(bool(right and right.still()), flush=True)
    time.sleep(60)
"""


@contextmanager
def locked(url: str) -> Iterator[WriterLock]:
    with index_writer_lock(url) as right:
        assert right
        yield right


def is_free(url: str) -> bool:
    with index_writer_lock(url) as right:
        return right is not None


def becomes_free(url: str) -> bool:
    """Whether it is free as soon as the server has seen that a connection ended."""
    until = time.monotonic() + 10
    while not (free := is_free(url)) and time.monotonic() < until:
        time.sleep(0.02)
    return free


def name_of(database: str) -> str:
    return database.rpartition("/")[2]


# One at a time


def test_the_lock_is_held_until_its_with_block_ends(url: str) -> None:
    for _ in range(20):
        with locked(url) as right:
            assert right.still()
            assert not is_free(url)
            assert right.still()
        assert not right.still()


def test_a_failed_attempt_does_not_release_the_holder_s_lock(url: str) -> None:
    with locked(url) as right:
        for _ in range(3):
            assert not is_free(url)
        assert right.still()


def test_only_one_of_several_threads_gets_the_lock(url: str) -> None:
    all_tried = Barrier(8)

    def gets_it(_: int) -> bool:
        with index_writer_lock(url) as right:
            all_tried.wait(20)
            return right is not None

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(gets_it, range(8))) == [False] * 7 + [True]


def test_an_error_inside_the_with_block_is_raised_unchanged_and_releases_the_lock(url: str) -> None:
    cause = OperationalError("index", None, Exception())
    with pytest.raises(OperationalError) as caught, locked(url):
        raise cause
    assert caught.value is cause
    assert is_free(url)


def test_a_paused_process_keeps_the_lock_until_it_is_killed(url: str) -> None:
    with child(HOLDING, url) as process:
        assert process.stdout
        assert process.stdout.readline() == "True\n"
        assert not is_free(url)
        process.send_signal(signal.SIGSTOP)
        assert not is_free(url)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert becomes_free(url)


async def test_the_lock_does_not_block_the_store(url: str) -> None:
    with locked(url) as right:
        async with open_store(url) as store:
            await store.history.remember("T1", "C1", None, "UANN", "q")
        assert right.still()


def test_each_store_has_its_own_lock(database: str, postgres: Postgres, tmp_path: Path) -> None:
    other = postgres.new_database()
    urls = (database, other, f"sqlite:///{tmp_path / 'a.db'}", f"sqlite:///{tmp_path / 'b.db'}")
    with locked(urls[0]), locked(urls[1]), locked(urls[2]), locked(urls[3]):
        assert not any(map(is_free, urls))
    postgres.give_back(other)


def test_only_the_owner_can_read_the_lock_file(tmp_path: Path) -> None:
    with locked(f"sqlite:///{tmp_path / 'data' / 'store.db'}"):
        [lock] = (tmp_path / "data").iterdir()
        assert (lock.name, lock.stat().st_mode & 0o777) == ("store.db.writing", 0o600)
        assert lock.parent.stat().st_mode & 0o777 == 0o700


async def test_the_lock_holder_is_not_counted_as_another_bot(
    run: Run, database: str, tmp_path: Path
) -> None:
    async with open_store(database):
        with locked(database):
            ran = run("migrate", database, f"sqlite:///{tmp_path / 'new.db'}")
    assert "is in use by 1 other article-bot; stop it first" in ran.err


# What it stands on


def test_the_lock_survives_a_server_that_ends_idle_sessions(
    database: str, postgres: Postgres
) -> None:
    name = name_of(database)
    postgres.run_sql(f"ALTER DATABASE {name} SET idle_session_timeout = '100ms'")
    try:
        with locked(database) as right:
            time.sleep(0.5)
            query = f"SELECT state FROM pg_stat_activity WHERE application_name = '{WRITER}'"
            assert postgres.run_sql(query, name) == [("idle",)]  # and not in a transaction
            assert right.still()
    finally:
        postgres.run_sql(f"ALTER DATABASE {name} RESET idle_session_timeout")


@pytest.mark.parametrize(
    ("setting", "seconds"),
    [
        ("tcp_keepalives_idle", "10"),
        ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "3"),
    ],
)
def test_the_server_uses_keepalives_to_notice_a_dead_lock_holder(
    setting: str, seconds: str, database: str
) -> None:
    with session_of(parse(database)).connect() as connection:
        assert connection.exec_driver_sql(f"SHOW {setting}").scalar_one() == seconds


def test_a_session_notices_when_a_pooler_has_cleared_its_lock(database: str) -> None:
    with session_of(parse(database)).connect() as connection:
        assert lock_index(connection)
        assert holds_index(connection)
        connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")
        assert not holds_index(connection)


# The store goes away


def end_sessions(url: str, postgres: Postgres) -> None:
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
    assert postgres.run_sql(f"{ending}'{WRITER}'", name_of(url)) == [(True,)]


def unlock_behind_its_back(url: str, _: Postgres) -> None:
    file = Path(url.removeprefix("sqlite:///"))
    file.with_name("store.db.writing").unlink()


def move_away(url: str, _: Postgres) -> None:
    folder = Path(url.removeprefix("sqlite:///")).parent
    shutil.move(folder, folder.with_name("old"))


@pytest.mark.parametrize(
    ("url", "lose"),
    [
        ("postgresql", end_sessions),
        ("sqlite", unlock_behind_its_back),
        ("sqlite", move_away),
    ],
    indirect=["url"],
)
def test_a_holder_that_lost_the_lock_knows_it_and_does_not_take_it_back(
    url: str,
    lose: Callable[[str, Postgres], None],
    postgres: Postgres,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with index_writer_lock(url) as lost:
        assert lost
        assert lost.still()
        lose(url, postgres)
        assert becomes_free(url)
        with locked(url) as right:
            assert not lost.still()
            assert not lost.still()
            assert right.still()
    with locked(url):
        assert not lost.still()
    assert caplog.records == []


@pytest.mark.parametrize("asks", [True, False])
def test_the_lock_is_lost_when_the_server_restarts(
    asks: bool, trouble: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    url = trouble.new_database()
    with locked(url) as right:
        trouble.stop()
        if asks:
            assert not right.still()
        trouble.start()
        with locked(url):
            assert not right.still()
    assert caplog.records == []


def test_a_server_that_is_down_is_reported_to_the_next_that_wants_the_lock(
    trouble: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    url = trouble.new_database()
    with locked(url):
        trouble.stop()
    with pytest.raises(StoreError, match="cannot be reached; see whether its server runs"):
        is_free(url)
    assert caplog.records == []
    trouble.start()
    assert is_free(url)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (f":{PASSWORD}@", ":s3cr3t@", "refuses the user or the password; fix DATABASE_URL"),
        ("/bot", "/nobot", "does not exist on that server; create it, or fix DATABASE_URL"),
        ("127.0.0.1", "127.0.0.2", "cannot be reached; see whether its server runs, or fix"),
    ],
)
def test_a_refused_login_is_reported_without_the_password(
    right: str, wrong: str, said: str, database: str
) -> None:
    before, _, after = database.rpartition(right)
    with pytest.raises(StoreError) as caught:
        is_free(before + wrong + after)
    assert str(caught.value).startswith("the database ")
    assert said in str(caught.value)
    assert "s3cr" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///diary.txt/store.db", "diary.txt cannot be written (File exists); name a place"),
        ("sqlite:///store.db", "store.db.writing cannot be written (Is a directory); name a place"),
        ("mysql://ann@host/bot", "a database URL must be sqlite:///FILE or"),
    ],
)
def test_a_place_that_cannot_be_locked_is_reported(url: str, said: str) -> None:
    Path("diary.txt").touch()
    Path("store.db.writing").mkdir()
    with pytest.raises(StoreError) as caught:
        is_free(url)
    assert said in str(caught.value)
