"""Unanswered questions, and coordination of replicas: actions done once, and shared counters."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from secrets import token_bytes
from typing import TypeVar

from sqlalchemy import Connection

from bot.store import statements as sql
from bot.store.commits import Commits
from bot.store.records import Unanswered
from bot.store.statements import its

T = TypeVar("T")

# At most this many are read, the latest.
MAX_READ = 10_000


class Gaps:
    """Questions that were not answered. Without `remembers`, nothing is stored.

    `secret` keys the digests of questions. All replicas share it, but it is not in the database.
    None uses a random one.
    """

    def __init__(self, commits: Commits, *, remembers: bool, secret: str | None) -> None:
        self._commits, self._remembers = commits, remembers
        self._key = hashlib.blake2b(secret.encode() if secret else token_bytes(16)).digest()

    async def add(self, asked: Unanswered) -> None:
        """Store a question that did not come through the inbox, or a thumbs-down."""
        await self._commits.do(lambda connection: self.write(connection, asked))

    async def take_back(self, vote: Unanswered) -> None:
        """Delete a thumbs-down that its voter has withdrawn."""
        where = its(team=vote.team, channel=vote.channel, message=vote.message, user=vote.user)
        await self._commits.change(sql.REMOVE_GAP, where)

    async def since(self, when: float) -> list[Unanswered]:
        """Those asked since a time (seconds since 1970), latest first, at most MAX_READ."""
        values = {"since": when, "most": MAX_READ}

        def read(connection: Connection) -> list[Unanswered]:
            rows = connection.execute(sql.GAPS_SINCE, values).mappings()
            return [Unanswered(**{**row, "down": bool(row["down"])}) for row in rows]

        return await self._commits.do(read)

    def write(self, connection: Connection, asked: Unanswered) -> None:
        """Store one as part of the caller's transaction.

        Only a digest of `asks` is stored, and no words of a question that was asked in private.
        """
        if not self._remembers:
            return
        digest = hashlib.blake2b(asked.asks.encode("utf-8", "replace"), key=self._key[:16])
        kept = asdict(asked) | {"asks": digest.hexdigest()[:16], "down": int(asked.down)}
        if not asked.channel:
            kept["question"] = ""
        connection.execute(sql.ADD_GAP, kept)


class Once:
    """Actions that only one replica may do, once, and counters that replicas watch for changes."""

    def __init__(self, commits: Commits, clock: Callable[[], float]) -> None:
        self._commits, self._clock = commits, clock

    async def is_first(self, what: str, subject: str) -> bool:
        """Record that something is done; False if it was recorded already."""
        values = {"what": what, "subject": subject, "at": self._clock()}
        return bool(await self._commits.change(sql.FIRST_TIME, values))

    async def undo(self, what: str, subject: str) -> None:
        """Remove the record, because the action failed."""
        await self._commits.change(sql.UNDO_ONCE, its(what=what, subject=subject))

    async def counting_up(self, name: str, work: Callable[[], T]) -> T:
        """Run `work` while no other replica does, and increment a counter that the others watch.

        `work` may run twice. If it fails, the counter stays as it was.
        """

        def do(connection: Connection) -> T:
            connection.execute(sql.COUNT_UP, {"name": name})  # the others wait for this row
            return work()

        return await self._commits.do(do, order=(name,))

    async def counted(self, name: str) -> int:
        """The value of a counter; 0 if it was never incremented."""
        return await self._commits.do(
            lambda connection: connection.execute(sql.COUNTER, its(name=name)).scalar() or 0
        )
