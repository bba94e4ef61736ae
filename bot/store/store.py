"""The store: questions received, what people asked before, and how they voted."""

import sqlite3
import time
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from bot.errors import InboxFull, StoreError
from bot.store.commits import Commits
from bot.store.database import open_engine, place
from bot.store.folder import private_file
from bot.store.records import Due, Received, State, Vote
from bot.store.tables import feedback, inbox, threads

# More than this bot could answer in an hour and a half; then Slack keeps them.
MOST_DUE = 10_000
A_DAY = 86_400.0


def open_store(url: str, keep_days: int = 30) -> "Store":
    """The store at a database URL, made where there is none. Raises StoreError."""
    return Store(open_engine(url), keep_days)


def backup(url: str, file: Path) -> None:
    """Copy the database into a new file, while the bot runs. Raises StoreError."""
    engine = open_engine(url, make=False)
    source = str(place(engine.url))
    engine.dispose()
    try:
        private_file(file)
    except FileExistsError:
        raise StoreError(f"{file} is there already; name a new file") from None
    try:
        with sqlite3.connect(source) as connection, sqlite3.connect(file) as copy:
            connection.backup(copy)
    except sqlite3.Error as error:
        file.unlink()
        raise StoreError(f"{source} cannot be copied to {file} ({error})") from None


class Store:
    """What survives a restart. Every method is done when it returns, or raises StoreError.

    `keep_days` is how long a question's text and a person's id are kept; with 0 they go as soon as
    the question is answered.
    """

    def __init__(self, engine: Engine, keep_days: int) -> None:
        self._commits = Commits(engine)
        self._keep = keep_days * A_DAY

    async def close(self) -> None:
        """Finish what is being written, and let go of the database."""
        await self._commits.close()

    # The inbox.

    async def accept(self, received: Received) -> bool:
        """Write a question down; False when it was there already.

        Raises InboxFull when too many are due.
        """

        def write(connection: Connection) -> bool:
            values = {**_fields(received), "due_at": received.received_at, "attempts": 0, "why": ""}
            found = connection.execute(select(inbox.c.ts).where(_is(received))).first()
            if found:
                return False
            if _number_due(connection, MOST_DUE) >= MOST_DUE:
                raise InboxFull("the inbox is full; see why nothing can be posted to Slack")
            connection.execute(insert(inbox).values(values))
            return True

        return await self._commits.do(write)

    async def unfinished(self) -> list[Due]:
        """The questions without an outcome, the oldest first."""
        statement = select(inbox).where(inbox.c.finished_at.is_(None)).order_by(inbox.c.received_at)

        def read(connection: Connection) -> list[Due]:
            return [_due(row) for row in connection.execute(statement).mappings()]

        return await self._commits.do(read)

    async def finish(self, received: Received, outcome: str, *, remember: bool) -> None:
        """Cross a question out. Text and asker are kept for the thread's sake, or not."""
        crossed = {
            "outcome": outcome,
            "finished_at": time.time(),
            "text": "",
            "user": "",
            "why": "",
        }

        def write(connection: Connection) -> None:
            connection.execute(update(inbox).where(_is(received)).values(crossed))
            if remember and self._keep:
                connection.execute(insert(threads).values(_asked(received)))

        await self._commits.do(write, scrub=not self._keep)

    async def postpone(self, received: Received, due_at: float, why: str) -> None:
        """Note when to try a question again, and why it failed."""
        later = {"due_at": due_at, "why": why[:500], "attempts": inbox.c.attempts + 1}
        await self._run(update(inbox).where(_is(received)).values(later))

    # What people asked.

    async def earlier(
        self, team: str, channel: str, thread: str | None, user: str, most: int
    ) -> tuple[str, ...]:
        """A person's last questions in a thread, or anywhere in the channel; the oldest first."""
        statement = (
            select(threads.c.text)
            .where(*_place(team, channel, thread, user))
            .order_by(threads.c.id.desc())
            .limit(most)
        )
        return tuple(reversed(await self._column(statement)))

    async def has_asked(self, team: str, channel: str, thread: str, user: str) -> bool:
        """Whether the person was answered in that thread."""
        asked = select(literal(1)).where(*_place(team, channel, thread, user)).limit(1)
        return bool(await self._column(asked))

    async def remember(
        self, team: str, channel: str, thread: str | None, user: str, text: str
    ) -> None:
        """Keep a question that was answered at once."""
        if not self._keep:
            return
        values = {
            "team": team,
            "channel": channel,
            "thread": thread or "",
            "user": user,
            "text": text,
            "asked_at": time.time(),
        }
        await self._run(insert(threads).values(values))

    async def last_questions(self, team: str, user: str, most: int) -> tuple[str, ...]:
        """A person's last questions, the newest first, each once."""
        newest = func.max(threads.c.id)
        statement = (
            select(threads.c.text)
            .where(threads.c.user == user, threads.c.team == team)
            .group_by(threads.c.text)
            .order_by(newest.desc())
            .limit(most)
        )
        return tuple(await self._column(statement))

    # What people think of the answers.

    async def vote(self, vote: Vote) -> None:
        """Keep a vote; a person's second on the same message takes the place of the first."""
        of = and_(
            feedback.c.team == vote.team,
            feedback.c.channel == vote.channel,
            feedback.c.message == vote.message,
        )
        kept = {
            "value": vote.value,
            "question": vote.question,
            "document": vote.document,
            "passage": vote.passage,
            "corpus": vote.corpus,
            "voted_at": vote.voted_at,
        }
        key = {"team": vote.team, "channel": vote.channel, "message": vote.message}
        user = vote.user
        if not self._keep:  # a digest tells two people apart and names neither
            user, kept["question"] = _nobody(vote), ""

        def write(connection: Connection) -> None:
            own = and_(of, feedback.c.user == user)
            if not connection.execute(update(feedback).where(own).values(kept)).rowcount:
                connection.execute(insert(feedback).values({**key, "user": user, **kept}))

        await self._commits.do(write)

    async def tally(self, team: str, channel: str, message: str) -> tuple[int, int]:
        """How many found a message helpful, and how many did not."""
        of = (
            feedback.c.team == team,
            feedback.c.channel == channel,
            feedback.c.message == message,
        )

        def read(connection: Connection) -> tuple[int, int]:
            return _tally(connection, *of)

        return await self._commits.do(read)

    # What the operator wants to know, and people may want.

    async def state(self, now: float) -> State:
        """What is due, and what came of the questions of the last 24 hours."""
        lately = now - A_DAY

        def read(connection: Connection) -> State:
            unfinished = inbox.c.finished_at.is_(None)
            first = select(func.count(), func.min(inbox.c.received_at)).where(unfinished)
            due, oldest = connection.execute(first).one()
            by_outcome = (
                select(inbox.c.outcome, func.count())
                .where(inbox.c.finished_at >= lately)
                .group_by(inbox.c.outcome)
            )
            outcomes = {row[0]: row[1] for row in connection.execute(by_outcome)}
            up, down = _tally(connection, feedback.c.voted_at >= lately)
            return State(due, oldest, outcomes, up, down)

        return await self._commits.do(read)

    async def sweep(self, now: float) -> int:
        """Delete what was kept long enough, and return how many rows. Keys are kept for a day."""
        old, answered = now - self._keep, now - max(self._keep, A_DAY)
        statements = (
            delete(threads).where(threads.c.asked_at < old),
            delete(feedback).where(feedback.c.voted_at < old),
            delete(inbox).where(inbox.c.finished_at < answered),
        )
        return await self._delete(statements)

    async def forget(self, user: str) -> int:
        """Delete all that is kept of a person now, and return how many rows that was."""
        statements = [
            delete(table).where(table.c.user == user) for table in (threads, feedback, inbox)
        ]
        return await self._delete(statements)

    async def _delete(self, statements: Sequence[Any]) -> int:
        def write(connection: Connection) -> int:
            return sum(connection.execute(statement).rowcount for statement in statements)

        return await self._commits.do(write, scrub=True)

    async def _run(self, statement: Any) -> None:
        def write(connection: Connection) -> None:
            connection.execute(statement)

        await self._commits.do(write)

    async def _column(self, statement: Any) -> list[Any]:
        def read(connection: Connection) -> list[Any]:
            return list(connection.execute(statement).scalars())

        return await self._commits.do(read)


def _is(received: Received) -> ColumnElement[bool]:
    return and_(
        inbox.c.team == received.team,
        inbox.c.channel == received.channel,
        inbox.c.ts == received.ts,
    )


def _fields(received: Received) -> dict[str, Any]:
    return {
        "team": received.team,
        "channel": received.channel,
        "ts": received.ts,
        "user": received.user,
        "thread": received.thread,
        "text": received.text,
        "refusal": received.refusal,
        "received_at": received.received_at,
    }


def _due(row: Any) -> Due:
    fields = ("team", "channel", "ts", "user", "thread", "text", "refusal", "received_at")
    received = Received(**{name: row[name] for name in fields})
    return Due(received, row["due_at"], row["attempts"], row["why"])


def _asked(received: Received) -> dict[str, Any]:
    return {
        "team": received.team,
        "channel": received.channel,
        "thread": received.thread,
        "user": received.user,
        "text": received.text,
        "asked_at": received.received_at,
    }


def _place(team: str, channel: str, thread: str | None, user: str) -> list[ColumnElement[bool]]:
    columns = threads.c
    own = [columns.user == user, columns.team == team, columns.channel == channel]
    return own if thread is None else [*own, columns.thread == thread]


def _number_due(connection: Connection, most: int) -> int:
    """How many questions are due, counted no further than `most`."""
    some = select(literal(1)).where(inbox.c.finished_at.is_(None)).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _tally(connection: Connection, *of: ColumnElement[bool]) -> tuple[int, int]:
    up = func.count(case((feedback.c.value > 0, 1)))
    down = func.count(case((feedback.c.value < 0, 1)))
    row = connection.execute(select(up, down).where(*of)).one()
    return row[0], row[1]


def _nobody(vote: Vote) -> str:
    """Tells who voted from who else did on the same message, and nothing more of them."""
    of = "\0".join((vote.team, vote.channel, vote.message, vote.user))
    return blake2b(of.encode("utf-8", "replace"), digest_size=8).hexdigest()
