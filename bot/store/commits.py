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
    """A pending operation and the future that its caller awaits.

    A batch runs in the order of `order`. With `scrub`, deleted data is overwritten after the
    commit.
    """

    operation: Callable[[Connection], Any]
    order: tuple[str, ...]
    scrub: bool
    answer: asyncio.Future[Any]


class _Done(NamedTuple):
    """The outcome of an operation: its result, or the error that rolled it back."""

    answer: asyncio.Future[Any]
    result: Any
    error: Exception | None = None


class _CannotBegin(Exception):
    """No transaction can begin now; `cause` says why."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.cause = cause


class Commits:
    """Runs operations one after another in batched transactions; each returns once committed."""

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
        """Run an operation and return its result once it is committed.

        Raises StoreError when the database fails; an error of the operation itself is passed on.

        The operation is atomic but may run twice: a commit that reports an error may have
        succeeded, so the second run may see what the first one wrote, or the error may be wrong.
        Cancelling the caller does not cancel the operation. If two replicas may write the same row,
        name the row in `order`: every batch writes its rows in that order, which avoids deadlocks.
        With `scrub`, deleted data is also overwritten on disk after the commit.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._changed:
            if not self._open:
                raise StoreError.closed()
            self._waiting.append(_Asked(operation, order, scrub, answer))
            self._changed.notify()
        return await answer

    async def change(self, statement: Executable, values: Mapping[str, object]) -> int:
        """Run a statement and return how many rows it changed. Raises StoreError, like `do`."""

        def change(connection: Connection) -> int:
            return connection.execute(statement, values).rowcount

        return await self.do(change)

    async def close(self) -> None:
        """Accept nothing more, finish what is pending, and disconnect."""
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
        """Wait for pending operations and return them all; an empty list once closed."""
        with self._changed:
            while self._open and not self._waiting:
                self._changed.wait()
            batch, self._waiting = self._waiting, []
        return sorted(batch, key=lambda asked: asked.order)

    def _commit(self, batch: Sequence[_Asked]) -> list[_Done]:
        """Run the batch in one transaction. If that fails, retry each operation in its own.

        A batch of one is retried only if its connection had broken since the last transaction.
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
            except _CannotBegin as error:  # each of the others would wait just as long
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
            self._disconnect()  # do not trust a connection that failed
            if begun:
                raise
            raise _CannotBegin(error) from None
        self._traces |= any(asked.scrub for asked in batch)
        self._scrub()
        return done

    def _require_version(self, connection: Connection) -> None:
        """Refuse to write to a store that a newer bot has upgraded in the meantime.

        Every transaction checks the version, so none writes to tables that it does not know.
        The version cannot change between this read and the commit: on PostgreSQL an upgrade locks
        the table that is read here, and an SQLite file has one writer at a time. The check costs
        one read per batch. After an upgrade this bot accepts nothing, so Slack redelivers to a
        newer bot, and it renews no lease, so a newer bot takes over its questions.
        """
        try:
            require_version(connection, self._place)
        except StoreError as error:
            raise _CannotBegin(error) from None

    def _scrub(self, *, patient: bool = False) -> None:
        """Overwrite deleted data on disk; if that fails, try again after the next batch."""
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
    """Whether the error broke the connection."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _tell(done: Sequence[_Done]) -> None:
    """Settle all futures, waking each event loop only once because that is a system call."""
    for loop in {one.answer.get_loop() for one in done}:
        with suppress(RuntimeError):  # the loop is closed, so nobody waits any more
            loop.call_soon_threadsafe(
                _settle, [one for one in done if one.answer.get_loop() is loop]
            )


def _settle(done: Sequence[_Done]) -> None:
    for answer, result, error in done:
        if answer.done():  # the caller was cancelled
            continue
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)
