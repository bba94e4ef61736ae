"""tantivy over passages on disk: which of a million have the words, in a millisecond or two."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import tantivy
from tantivy import Occur, Query

from bot.errors import EngineError, IndexBusy, IndexDamaged

# What the writer may hold in memory before it writes a segment: passages to index, and words.
HEAP, HEAP_OF_WORDS = 64_000_000, 16_000_000
# Within one or two letters of a word there are no more words than this.
MAX_FUZZY = 1000

_TERMS = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


class Entry(NamedTuple):
    """A passage to index: its id, its document, the names it may be narrowed by, its terms."""

    id: int
    document: int
    places: Sequence[str]
    terms: str


class DiskEngine:
    """The index as it is now; what is written meanwhile, another sees.

    Scores are tantivy's, with its k1 of 1.2 and lengths in a byte: good enough to find a hundred
    passages among which the best ten are, and never to order them.
    """

    def __init__(self, folder: Path) -> None:
        with _damage():
            passages, words = _open(folder)
            self._schema, self._words_schema = passages.schema, words.schema
            self._passages, self._words = passages.searcher(), words.searcher()

    def candidates(self, weights: Mapping[str, float], most: int, within: str | None) -> list[int]:
        """The ids of the passages that score highest by the weighted sum of their terms."""
        terms = [(term, weight) for term, weight in weights.items() if weight > 0]
        if not terms:
            return []
        asked = Query.boolean_query(
            [(Occur.Should, self._weighted(term, weight)) for term, weight in terms]
        )
        if within is not None:
            place = Query.term_query(self._schema, "place", within, index_option="basic")
            only = Query.const_score_query(place, 0.0)
            asked = Query.boolean_query([(Occur.Must, asked), (Occur.Must, only)])
        with _damage():
            hits = self._passages.search(asked, most, count=False).hits
            ids = self._passages.fast_field_values("id", [address for _, address in hits])
        return [int(number) for number in ids if number is not None]

    def near(self, word: str, errors: int) -> list[str]:
        """The words within so many errors of a word: a letter more, less, another, two swapped."""
        query = Query.fuzzy_term_query(self._words_schema, "word", word, errors)
        with _damage():
            hits = self._words.search(query, MAX_FUZZY, count=False).hits
            found = (self._words.doc(address).get_first("word") for _, address in hits)
            return sorted({str(other) for other in found})

    def _weighted(self, term: str, weight: float) -> Query:
        query = Query.term_query(self._schema, "terms", term, index_option="freq")
        return query if weight == 1.0 else Query.boost_query(query, weight)


class DiskWriter:
    """Writes an index; only one process may. Raises IndexBusy when another one does."""

    def __init__(self, folder: Path) -> None:
        with _damage():
            passages, words = _open(folder)
            self._passages = passages.writer(HEAP, num_threads=1)
            self._words = words.writer(HEAP_OF_WORDS, num_threads=1)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add passages."""
        with _damage():
            for entry in entries:
                document = tantivy.Document()
                document.add_unsigned("id", entry.id)
                document.add_text("document", str(entry.document))
                document.add_text("terms", entry.terms)
                for name in entry.places:
                    document.add_text("place", name)
                self._passages.add_document(document)

    def add_words(self, words: Iterable[str]) -> None:
        """Add words that a misspelt one may be meant to be."""
        with _damage():
            for word in words:
                document = tantivy.Document()
                document.add_text("word", word)
                self._words.add_document(document)

    def remove(self, documents: Iterable[int]) -> None:
        """Remove all passages of some documents."""
        with _damage():
            for number in documents:
                # By a text: on a number field tantivy deletes nothing, and says nothing.
                self._passages.delete_documents_by_term("document", str(number))

    def commit(self) -> None:
        """What was added and removed is now in force, on the disk."""
        with _damage():
            self._words.commit()
            self._passages.commit()

    def close(self) -> None:
        """Let the merging of small segments end, and another process write."""
        with _damage():
            self._words.wait_merging_threads()
            self._passages.wait_merging_threads()


def _open(folder: Path) -> tuple[tantivy.Index, tantivy.Index]:
    """The index of passages and that of words, made where there is none."""
    passages = tantivy.SchemaBuilder()
    passages.add_unsigned_field("id", fast=True)
    passages.add_text_field("document", tokenizer_name="raw", index_option="basic")
    passages.add_text_field("place", tokenizer_name="raw", index_option="basic")
    passages.add_text_field("terms", tokenizer_name="terms", index_option="freq")
    words = tantivy.SchemaBuilder()
    words.add_text_field("word", stored=True, tokenizer_name="raw", index_option="basic")
    opened = []
    for name, schema in (("passages", passages.build()), ("words", words.build())):
        path = folder / name
        path.mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(schema, str(path))
        index.register_tokenizer("terms", _TERMS)
        opened.append(index)
    return opened[0], opened[1]


@contextmanager
def _damage() -> Iterator[None]:
    """What tantivy cannot do becomes an error that says what is wrong.

    It says it in a ValueError, or it panics.
    """
    try:
        yield
    except Exception as error:
        if "Lock" in str(error):
            raise IndexBusy("another process writes the index") from error
        if "os error" in str(error) or isinstance(error, OSError):
            raise EngineError(f"the index cannot be read or written ({error})") from error
        raise IndexDamaged(f"the index is damaged ({error})") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise IndexDamaged(f"the index is damaged ({error})") from error
