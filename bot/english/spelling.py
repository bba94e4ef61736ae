"""Words that are written otherwise than the corpus writes them: typing errors, chat shorthand."""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path

# What people type for a word. Only what is no word of its own, or hardly ever one in a question.
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

# No short word is corrected: at three letters, everything is one letter from something.
SHORTEST_CORRECTED = 4
TWO_ERRORS_FROM = 8
# SymSpell's list of frequent words.
_LIST = "frequency_dictionary_en_82_765.txt"
# The list is searched for so many words before it is made a dictionary, which takes as long.
MAX_SEARCHED = 70
# A word that people use: "coming" is 7.0e7 times in the list, "melon" 1.4e6 times.
COMMON = 10_000_000
# The most frequent word of the list, "the", is 2.3e10 times in it.
_MOST_FREQUENT = 23_135_851_162


def is_english(word: str) -> bool:
    """Whether a word in lower case is on a list of the 83,000 most frequent English words."""
    return _frequency(word) > 0


def rarity(word: str) -> float:
    """How rare a word is in English: 0 for "the", 1 for a word that the list does not have."""
    frequency = _frequency(word)
    if frequency == 0:
        return 1.0
    return 1 - math.log(frequency) / math.log(_MOST_FREQUENT)


def meant_in_english(word: str) -> str | None:
    """The English word that a slip of the fingers made this one of, where the list has it.

    Only a letter doubled or not, and two swapped: any other error could as well be a name.
    """
    slips = [word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)]
    slips += [word[:n] + word[n + 1 :] for n in range(1, len(word)) if word[n] == word[n - 1]]
    slips += [word[:n] + word[n] + word[n:] for n in range(1, len(word))]
    known = [(_frequency(slip), slip) for slip in slips if slip != word]
    most, best = max(known, default=(0, ""))
    return best if most >= COMMON and len(word) >= SHORTEST_CORRECTED else None


def errors_allowed(word: str) -> int:
    """How many errors a misspelt word may have: one, or two in a long word; in a short one none."""
    if len(word) < SHORTEST_CORRECTED or not word.isalpha():
        return 0
    return 2 if len(word) >= TWO_ERRORS_FROM else 1


def nearest(
    word: str, fuzzy: Callable[[str, int], Iterable[str]], count: Callable[[str], int]
) -> str | None:
    """The word that a misspelt one was meant to be, with no more errors than are allowed.

    `fuzzy` proposes the words within so many errors, `count` says how often a word is there. Of
    words equally near, the one that begins alike wins, then the more frequent one.
    """
    for errors in range(1, errors_allowed(word) + 1):
        near = {other: n for other in fuzzy(word, errors) if (n := count(other)) > 0}
        if near:
            return min(near, key=lambda other: (other[0] != word[0], -near[other], other))
    return None


class Speller:
    """Finds the words of a vocabulary that are near to one. Its words are in lower case.

    The vocabulary is a text with a word a line: it is searched, since to index it takes longer than
    all the words that are ever misspelt.
    """

    def __init__(self, vocabulary: Callable[[], str]) -> None:
        self._vocabulary = vocabulary  # read when it is needed: most questions are spelt right

    def fuzzy(self, word: str, errors: int) -> list[str]:
        """The words within one error of a word, or within two.

        An error is a letter too many, too few, another, or two swapped (Damerau 1964); no letter
        is wrong twice ("optimal string alignment").
        """
        # One stretch more than there are errors, and a letter between two: no error is in two of
        # them, not even two letters swapped, so one stands there as it was written.
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
        """The words that have a part; a line break in it stands for their beginning or end."""
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
    """Whether a word is another with no more than so many errors."""
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
    # For the few words of a question or two, searching the text takes a tenth of the time that
    # making a dictionary of it does.
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
    parts = _list().split()  # a word and its count after another: by lines it takes twice as long
    return dict(zip(parts[::2], parts[1::2], strict=True))


@cache
def _list() -> str:
    package = find_spec("symspellpy")  # found, not imported: its import costs more than the list
    folder = Path(package.origin).parent if package and package.origin else Path()
    return "\n" + (folder / _LIST).read_bytes().decode("utf-8-sig") + "\n"
