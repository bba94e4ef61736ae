"""What a button carries: enough to find again what its message showed, whatever happened since.

A message outlives the process that posted it and the documents that it quotes. So its buttons
hold the question and, of each passage shown, where it stood and a digest of its words: a passage
is shown again only while it still says the same. They also hold the FORMAT of the index: another
version of the bot may cut the same documents into other passages, and then the quote is searched
for by a digest of its own.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import NamedTuple, Self

from bot.index import FORMAT, Index
from bot.model import ORDINALS, Answer, Citation, Outcome, Passage, Question

# Slack takes 2,000, and a message holds five of them.
MAX_VALUE_LENGTH = 600
# How buttons of earlier versions spell the outcomes.
EARLIER_OUTCOMES = {
    "Answered": Outcome.ANSWERED,
    "Closest": Outcome.CLOSEST,
    "NotFound": Outcome.NOT_FOUND,
}
# How much of the corpus's hash tells one corpus from the next.
OF_HASH = 12

_WORD = re.compile(r"\S+")


class Mark(NamedTuple):
    """Where a quote stood: digests of its document's path and its passage, and its place in that.

    `part` are the parts of the question that it answers, a digit each; below 0 for one that is only
    the closest. `quote` is a digest of the words quoted; buttons of earlier versions have none.
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
        """The same passage in the corpus as it is now, or None where it is no longer there."""
        for passage in self._passages(corpus):
            if digest(passage.text) == self.passage:
                return self._cited(passage, self.start)
        return None

    def quoted_in(self, corpus: Index) -> Citation | None:
        """The same quote in any passage of its document, however that is cut now, or None."""
        # Without a digest of its own, a quote from the passage's beginning may have been all of it.
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
        """The quote that starts so many characters after the passage."""
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
        except ValueError:  # not of our making
            return None


@dataclass(frozen=True, slots=True)
class ButtonState:
    """What a message showed: the outcome, the question, the corpus and the passages.

    A question that is yet to be asked has no outcome. `thread` is the thread in which it is to be
    shared; None is the channel. `sharer` is who shared it, if anybody did. `format` is that of the
    index; 0 is that of buttons which do not say it.
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
        """Of a question that is yet to be asked."""
        return cls(None, question, "", ())

    @classmethod
    def of(cls, question: Question, answer: Answer, thread: str | None = None) -> Self:
        """What the message for an answer shows."""
        marks = tuple(Mark.of(citation) for citation in answer.citations)
        return cls(answer.outcome, question, answer.corpus[:OF_HASH], marks, thread)

    def is_of(self, corpus: Index) -> bool:
        """Whether the documents are still those that it was shown from."""
        return corpus.documents_hash.startswith(self.corpus)

    @property
    def is_older(self) -> bool:
        """Whether a version made it that may have cut the same documents in another way."""
        return self.format != FORMAT

    def has_changed(self, corpus: Index) -> bool:
        """Whether the documents are known to be others; of an older version nobody knows."""
        return not self.is_older and not self.is_of(corpus)

    def find(self, mark: Mark, corpus: Index) -> Citation | None:
        """What a mark of it quoted, in the corpus as it is now, or None where it is not there."""
        found = mark.found_in(corpus)
        return mark.quoted_in(corpus) if found is None and self.is_older else found

    @property
    def value(self) -> str:
        """Itself as the value of a button. Of a long question the beginning is kept."""
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
        return written.replace("<", r"\u003c")  # no markup leaves us, not even where none is parsed

    @classmethod
    def read(cls, value: str) -> Self:
        """What a button's value says. Raises ValueError for one that no button of ours has."""
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
    """Raises ValueError for what is none."""
    if spelled == "":
        return None
    return EARLIER_OUTCOMES.get(spelled) or Outcome(spelled)


def _packed(citation: Citation) -> int:
    """The parts of the question that a citation answers as one number."""
    parts = int("".join(map(str, (citation.part, *citation.also_parts))))
    return -parts if citation.is_closest else parts


def digest(text: str) -> str:
    """Twelve characters that another text has by a chance of one in 10^14."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _ever_smaller(question: Question) -> Iterator[Question]:
    """The question, then without the oldest of those before it, then ever less of itself."""
    for first in range(len(question.after) + 1):
        yield Question(question.text, question.after[first:])
    length = min(len(question.text), MAX_VALUE_LENGTH)
    while length := length * 3 // 4:
        yield Question(question.text[:length])
    yield Question("")
