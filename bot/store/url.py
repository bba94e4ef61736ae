"""Database URLs: parsing them, their names for people, and their errors as sentences."""

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.errors import StoreError
from bot.store import postgres, sqlite

POSTGRES = ("postgresql", "postgresql+psycopg")


def parse(url: str, name: str = "a database URL") -> URL:
    """Parse the URL of a supported database.

    Raises StoreError, which quotes `name` (such as a setting) and never the URL: it may hold a
    password.
    """
    # The rest is the file name, taken literally: a folder's name may hold any character.
    file = url.removeprefix("sqlite:///")
    if file != url and file not in ("", ":memory:"):
        return URL.create("sqlite", database=file)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: the port is not a number
        raise StoreError.wrong_url(name) from None
    if parsed.drivername not in POSTGRES or not parsed.database:
        raise StoreError.wrong_url(name)
    return parsed


def has_nothing(url: str) -> bool:
    """Whether the URL names a file that does not exist. Raises StoreError for a wrong URL."""
    parsed = parse(url)
    return parsed.drivername not in POSTGRES and not sqlite.file_of(parsed).exists()


def place(url: URL) -> str:
    """The database's name for people: its file, or its name and server."""
    return postgres.described(url) if url.drivername in POSTGRES else str(sqlite.file_of(url))


def failure(engine: Engine, error: SQLAlchemyError) -> StoreError:
    """An error as a sentence: where, what, and what to do. It contains no stored data."""
    of = postgres if engine.dialect.name == "postgresql" else sqlite
    return StoreError.of(place(engine.url), of.remedy(error))
