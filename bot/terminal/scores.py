"""The figures of a question set, as a table and as data."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from bot.answering.evaluation import Result, scores


def show(results: Sequence[Result], console: Console) -> None:
    """Print the figures, a row a kind. Shares are of the answerable questions of the kind."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("kind")
    for name in ("asked", "first", "in three", "quote", "answered", "closest", "not found"):
        table.add_column(name, justify="right")
    for score in scores(results):
        shares = (score.first, score.among_three, score.quote)
        table.add_row(
            score.kind,
            str(score.questions),
            *("" if share is None else f"{share:.2f}" for share in shares),
            *(str(count) for count in score.outcomes.values()),
            style="bold" if score.kind == "all" else "",
        )
    console.print(table)


def as_json(results: Sequence[Result], corpus: str) -> str:
    """The same as one line of JSON, with every question's outcome."""
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
    values = {"kinds": [asdict(s) for s in scores(results)], "questions": asked, "corpus": corpus}
    return json.dumps(values, ensure_ascii=False)
