"""Open the store's database: create it, upgrade it, or refuse it."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, insert, inspect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.errors import StoreError
from bot.store import migrations, postgres, sqlite
from bot.store.locks import single_instance
from bot.store.migrations import STEPS, VERSION, Step
from bot.store.schema import metadata, store_version
from bot.store.url import POSTGRES, failure, parse, place


def open_engine(
    url: str,
    *,
    make: bool = True,
    upgrade: bool = True,
    is_alone: bool = False,
    steps: Mapping[int, Step] = STEPS,
    model: str | None = None,
) -> Engine:
    """Open the database and return an engine. With `make`, missing tables are created.

    With `upgrade`, an older store is upgraded; an SQLite file is first copied to FILE.before-N,
    where N is the old version. Pass `is_alone` if the caller already holds `single_instance`. A bot
    tells other replicas its sentence `model`, "" for none. Raises StoreError, leaving existing data
    unchanged.
    """
    engine = _engine(parse(url), make=make, version=max(steps), model=model)
    where = place(engine.url)
    try:
        if not is_shared(engine):
            sqlite.check(engine)
        with ExitStack() as until_committed, engine.begin() as connection:
            if is_shared(engine):
                postgres.schema_lock(connection)
            version = migrations.find_version(connection, where)
            if version is None:
                version = _create(connection, where, make=make)
            elif upgrade and version < max(steps):
                if not is_alone:
                    _keep_others_away(until_committed, url, where, version)
                _make_safe(connection, where, version, max(steps))
                version = migrations.upgrade(connection, version, steps)
            migrations.refuse_newer(version, max(steps), where)
            if version == max(steps):
                _require_tables(connection, where)
        if not is_shared(engine):
            sqlite.prepared(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        raise failure(engine, error) from None
    except BaseException:
        engine.dispose()
        raise
    return engine


def version_at(engine: Engine) -> int:
    """The version of the store behind an engine; 0 if it has none. Raises StoreError."""
    try:
        with engine.begin() as connection:
            return migrations.find_version(connection, place(engine.url)) or 0
    except SQLAlchemyError as error:
        raise failure(engine, error) from None


def with_other_model(connection: Connection, model: str) -> int:
    """How many replicas on this store have another sentence model than `model`; "" is none."""
    is_postgres = connection.dialect.name == "postgresql"
    return postgres.with_other_model(connection, model) if is_postgres else 0


def with_other_model_at(engine: Engine, model: str) -> int:
    """The same as `with_other_model`, for the store behind an engine. Raises StoreError."""
    try:
        with engine.begin() as connection:
            return with_other_model(connection, model)
    except SQLAlchemyError as error:
        raise failure(engine, error) from None


def is_shared(engine: Engine) -> bool:
    """Whether several replicas may use the database at once."""
    return engine.dialect.name == "postgresql"


def patient(connection: Connection) -> None:
    """Lift the statement timeout for this transaction; Slack does not wait for it."""
    if connection.dialect.name == "postgresql":
        postgres.patient(connection)


def timed_out(error: Exception) -> bool:
    """Whether the operation timed out, and so should not be retried at once."""
    return isinstance(error, DBAPIError) and postgres.timed_out(error)


def scrub(connection: Connection, *, patient: bool = False) -> bool:
    """Remove deleted data that an SQLite file still holds; False if another program blocks that.

    With `patient`, wait for that program as long as for a lock.
    """
    return connection.dialect.name != "sqlite" or sqlite.scrub(connection, patient=patient)


def _create(connection: Connection, where: str, *, make: bool) -> int:
    if not make:
        raise StoreError.empty(where)
    metadata.create_all(connection)
    connection.execute(insert(store_version).values(version=VERSION))
    return VERSION


def _keep_others_away(stack: ExitStack, url: str, where: str, version: int) -> None:
    """Hold `single_instance` until the stack closes. Raises StoreError if a bot uses the store."""
    try:
        stack.enter_context(single_instance(url))
    except StoreError as error:
        raise StoreError.no_upgrade_now(where, version, error) from None


def _make_safe(connection: Connection, where: str, version: int, target: int) -> None:
    """Prepare an upgrade: copy an SQLite file; on PostgreSQL refuse while older bots run."""
    if connection.dialect.name != "postgresql":
        sqlite.copy_before(Path(os.path.realpath(sqlite.file_of(connection.engine.url))), version)
        return
    postgres.patient(connection)
    postgres.lock_version(connection)
    if number := postgres.older(connection, target):
        raise StoreError.older_bots(where, version, number)


def _require_tables(connection: Connection, where: str) -> None:
    if missing := sorted(set(metadata.tables) - set(inspect(connection).get_table_names())):
        raise StoreError.lacks(where, missing)


def _engine(url: URL, *, make: bool, version: int, model: str | None) -> Engine:
    if url.drivername in POSTGRES:
        return postgres.engine_of(url, version, model)
    return sqlite.engine_of(url, make=make)
