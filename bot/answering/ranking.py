"""How well a passage fits a query, word by word, and which of its sentences to quote."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bot.answering.query import Form, Group, Query
from bot.answering.weights import (
    COVERAGE_BONUS,
    FAR,
    K1,
    KIND_BONUS,
    PAIR_BONUS,
    SENTENCE_BONUS,
    B,
)
from bot.english.answer_types import names_what_is_asked
from bot.english.questions import Kind
from bot.english.synonyms import Phrase
from bot.english.text import FUNCTION_TERMS
from bot.index import Index, idf
from bot.index.analysis import Analysis, Sentence
from bot.model import Match

# Two sums of the same numbers, added up in another order, differ by less.
ROUNDING = 1e-9

_KINDS = frozenset(Kind) - {Kind.OTHER, Kind.YES_NO, Kind.ALL}


class ScoredPassage(NamedTuple):
    """A passage's case. Its score is the sum of what the matches are worth.

    `quote` is the sentence that has most of the question. `covered` is the share of the question
    that the passage has a form of, by mass, `quoted` that of the sentence; `lacking` are the names
    and numbers asked for that the passage has no form of. `also` are the paths of the other
    documents that hold the same passage.
    """

    analysis: Analysis
    score: float
    matches: tuple[Match, ...]
    quote: Sentence
    covered: float
    quoted: float
    lacking: tuple[str, ...]
    also: tuple[str, ...] = ()


def saturated_tf(frequency: int, length: int, average: float) -> float:
    """BM25's part for how often a term stands in how long a passage, without its rarity."""
    return frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * length / average))


# The word of the query that a form stands for: its group's place, and its own in that; None is all
# of the group's words.
_Asked = tuple[int, int | None]


class _TermMatch(NamedTuple):
    """A form that stands in a passage, and for which word.

    `worth` is what it is worth there beside the other forms: its weight, and BM25's part for how
    often it stands there in how long a text, without its rarity.
    """

    asked: _Asked
    form: Form
    worth: float


class _Case(NamedTuple):
    """A passage that has something of the query; no bonus can make it worth more than `most`."""

    analysis: Analysis
    hits: list[_TermMatch]
    pairs: float
    most: float


def rank(query: Query, index: Index, most: int, top: int) -> tuple[ScoredPassage, ...]:
    """The best passages for the query, the best first: `top` of them, as far as there are.

    `most` are weighed by their words. Whose words cannot bring it among the first, whatever its
    sentences say, is not looked at more closely; so it changes nothing but the time. A passage
    that stands in several documents is one.
    """
    rare = _Rarity(index)
    wanted = _wanted(query, rare)
    found = index.candidates(_weights(query, wanted, index, most), most, query.within)
    limits: list[tuple[float, Analysis, _Case | None]]
    if query.within is None and len(found) < most:
        hits = [_hits(wanted, analysis, index.average) for analysis in found]
        weigher = _Weigher(query, _counted(index.size, hits), rare, wanted, index.average)
        cases = map(weigher.case, found, hits)
        limits = [(case.most, case.analysis, case) for case in cases if case is not None]
    else:
        weigher = _Weigher(query, _estimated(query, index, rare), rare, wanted, index.average)
        limits = [(limit, analysis, None) for limit, analysis in weigher.limits(found)]
    fits: dict[str, ScoredPassage] = {}
    enough = -math.inf
    for limit, analysis, known_case in sorted(limits, key=lambda limited: -limited[0]):
        if limit + ROUNDING < enough:
            break
        case = known_case or weigher.case(analysis)
        if case is None or case.most + ROUNDING < enough:
            continue
        fit = weigher.fit(case, enough)
        if fit is None:
            continue
        known = fits.setdefault(analysis.plain, fit)
        if _order(fit) < _order(known):
            fits[analysis.plain] = fit
        if len(fits) >= top:
            enough = sorted(fit.score for fit in fits.values())[-top]
    best = sorted(fits.values(), key=_order)[:top]
    return tuple(fit._replace(also=tuple(_others(fit, found))) for fit in best)


def _order(fit: ScoredPassage) -> tuple[float, tuple[str, int]]:
    """The highest score first; of equals, the earlier in the corpus."""
    return -fit.score, fit.analysis.rest.place


def _others(fit: ScoredPassage, found: Iterable[Analysis]) -> list[str]:
    """The other documents that have the same passage."""
    own, text = fit.analysis.words.own, fit.analysis.plain
    same = (analysis for analysis in found if analysis.words.own == own)
    paths = {analysis.path for analysis in same if analysis.plain == text}
    return sorted(paths - {fit.analysis.path})


class _Rarity(dict[str, float]):
    """The idf of each term, looked up once for a query."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def __missing__(self, term: str) -> float:
        self[term] = found = idf(self._index, term)
        return found


def _wanted(query: Query, rare: _Rarity) -> dict[str, list[tuple[_Asked, Form]]]:
    """The forms under the stem that tells where each may stand."""
    found: dict[str, list[tuple[_Asked, Form]]] = {}
    for group, term, form in query.forms:
        found.setdefault(_rarest(form.phrase, rare), []).append(((group, term), form))
    return found


def _weights(
    query: Query, wanted: Mapping[str, list[tuple[_Asked, Form]]], index: Index, most: int
) -> dict[str, float]:
    """The stems to look for, with the highest weight that each has in any form.

    Where as many passages as are weighed have the very word asked, those that have only a far
    synonym of it are not looked for: in a large corpus that was half of the time.
    """
    found: dict[str, float] = {}
    for stem, forms in wanted.items():
        for (place, term), form in forms:
            group = query.groups[place]
            if form.weight <= FAR and term is not None:
                own = group.terms[term].forms[0].phrase
                if index.frequency(own) >= most:
                    continue
            found[stem] = max(found.get(stem, 0.0), group.weight * form.weight)
    return found


def _hits(
    wanted: Mapping[str, list[tuple[_Asked, Form]]], analysis: Analysis, average: float
) -> list[_TermMatch]:
    """The forms that stand in a passage."""
    found, terms = [], analysis.terms
    for stem in sorted(wanted.keys() & terms):
        there = saturated_tf(terms.count(stem), len(terms), average)
        for asked, form in wanted[stem]:
            if (stem == form.phrase or analysis.has(form.phrase)) and (
                form.documents is None or analysis.document in form.documents
            ):
                found.append(_TermMatch(asked, form, form.weight * there))
    return found


def _rarest(phrase: Phrase, rare: _Rarity) -> str:
    """The rarest word of a phrase that says something; where it stands, the phrase may stand."""
    if " " not in phrase:
        return phrase
    content = [stem for stem in phrase.split() if stem not in FUNCTION_TERMS]
    return max(content, key=rare.__getitem__, default=phrase)


def _counted(size: int, hits: Iterable[list[_TermMatch]]) -> dict[_Asked, float]:
    """How rare each thing asked is, in whichever form: ln((N + 1) / n).

    n counts each passage once, with the weight of the best form it has: so that a synonym that
    happens to be rare is not worth more than a common one (the synonym operator of Inquery and
    Lucene, here with weights).
    """
    weights: dict[_Asked, list[float]] = {}
    for there in hits:
        best: dict[_Asked, float] = {}
        for hit in there:
            best[hit.asked] = max(best.get(hit.asked, 0.0), hit.form.weight)
        for asked, weight in best.items():
            weights.setdefault(asked, []).append(weight)
    # Added up so that the order in which an engine finds them is nothing to the sum.
    counts = {asked: math.fsum(found) for asked, found in weights.items()}
    return {asked: math.log((size + 1) / max(1.0, count)) for asked, count in counts.items()}


def _estimated(query: Query, index: Index, rare: _Rarity) -> dict[_Asked, float]:
    """The same where not every passage with a word of the query is at hand.

    The forms are taken to stand in passages independently of each other. What a single document
    calls somebody is rare enough to count for nothing.
    """
    shares: dict[_Asked, list[tuple[float, float]]] = {}
    for group, term, form in query.forms:
        known = shares.setdefault((group, term), [])
        if form.documents is None:
            share = index.frequency(_rarest(form.phrase, rare)) / index.size
            known.append((form.weight, share))
    found = {}
    for asked, forms in shares.items():
        count, left = 0.0, float(index.size)
        for weight, share in sorted(forms, reverse=True):
            count += weight * share * left
            left -= share * left
        found[asked] = math.log((index.size + 1) / max(1.0, count))
    return found


class _Weigher:
    """Weighs passages for one query, whose things asked are as rare as `rarities` says."""

    def __init__(
        self,
        query: Query,
        rarities: Mapping[_Asked, float],
        rare: _Rarity,
        wanted: Mapping[str, list[tuple[_Asked, Form]]],
        average: float,
    ) -> None:
        self._query, self._rarities = query, rarities
        self._wanted, self._average = wanted, average
        self._factors = {
            asked: query.groups[asked[0]].weight * rarity for asked, rarity in rarities.items()
        }
        self._pairs = [(f" {a} {b} ", max(rare[a], rare[b])) for a, b in query.pairs]
        self._kind = KIND_BONUS if query.kind in _KINDS else 0.0

    def limits(self, found: Iterable[Analysis]) -> Iterator[tuple[float, Analysis]]:
        """Each passage with what its score cannot exceed, from its stems alone.

        As if every form whose stem is there stood there, and all that stand for one thing counted.
        """
        worth, mass = self._of_stems()
        stems, average = frozenset(worth), self._average
        for analysis in found:
            terms = analysis.terms
            length = len(terms)
            limit = self._kind + PAIR_BONUS * self._side_by_side(analysis)
            for stem in stems.intersection(terms):
                there = saturated_tf(terms.count(stem), length, average)
                limit += worth[stem] * (there + SENTENCE_BONUS) + mass[stem]
            yield limit, analysis

    def _of_stems(self) -> tuple[dict[str, float], dict[str, float]]:
        """What all forms under a stem are worth together, and what they cover."""
        worth, mass = {}, {}
        for stem, forms in self._wanted.items():
            here = [(asked, form) for asked, form in forms if asked in self._factors]
            worth[stem] = sum(self._factors[asked] * form.weight for asked, form in here)
            mass[stem] = COVERAGE_BONUS * sum(self._mass(asked) for asked, _ in here)
        return worth, mass

    def _side_by_side(self, analysis: Analysis) -> float:
        own = analysis.words.own
        return sum(worth for pair, worth in self._pairs if pair in own)

    def case(self, analysis: Analysis, hits: list[_TermMatch] | None = None) -> _Case | None:
        """What a passage has of the query, and a closer limit; None when it has nothing."""
        if hits is None:
            hits = _hits(self._wanted, analysis, self._average)
        if not hits:
            return None
        pairs = self._side_by_side(analysis)
        return _Case(analysis, hits, pairs, self._most(hits) + PAIR_BONUS * pairs + self._kind)

    def _most(self, hits: Iterable[_TermMatch]) -> float:
        """The most that the words can be worth: in the passage, in one sentence, as covered."""
        worth: dict[_Asked, float] = {}
        weight: dict[_Asked, float] = {}
        for asked, form, value in hits:
            if value > worth.get(asked, 0.0):
                worth[asked] = value
            if form.weight > weight.get(asked, 0.0):
                weight[asked] = form.weight
        return sum(
            self._factors[asked] * (value + SENTENCE_BONUS * weight[asked])
            + COVERAGE_BONUS * self._mass(asked)
            for asked, value in worth.items()
        )

    def _most_of(self, hits: Iterable[_TermMatch]) -> float:
        """The most that forms can be worth together."""
        worth: dict[_Asked, float] = {}
        for asked, _, value in hits:
            if value > worth.get(asked, 0.0):
                worth[asked] = value
        return sum(self._factors[asked] * value for asked, value in worth.items())

    def _mass(self, asked: _Asked) -> float:
        group = self._query.groups[asked[0]]
        return group.mass if asked[1] is None else group.weight * group.terms[asked[1]].mass

    def fit(self, case: _Case, enough: float) -> ScoredPassage | None:
        """A passage's case in full; None when its sentences do not bring it to a score that is."""
        query = self._query
        matches = self._matches(case.hits)
        quote, overlap, quoted = self._quote(case)
        mass = sum(match.mass for match in matches)
        most = sum(match.worth for match in matches) + SENTENCE_BONUS * overlap + self._kind
        if most + PAIR_BONUS * case.pairs + COVERAGE_BONUS * mass + ROUNDING < enough:
            return None
        named = bool(self._kind) and names_what_is_asked(query.kind, quote.text, query.asked)
        bonuses = {
            "its best sentence": SENTENCE_BONUS * overlap,
            "words side by side": PAIR_BONUS * case.pairs,
            f"it gives {query.kind.value}": KIND_BONUS * named,
            "how much of the question it has": COVERAGE_BONUS * mass,
        }
        given = (Match(name, "", "", worth) for name, worth in bonuses.items() if worth)
        every = (*matches, *given)
        return ScoredPassage(
            case.analysis,
            sum(match.worth for match in every),
            every,
            quote,
            mass / query.mass if query.mass else 0.0,
            quoted / query.mass if query.mass else 0.0,
            _lacking(query, matches),
        )

    def _quote(self, case: _Case) -> tuple[Sentence, float, float]:
        """The sentence with most of the question, by rarity; how much, and its mass.

        Of equals it is the first. The overlap is not divided by the sentence's length: of all that
        was tried on SQuAD, that quoted the right sentence most often.
        """
        sentences = case.analysis.sentences
        best, most, covered = sentences[0], 0.0, 0.0
        once = [(f" {h.form.phrase} ", h._replace(worth=h.form.weight)) for h in case.hits]
        for sentence in sentences:
            inside = [hit for phrase, hit in once if phrase in sentence.joined]
            if self._most_of(inside) + ROUNDING < most:
                continue
            found = self._matches(inside)
            overlap = sum(match.worth for match in found)
            if overlap > most:
                best, most, covered = sentence, overlap, sum(match.mass for match in found)
        return best, most, covered

    def _matches(self, hits: Iterable[_TermMatch]) -> list[Match]:
        """For each thing asked, the best of what stands for it."""
        best: dict[int, dict[int | None, _TermMatch]] = {}
        for hit in hits:
            group, term = hit.asked
            there = best.setdefault(group, {})
            if term not in there or hit.worth > there[term].worth:
                there[term] = hit
        return [
            match
            for place, there in sorted(best.items())
            for match in self._of_group(self._query.groups[place], there)
        ]

    def _of_group(self, group: Group, best: Mapping[int | None, _TermMatch]) -> list[Match]:
        """The group's words one by one, or the form for all of them that is worth more."""
        words = [
            self._match(term.word, term.mass, group.weight, best[place])
            for place, term in enumerate(group.terms)
            if place in best
        ]
        if None not in best:
            return words
        asked = " ".join(term.word for term in group.terms)
        mass = sum(term.mass for term in group.terms)
        whole = self._match(asked, mass, group.weight, best[None])
        return [whole] if whole.worth > sum(match.worth for match in words) else words

    def _match(self, asked: str, mass: float, weight: float, hit: _TermMatch) -> Match:
        worth = weight * hit.worth * self._rarities[hit.asked]
        covered = weight * mass * hit.form.covers
        return Match(asked, hit.form.phrase, hit.form.via, worth, covered)


def _lacking(query: Query, matches: Iterable[Match]) -> tuple[str, ...]:
    if not query.strict:
        return ()
    matched = {word for match in matches for word in match.asked.split()}
    return tuple(word for word in query.strict if word not in matched)
