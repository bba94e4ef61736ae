"""The vectors of a corpus's passages: in one file beside its index, made of what is new in it.

A passage is told by a hash of its words, so that what has not changed is not encoded again. The
file is replaced whole; who reads the old one reads on. It holds nothing that cannot be made again.
"""

import logging
import os
from collections.abc import Callable, Iterator
from hashlib import blake2b, sha256
from pathlib import Path
from secrets import token_hex
from struct import Struct
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.index import FORMAT, SENTENCE_MODEL, Index
from bot.index.embeddings import ANSWERS, DIMENSIONS, UNRELATED, Encoder, Floats

logger = logging.getLogger(__name__)

# So much is read of a text: more words change its meaning little, and cost as much each.
MAX_WORDS, MAX_WORDS_ASKED = 256, 64
_LONG_WORD = 8
# So many passages are encoded, and read, at a time; and so many vectors compared.
BATCH, ROWS, CHUNK = 16, 5_000, 2_048

# A vector has length 1, and no number of it was above .2: in a byte, each is right to .0013.
_SCALE = 400.0
_RECORD = np.dtype([("id", "<i8"), ("key", "<u8"), ("vector", "i1", (DIMENSIONS,))])
# The form of the file, and the state of the index whose ids it has.
_HEAD = Struct("<56sq")
_FORM = sha256(f"{SENTENCE_MODEL} {FORMAT} {_RECORD} {_SCALE}".encode()).hexdigest()[:56].encode()

Records = npt.NDArray[Any]
# How many passages are encoded, of how many.
Progress = Callable[[int, int], None]


class Similarities:
    """How close in meaning each passage is to a question.

    From 0, nothing in common, to 1, as close as an answer; the model's own scale is another.
    """

    def __init__(self, ids: npt.NDArray[np.int64], found: Floats) -> None:
        self._ids, self._found = ids, found

    def of(self, number: int) -> float:
        """That of the passage with this id; 0 of one that is not known."""
        place = int(np.searchsorted(self._ids, number))
        known = place < len(self._ids) and self._ids[place] == number
        return scaled(float(self._found[place])) if known else 0.0

    def nearest(self, most: int) -> list[int]:
        """The ids of the passages that are closest, the closest first."""
        most = min(most, len(self._found))
        if not most:
            return []
        best = np.argpartition(-self._found, most - 1)[:most]
        return [int(self._ids[n]) for n in best[np.argsort(-self._found[best], kind="stable")]]


class PassageVectors:
    """The vectors of all passages of an index, by the ids of its catalog.

    One that was not made yet has the key 0, and is close to nothing.
    """

    def __init__(self, records: Records) -> None:
        self.records = records
        self._ids = np.array(records["id"])
        self.is_complete = bool(records["key"].all())

    def __len__(self) -> int:
        return len(self.records)

    def similarities(self, asked: Floats) -> Similarities:
        """Those to a question's vector: of every passage, so none is missed."""
        vectors = self.records["vector"]
        found = np.empty(len(vectors), np.float32)
        for start in range(0, len(vectors), CHUNK):
            found[start : start + CHUNK] = vectors[start : start + CHUNK].astype(np.float32) @ asked
        return Similarities(self._ids, found / _SCALE)


def vectors_file(folder: Path, data: Path, audience: str = "") -> Path:
    """Where the vectors of a folder of documents are kept: each has its own, and each audience."""
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
) -> PassageVectors:
    """The vectors of an index, from the file where it has them; the others are made and kept.

    No more than `most` are made now: the rest are close to nothing until it is opened again, with
    what it was `before`. Raises ModelError. A file that cannot be read or written costs time, and
    nothing else.
    """
    state, known = _read(file) if before is None else (0, before.records)
    if state == _state(index) and len(known) == index.size and known["key"].all():
        return PassageVectors(known)
    passages = list(_passages(index))
    keys = [_key(text) for _, text in passages]
    records = np.zeros(len(passages), _RECORD)
    records["id"] = [number for number, _ in passages]
    places = dict(zip(known["key"].tolist(), range(len(known)), strict=True))
    there = [(n, places[key]) for n, key in enumerate(keys) if key in places]
    if there:
        new, old = map(list, zip(*there, strict=True))
        for field in ("key", "vector"):
            records[field][new] = known[field][old]
    missing = [n for n, key in enumerate(keys) if key not in places][:most]
    for start in range(0, len(missing), BATCH):
        some = missing[start : start + BATCH]
        records["vector"][some] = _in_bytes(encoder().passages([passages[n][1] for n in some]))
        records["key"][some] = np.array([keys[n] for n in some], "<u8")
        if progress is not None:
            progress(start + len(some), len(missing))
    _write(file, _state(index), records)
    return PassageVectors(records)


def scaled(cosine: float) -> float:
    """A cosine of the model as a share, from 0 to 1."""
    return min(1.0, max(0.0, (cosine - UNRELATED) / (ANSWERS - UNRELATED)))


def cut(text: str, most: int) -> str:
    """The first words of a text; one without spaces is cut as if its words were long."""
    return " ".join(text[: most * _LONG_WORD].split()[:most])


def _passages(index: Index) -> Iterator[tuple[int, str]]:
    """Each passage's id, and what says what it means, in the order of ids."""
    last = 0
    while found := index.catalog.meant(last, ROWS):
        yield from ((number, cut(text, MAX_WORDS)) for number, text in found)
        last = found[-1][0]


def _state(index: Index) -> int:
    return int(index.catalog.fact("state", 0))


def _key(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest())


def _in_bytes(vectors: Floats) -> npt.NDArray[np.int8]:
    found: npt.NDArray[np.int8] = np.clip(np.rint(vectors * _SCALE), -127, 127).astype(np.int8)
    return found


def _read(file: Path) -> tuple[int, Records]:
    """The state of the index that a file is of, and its records, which stay on the disk."""
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
                written.write(records.tobytes())
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("%s cannot be written (%s); passages are encoded again", file, error)
