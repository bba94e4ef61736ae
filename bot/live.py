"""The documents as they are now: an answerer that is replaced whole when the folder changes."""

import gc
import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bot.answering.answerer import Answerer
from bot.documents.reader import is_parsed, walk
from bot.errors import BotError, CorpusError, IndexDamaged, Unreachable
from bot.index import RETENTION, Index, Retention
from bot.index.builder import Progress
from bot.phrases import not_read

if TYPE_CHECKING:
    import asyncio

    from bot.config import Settings

logger = logging.getLogger(__name__)

# Above so many bytes of documents the index is on disk: about 250 paragraphs. Measured: so much is
# read and indexed in memory within a third of a second, at every start and every change. An index
# on disk takes as long the first time, and from then on is opened in a third of that. PDF, Word and
# the like take longer to read, so an index with any of them is on disk too.
MAX_BYTES_IN_MEMORY = 100_000
# A folder is looked through every so often even if nobody told of a change: not every file system
# tells.
SECONDS_BETWEEN_LOOKS = 30.0


class Backend(Protocol):
    """Keeps an index of a folder, and opens it."""

    @property
    def name(self) -> str:
        """What a status page calls it."""

    def refresh(self) -> Index | None:
        """A new index when the documents changed, else None; the folder is looked through."""

    def news(self) -> Index | None:
        """A new index when another bot put other documents in force, else None."""

    def rebuild(self) -> Index:
        """A new index from the documents alone."""

    def close(self) -> None:
        """Let others write."""


class Facts(NamedTuple):
    """What a status page says: of the answerer in force, and the last thing that went wrong.

    `changed` is when the documents last changed, in seconds since 1970. `broken` says that asking
    fails until the index is built again.
    """

    engine: str
    documents: int
    passages: int
    changed: float
    problem: str | None
    broken: bool


class _Stopped(Exception):
    """Long work is given up, since the program stops."""


class LiveAnswerer:
    """Opens the documents below a folder, and follows them. Raises CorpusError without any.

    `answerer` is the one in force: whoever took it keeps it for the question at hand. `shared`
    makes the backend of an index that several bots share; without it, `engine` says which one.
    `retention` says how long an answerer that was replaced is kept.
    """

    def __init__(
        self,
        folder: Path,
        data: Path,
        engine: str = "auto",
        progress: Progress | None = None,
        shared: Callable[[Progress, Callable[[], None]], Backend] | None = None,
        retention: Retention = RETENTION,
    ) -> None:
        self._folder, self._data, self._engine = folder, data, engine
        self._progress, self._shared = progress, shared
        self._retention = retention
        self._stopping = False
        self._problem: str | None = None
        self._away: str | None = None
        self._looked = time.monotonic()
        self._replaced: list[tuple[float, Answerer]] = []
        self._backend = self._right_backend()
        index = self._backend.refresh()
        assert index is not None
        if not index.size:
            raise CorpusError.no_documents(folder, index.problems, not_read(index.not_read))
        self._answerer = Answerer(index)
        self._documents = len(index.documents)
        # What is in force stays: walked through at every full collection, it made the slowest
        # answer of a hundred four times as slow.
        gc.freeze()

    @property
    def answerer(self) -> Answerer:
        """The answerer in force."""
        return self._answerer

    @property
    def facts(self) -> Facts:
        """What there is to say of it."""
        answerer = self._answerer
        return Facts(
            self._backend.name,
            self._documents,
            answerer.index.size,
            answerer.index.changed,
            answerer.failure or self._away or self._problem,
            bool(answerer.failure or self._away),
        )

    async def follow(self, stop: "asyncio.Event") -> None:
        """Take up each change of the folder until `stop` is set; the work is done in a thread."""
        import asyncio  # only a program that keeps running has the time to import it

        from bot.documents.watcher import changes

        async for changed in changes(self._folder, stop):
            self.close_replaced()
            walk = changed or time.monotonic() - self._looked > SECONDS_BETWEEN_LOOKS
            if walk or self._answerer.failure or self._shared:
                work = asyncio.create_task(asyncio.to_thread(self.refresh, walk=walk))
                await asyncio.wait(
                    [work, stopped := asyncio.create_task(stop.wait())],
                    return_when=asyncio.FIRST_COMPLETED,
                )
                self._stopping = stop.is_set()
                stopped.cancel()
                await work
        self.close()

    def refresh(self, *, walk: bool = True) -> bool:
        """Put what changed in force; returns whether anything did.

        `walk` looks through the folder too. What cannot be read or written keeps what was in force,
        and is said in `facts`.
        """
        # What others wrote is taken up first, whatever becomes of the folder.
        news = walk and self._shared is not None and self._take_up(walk=False)
        return self._take_up(walk=walk) or news

    def _take_up(self, *, walk: bool) -> bool:
        if walk:
            self._looked = time.monotonic()
        index, away, problem = None, None, None if walk else self._problem
        try:
            index = self._renewed(walk=walk)
            if walk and not (index or self._answerer.index).size:
                problem = str(CorpusError.no_documents(self._folder))
        except _Stopped:
            return False
        except Unreachable as error:
            away = str(error)
        except BotError as error:
            problem = str(error)
        except Exception as error:
            logger.exception("the documents could not be read again")
            problem = f"the documents could not be read again ({error!r})"
        for said, before in ((problem, self._problem), (away, self._away)):
            if said and said != before:
                logger.warning("%s", said)
        self._problem, self._away = problem, away
        if index is None:
            return False
        self._replace(index)
        return True

    def close(self) -> None:
        """Let another process write the index."""
        self._backend.close()

    def _renewed(self, *, walk: bool) -> Index | None:
        if self._answerer.failure:
            return self._backend.rebuild()
        if not self._shared and self._right_name() != self._backend.name:
            self._backend.close()
            self._backend = self._right_backend()
        try:
            return self._backend.refresh() if walk else self._backend.news()
        except IndexDamaged as error:
            logger.warning("%s; it is built again", error)
            return self._backend.rebuild()

    def _replace(self, index: Index) -> None:
        self._replaced.append((time.monotonic(), self._answerer))
        self._answerer = Answerer(index)
        self._documents = len(index.documents)
        gc.unfreeze()
        logger.info("answering from %d passages", index.size)

    def close_replaced(self) -> None:
        """Close the answerers that no question can have any more."""
        closed = False
        while self._replaced and time.monotonic() - self._replaced[0][0] > self._retention.answerer:
            self._replaced.pop(0)[1].index.close()
            closed = True
        if closed:
            gc.collect()
            gc.freeze()

    def _right_name(self) -> str:
        if self._engine != "auto":
            return self._engine
        files = walk(self._folder).files
        size = sum(file.size for file in files)
        is_slow = size > MAX_BYTES_IN_MEMORY or any(is_parsed(file.name) for file in files)
        return "disk" if is_slow else "memory"

    def _right_backend(self) -> Backend:
        if self._shared is not None:
            return self._shared(self._tell, self._go_on)
        # Each imports its engine's library, and `ask` must start as fast as Python does.
        if self._right_name() == "memory":
            from bot.index.memory import MemoryBackend

            return MemoryBackend(self._folder)
        from bot.index.tantivy import TantivyBackend, index_folder

        return TantivyBackend(self._folder, index_folder(self._folder, self._data), self._tell)

    def _go_on(self) -> None:
        """Ends long work when the program stops."""
        if self._stopping:
            raise _Stopped

    def _tell(self, done: int, size: int) -> None:
        self._go_on()
        if self._progress is not None:
            self._progress(done, size)


def open_live(
    settings: "Settings",
    folder: Path | None = None,
    progress: Progress | None = None,
    *,
    indexed: bool = False,
) -> LiveAnswerer:
    """Open the documents below the folder so that they can be followed.

    In memory, on disk, or on OpenSearch where that is set and no other folder is named. `indexed`
    brings an index up to date, however few the documents are.
    """
    documents, data = folder or settings.corpus_dir, settings.data_folder
    if settings.is_on_opensearch and folder is None:
        shared = partial(_on_opensearch, settings, indexed)
        return LiveAnswerer(documents, data, progress=progress, shared=shared)
    return LiveAnswerer(documents, data, "disk" if indexed else settings.engine, progress)


def _on_opensearch(
    settings: "Settings", fresh: bool, progress: Progress, wait: Callable[[], None]
) -> Backend:
    from bot.index.opensearch.backend import OpenSearchBackend
    from bot.index.opensearch.client import Cluster, Endpoint
    from bot.store.locks import index_writer_lock

    access = Endpoint(
        settings.opensearch_url,
        settings.opensearch_alias,
        *(
            str(file) if file else None
            for file in (settings.opensearch_ca, settings.opensearch_cert, settings.opensearch_key)
        ),
    )
    kept = settings.data_folder / "index" / f"opensearch-{settings.opensearch_alias}"
    lock = partial(index_writer_lock, settings.store_url)
    folder = settings.corpus_dir
    return OpenSearchBackend(folder, kept, Cluster(access), lock, progress, wait, fresh=fresh)
