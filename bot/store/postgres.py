"""PostgreSQL specifics: timeouts, locks shared by all replicas, and what its errors mean."""

import re
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from bot.errors import StoreError

# Slack allows three seconds to acknowledge, so everything here must be faster. The lock timeout is
# a little longer than the second after which the server looks for a deadlock.
SECONDS_TO_WAIT = 2
SECONDS_FOR_LOCK = 1.5
# How long a starting replica waits for another one's upgrade; nobody in Slack waits for it yet.
SECONDS_TO_START = 60
# How often to check, every 50 ms, whether a bot that was stopped has disconnected.
_TRIES_TO_LEAVE = 20
# The application_name of a replica, followed by " store N" for the version of the store that it
# knows, and by " model M" for its sentence model. The first release sent the name alone, and
# commands send no model. WRITER is that of the index writer's session.
NAME = "article-bot"
_NAMES = re.compile(f"{NAME}(?: store ([0-9]+)(?: model ([0-9a-z]+))?)?")
WRITER = "article-bot index"
# The index writer's session is silent for minutes, so it is probed after 10 seconds and then every
# 5. An outage of less than 25 seconds does not cost it the lock; a vanished machine keeps the lock
# that long.
_IDLE, _INTERVAL, _PROBES = 10, 5, 3
_SECONDS_OF_SILENCE = _IDLE + _INTERVAL * _PROBES

_OPTIONS = (
    f"-c statement_timeout={SECONDS_TO_WAIT}s -c lock_timeout={SECONDS_FOR_LOCK}s "
    f"-c idle_in_transaction_session_timeout={SECONDS_TO_WAIT}s"
)
_WRITERS_OPTIONS = (
    f"-c statement_timeout={_SECONDS_OF_SILENCE}s -c tcp_keepalives_idle={_IDLE} "
    f"-c tcp_keepalives_interval={_INTERVAL} -c tcp_keepalives_count={_PROBES}"
)
_TIMEOUTS = ("55P03", "57014")
_BUSY = "is too slow or locked by another program; see what it is busy with"
_FULL = "cannot grow, its server has no room; free some space"
_GONE = "closed the connection; see whether its server runs"
_FORBIDDEN = "gives this user too few rights; let it create and use tables"
_INDEX = "hashtext('article-bot index')"
# idle_session_timeout exists since PostgreSQL 14; on older servers this changes nothing.
_MAY_BE_IDLE = (
    "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'"
)
# By SQLSTATE, or by its class: the first two characters.
_REMEDIES = {
    "28": "refuses the user or the password; fix DATABASE_URL",
    "3D": "does not exist on that server; create it, or fix DATABASE_URL",
    "42501": _FORBIDDEN,
    "3F": _FORBIDDEN,
    "25006": "cannot be written now; name the server that can be written to",
    "25P03": _BUSY,
    "40": _BUSY,
    "55P03": _BUSY,
    "57014": _BUSY,
    "53300": "has no connections left; raise its max_connections, or run fewer replicas",
    "53": _FULL,
    "57": _GONE,
    "08": _GONE,
}
# A refused connection has no SQLSTATE, only a message. One in another language than English is
# reported as a server that cannot be reached.
_REFUSALS = {
    "password authentication failed": _REMEDIES["28"],
    "no password supplied": _REMEDIES["28"],
    "no pg_hba.conf entry": _REMEDIES["28"],
    '" does not exist': _REMEDIES["3D"],  # the database; a missing user is a failed password
    "too many": _REMEDIES["53300"],
    "remaining connection slots": _REMEDIES["53300"],
}


def engine_of(url: URL, version: int, model: str | None = None) -> Engine:
    """An engine for an existing database; `version` and `model` are announced to other replicas.

    Does not connect yet.
    """
    name = f"{NAME} store {version}"
    limits = {
        "application_name": name if model is None else f"{name} model {_code(model)}",
        "options": _OPTIONS,
        # Notice a server that vanished without closing the connection.
        "tcp_user_timeout": SECONDS_TO_WAIT * 1000,
        "keepalives_idle": SECONDS_TO_WAIT,
        "keepalives_interval": 1,
        "keepalives_count": 2,
    }
    return _engine(url, limits, poolclass=QueuePool, pool_size=1, max_overflow=0)


def session_of(url: URL) -> Engine:
    """An engine for one long-lived session in autocommit mode.

    If either side vanishes without closing the connection, the other notices within
    _SECONDS_OF_SILENCE.
    """
    limits = {
        "application_name": WRITER,
        "options": _WRITERS_OPTIONS,
        "tcp_user_timeout": _SECONDS_OF_SILENCE * 1000,
        "keepalives_idle": _IDLE,
        "keepalives_interval": _INTERVAL,
        "keepalives_count": _PROBES,
    }
    return _engine(url, limits, poolclass=NullPool, isolation_level="AUTOCOMMIT")


def described(url: URL) -> str:
    """The database and its server, without user and password."""
    port = f":{url.port}" if url.port else ""
    return f"the database {url.database} at {url.host or 'localhost'}{port}"


def schema_lock(connection: Connection) -> None:
    """Lock the schema until the transaction ends; other replicas wait here."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{SECONDS_TO_START}s'"))
    connection.execute(text(f"SET LOCAL statement_timeout = '{SECONDS_TO_START}s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('article-bot tables'))"))


def lock_index(connection: Connection) -> bool:
    """Lock the index until the session ends or unlocks it; False if another session holds it."""
    connection.execute(text(_MAY_BE_IDLE))
    return _says_yes(connection, f"SELECT pg_try_advisory_lock({_INDEX})")


def holds_index(connection: Connection) -> bool:
    """Whether this session still holds the index lock; it takes no other advisory lock."""
    mine = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    return _says_yes(connection, f"SELECT EXISTS ({mine})")


def unlock_index(connection: Connection) -> None:
    """Unlock the index now; the server would take a moment to notice that the session ended."""
    connection.execute(text(f"SELECT pg_advisory_unlock({_INDEX})"))


def patient(connection: Connection) -> None:
    """Lift the statement and idle timeouts for this transaction."""
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def timed_out(error: DBAPIError) -> bool:
    """Whether a statement or a lock timed out."""
    return getattr(error.orig, "sqlstate", None) in _TIMEOUTS


def others(connection: Connection) -> int:
    """How many other article-bots of any version are connected to the database."""
    return len(_versions(connection, lambda versions: not versions))


def older(connection: Connection, version: int) -> int:
    """How many connected article-bots know only older versions of the store than `version`."""

    def is_over(versions: list[int]) -> bool:
        return all(known >= version for known in versions)

    return sum(known < version for known in _versions(connection, is_over))


def with_other_model(connection: Connection, model: str) -> int:
    """How many other replicas announce another sentence model than `model`; "" is none."""
    return sum(match[2] not in (None, _code(model)) for match in _others(connection))


def lock_version(connection: Connection) -> None:
    """Block other transactions until the upgrade ends: each reads this table first."""
    connection.execute(text("LOCK TABLE store_version"))


def _versions(connection: Connection, is_over: Callable[[list[int]], bool]) -> list[int]:
    """The store version that each other article-bot knows; 0 if it does not announce one.

    The server takes a moment to notice that a session ended, so this polls for up to a second
    until `is_over(versions)` is true.
    """
    for _ in range(_TRIES_TO_LEAVE):
        versions = [int(match[1] or 0) for match in _others(connection)]
        if is_over(versions):
            break
        time.sleep(0.05)
        # Without this the transaction would see the same list again.
        connection.execute(text("SELECT pg_stat_clear_snapshot()"))
    return versions


def _others(connection: Connection) -> list[re.Match[str]]:
    """The names of the other article-bots that are connected, as _NAMES reads them."""
    query = """
        SELECT application_name FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
    """
    names = connection.execute(text(query)).scalars()
    return [match for name in names if (match := _NAMES.fullmatch(name or ""))]


def _code(model: str) -> str:
    """A sentence model in a few letters, since a longer application_name is cut."""
    return sha256(model.encode()).hexdigest()[:8] if model else "none"


def remedy(error: SQLAlchemyError) -> str:
    """What is wrong with the database, and what to do. Never quotes the server's message."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(cause, "sqlstate", None) or ""
    for length in (5, 2):
        if code and (known := _REMEDIES.get(code[:length])):
            return known
    if isinstance(error, DBAPIError) and not code:  # could not connect, or lost the connection
        said = str(cause)
        for words, known in _REFUSALS.items():
            if words in said:
                return known
        return "cannot be reached; see whether its server runs, or fix DATABASE_URL"
    return f"cannot be used ({code or type(error).__name__})"


def _engine(url: URL, limits: dict[str, Any], **how: Any) -> Engine:
    _require_driver()
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,  # they contain people's questions
        connect_args={"connect_timeout": SECONDS_TO_WAIT, **limits},
        **how,
    )


def _says_yes(connection: Connection, query: str) -> bool:
    return connection.execute(text(query)).scalar_one() is True


def _require_driver() -> None:
    """Raises StoreError when psycopg is not installed."""
    try:
        import psycopg  # noqa: F401  only needed for PostgreSQL
    except ImportError:
        raise StoreError.no_driver() from None
