"""The OpenSearch backend: which process writes, which one waits, and which version to open."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from bot.documents.folder import DocumentFolder, Listing
from bot.documents.reader import Hashes
from bot.errors import CorpusError, EngineError, IndexBusy, IndexDamaged, Unreachable
from bot.index import FORMAT
from bot.index.builder import Look, Progress, is_current
from bot.index.opensearch.client import Cluster, Version
from bot.index.opensearch.index import OpenSearchIndex, throw_away
from bot.index.opensearch.writer import OpenSearchBuilder
from bot.index.preparing import Preparer
from bot.store.files import keep_private

logger = logging.getLogger(__name__)

# How often to look for the first index while another bot builds it.
SECONDS_BETWEEN_TRIES = 1.0


class Held(Protocol):
    """The lock on writing an index that several bots share."""

    def still(self) -> bool:
        """Whether this process still holds the lock."""


class OpenSearchBackend:
    """Documents indexed on OpenSearch: all processes read, one at a time writes.

    `kept` is the local folder for catalogs. `lock` takes the write lock and yields None if another
    process holds it. `wait` is called while waiting; raise from it, or from `progress`, to cancel.
    With `fresh`, the folder is checked before the first answer; otherwise only the second refresh
    checks it.
    """

    name = "cluster"

    def __init__(
        self,
        folder: DocumentFolder,
        kept: Path,
        cluster: Cluster,
        lock: Callable[[], AbstractContextManager[Held | None]],
        progress: Progress,
        wait: Callable[[], None],
        preparer: Preparer | None = None,
        *,
        fresh: bool = False,
    ) -> None:
        self._preparer = preparer
        self._folder, self._kept, self._cluster = folder, kept, cluster
        self._lock, self._progress, self._wait, self._fresh = lock, progress, wait, fresh
        self._hashes = Hashes()
        self._opened: OpenSearchIndex | None = None
        # A version written by a newer program, which this one cannot read.
        self._not_for_us: Version | None = None
        keep_private(kept)

    def refresh(self, look: Look) -> OpenSearchIndex | None:
        """Index what changed in the folder; returns the new index, or None if nothing changed."""
        if self._fresh or self._opened is not None:
            found = self._hashed(look())
            if not self._is_current(found):
                self._write(lambda: found)
        return self.news()

    def news(self) -> OpenSearchIndex | None:
        """The index of the active version, or None if it is open already or cannot be read."""
        version = self._in_force()
        if self._opened is not None and version in (self._opened.version, self._not_for_us):
            return None
        if self._opened is not None and version.format > FORMAT:
            logger.warning(
                "a newer program (%s) wrote the index; "
                "this bot answers from the last one it can read",
                version.made_by,
            )
            self._not_for_us = version
            return None
        try:
            return self._opened_version(version)
        except IndexDamaged as error:
            logger.warning("%s; fetching it again", error)
            return self._opened_anew(version)

    def rebuild(self, look: Look) -> OpenSearchIndex:
        """The index of the active version, with all local catalogs fetched again."""
        del look  # the cluster has the documents
        return self._opened_anew(self._in_force())

    def close(self) -> None:
        """Do nothing: no resource is held between two writes."""

    def _opened_anew(self, version: Version) -> OpenSearchIndex:
        throw_away(self._kept)
        return self._opened_version(version)

    def _opened_version(self, version: Version) -> OpenSearchIndex:
        self._opened = opened = OpenSearchIndex(self._cluster, version, self._kept)
        return opened

    def _in_force(self) -> Version:
        """The active version; if there is none, build it or wait until another process has."""
        waited = False
        while True:
            version = self._cluster.in_force()
            if version and version.format >= FORMAT:
                return version
            if not self._write(lambda: self._hashed(self._folder.look())):
                if not waited:
                    logger.warning("another process builds the index; waiting for it")
                waited = True
                self._wait()
                time.sleep(SECONDS_BETWEEN_TRIES)

    def _hashed(self, found: Listing) -> Listing:
        if not found.files:
            # Usually the disk is not mounted here; other bots' answers must not depend on that.
            raise CorpusError.no_documents(self._folder.path)
        return found._replace(files=self._hashes.of(found.files))

    def _is_current(self, found: Listing) -> bool:
        return self._opened is not None and is_current(self._opened.catalog, found)

    def _write(self, look: Look) -> bool:
        """Index what changed; returns False if another process or a newer bot is writing."""
        with self._lock() as held:
            if held is None:
                logger.info("another process writes the index; it is read as it is")
                return False
            builder = OpenSearchBuilder(self._cluster, self._kept, self._wait, self._preparer)
            try:
                builder.update(look(), held.still, keep=True, progress=self._progress)
            except IndexBusy as error:
                logger.info("%s", error)
                return False
            except Unreachable as error:
                raise EngineError.changes_wait(error) from None  # but answers still work
            return True
