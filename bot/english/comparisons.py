"""Questions that compare two things: "annual leave vs sick leave"."""

import re

from bot.english.patterns import lazy_pattern

# In characters, and in words: the name of a thing is shorter than a clause.
_LONGEST, _MAX_WORDS = 60, 4
_ONE, _OTHER = rf"(?P<one>[^,;:.?!]{{1,{_LONGEST}}}?)", rf"(?P<other>[^,;:.?!]{{1,{_LONGEST}}})"
_END = r"\s*(?:[,;:.?!]|$)"
_PATTERNS = tuple(
    lazy_pattern(pattern + _END)
    for pattern in (
        rf"\bdifferences? between {_ONE} and {_OTHER}",
        rf"\bcompare {_ONE} (?:and|to|with|against|(?:vs|versus)\.?) {_OTHER}",
        rf"\bhow (?:do|does|is|are) {_ONE} (?:differ|different|compare) (?:from|to|with) {_OTHER}",
        rf"\bhow (?:do|does) {_ONE} and {_OTHER} (?:differ|compare)",
        rf"(?:^|[,;:.?!] ){_ONE} (?:vs|versus)\.? {_OTHER}",
    )
)
# A question without any of these compares nothing, so no pattern need be compiled for it.
_SIGNS = ("differ", "compare", " vs", " versus")
_DETERMINER = lazy_pattern(r"(?:the|an?|your|our|my|their|its) ")
_COMPARES = lazy_pattern(
    r"\b(?:than|whereas|while|unlike|but|instead|however|both|vs|versus|differ|compar)",
    re.I,
)


def compared(question: str) -> tuple[str, ...]:
    """The two things that a question in normal form compares, or ().

    >>> compared("what is the difference between annual and sick leave?")
    ('annual leave', 'sick leave')
    """
    if not any(sign in question for sign in _SIGNS):
        return ()
    for pattern in _PATTERNS:
        if match := pattern.search(question):
            one, other = (_DETERMINER.sub("", match[side].strip(), count=1) for side in (1, 2))
            if " " not in one and " " in other:  # "annual and sick leave"
                one = f"{one} {other.rpartition(' ')[2]}"
            if one != other and all(len(side.split()) <= _MAX_WORDS for side in (one, other)):
                return one, other
    return ()


def compares(text: str) -> bool:
    """Whether a text has a word that compares, such as "than" or "whereas"."""
    return bool(_COMPARES.search(text))
