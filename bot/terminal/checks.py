"""The checks of `article-bot check`: each tries one thing, and says what to do if it fails."""

import asyncio
from collections.abc import Callable
from datetime import date
from functools import cache, partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.answering.answerer import Answerer
from bot.audiences import Audiences
from bot.config import DEFAULT_PORT, Settings, read_settings
from bot.errors import AnswersError, BotError, SlackError
from bot.index import SENTENCE_MODEL
from bot.learning.answers import Answers
from bot.model import Question
from bot.phrases import count, not_read, shown
from bot.phrases import place as place_of
from bot.terminal.documents import open_audiences

# Characters of a broken line that are shown.
MAX_LINE_LENGTH = 60


def check_all(corpus: Path | None, console: Console, *, messages: bool = False) -> bool:
    """Check the settings, the documents and the tokens; print each result.

    Returns whether everything passed. If the settings are invalid, nothing else is checked. With
    `messages`, Slack is asked whether it accepts a sample of each message.
    """
    try:
        settings = read_settings()
    except BotError as error:
        _say(console, "settings", str(error), fine=False)
        return False
    opened = cache(partial(_open, corpus))  # opened by the first check that needs it
    checks: dict[str, Callable[[], str]] = {
        "documents": lambda: _documents(opened(), corpus, settings),
        "answers": lambda: _answers(opened().public.answerer, corpus, settings),
        "settings": lambda: _mode(settings),
        "data": lambda: _data(settings),
        "Slack": lambda: _slack(settings),
    }
    if messages:
        checks["messages"] = lambda: _messages(settings)
    if settings.is_semantic:
        checks["meaning"] = _meaning
    passed = [_passes(console, what, check) for what, check in checks.items()]  # runs all
    return all(passed)


def _passes(console: Console, what: str, check: Callable[[], str]) -> bool:
    try:
        _say(console, what, check(), fine=True)
    except BotError as error:
        _say(console, what, str(error), fine=False)
        return False
    return True


def _say(console: Console, what: str, result: str, *, fine: bool) -> None:
    mark = Text("✓ ", "green") if fine else Text("✗ ", "bold red")
    console.print(mark + Text(what, "bold") + Text(f": {shown(result)}"), soft_wrap=True)


def _open(folder: Path | None) -> Audiences:
    audiences = open_audiences(folder)
    audiences.close()
    return audiences


def _documents(audiences: Audiences, folder: Path | None, settings: Settings) -> str:
    corpus = audiences.public.answerer.index
    skipped = [f"skipped: {problem}" for problem in corpus.problems]
    overdue = [
        f"{path}: its review is overdue; look at it, and set a later `review`"
        for path in corpus.catalog.overdue(date.today().isoformat())
    ]
    about = "".join(
        f"; {fact}" for fact in (*skipped, *corpus.warnings, *overdue, *not_read(corpus.not_read))
    )
    place = folder or ("OpenSearch" if settings.is_on_opensearch else settings.corpus_dir)
    of_channels = "".join(
        f"; {count(len(one.answerer.index.documents), 'document')} in {channel}"
        for channel, one in audiences.channels.items()
    )
    return f"{corpus.size:,} passages to answer from in {place}{of_channels}{about}"


def _meaning() -> str:
    from bot.index.embeddings import encoder

    encoder()
    return f"{SENTENCE_MODEL}, loaded where words alone do not answer"


def _answers(answerer: Answerer, chosen: Path | None, settings: Settings) -> str:
    """Where editors' answers are written, and which are stale or invalid."""
    folder = chosen or settings.answers_folder
    if folder is None:
        no_folder = AnswersError.no_folder(settings.answers_dir or settings.corpus_dir)
        said = [f"nothing can be taught: {no_folder}"]
    else:
        Answers(folder).probe()
        said = [f"written to {folder}"]
    said += [
        f"taught, and gone from the documents: {entry.question}{_nearest(answerer, entry.question)}"
        for entry in answerer.lessons.stale
    ]
    said += [
        f"taught.jsonl has a broken line, {line[:MAX_LINE_LENGTH]!r}; correct it or remove it"
        for line, entry in answerer.taught.entries()
        if entry is None
    ]
    return "; ".join(said)


def _nearest(answerer: Answerer, question: str) -> str:
    near = answerer.nearest(Question(question)).citations[:1]
    return f" (nearest now: {' · '.join(place_of(near[0]))})" if near else ""


def _mode(settings: Settings) -> str:
    settings.needed_for_slack()
    if settings.slack_app_token:
        return "complete, for Socket Mode"
    return f"complete, for HTTP on port {settings.port or DEFAULT_PORT}"


def _data(settings: Settings) -> str:
    from bot.store.database import open_engine, version_at, with_other_model_at
    from bot.store.migrations import VERSION
    from bot.store.url import place

    # A running bot of an older version may be using it, so it is not upgraded here.
    engine = open_engine(settings.store_url, upgrade=False)
    try:
        version = version_at(engine)
        others = with_other_model_at(engine, SENTENCE_MODEL if settings.is_semantic else "")
    finally:
        engine.dispose()
    where = place(engine.url) if settings.is_shared else settings.data_folder
    older = "" if version == VERSION else _upgrade_to_come(version, VERSION, settings.is_shared)
    return f"kept in {where}{older}{_models(others)}{_copies(settings.store_url)}"


def _upgrade_to_come(version: int, known: int, is_shared: bool) -> str:
    first = "; stop every bot and make a backup with pg_dump first" if is_shared else ""
    return f"; the next start upgrades the store from version {version} to {known}{first}"


def _models(others: int) -> str:
    if not others:
        return ""
    return (
        f"; {count(others, 'running bot')} on it with another sentence model or none, so answers "
        "differ; set the same SEMANTIC on all"
    )


def _copies(url: str) -> str:
    from bot.store.admin import copies_of

    return "".join(
        f"; a copy from before version {copy.version + 1}: {copy.path}; delete it when you are "
        "satisfied"
        for copy in copies_of(url)
    )


def _slack(settings: Settings) -> str:
    from bot.slack.app import try_tokens

    asyncio.run(try_tokens(settings))
    return f"the tokens are accepted at {settings.slack_api_url}"


def _messages(settings: Settings) -> str:
    from bot.slack.validation import validate_samples

    number, faults = asyncio.run(validate_samples(settings))
    if faults:
        said = [f"{fault.sample} ({fault.code} at {fault.pointer})" for fault in faults]
        raise SlackError.refuses_samples(said, number)
    return f"Slack takes a made-up sample of each of {number} messages and windows"
