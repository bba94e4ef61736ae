"""Headings that deny what is below them: "Not covered", "Removed"."""

import re
from functools import cache

from bot.english.text import stem, words

_DENYING = """
    not never no cannot without except excluding exclude excluded exclusion exception exempt
    forbid forbidden prohibit prohibited ban banned disallow disallowed restricted refuse refused
    reject rejected remove removed removal deprecate deprecated deprecation discontinue discontinued
    withdraw withdrawn retired obsolete unsupported unavailable ineligible uninsured uncovered
    unacceptable avoid
"""
_NOT_SO = re.compile(r"n['’]t|\bout of scope\b", re.I)


def denies(heading: str) -> bool:
    """Whether a heading denies what is below it.

    >>> [denies(heading) for heading in ("What is not covered", "Removed", "Don’ts", "Covered")]
    [True, True, True, False]
    """
    if _NOT_SO.search(heading):
        return True
    return any(word.term in _stems() for word in words(heading))


@cache
def _stems() -> frozenset[str]:
    return frozenset(map(stem, _DENYING.split()))
