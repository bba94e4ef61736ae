"""How well a passage fits a query, word by word, and which of its sentences to quote."""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from bot.answering.analysis import Analysis, Sentence
from bot.answering.index import Index, idf
from bot.answering.query import Form, Group, Query
from bot.language.expected import names_what_is_asked
from bot.language.questions import Kind
from bot.language.synonyms import Phrase
from bot.language.text import FUNCTION_TERMS
from bot.model import Match

# BM25's: how soon a term found often is worth no more, and how much a long passage is held back.
K1, B = 1.5, 0.75
# What stands beside BM25, each chosen on SQuAD 2 and the development questions: the best sentence's
# score, words that the question and the passage have side by side, and how much of the question
# the passage has at all.
SENTENCE_BONUS = 0.5
PAIR_BONUS = 0.6
COVERED_BONUS = 0.6
# It names the kind of thing that is asked for.
KIND_BONUS = 1.0

# Two sums of the same numbers, added up in another order, differ by less.
ROUNDING = 1e-9

_KINDS = frozenset(Kind) - {Kind.OTHER, Kind.YES_NO, Kind.ALL}


class Fit(NamedTuple):
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


def strength(frequency: int, length: int, average: float) -> float:
    """BM25's part for how often a term stands in how long a passage, without its rarity."""
    return frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * length / average))


class _Hit(NamedTuple):
    """A form that stands in a passage: of which word of which group (None: of all its words).

    `strength` is BM25's part for how often it stands there in how long a text, without its rarity.
    """

    group: int
    term: int | None
    form: Form
    strength: float

    @property
    def worth(self) -> float:
        """What it is worth there beside the other forms."""
        return self.form.weight * self.strength


# The word of the query that a form stands for: its group's place, and its own in that.
_Asked = tuple[int, int | None]


class _Case(NamedTuple):
    """A passage that has something of the query, and the most that it can be worth."""

    analysis: Analysis
    hits: list[_Hit]
    matches: list[Match]
    pairs: float
    most: float


def rank(query: Query, index: Index, most: int, top: int) -> tuple[Fit, ...]:
    """The best passages for the query, the best first: `top` of them, as far as there are.

    `most` are weighed by their words. Whose words cannot bring it among the first, whatever its
    sentences say, is not looked at more closely; so it changes nothing but the time. A passage
    that stands in several documents is one.
    """
    found = index.candidates(query.weights, most, query.within)
    rare = _Rarity(index)
    hits = [(analysis, _hits(query, index, analysis, rare)) for analysis in found]
    if query.within is None and len(found) < most:
        rarities = _counted(index.size, [there for _, there in hits])
    else:
        rarities = _estimated(query, index, rare)
    cases = [_case(query, analysis, there, rarities, rare) for analysis, there in hits if there]
    cases.sort(key=lambda case: -case.most)
    fits: dict[str, Fit] = {}
    for case in cases:
        scores = sorted(fit.score for fit in fits.values())
        if len(fits) >= top and case.most + ROUNDING < scores[-top]:
            break
        fit = _fit(query, case, rarities)
        text = _alike(case.analysis)
        known = fits.get(text)
        if known is None or _order(fit) < _order(known):
            fits[text] = fit
    best = sorted(fits.values(), key=_order)[:top]
    return tuple(fit._replace(also=tuple(_others(fit, cases))) for fit in best)


def _order(fit: Fit) -> tuple[float, tuple[str, int]]:
    """The highest score first; of equals, the earlier in the corpus."""
    return -fit.score, fit.analysis.place


def _alike(analysis: Analysis) -> str:
    """What two passages have in common that are the same one: their words, however set."""
    return " ".join(analysis.text.split())


def _others(fit: Fit, cases: Iterable[_Case]) -> list[str]:
    """The other documents that have the same passage."""
    own, text = fit.analysis.words.own, _alike(fit.analysis)
    same = (c.analysis for c in cases if c.analysis.words.own == own)
    paths = {analysis.document for analysis in same if _alike(analysis) == text}
    return sorted(paths - {fit.analysis.document})


class _Rarity(dict[str, float]):
    """The idf of each term, looked up once for a query."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def __missing__(self, term: str) -> float:
        self[term] = found = idf(self._index, term)
        return found


def _hits(query: Query, index: Index, analysis: Analysis, rare: _Rarity) -> list[_Hit]:
    """The forms that stand in a passage."""
    counts, found = analysis.counts, []
    for group, term, form in query.forms:
        stem = _rarest(form.phrase, rare)
        if (
            stem in counts
            and (stem == form.phrase or analysis.has(form.phrase))
            and (form.documents is None or analysis.document in form.documents)
        ):
            worth = strength(counts[stem], analysis.length, index.average)
            found.append(_Hit(group, term, form, worth))
    return found


def _rarest(phrase: Phrase, rare: _Rarity) -> str:
    """The rarest word of a phrase that says something; where it stands, the phrase may stand."""
    if " " not in phrase:
        return phrase
    content = [stem for stem in phrase.split() if stem not in FUNCTION_TERMS]
    return max(content, key=rare.__getitem__, default=phrase)


def _counted(size: int, hits: Iterable[list[_Hit]]) -> dict[_Asked, float]:
    """How rare each thing asked is, in whichever form: ln((N + 1) / n).

    n counts each passage once, with the weight of the best form it has: so that a synonym that
    happens to be rare is not worth more than a common one (the synonym operator of Inquery and
    Lucene, here with weights).
    """
    weights: dict[_Asked, list[float]] = {}
    for there in hits:
        best: dict[_Asked, float] = {}
        for hit in there:
            asked = (hit.group, hit.term)
            best[asked] = max(best.get(asked, 0.0), hit.form.weight)
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


def _case(
    query: Query,
    analysis: Analysis,
    hits: list[_Hit],
    rarities: Mapping[_Asked, float],
    rare: _Rarity,
) -> _Case:
    matches = _matches(query, hits, rarities)
    pairs = sum(max(rare[a], rare[b]) for a, b in query.pairs if analysis.has_pair((a, b)))
    words = sum(match.worth for match in matches)
    mass = sum(match.mass for match in matches)
    overlap, _ = _overlap(query, hits, rarities)  # no sentence has more than all of the passage
    kind = KIND_BONUS if query.kind in _KINDS else 0.0
    most = words + PAIR_BONUS * pairs + COVERED_BONUS * mass + SENTENCE_BONUS * overlap + kind
    return _Case(analysis, hits, matches, pairs, most)


def _fit(query: Query, case: _Case, rarities: Mapping[_Asked, float]) -> Fit:
    quote, overlap, quoted = _quote(query, case, rarities)
    mass = sum(match.mass for match in case.matches)
    named = query.kind in _KINDS and names_what_is_asked(query.kind, quote.text, query.asked)
    bonuses = {
        "its best sentence": SENTENCE_BONUS * overlap,
        "words side by side": PAIR_BONUS * case.pairs,
        f"it gives {query.kind.value}": KIND_BONUS * named,
        "how much of the question it has": COVERED_BONUS * mass,
    }
    given = (Match(name, "", "", worth) for name, worth in bonuses.items() if worth)
    every = (*case.matches, *given)
    return Fit(
        case.analysis,
        sum(match.worth for match in every),
        every,
        quote,
        mass / query.mass if query.mass else 0.0,
        quoted / query.mass if query.mass else 0.0,
        _lacking(query, case.matches),
    )


def _lacking(query: Query, matches: Iterable[Match]) -> tuple[str, ...]:
    if not query.strict:
        return ()
    matched = {word for match in matches for word in match.asked.split()}
    return tuple(word for word in query.strict if word not in matched)


def _quote(
    query: Query, case: _Case, rarities: Mapping[_Asked, float]
) -> tuple[Sentence, float, float]:
    """The sentence with most of the question, by rarity; how much, and its mass.

    Of equals it is the first. The overlap is not divided by the sentence's length: of all that was
    tried on SQuAD, that quoted the right sentence most often.
    """
    sentences = case.analysis.sentences
    best, most, mass = sentences[0], 0.0, 0.0
    for sentence in sentences:
        inside = [hit for hit in case.hits if f" {hit.form.phrase} " in sentence.joined]
        overlap, covered = _overlap(query, inside, rarities)
        if overlap > most:
            best, most, mass = sentence, overlap, covered
    return best, most, mass


def _overlap(
    query: Query, hits: Iterable[_Hit], rarities: Mapping[_Asked, float]
) -> tuple[float, float]:
    """What forms that stand together are worth by rarity alone, and their mass."""
    once = [hit._replace(strength=1.0) for hit in hits]
    found = _matches(query, once, rarities)
    return sum(match.worth for match in found), sum(match.mass for match in found)


def _matches(query: Query, hits: Iterable[_Hit], rarities: Mapping[_Asked, float]) -> list[Match]:
    """For each thing asked, the best of what stands for it."""
    best: dict[int, dict[int | None, _Hit]] = {}
    for hit in hits:
        group = best.setdefault(hit.group, {})
        known = group.get(hit.term)
        if known is None or hit.worth > known.worth:
            group[hit.term] = hit
    return [
        match
        for place, found in sorted(best.items())
        for match in _of_group(query.groups[place], found, rarities)
    ]


def _of_group(
    group: Group, best: Mapping[int | None, _Hit], rarities: Mapping[_Asked, float]
) -> list[Match]:
    """The group's words one by one, or the form for all of them that is worth more."""
    words = [
        _match(term.word, term.mass, group.weight, best[place], rarities)
        for place, term in enumerate(group.terms)
        if place in best
    ]
    if None not in best:
        return words
    asked = " ".join(term.word for term in group.terms)
    mass = sum(term.mass for term in group.terms)
    whole = _match(asked, mass, group.weight, best[None], rarities)
    return [whole] if whole.worth > sum(match.worth for match in words) else words


def _match(
    asked: str, mass: float, weight: float, hit: _Hit, rarities: Mapping[_Asked, float]
) -> Match:
    worth = weight * hit.worth * rarities[hit.group, hit.term]
    return Match(asked, hit.form.phrase, hit.form.via, worth, weight * mass * hit.form.covers)
