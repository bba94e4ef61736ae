"""Finds the aliases in a text: what else it calls the people and bodies that it names.

Each rule is a way in which news and reports introduce somebody::

    Emmanuel Macron … Mr Macron             a surname or a first name for the full name
    Emmanuel Macron, France’s president,    an office after or before the name;
    France’s president, Emmanuel Macron       office and place are looked up together
    Russia’s Vladimir Putin                 a place's person is taken for its leader
    Sir Keir Starmer … The Prime Minister   a capital office means the person named last
    Travel Approval Board (TAB)             an abbreviation in brackets
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from bot.english.names import NAME, WORD, Name, people
from bot.english.synonyms import Phrase
from bot.english.text import STOP_WORDS, words

OFFICES = """
    president premier minister chancellor secretary king queen prince princess pope emperor
    leader head chief chair chairman chairwoman chairperson director manager governor mayor
    ambassador envoy spokesman spokeswoman spokesperson commissioner commander general admiral
    senator judge prosecutor officer executive founder owner editor analyst economist
    professor accountant lawyer engineer coach captain speaker treasurer controller adviser
    advisor deputy
""".split()
# An office alone identifies a person only if a country has just one of it.
_ONE_OF_A_KIND = {"president", "premier", "prime minister", "chancellor", "king", "queen", "pope"}
_LEADER = ("leader", "president")

_OFFICE = rf"(?i:\b(?:{'|'.join(OFFICES)}))\b"
_AFTER_NAME = re.compile(
    rf"(?P<name>{NAME}), (?P<said>[^,.;:()“”\"]{{0,50}}?{_OFFICE}[^,.;:()“”\"]{{0,40}})[,.;)]"
)
# The words before these are matched backwards from there: trying from every word takes ten times as
# long as everything else.
_BEFORE_NAME = re.compile(rf"(?P<office>{_OFFICE}),? (?P<name>{NAME})")
_FOUR_WORDS = re.compile(r"(?:[\w’'-]{1,40} ){0,4}$")
_STANDS_FOR = re.compile(rf"(?P<of>{WORD})['’]s (?P<name>{NAME})")
_CAPITAL_OFFICE = re.compile(rf"\b[Tt]he (?P<said>(?:{WORD} ){{0,2}}{WORD})")
_BRACKETS = re.compile(r"(?<= )\((?:the )?(?P<short>[A-Z][A-Za-z]{1,7})\)")
_SEVEN_WORDS = re.compile(r"(?:[\w’'-]{1,40} ){1,7}$")
# The length of seven words of 40 letters, with spaces.
_FARTHEST = 290


class Alias(NamedTuple):
    """Another way to say a name: these terms, found together, mean `name` in this text.

    `terms` are one or two phrases of stems; two are an office and what it is of. `written` is the
    alias as the text has it.
    """

    terms: frozenset[Phrase]
    written: str
    name: str

    @property
    def found_as(self) -> Phrase:
        """The name as stems to search for."""
        return _stems(self.name)


def aliases(paragraphs: Sequence[str], is_common: Callable[[str], bool]) -> list[Alias]:
    """All aliases in the paragraphs of one text.

    `is_common` tells whether a stem is hardly ever part of a person's name.
    """
    text = "\n".join(paragraphs)
    persons = people(text, is_common)
    surnames = {person.text: person.surname for person in persons}
    offices = _unambiguous(_offices(paragraphs, surnames))
    found = [*_parts_of_names(persons), *offices, *_abbreviations(text)]
    return list(dict.fromkeys(alias for alias in found if alias.found_as not in alias.terms))


def _parts_of_names(persons: Sequence[Name]) -> Iterator[Alias]:
    """A full name, its surname and its first name as aliases, unless people share the alias."""
    parts = [_forms(person) for person in persons]
    for forms in parts:
        for form in forms:
            bearers = sum(form in others for others in parts)
            if bearers == 1:
                for other in forms:
                    if other != form:
                        yield _alias([form], form, other)


def _forms(person: Name) -> tuple[str, ...]:
    return tuple(dict.fromkeys((person.text, person.surname, person.text.split()[0])))


def _offices(paragraphs: Sequence[str], surnames: dict[str, str]) -> Iterator[Alias]:
    """Offices as aliases: before or after a name, or with a capital in a later paragraph."""
    last = None
    for paragraph in paragraphs:
        for said, holder in _said(paragraph):
            if (name := _known(holder, surnames)) is not None:
                yield from _of_office(said, surnames[name])
        for match in _STANDS_FOR.finditer(paragraph):
            if (name := _known(match["name"], surnames)) is not None:
                for office in _LEADER:
                    yield _alias([match["of"], office], f"{match['of']}’s {office}", surnames[name])
        for match in _CAPITAL_OFFICE.finditer(paragraph):
            if last is not None and _is_capital_office(match["said"]):
                yield _alias([match["said"]], match["said"], surnames[last])
        last = _first_named(paragraph, surnames) or last


def _said(paragraph: str) -> Iterator[tuple[str, str]]:
    """Pairs of a possible office and the name that it follows or precedes."""
    lower = paragraph.casefold()
    if not any(office in lower for office in OFFICES):  # a tenth of what the patterns take
        return
    for match in _AFTER_NAME.finditer(paragraph):
        yield match["said"], match["name"]
    after = 0
    for match in _BEFORE_NAME.finditer(paragraph):
        start = match.start()
        before = _FOUR_WORDS.search(paragraph[max(after, start - _FARTHEST) : start])
        yield (before.group() if before else "") + match["office"], match["name"]
        after = match.end()


def _of_office(said: str, surname: str) -> Iterator[Alias]:
    """The aliases for an office: "France’s president", "the head of People", "French President"."""
    said = re.sub(
        r"^(?:the|an?|his|her|their|its|our|who is|then|former) ", "", said.strip(), flags=re.I
    )
    if said.casefold() in _ONE_OF_A_KIND:
        yield _alias([said], said, surname)
        return
    possessive = re.match(
        r"(?=.+$)(?:.*? )??(?P<of>(?:[\w-]{1,40} ){0,3}[\w-]{1,40})['’]s (?P<office>.+)$", said
    )
    owner = re.match(r"(?=.+$)(?P<office>.+?) (?:of|for) (?:the )?(?P<of>.+)$", said)
    kind = re.match(rf"(?P<of>.+?) (?P<office>(?:prime )?{_OFFICE})$", said, flags=re.I)
    if match := possessive or owner or kind:
        of, office = re.sub(r"^the ", "", match["of"]), match["office"]
        yield _alias([of, office], said, surname)
        said = office
    if said.casefold() in _ONE_OF_A_KIND:
        yield _alias([said], said, surname)


def _unambiguous(offices: Iterable[Alias]) -> list[Alias]:
    """The offices that only one person holds; others do not say who is meant."""
    found = list(offices)
    holders: dict[frozenset[Phrase], set[str]] = {}
    for alias in found:
        holders.setdefault(alias.terms, set()).add(alias.name)
    return [alias for alias in found if len(holders[alias.terms]) == 1]


def _abbreviations(text: str) -> Iterator[Alias]:
    for match in _BRACKETS.finditer(text):
        start, short = match.start(), match["short"]
        before = _SEVEN_WORDS.search(text[max(0, start - _FARTHEST) : start])
        name = _spelt_by(short, before.group().split()) if before else ""
        if name:
            yield _alias([short], short, name)
            yield _alias([name], name, short)


def _spelt_by(short: str, before: list[str]) -> str:
    """The last words whose initials spell the abbreviation, or ""."""
    letters = [letter.casefold() for letter in short if letter.isupper()]
    taken: list[str] = []
    for word in reversed(before):
        taken.insert(0, word)
        initials = [w[0].casefold() for w in taken]  # paid time off (PTO)
        of_content = [w[0].casefold() for w in taken if w.casefold() not in STOP_WORDS]
        if letters in (initials, of_content) and word.casefold() not in STOP_WORDS:
            return " ".join(taken)
    return ""


def _is_capital_office(said: str) -> bool:
    return said.casefold() in _ONE_OF_A_KIND


def _first_named(paragraph: str, names: Iterable[str]) -> str | None:
    """Who is named first, which is usually the subject of the paragraph."""
    places = {paragraph.find(name): name for name in names if name in paragraph}
    return places[min(places)] if places else None


def _known(name: str, names: Iterable[str]) -> str | None:
    """The known person with this name, which may begin with a title; or None."""
    return next((known for known in names if name == known or name.endswith(f" {known}")), None)


def _alias(terms: Sequence[str], written: str, name: str) -> Alias:
    return Alias(frozenset(_stems(term) for term in terms), written, name)


def _stems(text: str) -> Phrase:
    return " ".join(word.term for word in words(text))
