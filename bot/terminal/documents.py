"""The documents that a command asks, with a word on each file that is left out."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.answering.answerer import Answerer
from bot.config import read_settings
from bot.live import LiveAnswerer, open_live
from bot.phrases import shown
from bot.terminal.progress import indexing

if TYPE_CHECKING:
    from bot.audiences import Audiences


def folder(chosen: Path | None) -> Path:
    """The folder of documents: the one named to the command, or that of the settings."""
    return chosen or read_settings().corpus_dir


def open_answerer(chosen: Path | None, *, indexed: bool = False) -> Answerer:
    """The answerer for all documents as they are now, private ones too. Raises BotError."""
    live = open_documents(chosen, indexed=indexed)
    live.close()
    warn(live.answerer.index.problems)
    return live.answerer


def open_documents(chosen: Path | None, *, indexed: bool = False) -> LiveAnswerer:
    """All documents, to be followed as they change. Raises BotError."""
    return open_live(read_settings(), chosen, indexing(), indexed=indexed)


def open_audiences(
    chosen: Path | None, *, indexed: bool = False, isolated: bool = False
) -> "Audiences":
    """The documents as the bot answers from them, each audience by itself. Raises BotError."""
    from bot.audiences import open_audiences

    return open_audiences(read_settings(), chosen, indexing(), indexed=indexed, isolated=isolated)


def warn(problems: Iterable[str]) -> None:
    """Name each file that is left out, on standard error."""
    for problem in problems:
        click.echo(shown(f"article-bot: skipped: {problem}"), err=True)
