"""Reports how many answers of a question set are right, as tables and as JSON."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from bot.answering.answerer import Answerer
from bot.answering.engine import engine_hash
from bot.answering.weights import Thresholds
from bot.evaluation.cases import Case, Result, evaluate
from bot.model import Outcome

# In characters: the width of tables when the output is not a terminal.
WIDE = 140
# Bootstrap samples for an interval.
RESAMPLES = 1000


class Share(NamedTuple):
    """`hits` out of `of`, with the 95% bootstrap interval of their share (Efron 1979)."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share, from 0 to 1; 0 if `of` is 0."""
        return self.hits / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """The figures for some results. A question is answerable if it has a right answer.

    - `first`, `among_three`: answerable questions with the right passage first, or in the first 3
    - `quote`: answerable questions with the right words quoted
    - `whole`: questions of several parts for which every part is shown
    - `right_of_answered`: precision: answers with the right passage first
    - `answered_rightly`: recall: answerable questions that are answered, and rightly
    - `unanswerable_answered`, `answerable_not_found`: the wrong outcomes
    """

    kind: str
    questions: int
    outcomes: dict[str, int]
    first: Share
    among_three: Share
    quote: Share
    whole: Share
    right_of_answered: Share
    answered_rightly: Share
    unanswerable_answered: Share
    answerable_not_found: Share


def scores(results: Sequence[Result]) -> list[Score]:
    """The figures for each kind of question, in order of appearance, and then for all."""
    kinds = dict.fromkeys(result.case.kind for result in results)
    by_kind = [_score(kind, [r for r in results if r.case.kind == kind]) for kind in kinds]
    return [*by_kind, _score("all", results)]


def _score(kind: str, results: Sequence[Result]) -> Score:
    answerable = [result for result in results if result.case.answerable]
    unanswerable = [result for result in results if not result.case.answerable]
    answered = [result for result in results if result.outcome is Outcome.ANSWERED]
    outcomes = [result.outcome for result in results]
    return Score(
        kind=kind,
        questions=len(results),
        outcomes={outcome: outcomes.count(outcome) for outcome in Outcome},
        first=_share(result.first for result in answerable),
        among_three=_share(result.among_three for result in answerable),
        quote=_share(result.quote for result in answerable),
        whole=_share(result.whole for result in answerable if result.case.all_of),
        right_of_answered=_share(result.first for result in answered),
        answered_rightly=_share(r.first and r.outcome is Outcome.ANSWERED for r in answerable),
        unanswerable_answered=_share(r.outcome is Outcome.ANSWERED for r in unanswerable),
        answerable_not_found=_share(r.outcome is Outcome.NOT_FOUND for r in answerable),
    )


def _share(hits: Iterable[bool]) -> Share:
    counted = list(hits)
    if not counted:
        return Share(0, 0, 0.0, 0.0)
    draw = random.Random(RESAMPLES)  # the same interval every time
    means = sorted(sum(draw.choices(counted, k=len(counted))) for _ in range(RESAMPLES))
    low, high = means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES)]
    return Share(sum(counted), len(counted), low / len(counted), high / len(counted))


def show(results: Sequence[Result], corpus: str, console: Console, model: str = "") -> None:
    """Print the figures by kind, the totals with their intervals, and the hashes."""
    table = _table(
        "kind",
        "asked",
        "first",
        "in three",
        "quote",
        "answered",
        "closest",
        "not found",
        "no question",
    )
    figures = scores(results)
    for score in figures:
        shares = (score.first, score.among_three, score.quote)
        table.add_row(
            score.kind,
            str(score.questions),
            *(_value(share) for share in shares),
            *(str(count) for count in score.outcomes.values()),
            style="bold" if score.kind == "all" else "",
        )
    _print(table, console)
    console.print()
    _print(_overall(figures[-1]), console)
    console.print()
    console.print(f"Content hash {corpus}, engine hash {engine_hash(model)}", soft_wrap=True)


def _overall(score: Score) -> Table:
    table = _table("of all", "share", "95% interval", "hits", "of")
    for name, share in {
        "right passage first": score.first,
        "right passage among the first three": score.among_three,
        "right words quoted": score.quote,
        "all parts shown, of questions with several": score.whole,
        "right, of those answered": score.right_of_answered,
        "answered rightly, of the answerable": score.answered_rightly,
        "answered, of the unanswerable": score.unanswerable_answered,
        "not found, of the answerable": score.answerable_not_found,
    }.items():
        # A single question gives no interval.
        interval = f"{share.low:.2f} to {share.high:.2f}" if share.of > 1 else ""
        table.add_row(name, _value(share), interval, str(share.hits), str(share.of))
    return table


class Turned(NamedTuple):
    """The figures at one answer threshold of the evidence rule; `is_usual` marks the default."""

    chance: float
    is_usual: bool
    score: Score

    @property
    def shares(self) -> dict[str, Share]:
        """The shares that depend on the threshold."""
        score = self.score
        return {
            "answered_rightly": score.answered_rightly,
            "right_of_answered": score.right_of_answered,
            "unanswerable_answered": score.unanswerable_answered,
        }


def curve(cases: Sequence[Case], answerer: Answerer) -> Iterator[Turned]:
    """Evaluate the cases at each answer threshold from 30% to 90%."""
    usual = Thresholds()
    for percent in range(30, 95, 5):
        turned = Answerer(answerer.index, replace(usual, answered=percent / 100), answerer.meaning)
        score = scores(evaluate(cases, turned.answer))[-1]
        yield Turned(percent / 100, percent == round(100 * usual.answered), score)


def show_curve(turned: Iterable[Turned], console: Console) -> None:
    """Print a line for each threshold; the default is bold."""
    table = _table("chance", "answered rightly", "right of answered", "unanswerable answered")
    for one in turned:
        shares = map(_value, one.shares.values())
        table.add_row(f"{one.chance:.0%}", *shares, style="bold" if one.is_usual else "")
    _print(table, console)


def curve_as_json(turned: Iterable[Turned], corpus: str, model: str = "") -> str:
    """The curve as one line of JSON."""
    thresholds = [
        {"chance": one.chance, "in_force": one.is_usual}
        | {name: share._asdict() | {"value": share.value} for name, share in one.shares.items()}
        for one in turned
    ]
    return json.dumps({"thresholds": thresholds, "corpus": corpus, "engine": engine_hash(model)})


def as_json(results: Sequence[Result], corpus: str, model: str = "") -> str:
    """The figures as one line of JSON, with every question's outcome."""
    asked = [
        {
            "id": result.case.name,
            "outcome": result.outcome,
            "first": result.first,
            "among_three": result.among_three,
            "quote": result.quote,
            "paragraphs": [citation.passage.number for citation in result.answer.citations],
        }
        for result in results
    ]
    kinds = [asdict(score) | _shares(score) for score in scores(results)]
    hashes = {"corpus": corpus, "engine": engine_hash(model)}
    return json.dumps({"kinds": kinds, "questions": asked, **hashes}, ensure_ascii=False)


def _shares(score: Score) -> dict[str, dict[str, float]]:
    """Each share as an object, since JSON would write a named tuple as a plain list."""
    shares = {name: getattr(score, name) for name in score.__slots__}
    return {
        name: share._asdict() | {"value": share.value}
        for name, share in shares.items()
        if isinstance(share, Share)
    }


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _value(share: Share) -> str:
    return f"{share.value:.2f}" if share.of else ""


def _print(table: Table, console: Console) -> None:
    console.print(table, width=None if console.is_terminal else WIDE)
