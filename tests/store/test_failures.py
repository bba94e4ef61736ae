"""The store on a full disk, with a locked, damaged or foreign database, and after kill -9."""

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from bot.config import Settings
from bot.errors import StoreError
from bot.store.admin import backup
from bot.store.commits import Commits
from bot.store.database import open_engine
from bot.store.locks import single_instance
from bot.store.store import Store, open_store
from tests.conftest import ROOT, Run
from tests.store.test_store import everything, received


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "store.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


def child(script: str, *argv: str) -> "subprocess.Popen[str]":
    """A process that runs a script of the tests."""
    command = [sys.executable, "-c", script, *argv]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


async def accepted(store: Store, *numbers: int) -> None:
    for number in numbers:
        assert await store.inbox.accept(received(f"{number}.0"))


async def due(url: str) -> list[str]:
    async with open_store(url) as store:
        return [due.ts for due in await store.inbox.unfinished()]


# Commits that are not what they are said to be


@pytest.fixture
def fates() -> Iterator[list[str]]:
    """What befalls the next commits: "late", or "made" and not reported."""
    to_come: list[str] = []

    def on_commit(connection: Connection) -> None:
        match to_come and to_come.pop(0):
            case "late":
                time.sleep(0.3)
            case "made":
                driver = connection.connection.driver_connection
                assert driver
                driver.commit()
                raise OperationalError("COMMIT", None, sqlite3.OperationalError("cut off"))

    event.listen(Engine, "commit", on_commit)
    yield to_come
    event.remove(Engine, "commit", on_commit)


async def test_messages_are_new_once_when_their_commit_succeeds_but_reports_failure(
    url: str, fates: list[str]
) -> None:
    async with open_store(url) as store:
        fates += ["late", "made"]
        first = asyncio.create_task(store.state())
        await asyncio.sleep(0.1)
        accepting = (store.inbox.accept(received(ts)) for ts in ("1.0", "2.0", "1.0", "3.0"))
        assert await asyncio.gather(*accepting) == [True, True, False, True]
        await first
        assert not fates
        assert not await store.inbox.accept(received("2.0"))


async def test_a_stored_message_whose_caller_saw_an_error_is_new_when_redelivered(
    url: str, fates: list[str]
) -> None:
    async with open_store(url) as store:
        fates.append("made")
        with pytest.raises(StoreError):
            await store.inbox.accept(received("1.0"))
        cancelled = asyncio.create_task(store.inbox.accept(received("2.0")))
        await asyncio.sleep(0)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        await asyncio.sleep(0.1)  # it is written all the same
        assert len(await store.inbox.unfinished()) == 2
        for ts in ("1.0", "2.0"):
            again = (store.inbox.accept(received(ts)) for _ in range(3))
            assert sorted(await asyncio.gather(*again)) == [False, False, True]


async def test_a_recovered_message_that_was_answered_is_not_new_when_redelivered(
    url: str, fates: list[str]
) -> None:
    async with open_store(url) as store:
        fates.append("made")
        with pytest.raises(StoreError):
            await store.inbox.accept(received("1.0"))
        [due] = await store.inbox.unfinished()
        assert await store.inbox.finish(due, "answered", remember=True)
        assert not await store.inbox.accept(received("1.0"))


async def test_a_question_is_remembered_once_even_if_its_commit_reports_failure(
    url: str, fates: list[str]
) -> None:
    async with open_store(url) as store:
        await accepted(store, 1)
        fates.append("made")
        with pytest.raises(StoreError):
            await store.inbox.finish(received(), "answered", remember=True)
        await store.inbox.finish(received(), "answered", remember=True)
        assert await store.history.earlier("T1", "C1", "1.0", "UANN", 3) == ("q 1.0",)


# Trouble that passes


@pytest.mark.slow
async def test_a_locked_database_refuses_within_seconds_and_works_once_unlocked(
    url: str, file: Path
) -> None:
    async with open_store(url) as store:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            begun = time.monotonic()
            accepting = (store.inbox.accept(received(f"{n}.0")) for n in range(20))
            results = await asyncio.gather(*accepting, return_exceptions=True)
            assert time.monotonic() - begun < 4
            assert {str(result) for result in results} == {
                f"{file} is locked by another program; wait for it, or stop it"
            }
        assert {type(result) for result in results} == {StoreError}
        await accepted(store, 1)


@pytest.mark.slow
async def test_a_batch_that_is_split_waits_only_once_for_a_locked_database(
    url: str, file: Path
) -> None:
    commits = Commits(open_engine(url))
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:

        def bad(connection: Connection) -> None:
            connection.rollback()
            other.execute("BEGIN EXCLUSIVE")
            raise LookupError("bad")

        begun = time.monotonic()
        first = commits.do(lambda _: time.sleep(0.1))
        together = (commits.do(one) for one in (bad, *[lambda _: None] * 20))
        _, *results = await asyncio.gather(first, *together, return_exceptions=True)
        assert {type(result) for result in results} == {StoreError}
        assert time.monotonic() - begun < 3
    await commits.close()


FULL = """
import asyncio, resource, sys
from bot.errors import StoreError
from bot.store.store import open_store
from tests.store.test_store import received

async def main(url):
    async with open_store(url) as store:
        kept = [n for n in range(5) if await store.inbox.accept(received(f"{n}.0"))]
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, most))
        refused = []
        for n in range(5, 60):
            try:
                await store.inbox.accept(received(f"{n}.0", text="long " * 1000))
            except StoreError as error:
                refused.append(n)
                said = error
            else:
                kept.append(n)
        print(said)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        kept += [n for n in refused if await store.inbox.accept(received(f"{n}.0"))]
        print(bool(refused), sorted(kept) == list(range(60)))
        print(len(await store.inbox.unfinished()))

asyncio.run(main(sys.argv[1]))
"""


def test_a_file_that_cannot_grow_refuses_writes_until_it_can(url: str, file: Path) -> None:
    with child(FULL, url) as process:
        out, _ = process.communicate(timeout=60)
    assert out.splitlines() == [
        f"{file} cannot be read or written; see whether its disk is full or broken",
        "True True",
        "60",
    ]


def traces(file: Path) -> list[str]:
    """The files that hold a byte of what Ann asked."""
    kept = {path.name: path.read_bytes() for path in file.parent.iterdir()}
    return [name for name, content in kept.items() if b"UANN" in content or b"q 1.0" in content]


async def test_deleted_data_leaves_the_files_once_another_reader_is_done(
    url: str, file: Path
) -> None:
    async with open_store(url) as bot:
        await accepted(bot, 1)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT * FROM inbox").fetchall()
            begun = time.monotonic()
            assert await bot.forget("UANN") == 1
            assert time.monotonic() - begun < 0.5  # nobody is held up
            assert traces(file) == ["store.db-wal"]
        await bot.state()
        assert traces(file) == []


async def test_closing_after_forget_waits_for_another_reader(url: str, file: Path) -> None:
    async with open_store(url) as bot:
        await accepted(bot, 1)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT * FROM inbox").fetchall()
            command = open_store(url)
            assert await command.forget("UANN") == 1
            leaving = asyncio.create_task(command.close())
            await asyncio.sleep(0.3)
            assert not leaving.done()
        await leaving
        assert traces(file) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, where this user may make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


async def test_a_full_disk_refuses_writes_until_there_is_room(small_disk: Path) -> None:
    file = small_disk / "store.db"
    async with open_store(f"sqlite:///{file}") as store:
        await accepted(store, 1)
        (small_disk / "filler").write_bytes(b"x" * 700_000)
        long = [received(f"{n}.0", text="long " * 1000) for n in range(2, 200)]
        tried = [
            await asyncio.gather(store.inbox.accept(one), return_exceptions=True) for one in long
        ]
        refused = [result for (result,) in tried if isinstance(result, StoreError)]
        assert len(refused) > 50
        assert {"disk is full" in str(error) for error in refused} == {True}
        (small_disk / "filler").unlink()
        await accepted(store, 999)
        assert len(await store.inbox.unfinished()) == 2 + len(long) - len(refused)


# Files that are not ours


@pytest.fixture
def whole(url: str, file: Path) -> bytes:
    """A good store's file, with a few pages."""

    async def fill() -> None:
        async with open_store(url) as store:
            numbers = range(100)
            await asyncio.gather(
                *(store.inbox.accept(received(f"{n}.0", text="x" * 500)) for n in numbers)
            )

    asyncio.run(fill())
    return file.read_bytes()


def refusal(url: str, file: Path) -> str:
    """What opening says; the file must be as it was."""
    before = file.read_bytes()
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert file.read_bytes() == before
    return str(caught.value).removeprefix(f"{file} ")


DAMAGED = "is corrupt or not a database; move it away and restore a backup"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: b"dear diary\n" * 500, id="a text"),
        pytest.param(lambda whole: whole[:-5000], id="cut short"),
        pytest.param(lambda whole: whole[:8192] + b"\xff" * 8192 + whole[16384:], id="overwritten"),
        pytest.param(lambda whole: b"\0" * 100 + whole[100:], id="no head"),
    ],
)
def test_a_damaged_file_is_refused_and_left_as_it_is(
    damage: Callable[[bytes], bytes], whole: bytes, url: str, file: Path
) -> None:
    file.write_bytes(damage(whole))
    assert refusal(url, file) == DAMAGED


@pytest.mark.usefixtures("whole")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "UPDATE store_version SET version = 7",
            "is a store of version 7, and this article-bot knows versions up to 4; upgrade "
            "article-bot",
        ),
        (
            "DELETE FROM store_version",
            "does not say which version it is; restore a backup",
        ),
        (
            "DROP TABLE store_version",
            "contains something other than this bot's data; name another place",
        ),
        ("DROP TABLE threads", "is missing threads; restore a backup"),
    ],
)
def test_a_store_of_another_kind_is_refused_and_left_as_it_is(
    change: str, said: str, url: str, file: Path
) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute(change)
        database.commit()
    assert refusal(url, file) == said
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT count(*) FROM inbox").fetchone() == (100,)


def test_an_empty_file_becomes_a_store(file: Path, url: str) -> None:
    file.parent.mkdir()
    file.touch()
    assert asyncio.run(due(url)) == []


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder; name a file in DATABASE_URL"):
        open_store(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("name", ["what?mode=ro#x", "a%20b%41", "file:x", "å & b@c:d"])
def test_a_folder_name_may_contain_special_characters(tmp_path: Path, name: str) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path / name)})
    assert asyncio.run(due(settings.store_url)) == []
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert [path.name for path in (tmp_path / name).iterdir()] == ["article-bot.db"]


def test_a_broken_link_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "article-bot.db"
    file.symlink_to(tmp_path / "unmounted" / "article-bot.db")
    with pytest.raises(StoreError, match="cannot be opened; let this user read and write it"):
        open_store(f"sqlite:///{file}")


@pytest.fixture
def shut(tmp_path: Path) -> Iterator[Path]:
    """A folder that may not be written, and a user to whom that applies: not root."""
    me = os.geteuid()
    tmp_path.chmod(0o500)
    if me == 0:
        os.seteuid(65534)
    yield tmp_path
    os.seteuid(me)


@pytest.mark.parametrize("path", ["store.db", "data/store.db"])
def test_a_read_only_folder_is_reported(path: str, shut: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot be written \(Permission denied\); name a place"):
        open_store(f"sqlite:///{shut / path}")


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///", "sqlite:///:memory:", "oracle://x:y/z", "a.db"],
)
def test_a_url_that_names_no_file_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(
        StoreError, match=r"^a database URL must be sqlite:///FILE or postgresql://USER@HOST/NAME$"
    ):
        open_store(url)


async def test_an_error_message_contains_nothing_of_the_question(url: str, file: Path) -> None:
    async with open_store(url) as store:
        with closing(sqlite3.connect(file)) as other:
            other.execute("DROP TABLE inbox")
        with pytest.raises(StoreError) as caught:
            await store.inbox.accept(received(text="secret words"))
    assert str(caught.value).startswith(f"{file} cannot be used (")
    assert "secret" not in str(caught.value)
    assert "UANN" not in str(caught.value)


# The folder


HOLDING = """
import sys, time
from pathlib import Path
from bot.store.commits import Commits
from bot.store.database import open_engine
from bot.store.locks import single_instance

with single_instance(f"sqlite:///{sys.argv[1]}"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_file_is_held_by_one_process_until_it_is_killed(file: Path) -> None:
    with child(HOLDING, str(file)) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        with (
            pytest.raises(StoreError, match="another article-bot runs with "),
            single_instance(f"sqlite:///{file}"),
        ):
            pass
        with single_instance(f"sqlite:///{file.with_name('another.db')}"):
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with single_instance(f"sqlite:///{file}"):
        assert file.parent.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}


# The backup


async def test_a_backup_made_while_the_bot_writes_contains_everything_committed(
    url: str, tmp_path: Path
) -> None:
    target = tmp_path / "backup.db"
    async with open_store(url) as store:
        await accepted(store, *range(50))

        async def write() -> None:
            for n in range(1000, 10_000):
                await store.inbox.accept(received(f"{n}.0"))

        writing = asyncio.create_task(write())
        await asyncio.sleep(0.05)
        await asyncio.to_thread(backup, url, target)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        await store.inbox.finish(received("0.0"), "answered", remember=True)
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in target.parent.glob("backup*")] == ["backup.db"]
    kept = await due(f"sqlite:///{target}")
    assert {f"{n}.0" for n in range(50)} < set(kept)


def test_a_backup_overwrites_nothing_and_leaves_nothing_half_done(
    url: str, whole: bytes, file: Path, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="already exists; name another file"):
        backup(url, file)
    assert file.read_bytes() == whole
    with pytest.raises(StoreError, match=r"cannot be written \(No such file or directory\)"):
        backup(url, tmp_path / "nowhere" / "backup.db")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            backup(url, tmp_path / "backup.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "backup.db").exists()


# The command line


async def test_forget_deletes_while_the_bot_runs(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    url = f"sqlite:///{tmp_path / 'article-bot.db'}"
    async with open_store(url) as store:
        await accepted(store, 1)
        await store.inbox.finish(received(), "answered", remember=True)
        ran = await asyncio.to_thread(run, "forget", "UANN")
        assert (ran.status, ran.out, ran.err) == (0, "Deleted 1 row about UANN.\n", "")
        assert await store.history.last_questions("T1", "UANN", 3) == ()
    assert "UANN" not in everything(url)


def test_forget_wants_a_member_id_and_a_store(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    assert "a member ID begins with U or W" in run("forget", "@ann").err
    ran = run("forget", "UANN")
    assert (ran.status, "does not exist; set DATA_DIR" in ran.err) == (2, True)
    assert not (tmp_path / "data").exists()


@pytest.mark.usefixtures("whole")
def test_backup_copies_the_store_of_the_settings(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    ran = run("backup", str(tmp_path / "copy.db"))
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    assert len(asyncio.run(due(f"sqlite:///{tmp_path / 'copy.db'}"))) == 100
    assert "already exists" in run("backup", str(tmp_path / "copy.db")).err


@pytest.mark.usefixtures("whole")
def test_forget_and_backup_work_while_another_process_holds_the_file(
    run: Run, monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(file.parent))
    file.rename(file.parent / "article-bot.db")
    with child(HOLDING, str(file.parent / "article-bot.db")) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        assert run("backup", str(tmp_path / "copy.db")).status == 0
        assert run("forget", "UANN").out == "Deleted 100 rows about UANN.\n"
        process.kill()
    kept = {path.name: b"UANN" in path.read_bytes() for path in file.parent.iterdir()}
    assert kept == {"article-bot.db": False, "article-bot.db.lock": False}
    assert len(asyncio.run(due(f"sqlite:///{tmp_path / 'copy.db'}"))) == 100


async def test_with_0_days_no_byte_of_an_answered_question_stays_in_the_files(
    url: str, file: Path
) -> None:
    async with open_store(url, keep_days=0) as store:
        numbers = range(200)  # many pages, which are split and merged
        text = {n: f"q 1.0 {n} " + "x" * (n * 37 % 900) for n in numbers}
        sent = [received(f"{n}.0", text=text[n]) for n in numbers]
        await asyncio.gather(*(store.inbox.accept(one) for one in sent))
        assert traces(file)
        await asyncio.gather(*(store.inbox.finish(one, "answered", remember=True) for one in sent))
        assert traces(file) == []
