"""Spelling: typing errors, chat shorthand, and how rare a word is in English."""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path

# Chat shorthand; only forms that are never, or hardly ever, words of their own in a question.
SHORTHAND = {
    "2day": "today", "2moro": "tomorrow", "abt": "about", "agrmt": "agreement", "b4": "before",
    "bc": "because", "bcoz": "because", "bcz": "because", "bn": "billion", "btw": "between",
    "bw": "between", "coz": "because", "cud": "could", "cuz": "because", "dat": "that",
    "dem": "them", "didnt": "did not", "diff": "different", "dis": "this", "doesnt": "does not",
    "doin": "doing", "dont": "do not", "explan": "explanation", "fr": "for", "frm": "from",
    "gonna": "going to", "gov": "government", "govt": "government", "gt": "get", "hav": "have",
    "hes": "he is", "hows": "how is", "hw": "how", "im": "i am", "info": "information",
    "intl": "international", "isnt": "is not", "ive": "i have", "lemme": "let me", "lng": "long",
    "mil": "military", "mins": "minutes", "mtg": "meeting", "n": "and", "nd": "and",
    "nego": "negotiations", "negos": "negotiations", "ov": "of", "pls": "please",
    "plz": "please", "ppl": "people", "pres": "president", "q": "question", "r": "are",
    "rn": "right now", "ru": "russia", "shd": "should", "shes": "she is", "shud": "should",
    "smth": "something", "sum1": "someone", "tbh": "to be honest", "teh": "the",
    "thats": "that is", "theres": "there is", "theyre": "they are", "tho": "though",
    "thru": "through", "thx": "thanks", "tmrw": "tomorrow", "u": "you", "ukr": "ukraine",
    "ur": "your", "vs": "versus", "w": "with", "w/": "with", "w/o": "without", "wanna": "want to",
    "wat": "what", "wats": "what is", "wen": "when", "wens": "when is", "wer": "were",
    "weres": "where is", "wha": "what", "whats": "what is", "whens": "when is",
    "wheres": "where is", "whn": "when", "whos": "who is", "wht": "what", "whts": "what is",
    "whys": "why is", "wich": "which", "wit": "with", "wld": "would", "wont": "will not",
    "wot": "what", "wots": "what is", "wrt": "about", "wud": "would", "y": "why", "ya": "you",
    "yall": "you", "yr": "year", "yrs": "years",
}  # fmt: skip

# Words of three letters are not corrected: each is one edit away from some other word.
SHORTEST_CORRECTED = 4
TWO_ERRORS_FROM = 8
# Of two letters, the most errors allowed.
_PREFIXES = frozenset("de il im in ir re un".split())
# SymSpell's list of frequent words.
_LIST = "frequency_dictionary_en_82_765.txt"
# How many lookups search the list as text before it is parsed into a dict, which takes as long.
MAX_SEARCHED = 70
# From this count in the list on, a word is common: "coming" has 7.0e7, "melon" 1.4e6.
COMMON = 10_000_000
# The count of "the", the list's most frequent word.
_MOST_FREQUENT = 23_135_851_162

# Parts of words that are spelt in two ways. "$" is the end of a word, without a plural "s".
_SPELT = tuple(
    tuple(pair.split("/"))
    for pair in """
    our/or ise/ize isi/izi isa/iza yse/yze ysi/yzi ence/ense tre$/ter$ ogue$/og$ amme$/am$
    practis/practic licens/licenc grey/gray mould/mold aluminium/aluminum enrol$/enroll$
    enrolm/enrollm fulfil$/fulfill$ instalm/installm dgement/dgment ageing/aging pyjama/pajama
    jewellery/jewelry paedi/pedi anaes/anes gynaeco/gyneco diarrhoea/diarrhea manoeuv/maneuv
    sceptic/skeptic
    """.split()
)
_SHORTEST_SPELT = 4


def other_spellings(word: str) -> Iterator[str]:
    """The British and American spellings that a word may have besides its own.

    Most of them are no words, so the caller checks.

    >>> list(other_spellings("theatres")), list(other_spellings("defense"))
    (['theaters'], ['defence'])
    """
    if len(word) < _SHORTEST_SPELT or not word.isalpha():
        return
    bare = word.removesuffix("s")
    padded = f"{bare}${word[len(bare) :]}"
    for one, other in _SPELT:
        for found, instead in ((one, other), (other, one)):
            if found in padded:
                yield padded.replace(found, instead, 1).replace("$", "")


def is_english(word: str) -> bool:
    """Whether a word in lower case is among the 83,000 most frequent English words."""
    return _frequency(word) > 0


def rarity(word: str) -> float:
    """How rare a word is in English, from 0 for "the" to 1 for a word that is not in the list.

    The scale is logarithmic: 1 - ln(count) / ln(count of "the").
    """
    frequency = _frequency(word)
    if frequency == 0:
        return 1.0
    return 1 - math.log(frequency) / math.log(_MOST_FREQUENT)


def meant_in_english(word: str) -> str | None:
    """The common English word that was mistyped as this one, or None.

    Only double letters and swapped letters are corrected: with any other error the word may as well
    be a name.
    """
    slips = [word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)]
    slips += [word[:n] + word[n + 1 :] for n in range(1, len(word)) if word[n] == word[n - 1]]
    slips += [word[:n] + word[n] + word[n:] for n in range(1, len(word))]
    known = [(_frequency(slip), slip) for slip in slips if slip != word]
    most, best = max(known, default=(0, ""))
    return best if most >= COMMON and len(word) >= SHORTEST_CORRECTED else None


def errors_allowed(word: str) -> int:
    """The edit distance allowed for a misspelt word: 0 if it is short, 2 if it is long, else 1."""
    if len(word) < SHORTEST_CORRECTED or not word.isalpha():
        return 0
    return 2 if len(word) >= TWO_ERRORS_FROM else 1


def nearest(
    word: str, fuzzy: Callable[[str, int], Iterable[str]], count: Callable[[str], int]
) -> str | None:
    """The word that a misspelt word was meant to be, or None.

    `fuzzy` returns the words within an edit distance, `count` how often a word occurs. Among words
    at the same distance, one with the same first letter wins, then the more frequent one. A word
    with another prefix means something else, so it is never the one.
    """
    for errors in range(1, errors_allowed(word) + 1):
        found = (other for other in fuzzy(word, errors) if not _differ_by_prefix(word, other))
        near = {other: n for other in found if (n := count(other)) > 0}
        if near:
            return min(near, key=lambda other: (other[0] != word[0], -near[other], other))
    return None


def _differ_by_prefix(word: str, other: str) -> bool:
    """Whether one word is the other with a prefix that changes its meaning: cancel, uncancel."""
    shorter, longer = sorted((word, other), key=len)
    return longer.removesuffix(shorter) in _PREFIXES


class Speller:
    """Finds the words of a vocabulary that are similar to a given one.

    `vocabulary` returns lower-case words, one a line. They are searched as one text, since building
    an index takes longer than correcting all misspelt words.
    """

    def __init__(self, vocabulary: Callable[[], str]) -> None:
        self._vocabulary = vocabulary  # read lazily: most questions are spelt right

    def fuzzy(self, word: str, errors: int) -> list[str]:
        """The words within an edit distance of 1 or 2.

        An error is a letter inserted, deleted or replaced, or two swapped (Damerau 1964). No letter
        is edited twice ("optimal string alignment").
        """
        # Pigeonhole: cut the word into errors + 1 parts, with a letter between them. No error can
        # touch two parts, not even two swapped letters, so at least one part is unchanged.
        size = (len(word) - errors) // (errors + 1)
        first, last = word[:size], word[size + 1 :] if errors == 1 else word[-size:]
        found = dict.fromkeys((*self._with(f"\n{first}"), *self._with(f"{last}\n")))
        if errors > 1:
            found |= dict.fromkeys(self._with(word[size + 1 : -size - 1]))
        letters = set(word)
        return [
            other
            for other in found
            if -errors <= len(other) - len(word) <= errors
            and len(letters.difference(other)) <= errors
            and is_within(word, other, errors)
        ]

    def _with(self, part: str) -> Iterator[str]:
        """The words that contain a part; a line break in it matches their beginning or end."""
        text = self._lines
        place = text.find(part)
        while place >= 0:
            end = text.find("\n", place + 1)
            yield text[text.rfind("\n", 0, place + 1) + 1 : end]
            place = text.find(part, end)

    @cached_property
    def _lines(self) -> str:
        return f"\n{self._vocabulary()}\n"


def is_within(word: str, other: str, errors: int) -> bool:
    """Whether two words are within an edit distance of at most `errors`."""
    start, end = 0, min(len(word), len(other))
    while start < end and word[start] == other[start]:
        start += 1
    word, other = word[start:], other[start:]
    if not word or not other or not errors:
        return max(len(word), len(other)) <= errors
    return (
        is_within(word[1:], other[1:], errors - 1)
        or is_within(word[1:], other, errors - 1)
        or is_within(word, other[1:], errors - 1)
        or (word[:2] == other[1::-1] and is_within(word[2:], other[2:], errors - 1))
    )


def _frequency(word: str) -> int:
    # For the few words of a question or two, searching the text takes a tenth of the time of
    # parsing it into a dict.
    known = _dictionary() if _searched.cache_info().misses > MAX_SEARCHED else None
    return _searched(word) if known is None else int(known.get(word, 0))


@cache
def _searched(word: str) -> int:
    text = _list()
    start = text.find(f"\n{word} ")
    if start < 0:
        return 0
    end = text.find("\n", start + 1)
    return int(text[start:end].split()[1])


@cache
def _dictionary() -> dict[str, str]:
    parts = _list().split()  # words and counts alternate; splitting lines is slower
    return dict(zip(parts[::2], parts[1::2], strict=True))


@cache
def _list() -> str:
    package = find_spec("symspellpy")  # not imported, which takes longer than reading the list
    folder = Path(package.origin).parent if package and package.origin else Path()
    return "\n" + (folder / _LIST).read_bytes().decode("utf-8-sig") + "\n"
