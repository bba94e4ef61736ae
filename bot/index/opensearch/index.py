"""A corpus on OpenSearch: there the passages, and here a copy of its catalog without them.

Each version of the index carries the catalog that belongs to it as a file. So a question asks
the cluster once, for its candidates, and all else that it must know of words is at hand.
"""

import secrets
import shutil
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot import __version__
from bot.errors import EngineError, IndexBusy
from bot.index import FORMAT, builder
from bot.index.analysis import Analysis
from bot.index.builder import Listing, Progress
from bot.index.catalog import Beginning, Catalog, CatalogWriter, Row
from bot.index.in_catalog import CatalogIndex
from bot.index.opensearch.client import (
    SECONDS_KEPT,
    Cluster,
    ClusterEngine,
    ClusterWriter,
    Entry,
    Version,
)

# The catalog that is being written, beside those that were read.
_WRITTEN = "writing.db"


class ClusterIndex(CatalogIndex):
    """One version of the index of a corpus on OpenSearch; its catalog is kept in a folder."""

    def __init__(self, cluster: Cluster, version: Version, folder: Path) -> None:
        if version.format != FORMAT:
            raise EngineError(
                "the index in OpenSearch was made by article-bot "
                f"{version.program}, whose form is another; upgrade the older one"
            )
        self.version = version
        catalog = Catalog(_fetched(cluster, version, folder), self._rows)
        self._engine = ClusterEngine(cluster, version.name, catalog.size)
        super().__init__(catalog, self._engine.near)

    def candidates(
        self, weights: Mapping[str, float], most: int, within: str | None
    ) -> list[Analysis]:
        """The passages that score highest by the weighted sum of their terms."""
        found = self._engine.candidates(weights, most, within)
        return [self._analysis(_row(document, kept)) for document, kept in found]

    def _rows(self, wanted: Sequence[Beginning]) -> list[Row]:
        return _rows(self._engine, wanted)


class ClusterIndexer:
    """Writes the next version from the one in force; only one process may.

    `wait` is called where it is waited for the cluster; what it raises ends the work.
    """

    def __init__(self, cluster: Cluster, folder: Path, wait: Callable[[], None]) -> None:
        self._cluster, self._folder, self._wait = cluster, folder, wait

    def update(
        self,
        found: Listing,
        still: Callable[[], bool],
        *,
        keep: bool = False,
        progress: Progress | None = None,
    ) -> bool:
        """Index what changed since the version in force; returns whether anything did.

        `still` says whether this process is still the one that may. Of a file that cannot be read
        any more, `keep` keeps what it was when it could be. Raises IndexBusy when a newer program
        wrote the index: it goes on doing so.
        """
        base = self._base()
        file = self._copy_of(base)
        try:
            if base is not None and _is_current(file, found):
                return False
            writer = ClusterWriter(self._cluster, base, self._wait)
            try:
                changed = _indexed(writer, file, found, keep=keep, progress=progress)
                if changed:
                    version = writer.publish(file.read_bytes(), f"{FORMAT} {__version__}", still)
                    file.replace(self._folder / f"{version.name}.sqlite")
            finally:
                with suppress(EngineError):  # who writes the next one deletes it too
                    writer.abandon()
            return changed
        finally:
            _remove(file)

    def _base(self) -> Version | None:
        """The version in force, if the next one can be made from it."""
        version = self._cluster.in_force()
        if version is not None and version.format > FORMAT:
            raise IndexBusy("a newer article-bot writes the index; upgrade this one")
        return version if version and version.format == FORMAT else None

    def _copy_of(self, base: Version | None) -> Path:
        """The catalog to write: as it is in force, or none yet."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / _WRITTEN
        _remove(file)
        if base is not None:
            shutil.copyfile(_fetched(self._cluster, base, self._folder), file)
        return file


def _indexed(
    writer: ClusterWriter, file: Path, found: Listing, *, keep: bool, progress: Progress | None
) -> bool:
    catalog = CatalogWriter(file)
    try:
        indexer = builder.Indexer(catalog, _ClusterPassages(catalog, writer))
        return indexer.update(found, keep=keep, progress=progress)
    finally:
        catalog.close()


class _ClusterPassages:
    """Passages that are with the engine alone."""

    def __init__(self, catalog: CatalogWriter, writer: ClusterWriter) -> None:
        self._whole, self._write, self._engine = catalog.whole, writer.add, writer.engine
        self.add_words, self.remove, self.commit = writer.add_words, writer.remove, writer.commit

    def add(self, number: int, rows: Sequence[Row], places: Sequence[str]) -> None:
        """Add a document's passages, and the names that it may be narrowed by."""
        self._write(
            Entry(number, row.number, places, f"{row.words[0]} {row.words[1]}", _kept(row))
            for row in rows
        )

    def of(self, number: int) -> Sequence[Row]:
        """The passages of a document."""
        return _rows(self._engine, [self._whole(number)])


def _is_current(file: Path, found: Listing) -> bool:
    catalog = Catalog(file)
    try:
        return builder.is_current(catalog, found)
    finally:
        catalog.close()


def _rows(engine: ClusterEngine, wanted: Sequence[Beginning]) -> list[Row]:
    """The rows of one beginning after another."""
    places = [(w.document, n) for w in wanted for n in range(1, w.passages + 1)]
    kept = engine.rows(places)
    return [_row(document, row) for (document, _), row in zip(places, kept, strict=True)]


def _kept(row: Row) -> list[object]:
    """A row as JSON has it."""
    _, path, number, start, lines, heading, page, text, words, marks = row
    return [path, number, start, *lines, heading, page, text, *words, b64encode(marks).decode()]


def _row(document: int, kept: Sequence[Any]) -> Row:
    path, number, start, first, last, heading, page, text, above, own, joined, marks = kept
    about = (path, number, start, (first, last), heading, page, text)
    return Row(document, *about, (above, own, joined), b64decode(marks))


def _fetched(cluster: Cluster, version: Version, folder: Path) -> Path:
    """The catalog of a version; it is read from there once, and older ones are removed."""
    file = folder / f"{version.name}.sqlite"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{version.name}.{secrets.token_hex(4)}.part"
        try:
            with part.open("wb") as written:
                written.writelines(ClusterEngine(cluster, version.name, 0).file(version.pieces))
            part.replace(file)
        finally:
            _remove(part)
    for old in folder.glob("*.sqlite"):
        if old != file and time.time() - old.stat().st_mtime > SECONDS_KEPT:
            _remove(old)
    return file


def throw_away(folder: Path) -> None:
    """Remove the catalogs that were fetched; those that are open serve on."""
    for file in folder.glob("*.sqlite"):
        _remove(file)


def _remove(file: Path) -> None:
    """Remove an SQLite file and what may lie beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
