"""The next version of an index on OpenSearch, built beside the one in force."""

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

# For the copies on other nodes it is waited as long as any is being made, and so long for the
# first to begin.
SECONDS_FOR_COPIES = 5.0
# Bots of an earlier version cannot read a new format, and answer from theirs until they stop.
SECONDS_FOR_OLDER = 7 * 86_400.0
# How many bytes are written in one request, and of the catalog's file in one document.
MAX_WRITTEN, PIECE = 8_000_000, 2_000_000
# The catalog that is being written, beside those that were read.
_WRITTEN = "writing.db"


class VersionWriter:
    """Builds a version beside the one in force: from that one, or from nothing.

    Only one process may. `wait` is called where it is waited; what it raises ends the work.
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
                # The one in force takes no more writes, which is what a clone needs.
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
        """Add words that a misspelt one may be meant to be."""
        self._write({"word": word} for word in words)

    def remove(self, documents: Iterable[int]) -> None:
        """Remove all passages of some documents."""
        query = {"query": {"terms": {"document": list(documents)}}}
        with trouble():
            self._client.delete_by_query(
                index=self.index, body=query, params={"conflicts": "proceed"}
            )

    def commit(self) -> None:
        """What was added and removed can be found, and removed."""
        with trouble():
            self._client.indices.refresh(index=self.index)

    def publish(self, file: bytes, made_by: str, still: Callable[[], bool]) -> Version:
        """Put the version in force, with a file that belongs to it.

        `still` says whether this process is still the one that may.
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
        with suppress(EngineError):  # the next one sweeps too
            self._sweep()
        return version

    def abandon(self) -> None:
        """Delete what was built, unless it was put in force, or may have been."""
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
                max_retries=3,  # of what the nodes had no room for at the moment
            ):
                pass

    def _note(self, meta: dict[str, Any], index: str | None = None) -> None:
        with trouble():
            self._client.indices.put_mapping(index=index or self.index, body={"_meta": meta})

    def _wait_for_copies(self) -> None:
        """Until each shard has as many copies as it should, or no more are being made."""
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
        """Delete versions that nobody asks any more, and what others began and left."""
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
    """Passages that are with the engine alone."""

    def __init__(self, catalog: CatalogWriter, writer: VersionWriter) -> None:
        self._whole, self._write, self._engine = catalog.whole, writer.add, writer.engine
        self.add_words, self.remove, self.commit = writer.add_words, writer.remove, writer.commit

    def add(self, number: int, rows: Sequence[PassageRow], scopes: Sequence[str]) -> None:
        """Add a document's passages, and the names that it may be narrowed by."""
        self._write(Entry(number, row.number, scopes, row.terms, row.as_json) for row in rows)

    def of(self, number: int) -> Sequence[PassageRow]:
        """The passages of a document."""
        return rows_of(self._engine, [self._whole(number)])


class OpenSearchBuilder:
    """Writes the next version from the one in force; only one process may.

    `wait` is called where it is waited for the cluster; what it raises ends the work.
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
        """Index what changed since the version in force; returns whether anything did.

        `still` says whether this process is still the one that may. Of a file that cannot be read
        any more, `keep` keeps what it was when it could be. Raises IndexBusy when a newer program
        wrote the index: it goes on doing so.
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
                with suppress(EngineError):  # who writes the next one deletes it too
                    writer.abandon()
            return changed
        finally:
            remove_file(file)

    def _base(self) -> Version | None:
        """The version in force, if the next one can be made from it."""
        version = self._cluster.in_force()
        if version is not None and version.format > FORMAT:
            raise IndexBusy.newer_program()
        return version if version and version.format == FORMAT else None

    def _copy_of(self, base: Version | None) -> Path:
        """The catalog to write: as it is in force, or none yet."""
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
