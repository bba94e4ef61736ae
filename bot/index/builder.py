"""Incremental indexing: brings a catalog and its passages up to date with a folder.

A change is written to the engine, then to the catalog, and then the documents that it replaces are
deleted from the engine. Every document that is in only one of the two has a tombstone. So after a
crash at any point, passages that are not in the catalog are not found, and the next writer deletes
them.
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

# Passages per transaction: at most this much work is lost when the process is killed.
BATCH = 20_000

_T = TypeVar("_T")

# Called with (bytes_done, bytes_total); raise to cancel.
Progress = Callable[[int, int], None]
# Lists the folder; may return a cached listing.
Look = Callable[[], Listing]


def is_current(catalog: Catalog, found: Listing) -> bool:
    """Whether a catalog is complete, of this format, and matches what was found in the folder."""
    if catalog.fact("format", None) != FORMAT or not catalog.fact("complete", 0):
        return False
    states = {file.name: file.state for file in found.files}
    if UNCERTAIN in states.values() or states != _not_hidden(catalog.states(), found.files):
        return False
    if found.not_read != catalog.not_read:
        return False
    return found.synonyms == str(catalog.fact("synonyms", ""))


class Change(NamedTuple):
    """A changed file, prepared for indexing; only its name if it is gone."""

    name: str
    file: File | None = None
    prepared: Prepared | None = None


class Written(NamedTuple):
    """The outcome for a file: whether anything changed, and its old and new document numbers."""

    did: bool
    old: int | None = None
    new: int | None = None


class Passages(Protocol):
    """A store of passages, and of words to correct misspellings with.

    Documents are identified by number.
    """

    def add(self, number: int, rows: Sequence[PassageRow], scopes: Sequence[str]) -> None:
        """Add a document's passages; `scopes` are names for `in:NAME` that include it."""

    def add_words(self, words: Iterable[str]) -> None:
        """Add words for spelling correction."""

    def of(self, number: int) -> Sequence[PassageRow]:
        """The passages of a document."""

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove the passages of some documents."""

    def commit(self) -> None:
        """Make what was added and removed visible."""


class CatalogPassages:
    """Passages that are stored in the catalog alone."""

    def __init__(self, catalog: CatalogWriter) -> None:
        self._catalog = catalog
        self.of = catalog.rows_of

    def add(self, number: int, rows: Sequence[PassageRow], scopes: Sequence[str]) -> None:  # noqa: ARG002
        """Add a document's passages."""
        self._catalog.add_passages(number, rows)

    def add_words(self, words: Iterable[str]) -> None:
        """Nothing to do: the catalog has the words."""

    def remove(self, numbers: Iterable[int]) -> None:
        """Nothing to do: the catalog removes them."""

    def commit(self) -> None:
        """Nothing to do: the catalog commits."""


class Builder:
    """Brings a catalog and its passages up to date with a folder.

    Raises IndexDamaged for a catalog of another format.
    """

    def __init__(
        self, catalog: CatalogWriter, passages: Passages, preparer: Preparer | None = None
    ) -> None:
        self._catalog, self._passages = catalog, passages
        self._preparer = preparer or Preparer()
        self._synonyms = ""
        self._progress: Progress | None = None
        self._done = self._size = 0
        if catalog.fact("state") is not None and catalog.fact("format") != FORMAT:
            raise IndexDamaged.other_version()

    def update(
        self, listing: Listing, *, keep: bool = False, progress: Progress | None = None
    ) -> bool:
        """Index what changed since the last update; returns whether anything did.

        With `keep`, a file that cannot be read any more keeps its last readable version.
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
        """Store the counts of unreadable kinds of files; returns whether they changed."""
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
        """Write changed files and remove those that are gone, a batch at a time."""
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
        """Write one batch: to the engine, then the catalog, then delete old passages."""
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
            self._passages.add_words(catalog.new_words())
            if any(one.new is not None for one in written):
                self._passages.commit()
            catalog.commit()
        except BaseException:
            catalog.rollback()
            raise
        self._take_out()
        return did

    def _write_file(
        self, change: Change, before: Kept | None, numbers: Iterator[int], keep: bool
    ) -> Written:
        """Write one changed file; a new document takes the next of `numbers`."""
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
        self._catalog.count(added, +1)

    def _remove(self, number: int) -> None:
        """Remove a document; the counts to subtract are recomputed from its passages."""
        self._catalog.count(profile_of(self._passages.of(number)), -1)
        self._catalog.remove(number)

    def _take_out(self) -> None:
        """Delete documents with a tombstone from the engine."""
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
        """Store the facts of all that is written so far, with a new state."""
        self._catalog.note(
            state=time.time_ns(),
            changed=time.time(),
            synonyms=self._synonyms,
            hash=documents_hash(self._catalog.hashes(), self._synonyms),
        )


def _not_hidden(known: Mapping[str, _T], found: Sequence[File]) -> Mapping[str, _T]:
    """The known files, without missing ones below an unreadable folder, which may still exist."""
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
    """Whether to keep a file's document: its content is unchanged, or it is unreadable now."""
    if found.document is None and not found.is_known:
        return keep and before.document is not None
    return found.hash == before.hash


def _batches(
    changed: Sequence[File],
    gone: Sequence[str],
    known: Mapping[str, Kept],
    prepare: Callable[[Sequence[tuple[File, str]]], Iterator[Prepared]],
) -> Iterator[list[Change]]:
    """The files that are gone, then those that changed, prepared and in batches."""
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
