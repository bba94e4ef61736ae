"""The documents as they are now: opened, followed, and replaced whole."""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import shelf as shelf_module
from bot.errors import CorpusError, EngineError
from bot.model import Answer, NotFound, Question
from bot.shelf import LARGEST_IN_MEMORY, Shelf
from bot.sources import index_folder

HORSES = Question("what does the ferry carry?")
ENGINES = pytest.mark.parametrize("engine", ["memory", "disk"])
# A change is in force within two seconds (`tests.sizes` measures it); a busy machine takes longer.
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
async def followed(shelf: Shelf) -> AsyncIterator[None]:
    stop = asyncio.Event()
    following = asyncio.create_task(shelf.follow(stop))
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
async def test_added_changed_and_removed_files_are_soon_in_force(
    corpus: Path, tmp_path: Path, engine: str
) -> None:
    shelf = Shelf(corpus, tmp_path / "data", engine)
    async with followed(shelf):
        (corpus / "more").mkdir()
        (corpus / "more" / "pier.txt").write_text("Ann Lee painted the pier.\n")
        await within(SOON, lambda: quote(shelf.answerer.answer(Question("the pier?"))) is not None)
        (corpus / "ferry.txt").write_text("The ferry carries cows.\n")
        await within(
            SOON, lambda: quote(shelf.answerer.answer(HORSES)) == "The ferry carries cows."
        )
        (corpus / "ferry.txt").unlink()
        await within(SOON, lambda: isinstance(shelf.answerer.answer(HORSES), NotFound))
    assert shelf.facts.passages == 2


@ENGINES
async def test_a_question_in_flight_keeps_the_answerer_it_took(
    corpus: Path, tmp_path: Path, engine: str
) -> None:
    shelf = Shelf(corpus, tmp_path / "data", engine)
    taken = shelf.answerer
    (corpus / "ferry.txt").unlink()
    assert shelf.refresh()
    assert quote(taken.answer(HORSES)) == "The ferry carries horses."
    assert isinstance(shelf.answerer.answer(HORSES), NotFound)
    assert taken.corpus.content_hash != shelf.answerer.corpus.content_hash


@ENGINES
def test_a_file_that_becomes_unreadable_keeps_what_it_was_and_is_named(
    corpus: Path, tmp_path: Path, engine: str
) -> None:
    shelf = Shelf(corpus, tmp_path / "data", engine)
    (corpus / "ferry.txt").write_bytes(b"\xff")
    shelf.refresh()
    assert quote(shelf.answerer.answer(HORSES)) == "The ferry carries horses."
    assert shelf.answerer.corpus.problems == (
        f"{corpus}/ferry.txt: not UTF-8 at byte 0; save it as UTF-8",
    )


@ENGINES
def test_a_list_of_synonyms_that_does_not_parse_keeps_what_was_in_force(
    corpus: Path, tmp_path: Path, engine: str
) -> None:
    shelf = Shelf(corpus, tmp_path / "data", engine)
    (corpus / "synonyms.txt").write_text("ferry =>\n")
    assert not shelf.refresh()
    assert "synonyms.txt:1: not " in (shelf.facts.problem or "")
    assert quote(shelf.answerer.answer(HORSES)) == "The ferry carries horses."
    (corpus / "synonyms.txt").write_text("punt, ferry\n")
    assert shelf.refresh()
    assert shelf.facts.problem is None
    assert quote(shelf.answerer.answer(Question("what does the punt carry?"))) is not None


@ENGINES
def test_a_folder_that_is_gone_keeps_what_was_in_force_and_an_empty_one_answers_nothing(
    corpus: Path, tmp_path: Path, engine: str
) -> None:
    shelf = Shelf(corpus, tmp_path / "data", engine)
    corpus.rename(tmp_path / "away")
    assert not shelf.refresh()
    assert "no such folder" in (shelf.facts.problem or "")
    assert quote(shelf.answerer.answer(HORSES)) is not None
    corpus.mkdir()
    assert shelf.refresh()
    for question in (HORSES, Question("what is this about?")):
        assert isinstance(shelf.answerer.answer(question), NotFound)
    assert "no document to answer from" in (shelf.facts.problem or "")


@ENGINES
def test_a_folder_without_documents_cannot_be_opened(tmp_path: Path, engine: str) -> None:
    (tmp_path / "corpus").mkdir()
    with pytest.raises(CorpusError, match="no document to answer from"):
        Shelf(tmp_path / "corpus", tmp_path / "data", engine)


async def test_a_folder_that_is_replaced_is_followed_further(corpus: Path, tmp_path: Path) -> None:
    shelf = Shelf(corpus, tmp_path / "data", "memory")
    async with followed(shelf):
        other = tmp_path / "other"
        other.mkdir()
        (other / "pier.txt").write_text("Ann Lee painted the pier.\n")
        shutil.rmtree(corpus)
        other.rename(corpus)
        await within(5, lambda: quote(shelf.answerer.answer(Question("the pier?"))) is not None)
        (corpus / "pier.txt").write_text("Bo Ray painted the pier.\n")
        await within(5, lambda: "Bo" in (quote(shelf.answerer.answer(Question("pier?"))) or ""))


def test_small_documents_are_in_memory_and_large_ones_on_disk(corpus: Path, tmp_path: Path) -> None:
    shelf = Shelf(corpus, tmp_path / "data")
    assert shelf.facts.engine == "memory"
    assert not (tmp_path / "data").exists()
    line = "The pier is long and old. " * 20 + "\n"
    (corpus / "pier.txt").write_text(line * (LARGEST_IN_MEMORY // len(line) + 1))
    assert shelf.refresh()
    assert shelf.facts.engine == "disk"
    assert quote(shelf.answerer.answer(HORSES)) == "The ferry carries horses."
    shelf.close()


def test_a_damaged_index_is_built_again_when_it_is_opened(corpus: Path, tmp_path: Path) -> None:
    Shelf(corpus, tmp_path / "data", "disk").close()
    index = index_folder(corpus, tmp_path / "data")
    for file in index.glob("catalogue*"):
        file.write_bytes(b"no database at all" * 1000)
    shelf = Shelf(corpus, tmp_path / "data", "disk")
    assert quote(shelf.answerer.answer(HORSES)) == "The ferry carries horses."
    shelf.close()


async def test_an_index_that_breaks_while_it_is_asked_is_built_again(
    corpus: Path, tmp_path: Path
) -> None:
    shelf = Shelf(corpus, tmp_path / "data", "disk")
    shelf.answerer.index.close()  # as if the file under it were gone
    with pytest.raises(EngineError):
        shelf.answerer.answer(HORSES)
    assert shelf.facts.broken
    async with followed(shelf):
        await within(5, lambda: not shelf.facts.broken)
    assert quote(shelf.answerer.answer(HORSES)) == "The ferry carries horses."


def test_an_index_that_another_version_made_is_made_anew(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.answering.indexing.MADE_BY", "an older version")
    Shelf(corpus, tmp_path / "data", "disk").close()
    monkeypatch.undo()
    shelf = Shelf(corpus, tmp_path / "data", "disk")
    assert quote(shelf.answerer.answer(HORSES)) == "The ferry carries horses."
    shelf.close()


def test_beside_one_that_writes_another_reads(corpus: Path, tmp_path: Path) -> None:
    writes = Shelf(corpus, tmp_path / "data", "disk")
    (corpus / "ferry.txt").write_text("The ferry carries cows.\n")
    reads = Shelf(corpus, tmp_path / "data", "disk")
    assert quote(reads.answerer.answer(HORSES)) == "The ferry carries horses."
    writes.refresh()
    assert reads.refresh()
    assert quote(reads.answerer.answer(HORSES)) == "The ferry carries cows."
    writes.close()


async def test_the_loop_is_free_while_the_folder_is_indexed(corpus: Path, tmp_path: Path) -> None:
    shelf = Shelf(corpus, tmp_path / "data", "disk")
    longest, last = 0.0, time.monotonic()
    async with followed(shelf):
        for number in range(40):
            text = f"Masons repair the bridge of village {number} with {number} stones.\n" * 50
            (corpus / f"more-{number}.txt").write_text(text)
        while shelf.facts.documents < 42:
            await asyncio.sleep(0.005)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
    assert longest < 1.0  # Slack waits three seconds for an acknowledgement


def test_what_was_replaced_is_closed_when_no_question_can_be_in_flight(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(corpus, tmp_path / "data", "disk")
    old = shelf.answerer
    (corpus / "ferry.txt").unlink()
    shelf.refresh()
    shelf.close_replaced()
    assert old.answer(HORSES).citations
    monkeypatch.setattr(shelf_module, "SECONDS_IN_FLIGHT", 0)
    shelf.close_replaced()
    with pytest.raises(EngineError):
        old.answer(HORSES)
    shelf.close()


def test_no_file_that_grows_while_it_is_read_is_taken_for_unchanged(
    corpus: Path, tmp_path: Path
) -> None:
    shelf = Shelf(corpus, tmp_path / "data", "disk")
    file = corpus / "ferry.txt"
    about = file.stat()
    file.write_text("The ferry carries donkey.\n"[: about.st_size].ljust(about.st_size))
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert file.stat().st_size == about.st_size
    assert shelf.refresh()
    shelf.close()
