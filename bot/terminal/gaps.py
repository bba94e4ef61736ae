"""Lists unanswered questions: for people, as JSON, or as a question set for `eval`."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from bot.config import read_settings
from bot.errors import StoreError
from bot.json_lines import as_line
from bot.learning.gaps import Gap, gaps_in
from bot.phrases import IN_PRIVATE, shown
from bot.store.store import open_store
from bot.store.url import has_nothing


async def read(since: float | None) -> list[Gap]:
    """The gaps of the last `since` seconds, or all that are stored. Raises BotError."""
    settings = read_settings()
    if has_nothing(settings.store_url):
        return []
    async with open_store(settings.store_url, settings.keep_questions_days, make=False) as store:
        return gaps_in(await store.gaps.since(time.time() - since if since is not None else 0.0))


def show(gaps: Sequence[Gap], console: Console) -> None:
    """Print them for a person."""
    for gap in gaps:
        console.print(Text(shown(gap.question) or IN_PRIVATE, "bold"), soft_wrap=True)
        console.print(Text(f"  {shown(gap.about)}"), soft_wrap=True)


def show_json(gaps: Sequence[Gap]) -> None:
    """Print one JSON object per line, with the fields of `Gap`."""
    for gap in gaps:
        click.echo(as_line(asdict(gap)))


def write_cases(gaps: Sequence[Gap], file: Path) -> None:
    """Write a question set to a new file, in which the closest passages are the right answers.

    Gaps without words (asked in private) are skipped. Raises StoreError if the file exists.
    """
    lines = [as_line(_case(number, gap)) for number, gap in enumerate(gaps, 1) if gap.question]
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write("".join(f"{line}\n" for line in lines))
    except FileExistsError:
        raise StoreError.exists(file) from None


def _case(number: int, gap: Gap) -> dict[str, object]:
    return {
        "id": f"gap-{number}",
        "question": gap.question,
        "kind": "gap",
        "answerable": bool(gap.document),
        "paragraphs": [gap.passage] if gap.document else [],
        "contains": [],
        "document": gap.document or None,
    }
