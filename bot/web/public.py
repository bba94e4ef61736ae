"""What the page, the API and MCP answer from: the documents that anybody may read."""

import asyncio
from dataclasses import dataclass

from bot.answering.answerer import Answerer
from bot.audiences import Documents
from bot.errors import FolderAway
from bot.live import Facts
from bot.model import Answer, Question, with_notes


@dataclass(frozen=True, slots=True)
class PublicDocuments:
    """The documents for askers of whom nothing is known; `notes` stand below each answer.

    This is the one place where the web and MCP take their answerer.
    """

    documents: Documents
    notes: tuple[str, ...] = ()

    @property
    def answerer(self) -> Answerer:
        """The answerer in force."""
        return self.documents.answerer

    @property
    def facts(self) -> Facts:
        """What there is to say of the documents."""
        return self.documents.facts

    async def follow(self, stop: asyncio.Event) -> None:
        """Take up what changes, until `stop` is set."""
        await self.documents.follow(stop)

    def look_soon(self) -> None:
        """Look for changes at once: somebody wrote there."""
        self.documents.look_soon()

    def asked(self) -> Answerer:
        """The answerer to ask. Raises FolderAway when the documents are away for too long."""
        facts = self.facts
        if facts.stale:
            raise FolderAway(facts.problem)
        return self.answerer

    def answer(self, question: Question) -> Answer:
        """The answer for anybody. Raises FolderAway, and EngineError as the answerer does."""
        return with_notes(self.asked().answer(question), self.notes)
