"""The value of a button: enough to find again what its message showed.

A message outlives the process that posted it and the documents that it quotes. So its buttons
hold the question and, for each passage shown, its position and a digest of its text: a passage is
shown again only if its text is unchanged. They also hold the FORMAT of the index: another version
of the bot may cut the same documents into different passages, and then the quote is found by a
digest of its own.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import NamedTuple, Self

from bot.index import FORMAT, Index
from bot.model import ORDINALS, Answer, Citation, Outcome, Passage, Question

# Slack accepts 2,000 characters, and a message has five buttons.
MAX_VALUE_LENGTH = 600
# The outcomes as buttons of earlier versions spell them.
EARLIER_OUTCOMES = {
    "Answered": Outcome.ANSWERED,
    "Closest": Outcome.CLOSEST,
    "NotFound": Outcome.NOT_FOUND,
}
# How many characters of the corpus's hash are kept.
OF_HASH = 12

_WORD = re.compile(r"\S+")


class Mark(NamedTuple):
    """Where a quote was: digests of its document's path and of its passage, and its span in that.

    `part` has a digit for each part of the question that the quote answers; it is negative if the
    quote is only the closest. `quote` is a digest of the quoted words; buttons of earlier versions
    have none.
    """

    document: str
    passage: str
    start: int
    end: int
    part: int
    quote: str = ""

    @property
    def first_part(self) -> int:
        """The first part of the question that it answers."""
        return self._parts[0]

    @property
    def _parts(self) -> list[int]:
        return [int(digit) for digit in str(abs(self.part))[: len(ORDINALS)]]

    @classmethod
    def of(cls, citation: Citation) -> Self:
        """The mark of a citation."""
        passage = citation.passage
        places = (citation.start - passage.start, citation.end - passage.start)
        return cls(
            digest(passage.document.path),
            digest(passage.text),
            *places,
            _packed(citation),
            digest(citation.quote),
        )

    def found_in(self, corpus: Index) -> Citation | None:
        """The quote in the same passage of the current corpus; None if that passage is gone."""
        for passage in self._passages(corpus):
            if digest(passage.text) == self.passage:
                return self._cited(passage, self.start)
        return None

    def quoted_in(self, corpus: Index) -> Citation | None:
        """The same quote in any passage of its document, however it is cut now; or None."""
        # Without a digest of the quote: if it began the passage, it may have been all of it.
        sought = self.quote or (self.passage if self.start == 0 else "")
        length = self.end - self.start
        for passage in self._passages(corpus):
            text = passage.text
            for word in _WORD.finditer(text):
                if digest(text[word.start() : word.start() + length]) == sought:
                    return self._cited(passage, word.start())
        return None

    def _passages(self, corpus: Index) -> Iterator[Passage]:
        for document in corpus.documents:
            if digest(document.path) == self.document:
                yield from corpus.passages_of(document.path)

    def _cited(self, passage: Passage, start: int) -> Citation | None:
        """The quote that starts `start` characters into the passage; None if it does not fit."""
        begin = passage.start + start
        part, *others = self._parts
        try:
            return Citation(
                passage,
                begin,
                begin + self.end - self.start,
                part,
                also_parts=tuple(others),
                is_closest=self.part < 0,
            )
        except ValueError:  # the bot never made such a mark
            return None


@dataclass(frozen=True, slots=True)
class ButtonState:
    """What a message showed: the outcome, the question, the corpus and the passages.

    `outcome` is None for a question that is yet to be asked. `thread` is where to share the answer;
    None is the channel. `sharer` is the user who shared it, if anybody did. `format` is the FORMAT
    of the index, or 0 if the button does not say.
    """

    outcome: Outcome | None
    question: Question
    corpus: str
    marks: tuple[Mark, ...]
    thread: str | None = None
    sharer: str | None = None
    format: int = FORMAT

    @classmethod
    def nothing(cls, question: Question) -> Self:
        """The state for a question that is yet to be asked."""
        return cls(None, question, "", ())

    @classmethod
    def of(cls, question: Question, answer: Answer, thread: str | None = None) -> Self:
        """The state for the message that shows an answer."""
        marks = tuple(Mark.of(citation) for citation in answer.citations)
        return cls(answer.outcome, question, answer.corpus[:OF_HASH], marks, thread)

    def is_of(self, corpus: Index) -> bool:
        """Whether the documents are still the ones that the message quoted."""
        return corpus.documents_hash.startswith(self.corpus)

    @property
    def is_older(self) -> bool:
        """Whether it was made by a version that may cut documents into other passages."""
        return self.format != FORMAT

    def has_changed(self, corpus: Index) -> bool:
        """Whether the documents are known to have changed; for an older button that is unknown."""
        return not self.is_older and not self.is_of(corpus)

    def find(self, mark: Mark, corpus: Index) -> Citation | None:
        """What one of its marks quoted, in the current corpus; None if that is gone."""
        found = mark.found_in(corpus)
        return mark.quoted_in(corpus) if found is None and self.is_older else found

    @property
    def value(self) -> str:
        """The value of the button. A question that is too long is cut at its end."""
        for smaller in _ever_smaller(self.question):
            value = replace(self, question=smaller)._packed
            if len(value) <= MAX_VALUE_LENGTH:
                return value
        raise ValueError("a question without words is short enough")

    @property
    def _packed(self) -> str:
        question = [self.question.text, *self.question.after]
        packed = [
            self.outcome or "",
            question,
            self.corpus,
            self.marks,
            self.thread,
            self.sharer,
            self.format,
        ]
        written = json.dumps(packed, ensure_ascii=False, separators=(",", ":"))
        return written.replace("<", r"\u003c")  # never send markup, even where Slack parses none

    @classmethod
    def read(cls, value: str) -> Self:
        """Parse a button's value. Raises ValueError if the bot cannot have made it."""
        try:
            outcome, (text, *after), corpus, marks, thread, sharer, *version = json.loads(value)
            [form] = version or [0]
            shown = cls(
                _outcome(outcome),
                Question(text, tuple(after)),
                corpus,
                tuple(Mark(*mark) for mark in marks),
                thread,
                sharer,
                form,
            )
        except (TypeError, ValueError, RecursionError):
            raise ValueError("not the value of a button") from None
        texts = [text, *after, corpus]
        numbers = [form]
        for document, passage, start, end, part, quote in shown.marks:
            texts += [document, passage, quote]
            numbers += [start, end, part]
        if (
            not all(isinstance(text, str) for text in texts)
            or not all(type(number) is int for number in numbers)
            or not all(one is None or isinstance(one, str) for one in (thread, sharer))
        ):
            raise ValueError("not the value of a button")
        return shown


def _outcome(spelled: str) -> Outcome | None:
    """The outcome, None for "". Raises ValueError for any other unknown word."""
    if spelled == "":
        return None
    return EARLIER_OUTCOMES.get(spelled) or Outcome(spelled)


def _packed(citation: Citation) -> int:
    """The parts of the question that a citation answers, as one number; see `Mark.part`."""
    parts = int("".join(map(str, (citation.part, *citation.also_parts))))
    return -parts if citation.is_closest else parts


def digest(text: str) -> str:
    """A 48-bit hash of the text as 12 hex digits; two texts share one by a chance of 1 in 10^14."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _ever_smaller(question: Question) -> Iterator[Question]:
    """The question, then without its oldest earlier questions, then ever shorter."""
    for first in range(len(question.after) + 1):
        yield Question(question.text, question.after[first:])
    length = min(len(question.text), MAX_VALUE_LENGTH)
    while length := length * 3 // 4:
        yield Question(question.text[:length])
    yield Question("")
