"""The copies of a store's file from before its upgrades: FILE.before-1 is as version 1 left it."""

import re
import time
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from bot.store import sqlite
from bot.store.database import POSTGRES, failure, parse
from bot.store.forgetting import forget


class Copy(NamedTuple):
    """A copy, and the version of the store that it holds."""

    path: Path
    version: int


def copies_of(url: str) -> list[Copy]:
    """All copies of a store, oldest version first. On PostgreSQL there are none."""
    parsed = parse(url)
    if parsed.drivername in POSTGRES:
        return []
    file = sqlite.file_of(parsed).resolve()
    name = re.compile(re.escape(file.name) + r"\.before-([0-9]+)")
    found = [(path, name.fullmatch(path.name)) for path in file.parent.iterdir()]
    copies = [Copy(path, int(match[1])) for path, match in found if match]
    return sorted(copies, key=lambda copy: copy.version)


def forget_in(copy: Copy, user: str) -> int:
    """Delete all that a copy holds of a person; returns the number of rows. Raises StoreError."""
    engine = sqlite.engine_of(URL.create("sqlite", database=str(copy.path)), make=False)
    try:
        with engine.begin() as connection:
            return forget(connection, user, time.time())
    except SQLAlchemyError as error:
        raise failure(engine, error) from None
    finally:
        engine.dispose()  # with the last connection the write-ahead log goes, and all words in it
