"""Where an answerer comes from: one class for each way to keep an index."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bot.answering.answerer import Answerer
from bot.documents.reader import Folder, Hashes, nothing_in
from bot.errors import CorpusError, EngineError, IndexBusy, IndexDamaged, Unreachable

if TYPE_CHECKING:
    from bot.index.builder import Listing
    from bot.index.opensearch.client import Cluster, Version
    from bot.index.opensearch.index import ClusterIndex
    from bot.index.tantivy import DiskIndex, DiskIndexer

logger = logging.getLogger(__name__)

# While another bot builds the first index, it is looked for so often.
SECONDS_BETWEEN_TRIES = 1.0

# How much of the files' bytes is indexed, of how many. What it raises ends the work.
Progress = Callable[[int, int], None]


class Source(Protocol):
    """Keeps an index of a folder, and opens it."""

    name: str

    def refresh(self) -> Answerer | None:
        """A new answerer when the documents changed, else None; the folder is looked through."""

    def news(self) -> Answerer | None:
        """A new answerer when another bot put other documents in force, else None."""

    def rebuild(self) -> Answerer:
        """A new answerer from the documents alone."""

    def close(self) -> None:
        """Let others write."""


def index_folder(folder: Path, data: Path) -> Path:
    """Where the index of a folder of documents is kept: each has its own."""
    whole = folder.resolve()
    return data / "index" / f"{whole.name}-{sha256(str(whole).encode()).hexdigest()[:8]}"


class InMemory:
    """Documents that are read and indexed in a moment."""

    name = "memory"

    def __init__(self, folder: Path) -> None:
        self._folder = Folder(folder)
        self._state: tuple[str, tuple[str, ...]] | None = None

    def refresh(self) -> Answerer | None:
        """A new answerer when the documents changed, else None."""
        from bot.index.memory import MemoryIndex

        corpus = self._folder.read()
        state = corpus.documents_hash, corpus.problems
        if state == self._state:
            return None
        answerer = Answerer(corpus, MemoryIndex(corpus))
        self._state = state
        return answerer

    def news(self) -> None:
        """Others have nothing to do with it."""

    def rebuild(self) -> Answerer:
        """A new answerer from the documents alone."""
        self._state = None
        answerer = self.refresh()
        assert answerer is not None
        return answerer

    def close(self) -> None:
        """Nothing is held."""


class OnDisk:
    """Documents that are indexed on disk; only one process writes, others read what it wrote."""

    name = "disk"

    def __init__(self, folder: Path, index: Path, progress: Progress) -> None:
        self._folder, self._index, self._progress = folder, index, progress
        self._indexer: DiskIndexer | None = None
        self._opened: DiskIndex | None = None

    def refresh(self) -> Answerer | None:
        """A new answerer when the documents changed, else None."""
        from bot.index.tantivy import is_current

        first = self._opened is None
        try:
            if not is_current(self._folder, self._index):
                self._update(keep=not first)
        except IndexBusy:
            logger.info("another process writes the index; it is read as it is")
        except IndexDamaged as error:
            if not first:
                raise
            logger.warning("%s; it is built again", error)
            return self.rebuild()
        return self._open()

    def news(self) -> None:
        """What others wrote is seen when the folder is looked through."""

    def rebuild(self) -> Answerer:
        """A new answerer from the documents alone."""
        from bot.index.tantivy import throw_away

        self.close()
        throw_away(self._index)
        self._opened = None
        self._update(keep=False)
        answerer = self._open()
        assert answerer is not None
        return answerer

    def close(self) -> None:
        """Let others write."""
        if self._indexer is not None:
            self._indexer.close()
            self._indexer = None

    def _update(self, *, keep: bool) -> None:
        from bot.index.tantivy import DiskIndexer

        if self._indexer is None:
            self._indexer = DiskIndexer(self._folder, self._index)
        try:
            self._indexer.update(keep=keep, progress=self._progress)
        except BaseException:
            self.close()
            raise

    def _open(self) -> Answerer | None:
        """An answerer for the index, unless it is in the state that was opened before."""
        from bot.index.tantivy import DiskIndex

        opened = DiskIndex(self._index)
        if self._opened is not None and opened.state == self._opened.state:
            opened.close()
            return None
        self._opened = opened
        return Answerer(opened.corpus, opened, changed=opened.changed)


class Held(Protocol):
    """The right to write an index that several bots share."""

    def still(self) -> bool:
        """Whether it is still held."""


class InCluster:
    """Documents that are indexed on OpenSearch; one process writes at a time, and all read.

    `lock` gives the right to write, or None when another has it. `wait` is called where it is
    waited; what it raises ends the work, as with `progress`. `fresh` looks through the folder
    before the first answer; else the second refresh is the first to do so.
    """

    name = "cluster"

    def __init__(
        self,
        folder: Path,
        kept: Path,
        cluster: "Cluster",
        lock: Callable[[], AbstractContextManager[Held | None]],
        progress: Progress,
        wait: Callable[[], None],
        *,
        fresh: bool = False,
    ) -> None:
        self._folder, self._kept, self._cluster = folder, kept, cluster
        self._lock, self._progress, self._wait, self._fresh = lock, progress, wait, fresh
        self._hashes = Hashes()
        self._opened: ClusterIndex | None = None

    def refresh(self) -> Answerer | None:
        """A new answerer when the documents changed, else None; the folder is looked through."""
        walk = self._fresh or self._opened is not None
        if walk and not self._is_current(self._listing()):
            self._write()
        return self.news()

    def news(self) -> Answerer | None:
        """A new answerer when another version is in force, else None."""
        version = self._in_force()
        if self._opened is not None and self._opened.version == version:
            return None
        try:
            return self._opened_version(version)
        except IndexDamaged as error:
            logger.warning("%s; it is fetched again", error)
            return self._opened_anew(version)

    def rebuild(self) -> Answerer:
        """A new answerer for the version in force, with nothing of what is kept here."""
        return self._opened_anew(self._in_force())

    def close(self) -> None:
        """Nothing is held between one writing and the next."""

    def _opened_anew(self, version: "Version") -> Answerer:
        from bot.index.opensearch.index import throw_away

        throw_away(self._kept)
        return self._opened_version(version)

    def _opened_version(self, version: "Version") -> Answerer:
        from bot.index.opensearch.index import ClusterIndex

        self._opened = opened = ClusterIndex(self._cluster, version, self._kept)
        return Answerer(opened.corpus, opened, changed=opened.changed)

    def _in_force(self) -> "Version":
        """The version in force; where there is none it is built, or waited for."""
        from bot.index import FORMAT

        waited = False
        while True:
            version = self._cluster.in_force()
            if version and version.format >= FORMAT:
                return version
            if not self._write():
                if not waited:
                    logger.warning("another process builds the index; waiting for it")
                waited = True
                self._wait()
                time.sleep(SECONDS_BETWEEN_TRIES)

    def _listing(self) -> "Listing":
        from bot.index.builder import listing

        found = listing(self._folder)
        if not found.files:
            # Mostly a disk that is not mounted; the other bots' answers do not depend on it.
            raise CorpusError(nothing_in(self._folder))
        return found._replace(files=self._hashes.of(found.files))

    def _is_current(self, found: "Listing") -> bool:
        from bot.index.builder import is_current

        return self._opened is not None and is_current(self._opened.corpus, found)

    def _write(self) -> bool:
        """Write what changed, unless another process writes; returns whether it did."""
        from bot.index.opensearch.index import ClusterIndexer

        with self._lock() as held:
            if held is None:
                logger.info("another process writes the index; it is read as it is")
                return False
            indexer = ClusterIndexer(self._cluster, self._kept, self._wait)
            try:
                indexer.update(self._listing(), held.still, keep=True, progress=self._progress)
            except IndexBusy as error:
                logger.info("%s", error)
                return False
            except Unreachable as error:
                raise EngineError(f"{error}; what changed waits") from None  # answers need not
            return True
