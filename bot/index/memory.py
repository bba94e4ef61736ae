"""A small corpus, indexed in memory in a moment: rank-bm25 finds its passages."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from bot.documents.reader import Corpus
from bot.documents.scope import names_of
from bot.english.aliases import Alias
from bot.english.spelling import Speller
from bot.english.synonyms import Phrase, shipped
from bot.index import MAX_ALIAS_TARGETS, AliasTarget
from bot.index.analysis import Analysis, analyse
from bot.index.bm25 import MemoryEngine
from bot.index.profile import Profile, aliases_of, profile


class MemoryIndex:
    """The index of a corpus in memory."""

    def __init__(self, corpus: Corpus) -> None:
        titled = len(corpus.documents) > 1
        self._documents = corpus.documents
        self._analyses = {
            document.path: [
                analyse(passage, titled=titled) for passage in corpus.passages_of(document.path)
            ]
            for document in corpus.documents
        }
        self._all = [analysis for found in self._analyses.values() for analysis in found]
        self._engine = MemoryEngine([analysis.terms for analysis in self._all])
        self.size = len(self._all)
        self.average = sum(len(analysis.terms) for analysis in self._all) / max(1, self.size)

    def frequency(self, term: str) -> int:
        """In how many passages a term stands."""
        return self._engine.frequency(term)

    def candidates(
        self, weights: Mapping[str, float], most: int, within: str | None
    ) -> list[Analysis]:
        """The passages that score highest by the weighted sum of their terms."""
        among = None if within is None else self._places.get(within, frozenset())
        return [self._all[position] for position in self._engine.candidates(weights, most, among)]

    def beginning(self, most: int, within: str | None) -> list[Analysis]:
        """The first passages, of a document or folder or of all."""
        if within is None:
            return self._all[:most]
        return [self._all[position] for position in sorted(self._places[within])[:most]]

    def has_place(self, name: str) -> bool:
        """Whether a document or folder has this name."""
        return name in self._places

    def is_name(self, term: str) -> bool:
        """Whether the corpus always writes a term with a capital."""
        return term in self._names

    def nearest(self, word: str) -> str | None:
        """The word of the corpus that a misspelt one was meant to be."""
        return self._speller.nearest(word)

    def called(self, terms: frozenset[Phrase]) -> Sequence[AliasTarget]:
        """Who is called so, those first whom most documents call so."""
        return self._called.get(terms, ())

    def in_offices(self, phrase: Phrase) -> bool:
        """Whether a phrase is one of two that make an office."""
        return phrase in self._in_offices

    def longest_called(self, stem: str) -> int:
        """How many words the longest has, of what somebody is called, that begins with this."""
        called = (phrase for terms in self._called if len(terms) == 1 for phrase in terms)
        return max((p.count(" ") + 1 for p in called if p.startswith(f"{stem} ")), default=0)

    def close(self) -> None:
        """Nothing is held open."""

    def aliases(self) -> Iterable[tuple[str, Alias]]:
        """Each alias, with the document in which it holds."""
        return ((path, alias) for path, found in self._aliases.items() for alias in found)

    @cached_property
    def _places(self) -> dict[str, frozenset[int]]:
        """The positions of the passages in each document and folder, by every name it has."""
        found: dict[str, set[int]] = {}
        start = 0
        for document in self._documents:
            end = start + len(self._analyses[document.path])
            for name in names_of(document):
                found.setdefault(name, set()).update(range(start, end))
            start = end
        return {name: frozenset(positions) for name, positions in found.items()}

    @cached_property
    def _profiles(self) -> list[Profile]:
        return [profile(found) for found in self._analyses.values()]

    @cached_property
    def _names(self) -> frozenset[str]:
        capital = frozenset().union(*(one.capital for one in self._profiles))
        return capital.difference(*(one.small for one in self._profiles))

    @cached_property
    def _speller(self) -> Speller:
        counts: Counter[str] = Counter()
        for one in self._profiles:
            counts.update(one.words)
        return Speller(counts)

    @cached_property
    def _aliases(self) -> dict[str, list[Alias]]:
        is_common = shipped().begins
        return {path: aliases_of(found, is_common) for path, found in self._analyses.items()}

    @cached_property
    def _called(self) -> dict[frozenset[Phrase], list[AliasTarget]]:
        found: dict[frozenset[Phrase], dict[Phrase, tuple[list[str], set[str]]]] = {}
        for path, known in self._aliases.items():
            for alias in known:
                names, paths = found.setdefault(alias.terms, {}).setdefault(
                    alias.found_as, ([], set())
                )
                names.append(alias.name)
                paths.add(path)
        return {terms: _most_called(by_name) for terms, by_name in found.items()}

    @cached_property
    def _in_offices(self) -> frozenset[Phrase]:
        return frozenset(phrase for terms in self._called if len(terms) == 2 for phrase in terms)


def _most_called(found: Mapping[Phrase, tuple[list[str], set[str]]]) -> list[AliasTarget]:
    first = sorted(found.items(), key=lambda entry: (-len(entry[1][1]), entry[0]))[
        :MAX_ALIAS_TARGETS
    ]
    return [
        AliasTarget(min(names), found_as, frozenset(paths)) for found_as, (names, paths) in first
    ]
