"""Which of several versions of a passage to show first; versions differ in numbers and dates."""

from collections.abc import Sequence
from itertools import zip_longest

from bot.answering.query import Query
from bot.english.text import words
from bot.english.versions import Version, is_number_or_date, version, years
from bot.index.analysis import Analysis
from bot.model import Document

# Passages whose lengths differ by more terms are not compared.
MAX_MORE_TERMS = 12


def in_order(query: Query, ranked: Analysis, found: Sequence[Analysis]) -> list[Analysis]:
    """A ranked passage and its versions among `found`, in the order to show them: newest first.

    If the question names a year, the newest version of that year comes first; if it names another
    year or the document, the ranked passage does.
    """
    own = version(ranked.passage)
    if own is None:
        return [ranked]
    versions = [(own, ranked), *_others(own, ranked, found)]
    if len(versions) == 1:
        return [ranked]
    newest = sorted(versions, key=lambda one: one[0].day, reverse=True)
    asked = years(query.asked)
    of_year = [analysis for one, analysis in newest if one.day[0] in asked]
    documents = [analysis.passage.document for _, analysis in newest]
    if of_year:
        first = of_year[0]
    elif asked or _is_named(query, ranked.passage.document, documents):
        first = ranked
    else:
        first = newest[0][1]
    return [first, *(analysis for _, analysis in newest if analysis is not first)]


def _others(
    own: Version, ranked: Analysis, found: Sequence[Analysis]
) -> list[tuple[Version, Analysis]]:
    """The versions of the ranked passage in documents of another day."""
    others = []
    for analysis in found:
        if analysis.document != ranked.document and _has_same_terms(analysis, ranked):
            other = version(analysis.passage)
            if other is not None and other.words == own.words and other.day != own.day:
                others.append((other, analysis))
    return others


def _has_same_terms(one: Analysis, other: Analysis) -> bool:
    """Whether two passages have the same terms except numbers and dates: a cheap first test."""
    if abs(len(one.terms) - len(other.terms)) > MAX_MORE_TERMS:
        return False
    terms = (filter(_tells, analysis.terms) for analysis in (one, other))
    return all(this == that for this, that in zip_longest(*terms))


def _tells(term: str) -> bool:
    return not is_number_or_date(term)


def _is_named(query: Query, document: Document, documents: Sequence[Document]) -> bool:
    """Whether the question has a word of this title or path that not all versions share."""
    names = [_name(one) for one in documents]
    return not query.asked.isdisjoint(_name(document) - frozenset.intersection(*names))


def _name(document: Document) -> frozenset[str]:
    return frozenset(word.term for name in (document.title, document.path) for word in words(name))
