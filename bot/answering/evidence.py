"""The evidence rule: whether the best passage answers, is only the closest, or is nothing.

Raw scores are not comparable between corpora. The rule uses features that are, each from 0 to 1:
how much of the question a passage covers, how far it is ahead of every other section, and a few
more. Logistic regression turns them into the chance that the passage answers. A passage that is
not likely enough is shown as the closest.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from bot.answering.meaning import Closeness
from bot.answering.query import A_SECOND_STEP, Query, Term
from bot.answering.scoring import ScoredPassage, says_what_it_is
from bot.answering.weights import (
    ABOVE_ASKS,
    CLOSE_ENOUGH,
    EVIDENCE,
    EVIDENCE_BASE,
    EVIDENCE_MEANING,
    EVIDENCE_MEANING_BASE,
    MAX_RANKED,
    SAYS_LITTLE,
    Thresholds,
)
from bot.english import questions
from bot.english.answer_types import IMPLIED, gives_count, names_what_is_asked, says_only_yes_or_no
from bot.english.comparisons import compares
from bot.english.conflicts import as_written, is_unit, other_name
from bot.english.denials import denies, repeats_its_end
from bot.english.questions import ABOUT_THE_TEXT, Kind
from bot.english.text import FUNCTION_TERMS, points_elsewhere
from bot.model import Outcome, PassageKind, Role
from bot.phrases import IN_MEANING, WHOLE_LIST

_AFTER_A_SENTENCE = " \n\"'”’»)]*_"
# From this many words on, a question counts as long.
_LONG = 12
# Of a question with at most this many words, an answer covers most.
_SHORT = 2
# Passages that share this much of their words are repetitions.
_SAME = 0.8
# Kinds that a quote must give: what gives them is told apart surely.
_NEEDED = (Kind.PRICE, Kind.PHONE, Kind.EMAIL)
# Kinds of which a question asks for one: who did it is not when.
_DISTINCT = frozenset(Kind) - {Kind.OTHER, Kind.YES_NO, Kind.ALL}
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
    lacking = _not_covered(query, best)
    if chance >= enough and not held:
        return Verdict(Outcome.ANSWERED, (), reasons, lacking)
    low = [name for name in _lowest(known) if name != "kind" or not held]
    doubts = tuple(f"{_REASONS[name][1]}." for name in low)
    missing = tuple(_missing(query, best))
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
    - `lead`, `lead_next`, `lead_fifth`: how far the score is ahead of the best passage of another
      section, of the next passage, and of the fifth, as a share of it
    - `section`: ranked passages of the same section, as a share of MAX_RANKED
    - `length`: words of the question, as a share of a long one
    """
    best = found[0]
    found = [best, *(one for one in found[1:] if one.coverage)]  # the rest have only borrowed words
    fifth = found[min(4, len(found) - 1)].score
    section = sum(_is_of_section(one, best) for one in found)
    second = found[1].score if len(found) > 1 else 0.0
    words = len(list(_own_terms(query)))
    return {
        "quote": min(1.0, best.quote_coverage),
        "own": min(1.0, best.own_words),
        "alone": min(1.0, best.own_coverage),
        "asked_above": float(best.above_coverage >= ABOVE_ASKS),
        "pairs": _pairs(query, best),
        "kind": _gives_kind(query, best),
        "yes_no": float(query.kind is Kind.YES_NO),
        "lead": _ahead(best.score, _rival(found)),
        "lead_next": _ahead(best.score, second),
        "lead_fifth": _ahead(best.score, fifth),
        "section": min(1.0, section / MAX_RANKED),
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
    rivals = (meaning.of(o.analysis) for o in found[1:] if not _is_of_section(o, best))
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


def vetoes(
    query: Query, best: ScoredPassage, known: Mapping[str, float], least: Thresholds
) -> Iterator[str]:
    """Reasons that rule an answer out, however likely it is."""
    for word, meant in query.guessed:
        yield f"“{meant}” may be another name than “{word}”."
    for word in set(query.titles).intersection(best.lacking):
        yield f"Another document is about {word}."
    if not query.has_own:
        yield "The question has no word of its own."
    if not best.says_more:
        yield "It says nothing itself."
    if points_elsewhere(best.quote.text):
        yield "The quote only says where to look."
    if _quoted(best).rstrip(_AFTER_A_SENTENCE)[-1:] == ":":
        yield "The quote only introduces what follows."
    if _asks(best.quote.text) and _asks(_quoted(best)):
        yield "The quote is a question itself."
    says_little = says_only_yes_or_no(best.quote.text) and says_only_yes_or_no(_quoted(best))
    if says_little and query.kind is not Kind.YES_NO:
        yield "It only says yes or no."
    is_short = sum(term.information > 0 for term in _own_terms(query)) <= _SHORT
    needed = least.quote_most if is_short or query.kind is Kind.YES_NO else least.quote
    if best.quote_coverage < needed:
        yield (
            f"The quote covers {best.quote_coverage:.0%} of the question; "
            f"an answer needs {needed:.0%}."
        )
    if known["own"] < least.own_words:
        yield f"The quote covers less than {least.own_words:.0%} in the question's own words."
    if query.compared and not any(map(compares, (best.quote.text, *_headings(best)))):
        yield "It does not compare them."
    if query.kind in _NEEDED and not _gives_kind(query, best):
        yield f"It gives no {query.kind.value.removeprefix('a ').removeprefix('an ')}."
    if query.missing and not known["kind"]:
        yield f"The documents do not mention “{query.missing[0]}”."
    if query.kind is Kind.WHERE and not known["kind"] and _not_covered(query, best):
        yield "It gives no place, and lacks a word of the question."
    counted = questions.counted(query.question) if query.kind is Kind.HOW_MANY else ()
    if counted and not _counts(counted, query, best):
        yield f"It does not say how many {' '.join(counted)}."
    if other := _other_question(query, best):
        yield f"It answers another question: “{other}”"
    if word := _of_another(query, best):
        yield f"Another part of the passage is about “{word}”."
    yield from _missing(query, best)


def _other_question(query: Query, best: ScoredPassage) -> str:
    """The question above a passage if it asks for another kind of thing; "" for none.

    "What happens when I cancel?" is not how to.
    """
    above = next((one for one in reversed(_headings(best)) if one.endswith("?")), "")
    kind = questions.kind(questions.normal(above)) if above else Kind.OTHER
    return above if kind is not query.kind and {kind, query.kind} <= _DISTINCT else ""


def _asks(text: str) -> bool:
    return text.rstrip(_AFTER_A_SENTENCE)[-1:] == "?"


def _quoted(best: ScoredPassage) -> str:
    """What is shown of a passage: its best sentence, and another if that needs it."""
    if best.span is None:
        return best.quote.text
    start, end = best.span()
    return best.analysis.passage.document.text[start:end]


def _of_another(query: Query, best: ScoredPassage) -> str:
    """A word that the quote lacks, and that another part of the passage has in its place.

    "The bed temperature for PETG?" / "Nozzle temperature for PETG", "Bed temperature for PLA". A
    sentence, unlike an item of a list, must also have a third word in this place. "" for none.
    """
    if query.kind in (Kind.STEPS, Kind.ALL):
        return ""
    quoted, terms = f"{best.analysis.above}{best.quote.with_leads}", best.quote.joined.split()
    is_list = best.analysis.rest.kind is PassageKind.LIST
    for pair in query.pairs:
        absent = [word for word in pair if f" {word} " not in quoted]
        joined = f" {' '.join(pair)} "
        if len(absent) != 1 or not any(joined in own for own, _ in best.analysis.units):
            continue
        before = {one for one, after in pairwise(terms) if after == pair[1]}
        if is_list or (absent[0] == pair[0] and before - query.asked - FUNCTION_TERMS):
            return as_written(absent[0], query.question)
    return ""


def _counts(counted: Sequence[str], query: Query, best: ScoredPassage) -> bool:
    """Whether a passage may say how many there are: it has a number, and mentions what is counted.

    Otherwise it counts something else: "how many trucks came in May?" / "In May 40 cars came."
    """
    absent = {*query.missing, *_not_covered(query, best)}
    return gives_count(best.quote.text, counted[-1]) and not absent.issuperset(counted)


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


def _missing(query: Query, best: ScoredPassage) -> Iterator[str]:
    """Warnings for the asker about a passage that may not answer."""
    if best.conflict:
        found, asked, _ = best.conflict
        yield f"The passage says “{found}”, you asked about “{asked}”."
    elif limit := _other_limit(query, best):
        found, asked = limit
        yield f"The passage says “{found}”, you asked about “{asked}”."
    if query.kind is Kind.ALL:
        yield WHOLE_LIST
    if query.kind in (Kind.ALL, Kind.OTHER) and (heading := _denied_by(query, best)):
        yield f"It stands under “{heading}”."


def _headings(best: ScoredPassage) -> tuple[str, ...]:
    """The headings above a passage, and its leads."""
    passage = best.analysis.passage
    return (*passage.headings, *(passage.document.text[a:b] for a, b, _ in passage.leads))


def _other_limit(query: Query, best: ScoredPassage) -> tuple[str, str] | None:
    """The number that the quote has before a unit in place of the asked one: two hours, not three.

    Such a passage is about the limit that is asked about, so it is not ranked lower for it.
    """
    matched = {match.asked for match in best.matches}
    for number, unit in query.pairs:
        if number.isdigit() and is_unit(unit) and number not in matched:
            found = other_name(number, query.question, best.quote.text)
            if found is not None:
                return found, as_written(number, query.question)
    return None


def _denied_by(query: Query, best: ScoredPassage) -> str:
    """The heading that denies a list's items ("Not covered"), unless the question is negative too.

    "" for none. Only lists count: a sentence carries its own negation, and so does an item that
    says itself that something was removed.
    """
    passage = best.analysis.passage
    if passage.kind is not PassageKind.LIST or denies(query.question):
        return ""
    leads = (lead for lead in passage.leads if lead.role is Role.HEADING)
    headings = (passage.document.text[lead.start : lead.end] for lead in leads)
    return next((one for one in headings if not repeats_its_end(one, best.quote.text)), "")


def _own_terms(query: Query) -> Iterator[Term]:
    return (term for group in query.groups if query.counts(group) for term in group.terms)


def _not_covered(query: Query, best: ScoredPassage) -> tuple[str, ...]:
    matches = (match for match in best.matches if not match.asked.startswith(IN_MEANING))
    matched = {word for match in matches for word in match.asked.split()}
    matched.update((best.analysis.passage.document.date or "").split("-"))
    implied = IMPLIED.get(query.kind, frozenset()) if _gives_kind(query, best) else frozenset()
    words = (
        term.word
        for term in _own_terms(query)
        if term.information
        and term.says > SAYS_LITTLE
        and term.forms[0].phrase not in ABOUT_THE_TEXT | implied
    )
    return tuple(dict.fromkeys(word for word in words if word not in (*matched, *query.missing)))


def _pairs(query: Query, best: ScoredPassage) -> float:
    """The share of the question's adjacent word pairs that are adjacent in the passage."""
    joined = best.quote.with_leads, best.analysis.words.own, best.analysis.words.above
    there = [any(f" {a} {b} " in words for words in joined) for a, b in query.pairs]
    return sum(there) / len(there) if there else 0.5


def _gives_kind(query: Query, best: ScoredPassage) -> float:
    if query.subject and says_what_it_is(query.subject, best.quote.joined):
        return 1.0
    if query.kind in (Kind.OTHER, Kind.YES_NO, Kind.ALL, Kind.STEPS):
        return 0.5
    return float(names_what_is_asked(query.kind, best.quote.text, query.asked))


def _ahead(score: float, other: float) -> float:
    """How far a score is ahead of another, as a share of the score, from 0 to 1."""
    return max(0.0, 1 - max(0.0, other) / score) if score > 0 else 0.0


def _rival(found: Sequence[ScoredPassage]) -> float:
    """The score of the best passage that competes with the first; 0 for none.

    Passages of the same section, versions and repetitions do not compete with it, nor does a
    passage with a conflict.
    """
    best = found[0]
    rivals = (
        one.score
        for one in found[1:]
        if one.conflict is None
        and not (one.is_version or _is_of_section(one, best) or _repeats(one, best))
    )
    return next(rivals, 0.0)


def _is_of_section(one: ScoredPassage, best: ScoredPassage) -> bool:
    """Whether two passages are under the same headings; without headings they never are."""
    if one is best:
        return True
    return best.analysis.rest.headed and one.analysis.section == best.analysis.section


def _repeats(one: ScoredPassage, best: ScoredPassage) -> bool:
    """Whether two passages have nearly the same words."""
    these, those = (set(passage.analysis.words.own.split()) for passage in (one, best))
    return len(these & those) >= _SAME * len(these | those)
