"""Questions about the whole: the main points, the people, the places, the headings; all cited."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from bot.english.names import people
from bot.english.questions import Overview
from bot.english.synonyms import PLACES, shipped
from bot.english.text import words
from bot.index.analysis import Analysis
from bot.model import Citation

# An overview is read at a glance. Whoever wants more asks again, more narrowly.
MAX_POINTS = 3
MAX_CITED = 8
# Of a shelf of documents, the beginning: an overview of a thousand would be none.
MAX_PASSAGES = 300


class Found(NamedTuple):
    """The citations of an overview, the most telling first, and the names it was asked for."""

    citations: tuple[Citation, ...]
    notes: tuple[str, ...] = ()


def overview(
    wanted: Overview,
    analyses: Sequence[Analysis],
    is_common: Callable[[str], bool],
    idf: Callable[[str], float],
) -> Found:
    """What the passages, in their order, show of the whole. No citations where nothing is named."""
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
    """The lead, where news says what is new, and what has most in common with all the others.

    A passage's centrality is the sum of its terms' idf times the number of others that share
    them, divided by its own length, or the longest would win (after LexRank, Erkan and Radev
    2004).
    """
    lead, *rest = analyses
    having = Counter(term for analysis in analyses for term in set(analysis.terms))

    def centrality(analysis: Analysis) -> float:
        own = sorted(set(analysis.terms))
        return sum((having[term] - 1) * idf(term) for term in own) / max(1, len(own))

    central = sorted(rest, key=lambda analysis: -centrality(analysis))[: MAX_POINTS - 1]
    return tuple(_first_sentence(analysis) for analysis in (lead, *central))


def _under_headings(analyses: Sequence[Analysis]) -> tuple[Citation, ...]:
    """The first passage under each heading, and the lead."""
    firsts: dict[tuple[str | int, tuple[str, ...]], Analysis] = {}
    for analysis in analyses:
        firsts.setdefault((analysis.document, analysis.passage.headings), analysis)
    return tuple(_first_sentence(analysis) for analysis in list(firsts.values())[:MAX_CITED])


def _first_mentions(
    what: str, analyses: Sequence[Analysis], named: Callable[[str], Iterable[str]]
) -> Found:
    """The sentences in which somebody or something is named for the first time."""
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
    """What tells the people named in a sentence; a title may stand in another one."""
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
