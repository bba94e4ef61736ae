"""A conversation in the terminal that behaves as a thread in Slack does."""

from contextlib import suppress
from pathlib import Path

from bot.answering.answerer import Answerer
from bot.answering.suggestions import suggestions
from bot.english.questions import asks_for_help
from bot.model import MAX_EARLIER, Question
from bot.terminal.answers import NOTE, Terminal
from bot.terminal.pager import Page

with suppress(ImportError):  # Windows has no such module, and its console edits lines itself
    import readline  # noqa: F401  its import gives `input` line editing and history

PROMPT = "? "


class Thread:
    """The latest questions of a conversation, oldest first."""

    def __init__(self) -> None:
        self.earlier: tuple[str, ...] = ()

    def add(self, question: str) -> None:
        """Remember a question; the oldest is forgotten."""
        self.earlier = (*self.earlier, question)[-MAX_EARLIER:]


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
