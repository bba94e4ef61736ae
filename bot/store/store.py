"""The store: what it promises to keep, and for how long."""

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any, Self

from sqlalchemy import Connection, Engine, Executable, Row

from bot.errors import InboxFull
from bot.store import statements as sql
from bot.store.commits import Commits
from bot.store.database import open_engine
from bot.store.records import Due, Received, State, Vote
from bot.store.statements import ANONYMOUS, its

# How many messages may wait for their answer.
MOST_DUE = 10_000
DAY = 24 * 60 * 60
_FIELDS = tuple(field.name for field in fields(Received))


def open_store(
    url: str,
    keep_days: int = 30,
    *,
    make: bool = True,
    clock: Callable[[], float] = time.time,
) -> "Store":
    """The store at a database URL; with `make` it is made where there is nothing yet.

    Raises StoreError when there is something else, or it cannot be used; nothing is overwritten.
    """
    return Store(open_engine(url, make=make), keep_days, clock)


class Store:
    """What was received and is not answered, who asked what, and votes.

    All of it outlives the process: each method returns when its change is on the disk, and raises
    StoreError when it is not. What holds a question's text or a user's id is deleted by `sweep`
    after `keep_days`; with 0 it goes as soon as the answer is delivered, and nothing is remembered.
    """

    def __init__(self, engine: Engine, keep_days: int, clock: Callable[[], float]) -> None:
        self._commits = Commits(engine)
        self._keep_days = keep_days
        self._clock = clock
        self._salt = secrets.token_bytes(16)
        # So many more may be due before they must be counted.
        self._room = 0
        # Messages that may be there without anybody having been told.
        self._untold: set[tuple[str, str, str]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Finish what was begun, and let go of the database."""
        await self._commits.close()

    # The inbox

    async def accept(self, received: Received) -> bool:
        """Write a message down; False when it was there already, answered or not.

        Of each message one caller is told that it is new: the next one, where an error or who
        stopped waiting kept it from the first. Raises InboxFull when too many are due.
        """
        values = _values(received)
        new = False

        def accept(connection: Connection) -> bool:
            nonlocal new
            if self._has_room(connection) and connection.execute(sql.ACCEPT, values).rowcount:
                self._room -= 1
                new = True
            elif not connection.execute(sql.KNOWN, _key(received)).scalar_one():
                return False
            elif received.key in self._untold:
                self._untold.discard(received.key)
                new = True  # and stays so if this runs again
            return True

        try:
            written = await self._commits.do(accept)
        except BaseException:  # it may be written all the same
            self._untold.add(received.key)
            raise
        if not written:
            raise InboxFull(f"{MOST_DUE:,} messages are due; they must be answered first")
        if new:  # another try of the same may have failed meanwhile
            self._untold.discard(received.key)
        return new

    def _has_room(self, connection: Connection) -> bool:
        """Whether one more may be due. They are counted again when so many came since."""
        if self._room <= 0:
            self._room = MOST_DUE - connection.execute(sql.NUMBER_DUE).scalar_one()
        return self._room > 0

    async def unfinished(self) -> list[Due]:
        """All that were accepted and have no outcome yet, the oldest first."""
        rows = await self._commits.do(lambda connection: connection.execute(sql.UNFINISHED).all())
        return [_as_due(row) for row in rows]

    async def finish(
        self, received: Received, outcome: str, *, remember: bool, why: str = ""
    ) -> None:
        """Cross a message out: of its row the key and the outcome stay, not who asked what.

        `why` is the reason when it could not be answered; it must hold nothing of the question.
        With `remember` the question becomes one of its thread. A message that is crossed out
        already stays as it is.
        """
        values = _key(received) | self._crossed_out(outcome) | {"why": why}
        question = {
            "team": received.team,
            "channel": received.channel,
            "thread": received.thread,
            "user": received.user,
            "text": received.text,
            "asked_at": received.received_at,
        }

        def finish(connection: Connection) -> None:
            was_due = connection.execute(sql.FINISH, values).rowcount
            if was_due and remember and self._keep_days:
                connection.execute(sql.REMEMBER, question)

        await self._commits.do(finish, scrub=not self._keep_days)

    async def postpone(self, received: Received, due_at: float, why: str) -> None:
        """A try failed: when to make the next one. `why` must hold nothing of the question."""
        values = _key(received) | {"due_at": due_at, "why": why}
        await self._change(sql.POSTPONE, values)

    # Who asked what

    async def remember(
        self, team: str, channel: str, thread: str | None, user: str, text: str
    ) -> None:
        """Keep a question that did not come through the inbox."""
        question = {
            "team": team,
            "channel": channel,
            "thread": thread or "",
            "user": user,
            "text": text,
            "asked_at": self._clock(),
        }
        if self._keep_days:
            await self._change(sql.REMEMBER, question)

    async def earlier(
        self, team: str, channel: str, thread: str | None, user: str, most: int
    ) -> tuple[str, ...]:
        """A person's latest questions in a thread, or without one in a channel, oldest first."""
        where = its(team=team, channel=channel, user=user)
        if thread is None:
            latest = await self._texts(sql.EARLIER_IN_CHANNEL, where, most)
        else:
            latest = await self._texts(sql.EARLIER_IN_THREAD, where | its(thread=thread), most)
        return latest[::-1]

    async def has_asked(self, team: str, channel: str, thread: str, user: str) -> bool:
        """Whether a person has a question in a thread, answered or still due."""
        where = its(team=team, channel=channel, thread=thread, user=user)
        return await self._commits.do(
            lambda connection: bool(connection.execute(sql.HAS_ASKED, where).scalar_one())
        )

    async def last_questions(self, team: str, user: str, most: int) -> tuple[str, ...]:
        """A person's latest questions anywhere, each once, newest first."""
        return await self._texts(sql.LAST_QUESTIONS, its(team=team, user=user), most)

    # Votes

    async def vote(self, vote: Vote) -> None:
        """Count a vote; a person's second one on a message replaces the first.

        Where nothing is kept, its question is not, and instead of the user there is what only this
        process could make: it knows the person's second vote, and nobody can tell whose it is.
        """
        values = asdict(vote)
        if not self._keep_days:
            values |= {"user": self._nobody(vote), "question": ""}
        await self._change(sql.VOTE, values)

    async def tally(self, team: str, channel: str, message: str) -> tuple[int, int]:
        """The votes for and against an answer."""
        where = its(team=team, channel=channel, message=message)
        return await self._commits.do(lambda connection: _votes(connection, sql.TALLY, where))

    # All of it

    async def state(self) -> State:
        """What is due, and how the last 24 hours went."""
        since = {"since": self._clock() - DAY}

        def state(connection: Connection) -> State:
            due, oldest = connection.execute(sql.DUE).one()
            outcomes = {row[0]: row[1] for row in connection.execute(sql.OUTCOMES_SINCE, since)}
            return State(due, oldest, outcomes, *_votes(connection, sql.VOTES_SINCE, since))

        return await self._commits.do(state)

    async def sweep(self) -> int:
        """Delete what was kept long enough; returns how many messages were given up unanswered.

        Keys, which hold neither words nor a user, and anonymous votes are kept for a day at least.
        So are messages that are due: after that their answer comes too late.
        """
        now = self._clock()
        kept = {"until": now - self._keep_days * DAY}
        at_least_a_day = {"until": now - max(self._keep_days, 1) * DAY}

        def sweep(connection: Connection) -> int:
            expired = connection.execute(sql.EXPIRE, at_least_a_day | self._crossed_out("expired"))
            connection.execute(sql.SWEEP_INBOX, at_least_a_day)
            connection.execute(sql.SWEEP_THREADS, kept)
            connection.execute(sql.SWEEP_FEEDBACK, at_least_a_day)
            if not self._keep_days:
                connection.execute(sql.SWEEP_NAMED)
            return expired.rowcount

        return await self._commits.do(sweep, scrub=True)

    async def forget(self, user: str) -> int:
        """Delete all that is kept of a person; returns the number of rows.

        Of messages that are due the key stays: Slack may send them again.
        """
        where = its(user=user)

        def forget(connection: Connection) -> int:
            connection.execute(sql.FORGET_QUESTIONS, where)
            due = connection.execute(sql.FORGET_DUE, where | self._crossed_out("forgotten"))
            questions = connection.execute(sql.FORGET_THREADS, where)
            votes = connection.execute(sql.FORGET_VOTES, where)
            return due.rowcount + questions.rowcount + votes.rowcount

        return await self._commits.do(forget, scrub=True)

    def _crossed_out(self, outcome: str) -> dict[str, object]:
        return {"outcome": outcome, "finished_at": self._clock(), "user": "", "text": ""}

    def _nobody(self, vote: Vote) -> str:
        whose = "\n".join((vote.team, vote.channel, vote.message, vote.user))
        digest = hashlib.blake2b(whose.encode("utf-8", "replace"), key=self._salt, digest_size=16)
        return ANONYMOUS + digest.hexdigest()

    async def _change(self, statement: Executable, values: dict[str, object]) -> None:
        def change(connection: Connection) -> None:
            connection.execute(statement, values)

        await self._commits.do(change)

    async def _texts(
        self, statement: Executable, where: dict[str, object], most: int
    ) -> tuple[str, ...]:
        return await self._commits.do(
            lambda connection: tuple(
                connection.execute(statement, where | {"most": most}).scalars().all()
            )
        )


def _key(received: Received) -> dict[str, object]:
    return its(team=received.team, channel=received.channel, ts=received.ts)


def _values(received: Received | Row[Any]) -> dict[str, Any]:
    return {name: getattr(received, name) for name in _FIELDS}  # asdict copies, and is slow


def _as_due(row: Row[Any]) -> Due:
    return Due(Received(**_values(row)), row.due_at, row.attempts, row.why)


def _votes(
    connection: Connection, statement: Executable, where: Mapping[str, object]
) -> tuple[int, int]:
    up, down = connection.execute(statement, where).one()
    return up, down
