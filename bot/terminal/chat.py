"""A conversation in the terminal that behaves as a thread in Slack does."""

from contextlib import suppress
from pathlib import Path

from bot.answering.answerer import Answerer
from bot.answering.suggestions import suggestions
from bot.model import Question
from bot.terminal.answers import NOTE, Terminal
from bot.terminal.pager import Page
from bot.thread import Thread, asks_for_help

with suppress(ImportError):  # Windows has no such module, and its console edits lines itself
    import readline  # noqa: F401  its import gives `input` line editing and history

PROMPT = "? "


def converse(answerer: Answerer, page: Page, folder: Path) -> None:
    """Answer line after line until the input ends."""
    terminal = Terminal(page, folder)
    thread = Thread()
    _guide(terminal, answerer)
    while (line := _line()) is not None:
        if asks_for_help(line):
            _guide(terminal, answerer)
        else:
            terminal.show(answerer.answer(Question(line, thread.earlier)))
            thread.add(line)


def _line() -> str | None:
    try:
        return input(PROMPT).strip()
    except EOFError:
        print()
        return None


def _guide(terminal: Terminal, answerer: Answerer) -> None:
    terminal.say("Ask about the documents; Ctrl-D ends. For example:", NOTE)
    for question in suggestions(answerer):
        terminal.say(question, indent=2)
