"""From a question that was not found to an answer on every replica, through the home tab."""

# ruff: noqa: ASYNC110 - what is awaited is another replica's, which sets no event here

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings
from bot.live import open_live
from bot.slack.timing import DEFAULT
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, running, words
from tests.fakes.opensearch import OpenSearch
from tests.fakes.payloads import Post, View
from tests.fakes.slack import FakeSlack
from tests.unit.test_taught import FILES, RED

ASKED = "How do I silence the wretched thing?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@asynccontextmanager
async def bot_on(
    folder: Path,
    data: Path,
    slack: FakeSlack | None = None,
    answers: Path | None = None,
    **more: str,
) -> AsyncIterator[Bot]:
    """A bot that follows a folder, over signed HTTP so that each replica can be spoken to."""
    more |= {"ANSWERS_DIR": str(answers)} if answers else {}
    chosen = {"CORPUS_DIR": str(folder), "DATA_DIR": str(data), "SEMANTIC": "off", **more}
    live = await asyncio.to_thread(open_live, Settings.from_env(chosen))
    more = {"CORPUS_DIR": str(folder), "EDITORS": "U7", "QUESTIONS_PER_MINUTE": "9999", **more}
    async with running("http", live, data, slack=slack, timing=DEFAULT, **more) as bot:
        yield bot


async def asked(bot: Bot, text: str = ASKED, **where: str) -> Post:
    before = len(bot.slack.posts)
    assert await bot.event(fake_slack.mention(text, **where))
    post = (await bot.slack.posts_until(before + 1))[-1]
    async with asyncio.timeout(5):
        while (await bot.store.state()).due:
            await asyncio.sleep(0.01)
    return post


async def home(bot: Bot, user: str = "U7") -> View:
    before = len(bot.slack.views)
    assert await bot.event(fake_slack.app_home_opened(tab="home", user=user))
    await bot.slack.views_until(before + 1)
    return bot.slack.homes[user]


async def opened(bot: Bot, action: str, on: View, user: str = "U7") -> View:
    """The window, or the home, that a click shows next."""
    before = len(bot.slack.views)
    await bot.interact(fake_slack.click(action, on, user=user))
    return (await bot.slack.views_until(before + 1))[before]


async def teach(bot: Bot) -> None:
    """Teach the first question of the home tab: search, and pick the passage with RED."""
    window = await searched(bot)
    [pick] = [
        block["elements"][0]["action_id"]
        for place, block in enumerate(window.view["blocks"])
        if block["type"] == "actions" and RED in words(window.view["blocks"][place - 2])
    ]
    said = await opened(bot, pick, window)
    assert "Whoever asks this now gets that passage." in words(said.view["blocks"])


async def searched(bot: Bot) -> View:
    """The window of the first question, after a search."""
    window = await opened(bot, "teach:1", await home(bot))
    assert ASKED in words(window.view["blocks"])
    before = len(bot.slack.views)
    await submit(bot, window, search="red button")
    return bot.slack.views[before]


async def submit(bot: Bot, window: View, user: str = "U7", **typed: str) -> None:
    form = fake_slack.submission(window, user=user, **typed)
    if bot.sender is None:
        assert await bot.slack.send_interactive(form)
        return
    reply = await bot.sender.interactive(form)
    assert reply.status == 200
    body: Any = json.loads(reply.body or "{}")
    assert not bot.slack.objections
    if "view" in body:
        bot.slack.update_form(window.id, body["view"], user)


async def answered_with(bot: Bot, quote: str, patience: float, **where: str) -> float:
    """Ask until the answer has these words; returns how long that took."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        if quote in words((await asked(bot, **where)).blocks):
            return time.monotonic() - begun
    raise AssertionError(f"not answered with {quote!r}")


async def test_a_taught_answer_works_on_another_replica_until_its_passage_is_gone(
    url: str, folder: Path, tmp_path: Path
) -> None:
    is_shared = url.startswith("postgresql")
    async with FakeSlack() as slack, bot_on(folder, tmp_path / "1", slack, DATABASE_URL=url) as one:
        post = await asked(one)
        assert RED not in words(post.blocks)
        async with (
            bot_on(folder, tmp_path / "2", slack, DATABASE_URL=url)
            if is_shared
            else (_same(one)) as other
        ):
            await teach(one)
            await answered_with(other, RED, patience=10, channel="C2")
            assert ASKED not in words((await home(other)).view["blocks"])
            assert "Taught on 20" in await why(other)
            (folder / "club/alarm.md").write_text("# Alarm\n\nPress the blue button.\n")
            async with asyncio.timeout(10):
                while "Taught passages that are gone" not in words(
                    (await home(other)).view["blocks"]
                ):
                    await asyncio.sleep(0.05)
            assert RED not in words((await asked(other, channel="C3")).blocks)
    [line] = (folder / "taught.jsonl").read_text().splitlines()
    assert json.loads(line)["by"] == "U7"


@asynccontextmanager
async def _same(bot: Bot) -> AsyncIterator[Bot]:
    yield bot


async def why(bot: Bot) -> str:
    before = len(bot.slack.views)
    await bot.interact(fake_slack.click("why", bot.slack.posts[-1]))
    return words((await bot.slack.views_until(before + 1))[-1].view["blocks"])


async def test_an_editor_can_close_a_gap_that_the_documents_do_not_answer(
    folder: Path, tmp_path: Path
) -> None:
    async with bot_on(folder, tmp_path / "1") as bot:
        await asked(bot)
        window = await opened(bot, "teach:1", await home(bot))
        said = await opened(bot, "not_there", window)
        assert "the documents don't answer it" in words(said.view["blocks"])
        async with asyncio.timeout(10):
            while ASKED in words((await home(bot)).view["blocks"]):
                await asyncio.sleep(0.05)


async def test_only_an_editor_can_teach_even_from_an_editor_s_window(
    folder: Path, tmp_path: Path
) -> None:
    async with bot_on(folder, tmp_path / "1") as bot:
        await asked(bot)
        tab, window = await home(bot), await searched(bot)
        for action, on in (("teach:1", tab), ("pick:1", window), ("not_there", window)):
            said = await opened(bot, action, on, user="U9")
            assert "Only editors can teach." in words(said.view["blocks"])
        await submit(bot, window, user="U9", search="red")
        assert "Only editors can teach." in words(bot.slack.views[-1].view["blocks"])
    assert not (folder / "taught.jsonl").exists()


async def test_teaching_is_not_offered_when_the_answers_folder_is_missing(
    folder: Path, tmp_path: Path
) -> None:
    async with bot_on(folder, tmp_path / "1", ANSWERS_DIR=str(tmp_path / "none")) as bot:
        await asked(bot)
        tab = (await home(bot)).view
        assert ASKED in words(tab["blocks"])
        assert "teach:1" not in json.dumps(tab)


async def test_a_passage_deleted_before_it_is_picked_is_not_taught(
    folder: Path, tmp_path: Path
) -> None:
    async with bot_on(folder, tmp_path / "1") as bot:
        await asked(bot)
        window = await searched(bot)
        shutil.rmtree(folder / "club")
        async with asyncio.timeout(10):
            while "4 documents" in words((await home(bot)).view["blocks"]):
                await asyncio.sleep(0.05)
        said = await opened(bot, "pick:1", window)
        assert "no longer in the documents" in words(said.view["blocks"])
    assert not (folder / "taught.jsonl").exists()


async def test_replicas_that_share_an_answers_folder_teach_each_other(
    database: str, folder: Path, tmp_path: Path
) -> None:
    answers = tmp_path / "answers"
    answers.mkdir()
    async with (
        FakeSlack() as slack,
        bot_on(folder, tmp_path / "1", slack, answers, DATABASE_URL=database) as one,
        bot_on(folder, tmp_path / "2", slack, answers, DATABASE_URL=database) as other,
    ):
        await asked(one)
        await teach(one)
        await answered_with(other, RED, patience=10, channel="C2")
    assert [path.name for path in answers.iterdir()] == ["taught.jsonl"]
    assert not (folder / "taught.jsonl").exists()


async def test_replicas_that_share_an_index_on_opensearch_teach_each_other(
    opensearch: OpenSearch, database: str, folder: Path, tmp_path: Path
) -> None:
    shared = {"DATABASE_URL": database, "OPENSEARCH_URL": opensearch.url}
    async with (
        FakeSlack() as slack,
        bot_on(folder, tmp_path / "1", slack, None, **shared) as one,
        bot_on(folder, tmp_path / "2", slack, None, **shared) as other,
    ):
        await asked(one)
        await teach(one)
        await answered_with(other, RED, patience=10, channel="C2")
        (folder / "club/alarm.md").write_text("# Alarm\n\nPress the blue button.\n")
        async with asyncio.timeout(20):
            while "Taught passages that are gone" not in words((await home(other)).view["blocks"]):
                await asyncio.sleep(0.05)
        assert RED not in words((await asked(other, channel="C3")).blocks)
