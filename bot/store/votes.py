"""Votes on answers, and which answers were shared with the channel."""

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
    """Votes on whether an answer helped. If `remembers` is false, votes are anonymous.

    `secret` keys the hash that stands for the user of an anonymous vote. All replicas must share
    it, and it is never stored in the database; None generates a random one.
    """

    def __init__(self, commits: Commits, *, remembers: bool, secret: str | None) -> None:
        self._commits, self._remembers = commits, remembers
        known = secret.encode() if secret else token_bytes(16)
        self._salt = hashlib.blake2b(known, digest_size=16).digest()

    async def vote(self, vote: Vote) -> int | None:
        """Count a click; returns the person's vote on the message now.

        The other thumb replaces the vote; the same thumb again removes it and returns 0. Returns
        None for a click no later than the last one, since that is a duplicate delivery.

        If `remembers` is false, the question is not stored and the user is replaced by a keyed
        hash. Only processes with the secret can compute it, so they recognize a person's second
        vote, but nobody can tell from the database whose vote it is.
        """
        values = asdict(vote)
        if not self._remembers:
            values |= {"user": self._nobody(vote), "question": ""}
        return await self._commits.do(
            lambda connection: connection.execute(sql.VOTE, values).scalar_one_or_none()
        )

    async def tally(self, team: str, channel: str, message: str) -> tuple[int, int]:
        """The numbers of votes for and against an answer."""
        where = its(team=team, channel=channel, message=message)
        return await self._commits.do(lambda connection: counted(connection, sql.TALLY, where))

    def _nobody(self, vote: Vote) -> str:
        whose = "\n".join((vote.team, vote.channel, vote.message, vote.user))
        digest = hashlib.blake2b(whose.encode("utf-8", "replace"), key=self._salt, digest_size=16)
        return ANONYMOUS + digest.hexdigest()


class Shares:
    """Private answers that were shared with the channel; of two clicks only one shares."""

    def __init__(self, commits: Commits, clock: Callable[[], float]) -> None:
        self._commits, self._clock = commits, clock

    async def share(self, team: str, channel: str, message: str) -> bool:
        """Claim the share of an answer; False if it is being shared or was a moment ago."""
        values = {"team": team, "channel": channel, "message": message, "shared_at": self._clock()}
        return bool(await self._commits.change(sql.SHARE, values))

    async def unshare(self, team: str, channel: str, message: str) -> None:
        """Undo `share`: the answer was not shared after all."""
        await self._commits.change(sql.UNSHARE, its(team=team, channel=channel, message=message))


def counted(
    connection: Connection, statement: Executable, where: Mapping[str, object]
) -> tuple[int, int]:
    """Run a statement that counts votes; returns the numbers for and against."""
    up, down = connection.execute(statement, where).one()
    return up, down
