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


# What each phrase is worth in one passage, before its rarity: BM25's part for how often it stands
# there in how long a text.
Strengths = Mapping[Phrase, float]


def rank(query: Query, engine: Engine, analyses: Sequence[Analysis], most: int) -> tuple[Fit, ...]:
    """The passages that have something of the query, the best first; of equals the earlier one."""
    positions = engine.candidates(query.weights, most)
    strengths = _strengths(query, engine, analyses, positions)
    rarity = _Rarity(engine.size, strengths)
    fits = [
        _fit(query, analyses[position], strengths[position], rarity, engine.idf)
        for position in positions
        if strengths[position]
    ]
    return tuple(sorted(fits, key=lambda fit: -fit.score))


def _strengths(
    query: Query, engine: Engine, analyses: Sequence[Analysis], positions: Iterable[int]
) -> dict[int, dict[Phrase, float]]:
    """For each passage, the forms that stand in it."""
    found: dict[int, dict[Phrase, float]] = {position: {} for position in positions}
    phrases = {form.phrase for group in query.groups for form in group.all_forms}
    for phrase in sorted(phrases):
        rarest = max(
            (stem for stem in phrase.split() if stem not in FUNCTION_TERMS),
            key=engine.idf,
            default=phrase,
        )
        idf = engine.idf(rarest)
        for position, score in engine.scores(rarest).items():
            if position in found and (rarest == phrase or analyses[position].has(phrase)):
                found[position][phrase] = score / idf
    return found


class _Rarity:
    """How rare a thing asked is, in whichever form: ln((N + 1) / n).

    n counts each passage once, with the weight of the best form it has: so that a synonym that
    happens to be rare is not worth more than a common one (the synonym operator of Inquery and
    Lucene, here with weights).
    """

    def __init__(self, size: int, strengths: Mapping[int, Strengths]) -> None:
        self._size = size
        self._strengths = strengths
        self._known: dict[tuple[Form, ...], float] = {}

    def of(self, forms: tuple[Form, ...]) -> float:
        found = self._known.get(forms)
        if found is None:
            count = sum(
                max((form.weight for form in forms if form.phrase in there), default=0.0)
                for there in self._strengths.values()
            )
            found = self._known[forms] = math.log((self._size + 1) / max(1.0, count))
        return found


def _fit(
    query: Query,
    analysis: Analysis,
    strengths: Strengths,
    rarity: _Rarity,
    idf: Callable[[str], float],
) -> Fit:
    matches = _matches(query, analysis.document, strengths, rarity)
    quote, best, quoted = _quote(query, analysis, strengths, rarity)
    mass = sum(match.mass for match in matches)
    pairs = sum(max(map(idf, pair)) for pair in query.pairs if pair in analysis.pairs)
    named = query.kind in _KINDS and names_what_is_asked(query.kind, quote.text, query.asked)
    bonuses = {
        "its best sentence": SENTENCE_BONUS * best,
        "words side by side": PAIR_BONUS * pairs,
        f"it gives {query.kind.value}": KIND_BONUS * named,
        "how much of the question it has": COVERED_BONUS * mass,
    }
    every = (*matches, *(Match(name, "", "", worth) for name, worth in bonuses.items() if worth))
    asked = query.mass
    return Fit(
        analysis,
        sum(match.worth for match in every),
        every,
        quote,
        mass / asked if asked else 0.0,
        quoted / asked if asked else 0.0,
        _lacking(query, matches),
    )


def _lacking(query: Query, matches: Iterable[Match]) -> tuple[str, ...]:
    if not query.strict:
        return ()
    matched = {word for match in matches for word in match.asked.split()}
    return tuple(word for word in query.strict if word not in matched)


def _quote(
    query: Query, analysis: Analysis, strengths: Strengths, rarity: _Rarity
) -> tuple[Sentence, float, float]:
    """The sentence with most of the question, by rarity; how much, and its mass.

    Of equals it is the first.
    The overlap is not divided by the sentence's length: of all that was tried on SQuAD, that
    quoted the right sentence most often.
    """
    best, most, mass = analysis.sentences[0], 0.0, 0.0
    for sentence in analysis.sentences:
        has = {phrase: 1.0 for phrase in strengths if f" {phrase} " in sentence.joined}
        found = _matches(query, analysis.document, has, rarity)
        overlap = sum(match.worth for match in found)
        if overlap > most:
            best, most, mass = sentence, overlap, sum(match.mass for match in found)
    return best, most, mass


def _matches(query: Query, document: str, strengths: Strengths, rarity: _Rarity) -> list[Match]:
    """For each thing asked, the best of what stands for it."""
    return [
        match for group in query.groups for match in _of_group(group, document, strengths, rarity)
    ]


def _of_group(group: Group, document: str, strengths: Strengths, rarity: _Rarity) -> list[Match]:
    """The group's words one by one, or the form for all of them that is worth more."""
    words = []
    for term in group.terms:
        if form := _best(term.forms, document, strengths):
            worth = group.weight * form.weight * strengths[form.phrase] * rarity.of(term.forms)
            mass = group.weight * term.mass * form.covers
            words.append(Match(term.word, form.phrase, form.via, worth, mass))
    form = _best(group.forms, document, strengths) if group.forms else None
    if form is None:
        return words
    worth = group.weight * form.weight * strengths[form.phrase] * rarity.of(group.forms)
    if worth <= sum(match.worth for match in words):
        return words
    asked = " ".join(term.word for term in group.terms)
    mass = group.mass * form.covers
    return [Match(asked, form.phrase, form.via, worth, mass)]


def _best(forms: Iterable[Form], document: str, strengths: Strengths) -> Form | None:
    """The form that is worth most where these strengths are; None where none stands."""
    best, most = None, 0.0
    for form in forms:
        strength = strengths.get(form.phrase)
        if strength and form.weight * strength > most and form.document in (None, document):
            best, most = form, form.weight * strength
    return best
