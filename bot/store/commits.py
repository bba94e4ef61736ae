"""Group commit: a single writer thread batches pending operations into one transaction."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine, Executable
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.errors import StoreError
from bot.store.database import scrub, timed_out
from bot.store.migrations import require_version
from bot.store.url import failure, place

T = TypeVar("T")


class _Asked(NamedTuple):
    """An operation that somebody waits for; with `scrub`, its traces go when it is committed.

    Those that come together run by their `order`.
    """

    operation: Callable[[Connection], Any]
    order: tuple[str, ...]
    scrub: bool
    answer: asyncio.Future[Any]


class _Done(NamedTuple):
    """What came of it: its result, or the error that undid it."""

    answer: asyncio.Future[Any]
    result: Any
    error: Exception | None = None


class _CannotBegin(Exception):
    """No transaction can be begun now, for this cause."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.cause = cause


class Commits:
    """Runs operations in transactions, one after another, and commits before it says so."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._place = place(engine.url)
        self._connection: Connection | None = None
        self._waiting: list[_Asked] = []
        self._open = True
        self._traces = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="store", daemon=True)
        self._thread.start()

    async def do(
        self,
        operation: Callable[[Connection], T],
        *,
        order: tuple[str, ...] = (),
        scrub: bool = False,
    ) -> T:
        """Run an operation; returns when it is committed. Raises StoreError when it cannot be.

        It is done wholly or not at all. It may run twice: a commit that fails may have been made
        all the same, so that the second run finds what the first one did, or the error is not true.
        Who stops waiting does not stop it. Where two replicas may write the same row, `order` names
        it: all write their rows in that order, so that no two wait for each other.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._changed:
            if not self._open:
                raise StoreError.closed()
            self._waiting.append(_Asked(operation, order, scrub, answer))
            self._changed.notify()
        return await answer

    async def change(self, statement: Executable, values: Mapping[str, object]) -> int:
        """Run a statement; returns how many rows it changed. Raises StoreError as `do` does."""

        def change(connection: Connection) -> int:
            return connection.execute(statement, values).rowcount

        return await self.do(change)

    async def close(self) -> None:
        """Take no more, finish what waits, and let go of the database."""
        with self._changed:
            self._open = False
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while batch := self._take():
            _tell(self._commit(batch))
        self._scrub(patient=True)
        self._disconnect()
        self._engine.dispose()

    def _take(self) -> list[_Asked]:
        """All that waits, as soon as something does; nothing when there will be no more."""
        with self._changed:
            while self._open and not self._waiting:
                self._changed.wait()
            batch, self._waiting = self._waiting, []
        return sorted(batch, key=lambda asked: asked.order)

    def _commit(self, batch: Sequence[_Asked]) -> list[_Done]:
        """Run them in one transaction. If one breaks it, each runs in its own, and fails alone.

        So does one whose connection broke since the last transaction, once more on a new one.
        Timeouts are not retried.
        """
        was_connected = self._connection is not None
        try:
            return self._together(batch)
        except _CannotBegin as error:
            return self._failed(batch, error.cause)
        except Exception as error:
            again = len(batch) > 1 or (was_connected and _is_gone(error))
            if not again or timed_out(error):
                return self._failed(batch, error)
        done: list[_Done] = []
        for number, asked in enumerate(batch):
            try:
                done += self._together([asked])
            except _CannotBegin as error:  # the others would wait as long, one after another
                return done + self._failed(batch[number:], error.cause)
            except Exception as error:
                done += self._failed([asked], error)
        return done

    def _together(self, batch: Sequence[_Asked]) -> list[_Done]:
        begun = False
        try:
            connection = self._connection or self._engine.connect()
            self._connection = connection
            with connection.begin():
                begun = True
                self._require_version(connection)
                done = [_Done(asked.answer, asked.operation(connection)) for asked in batch]
        except Exception as error:
            self._disconnect()  # one that failed is not trusted again
            if begun:
                raise
            raise _CannotBegin(error) from None
        self._traces |= any(asked.scrub for asked in batch)
        self._scrub()
        return done

    def _require_version(self, connection: Connection) -> None:
        """Begin nothing on a store that a newer bot has upgraded meanwhile.

        Each transaction asks, so none writes to tables that it does not know, whenever the upgrade
        came: whoever read the version keeps it as it is until the commit (on PostgreSQL an upgrade
        locks the table that is read here, and a file has one writer at a time). That costs one read
        for all that is committed together. Then nothing is accepted, so Slack sends it to a bot
        that is newer, and no lease is renewed, so that one takes over what is due.
        """
        try:
            require_version(connection, self._place)
        except StoreError as error:
            raise _CannotBegin(error) from None

    def _scrub(self, *, patient: bool = False) -> None:
        """Remove what is left of the deleted; what cannot be now is when the next batch is done."""
        if self._traces and self._connection:
            with suppress(SQLAlchemyError):
                self._traces = not scrub(self._connection, patient=patient)

    def _failed(self, batch: Sequence[_Asked], error: Exception) -> list[_Done]:
        if not isinstance(error, SQLAlchemyError):
            return [_Done(asked.answer, None, error) for asked in batch]
        return [_Done(asked.answer, None, failure(self._engine, error)) for asked in batch]

    def _disconnect(self) -> None:
        if self._connection:
            self._connection.invalidate()
            self._connection.close()
        self._connection = None


def _is_gone(error: Exception) -> bool:
    """Whether the connection broke."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _tell(done: Sequence[_Done]) -> None:
    """Tell all who wait, and wake each loop once: that is a call to the system."""
    for loop in {one.answer.get_loop() for one in done}:
        with suppress(RuntimeError):  # it is closed: nobody waits any more
            loop.call_soon_threadsafe(
                _settle, [one for one in done if one.answer.get_loop() is loop]
            )


def _settle(done: Sequence[_Done]) -> None:
    for answer, result, error in done:
        if answer.done():  # who waited was cancelled
            continue
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)
