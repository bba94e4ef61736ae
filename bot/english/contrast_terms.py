"""Texts as the terms that contrasts are told by: "more than" is one term, "checkout" is two."""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import takewhile

from bot.english.text import FUNCTION_TERMS, stem, words

# How many content words on each side of a word tell its place.
REACH = 2
# Opposite particles, and the verbs that they reverse: "log in", "turn the alarm off", "scale down".
PARTICLES = (
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
# Words that negate a verb or noun up to _DENIES words after them.
NOT = frozenset(("not", "never", "cannot", "ca", "wo", "no"))
_DENIES = 3
# With one of these a negation is limited: "not published until May".
_BUT = frozenset(map(stem, "until unless except but only before without than".split()))
_DENIAL = re.compile(r"n['’]t\b", re.I)
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
NON = "non"
# The first words of phrases that count as one term.
_MERGED = frozenset(("up", NON, *(first for first, *_ in _COMPARED)))


def terms_of(joined: str, text: str) -> list[str]:
    """The terms of a text, given with its joined stems; "don't" adds the term "not"."""
    if not has_contracted_not(text):
        return merged(joined.split())
    found = []
    for word in words(text):
        is_denied = has_contracted_not(text[word.start : word.end]) and word.term not in NOT
        found += [word.term, "not"] if is_denied else [word.term]
    return merged(found)


def has_contracted_not(text: str) -> bool:
    """Whether a text has a word like "don't"."""
    return ("'" in text or "’" in text) and bool(_DENIAL.search(text))


def around(terms: Sequence[str], place: int, reach: int = REACH) -> tuple[str, ...]:
    """The content words nearest to a place, up to `reach` on each side, nearest first."""
    left = [term for term in terms[:place] if is_content(term)][-reach:]
    right = [term for term in terms[place + 1 :] if is_content(term)][:reach]
    pairs = zip(reversed(left), right, strict=False)
    nearest = [term for pair in pairs for term in pair]
    return tuple(dict.fromkeys((*nearest, *reversed(left), *right)))


def denied_words(
    text: Sequence[str], wanted: Collection[str]
) -> Iterator[tuple[str, Sequence[str]]]:
    """The content words that a text negates; if `wanted` is empty, those that it does not."""
    ends = not _BUT.isdisjoint(text)
    if ends or NOT.isdisjoint(text):  # it negates nothing, or only up to a limit
        yield from () if wanted else ((term, (term,)) for term in text if is_content(term))
        return
    for place, term in enumerate(text):
        reach = reversed(text[max(0, place - _DENIES) : place])
        negation = next((t for t in takewhile(_is_between_denial, reach) if t in NOT), None)
        if (negation is not None) == bool(wanted) and is_content(term):
            yield (f"{negation} {term}" if wanted else term), (term,)


def _is_between_denial(term: str) -> bool:
    return term in NOT or not is_content(term)


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
        elif terms[place] == NON and place + 1 < len(terms):
            found.append(NON + terms[place + 1])
            place += 2
        else:
            found += parted.get(terms[place], (terms[place],))
            place += 1
    return found


def _number_at(terms: Sequence[str], place: int) -> bool:
    return any(term[0].isdigit() for term in terms[place : place + 1])


def is_content(term: str) -> bool:
    """Whether a term is one content word."""
    return bool(term) and term not in FUNCTION_TERMS and " " not in term


@cache
def _parted() -> dict[str, tuple[str, str]]:
    return {
        stem(verb + particle): (stem(verb), particle)
        for one, other, listed in PARTICLES
        for verb in listed.split()
        for particle in (one, other)
    }


@cache
def ending_in() -> dict[str, list[str]]:
    """For each particle the words that end with it: "checkout"."""
    found: dict[str, list[str]] = {}
    for term, (_, particle) in _parted().items():
        found.setdefault(particle, []).append(term)
    return found


@cache
def verbs() -> dict[str, frozenset[str]]:
    """For each particle the stems of the verbs that it reverses."""
    return {
        particle: frozenset(map(stem, listed.split()))
        for one, other, listed in PARTICLES
        for particle in (one, other)
    }
