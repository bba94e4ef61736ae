"""What the documents did not answer, and what is done once by whichever replica comes first."""

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

# So many are read at once, the latest.
MAX_READ = 10_000


class Gaps:
    """Questions that were not answered. Where it does not remember, nothing is kept.

    `secret` is known to all that share the database, and not to the database; None is a fresh one.
    """

    def __init__(self, commits: Commits, *, remembers: bool, secret: str | None) -> None:
        self._commits, self._remembers = commits, remembers
        self._key = hashlib.blake2b(secret.encode() if secret else token_bytes(16)).digest()

    async def add(self, asked: Unanswered) -> None:
        """Keep a question that did not come through the inbox, or a thumb down."""
        await self._commits.do(lambda connection: self.write(connection, asked))

    async def take_back(self, vote: Unanswered) -> None:
        """A thumb is down no longer."""
        where = its(team=vote.team, channel=vote.channel, message=vote.message, user=vote.user)
        await self._commits.change(sql.REMOVE_GAP, where)

    async def since(self, when: float) -> list[Unanswered]:
        """Those since a time, the latest first."""
        values = {"since": when, "most": MAX_READ}

        def read(connection: Connection) -> list[Unanswered]:
            rows = connection.execute(sql.GAPS_SINCE, values).mappings()
            return [Unanswered(**{**row, "down": bool(row["down"])}) for row in rows]

        return await self._commits.do(read)

    def write(self, connection: Connection, asked: Unanswered) -> None:
        """Keep one, in the transaction of another operation."""
        if not self._remembers:
            return
        digest = hashlib.blake2b(asked.asks.encode("utf-8", "replace"), key=self._key[:16])
        kept = asdict(asked) | {"asks": digest.hexdigest()[:16], "down": int(asked.down)}
        if not asked.channel:
            kept["question"] = ""
        connection.execute(sql.ADD_GAP, kept)


class Once:
    """What is done by one replica, and once; and what one tells the others by."""

    def __init__(self, commits: Commits, clock: Callable[[], float]) -> None:
        self._commits, self._clock = commits, clock

    async def is_first(self, what: str, subject: str) -> bool:
        """Whether nobody did it yet; from now on somebody did."""
        values = {"what": what, "subject": subject, "at": self._clock()}
        return bool(await self._commits.change(sql.FIRST_TIME, values))

    async def undo(self, what: str, subject: str) -> None:
        """It was not done after all."""
        await self._commits.change(sql.UNDO_ONCE, its(what=what, subject=subject))

    async def counting_up(self, name: str, work: Callable[[], T]) -> T:
        """Do something that no two replicas may do at a time, and tell the others.

        It may be done twice; where it fails, nobody is told.
        """

        def do(connection: Connection) -> T:
            connection.execute(sql.COUNT_UP, {"name": name})  # the others wait for this row
            return work()

        return await self._commits.do(do, order=(name,))

    async def counted(self, name: str) -> int:
        """How often it changed."""
        return await self._commits.do(
            lambda connection: connection.execute(sql.COUNTER, its(name=name)).scalar() or 0
        )
