"""Unanswered questions are stored, shown to editors, summarised in a digest, and forgotten."""

# ruff: noqa: ASYNC110 - what is awaited is in the store, which sets no event

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.answering.answerer import Answerer
from bot.learning.gaps import gaps_in
from bot.slack.app import web_client, web_session
from bot.slack.delivering import digest as weekly
from bot.store.store import open_store
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, running, words
from tests.fakes.slack import FakeSlack, Refused
from tests.store.test_store import everything

NOT_THERE = "how much is a zebra saddle?"
NEAR = "does the truce cover zebra saddles?"


@pytest.fixture
async def bot(article: Answerer, tmp_path: Path) -> AsyncIterator[Bot]:
    async with running("socket", article, tmp_path, EDITORS="U7", BOT_ADMINS="U8") as bot:
        yield bot


async def asked(bot: Bot, text: str, **who: str) -> None:
    before = len(bot.slack.posts)
    said = fake_slack.direct_message if who.get("channel") == "D1" else fake_slack.mention
    assert await bot.event(said(text, **who))
    await bot.slack.posts_until(before + 1)
    await settled(bot)


async def settled(bot: Bot) -> None:
    async with asyncio.timeout(5):
        while (await bot.store.state()).due:
            await asyncio.sleep(0.01)


async def home(bot: Bot, user: str) -> str:
    before = len(bot.slack.views)
    await bot.event(fake_slack.app_home_opened(tab="home", user=user))
    await bot.slack.views_until(before + 1)
    return words(bot.slack.homes[user].view["blocks"])


async def test_only_editors_and_admins_see_unanswered_questions(bot: Bot) -> None:
    await asked(bot, NOT_THERE)
    await asked(bot, NOT_THERE.upper(), user="U2")
    await asked(bot, "what does the truce cover?")
    for user in ("U7", "U8"):
        seen = await home(bot, user)
        assert "Questions I could not answer" in seen
        assert "asked 2 times by 2 people" in seen
    assert "could not answer" not in await home(bot, "U2")
    assert len(await bot.store.gaps.since(0)) == 2


async def test_the_words_of_private_questions_are_not_kept_as_gaps(bot: Bot) -> None:
    await asked(bot, NOT_THERE, channel="D1")
    await bot.command(NOT_THERE)
    [gap] = gaps_in(await bot.store.gaps.since(0))
    assert (gap.question, gap.times) == ("", 2)
    seen = await home(bot, "U7")
    assert "Asked in private; the words are not kept." in seen
    assert "zebra" not in seen
    await asked(bot, NOT_THERE, user="U2")
    [gap] = gaps_in(await bot.store.gaps.since(0))
    assert (gap.question, gap.times, gap.people) == (NOT_THERE, 3, 2)


async def test_a_thumb_down_is_a_gap_until_it_is_taken_back(bot: Bot) -> None:
    await asked(bot, "what does the truce cover?")
    [post] = bot.slack.posts
    down = fake_slack.click("vote", post, user="U2", vote="negative")
    await bot.interact(down)
    await bot.slack.responses_until(1)
    [gap] = gaps_in(await bot.store.gaps.since(0))
    assert (gap.question, gap.down, gap.outcome) == ("what does the truce cover?", 1, "answered")
    await bot.interact(fake_slack.click("vote", post, user="U2", vote="negative"))
    await bot.slack.responses_until(2)
    assert await bot.store.gaps.since(0) == []


async def test_many_gaps_are_paged(bot: Bot) -> None:
    animals = "zebra yak walrus tapir ocelot okapi"
    for animal in animals.split():
        await asked(bot, f"how much is a {animal} saddle?")
    first = await home(bot, "U7")
    await bot.interact(fake_slack.click("gaps:1", bot.slack.homes["U7"], user="U7"))
    before = len(bot.slack.views)
    await bot.slack.views_until(before)
    async with asyncio.timeout(5):
        while words(bot.slack.homes["U7"].view["blocks"]) == first:
            await asyncio.sleep(0.01)
    second = words(bot.slack.homes["U7"].view["blocks"])
    assert sum(animal in first for animal in animals.split()) == 5
    assert sum(animal in second for animal in animals.split()) == 1


async def test_forget_deletes_a_person_s_gaps_and_with_0_days_none_are_kept(
    bot: Bot, article: Answerer, tmp_path: Path
) -> None:
    await asked(bot, NOT_THERE)
    assert await bot.store.forget("U1") == 2
    assert "zebra" not in everything(bot.settings.store_url)
    async with running(
        "socket", article, tmp_path / "other", KEEP_QUESTIONS_DAYS="0", EDITORS="U7"
    ) as other:
        await asked(other, NOT_THERE)
        await other.command(NOT_THERE)
        assert await other.store.gaps.since(0) == []


async def test_two_replicas_post_the_weekly_digest_once_even_after_a_restart(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Monday(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Monday":  # noqa: ARG003
            return cls(2026, 11, 23, 9, 30)

    monkeypatch.setattr(weekly, "datetime", Monday)
    monkeypatch.setattr(weekly, "SECONDS_BETWEEN_LOOKS", 0.02)
    async with FakeSlack() as slack, web_session() as session, open_store(url) as store:
        slack.fail("chat.postMessage", Refused("channel_not_found"))
        client = web_client(fake_slack.BOT_TOKEN, slack.api_url, session)
        for _ in range(2):  # and a restart
            telling = [
                asyncio.create_task(weekly.tell_weekly(store, client, "C9")) for _ in range(2)
            ]
            await slack.posts_until(1)
            await slack.quiet(0.2)
            for one in telling:
                one.cancel()
            await asyncio.gather(*telling, return_exceptions=True)
        [post] = slack.posts
        assert (post.channel, post.text) == ("C9", "Last week I answered everything I was asked.")
