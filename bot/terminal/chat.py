"""A conversation in the terminal that behaves like a thread in Slack."""

from contextlib import suppress
from pathlib import Path

from bot.answering.answerer import Answerer
from bot.model import MAX_EARLIER, NoQuestion, Question, Talk
from bot.terminal.answers import NOTE, Terminal
from bot.terminal.pager import Page

with suppress(ImportError):  # missing on Windows, whose console has line editing
    import readline  # noqa: F401  importing it gives `input` line editing and history

PROMPT = "? "
# Lines that end the conversation.
LEAVE = ("exit", "quit", ":q")


class Thread:
    """The latest questions of a conversation, oldest first."""

    def __init__(self) -> None:
        self.earlier: tuple[str, ...] = ()

    def add(self, question: str) -> None:
        """Remember a question, and forget the oldest beyond MAX_EARLIER."""
        self.earlier = (*self.earlier, question)[-MAX_EARLIER:]


def converse(answerer: Answerer, page: Page, folder: Path) -> None:
    """Answer questions line by line until the input ends or a line is in LEAVE."""
    terminal = Terminal(page, folder)
    thread = Thread()
    _guide(terminal, answerer)
    while (line := _line()) is not None and line.casefold() not in LEAVE:
        answer = answerer.answer(Question(line, thread.earlier))
        if not isinstance(answer, NoQuestion) or answer.talk is Talk.MORE:
            terminal.show(answer, line)
            thread.add(line)
        elif answer.talk in (Talk.GUIDE, Talk.AROUND):
            _guide(terminal, answerer)
        else:
            terminal.show(answer, line)


def _line() -> str | None:
    try:
        return input(PROMPT).strip()
    except EOFError:
        print()
        return None


def _guide(terminal: Terminal, answerer: Answerer) -> None:
    above = " For example:" if answerer.examples else ""
    terminal.say(f"Ask about the documents; “exit” or Ctrl-D ends.{above}", NOTE)
    for question in answerer.examples:
        terminal.say(question, indent=2)
