"""Operator tasks on a store: back it up, migrate it, delete a person's data from its copies."""

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import URL, Connection, Engine, Table, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreError
from bot.store import postgres, sqlite
from bot.store.database import is_shared, open_engine, patient
from bot.store.files import private_file
from bot.store.forgetting import forget
from bot.store.locks import single_instance
from bot.store.schema import counters, feedback, gaps, inbox, once, pace, shares, threads
from bot.store.url import POSTGRES, failure, parse, place

TABLES = (inbox, threads, feedback, pace, shares, gaps, once, counters)
# Rows copied per batch, which bounds memory.
AT_ONCE = 1000


def backup(url: str, target: Path) -> None:
    """Copy all committed data to a new file with mode 600. Raises StoreError.

    A store of an older version is copied without an upgrade, even while its bot is running.
    """
    if parse(url).drivername in POSTGRES:
        raise StoreError.no_backup_of_postgres()
    engine = open_engine(url, make=False, upgrade=False)
    try:
        private_file(target)
        try:
            with engine.connect() as connection, closing(sqlite3.connect(target)) as copy:
                driver: Any = connection.connection.driver_connection
                driver.backup(copy)
        except BaseException:
            target.unlink()
            raise
    except FileExistsError:
        raise StoreError.exists(target) from None
    except SQLAlchemyError as error:
        raise failure(engine, error) from None
    except sqlite3.Error as error:
        raise StoreError.unwritable(target, error) from None
    finally:
        engine.dispose()


def migrate(old_url: str, new_url: str) -> dict[str, int]:
    """Copy every row to an empty store; returns the number of rows per table.

    The leases of copied messages are cleared, so the next bot to run takes them over. Raises
    StoreError, and no rows are copied then.
    """
    urls = [parse(old_url, "OLD_URL"), parse(new_url, "NEW_URL")]
    if urls[0] == urls[1]:
        raise StoreError.same_database()
    with ExitStack() as stack:
        for url in sorted((old_url, new_url)):
            stack.enter_context(single_instance(url))
        old = stack.enter_context(_opened(old_url, make=False))
        new = stack.enter_context(_opened(new_url, make=True))
        with _begun(old) as source, _begun(new) as target:
            if any(_rows(target, table) for table in TABLES):
                raise StoreError.not_empty(place(new.url))
            for table in TABLES:
                _copy(table, source, target)
            return {table.name: _same(table, source, target) for table in TABLES}


@contextmanager
def _opened(url: str, *, make: bool) -> Iterator[Engine]:
    engine = open_engine(url, make=make, is_alone=True)
    try:
        yield engine
    except SQLAlchemyError as error:
        raise failure(engine, error) from None
    finally:
        engine.dispose()


@contextmanager
def _begun(engine: Engine) -> Iterator[Connection]:
    """A transaction without a statement timeout. Raises StoreError if a bot uses the database."""
    with engine.begin() as connection:
        patient(connection)
        if is_shared(engine) and (number := postgres.others(connection)):
            raise StoreError.in_use_by(place(engine.url), number)
        yield connection


def _copy(table: Table, source: Connection, target: Connection) -> None:
    """Copy the rows of a table. Their `id` is assigned anew, in the same order."""
    columns = [column for column in table.c if column.name != "id"]
    rows = source.execute(
        select(*columns).order_by(*table.primary_key),
        execution_options={"stream_results": True, "yield_per": AT_ONCE},
    )
    nobodys = {"leased_until": 0.0} if table is inbox else {}
    for part in rows.mappings().partitions():
        target.execute(insert(table), [dict(row) | nobodys for row in part])


def _same(table: Table, source: Connection, target: Connection) -> int:
    old, new = _rows(source, table), _rows(target, table)
    if old != new:
        raise StoreError.rows_lost(table.name, old, new)
    return new


def _rows(connection: Connection, table: Table) -> int:
    number: int = connection.execute(select(func.count()).select_from(table)).scalar_one()
    return number


class Copy(NamedTuple):
    """A copy that an upgrade made of a store, and the store's version in it."""

    path: Path
    version: int


def copies_of(url: str) -> list[Copy]:
    """The copies that upgrades made of a store, oldest version first; none on PostgreSQL."""
    parsed = parse(url)
    if parsed.drivername in POSTGRES:
        return []
    file = Path(os.path.realpath(sqlite.file_of(parsed)))
    name = re.compile(re.escape(file.name) + r"\.before-([0-9]+)")
    found = [(path, name.fullmatch(path.name)) for path in file.parent.iterdir()]
    copies = [Copy(path, int(match[1])) for path, match in found if match]
    return sorted(copies, key=lambda copy: copy.version)


def forget_in(copy: Copy, user: str) -> int:
    """Delete everything about a person from a copy; returns the row count. Raises StoreError."""
    engine = sqlite.engine_of(URL.create("sqlite", database=str(copy.path)), make=False)
    try:
        with engine.begin() as connection:
            return forget(connection, user, time.time())
    except SQLAlchemyError as error:
        raise failure(engine, error) from None
    finally:
        engine.dispose()  # closing the last connection empties the write-ahead log
