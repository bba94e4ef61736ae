"""A passage as its words, worked out once when it is indexed."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from struct import Struct
from typing import NamedTuple

from bot.language.synonyms import Phrase
from bot.language.text import Span, Word, sentences, words
from bot.model import Passage


class Mark(NamedTuple):
    """A sentence: where it stands in the document, and where its stems stand in `joined`."""

    start: int
    end: int
    first: int
    last: int


_MARK = Struct("<4I")


class Sentence(NamedTuple):
    """A sentence of a document at `span`, and the stems of its words, joined by spaces."""

    span: Span
    text: str
    joined: str


class Words(NamedTuple):
    """What is kept of a passage's words beside its text, as an engine may store it.

    `above` and `own` are the stems that say something, of the title and heading above it and of
    the passage itself. `joined` are all stems, of both, with a space around each; it begins with
    those above. `marks` are its sentences, each as the four numbers of a Mark.
    """

    above: str
    own: str
    joined: str
    marks: bytes

    @property
    def content(self) -> list[str]:
        """The stems that say something, of both, in their order: what is searched.

        A heading alone steals the first place and is never an answer, so it is searched with the
        passage under it.
        """
        return self.above.split() + self.own.split()


class Analysis:
    """A passage with its words; what a question needs of them is worked out when it is wanted.

    `place` is its document's path and its number there: where it stands in the corpus, for an
    order among equals; `text` is its text, `terms` are its stems that say something, `stems` the
    same without order. Of a hundred that are weighed, few are ever made a Passage.
    """

    def __init__(
        self,
        place: tuple[str, int],
        text: str,
        start: int,
        words: Words,
        passage: Callable[[], Passage],
    ) -> None:
        self.place = place
        self.text = text
        self.words = words
        self.terms = words.content
        self.stems = frozenset(self.terms)
        self._start = start
        self._passage = passage

    @property
    def document(self) -> str:
        """The path of its document."""
        return self.place[0]

    @cached_property
    def passage(self) -> Passage:
        """The passage itself."""
        return self._passage()

    def has(self, phrase: Phrase) -> bool:
        """Whether these words stand in it, side by side."""
        return f" {phrase} " in self.words.joined

    @cached_property
    def plain(self) -> str:
        """Its text, however it is set: what two passages have in common that are the same one."""
        return " ".join(self.text.split())

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences of the passage."""
        text, start, joined = self.text, self._start, self.words.joined
        return tuple(
            Sentence(
                Span(mark.start, mark.end),
                text[mark.start - start : mark.end - start],
                joined[mark.first : mark.last],
            )
            for mark in map(Mark._make, _MARK.iter_unpack(self.words.marks))
        )


# Who or what these point to stands in the sentence before.
_PRONOUNS = frozenset("he she it they this that these those his her their its".split())


def quoted_span(sentence: Sentence, analysis: Analysis) -> Span:
    """What to quote for a sentence; with a pronoun at its head the one before it comes along."""
    place = analysis.sentences.index(sentence)
    first = words(sentence.text)[:1]
    if place == 0 or not first or first[0].plain not in _PRONOUNS:
        return sentence.span
    return Span(analysis.sentences[place - 1].span.start, sentence.span.end)


def analyse(passage: Passage, *, titled: bool = False) -> Analysis:
    """Cut a passage into words and sentences.

    Where there are several documents, `titled`, the title is searched as the heading is.
    """
    found = words(passage.text)
    above = [*words(passage.document.title if titled else ""), *words(passage.heading or "")]
    before, own = _joined(above), _joined(found)
    return Analysis(
        (passage.document.path, passage.number),
        passage.text,
        passage.start,
        Words(
            _joined(word for word in above if word.is_content),
            _joined(word for word in found if word.is_content),
            before + own,
            b"".join(_MARK.pack(*mark) for mark in _marks(passage, found, len(before))),
        ),
        lambda: passage,
    )


def _marks(passage: Passage, found: Sequence[Word], offset: int) -> Iterable[Mark]:
    """Each sentence; where none is found, all of the passage is one."""
    spans = sentences(passage.text) or [Span(0, len(passage.text))]
    starts = [offset]  # where each word's space begins in what is joined
    for word in found:
        starts.append(starts[-1] + 1 + len(word.term))
    place = 0
    for start, end in spans:
        while place < len(found) and found[place].start < start:
            place += 1
        first = place
        while place < len(found) and found[place].start < end:
            place += 1
        yield Mark(passage.start + start, passage.start + end, starts[first], starts[place] + 1)


def _joined(found: Iterable[Word]) -> str:
    return f" {' '.join(word.term for word in found)} "
