"""The evidence rule: whether the best passage answers, is only the nearest, or is nothing.

A raw score says little about that. What tells is the share of the question that a passage covers,
and whether what is asked for stands in it at all. Questions on another subject are told from those
that are answered almost perfectly; questions on the subject whose answer is missing only in part.
So what is not certain is shown as the nearest, with what is missing.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.answering.query import Query
from bot.answering.ranking import ScoredPassage
from bot.answering.weights import ABOVE_ASKS, Thresholds
from bot.english.answer_types import names_what_is_asked
from bot.english.questions import Kind
from bot.model import Outcome


class Verdict(NamedTuple):
    """An outcome; what is missing, in sentences for the asker; and all the reasons."""

    outcome: Outcome
    missing: tuple[str, ...]
    reasons: tuple[str, ...]


def judge(query: Query, found: Sequence[ScoredPassage], least: Thresholds) -> Verdict:
    """Weigh the evidence; `found` are its passages, the best first."""
    if not found:
        return Verdict(Outcome.NOT_FOUND, (), ("No passage has a word of the question.",))
    covers = f"The best passage covers {found[0].coverage:.0%} of the question"
    own = _has_own_word(found[0])
    needed = least.worth_reading if own else least.worth_reading_synonyms
    if found[0].coverage < needed:
        return Verdict(Outcome.NOT_FOUND, (), (f"{covers}; less than {needed:.0%} is nothing.",))
    missing = tuple(_missing(query, found[0]))
    doubts = (*missing, *_doubts(query, found, least))
    outcome = Outcome.CLOSEST if doubts else Outcome.ANSWERED
    return Verdict(outcome, missing, (f"{covers}.", *doubts))


def _has_own_word(best: ScoredPassage) -> bool:
    return any(match.information and not match.via for match in best.matches)


def _missing(query: Query, best: ScoredPassage) -> Iterator[str]:
    """What the question asks for and the passage has not."""
    if best.conflict:
        found, asked, _ = best.conflict
        yield f"The passage says “{found}”, you asked about “{asked}”."
    if best.lacking:
        yield f"The passage does not mention {' or '.join(best.lacking)}."
    asked_above = best.above_coverage >= ABOVE_ASKS
    if not asked_above and not names_what_is_asked(query.kind, best.quote.text, query.asked):
        yield f"It does not give {query.kind.value}."
    if query.kind is Kind.ALL:
        yield "A whole list is asked for; there may be more than these passages."


def _doubts(query: Query, found: Sequence[ScoredPassage], least: Thresholds) -> Iterator[str]:
    """Why the best passage may not be the one that answers."""
    best, second = found[0], _rival(found)
    is_ahead = best.score >= least.far_ahead * second
    needed = least.coverage_ahead if is_ahead else least.coverage
    quoted = least.quote_coverage
    if query.kind is Kind.YES_NO:
        needed = quoted = least.coverage_yes_no
    if not best.says_more:
        yield "It says nothing itself."
    if best.coverage < needed:
        yield f"An answer must cover {needed:.0%}."
    if best.quote_coverage < quoted:
        yield f"The quote covers {best.quote_coverage:.0%}; that of an answer covers {quoted:.0%}."
    if best.above_coverage < ABOVE_ASKS and best.own_coverage < least.own_coverage:
        yield (
            f"The quote itself covers {best.own_coverage:.0%}; that of an answer covers "
            f"{least.own_coverage:.0%} where the headings do not ask the question."
        )
    if best.score < least.lead * second:
        yield "Another passage fits about as well."


def _rival(found: Sequence[ScoredPassage]) -> float:
    """The score of the best passage that may answer instead of the first; 0 for none.

    Under headings that ask the question, the passages of a section are one answer. One about the
    other thing of a pair is no rival.
    """
    best = found[0]
    together = best.above_coverage >= ABOVE_ASKS
    rivals = (
        one.score
        for one in found[1:]
        if one.conflict is None and not (together and one.analysis.section == best.analysis.section)
    )
    return next(rivals, 0.0)
