"""A file made ready to be indexed: read, cut into words and counted, and nothing written yet."""

import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from bot.documents.folder import File
from bot.documents.reader import Found, broken, read_file
from bot.documents.worker import Worker
from bot.english.aliases import Alias
from bot.english.synonyms import shipped
from bot.errors import WorkerError
from bot.index.analysis import Profile, aliases_of, analyse, profile
from bot.index.catalog import PassageText
from bot.index.rows import PassageRow, row_of

# Passages that are unpacked at a time: unpacking stops every other thread.
BATCH = 500

# Files of so many bytes together are read in this process: another one takes longer to start. It
# bounds what they can do to it.
MAX_BYTES_HERE = 1_000_000


class Rows:
    """The passages of a document, in batches; those of another process are unpacked one by one."""

    def __init__(self, rows: Sequence[PassageRow] = ()) -> None:
        self._rows, self._packed = rows, list[bytes]()

    def batches(self) -> Iterator[Sequence[PassageRow]]:
        """All of them in their order; to be taken once."""
        if self._rows:
            yield self._rows
        while self._packed:
            yield pickle.loads(self._packed.pop())

    def __getstate__(self) -> list[bytes]:
        rows = self._rows
        starts = range(0, len(rows), BATCH)
        return [pickle.dumps(rows[n : n + BATCH], pickle.HIGHEST_PROTOCOL) for n in starts]

    def __setstate__(self, packed: list[bytes]) -> None:
        self._rows, self._packed = (), packed[::-1]


class Prepared(NamedTuple):
    """What was made of a file, without its text; and of a document all that is to be written."""

    found: Found
    rows: Rows
    profile: Profile | None = None
    aliases: Sequence[Alias] = ()
    passages: int = 0


def prepare(file: File, known_hash: str) -> Prepared:
    """Read and analyse a file; one that still has this hash is only read.

    Raises MemoryError alone.
    """
    found = read_file(file)
    if found.document is None or found.hash == known_hash:
        return Prepared(_bare(found), Rows())
    try:
        rows = [row_of(analyse(passage)) for passage in found.passages]
        aliases = aliases_of([row.text for row in rows], shipped().begins)
        return Prepared(_bare(found), Rows(rows), profile_of(rows), aliases, len(rows))
    except MemoryError:
        raise
    except Exception as error:
        return Prepared(broken(file, error), Rows())


class Preparer:
    """Prepares files: in this process where they are small, in another where they are not.

    `isolated` has each file in another process, which a disk that does not answer may block. `tick`
    is called while it is waited; what it raises ends the work.
    """

    def __init__(self, *, isolated: bool = False, tick: Callable[[], None] | None = None) -> None:
        self._isolated = isolated
        self._worker = Worker(tick=tick)

    @contextmanager
    def preparing(self, size: int) -> Iterator[Callable[[File, str], Prepared]]:
        """What prepares some files, of so many bytes together."""
        if not self._isolated and size <= MAX_BYTES_HERE:
            yield partial(_prepared, prepare)
            return
        try:
            yield partial(_prepared, partial(self._worker.run, prepare))
        finally:
            self._worker.close()


def _prepared(prepare: Callable[[File, str], Prepared], file: File, known_hash: str) -> Prepared:
    """What a file came to, whatever it did to the process that read it."""
    if file.problem:
        return Prepared(Found("", problem=file.problem), Rows())
    try:
        return prepare(file, known_hash)
    except (WorkerError, MemoryError) as error:
        return Prepared(broken(file, error), Rows())


def profile_of(rows: Sequence[PassageRow]) -> Profile:
    """What a document of these passages adds to a corpus."""
    return profile([(row.terms.split(), row.text) for row in rows])


def _bare(found: Found) -> Found:
    """What was found without the text: it stands in the rows."""
    if found.document is None:
        return found
    document = replace(found.document, text=PassageText(len(found.document.text)))
    return found._replace(document=document, passages=())
