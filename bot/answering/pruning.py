"""Upper bounds of scores, so that few passages are scored in full. This only saves time."""

from collections.abc import Iterable, Iterator

from bot.answering.matching import Asked, TermMatch, WeightedQuery, length_norm, saturated_tf
from bot.answering.weights import COVERAGE_BONUS, SENTENCE_BONUS
from bot.index.analysis import Analysis

# The same numbers added up in another order differ by less than this.
ROUNDING = 1e-9


def is_below(bound: float, score: float) -> bool:
    """Whether a score of at most `bound` cannot reach `score`."""
    return bound + ROUNDING < score


class UpperBounds:
    """Upper bounds of passages' scores for one query."""

    def __init__(self, weighted: WeightedQuery) -> None:
        self._weighted = weighted
        self._factors = weighted.factors

    def of_passages(self, found: Iterable[Analysis]) -> Iterator[tuple[float, Analysis]]:
        """Each passage with a cheap bound from its stems alone.

        It assumes that every form whose index stem occurs is present, and adds up all forms of a
        thing asked although only the best one counts.
        """
        weighted = self._weighted
        by_stem = self._by_stem()
        stems, average = frozenset(by_stem), weighted.average
        for analysis in found:
            terms = analysis.terms
            there, norm = stems.intersection(terms), length_norm(len(terms), average)
            bound = weighted.most_bonus + weighted.pair_bonus(analysis, there)
            for stem in there:
                score, once = by_stem[stem]
                bound += score * saturated_tf(terms.count(stem), norm) + once
            yield bound, analysis

    def of_matches(self, matches: Iterable[TermMatch]) -> float:
        """A closer bound from a passage's matches: their scores, best sentence and coverage."""
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

    def _by_stem(self) -> dict[str, tuple[float, float]]:
        """For each stem the summed score of its forms, and their sentence and coverage bonuses."""
        found = {}
        for stem, forms in self._weighted.forms.items():
            here = [(asked, form) for asked, form in forms if asked in self._factors]
            score = sum(self._factors[asked] * form.weight for asked, form in here)
            information = sum(self._weighted.information(asked) for asked, _ in here)
            found[stem] = score, score * SENTENCE_BONUS + COVERAGE_BONUS * information
        return found


def _best(matches: Iterable[TermMatch]) -> dict[Asked, float]:
    """The highest score among the forms of each thing asked."""
    found: dict[Asked, float] = {}
    for asked, _, score in matches:
        if score > found.get(asked, 0.0):
            found[asked] = score
    return found
