"""Finds names in a text, and tells people's names from other capitalized words."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bot.english.text import STOP_WORDS, plain, stem
from bot.model import Span

_UPPER = r"[^\W\d_a-zß-öø-ÿ]"
# Bounded, since a word may have a million letters and every letter would begin a search.
WORD = rf"(?:{_UPPER}['’])?{_UPPER}[^\W\d_]{{1,30}}(?:['’-]{_UPPER}[^\W\d_]{{1,30}}){{0,3}}"
# Particles inside a name: Ursula von der Leyen.
PARTICLE = r"(?:von der|van der|van den|de la|von|van|de|der|du|di|da|dos|bin|al|el|ter)"
NAME = rf"{WORD}(?: (?:{PARTICLE} )?{WORD}){{1,4}}"
PARTICLES = frozenset("von van der den de la du di da dos bin al el ter".split())
_COURTESY = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Sir|Dame|Lord|Lady|Prof|Professor)\.?"

_NAMES = re.compile(rf"(?<![\w’'-])(?P<courtesy>{_COURTESY} )?(?P<name>{NAME})")
_CALLED = re.compile(rf"(?<!\w){_COURTESY} (?:{WORD} )?(?P<last>{WORD})")
_TITLE = re.compile(_COURTESY)
_PARTICLES = re.compile(rf" {PARTICLE} ")


class Name(NamedTuple):
    """A name of two words or more at `text[span.start:span.end]`, without a courtesy title."""

    text: str
    span: Span
    courtesy: bool

    @property
    def words(self) -> list[str]:
        """Its words in plain form."""
        return [plain(word) for word in self.text.split()]

    @property
    def surname(self) -> str:
        """The last word, with the particles that belong to it."""
        particle = _PARTICLES.search(self.text)
        return self.text[particle.start() + 1 :] if particle else self.text.split()[-1]


def names(text: str) -> list[Name]:
    """The names in order of appearance, without function words that begin a sentence.

    >>> [name.text for name in names("Under Ursula von der Leyen, Donald Trump’s envoy met Putin.")]
    ['Ursula von der Leyen', 'Donald Trump']
    """
    return list(_found(text))


def _found(text: str) -> Iterator[Name]:
    for match in _NAMES.finditer(text):
        start, end = match.span("name")
        name = re.sub(r"['’]s?$", "", match["name"])
        end = start + len(name)
        titled = bool(match["courtesy"])
        while (first := name.partition(" ")[0]) != name and plain(first) in STOP_WORDS:
            # "The White House", "Under Ursula von der Leyen", "Then Mr Orban"
            titled = titled or bool(_TITLE.fullmatch(first))
            start += len(first) + 1
            name = name[len(first) + 1 :]
        if " " in name and name[0].isupper():
            yield Name(name, Span(start, end), titled)


def people(text: str, is_common: Callable[[str], bool]) -> list[Name]:
    """The first mention of each person in the text.

    A name is a person's if it has a courtesy title or a particle ("von"), or if its last word has a
    courtesy title elsewhere. Otherwise no word of it may be common, and no article or "of" may
    precede it. A word is common if `is_common` says so of its stem, or if the text also writes it
    in lower case.
    """
    called = {plain(match["last"]) for match in _CALLED.finditer(text)}
    small = {word for word in re.findall(r"\w+", text) if word.islower()}
    found: dict[str, Name] = {}
    every = names(text)
    texts = {name.text for name in every}
    for name in every:
        if name.text.partition(" ")[2] in texts:  # "Later Anna Kovac" if "Anna Kovac" occurs too
            continue
        titled = name.courtesy or name.words[-1] in called or bool(_PARTICLES.search(name.text))
        preceded = text[: name.span.start].rsplit(maxsplit=1)[-1:]
        of_a_thing = bool(preceded) and preceded[0].casefold() in ("the", "a", "an", "of")
        common = not small.isdisjoint(name.words) or any(is_common(stem(w)) for w in name.words)
        if titled or not (common or of_a_thing):
            found.setdefault(name.text, name)
    return list(found.values())
