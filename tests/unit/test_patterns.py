"""No text makes a pattern slow: twice the length takes about twice the time."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.answering import details
from bot.documents import scope
from bot.english import (
    about_document,
    answer_types,
    comparisons,
    names,
    questions,
    synonyms,
    text,
)
from bot.slack.receiving.message_words import question_text
from tests.fakes.patterns import Hostile, Local, Use, hostile, uses

# What the local variables may be of which a pattern is made.
LOCAL: Local = {
    ("bot.config", "prefix"): ["xoxb-"],
    ("bot.config", "letters"): ["UW"],
    ("bot.documents.front_matter", "opening"): ["---"],
    ("bot.documents.front_matter", "closing"): [r"-{3,}|\.{3}"],
    ("bot.english.answer_types", "pattern"): [
        answer_types._TIME,
        answer_types._DURATION,
        answer_types._REASON,
    ],
    ("bot.answering.scoring", "subject"): ["swap"],
    ("bot.answering.details", "pattern"): list(details._SENTENCES.values()),
    ("bot.english.about_document", "one"): [
        one
        for pattern in about_document._DETAILS.values()
        for one in about_document._alternatives(pattern)
    ],
    ("bot.english.patterns", "self"): [],  # they are found where they are used
    ("bot.english.questions", "pattern"): list(questions._KINDS.values()),
    ("bot.english.questions", "between"): [questions._COMMA_WHO, questions._BETWEEN],
    ("bot.slack.receiving.listeners", "name"): ["ask"],
    ("bot.store.admin", "file"): [Path("article-bot.db")],
}
USES = list(uses(LOCAL))

# What people write goes through these, one after another.
FUNCTIONS: dict[str, Callable[[str], object]] = {
    "question_text": lambda said: question_text(said, "UBOT"),
    "narrowed": scope.narrowed,
    "normal": questions.normal,
    "parts": questions.parts,
    "asks": questions.asks,
    "kind": questions.kind,
    "overview": lambda said: questions.overview(said, lambda _: True),
    "leans": questions.leans,
    "end_of_request": questions.end_of_request,
    "counted": questions.counted,
    "speaker": questions.speaker,
    "compared": comparisons.compared,
    "is_foreign": questions.is_foreign,
    "words": text.words.__wrapped__,
    "names": names.names,
    "synonyms": synonyms._WORD.findall,
}

# At this length every hostile string is tried, and then the slowest is looked at closely.
SHORT, TOO_LONG = 2_000, 1_000_000
SECONDS_AT_LEAST = 0.005
# Eight times the text: linear takes 8 times the time, quadratic 64.
LONGER, MOST = 8, 24
TRIES = 4


def seconds(run: Callable[[str], object], said: str) -> float:
    start = time.process_time()
    run(said)
    return time.process_time() - start


def growth(run: Callable[[str], object], kind: Hostile) -> float:
    """How many times as long a text takes that is eight times as long; 0 when it takes no time."""
    n = SHORT
    while (first := seconds(run, kind.of(n))) < SECONDS_AT_LEAST:
        n *= 2
        if n > TOO_LONG:
            return 0
    return seconds(run, kind.of(LONGER * n)) / first


def worst(run: Callable[[str], object], kinds: list[Hostile]) -> tuple[float, Hostile]:
    """The growth of the slowest kind of text. Other programs may disturb a measurement or two."""
    slowest = max(kinds, key=lambda kind: seconds(run, kind.of(SHORT)))
    found = growth(run, slowest)
    for _ in range(TRIES if found > MOST else 0):
        found = min(found, growth(run, slowest))
    return found, slowest


@pytest.mark.parametrize("use", USES, ids=lambda use: f"{use.place}-{use.method}")
def test_every_pattern_takes_roughly_linear_time(use: Use) -> None:
    grown, kind = worst(use.run, hostile(use.pattern.pattern))
    assert grown <= MOST, (kind, use.pattern.pattern)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_that_reads_a_question_takes_roughly_linear_time(
    name: str,
) -> None:
    grown, kind = worst(FUNCTIONS[name], hostile())
    assert grown <= MOST, kind


@pytest.mark.parametrize(
    "pattern", [r":[\w+-]*[a-z_][\w+-]*:", r"\s*\?", r"catch.*up", r"\d[\d.]* days"]
)
def test_a_careless_pattern_is_noticed(pattern: str) -> None:
    grown, _ = worst(Use("here", re.compile(pattern), "search").run, hostile(pattern))
    assert grown > MOST
