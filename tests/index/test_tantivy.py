"""The index on disk: incremental updates, kills, and damage."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.errors import EngineError, IndexBusy, IndexDamaged
from bot.index.catalog import Catalog
from bot.index.tantivy import CATALOG, TantivyBuilder, TantivyIndex, TantivySearcher, is_current
from bot.live import LiveAnswerer
from bot.model import NotFound, Question
from tests.conftest import ROOT, look
from tests.fakes import documents
from tests.index.test_engines_agree import Pair, differing, in_memory, indexed, on_disk


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "ferry.txt").write_text("The ferry carries horses.\nIt sails on Monday.\n")
    (folder / "bridge.txt").write_text("Masons repair the bridge.\n")
    long_ago(folder)
    return folder


def long_ago(folder: Path) -> None:
    """What was written a moment ago is read again, whatever its size and time say."""
    for number, path in enumerate(sorted(folder.rglob("*.txt"))):
        os.utime(path, (1_000_000 + number, 1_000_000 + number))


def update(indexer: TantivyBuilder, corpus: Path) -> list[tuple[int, int]]:
    """The bytes that are read as the index is brought up to date."""
    told: list[tuple[int, int]] = []
    indexer.update(look(corpus), keep=False, progress=lambda done, size: told.append((done, size)))
    return told


def test_only_what_changed_is_indexed_again(corpus: Path, tmp_path: Path) -> None:
    indexer = TantivyBuilder(tmp_path / "index")
    assert len(update(indexer, corpus)) == 2
    assert update(indexer, corpus) == []
    assert is_current(look(corpus), tmp_path / "index")
    (corpus / "ferry.txt").write_text("The ferry carries cows.\n")
    assert len(update(indexer, corpus)) == 1
    indexer.close()
    disk = on_disk(tmp_path / "index")
    assert disk.answer(Question("what does the ferry carry?")).citations[0].quote == (
        "The ferry carries cows."
    )
    assert isinstance(disk.answer(Question("horses")), NotFound)


def test_a_file_that_is_only_touched_is_read_and_not_indexed_again(
    corpus: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    before = indexed(corpus, index).other
    os.utime(corpus / "ferry.txt", (2_000_000, 2_000_000))
    assert not is_current(look(corpus), index)
    indexer = TantivyBuilder(index)
    assert not indexer.update(look(corpus), keep=False)
    indexer.close()
    assert is_current(look(corpus), index)
    assert on_disk(index).index.documents_hash == before.index.documents_hash


def test_an_index_that_is_open_stays_as_it_was_whatever_is_written(
    corpus: Path, tmp_path: Path
) -> None:
    before = indexed(corpus, tmp_path / "index").other
    (corpus / "ferry.txt").unlink()
    after = indexed(corpus, tmp_path / "index").other
    question = Question("what does the ferry carry?")
    assert before.answer(question).citations[0].quote == "The ferry carries horses."
    assert isinstance(after.answer(question), NotFound)
    assert (before.index.size, after.index.size) == (3, 1)


def test_a_file_that_becomes_unreadable_keeps_its_last_version(
    corpus: Path, tmp_path: Path
) -> None:
    indexer = TantivyBuilder(tmp_path / "index")
    indexer.update(look(corpus), keep=False)
    (corpus / "ferry.txt").write_bytes(b"\xff")
    indexer.update(look(corpus), keep=True)
    kept = on_disk(tmp_path / "index")
    assert kept.answer(Question("horses")).citations
    assert "ferry.txt: not UTF-8 at byte 0" in kept.index.problems[0]
    (corpus / "ferry.txt").write_text("The ferry carries cows.\n")
    indexer.update(look(corpus), keep=True)
    indexer.close()
    assert on_disk(tmp_path / "index").index.problems == ()


def test_one_process_writes_and_any_number_read(corpus: Path, tmp_path: Path) -> None:
    indexer = TantivyBuilder(tmp_path / "index")
    indexer.update(look(corpus), keep=False)
    with pytest.raises(IndexBusy, match="another process is writing the index"):
        TantivyBuilder(tmp_path / "index")
    assert on_disk(tmp_path / "index").index.size == 3
    indexer.close()
    TantivyBuilder(tmp_path / "index").close()


def test_the_corpus_on_disk_hands_out_documents_and_passages(corpus: Path, tmp_path: Path) -> None:
    memory, disk = indexed(corpus, tmp_path / "index")
    found = disk.index.documents
    assert list(found) == list(memory.index.documents)
    assert (len(found), found[0], found[-1]) == (2, *memory.index.documents)
    assert list(found[1:]) == [memory.index.documents[1]]
    with pytest.raises(IndexError):
        found[2]
    of_disk, of_memory = disk.index.beginning(2), memory.index.beginning(2)
    assert [one.passage for one in of_disk] == [one.passage for one in of_memory]
    [first, second] = disk.index.passages_of("ferry.txt")
    assert (first.text, second.text) == ("The ferry carries horses.", "It sails on Monday.")
    with pytest.raises(ValueError, match="only the words of this passage"):
        first.document.text[0:40]


def test_unknown_passage_ids_are_skipped(corpus: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    indexed(corpus, index)
    catalog = Catalog.at(index / CATALOG)
    assert catalog.by_id([99, 1]) == catalog.by_id([1])
    catalog.close()


KILLED = """
import sys
from pathlib import Path
from bot.documents.folder import DocumentFolder
from bot.index.tantivy import TantivyBuilder
found = DocumentFolder(Path(sys.argv[1])).look()
indexer = TantivyBuilder(Path(sys.argv[2]))
print("ready", flush=True)
indexer.update(found, keep=False, progress=lambda done, size: print(done, flush=True))
print("done", flush=True)
"""


def killed(corpus: Path, index: Path, after: int) -> None:
    """Index in a process that is killed when so many files are indexed."""
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(corpus), str(index)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    with child:
        assert child.stdout is not None
        for _ in range(after + 1):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 1, 5, 19, 21])
def test_an_index_is_completed_after_a_kill_while_indexing(tmp_path: Path, after: int) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    documents.write(corpus, 2000)
    killed(corpus, index, after)
    pair = indexed(corpus, index)
    assert differing(pair, documents.questions(2000, 30)) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_a_kill_at_any_moment_of_a_change_leaves_the_old_or_the_new(
    tmp_path: Path, seed: int
) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    documents.write(corpus, 3000)
    before = indexed(corpus, index).other.index.documents_hash
    for path in sorted(corpus.rglob("*.txt"))[::2]:
        path.write_text(path.read_text().replace(" the ", " a "))
    after = in_memory(corpus).index.documents_hash
    started = time.monotonic()
    killed_after(corpus, index, seed / 10)
    assert time.monotonic() - started < 60
    found = on_disk(index)
    assert found.index.documents_hash in (before, after)
    assert (
        differing(
            Pair(in_memory(corpus), indexed(corpus, index).other), documents.questions(3000, 30)
        )
        == []
    )


def killed_after(corpus: Path, index: Path, seconds: float) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(corpus), str(index)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    with child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(seconds)
        child.kill()


def spoil(file: Path) -> None:
    """Replaced, not overwritten: truncating a file that tantivy has mapped is a bus error."""
    spoiled = file.with_name("spoiled")
    spoiled.write_bytes(b"\x99" * file.stat().st_size)
    spoiled.replace(file)


@pytest.mark.parametrize("part", [CATALOG, "passages/meta.json", "words/meta.json"])
def test_a_damaged_index_is_reported(corpus: Path, tmp_path: Path, part: str) -> None:
    index = tmp_path / "index"
    pair = indexed(corpus, index)
    pair.other.index.close()
    spoil(index / part)
    with pytest.raises(IndexDamaged, match="the index is corrupt"):
        TantivyIndex(index)


@pytest.mark.parametrize("ending", ["store", "idx", "term", "fast", "fieldnorm"])
def test_a_damaged_segment_never_answers_wrongly(corpus: Path, tmp_path: Path, ending: str) -> None:
    index = tmp_path / "index"
    pair = indexed(corpus, index)
    pair.other.index.close()
    for file in (index / "passages").glob(f"*.{ending}"):
        spoil(file)
    try:
        engine = TantivySearcher(index)
        found = engine.candidates({"ferri": 1.0}, 9, None)
    except EngineError:
        return
    assert set(found) <= {1, 2, 3} or TantivyIndex(index).catalog.by_id(found) == []


FULL = """
import resource, sys
from pathlib import Path
from bot.errors import EngineError
from bot.live import LiveAnswerer
from bot.model import Question
corpus, data = Path(sys.argv[1]), Path(sys.argv[2])
live = LiveAnswerer(corpus, data, "disk")
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
(corpus / "much.txt").write_text("Masons repair the bridge of the town.\\n" * 2000)
live.refresh()
print(live.facts.problem)
print(live.answerer.answer(Question("what does the ferry carry?")).citations[0].quote)
"""


def test_a_full_disk_keeps_the_previous_version_active_and_is_reported(
    corpus: Path, tmp_path: Path
) -> None:
    """A limit on the size of files stands for the disk: writing fails in the same places."""
    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(corpus), str(tmp_path / "data")],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    problem, quote = ran.stdout.splitlines()[-2:]
    assert problem.startswith("the index cannot be read or written")
    assert quote == "The ferry carries horses."
    again = LiveAnswerer(corpus, tmp_path / "data", "disk")
    assert again.facts.passages == 2003
    assert again.answerer.answer(Question("what does the ferry carry?")).citations
    again.close()


def test_index_files_are_private_even_if_an_older_version_left_them_readable(
    corpus: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    env = {**os.environ, "DATA_DIR": str(data), "CORPUS_DIR": str(corpus)}

    def index() -> set[int]:
        command = [sys.executable, "-m", "bot", "index"]
        subprocess.run(command, env=env, cwd=ROOT, umask=0, check=True, capture_output=True)
        return {path.stat().st_mode & 0o077 for path in (data / "index").rglob("*")}

    assert index() == {0}
    for path in (data / "index").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert index() == {0}
    (corpus / "ferry.txt").write_text("The ferry carries cows.\n")
    assert index() == {0}
