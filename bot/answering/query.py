"""A question as a query: each thing asked, and every form that it may take in a passage."""

from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from bot.english.contrasts import Contrast
from bot.english.questions import Kind
from bot.english.synonyms import Phrase

# How a form is related to the asked word.
A_SYNONYM, A_SECOND_STEP = SYNONYMS = ("a synonym", "a synonym's synonym")


class Form(NamedTuple):
    """A word or phrase that may stand for an asked word, as stems.

    `weight` (for ranking) and `covers` (for the evidence) say how surely it means the same, 1 for
    the asked word itself. `via` explains the relation for people: "" for the word itself. It holds
    only in `documents`, or everywhere if that is None.
    """

    phrase: Phrase
    weight: float
    covers: float = 1.0
    via: str = ""
    documents: Container[object] | None = None


class Term(NamedTuple):
    """One asked word and the forms that it may take; the first is its own.

    `says` is how much it says in English, from 0 to 1: "get" says little. `information` is its
    weight in the question: that, times how rare it is in the documents. A strict term is a name or
    a number, which nothing else can replace.
    """

    word: str
    forms: tuple[Form, ...]
    says: float
    information: float
    strict: bool


class Group(NamedTuple):
    """Words asked together ("lion's share"), and the forms that stand for all of them at once.

    `weight` is below 1 for words borrowed from an earlier question.
    """

    terms: tuple[Term, ...]
    forms: tuple[Form, ...] = ()
    weight: float = 1.0

    def says(self, number: int | None) -> float:
        """How much a term says, by its number; None: all terms together."""
        if number is not None:
            return self.terms[number].says
        return max(term.says for term in self.terms)

    @property
    def information(self) -> float:
        """The information of its words, times its weight."""
        return self.weight * sum(term.information for term in self.terms)


@dataclass(frozen=True)
class Query:
    """What to search for.

    - `groups`: the words asked, with their forms
    - `pairs`: adjacent content words, as stems
    - `missing`: words that the documents do not have
    - `notes`: remarks for the asker on how the question was read
    - `within`: the document or folder to search, or None for all
    - `guessed`: (name, word read instead) for names that the documents do not have
    - `literal`: the stems of the whole question, as a heading may have them
    - `contrasts`: asked words that exclude others
    - `question`: the question in normal form
    - `subject`: the stems of X in "what is X?", else ""
    - `titles`: words of the question by which a document is called
    - `compared`: the two things that the question compares, if it does
    - `number`: 6.3 in "what does clause 6.3 say?", else ""
    - `leans`: whether it is understood only with an earlier question
    """

    kind: Kind
    groups: tuple[Group, ...]
    pairs: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...] = ()
    within: str | None = None
    guessed: tuple[tuple[str, str], ...] = ()
    literal: tuple[Phrase, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    question: str = ""
    subject: Phrase = ""
    titles: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    number: str = ""
    leans: bool = False

    @cached_property
    def forms(self) -> list[tuple[int, int | None, Form]]:
        """Every form as (group number, term number, form); term None: it stands for the group."""
        found: list[tuple[int, int | None, Form]] = []
        for place, group in enumerate(self.groups):
            found += ((place, None, form) for form in group.forms)
            for number, term in enumerate(group.terms):
                found += ((place, number, form) for form in term.forms)
        return found

    @cached_property
    def near_forms(self) -> dict[Phrase, list[Phrase]]:
        """For each asked stem the forms that may stand for it, except a synonym's synonyms."""
        terms = (term for group in self.groups for term in group.terms)
        return {
            term.forms[0].phrase: [form.phrase for form in term.forms if form.via != A_SECOND_STEP]
            for term in terms
        }

    def forms_of(self, term: Phrase) -> set[Phrase]:
        """What may stand for an asked stem in a passage, except the question's other words."""
        return {term, *self.near_forms.get(term, ())} - (self.asked - {term})

    @cached_property
    def information(self) -> float:
        """The information of everything that a passage must cover."""
        return sum(group.information for group in self.groups if self.counts(group))

    def counts(self, group: Group) -> bool:
        """Whether a passage must cover a group. Borrowed words only help to find passages.

        They do count if the question has no word of its own ("how much is it?").
        """
        return group.weight == 1.0 or not self.has_own

    @cached_property
    def has_own(self) -> bool:
        """Whether any word is not borrowed from an earlier question."""
        return any(group.weight == 1.0 and group.information for group in self.groups)

    @cached_property
    def asked(self) -> frozenset[str]:
        """The stems of the question's own words."""
        return frozenset(term.forms[0].phrase for group in self.groups for term in group.terms)

    @cached_property
    def strict(self) -> tuple[str, ...]:
        """The names and numbers among the question's words."""
        terms = (term for group in self.groups for term in group.terms)
        return tuple(term.word for term in terms if term.strict)
