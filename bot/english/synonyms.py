"""Synonyms, in Solr's format.

``truce, ceasefire`` makes the terms equivalent; ``pm => prime minister`` is one-way. A term may be
several words. Three lists ship with the bot: general news English, the names of places, and office
words. A corpus may have its own `synonyms.txt`, whose rules replace theirs for the terms it names.

The three lists are compiled ahead of time, since parsing them would slow down every start. Run
`python -m tests.word_lists` to compile them again.
"""

import re
from collections import defaultdict
from copy import copy
from functools import cache, lru_cache
from pathlib import Path

from bot.english.sorted_lines import SortedLines
from bot.english.text import IN_CONTEXT, NUMBERS, plain, stem, stems, words
from bot.errors import SynonymError

# Stems in order, separated by single spaces.
Phrase = str

NEWS, PLACES, OFFICES = "thesaurus.txt", "places.txt", "offices.txt"
# The lists that ship, as `Synonyms.compiled` wrote them.
SHIPPED = (NEWS, PLACES, OFFICES)
COMPILED = {SHIPPED: "synonyms.tsv", (PLACES,): "places.tsv"}

# A line that matches is parsed at once. Of any other line, only the first word of each term is read
# at first, by splitting at spaces; "twenty-one" would be one word.
_UNUSUAL = re.compile(r"[^a-z ,=>-]|ty[ -](?:one|two|three|four|five|six|seven|eight|nine)")
_TELL_BY_CONTEXT = IN_CONTEXT | NUMBERS.keys()
# How many words' stems are cached.
MAX_CACHED = 10_000
# A comment, but not the # of C#.
_COMMENT = re.compile(r"(?<!\S)#.*")
_TERMS = re.compile(",|=>")
_WORD = re.compile(r"[^\W_]")


class Synonyms:
    """Synonyms, looked up by stems. Synonyms of synonyms are not followed.

    A list may have thousands of lines, of which a question needs a dozen. So lines are indexed by
    the first words of their terms, and parsed when one is looked up.
    """

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._beginning: dict[str, list[int]] = {}
        firsts, unusual = _first_words(self._lines)
        for found, numbers in zip(stems(list(firsts)), firsts.values(), strict=True):
            self._beginning.setdefault(_country(found), []).extend(numbers)
        for number in unusual:
            for phrase in filter(None, _rule(self._lines[number])[0]):
                first = phrase.partition(" ")[0]
                self._beginning.setdefault(first, []).append(number)
        self._parsed: dict[str, dict[Phrase, list[Phrase]]] = {}
        self._own: Synonyms | None = None

    def overruled_by(self, own: "Synonyms") -> "Synonyms":
        """A copy of the list with the rules of `own` for each term that `own` names."""
        both = copy(self)
        both._own = own
        return both

    def of(self, phrase: Phrase) -> list[Phrase]:
        """The synonyms of a phrase, in the order of the list; empty for an unknown one."""
        if self._own is not None and phrase in self._own:
            return self._own.of(phrase)
        return self._terms(phrase).get(phrase, [])

    def __contains__(self, phrase: Phrase) -> bool:
        return phrase in self._terms(phrase) or (self._own is not None and phrase in self._own)

    def begins(self, stem: str) -> bool:
        """Whether any term that can be looked up begins with this stem."""
        return stem in self._beginning or (self._own is not None and self._own.begins(stem))

    def longest(self, stem: str) -> int:
        """The number of words in the longest term that begins with this stem; 0 if none."""
        here = max((term.count(" ") + 1 for term in self._terms(stem)), default=0)
        return max(here, self._own.longest(stem)) if self._own is not None else here

    def compiled(self) -> str:
        """The parsed list as text: a line per first word, with its terms and their synonyms."""
        return "".join(
            "\t".join([first, *(f"{term}={','.join(o)}" for term, o in self._terms(first).items())])
            + "\n"
            for first in sorted(self._beginning)
        )

    def _terms(self, phrase: Phrase) -> dict[Phrase, list[Phrase]]:
        """The synonyms of every term with the same first word as the phrase."""
        first = phrase.partition(" ")[0]
        found = self._parsed.get(first)
        if found is None:
            found = self._parsed[first] = {}
            for number in sorted(set(self._beginning.get(first, ()))):
                asked, others = _rule(self._lines[number])
                for term in asked:
                    if term.partition(" ")[0] == first:
                        known = found.setdefault(term, [])
                        known += [o for o in dict.fromkeys(others) if o != term and o not in known]
        return found


class _Compiled(Synonyms):
    """A list that `compiled` wrote."""

    def __init__(self, file: Path) -> None:
        super().__init__("")
        self._compiled = SortedLines(file)
        self._kept = lru_cache(MAX_CACHED)(self._find)

    def begins(self, stem: str) -> bool:
        """Whether any term that can be looked up begins with this stem."""
        return bool(self._kept(stem)) or (self._own is not None and self._own.begins(stem))

    def _terms(self, phrase: Phrase) -> dict[Phrase, list[Phrase]]:
        return self._kept(phrase.partition(" ")[0])

    def _find(self, first: str) -> dict[Phrase, list[Phrase]]:
        known = self._compiled.of(first)
        terms = (term.split("=") for term in known.split("\t")) if known else ()
        return {term: others.split(",") if others else [] for term, others in terms}


@cache
def shipped(*names: str) -> Synonyms:
    """The lists that ship with the bot: all of them, or those named, as in COMPILED."""
    return _Compiled(Path(__file__).with_name(COMPILED[names or SHIPPED]))


@lru_cache(2)
def parse(text: str, name: str) -> Synonyms:
    """Parse a list; the last two are cached. Raises SynonymError, like `check`."""
    check(text, name)
    return Synonyms(text)


def check(text: str, name: str) -> None:
    """Raise SynonymError, with the file's `name` and the line, if the list does not parse."""
    for number, line in enumerate(text.split("\n"), start=1):
        rule = _bare(line)
        if rule and (line.count("=>") > 1 or not all(map(_WORD.search, _TERMS.split(rule)))):
            raise SynonymError.wrong_line(name, number)


def _first_words(lines: list[str]) -> tuple[dict[str, list[int]], list[int]]:
    """The line numbers by the first word of each term, and those of unusual lines."""
    found: dict[str, list[int]] = defaultdict(list)
    unusual = []
    for number, line in enumerate(lines):
        if line.startswith("#"):
            continue
        if _UNUSUAL.search(line):
            unusual.append(number)
            continue
        for term in line.partition("=>")[0].replace("-", " ").split(","):
            for first in term.split(None, 1)[:1]:
                found[first].append(number)
    return found, unusual


def _rule(line: str) -> tuple[list[Phrase], list[Phrase]]:
    """The terms of a line that can be looked up, and their synonyms."""
    left, arrow, right = _bare(line).partition("=>")
    asked = [_phrase(term) for term in left.split(",")]
    return asked, [_phrase(term) for term in right.split(",")] if arrow else asked


def _bare(line: str) -> str:
    return _COMMENT.sub("", line.strip("\ufeff \t\r")).strip()


def _phrase(term: str) -> Phrase:
    """A term as a phrase of stems, as they are looked up in a text."""
    found = [_alone(word) for word in term.replace("-", " ").split()]
    if None not in found:
        return " ".join(filter(None, found))
    # After another word, IT, WHO and May are told apart from "it", "who" and "may".
    return " ".join(_country(word.term) for word in words(f"term {term.strip()}")[1:])


@lru_cache(maxsize=MAX_CACHED)
def _alone(word: str) -> str | None:
    """The stem of a word; None if the stem depends on the words around it."""
    usual = word.isascii() and word.isalpha() and word.islower() and word not in _TELL_BY_CONTEXT
    return _country(stem(plain(word))) if usual else None


def _country(stem: str) -> str:
    # Lists are in lower case, where "us" looks like the pronoun; there it means the country.
    return "usa" if stem == "us" else stem
