"""Writes the catalog: adds and removes documents, and keeps the counts over all of them."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from bot.documents.scope import names_of
from bot.english.aliases import Alias
from bot.index.analysis import Profile
from bot.index.catalog import BETWEEN, TABLES, Beginning, called_as, damage, marks
from bot.index.rows import COLUMNS, PassageRow, row_from
from bot.model import Document

# How many words are looked up at a time; SQLite takes at least 999 values.
WORDS_AT_A_TIME = 500


class Kept(NamedTuple):
    """What the catalog stores about a file. `document` is None if it could not be read.

    `warnings` are sentences, one a line.
    """

    state: str
    hash: str
    problem: str
    document: int | None
    warnings: str = ""


class CatalogWriter:
    """Writes a catalog, in a file or in memory.

    Changes become visible together at `commit`, or not at all.
    """

    def __init__(self, file: Path | None = None) -> None:
        with damage():
            self._db = _connected(str(file or ":memory:"))
            if file is not None:
                # Larger pages waste less space after the last passage of each.
                self._db.execute("pragma page_size = 8192")
            self._db.execute("pragma journal_mode = wal")
            # A commit must be on disk before the engine deletes what it replaces.
            self._db.execute("pragma synchronous = full")
            self._db.executescript(TABLES)
        # Pending counts. Adding to a defaultdict takes two thirds of the time of a Counter.
        self._terms: defaultdict[str, int] = defaultdict(int)
        self._words: defaultdict[str, int] = defaultdict(int)
        self._capital: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        self._sums: Counter[str] = Counter()

    def close(self) -> None:
        """Close the database; uncommitted changes are lost."""
        self._db.close()

    def copy(self) -> sqlite3.Connection:
        """A copy in memory of what was committed, to open as a Catalog."""
        db = _connected(":memory:")
        with damage():
            self._db.backup(db)
        return db

    def fact(self, name: str) -> Any:
        """A fact stored about the whole catalog, or None."""
        with damage():
            found = self._db.execute("select value from facts where name = ?", (name,)).fetchone()
        return found[0] if found else None

    def note(self, **facts: object) -> None:
        """Store facts about the whole catalog."""
        self._many("insert or replace into facts values (?, ?)", facts.items())

    def files(self) -> dict[str, Kept]:
        """Every known file, by name."""
        with damage():
            found = self._db.execute(
                "select name, state, hash, problem, document, warnings from files"
            )
            return {name: Kept(*kept) for name, *kept in found}

    def keep(self, name: str, kept: Kept) -> None:
        """Store what is known of a file."""
        self._many("insert or replace into files values (?, ?, ?, ?, ?, ?)", [(name, *kept)])

    def forget(self, name: str) -> None:
        """Remove a file that is gone."""
        self._many("delete from files where name = ?", [(name,)])

    def begin(self) -> None:
        """Begin a transaction."""
        with damage():
            self._db.execute("begin immediate")

    def commit(self) -> None:
        """Add the pending counts to the stored ones, and commit."""
        changed = sorted({*self._terms, *self._capital, *self._small})
        rows = (
            (t, self._terms.get(t, 0), self._capital.get(t, 0), self._small.get(t, 0))
            for t in changed
        )
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
        with damage():
            self._db.execute("commit")
        self._uncount()

    def rollback(self) -> None:
        """Discard the transaction and the pending counts."""
        self._uncount()
        if self._db.in_transaction:
            self._db.execute("rollback")

    def next_document(self) -> int:
        """A number higher than that of any document or tombstone."""
        with damage():
            [found] = self._db.execute(
                "select max(ifnull((select max(id) from documents), 0),"
                " ifnull((select max(document) from tombstones), 0))"
            ).fetchone()
        return int(found) + 1

    def new_words(self) -> Iterator[str]:
        """The pending words that the catalog has never had, in alphabetical order."""
        pending = iter(sorted(self._words))
        while some := list(islice(pending, WORDS_AT_A_TIME)):
            query = f"select word from words where word in ({marks(some)})"
            with damage():
                found = self._db.execute(query, some)
                known = {word for (word,) in found}
            yield from (word for word in some if word not in known)

    def add(self, number: int, document: Document, aliases: Iterable[Alias]) -> None:
        """Add a document, without its passages."""
        about = (document.url, document.date, document.author, document.rights)
        values = (number, document.path, document.title, *about)
        self._many(
            "insert into documents values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    *values,
                    len(document.text),
                    document.paragraphs,
                    document.owner,
                    document.review,
                )
            ],
        )
        listed = [
            (called_as(a.terms), a.found_as, number, a.name, a.written, _longest(a.terms))
            for a in aliases
        ]
        self._many("insert or ignore into aliases values (?, ?, ?, ?, ?, ?)", listed)
        offices = (called.split(BETWEEN) for called, *_ in listed if BETWEEN in called)
        self._many(
            "insert or ignore into offices values (?, ?)",
            ((part, number) for office in offices for part in office),
        )
        names = sorted(names_of(document))
        self._many("insert into scopes values (?, ?)", ((name, number) for name in names))

    def add_passages(self, number: int, rows: Sequence[PassageRow]) -> range:
        """Add the passages of a document; returns their ids."""
        with damage():
            [last] = self._db.execute("select ifnull(max(id), 0) from passages").fetchone()
        ids = range(last + 1, last + 1 + len(rows))
        self._many(
            f"insert into passages values (?, ?{', ?' * len(COLUMNS)})",
            ((key, number, *row.values) for key, row in zip(ids, rows, strict=True)),
        )
        return ids

    def rows_of(self, number: int) -> list[PassageRow]:
        """The passages of a document."""
        columns = ", ".join(COLUMNS)
        query = f"select {columns} from passages where document = ? order by number"
        with damage():
            [path] = self._db.execute(
                "select path from documents where id = ?", (number,)
            ).fetchone()
            found = self._db.execute(query, (number,)).fetchall()
        return [row_from(number, path, values) for values in found]

    def whole(self, number: int) -> Beginning:
        """A document from its beginning to its end."""
        query = "select id, path, paragraphs from documents where id = ?"
        with damage():
            return Beginning(*self._db.execute(query, (number,)).fetchone())

    def remove(self, number: int) -> None:
        """Remove a document and its passages."""
        self._many("delete from documents where id = ?", [(number,)])
        self._many("delete from passages where document = ?", [(number,)])
        for table in ("aliases", "offices", "scopes"):
            self._many(f"delete from {table} where document = ?", [(number,)])

    def count(self, counts: Profile, sign: int) -> None:
        """Add a document's counts (sign +1), or subtract them (-1), at the next commit."""
        self._sums["passages"] += sign * counts.passages
        self._sums["length"] += sign * counts.length
        _add(self._terms, counts.terms, sign)
        _add(self._words, counts.words, sign)
        for known, terms in ((self._capital, counts.capital), (self._small, counts.small)):
            if sign > 0:
                known.update(terms)
            else:
                known.subtract(terms)

    def tombstone(self, documents: Iterable[int]) -> None:
        """Mark documents that must be deleted from the engine's index."""
        self._many(
            "insert or ignore into tombstones values (?)", ((number,) for number in documents)
        )

    def clear(self, documents: Iterable[int]) -> None:
        """Unmark documents that were deleted from the engine, or that belong there after all."""
        self._many("delete from tombstones where document = ?", ((number,) for number in documents))

    def tombstones(self) -> list[int]:
        """The documents that must be deleted from the engine's index."""
        with damage():
            return [number for (number,) in self._db.execute("select document from tombstones")]

    def hashes(self) -> list[tuple[str, str]]:
        """The (name, hash) of each file that has a document, sorted by name."""
        with damage():
            return list(
                self._db.execute(
                    "select name, hash from files where document is not null order by name"
                )
            )

    def _many(self, statement: str, rows: Iterable[Any]) -> None:
        with damage():
            self._db.executemany(statement, rows)

    def _uncount(self) -> None:
        for counts in (self._terms, self._capital, self._small, self._words, self._sums):
            counts.clear()


def _add(sums: defaultdict[str, int], counts: Mapping[str, int], sign: int) -> None:
    for term, number in counts.items():
        sums[term] += sign * number


def _connected(file: str) -> sqlite3.Connection:
    return sqlite3.connect(file, isolation_level=None, check_same_thread=False)


def _longest(called: frozenset[str]) -> int:
    """The number of words of an alias of one phrase; 0 for an office, which has two."""
    return max(phrase.count(" ") + 1 for phrase in called) if len(called) == 1 else 0
