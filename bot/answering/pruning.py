"""Upper bounds of scores, so that few passages are scored in full. They only save time."""

from collections.abc import Iterable, Iterator

from bot.answering.matching import Asked, TermMatch, WeightedQuery, saturated_tf
from bot.answering.weights import COVERAGE_BONUS, SENTENCE_BONUS
from bot.index.analysis import Analysis

# Two sums of the same numbers, added up in another order, differ by less.
ROUNDING = 1e-9


def is_below(bound: float, score: float) -> bool:
    """Whether what is at most `bound` cannot be as much as `score`."""
    return bound + ROUNDING < score


class UpperBounds:
    """What a passage's score, or a part of it, cannot exceed for one query."""

    def __init__(self, weighted: WeightedQuery) -> None:
        self._weighted = weighted
        self._factors = weighted.factors

    def of_passages(self, found: Iterable[Analysis]) -> Iterator[tuple[float, Analysis]]:
        """Each passage with its bound, from its stems alone: the cheapest to tell.

        As if every form whose stem is there stood there, and all that stand for one thing counted.
        """
        weighted = self._weighted
        scores, coverage = self._by_stem()
        stems, average = frozenset(scores), weighted.average
        for analysis in found:
            terms = analysis.terms
            length = len(terms)
            bound = weighted.most_bonus + weighted.pair_bonus(analysis)
            for stem in stems.intersection(terms):
                there = saturated_tf(terms.count(stem), length, average)
                bound += scores[stem] * (there + SENTENCE_BONUS) + coverage[stem]
            yield bound, analysis

    def of_matches(self, matches: Iterable[TermMatch]) -> float:
        """That of a passage's words: in the passage, in one sentence, and as covered."""
        scores = _best(matches)
        weights: dict[Asked, float] = {}
        for asked, form, _ in matches:
            if form.weight > weights.get(asked, 0.0):
                weights[asked] = form.weight
        return sum(
            self._factors[asked] * (score + SENTENCE_BONUS * weights[asked])
            + COVERAGE_BONUS * self._weighted.information(asked)
            for asked, score in scores.items()
        )

    def _by_stem(self) -> tuple[dict[str, float], dict[str, float]]:
        """The score of all forms under a stem together, and the bonus for what they cover."""
        scores, coverage = {}, {}
        for stem, forms in self._weighted.forms.items():
            here = [(asked, form) for asked, form in forms if asked in self._factors]
            scores[stem] = sum(self._factors[asked] * form.weight for asked, form in here)
            information = sum(self._weighted.information(asked) for asked, _ in here)
            coverage[stem] = COVERAGE_BONUS * information
        return scores, coverage


def _best(matches: Iterable[TermMatch]) -> dict[Asked, float]:
    """The highest score among the forms of each thing asked."""
    found: dict[Asked, float] = {}
    for asked, _, score in matches:
        if score > found.get(asked, 0.0):
            found[asked] = score
    return found
