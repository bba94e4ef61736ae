"""Documents indexed on OpenSearch: who writes, who waits, and which version is opened."""

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

# While another bot builds the first index, it is looked for so often.
SECONDS_BETWEEN_TRIES = 1.0


class Held(Protocol):
    """The right to write an index that several bots share."""

    def still(self) -> bool:
        """Whether it is still held."""


class OpenSearchBackend:
    """Documents that are indexed on OpenSearch; one process writes at a time, and all read.

    `lock` gives the right to write, or None when another has it. `wait` is called where it is
    waited; what it raises ends the work, as with `progress`. `fresh` looks through the folder
    before the first answer; else the second refresh is the first to do so.
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
        # The version of a newer program, which this one cannot read.
        self._not_for_us: Version | None = None
        keep_private(kept)

    def refresh(self, look: Look) -> OpenSearchIndex | None:
        """A new index when the documents changed, else None; the folder is looked through."""
        if self._fresh or self._opened is not None:
            found = self._hashed(look())
            if not self._is_current(found):
                self._write(lambda: found)
        return self.news()

    def news(self) -> OpenSearchIndex | None:
        """A new index when another version is in force, else None."""
        version = self._in_force()
        if self._opened is not None and version in (self._opened.version, self._not_for_us):
            return None
        if self._opened is not None and version.format > FORMAT:
            logger.warning("%s; this bot answers from the last index it can read", version.made_by)
            self._not_for_us = version
            return None
        try:
            return self._opened_version(version)
        except IndexDamaged as error:
            logger.warning("%s; it is fetched again", error)
            return self._opened_anew(version)

    def rebuild(self, look: Look) -> OpenSearchIndex:
        """A new index for the version in force, with nothing of what is kept here."""
        del look  # the documents are as the cluster has them
        return self._opened_anew(self._in_force())

    def close(self) -> None:
        """Nothing is held between one writing and the next."""

    def _opened_anew(self, version: Version) -> OpenSearchIndex:
        throw_away(self._kept)
        return self._opened_version(version)

    def _opened_version(self, version: Version) -> OpenSearchIndex:
        self._opened = opened = OpenSearchIndex(self._cluster, version, self._kept)
        return opened

    def _in_force(self) -> Version:
        """The version in force; where there is none it is built, or waited for."""
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
            # Mostly a disk that is not mounted; the other bots' answers do not depend on it.
            raise CorpusError.no_documents(self._folder.path)
        return found._replace(files=self._hashes.of(found.files))

    def _is_current(self, found: Listing) -> bool:
        return self._opened is not None and is_current(self._opened.catalog, found)

    def _write(self, look: Look) -> bool:
        """Write what changed, unless another process writes; returns whether it did."""
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
                raise EngineError.changes_wait(error) from None  # answers need not
            return True
