"""A passage as its words, worked out once when it is indexed."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from bot.language.synonyms import Phrase
from bot.language.text import Span, Word, sentences, words
from bot.model import Passage


class Sentence(NamedTuple):
    """A sentence of a document at `span`, and the stems of its words, joined by spaces."""

    document: str
    span: Span
    text: str
    joined: str


class Analysis(NamedTuple):
    """A passage's words: of its heading and itself together, and sentence by sentence.

    `content` are the stems that say something, in their order. A heading alone steals the first
    place and is never an answer, so it is searched with the passage under it.
    """

    passage: Passage
    content: tuple[str, ...]
    joined: str
    pairs: frozenset[tuple[str, str]]
    sentences: tuple[Sentence, ...]

    @property
    def document(self) -> str:
        """The path of its document."""
        return self.passage.document.path

    def has(self, phrase: Phrase) -> bool:
        """Whether these words stand in it, side by side."""
        return f" {phrase} " in self.joined


# Who or what these point to stands in the sentence before.
_PRONOUNS = frozenset("he she it they this that these those his her their its".split())


def quoted_span(sentence: Sentence, analysis: Analysis) -> Span:
    """What to quote for a sentence; with a pronoun at its head the one before it comes along."""
    place = analysis.sentences.index(sentence)
    first = words(sentence.text)[:1]
    if place == 0 or not first or first[0].plain not in _PRONOUNS:
        return sentence.span
    return Span(analysis.sentences[place - 1].span.start, sentence.span.end)


def analyse(passage: Passage) -> Analysis:
    """Cut a passage into words and sentences."""
    found = words(passage.text)
    heading = words(passage.heading or "")
    content = tuple(word.term for word in (*heading, *found) if word.is_content)
    own = [word.term for word in found if word.is_content]
    return Analysis(
        passage,
        content,
        _joined(heading) + _joined(found),
        frozenset(pairwise(own)),
        tuple(_sentences(passage, found)),
    )


def _sentences(passage: Passage, found: Sequence[Word]) -> list[Sentence]:
    cut = []
    for start, end in sentences(passage.text):
        inside = [word for word in found if start <= word.start < end]
        span = Span(passage.start + start, passage.start + end)
        cut.append(Sentence(passage.document.path, span, passage.text[start:end], _joined(inside)))
    whole = Sentence(
        passage.document.path, Span(passage.start, passage.end), passage.text, _joined(found)
    )
    return cut or [whole]


def _joined(found: Iterable[Word]) -> str:
    return f" {' '.join(word.term for word in found)} "
