"""Reads a question as a query: its words, their forms in the documents, and what is missing."""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, product, zip_longest

from bot.answering.query import A_SECOND_STEP, A_SYNONYM, Form, Group, Query, Term
from bot.answering.vocabulary import Vocabulary
from bot.answering.weights import (
    ALIAS,
    EARLIER,
    JOINED,
    OFFICE,
    RARE_ENOUGH,
    SAYS_LITTLE,
    SECOND_COVERS,
    SECOND_STEP,
    SYNONYM,
    SYNONYM_COVERS,
    SYNONYM_OF_UNKNOWN,
)
from bot.english import questions
from bot.english.answer_types import gives_time
from bot.english.comparisons import compared
from bot.english.contrasts import contrasts
from bot.english.names import PARTICLES
from bot.english.questions import Kind
from bot.english.spelling import is_english, meant_in_english, other_spellings, rarity
from bot.english.synonyms import PLACES, Phrase, shipped
from bot.english.text import (
    COUNTED,
    FUNCTION_TERMS,
    LIGHT_VERBS,
    STOP_WORDS,
    Word,
    plain,
    stem,
    words,
)

# Function words that form part of other words: sign-off, on-call, workaround.
_PARTICLES = frozenset("in on off up out over down by back under around away through".split())
# "Which kinds of attacks?" asks which attacks.
_CLASSES = frozenset("kind kinds sort sorts type types".split())
# 4.3 and 4.3.0 are one version; 4.3.1 is another.
_VERSION = re.compile(r"\d+\.\d+(?:\.0)?")
# Parts of a document that have a number.
_NUMBERED = frozenset("clause section paragraph article rule point item step".split())
# "It took place" says no more than "it was".
_TAKES = frozenset(map(stem, ("take", "took", "taken", "taking")))
# "The vacation policy" asks about vacation.
_RULES = frozenset(map(stem, "policy policies guideline procedure rule regulation".split()))
_MAX_JOINED = 3
# In words: a shorter question may occur in a heading by chance.
_MIN_LITERAL = 3
# In words: a longer question is not read as "what is X?".
_MAX_SUBJECT = 6
_JOINED = "joined"
# Size of the caches of words' and phrases' forms.
MAX_CACHED = 2_000


class QueryReader:
    """Turns questions into queries, with the vocabulary of a corpus.

    `knows` tells whether any passage has a term, `idf` how rare it is in the corpus.
    """

    def __init__(
        self, vocabulary: Vocabulary, knows: Callable[[str], bool], idf: Callable[[str], float]
    ) -> None:
        self._vocabulary = vocabulary
        self._synonyms = vocabulary.synonyms
        self._knows = knows
        self._idf = idf
        # A word has the same forms in every question, and the same words are asked often.
        self._term = lru_cache(MAX_CACHED)(self._term_of)
        self._others = lru_cache(MAX_CACHED)(self._others_of)
        self._longest = lru_cache(MAX_CACHED)(vocabulary.longest)
        self._of_offices = lru_cache(MAX_CACHED)(self._of_offices_of)

    def read(
        self,
        question: str,
        earlier: Sequence[str] = (),
        within: str | None = None,
        written: str = "",
    ) -> Query:
        """The query for a question in normal form, which may lean on `earlier` ones of its thread.

        Only a question that leans on another borrows words from it. `written` are all of these
        questions as typed, since capitals tell names.
        """
        found, read_as = self._corrected(self._without_frame(words(question), question))
        guessed = self._guessed(read_as, written)
        content = [word for word in found if word.is_content]
        groups = self._groups(found, question)
        kind = self._kind(question, content)
        leans = bool(earlier) and questions.leans(question)
        if leans:
            before = self.read(earlier[-1], earlier[:-1], written=written)
            if kind is Kind.OTHER and questions.is_fragment(question):
                gives_it = before.kind is Kind.WHEN and gives_time(question)  # "and on Fridays?"
                kind = kind if gives_it else before.kind
            lent = self._lent(before, groups)
            borrowed = {term.word for group in lent for term in group.terms}
            groups += lent
            guessed_before = [pair for pair in before.guessed if pair[1] in borrowed]
            guessed += guessed_before
            read_as += guessed_before
        return Query(
            kind,
            groups,
            (*pairwise(word.term for word in content), *self._definition(kind, content)),
            self._missing(content, groups),
            tuple(f"I read “{word}” as “{meant}”." for word, meant in read_as),
            within,
            tuple(guessed),
            _literally(found),
            contrasts(found, question, kind),
            question,
            _subject(found),
            tuple(w.plain for w in content if self._vocabulary.is_subject(w.term)),
            compared(question),
            next((word.plain for word in _part_numbers(found)), ""),
            leans,
        )

    def _without_frame(self, found: Sequence[Word], question: str) -> list[Word]:
        """The words without those that only frame the question, unless it has no others.

        These are "explain" in "can you explain how", and those that say what kind of thing is asked
        for: "often" in "how often", "kinds" in "kinds of". The latter stay where the documents have
        them and the question has another word: "how long?" alone asks about nothing.
        """
        asked = questions.end_of_request(question)
        if any(word.is_content and word.end > asked for word in found):
            found = [word for word in found if not word.is_content or word.end > asked]
        end = questions.end_of_kind(question)
        kinds = [
            word
            for word, after in zip_longest(found, found[1:])
            if word.is_content
            and (word.end == end or (word.plain in _CLASSES and after and after.plain == "of"))
        ]
        is_alone = all(word in kinds for word in found if word.is_content)
        return [
            word for word in found if word not in kinds or (self._knows(word.term) and not is_alone)
        ]

    def as_meant(self, found: Sequence[Word]) -> Sequence[Word]:
        """The words with their spelling corrected."""
        return self._corrected(found)[0]

    def is_word(self, written: str) -> bool:
        """Whether the documents have a word as written, so that it is not chat shorthand.

        A single lowercase letter is shorthand even if it is a name: "r u there", despite gate R.
        """
        term = stem(plain(written))
        is_letter = len(written) == 1 and written.islower()
        return self._knows(term) and not (is_letter and self._vocabulary.is_name(term))

    def _kind(self, question: str, content: Sequence[Word]) -> Kind:
        """The kind of question; a "who" question with nothing but a name is WHO_IS."""
        kind = questions.kind(question)
        names = bool(content) and all(
            self._vocabulary.is_name(word.term) or word.plain in PARTICLES for word in content
        )
        return Kind.WHO_IS if kind is Kind.WHO and names else kind

    def _definition(self, kind: Kind, content: Sequence[Word]) -> Iterator[tuple[str, str]]:
        """For "what is PTO?", the adjacent stems where it is spelt out: "paid time off (PTO)"."""
        subjects = [word.term for word in content if word.term not in questions.ABOUT_THE_TEXT]
        if kind is Kind.OTHER and len(subjects) == 1:
            for known in self._vocabulary.called(frozenset(subjects)):
                spelt_out = known.found_as.split()
                said = [term for term in spelt_out if term not in FUNCTION_TERMS]
                if subjects[0] in (_initials(spelt_out), _initials(said)):
                    yield from pairwise((*said, *subjects))

    def _missing(self, content: Iterable[Word], groups: Iterable[Group]) -> tuple[str, ...]:
        """The words that the corpus has in no form, except those about the asking itself."""
        joined = {
            term.word
            for group in groups
            if any(form.via == _JOINED for form in group.forms)
            for term in group.terms
        }
        asked = (
            word
            for word in content
            if word.term not in questions.ABOUT_THE_TEXT and word.plain not in joined
        )
        return tuple(
            dict.fromkeys(
                word.plain
                for word in asked
                if not self._knows(word.term)
                and not self._spelt(word.plain, word.term)
                and not self._parted(word.plain, word.term)
                and not self._others(word.term)
                and not self._vocabulary.in_a_path(word.plain)
            )
        )

    def _lent(self, before: Query, groups: tuple[Group, ...]) -> tuple[Group, ...]:
        """The groups to borrow from an earlier question: those of which this one has no word."""
        asked = {term.word for group in groups for term in group.terms}
        return tuple(
            group._replace(
                weight=min(group.weight, EARLIER),
                terms=tuple(t._replace(strict=t.strict and self._is_known(t)) for t in group.terms),
            )
            for group in before.groups
            if asked.isdisjoint(term.word for term in group.terms)
        )

    def _is_known(self, term: Term) -> bool:
        return self._knows(term.forms[0].phrase)

    def _guessed(self, read_as: list[tuple[str, str]], written: str) -> list[tuple[str, str]]:
        """Among the corrected words, those that are names, by the asker's or the corpus's capitals.

        Each is a pair of the word as asked and the word read instead.
        """
        capitals = questions.capitals(written) if read_as else {}
        return [
            (word, meant)
            for word, meant in read_as
            if word in capitals and (capitals[word] or self._vocabulary.is_name(stem(meant)))
        ]

    def _corrected(self, asked: Iterable[Word]) -> tuple[list[Word], list[tuple[str, str]]]:
        """The words with their spelling corrected, and the corrections as (word, correction)."""
        found, read_as = [], []
        for word in asked:
            meant = None
            if not self._is_right(word.plain, word.term):
                near = self._vocabulary.nearest(word.plain)
                meant = near or meant_in_english(word.plain)
            if meant is None:
                found.append(word)
            else:
                read_as.append((word.plain, meant))
                found.append(words(meant)[0])
        return found, read_as

    def _is_right(self, word: str, stem: str) -> bool:
        return (
            word in STOP_WORDS
            or word[0].isdigit()
            or self._knows(stem)
            or self._synonyms.begins(stem)
            or is_english(word)
            or bool(self._spelt(word, stem) or self._parted(word, stem))
        )

    def _groups(self, found: list[Word], question: str) -> tuple[Group, ...]:
        """Split the words into known phrases, longest first, and single words."""
        groups: list[Group] = []
        start = 0
        while start < len(found):
            length = self._phrase_at(found, start)
            as_one, joined = self._joined_at(found, start)
            length = max(length, as_one)
            inside = found[start : start + length]
            terms = tuple(
                self._term(word.plain, word.term, _tells_apart(found, place, question))
                for place, word in enumerate(inside, start)
                if word.is_content
            )
            if _takes_place(inside):
                terms = tuple(
                    t._replace(says=SAYS_LITTLE * t.says, information=SAYS_LITTLE * t.information)
                    for t in terms
                )
            if _names_a_part(inside, found[start + length :]):
                terms = tuple(t._replace(says=SAYS_LITTLE * t.says, information=0.0) for t in terms)
            if terms:
                phrase = " ".join(word.term for word in inside)
                others = self._others(phrase) if length > 1 else ()
                groups.append(Group(terms, (*others, *(joined if as_one == length else ()))))
            start += length
        return tuple(self._with_offices(groups))

    def _phrase_at(self, found: list[Word], start: int) -> int:
        """The length in words of the longest known phrase that begins here; 1 for none."""
        longest = self._longest(found[start].term)
        for length in range(min(longest, len(found) - start), 1, -1):
            inside = found[start : start + length]
            phrase = " ".join(word.term for word in inside)
            known = phrase in self._synonyms or self._vocabulary.called(frozenset([phrase]))
            if known and any(word.is_content for word in inside):
                return length
        return 1

    def _joined_at(self, found: list[Word], start: int) -> tuple[int, tuple[Form, ...]]:
        """How many words from here the corpus writes as one, and that form; usually (1, ())."""
        for length in range(min(_MAX_JOINED, len(found) - start), 1, -1):
            inside = found[start : start + length]
            if all(b.start - a.end == 1 for a, b in pairwise(inside)) and _may_be_joined(inside):
                joined = stem("".join(word.plain for word in inside))
                if self._knows(joined):
                    return length, (Form(joined, JOINED, 1.0, _JOINED),)
        return 1, ()

    def _parted(self, word: str, term: str) -> tuple[Form, ...]:
        """Forms in which the corpus writes one word as several: "data center" for "datacenter".

        Also another spelling of a version number: 4.3.0 for 4.3.
        """
        if _VERSION.fullmatch(word) and not self._knows(term):
            other = term.removesuffix(".0") if term.count(".") > 1 else f"{term}.0"
            return (Form(other, JOINED, 1.0, "the same version"),) if self._knows(other) else ()
        if not word.isalnum():
            return ()
        parts = self._parts(word, _MAX_JOINED)
        if self._knows(term):  # "inform" is not "in form"
            parts = (found for found in parts if found[0] not in _PARTICLES)
        return tuple(Form(" ".join(map(stem, found)), JOINED, 1.0, "parted") for found in parts)

    def _spelt(self, word: str, term: str) -> tuple[Form, ...]:
        """The other spelling of a word, if the corpus has it: "color" for "colour"."""
        other = (stem(spelling) for spelling in other_spellings(word))
        known = (found for found in other if found != term and self._knows(found))
        return tuple(Form(found, JOINED, 1.0, "another spelling") for found in known)

    def _parts(self, word: str, most: int) -> Iterator[tuple[str, ...]]:
        """The ways to split a word into words of the corpus, not all of them particles."""
        for place in range(1, len(word)):
            left, right = word[:place], word[place:]
            code = left.isalpha() and right.isdigit()
            if not code and not (word.isalpha() and len(left) > 1 and len(right) > 1):
                continue
            if not self._is_part(left):
                continue
            if self._is_part(right) and not {left, right} <= _PARTICLES:
                yield left, right
            elif most > 2 and not code:
                yield from ((left, *others) for others in self._parts(right, most - 1))

    def _is_part(self, word: str) -> bool:
        return word in _PARTICLES or (word not in STOP_WORDS and self._knows(stem(word)))

    def _term_of(self, word: str, stem: str, tells_apart: bool | None) -> Term:
        says = min(1.0, rarity(word) / RARE_ENOUGH)
        if (
            stem in LIGHT_VERBS
            or stem in _RULES
            or (stem in questions.ABOUT_THE_TEXT and not self._knows(stem))
        ):
            says *= SAYS_LITTLE
        forms = (
            Form(stem, 1.0),
            *self._spelt(word, stem),
            *self._parted(word, stem),
            *self._others(stem),
        )
        strict = self._is_strict(word, stem) if tells_apart is None else tells_apart
        return Term(word, forms, says, self._idf(stem) * says, strict)

    def _is_strict(self, word: str, stem: str) -> bool:
        """Whether a word is a number or a name.

        A name is capitalized in the corpus, a document's title, in the list of places, or neither
        in the corpus nor English.
        """
        if self._vocabulary.is_name(stem) or word[0].isdigit():
            return True
        if self._vocabulary.is_subject(stem):
            return True
        if self._knows(stem):
            return False
        return stem in shipped(PLACES) or not self._is_right(word, stem)

    def _others_of(self, phrase: Phrase) -> tuple[Form, ...]:
        """The other forms of a phrase of which the corpus has every word, without repeats."""
        found: dict[tuple[Phrase, Container[object] | None], Form] = {}
        for form in self._chain(phrase):
            if form.phrase != phrase and self._has_all(form.phrase):
                known = found.setdefault((form.phrase, form.documents), form)
                if form.weight > known.weight:
                    found[form.phrase, form.documents] = form
        return tuple(found.values())

    def _chain(self, phrase: Phrase) -> Iterator[Form]:
        """A phrase's aliases, its synonyms with their aliases, and the synonyms' synonyms."""
        yield from self._called(phrase, ALIAS)
        known = self._has_all(phrase)
        weight = SYNONYM if known else SYNONYM_OF_UNKNOWN
        for synonym in self._synonyms.of(phrase):
            yield Form(synonym, weight, SYNONYM_COVERS, A_SYNONYM)
            yield from self._called(synonym, weight * ALIAS)
            for second in () if known else self._synonyms.of(synonym):
                yield Form(second, weight * SECOND_STEP, SECOND_COVERS, A_SECOND_STEP)

    def _called(self, phrase: Phrase, weight: float) -> Iterator[Form]:
        for known in self._vocabulary.called(frozenset([phrase])):
            yield Form(known.found_as, weight, 1.0, known.name, known.documents)

    def _has_all(self, phrase: Phrase) -> bool:
        if " " not in phrase:
            return self._knows(phrase)
        content = [stem for stem in phrase.split() if stem not in FUNCTION_TERMS]
        return bool(content) and all(self._knows(stem) for stem in content)

    def _with_offices(self, groups: list[Group]) -> Iterator[Group]:
        """Add the holder of an office as a form of both of its words: "French president"."""
        holders: dict[int, list[Form]] = {}
        names = [self._of_offices(" ".join(t.forms[0].phrase for t in g.terms)) for g in groups]
        for place, (one, other) in enumerate(pairwise(names)):
            for first, second in product(one, other):
                for known in self._vocabulary.called(frozenset([first, second])):
                    form = Form(known.found_as, OFFICE, 1.0, known.name, known.documents)
                    holders.setdefault(place, []).append(form)
                    holders.setdefault(place + 1, []).append(form)
        for place, group in enumerate(groups):
            yield (
                group._replace(forms=(*group.forms, *holders[place])) if place in holders else group
            )

    def _of_offices_of(self, phrase: Phrase) -> tuple[Phrase, ...]:
        """The phrase and its synonyms, as far as they are part of somebody's office."""
        names = (phrase, *self._synonyms.of(phrase))
        return tuple(name for name in names if self._vocabulary.in_offices(name))


def _initials(terms: Iterable[str]) -> str:
    return "".join(term[0] for term in terms)


def _tells_apart(found: Sequence[Word], place: int, question: str) -> bool | None:
    """Whether a number or letter tells a thing from others of its kind; None for other words.

    In "two people" it is only a count, in "building two" it identifies; and C++ is not C.
    """
    word = found[place]
    before = found[place - 1] if place else None
    if not word.plain.isalnum() and not word.plain[0].isdigit():
        return True if any(symbol in word.plain for symbol in "+#&/") else None
    if word.plain[0].isdigit():
        written = question[word.start : word.end]
        return not written.isalpha() or written.endswith("th") or _is_counted(before)
    if len(word.plain) == 1:
        after = found[place + 1] if place + 1 < len(found) else None
        begins_another = after is not None and question[word.end : after.start] == "-"
        return not begins_another and before is not None and word.start - before.end == 1
    return None


def _is_counted(word: Word | None) -> bool:
    return word is not None and word.plain in COUNTED


def _takes_place(inside: Sequence[Word]) -> bool:
    return inside[-1].term == "place" and inside[0].term in _TAKES


def _names_a_part(inside: Sequence[Word], after: Sequence[Word]) -> bool:
    """Whether a word only names the part of a document that a number such as 6.3 identifies."""
    return bool(after) and "." in after[0].plain and [*_part_numbers([inside[-1], after[0]])] != []


def _part_numbers(found: Sequence[Word]) -> Iterator[Word]:
    """The numbers of parts of a document: "clause 6.3", "step 4"."""
    for before, word in pairwise(found):
        if before.plain in _NUMBERED and word.plain[0].isdigit():
            yield word


def _may_be_joined(inside: Sequence[Word]) -> bool:
    """Whether words may be written as one: "sign off", "JIRA 123"; not "a way" or two numbers."""
    if any(not word.is_content and word.plain not in _PARTICLES for word in inside):
        return False
    return (
        all(word.plain.isalnum() for word in inside)
        and any(word.is_content for word in inside)
        and any(word.plain.isalpha() for word in inside)
    )


def _subject(found: Sequence[Word]) -> Phrase:
    """The stems of X in "what is X?" and "what are Xs?"; "" for any other question."""
    if [word.plain for word in found[:1]] != ["what"] or not 2 < len(found) <= _MAX_SUBJECT:
        return ""
    if found[1].plain not in ("is", "are", "was", "were"):
        return ""
    named = found[3:] if found[2].plain in ("a", "an", "the") else found[2:]
    return " ".join(w.term for w in named) if all(w.is_content for w in named) else ""


def _literally(found: Sequence[Word]) -> tuple[Phrase, ...]:
    """The stems of a whole question, and without "is" or "are", as in "what's"; () if short."""
    if len(found) < _MIN_LITERAL:
        return ()
    terms = [word.term for word in found]
    whole = " ".join(terms)
    if found[1].plain in ("is", "are"):
        return whole, " ".join([terms[0], *terms[2:]])
    return (whole,)
