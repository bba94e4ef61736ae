"""The right to write the index that the replicas share: one of them at a time has it."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from io import FileIO
from pathlib import Path

from sqlalchemy import URL, Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.store import postgres, sqlite
from bot.store.database import POSTGRES, failure, parse
from bot.store.files import locked


@dataclass(frozen=True)
class Held:
    """The right to write. Ask whether it is `still` there before what was written is published.

    Lost once, it is lost: another may have it. `still` is for one thread at a time, may take as
    long as a vanished server is waited for, and raises nothing.
    """

    still: Callable[[], bool]


@contextmanager
def writing(url: str) -> Iterator[Held | None]:
    """Hold the right to write the index which the replicas share; None when another has it.

    Tries once. The right ends with the `with` or the process, and on PostgreSQL with the connection
    to it. Raises StoreError when the store cannot be asked.
    """
    place = parse(url)
    with _in_database(place) if place.drivername in POSTGRES else _beside_file(place) as right:
        yield right


@contextmanager
def _in_database(url: URL) -> Iterator[Held | None]:
    engine = postgres.session_of(url)
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(engine.connect())
            is_ours = postgres.take_index(connection)
        except SQLAlchemyError as error:
            raise failure(engine, error) from None
        if is_ours:
            stack.callback(_give_back, connection)
        yield Held(partial(_has, connection)) if is_ours else None


def _has(connection: Connection) -> bool:
    try:
        return postgres.has_index(connection)
    except SQLAlchemyError:
        return False


def _give_back(connection: Connection) -> None:
    with suppress(SQLAlchemyError):  # it broke, and the right with it
        postgres.give_back_index(connection)


@contextmanager
def _beside_file(url: URL) -> Iterator[Held | None]:
    file = sqlite.file_of(url)
    path = file.with_name(f"{file.name}.writing")
    with locked(path) as lock:
        yield Held(partial(_stands, lock, path)) if lock is not None else None


def _stands(lock: FileIO, path: Path) -> bool:
    """Whether the file that is locked is the one that others will find."""
    try:
        return os.path.samestat(os.fstat(lock.fileno()), path.stat())
    except (OSError, ValueError):  # the latter when it is closed
        return False
