"""Follows a folder of documents, and replaces the answerer as a whole when the folder changes."""

import gc
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from bot.answering.answerer import Answerer
from bot.answering.meaning import Meaning
from bot.documents.audience import EVERYBODY, Audience
from bot.documents.folder import MAX_FILE_MB, DocumentFolder, Listing, is_parsed
from bot.errors import (
    BotError,
    CorpusError,
    FolderAway,
    IndexDamaged,
    SynonymError,
    Unreachable,
)
from bot.index import RETENTION, Index, Retention
from bot.index.builder import Look, Progress
from bot.index.preparing import Preparer
from bot.learning.taught import Taught, read_taught, state_of
from bot.phrases import not_read

if TYPE_CHECKING:
    import asyncio

    from bot.config import Settings
    from bot.index.embeddings import Encoder
    from bot.index.vectors import PassageVectors

logger = logging.getLogger(__name__)

# Larger folders are indexed on disk; this is about 250 paragraphs. Measured: this much is indexed
# in memory within a third of a second, at every start and every change. An index on disk takes as
# long the first time, and then opens in a third of that. PDF, Word and similar files take longer to
# read, so a folder with any of them is indexed on disk too.
MAX_BYTES_IN_MEMORY = 100_000
# How often a folder is scanned without a change notification, which not every file system sends.
SECONDS_BETWEEN_LOOKS = 30.0
# In seconds: for how long the last index goes on answering while the folder is away. After that,
# nobody can look up the documents, so there are no more answers.
MAX_AWAY = 600.0
# How many vectors a server computes before it answers from new or changed documents, which takes
# two seconds, and how many between two later scans, which takes a quarter of a minute. Passages
# without a vector are found by their words alone.
VECTORS_AT_FIRST, VECTORS_AT_A_LOOK = 20, 200
# How many vectors a question may wait for, some seconds. If more are missing, `ask` goes by words
# alone until `article-bot index` or a running bot has computed them.
VECTORS_IN_A_QUESTION = 100
# In seconds: how long shutdown waits for a running scan, which an unresponsive disk could block for
# ever.
SECONDS_TO_STOP = 1.5

_T = TypeVar("_T")
# Creates the backend of an index that several bots share.
Shared = Callable[[DocumentFolder, Preparer, Progress, Callable[[], None]], "Backend"]


class Backend(Protocol):
    """Maintains the index of a folder, and opens it."""

    @property
    def name(self) -> str:
        """The engine's name on status pages."""

    def refresh(self, look: Look) -> Index | None:
        """Scan the folder; returns a new index if the documents changed, else None."""

    def news(self) -> Index | None:
        """A new index if another bot published one, else None. Does not scan the folder."""

    def rebuild(self, look: Look) -> Index:
        """Rebuild the index from the documents."""

    def close(self) -> None:
        """Let other processes write the index."""


class Facts(NamedTuple):
    """Facts for status pages: about the active answerer, and the last problem.

    `changed` is when the documents last changed, in seconds since 1970. `broken` means that an
    admin must look: questions fail until the index is rebuilt, or the folder or the index is out of
    reach. `stale` means that the folder has been away too long to go on answering.
    """

    engine: str
    documents: int
    passages: int
    changed: float
    problem: str | None
    broken: bool
    stale: bool = False


class _Stopped(Exception):
    """Raised to cancel long work when the program stops."""


class LiveAnswerer:
    """Opens the documents below a folder, and follows them. Raises CorpusError without any.

    Use the same `answerer` for all of one question, since it may be replaced at any time.

    - `data`: the folder for an index on disk, or a function that finds it
    - `engine`: "auto", "memory" or "disk"; ignored with `shared`
    - `progress`: called with (bytes_done, bytes_total) while indexing
    - `shared`: creates the backend of an index that several bots share
    - `retention`: how long a replaced answerer is kept
    - `answers`: where taught answers are kept, if not in the folder itself
    - `max_away`: for how many seconds answers go on while the folder is away
    - `isolated`: read every file in another process, so that none can block or crash this one
    - `audience`: index only what this audience may read
    - `preparer`: reads the files; several answerers may share one
    - `semantic`: also find passages by meaning. A server, and a command that indexes (`indexed`),
      compute vectors at once, others when words alone do not answer
    """

    def __init__(
        self,
        folder: Path,
        data: Path | Callable[[], Path],
        engine: str = "auto",
        progress: Progress | None = None,
        shared: Shared | None = None,
        retention: Retention = RETENTION,
        answers: Path | None = None,
        *,
        max_file_mb: int = MAX_FILE_MB,
        max_away: float = MAX_AWAY,
        isolated: bool = False,
        audience: Audience = EVERYBODY,
        preparer: Preparer | None = None,
        semantic: bool = False,
        indexed: bool = False,
    ) -> None:
        self._semantic, self._isolated, self._indexed = semantic, isolated, indexed
        self.folder, self._data, self._engine = folder, data, engine
        self._audience = audience
        self._taught_in = (folder, answers) if answers not in (None, folder) else (folder,)
        self._looking = DocumentFolder(folder, max_file_mb, audience, answers)
        self._taught_state = state_of(*self._taught_in)
        self._taught = self._what_was_taught()
        self._must_look = False
        self._had_documents = False
        self._gone: float | None = None
        self._max_away = max_away
        self._preparer = preparer or Preparer(isolated=isolated, tick=self.go_on)
        self._progress, self._shared = progress, shared
        self._retention = retention
        self._stopping = self._is_left = False
        self._problem: str | None = None
        self._away: str | None = None
        self._looked = time.monotonic()
        self._replaced: list[tuple[float, Answerer]] = []
        look = cache(self._look)
        self._backend = self._right_backend(look)
        index = self._backend.refresh(look)
        assert index is not None
        if not index.size:
            raise self._without_documents(index.problems, not_read(index.not_read))
        self._answerer = self._answerer_of(index)
        self._documents = len(index.documents)
        # Exempt the active answerer from garbage collection: traversing it in every full collection
        # made the 99th percentile of answer times four times as slow.
        gc.freeze()

    @property
    def answerer(self) -> Answerer:
        """The active answerer."""
        return self._answerer

    @property
    def facts(self) -> Facts:
        """Facts for status pages."""
        answerer = self._answerer
        return Facts(
            self._backend.name,
            self._documents,
            answerer.index.size,
            answerer.index.changed,
            answerer.failure or self._away or self._problem,
            bool(answerer.failure or self._away or self._gone is not None),
            self._gone is not None and time.monotonic() - self._gone > self._max_away,
        )

    async def follow(self, stop: "asyncio.Event") -> None:
        """Apply changes of the folder until `stop` is set. The work is done in a thread."""
        await follow([self], stop)

    async def keep_up(self, stop: "asyncio.Event", *, changed: bool) -> bool:
        """Scan the folder if it changed or a scan is due; returns False to stop following."""
        self.close_replaced()
        walk = changed or time.monotonic() - self._looked > SECONDS_BETWEEN_LOOKS
        walk = walk or self._must_look or state_of(*self._taught_in) != self._taught_state
        if walk or self._answerer.failure or self._shared or self._lacks_vectors:
            await self._in_thread(partial(self._refresh_unless_left, walk=walk), stop)
        return not self._stopping

    async def _in_thread(self, work: Callable[[], object], stop: "asyncio.Event") -> None:
        """Work in a thread; when the program stops, abandon it after SECONDS_TO_STOP."""
        import asyncio

        done = _in_thread(work)
        stopped = asyncio.create_task(stop.wait())
        ends: list[asyncio.Future[Any]] = [done, stopped]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            if not done.done():
                self._stopping = True
                await asyncio.wait([done], timeout=SECONDS_TO_STOP)
            self._is_left = not done.done()
        if self._is_left:
            logger.warning("a scan of the documents does not end; it is abandoned")
            return
        self._stopping = self._stopping or stop.is_set()
        done.result()

    def _refresh_unless_left(self, *, walk: bool) -> None:
        try:
            self.refresh(walk=walk)
        finally:
            if self._is_left:  # nobody waits for it any more
                self._close()

    def look_soon(self) -> None:
        """Scan the folder within a second, since somebody wrote there."""
        self._must_look = True

    def refresh(self, *, walk: bool = True) -> bool:
        """Apply changes; returns whether there was any.

        With `walk`, also scan the folder. On failure the previous answerer stays active and the
        problem is reported in `facts`.
        """
        # Take what other bots published first, even if the folder cannot be scanned.
        news = walk and self._shared is not None and self._take_up(walk=False)
        return self._take_up(walk=walk) or news

    def _look(self) -> Listing:
        """Scan the folder. Raises FolderAway if there were documents and none are left."""
        try:
            found = self._looking.look()
        except SynonymError:
            raise
        except CorpusError as error:
            raise (FolderAway(str(error)) if self._had_documents else error) from error
        if found.is_empty and self._had_documents:
            raise FolderAway.empty(self.folder, self._audience.listed or ())
        self._had_documents = not found.is_empty
        return found

    def _take_up(self, *, walk: bool) -> bool:
        taught = False
        if walk:
            self._looked = time.monotonic()
            taught = self._read_taught()
        answerer, away, problem = None, None, None if walk else self._problem
        gone = None if walk else self._gone
        try:
            index = self._renewed(walk=walk)
            answerer = self._with_more_vectors() if index is None else self._answerer_of(index)
            if walk and not (index or self._answerer.index).size:
                problem = str(self._without_documents())
        except _Stopped:
            return False
        except Unreachable as error:
            away, gone = str(error), self._gone
        except FolderAway as error:
            problem, gone = str(error), self._gone or time.monotonic()
        except BotError as error:
            problem = str(error)
        except Exception as error:
            logger.exception("the documents could not be read again")
            problem = f"the documents could not be read again ({error!r})"
        for said, before in ((problem, self._problem), (away, self._away)):
            if said and said != before:
                logger.warning("%s", said)
        self._problem, self._away, self._gone = problem, away, gone
        if answerer is None and taught:
            answerer = self._answerer_of(self._answerer.index, self._answerer.meaning)
        if answerer is None:
            return False
        self._replace(answerer)
        return True

    @property
    def _data_folder(self) -> Path:
        return self._data() if callable(self._data) else self._data

    def _read_taught(self) -> bool:
        """Read what was taught; returns whether it changed."""
        self._must_look = False
        self._taught_state = state_of(*self._taught_in)
        before, self._taught = self._taught, self._what_was_taught()
        return before != self._taught

    def _what_was_taught(self) -> Taught:
        reads = self._audience.reads
        return read_taught(lambda: self._data_folder, *self._taught_in, reads=reads)

    def close(self) -> None:
        """Let another process write the index; an abandoned scan closes it when it ends."""
        if not self._is_left:
            self._close()

    def _close(self) -> None:
        self._backend.close()
        self._preparer.close()

    def _without_documents(
        self, problems: Sequence[str] = (), others: Sequence[str] = ()
    ) -> CorpusError:
        if self._audience.listed is not None:
            return CorpusError.empty_sources(sorted(self._audience.listed))
        if self._audience.private and not (problems or others):
            return CorpusError.all_private()
        return CorpusError.no_documents(self.folder, problems, others)

    def _renewed(self, *, walk: bool) -> Index | None:
        look = cache(self._look)
        if self._answerer.failure:
            return self._backend.rebuild(look)
        if walk and not self._shared and self._right_name(look) != self._backend.name:
            self._backend.close()
            self._backend = self._right_backend(look)
        try:
            return self._backend.refresh(look) if walk else self._backend.news()
        except IndexDamaged as error:
            logger.warning("%s; rebuilding it", error)
            return self._backend.rebuild(look)

    def _answerer_of(self, index: Index, meaning: Meaning | None = None) -> Answerer:
        if not self._semantic:
            return Answerer(index, taught=self._taught)
        if meaning is not None:
            return Answerer(index, meaning=meaning, taught=self._taught)
        meaning = Meaning(partial(self._vectors, index))
        if self._isolated or self._indexed:
            meaning.load()
        return Answerer(index, meaning=meaning, taught=self._taught)

    def _vectors(
        self, index: Index, encoder: "Callable[[], Encoder]", before: "PassageVectors | None"
    ) -> "PassageVectors":
        from bot.index.vectors import open_vectors, vectors_file  # imports numpy

        file = vectors_file(self.folder, self._data_folder, self._audience.key)
        most, partly = None if self._indexed else VECTORS_IN_A_QUESTION, False
        if before is not None:
            most, partly = VECTORS_AT_A_LOOK, True
        elif self._isolated:
            most, partly = VECTORS_AT_FIRST, True
        return open_vectors(file, index, encoder, self._tell, most, before, partly=partly)

    def _with_more_vectors(self) -> Answerer | None:
        """Compute more vectors; returns a new answerer once all of them exist, else None."""
        meaning = self._answerer.meaning
        if meaning is None or not meaning.is_partial:
            return None
        meaning.go_on()
        return None if meaning.is_partial else self._answerer_of(self._answerer.index, meaning)

    @property
    def _lacks_vectors(self) -> bool:
        return self._answerer.meaning is not None and self._answerer.meaning.is_partial

    def _replace(self, answerer: Answerer) -> None:
        index = answerer.index
        if index is not self._answerer.index:
            self._replaced.append((time.monotonic(), self._answerer))
        self._answerer = answerer
        self._documents = len(index.documents)
        gc.unfreeze()
        logger.info("answering from %d passages", index.size)

    def close_replaced(self) -> None:
        """Close replaced answerers that no question can be using any more."""
        closed = False
        while self._replaced and time.monotonic() - self._replaced[0][0] > self._retention.answerer:
            self._replaced.pop(0)[1].index.close()
            closed = True
        if closed:
            gc.collect()
            gc.freeze()

    def _right_name(self, look: Look) -> str:
        if self._engine != "auto":
            return self._engine
        found = look()
        is_slow = found.size > MAX_BYTES_IN_MEMORY or any(
            is_parsed(file.name) for file in found.files
        )
        return "disk" if is_slow else "memory"

    def _right_backend(self, look: Look) -> Backend:
        if self._shared is not None:
            return self._shared(self._looking, self._preparer, self._tell, self.go_on)
        # Imported late: each imports its engine's library, and `ask` must start fast.
        if self._right_name(look) == "memory":
            from bot.index.memory import MemoryBackend

            return MemoryBackend(self._preparer)
        from bot.index.tantivy import TantivyBackend, index_folder

        index = index_folder(self.folder, self._data_folder, self._audience.key)
        return TantivyBackend(index, self._tell, self._preparer)

    def go_on(self) -> None:
        """Called during long work: raises to cancel it when the program stops."""
        if self._stopping:
            raise _Stopped

    def _tell(self, done: int, size: int) -> None:
        self.go_on()
        if self._progress is not None:
            self._progress(done, size)


async def follow(answerers: Sequence[LiveAnswerer], stop: "asyncio.Event") -> None:
    """Have all answerers, which share a folder, apply its changes until `stop` is set."""
    from bot.documents.watcher import changes

    async for changed in changes(answerers[0].folder, stop):
        for one in answerers:
            if not await one.keep_up(stop, changed=changed):
                break
        else:
            continue
        break
    for one in answerers:
        one.close()


def _in_thread(work: Callable[[], _T]) -> "asyncio.Future[_T]":
    """Run `work` in a daemon thread, which does not keep the program from exiting."""
    import asyncio
    import threading

    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def tell(error: BaseException | None, result: _T | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        error, result = None, None
        try:
            result = work()
        except BaseException as caught:
            # A panic in tantivy is not an Exception, and must not end the event loop.
            error = caught if isinstance(caught, Exception) else RuntimeError(repr(caught))
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(tell, error, result)

    threading.Thread(target=run, name="documents", daemon=True).start()
    return done


def open_live(
    settings: "Settings",
    folder: Path | None = None,
    progress: Progress | None = None,
    *,
    indexed: bool = False,
    isolated: bool = False,
    audience: Audience = EVERYBODY,
    preparer: Preparer | None = None,
) -> LiveAnswerer:
    """Open the documents below the folder that the audience may read.

    The index is in memory, on disk, or on OpenSearch if that is set and `folder` is None. `indexed`
    forces an up-to-date index on disk, however few the documents are. `isolated` is for servers.
    """
    documents = folder or settings.corpus_dir
    # If some documents are private, OpenSearch must not get an index of all of them.
    is_kept_there = not (audience.reads_all and settings.private_sources)
    on_opensearch = settings.is_on_opensearch and folder is None and is_kept_there
    return LiveAnswerer(
        documents,
        lambda: settings.data_folder,  # finding it takes as long as answering
        "disk" if indexed else settings.engine,
        progress,
        partial(_on_opensearch, settings, audience, indexed) if on_opensearch else None,
        answers=settings.answers_dir if folder is None else None,
        max_file_mb=settings.max_file_mb,
        isolated=isolated,
        audience=audience,
        preparer=preparer,
        semantic=settings.is_semantic,
        indexed=indexed,
    )


def _on_opensearch(
    settings: "Settings",
    audience: Audience,
    fresh: bool,
    folder: DocumentFolder,
    preparer: Preparer,
    progress: Progress,
    wait: Callable[[], None],
) -> Backend:
    from bot.index.opensearch.backend import OpenSearchBackend
    from bot.index.opensearch.client import Cluster, Endpoint
    from bot.store.locks import index_writer_lock

    alias = "-".join(filter(None, (settings.opensearch_alias, audience.key)))
    access = Endpoint(
        settings.opensearch_url,
        alias,
        *(
            str(file) if file else None
            for file in (settings.opensearch_ca, settings.opensearch_cert, settings.opensearch_key)
        ),
    )
    kept = settings.data_folder / "index" / f"opensearch-{alias}"
    lock = partial(index_writer_lock, settings.store_url)
    return OpenSearchBackend(
        folder, kept, Cluster(access), lock, progress, wait, preparer, fresh=fresh
    )
