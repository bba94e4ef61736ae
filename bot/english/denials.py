"""Headings that deny what is below them: "Not covered", "Removed"."""

import re
from functools import cache

from bot.english.text import stem, words

_DENYING = """
    not never no cannot without except excluding exclude excluded exclusion exception exempt
    forbid forbidden prohibit prohibited ban banned disallow disallowed restricted refuse refused
    reject rejected unavailable ineligible uninsured uncovered unacceptable avoid
"""
_ENDING = """
    remove removed removal deprecate deprecated deprecation discontinue discontinued withdraw
    withdrawn retire retired obsolete unsupported
"""
# These say in a sentence that something has ended, but head no list of what has.
_ENDED = f"{_ENDING} drop dropped replace replaced"
_NOT_SO = re.compile(r"n['’]t|\bout of scope\b", re.I)


def denies(heading: str) -> bool:
    """Whether a heading denies what is below it.

    >>> [denies(heading) for heading in ("What is not covered", "Removed", "Don’ts", "Covered")]
    [True, True, True, False]
    """
    if _NOT_SO.search(heading):
        return True
    return _has(heading, _DENYING) or _has(heading, _ENDING)


def repeats_its_end(heading: str, item: str) -> bool:
    """Whether a heading says that things have ended, and an item below it says so itself.

    >>> repeats_its_end("Removed in 2.0", "The form F12 was dropped. Use F13.")
    True
    >>> repeats_its_end("Removed in 2.0", "The form F12")
    False
    """
    return _has(heading, _ENDING) and _has(item, _ENDED)


def _has(text: str, listed: str) -> bool:
    return not _stems(listed).isdisjoint(word.term for word in words(text))


@cache
def _stems(listed: str) -> frozenset[str]:
    return frozenset(map(stem, listed.split()))
