"""A copy of the store as one file, also while the bot writes: SQLite's own online backup."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreError
from bot.store.database import POSTGRES, failure, open_engine, parse
from bot.store.files import private_file


def backup(url: str, target: Path) -> None:
    """Copy all that is committed to a new file with mode 600. Raises StoreError.

    A store of an older version is copied as it is, also under its own bot.
    """
    if parse(url).drivername in POSTGRES:
        raise StoreError("DATABASE_URL names PostgreSQL; back it up with its own tool, pg_dump")
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
        raise StoreError(f"{target} exists already; name another file") from None
    except SQLAlchemyError as error:
        raise failure(engine, error) from None
    except sqlite3.Error as error:
        raise StoreError(f"{target} cannot be written ({error}); name another file") from None
    finally:
        engine.dispose()
