"""Exclusive locks: one bot per SQLite store, one writer per shared index."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from io import FileIO
from pathlib import Path

from sqlalchemy import URL, Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreError
from bot.store import postgres, sqlite
from bot.store.files import private_folder
from bot.store.url import POSTGRES, failure, parse

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def single_instance(url: str) -> Iterator[None]:
    """Lock an SQLite store for one bot. Raises StoreError if another bot holds the lock.

    Does nothing for PostgreSQL, which several replicas may share.
    """
    place = parse(url)
    if place.drivername in POSTGRES:
        yield
        return
    file = Path(os.path.realpath(sqlite.file_of(place)))
    with file_lock(file.with_name(f"{file.name}.lock")) as lock:
        if lock is None:
            raise StoreError.in_use(file)
        yield


@contextmanager
def file_lock(path: Path) -> Iterator[FileIO | None]:
    """Lock a file, creating it if needed; yields None if another process has it locked.

    The lock ends with the process. The file stays, because deleting it would let a second process
    lock a new one. Raises StoreError when the file cannot be created or opened.
    """
    private_folder(path.parent)
    try:
        file = FileIO(path, "ab", opener=_open_privately)
    except OSError as error:
        raise StoreError.unwritable(path, error) from None
    with file:
        yield file if _is_ours(file) else None


@dataclass(frozen=True)
class WriterLock:
    """The lock on writing the index. Call `still` to check that it is held before publishing.

    A lost lock never comes back, since another bot may have taken it. Call `still` from one thread
    at a time; it raises nothing, and blocks until the connection times out if the server vanished.
    """

    still: Callable[[], bool]


@contextmanager
def index_writer_lock(url: str) -> Iterator[WriterLock | None]:
    """Lock the shared index for writing; yields None if another replica holds the lock.

    Tries once. The lock ends with the `with` block or the process, and on PostgreSQL also with the
    connection. Raises StoreError when the store cannot be reached.
    """
    place = parse(url)
    with _in_database(place) if place.drivername in POSTGRES else _beside_file(place) as right:
        yield right


@contextmanager
def _in_database(url: URL) -> Iterator[WriterLock | None]:
    engine = postgres.session_of(url)
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(engine.connect())
            is_ours = postgres.lock_index(connection)
        except SQLAlchemyError as error:
            raise failure(engine, error) from None
        if is_ours:
            stack.callback(_give_back, connection)
        yield WriterLock(partial(_has, connection)) if is_ours else None


def _has(connection: Connection) -> bool:
    try:
        return postgres.holds_index(connection)
    except SQLAlchemyError:
        return False


def _give_back(connection: Connection) -> None:
    with suppress(SQLAlchemyError):  # the connection broke, so the lock is gone already
        postgres.unlock_index(connection)


@contextmanager
def _beside_file(url: URL) -> Iterator[WriterLock | None]:
    file = sqlite.file_of(url)
    path = file.with_name(f"{file.name}.writing")
    with file_lock(path) as lock:
        yield WriterLock(partial(_stands, lock, path)) if lock is not None else None


def _stands(lock: FileIO, path: Path) -> bool:
    """Whether the locked file is still the one at `path`, which other processes would lock."""
    try:
        return os.path.samestat(os.fstat(lock.fileno()), path.stat())
    except (OSError, ValueError):  # ValueError: the file is closed
        return False


def _open_privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _is_ours(file: FileIO) -> bool:
    try:
        _lock(file.fileno())
    except OSError:
        return False
    return True
