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
    from bot.documents.worker import Limits, Worker

# Passages that are analysed, packed and unpacked at a time: unpacking stops every other thread.
BATCH = 2 * STRETCH

# A file of so many bytes is read in this process: another one takes longer to start. It bounds what
# the file can do to it.
MAX_BYTES_HERE = 1_000_000


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
        self._was_large = False

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
        if not self._isolated or self._was_large:
            self.close()

    def close(self) -> None:
        """End the other process."""
        self._was_large = False
        if self._worker is not None:
            self._worker.close()

    def _in_worker(self, file: File, known_hash: str) -> Prepared:
        from bot.documents.worker import LIMITS, Worker

        if self._worker is None:
            self._worker = Worker(self._limits or LIMITS, self._tick)
        self._was_large = self._was_large or file.size > MAX_BYTES_HERE
        return self._worker.run(partial(prepare, pack=True), file, known_hash)


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
