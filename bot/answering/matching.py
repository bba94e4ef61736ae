"""Which forms of a query occur in a passage, what each scores there, and how rare each is."""

import math
from collections.abc import Callable, Iterable, Mapping, Set
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple, Protocol, TypeVar

from bot.answering.query import Form, Group, Query
from bot.answering.weights import (
    DEFINITION_BONUS,
    FAR,
    K1,
    KIND_BONUS,
    NUMBER_BONUS,
    PAIR_BONUS,
    WHOLE_BONUS,
    B,
)
from bot.english.questions import Kind
from bot.english.synonyms import Phrase
from bot.english.text import FUNCTION_TERMS
from bot.index import Index, idf
from bot.index.analysis import Analysis
from bot.model import Match

_KINDS = frozenset(Kind) - {Kind.OTHER, Kind.STEPS, Kind.YES_NO, Kind.ALL}

# The word of the query that a form stands for: the number of its group, and its own number in the
# group, or None for all of the group's words.
Asked = tuple[int, int | None]
# The forms by index stem: a passage without the stem cannot have the form.
Forms = Mapping[str, list[tuple[Asked, Form]]]


class _Asked(Protocol):
    """What stands for a thing asked."""

    @property
    def asked(self) -> Asked:
        """The thing asked."""


_T = TypeVar("_T", bound=_Asked)


class TermMatch(NamedTuple):
    """A form that occurs in a passage, and the word that it stands for.

    `score` is the form's weight times BM25's saturated term frequency, without the idf.
    """

    asked: Asked
    form: Form
    score: float


class Rarity(dict[str, float]):
    """The idf of each term, looked up once per query."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def __missing__(self, term: str) -> float:
        self[term] = found = idf(self._index, term)
        return found


class WeightedQuery:
    """A query with the weights of its words, from which scores and their bounds are computed.

    `rarities` is the idf of each thing asked times how much it says, and `factors` the same times
    its group's weight. `average` is the mean number of terms in a passage, `size` the number of
    passages.
    """

    def __init__(
        self,
        query: Query,
        forms: Forms,
        rarities: Mapping[Asked, float],
        rare: Rarity,
        average: float,
        size: int = 1,
    ) -> None:
        self.query, self.forms, self.average = query, forms, average
        self.rarities = {
            asked: rarity * query.groups[asked[0]].says(asked[1])
            for asked, rarity in rarities.items()
        }
        self.factors = {
            asked: query.groups[asked[0]].weight * rarity for asked, rarity in self.rarities.items()
        }
        self.kind_bonus = KIND_BONUS if query.kind in _KINDS else 0.0
        self._size = size
        # The most that a passage can score for what it says, beyond its words.
        self.definition_bonus = DEFINITION_BONUS * self.mass if query.subject else 0.0
        number_bonus = NUMBER_BONUS if query.number else 0.0
        self.most_bonus = self.kind_bonus + self.definition_bonus + number_bonus
        self._whole = (
            f" {' '.join([a for a, _ in query.pairs] + [b for _, b in query.pairs[-1:]])} "
        )
        self._literal = [f" {one} " for one in query.literal]
        self._pairs = [
            (f" {a} {b} ", max(rare[a], rare[b]), forms.keys() & {a, b}) for a, b in query.pairs
        ]
        # Only a passage with all of these stems can have the whole question above it.
        asked_above = (self._whole, *self._literal)
        self._needed = [forms.keys() & set(one.split()) - FUNCTION_TERMS for one in asked_above]

    @cached_property
    def mass(self) -> float:
        """The scale of scores: what a passage with each word of the question once would score."""
        unknown = math.log(self._size + 1)
        return sum(
            group.weight * self.rarities.get((place, number), unknown)
            for place, group in enumerate(self.query.groups)
            for number in range(len(group.terms))
        )

    def matches(self, analysis: Analysis) -> list[TermMatch]:
        """The forms that occur in a passage."""
        return term_matches(self.forms, analysis, self.average)

    def pair_bonus(self, analysis: Analysis, stems: Set[str]) -> float:
        """The bonus for word pairs of the question that are also adjacent in the passage.

        Pairs in the headings count too, and headings that are the whole question earn more.
        `stems` are the query's stems that the passage has.
        """
        above, own, _ = analysis.words
        rarities = 0.0
        for pair, rarity, both in self._pairs:
            if both <= stems and (pair in own or pair in above):
                rarities += rarity
        for needed in self._needed:
            if needed <= stems and self._is_asked_above(analysis):
                return PAIR_BONUS * rarities + WHOLE_BONUS * self.query.information
        return PAIR_BONUS * rarities

    def _is_asked_above(self, analysis: Analysis) -> bool:
        """Whether a heading above a passage is the question, word for word or without others."""
        above, _, joined = analysis.words
        if self._pairs and self._whole in above:
            return True
        return any(one in joined and one in analysis.above for one in self._literal)

    def information(self, asked: Asked) -> float:
        """The information of a thing asked: its share of the question."""
        number, term = asked
        group = self.query.groups[number]
        return group.information if term is None else group.weight * group.terms[term].information

    def best(self, matches: Iterable[TermMatch]) -> list[Match]:
        """The match with the highest score for each thing asked."""
        return [
            match
            for number, there in best_by_group(matches, lambda one: one.score)
            for match in self._of_group(self.query.groups[number], there)
        ]

    def _of_group(self, group: Group, best: Mapping[int | None, TermMatch]) -> list[Match]:
        """The matches of a group's words, or of one form for all of them if that scores more."""
        words = [
            self.match(term.word, term.information, group, best[number])
            for number, term in enumerate(group.terms)
            if number in best
        ]
        if None not in best:
            return words
        asked = " ".join(term.word for term in group.terms)
        information = sum(term.information for term in group.terms)
        whole = self.match(asked, information, group, best[None])
        return [whole] if whole.score > sum(match.score for match in words) else words

    def match(self, asked: str, information: float, group: Group, of: TermMatch) -> Match:
        """The match of a thing asked by one of its forms."""
        score = group.weight * of.score * self.rarities[of.asked]
        covered = group.weight * information * of.form.covers * self.query.counts(group)
        return Match(asked, of.form.phrase, of.form.via, score, covered)


def best_by_group(
    found: Iterable[_T], worth: Callable[[_T], float]
) -> list[tuple[int, dict[int | None, _T]]]:
    """For each group in order, the one that is worth most for each term; None is the whole group.

    Among equals it is the first.
    """
    best: dict[int, dict[int | None, _T]] = {}
    for one in found:
        group, term = one.asked
        there = best.setdefault(group, {})
        if term not in there or worth(one) > worth(there[term]):
            there[term] = one
    return sorted(best.items(), key=itemgetter(0))


def saturated_tf(frequency: int, norm: float) -> float:
    """BM25's saturated term frequency, without the idf.

    `frequency` is how often the term occurs in the passage, `norm` the passage's length_norm. The
    formula is that of Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and
    Beyond (2009).
    """
    return frequency * (K1 + 1) / (frequency + norm)


def length_norm(length: int, average: float) -> float:
    """BM25's normalization for a passage of `length` terms, where the mean is `average`."""
    return K1 * (1 - B + B * length / average)


def term_matches(forms: Forms, analysis: Analysis, average: float) -> list[TermMatch]:
    """The forms that occur in a passage."""
    found, terms = [], analysis.terms
    norm = length_norm(len(terms), average)
    for stem in sorted(forms.keys() & terms):
        there = saturated_tf(terms.count(stem), norm)
        for asked, form in forms[stem]:
            if (stem == form.phrase or analysis.has(form.phrase)) and (
                form.documents is None or analysis.document in form.documents
            ):
                found.append(TermMatch(asked, form, form.weight * there))
    return found


def forms_by_stem(query: Query, rare: Rarity) -> dict[str, list[tuple[Asked, Form]]]:
    """The query's forms by index stem: the rarest content word of each form."""
    found: dict[str, list[tuple[Asked, Form]]] = {}
    for group, term, form in query.forms:
        found.setdefault(_rarest(form.phrase, rare), []).append(((group, term), form))
    return found


def search_weights(query: Query, forms: Forms, index: Index, most: int) -> dict[str, float]:
    """The stems to search for, with the highest weight that each has in any form.

    A far synonym is skipped if at least `most` passages have the asked word itself: searching for
    these took half of the time in a large corpus.
    """
    found: dict[str, float] = {}
    for stem, under in forms.items():
        for (number, term), form in under:
            group = query.groups[number]
            if form.weight <= FAR and term is not None:
                own = group.terms[term].forms[0].phrase
                if index.frequency(own) >= most:
                    continue
            weight = group.weight * form.weight * group.says(term)
            found[stem] = max(found.get(stem, 0.0), weight)
    return found


def counted_rarities(size: int, matches: Iterable[list[TermMatch]]) -> dict[Asked, float]:
    """The idf of each thing asked, over all of its forms: ln((N + 1) / n).

    n counts each passage once, by the weight of its best form, so that a synonym that happens to be
    rare is not worth more than a common one. This is the synonym operator of Inquery and Lucene,
    with weights. `matches` are those of every passage with a word of the query.
    """
    weights: dict[Asked, list[float]] = {}
    for there in matches:
        best: dict[Asked, float] = {}
        for match in there:
            best[match.asked] = max(best.get(match.asked, 0.0), match.form.weight)
        for asked, weight in best.items():
            weights.setdefault(asked, []).append(weight)
    # fsum is exact, so the sum does not depend on the order in which an engine finds passages.
    counts = {asked: math.fsum(found) for asked, found in weights.items()}
    return {asked: math.log((size + 1) / max(1.0, count)) for asked, count in counts.items()}


def estimated_rarities(forms: Forms, index: Index) -> dict[Asked, float]:
    """As `counted_rarities`, estimated from term frequencies when not all matches are known.

    It assumes that forms occur independently of each other. Aliases that hold only in some
    documents are rare enough to be ignored.
    """
    shares: dict[Asked, list[tuple[float, float]]] = {}
    for stem, under in forms.items():
        share = index.frequency(stem) / index.size
        for asked, form in under:
            known = shares.setdefault(asked, [])
            if form.documents is None:
                known.append((form.weight, share))
    found = {}
    for asked, weighted in shares.items():
        count, left = 0.0, float(index.size)
        for weight, share in sorted(weighted, reverse=True):
            count += weight * share * left
            left -= share * left
        found[asked] = math.log((index.size + 1) / max(1.0, count))
    return found


def _rarest(phrase: Phrase, rare: Rarity) -> str:
    """The rarest content word of a phrase: only passages that have it can have the phrase."""
    if " " not in phrase:
        return phrase
    content = [stem for stem in phrase.split() if stem not in FUNCTION_TERMS]
    return max(content, key=rare.__getitem__, default=phrase)
