"""The evidence rule: whether the best passage answers, is only the closest, or is nothing.

Raw scores are not comparable between corpora. The rule uses features that are, each from 0 to 1:
how much of the question a passage covers, how far it is ahead of every other section, and a few
more. Logistic regression turns them into the chance that the passage answers. A passage that is
not likely enough is shown as the closest.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bot.answering.meaning import Closeness
from bot.answering.query import A_SECOND_STEP, Query
from bot.answering.ranking import competes, is_of_section
from bot.answering.scoring import ScoredPassage
from bot.answering.vetoes import gives_kind, not_covered, own_terms, vetoes, warnings
from bot.answering.weights import (
    ABOVE_ASKS,
    CLOSE_ENOUGH,
    EVIDENCE,
    EVIDENCE_BASE,
    EVIDENCE_MEANING,
    EVIDENCE_MEANING_BASE,
    RANKED,
    Thresholds,
)
from bot.english.questions import Kind
from bot.model import Outcome

# From this many words on, a question counts as long.
_LONG = 12
# What to say of a feature, and the value up to which it is true.
_REASONS = {
    "own": (0.5, "The quote has few of the question's own words"),
    "kind": (0.0, "It does not seem to give what is asked for"),
    "lead": (0.2, "A passage of another section fits about as well"),
}


class Verdict(NamedTuple):
    """An outcome, with what is missing and all the reasons, as sentences for the asker.

    `lacking` are the words of the question that the best passage has in no form, although the
    documents do.
    """

    outcome: Outcome
    missing: tuple[str, ...]
    reasons: tuple[str, ...]
    lacking: tuple[str, ...] = ()


def judge(
    query: Query,
    found: Sequence[ScoredPassage],
    least: Thresholds,
    meaning: Closeness | None = None,
    by_words: Sequence[ScoredPassage] = (),
) -> Verdict:
    """Decide whether the best of `found`, which are sorted best first, answers the query.

    With `meaning`, closeness in meaning counts too, and `by_words` are the passages that search
    by words alone found.
    """
    if not found:
        return Verdict(Outcome.NOT_FOUND, (), ("No passage has a word of the question.",))
    best = found[0]
    covers = f"The best passage covers {best.coverage:.0%} of the question"
    needed = least.worth_reading if _has_own_word(best) else least.worth_reading_synonyms
    is_close = meaning is not None and meaning.of(best.analysis) >= CLOSE_ENOUGH
    if best.coverage < needed and not is_close:
        return Verdict(Outcome.NOT_FOUND, (), (f"{covers}; less than {needed:.0%} is nothing.",))
    if not is_close and _has_only_far_synonyms(best):
        return Verdict(Outcome.NOT_FOUND, (), ("The best passage has only synonyms of synonyms.",))
    known = features(query, found)
    chance, enough = probability(known), least.answered
    if meaning is not None:
        close = features_of_meaning(query, found, by_words, meaning)
        chance = probability(close, EVIDENCE_MEANING, EVIDENCE_MEANING_BASE)
        enough = least.answered_by_meaning
    said = f"The chance that it answers is {chance:.0%}; an answer needs {enough:.0%}."
    reasons = (f"{covers}.", said)
    held = tuple(vetoes(query, best, known, least))
    lacking = not_covered(query, best)
    if chance >= enough and not held:
        return Verdict(Outcome.ANSWERED, (), reasons, lacking)
    low = [name for name in _lowest(known) if name != "kind" or not held]
    doubts = tuple(f"{_REASONS[name][1]}." for name in low)
    missing = tuple(warnings(query, best))
    return Verdict(Outcome.CLOSEST, missing, (*reasons, *held, *doubts), lacking)


def features(query: Query, found: Sequence[ScoredPassage]) -> dict[str, float]:
    """The features that tell an answer from a near miss, each from 0 to 1 in any corpus.

    - `quote`: share of the question that the quote covers, with its headings and leads
    - `own`: the same, counting only the question's own words and no synonyms
    - `alone`: share that the quote covers without its headings
    - `asked_above`: 1 if the headings and leads ask the question
    - `pairs`: share of the question's adjacent word pairs that are adjacent in the passage
    - `kind`: 1 if the quote gives the kind of thing asked for, or says what X is if that is asked;
      0 if not, 0.5 if no kind is asked
    - `yes_no`: 1 for a yes-or-no question
    - `lead`, `lead_next`, `lead_third`: how far the score is ahead of the best passage of another
      section, of the next passage, and of the third, as a share of it
    - `section`: how many of the first RANKED passages are of the same section, as a share of them
    - `length`: words of the question, as a share of a long one
    """
    best = found[0]
    found = [best, *(one for one in found[1:] if one.coverage)]  # the rest have only borrowed words
    third = found[min(2, len(found) - 1)].score
    section = sum(is_of_section(one, best) for one in found[:RANKED])
    second = found[1].score if len(found) > 1 else 0.0
    words = len(list(own_terms(query)))
    return {
        "quote": min(1.0, best.quote_coverage),
        "own": min(1.0, best.own_words),
        "alone": min(1.0, best.own_coverage),
        "asked_above": float(best.above_coverage >= ABOVE_ASKS),
        "pairs": _pairs(query, best),
        "kind": gives_kind(query, best),
        "yes_no": float(query.kind is Kind.YES_NO),
        "lead": _ahead(best.score, _rival(found)),
        "lead_next": _ahead(best.score, second),
        "lead_third": _ahead(best.score, third),
        "section": section / RANKED,
        "length": min(1.0, words / _LONG),
    }


def features_of_meaning(
    query: Query,
    found: Sequence[ScoredPassage],
    by_words: Sequence[ScoredPassage],
    meaning: Closeness,
) -> dict[str, float]:
    """The features that decide where search by words alone gave no answer.

    - `words`: log-odds of the passages found by words alone (`by_words`)
    - `close_lead`: how much closer in meaning the best passage is than those of other sections
    - `nearest`: 1 if it is the closest of all passages
    - `quote`: as in `features`
    """
    best = found[0]
    close = meaning.of(best.analysis)
    rivals = (meaning.of(o.analysis) for o in found[1:] if not is_of_section(o, best))
    return {
        "words": log_odds(features(query, by_words)) if by_words else EVIDENCE_BASE,
        "close_lead": close - max(rivals, default=0.0),
        "nearest": float(close >= meaning.most),
        "quote": min(1.0, best.quote_coverage),
    }


def log_odds(
    known: Mapping[str, float],
    weights: Mapping[str, float] = EVIDENCE,
    base: float = EVIDENCE_BASE,
) -> float:
    """The weighted sum of the features, plus the intercept `base`."""
    return base + sum(weight * known[name] for name, weight in weights.items())


def probability(
    known: Mapping[str, float],
    weights: Mapping[str, float] = EVIDENCE,
    base: float = EVIDENCE_BASE,
) -> float:
    """The probability that a passage with these features answers, by logistic regression."""
    return 1 / (1 + math.exp(-log_odds(known, weights, base)))


def _lowest(known: Mapping[str, float]) -> list[str]:
    """The at most two features that are low and lower the chance most, worst first."""
    lost = {
        name: EVIDENCE.get(name, 0.0) * (1 - known[name])
        for name, (low, _) in _REASONS.items()
        if known[name] <= low
    }
    return sorted(lost, key=lambda name: -lost[name])[:2]


def _has_own_word(best: ScoredPassage) -> bool:
    return any(match.information and not match.via for match in best.matches)


def _has_only_far_synonyms(best: ScoredPassage) -> bool:
    return all(match.via == A_SECOND_STEP for match in best.matches if match.information)


def _pairs(query: Query, best: ScoredPassage) -> float:
    """The share of the question's adjacent word pairs that are adjacent in the passage."""
    joined = best.quote.with_leads, best.analysis.words.own, best.analysis.words.above
    there = [any(f" {a} {b} " in words for words in joined) for a, b in query.pairs]
    return sum(there) / len(there) if there else 0.5


def _ahead(score: float, other: float) -> float:
    """How far a score is ahead of another, as a share of the score, from 0 to 1."""
    return max(0.0, 1 - max(0.0, other) / score) if score > 0 else 0.0


def _rival(found: Sequence[ScoredPassage]) -> float:
    """The score of the best passage that competes with the first; 0 for none."""
    return next((one.score for one in found[1:] if competes(one, found[0])), 0.0)
