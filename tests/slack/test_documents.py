"""Changing documents and a broken index, as seen from Slack."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bot.live import LiveAnswerer
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, free_port, running, words


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "ferry.txt").write_text("The ferry carries forty horses.\n", encoding="utf-8")
    return folder


async def answered(bot: Bot, text: str) -> str:
    before = len(bot.slack.posts)
    assert await bot.event(fake_slack.mention(text))
    return words((await bot.slack.posts_until(before + 1))[-1].blocks)


async def soon(bot: Bot, text: str, said: str) -> bool:
    """Whether within two seconds and a little an answer says so."""
    async with asyncio.timeout(5):
        while said not in await answered(bot, text):
            await bot.slack.quiet(0.3)
    return True


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["memory", "disk"])
async def test_the_running_bot_answers_from_the_folder_as_it_is_now(
    engine: str, folder: Path, tmp_path: Path
) -> None:
    live = LiveAnswerer(folder, tmp_path / "data", engine)
    async with running("socket", live, tmp_path / "data", QUESTIONS_PER_MINUTE="1000") as bot:
        assert "forty horses" in await answered(bot, "how many horses does the ferry carry?")
        (folder / "train.md").write_text("# Trains\n\nThe train carries ninety mules.\n")
        assert await soon(bot, "how many mules does the train carry?", "ninety mules")
        (folder / "ferry.txt").write_text("The ferry carries fifty horses.\n", encoding="utf-8")
        assert await soon(bot, "how many horses does the ferry carry?", "fifty horses")
        assert "fifty" in await answered(bot, "how many horses does the ferry carry in:ferry?")
        (folder / "ferry.txt").unlink()
        assert await soon(
            bot, "how many horses does the ferry carry?", "The documents don't mention"
        )
        (folder / "bad.txt").write_bytes(b"\xff\xfe not text")
        (folder / "scan.odt").touch()
        await asyncio.sleep(2)
        await bot.event(fake_slack.app_home_opened(tab="home"))
        await bot.slack.views_until(1)
        home = words(bot.slack.homes["U1"].view["blocks"])
        assert "Skipped:" in home
        assert "bad.txt" in home
        assert "1 .odt file is not read" in home


@pytest.mark.slow
async def test_an_empty_folder_is_an_outage_and_answers_stop_if_it_lasts(
    folder: Path, tmp_path: Path
) -> None:
    live = LiveAnswerer(folder, tmp_path / "data", "memory", max_away=4.0)
    port = str(free_port())
    ready = f"http://127.0.0.1:{port}/readyz"
    question = "how many horses does the ferry carry?"
    async with (
        running("socket", live, tmp_path / "data", PORT=port) as bot,
        aiohttp.ClientSession() as session,
    ):
        file = folder / "ferry.txt"
        away = tmp_path / "ferry.txt"
        file.rename(away)
        await asyncio.sleep(2)
        assert not (await (await session.get(ready)).json())["documents"]
        assert "forty horses" in await answered(bot, question)
        await asyncio.sleep(3)
        said = await answered(bot, question)
        assert "I can't read the documents right now. Please give your admin this ref" in said
        assert "I can't read the documents" in words(await bot.command(question))
        away.rename(file)
        assert await soon(bot, question, "forty horses")
        assert (await session.get(ready)).status == 200


@pytest.mark.slow
async def test_a_broken_index_makes_readyz_fail_until_it_is_rebuilt(
    folder: Path, tmp_path: Path
) -> None:
    live = LiveAnswerer(folder, tmp_path / "data", "disk")
    port = str(free_port())
    async with (
        running("socket", live, tmp_path / "data", PORT=port) as bot,
        aiohttp.ClientSession() as session,
    ):
        ready = f"http://127.0.0.1:{port}/readyz"
        async with session.get(ready) as response:
            assert response.status == 200, await response.text()
        live.answerer.failure = "the disk is gone"
        async with session.get(ready) as response:
            assert (response.status, (await response.json())["documents"]) == (503, False)
        assert await soon(bot, "how many horses does the ferry carry?", "forty horses")
        async with asyncio.timeout(10):
            while True:
                async with session.get(ready) as response:
                    if response.status == 200:
                        break
                await asyncio.sleep(0.2)
