"""Checks earlier answers against the current documents."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from bot.errors import AnswersError
from bot.index import Index
from bot.learning.verify import Quote, quotes_in, still_stands
from bot.phrases import place, shown
from bot.terminal.documents import open_answerer

STANDARD_INPUT = "-"
# Characters of a quote that are shown.
MAX_LENGTH = 80


def verify(file: str, corpus: Path | None) -> bool:
    """Print for each quote whether it is still there; returns whether all are. Raises BotError."""
    quotes = [quote for number, line in _lines(file) for quote in _read(file, number, line)]
    index = open_answerer(corpus).index
    stand = [_stands(quote, index) for quote in quotes]
    return all(stand)


def _lines(file: str) -> Iterable[tuple[int, str]]:
    if file == STANDARD_INPUT:
        content = sys.stdin.buffer.read()
    else:
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            raise AnswersError.unreadable(file, error) from None
    lines = content.decode("utf-8", "replace").split("\n")
    found = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not found:
        raise AnswersError.empty(file)
    return found


def _read(file: str, number: int, line: str) -> list[Quote]:
    try:
        return quotes_in(line)
    except ValueError as error:
        raise AnswersError.wrong_line(file, number, error) from None


def _stands(quote: Quote, index: Index) -> bool:
    found = still_stands(quote, index)
    said = " ".join(quote.text.split())
    said = said if len(said) <= MAX_LENGTH else f"{said[:MAX_LENGTH]}…"
    if found is None:
        click.echo(shown(f"gone    {quote.document}: “{said}”"))
        return False
    where = f"{found.passage.document.path}, {' · '.join(place(found))}"
    click.echo(shown(f"stands  {where}: “{said}”"))
    return True
