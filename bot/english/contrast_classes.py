"""The classes of words that exclude each other, from `contrasts.txt`: gold and silver."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bot.english.text import plain, stem, stems

_ENDINGS = frozenset(("", "s", "es", "ies", "ed", "d", "ing", "ings", "ly", "er", "r"))
# Words that stand for several members of a class.
_COVER = {
    "weekday": "monday tuesday wednesday thursday friday",
    "weekend": "saturday sunday",
}


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


def class_of(term: str, asked: str) -> tuple[frozenset[str], frozenset[str]]:
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
def times() -> frozenset[str]:
    """The stems of days, months and other names of times."""
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
def units() -> dict[str, frozenset[str]]:
    """For each unit, such as "hour", the units that exclude it."""
    found: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    for line in _lines("unit"):
        _add(found, _members(line))
    return {term: others for term, (_, others) in found.items()}


@cache
def prefixes() -> dict[str, frozenset[str]]:
    """For each name before a number, such as "room" in "room 2", the names that exclude it."""
    found: dict[str, frozenset[str]] = {}
    for line in _lines("prefix"):
        names = frozenset(map(_term, line.split()))
        found |= {name: names - {name} for name in names}
    return found


@cache
def orders() -> tuple[dict[str, int], ...]:
    """The positions of the days in the week, and of the months in the year."""
    weekdays, months = _lines("time")[:2]
    return tuple(
        {term: place for place, member in enumerate(_members(line)[:size]) for term in member}
        for line, size in ((weekdays, 7), (months, 12))
    )
