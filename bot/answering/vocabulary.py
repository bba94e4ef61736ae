"""What words the corpus has and how it writes them, and what its documents call people."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from bot.corpus.reading import Corpus
from bot.language.aliases import Alias, aliases
from bot.language.spelling import Speller
from bot.language.synonyms import Phrase, Synonyms, parse, shipped
from bot.language.text import words
from bot.model import Passage


class Known(NamedTuple):
    """An alias, and the document in which it holds."""

    document: str
    alias: Alias


class Vocabulary:
    """Read once when a corpus is indexed.

    `names` are the terms that the corpus always writes with a capital. `called` are the aliases by
    what they are asked as, `in_offices` the phrases of those that are asked as two. Raises
    SynonymError for a synonyms.txt that does not parse.
    """

    def __init__(self, corpus: Corpus) -> None:
        own = parse(corpus.synonyms, "synonyms.txt")
        self.synonyms: Synonyms = shipped().overruled_by(own)
        counts, self.names = _words(corpus.passages)
        self.speller = Speller(counts)
        self.aliases = [
            Known(document.path, alias)
            for document in corpus.documents
            for alias in aliases(
                [p.text for p in corpus.passages_of(document.path)], self.synonyms.begins
            )
            if not any(phrase in own for phrase in alias.terms)
        ]
        self.called: dict[frozenset[Phrase], list[Known]] = {}
        for known in self.aliases:
            self.called.setdefault(known.alias.terms, []).append(known)
        self.in_offices = frozenset(
            phrase for terms in self.called if len(terms) == 2 for phrase in terms
        )

    def longest(self, stem: str) -> int:
        """How many words the longest phrase has that begins with this one; 0 for none."""
        called = (phrase for terms in self.called if len(terms) == 1 for phrase in terms)
        lengths = (p.count(" ") + 1 for p in called if p.startswith(f"{stem} "))
        return max(self.synonyms.longest(stem), *lengths, 0)


def _words(passages: Iterable[Passage]) -> tuple[Counter[str], frozenset[str]]:
    """How often each plain word stands in the passages, and the terms that are names.

    A name is always written with a capital, and not only where a sentence begins.
    """
    counts: Counter[str] = Counter()
    capital: set[str] = set()
    small: set[str] = set()
    for passage in passages:
        text = passage.text
        for word in words(text):
            counts[word.plain] += 1
            if not text[word.start].isupper():
                small.add(word.term)
            elif text[max(0, word.start - 2) : word.start].rstrip(" “‘(")[-1:].isalnum():
                capital.add(word.term)
    return counts, frozenset(capital - small)
