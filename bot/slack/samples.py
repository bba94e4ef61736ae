"""A sample of each kind of payload that the bot sends, from a made-up handbook.

Slack can validate them without seeing anybody's documents.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.answering.answerer import Answerer
from bot.live import LiveAnswerer
from bot.model import Question
from bot.slack.receiving.access import REFUSALS
from bot.slack.rendering.buttons import ButtonState
from bot.slack.rendering.messages import failure_message, older_message, refusal_message, sentence
from bot.slack.rendering.presenter import Presenter
from bot.slack.rendering.views import note_view

Payload = Mapping[str, Any]

HANDBOOK = """\
---
title: A made-up handbook
url: https://www.example.com/handbook
date: 2026-01-02
---
## Parking

Parking is free behind the building. You need no permit. Visitors ask at the desk.

## How many days of annual leave are there?

Annual leave is 25 days a year. It is taken by March.

To ask for leave:

- write to your team,
- enter it in the calendar,
- pack.

## Plans

| Plan | Seats | Storage |
| --- | --- | --- |
| Gold | 200 | 2 TB |
| Silver | 50 | 500 GB |

## How do I start the printer?

Run this:

```
printer --start <name> & wait
```
"""
MESSAGES = {
    "an answer": "how many days of annual leave are there?",
    "the closest passages": "is there a Christmas bonus for interns who park in June?",
    "no answer": "who repairs the coffee machine?",
    "a remark": "thanks a lot!",
    "the guide": "help",
    "two questions": "is parking free, and how many days of annual leave are there?",
    "a row of a table": "how many seats does the gold plan have?",
    "a list": "how do I ask for leave?",
    "code": "how do I start the printer?",
    "the documents": "what are your sources?",
}
MESSAGE = "Parking is free behind the building. Annual leave is 30 days. Dogs get a bonus."


def samples() -> dict[str, Payload]:
    """Sample messages and views, by what they show. Messages have a `text`, views a `type`."""
    with TemporaryDirectory() as folder:
        Path(folder, "handbook.md").write_text(HANDBOOK, encoding="utf-8")
        live = LiveAnswerer(Path(folder), Path(folder), "memory")
        return {**_messages(Presenter(live), live.answerer), **_views(Presenter(live))}


def _state(answerer: Answerer) -> ButtonState:
    """The state in the buttons below an answer."""
    question = Question(MESSAGES["an answer"])
    return ButtonState.of(question, answerer.answer(question))


def _messages(presenter: Presenter, answerer: Answerer) -> dict[str, Payload]:
    found = {name: presenter.reply(Question(text))[1] for name, text in MESSAGES.items()}
    question = Question(MESSAGES["an answer"])
    shared = presenter.share(_state(answerer), "U0123ABCDEF")
    assert shared is not None
    return {
        **found,
        "an answer for one person": presenter.reply_privately(question)[1],
        "a shared answer": shared,
        "the source of a sentence": presenter.find_source("Parking is free.", "1700000000.000001"),
        "the source of a message": presenter.find_source(MESSAGE, "1700000000.000001"),
        "a refusal": refusal_message(next(iter(REFUSALS))),
        "a failure": failure_message("0123abcd"),
        "a message of an older version": older_message(question),
        "thanks for a vote": sentence("Thank you. I've counted your vote."),
    }


def _views(presenter: Presenter) -> dict[str, Payload]:
    value = _state(presenter.answerer).value
    asked, state = ["where do I park?"], ["Waiting to be answered: nothing."]
    return {
        "the home tab": presenter.home(0, asked, state, is_admin=True),
        "more context": presenter.more_context(value),
        "why this passage": presenter.why(value, is_admin=True),
        "the nearest passages": presenter.nearest(value),
        "an answer in a window": presenter.ask(value),
        "a note in a window": note_view("This button is from an older version."),
    }
