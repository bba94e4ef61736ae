from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.index import Index
from bot.index.embeddings import DIMENSIONS, Floats
from bot.index.vectors import BATCH, PassageVectors, open_vectors, scaled
from bot.live import LiveAnswerer

BRIDGE = "Lowmere agreed to close its old bridge."
FERRY = "A ferry from Norway will carry passengers."
MAYOR = "Dagny Tarrant is the mayor."


class CountingEncoder:
    """Another model than the one that is installed: a vector by chance for each text."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def question(self, text: str) -> Floats:
        seed = int.from_bytes(sha256(text.encode()).digest()[:8])
        vector = np.random.default_rng(seed).normal(size=DIMENSIONS).astype(np.float32)
        return vector / np.float32(np.linalg.norm(vector))

    def passages(self, texts: Sequence[str]) -> Floats:
        self.encoded += texts
        return np.array([self.question(text) for text in texts])


def index_of(folder: Path, *texts: str, engine: str = "memory") -> Index:
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    (corpus / "a.txt").write_text("\n".join(texts), encoding="utf-8")
    live = LiveAnswerer(corpus, folder / "data", engine)
    live.close()
    return live.answerer.index


def opened(file: Path, index: Index) -> tuple[PassageVectors, list[str]]:
    encoder = CountingEncoder()
    return open_vectors(file, index, lambda: encoder), encoder.encoded


def texts_nearest(vectors: PassageVectors, index: Index, text: str) -> list[str]:
    found = vectors.similarities(CountingEncoder().question(text)).nearest(index.size)
    return [analysis.rest.text for number in found for analysis in index.by_id([number])]


@pytest.mark.parametrize("engine", ["memory", "disk"])
def test_only_passages_that_are_new_are_encoded(tmp_path: Path, engine: str) -> None:
    file = tmp_path / "v"
    _, first = opened(file, index_of(tmp_path, BRIDGE, FERRY, engine=engine))
    _, again = opened(file, index_of(tmp_path, BRIDGE, FERRY, engine=engine))
    changed = index_of(tmp_path, MAYOR, FERRY, engine=engine)
    vectors, second = opened(file, changed)
    assert (sorted(first), again, second) == (sorted([BRIDGE, FERRY]), [], [MAYOR])
    assert texts_nearest(vectors, changed, FERRY) == [FERRY, MAYOR]
    assert texts_nearest(vectors, changed, MAYOR) == [MAYOR, FERRY]


def read_while_opening(file: Path, index: Index) -> tuple[list[str], list[str]]:
    """The texts that were read of an index to open its vectors, and those that were encoded."""
    with mock.patch.object(index, "rows", wraps=index.rows) as rows:
        _, encoded = opened(file, index)
    read = [number for call in rows.call_args_list for number in call.args[0]]
    return [row.text for row in index.rows(read)], encoded


@pytest.mark.parametrize("engine", ["memory", "disk"])
def test_only_the_passages_of_changed_files_are_read(tmp_path: Path, engine: str) -> None:
    file = tmp_path / "v"
    index_of(tmp_path, BRIDGE)
    (tmp_path / "corpus" / "b.txt").write_text(FERRY)
    opened(file, index_of(tmp_path, BRIDGE, engine=engine))
    read, encoded = read_while_opening(file, index_of(tmp_path, MAYOR, BRIDGE, engine=engine))
    assert FERRY not in read
    assert {MAYOR, BRIDGE} == set(read)
    assert encoded == [MAYOR]


def test_a_file_that_is_read_as_another_kind_has_other_passages(tmp_path: Path) -> None:
    file, index = tmp_path / "v", index_of(tmp_path, f"<p>{BRIDGE}</p>")
    opened(file, index)
    (tmp_path / "corpus" / "a.txt").rename(tmp_path / "corpus" / "a.html")
    live = LiveAnswerer(tmp_path / "corpus", tmp_path / "data", "memory")
    _, encoded = opened(file, live.answerer.index)
    assert encoded == [BRIDGE]


def test_a_change_while_vectors_are_made_loses_none_of_them(tmp_path: Path) -> None:
    texts = [f"Pier {number} has lamps." for number in range(50)]
    encoder = CountingEncoder()
    for index in (index_of(tmp_path, *texts), index_of(tmp_path, MAYOR, *texts)):
        open_vectors(tmp_path / "v", index, lambda: encoder, most=30)
    assert len(encoder.encoded) == len(set(encoder.encoded)) == 51


def test_vectors_made_before_the_program_is_stopped_are_kept(tmp_path: Path) -> None:
    index = index_of(tmp_path, *(f"Pier {number} has lamps." for number in range(BATCH + 3)))
    with pytest.raises(KeyboardInterrupt):
        open_vectors(
            tmp_path / "v", index, CountingEncoder, mock.Mock(side_effect=KeyboardInterrupt)
        )
    vectors, encoded = opened(tmp_path / "v", index)
    assert vectors.is_complete
    assert len(encoded) == 3


def test_in_a_large_index_only_the_passages_asked_for_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = index_of(tmp_path, BRIDGE, FERRY, MAYOR)
    all_vectors, _ = opened(tmp_path / "v", index)
    asked = CountingEncoder().question(FERRY)
    of_all = all_vectors.similarities(asked)
    monkeypatch.setattr("bot.index.vectors.MAX_COMPARED", 2)
    of_asked = all_vectors.similarities(asked)
    assert of_asked.nearest(3) == []
    ids = [origin.id for origin in index.origins()]
    assert [of_asked.of(number) for number in ids] == [of_all.of(number) for number in ids]
    assert of_asked.of(ids[-1] + 1) == 0.0
    assert of_asked.nearest(1) == of_all.nearest(1)


@pytest.mark.parametrize("is_kept", [True, False])
def test_vectors_can_be_made_in_several_steps(tmp_path: Path, is_kept: bool) -> None:
    (tmp_path / "file").write_text("no folder")
    file = tmp_path / "v" if is_kept else tmp_path / "file" / "v"
    index = index_of(tmp_path, BRIDGE, FERRY, MAYOR)
    encoder = CountingEncoder()
    vectors = None
    made = []
    while vectors is None or not vectors.is_complete:
        vectors = open_vectors(file, index, lambda: encoder, most=1, before=vectors)
        made.append(len(encoder.encoded))
        last = encoder.encoded[-1]
        assert texts_nearest(vectors, index, last)[0] == last
    assert (made, len(set(encoder.encoded))) == ([1, 2, 3], 3)


@pytest.mark.parametrize("spoilt", [b"", b"other", b"\0" * 5_000])
def test_a_damaged_vector_file_is_rebuilt(tmp_path: Path, spoilt: bytes) -> None:
    file, index = tmp_path / "v", index_of(tmp_path, BRIDGE, FERRY)
    opened(file, index)
    whole = file.read_bytes()
    for contents in (spoilt, whole[:-1], whole + b"x"):
        file.write_bytes(contents)
        vectors, encoded = opened(file, index)
        assert sorted(encoded) == sorted([BRIDGE, FERRY])
        assert texts_nearest(vectors, index, BRIDGE)[0] == BRIDGE
        assert file.read_bytes() == whole


def test_vectors_are_made_each_time_if_they_cannot_be_saved(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    index = index_of(tmp_path, BRIDGE, FERRY)
    vectors, encoded = opened(tmp_path / "file" / "v", index)
    assert len(vectors) == len(encoded) == 2
    assert texts_nearest(vectors, index, FERRY)[0] == FERRY


def test_a_vector_file_takes_fewer_than_six_hundred_bytes_a_passage(tmp_path: Path) -> None:
    file = tmp_path / "v"
    index = index_of(tmp_path, *(f"Passage {n} is about {n * n}." for n in range(100)))
    opened(file, index)
    assert file.stat().st_size < 600 * index.size


@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_a_vector_stored_as_bytes_keeps_its_similarity(one: int, other: int) -> None:
    from bot.index.vectors import _RECORD, _in_bytes

    encoder = CountingEncoder()
    exact, asked = encoder.passages([str(one)]), encoder.question(str(other))
    records = np.zeros(1, _RECORD)
    records["id"], records["vector"] = 7, _in_bytes(exact)
    found = PassageVectors(records).similarities(asked)
    assert found.of(7) == pytest.approx(scaled(float(exact[0] @ asked)), abs=0.05)
    assert found.of(8) == 0.0
