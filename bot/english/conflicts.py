"""Detects conflicts: a text about the opposite of what is asked, or about another of its class.

"How do I turn the alarm off?" is not answered by how to turn it on, nor a question about silver
members by the rule for gold ones. A text conflicts if it does not have the asked word anywhere, and
has another word of its class in the same place, that is, beside the same word. The mere absence of
the word is no conflict, nor is another word in another place.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from bot.english.contrast_classes import orders, times, units
from bot.english.contrast_terms import (
    NON,
    NOT,
    denied_words,
    has_contracted_not,
)
from bot.english.contrasts import Contrast
from bot.english.patterns import lazy_pattern
from bot.english.text import Word, stem, words

# Prepositions before a name. After the first ones stands a place.
_PLACING = frozenset(("in", "at"))
_BEFORE_NAMES = _PLACING | {"for", "of", "to", "from", "with"}
_RANGES = frozenset(("to", "until", "till", "through", "thru"))
_BOUNDS = frozenset(map(stem, "open opening close closing start begin end finish".split()))


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


def possible(asked: Sequence[Contrast], joined: str, text: str) -> list[Contrast]:
    """The contrasts with which a passage may conflict, by a fast check of its stems and text."""
    if not asked:
        return []
    stems = set(joined.split())
    is_denied = has_contracted_not(text)
    return [
        one for one in asked if not one.signs.isdisjoint(stems) or (is_denied and one.others >= NOT)
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
    if one.places is denied_words:  # the word tells its own place
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
    if one.places is denied_words and near.isdisjoint(text):
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
        is_name = text[word.start].isupper() and word.is_content and word.term not in times()
        if near in before and is_name and word.term not in terms:
            return text[word.start : word.end]
    return None


def is_unit(term: str) -> bool:
    """Whether a term is a unit of time, length, weight, data or money."""
    return term in units()


_VERSION = re.compile(r"\d++(?:\.\d++)++")
# "5.0.0 (May 2026)", "[1.2.0] - 2026-05-01"; but not "2.1 Doors".
_HEADS_VERSION = lazy_pattern(
    r"\[?(?:v|version |release )?(\d++(?:\.\d++)++)\]?(?:\s?[(–—-].*)?", re.I
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


def as_written(term: str, *texts: str) -> str:
    """A term as written in the first of the texts that has it; the term itself if none does."""
    return " ".join(_written(part, texts) for part in term.split())


def _written(term: str, texts: Iterable[str]) -> str:
    found = (text[w.start : w.end] for text in texts for w in words(text) if w.term == term)
    written = next(found, None)
    if written is None and term.startswith(NON):
        return f"{NON}-{_written(term.removeprefix(NON), texts)}"
    return written or term


def _in_a_range(one: Contrast, text: Sequence[str]) -> bool:
    """Whether a text has a range that includes the asked word: "Monday to Friday", "levels 1 to 5".

    A range of numbers includes words for opening and closing: "9 to 5".
    """
    within = [order for order in orders() if one.asked in order]
    if not within and one.asked not in _BOUNDS and not one.asked.isdigit():
        return False
    for first, last in _ranges(text):
        if first[0].isdigit() and last[0].isdigit():
            if one.asked in _BOUNDS or _is_between(one.asked, first, last):
                return True
        elif any(_is_within(one.asked, first, last, order) for order in within):
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
