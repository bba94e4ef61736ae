"""What a corpus calls things: its own synonyms first, then the aliases found in its texts."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from bot.english.about_document import OFTEN_A_DOCUMENT
from bot.english.aliases import Alias
from bot.english.synonyms import Phrase, Synonyms, parse, shipped
from bot.english.text import words
from bot.index import AliasTarget, Index

# With more documents, reading all titles would take too long.
MAX_TITLES = 2_000


class Vocabulary:
    """The synonyms, names and aliases of a corpus.

    For a phrase in the corpus's own list of synonyms, aliases from the texts are ignored. Raises
    SynonymError if that list does not parse.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._own = parse(index.synonyms, "synonyms.txt")
        self.synonyms: Synonyms = shipped().overruled_by(self._own)
        self.is_name = index.is_name
        self.nearest = index.nearest
        self.in_a_path = index.in_a_path

    def is_subject(self, stem: str) -> bool:
        """Whether some documents, but not all, are about this word alone: "Vim FAQ"."""
        return stem in self._subjects

    @cached_property
    def _subjects(self) -> frozenset[str]:
        documents = self._index.documents
        if not 1 < len(documents) <= MAX_TITLES:
            return frozenset()
        subjects = [subject_of(document.title) for document in documents]
        single = {subject for subject in subjects if " " not in subject}
        return frozenset(single - {""}) if len(set(subjects)) > 1 else frozenset()

    def called(self, terms: frozenset[Phrase]) -> Sequence[AliasTarget]:
        """Who goes by these phrases; two phrases are an office and what it is of."""
        if any(phrase in self._own for phrase in terms):
            return ()
        return self._index.called(terms)

    def in_offices(self, phrase: Phrase) -> bool:
        """Whether a phrase is one of the two that make up an office."""
        return self._index.in_offices(phrase)

    def longest(self, stem: str) -> int:
        """The number of words in the longest known phrase that begins with this stem; 0 if none."""
        return max(self.synonyms.longest(stem), self._index.longest_called(stem))

    def aliases(self) -> Iterable[tuple[str, Alias]]:
        """Each active alias, with the path of the document in which it holds."""
        for path, alias in self._index.aliases():
            if not any(phrase in self._own for phrase in alias.terms):
                yield path, alias


def subject_of(title: str) -> Phrase:
    """What a document with this title is about: "vim" for "The Vim FAQ"; "" if it does not say."""
    content = (word.term for word in words(title) if word.is_content)
    return " ".join(term for term in content if term not in OFTEN_A_DOCUMENT)
