"""The evidence rule: whether the best passage answers, is only the nearest, or is nothing.

A raw score says little about that. What tells is the share of the question that a passage covers,
and whether what is asked for stands in it at all. That tells questions on another subject almost
perfectly from those that are answered, and questions on the subject whose answer is missing only
in part; so what is not certain is shown as the nearest, with the reasons.
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from bot.answering.query import Query
from bot.answering.ranking import Fit
from bot.language.expected import names_what_is_asked
from bot.language.questions import Kind

# Chosen by `article-bot eval --curve` on the development questions: see the README.
COVERED = 0.60
# A question that wants a yes or a no is answered only by a passage that has nearly all of it: the
# one word that is missing is mostly the one that is asked about.
COVERED_YES_NO = 0.80
# Below this share the passage has some common word of the question, and nothing of its subject.
WORTH_READING = 0.15
# How far the best passage must lead the second.
LEAD = 1.05


class Outcome(Enum):
    """What the passages found are to the question."""

    ANSWERED = "answered"
    CLOSEST = "closest"
    NOT_FOUND = "not found"


class Verdict(NamedTuple):
    """An outcome and its reasons, in words for the asker."""

    outcome: Outcome
    reasons: tuple[str, ...] = ()


def judge(query: Query, fits: Sequence[Fit]) -> Verdict:
    """Weigh the evidence; `fits` are the passages found, the best first."""
    if not fits or fits[0].covered < WORTH_READING:
        return Verdict(Outcome.NOT_FOUND, ("No passage shares enough with the question.",))
    doubts = tuple(_doubts(query, fits))
    return Verdict(Outcome.CLOSEST if doubts else Outcome.ANSWERED, doubts)


def _doubts(query: Query, fits: Sequence[Fit]) -> list[str]:
    """Each reason for not calling the best passage an answer."""
    best = fits[0]
    doubts = []
    if query.kind is Kind.ALL:
        doubts.append("A whole list is asked for; these are passages, and there may be more.")
    if not best.strict:
        doubts.append("Not every name or number of the question stands in the passage.")
    if not names_what_is_asked(query.kind, best.quote.text, query.asked):
        doubts.append(f"The question asks for {query.kind.value}, and the passage gives none.")
    needed = COVERED_YES_NO if query.kind is Kind.YES_NO else COVERED
    if best.covered < needed:
        doubts.append(f"The passage has {best.covered:.0%} of the question; {needed:.0%} is asked.")
    if len(fits) > 1 and best.score < LEAD * fits[1].score:
        doubts.append("A second passage fits about as well.")
    return doubts
