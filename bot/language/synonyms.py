"""Words for the same thing, in the format that Solr gives them.

``truce, ceasefire`` each find the other; ``pm => prime minister`` finds only to the right. A term
may be several words. Two lists ship with the bot, general news English and the names of places; a
corpus may have its own `synonyms.txt`, whose rules replace theirs for the terms it names.
"""

import re
from functools import cache, cached_property
from pathlib import Path

from bot.errors import SynonymError
from bot.language.text import plain, stem

# Words as their stems, in their order, with single spaces between them.
Phrase = str

NEWS, PLACES = "thesaurus.txt", "places.txt"

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|,|=>|#[^\n]*|\n|[^\w\n,=#]+|.", re.S)


class Synonyms:
    """What else each term may be called. Looked up by stems; nothing is expanded twice."""

    def __init__(self, rules: dict[Phrase, list[list[Phrase]]]) -> None:
        self._rules = rules
        self.longest = max((phrase.count(" ") + 1 for phrase in rules), default=0)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every stem that stands in a term that can be looked up."""
        return frozenset(" ".join(self._rules).split())

    def of(self, phrase: Phrase) -> list[Phrase]:
        """The other terms for a phrase, in the order of the list; none for an unknown one."""
        found = (other for rule in self._rules.get(phrase, ()) for other in rule)
        return [other for other in dict.fromkeys(found) if other != phrase]

    def __contains__(self, phrase: Phrase) -> bool:
        return phrase in self._rules

    def overruled_by(self, own: "Synonyms") -> "Synonyms":
        """These rules, with those of another list in their place for each term it names."""
        return Synonyms({**self._rules, **own._rules})


@cache
def shipped(*names: str) -> Synonyms:
    """The lists that come with the bot, or those of them that are named."""
    here = Path(__file__).parent
    rules: dict[Phrase, list[list[Phrase]]] = {}
    for name in names or (NEWS, PLACES):
        _read((here / name).read_text("utf-8"), name, rules)
    return Synonyms(rules)


def parse(text: str, name: str) -> Synonyms:
    """Read a list. Raises SynonymError with the file's name and the line that does not parse."""
    rules: dict[Phrase, list[list[Phrase]]] = {}
    _read(text, name, rules)
    return Synonyms(rules)


def _read(text: str, name: str, rules: dict[Phrase, list[list[Phrase]]]) -> None:
    for number, line in enumerate(_stemmed(text).split("\n"), start=1):
        left, arrow, right = line.partition("=>")
        asked = [" ".join(term.split()) for term in left.split(",")]
        found = [" ".join(term.split()) for term in right.split(",")] if arrow else asked
        if asked == [""] and not arrow:
            continue
        if "=>" in right or not all(asked) or not all(found):
            why = "more than one =>" if "=>" in right else "a term is empty"
            raise SynonymError(f"{name}:{number}: {why}; write `a, b` or `a, b => c`")
        for term in asked:
            rules.setdefault(term, []).append(found)


def _stemmed(text: str) -> str:
    """The text with the stem of each word for the word, without comments, a line a line.

    Thousands of lines are read at every start, so each word is worked out once, for all of them.
    """
    tokens = _TOKEN.findall(text)
    stems = {token: _stem_of(token) for token in set(tokens)}
    return "".join([stems[token] for token in tokens])


def _stem_of(token: str) -> str:
    if token in (",", "=>", "\n"):
        return token
    if token[0] == "#" or not token[0].isalnum():
        return " "
    # A list is lower case, where the country is not told from the pronoun; it means the country.
    return "usa" if token in ("us", "u.s") else stem(plain(token))
