"""What a question's words exclude: off is not on, silver is not gold, and three hours are not two.

The classes are data, in `contrasts.txt`; how a text is found to have the other word instead is in
`conflicts.py`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

from bot.english.contrast_classes import class_of, prefixes, times, units
from bot.english.contrast_terms import (
    NON,
    NOT,
    PARTICLES,
    REACH,
    around,
    denied_words,
    ending_in,
    is_content,
    terms_of,
    verbs,
)
from bot.english.questions import Kind
from bot.english.text import COUNTED, FUNCTION_TERMS, Word, stem

# Size of the cache of contrasts' signs.
MAX_CACHED = 2_000
# A particle's verb is at most this many words before it: "turn the kitchen alarm off".
_OBJECT = 4
_BE = frozenset("is are was were be been stay remain keep".split())
_DETERMINERS = frozenset(
    "a an the this that these those my your our their his her its each every any all".split()
)
# Groups of prepositions that exclude each other; phrases with a space count as one preposition.
_PREPOSITIONS = (
    (("with",), ("without",)),
    (
        ("before", "until", "till", "prior to", "earlier than"),
        ("during", "in", "throughout"),
        ("after", "later than"),
    ),
    (("above", "over", "more than", "at least"), ("below", "under", "less than", "at most")),
    (("inside", "within"), ("outside",)),
)
# Asked for, it excludes others, but where it stands it may mean anything.
_VAGUE = frozenset(("in",))
# Limits also answer a yes-or-no question about more or less.
LIMITS = frozenset(("at least", "at most"))
# Words that negate, in any form.
_DENYING = NOT | frozenset(
    stem(word)
    for word in """
    without except unless only neither nor none nobody nothing exempt exclude forbid forbidden
    prohibit free refuse fail unable lack miss missing avoid stop instead other cease apart keep
    prevent
    """.split()
)
_WH = frozenset("who whom whose which what when".split())
_CLAUSES = frozenset(map(stem, "if because while where although until unless".split()))
_NEGATING = ("un", NON, "dis")
# In these, "dis" or "un" is not a negating prefix.
_NOT_NEGATED = frozenset(
    stem(word)
    for word in """
    discount disease dispatch discover display discharge dispose distance discuss dismiss distress
    disposition discord discourse disorder disjoin distribute distinct dispute disaster discipline
    disposable under underline understand unless until
    """.split()
)
_OR_BEYOND = frozenset(
    map(stem, "above up higher more below lower less upward later newer".split())
)
# Nouns whose instances a number identifies: "version 3", "week 12".
_NUMBERED = frozenset(
    map(stem, (*COUNTED, *"version release week day year bus route exit".split()))
)
# With one of these, a question asks when something begins or ends, not whether it is so.
_WHEN = frozenset(("at", "by", "from"))


class Contrast(NamedTuple):
    """A word of a question that other words exclude.

    - `asked`: the word, as a term
    - `terms`: it and its equivalents
    - `others`: the terms that exclude it
    - `beside`: the terms that tell its place, nearest first
    - `places`: given the terms of a text and some words, yields each of these words in the text
      with the terms that tell its place there
    - `anywhere`: whether the word counts as present anywhere in a passage (content words), or only
      in the same place (function words)
    - `signs`: stems of which a passage must have one to conflict, as a fast filter
    """

    asked: str
    terms: frozenset[str]
    others: frozenset[str]
    beside: tuple[str, ...]
    places: Callable[[Sequence[str], Collection[str]], Iterator[tuple[str, Sequence[str]]]]
    anywhere: bool = True
    signs: frozenset[str] = frozenset()


def contrasts(asked: Sequence[Word], question: str, kind: Kind) -> tuple[Contrast, ...]:
    """The words of a question that other words exclude.

    `asked` are its words with their spelling corrected.
    """
    terms = terms_of(" ".join(word.term for word in asked), question)
    found = (
        *_particles(terms),
        *_prepositions(terms, kind),
        *_prefixed(terms),
        *_numbers(terms),
        *_words(terms, {word.term: word.plain for word in asked}, kind),
        *_denials(terms),
    )
    return tuple(
        one._replace(signs=_signs(one.others, () if one.others else one.beside)) for one in found
    )


@lru_cache(MAX_CACHED)
def _signs(others: frozenset[str], beside: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_signs_of(others, beside))


def _signs_of(others: frozenset[str], beside: tuple[str, ...]) -> Iterator[str]:
    for other in others or beside:
        yield other.rpartition(" ")[2]
        if other in LIMITS:  # "no more than", "up to"
            yield from ("than", "up")
        if other.startswith(NON):
            yield NON
    for other in others:
        yield from ending_in().get(other, ())


def _words(terms: Sequence[str], plain_words: Mapping[str, str], kind: Kind) -> Iterator[Contrast]:
    """The contrasts of content words, by a class or a negating prefix."""
    asked = frozenset(terms)
    denied = {term for _, (term,) in denied_words(terms, NOT)}
    for place, term in enumerate(terms):
        before = terms[place - 1] if place else ""
        if not is_content(term) or before == "how" or term in denied:
            continue
        same, others = class_of(term, plain_words.get(term, term))
        if term in units() and (before[:1].isdigit() or before == "per"):
            same, others = frozenset((term,)), units()[term]
        elif kind is Kind.YES_NO and _is_predicate(terms, place):
            continue
        others, negated = others - asked, _negated(term) - asked
        if others:
            places = _throughout if term in times() else _about
            yield Contrast(term, same | {term}, others, around(terms, place), places)
        if negated:
            yield Contrast(term, same | {term}, negated, around(terms, place, 1), _next_to)


def _is_predicate(terms: Sequence[str], place: int) -> bool:
    """Whether a yes-or-no question asks about this word: "is it open?" is answered by "closed"."""
    before = terms[place - 1] if place else ""
    after = terms[place + 1] if place + 1 < len(terms) else ""
    is_said_of = is_content(before) or before in _BE or before in ("i", "we", "it", "you", "they")
    return is_said_of and not is_content(after) and after not in _WHEN


def _negated(term: str) -> frozenset[str]:
    """The same word with a negating prefix, or without the one that it has."""
    if term in _NOT_NEGATED or not term.isalpha():
        return frozenset()
    bare = {
        term.removeprefix(prefix)
        for prefix in _NEGATING
        if term.startswith(prefix) and len(term) >= len(prefix) + 4
    }
    return frozenset(bare | ({prefix + term for prefix in _NEGATING} - _NOT_NEGATED))


def _numbers(terms: Sequence[str]) -> Iterator[Contrast]:
    """The contrasts of things identified by a number or a letter: level 3, grade B."""
    for counted, number in pairwise(terms):
        if counted in _NUMBERED and _is_number(number):
            places = partial(_counted, number[0].isdigit())
            yield Contrast(number, frozenset((number,)), frozenset(), (counted,), places)


def _is_number(term: str) -> bool:
    return (term[0].isdigit() or len(term) == 1) and term != "a"


def _counted(
    digits: bool, text: Sequence[str], _: Collection[str]
) -> Iterator[tuple[str, Sequence[str]]]:
    """Each number (or letter) after a counted noun, unless "or above" or the like follows."""
    for place in range(len(text) - 1):
        number = text[place + 1]
        is_last = _OR_BEYOND.isdisjoint(text[place + 2 : place + 5])
        is_alike = _is_number(number) and number[0].isdigit() == digits
        if text[place] in _NUMBERED and is_alike and is_last:
            yield number, (text[place],)


def _prepositions(terms: Sequence[str], kind: Kind) -> Iterator[Contrast]:
    for one, other in _opposed():
        if one.isdisjoint(terms) or not other.isdisjoint(terms):
            continue
        others = other - LIMITS if kind is Kind.YES_NO else other
        for preposition, after in _ahead(terms, one):
            if after:
                yield Contrast(preposition, one, others, tuple(after), _ahead, anywhere=False)
            elif preposition in LIMITS:
                before = around(terms, terms.index(preposition))
                yield Contrast(preposition, one, others & LIMITS, before, _about, anywhere=False)


def _ahead(text: Sequence[str], wanted: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Each of the prepositions in a text, with the next content words."""
    for place, term in enumerate(text):
        if term in wanted:
            yield term, [t for t in text[place + 1 : place + 5] if is_content(t)][:REACH]


def _throughout(
    text: Sequence[str], wanted: Collection[str]
) -> Iterator[tuple[str, Sequence[str]]]:
    """Each of the words in a text, with the whole text as its place."""
    for term in text:
        if term in wanted:
            yield term, text


def _about(text: Sequence[str], wanted: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Each of the words in a text, with the content words around it."""
    for place, term in enumerate(text):
        if term in wanted:
            yield term, around(text, place)


def _next_to(text: Sequence[str], wanted: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Each of the words in a text, with the nearest content word on each side."""
    for place, term in enumerate(text):
        if term in wanted:
            yield term, around(text, place, 1)


def _prefixed(terms: Sequence[str]) -> Iterator[Contrast]:
    for prefix, others in prefixes().items():
        if prefix not in terms or not others.isdisjoint(terms):
            continue
        for found, after in _next(terms, (prefix,)):
            same = frozenset((prefix,))
            yield Contrast(found, same, others, tuple(after), _next, anywhere=False)


def _next(text: Sequence[str], wanted: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Each of the words in a text, with the next word."""
    for one, after in pairwise(text):
        if one in wanted:
            yield one, (after,)


def _particles(terms: Sequence[str]) -> Iterator[Contrast]:
    for one, other, _ in PARTICLES:
        for asked, opposite in ((one, other), (other, one)):
            if asked not in terms or opposite in terms:
                continue
            for particle, beside in _turned(terms, (asked,)):
                others = frozenset((opposite,))
                same = frozenset((asked,))
                yield Contrast(particle, same, others, tuple(beside), _turned, anywhere=False)


def _turned(text: Sequence[str], wanted: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Each of the particles in a text, with its verb and object, or with what is on or off.

    The object makes "switch the alarm on" and "turn the alarm off" the same place.
    """
    for place, term in enumerate(text):
        if term in wanted:
            first = max(0, place - _OBJECT)
            found = [at for at in range(first, place) if text[at] in verbs()[term]]
            if found:
                between = [t for t in text[found[-1] + 1 : place] if is_content(t)]
                after = [t for t in text[place + 1 : place + _OBJECT] if is_content(t)]
                yield term, [text[found[-1]], *(between[-1:] or after[:1])]
            elif place > 1 and text[place - 1] in _BE and _ends_there(text, place):
                yield term, [t for t in text[:place] if is_content(t)][-1:]


def _ends_there(text: Sequence[str], place: int) -> bool:
    """Whether no object follows, so "on" is not a preposition: "when the light is on"."""
    after = text[place + 1] if place + 1 < len(text) else ""
    return not after or (after in FUNCTION_TERMS and after not in _DETERMINERS)


def _denials(terms: Sequence[str]) -> Iterator[Contrast]:
    """The contrasts of affirmed and negated words, in simple questions with who, which or what."""
    if not terms or _WH.isdisjoint(terms[:2]) or not _CLAUSES.isdisjoint(terms):
        return
    denied = list(denied_words(terms, NOT))
    for asked, (term,) in denied:
        yield Contrast(asked, _DENYING | _negated(term), frozenset(), (term,), _each)
    if not denied and _DENYING.isdisjoint(terms):
        for term in dict.fromkeys(filter(is_content, terms)):
            yield Contrast(term, frozenset(), NOT, (term,), denied_words, anywhere=False)


def _each(text: Sequence[str], _: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    for term in text:
        yield term, (term,)


@cache
def _opposed() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Sets of equivalent prepositions, each with those that exclude them."""
    return tuple(_oppose())


def _oppose() -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    for group in _PREPOSITIONS:
        members = [frozenset(w if " " in w else stem(w) for w in one) for one in group]
        for one in members:
            yield one, frozenset().union(*members) - one - _VAGUE
