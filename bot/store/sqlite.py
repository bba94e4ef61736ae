"""SQLite specifics: a private file, its settings, and what its errors mean."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from bot.errors import StoreError
from bot.store.files import private_file, private_folder

# How long to wait for another program's lock. Slack allows three seconds to acknowledge.
SECONDS_TO_WAIT = 1.0

_LOCKED = "is locked by another program; wait for it, or stop it"
_SHUT = "cannot be opened; let this user read and write it and its folder"
_CORRUPT = "is corrupt or not a database; move it away and restore a backup"
_REPLACED = "was deleted, moved or replaced; bring it back, or start the bot again"
# By SQLite's error name: SQLITE_BUSY and SQLITE_BUSY_SNAPSHOT are both BUSY.
_REMEDIES = {
    "BUSY": _LOCKED,
    "LOCKED": _LOCKED,
    "FULL": "cannot grow, its disk is full; free some space",
    "READONLY": "cannot be written; let this user write to it and to its folder",
    "CANTOPEN": _SHUT,
    "PERM": _SHUT,
    "IOERR": "cannot be read or written; see whether its disk is full or broken",
    "NOTADB": _CORRUPT,
    "CORRUPT": _CORRUPT,
}


def engine_of(url: URL, *, make: bool) -> Engine:
    """An engine for the file that the URL names. Raises StoreError.

    With `make`, a missing file is created.
    """
    _find(file_of(url), make=make)
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,  # they contain people's questions
        connect_args={"timeout": SECONDS_TO_WAIT},
    )
    same = _Identity(file_of(url))
    event.listen(engine, "do_connect", same.on_connect)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", same.on_begin)
    event.listen(engine, "begin", _on_begin)
    return engine


def file_of(url: URL) -> Path:
    """The file that the URL names."""
    return Path(url.database or "")


def check(engine: Engine) -> None:
    """Run SQLite's integrity check. Raises StoreError for a corrupt file, or SQLAlchemyError."""
    if _outside(engine, "PRAGMA quick_check(1)") != "ok":
        raise StoreError.of(file_of(engine.url), _CORRUPT)


def prepared(engine: Engine) -> None:
    """Switch to write-ahead logging, once the tables exist."""
    _outside(engine, "PRAGMA journal_mode=WAL")


def copy_before(file: Path, version: int) -> None:
    """Copy a store to FILE.before-VERSION before it is upgraded. Raises StoreError.

    The copy of an earlier attempt is overwritten in one transaction, so an interrupted run leaves
    either a complete copy or an empty file.
    """
    target = file.with_name(f"{file.name}.before-{version}")
    is_new = not target.exists()
    if is_new:
        private_file(target)
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except BaseException as error:
        if is_new:
            target.unlink()
        if isinstance(error, sqlite3.Error):
            raise StoreError.no_copy(target, error) from None
        raise


def remedy(error: SQLAlchemyError) -> str:
    """What is wrong with the file, and what to do."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    name = getattr(cause, "sqlite_errorname", "")  # SQLITE_BUSY, SQLITE_IOERR_WRITE
    known = _REMEDIES.get(name.removeprefix("SQLITE_").split("_")[0])
    return known or f"cannot be used ({name or type(cause or error).__name__})"


def scrub(connection: Connection, *, patient: bool) -> bool:
    """Truncate the write-ahead log, which may still hold deleted data.

    Returns False if another program is reading it; with `patient`, only after SECONDS_TO_WAIT.
    """
    if not patient:
        _directly(connection, "PRAGMA busy_timeout=0")
    try:
        busy, *_ = _directly(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        _directly(connection, f"PRAGMA busy_timeout={SECONDS_TO_WAIT * 1000:.0f}")
    return not busy


class _Identity:
    """Checks that the path is still the file that was opened first; otherwise writes are lost."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._opened = file.stat() if file.exists() else None

    def on_connect(self, *_: object) -> None:
        """Check before SQLite opens the file, which would create a missing one."""
        if self._opened is not None:
            self._require()

    def on_begin(self, _: Connection) -> None:
        """Check before each transaction."""
        self._require()

    def _require(self) -> None:
        try:
            found = self._file.stat()
        except OSError:
            raise StoreError.of(self._file, _REPLACED) from None
        self._opened = self._opened or found
        if not os.path.samestat(found, self._opened):
            raise StoreError.of(self._file, _REPLACED)


def _find(file: Path, *, make: bool) -> None:
    try:
        is_folder, is_there = file.is_dir(), file.exists()
    except OSError as error:
        raise StoreError.unwritable(file, error) from None
    if is_folder:
        raise StoreError.is_folder(file)
    if not make and not is_there:
        raise StoreError.missing(file)
    if not is_there:
        private_folder(file.parent)
        with suppress(FileExistsError):  # another process was faster, or it is a broken link
            private_file(file)


def _on_connect(connection: Any, _: object) -> None:
    connection.isolation_level = None  # otherwise the driver begins only at the first change
    connection.execute("PRAGMA synchronous=FULL")  # commits survive a power cut
    connection.execute("PRAGMA secure_delete=ON")  # overwrite deleted data


def _on_begin(connection: Connection) -> None:
    # IMMEDIATE, so that a locked database fails here and not in the middle.
    _directly(connection, "BEGIN IMMEDIATE")


def _outside(engine: Engine, pragma: str) -> object:
    """Run a pragma outside of a transaction; returns its first value."""
    with engine.connect() as connection:
        return _directly(connection, pragma)[0]


def _directly(connection: Connection, command: str) -> Any:
    """Run a command on the driver, because SQLAlchemy would begin a transaction.

    Returns the first row.
    """
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(command).fetchone()
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(command, None, error) from None
