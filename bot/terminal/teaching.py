"""Teaching in a terminal: pick the passage for a question, and test what was taught."""

import asyncio
import getpass
from collections.abc import Sequence
from pathlib import Path

import click

from bot.answering.answerer import Answerer
from bot.config import Settings, read_settings
from bot.errors import AnswersError
from bot.learning.answers import Answers
from bot.learning.taught import Entry
from bot.learning.teaching import Teacher
from bot.model import Answered, Citation, Passage, Question
from bot.phrases import count, in_one_line, place, shown
from bot.store.store import open_store
from bot.store.url import has_nothing
from bot.terminal.documents import open_answerer

NONE = "none"


def teach(question: str, corpus: Path | None) -> bool:
    """Let a person pick the passage for a question; returns whether anything was written.

    Raises AnswersError if nothing can be written, and other BotErrors.
    """
    settings = read_settings()
    answers = Answers(_folder(settings, corpus))
    answerer = open_answerer(corpus)
    near = _show(answerer, question)
    while typed := _asked():
        if typed == NONE:
            return _write(Entry.of(question, None, getpass.getuser()), answers, settings)
        if typed.isascii() and typed.isdigit() and 0 < int(typed) <= len(near):
            passage = near[int(typed) - 1]
            return _write(Entry.of(question, passage, getpass.getuser()), answers, settings)
        near = _show(answerer, typed)
    return False


def ask_taught(corpus: Path | None) -> bool:
    """Ask every taught question and print those that are not answered as taught.

    Returns whether all are. Raises BotError.
    """
    answerer = open_answerer(corpus)
    current = {
        entry: None
        for _, written in answerer.taught.entries()
        if written is not None
        for entry in answerer.taught_for(written.question)
    }
    wrong = [entry for entry in current if not _is_answered(answerer, entry)]
    for entry in wrong:
        click.echo(shown(f"not answered as taught: {entry.question}"))
    right = len(current) - len(wrong)
    click.echo(f"{right:,} of {count(len(current), 'taught question')} answered as taught")
    return not wrong


def _is_answered(answerer: Answerer, entry: Entry) -> bool:
    if entry.passage is None:
        return True
    answer = answerer.answer(Question(entry.question))
    return isinstance(answer, Answered) and _has(answer.citations, entry)


def _has(citations: Sequence[Citation], entry: Entry) -> bool:
    first = citations[0].passage
    return first.document.path == entry.document and entry.found_in(first) is not None


def _show(answerer: Answerer, words: str) -> list[Passage]:
    near = answerer.nearest(Question(words)).citations
    for number, citation in enumerate(near, start=1):
        passage = citation.passage
        click.echo(shown(f"{number}  {' · '.join(place(citation))}"))
        click.echo(f"   {shown(in_one_line(Citation(passage, passage.start, passage.end)))}")
    if not near:
        click.echo("No passage has any of these words.")
    return [citation.passage for citation in near]


def _asked() -> str:
    try:
        typed: str = click.prompt("Number, other words, or none", default="", show_default=False)
    except click.Abort:  # the end of piped input
        return ""
    return typed.strip()


def _write(entry: Entry, answers: Answers, settings: Settings) -> bool:
    if has_nothing(settings.store_url):  # no bot has run yet, so there is none to notify
        answers.teach(entry)
    else:
        asyncio.run(_tell(entry, answers, settings))
    click.echo(shown(f"Written to {answers.folder / 'taught.jsonl'}."))
    return True


async def _tell(entry: Entry, answers: Answers, settings: Settings) -> None:
    async with open_store(settings.store_url, settings.keep_questions_days, make=False) as store:
        await Teacher(store, answers, lambda: None).teach(entry)


def _folder(settings: Settings, corpus: Path | None) -> Path:
    """The folder to write to. Raises AnswersError if there is none."""
    folder = corpus or settings.answers_folder
    if folder is None:
        raise AnswersError.no_folder(settings.answers_dir or settings.corpus_dir)
    return folder
