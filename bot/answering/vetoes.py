"""Reasons that rule an answer out, and warnings about a passage that may not answer."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise

from bot.answering.query import Query, Term
from bot.answering.quoting import BEGINS
from bot.answering.scoring import ScoredPassage, says_what_it_is
from bot.answering.weights import (
    SAYS_LITTLE,
    Thresholds,
)
from bot.english import questions
from bot.english.answer_types import (
    IMPLIED,
    gives_clock_time,
    gives_count,
    gives_frequency,
    gives_length,
    gives_reason,
    gives_span,
    gives_time,
    instructs,
    names_what_is_asked,
    says_only_yes_or_no,
    tells_what_was_said,
)
from bot.english.comparisons import compares
from bot.english.conflicts import as_written, is_unit, other_name
from bot.english.denials import denies, repeats_its_end
from bot.english.questions import ABOUT_THE_TEXT, Kind
from bot.english.statements import (
    begins_with_condition,
    begins_with_if,
    has_condition,
    has_other_name,
    is_beyond,
    is_no_longer_so,
    is_only_a_condition,
    is_only_believed,
    is_what_is_not_wanted,
    other_model,
    other_period,
    said_about,
    says_it_the_other_way_round,
    subject_asked,
)
from bot.english.text import FUNCTION_TERMS, points_elsewhere, stem, words
from bot.model import PassageKind, Role
from bot.phrases import IN_MEANING, WHOLE_LIST

_AFTER_A_SENTENCE = " \n\"'”’»)]*_"
# Of a question with at most this many words, an answer covers most.
_SHORT = 2
# Kinds that a quote must give: what gives them is told apart surely.
_NEEDED = (Kind.PRICE, Kind.PHONE, Kind.EMAIL)
# A passage needs this share of the question before, by information, where a follow-up says little.
_OF_BEFORE = 0.2
# Kinds that little else looks like, so that one in a passage is what a follow-up asks for.
_SURE = (*_NEEDED, Kind.WHEN, Kind.HOW_LONG)
# Kinds of which a question asks for one: who did it is not when.
_DISTINCT = frozenset(Kind) - {Kind.OTHER, Kind.YES_NO, Kind.ALL}


def vetoes(
    query: Query, best: ScoredPassage, known: Mapping[str, float], least: Thresholds
) -> Iterator[str]:
    """Reasons that rule an answer out, however likely it is; `known` are the features."""
    yield from _of_question(query, best)
    yield from _of_quote(query, best)
    yield from _of_coverage(query, best, known, least)
    yield from _of_kind(query, best, known)
    yield from _of_amount(query, best, known)
    yield from _of_statement(query, best)
    yield from _of_subject(query, best)
    yield from _of_thread(query, best)
    if other := _other_question(query, best):
        yield f"It answers another question: “{other}”"
    if word := _of_another(query, best):
        yield f"Another part of the passage is about “{word}”."
    yield from warnings(query, best)


def _of_question(query: Query, best: ScoredPassage) -> Iterator[str]:
    """What the question leaves open."""
    for word, meant in query.guessed:
        yield f"“{meant}” may be another name than “{word}”."
    for word in set(query.titles).intersection(best.lacking):
        yield f"Another document is about {word}."
    if not query.has_own:
        yield "The question has no word of its own."


def _of_quote(query: Query, best: ScoredPassage) -> Iterator[str]:
    """Why the quote says nothing itself."""
    if not best.says_more:
        yield "It says nothing itself."
    if points_elsewhere(best.quote.text):
        yield "The quote only says where to look."
    if _last_sign(_quoted(best)) == ":":
        yield "The quote only introduces what follows."
    if _last_sign(best.quote.text) == _last_sign(_quoted(best)) == "?":
        yield "The quote is a question itself."
    says_little = says_only_yes_or_no(best.quote.text) and says_only_yes_or_no(_quoted(best))
    if says_little and query.kind is not Kind.YES_NO:
        yield "It only says yes or no."


def _of_coverage(
    query: Query, best: ScoredPassage, known: Mapping[str, float], least: Thresholds
) -> Iterator[str]:
    """How much of the question the quote is short of."""
    is_short = sum(term.information > 0 for term in own_terms(query)) <= _SHORT
    needed = least.quote_most if is_short or query.kind is Kind.YES_NO else least.quote
    if best.quote_coverage < needed:
        yield (
            f"The quote covers {best.quote_coverage:.0%} of the question; "
            f"an answer needs {needed:.0%}."
        )
    if known["own"] < least.own_words:
        yield f"The quote covers less than {least.own_words:.0%} in the question's own words."


def _of_kind(query: Query, best: ScoredPassage, known: Mapping[str, float]) -> Iterator[str]:
    """What kind of thing is asked for and not given."""
    if query.compared and not any(map(compares, (best.quote.text, *_headings(best)))):
        yield "It does not compare them."
    if query.kind in _NEEDED and not gives_kind(query, best):
        yield f"It gives no {query.kind.value.removeprefix('a ').removeprefix('an ')}."
    if query.missing and not known["kind"]:
        yield f"The documents do not mention “{query.missing[0]}”."
    if query.kind is Kind.WHERE and not known["kind"] and not_covered(query, best):
        yield "It gives no place, and lacks a word of the question."
    if _asks_what_was_said(query) and not tells_what_was_said(_quoted(best)):
        yield "It does not report what was said."
    if _needs_reason(query, best, known) and not gives_reason(_quoted(best)):
        yield "It gives no reason."
    is_prose = best.analysis.rest.kind in (PassageKind.PARAGRAPH, PassageKind.LIST)
    is_told = is_prose and instructs(best.quote.text)
    if query.kind is Kind.WHO and is_told and not questions.asks_whom_to_ask(query.question):
        yield "It says what to do, not who does it."
    if questions.how_to_verb(query.question) in query.missing and not instructs(best.quote.text):
        yield "It does not say how to do that."


def _of_amount(query: Query, best: ScoredPassage, known: Mapping[str, float]) -> Iterator[str]:
    """What time or number is asked for and not given."""
    question, quoted = query.question, _quoted(best)
    shown = " ".join((quoted, *_headings(best)))
    if _needs_time(query, best, known) and not gives_time(quoted):
        yield "It does not say when."
    if questions.asks_the_time(question) and not gives_clock_time(shown):
        yield "It gives no time of day."
    if query.kind is Kind.HOW_LONG and not (known["asked_above"] or gives_length(quoted)):
        yield "It does not say how long."
    if questions.asks_how_often(question) and not gives_frequency(shown):
        yield "It does not say how often."
    if questions.asks_a_measure(question) and not known["kind"]:
        yield "It gives no number."
    counted = questions.counted(question) if query.kind is Kind.HOW_MANY else ()
    if counted and not _counts(counted, query, best):
        yield f"It does not say how many {' '.join(counted)} there are."


def _of_statement(query: Query, best: ScoredPassage) -> Iterator[str]:
    """Why what the quote states is not what is asked."""
    question, quote = query.question, best.quote
    if says_it_the_other_way_round(question, quote.joined.split()):
        yield "It says it the other way round."
    if is_only_a_condition(question, query.asked, quote.text):
        yield "It only mentions it as a condition."
    if query.kind is Kind.YES_NO and is_only_believed(question, quote.text):
        yield "It only says what somebody believes."
    if is_no_longer_so(question, query.asked, quote.text):
        yield "It says who that was, not who it is."
    if is_what_is_not_wanted(question, _quoted(best)):
        yield "It only says what you do not want."
    above = (best.analysis.passage.document.title, *_headings(best))
    if period := other_period(question, quote.text, " ".join((*above, quote.text))):
        yield f"It is about {period[0]}, not {period[1]}."
    if query.subject and begins_with_condition(quote.text):
        yield "It only says what applies under a condition."
    is_only_if = begins_with_if(quote.text) and not begins_with_if(question)
    if query.kind is Kind.WHO and is_only_if and not questions.asks_whom_to_ask(question):
        yield "It only says what applies in some cases."


def _of_subject(query: Query, best: ScoredPassage) -> Iterator[str]:
    """Why the quote is not about what is asked, although it has most of its words."""
    absent = (*query.missing, *not_covered(query, best))
    topic = said_about(query.question)
    if topic and set(absent).issuperset(topic):
        yield f"It says nothing about “{' '.join(topic)}”."
    own = {term.word for term in own_terms(query)} - set(query.strict)
    matched = {word for match in best.matches for word in match.asked.split()}
    if query.strict and own and own.issubset(query.missing) and own.isdisjoint(matched):
        yield "It has only the name."
    above = (best.analysis.passage.document.title, *_headings(best))
    if model := other_model(query.question, best.quote.text, above):
        yield f"It is about “{model}”."
    if subject := _other_subject(query, best):
        yield f"Another sentence of the passage is about “{subject}”."
    done = questions.who_verb(query.question)
    if done in absent and any(term.word == done and term.says == 1 for term in own_terms(query)):
        yield f"It does not say who “{done}”."
    if lacking := _only_names(query, absent):
        yield f"It has only the name, not “{lacking}”."


def _other_subject(query: Query, best: ScoredPassage) -> str:
    """The subject of the question, if it is not in the quote but begins another sentence; or "".

    "Companies pay VAT. Charities are exempt." / "do charities pay VAT?"
    """
    term = subject_asked(query.question)
    if not term or best.analysis.rest.kind is not PassageKind.PARAGRAPH:
        return ""
    shown = {word.term for word in words(_quoted(best))}
    forms = query.forms_of(term)
    if not forms.isdisjoint(shown) or f" {term} " in best.analysis.above:
        return ""
    begins = (own.split()[:BEGINS] for own, _ in best.analysis.units)
    return as_written(term, query.question) if not forms.isdisjoint(chain(*begins)) else ""


def _only_names(query: Query, absent: Sequence[str]) -> str:
    """What is asked about somebody or something, if a passage has only the name; or ""."""
    names = set(query.strict)
    if not names or names.issubset(absent):
        return ""
    asked = questions.attributes(query.question)
    return asked[0] if asked and set(absent).issuperset(asked) else ""


def _needs_reason(query: Query, best: ScoredPassage, known: Mapping[str, float]) -> bool:
    """Whether the quote must give a reason; below "Why ...?" anything may be one."""
    if not questions.asks_why(query.question) or known["asked_above"]:
        return False
    return not any(questions.asks_why(one.casefold()) for one in _headings(best))


def _needs_time(query: Query, best: ScoredPassage, known: Mapping[str, float]) -> bool:
    """Whether the quote must say when; of the past, a heading such as "3.4 (May 2025)" may."""
    if not questions.asks_when(query.question) or known["asked_above"]:
        return False
    if questions.asks_on_what_condition(query.question) and has_condition(best.quote.text):
        return False
    is_past = query.question.startswith(("when did ", "when was ", "when were "))
    return not (is_past and any(map(gives_time, _headings(best))))


def _of_thread(query: Query, best: ScoredPassage) -> Iterator[str]:
    """What a passage lacks of the questions before, on which this one leans."""
    if not query.leans:
        return
    borrowed = [t for g in query.groups if not query.counts(g) for t in g.terms]
    needs = query.kind in _DISTINCT and query.kind is not Kind.STEPS
    has_span = query.kind is Kind.WHEN and gives_span(best.quote.text)
    if needs and not has_span and not gives_kind(query, best):
        yield "It does not give what the thread asks for."
    own = [term for term in own_terms(query) if term.information]
    is_fragment = questions.is_fragment(query.question)
    shown = f"{best.analysis.above}{best.quote.with_leads}"
    there = _terms_in(borrowed, shown)
    known = there if is_fragment else _terms_in(borrowed, best.analysis.words.joined)
    least = _OF_BEFORE * sum(term.information for term in borrowed)
    is_short = is_fragment or len(own) == 1
    if is_short and query.kind not in _SURE and sum(term.information for term in known) < least:
        yield "It has little of the question before."
    lost = [term.word for term in borrowed if term.strict and term not in there]
    if any(term.strict for term in own) or questions.is_of_a_person(query.question):
        lost = []  # "and Leeds?" replaces the name; "he" may stand for it
    if lost and has_other_name(best.quote.text, {*query.asked, *map(stem, lost)}):
        yield f"It is about something other than “{lost[0]}”."


def _terms_in(terms: Sequence[Term], joined: str) -> list[Term]:
    """The terms that some joined stems have in any form."""
    return [term for term in terms if any(f" {form.phrase} " in joined for form in term.forms)]


def _asks_what_was_said(query: Query) -> bool:
    """Whether the question is what somebody with a name said; a document says all that it has."""
    named = set(query.strict).difference(query.titles)
    return any(word in named and word.isalpha() for word in questions.speaker(query.question))


def _other_question(query: Query, best: ScoredPassage) -> str:
    """The question above a passage if it asks for another kind of thing; "" for none.

    "What happens when I cancel?" is not how to.
    """
    above = next((one for one in reversed(_headings(best)) if one.endswith("?")), "")
    kind = questions.kind(questions.normal(above)) if above else Kind.OTHER
    return above if kind is not query.kind and {kind, query.kind} <= _DISTINCT else ""


def _last_sign(text: str) -> str:
    return text.rstrip(_AFTER_A_SENTENCE)[-1:]


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
    absent = {*query.missing, *not_covered(query, best)}
    return gives_count(best.quote.text, counted[-1]) and not absent.issuperset(counted)


def warnings(query: Query, best: ScoredPassage) -> Iterator[str]:
    """Warnings for the asker about a passage that may not answer."""
    if best.conflict:
        found, asked, _ = best.conflict
        yield f"The passage says “{found}”, you asked about “{asked}”."
    elif limit := is_beyond(query.question, best.quote.text) or _other_limit(query, best):
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


def own_terms(query: Query) -> Iterator[Term]:
    """The words that a passage must cover."""
    return (term for group in query.groups if query.counts(group) for term in group.terms)


def not_covered(query: Query, best: ScoredPassage) -> tuple[str, ...]:
    """The words of the question that a passage has in no form, although the documents do."""
    matches = (match for match in best.matches if not match.asked.startswith(IN_MEANING))
    matched = {word for match in matches for word in match.asked.split()}
    matched.update((best.analysis.passage.document.date or "").split("-"))
    implied = IMPLIED.get(query.kind, frozenset()) if gives_kind(query, best) else frozenset()
    words = (
        term.word
        for term in own_terms(query)
        if term.information
        and term.says > SAYS_LITTLE
        and term.forms[0].phrase not in ABOUT_THE_TEXT | implied
    )
    return tuple(dict.fromkeys(word for word in words if word not in (*matched, *query.missing)))


def gives_kind(query: Query, best: ScoredPassage) -> float:
    """1 if the quote gives the kind of thing asked for, 0 if not, 0.5 if no kind is asked for."""
    if query.subject and says_what_it_is(query.subject, best.quote.joined):
        return 1.0
    if query.kind in (Kind.OTHER, Kind.YES_NO, Kind.ALL, Kind.STEPS):
        return 0.5
    return float(names_what_is_asked(query.kind, best.quote.text, query.asked))
