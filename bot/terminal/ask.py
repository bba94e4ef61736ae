"""Answers the question of `ask`, or one per line of standard input, in the chosen format."""

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

# The QUESTION that means: read questions from standard input.
FROM_STANDARD_INPUT = ("-",)

Show = Callable[[str, Answer], None]


def ask(answerer: Answerer, question: tuple[str, ...], after: tuple[str, ...], show: Show) -> bool:
    """Answer a question, given as words, and show the answer; returns whether it was answered.

    With -, answer each line of standard input and return True.
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
    """A function that prints an answer as JSON, as a Slack message, or as text for a person.

    `model` is the sentence model in use. `notes` are added to the JSON of each answer; a person
    sees them on standard error instead.
    """
    if as_json:
        engine = engine_hash(model) if explain else None
        return lambda text, answer: click.echo(answer_line(text, with_notes(answer, notes), engine))
    if blocks:
        from bot.slack.rendering.messages import preview  # slow to import, and seldom used

        return lambda text, answer: click.echo(preview(Question(text), answer))
    terminal = Terminal(page(), folder, model)
    return lambda text, answer: terminal.show(answer, text, explain=explain)


def _answers(
    answerer: Answerer, lines: Iterable[bytes], after: tuple[str, ...]
) -> Iterator[tuple[str, Answer]]:
    """Answer each line; for a line that is not a question, NotFound with the reason."""
    for line in lines:
        try:
            question = read_question(line)
        except ValueError as error:
            text = line.decode("utf-8", errors="replace").strip()
            yield text, NotFound(corpus=answerer.index.documents_hash, notes=(str(error),))
        else:
            asked = Question(question.text, after + question.after)
            yield asked.text, answerer.answer(asked)
