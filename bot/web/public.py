"""The documents that anybody may read: the page, the API and MCP answer only from these."""

import asyncio
from dataclasses import dataclass

from bot.answering.answerer import Answerer
from bot.audiences import Documents
from bot.errors import FolderAway
from bot.live import Facts
from bot.model import Answer, Question, with_notes


@dataclass(frozen=True, slots=True)
class PublicDocuments:
    """The documents for unknown askers. `notes` are added to each answer.

    The web and MCP get their answerer only from here.
    """

    documents: Documents
    notes: tuple[str, ...] = ()

    @property
    def answerer(self) -> Answerer:
        """The current answerer."""
        return self.documents.answerer

    @property
    def facts(self) -> Facts:
        """The state of the documents, such as a problem with their folder."""
        return self.documents.facts

    async def follow(self, stop: asyncio.Event) -> None:
        """Follow changes of the documents until `stop` is set."""
        await self.documents.follow(stop)

    def look_soon(self) -> None:
        """Look for changes at once, because something was written."""
        self.documents.look_soon()

    def asked(self) -> Answerer:
        """The current answerer. Raises FolderAway if the documents have been away for too long."""
        facts = self.facts
        if facts.stale:
            raise FolderAway(facts.problem)
        return self.answerer

    def answer(self, question: Question) -> Answer:
        """Answer a question and add the notes. Raises FolderAway and EngineError."""
        return with_notes(self.asked().answer(question), self.notes)
