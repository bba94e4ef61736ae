"""Matches a question against what editors taught: for the same words, or for similar ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from bot.answering.query import Query
from bot.answering.weights import SAME_QUESTION
from bot.documents.scope import names_of
from bot.english import decoration, questions
from bot.english.conflicts import Texts, conflict, other_name, possible
from bot.english.contrast_terms import terms_of
from bot.english.text import LIGHT_VERBS, Word, stem, words
from bot.index import Index
from bot.index.analysis import Analysis
from bot.learning.taught import MAX_QUESTION_LENGTH, Entry, Taught
from bot.model import Span

# Size of each cache: places of entries, parsed questions and so on.
MAX_CACHED = 2_000
# A question with more content words than this is long.
LONG = 3


class Place(NamedTuple):
    """Where the words of a taught passage are."""

    analysis: Analysis
    span: Span


class Lesson(NamedTuple):
    """A taught passage, analysed as if the taught question stood above it.

    `span` is the taught text, `on` the day when it was taught, and `words` are the stems of the
    taught question. `is_same` tells whether this very question was taught, or a similar one.
    """

    analysis: Analysis
    span: Span
    on: str
    is_same: bool
    words: frozenset[str]


class _Read(NamedTuple):
    """A parsed taught question: in normal form, as plain words, and with spelling corrected."""

    normal: str
    key: tuple[str, ...]
    found: Sequence[Word]


class Lessons:
    """Finds the lessons for a question. Entries whose words are gone are stale and never used.

    `is_word` tells whether the documents have a word as written. `corrected` corrects the spelling
    of a question's words.
    """

    def __init__(
        self,
        index: Index,
        taught: Taught,
        is_word: Callable[[str], bool],
        corrected: Callable[[Sequence[Word]], Sequence[Word]],
    ) -> None:
        self._index, self._taught, self._is_word = index, taught, is_word
        self._corrected = corrected
        self.place = lru_cache(MAX_CACHED)(self._find)
        self._read = lru_cache(MAX_CACHED)(self._read_question)
        self._key = lru_cache(MAX_CACHED)(self._key_of)
        self._same = lru_cache(MAX_CACHED)(self._entries_for)
        self._content = lru_cache(MAX_CACHED)(lambda text: frozenset(_stems(words(text))))

    def _find(self, entry: Entry) -> Place | None:
        """Where the words of an entry are; None if they are gone or nothing was taught."""
        if entry.document is None:
            return None
        for analysis in self._index.analyses_of(entry.document):
            if (span := entry.found_in(analysis.passage)) is not None:
                return Place(analysis, span)
        return None

    def entries_for(self, normal: str) -> list[Entry]:
        """The newest entry of each folder for exactly this question, given in normal form.

        An entry without a passage says that nothing answers, and cancels all older entries.
        """
        return self._same(normal) if self._taught else []

    def _entries_for(self, normal: str) -> list[Entry]:
        key = _key(words(normal))
        if not key:
            return []
        found: dict[str, Entry] = {}
        for entry in self._candidates(normal, _stems(words(normal)), 1.0):
            if self._key(entry.question) != key:
                continue
            found.setdefault(entry.folder, entry)
            if entry.passage is None:
                break
        return list(found.values())

    @cached_property
    def stale(self) -> tuple[Entry, ...]:
        """The entries whose words are gone from the documents, except those since replaced."""
        by_document: dict[str, list[Entry]] = {}
        for _, entry in self._taught.entries():
            if entry is not None and entry.document is not None:
                by_document.setdefault(entry.document, []).append(entry)
        gone = []
        for path, entries in by_document.items():
            there = [" ".join(p.text.split()) for p in self._index.passages_of(path)]
            whole = frozenset(there)
            for entry in entries:
                sought = " ".join((entry.passage or "").split())
                if sought not in whole and not any(sought in text for text in there):
                    gone.append(entry)
        return tuple(e for e in gone if e in self.entries_for(self._normal(e.question)))

    def closes(self, question: str) -> bool:
        """Whether an editor has settled a question, and the taught passage still exists."""
        entries = self.entries_for(self._normal(question))
        return any(one.passage is None or self.place(one) is not None for one in entries)

    def _normal(self, question: str) -> str:
        said = decoration.read(question, MAX_QUESTION_LENGTH).question or question
        return questions.normal(said, self._is_word)

    def of(self, query: Query) -> list[Lesson]:
        """The lesson for this very question if there is one, else those for similar questions."""
        if not self._taught or any(group.weight < 1.0 for group in query.groups):
            return []
        same = [
            lesson
            for entry in self.entries_for(query.question)
            if (lesson := self._lesson(entry, query, is_same=True)) is not None
        ]
        return same[:1] or self._similar(query)

    def _similar(self, query: Query) -> list[Lesson]:
        found: dict[tuple[tuple[str, ...], str], Lesson | None] = {}
        dead: set[tuple[str, ...]] = set()
        asked = [term.forms[0].phrase for group in query.groups for term in group.terms]
        for entry in self._candidates(query.question, asked, SAME_QUESTION):
            read = self._read(entry.question)
            if read.key in dead or (read.key, entry.folder) in found:
                continue
            if entry.passage is None:
                dead.add(read.key)
            elif self._is_similar(entry.question, read, query):
                found[read.key, entry.folder] = self._lesson(entry, query, is_same=False)
        return [lesson for lesson in found.values() if lesson is not None]

    def _candidates(self, normal: str, stems: Sequence[str], share: float) -> list[Entry]:
        """The entries that may share this much of the stems: a superset, filtered cheaply."""
        least = max(1, int(share * len(set(stems))))
        found = self._taught.candidates(normal, stems, least)
        asked = frozenset(stems)
        return [entry for entry in found if self._may_be(entry.question, asked, share)]

    def _may_be(self, question: str, asked: frozenset[str], share: float) -> bool:
        """A cheap check, before the question is parsed, of whether it may share enough words."""
        own = self._content(question)
        shared = len(own & asked)
        if share < 1.0:  # a long question may have a misspelling
            return shared + (len(own) > LONG) >= share * len(own)
        return shared + (len(asked) > LONG) >= len(asked)

    def _lesson(self, entry: Entry, query: Query, *, is_same: bool) -> Lesson | None:
        place = self.place(entry)
        if place is None:
            return None
        if query.within and query.within not in names_of(place.analysis.passage.document):
            return None
        found = self._read(entry.question).found
        stems = [word.term for word in found]
        content = [word.term for word in found if word.is_content]
        analysis = place.analysis.asked(stems, content)
        return Lesson(analysis, place.span, entry.on, is_same, frozenset(stems))

    def _is_similar(self, question: str, read: _Read, query: Query) -> bool:
        """Whether two questions share most of their words, and do not contrast ("on" and "off").

        Words count by their information, since rare words tell what a question is about.
        """
        own = {word.term for word in read.found if word.is_content}
        terms = [term for group in query.groups for term in group.terms]
        every = sum(term.information for term in terms)
        shared = [term for term in terms if any(form.phrase in own for form in term.forms)]
        if not every or sum(term.information for term in shared) < SAME_QUESTION * every:
            return False
        asked = {form.phrase for term in terms for form in term.forms}
        if len(own & asked) < SAME_QUESTION * len(own):
            return False
        if any(other_name(w, query.question, question) for w in query.strict if stem(w) not in own):
            return False
        if _is_of_another(words(query.question), read.found, query.near_forms):
            return False
        joined = f" {' '.join(word.term for word in read.found)} "
        texts = Texts(terms_of(joined, read.normal), [], [])
        excluded = possible(query.contrasts, joined, read.normal)
        return conflict(excluded, texts, query.near_forms) is None

    def _read_question(self, question: str) -> _Read:
        normal = questions.normal(question, self._is_word)
        return _Read(normal, _key(words(normal)), self._corrected(words(normal)))

    def _key_of(self, question: str) -> tuple[str, ...]:
        """The words of a question without the chat around it."""
        return _key(words(self._normal(question)))


def _is_of_another(
    asked: Sequence[Word], taught: Sequence[Word], forms: Mapping[str, Sequence[str]]
) -> bool:
    """Whether the questions differ in one word between the same two neighbours.

    "The small Leeds office" is not the small Norwich office. Light verbs such as "get" are ignored.
    """
    own, there = ({word.term for word in found} for found in (asked, taught))
    others = {frame: term for frame, term in _in_frames(taught) if term not in own}
    return any(
        frame in others and not there.intersection((term, *forms.get(term, ())))
        for frame, term in _in_frames(asked)
    )


def _in_frames(found: Sequence[Word]) -> Iterator[tuple[tuple[str, str], str]]:
    """Each content word with its neighbours: ((before, after), word)."""
    terms = ["", *(word.term for word in found), ""]
    for place, word in enumerate(found):
        if word.is_content and word.term not in LIGHT_VERBS:
            yield (terms[place], terms[place + 2]), word.term


def _stems(found: Sequence[Word]) -> list[str]:
    return [word.term for word in found if word.is_content]


def _key(found: Sequence[Word]) -> tuple[str, ...]:
    """A key that is equal for questions asked in the same words."""
    return tuple(word.plain for word in found)
