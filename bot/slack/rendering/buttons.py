"""What a button carries: enough to find again what its message showed, whatever happened since.

A message outlives the process that posted it and the documents that it quotes. So its buttons
hold the question and, of each passage shown, where it stood and a digest of its words: a passage
is shown again only while it still says the same.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import NamedTuple, Self

from bot.documents import AnyCorpus
from bot.model import Answer, Citation, Outcome, Question

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


class Mark(NamedTuple):
    """Where a quote stood: digests of its document's path and its passage, and its place in that.

    `part` is the citation's own: which part of the question it answers.
    """

    document: str
    passage: str
    start: int
    end: int
    part: int

    @classmethod
    def of(cls, citation: Citation) -> Self:
        """The mark of a citation."""
        passage = citation.passage
        places = (citation.start - passage.start, citation.end - passage.start)
        return cls(digest(passage.document.path), digest(passage.text), *places, citation.part)

    def found_in(self, corpus: AnyCorpus) -> Citation | None:
        """The same words in the corpus as it is now, or None where they are no longer there."""
        for document in corpus.documents:
            if digest(document.path) != self.document:
                continue
            for passage in corpus.passages_of(document.path):
                if digest(passage.text) == self.passage:
                    start, end = passage.start + self.start, passage.start + self.end
                    try:
                        return Citation(passage, start, end, self.part)
                    except ValueError:  # not of our making
                        return None
        return None


@dataclass(frozen=True, slots=True)
class ButtonState:
    """What a message showed: the outcome, the question, the corpus and the passages.

    A question that is yet to be asked has no outcome. `thread` is the thread in which it is to be
    shared; None is the channel. `sharer` is who shared it, if anybody did.
    """

    outcome: Outcome | None
    question: Question
    corpus: str
    marks: tuple[Mark, ...]
    thread: str | None = None
    sharer: str | None = None

    @classmethod
    def nothing(cls, question: str) -> Self:
        """Of a question that is yet to be asked."""
        return cls(None, Question(question), "", ())

    @classmethod
    def of(cls, question: Question, answer: Answer, thread: str | None = None) -> Self:
        """What the message for an answer shows."""
        marks = tuple(Mark.of(citation) for citation in answer.citations)
        return cls(answer.outcome, question, answer.corpus[:OF_HASH], marks, thread)

    def is_of(self, corpus: AnyCorpus) -> bool:
        """Whether the documents are still those that it was shown from."""
        return corpus.content_hash.startswith(self.corpus)

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
        packed = [self.outcome or "", question, self.corpus, self.marks, self.thread, self.sharer]
        written = json.dumps(packed, ensure_ascii=False, separators=(",", ":"))
        return written.replace("<", r"\u003c")  # no markup leaves us, not even where none is parsed

    @classmethod
    def read(cls, value: str) -> Self:
        """What a button's value says. Raises ValueError for one that no button of ours has."""
        try:
            outcome, (text, *after), corpus, marks, thread, sharer = json.loads(value)
            shown = cls(
                _outcome(outcome),
                Question(text, tuple(after)),
                corpus,
                tuple(Mark(*mark) for mark in marks),
                thread,
                sharer,
            )
        except (TypeError, ValueError, RecursionError):
            raise ValueError("not the value of a button") from None
        texts = (text, *after, corpus, *(mark.document for mark in shown.marks))
        places = [place for mark in shown.marks for place in mark[2:]]
        if (
            not all(isinstance(text, str) for text in texts)
            or not all(type(place) is int for place in places)
            or not all(one is None or isinstance(one, str) for one in (thread, sharer))
        ):
            raise ValueError("not the value of a button")
        return shown


def _outcome(spelled: str) -> Outcome | None:
    """Raises ValueError for what is none."""
    if spelled == "":
        return None
    return EARLIER_OUTCOMES.get(spelled) or Outcome(spelled)


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
