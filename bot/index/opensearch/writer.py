"""Builds the next version of an index on OpenSearch beside the active one."""

import base64
import secrets
import shutil
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from opensearchpy import helpers

from bot import __version__
from bot.documents.folder import Listing
from bot.errors import EngineError, IndexBusy
from bot.index import FORMAT
from bot.index.builder import Builder, Progress, is_current
from bot.index.catalog import Catalog
from bot.index.catalog_writer import CatalogWriter
from bot.index.opensearch.client import (
    INDEX,
    MARK,
    MAX_READ,
    Cluster,
    Entry,
    Version,
    VersionReader,
    trouble,
)
from bot.index.opensearch.index import fetched, remove_file, rows_of
from bot.index.preparing import Preparer
from bot.index.rows import PassageRow

# How long to wait while no replica shard is being copied; while one is, there is no limit.
SECONDS_FOR_COPIES = 5.0
# Bots of an earlier version cannot read a new format, so their index is kept for this long.
SECONDS_FOR_OLDER = 7 * 86_400.0
# Bytes per write request, and bytes of the catalog file per document.
MAX_WRITTEN, PIECE = 8_000_000, 2_000_000
# The name of the catalog being written, in the folder of the downloaded ones.
_WRITTEN = "writing.db"


class VersionWriter:
    """Builds a version, as a clone of the active one (`base`) or from nothing.

    Only the holder of the write lock may. `wait` is called while waiting; raise from it to cancel.
    """

    def __init__(self, cluster: Cluster, base: Version | None, wait: Callable[[], None]) -> None:
        self._cluster, self._client, self._wait = cluster, cluster.writer, wait
        moment = time.strftime("%Y%m%dt%H%M%S", time.gmtime())
        self.index = f"{cluster.alias}-{moment}-{secrets.token_hex(3)}"
        self.engine = VersionReader(cluster, self.index, 0)
        self._is_offered = False
        with trouble():
            if base is None:
                self._client.indices.create(index=self.index, body=INDEX)
            else:
                # The active index is blocked for writes, which cloning requires.
                unlocked = {"settings": {"index.blocks.write": None}}
                self._client.indices.clone(index=base.name, target=self.index, body=unlocked)
        self._note({MARK: cluster.alias})

    def add(self, entries: Iterable[Entry]) -> None:
        """Add passages."""
        self._write(
            {
                "_id": f"{entry.document}.{entry.number}",
                "document": entry.document,
                "scope": list(entry.scopes),
                "terms": entry.terms,
                "row": list(entry.row),
            }
            for entry in entries
        )

    def add_words(self, words: Iterable[str]) -> None:
        """Add words to which misspelt ones may be corrected."""
        self._write({"word": word} for word in words)

    def remove(self, documents: Iterable[int]) -> None:
        """Remove all passages of some documents."""
        query = {"query": {"terms": {"document": list(documents)}}}
        with trouble():
            self._client.delete_by_query(
                index=self.index, body=query, params={"conflicts": "proceed"}
            )

    def commit(self) -> None:
        """Make additions and removals visible to searches and to `remove`."""
        with trouble():
            self._client.indices.refresh(index=self.index)

    def publish(self, file: bytes, made_by: str, still: Callable[[], bool]) -> Version:
        """Store the catalog `file`, then make this the active version.

        `still` tells whether this process still holds the write lock. Raises EngineError if it does
        not.
        """
        pieces = [file[start : start + PIECE] for start in range(0, len(file), PIECE)]
        self._write(
            {"_id": f"file.{n}", "piece": base64.b64encode(zlib.compress(piece, 1)).decode()}
            for n, piece in enumerate(pieces)
        )
        self.commit()
        with trouble():
            self._client.indices.put_settings(index=self.index, body={"index.blocks.write": True})
        self._wait_for_copies()
        version = Version(self.index, made_by, len(pieces))
        meta = {"made_by": made_by, "pieces": version.pieces}
        self._note({MARK: self._cluster.alias, **meta})
        before = self._cluster.in_force()
        if not still():
            raise EngineError.lock_lost()
        actions: list[dict[str, Any]] = [
            {"add": {"index": self.index, "alias": self._cluster.alias}}
        ]
        if before is not None:
            actions.insert(0, {"remove": {"index": before.name, "alias": self._cluster.alias}})
        self._is_offered = True
        with trouble():
            self._client.indices.update_aliases(body={"actions": actions})
        with suppress(EngineError):  # the next version will sweep again
            self._sweep()
        return version

    def abandon(self) -> None:
        """Delete this version, unless it was activated or may have been."""
        if not self._is_offered:
            with trouble():
                self._client.indices.delete(index=self.index, params={"ignore_unavailable": "true"})

    def _write(self, documents: Iterable[dict[str, Any]]) -> None:
        with trouble():
            for _ in helpers.streaming_bulk(
                self._client,
                documents,
                index=self.index,
                chunk_size=MAX_READ,
                max_chunk_bytes=MAX_WRITTEN,
                max_retries=3,  # of documents that a busy node rejected
            ):
                pass

    def _note(self, meta: dict[str, Any], index: str | None = None) -> None:
        with trouble():
            self._client.indices.put_mapping(index=index or self.index, body={"_meta": meta})

    def _wait_for_copies(self) -> None:
        """Wait until every shard has its replicas, or none is being copied any more."""
        last = time.monotonic()
        while True:
            with trouble():
                health = self._client.cluster.health(index=self.index)
            if health["initializing_shards"]:
                last = time.monotonic()
            alone = health["number_of_data_nodes"] == 1
            waited = time.monotonic() - last > SECONDS_FOR_COPIES
            if health["status"] == "green" or (health["status"] == "yellow" and (alone or waited)):
                return
            if waited:
                raise EngineError.no_room()
            self._wait()
            time.sleep(0.1)

    def _sweep(self) -> None:
        """Mark the version that was replaced, and delete expired and unfinished ones."""
        now = time.time()
        for index, meta in self._cluster.versions().items():
            if index == self.index:
                continue
            kept = self._cluster.retention.version
            if not str(meta.get("made_by", f"{FORMAT} ")).startswith(f"{FORMAT} "):
                kept = max(kept, SECONDS_FOR_OLDER)
            if "pieces" in meta and "replaced" not in meta:
                self._note({**meta, "replaced": now}, index)
            elif now - meta.get("replaced", 0.0) > kept:
                with trouble():
                    self._client.indices.delete(index=index)


class _OpenSearchPassages:
    """Passages that only the engine stores, not the catalog."""

    def __init__(self, catalog: CatalogWriter, writer: VersionWriter) -> None:
        self._whole, self._write, self._engine = catalog.whole, writer.add, writer.engine
        self.add_words, self.remove, self.commit = writer.add_words, writer.remove, writer.commit

    def add(self, number: int, rows: Sequence[PassageRow], scopes: Sequence[str]) -> None:
        """Add a document's passages, with the names for `in:` that select it."""
        self._write(Entry(number, row.number, scopes, row.terms, row.as_json) for row in rows)

    def of(self, number: int) -> Sequence[PassageRow]:
        """The passages of a document."""
        return rows_of(self._engine, [self._whole(number)])


class OpenSearchBuilder:
    """Writes the next version from the active one. Only the holder of the write lock may use it.

    `wait` is called while waiting for the cluster; raise from it to cancel.
    """

    def __init__(
        self,
        cluster: Cluster,
        folder: Path,
        wait: Callable[[], None],
        preparer: Preparer | None = None,
    ) -> None:
        self._cluster, self._folder, self._wait = cluster, folder, wait
        self._preparer = preparer

    def update(
        self,
        found: Listing,
        still: Callable[[], bool],
        *,
        keep: bool = False,
        progress: Progress | None = None,
    ) -> bool:
        """Index what changed since the active version; returns whether anything did.

        `still` tells whether this process still holds the write lock. With `keep`, a file that
        cannot be read any more stays indexed as it was. Raises IndexBusy if a newer program wrote
        the index, and will continue to.
        """
        base = self._base()
        file = self._copy_of(base)
        try:
            if base is not None and _is_written(file, found):
                return False
            writer = VersionWriter(self._cluster, base, self._wait)
            try:
                changed = self._indexed(writer, file, found, keep=keep, progress=progress)
                if changed:
                    version = writer.publish(file.read_bytes(), f"{FORMAT} {__version__}", still)
                    file.replace(self._folder / f"{version.name}.sqlite")
            finally:
                with suppress(EngineError):  # the next writer deletes it otherwise
                    writer.abandon()
            return changed
        finally:
            remove_file(file)

    def _base(self) -> Version | None:
        """The active version, if the next one can be cloned from it."""
        version = self._cluster.in_force()
        if version is not None and version.format > FORMAT:
            raise IndexBusy.newer_program()
        return version if version and version.format == FORMAT else None

    def _copy_of(self, base: Version | None) -> Path:
        """The path of the catalog to write: a copy of the active one, or no file yet."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / _WRITTEN
        remove_file(file)
        if base is not None:
            shutil.copyfile(fetched(self._cluster, base, self._folder), file)
        return file

    def _indexed(
        self,
        writer: VersionWriter,
        file: Path,
        found: Listing,
        *,
        keep: bool,
        progress: Progress | None,
    ) -> bool:
        catalog = CatalogWriter(file)
        try:
            builder = Builder(catalog, _OpenSearchPassages(catalog, writer), self._preparer)
            return builder.update(found, keep=keep, progress=progress)
        finally:
            catalog.close()


def _is_written(file: Path, found: Listing) -> bool:
    catalog = Catalog.at(file)
    try:
        return is_current(catalog, found)
    finally:
        catalog.close()
