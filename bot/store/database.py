"""A database URL to an engine whose tables are there, and an engine's failure to a sentence."""

from contextlib import AbstractContextManager, nullcontext

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from bot.errors import StoreError
from bot.store import postgres, sqlite
from bot.store.files import held
from bot.store.schema import prepare

POSTGRES = ("postgresql", "postgresql+psycopg")


def open_engine(url: str, *, make: bool = True) -> Engine:
    """An engine with our tables. With `make` they are made where there is nothing yet.

    Raises StoreError, and has then changed nothing of what was there.
    """
    engine = _engine(parse(url), make=make)
    try:
        if not is_shared(engine):
            sqlite.check(engine)
        with engine.begin() as connection:
            if is_shared(engine):
                postgres.alone(connection)
            prepare(connection, place(engine.url), make=make)
        if not is_shared(engine):
            sqlite.prepared(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        raise failure(engine, error) from None
    except StoreError:
        engine.dispose()
        raise
    return engine


def parse(url: str) -> URL:
    """A URL of a database that we know. Raises StoreError, which does not repeat it."""
    # What follows is the file's name to the letter: a folder's name may hold any character.
    file = url.removeprefix("sqlite:///")
    if file != url and file not in ("", ":memory:"):
        return URL.create("sqlite", database=file)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        raise StoreError("DATABASE_URL is no database URL; write sqlite:///FILE") from None
    if parsed.drivername not in POSTGRES:
        raise StoreError("DATABASE_URL names no file of SQLite; write sqlite:///FILE")
    if not parsed.database:
        raise StoreError("DATABASE_URL names no database; write postgresql://USER@HOST/NAME")
    return parsed


def is_shared(engine: Engine) -> bool:
    """Whether several replicas may use the database at once."""
    return engine.dialect.name == "postgresql"


def place(url: URL) -> str:
    """What a person calls the database: its file, or its name and server."""
    return postgres.described(url) if url.drivername in POSTGRES else str(sqlite.file_of(url))


def failure(engine: Engine, error: SQLAlchemyError) -> StoreError:
    """The sentence for an error: where, what, and what to do. It holds nothing of what was kept."""
    of = postgres if is_shared(engine) else sqlite
    return StoreError(f"{place(engine.url)} {of.remedy(error)}")


def patient(connection: Connection) -> None:
    """Let the statements of this transaction take longer than Slack waits."""
    if connection.dialect.name == "postgresql":
        postgres.patient(connection)


def waited_in_vain(error: Exception) -> bool:
    """Whether what failed took so long that it is not to be tried again at once."""
    return isinstance(error, DBAPIError) and postgres.waited_in_vain(error)


def alone(url: str) -> AbstractContextManager[None]:
    """Keep other bots from a store that only one may use. Raises StoreError when one does."""
    parsed = parse(url)
    if parsed.drivername in POSTGRES:
        return nullcontext()  # it keeps the replicas apart itself
    return held(sqlite.file_of(parsed).resolve())


def scrub(connection: Connection, *, patient: bool = False) -> bool:
    """Where the file still holds what was deleted, have it overwritten; False when that must wait.

    With `patient`, wait for it as long as for a lock.
    """
    return connection.dialect.name != "sqlite" or sqlite.scrub(connection, patient=patient)


def _engine(url: URL, *, make: bool) -> Engine:
    if url.drivername in POSTGRES:
        return postgres.engine_of(url)
    return sqlite.engine_of(url, make=make)
