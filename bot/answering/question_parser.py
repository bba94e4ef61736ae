"""Parses a message into a question: its parts, what each asks for, and what it borrows."""

import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from bot.answering.details import detail_of, document_meant
from bot.answering.lessons import Lessons
from bot.answering.query import Query
from bot.answering.query_reader import QueryReader
from bot.documents.scope import narrowed, parted
from bot.english import decoration, questions
from bot.english.about_document import DetailAsked, detail_asked
from bot.english.questions import Overview
from bot.english.text import words
from bot.index import Index
from bot.learning.taught import Entry
from bot.model import MAX_EARLIER, ORDINALS, Answered, Question, Talk

# In characters. Anything longer is pasted text; it is cut, and a note tells the asker.
MAX_QUESTION_LENGTH = 1000
# How many words of a question's context the documents must know for the context to be used.
MIN_TOLD = 2
# How many earlier messages are searched for the thread's last questions.
MAX_LOOKED_BACK = 12
# Size of the caches of parsed questions and of their answers.
MAX_KEPT = 500

SHORTENED = (
    f"Your question is longer than {MAX_QUESTION_LENGTH:,} characters; I read only that many."
)
NOT_ENGLISH = "I read English only, and this seems to be another language."


class ParsedQuestion(NamedTuple):
    """A parsed question: a query for each part, or an overview; with notes for the asker.

    `texts` are the parts as asked, if there are several, and `written` is the whole question as
    asked. `within` is the document or folder to search. `foreign` means that the question is not
    in English. `talk` is set for chat that asks nothing. `details` are the facts that the parts
    ask about a document itself, such as its author.
    """

    notes: tuple[str, ...]
    queries: tuple[Query, ...] = ()
    texts: tuple[str, ...] = ()
    overview: Overview | None = None
    within: str | None = None
    foreign: bool = False
    details: tuple[DetailAsked, ...] = ()
    talk: Talk | None = None
    written: str = ""


class QuestionParser:
    """Parses messages, with the words that a corpus knows.

    `knows` tells whether any passage has a term.
    """

    def __init__(
        self, index: Index, reader: QueryReader, lessons: Lessons, knows: Callable[[str], bool]
    ) -> None:
        self._index, self._reader, self._lessons = index, reader, lessons
        self._knows = knows
        # Questions repeat: the examples that the bot offers, the question of the day.
        self.parse = lru_cache(MAX_KEPT)(self._parse)

    def parse_plainly(self, text: str) -> ParsedQuestion:
        """Parse the words of a message, without treating any of it as talk to the bot."""
        return self._read(decoration.cut(_printable(text), MAX_QUESTION_LENGTH), ())

    def sides(self, query: Query) -> tuple[Query, ...]:
        """A query for each of the things that a query compares."""
        return tuple(self._reader.read(side, (), query.within, side) for side in query.compared)

    def more_before(self, question: Question) -> int:
        """How many of the messages just before ask for more."""
        before = [self._message(text).talk for text in question.after[-MAX_LOOKED_BACK:]]
        return len(list(takewhile(lambda talk: talk is Talk.MORE, reversed(before))))

    def earlier(self, question: Question) -> tuple[str, ...]:
        """The thread's earlier questions, without the talk between them."""
        said = map(decoration.as_meant, question.after[-MAX_LOOKED_BACK:])
        before = (self._message(text).question for text in said)
        return tuple(filter(None, before))[-MAX_EARLIER:]

    def taught_for(self, text: str) -> list[Entry]:
        """The newest entry of each folder that was taught for exactly these words."""
        said = self._message(text).question or text
        return self._lessons.entries_for(questions.normal(said, self._reader.is_word))

    def _parse(self, question: Question) -> ParsedQuestion:
        if question.after:
            question = Question(decoration.as_meant(question.text), question.after)
        text, message = _printable(question.text), self._message(question.text)
        if message.talk is not None:
            tells = self._index.has_heading(text) or self._tells_of_itself(text, question)
            tells = tells or bool(self.taught_for(text))
            if not tells:
                return ParsedQuestion((), talk=message.talk)
            message = decoration.Message(text)
        return self._read(message, self.earlier(question))

    def _tells_of_itself(self, text: str, question: Question) -> bool:
        """Whether talk about the sources asks for a detail that the document meant does give."""
        asked = detail_asked(questions.normal(narrowed(text)[0], self._reader.is_word))
        if asked is None or question.after:
            return False
        document = document_meant(asked, self._index, narrowed(text)[1])
        if document is None:
            return False
        return isinstance(detail_of(asked.detail, document, self._index), Answered)

    def _tells(self, context: str, asked: str) -> bool:
        """Whether the text around a question says what it is about: "CTRL-V fails. What now?".

        Then the documents know some of its words, or the question has none of its own.
        """
        told = {word.term for word in words(context) if word.is_content}
        if sum(map(self._knows, told - questions.ABOUT_THE_TEXT)) >= MIN_TOLD:
            return True
        return bool(told) and not self._reader.read(asked).groups

    @staticmethod
    def _message(text: str) -> decoration.Message:
        asked, scope = parted(_printable(text))
        message = decoration.read(asked, MAX_QUESTION_LENGTH)
        return message._replace(question=f"{message.question} {scope}") if scope else message

    def _read(self, message: decoration.Message, earlier_asked: Sequence[str]) -> ParsedQuestion:
        notes: tuple[str, ...] = (SHORTENED,) if message.shortened else ()
        text, within = narrowed(message.question)
        lines = questions.normal(text, self._reader.is_word)
        asked = lines.replace("\n", " ")
        told = questions.points_back(asked) and self._tells(message.context, asked)
        if told:  # the context becomes part of the question
            text = f"{message.context} {text}"
            lines = questions.normal(text, self._reader.is_word)
            asked = lines.replace("\n", " ")
        before = [narrowed(text) for text in earlier_asked]
        earlier = tuple(questions.normal(text, self._reader.is_word) for text, _ in before)
        if within is None and before and questions.leans(asked):
            within = before[-1][1]
        if within is not None and not self._index.has_scope(within):
            notes += (f"No document or folder is called “{within}”; I looked in all of them.",)
            within = None
        is_taught = bool(self._lessons.entries_for(asked))
        if questions.is_foreign(asked) and not is_taught:
            query = self._reader.read(asked)
            return ParsedQuestion((*notes, NOT_ENGLISH), (query,), foreign=True, written=text)
        parts = [asked] if is_taught else questions.parts(lines)
        details = () if is_taught else _details(parts, earlier)
        is_plain = bool(details) or is_taught
        wanted = None if is_plain else questions.overview(asked, self._knows)
        if wanted is not None and not told and not (earlier and questions.continues(asked)):
            return ParsedQuestion(notes, overview=wanted, within=within)
        if len(parts) > len(ORDINALS):
            notes += (f"I read only the first {len(ORDINALS)} of your questions.",)
        parts = parts[: len(ORDINALS)]
        texts = tuple(_as_asked(part, text) for part in parts) if len(parts) > 1 else ()
        written = ". ".join((*(text for text, _ in before), text))
        queries = self._queries(parts, earlier, within, written)
        return ParsedQuestion(notes, queries, texts, within=within, details=details, written=text)

    def _queries(
        self,
        parts: list[str],
        earlier: tuple[str, ...],
        within: str | None,
        written: str,
    ) -> tuple[Query, ...]:
        """A query for each part of a question in normal form.

        A part may borrow words from the parts before it and from the thread's earlier questions.
        `within` is the document or folder to search.
        """
        return tuple(
            self._reader.read(part, (*earlier, *parts[:n]), within, written)
            for n, part in enumerate(parts)
        )


def _details(parts: Sequence[str], earlier: Sequence[str]) -> tuple[DetailAsked, ...]:
    """The document details that the parts ask for; empty unless every part asks for one.

    After an earlier question "it" means the subject of that question, not the document.
    """
    found = [detail for part in parts if (detail := detail_asked(part)) is not None]
    if len(found) < len(parts) or (earlier and any(one.points for one in found)):
        return ()
    return tuple(found)


def _as_asked(part: str, question: str) -> str:
    """A part with the asker's own capitals, if it can be located in the question."""
    written = question.replace("\n", " ")
    start = written.casefold().find(part.strip())
    if start < 0 or len(written) != len(written.casefold()):
        return part.strip()
    return written[start : start + len(part.strip())]


def _printable(text: str) -> str:
    """A message with control characters, except line breaks, replaced by spaces."""
    if text.isprintable():
        return text.strip()
    return "".join(
        " " if c != "\n" and unicodedata.category(c) == "Cc" else c for c in text
    ).strip()
