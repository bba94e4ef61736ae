"""A passage as its words, and a document as what it adds to a corpus; worked out once."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from struct import Struct
from typing import NamedTuple

from bot.english.aliases import Alias, aliases
from bot.english.synonyms import Phrase
from bot.english.text import Span, Word, sentences, words
from bot.model import Passage


class Mark(NamedTuple):
    """A sentence: where it stands in the document, and where its stems stand in `joined`."""

    start: int
    end: int
    first: int
    last: int


_MARK = Struct("<4I")
# Who is who in a long document is read from so many passages at a time: telling names apart takes
# the square of it.
STRETCH = 300


class Sentence(NamedTuple):
    """A sentence of a document at `span`, and the stems of its words, joined by spaces."""

    span: Span
    text: str
    joined: str


class PassageDetail(NamedTuple):
    """What is wanted of a passage only when it is looked at closely.

    `place` is its document's path and its number there: where it stands in the corpus, for an
    order among equals. `text` is its text, from `start` on in the document. `marks` are its
    sentences, each as the four numbers of a Mark. One that `points` says only where to look.
    """

    place: tuple[str, int]
    text: str
    start: int
    marks: bytes
    points: bool
    passage: Callable[[], Passage]


class Words(NamedTuple):
    """The stems of a passage, each with a space around it.

    `above` and `own` are those that say something: of the title and headings above it, and its own.
    A heading alone steals the first place and is never an answer, so it is searched with the
    passage under it. `joined` are all of them, those above first.
    """

    above: str
    own: str
    joined: str


class Analysis:
    """A passage as its words; `terms` are what is searched, `document` whatever tells its document.

    Of a hundred that are weighed by these, few are looked at closely: `rest` is read then.
    """

    def __init__(
        self, document: str | int, words: Words, rest: Callable[[], PassageDetail]
    ) -> None:
        self.document = document
        self.words = words
        self.terms = (words.above + words.own).split()
        self._rest = rest

    @cached_property
    def rest(self) -> PassageDetail:
        """What is wanted only now and then."""
        return self._rest()

    @property
    def path(self) -> str:
        """That of its document."""
        return self.rest.place[0]

    @property
    def passage(self) -> Passage:
        """The passage itself."""
        return self.rest.passage()

    def has(self, phrase: Phrase) -> bool:
        """Whether these words stand in it, side by side."""
        return f" {phrase} " in self.words.joined

    @cached_property
    def above(self) -> str:
        """The stems of the title and the headings above it, each with a space around it."""
        first = Mark._make(next(_MARK.iter_unpack(self.rest.marks))).first
        return self.words.joined[:first]

    @property
    def section(self) -> tuple[str | int, str]:
        """What passages of one section have in common: the document and the words above them."""
        return self.document, self.words.above

    @cached_property
    def plain(self) -> str:
        """Its text, however it is set: what two passages have in common that are the same one."""
        return " ".join(self.rest.text.split())

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences of the passage."""
        _, text, start, marks, *_ = self.rest
        joined = self.words.joined
        return tuple(
            Sentence(
                Span(mark.start, mark.end),
                text[mark.start - start : mark.end - start],
                joined[mark.first : mark.last],
            )
            for mark in map(Mark._make, _MARK.iter_unpack(marks))
        )


# Who or what these point to stands in the sentence before.
MAX_PRONOUN_LENGTH = 20
_PRONOUNS = frozenset("he she it they this that these those his her their its".split())


def quoted_span(sentence: Sentence, analysis: Analysis) -> Span:
    """What to quote for a sentence; with a pronoun at its head the one before it comes along."""
    place = analysis.sentences.index(sentence)
    first = words(sentence.text[:MAX_PRONOUN_LENGTH])[:1]
    if place == 0 or not first or first[0].plain not in _PRONOUNS:
        return sentence.span
    return Span(analysis.sentences[place - 1].span.start, sentence.span.end)


def analyse(passage: Passage) -> Analysis:
    """Cut a passage into words and sentences; the title is searched as the headings are."""
    found = words(passage.text)
    headings = (passage.document.title, *passage.headings)
    above = [word for heading in headings for word in words(heading)]
    before, own = _joined(above), _joined(found)
    marks = b"".join(_MARK.pack(*mark) for mark in _marks(passage, found, len(before)))
    place = (passage.document.path, passage.number)
    rest = PassageDetail(place, passage.text, passage.start, marks, passage.points, lambda: passage)
    content = Words(
        _joined(word for word in above if word.is_content),
        _joined(word for word in found if word.is_content),
        before + own,
    )
    return Analysis(passage.document.path, content, lambda: rest)


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


class Profile(NamedTuple):
    """Counted over one document, so that it can be added to a corpus, and taken away again.

    `terms` has the number of passages with each, `words` how often each plain word is there.
    `capital` are the terms that it writes with a capital where no sentence begins, `small` those
    that it writes without. `length` is the number of terms in all.
    """

    passages: int
    length: int
    terms: Counter[str]
    words: Counter[str]
    capital: frozenset[str]
    small: frozenset[str]

    def plus(self, other: "Profile") -> "Profile":
        """That of both together; this one's counts are used up."""
        self.terms.update(other.terms)
        self.words.update(other.words)
        return Profile(
            self.passages + other.passages,
            self.length + other.length,
            self.terms,
            self.words,
            self.capital | other.capital,
            self.small | other.small,
        )


def profile(passages: Sequence[tuple[Sequence[str], str]]) -> Profile:
    """Count the words of a document's passages, each its terms and its text."""
    terms: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    capital: set[str] = set()
    small: set[str] = set()
    for searched, text in passages:
        terms.update(set(searched))
        for word in words(text):
            counts[word.plain] += 1
            if not text[word.start].isupper():
                small.add(word.term)
            elif text[max(0, word.start - 2) : word.start].rstrip(" “‘(")[-1:].isalnum():
                capital.add(word.term)
    return Profile(
        len(passages),
        sum(len(searched) for searched, _ in passages),
        terms,
        counts,
        frozenset(capital),
        frozenset(small),
    )


def aliases_of(texts: Sequence[str], is_common: Callable[[str], bool]) -> list[Alias]:
    """Whom a document of these passages calls what, each once."""
    found: dict[Alias, None] = {}
    for start in range(0, len(texts), STRETCH):
        found.update(dict.fromkeys(aliases(texts[start : start + STRETCH], is_common)))
    return list(found)
