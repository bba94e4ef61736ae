"""Detects conflicts: a text about the opposite of what is asked, or about another of its class.

"How do I turn the alarm off?" is not answered by how to turn it on, nor a question about silver
members by the rule for gold ones. A text conflicts if it does not have the asked word anywhere, and
has another word of its class in the same place, that is, beside the same word. The mere absence of
the word is no conflict, nor is another word in another place. The classes are data, in
`contrasts.txt`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from itertools import pairwise, takewhile
from pathlib import Path
from typing import NamedTuple

from bot.english.patterns import lazy_pattern
from bot.english.questions import Kind
from bot.english.text import COUNTED, FUNCTION_TERMS, Word, plain, stem, stems, words

# Size of the cache of contrasts' signs.
MAX_CACHED = 2_000
# How many content words on each side of a word tell its place.
_REACH = 2
# A particle's verb is at most this many words before it: "turn the kitchen alarm off".
_OBJECT = 4

_BE = frozenset("is are was were be been stay remain keep".split())
_DETERMINERS = frozenset(
    "a an the this that these those my your our their his her its each every any all".split()
)
# Opposite particles, and the verbs that they reverse: "log in", "turn the alarm off", "scale down".
_PARTICLES = (
    (
        "in",
        "out",
        "log sign check opt clock tap badge swipe punch zoom phase move buy fade cash hand let "
        "stay plug dine eat go come book slide pull",
    ),
    (
        "on",
        "off",
        "turn switch power put take flick toggle hop sign log go come get clip screw leave keep "
        "stay slip",
    ),
    (
        "up",
        "down",
        "turn scale go move scroll walk ramp size step come volume shift pull push roll wind fold "
        "climb lift sit put hold press",
    ),
)
# Groups of prepositions that exclude each other; phrases with a space count as one preposition.
_PREPOSITIONS = (
    (("with",), ("without",)),
    (
        ("before", "until", "till", "prior to", "earlier than"),
        ("during",),
        ("after", "later than"),
    ),
    (("above", "over", "more than", "at least"), ("below", "under", "less than", "at most")),
    (("inside", "within"), ("outside",)),
)
# Limits also answer a yes-or-no question about more or less.
_LIMITS = frozenset(("at least", "at most"))
# Words that negate a verb or noun up to _DENIES words after them.
_NOT = frozenset(("not", "never", "cannot", "ca", "wo", "no"))
_DENIES = 3
# With one of these a negation is limited: "not published until May".
_BUT = frozenset(map(stem, "until unless except but only before without than".split()))
# Words that negate, in any form.
_DENYING = _NOT | frozenset(
    stem(word)
    for word in """
    without except unless only neither nor none nobody nothing exempt exclude forbid forbidden
    prohibit free refuse fail unable lack miss missing avoid stop instead other cease apart keep
    prevent
    """.split()
)
_DENIAL = re.compile(r"n['’]t\b", re.I)
_WH = frozenset("who whom whose which what when".split())
_CLAUSES = frozenset(map(stem, "if because while where although until unless".split()))
_COMPARED: dict[tuple[str, ...], str] = {
    ("at", "least"): "at least",
    ("at", "most"): "at most",
    ("prior", "to"): "prior to",
    ("later", "than"): "later than",
    ("earlier", "than"): "earlier than",
    **{(no, "more", "than"): "at most" for no in ("no", "not")},
    **{(no, less, "than"): "at least" for no in ("no", "not") for less in ("less", "fewer")},
    **{
        (stem(word), "than"): "more than"
        for word in "more greater larger bigger longer higher older heavier taller".split()
    },
    **{
        (stem(word), "than"): "less than"
        for word in "less fewer smaller shorter lower younger lighter".split()
    },
}
# Prepositions before a name. After the first ones stands a place.
_PLACING = frozenset(("in", "at"))
_BEFORE_NAMES = _PLACING | {"for", "of", "to", "from", "with"}
_NON = "non"
# The first words of phrases that count as one term.
_MERGED = frozenset(("up", _NON, *(first for first, *_ in _COMPARED)))
_ENDINGS = frozenset(("", "s", "es", "ies", "ed", "d", "ing", "ings", "ly", "er", "r"))
_NEGATING = ("un", _NON, "dis")
# In these, "dis" or "un" is not a negating prefix.
_NOT_NEGATED = frozenset(
    stem(word)
    for word in """
    discount disease dispatch discover display discharge dispose distance discuss dismiss distress
    disposition discord discourse disorder disjoin distribute distinct dispute disaster discipline
    disposable under underline understand unless until
    """.split()
)
# Words that stand for several members of a class.
_COVER = {
    "weekday": "monday tuesday wednesday thursday friday",
    "weekend": "saturday sunday",
}
_RANGES = frozenset(("to", "until", "till", "through", "thru"))
_OR_BEYOND = frozenset(
    map(stem, "above up higher more below lower less upward later newer".split())
)
# Nouns whose instances a number identifies: "version 3", "week 12".
_NUMBERED = frozenset(
    map(stem, (*COUNTED, *"version release week day year bus route exit".split()))
)
# With one of these, a question asks when something begins or ends, not whether it is so.
_WHEN = frozenset(("at", "by", "from"))
_BOUNDS = frozenset(map(stem, "open opening close closing start begin end finish".split()))


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


class Conflict(NamedTuple):
    """What a text has, and what was asked instead. `of` is None for names, which have no class."""

    found: str
    asked: str
    of: Contrast | None


class Texts(NamedTuple):
    """The terms of a passage: of the quote with its leads, the headings, and other sentences."""

    quote: Sequence[str]
    above: Sequence[str]
    others: Sequence[Sequence[str]]


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
        if other in _LIMITS:  # "no more than", "up to"
            yield from ("than", "up")
        if other.startswith(_NON):
            yield _NON
    for other in others:
        yield from _ending_in().get(other, ())


def possible(asked: Sequence[Contrast], joined: str, text: str) -> list[Contrast]:
    """The contrasts with which a passage may conflict, by a fast check of its stems and text."""
    if not asked:
        return []
    stems = set(joined.split())
    denies = _denies(text)
    return [
        one for one in asked if not one.signs.isdisjoint(stems) or (denies and one.others >= _NOT)
    ]


def conflict(
    asked: Iterable[Contrast], texts: Texts, forms: Mapping[str, Collection[str]]
) -> Conflict | None:
    """The first contrast with which a passage conflicts, or None.

    `forms` are the words that may stand for each term of the question, besides itself.
    """
    every = [texts.quote, texts.above, *texts.others]
    for one in asked:
        near = _beside(one, forms)
        if _is_there(one, every, near):
            continue
        found = _other(one, texts.quote, near) or _other(one, texts.above, near)
        if found is None and near.isdisjoint(texts.quote):
            found = next(filter(None, (_other(one, text, near) for text in texts.others)), None)
        if found is not None:
            return Conflict(found, one.asked, one)
    return None


def is_about(one: Contrast, texts: Texts, forms: Mapping[str, Collection[str]]) -> bool:
    """Whether a passage has the asked word in the same place."""
    near = _beside(one, forms)
    every = (texts.quote, texts.above, *texts.others)
    return any(
        not near.isdisjoint(there) for text in every for _, there in one.places(text, one.terms)
    )


def _beside(one: Contrast, forms: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The terms that tell the place of the asked word, in every form."""
    return frozenset(one.beside).union(*(forms.get(term, ()) for term in one.beside))


def _is_there(one: Contrast, every: Sequence[Sequence[str]], near: frozenset[str]) -> bool:
    """Whether a passage has the asked word; a function word only counts in the same place."""
    if one.anywhere:
        return any(not one.terms.isdisjoint(text) for text in every)
    if one.places is _denied:  # the word tells its own place
        every = [text for text in every if not near.isdisjoint(text)]
    return any(
        not there or not near.isdisjoint(there)
        for text in every
        for _, there in one.places(text, one.terms)
    )


def _other(one: Contrast, text: Sequence[str], near: frozenset[str]) -> str | None:
    """An excluded word that a text has in the same place, or None."""
    if one.others and one.others.isdisjoint(text):
        return None
    if one.places is _denied and near.isdisjoint(text):
        return None
    if _in_a_range(one, text):
        return None
    there = one.places(text, one.others)
    return next((found for found, beside in there if not near.isdisjoint(beside)), None)


def other_name(name: str, question: str, text: str) -> str | None:
    """The name or number that a text has before the same word instead of `name`, or None.

    >>> other_name("london", "does the London office close?", "The Leeds office closes at six.")
    'Leeds'
    >>> other_name("60", "does it carry 60 people?", "It carries 40 people.")
    '40'
    """
    asked = words(question)
    terms = {word.term for word in asked}
    beside = {
        after.term
        for word, after in pairwise(asked)
        if word.plain == name and after.is_content and after.start - word.end == 1
    }
    if len(name) == 1 and name.isalpha():  # letters are compared by `_numbers`
        return None
    if (after := _after_preposition(name, asked, words(text), text)) is not None:
        return after
    for before, word in pairwise(words(text)):
        if word.term in beside and word.start - before.end == 1 and before.term not in terms:
            written = text[before.start : before.end]
            if name[0].isdigit():
                is_other = before.plain[0].isdigit()
            else:
                goes_on = text[: before.start].rstrip()[-1:].isalnum()
                is_other = written[0].isupper() and before.is_content and goes_on
            if is_other:
                return written
    return None


def _after_preposition(
    name: str, asked: Sequence[Word], found: Sequence[Word], text: str
) -> str | None:
    """The name that a text has after the same preposition: "in Leeds" where "in Porto" is asked."""
    terms = {word.term for word in asked}
    before = {
        (first.term if second.plain not in _PLACING else "", second.plain)
        for first, second, word in zip(asked, asked[1:], asked[2:], strict=False)
        if word.plain == name and second.plain in _BEFORE_NAMES
    }
    if not before:
        return None
    for first, second, word in zip(found, found[1:], found[2:], strict=False):
        near = (first.term if second.plain not in _PLACING else "", second.plain)
        is_name = text[word.start].isupper() and word.is_content and word.term not in _times()
        if near in before and is_name and word.term not in terms:
            return text[word.start : word.end]
    return None


def is_unit(term: str) -> bool:
    """Whether a term is a unit of time, length, weight, data or money."""
    return term in _units()


_VERSION = re.compile(r"\d+(?:\.\d+)+")
# "5.0.0 (May 2026)", "[1.2.0] - 2026-05-01"; but not "2.1 Doors".
_HEADS_VERSION = lazy_pattern(
    r"\[?(?:v|version |release )?(\d+(?:\.\d+)+)\]?(?:\s?[(–—-].*)?", re.I
)


def other_version(version: str, headings: Iterable[str]) -> str | None:
    """The version that a heading of release notes is about, if another one is asked about.

    >>> other_version("4.9", ["Changes", "5.0.0 (May)"]), other_version("4.9", ["2.1 Doors"])
    ('5.0.0', None)
    """
    if not _VERSION.fullmatch(version):
        return None
    found = [match[1] for one in headings if (match := _HEADS_VERSION.fullmatch(one.strip()))]
    return next((one for one in found if not f"{one}.".startswith(f"{version}.")), None)


def terms_of(joined: str, text: str) -> list[str]:
    """The terms of a text, given with its joined stems; "don't" adds the term "not"."""
    if not _denies(text):
        return merged(joined.split())
    found = []
    for word in words(text):
        denies = _denies(text[word.start : word.end]) and word.term not in _NOT
        found += [word.term, "not"] if denies else [word.term]
    return merged(found)


def _denies(text: str) -> bool:
    """Whether a text has a word like "don't"."""
    return ("'" in text or "’" in text) and bool(_DENIAL.search(text))


def as_written(term: str, *texts: str) -> str:
    """A term as written in the first of the texts that has it; the term itself if none does."""
    return " ".join(_written(part, texts) for part in term.split())


def _written(term: str, texts: Iterable[str]) -> str:
    found = (text[w.start : w.end] for text in texts for w in words(text) if w.term == term)
    written = next(found, None)
    if written is None and term.startswith(_NON):
        return f"{_NON}-{_written(term.removeprefix(_NON), texts)}"
    return written or term


# Words of a class


def _words(terms: Sequence[str], plain_words: Mapping[str, str], kind: Kind) -> Iterator[Contrast]:
    """The contrasts of content words, by a class or a negating prefix."""
    asked = frozenset(terms)
    denied = {term for _, (term,) in _denied(terms, _NOT)}
    for place, term in enumerate(terms):
        before = terms[place - 1] if place else ""
        if not _is_content(term) or before == "how" or term in denied:
            continue
        same, others = _class(term, plain_words.get(term, term))
        if term in _units() and (before[:1].isdigit() or before == "per"):
            same, others = frozenset((term,)), _units()[term]
        elif kind is Kind.YES_NO and _is_predicate(terms, place):
            continue
        others, negated = others - asked, _negated(term) - asked
        if others:
            places = _throughout if term in _times() else _about
            yield Contrast(term, same | {term}, others, _around(terms, place), places)
        if negated:
            yield Contrast(term, same | {term}, negated, _around(terms, place, 1), _next_to)


def _is_predicate(terms: Sequence[str], place: int) -> bool:
    """Whether a yes-or-no question asks about this word: "is it open?" is answered by "closed"."""
    before = terms[place - 1] if place else ""
    after = terms[place + 1] if place + 1 < len(terms) else ""
    is_said_of = _is_content(before) or before in _BE or before in ("i", "we", "it", "you", "they")
    return is_said_of and not _is_content(after) and after not in _WHEN


def _around(terms: Sequence[str], place: int, reach: int = _REACH) -> tuple[str, ...]:
    """The content words nearest to a place, up to `reach` on each side, nearest first."""
    left = [term for term in terms[:place] if _is_content(term)][-reach:]
    right = [term for term in terms[place + 1 :] if _is_content(term)][:reach]
    pairs = zip(reversed(left), right, strict=False)
    nearest = [term for pair in pairs for term in pair]
    return tuple(dict.fromkeys((*nearest, *reversed(left), *right)))


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


def _in_a_range(one: Contrast, text: Sequence[str]) -> bool:
    """Whether a text has a range that includes the asked word: "Monday to Friday", "levels 1 to 5".

    A range of numbers includes words for opening and closing: "9 to 5".
    """
    orders = [order for order in _orders() if one.asked in order]
    if not orders and one.asked not in _BOUNDS and not one.asked.isdigit():
        return False
    for first, last in _ranges(text):
        if first[0].isdigit() and last[0].isdigit():
            if one.asked in _BOUNDS or _is_between(one.asked, first, last):
                return True
        elif any(_is_within(one.asked, first, last, order) for order in orders):
            return True
    return False


def _ranges(text: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs that may be a range: around "to", and any neighbours, as for "Monday-Friday"."""
    yield from pairwise(text)
    for place in range(1, len(text) - 1):
        if text[place] in _RANGES:
            yield text[place - 1], text[place + 1]


def _is_within(asked: str, first: str, last: str, order: Mapping[str, int]) -> bool:
    if not {asked, first, last} <= order.keys():
        return False
    size = max(order.values()) + 1
    return (order[asked] - order[first]) % size <= (order[last] - order[first]) % size


def _is_between(asked: str, first: str, last: str) -> bool:
    return all(t.isdigit() for t in (asked, first, last)) and int(first) <= int(asked) <= int(last)


# Numbers


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


# Prepositions, particles and prefixes


def _prepositions(terms: Sequence[str], kind: Kind) -> Iterator[Contrast]:
    for one, other in _opposed():
        if not other.isdisjoint(terms):
            continue
        others = other - _LIMITS if kind is Kind.YES_NO else other
        for preposition, after in _ahead(terms, one):
            if after:
                yield Contrast(preposition, one, others, tuple(after), _ahead, anywhere=False)
            elif preposition in _LIMITS:
                before = _around(terms, terms.index(preposition))
                yield Contrast(preposition, one, others & _LIMITS, before, _about, anywhere=False)


def _ahead(text: Sequence[str], wanted: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Each of the prepositions in a text, with the next content words."""
    for place, term in enumerate(text):
        if term in wanted:
            yield term, [t for t in text[place + 1 : place + 5] if _is_content(t)][:_REACH]


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
            yield term, _around(text, place)


def _next_to(text: Sequence[str], wanted: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Each of the words in a text, with the nearest content word on each side."""
    for place, term in enumerate(text):
        if term in wanted:
            yield term, _around(text, place, 1)


def _prefixed(terms: Sequence[str]) -> Iterator[Contrast]:
    for prefix, others in _prefixes().items():
        for found, after in _next(terms, (prefix,)):
            if others.isdisjoint(terms):
                same = frozenset((prefix,))
                yield Contrast(found, same, others, tuple(after), _next, anywhere=False)


def _next(text: Sequence[str], wanted: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Each of the words in a text, with the next word."""
    for one, after in pairwise(text):
        if one in wanted:
            yield one, (after,)


def _particles(terms: Sequence[str]) -> Iterator[Contrast]:
    for one, other, _ in _PARTICLES:
        for asked, opposite in ((one, other), (other, one)):
            if opposite in terms:
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
            verbs = [at for at in range(first, place) if text[at] in _verbs()[term]]
            if verbs:
                between = [t for t in text[verbs[-1] + 1 : place] if _is_content(t)]
                after = [t for t in text[place + 1 : place + _OBJECT] if _is_content(t)]
                yield term, [text[verbs[-1]], *(between[-1:] or after[:1])]
            elif place > 1 and text[place - 1] in _BE and _ends_there(text, place):
                yield term, [t for t in text[:place] if _is_content(t)][-1:]


def _ends_there(text: Sequence[str], place: int) -> bool:
    """Whether no object follows, so "on" is not a preposition: "when the light is on"."""
    after = text[place + 1] if place + 1 < len(text) else ""
    return not after or (after in FUNCTION_TERMS and after not in _DETERMINERS)


# Denials


def _denials(terms: Sequence[str]) -> Iterator[Contrast]:
    """The contrasts of affirmed and negated words, in simple questions with who, which or what."""
    if not terms or _WH.isdisjoint(terms[:2]) or not _CLAUSES.isdisjoint(terms):
        return
    denied = list(_denied(terms, _NOT))
    for asked, (term,) in denied:
        yield Contrast(asked, _DENYING | _negated(term), frozenset(), (term,), _each)
    if not denied and _DENYING.isdisjoint(terms):
        for term in dict.fromkeys(filter(_is_content, terms)):
            yield Contrast(term, frozenset(), _NOT, (term,), _denied, anywhere=False)


def _each(text: Sequence[str], _: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    for term in text:
        yield term, (term,)


def _denied(text: Sequence[str], wanted: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """The content words that a text negates; if `wanted` is empty, those that it does not."""
    ends = not _BUT.isdisjoint(text)
    if ends or _NOT.isdisjoint(text):  # it negates nothing, or only up to a limit
        yield from () if wanted else ((term, (term,)) for term in text if _is_content(term))
        return
    for place, term in enumerate(text):
        reach = reversed(text[max(0, place - _DENIES) : place])
        denies = next((t for t in takewhile(_is_between_denial, reach) if t in _NOT), None)
        if (denies is not None) == bool(wanted) and _is_content(term):
            yield (f"{denies} {term}" if wanted else term), (term,)


def _is_between_denial(term: str) -> bool:
    return term in _NOT or not _is_content(term)


# Terms


def merged(terms: Sequence[str]) -> list[str]:
    """The terms of a text, with "more than" and "non-smoking" as one and "checkout" as two."""
    found: list[str] = []
    parted, place = _parted(), 0
    while place < len(terms):
        if terms[place] not in _MERGED:
            found += parted.get(terms[place], (terms[place],))
            place += 1
            continue
        three, two = tuple(terms[place : place + 3]), tuple(terms[place : place + 2])
        if three in _COMPARED:
            found.append(_COMPARED[three])
            place += 3
        elif two in _COMPARED:
            found.append(_COMPARED[two])
            place += 2
        elif (
            terms[place] == "up"
            and terms[place + 1 : place + 2] == ["to"]
            and _number_at(terms, place + 2)
        ):
            found.append("at most")
            place += 2
        elif terms[place] == _NON and place + 1 < len(terms):
            found.append(_NON + terms[place + 1])
            place += 2
        else:
            found += parted.get(terms[place], (terms[place],))
            place += 1
    return found


def _number_at(terms: Sequence[str], place: int) -> bool:
    return any(term[0].isdigit() for term in terms[place : place + 1])


def _is_content(term: str) -> bool:
    return bool(term) and term not in FUNCTION_TERMS and " " not in term


@cache
def _parted() -> dict[str, tuple[str, str]]:
    return {
        stem(verb + particle): (stem(verb), particle)
        for one, other, verbs in _PARTICLES
        for verb in verbs.split()
        for particle in (one, other)
    }


@cache
def _ending_in() -> dict[str, list[str]]:
    """For each particle the words that end with it: "checkout"."""
    found: dict[str, list[str]] = {}
    for term, (_, particle) in _parted().items():
        found.setdefault(particle, []).append(term)
    return found


@cache
def _verbs() -> dict[str, frozenset[str]]:
    return {
        particle: frozenset(map(stem, verbs.split()))
        for one, other, verbs in _PARTICLES
        for particle in (one, other)
    }


@cache
def _opposed() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Sets of equivalent prepositions, each with those that exclude them."""
    return tuple(_oppose())


def _oppose() -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    for group in _PREPOSITIONS:
        members = [frozenset(w if " " in w else stem(w) for w in one) for one in group]
        for one in members:
            yield one, frozenset().union(*members) - one


# The classes


@cache
def _lines(sort: str = "") -> tuple[str, ...]:
    """The classes of a sort, one a line: "time", "unit", "prefix", or "" for the others."""
    text = (Path(__file__).parent / "contrasts.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    parted = (line.rpartition(":") for line in lines)
    return tuple(words for of, _, words in parted if of == sort)


def _members(line: str) -> list[frozenset[str]]:
    """The members of a class, each with its equivalents."""
    return [frozenset(map(_term, member.split("/"))) for member in line.split()]


def _term(word: str) -> str:
    return word if word == "May" else stem(plain(word))


def _class(term: str, asked: str) -> tuple[frozenset[str], frozenset[str]]:
    """The equivalents of an asked word, and the words that exclude it.

    `asked` is the whole word, since "nationality" has the stem of "national", which is in a class.
    """
    same: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    for member, line in _classes().get(term, ()):
        if (
            asked.startswith(member[:-1])
            and asked[len(member) - 1 :].lstrip(member[-1]) in _ENDINGS
        ):
            as_one, excluded = _of_line(line)[term]
            same, others = same | as_one, others | excluded
    return same, others - same


@cache
def _classes() -> dict[str, list[tuple[str, str]]]:
    """For each stem the (word, line of the class) pairs of the words with that stem."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in (*_lines(), *_lines("time")):
        members = line.replace("/", " ").split()
        for word, term in zip(members, stems(members), strict=True):
            found.setdefault("May" if word == "May" else term, []).append((word, line))
    return found


@cache
def _of_line(line: str) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """For each stem of a class its equivalents, and the stems that exclude it."""
    found: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    _add(found, _members(line))
    return found


@cache
def _times() -> frozenset[str]:
    return frozenset().union(*(member for line in _lines("time") for member in _members(line)))


def _add(
    found: dict[str, tuple[frozenset[str], frozenset[str]]], members: Sequence[frozenset[str]]
) -> None:
    for member in members:
        others = frozenset().union(*members) - member
        for term in member:
            same = frozenset().union(*(m for m in members if _covers(term, m)), member)
            known = found.get(term, (frozenset(), frozenset()))
            found[term] = (known[0] | same, (known[1] | others) - same)


def _covers(term: str, member: frozenset[str]) -> bool:
    """Whether one includes the other: Saturday and the weekend."""
    return any(
        term in days and (name == term or name in member) and not member.isdisjoint(days)
        for name, days in _covered()
    )


@cache
def _covered() -> list[tuple[str, frozenset[str]]]:
    """The words for several days, each with these days and itself."""
    return [(name, frozenset((name, *map(_term, days.split())))) for name, days in _COVER.items()]


@cache
def _units() -> dict[str, frozenset[str]]:
    found: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    for line in _lines("unit"):
        _add(found, _members(line))
    return {term: others for term, (_, others) in found.items()}


@cache
def _prefixes() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in _lines("prefix"):
        names = frozenset(map(_term, line.split()))
        found |= {name: names - {name} for name in names}
    return found


@cache
def _orders() -> tuple[dict[str, int], ...]:
    """The positions of the days in the week, and of the months in the year."""
    weekdays, months = _lines("time")[:2]
    return tuple(
        {term: place for place, member in enumerate(_members(line)[:size]) for term in member}
        for line, size in ((weekdays, 7), (months, 12))
    )
