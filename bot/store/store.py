"""The store: what it promises to keep, and for how long."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from secrets import token_bytes, token_hex
from typing import Any, Self

from sqlalchemy import Connection, Engine, Executable, Row

from bot.errors import InboxFull, StoreError
from bot.store import statements as sql
from bot.store.commits import Commits
from bot.store.database import is_shared, open_engine, patient
from bot.store.forgetting import crossed_out, forget
from bot.store.records import InboxItem, Key, State, Vote
from bot.store.statements import ANONYMOUS, its
from bot.store.url import place

DAY = 24 * 60 * 60
# Slack waits three seconds to hear that a message was received.
SECONDS_TO_ACCEPT = 2.5
_SENT = ("team", "channel", "ts", "user", "thread", "text", "refusal", "received_at")
_KEPT = (*_SENT, "due_at", "attempts", "why")


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
) -> "Store":
    """The store at a database URL; with `make` it is made where there is nothing yet.

    An older one is upgraded; `is_alone` is for who keeps other bots from it already. `secret` is
    known to all that share the database, and not to the database. A replica owns what it accepted
    for `lease` seconds, unless it renews them. At most `max_due` messages may wait for their
    answer. Raises StoreError when there is something else, or it cannot be used; nothing is
    overwritten.
    """
    engine = open_engine(url, make=make, is_alone=is_alone)
    return Store(engine, keep_days, clock, secret, lease, max_due)


class Store:
    """What was received and is not answered, who asked what, and votes.

    All of it outlives the process: each method returns when its change is on the disk, and raises
    StoreError when it is not. Of several that share a database each has what it accepted, for as
    long as it renews its lease; what has run out another takes over. A file has one owner, and all
    of it is its own. What holds a question's text or a user's id is deleted by `sweep`
    after `keep_days`; with 0 it goes as soon as the answer is delivered, and nothing is remembered.
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
        self._commits = Commits(engine)
        self._keep_days = keep_days
        self._clock = clock
        self._seconds_of_lease = lease
        self._max_due = max_due
        self.is_shared = is_shared(engine)
        self._place = place(engine.url)
        self._me: dict[str, object] = {"me": token_hex(8) if self.is_shared else ""}
        known = secret.encode() if secret and self.is_shared else token_bytes(16)
        self._salt = hashlib.blake2b(known, digest_size=16).digest()
        # So many more may be due before they must be counted.
        self._room = 0
        # Messages that may be there without anybody having been told.
        self._untold: set[Key] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Finish what was begun, and let go of the database."""
        await self._commits.close()

    # The inbox

    async def accept(self, received: InboxItem) -> bool:
        """Write a message down; False when it was there already, answered or not.

        Of each message one caller is told that it is new: the next one, where an error or who
        stopped waiting kept it from the first. Raises InboxFull when too many are due, and
        StoreError when it takes longer than Slack waits; it may be written down then all the same.
        """
        values = {name: getattr(received, name) for name in _SENT} | self._lease()
        new = False

        def accept(connection: Connection) -> bool:
            nonlocal new
            if self._has_room(connection) and connection.execute(sql.ACCEPT, values).rowcount == 1:
                self._room -= 1
                new = True
            elif not connection.execute(sql.KNOWN, _key(received)).scalar_one():
                return False
            elif new or received.key in self._untold:
                self._untold.discard(received.key)
                # This may run a second time, after another replica accepted the message.
                new = connection.execute(sql.IS_MINE, _key(received) | self._me).scalar_one()
            return True

        try:
            async with asyncio.timeout(SECONDS_TO_ACCEPT):
                written = await self._commits.do(accept, order=received.key)
        except TimeoutError:
            self._untold.add(received.key)
            raise StoreError(f"{self._place} does not answer; see what it is busy with") from None
        except BaseException:  # it may be written all the same
            self._untold.add(received.key)
            raise
        if not written:
            raise InboxFull(f"{self._max_due:,} messages are due; they must be answered first")
        if new:  # another try of the same may have failed meanwhile
            self._untold.discard(received.key)
        return new

    def _has_room(self, connection: Connection) -> bool:
        """Whether one more may be due. They are counted again when so many came since.

        Where other replicas accept as well, they are counted each time.
        """
        if self._room <= 0 or self.is_shared:
            self._room = self._max_due - connection.execute(sql.NUMBER_DUE).scalar_one()
        return self._room > 0

    async def unfinished(self) -> list[InboxItem]:
        """All of its own that have no outcome yet, the oldest first."""
        rows = await self._commits.do(
            lambda connection: connection.execute(sql.UNFINISHED, self._me).all()
        )
        return [_as_item(row) for row in rows]

    async def finish(
        self, received: InboxItem, outcome: str, *, remember: bool, why: str = ""
    ) -> bool:
        """Cross a message out: of its row the key and the outcome stay, not who asked what.

        `why` is the reason when it could not be answered; it must hold nothing of the question.
        With `remember` the question becomes one of its thread. A message that is crossed out
        already, or that another has taken over, stays as it is: then it returns False.
        """
        values = _key(received) | self._me | self._crossed_out(outcome) | {"why": why}
        question = {
            "team": received.team,
            "channel": received.channel,
            "thread": received.thread,
            "user": received.user,
            "text": received.text,
            "asked_at": received.received_at,
        }

        def finish(connection: Connection) -> bool:
            was_due = bool(connection.execute(sql.FINISH, values).rowcount)
            if was_due and remember and self._keep_days:
                connection.execute(sql.REMEMBER, question)
            return was_due

        return await self._commits.do(finish, scrub=not self._keep_days)

    async def postpone(self, received: InboxItem, due_at: float, why: str) -> bool:
        """A try failed: when to make the next one. `why` must hold nothing of the question.

        Returns False when the message is no longer its own, as `finish` does.
        """
        values = _key(received) | self._me | {"due_at": due_at, "why": why}
        return bool(await self._change(sql.POSTPONE, values))

    # Leases

    async def renew(self) -> frozenset[Key]:
        """Keep all of its own for another lease; returns what that is."""
        rows = await self._commits.do(
            lambda connection: connection.execute(sql.RENEW, self._lease()).all()
        )
        return frozenset((row[0], row[1], row[2]) for row in rows)

    async def take_over(self, most: int) -> list[InboxItem]:
        """Make messages its own whose owner has not renewed them, the oldest first."""
        values = self._me | {"most": most}

        def take_over(connection: Connection) -> list[InboxItem]:
            found = [_as_item(row) for row in connection.execute(sql.RUN_OUT, values)]
            if found:
                keys = [_key(due) | self._lease() for due in found]
                connection.execute(sql.TAKE_OVER, keys)
            return found

        return await self._commits.do(take_over)

    async def release(self) -> None:
        """Let others take over all of its own now."""
        await self._change(sql.RELEASE, self._me)

    async def count(self, team: str, user: str, message: Key | None) -> int:
        """Count a person's question; returns which of this minute it is.

        A message that comes again in that minute is no second one: Slack sends again what could
        not be accepted. 0 is one that was accepted already, in whatever way it came before.
        """
        minute = int(self._clock() // 60)
        values = {"team": team, "user": user, "minute": minute}
        this = values | {"message": ":".join(message or ())}

        def count(connection: Connection) -> int:
            if message and connection.execute(sql.KNOWN, _named(*message)).scalar_one():
                return 0
            number: int = connection.execute(sql.COUNT, values).scalar_one()
            counted = this | {"questions": number}
            if message and not connection.execute(sql.REMEMBER_COUNT, counted).rowcount:
                connection.execute(sql.UNCOUNT, its(**values, message=""))
                number = connection.execute(sql.COUNTED, its(**this)).scalar_one()
            if number == 1:
                connection.execute(sql.SWEEP_PACE, {"minute": minute - 1})
            return number

        return await self._commits.do(count, order=(team, user))

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
        process could make, or those that share the database and its secret: they know the person's
        second vote, and nobody can tell from the database whose it is.
        """
        values = asdict(vote)
        if not self._keep_days:
            values |= {"user": self._nobody(vote), "question": ""}
        await self._change(sql.VOTE, values)

    async def tally(self, team: str, channel: str, message: str) -> tuple[int, int]:
        """The votes for and against an answer."""
        where = its(team=team, channel=channel, message=message)
        return await self._commits.do(lambda connection: _votes(connection, sql.TALLY, where))

    # What one person saw, and shows to all

    async def share(self, team: str, channel: str, message: str) -> bool:
        """Whether to show it now: False when that is being done, or was a moment ago."""
        values = {"team": team, "channel": channel, "message": message, "shared_at": self._clock()}
        return bool(await self._change(sql.SHARE, values))

    async def unshare(self, team: str, channel: str, message: str) -> None:
        """It was not shown after all."""
        await self._change(sql.UNSHARE, its(team=team, channel=channel, message=message))

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
            patient(connection)
            expired = connection.execute(sql.EXPIRE, at_least_a_day | self._crossed_out("expired"))
            connection.execute(sql.SWEEP_INBOX, at_least_a_day)
            connection.execute(sql.SWEEP_THREADS, kept)
            connection.execute(sql.SWEEP_FEEDBACK, at_least_a_day)
            connection.execute(sql.SWEEP_SHARES, at_least_a_day)
            connection.execute(sql.SWEEP_PACE, {"minute": int(now // 60)})
            if not self._keep_days:
                connection.execute(sql.SWEEP_NAMED)
            return expired.rowcount

        return await self._commits.do(sweep, scrub=True)

    async def forget(self, user: str) -> int:
        """Delete all that is kept of a person; returns the number of rows.

        Of messages that are due the key stays: Slack may send them again.
        """
        now = self._clock()
        return await self._commits.do(lambda connection: forget(connection, user, now), scrub=True)

    def _crossed_out(self, outcome: str) -> dict[str, object]:
        return crossed_out(outcome, self._clock())

    def _nobody(self, vote: Vote) -> str:
        whose = "\n".join((vote.team, vote.channel, vote.message, vote.user))
        digest = hashlib.blake2b(whose.encode("utf-8", "replace"), key=self._salt, digest_size=16)
        return ANONYMOUS + digest.hexdigest()

    def _lease(self) -> dict[str, object]:
        return self._me | {"lease": self._seconds_of_lease}

    async def _change(self, statement: Executable, values: Mapping[str, object]) -> int:
        """Run a statement; returns how many rows it changed."""

        def change(connection: Connection) -> int:
            return connection.execute(statement, values).rowcount

        return await self._commits.do(change)

    async def _texts(
        self, statement: Executable, where: dict[str, object], most: int
    ) -> tuple[str, ...]:
        return await self._commits.do(
            lambda connection: tuple(
                connection.execute(statement, where | {"most": most}).scalars().all()
            )
        )


def _key(received: InboxItem) -> dict[str, object]:
    return _named(*received.key)


def _named(team: str, channel: str, ts: str) -> dict[str, object]:
    return its(team=team, channel=channel, ts=ts)


def _as_item(row: Row[Any]) -> InboxItem:
    return InboxItem(**{name: getattr(row, name) for name in _KEPT})


def _votes(
    connection: Connection, statement: Executable, where: Mapping[str, object]
) -> tuple[int, int]:
    up, down = connection.execute(statement, where).one()
    return up, down
