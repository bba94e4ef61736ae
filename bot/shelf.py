"""The documents as they are now: an answerer that is replaced whole when the folder changes."""

import gc
import logging
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bot.answering.answerer import Answerer
from bot.corpus.reading import Folder, files, nothing_in
from bot.errors import BotError, Busy, CorpusError, Damaged

if TYPE_CHECKING:
    import asyncio

    from bot.answering.on_disk import DiskIndex, DiskIndexer

logger = logging.getLogger(__name__)

# Above so many bytes of documents the index is on disk: about 750 paragraphs. Measured: so much is
# read and indexed in memory within half a second, at every start and every change; an index on disk
# is opened in a twentieth, but somebody has to find room for it.
LARGEST_IN_MEMORY = 300_000
# A folder is looked through every so often even if nobody told of a change: not every file system
# tells.
SECONDS_BETWEEN_LOOKS = 30.0
# An answerer that was replaced is closed after so long: no question takes as much.
SECONDS_IN_FLIGHT = 60.0

# How much of the files' bytes is indexed, of how many.
Progress = Callable[[int, int], None]


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


class _Source(Protocol):
    """Where an answerer comes from: one class for each way to keep an index."""

    name: str

    def refresh(self) -> Answerer | None:
        """A new answerer when the documents changed, else None."""

    def rebuild(self) -> Answerer:
        """A new answerer from the documents alone."""

    def close(self) -> None:
        """Let others write."""


class Shelf:
    """Opens the documents below a folder, and follows them. Raises CorpusError without any.

    `answerer` is the one in force: whoever took it keeps it for the question at hand.
    """

    def __init__(
        self, folder: Path, data: Path, engine: str = "auto", progress: Progress | None = None
    ) -> None:
        self._folder, self._data, self._engine = folder, data, engine
        self._progress = progress
        self._stopping = False
        self._problem: str | None = None
        self._looked = time.monotonic()
        self._replaced: list[tuple[float, Answerer]] = []
        self._source = self._right_source()
        answerer = self._source.refresh()
        assert answerer is not None
        if not answerer.corpus.size:
            raise CorpusError("; ".join(answerer.corpus.problems) or nothing_in(folder))
        self._answerer = answerer
        self._documents = len(answerer.corpus.documents)
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
            self._source.name,
            self._documents,
            answerer.corpus.size,
            answerer.changed,
            answerer.failure or self._problem,
            answerer.failure is not None,
        )

    async def follow(self, stop: "asyncio.Event") -> None:
        """Take up each change of the folder until `stop` is set; the work is done in a thread."""
        import asyncio  # only a program that keeps running has the time to import it

        from bot.corpus.watching import changes

        async for changed in changes(self._folder, stop):
            self.close_replaced()
            late = time.monotonic() - self._looked > SECONDS_BETWEEN_LOOKS
            if changed or late or self._answerer.failure:
                work = asyncio.create_task(asyncio.to_thread(self.refresh))
                await asyncio.wait(
                    [work, stopped := asyncio.create_task(stop.wait())],
                    return_when=asyncio.FIRST_COMPLETED,
                )
                self._stopping = stop.is_set()
                stopped.cancel()
                await work
        self.close()

    def refresh(self) -> bool:
        """Look through the folder, and put what changed in force; returns whether anything did.

        What cannot be read or written keeps what was in force, and is said in `facts`.
        """
        self._looked = time.monotonic()
        try:
            answerer = self._renewed()
        except _Stopped:
            return False
        except BotError as error:
            self._say(str(error))
            return False
        except Exception as error:
            logger.exception("the documents could not be read again")
            self._problem = f"the documents could not be read again ({error!r})"
            return False
        empty = not (answerer or self._answerer).corpus.size
        self._say(nothing_in(self._folder) if empty else None)
        if answerer is None:
            return False
        self._replace(answerer)
        return True

    def close(self) -> None:
        """Let another process write the index."""
        self._source.close()

    def _renewed(self) -> Answerer | None:
        if self._answerer.failure:
            return self._source.rebuild()
        right = self._right_name()
        if right != self._source.name:
            self._source.close()
            self._source = self._right_source()
        try:
            return self._source.refresh()
        except Damaged as error:
            logger.warning("%s; it is built again", error)
            return self._source.rebuild()

    def _replace(self, answerer: Answerer) -> None:
        self._replaced.append((time.monotonic(), self._answerer))
        self._answerer = answerer
        self._documents = len(answerer.corpus.documents)
        gc.unfreeze()
        logger.info("answering from %d passages", answerer.corpus.size)

    def close_replaced(self) -> None:
        """Close the answerers that no question can have any more."""
        closed = False
        while self._replaced and time.monotonic() - self._replaced[0][0] > SECONDS_IN_FLIGHT:
            self._replaced.pop(0)[1].index.close()
            closed = True
        if closed:
            gc.collect()
            gc.freeze()

    def _say(self, problem: str | None) -> None:
        if problem and problem != self._problem:
            logger.warning("%s", problem)
        self._problem = problem

    def _right_name(self) -> str:
        if self._engine != "auto":
            return self._engine
        size = sum(file.size for file in files(self._folder))
        return "disk" if size > LARGEST_IN_MEMORY else "memory"

    def _right_source(self) -> _Source:
        if self._right_name() == "memory":
            return _InMemory(self._folder)
        return _OnDisk(self._folder, index_folder(self._folder, self._data), self._tell)

    def _tell(self, done: int, size: int) -> None:
        if self._stopping:
            raise _Stopped
        if self._progress is not None:
            self._progress(done, size)


def index_folder(folder: Path, data: Path) -> Path:
    """Where the index of a folder of documents is kept: each has its own."""
    whole = folder.resolve()
    return data / "index" / f"{whole.name}-{sha256(str(whole).encode()).hexdigest()[:8]}"


class _InMemory:
    """Documents that are read and indexed in a moment."""

    name = "memory"

    def __init__(self, folder: Path) -> None:
        self._folder = Folder(folder)
        self._state: tuple[str, tuple[str, ...]] | None = None

    def refresh(self) -> Answerer | None:
        """A new answerer when the documents changed, else None."""
        from bot.answering.in_memory import MemoryIndex

        corpus = self._folder.read()
        state = corpus.content_hash, corpus.problems
        if state == self._state:
            return None
        answerer = Answerer(corpus, MemoryIndex(corpus))
        self._state = state
        return answerer

    def rebuild(self) -> Answerer:
        """A new answerer from the documents alone."""
        self._state = None
        answerer = self.refresh()
        assert answerer is not None
        return answerer

    def close(self) -> None:
        """Nothing is held."""


class _OnDisk:
    """Documents that are indexed on disk; only one process writes, others read what it wrote."""

    name = "disk"

    def __init__(self, folder: Path, index: Path, progress: Progress) -> None:
        self._folder, self._index, self._progress = folder, index, progress
        self._indexer: DiskIndexer | None = None
        self._opened: DiskIndex | None = None

    def refresh(self) -> Answerer | None:
        """A new answerer when the documents changed, else None."""
        from bot.answering.on_disk import is_current

        first = self._opened is None
        try:
            if not is_current(self._folder, self._index):
                self._update(keep=not first)
        except Busy:
            logger.info("another process writes the index; it is read as it is")
        except Damaged as error:
            if not first:
                raise
            logger.warning("%s; it is built again", error)
            return self.rebuild()
        return self._open()

    def rebuild(self) -> Answerer:
        """A new answerer from the documents alone."""
        from bot.answering.on_disk import throw_away

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
        from bot.answering.on_disk import DiskIndexer

        if self._indexer is None:
            self._indexer = DiskIndexer(self._folder, self._index)
        try:
            self._indexer.update(keep=keep, progress=self._progress)
        except BaseException:
            self.close()
            raise

    def _open(self) -> Answerer | None:
        """An answerer for the index, unless it is in the state that was opened before."""
        from bot.answering.on_disk import DiskIndex

        opened = DiskIndex(self._index)
        if self._opened is not None and opened.state == self._opened.state:
            opened.close()
            return None
        self._opened = opened
        return Answerer(opened.corpus, opened, changed=opened.changed)
