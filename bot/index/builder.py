"""A catalog, and the passages that go with it, brought up to date: only what changed is indexed.

A change is written to the engine, then to the catalog, then what it replaces is deleted from the
engine; the documents between have tombstones beforehand. Wherever that is cut off, passages
that the catalog does not have are not found, and the next to write takes them out.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from bot.documents.folder import UNCERTAIN, File, Listing
from bot.documents.reader import Found, documents_hash
from bot.documents.scope import names_of
from bot.errors import IndexDamaged
from bot.index import FORMAT
from bot.index.catalog import Catalog
from bot.index.catalog_writer import CatalogWriter, Kept
from bot.index.preparing import Prepared, Preparer, profile_of
from bot.index.rows import PassageRow

# What is indexed at a time: so much is done again when the process is killed.
BATCH = 20_000

_T = TypeVar("_T")

# How much of the files' bytes is done, of how many.
Progress = Callable[[int, int], None]
# Looks through the folder; called again, it may give what it found before.
Look = Callable[[], Listing]


def is_current(catalog: Catalog, found: Listing) -> bool:
    """Whether nothing in the folder changed since it was indexed."""
    if catalog.fact("format", None) != FORMAT or not catalog.fact("complete", 0):
        return False
    states = {file.name: file.state for file in found.files}
    if UNCERTAIN in states.values() or states != _not_hidden(catalog.states(), found.files):
        return False
    if found.not_read != catalog.not_read:
        return False
    return found.synonyms == str(catalog.fact("synonyms", ""))


class Change(NamedTuple):
    """A file that changed, with what was made of it; of one that is gone there is the name."""

    name: str
    file: File | None = None
    prepared: Prepared | None = None


class Written(NamedTuple):
    """Whether anything changed with a file, its document before that, and the new one."""

    did: bool
    old: int | None = None
    new: int | None = None


class Passages(Protocol):
    """Where passages are written, and the words that a misspelt one may be meant to be.

    A document is told by its number.
    """

    def add(self, number: int, rows: Sequence[PassageRow], scopes: Sequence[str]) -> None:
        """Add a document's passages, and the names that it may be narrowed by."""

    def add_words(self, words: Iterable[str]) -> None:
        """Add words."""

    def of(self, number: int) -> Sequence[PassageRow]:
        """The passages of a document."""

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove the passages of some documents."""

    def commit(self) -> None:
        """What was added and removed is now in force."""


class CatalogPassages:
    """Passages that stand in the catalog, and nowhere else."""

    def __init__(self, catalog: CatalogWriter) -> None:
        self._catalog = catalog
        self.of = catalog.rows_of

    def add(self, number: int, rows: Sequence[PassageRow], scopes: Sequence[str]) -> None:  # noqa: ARG002
        """Add a document's passages."""
        self._catalog.add_passages(number, rows)

    def add_words(self, words: Iterable[str]) -> None:
        """The catalog has them."""

    def remove(self, numbers: Iterable[int]) -> None:
        """The catalog removed them."""

    def commit(self) -> None:
        """The catalog commits."""


class Builder:
    """Brings a catalog and the passages that go with it up to date with a folder.

    Raises IndexDamaged for a catalog of another form.
    """

    def __init__(
        self, catalog: CatalogWriter, passages: Passages, preparer: Preparer | None = None
    ) -> None:
        self._catalog, self._passages = catalog, passages
        self._preparer = preparer or Preparer()
        self._synonyms = ""
        self._new_words: set[str] = set()
        self._progress: Progress | None = None
        self._done = self._size = 0
        if catalog.fact("state") is not None and catalog.fact("format") != FORMAT:
            raise IndexDamaged.other_version()

    def update(
        self, listing: Listing, *, keep: bool = False, progress: Progress | None = None
    ) -> bool:
        """Index what changed since the last time; returns whether anything did.

        Of a file that cannot be read any more, `keep` keeps what it was when it could be.
        """
        found, self._synonyms, not_read = listing
        self._take_out()
        done = self._index_changed(found, keep, progress)
        if documents_hash(self._catalog.hashes(), self._synonyms) != self._catalog.fact("hash"):
            done = True
        if done or not self._catalog.fact("complete"):
            self._note(complete=1)
        return self._count_not_read(not_read) or done

    def _count_not_read(self, found: Mapping[str, int]) -> bool:
        """Note what is not read; returns whether it changed. The documents are as before."""
        counted = json.dumps(found)
        if counted == (self._catalog.fact("not_read") or "{}"):
            return False
        self._catalog.begin()
        self._catalog.note(not_read=counted, state=time.time_ns())
        self._catalog.commit()
        return True

    def _index_changed(self, found: Sequence[File], keep: bool, progress: Progress | None) -> bool:
        known = self._catalog.files()
        if not known:
            self._note(format=FORMAT)
        gone = known.keys() - {file.name for file in found}
        if keep:
            gone &= _not_hidden(known, found).keys()
        changed = [file for file in found if _may_differ(file, known.get(file.name))]
        return self._write(changed, known, sorted(gone), keep, progress)

    def _write(
        self,
        changed: Sequence[File],
        known: Mapping[str, Kept],
        gone: Sequence[str],
        keep: bool,
        progress: Progress | None,
    ) -> bool:
        """Write the files that changed and forget those that are gone, a batch at a time."""
        self._progress, self._done = progress, 0
        self._size = sum(file.size for file in changed)
        did = False
        try:
            for batch in _batches(changed, gone, known, self._preparer.prepare_all):
                did = self._write_batch(batch, known, keep) or did
        finally:
            self._preparer.rest()
        return did

    def _tell(self, file: File | None) -> None:
        if self._progress is not None and file is not None:
            self._done += file.size
            self._progress(self._done, self._size)

    def _write_batch(self, batch: Sequence[Change], known: Mapping[str, Kept], keep: bool) -> bool:
        """One batch: into the engine, then into the catalog, then the old out of the engine."""
        catalog = self._catalog
        first = catalog.next_document()
        fresh = range(first, first + len(batch))
        catalog.begin()
        catalog.tombstone(fresh)
        catalog.commit()
        catalog.begin()
        try:
            numbers = iter(fresh)
            written = [self._write_file(one, known.get(one.name), numbers, keep) for one in batch]
            did = any(one.did for one in written)
            catalog.clear(fresh)
            catalog.tombstone(one.old for one in written if one.old is not None)
            if did:
                self._note_state()
            self._passages.add_words(catalog.unknown(sorted(self._new_words)))
            if any(one.new is not None for one in written):
                self._passages.commit()
            catalog.commit()
        except BaseException:
            catalog.rollback()
            raise
        finally:
            self._new_words.clear()
        self._take_out()
        return did

    def _write_file(
        self, change: Change, before: Kept | None, numbers: Iterator[int], keep: bool
    ) -> Written:
        """Write what became of one file; a document of it takes the next of the numbers."""
        name, file, prepared = change
        self._tell(file)
        new: int | None = None
        if file is None or prepared is None:
            self._catalog.forget(name)
        elif before is not None and _stays(prepared.found, before, keep):
            kept = before._replace(state=file.state, problem=prepared.found.problem)
            self._catalog.keep(name, kept)
            return Written(before.problem != kept.problem)
        else:
            found = prepared.found
            new = next(numbers) if found.document is not None else None
            kept = Kept(file.state, found.hash, found.problem, new, found.warnings)
            self._catalog.keep(name, kept)
        old = before.document if before is not None else None
        if old is not None:
            self._remove(old)
        if new is not None and prepared is not None:
            self._add(new, prepared)
        return Written(True, old, new)

    def _add(self, number: int, prepared: Prepared) -> None:
        document, added = prepared.found.document, prepared.profile
        assert document is not None
        assert added is not None
        self._catalog.add(number, document, prepared.aliases)
        scopes = sorted(names_of(document))
        for rows in prepared.rows.batches():
            self._passages.add(number, rows, scopes)
        self._new_words.update(word for word in added.words if word.isalpha())
        self._catalog.count(added, +1)

    def _remove(self, number: int) -> None:
        """Take a document out; what it had added is worked out again from its passages."""
        self._catalog.count(profile_of(self._passages.of(number)), -1)
        self._catalog.remove(number)

    def _take_out(self) -> None:
        """Take what has a tombstone out of the engine."""
        dead = self._catalog.tombstones()
        if dead:
            self._passages.remove(dead)
            self._passages.commit()
            self._catalog.begin()
            self._catalog.clear(dead)
            self._catalog.commit()

    def _note(self, **facts: object) -> None:
        self._catalog.begin()
        self._catalog.note(**facts)
        self._note_state()
        self._catalog.commit()

    def _note_state(self) -> None:
        """What is true of all that is written so far: it is another state than before."""
        self._catalog.note(
            state=time.time_ns(),
            changed=time.time(),
            synonyms=self._synonyms,
            hash=documents_hash(self._catalog.hashes(), self._synonyms),
        )


def _not_hidden(known: Mapping[str, _T], found: Sequence[File]) -> Mapping[str, _T]:
    """What is known without that below a folder that cannot be looked into, which may be there."""
    closed = tuple(file.name for file in found if file.name.endswith("/"))
    names = {file.name for file in found} if closed else set()
    return {
        name: about
        for name, about in known.items()
        if not closed or name in names or not name.startswith(closed)
    }


def _may_differ(file: File, known: Kept | None) -> bool:
    return known is None or file.state == UNCERTAIN or file.state != known.state


def _stays(found: Found, before: Kept, keep: bool) -> bool:
    """Whether a file's document stays as it was: it says the same, or cannot be read any more."""
    if found.document is None and not found.is_known:
        return keep and before.document is not None
    return found.hash == before.hash


def _batches(
    changed: Sequence[File],
    gone: Sequence[str],
    known: Mapping[str, Kept],
    prepare: Callable[[Sequence[tuple[File, str]]], Iterator[Prepared]],
) -> Iterator[list[Change]]:
    """The files that are gone, then those that changed with what was made of them, in batches."""
    batch = [Change(name) for name in gone]
    passages = 0
    every = [(file, known[file.name].hash if file.name in known else "") for file in changed]
    for file, prepared in zip(changed, prepare(every), strict=True):
        batch.append(Change(file.name, file, prepared))
        passages += prepared.rows.number
        if passages >= BATCH:
            yield batch
            batch, passages = [], 0
    if batch:
        yield batch
