"""Words for the same thing, in the format that Solr gives them.

``truce, ceasefire`` each find the other; ``pm => prime minister`` finds only to the right. A term
may be several words. Three lists ship with the bot: general news English, the names of places, and
the words of offices. A corpus may have its own `synonyms.txt`, whose rules replace theirs for the
terms it names.

The three are parsed beforehand, since every start would wait for it: `python -m tests.word_lists`
does it again.
"""

import re
from collections import defaultdict
from copy import copy
from functools import cache, lru_cache
from pathlib import Path

from bot.english.sorted_lines import SortedLines
from bot.english.text import IN_CONTEXT, NUMBERS, plain, stem, stems, words
from bot.errors import SynonymError

# Words as their stems, in their order, with single spaces between them.
Phrase = str

NEWS, PLACES, OFFICES = "thesaurus.txt", "places.txt", "offices.txt"
# The lists that ship, as `Synonyms.compiled` wrote them.
SHIPPED = (NEWS, PLACES, OFFICES)
COMPILED = {SHIPPED: "synonyms.tsv", (PLACES,): "places.tsv"}

# A line of other letters and signs is cut into words at once; of the others only the first words
# are, at their blanks. A number of two words is one word.
_UNUSUAL = re.compile(r"[^a-z ,=>-]|ty[ -](?:one|two|three|four|five|six|seven|eight|nine)")
_TELL_BY_CONTEXT = IN_CONTEXT | NUMBERS.keys()
# Words whose stems are kept.
MAX_CACHED = 10_000
# A comment: not the sign of C#.
_COMMENT = re.compile(r"(?<!\S)#.*")
_TERMS = re.compile(",|=>")
_WORD = re.compile(r"[^\W_]")


class Synonyms:
    """What else each term may be called. Looked up by stems; nothing is expanded twice.

    A list of thousands of lines is read at every start and a question needs a dozen of them, so
    its lines are kept under the first words of their terms, and parsed when one is looked up.
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
        """The list, with the rules of another in place of its own for each term it names."""
        both = copy(self)
        both._own = own
        return both

    def of(self, phrase: Phrase) -> list[Phrase]:
        """The other terms for a phrase, in the order of the list; none for an unknown one."""
        if self._own is not None and phrase in self._own:
            return self._own.of(phrase)
        return self._terms(phrase).get(phrase, [])

    def __contains__(self, phrase: Phrase) -> bool:
        return phrase in self._terms(phrase) or (self._own is not None and phrase in self._own)

    def begins(self, stem: str) -> bool:
        """Whether a term that can be looked up begins with this word, or is it."""
        return stem in self._beginning or (self._own is not None and self._own.begins(stem))

    def longest(self, stem: str) -> int:
        """How many words the longest term has that begins with this word; 0 for none."""
        here = max((term.count(" ") + 1 for term in self._terms(stem)), default=0)
        return max(here, self._own.longest(stem)) if self._own is not None else here

    def compiled(self) -> str:
        """The list parsed: a line for each first word, with its terms and their synonyms."""
        return "".join(
            "\t".join([first, *(f"{term}={','.join(o)}" for term, o in self._terms(first).items())])
            + "\n"
            for first in sorted(self._beginning)
        )

    def _terms(self, phrase: Phrase) -> dict[Phrase, list[Phrase]]:
        """Every term that begins as the phrase does, with its synonyms."""
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
    """A list as `compiled` wrote it."""

    def __init__(self, file: Path) -> None:
        super().__init__("")
        self._compiled = SortedLines(file)
        self._kept = lru_cache(MAX_CACHED)(self._find)

    def begins(self, stem: str) -> bool:
        """Whether a term that can be looked up begins with this word, or is it."""
        return bool(self._kept(stem)) or (self._own is not None and self._own.begins(stem))

    def _terms(self, phrase: Phrase) -> dict[Phrase, list[Phrase]]:
        return self._kept(phrase.partition(" ")[0])

    def _find(self, first: str) -> dict[Phrase, list[Phrase]]:
        known = self._compiled.of(first)
        terms = (term.split("=") for term in known.split("\t")) if known else ()
        return {term: others.split(",") if others else [] for term, others in terms}


@cache
def shipped(*names: str) -> Synonyms:
    """The lists that come with the bot, or those of them that are named."""
    return _Compiled(Path(__file__).with_name(COMPILED[names or SHIPPED]))


@lru_cache(2)
def parse(text: str, name: str) -> Synonyms:
    """Read a list; the last ones are remembered. Raises SynonymError as `check` does."""
    check(text, name)
    return Synonyms(text)


def check(text: str, name: str) -> None:
    """Raises SynonymError with the file's name and the line that does not parse."""
    for number, line in enumerate(text.split("\n"), start=1):
        rule = _bare(line)
        if rule and (line.count("=>") > 1 or not all(map(_WORD.search, _TERMS.split(rule)))):
            raise SynonymError.wrong_line(name, number)


def _first_words(lines: list[str]) -> tuple[dict[str, list[int]], list[int]]:
    """The lines by the first word of each term that can be looked up, and the unusual ones."""
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
    """What a line maps, and to what."""
    left, arrow, right = _bare(line).partition("=>")
    asked = [_phrase(term) for term in left.split(",")]
    return asked, [_phrase(term) for term in right.split(",")] if arrow else asked


def _bare(line: str) -> str:
    return _COMMENT.sub("", line.strip("\ufeff \t\r")).strip()


def _phrase(term: str) -> Phrase:
    """The term as the words of a text are looked up."""
    found = [_alone(word) for word in term.replace("-", " ").split()]
    if None not in found:
        return " ".join(filter(None, found))
    # Behind a word IT, WHO and May are told from "it", "who" and "may".
    return " ".join(_country(word.term) for word in words(f"term {term.strip()}")[1:])


@lru_cache(maxsize=MAX_CACHED)
def _alone(word: str) -> str | None:
    """The stem of a word that has the same one in any text; None for another."""
    usual = word.isascii() and word.isalpha() and word.islower() and word not in _TELL_BY_CONTEXT
    return _country(stem(plain(word))) if usual else None


def _country(stem: str) -> str:
    # A list is in lower case, where the country is not told from the pronoun; it means the country.
    return "usa" if stem == "us" else stem
