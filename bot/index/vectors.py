"""The vectors of a corpus's passages, in a file beside its index; only new passages are encoded.

A passage is identified by a hash of its text, so unchanged ones are not encoded again. The file is
replaced atomically, and readers of the old one can go on. It is only a cache and can be rebuilt.
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

# How many words of a passage and of a question are encoded: further words add cost but little
# meaning.
MAX_WORDS, MAX_WORDS_ASKED = 256, 64
_LONG_WORD = 8
# How many passages are encoded at a time, how many rows read, and how many vectors compared.
BATCH, ROWS, CHUNK = 16, 5_000, 2_048

# Vectors are stored as bytes: a component of a unit vector, never seen above .2, times this scale,
# which is accurate to .0013.
_SCALE = 400.0
_RECORD = np.dtype([("id", "<i8"), ("key", "<u8"), ("vector", "i1", (DIMENSIONS,))])
# The header: the format of the file, and the state of the index whose ids it has.
_HEAD = Struct("<56sq")
_FORM = sha256(f"{SENTENCE_MODEL} {FORMAT} {_RECORD} {_SCALE}".encode()).hexdigest()[:56].encode()

Records = npt.NDArray[Any]
# Called with (passages_encoded, passages_to_encode); raise to cancel.
Progress = Callable[[int, int], None]


class Similarities:
    """How close in meaning each passage is to a question, from 0 (unrelated) to 1 (an answer).

    `ids` are the passages' ids in ascending order, `found` their cosines, both of shape (n,).
    """

    def __init__(self, ids: npt.NDArray[np.int64], found: Floats) -> None:
        self._ids, self._found = ids, found

    def of(self, number: int) -> float:
        """The closeness of the passage with this id; 0 if it is unknown."""
        place = int(np.searchsorted(self._ids, number))
        known = place < len(self._ids) and self._ids[place] == number
        return scaled(float(self._found[place])) if known else 0.0

    def nearest(self, most: int) -> list[int]:
        """The ids of the at most `most` closest passages, closest first."""
        most = min(most, len(self._found))
        if not most:
            return []
        best = np.argpartition(-self._found, most - 1)[:most]
        return [int(self._ids[n]) for n in best[np.argsort(-self._found[best], kind="stable")]]


class PassageVectors:
    """The vectors of all passages of an index, by their ids in its catalog.

    A passage without a vector yet has the key 0 and a zero vector, which is close to nothing.
    """

    def __init__(self, records: Records) -> None:
        self.records = records
        self._ids = np.array(records["id"])
        self.is_complete = bool(records["key"].all())

    def __len__(self) -> int:
        return len(self.records)

    def similarities(self, asked: Floats) -> Similarities:
        """Compare every passage with a question's vector, of shape (DIMENSIONS,)."""
        vectors = self.records["vector"]
        found = np.empty(len(vectors), np.float32)
        for start in range(0, len(vectors), CHUNK):
            found[start : start + CHUNK] = vectors[start : start + CHUNK].astype(np.float32) @ asked
        return Similarities(self._ids, found / _SCALE)


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
    `partly`, none are if more than that are missing. If the file cannot be read or written, this
    only takes longer. Raises ModelError.
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
    missing = [n for n, key in enumerate(keys) if key not in places]
    missing = [] if most is not None and len(missing) > most and not partly else missing[:most]
    for start in range(0, len(missing), BATCH):
        some = missing[start : start + BATCH]
        records["vector"][some] = _in_bytes(encoder().passages([passages[n][1] for n in some]))
        records["key"][some] = np.array([keys[n] for n in some], "<u8")
        if progress is not None:
            progress(start + len(some), len(missing))
    _write(file, _state(index), records)
    return PassageVectors(records)


def scaled(cosine: float) -> float:
    """Map the model's cosine from UNRELATED..ANSWERS to 0..1, clipped."""
    return min(1.0, max(0.0, (cosine - UNRELATED) / (ANSWERS - UNRELATED)))


def cut(text: str, most: int) -> str:
    """The first `most` words of a text, and at most eight characters per word on average."""
    return " ".join(text[: most * _LONG_WORD].split()[:most])


def _passages(index: Index) -> Iterator[tuple[int, str]]:
    """Each passage's id and the text to encode, in the order of ids."""
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
                written.write(records.tobytes())
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("%s cannot be written (%s); passages will be encoded again", file, error)
