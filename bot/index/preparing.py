"""Prepares files for indexing: reads them and counts their words, but writes nothing yet."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from bot.documents.folder import File, is_parsed
from bot.documents.reader import Found, broken, read_file
from bot.english.aliases import Alias
from bot.english.synonyms import shipped
from bot.errors import WorkerError
from bot.index.analysis import STRETCH, Profile, aliases_of, analyse, profile
from bot.index.catalog import PassageText
from bot.index.rows import PassageRow, row_of

# Imported late: a small folder needs no other process, and `ask` must start fast.
if TYPE_CHECKING:
    from concurrent.futures import Future

    from bot.documents.worker import Limits, Worker
    from bot.documents.worker_pool import WorkerPool

# Passages to analyse, pickle and unpickle at a time: unpickling blocks all other threads.
BATCH = 2 * STRETCH

# In bytes: smaller files are read in this process, since starting another takes longer. The limit
# bounds the time and memory that a file can cost.
MAX_BYTES_HERE = 1_000_000
# In bytes: from this total on, files are shared among several processes, which take time to start.
MIN_BYTES_SHARED = 1_000_000
# How many files, and bytes, are prepared ahead while others are written.
MAX_AHEAD, MAX_BYTES_AHEAD = 100, 10_000_000
# How often `tick` is called while waiting, in seconds.
TICK = 0.5


class Rows:
    """The passages of a document, in batches that can be taken once.

    With `pack`, for sending to another process, each batch is pickled when added. That takes a
    third of the memory, and batches are unpickled one at a time.
    """

    def __init__(self, *, pack: bool = False) -> None:
        self._pack = pack
        self._batches = deque[Sequence[PassageRow] | bytes]()
        self.number = 0

    def add(self, rows: Sequence[PassageRow]) -> None:
        """Append a batch of passages."""
        self._batches.append(_packed(rows) if self._pack else rows)
        self.number += len(rows)

    def batches(self) -> Iterator[Sequence[PassageRow]]:
        """Remove and return the batches, in order."""
        while self._batches:
            batch = self._batches.popleft()
            yield _unpacked(batch) if isinstance(batch, bytes) else batch


def _packed(rows: Sequence[PassageRow]) -> bytes:
    import pickle

    return pickle.dumps(rows, pickle.HIGHEST_PROTOCOL)


def _unpacked(batch: bytes) -> Sequence[PassageRow]:
    import pickle

    rows: Sequence[PassageRow] = pickle.loads(batch)  # from our own child
    return rows


class Prepared(NamedTuple):
    """A prepared file, without its text: all that is to be written of its document."""

    found: Found
    rows: Rows
    profile: Profile | None = None
    aliases: Sequence[Alias] = ()


def prepare(file: File, known_hash: str, *, pack: bool = False) -> Prepared:
    """Read and analyse a file; if it still has this hash, only read it.

    Raises nothing but MemoryError; other failures become the file's problem.
    """
    found = read_file(file, known_hash)
    if found.document is None:
        return Prepared(_bare(found), Rows())
    try:
        return _analysed(found, Rows(pack=pack))
    except MemoryError:
        raise
    except Exception as error:
        return Prepared(broken(file, error), Rows())


def _analysed(found: Found, rows: Rows) -> Prepared:
    """Analyse a document's passages, a batch at a time."""
    counts: Profile | None = None
    listed: dict[Alias, None] = {}
    for start in range(0, len(found.passages), BATCH):
        batch = [row_of(analyse(passage)) for passage in found.passages[start : start + BATCH]]
        rows.add(batch)
        added = profile_of(batch)
        counts = added if counts is None else counts.plus(added)
        aliases = aliases_of([row.text for row in batch], shipped().begins)
        listed.update(dict.fromkeys(aliases))
    return Prepared(_bare(found), rows, counts, list(listed))


class Preparer:
    """Prepares files: small ones in this process, others in a worker process.

    With `isolated`, all files are read in a worker, so that an unresponsive disk cannot block this
    process. `tick` is called while waiting; raise in it to cancel.
    """

    def __init__(
        self,
        *,
        isolated: bool = False,
        tick: Callable[[], None] | None = None,
        limits: "Limits | None" = None,
    ) -> None:
        self._isolated, self._tick, self._limits = isolated, tick, limits
        self._worker: Worker | None = None
        self._pool: WorkerPool | None = None
        self._was_large = False

    def prepare_all(self, files: Sequence[tuple[File, str]]) -> Iterator[Prepared]:
        """Prepare each (file, known hash), in order; in parallel if they are large together.

        Raises what `tick` raises.
        """
        if len(files) > 1 and sum(file.size for file, _ in files) >= MIN_BYTES_SHARED:
            from bot.documents.worker import LIMITS
            from bot.documents.worker_pool import WorkerPool, processors

            if processors() > 1:
                self._pool = WorkerPool(processors(), self._limits or LIMITS)
                return self._ahead(self._pool, files)
        return (self.prepare(*one) for one in files)

    def _ahead(self, pool: "WorkerPool", files: Sequence[tuple[File, str]]) -> Iterator[Prepared]:
        """The prepared files in order; the next ones are prepared in the background."""
        begun: deque[tuple[File, Future[Prepared]]] = deque()
        size, left = 0, deque(files)
        while left or begun:
            while left and len(begun) < MAX_AHEAD and (size < MAX_BYTES_AHEAD or not begun):
                file, known_hash = left.popleft()
                begun.append((file, pool.submit(partial(_prepare_there, file, known_hash))))
                size += file.size
            file, prepared = begun.popleft()
            size -= file.size
            yield self._taken(file, prepared)

    def _taken(self, file: File, prepared: "Future[Prepared]") -> Prepared:
        from concurrent.futures import wait

        while not wait([prepared], TICK).done:
            if self._tick is not None:
                self._tick()
        try:
            return prepared.result()
        except (WorkerError, MemoryError) as error:
            return Prepared(broken(file, error), Rows())

    def prepare(self, file: File, known_hash: str) -> Prepared:
        """Prepare a file, even if it crashes the worker that reads it."""
        if file.problem:
            return Prepared(Found("", problem=file.problem), Rows())
        try:
            if self._isolated or file.size > MAX_BYTES_HERE or is_parsed(file.name):
                return self._in_worker(file, known_hash)
            return prepare(file, known_hash)
        except (WorkerError, MemoryError) as error:
            return Prepared(broken(file, error), Rows())

    def rest(self) -> None:
        """No more files for now: end the pool, and a worker that may hold much memory."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None
        if not self._isolated or self._was_large:
            self.close()

    def close(self) -> None:
        """End the worker process."""
        self._was_large = False
        if self._worker is not None:
            self._worker.close()

    def _in_worker(self, file: File, known_hash: str) -> Prepared:
        from bot.documents.worker import LIMITS, Worker

        if self._worker is None:
            self._worker = Worker(self._limits or LIMITS, self._tick)
        self._was_large = self._was_large or file.size > MAX_BYTES_HERE
        return self._worker.run(partial(prepare, pack=True), file, known_hash)


def _prepare_there(file: File, known_hash: str) -> Prepared:
    """Runs in a process of the pool: prepare a file, with its passages pickled."""
    if file.problem:
        return Prepared(Found("", problem=file.problem), Rows())
    return prepare(file, known_hash, pack=True)


def profile_of(rows: Sequence[PassageRow]) -> Profile:
    """The word counts of a document with these passages."""
    texts = ["\n".join((*(lead.text for lead in row.leads), row.text)) for row in rows]
    return profile([(row.terms.split(), text) for row, text in zip(rows, texts, strict=True)])


def _bare(found: Found) -> Found:
    """A result of reading without the text, which the rows have already."""
    if found.document is None:
        return found
    document = replace(found.document, text=PassageText(len(found.document.text)))
    return found._replace(document=document, passages=())
