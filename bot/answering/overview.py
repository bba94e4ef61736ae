"""Overviews of the documents: the main points, people, places or headings, each with a citation."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from bot.english.names import people
from bot.english.questions import Overview
from bot.english.synonyms import PLACES, shipped
from bot.english.text import words
from bot.index.analysis import Analysis
from bot.model import Citation

# An overview is read at a glance; for more, people ask a narrower question.
MAX_POINTS = 3
MAX_CITED = 8
# Only the beginning of a large corpus is read; an overview of everything would not be one.
MAX_PASSAGES = 300


class Found(NamedTuple):
    """The citations of an overview, and notes that list the people or places found."""

    citations: tuple[Citation, ...]
    notes: tuple[str, ...] = ()


def overview(
    wanted: Overview,
    analyses: Sequence[Analysis],
    is_common: Callable[[str], bool],
    idf: Callable[[str], float],
) -> Found:
    """The overview of passages, given in document order; no citations if nothing was found.

    `is_common` tells whether a stem is hardly ever part of a person's name; `idf` is a term's
    inverse document frequency.
    """
    if not analyses:
        return Found(())
    match wanted:
        case Overview.POINTS:
            return Found(_points(analyses, idf))
        case Overview.HEADINGS:
            return Found(_under_headings(analyses))
        case Overview.PEOPLE:
            return _first_mentions("People", analyses, _people(analyses, is_common))
        case Overview.PLACES:
            return _first_mentions("Places", analyses, _places)


def _points(analyses: Sequence[Analysis], idf: Callable[[str], float]) -> tuple[Citation, ...]:
    """The first passage, where news puts what is new, and the most central of the others.

    A passage's centrality is the sum over its distinct terms of idf times the number of other
    passages with the term, divided by the number of its terms, or the longest would win (after
    LexRank, Erkan and Radev 2004).
    """
    lead, *rest = analyses
    having = Counter(term for analysis in analyses for term in set(analysis.terms))

    def centrality(analysis: Analysis) -> float:
        own = sorted(set(analysis.terms))
        return sum((having[term] - 1) * idf(term) for term in own) / max(1, len(own))

    central = sorted(rest, key=lambda analysis: -centrality(analysis))[: MAX_POINTS - 1]
    return tuple(_first_sentence(analysis) for analysis in (lead, *central))


def _under_headings(analyses: Sequence[Analysis]) -> tuple[Citation, ...]:
    """The first passage under each heading, and the first of each document."""
    firsts: dict[tuple[str | int, tuple[str, ...]], Analysis] = {}
    for analysis in analyses:
        firsts.setdefault((analysis.document, analysis.passage.headings), analysis)
    return tuple(_first_sentence(analysis) for analysis in list(firsts.values())[:MAX_CITED])


def _first_mentions(
    what: str, analyses: Sequence[Analysis], named: Callable[[str], Iterable[str]]
) -> Found:
    """The sentences that name somebody or something for the first time."""
    seen: dict[str, None] = {}
    citations: list[Citation] = []
    for analysis in analyses:
        for sentence in analysis.sentences:
            new = [
                name for name in named(sentence.text) if not any(name in known for known in seen)
            ]
            seen.update(dict.fromkeys(new))
            if new:
                citations.append(Citation(analysis.passage, *sentence.span))
    if not seen:
        return Found(())
    return Found(tuple(citations[:MAX_CITED]), (f"{what} named: {', '.join(seen)}.",))


def _people(
    analyses: Sequence[Analysis], is_common: Callable[[str], bool]
) -> Callable[[str], list[str]]:
    """A function from a sentence to the people in it, recognized from the whole text."""
    known = people("\n".join(analysis.rest.text for analysis in analyses), is_common)
    return lambda sentence: [name.text for name in known if name.text in sentence]


def _places(text: str) -> list[str]:
    places = shipped(PLACES)
    return [
        text[word.start : word.end].split("’")[0].split("'")[0]
        for word in words(text)
        if text[word.start].isupper() and word.term in places
    ]


def _first_sentence(analysis: Analysis) -> Citation:
    return Citation(analysis.passage, *analysis.sentences[0].span)
