"""Checks whether an earlier quote is still in the documents, word for word."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from bot.english.text import words
from bot.index import Index, idf
from bot.model import Citation, Passage

# A quote that is gone from its document is looked for in this many passages of others.
MAX_CANDIDATES = 100


class Quote(NamedTuple):
    """A quoted text, and the path of the document it came from."""

    document: str
    text: str


def quotes_in(line: str) -> list[Quote]:
    """The quotes in a line that `ask --json` printed. Raises ValueError for any other line."""
    try:
        citations = json.loads(line)["citations"]
        found = [Quote(one["document"], one["quote"]) for one in citations]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("it is no answer as `ask --json` prints it") from None
    if not all(isinstance(part, str) and part.strip() for quote in found for part in quote):
        raise ValueError("it is no answer as `ask --json` prints it")
    return found


def still_stands(quote: Quote, index: Index) -> Citation | None:
    """Find a quote in its own document, or else in another; None if it is gone."""
    own = _found(quote.text, index.passages_of(quote.document))
    if own is not None:
        return own
    asked = {word.term for word in words(quote.text) if word.is_content}
    weights = {term: idf(index, term) for term in asked if index.frequency(term)}
    near = index.candidates(weights, MAX_CANDIDATES, None) if weights else []
    return _found(quote.text, [analysis.passage for analysis in near])


def _found(text: str, passages: Iterable[Passage]) -> Citation | None:
    for passage in passages:
        place = passage.text.find(text)
        if place >= 0:
            start = passage.start + place
            return Citation(passage, start, start + len(text))
    return None
