"""A file made ready to be indexed: read, cut into words and counted, and nothing written yet."""

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

# A small folder needs no other process, and `ask` must start as fast as Python does.
if TYPE_CHECKING:
    from concurrent.futures import Future

    from bot.documents.worker import Limits, Worker
    from bot.documents.worker_pool import WorkerPool

# Passages that are analysed, packed and unpacked at a time: unpacking stops every other thread.
BATCH = 2 * STRETCH

# A file of so many bytes is read in this process: another one takes longer to start. It bounds what
# the file can do to it.
MAX_BYTES_HERE = 1_000_000
# So many bytes in all are shared among several processes, which take a moment to start.
MIN_BYTES_SHARED = 1_000_000
# So many files, or bytes, are prepared ahead while others are written.
MAX_AHEAD, MAX_BYTES_AHEAD = 100, 10_000_000
# How often it is asked whether to go on, in seconds.
TICK = 0.5


class Rows:
    """The passages of a document, in batches, to be taken once.

    For another process they are packed as they come: so they take a third of the memory, and are
    unpacked one batch after another.
    """

    def __init__(self, *, pack: bool = False) -> None:
        self._pack = pack
        self._batches = deque[Sequence[PassageRow] | bytes]()
        self.number = 0

    def add(self, rows: Sequence[PassageRow]) -> None:
        """Add passages behind the others."""
        self._batches.append(_packed(rows) if self._pack else rows)
        self.number += len(rows)

    def batches(self) -> Iterator[Sequence[PassageRow]]:
        """All of them in their order."""
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
    """What was made of a file, without its text; and of a document all that is to be written."""

    found: Found
    rows: Rows
    profile: Profile | None = None
    aliases: Sequence[Alias] = ()


def prepare(file: File, known_hash: str, *, pack: bool = False) -> Prepared:
    """Read and analyse a file; one that still has this hash is only read.

    Raises MemoryError alone.
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
    """A document with its passages cut into words, a batch at a time."""
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
    """Prepares files: in this process where they are small, in another where they are not.

    `isolated` has each file in another process, which a disk that does not answer may block. `tick`
    is called while it is waited; what it raises ends the work.
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
        """What each file with its known hash comes to, in their order; several at a time if many.

        What `tick` raises ends the work.
        """
        if len(files) > 1 and sum(file.size for file, _ in files) >= MIN_BYTES_SHARED:
            from bot.documents.worker import LIMITS
            from bot.documents.worker_pool import WorkerPool, processors

            if processors() > 1:
                self._pool = WorkerPool(processors(), self._limits or LIMITS)
                return self._ahead(self._pool, files)
        return (self.prepare(*one) for one in files)

    def _ahead(self, pool: "WorkerPool", files: Sequence[tuple[File, str]]) -> Iterator[Prepared]:
        """The files in their order; the next ones are prepared while one is taken."""
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
        """What a file comes to, whatever it does to the process that reads it."""
        if file.problem:
            return Prepared(Found("", problem=file.problem), Rows())
        try:
            if self._isolated or file.size > MAX_BYTES_HERE or is_parsed(file.name):
                return self._in_worker(file, known_hash)
            return prepare(file, known_hash)
        except (WorkerError, MemoryError) as error:
            return Prepared(broken(file, error), Rows())

    def rest(self) -> None:
        """All files are prepared for now: the other process ends if it may hold much memory."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None
        if not self._isolated or self._was_large:
            self.close()

    def close(self) -> None:
        """End the other processes."""
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
    """In a process among several: what a file comes to, packed."""
    if file.problem:
        return Prepared(Found("", problem=file.problem), Rows())
    return prepare(file, known_hash, pack=True)


def profile_of(rows: Sequence[PassageRow]) -> Profile:
    """What a document of these passages adds to a corpus."""
    texts = ["\n".join((*(lead.text for lead in row.leads), row.text)) for row in rows]
    return profile([(row.terms.split(), text) for row, text in zip(rows, texts, strict=True)])


def _bare(found: Found) -> Found:
    """What was found without the text: it stands in the rows."""
    if found.document is None:
        return found
    document = replace(found.document, text=PassageText(len(found.document.text)))
    return found._replace(document=document, passages=())
