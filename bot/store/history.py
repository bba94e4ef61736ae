"""The history: who asked what, for follow-ups and the home tab."""

from collections.abc import Callable

from sqlalchemy import Executable

from bot.store import statements as sql
from bot.store.commits import Commits
from bot.store.statements import its


class History:
    """Questions that were asked. If `remembers` is false, none are stored."""

    def __init__(self, commits: Commits, clock: Callable[[], float], *, remembers: bool) -> None:
        self._commits, self._clock, self._remembers = commits, clock, remembers

    async def remember(
        self, team: str, channel: str, thread: str | None, user: str, text: str
    ) -> None:
        """Store a question that did not come through the inbox."""
        question = {
            "team": team,
            "channel": channel,
            "thread": thread or "",
            "user": user,
            "text": text,
            "asked_at": self._clock(),
        }
        if self._remembers:
            await self._commits.change(sql.REMEMBER, question)

    async def earlier(
        self, team: str, channel: str, thread: str | None, user: str, most: int
    ) -> tuple[str, ...]:
        """A person's `most` latest questions in a thread, or in a channel, oldest first."""
        where = its(team=team, channel=channel, user=user)
        if thread is None:
            latest = await self._texts(sql.EARLIER_IN_CHANNEL, where, most)
        else:
            latest = await self._texts(sql.EARLIER_IN_THREAD, where | its(thread=thread), most)
        return latest[::-1]

    async def has_asked(self, team: str, channel: str, thread: str, user: str) -> bool:
        """Whether a person asked anything in a thread, answered or still due."""
        where = its(team=team, channel=channel, thread=thread, user=user)
        return await self._commits.do(
            lambda connection: bool(connection.execute(sql.HAS_ASKED, where).scalar_one())
        )

    async def last_questions(self, team: str, user: str, most: int) -> tuple[str, ...]:
        """A person's `most` latest distinct questions anywhere, newest first."""
        return await self._texts(sql.LAST_QUESTIONS, its(team=team, user=user), most)

    async def _texts(
        self, statement: Executable, where: dict[str, object], most: int
    ) -> tuple[str, ...]:
        return await self._commits.do(
            lambda connection: tuple(
                connection.execute(statement, where | {"most": most}).scalars().all()
            )
        )
