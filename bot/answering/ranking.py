"""How well a passage fits a query, word by word, and which of its sentences to quote."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from bot.answering.analysis import Analysis, Sentence
from bot.answering.query import Form, Group, Query
from bot.language.text import FUNCTION_TERMS

# On SQuAD 2's development set each of the two bonuses puts one or two more of a hundred right
# passages first; more of either puts fewer.
SENTENCE_BONUS = 0.5
PAIR_BONUS = 0.3


class Match(NamedTuple):
    """Why a passage was found: a word asked, what stands for it there, and what that is worth.

    `via` is empty where the word itself stands there. `mass` is how much of the question it is;
    a bonus, for which `asked` has the name, is none of it.
    """

    asked: str
    found: str
    via: str
    worth: float
    mass: float = 0.0
    strict: bool = False


class Fit(NamedTuple):
    """A passage's case. Its score is the sum of what the matches are worth.

    `quote` is the sentence that has most of the question. `covered` is the share of the question
    that the passage has a form of, by mass; `strict` says that every name and number asked for is
    among that.
    """

    analysis: Analysis
    matches: tuple[Match, ...]
    quote: Sentence
    covered: float
    strict: bool

    @property
    def score(self) -> float:
        """What all the matches are worth together."""
        return sum(match.worth for match in self.matches)


class Weights(Protocol):
    """What ranking needs of an engine."""

    def idf(self, term: str) -> float:
        """How rare a term is in the corpus."""

    def scores(self, term: str) -> Mapping[int, float]:
        """What a term is worth in each passage that has it, by position."""


Value = Callable[[str], float]


def fit(query: Query, analysis: Analysis, position: int, weights: Weights) -> Fit:
    """Weigh the passage that stands at a position of the engine."""
    found = _matches(query, analysis, lambda stem: weights.scores(stem).get(position, 0.0))
    quote, overlap = _quote(query, analysis, weights.idf)
    pairs = sum(
        max(weights.idf(first), weights.idf(second))
        for first, second in query.pairs
        if (first, second) in analysis.pairs
    )
    bonuses = (
        Match("its best sentence", "", "", SENTENCE_BONUS * overlap),
        Match("words side by side", "", "", PAIR_BONUS * pairs),
    )
    strict = sum(term.strict for group in query.groups for term in group.terms)
    return Fit(
        analysis,
        (*found, *(bonus for bonus in bonuses if bonus.worth)),
        quote,
        _share(sum(match.mass for match in found), sum(group.mass for group in query.groups)),
        strict <= sum(match.strict for match in found),
    )


def _quote(query: Query, analysis: Analysis, idf: Callable[[str], float]) -> tuple[Sentence, float]:
    """The sentence with most of the question, by the rarity of what it has; of equals the first.

    The overlap is not divided by the sentence's length: of all that was tried on SQuAD, that
    quoted the right sentence most often.
    """
    overlaps = [
        sum(match.worth for match in _matches(query, sentence, _idf_in(sentence, idf)))
        for sentence in analysis.sentences
    ]
    best = max(overlaps)
    return analysis.sentences[overlaps.index(best)], best


def _idf_in(sentence: Sentence, idf: Callable[[str], float]) -> Value:
    return lambda stem: idf(stem) if sentence.has((stem,)) else 0.0


def _matches(query: Query, text: Analysis | Sentence, value: Value) -> list[Match]:
    """For each thing asked, what stands for it in the text, at its best."""
    return [match for group in query.groups for match in _of_group(group, text, value)]


def _of_group(group: Group, text: Analysis | Sentence, value: Value) -> list[Match]:
    """The group's words one by one, or the form for all of them that is worth more."""
    words = [
        match._replace(mass=match.mass * term.mass, strict=term.strict)
        for term in group.terms
        if (match := _best(term.word, term.forms, group.weight, text, value))
    ]
    asked = " ".join(term.word for term in group.terms)
    whole = _best(asked, group.forms, group.weight, text, value)
    if whole is None or whole.worth <= sum(match.worth for match in words):
        return words
    return [whole._replace(mass=whole.mass * sum(term.mass for term in group.terms))]


def _best(
    asked: str, forms: Iterable[Form], weight: float, text: Analysis | Sentence, value: Value
) -> Match | None:
    """The form that is worth most in the text; its mass is the weight at which it counts."""
    best: Match | None = None
    for form in forms:
        worth = weight * form.weight * _worth(form, text, value)
        if worth > (best.worth if best else 0.0):
            best = Match(asked, " ".join(form.phrase), form.via, worth, weight)
    return best


def _worth(form: Form, text: Analysis | Sentence, value: Value) -> float:
    """A single word's value; of several that stand side by side, the value of the rarest."""
    if form.document not in (None, text.document):
        return 0.0
    if len(form.phrase) == 1:
        return value(form.phrase[0])
    if not text.has(form.phrase):
        return 0.0
    return max(value(stem) for stem in form.phrase if stem not in FUNCTION_TERMS)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
