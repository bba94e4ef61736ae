"""What a passage offers for a question: the sentence to quote, and how much of it is covered."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from bot.language.text import Span, content_words, sentences
from bot.model import Passage


class Evidence(NamedTuple):
    """A passage's case: the span to quote (in the document), and the question's terms it has."""

    passage: Passage
    quote: Span
    covered: frozenset[str]


def weigh(passage: Passage, terms: Collection[str], idf: Callable[[str], float]) -> Evidence:
    """Find the passage's sentence that covers most of the question, by the rarity of its terms.

    The overlap is not divided by the sentence's length: over whole news paragraphs that quotes
    the right sentence more often. Of equals the earlier is quoted.
    """
    text = passage.text
    covered: set[str] = set()
    best, most = Span(0, len(text)), -1.0
    for sentence in sentences(text):
        found = {word.term for word in content_words(text[sentence.start : sentence.end])}
        shared = found.intersection(terms)
        covered |= shared
        overlap = sum(idf(term) for term in sorted(shared))  # sorted: the same sum every time
        if overlap > most:
            best, most = sentence, overlap
    quote = Span(passage.start + best.start, passage.start + best.end)
    return Evidence(passage, quote, frozenset(covered))
