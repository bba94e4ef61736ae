"""What a corpus calls things: its own list of synonyms above what the index found in its texts."""

from collections.abc import Iterable, Sequence

from bot.english.aliases import Alias
from bot.english.synonyms import NEWS, OFFICES, PLACES, Phrase, Synonyms, parse, shipped
from bot.index import AliasTarget, Index


class Vocabulary:
    """Raises SynonymError for a list of synonyms that does not parse.

    What the corpus's own list says of a phrase, it says alone: there the texts' aliases are silent.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._own = parse(index.synonyms, "synonyms.txt")
        self.synonyms: Synonyms = shipped(NEWS, PLACES, OFFICES).overruled_by(self._own)
        self.is_name = index.is_name
        self.nearest = index.nearest

    def called(self, terms: frozenset[Phrase]) -> Sequence[AliasTarget]:
        """Who is called so; two phrases are an office and what it is of."""
        if any(phrase in self._own for phrase in terms):
            return ()
        return self._index.called(terms)

    def in_offices(self, phrase: Phrase) -> bool:
        """Whether a phrase is one of two that make an office."""
        return self._index.in_offices(phrase)

    def longest(self, stem: str) -> int:
        """How many words the longest phrase has that begins with this one; 0 for none."""
        return max(self.synonyms.longest(stem), self._index.longest_called(stem))

    def aliases(self) -> Iterable[tuple[str, Alias]]:
        """Each alias that is in force, with the document in which it holds."""
        for path, alias in self._index.aliases():
            if not any(phrase in self._own for phrase in alias.terms):
                yield path, alias
