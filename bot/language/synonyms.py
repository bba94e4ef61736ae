"""Words for the same thing, in the format that Solr gives them.

``truce, ceasefire`` each find the other; ``pm => prime minister`` finds only to the right. A term
may be several words. Two lists ship with the bot, general news English and the names of places; a
corpus may have its own `synonyms.txt`, whose rules replace theirs for the terms it names.
"""

from functools import cache, cached_property
from importlib.resources import files
from typing import NamedTuple

from bot.errors import SynonymError
from bot.language.text import plain, stem

Phrase = tuple[str, ...]
NEWS, PLACES = "thesaurus.txt", "places.txt"

_JOINED = str.maketrans("-–/", "   ")


class Synonym(NamedTuple):
    """A term as its stems, and as it is written in the list."""

    phrase: Phrase
    written: str


Rule = list[Synonym]


class Synonyms:
    """What else each term may be called. Looked up by stems; nothing is expanded twice."""

    def __init__(self, rules: dict[Phrase, list[Rule]]) -> None:
        self._rules = rules
        self.longest = max(map(len, rules), default=0)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every stem that stands in a term that can be looked up."""
        return frozenset(word for phrase in self._rules for word in phrase)

    def of(self, phrase: Phrase) -> tuple[Synonym, ...]:
        """The other terms for a phrase, in the order of the list; none for an unknown one."""
        found = (other for rule in self._rules.get(phrase, ()) for other in rule)
        others = {other.phrase: other for other in found if other.phrase != phrase}
        return tuple(others.values())

    def __contains__(self, phrase: Phrase) -> bool:
        return phrase in self._rules

    def overruled_by(self, own: "Synonyms") -> "Synonyms":
        """These rules, with those of another list in their place for each term it names."""
        return Synonyms({**self._rules, **own._rules})


@cache
def shipped(*names: str) -> Synonyms:
    """The lists that come with the bot, or those of them that are named."""
    here = files(__package__)
    rules: dict[Phrase, list[Rule]] = {}
    for name in names or (NEWS, PLACES):
        _read((here / name).read_text("utf-8"), name, rules)
    return Synonyms(rules)


def parse(text: str, name: str) -> Synonyms:
    """Read a list. Raises SynonymError with the file's name and the line that does not parse."""
    rules: dict[Phrase, list[Rule]] = {}
    _read(text, name, rules)
    return Synonyms(rules)


def _read(text: str, name: str, rules: dict[Phrase, list[Rule]]) -> None:
    stems = _Stems()
    for number, line in enumerate(text.splitlines(), start=1):
        rule = line.partition("#")[0].strip("\ufeff \t")
        if not rule:
            continue
        left, arrow, right = rule.partition("=>")
        asked = [_term(written, stems) for written in left.split(",")]
        found = [_term(written, stems) for written in right.split(",")] if arrow else asked
        if "=>" in right or not all(term.phrase for term in (*asked, *found)):
            why = "more than one =>" if "=>" in right else "a term is empty"
            raise SynonymError(f"{name}:{number}: {why}; write `a, b` or `a, b => c`")
        for term in asked:
            rules.setdefault(term.phrase, []).append(found)


class _Stems(dict[str, str]):
    """The stem of each word met, worked out once: thousands are read at every start."""

    def __missing__(self, word: str) -> str:
        found = self[word] = stem(plain(word.strip('."()')))
        return found


def _term(written: str, stems: _Stems) -> Synonym:
    written = written.strip()
    words = written.translate(_JOINED).split()
    return Synonym(tuple([found for word in words if (found := stems[word])]), written)
