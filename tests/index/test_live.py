"""Live documents: opened, followed, and replaced as a whole."""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.errors import CorpusError, EngineError
from bot.index import Retention
from bot.index.tantivy import index_folder
from bot.live import MAX_BYTES_IN_MEMORY, LiveAnswerer
from bot.model import Answer, NotFound, Question

HORSES = Question("what does the ferry carry?")
ENGINES = pytest.mark.parametrize("engine", ["memory", "disk"])
# A change is active within two seconds (`tests.benchmarks.sizes` measures it), later on a busy
# machine.
SOON = 6.0


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "ferry.txt").write_text("The ferry carries horses.\n")
    (folder / "bridge.txt").write_text("Masons repair the bridge.\n")
    return folder


def quote(answer: Answer) -> str | None:
    return answer.citations[0].quote if answer.citations else None


@asynccontextmanager
async def followed(live: LiveAnswerer) -> AsyncIterator[None]:
    stop = asyncio.Event()
    following = asyncio.create_task(live.follow(stop))
    await asyncio.sleep(0.3)
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(following, 10)


async def within(seconds: float, holds: Callable[[], bool]) -> None:
    """Wait until it holds; more than so many seconds is too late."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds
        await asyncio.sleep(0.02)


@ENGINES
async def test_added_changed_and_removed_files_soon_take_effect(
    corpus: Path, tmp_path: Path, engine: str
) -> None:
    live = LiveAnswerer(corpus, tmp_path / "data", engine)
    async with followed(live):
        (corpus / "more").mkdir()
        (corpus / "more" / "pier.txt").write_text("Ann Lee painted the pier.\n")
        await within(SOON, lambda: quote(live.answerer.answer(Question("the pier?"))) is not None)
        (corpus / "ferry.txt").write_text("The ferry carries cows.\n")
        await within(SOON, lambda: quote(live.answerer.answer(HORSES)) == "The ferry carries cows.")
        (corpus / "ferry.txt").unlink()
        await within(SOON, lambda: isinstance(live.answerer.answer(HORSES), NotFound))
    assert live.facts.passages == 2


@ENGINES
async def test_a_question_in_flight_keeps_the_answerer_it_took(
    corpus: Path, tmp_path: Path, engine: str
) -> None:
    live = LiveAnswerer(corpus, tmp_path / "data", engine)
    taken = live.answerer
    (corpus / "ferry.txt").unlink()
    assert live.refresh()
    assert quote(taken.answer(HORSES)) == "The ferry carries horses."
    assert isinstance(live.answerer.answer(HORSES), NotFound)
    assert taken.index.documents_hash != live.answerer.index.documents_hash


@ENGINES
def test_unsupported_files_are_recounted_without_changing_the_documents_hash(
    corpus: Path, tmp_path: Path, engine: str
) -> None:
    for file in corpus.iterdir():
        os.utime(file, (1, 1))  # not so new that it is read again
    live = LiveAnswerer(corpus, tmp_path / "data", engine)
    before = live.answerer.index
    (corpus / "scan.odt").touch()
    assert live.refresh()
    after = live.answerer.index
    assert (before.not_read, after.not_read) == ({}, {".odt": 1})
    assert (before.documents_hash, before.changed) == (after.documents_hash, after.changed)
    (corpus / "scan.odt").unlink()
    assert live.refresh()
    assert live.answerer.index.not_read == {}


@ENGINES
def test_a_file_that_becomes_unreadable_keeps_its_last_version_and_is_named(
    corpus: Path, tmp_path: Path, engine: str
) -> None:
    live = LiveAnswerer(corpus, tmp_path / "data", engine)
    (corpus / "ferry.txt").write_bytes(b"\xff")
    live.refresh()
    assert quote(live.answerer.answer(HORSES)) == "The ferry carries horses."
    assert live.answerer.index.problems == (
        f"{corpus}/ferry.txt: not UTF-8 at byte 0; save it as UTF-8",
    )


@ENGINES
def test_an_invalid_synonym_list_keeps_the_previous_one_active(
    corpus: Path, tmp_path: Path, engine: str
) -> None:
    (corpus / "synonyms.txt").write_text("barge, ferry\n")
    live = LiveAnswerer(corpus, tmp_path / "data", engine)
    (corpus / "synonyms.txt").write_text("ferry =>\n")
    (corpus / "ferry.txt").write_text("The ferry carries cows.\n")
    assert live.refresh()
    assert "synonyms.txt:1: not " in live.answerer.index.problems[0]
    assert quote(live.answerer.answer(Question("the barge?"))) == "The ferry carries cows."
    (corpus / "synonyms.txt").write_text("punt, ferry\n")
    assert live.refresh()
    assert live.answerer.index.problems == ()
    assert quote(live.answerer.answer(Question("what does the punt carry?"))) is not None


@ENGINES
def test_a_folder_that_is_gone_or_becomes_empty_is_an_outage_until_it_is_back(
    corpus: Path, tmp_path: Path, engine: str
) -> None:
    live = LiveAnswerer(corpus, tmp_path / "data", engine, max_away=0.2)
    corpus.rename(tmp_path / "away")
    assert not live.refresh()
    assert "no such folder" in (live.facts.problem or "")
    assert (live.facts.broken, live.facts.stale) == (True, False)
    corpus.mkdir()
    assert not live.refresh()
    assert "no documents left in it" in (live.facts.problem or "")
    assert quote(live.answerer.answer(HORSES)) is not None
    time.sleep(0.3)
    assert (live.facts.broken, live.facts.stale) == (True, True)
    corpus.rmdir()
    (tmp_path / "away").rename(corpus)
    live.refresh()
    assert (live.facts.problem, live.facts.broken, live.facts.stale) == (None, False, False)
    live.close()


@ENGINES
def test_an_unreadable_folder_keeps_its_documents_and_is_named(
    corpus: Path, tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a disk error: it is the system call that fails, since root may look into all."""
    (corpus / "lost").mkdir()
    (corpus / "lost" / "pier.txt").write_text("Ann Lee painted the pier.\n")
    live = LiveAnswerer(corpus, tmp_path / "data", engine)
    look = os.scandir

    def fails(path: str) -> object:
        if path.endswith("lost"):
            raise OSError(5, "Input/output error", path)
        return look(path)

    (corpus / "ferry.txt").write_text("The ferry carries cows.\n")
    with monkeypatch.context() as broken:
        broken.setattr(os, "scandir", fails)
        assert live.refresh()
        assert quote(live.answerer.answer(Question("the pier?"))) is not None
        assert quote(live.answerer.answer(HORSES)) == "The ferry carries cows."
        [said] = live.answerer.index.problems
        assert said == f"{corpus}/lost: Input/output error; make it readable"
        (corpus / "bridge.txt").unlink()
        live.refresh()
        assert {one.path for one in live.answerer.index.documents} == {
            "ferry.txt",
            "lost/pier.txt",
        }
    live.refresh()
    assert live.answerer.index.problems == ()
    shutil.rmtree(corpus / "lost")
    live.refresh()
    assert [one.path for one in live.answerer.index.documents] == ["ferry.txt"]
    live.close()


@ENGINES
def test_a_folder_without_documents_cannot_be_opened(tmp_path: Path, engine: str) -> None:
    (tmp_path / "corpus").mkdir()
    with pytest.raises(CorpusError, match="no document to answer from"):
        LiveAnswerer(tmp_path / "corpus", tmp_path / "data", engine)


async def test_a_replaced_folder_is_still_followed(corpus: Path, tmp_path: Path) -> None:
    live = LiveAnswerer(corpus, tmp_path / "data", "memory")
    async with followed(live):
        other = tmp_path / "other"
        other.mkdir()
        (other / "pier.txt").write_text("Ann Lee painted the pier.\n")
        shutil.rmtree(corpus)
        other.rename(corpus)
        await within(5, lambda: quote(live.answerer.answer(Question("the pier?"))) is not None)
        (corpus / "pier.txt").write_text("Bo Ray painted the pier.\n")
        await within(5, lambda: "Bo" in (quote(live.answerer.answer(Question("pier?"))) or ""))


async def test_a_file_name_that_is_not_utf_8_does_not_stop_the_following(
    corpus: Path, tmp_path: Path
) -> None:
    live = LiveAnswerer(corpus, tmp_path / "data", "memory")
    odd = os.fsencode(corpus) + b"/\xff.jpg"
    async with followed(live):
        os.mkfifo(odd)
        await within(SOON, lambda: live.answerer.index.problems != ())
        (corpus / "pier.txt").write_text("Ann Lee painted the pier.\n")
        await within(SOON, lambda: quote(live.answerer.answer(Question("the pier?"))) is not None)


def test_small_documents_are_in_memory_and_large_ones_on_disk(corpus: Path, tmp_path: Path) -> None:
    live = LiveAnswerer(corpus, tmp_path / "data")
    assert live.facts.engine == "memory"
    assert not (tmp_path / "data").exists()
    line = "The pier is long and old. " * 20 + "\n"
    (corpus / "pier.txt").write_text(line * (MAX_BYTES_IN_MEMORY // len(line) + 1))
    assert live.refresh()
    assert live.facts.engine == "disk"
    assert quote(live.answerer.answer(HORSES)) == "The ferry carries horses."
    live.close()


def test_a_damaged_index_is_built_again_when_it_is_opened(corpus: Path, tmp_path: Path) -> None:
    LiveAnswerer(corpus, tmp_path / "data", "disk").close()
    index = index_folder(corpus, tmp_path / "data")
    for file in index.glob("catalog*"):
        file.write_bytes(b"no database at all" * 1000)
    live = LiveAnswerer(corpus, tmp_path / "data", "disk")
    assert quote(live.answerer.answer(HORSES)) == "The ferry carries horses."
    live.close()


@pytest.mark.slow
async def test_an_index_that_breaks_while_it_is_asked_is_built_again(
    corpus: Path, tmp_path: Path
) -> None:
    live = LiveAnswerer(corpus, tmp_path / "data", "disk")
    live.answerer.index.close()  # as if the file under it were gone
    with pytest.raises(EngineError):
        live.answerer.answer(HORSES)
    assert live.facts.broken
    async with followed(live):
        await within(5, lambda: not live.facts.broken)
    assert quote(live.answerer.answer(HORSES)) == "The ferry carries horses."


def test_an_index_of_another_version_is_rebuilt(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr("bot.index.builder.FORMAT", 1)
        older.setattr("bot.index.tantivy.FORMAT", 1)
        LiveAnswerer(corpus, tmp_path / "data", "disk").close()
    live = LiveAnswerer(corpus, tmp_path / "data", "disk")
    assert quote(live.answerer.answer(HORSES)) == "The ferry carries horses."
    live.close()


def test_one_process_reads_while_another_writes(corpus: Path, tmp_path: Path) -> None:
    writes = LiveAnswerer(corpus, tmp_path / "data", "disk")
    (corpus / "ferry.txt").write_text("The ferry carries cows.\n")
    reads = LiveAnswerer(corpus, tmp_path / "data", "disk")
    assert quote(reads.answerer.answer(HORSES)) == "The ferry carries horses."
    writes.refresh()
    assert reads.refresh()
    assert quote(reads.answerer.answer(HORSES)) == "The ferry carries cows."
    writes.close()


async def test_the_loop_is_free_while_the_folder_is_indexed(corpus: Path, tmp_path: Path) -> None:
    live = LiveAnswerer(corpus, tmp_path / "data", "disk")
    longest, last = 0.0, time.monotonic()
    async with followed(live):
        for number in range(40):
            text = f"Masons repair the bridge of village {number} with {number} stones.\n" * 50
            (corpus / f"more-{number}.txt").write_text(text)
        while live.facts.documents < 42:
            await asyncio.sleep(0.005)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
    assert longest < 1.0  # Slack waits three seconds for an acknowledgement


def test_a_replaced_answerer_is_closed_once_no_question_can_be_in_flight(
    corpus: Path, tmp_path: Path
) -> None:
    live = LiveAnswerer(corpus, tmp_path / "data", "disk", retention=Retention(answerer=0.5))
    old = live.answerer
    (corpus / "ferry.txt").unlink()
    live.refresh()
    live.close_replaced()
    assert old.answer(HORSES).citations
    time.sleep(0.6)
    live.close_replaced()
    with pytest.raises(EngineError):
        old.answer(Question("does the ferry carry horses?"))
    live.close()


def test_a_recent_file_is_read_again_even_if_its_size_and_time_are_unchanged(
    corpus: Path, tmp_path: Path
) -> None:
    live = LiveAnswerer(corpus, tmp_path / "data", "disk")
    file = corpus / "ferry.txt"
    about = file.stat()
    file.write_text("The ferry carries donkey.\n"[: about.st_size].ljust(about.st_size))
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert file.stat().st_size == about.st_size
    assert live.refresh()
    live.close()


def test_a_version_is_kept_longer_than_an_answerer_that_uses_it() -> None:
    with pytest.raises(ValueError, match="must be kept longer than an answerer"):
        Retention(answerer=60.0, version=60.0)
