"""A question, or a question a line of standard input, answered in the form that was asked for."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click

from bot.answering.answerer import Answerer
from bot.answering.engine import engine_hash
from bot.json_lines import answer_line, read_question
from bot.model import Answer, Answered, NotFound, Question, with_notes
from bot.terminal.answers import Terminal
from bot.terminal.pager import page

# As the QUESTION: read questions from standard input.
FROM_STANDARD_INPUT = ("-",)

Show = Callable[[str, Answer], None]


def ask(answerer: Answerer, question: tuple[str, ...], after: tuple[str, ...], show: Show) -> bool:
    """Answer a question given in words, and show it; returns whether it was answered.

    With - it is a question a line of standard input, and all were dealt with.
    """
    if question == FROM_STANDARD_INPUT:
        for text, answer in _answers(answerer, sys.stdin.buffer, after):
            show(text, answer)
        return True
    text = " ".join(question)
    answer = answerer.answer(Question(text, after))
    show(text, answer)
    return isinstance(answer, Answered)


def printer(
    folder: Path,
    *,
    as_json: bool,
    blocks: bool,
    explain: bool,
    model: str = "",
    notes: tuple[str, ...] = (),
) -> Show:
    """What prints an answer: as JSON, as the Slack message, or as a person reads it.

    `model` is the sentence model in use. `notes` are said in the JSON of each answer; a person
    reads them on standard error.
    """
    if as_json:
        engine = engine_hash(model) if explain else None
        return lambda text, answer: click.echo(answer_line(text, with_notes(answer, notes), engine))
    if blocks:
        from bot.slack.rendering.messages import preview  # only for who wants to see it

        return lambda text, answer: click.echo(preview(Question(text), answer))
    terminal = Terminal(page(), folder, model)
    return lambda text, answer: terminal.show(answer, text, explain=explain)


def _answers(
    answerer: Answerer, lines: Iterable[bytes], after: tuple[str, ...]
) -> Iterator[tuple[str, Answer]]:
    """Answer a question a line; a line that holds none is not found, with the reason."""
    for line in lines:
        try:
            question = read_question(line)
        except ValueError as error:
            text = line.decode("utf-8", errors="replace").strip()
            yield text, NotFound(corpus=answerer.index.documents_hash, notes=(str(error),))
        else:
            asked = Question(question.text, after + question.after)
            yield asked.text, answerer.answer(asked)
