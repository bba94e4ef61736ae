"""Opens the documents that a command asks, and reports each file that is skipped."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.answering.answerer import Answerer
from bot.config import read_settings
from bot.live import LiveAnswerer, open_live
from bot.phrases import ASKING_SAMPLE, shown
from bot.terminal.progress import indexing

if TYPE_CHECKING:
    from bot.audiences import Audiences
    from bot.web.public import PublicDocuments

# Documents of a made-up office, to try the bot with.
SAMPLE = Path(__file__).parent.parent / "sample"


def or_sample(chosen: Path | None) -> Path | None:
    """The chosen folder, or the sample if no documents are configured; says so in that case.

    For commands with which people try the bot. What serves a team must never use the sample: if
    its folder is not mounted, it must not answer from made-up rules.
    """
    settings = read_settings()
    is_named = chosen is not None or settings.names_documents or settings.is_on_opensearch
    if is_named or os.path.lexists(settings.corpus_dir):
        return chosen
    click.echo(f"article-bot: {ASKING_SAMPLE}", err=True)
    return SAMPLE


def notes_on(chosen: Path | None) -> tuple[str, ...]:
    """The notes to add to each answer from this folder."""
    return (ASKING_SAMPLE,) if chosen is SAMPLE else ()  # none if a user names that folder


def folder(chosen: Path | None) -> Path:
    """The folder of documents: the chosen one, or that of the settings."""
    return chosen or read_settings().corpus_dir


def open_answerer(chosen: Path | None, *, indexed: bool = False) -> Answerer:
    """An answerer for all current documents, including private ones. Raises BotError."""
    live = open_documents(chosen, indexed=indexed)
    live.close()
    warn(live.answerer.index.problems)
    return live.answerer


def open_documents(chosen: Path | None, *, indexed: bool = False) -> LiveAnswerer:
    """All documents; the caller can follow changes. Raises BotError."""
    return open_live(read_settings(), chosen, indexing(), indexed=indexed)


def open_audiences(
    chosen: Path | None, *, indexed: bool = False, isolated: bool = False
) -> "Audiences":
    """The documents as the bot uses them, with an index for each audience. Raises BotError."""
    from bot.audiences import open_audiences

    return open_audiences(read_settings(), chosen, indexing(), indexed=indexed, isolated=isolated)


def open_public(chosen: Path | None, *, isolated: bool = False) -> "PublicDocuments":
    """The documents that anybody may read; the caller can follow changes. Raises BotError."""
    from bot.audiences import open_public
    from bot.web.public import PublicDocuments

    if chosen is SAMPLE:  # nothing of it is private
        live = open_documents(chosen)
    else:
        live = open_public(read_settings(), chosen, indexing(), isolated=isolated)
    warn(live.answerer.index.problems)
    return PublicDocuments(live, notes_on(chosen))


def warn(problems: Iterable[str]) -> None:
    """Report each skipped file on standard error."""
    for problem in problems:
        click.echo(shown(f"article-bot: skipped: {problem}"), err=True)
