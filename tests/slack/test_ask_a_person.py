"""Ask a person what the documents don't say, and save the reply as an answer."""

# ruff: noqa: ASYNC110, ASYNC240 - what is awaited is a file that the bot takes up; small ones are
# read at once

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.store import open_store
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, words
from tests.fakes.payloads import Post
from tests.fakes.slack import Refused
from tests.slack.test_teaching import asked, bot_on, submit
from tests.slack.test_teaching import folder as folder

ASKED = "How do I silence the wretched thing?"
NEAR = "Does the ferry carry zebras to Reykjavik on Sundays?"
REPLY = "Ask *Ann* in <https://a.example/x_y|the office>.\n# Not a heading\n1. and not a list"
EXPERTS = "town=S1,*=U5"


@pytest.fixture
async def bot(folder: Path, tmp_path: Path) -> AsyncIterator[Bot]:
    async with bot_on(folder, tmp_path / "1", EXPERTS=EXPERTS) as bot:
        yield bot


async def test_ask_a_person_mentions_the_expert_once_in_the_thread(bot: Bot) -> None:
    post = await asked(bot)
    click = fake_slack.click("person", post)
    for _ in range(2):
        await bot.interact(click)
    answer, called = await bot.slack.posts_until(2)
    assert (called.channel, called.thread_ts) == ("C1", answer.thread_ts)
    told = json.dumps(called.blocks)
    assert '"user_id": "U5"' in told
    assert "S1" not in told
    assert ASKED in told
    assert "If they aren't in this channel, please invite them." in words(called.blocks)
    [twice] = await bot.slack.responses_until(1)
    assert "I have asked already." in words(twice.payload["blocks"])
    assert len(await bot.slack.quiet(0.2)) == 2


async def test_the_experts_of_the_closest_passage_s_folder_are_asked_and_see_that_passage(
    bot: Bot,
) -> None:
    post = await asked(bot, NEAR)
    assert "ferry carries forty horses" in words(post.blocks)
    await bot.interact(fake_slack.click("person", post))
    called = (await bot.slack.posts_until(2))[-1]
    assert '"usergroup_id": "S1"' in json.dumps(called.blocks)
    assert "ferry carries forty horses" in words(called.blocks)


async def test_only_the_asker_s_click_counts(bot: Bot) -> None:
    post = await asked(bot)
    await bot.interact(fake_slack.click("person", post, user="U2"))
    [told] = await bot.slack.responses_until(1)
    assert told.payload["response_type"] == "ephemeral"
    assert "Only the person who asked can do that." in words(told.payload["blocks"])
    assert len(await bot.slack.quiet(0.2)) == 1


async def test_asking_a_person_can_be_retried_after_slack_refused_the_post(bot: Bot) -> None:
    post = await asked(bot)
    bot.slack.fail("chat.postMessage", Refused("internal_error"))
    await bot.interact(fake_slack.click("person", post))
    await bot.slack.responses_until(1)
    await bot.interact(fake_slack.click("person", post))
    assert len(await bot.slack.posts_until(2)) == 2


async def test_two_replicas_ask_once(url: str) -> None:
    async with open_store(url) as one, open_store(url, is_alone=True) as other:
        first = [await store.once.is_first("person", "T1:C1:1.0") for store in (one, other)]
        assert first == [True, False]


async def test_ask_a_person_is_offered_only_in_channels_and_where_an_expert_is_configured(
    bot: Bot, folder: Path, tmp_path: Path
) -> None:
    assert "Ask a person" in words((await asked(bot)).blocks)
    await bot.event(fake_slack.direct_message(ASKED))
    direct = (await bot.slack.posts_until(2))[-1]
    assert "Ask a person" not in words(direct.blocks)
    assert "Ask a person" not in words((await bot.command(ASKED))["blocks"])
    for experts in ("", "club=U5"):
        async with bot_on(folder, tmp_path / "2", EXPERTS=experts) as other:
            assert "Ask a person" not in words((await asked(other)).blocks)


# Keep as an answer


async def reply(bot: Bot, text: str = REPLY) -> Post:
    """A question that is not found, and what a person answers; returns the bot's post."""
    post = await asked(bot)
    message = fake_slack.direct_message(
        text, channel="C1", user="U5", ts="1700000000.000100", thread_ts=str(post.thread_ts)
    )
    await bot.interact(fake_slack.shortcut("keep_answer", message, user="U7"))
    return post


async def test_a_saved_answer_is_quoted_until_an_editor_undoes_it(bot: Bot, folder: Path) -> None:
    post = await reply(bot)
    [form] = await bot.slack.views_until(1)
    await submit(bot, form, folder="town", author="Bea\nurl: x")
    [told] = await bot.slack.responses_until(1)
    assert (told.payload["response_type"], told.payload["thread_ts"]) == (
        "in_channel",
        post.thread_ts,
    )
    [file] = folder.glob("answers/town/*.md")
    text = file.read_text()
    assert text.startswith(
        '---\nauthor: "Bea url: x"\ndate: "2023-11-14"\n'
        'url: "https://fake.slack.com/archives/C1/p1700000000000100"\n---\n\n'
    )
    answer = await answered(bot, "Ask *Ann* in the office.")
    said = words(answer.blocks)
    assert "# Not a heading" in said
    assert "1. and not a list" in said
    undo = fake_slack.click("unkeep", told.payload, user="U9")
    await bot.interact(undo)
    refused = (await bot.slack.responses_until(2))[-1]
    assert "Only editors can save answers." in words(refused.payload["blocks"])
    await bot.interact(fake_slack.click("unkeep", told.payload, user="U7"))
    gone = (await bot.slack.responses_until(3))[-1]
    assert "no longer quote it" in words(gone.payload["blocks"])
    assert not file.exists()


async def answered(bot: Bot, quote: str) -> Post:
    async with asyncio.timeout(10):
        while quote not in words((post := await asked(bot)).blocks):
            await asyncio.sleep(0.05)
    return post


async def test_only_an_editor_can_save_an_answer(bot: Bot, folder: Path) -> None:
    message = fake_slack.direct_message(REPLY, channel="C1", user="U5")
    await bot.interact(fake_slack.shortcut("keep_answer", message, user="U9"))
    [told] = await bot.slack.responses_until(1)
    assert "Only editors can save answers." in words(told.payload["blocks"])
    await bot.interact(fake_slack.shortcut("keep_answer", message, user="U7"))
    [form] = await bot.slack.views_until(1)
    await submit(bot, form, user="U9", question="a?", answer="b")
    assert "Only editors can save answers." in words(bot.slack.views[-1].view["blocks"])
    assert not (folder / "answers").exists()


async def test_a_bot_s_message_or_an_empty_form_is_not_saved_as_an_answer(
    bot: Bot, folder: Path
) -> None:
    post = await asked(bot)
    await bot.interact(fake_slack.shortcut("keep_answer", post, user="U7"))
    [told] = await bot.slack.responses_until(1)
    assert "Only what a person wrote" in words(told.payload["blocks"])
    await reply(bot)
    [form] = await bot.slack.views_until(1)
    await submit(bot, form, answer="  ")
    assert not (folder / "answers").exists()


async def test_without_a_permalink_an_answer_has_no_address(bot: Bot, folder: Path) -> None:
    bot.slack.fail("chat.getPermalink", Refused("channel_not_found"))
    await reply(bot)
    [form] = await bot.slack.views_until(1)
    await submit(bot, form)
    await bot.slack.responses_until(1)
    [file] = folder.glob("answers/*.md")
    assert file.read_text().startswith('---\ndate: "2023-11-14"\n---\n')


async def test_the_same_message_saved_twice_is_one_document(bot: Bot, folder: Path) -> None:
    await reply(bot)
    [form] = await bot.slack.views_until(1)
    for _ in range(2):
        await submit(bot, form)
    await bot.slack.responses_until(2)
    assert len(list(folder.glob("answers/*.md"))) == 1
