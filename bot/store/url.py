"""A database URL, what a person calls it, and the sentence for what goes wrong with it."""

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.errors import StoreError
from bot.store import postgres, sqlite

POSTGRES = ("postgresql", "postgresql+psycopg")


def parse(url: str, name: str = "a database URL") -> URL:
    """A URL of a database that we know. Raises StoreError, which has its name and not the URL."""
    # What follows is the file's name to the letter: a folder's name may hold any character.
    file = url.removeprefix("sqlite:///")
    if file != url and file not in ("", ":memory:"):
        return URL.create("sqlite", database=file)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        raise StoreError.wrong_url(name) from None
    if parsed.drivername not in POSTGRES or not parsed.database:
        raise StoreError.wrong_url(name)
    return parsed


def has_nothing(url: str) -> bool:
    """Whether no store can be there: a file that does not exist. Raises StoreError."""
    parsed = parse(url)
    return parsed.drivername not in POSTGRES and not sqlite.file_of(parsed).exists()


def place(url: URL) -> str:
    """What a person calls the database: its file, or its name and server."""
    return postgres.described(url) if url.drivername in POSTGRES else str(sqlite.file_of(url))


def failure(engine: Engine, error: SQLAlchemyError) -> StoreError:
    """The sentence for an error: where, what, and what to do. It holds nothing of what was kept."""
    of = postgres if engine.dialect.name == "postgresql" else sqlite
    return StoreError.of(place(engine.url), of.remedy(error))
