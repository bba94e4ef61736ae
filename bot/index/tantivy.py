"""The index of a corpus on disk: tantivy proposes candidates, the catalog holds the data."""

import logging
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import tantivy
from tantivy import Occur, Query

from bot.documents.folder import Listing
from bot.errors import EngineError, IndexBusy, IndexDamaged
from bot.index import FORMAT, Index, builder
from bot.index.analysis import Analysis, PassageDetail, Words
from bot.index.builder import Builder, CatalogPassages, Look, Progress
from bot.index.catalog import Catalog
from bot.index.catalog_writer import CatalogWriter
from bot.index.preparing import Preparer
from bot.index.rows import PassageRow, row_from
from bot.store.files import keep_private

logger = logging.getLogger(__name__)

# Attempts to open catalog and engine in the same state, while another process writes.
TRIES = 20

CATALOG = "catalogue.sqlite"

# In bytes: how much the writers of passages and of words buffer before they write a segment.
HEAP, HEAP_OF_WORDS = 64_000_000, 16_000_000
# Passages whose details are read at a time.
AT_A_TIME = 6
# There are at most this many words within one or two edits of a word.
MAX_FUZZY = 1000

_TERMS = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


class Entry(NamedTuple):
    """A passage to index. `scopes` are the names for `in:NAME` that include it."""

    id: int
    document: int
    scopes: Sequence[str]
    terms: str


class TantivySearcher:
    """A read-only snapshot of the engine's index.

    Scores are tantivy's, with k1 1.2 and lengths rounded to a byte. They are good enough to find
    a hundred candidates that include the best ten passages, and are never used to rank them.
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
            scope = Query.term_query(self._schema, "place", within, index_option="basic")
            only = Query.const_score_query(scope, 0.0)
            asked = Query.boolean_query([(Occur.Must, asked), (Occur.Must, only)])
        with _damage():
            hits = self._passages.search(asked, most, count=False).hits
            ids = self._passages.fast_field_values("id", [address for _, address in hits])
        return [int(number) for number in ids if number is not None]

    def fuzzy(self, word: str, errors: int) -> list[str]:
        """The words within an edit distance: a letter added, removed, replaced or two swapped."""
        query = Query.fuzzy_term_query(self._words_schema, "word", word, errors)
        with _damage():
            hits = self._words.search(query, MAX_FUZZY, count=False).hits
            found = (self._words.doc(address).get_first("word") for _, address in hits)
            return sorted({str(other) for other in found})

    def _weighted(self, term: str, weight: float) -> Query:
        query = Query.term_query(self._schema, "terms", term, index_option="freq")
        return query if weight == 1.0 else Query.boost_query(query, weight)


class TantivyWriter:
    """Writes an index. Raises IndexBusy when another process has it open for writing."""

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
                for name in entry.scopes:
                    document.add_text("place", name)
                self._passages.add_document(document)

    def add_words(self, words: Iterable[str]) -> None:
        """Add words for spelling correction."""
        with _damage():
            for word in words:
                document = tantivy.Document()
                document.add_text("word", word)
                self._words.add_document(document)

    def remove(self, documents: Iterable[int]) -> None:
        """Remove all passages of some documents."""
        with _damage():
            for number in documents:
                # A text field, since on a number field tantivy silently deletes nothing.
                self._passages.delete_documents_by_term("document", str(number))

    def commit(self) -> None:
        """Write what was added and removed to disk, and make it visible."""
        with _damage():
            self._words.commit()
            self._passages.commit()

    def close(self) -> None:
        """Wait until segments are merged, and let another process write."""
        with _damage():
            self._words.wait_merging_threads()
            self._passages.wait_merging_threads()


class TantivyIndex(Index):
    """The index of a corpus on disk, in the state in which it was opened."""

    def __init__(self, folder: Path) -> None:
        catalog, self._engine = _in_one_state(folder)
        super().__init__(catalog)

    @property
    def state(self) -> int:
        """A number that changes with every write."""
        return int(self.catalog.fact("state", 0))

    def candidates(
        self, weights: Mapping[str, float], most: int, within: str | None
    ) -> list[Analysis]:
        """The passages that score highest by the weighted sum of their terms."""
        return self.by_id(self._engine.candidates(weights, most, within))

    def by_id(self, ids: Sequence[int]) -> list[Analysis]:
        """The passages with these ids of the catalog."""
        details = _Details(self.catalog, ids)
        return [
            Analysis(document, Words(*words), partial(details.of, number), number)
            for number, document, *words in self.catalog.words_of(ids)
        ]

    def fuzzy(self, word: str, errors: int) -> list[str]:
        """The words within an edit distance of a word."""
        return self._engine.fuzzy(word, errors)


class _Details:
    """The details of a question's candidates, read a few at a time.

    They are read ahead in the engine's order, since its first candidates are usually examined.
    """

    def __init__(self, catalog: Catalog, ids: Sequence[int]) -> None:
        self._catalog, self._left = catalog, dict.fromkeys(ids)
        self._rows: dict[int, tuple[Any, ...]] = {}

    def of(self, number: int) -> PassageDetail:
        """The details of the passage with this id."""
        if number not in self._rows:
            wanted = dict.fromkeys((number, *islice(self._left, AT_A_TIME)))
            for found in self._catalog.by_id(list(wanted)):
                self._rows[found[0]] = found
            for one in wanted:
                self._left.pop(one, None)
        _, key, path, *values = self._rows[number]
        row = row_from(key, path, values)
        return row.detail(cache(partial(self._catalog.passage, row)))


def _in_one_state(folder: Path) -> tuple[Catalog, TantivySearcher]:
    """Open the catalog and the engine in the same state, though another process may write.

    Raises IndexDamaged for another format, IndexBusy for an unfinished index, and EngineError if
    the index changed during every attempt.
    """
    for _ in range(TRIES):
        catalog = Catalog.at(folder / CATALOG)
        engine = TantivySearcher(folder)
        now = Catalog.at(folder / CATALOG)
        same = now.fact("state", None) == catalog.fact("state", None)
        now.close()
        if same:
            if catalog.fact("format", None) != FORMAT:
                raise IndexDamaged.other_version()
            if not catalog.fact("complete", 0):
                raise IndexBusy.unfinished(folder)
            return catalog, engine
        catalog.close()
    raise EngineError.changing(folder)


class _TantivyPassages(CatalogPassages):
    """Passages whose rows are in the catalog and whose terms are in the engine."""

    def __init__(self, catalog: CatalogWriter, engine: TantivyWriter) -> None:
        super().__init__(catalog)
        self._engine = engine

    def add(self, number: int, rows: Sequence[PassageRow], scopes: Sequence[str]) -> None:
        """Add a document's passages; `scopes` are names for `in:NAME` that include it."""
        ids = self._catalog.add_passages(number, rows)
        self._engine.add(
            Entry(key, number, scopes, row.terms) for key, row in zip(ids, rows, strict=True)
        )

    def add_words(self, words: Iterable[str]) -> None:
        """Add words for spelling correction."""
        self._engine.add_words(words)

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove the passages of some documents."""
        self._engine.remove(numbers)

    def commit(self) -> None:
        """Write what was added and removed to disk, and make it visible."""
        self._engine.commit()


class TantivyBuilder:
    """Brings an index up to date with a folder.

    Raises IndexBusy when another process has it open for writing, IndexDamaged for an index of
    another format, and EngineError when the folder of the index cannot be made.
    """

    def __init__(self, index: Path, preparer: Preparer | None = None) -> None:
        try:
            index.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineError.no_place(index, error) from error
        self._engine = TantivyWriter(index)
        self._catalog = CatalogWriter(index / CATALOG)
        self._builder = Builder(
            self._catalog, _TantivyPassages(self._catalog, self._engine), preparer
        )

    def close(self) -> None:
        """Let another process write."""
        self._catalog.close()
        self._engine.close()

    def update(self, found: Listing, *, keep: bool, progress: Progress | None = None) -> bool:
        """Index what changed since the last update; returns whether anything did.

        With `keep`, a file that cannot be read any more keeps its last readable version.
        """
        return self._builder.update(found, keep=keep, progress=progress)


class TantivyBackend:
    """Indexes documents on disk. One process writes; others read what it wrote."""

    name = "disk"

    def __init__(self, index: Path, progress: Progress, preparer: Preparer) -> None:
        self._index, self._progress, self._preparer = index, progress, preparer
        self._builder: TantivyBuilder | None = None
        self._opened: TantivyIndex | None = None
        keep_private(index)

    def refresh(self, look: Look) -> TantivyIndex | None:
        """A new index if the documents changed, else None."""
        first, found = self._opened is None, look()
        try:
            if not is_current(found, self._index):
                self._update(found, keep=not first)
        except IndexBusy:
            logger.info("another process writes the index; it is read as it is")
        except IndexDamaged as error:
            if not first:
                raise
            logger.warning("%s; rebuilding it", error)
            return self.rebuild(look)
        return self._open()

    def news(self) -> None:
        """Nothing to do: `refresh` sees what other processes wrote."""

    def rebuild(self, look: Look) -> TantivyIndex:
        """Delete the index and rebuild it from the documents."""
        self.close()
        throw_away(self._index)
        self._opened = None
        self._update(look(), keep=False)
        opened = self._open()
        assert opened is not None
        return opened

    def close(self) -> None:
        """Let other processes write."""
        if self._builder is not None:
            self._builder.close()
            self._builder = None

    def _update(self, found: Listing, *, keep: bool) -> None:
        if self._builder is None:
            self._builder = TantivyBuilder(self._index, self._preparer)
        try:
            self._builder.update(found, keep=keep, progress=self._progress)
        except BaseException:
            self.close()
            raise

    def _open(self) -> TantivyIndex | None:
        """The index, or None if its state was opened before."""
        opened = TantivyIndex(self._index)
        if self._opened is not None and opened.state == self._opened.state:
            opened.close()
            return None
        self._opened = opened
        return opened


def is_current(found: Listing, index: Path) -> bool:
    """Whether an index matches what was found in the folder. Raises IndexDamaged."""
    if not (index / CATALOG).is_file():
        return False
    catalog = Catalog.at(index / CATALOG)
    try:
        return builder.is_current(catalog, found)
    finally:
        catalog.close()


def index_folder(folder: Path, data: Path, audience: str = "") -> Path:
    """The path of the index for a folder of documents and an audience, below the data folder."""
    whole = Path(os.path.realpath(folder))  # a symlink loop is reported later
    told_by = (whole.name, sha256(os.fsencode(whole)).hexdigest()[:8], audience)
    return data / "index" / "-".join(filter(None, told_by))


def throw_away(index: Path) -> None:
    """Delete an index that cannot be used."""
    shutil.rmtree(index, ignore_errors=True)


def _open(folder: Path) -> tuple[tantivy.Index, tantivy.Index]:
    """Open the index of passages and that of words, creating them if needed."""
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
    """Translate tantivy's errors into an EngineError that says what is wrong.

    tantivy raises ValueError, or panics with a BaseException.
    """
    try:
        yield
    except Exception as error:
        if "Lock" in str(error):
            raise IndexBusy.written() from error
        if "os error" in str(error) or isinstance(error, OSError):
            raise EngineError.unusable(error) from error
        raise IndexDamaged.corrupt(error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise IndexDamaged.corrupt(error) from error
