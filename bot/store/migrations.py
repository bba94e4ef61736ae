"""Schema migrations: an older store is upgraded step by step, one version at a time.

To change the schema, change `schema`, write a step that makes the same change in an existing store,
and add it to STEPS. A step is SQL that both databases accept. Never edit a released step, and never
use the tables of `schema` in one: they keep changing, and the step must not change with them.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, inspect, select, text, update

from bot.errors import StoreError
from bot.store.schema import store_version

Step = Callable[[Connection], None]


def _add_shares(connection: Connection) -> None:
    """Add the table of shared messages.

    Version 1 exists in several forms: the first had no leases, and its `pace` had no messages.
    """
    if "owner" not in _columns(connection, "inbox"):
        _run(connection, "ALTER TABLE inbox ADD COLUMN owner VARCHAR NOT NULL DEFAULT ''")
        _run(
            connection,
            "ALTER TABLE inbox ADD COLUMN leased_until DOUBLE PRECISION NOT NULL DEFAULT 0",
        )
    if "message" not in _columns(connection, "pace"):  # its counts only matter for a minute
        _run(connection, "DROP TABLE IF EXISTS pace")
        _run(
            connection,
            """
            CREATE TABLE pace (
                team VARCHAR NOT NULL, "user" VARCHAR NOT NULL, minute INTEGER NOT NULL,
                message VARCHAR NOT NULL, questions INTEGER NOT NULL,
                PRIMARY KEY (team, "user", minute, message)
            )
            """,
        )
    _run(
        connection,
        """
        CREATE TABLE shares (
            team VARCHAR NOT NULL, channel VARCHAR NOT NULL, message VARCHAR NOT NULL,
            shared_at DOUBLE PRECISION NOT NULL,
            PRIMARY KEY (team, channel, message)
        )
        """,
    )


def _add_client_msg_id(connection: Connection) -> None:
    """Add the client's ID of a message, by which a message that arrives twice is recognised."""
    _run(connection, "ALTER TABLE inbox ADD COLUMN client_msg_id VARCHAR NOT NULL DEFAULT ''")
    _run(
        connection,
        """
        CREATE UNIQUE INDEX inbox_by_client_msg_id ON inbox (team, channel, client_msg_id)
        WHERE client_msg_id <> ''
        """,
    )


def _add_gaps(connection: Connection) -> None:
    """Add the tables of unanswered questions, of actions done once, and of counters."""
    _run(
        connection,
        """
        CREATE TABLE gaps (
            team VARCHAR NOT NULL, channel VARCHAR NOT NULL, message VARCHAR NOT NULL,
            "user" VARCHAR NOT NULL, asks VARCHAR NOT NULL, question VARCHAR NOT NULL,
            outcome VARCHAR NOT NULL, document VARCHAR NOT NULL, passage INTEGER NOT NULL,
            down INTEGER NOT NULL, asked_at DOUBLE PRECISION NOT NULL,
            PRIMARY KEY (team, channel, message, "user")
        )
        """,
    )
    _run(connection, "CREATE INDEX gaps_by_asked_at ON gaps (asked_at)")
    _run(
        connection,
        """
        CREATE TABLE once (
            what VARCHAR NOT NULL, subject VARCHAR NOT NULL, at DOUBLE PRECISION NOT NULL,
            PRIMARY KEY (what, subject)
        )
        """,
    )
    _run(
        connection,
        """
        CREATE TABLE counters (
            name VARCHAR NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (name)
        )
        """,
    )


# The step that upgrades the previous version to each version.
STEPS: Mapping[int, Step] = {2: _add_shares, 3: _add_client_msg_id, 4: _add_gaps}
VERSION = max(STEPS)
FIRST = min(STEPS) - 1


def find_version(connection: Connection, place: str) -> int | None:
    """The version of the store in a database; None if the database is empty.

    Raises StoreError if it holds anything else.
    """
    found = set(inspect(connection).get_table_names())
    if not found:
        return None
    if store_version.name not in found:
        raise StoreError.foreign(place)
    match connection.execute(_VERSION).scalars().all():
        case [int(version)] if version >= FIRST:
            return version
    raise StoreError.no_version(place)


def upgrade(connection: Connection, version: int, steps: Mapping[int, Step]) -> int:
    """Run the steps from a version to the newest in one transaction; returns the newest."""
    for number in range(version + 1, max(steps) + 1):
        steps[number](connection)
    connection.execute(update(store_version).values(version=max(steps)))
    return max(steps)


def require_version(connection: Connection, place: str) -> None:
    """Raises StoreError if an open store no longer has this version."""
    version = connection.execute(_VERSION).scalar()
    if version != VERSION:
        refuse_newer(version or 0, VERSION, place)
        raise StoreError.replaced(place)


def refuse_newer(version: int, known: int, place: str) -> None:
    """Raises StoreError if only a newer article-bot can read the store."""
    if version > known:
        raise StoreError.newer(place, version, known)


_VERSION = select(store_version.c.version)


def _columns(connection: Connection, table: str) -> set[str]:
    """The columns of a table; none if there is no such table."""
    look = inspect(connection)
    return (
        {column["name"] for column in look.get_columns(table)} if look.has_table(table) else set()
    )


def _run(connection: Connection, command: str) -> None:
    connection.execute(text(command))
