"""The catalog of a corpus: documents, passages, words and names, in SQLite.

The catalog is the source of truth, and the engine's index only leads to it: a search engine has no
counters and no transactions over several tables. A catalog that is open for reading is a snapshot,
whatever is written meanwhile. An engine may store the passages instead; then the catalog holds
everything else, and is small.
"""

import json
import sqlite3
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple, overload

from bot.errors import EngineError, IndexDamaged
from bot.index.rows import COLUMNS, PassageRow, row_from
from bot.model import Document, Lead, Passage

TABLES = f"""
    create table if not exists facts (name text primary key, value) without rowid;
    create table if not exists files (
        name text primary key, state text, hash text, problem text, document integer, warnings text
    ) without rowid;
    create table if not exists documents (
        id integer primary key, path text unique, title text, url text, date text, author text,
        rights text, length integer, paragraphs integer, owner text, review text
    );
    create table if not exists passages (
        id integer primary key, document integer,
        {", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())}
    );
    create unique index if not exists of_document on passages (document, number);
    create table if not exists terms (
        term text primary key, passages integer, capital integer, small integer
    ) without rowid;
    create table if not exists words (word text primary key, count integer) without rowid;
    create table if not exists aliases (
        called text, found_as text, document integer, name text, written text, longest integer,
        primary key (called, found_as, document, name)
    ) without rowid;
    create index if not exists aliases_of on aliases (document);
    create table if not exists offices (
        phrase text, document integer, primary key (phrase, document)
    ) without rowid;
    create index if not exists offices_of on offices (document);
    create table if not exists scopes (
        name text, document integer, primary key (name, document)
    ) without rowid;
    create index if not exists scopes_of on scopes (document);
    create table if not exists tombstones (document integer primary key);
"""
# Separates the two phrases of an alias in one column.
BETWEEN = "\t"
# Size of the cache of documents, which are kept without their text.
MAX_DOCUMENTS = 1_000
# SQLite's own page cache, in KiB, and how much of the file is memory-mapped, in bytes: SQLite's
# upper limit. Copying a hundred pages of a large file takes 3.6 ms, reading them in place 0.5 ms.
_CACHE = 16_000
_MAPPED = 0x7FFF0000


class Beginning(NamedTuple):
    """The first `passages` passages of the document with this id and path."""

    document: int
    path: str
    passages: int


class Origin(NamedTuple):
    """Where the passage with this id comes from: its file, the file's hash, its number there.

    Two passages with the same file, hash and number have the same text, also in another index.
    """

    id: int
    file: str
    hash: str
    number: int


class PassageText:
    """A document's text of which only a passage and its leads are in memory.

    It can be sliced like the whole text of `length` characters. `parts` are pairs of an offset and
    the text there. A slice outside of all parts raises ValueError.
    """

    def __init__(self, length: int, parts: Sequence[tuple[int, str]] = ()) -> None:
        self._length, self._parts = length, parts

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, stretch: slice, /) -> str:
        first, last, _ = stretch.indices(self._length)
        for start, text in self._parts:
            if start <= first <= last <= start + len(text):
                return text[first - start : last - start]
        raise ValueError("only the words of this passage and its leads are at hand")


class Catalog:
    """A read-only snapshot of a catalog. Thread-safe; one query runs at a time.

    `elsewhere` reads passages that are not stored in this file, those of each Beginning in turn.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        elsewhere: Callable[[Sequence[Beginning]], list[PassageRow]] | None = None,
    ) -> None:
        self._db, self._passages = db, elsewhere or self._here
        self._lock = RLock()
        self._facts = dict(self.rows("select name, value from facts"))
        self._document = lru_cache(MAX_DOCUMENTS)(self._read_document)
        self.documents: Sequence[Document] = _Documents(self)

    @classmethod
    def at(
        cls,
        file: Path,
        elsewhere: Callable[[Sequence[Beginning]], list[PassageRow]] | None = None,
    ) -> "Catalog":
        """Open the catalog in a file. Raises EngineError when it cannot be read."""
        with damage():
            db = sqlite3.connect(
                f"{file.absolute().as_uri()}?mode=rw",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            db.execute(f"pragma cache_size = -{_CACHE}")
            db.execute(f"pragma mmap_size = {_MAPPED}")
            db.execute("begin")
        return cls(db, elsewhere)

    def close(self) -> None:
        """Release the snapshot, so that space deleted since then can be reused."""
        with self._lock:
            self._db.close()

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query. Raises EngineError when the file is damaged."""
        try:  # not damage(), which takes as long as a short query
            with self._lock:
                return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise _said(error) from error

    def value(self, query: str, values: Sequence[Any] = ()) -> Any:
        """The first column of a query's first row, or None."""
        found = self.rows(query, values)
        return found[0][0] if found else None

    def fact(self, name: str, default: Any) -> Any:
        """A fact stored about the whole catalog, or `default`."""
        return self._facts.get(name, default)

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each file that could not be read: what is wrong and how to fix it."""
        found = self.rows("select problem from files where problem != '' order by name")
        return tuple(problem for (problem,) in found)

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each thing in an indexed document that was ignored or guessed."""
        found = self.rows("select warnings from files where warnings != '' order by name")
        return tuple(line for (warnings,) in found for line in warnings.split("\n"))

    @property
    def not_read(self) -> dict[str, int]:
        """How many files are not of a readable kind, by suffix."""
        return dict(json.loads(self.fact("not_read", "{}")))

    def overdue(self, today: str) -> list[str]:
        """The paths of documents whose review date is before `today`, an ISO date."""
        query = """
            select path from documents
            where review glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' and review < ?
            order by path"""
        return [path for (path,) in self.rows(query, (today,))]

    def states(self) -> dict[str, str]:
        """The state of each file when it was indexed, by name."""
        return dict(self.rows("select name, state from files"))

    # Passages

    def passages_of(self, path: str) -> tuple[Passage, ...]:
        """The passages of a document, in order; none if there is no such document."""
        rows = self.rows_at(path)
        documents = self._where("path = ?", (path,))
        return tuple(_passage(row, document) for document in documents for row in rows)

    def rows_at(self, path: str) -> list[PassageRow]:
        """The rows of a document's passages, in order."""
        query = "select id, path, paragraphs from documents where path = ?"
        return self._passages([Beginning(*found) for found in self.rows(query, (path,))])

    def passage(self, row: PassageRow) -> Passage:
        """The passage of a row."""
        return _passage(row, self._document(row.document))

    def _read_document(self, path: str) -> Document:
        [document] = self._where("path = ?", (path,))
        return document

    def first(self, most: int, scope: str | None) -> list[PassageRow]:
        """The first `most` passages in the order of paths, of all documents or those in a scope."""
        named = "id in (select document from scopes where name = ?)" if scope else "true"
        query = f"select id, path, paragraphs from documents where {named} order by path limit ?"
        wanted: list[Beginning] = []
        for document, path, paragraphs in self.rows(query, (scope, most) if scope else (most,)):
            wanted.append(Beginning(document, path, min(paragraphs, most)))
            most -= paragraphs
            if most <= 0:
                break
        return self._passages(wanted)

    def by_id(self, ids: Sequence[int]) -> list[tuple[Any, ...]]:
        """The id, document, path and COLUMNS of each existing passage, in any order."""
        return self.rows(f"{_ROW} where p.id in ({marks(ids)})", ids)

    def ids(self) -> list[int]:
        """The ids of all passages, in the order of `first`."""
        query = """
            select p.id from passages p join documents d on d.id = p.document
            order by d.path, p.number"""
        return [number for (number,) in self.rows(query)]

    def origins(self) -> list[Origin]:
        """Where each passage comes from, in the order of ids."""
        query = """
            select p.id, f.name, f.hash, p.number
            from passages p join files f on f.document = p.document order by p.id"""
        return [Origin(*found) for found in self.rows(query)]

    def indexed_files(self) -> list[tuple[Any, ...]]:
        """The id of each document, its file's name and hash, and its number of passages."""
        return self.rows("""
            select d.id, f.name, f.hash, d.paragraphs
            from documents d join files f on f.document = d.id order by d.id""")

    def words_of(self, ids: Sequence[int]) -> list[tuple[Any, ...]]:
        """The id, document and words of each existing passage, in any order."""
        query = "select id, document, above, own, joined from passages"
        return self.rows(f"{query} where id in ({marks(ids)})", ids)

    def _here(self, wanted: Sequence[Beginning]) -> list[PassageRow]:
        query = f"{_ROW} where p.document = ? and p.number <= ? order by p.number"
        return [
            row_from(key, path, values)
            for document, _, passages in wanted
            for _, key, path, *values in self.rows(query, (document, passages))
        ]

    def _where(
        self, condition: str, values: Sequence[Any], most: int = -1, after: int = 0
    ) -> list[Document]:
        query = f"""
            select path, title, url, date, author, rights, paragraphs, owner, review, length
            from documents
            where {condition} order by path limit ? offset ?"""
        return [
            Document(path, PassageText(length), *about)
            for path, *about, length in self.rows(query, (*values, most, after))
        ]

    # Words and names

    def frequency(self, term: str) -> int:
        """The number of passages that have a term."""
        return self.value("select passages from terms where term = ?", (term,)) or 0

    def is_name(self, term: str) -> bool:
        """Whether the corpus always capitalizes a term, also within sentences."""
        query = "select capital > 0 and small = 0 from terms where term = ?"
        return bool(self.value(query, (term,)))

    def count(self, word: str) -> int:
        """How often a plain word occurs."""
        return self.value("select count from words where word = ?", (word,)) or 0

    def words(self) -> str:
        """Every plain word that occurs, one a line."""
        return self.value("select group_concat(word, char(10)) from words where count > 0") or ""

    def has_scope(self, name: str) -> bool:
        """Whether a document or folder has this name."""
        return self.value("select 1 from scopes where name = ? limit 1", (name,)) is not None

    def in_a_path(self, word: str) -> bool:
        """Whether the path of any document contains a word."""
        found = "select 1 from documents where instr(lower(path), ?) limit 1"
        return self.value(found, (word,)) is not None

    def within(self, name: str) -> frozenset[int]:
        """The ids of the documents with this name, or in the folder with this name."""
        found = self.rows("select document from scopes where name = ?", (name,))
        return frozenset(document for (document,) in found)

    def called(self, called: str, most: int) -> list[tuple[str, str]]:
        """Whom an alias may mean, as (name, stems); first those whom most documents call so."""
        query = """
            select min(name), found_as from aliases where called = ?
            group by found_as order by count(distinct document) desc, found_as limit ?"""
        return [(name, found_as) for name, found_as in self.rows(query, (called, most))]

    def calling(self, called: str, found_as: str) -> Container[object]:
        """The ids of the documents in which an alias means this person."""
        return _Calling(self, called, found_as)

    def in_offices(self, phrase: str) -> bool:
        """Whether a phrase is one of the two phrases of an office."""
        query = "select 1 from offices where phrase = ? limit 1"
        return self.value(query, (phrase,)) is not None

    def longest_called(self, stem: str) -> int:
        """The number of words of the longest alias that begins with this stem; 0 for none."""
        query = "select max(longest) from aliases where called > ? and called < ?"
        return self.value(query, (f"{stem} ", f"{stem}!")) or 0

    def aliases(self) -> list[tuple[Any, ...]]:
        """Each alias: the document's path, the alias as stems and as written, and whom it means."""
        return self.rows("""
            select path, called, written, name from aliases join documents on id = document
            order by path, called, found_as""")


class LoadedCatalog(Catalog):
    """A small catalog, with frequent lookups cached in dicts; a query takes 4 µs."""

    def __init__(self, db: sqlite3.Connection) -> None:
        super().__init__(db)
        self._passages_with: dict[str, int] = dict(self.rows("select term, passages from terms"))
        names = self.rows("select term from terms where capital > 0 and small = 0")
        self._names = {term for (term,) in names}
        self._offices = {phrase for (phrase,) in self.rows("select phrase from offices")}
        self._called: set[str] = set()
        self._longest: dict[str, int] = {}
        for called, longest in self.rows("select distinct called, longest from aliases"):
            self._called.add(called)
            stem = called.rpartition(" ")[0]
            while stem and longest:
                self._longest[stem] = max(longest, self._longest.get(stem, 0))
                stem = stem.rpartition(" ")[0]

    def frequency(self, term: str) -> int:
        """The number of passages that have a term."""
        return self._passages_with.get(term, 0)

    def is_name(self, term: str) -> bool:
        """Whether the corpus always capitalizes a term, also within sentences."""
        return term in self._names

    def called(self, called: str, most: int) -> list[tuple[str, str]]:
        """Whom an alias may mean, as (name, stems); first those whom most documents call so."""
        return super().called(called, most) if called in self._called else []

    def calling(self, called: str, found_as: str) -> Container[object]:
        """The ids of the documents in which an alias means this person."""
        query = "select document from aliases where called = ? and found_as = ?"
        return frozenset(document for (document,) in self.rows(query, (called, found_as)))

    def in_offices(self, phrase: str) -> bool:
        """Whether a phrase is one of the two phrases of an office."""
        return phrase in self._offices

    def longest_called(self, stem: str) -> int:
        """The number of words of the longest alias that begins with this stem; 0 for none."""
        return self._longest.get(stem, 0)


_ROW = f"""
    select p.id, d.id, d.path, {", ".join(f"p.{name}" for name in COLUMNS)}
    from passages p join documents d on d.id = p.document"""


def called_as(terms: frozenset[str]) -> str:
    """The one or two phrases of an alias as they are stored in one column."""
    return BETWEEN.join(sorted(terms))


def marks(values: Sequence[object]) -> str:
    """A question mark for each value, for an SQL query."""
    return ",".join("?" * len(values))


def _passage(row: PassageRow, document: Document) -> Passage:
    parts = [(row.start, row.text), *((lead.start, lead.text) for lead in row.leads)]
    whole = replace(document, text=PassageText(len(document.text), parts))
    end = row.start + len(row.text)
    leads = tuple(Lead(*lead[:3]) for lead in row.leads)
    place = (row.number, row.lines, row.headings, row.pages, row.anchor)
    about = (row.points, row.kind, leads, row.items, row.more)
    return Passage(whole, row.start, end, *place, *about)


class _Calling(Container[object]):
    """The documents in which an alias means a person; each membership test is a query."""

    def __init__(self, catalog: Catalog, called: str, found_as: str) -> None:
        self._catalog, self._asked = catalog, (called, found_as)

    def __contains__(self, document: object) -> bool:
        query = """
            select 1 from aliases where called = ? and found_as = ? and document = ? limit 1"""
        return self._catalog.value(query, (*self._asked, document)) is not None


class _Documents(Sequence[Document]):
    """The documents in the order of their paths, read on access."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def __len__(self) -> int:
        return int(self._catalog.value("select count(*) from documents"))

    def __iter__(self) -> Iterator[Document]:
        return iter(self._catalog._where("true", ()))

    @overload
    def __getitem__(self, place: int) -> Document: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Document]: ...
    def __getitem__(self, place: int | slice) -> Document | Sequence[Document]:
        if isinstance(place, slice):
            first, last, step = place.indices(len(self))
            return self._catalog._where("true", (), max(0, last - first), first)[::step]
        found = self._catalog._where("true", (), 1, place if place >= 0 else place + len(self))
        if not found or place < -len(self):
            raise IndexError("no such document")
        return found[0]


@contextmanager
def damage() -> Iterator[None]:
    """Translate SQLite's errors into an EngineError that says what to fix."""
    try:
        yield
    except sqlite3.Error as error:
        raise _said(error) from error


def _said(error: sqlite3.Error) -> EngineError:
    if isinstance(error, sqlite3.OperationalError):
        return EngineError.unusable(error)
    return IndexDamaged.corrupt(error)
