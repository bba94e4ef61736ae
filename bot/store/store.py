"""The store: what is kept, and for how long."""

import time
from collections.abc import Callable
from functools import partial
from typing import Self

from sqlalchemy import Connection, Engine

from bot.store import statements as sql
from bot.store.commits import Commits
from bot.store.database import is_shared, open_engine, patient, with_other_model
from bot.store.forgetting import crossed_out, forget
from bot.store.gaps import Gaps, Once
from bot.store.history import History
from bot.store.inbox import Inbox
from bot.store.records import State
from bot.store.url import place
from bot.store.votes import Shares, Votes, counted

DAY = 24 * 60 * 60
# Days for which actions done once are remembered.
DAYS_OF_ONCE = 90


def open_store(
    url: str,
    keep_days: int = 30,
    *,
    make: bool = True,
    is_alone: bool = False,
    clock: Callable[[], float] = time.time,
    secret: str | None = None,
    lease: float = 30.0,
    max_due: int = 10_000,
    model: str | None = None,
) -> "Store":
    """Open the store at a database URL. With `make`, it is created if it does not exist.

    An older store is upgraded. Pass `is_alone` if the caller already holds `single_instance`.
    Data with questions or user IDs is kept for `keep_days`. `secret` keys digests; all replicas
    share it, but it is not in the database. A replica owns the messages it accepts for `lease`
    seconds and can renew that. At most `max_due` messages may wait for an answer. `model` is the
    sentence model that this replica has, "" for none. Raises StoreError if the database holds
    something else or cannot be used; nothing is overwritten.
    """
    engine = open_engine(url, make=make, is_alone=is_alone, model=model)
    return Store(engine, keep_days, clock, secret, lease, max_due)


class Store:
    """The inbox, the history of questions, votes, shares and gaps.

    Everything survives a restart: each method returns once its change is on disk, and raises
    StoreError if that fails. `sweep` deletes whatever holds a question's text or a user's ID after
    `keep_days`. With 0, it is deleted as soon as the answer is delivered, and no history is kept.
    """

    def __init__(
        self,
        engine: Engine,
        keep_days: int,
        clock: Callable[[], float],
        secret: str | None,
        lease: float,
        max_due: int,
    ) -> None:
        self._commits = commits = Commits(engine)
        self._keep_days = keep_days
        self._clock = clock
        self.is_shared = is_shared(engine)
        remembers = keep_days > 0
        self.gaps = Gaps(commits, remembers=remembers, secret=secret)
        self.once = Once(commits, clock)
        self.inbox = Inbox(
            commits,
            self.gaps,
            clock,
            is_shared=self.is_shared,
            remembers=remembers,
            lease=lease,
            max_due=max_due,
            place=place(engine.url),
        )
        self.history = History(commits, clock, remembers=remembers)
        self.votes = Votes(commits, remembers=remembers, secret=secret if self.is_shared else None)
        self.shares = Shares(commits, clock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Finish pending operations and close the database."""
        await self._commits.close()

    async def state(self) -> State:
        """What is due, and the outcomes and votes of the last 24 hours.

        Raises StoreError, also when an SQLite file is read-only.
        """
        since = {"since": self._clock() - DAY}

        def state(connection: Connection) -> State:
            if not self.is_shared:
                connection.execute(sql.TRY_TO_WRITE)
            due, oldest = connection.execute(sql.DUE).one()
            outcomes = {row[0]: row[1] for row in connection.execute(sql.OUTCOMES_SINCE, since)}
            return State(due, oldest, outcomes, *counted(connection, sql.VOTES_SINCE, since))

        return await self._commits.do(state)

    async def with_other_model(self, model: str) -> int:
        """How many other replicas have another sentence model, so that their answers differ."""
        return await self._commits.do(partial(with_other_model, model=model))

    async def sweep(self) -> int:
        """Delete what has expired; returns how many messages expired unanswered.

        Keys of messages, which hold neither text nor user, and anonymous votes are kept for at
        least a day. So are messages that are due: a later answer would come too late.
        """
        now = self._clock()
        kept = {"until": now - self._keep_days * DAY}
        at_least_a_day = {"until": now - max(self._keep_days, 1) * DAY}

        def sweep(connection: Connection) -> int:
            patient(connection)
            expired = connection.execute(sql.EXPIRE, at_least_a_day | crossed_out("expired", now))
            connection.execute(sql.SWEEP_INBOX, at_least_a_day)
            connection.execute(sql.SWEEP_THREADS, kept)
            connection.execute(sql.SWEEP_FEEDBACK, at_least_a_day)
            connection.execute(sql.SWEEP_SHARES, at_least_a_day)
            connection.execute(sql.SWEEP_GAPS, kept)
            connection.execute(sql.SWEEP_ONCE, {"until": now - DAYS_OF_ONCE * DAY})
            connection.execute(sql.SWEEP_PACE, {"minute": int(now // 60)})
            if not self._keep_days:
                connection.execute(sql.SWEEP_NAMED)
            return expired.rowcount

        return await self._commits.do(sweep, scrub=True)

    async def forget(self, user: str) -> int:
        """Delete everything stored about a person; returns the number of rows.

        Messages that are due keep their key, because Slack may redeliver them.
        """
        now = self._clock()
        return await self._commits.do(lambda connection: forget(connection, user, now), scrub=True)
