"""The documents that a command asks, with a word on each file that is left out."""

from collections.abc import Iterable
from pathlib import Path

import click

from bot.answering.answerer import Answerer
from bot.config import read_settings
from bot.live import LiveAnswerer, open_live
from bot.phrases import shown
from bot.terminal.progress import indexing


def folder(chosen: Path | None) -> Path:
    """The folder of documents: the one named to the command, or that of the settings."""
    return chosen or read_settings().corpus_dir


def open_answerer(chosen: Path | None, *, indexed: bool = False) -> Answerer:
    """The answerer for the documents as they are now. Raises BotError."""
    live = open_documents(chosen, indexed=indexed)
    live.close()
    warn(live.answerer.index.problems)
    return live.answerer


def open_documents(
    chosen: Path | None, *, indexed: bool = False, isolated: bool = False
) -> LiveAnswerer:
    """The documents, to be followed as they change. Raises BotError."""
    return open_live(read_settings(), chosen, indexing(), indexed=indexed, isolated=isolated)


def warn(problems: Iterable[str]) -> None:
    """Name each file that is left out, on standard error."""
    for problem in problems:
        click.echo(shown(f"article-bot: skipped: {problem}"), err=True)
