"""Versions of a passage: passages with the same words except numbers and dates."""

import re
from typing import NamedTuple

from bot.english.patterns import lazy_pattern
from bot.english.text import MONTHS, plain, stem, words
from bot.model import Passage

# Year, month and day; 0 for what is unknown.
Day = tuple[int, int, int]

_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_OF_A_DATE = frozenset(stem(plain(name)) for name in (*MONTHS, *_WEEKDAYS)) | {"May"}
_COUNTS = frozenset(stem(word) for word in ("one", "first", "second", "third"))
_PERIOD = lazy_pattern(r"q[1-4]|fy\d+")
_ISO = lazy_pattern(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?(?!\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")


class Version(NamedTuple):
    """The words that a passage shares with its versions, and the day of its document."""

    words: tuple[tuple[str, ...], ...]
    day: Day


def is_number_or_date(term: str) -> bool:
    """Whether a stem is a number or part of a date, in which versions may differ.

    >>> [term for term in ("30", "pound", "march", "q3", "e1042") if is_number_or_date(term)]
    ['30', 'march', 'q3']
    """
    counts = term[0].isdigit() or term in _OF_A_DATE or term in _COUNTS
    return counts or bool(_PERIOD.fullmatch(term))


def version(passage: Passage) -> Version | None:
    """The passage as a version; None if its document has no date."""
    document = passage.document
    day = day_of(document.date or "")
    if day is None:
        return None
    return Version(tuple(map(_bare, (passage.text, document.title, *passage.headings))), day)


def day_of(date: str) -> Day | None:
    """The day that a document's `date` gives; None if it has no year.

    >>> day_of("2026-03-01T09:00"), day_of("1 March 2026"), day_of("2026-03"), day_of("soon")
    ((2026, 3, 1), (2026, 3, 1), (2026, 3, 0), None)
    """
    if iso := _ISO.match(date.strip()):
        year, month, day = (int(part or 0) for part in iso.groups())
        return year, month, day
    found = [word.plain.casefold() for word in words(date)]
    year = next((int(word) for word in found if _YEAR.fullmatch(word)), 0)
    month = next((MONTHS.index(word) + 1 for word in found if word in MONTHS), 0)
    of_month = (int(word) for word in found if word.isdigit() and len(word) <= 2)
    return (year, month, next(of_month, 0) if month else 0) if year else None


def years(terms: frozenset[str]) -> frozenset[int]:
    """The years among the stems of a question."""
    return frozenset(int(term) for term in terms if _YEAR.fullmatch(term))


def compared(one: Passage, before: Passage | None) -> str:
    """Whether a passage is an "earlier" or "later" version of the one before; "" if neither."""
    if before is None or one.document.path == before.document.path:
        return ""
    this, that = version(one), version(before)
    if this is None or that is None or this.words != that.words or this.day == that.day:
        return ""
    return "earlier" if this.day < that.day else "later"


def _bare(text: str) -> tuple[str, ...]:
    return tuple(word.term for word in words(text) if not is_number_or_date(word.term))
