"""The inbox: messages that are received but not answered yet, and which replica owns each."""

import asyncio
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Row

from bot.errors import InboxFull, StoreError
from bot.store import statements as sql
from bot.store.commits import Commits
from bot.store.forgetting import crossed_out
from bot.store.gaps import Gaps
from bot.store.records import InboxItem, Key, Unanswered, same_message
from bot.store.statements import its

# Slack waits three seconds for an acknowledgement.
SECONDS_TO_ACCEPT = 2.5
_SENT = (
    "team",
    "channel",
    "ts",
    "user",
    "thread",
    "text",
    "refusal",
    "received_at",
    "client_msg_id",
)
_KEPT = (*_SENT, "due_at", "attempts", "why")


class Inbox:
    """Messages to answer. Each replica owns what it accepted while it renews its lease.

    When a lease expires, another replica takes over. An SQLite file has a single owner.
    `lease` is in seconds; at most `max_due` messages may wait. `place` names the database in
    errors.
    """

    def __init__(
        self,
        commits: Commits,
        gaps: Gaps,
        clock: Callable[[], float],
        *,
        is_shared: bool,
        remembers: bool,
        lease: float,
        max_due: int,
        place: str,
    ) -> None:
        self._commits = commits
        self._gaps = gaps
        self._clock = clock
        self._is_shared, self._remembers = is_shared, remembers
        self._seconds_of_lease = lease
        self._max_due = max_due
        self._place = place
        self._me: dict[str, object] = {"me": token_hex(8) if is_shared else ""}
        # How many more messages fit before the due ones must be counted again.
        self._room = 0
        # Messages that may be stored although no caller was told so.
        self._untold: set[Key] = set()

    async def accept(self, received: InboxItem) -> bool:
        """Store a message; False if it is stored already, answered or not.

        A message in the same channel with the same `client_msg_id` counts as the same.

        For each message exactly one caller gets True. If an error or a timeout kept it from the
        first caller, the next one gets it. Raises InboxFull when too many are due, and StoreError
        when it takes longer than Slack waits; the message may be stored nevertheless.
        """
        values = {name: getattr(received, name) for name in _SENT} | self._lease()
        known = _known(received.key, received.client_msg_id)
        new = False

        def accept(connection: Connection) -> bool:
            nonlocal new
            if self._has_room(connection) and connection.execute(sql.ACCEPT, values).rowcount == 1:
                self._room -= 1
                new = True
            elif not connection.execute(sql.KNOWN, known).scalar_one():
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
            raise StoreError.silent(self._place) from None
        except BaseException:  # it may be stored nevertheless
            self._untold.add(received.key)
            raise
        if not written:
            raise InboxFull.at(self._max_due)
        if new:  # a concurrent attempt for the same message may have failed
            self._untold.discard(received.key)
        return new

    def _has_room(self, connection: Connection) -> bool:
        """Whether one more message may be due.

        A single replica recounts only when the room last counted is used up; several replicas
        count each time.
        """
        if self._room <= 0 or self._is_shared:
            self._room = self._max_due - connection.execute(sql.NUMBER_DUE).scalar_one()
        return self._room > 0

    async def unfinished(self) -> list[InboxItem]:
        """Messages of this replica that have no outcome yet, oldest first."""
        rows = await self._commits.do(
            lambda connection: connection.execute(sql.UNFINISHED, self._me).all()
        )
        return [_as_item(row) for row in rows]

    async def finish(
        self,
        received: InboxItem,
        outcome: str,
        *,
        remember: bool,
        why: str = "",
        gap: Unanswered | None = None,
    ) -> bool:
        """Mark a message as done: the row keeps its key and outcome, but not the user or the text.

        `why` is the reason if it could not be answered; it must not contain any of the question.
        With `remember`, the question is added to its thread's history. A `gap` is stored in the
        same transaction. Returns False, and changes nothing, if the message is done already or
        another replica has taken it over.
        """
        values = _key(received) | self._me | crossed_out(outcome, self._clock()) | {"why": why}
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
            if was_due and remember and self._remembers:
                connection.execute(sql.REMEMBER, question)
            if was_due and gap is not None:
                self._gaps.write(connection, gap)
            return was_due

        return await self._commits.do(finish, scrub=not self._remembers)

    async def postpone(self, received: InboxItem, due_at: float, why: str) -> bool:
        """Count a failed attempt and schedule the next for `due_at` (seconds since 1970).

        `why` must not contain any of the question. Returns False if the message is done already
        or another replica has taken it over.
        """
        values = _key(received) | self._me | {"due_at": due_at, "why": why}
        return bool(await self._commits.change(sql.POSTPONE, values))

    async def renew(self) -> frozenset[Key]:
        """Renew the lease of this replica's messages; returns their keys."""
        rows = await self._commits.do(
            lambda connection: connection.execute(sql.RENEW, self._lease()).all()
        )
        return frozenset((row[0], row[1], row[2]) for row in rows)

    async def take_over(self, most: int) -> list[InboxItem]:
        """Take over at most `most` messages whose lease has expired, oldest first."""
        values = self._me | {"most": most}

        def take_over(connection: Connection) -> list[InboxItem]:
            found = [_as_item(row) for row in connection.execute(sql.RUN_OUT, values)]
            if found:
                keys = [_key(due) | self._lease() for due in found]
                connection.execute(sql.TAKE_OVER, keys)
            return found

        return await self._commits.do(take_over)

    async def release(self) -> None:
        """End the leases of this replica's messages, so that others can take them over now."""
        await self._commits.change(sql.RELEASE, self._me)

    async def count(
        self, team: str, user: str, message: Key | None, client_msg_id: str = ""
    ) -> int:
        """Count a person's question; returns its number within this minute, from 1.

        A message redelivered in that minute counts once, because Slack redelivers what could not
        be accepted. Returns 0 for a message that is in the inbox already.
        """
        minute = int(self._clock() // 60)
        values = {"team": team, "user": user, "minute": minute}
        same = same_message(message, client_msg_id) if message else ()
        this = values | {"message": ":".join(same)}
        known = _known(message, client_msg_id) if message else None

        def count(connection: Connection) -> int:
            if known and connection.execute(sql.KNOWN, known).scalar_one():
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

    def _lease(self) -> dict[str, object]:
        return self._me | {"lease": self._seconds_of_lease}


def _key(received: InboxItem) -> dict[str, object]:
    return _named(*received.key)


def _known(message: Key, client_msg_id: str) -> dict[str, object]:
    return _named(*message) | its(client_msg_id=client_msg_id)


def _named(team: str, channel: str, ts: str) -> dict[str, object]:
    return its(team=team, channel=channel, ts=ts)


def _as_item(row: Row[Any]) -> InboxItem:
    return InboxItem(**{name: getattr(row, name) for name in _KEPT})
