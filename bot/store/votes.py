"""Votes on answers, and which answers were shared with all."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from secrets import token_bytes

from sqlalchemy import Connection, Executable

from bot.store import statements as sql
from bot.store.commits import Commits
from bot.store.records import Vote
from bot.store.statements import ANONYMOUS, its


class Votes:
    """Who found an answer helpful. Where it does not remember, nobody can tell whose a vote is.

    `secret` is known to all that share the database, and not to the database; None is a fresh one.
    """

    def __init__(self, commits: Commits, *, remembers: bool, secret: str | None) -> None:
        self._commits, self._remembers = commits, remembers
        known = secret.encode() if secret else token_bytes(16)
        self._salt = hashlib.blake2b(known, digest_size=16).digest()

    async def vote(self, vote: Vote) -> int | None:
        """Count a click; returns what the person's vote on the message is now, or None.

        The other thumb replaces the first vote, and the same one takes it back: 0. A click that is
        no later than the last one was delivered twice: None.

        Where nothing is kept, its question is not, and instead of the user there is what only this
        process could make, or those that share the database and its secret: they know the person's
        second vote, and nobody can tell from the database whose it is.
        """
        values = asdict(vote)
        if not self._remembers:
            values |= {"user": self._nobody(vote), "question": ""}
        return await self._commits.do(
            lambda connection: connection.execute(sql.VOTE, values).scalar_one_or_none()
        )

    async def tally(self, team: str, channel: str, message: str) -> tuple[int, int]:
        """The votes for and against an answer."""
        where = its(team=team, channel=channel, message=message)
        return await self._commits.do(lambda connection: counted(connection, sql.TALLY, where))

    def _nobody(self, vote: Vote) -> str:
        whose = "\n".join((vote.team, vote.channel, vote.message, vote.user))
        digest = hashlib.blake2b(whose.encode("utf-8", "replace"), key=self._salt, digest_size=16)
        return ANONYMOUS + digest.hexdigest()


class Shares:
    """Which answers, that one person saw, were shown to all: of two clicks one does it."""

    def __init__(self, commits: Commits, clock: Callable[[], float]) -> None:
        self._commits, self._clock = commits, clock

    async def share(self, team: str, channel: str, message: str) -> bool:
        """Whether to show it now: False when that is being done, or was a moment ago."""
        values = {"team": team, "channel": channel, "message": message, "shared_at": self._clock()}
        return bool(await self._commits.change(sql.SHARE, values))

    async def unshare(self, team: str, channel: str, message: str) -> None:
        """It was not shown after all."""
        await self._commits.change(sql.UNSHARE, its(team=team, channel=channel, message=message))


def counted(
    connection: Connection, statement: Executable, where: Mapping[str, object]
) -> tuple[int, int]:
    """The votes for and against."""
    up, down = connection.execute(statement, where).one()
    return up, down
