"""Analysis of a passage into searchable words, and of a document into its word counts."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from struct import Struct
from typing import NamedTuple

from bot.english.aliases import Alias, aliases
from bot.english.answer_types import says_only_yes_or_no
from bot.english.statements import continues, settles
from bot.english.synonyms import Phrase
from bot.english.text import STOP_WORDS, Word, addresses, identifier_parts, sentences, words
from bot.model import Item, Passage, PassageKind, Role, Span


class Mark(NamedTuple):
    """A unit that is quoted whole: a sentence, a list item, a row or a block of code; or a lead.

    `start` and `end` are offsets in the document, `first` and `last` those of its stems in
    `Words.joined`. `parent` is, for a nested item, the number of its outer item among the passage's
    marks, from 1; else 0.
    """

    start: int
    end: int
    first: int
    last: int
    parent: int = 0


_MARK = Struct("<5I")
# Aliases are read from this many passages at a time, since finding them takes quadratic time.
STRETCH = 300


class Sentence(NamedTuple):
    """A sentence, list item, row or block of code at `span`: a unit that is quoted whole.

    `joined` are the stems of its words, joined by spaces; `with_leads` begins with those of its
    leads and outer items.
    """

    span: Span
    text: str
    joined: str
    with_leads: str


class PassageDetail(NamedTuple):
    """The details of a passage, which are needed only when it is scored in full.

    `place` is its document's path and its number there, by which ties are broken. `text` begins at
    `start` in the document. `marks` are its leads and units, each packed as the five numbers of a
    Mark. `points` tells whether it only says where to look, `headed` whether a heading or a
    question is above it.
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
    """The stems of a passage, joined by spaces, with one at either end.

    `above` are the content words of the title, the headings and the question above; `own` those of
    the passage and what introduces it. A heading alone would come first and never answers, so it is
    searched with the passage below it. `joined` are all words, including function words: first
    those above, then the leads, then the passage.
    """

    above: str
    own: str
    joined: str


class Analysis:
    """A passage as words. `terms` are what is searched.

    `document` identifies its document: a path, or a number in the catalog. `id` is the passage's id
    in its index, 0 if it is in none. `rest` loads lazily, since most candidates are never examined.
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
        """The details of the passage, loaded on first use."""
        return self._rest()

    @property
    def path(self) -> str:
        """The path of its document."""
        return self.rest.place[0]

    @property
    def passage(self) -> Passage:
        """The passage as a value of the model."""
        return self.rest.passage()

    def has(self, phrase: Phrase) -> bool:
        """Whether these stems occur side by side in it or in the headings and leads above."""
        return f" {phrase} " in self.words.joined

    @cached_property
    def above(self) -> str:
        """The stems of the title, the headings and the question above it, with spaces."""
        return self.words.joined[: self._marks[0].first]

    @cached_property
    def leads(self) -> str:
        """The stems of its leads, with spaces; a column's name is instead kept with its cell."""
        start, joined = self.rest.start, self.words.joined
        return "".join(joined[mark.first : mark.last] for mark in self._marks if mark.start < start)

    @cached_property
    def _marks(self) -> tuple[Mark, ...]:
        return tuple(map(Mark._make, _MARK.iter_unpack(self.rest.marks)))

    @property
    def section(self) -> tuple[str | int, str]:
        """A key of its section: equal for passages of a document with the same words above."""
        return self.document, self._section

    def asked(self, stems: Sequence[str], content: Sequence[str]) -> "Analysis":
        """The passage as if a question stood above it; what is quoted of it stays the same.

        `stems` are all of the question's, `content` those of its content words.
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
        """Its text with whitespace collapsed: equal for copies of a passage."""
        return " ".join(self.rest.text.split())

    def _with_leads(self, mark: Mark) -> str:
        """The stems of a mark, after those of the leads and of the items that it is in."""
        joined = self.words.joined
        found = joined[mark.first : mark.last]
        while mark.parent:
            mark = self._marks[mark.parent - 1]
            found = joined[mark.first : mark.last] + found
        return self.leads + found if self.leads else found

    def parent(self, place: int) -> int:
        """The place of the outer item of the item at this place, or -1."""
        leads = len(self._marks) - len(self.sentences)
        parent = self._marks[leads + place].parent
        return parent - 1 - leads if parent else -1

    @cached_property
    def units(self) -> tuple[tuple[str, str], ...]:
        """The stems of each unit, in order: its own, and those with its leads and outer items."""
        joined = self.words.joined
        return tuple(
            (joined[mark.first : mark.last], self._with_leads(mark)) for mark in self._own_marks
        )

    def sentence(self, place: int) -> Sentence:
        """The unit at a place, from 0."""
        mark, start = self._own_marks[place], self.rest.start
        text = self.rest.text[mark.start - start : mark.end - start]
        return Sentence(Span(mark.start, mark.end), text, *self.units[place])

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The units of the passage, in order."""
        return tuple(map(self.sentence, range(len(self._own_marks))))

    @cached_property
    def _own_marks(self) -> tuple[Mark, ...]:
        start = self.rest.start
        return tuple(mark for mark in self._marks if mark.start >= start)


def items_of(marks: bytes, start: int) -> tuple[Item, ...]:
    """The items of a list that begins at `start`, from its packed marks."""
    found = list(map(Mark._make, _MARK.iter_unpack(marks)))
    leads = sum(mark.start < start for mark in found)
    return tuple(
        Item(mark.start, mark.end, mark.parent - 1 - leads if mark.parent else -1)
        for mark in found[leads:]
    )


# In words: a paragraph's first sentence of so few is the term that the next one explains.
MAX_TERM = 3
# A sentence that begins with one of these is quoted with the sentence before it.
MAX_PRONOUN_LENGTH = 20
_PRONOUNS = frozenset("he she it they this that these those his her their its".split())


def quoted_span(sentence: Sentence, analysis: Analysis) -> Span:
    """The span to quote for a sentence, with the one before or after it that it needs.

    A sentence that begins with a pronoun, that follows a bare yes or no, or that continues another,
    needs the one before it. A question, a bare yes or no, a term alone, a proposal, and a sentence
    that another continues need what follows: "Lost your key? Call Ann."
    """
    units = analysis.sentences
    if analysis.rest.kind is not PassageKind.PARAGRAPH:
        return sentence.span
    first = last = units.index(sentence)
    begin = words(sentence.text[:MAX_PRONOUN_LENGTH])[:1]
    if begin and begin[0].plain in _PRONOUNS:
        first = max(0, first - 1)
    if first and says_only_yes_or_no(units[first - 1].text):
        first -= 1
    is_term = first == last == 0 and len(units[0].joined.split()) <= MAX_TERM
    if (is_term or _needs_more(units[last])) and last + 1 < len(units):
        last += 1
        if says_only_yes_or_no(units[last].text) and last + 1 < len(units):
            last += 1
    first, last = _with_what_continues(units, first, last)
    return Span(units[first].span.start, units[last].span.end)


def _with_what_continues(units: Sequence[Sentence], first: int, last: int) -> tuple[int, int]:
    """The places of a quote, with the sentence that it continues, and the one that continues it.

    What became of a proposal continues it too.
    """
    if first and continues(units[first].text):
        first -= 1
    ahead = units[last + 1 : last + 3]
    if ahead and continues(ahead[0].text):
        return first, last + 1
    for place, unit in enumerate(ahead, start=1):
        if settles(unit.text, units[last].text):
            return first, last + place
    return first, last


def _needs_more(sentence: Sentence) -> bool:
    return sentence.text.endswith("?") or says_only_yes_or_no(sentence.text)


def analyse(passage: Passage) -> Analysis:
    """Cut a passage into words, and into the units that are quoted whole.

    The words of the title, the headings and the leads are included.
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
    """A unit that is quoted whole, or a lead, and its words.

    `parent` is, for a nested item, the place of its outer item; else -1.
    """

    start: int
    end: int
    words: Sequence[Word]
    parent: int = -1


def _lead_units(passage: Passage) -> Iterator[_Unit]:
    """The leads of a passage, except a header row that is searched with its cells."""
    for start, end, role in passage.leads:
        if role is Role.INTRODUCTION or (role is Role.HEADER and not passage.cells):
            yield _Unit(start, end, _words(passage.document.text[start:end]))


def _units(passage: Passage) -> Iterator[_Unit]:
    """The sentences of a paragraph, or the items of a list; any other passage is one unit."""
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
    """The words of a text, followed by the words that it implies."""
    return (*words(text), *_implied(text))


def _implied(text: str) -> Sequence[Word]:
    """The parts of its identifiers, and "email" for an address."""
    return (*identifier_parts(text), *addresses(text))


def _step(item: str) -> Sequence[Word]:
    """Other names of a numbered item: "step 3", "the third step"."""
    number = _NUMBER.match(item)
    if number is None:
        return ()
    return words(f"step {_ORDINALS.get(int(number[1]), '')}")


_NUMBER = re.compile(r"(\d{1,3})[.)]\s")
_ORDINALS = {1: "first", 2: "second", 3: "third"}  # others only by number


def _sentences(passage: Passage) -> Iterator[_Unit]:
    """The sentences of a paragraph; all of it if none is found."""
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
    """A document's word counts, which can be added to a corpus and subtracted again.

    `passages` is their number, `length` the number of terms in all of them. `terms` counts the
    passages with each term, `words` the occurrences of each plain word that has only letters.
    `capital` are the terms that it capitalizes within a sentence, `small` those that it writes in
    lower case anywhere.
    """

    passages: int
    length: int
    terms: Counter[str]
    words: Counter[str]
    capital: frozenset[str]
    small: frozenset[str]

    def plus(self, other: "Profile") -> "Profile":
        """The sum of both. This profile's counters are changed and must not be used again."""
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
    """Count the words of a document's passages, each given as (terms, text)."""
    terms: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    capital: set[str] = set()
    small: set[str] = set()
    for searched, text in passages:
        terms.update(set(searched))
        found = words(text)
        counts.update([word.plain for word in found if word.plain.isalpha()])
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
    """The aliases in a document with these passages, without repeats."""
    found: dict[Alias, None] = {}
    for start in range(0, len(texts), STRETCH):
        found.update(dict.fromkeys(aliases(texts[start : start + STRETCH], is_common)))
    return list(found)
