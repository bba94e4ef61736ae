"""The figures of a question set, as tables and as data."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from bot.answering.answerer import Answerer
from bot.answering.engine import engine_hash
from bot.answering.evidence import Rule
from bot.evaluation.cases import Case, Result, Score, Share, evaluate, scores

# A table that a program reads is not cut to a terminal's width.
WIDE = 140


def show(results: Sequence[Result], corpus: str, console: Console) -> None:
    """Print the figures by kind, those of all with their intervals, and of what they are."""
    table = _table(
        "kind", "asked", "first", "in three", "quote", "answered", "closest", "not found"
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
    console.print(f"Content hash {corpus}, engine hash {engine_hash()}", soft_wrap=True)


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
        interval = f"{share.low:.2f} to {share.high:.2f}" if share.of else ""
        table.add_row(name, _value(share), interval, str(share.hits), str(share.of))
    return table


def show_curve(cases: Sequence[Case], answerer: Answerer, console: Console) -> None:
    """Print what is answered, and how much of it rightly, at each threshold of the evidence rule.

    The other thresholds keep their distance from the one that is turned.
    """
    usual = Rule()
    table = _table("covered", "answered rightly", "right of answered", "unanswerable answered")
    for percent in range(30, 95, 5):
        shift = percent / 100 - usual.covered
        rule = Rule(
            covered=usual.covered + shift,
            covered_ahead=usual.covered_ahead + shift,
            covered_yes_no=usual.covered_yes_no + shift,
            quoted=usual.quoted + shift,
        )
        turned = Answerer(answerer.index, rule)
        score = scores(evaluate(cases, turned.answer))[-1]
        shares = (score.answered_rightly, score.right_of_answered, score.unanswerable_answered)
        here = abs(shift) < 0.001
        table.add_row(f"{percent}%", *map(_value, shares), style="bold" if here else "")
    _print(table, console)


def as_json(results: Sequence[Result], corpus: str) -> str:
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
    hashes = {"corpus": corpus, "engine": engine_hash()}
    return json.dumps({"kinds": kinds, "questions": asked, **hashes}, ensure_ascii=False)


def _shares(score: Score) -> dict[str, dict[str, float]]:
    """Each share as an object; a tuple would be written as a nameless list."""
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
