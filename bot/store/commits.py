"""One thread with one connection: what waits together is committed together."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.errors import StoreError
from bot.store.database import failure, place, scrub, waited_in_vain

T = TypeVar("T")


class _Asked(NamedTuple):
    """An operation that somebody waits for; with `scrub`, its traces go when it is committed.

    Those that come together run by their `order`.
    """

    operation: Callable[[Connection], Any]
    order: tuple[str, ...]
    scrub: bool
    answer: asyncio.Future[Any]

    def settle(self, result: Any, error: Exception | None = None) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.answer.get_loop().call_soon_threadsafe(_settle, self.answer, result, error)


class Commits:
    """Runs operations in transactions, one after another, and commits before it says so."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._waiting: list[_Asked] = []
        self._open = True
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

        It may run twice, the first time in vain. It is done wholly or not at all; who stops
        waiting does not stop it. Where two replicas may write the same row, `order` names it: all
        write their rows in that order, so that no two wait for each other.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._changed:
            if not self._open:
                raise StoreError("the store is closed; start article-bot again")
            self._waiting.append(_Asked(operation, order, scrub, answer))
            self._changed.notify()
        return await answer

    async def close(self) -> None:
        """Take no more, finish what waits, and let go of the database."""
        with self._changed:
            self._open = False
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while batch := self._take():
            self._commit(batch)
        self._disconnect()
        self._engine.dispose()

    def _take(self) -> list[_Asked]:
        """All that waits, as soon as something does; nothing when there will be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._open)
            batch, self._waiting = self._waiting, []
        return sorted(batch, key=lambda asked: asked.order)

    def _commit(self, batch: list[_Asked]) -> bool:
        """Run them in one transaction. If one breaks it, each runs in its own, and fails alone.

        So does one whose connection broke since the last transaction, once more on a new one. What
        waited in vain has no time to wait again. Returns False when none could be begun.
        """
        known, begun, results = self._connection is not None, False, None
        try:
            connection = self._connection or self._engine.connect()
            self._connection = connection
            with connection.begin():
                begun = True
                results = [asked.operation(connection) for asked in batch]
        except Exception as error:
            self._disconnect()  # one that failed is not trusted again
            was_old = known and results is None and _is_gone(error)
            if begun and (len(batch) > 1 or was_old) and not waited_in_vain(error):
                self._commit_each(batch)
            else:
                self._fail(batch, error)
        else:
            if any(asked.scrub for asked in batch):
                with suppress(SQLAlchemyError):  # another program reads: the next one does it
                    scrub(connection)
            for asked, result in zip(batch, results, strict=True):
                asked.settle(result)
        return begun

    def _commit_each(self, batch: list[_Asked]) -> None:
        """Run each in a transaction of its own; when there is no database, all fail at once."""
        for number, asked in enumerate(batch, start=1):
            if not self._commit([asked]):
                error = StoreError(f"{place(self._engine.url)} went away; see whether it is there")
                self._fail(batch[number:], error)
                return

    def _disconnect(self) -> None:
        if self._connection:
            self._connection.invalidate()
            self._connection.close()
        self._connection = None

    def _fail(self, batch: list[_Asked], error: Exception) -> None:
        for asked in batch:
            if isinstance(error, SQLAlchemyError):
                asked.settle(None, failure(self._engine, error))
            else:
                asked.settle(None, error)


def _is_gone(error: Exception) -> bool:
    """Whether the connection broke before the operation did anything."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _settle(answer: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if answer.done():  # who waited was cancelled
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
