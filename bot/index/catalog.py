"""A corpus on disk: its documents, passages and words in one SQLite file.

SQLite, since a search engine keeps neither a row that is counted up and down, nor two tables that
change together or not at all: what stands here is the truth, and the engine's index only leads to
it. A catalog that is read is one state of the corpus, however it is written to meanwhile. The
passages may be elsewhere, with an engine that keeps them; then this is all else, and small.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple, overload

from bot.documents.scope import names_of
from bot.errors import EngineError, IndexDamaged
from bot.model import Document, Passage

_TABLES = """
    create table if not exists facts (name text primary key, value) without rowid;
    create table if not exists files (
        name text primary key, state text, hash text, problem text, document integer
    ) without rowid;
    create table if not exists documents (
        id integer primary key, path text unique, title text, url text, date text, author text,
        rights text, length integer, paragraphs integer
    );
    create table if not exists passages (
        id integer primary key, document integer, number integer, start integer,
        first_line integer, last_line integer, heading text, page integer, text text,
        above text, own text, joined text, marks blob
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
    create table if not exists places (
        name text, document integer, primary key (name, document)
    ) without rowid;
    create index if not exists places_of on places (document);
    create table if not exists doomed (document integer primary key);
"""
_OF_A_DOCUMENT = ("aliases", "offices", "places")
# Two phrases that are one alias, in one column.
BETWEEN = "\t"
# So much of the file SQLite keeps of its own, in KiB; the rest is the system's page cache, which it
# reads in place: to copy a hundred pages of a large file takes 3.6 ms, to look at them 0.5 ms. As
# much is mapped as SQLite is ever built to.
_CACHE = 16_000
_MAPPED = 0x7FFF0000


class Row(NamedTuple):
    """A passage as it is kept: where it stands, its text, and its words as answering wrote them.

    `key` is its document's id, `document` its path.
    """

    key: int
    document: str
    number: int
    start: int
    lines: tuple[int, int]
    heading: str | None
    page: int | None
    text: str
    words: tuple[str, str, str]
    marks: bytes


class AliasRow(NamedTuple):
    """An alias as it is kept: one phrase or two that are asked, and what they stand for."""

    called: tuple[str, ...]
    found_as: str
    name: str
    written: str


class Counts(NamedTuple):
    """What a document adds to the counts of its corpus, or takes away."""

    passages: int
    length: int
    terms: Mapping[str, int]
    words: Mapping[str, int]
    capital: Iterable[str]
    small: Iterable[str]


class Kept(NamedTuple):
    """What is known of a file: its state and hash, what is wrong with it, and its document."""

    state: str
    hash: str
    problem: str
    document: int | None


class Beginning(NamedTuple):
    """The first passages of a document: so many of the document with this id and path."""

    document: int
    path: str
    passages: int


class PassageText:
    """The part of a document's text that one passage is; no more of it is held in memory."""

    def __init__(self, length: int, start: int = 0, text: str = "") -> None:
        self._length, self._start, self._text = length, start, text

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, stretch: slice, /) -> str:
        first, last, _ = stretch.indices(self._length)
        if first < self._start or last > self._start + len(self._text):
            raise ValueError("only this passage's words are at hand")
        return self._text[first - self._start : last - self._start]


class Catalog:
    """The catalog as it is now. Several threads may read; each waits for the other's row.

    `elsewhere` reads passages that are not in this file, of one beginning after another.
    """

    def __init__(
        self,
        file: Path,
        elsewhere: Callable[[Sequence[Beginning]], list[Row]] | None = None,
    ) -> None:
        self._passages = elsewhere or self._here
        self._lock = RLock()
        with _damage():
            self._db = sqlite3.connect(
                f"{file.absolute().as_uri()}?mode=rw",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            self._db.execute(f"pragma cache_size = -{_CACHE}")
            self._db.execute(f"pragma mmap_size = {_MAPPED}")
            self._db.execute("begin")
        self._facts = dict(self.rows("select name, value from facts"))
        self.documents = _Documents(self)

    def close(self) -> None:
        """Give the state up; what was deleted since can be overwritten."""
        with self._lock:
            self._db.close()

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a query finds. Raises EngineError when the file is damaged."""
        try:
            with self._lock:
                return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise _said(error) from error

    def value(self, query: str, values: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        found = self.rows(query, values)
        return found[0][0] if found else None

    def fact(self, name: str, default: Any) -> Any:
        """What is noted of the whole."""
        return self._facts.get(name, default)

    @property
    def size(self) -> int:
        """How many passages there are."""
        return int(self.fact("passages", 0))

    @property
    def length(self) -> int:
        """How many terms the passages have in all."""
        return int(self.fact("length", 0))

    @property
    def documents_hash(self) -> str:
        """A hash of the documents and the corpus's own list of synonyms."""
        return str(self.fact("hash", ""))

    @property
    def synonyms(self) -> str:
        """The text of the corpus's own list."""
        return str(self.fact("synonyms", ""))

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read, and how to mend it."""
        found = self.rows("select problem from files where problem != '' order by name")
        return tuple(problem for (problem,) in found)

    def passages_of(self, path: str) -> tuple[Passage, ...]:
        """The passages of a document, in their order; none of one that is not there."""
        query = "select id, path, paragraphs from documents where path = ?"
        whole = [Beginning(*found) for found in self.rows(query, (path,))]
        return tuple(self.passage(row) for row in self._passages(whole))

    def beginning(self, most: int) -> Sequence[Passage]:
        """The first passages of the first documents."""
        return [self.passage(row) for row in self.first(most, None)]

    def first(self, most: int, place: str | None) -> list[Row]:
        """The first passages of the first documents, or of those with a name of a place."""
        named = "id in (select document from places where name = ?)" if place else "true"
        query = f"select id, path, paragraphs from documents where {named} order by path limit ?"
        wanted: list[Beginning] = []
        for document, path, paragraphs in self.rows(query, (place, most) if place else (most,)):
            wanted.append(Beginning(document, path, min(paragraphs, most)))
            most -= paragraphs
            if most <= 0:
                break
        return self._passages(wanted)

    def by_id(self, ids: Sequence[int]) -> list[Row]:
        """The passages with these ids, in their order; of one that is gone there is no row."""
        marks = ",".join("?" * len(ids))
        found = {row[0]: _row(row) for row in self.rows(f"{_ROW} where p.id in ({marks})", ids)}
        return [found[number] for number in ids if number in found]

    def words_of(self, ids: Sequence[int]) -> list[tuple[int, int, str, str, str]]:
        """Of the passages that are there, in any order: id, document and words."""
        marks = ",".join("?" * len(ids))
        query = f"select id, document, above, own, joined from passages where id in ({marks})"
        return self.rows(query, ids)

    def passage(self, row: Row) -> Passage:
        """The passage of a row."""
        length = self.value("select length from documents where path = ?", (row.document,))
        [document] = self.documents.where("path = ?", (row.document,))
        text = PassageText(length, row.start, row.text)
        end = row.start + len(row.text)
        return Passage(
            Document(
                document.path,
                text,
                document.title,
                document.url,
                document.date,
                document.author,
                document.rights,
                document.paragraphs,
            ),
            row.start,
            end,
            row.number,
            row.lines,
            row.heading,
            row.page,
        )

    def _here(self, wanted: Sequence[Beginning]) -> list[Row]:
        query = f"{_ROW} where p.document = ? and p.number <= ? order by p.number"
        return [
            _row(row)
            for document, _, passages in wanted
            for row in self.rows(query, (document, passages))
        ]


_ROW = """
    select p.id, d.id, d.path, p.number, p.start, p.first_line, p.last_line, p.heading, p.page,
        p.text, p.above, p.own, p.joined, p.marks
    from passages p join documents d on d.id = p.document"""


def _row(found: tuple[Any, ...]) -> Row:
    _, key, path, number, start, first, last, heading, page, text, *words, marks = found
    above, own, joined = words
    about = (path, number, start, (first, last), heading, page, text)
    return Row(key, *about, (above, own, joined), marks)


class _Documents(Sequence[Document]):
    """The documents in the order of their paths, read when they are asked for."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def __len__(self) -> int:
        return int(self._catalog.value("select count(*) from documents"))

    def __iter__(self) -> Iterator[Document]:
        return iter(self.where("true", ()))

    @overload
    def __getitem__(self, place: int) -> Document: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Document]: ...
    def __getitem__(self, place: int | slice) -> Document | Sequence[Document]:
        if isinstance(place, slice):
            first, last, step = place.indices(len(self))
            return self.where("true", (), max(0, last - first), first)[::step]
        found = self.where("true", (), 1, place if place >= 0 else place + len(self))
        if not found or place < -len(self):
            raise IndexError("no such document")
        return found[0]

    def where(
        self, condition: str, values: Sequence[Any], most: int = -1, after: int = 0
    ) -> list[Document]:
        """The documents that meet a condition."""
        query = f"""
            select path, title, url, date, author, rights, paragraphs, length from documents
            where {condition} order by path limit ? offset ?"""
        return [
            Document(path, PassageText(length), *about)
            for path, *about, length in self._catalog.rows(query, (*values, most, after))
        ]


class CatalogWriter:
    """Writes a catalog. What is written is there all at once, at `commit`, or not at all."""

    def __init__(self, file: Path) -> None:
        with _damage():
            self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
            self._db.execute("pragma journal_mode = wal")
            # A commit is on the disk before the engine deletes what it replaces.
            self._db.execute("pragma synchronous = full")
            self._db.executescript(_TABLES)
        self._terms: Counter[str] = Counter()
        self._capital: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        self._words: Counter[str] = Counter()
        self._sums: Counter[str] = Counter()

    def close(self) -> None:
        """Leave what was committed."""
        self._db.close()

    def fact(self, name: str) -> Any:
        """What is noted of the whole, or None."""
        with _damage():
            found = self._db.execute("select value from facts where name = ?", (name,)).fetchone()
        return found[0] if found else None

    def note(self, **facts: object) -> None:
        """Note facts of the whole."""
        self._many("insert or replace into facts values (?, ?)", facts.items())

    def files(self) -> dict[str, Kept]:
        """Every file that is known."""
        with _damage():
            found = self._db.execute("select name, state, hash, problem, document from files")
            return {name: Kept(*kept) for name, *kept in found}

    def keep(self, name: str, kept: Kept) -> None:
        """Note what is known of a file."""
        self._many("insert or replace into files values (?, ?, ?, ?, ?)", [(name, *kept)])

    def forget(self, name: str) -> None:
        """A file is gone."""
        self._many("delete from files where name = ?", [(name,)])

    def begin(self) -> None:
        """Begin to write."""
        with _damage():
            self._db.execute("begin immediate")

    def commit(self) -> None:
        """Add up what was counted; all of it is now there."""
        changed = sorted({*self._terms, *self._capital, *self._small})
        rows = ((t, self._terms[t], self._capital[t], self._small[t]) for t in changed)
        self._many(
            """insert into terms values (?, ?, ?, ?) on conflict (term) do update set
                passages = passages + excluded.passages, capital = capital + excluded.capital,
                small = small + excluded.small""",
            rows,
        )
        self._many(
            """insert into words values (?, ?)
                on conflict (word) do update set count = count + excluded.count""",
            sorted(self._words.items()),
        )
        for name, value in self._sums.items():
            self.note(**{name: value + (self.fact(name) or 0)})
        with _damage():
            self._db.execute("commit")
        self._uncount()

    def rollback(self) -> None:
        """Nothing was written."""
        self._uncount()
        if self._db.in_transaction:
            self._db.execute("rollback")

    def next_document(self) -> int:
        """A number that no document has had since the last commit."""
        with _damage():
            [found] = self._db.execute(
                "select max(ifnull((select max(id) from documents), 0),"
                " ifnull((select max(document) from doomed), 0))"
            ).fetchone()
        return int(found) + 1

    def unknown(self, words: Iterable[str]) -> list[str]:
        """Those of the words that the catalog has never had."""
        with _damage():
            known = self._db.execute
            query = "select 1 from words where word = ?"
            return [word for word in words if known(query, (word,)).fetchone() is None]

    def add(self, number: int, document: Document, aliases: Iterable[AliasRow]) -> None:
        """Write a document, without its passages."""
        about = (document.url, document.date, document.author, document.rights)
        values = (number, document.path, document.title, *about)
        self._many(
            "insert into documents values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*values, len(document.text), document.paragraphs)],
        )
        listed = [
            (BETWEEN.join(a.called), a.found_as, number, a.name, a.written, _longest(a.called))
            for a in aliases
        ]
        self._many("insert or ignore into aliases values (?, ?, ?, ?, ?, ?)", listed)
        offices = (called.split(BETWEEN) for called, *_ in listed if BETWEEN in called)
        self._many(
            "insert or ignore into offices values (?, ?)",
            ((part, number) for office in offices for part in office),
        )
        names = sorted(names_of(document))
        self._many("insert into places values (?, ?)", ((name, number) for name in names))

    def add_passages(self, number: int, rows: Sequence[Row]) -> range:
        """Write the passages of a document; returns their ids."""
        with _damage():
            [last] = self._db.execute("select ifnull(max(id), 0) from passages").fetchone()
        ids = range(last + 1, last + 1 + len(rows))
        self._many(
            "insert into passages values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (key, number, row.number, row.start, *row.lines, *row[5:8], *row.words, row.marks)
                for key, row in zip(ids, rows, strict=True)
            ),
        )
        return ids

    def rows_of(self, number: int) -> list[Row]:
        """The passages of a document."""
        with _damage():
            return [_row(row) for row in self._db.execute(f"{_ROW} where d.id = ?", (number,))]

    def whole(self, number: int) -> Beginning:
        """All of a document."""
        query = "select id, path, paragraphs from documents where id = ?"
        with _damage():
            return Beginning(*self._db.execute(query, (number,)).fetchone())

    def remove(self, number: int) -> None:
        """Take a document and its passages out."""
        self._many("delete from documents where id = ?", [(number,)])
        self._many("delete from passages where document = ?", [(number,)])
        for table in _OF_A_DOCUMENT:
            self._many(f"delete from {table} where document = ?", [(number,)])

    def count(self, counts: Counts, sign: int) -> None:
        """Add a document's counts (+1), or take them away (-1)."""
        self._sums["passages"] += sign * counts.passages
        self._sums["length"] += sign * counts.length
        for term, number in counts.terms.items():
            self._terms[term] += sign * number
        for word, number in counts.words.items():
            if word.isalpha():
                self._words[word] += sign * number
        for term in counts.capital:
            self._capital[term] += sign
        for term in counts.small:
            self._small[term] += sign

    def doom(self, documents: Iterable[int]) -> None:
        """Note documents that are to be out of the engine's index."""
        self._many("insert or ignore into doomed values (?)", ((number,) for number in documents))

    def spare(self, documents: Iterable[int]) -> None:
        """Note documents that belong there after all, or that are out of it."""
        self._many("delete from doomed where document = ?", ((number,) for number in documents))

    def doomed(self) -> list[int]:
        """The documents that are to be out of the engine's index."""
        with _damage():
            return [number for (number,) in self._db.execute("select document from doomed")]

    def hashes(self) -> list[tuple[str, str]]:
        """The files that have a document, by name and hash, in order."""
        with _damage():
            return list(
                self._db.execute(
                    "select name, hash from files where document is not null order by name"
                )
            )

    def _many(self, statement: str, rows: Iterable[Any]) -> None:
        with _damage():
            self._db.executemany(statement, rows)

    def _uncount(self) -> None:
        for counter in (self._terms, self._capital, self._small, self._words, self._sums):
            counter.clear()


def _longest(called: tuple[str, ...]) -> int:
    """How many words a single phrase has; of an office's two phrases, none counts."""
    return called[0].count(" ") + 1 if len(called) == 1 else 0


@contextmanager
def _damage() -> Iterator[None]:
    """What SQLite cannot do becomes an error that says what to mend."""
    try:
        yield
    except sqlite3.Error as error:
        raise _said(error) from error


def _said(error: sqlite3.Error) -> EngineError:
    if isinstance(error, sqlite3.OperationalError):
        return EngineError(f"the index cannot be read or written ({error})")
    return IndexDamaged(f"the index is damaged ({error})")
