"""What a document adds to what its corpus knows: its words, its names, whom it calls what."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bot.english.aliases import Alias, aliases
from bot.english.text import words
from bot.index.analysis import Analysis

# Who is who in a long document is read from so many passages at a time: telling names apart takes
# the square of it.
STRETCH = 300


class Profile(NamedTuple):
    """Counted over one document, so that it can be added to a corpus, and taken away again.

    `terms` has the number of passages with each, `words` how often each plain word is there.
    `capital` are the terms that it writes with a capital where no sentence begins, `small` those
    that it writes without. `length` is the number of terms in all.
    """

    passages: int
    length: int
    terms: Counter[str]
    words: Counter[str]
    capital: frozenset[str]
    small: frozenset[str]


def profile(analyses: Sequence[Analysis]) -> Profile:
    """Count the words of a document's passages."""
    terms: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    capital: set[str] = set()
    small: set[str] = set()
    for analysis in analyses:
        terms.update(set(analysis.terms))
        text = analysis.rest.text
        for word in words(text):
            counts[word.plain] += 1
            if not text[word.start].isupper():
                small.add(word.term)
            elif text[max(0, word.start - 2) : word.start].rstrip(" “‘(")[-1:].isalnum():
                capital.add(word.term)
    return Profile(
        len(analyses),
        sum(len(analysis.terms) for analysis in analyses),
        terms,
        counts,
        frozenset(capital),
        frozenset(small),
    )


def aliases_of(analyses: Sequence[Analysis], is_common: Callable[[str], bool]) -> list[Alias]:
    """Whom a document calls what, each once."""
    texts = [analysis.rest.text for analysis in analyses]
    found: dict[Alias, None] = {}
    for start in range(0, len(texts), STRETCH):
        found.update(dict.fromkeys(aliases(texts[start : start + STRETCH], is_common)))
    return list(found)
