"""A passage as its words, and a document as what it adds to a corpus; worked out once."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from struct import Struct
from typing import NamedTuple

from bot.english.aliases import Alias, aliases
from bot.english.synonyms import Phrase
from bot.english.text import STOP_WORDS, Word, addresses, identifier_parts, sentences, words
from bot.model import Item, Passage, PassageKind, Role, Span


class Mark(NamedTuple):
    """What is quoted whole: a sentence, an item of a list, a row, or a block of code; or a lead.

    It stands at `start` to `end` in the document, and its stems at `first` to `last` in `joined`.
    `parent` is the place among the passage's marks, from 1, of the item that a nested one is in.
    """

    start: int
    end: int
    first: int
    last: int
    parent: int = 0


_MARK = Struct("<5I")
# Who is who in a long document is read from so many passages at a time: telling names apart takes
# the square of it.
STRETCH = 300


class Sentence(NamedTuple):
    """A sentence, item, row or block of code at `span`: what is quoted whole.

    `joined` are the stems of its words, joined by spaces; `with_leads` also those of what governs
    it within its section.
    """

    span: Span
    text: str
    joined: str
    with_leads: str


class PassageDetail(NamedTuple):
    """What is wanted of a passage only when it is looked at closely.

    `place` is its document's path and its number there: where it stands in the corpus, for an
    order among equals. `text` is its text, from `start` on in the document. `marks` are its leads
    and sentences, each as the five numbers of a Mark. One that `points` says only where to look;
    over one that is `headed` stands a heading or a question.
    """

    place: tuple[str, int]
    text: str
    start: int
    marks: bytes
    points: bool
    kind: PassageKind
    headed: bool
    passage: Callable[[], Passage]


class Words(NamedTuple):
    """The stems of a passage, each with a space around it.

    `above` and `own` are those that say something: of the title, the headings and the question
    above it; and its own, with what introduces it. A heading alone steals the first place and is
    never an answer, so it is searched with the passage under it. `joined` are all of them, those
    above first, then those of the leads.
    """

    above: str
    own: str
    joined: str


class Analysis:
    """A passage as its words; `terms` are what is searched, `document` whatever tells its document.

    `id` is the catalog's, 0 where that does not keep the passages. Of a hundred that are weighed by
    these, few are looked at closely: `rest` is read then.
    """

    def __init__(
        self,
        document: str | int,
        words: Words,
        rest: Callable[[], PassageDetail],
        id: int = 0,
    ) -> None:
        self.document = document
        self.id = id
        self.words = words
        self.terms = (words.above + words.own).split()
        self._rest = rest
        self._section = words.above

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
        """The stems of what stands above it, with spaces: title, headings, question."""
        return self.words.joined[: self._marks[0].first]

    @cached_property
    def leads(self) -> str:
        """The stems of what introduces it, with spaces; those of a column stand with its cells."""
        start, joined = self.rest.start, self.words.joined
        return "".join(joined[mark.first : mark.last] for mark in self._marks if mark.start < start)

    @cached_property
    def _marks(self) -> tuple[Mark, ...]:
        return tuple(map(Mark._make, _MARK.iter_unpack(self.rest.marks)))

    @property
    def section(self) -> tuple[str | int, str]:
        """What passages of one section have in common: the document and the words above them."""
        return self.document, self._section

    def asked(self, stems: Sequence[str], content: Sequence[str]) -> "Analysis":
        """The passage as if a question stood above it: what is quoted of it stays the same.

        `content` are those of the question's stems that say something.
        """
        first = self._marks[0].first
        text = f" {' '.join(stems)} "
        joined = self.words.joined
        words = Words(
            f"{self.words.above} {' '.join(content)} ",
            self.words.own,
            joined[:first] + text + joined[first:],
        )
        marks = b"".join(
            _MARK.pack(
                mark.start, mark.end, mark.first + len(text), mark.last + len(text), mark.parent
            )
            for mark in self._marks
        )
        found = Analysis(self.document, words, lambda: self.rest._replace(marks=marks))
        found._section = self._section
        return found

    @cached_property
    def plain(self) -> str:
        """Its text, however it is set: what two passages have in common that are the same one."""
        return " ".join(self.rest.text.split())

    def _with_leads(self, mark: Mark) -> str:
        """The stems of a mark with those of the items it is in, and of what introduces all."""
        joined = self.words.joined
        found = joined[mark.first : mark.last]
        while mark.parent:
            mark = self._marks[mark.parent - 1]
            found = joined[mark.first : mark.last] + found
        return self.leads + found if self.leads else found

    def parent(self, place: int) -> int:
        """The place of the item that the item at this place is in, or -1."""
        leads = len(self._marks) - len(self.sentences)
        parent = self._marks[leads + place].parent
        return parent - 1 - leads if parent else -1

    @cached_property
    def units(self) -> tuple[tuple[str, str], ...]:
        """The stems of what is quoted whole, in order: its own, and with what governs it."""
        joined = self.words.joined
        return tuple(
            (joined[mark.first : mark.last], self._with_leads(mark)) for mark in self._own_marks
        )

    def sentence(self, place: int) -> Sentence:
        """What is quoted whole at a place, from 0."""
        mark, start = self._own_marks[place], self.rest.start
        text = self.rest.text[mark.start - start : mark.end - start]
        return Sentence(Span(mark.start, mark.end), text, *self.units[place])

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """What of the passage is quoted whole, in order."""
        return tuple(map(self.sentence, range(len(self._own_marks))))

    @cached_property
    def _own_marks(self) -> tuple[Mark, ...]:
        start = self.rest.start
        return tuple(mark for mark in self._marks if mark.start >= start)


def items_of(marks: bytes, start: int) -> tuple[Item, ...]:
    """The items of a list that starts there, from what is kept of it."""
    found = list(map(Mark._make, _MARK.iter_unpack(marks)))
    leads = sum(mark.start < start for mark in found)
    return tuple(
        Item(mark.start, mark.end, mark.parent - 1 - leads if mark.parent else -1)
        for mark in found[leads:]
    )


# Who or what these point to stands in the sentence before.
MAX_PRONOUN_LENGTH = 20
_PRONOUNS = frozenset("he she it they this that these those his her their its".split())


def quoted_span(sentence: Sentence, analysis: Analysis) -> Span:
    """What to quote for a sentence; with a pronoun at its head the one before it comes along."""
    place = analysis.sentences.index(sentence)
    first = words(sentence.text[:MAX_PRONOUN_LENGTH])[:1]
    alone = analysis.rest.kind is not PassageKind.PARAGRAPH
    if alone or place == 0 or not first or first[0].plain not in _PRONOUNS:
        return sentence.span
    return Span(analysis.sentences[place - 1].span.start, sentence.span.end)


def analyse(passage: Passage) -> Analysis:
    """Cut a passage into words and what is quoted whole.

    The title, the headings and the leads are searched with what they govern.
    """
    cut = passage.document.text
    asked = [cut[start:end] for start, end, role in passage.leads if role is Role.QUESTION]
    governing = (passage.document.title, *passage.headings, *asked)
    above = [word for title in governing for word in _words(title)]
    leads, units = list(_lead_units(passage)), list(_units(passage))
    joined, content = _joined(above), list[str]()
    marks: list[bytes] = []
    for unit in (*leads, *units):
        terms = [word.term for word in unit.words]
        content += [word.term for word in unit.words if word.plain not in STOP_WORDS]
        text = " ".join(["", *terms])
        parent = unit.parent + 1 + len(leads) if unit.parent >= 0 else 0
        first, last = len(joined), len(joined) + len(text) + 1
        marks.append(_MARK.pack(unit.start, unit.end, first, last, parent))
        joined += text + "  " * (len(marks) <= len(leads))
    found = Words(
        _joined(word for word in above if word.is_content),
        f" {' '.join(content)} ",
        joined + " ",
    )
    rest = PassageDetail(
        (passage.document.path, passage.number),
        passage.text,
        passage.start,
        b"".join(marks),
        passage.points,
        passage.kind,
        bool(passage.headings or asked),
        lambda: passage,
    )
    return Analysis(passage.document.path, found, lambda: rest)


class _Unit(NamedTuple):
    """What is quoted whole, or a lead, and its words.

    `parent` is the place of the item that a nested one is in, or -1.
    """

    start: int
    end: int
    words: Sequence[Word]
    parent: int = -1


def _lead_units(passage: Passage) -> Iterator[_Unit]:
    """What introduces a passage. A table's columns are searched with the cells below them."""
    for start, end, role in passage.leads:
        if role is Role.INTRODUCTION or (role is Role.HEADER and not passage.cells):
            yield _Unit(start, end, _words(passage.document.text[start:end]))


def _units(passage: Passage) -> Iterator[_Unit]:
    """The sentences of a paragraph, the items of a list; else all of it is one."""
    if passage.kind is PassageKind.LIST:
        for start, end, parent in passage.items:
            item = passage.document.text[start:end]
            yield _Unit(start, end, (*_words(item), *_step(item)), parent)
    elif passage.kind is PassageKind.ROW and passage.cells:
        pairs = [_words(part) for pair in passage.cells for part in pair]
        yield _Unit(passage.start, passage.end, [word for pair in pairs for word in pair])
    elif passage.kind is PassageKind.PARAGRAPH:
        yield from _sentences(passage)
    else:
        yield _Unit(passage.start, passage.end, _words(passage.text))


def _words(text: str) -> Sequence[Word]:
    """The words of a text, and behind them those that it has without writing them."""
    return (*words(text), *_implied(text))


def _implied(text: str) -> Sequence[Word]:
    """The parts of its identifiers, and "email" for an address."""
    return (*identifier_parts(text), *addresses(text))


def _step(item: str) -> Sequence[Word]:
    """What a numbered item is called too: "step 3", "the third step"."""
    number = _NUMBER.match(item)
    if number is None:
        return ()
    return words(f"step {_ORDINALS.get(int(number[1]), '')}")


_NUMBER = re.compile(r"(\d{1,3})[.)]\s")
_ORDINALS = {1: "first", 2: "second", 3: "third"}  # any other is told by its number


def _sentences(passage: Passage) -> Iterator[_Unit]:
    """Each sentence; where none is found, all of the passage is one."""
    found, implied = words(passage.text), _implied(passage.text)
    spans = sentences(passage.text) or [Span(0, len(passage.text))]
    place = 0
    for start, end in spans:
        while place < len(found) and found[place].start < start:
            place += 1
        first = place
        while place < len(found) and found[place].start < end:
            place += 1
        here = found[first:place]
        if implied:
            here = (*here, *(word for word in implied if start <= word.start < end))
        yield _Unit(passage.start + start, passage.start + end, here)


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
        found = words(text)
        counts.update([word.plain for word in found])
        large = [word for word in found if text[word.start].isupper()]
        small.update([word.term for word in found if not text[word.start].isupper()])
        for word in large:
            if text[max(0, word.start - 2) : word.start].rstrip(" “‘(")[-1:].isalnum():
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
