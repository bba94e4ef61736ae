"""How well a passage fits a query, word by word, and which of its sentences to quote."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from bot.answering.analysis import Analysis, Sentence
from bot.answering.query import Form, Group, Query
from bot.language.expected import names_what_is_asked
from bot.language.questions import Kind
from bot.language.synonyms import Phrase
from bot.language.text import FUNCTION_TERMS
from bot.model import Match

# What stands beside BM25, each chosen on SQuAD 2 and the development questions: the best sentence's
# score, words that the question and the passage have side by side, and how much of the question
# the passage has at all.
SENTENCE_BONUS = 0.5
PAIR_BONUS = 0.6
COVERED_BONUS = 0.6
# It names the kind of thing that is asked for.
KIND_BONUS = 1.0

_KINDS = frozenset(Kind) - {Kind.OTHER, Kind.YES_NO, Kind.ALL}


class Fit(NamedTuple):
    """A passage's case. Its score is the sum of what the matches are worth.

    `quote` is the sentence that has most of the question. `covered` is the share of the question
    that the passage has a form of, by mass, `quoted` that of the sentence; `lacking` are the names
    and numbers asked for that the passage has no form of.
    """

    analysis: Analysis
    score: float
    matches: tuple[Match, ...]
    quote: Sentence
    covered: float
    quoted: float
    lacking: tuple[str, ...]


class Engine(Protocol):
    """What ranking needs of an engine; passages are named by their positions."""

    size: int

    def idf(self, term: str) -> float:
        """How rare a term is in the corpus."""

    def scores(self, term: str) -> Mapping[int, float]:
        """What a term is worth in each passage that has it."""

    def candidates(self, weights: Mapping[str, float], most: int) -> list[int]:
        """The passages that score highest by the weighted sum of their terms, best first."""


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


def rank(query: Query, engine: Engine, analyses: Sequence[Analysis], most: int) -> tuple[Fit, ...]:
    """The passages that have something of the query, the best first; of equals the earlier one."""
    positions = engine.candidates(query.weights, most)
    hits = _hits(query, engine, analyses, positions)
    rarities = _rarities(engine.size, hits.values())
    fits = [
        _fit(query, analyses[position], hits[position], rarities, engine.idf)
        for position in positions
        if hits[position]
    ]
    return tuple(sorted(fits, key=lambda fit: -fit.score))


def _hits(
    query: Query, engine: Engine, analyses: Sequence[Analysis], positions: Iterable[int]
) -> dict[int, list[_Hit]]:
    """For each passage, the forms that stand in it."""
    found: dict[int, list[_Hit]] = {position: [] for position in positions}
    for group, term, form in query.forms:
        rarest = _rarest(form.phrase, engine.idf)
        idf = engine.idf(rarest)
        for position, score in engine.scores(rarest).items():
            if position in found:
                there = analyses[position]
                whole = rarest == form.phrase or there.has(form.phrase)
                if whole and form.document in (None, there.document):
                    found[position].append(_Hit(group, term, form, score / idf))
    return found


def _rarest(phrase: Phrase, idf: Callable[[str], float]) -> str:
    """The rarest word of a phrase that says something; where it stands, the phrase may stand."""
    if " " not in phrase:
        return phrase
    content = [stem for stem in phrase.split() if stem not in FUNCTION_TERMS]
    return max(content, key=idf, default=phrase)


def _rarities(size: int, hits: Iterable[list[_Hit]]) -> dict[_Asked, float]:
    """How rare each thing asked is, in whichever form: ln((N + 1) / n).

    n counts each passage once, with the weight of the best form it has: so that a synonym that
    happens to be rare is not worth more than a common one (the synonym operator of Inquery and
    Lucene, here with weights).
    """
    counts: dict[_Asked, float] = {}
    for there in hits:
        best: dict[_Asked, float] = {}
        for hit in there:
            asked = (hit.group, hit.term)
            best[asked] = max(best.get(asked, 0.0), hit.form.weight)
        for asked, weight in best.items():
            counts[asked] = counts.get(asked, 0.0) + weight
    return {asked: math.log((size + 1) / max(1.0, count)) for asked, count in counts.items()}


def _fit(
    query: Query,
    analysis: Analysis,
    hits: list[_Hit],
    rarities: Mapping[_Asked, float],
    idf: Callable[[str], float],
) -> Fit:
    matches = _matches(query, hits, rarities)
    quote, overlap, quoted = _quote(query, analysis, hits, rarities)
    mass = sum(match.mass for match in matches)
    pairs = sum(max(map(idf, pair)) for pair in query.pairs if pair in analysis.pairs)
    named = query.kind in _KINDS and names_what_is_asked(query.kind, quote.text, query.asked)
    bonuses = {
        "its best sentence": SENTENCE_BONUS * overlap,
        "words side by side": PAIR_BONUS * pairs,
        f"it gives {query.kind.value}": KIND_BONUS * named,
        "how much of the question it has": COVERED_BONUS * mass,
    }
    every = (*matches, *(Match(name, "", "", worth) for name, worth in bonuses.items() if worth))
    return Fit(
        analysis,
        sum(match.worth for match in every),
        every,
        quote,
        mass / query.mass if query.mass else 0.0,
        quoted / query.mass if query.mass else 0.0,
        _lacking(query, matches),
    )


def _lacking(query: Query, matches: Iterable[Match]) -> tuple[str, ...]:
    if not query.strict:
        return ()
    matched = {word for match in matches for word in match.asked.split()}
    return tuple(word for word in query.strict if word not in matched)


def _quote(
    query: Query, analysis: Analysis, hits: list[_Hit], rarities: Mapping[_Asked, float]
) -> tuple[Sentence, float, float]:
    """The sentence with most of the question, by rarity; how much, and its mass.

    Of equals it is the first. The overlap is not divided by the sentence's length: of all that was
    tried on SQuAD, that quoted the right sentence most often.
    """
    best, most, mass = analysis.sentences[0], 0.0, 0.0
    for sentence in analysis.sentences:
        inside = [
            hit._replace(strength=1.0) for hit in hits if f" {hit.form.phrase} " in sentence.joined
        ]
        found = _matches(query, inside, rarities) if inside else []
        overlap = sum(match.worth for match in found)
        if overlap > most:
            best, most, mass = sentence, overlap, sum(match.mass for match in found)
    return best, most, mass


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
