"""The vectors of a corpus's passages, in a file beside its index; only new passages are encoded.

Passages of an unchanged file are not even read again: with an index on OpenSearch, that would fetch
all of them for every change. In a changed file, a passage with the same text keeps its vector. The
vector file is replaced atomically, and readers of the old one can go on. It is only a cache and can
be rebuilt.
"""

import logging
import os
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b, sha256
from heapq import nlargest
from pathlib import Path
from secrets import token_hex
from struct import Struct
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bot.index import FORMAT, SENTENCE_MODEL, Index
from bot.index.embeddings import ANSWERS, DIMENSIONS, UNRELATED, Encoder, Floats

logger = logging.getLogger(__name__)

# How many words of a passage and of a question are encoded: further words add cost but little
# meaning.
MAX_WORDS, MAX_WORDS_ASKED = 256, 64
_LONG_WORD = 8
# How many passages are encoded at a time, how many rows read, and how many vectors compared.
BATCH, ROWS, CHUNK = 16, 1_000, 2_048
# Up to this many passages, a question is compared with all of them, in 13 ms; with 400,000 it would
# take longer than encoding the question. In a larger index only the candidates that have its words
# are compared.
MAX_COMPARED = 200_000

# Vectors are stored as bytes: a component of a unit vector, never seen above .2, times this scale,
# which is accurate to .0013.
_SCALE = 400.0
# `origin` is a hash of where the passage comes from; `text` is one of what was encoded, 0 before.
_RECORD = np.dtype(
    [("id", "<i8"), ("origin", "<u8"), ("text", "<u8"), ("vector", "i1", (DIMENSIONS,))]
)
# The header: the format of the file, and the state of the index whose ids it has.
_HEAD = Struct("<56sq")
_FORM = sha256(f"{SENTENCE_MODEL} {FORMAT} {_RECORD} {_SCALE}".encode()).hexdigest()[:56].encode()

Records = npt.NDArray[Any]
# Called with (passages_encoded, passages_to_encode); raise to cancel.
Progress = Callable[[int, int], None]


class Similarities(Protocol):
    """How close in meaning passages are to a question, from 0 (unrelated) to 1 (an answer)."""

    def of(self, number: int) -> float:
        """The closeness of the passage with this id; 0 if it is unknown."""

    def nearest(self, most: int) -> list[int]:
        """The ids of the at most `most` closest passages that were compared, closest first."""


class OfAll:
    """The similarities of all passages, compared beforehand.

    `ids` are the passages' ids in ascending order, `found` their cosines, both of shape (n,).
    """

    def __init__(self, ids: npt.NDArray[np.int64], found: Floats) -> None:
        self._ids, self._found = ids, found

    def of(self, number: int) -> float:
        """The closeness of the passage with this id; 0 if it is unknown."""
        row = _row(self._ids, number)
        return 0.0 if row is None else scaled(float(self._found[row]))

    def nearest(self, most: int) -> list[int]:
        """The ids of the at most `most` closest passages, closest first."""
        most = min(most, len(self._found))
        if not most:
            return []
        best = np.argpartition(-self._found, most - 1)[:most]
        return [int(self._ids[n]) for n in best[np.argsort(-self._found[best], kind="stable")]]


class OfAsked:
    """The similarities of passages that are compared when asked for, from the vectors of all.

    `ids` are the passages' ids in ascending order, `asked` is the question's vector.
    """

    def __init__(self, ids: npt.NDArray[np.int64], vectors: Records, asked: Floats) -> None:
        self._ids, self._vectors, self._asked = ids, vectors, asked
        self._found: dict[int, float] = {}

    def of(self, number: int) -> float:
        """The closeness of the passage with this id; 0 if it is unknown."""
        if number not in self._found:
            row = _row(self._ids, number)
            if row is None:
                return 0.0
            [cosine] = _cosines(self._vectors[row : row + 1], self._asked)
            self._found[number] = scaled(float(cosine))
        return self._found[number]

    def nearest(self, most: int) -> list[int]:
        """The ids of the at most `most` closest passages asked for so far, closest first."""
        return nlargest(most, self._found, key=self._found.__getitem__)


class PassageVectors:
    """The vectors of all passages of an index, by their ids there.

    A passage without a vector yet has a zero vector, which is close to nothing.
    """

    def __init__(self, records: Records) -> None:
        self.records = records
        self._ids = np.array(records["id"])
        self.is_complete = bool(records["text"].all())

    def __len__(self) -> int:
        return len(self.records)

    def similarities(self, asked: Floats) -> Similarities:
        """Compare passages with a question's vector, of shape (DIMENSIONS,)."""
        vectors = self.records["vector"]
        if len(vectors) > MAX_COMPARED:
            return OfAsked(self._ids, vectors, asked)
        return OfAll(self._ids, _cosines(vectors, asked))


def vectors_file(folder: Path, data: Path, audience: str = "") -> Path:
    """The path of the vectors for a folder of documents and an audience, below the data folder."""
    whole = Path(os.path.realpath(folder))
    told_by = (whole.name, sha256(os.fsencode(whole)).hexdigest()[:8], audience)
    return data / "index" / f"{'-'.join(filter(None, told_by))}.vectors"


def open_vectors(
    file: Path,
    index: Index,
    encoder: Callable[[], Encoder],
    progress: Progress | None = None,
    most: int | None = None,
    before: PassageVectors | None = None,
    *,
    partly: bool = True,
) -> PassageVectors:
    """The vectors of an index: from the file, or computed and then saved there.

    At most `most` are computed; call again with the result as `before` to compute more. Unless
    `partly`, none are if more than that are missing. What was computed is saved even if `progress`
    raises. If the file cannot be read or written, this only takes longer. Raises ModelError, and
    EngineError if passages cannot be read.
    """
    state, known = _read(file) if before is None else (_state(index), before.records)
    is_same = state == _state(index) and len(known) == index.size
    if is_same and known["text"].all():
        return PassageVectors(known)
    records = np.array(known) if is_same else _taken_over(known, index)
    missing = np.flatnonzero(records["text"] == 0)
    if most is not None and len(missing) > most:
        missing = missing[: most if partly else 0]
    try:
        for start in range(0, len(missing), BATCH):
            rows = missing[start : start + BATCH]
            texts = _texts(index, records, rows)
            records["vector"][rows] = _in_bytes(encoder().passages(texts))
            records["text"][rows] = list(map(_hash, texts))
            if progress is not None:
                progress(start + len(rows), len(missing))
    finally:
        if len(missing) or not is_same:
            _write(file, _state(index), records)
    state, saved = _read(file)
    # Mapped from the file, they take no memory of this process.
    is_saved = state == _state(index) and np.array_equal(saved["text"], records["text"])
    return PassageVectors(saved if is_saved else records)


def scaled(cosine: float) -> float:
    """Map the model's cosine from UNRELATED..ANSWERS to 0..1, clipped."""
    return min(1.0, max(0.0, (cosine - UNRELATED) / (ANSWERS - UNRELATED)))


def cut(text: str, most: int) -> str:
    """The first `most` words of a text, and at most eight characters per word on average."""
    return " ".join(text[: most * _LONG_WORD].split()[:most])


def _taken_over(known: Records, index: Index) -> Records:
    """The records of an index, with the known vectors of passages that it still has."""
    origins = index.origins()
    records = np.zeros(len(origins), _RECORD)
    records["id"] = [origin.id for origin in origins]
    records["origin"] = [_hash(f"{file}\0{of}\0{number}") for _, file, of, number in origins]
    if not len(known):
        return records
    rows = np.arange(len(records))
    _copy_vectors(known, _by(known, "origin"), records, rows, records["origin"].tolist())
    by_text = _by(known, "text")
    changed = np.flatnonzero(records["text"] == 0)
    for start in range(0, len(changed), ROWS):
        rows = changed[start : start + ROWS]
        hashes = map(_hash, _texts(index, records, rows))
        _copy_vectors(known, by_text, records, rows, hashes)
    return records


def _by(records: Records, field: str) -> dict[int, int]:
    """The row of each value of a field."""
    return dict(zip(records[field].tolist(), range(len(records)), strict=True))


def _copy_vectors(
    known: Records,
    known_rows: Mapping[int, int],
    records: Records,
    rows: Iterable[int],
    hashes: Iterable[int],
) -> None:
    """Copy the known vectors to `rows` of `records`, found by a hash for each row."""
    pairs = [
        (row, known_rows[one]) for row, one in zip(rows, hashes, strict=True) if one in known_rows
    ]
    if pairs:
        to, here = map(list, zip(*pairs, strict=True))
        for field in ("text", "vector"):
            records[field][to] = known[field][here]


def _texts(index: Index, records: Records, rows: npt.NDArray[np.intp]) -> list[str]:
    """What is encoded of the passages in these rows."""
    return [cut(row.in_context, MAX_WORDS) for row in index.rows(records["id"][rows].tolist())]


def _row(ids: npt.NDArray[np.int64], number: int) -> int | None:
    """The row of an id among ascending ones; None if it is not there."""
    row = int(np.searchsorted(ids, number))
    return row if row < len(ids) and ids[row] == number else None


def _cosines(vectors: Records, asked: Floats) -> Floats:
    """The cosine of each stored vector and a question's."""
    found = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), CHUNK):
        some = vectors[start : start + CHUNK].astype(np.float32)
        # Five times as fast as `some @ asked` on a busy machine, where BLAS splits so little work
        # among threads that then wait for each other.
        found[start : start + CHUNK] = np.einsum("ij,j->i", some, asked)
    return found / _SCALE


def _state(index: Index) -> int:
    return int(index.catalog.fact("state", 0))


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest())


def _in_bytes(vectors: Floats) -> npt.NDArray[np.int8]:
    found: npt.NDArray[np.int8] = np.clip(np.rint(vectors * _SCALE), -127, 127).astype(np.int8)
    return found


def _read(file: Path) -> tuple[int, Records]:
    """The state of the index that a file belongs to, and its records, memory-mapped.

    (0, no records) if the file cannot be read or has another format.
    """
    nothing = np.empty(0, _RECORD)
    try:
        with file.open("rb") as opened:
            head = opened.read(_HEAD.size)
            size = os.fstat(opened.fileno()).st_size - _HEAD.size
            if len(head) < _HEAD.size or size <= 0 or size % _RECORD.itemsize:
                return 0, nothing
            form, state = _HEAD.unpack(head)
            if form != _FORM:
                return 0, nothing
            return state, np.memmap(opened, _RECORD, "r", _HEAD.size)
    except OSError:
        return 0, nothing


def _write(file: Path, state: int, records: Records) -> None:
    part = file.with_name(f"{file.name}.{token_hex(4)}.part")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with part.open("xb") as written:
                written.write(_HEAD.pack(_FORM, state))
                records.tofile(written)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("%s cannot be written (%s); passages will be encoded again", file, error)
