"""Documents private to a channel leave no trace elsewhere, and are complete in their own channel.

The private documents mention things that no other document does; questions asked elsewhere name
them.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.audiences import Audiences, open_audiences
from bot.config import Settings
from bot.slack.receiving.access import REFUSALS
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, Mode, free_port, running, words
from tests.fakes.payloads import Post
from tests.fakes.slack import FOLLOW_UP_SCOPES

HANDBOOK = """\
# Handbook

## How much leave is there?

Everybody has thirty days of leave in a year.

## Who pays for the train?

The office pays for the train, second class.
"""
PAY = """\
# Pay of gardeners

## What is the Quillfeather bonus?

The Quillfeather bonus is nine hundred pounds for gardeners.

Ivo Horvat, the treasurer, signs it on Friday.

## When is the pay raised?

The pay of gardeners is raised in May.
"""
ASKED = "what is the Quillfeather bonus?"
# None of these is in a question below: whoever reads one was told it.
TRACES = ("nine hundred", "gardener", "horvat", "friday", "pay.md", "hr/", "pay of")
HR, OTHER, DIRECT = "C1HR", "C2", "D1"
OWN = {"CHANNEL_SOURCES": f"{HR}=hr", "PRIVATE_SOURCES": "hr"}
THREAD = "1700000000.000001"


@pytest.fixture(params=["socket", "http"])
def mode(request: pytest.FixtureRequest) -> Mode:
    chosen: Mode = request.param
    return chosen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs" / "hr").mkdir(parents=True)
    (tmp_path / "docs" / "handbook.md").write_text(HANDBOOK)
    (tmp_path / "docs" / "hr" / "pay.md").write_text(PAY)
    return tmp_path / "docs"


def opened(folder: Path, *, isolated: bool = False, **settings: str) -> Audiences:
    own = {"CORPUS_DIR": str(folder), "DATA_DIR": str(folder.parent / "data")}
    return open_audiences(
        Settings.from_env({**own, **OWN, "SEMANTIC": "off", **settings}), isolated=isolated
    )


@pytest.fixture
async def bot(mode: Mode, folder: Path, tmp_path: Path) -> AsyncIterator[Bot]:
    async with running(mode, opened(folder), tmp_path / "data", BOT_ADMINS="U9") as bot:
        yield bot


async def answered(bot: Bot, text: str = ASKED, **where: Any) -> Post:
    before = len(bot.slack.posts)
    assert await bot.event(fake_slack.mention(text, **where))
    return (await bot.slack.posts_until(before + 1))[-1]


def last_view(bot: Bot) -> str:
    return words(bot.slack.views[-1].view["blocks"])


# Elsewhere


async def said_everywhere(bot: Bot, *asked: str) -> list[str]:
    """All that the bot says outside of its private channels, on every surface, as it was sent."""
    slack, told = bot.slack, []

    def keep(said: Any) -> None:
        told.append(json.dumps(said, ensure_ascii=False, sort_keys=True))

    async def press(action: str, on: Any, channel: str = OTHER) -> None:
        before = len(slack.views)
        await bot.interact(fake_slack.click(action, on, channel=channel))
        keep((await slack.views_until(before + 1))[-1].view)

    for n, text in enumerate(asked):
        ts = f"17000000{n:02}.000001"
        post = await answered(bot, text, channel=OTHER, ts=ts)
        keep([post.text, post.blocks])
        buttons = [
            e["action_id"] for b in post.blocks for e in b.get("elements", ()) if "action_id" in e
        ]
        for action in buttons:
            if action != "vote":
                await press(action, post)
        before = len(slack.posts)
        await bot.event(fake_slack.direct_message(text, ts=ts))
        direct = (await slack.posts_until(before + 1))[-1]
        keep([direct.text, direct.blocks])
        alone = await bot.command(text, channel=OTHER)
        keep(alone)
        responses = len(slack.responses)
        if any(
            e.get("action_id") == "share" for b in alone["blocks"] for e in b.get("elements", ())
        ):
            await bot.interact(fake_slack.click("share", alone, channel=OTHER))
            keep((await slack.responses_until(responses + 1))[responses].payload["blocks"])
        responses = len(slack.responses)
        message = fake_slack.mention(text, ts=ts, thread_ts=THREAD, user="U3")
        await bot.interact(fake_slack.shortcut("find_source", message, channel=OTHER))
        keep((await slack.responses_until(responses + 1))[-1].payload)
        await bot.event(fake_slack.mention(text, channel=OTHER, thread_ts=ts))  # leans on the first
        keep((await slack.posts_until(before + 2))[-1].blocks)
    for text in ("sources", "help", "what documents do you have?", "what is it about?"):
        keep(await bot.command(text, channel=OTHER))
        keep(await bot.command(text, channel=DIRECT))
    views = len(slack.views)
    await bot.event(fake_slack.app_home_opened(tab="home", user="U4"))
    keep((await slack.views_until(views + 1))[-1].view)
    await bot.event(fake_slack.app_home_opened(tab="messages"))
    calls = await slack.calls_until("assistant.threads.setSuggestedPrompts")
    keep(calls[-1].payload["prompts"])
    return told


ELSEWHERE = (
    ASKED,
    "what is the Quilfeather bonus?",
    "what is the Quillfeather bonus in:hr?",
    "who is the treasurer?",
    "who signs the bonus in:pay?",
    "how much leave is there?",
    "how much leave is there, and what is the Quillfeather bonus?",
)


async def test_private_documents_leave_no_trace_on_any_surface_elsewhere(
    mode: Mode, folder: Path, tmp_path: Path
) -> None:
    """What the bot says elsewhere is, to the letter, what one says that never had the documents."""
    fast = "1000"
    kept_by = running(mode, opened(folder), tmp_path / "with", QUESTIONS_PER_MINUTE=fast)
    async with kept_by as bot:
        await answered(bot, channel=HR)  # what was asked there is of no use elsewhere
        kept = await said_everywhere(bot, *ELSEWHERE)
    for trace in TRACES:
        assert trace not in "\n".join(kept).casefold()
    (folder / "hr" / "pay.md").unlink()
    (folder / "hr").rmdir()
    never = opened(folder, CHANNEL_SOURCES="", PRIVATE_SOURCES="")
    without = running(mode, never, tmp_path / "without", QUESTIONS_PER_MINUTE=fast)
    async with without as bot:
        await answered(bot, channel=HR)
        assert await said_everywhere(bot, *ELSEWHERE) == kept


async def test_status_home_and_metrics_do_not_count_private_passages_elsewhere(
    folder: Path, tmp_path: Path
) -> None:
    port = str(free_port())
    async with (
        running("socket", opened(folder), tmp_path / "data", BOT_ADMINS="U1", PORT=port) as bot,
        aiohttp.ClientSession() as session,
    ):
        assert "Index: 2 passages" in words((await bot.command("status", channel=OTHER))["blocks"])
        assert "Index: 3 passages" in words((await bot.command("status", channel=HR))["blocks"])
        await bot.event(fake_slack.app_home_opened(tab="home"))
        await bot.slack.views_until(1)
        home = words(bot.slack.homes["U1"].view["blocks"])
        assert "1 document, 2 passages" in home
        page = await (await session.get(f"http://127.0.0.1:{port}/metrics")).text()
        assert "article_bot_index_passages 2.0" in page


async def test_a_bad_private_file_is_named_only_in_its_channel(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "hr" / "secret plan.md").write_bytes(b"\xff\xfe\x00 no text")
    (folder / "hr" / "list.odt").touch()
    async with running("socket", opened(folder), tmp_path / "data", BOT_ADMINS="U1") as bot:
        for text in ("sources", "status"):
            said = words((await bot.command(text, channel=OTHER))["blocks"])
            assert "secret plan" not in said
            assert ".odt" not in said
        own = words((await bot.command("sources", channel=HR))["blocks"])
        assert "secret plan" in own
        assert ".odt" in own


@pytest.mark.parametrize("where", [OTHER, DIRECT])
@pytest.mark.parametrize("action", ["context", "why"])
async def test_a_button_of_a_private_answer_shows_nothing_of_it_elsewhere(
    bot: Bot, action: str, where: str
) -> None:
    """Wherever it comes from: Slack copies no buttons, but the channel decides, not the message."""
    post = await answered(bot, channel=HR)
    pressed = fake_slack.click(action, post)
    pressed["channel"]["id"] = pressed["container"]["channel_id"] = where
    await bot.interact(pressed)
    assert "not in the documents that I answer from here" in last_view(bot)
    assert not [trace for trace in TRACES if trace in last_view(bot).casefold()]


async def test_nothing_private_is_shared_elsewhere(bot: Bot) -> None:
    await answered(bot, channel=HR)
    alone = await bot.command(ASKED, channel=HR)
    await bot.interact(fake_slack.click("share", alone, channel=OTHER))
    [told] = await bot.slack.responses_until(1)
    assert "there is nothing to share" in words(told.payload["blocks"])
    assert told.payload["response_type"] == "ephemeral"


async def test_without_a_mention_nothing_private_is_answered_elsewhere(
    folder: Path, tmp_path: Path
) -> None:
    async with running("socket", opened(folder), tmp_path / "data", scopes=FOLLOW_UP_SCOPES) as bot:
        for channel, answers in ((OTHER, 0), (HR, 1)):
            first = await answered(bot, "how much leave is there?", channel=channel)
            said = fake_slack.direct_message(ASKED, channel=channel, thread_ts=first.thread_ts)
            before = len(bot.slack.posts)
            await bot.event(said)
            assert len(await bot.slack.quiet(0.4)) == before + answers


# In its own channel


async def test_every_surface_in_its_own_channel_shows_the_private_folder(bot: Bot) -> None:
    post = await answered(bot, channel=HR)
    assert "nine hundred pounds for gardeners" in words(post.blocks)
    assert "Pay of gardeners" in words((await bot.command("sources", channel=HR))["blocks"])
    assert "nine hundred" in words((await bot.command(ASKED, channel=HR))["blocks"])
    said = fake_slack.shortcut("find_source", "The bonus is nine hundred pounds.", channel=HR)
    await bot.interact(said)
    [told] = await bot.slack.responses_until(1)
    assert "Quillfeather" in words(told.payload["blocks"])
    for action in ("context", "why"):
        await bot.interact(fake_slack.click(action, post))
        assert "Quillfeather bonus is nine hundred" in last_view(bot)
    leave = await answered(bot, "how much leave is there?", channel=HR)
    assert "thirty days" not in words(leave.blocks)  # it is not in its list


async def test_a_window_remembers_in_which_channel_it_was_opened(bot: Bot) -> None:
    """Of a click in a window Slack tells no channel."""
    guide = await bot.command("help", channel=HR)
    await bot.interact(fake_slack.click("ask:1", guide, channel=HR))
    assert "nine hundred pounds" in last_view(bot)
    await bot.interact(fake_slack.click("context", bot.slack.views[-1]))
    assert "nine hundred pounds" in last_view(bot)
    await bot.interact(fake_slack.click("why", bot.slack.views[0]))
    assert "nine hundred pounds" in last_view(bot)


async def test_a_private_answer_cannot_be_shared_until_the_channel_is_known_to_be_internal(
    bot: Bot,
) -> None:
    """Of a command Slack does not say whether another organisation reads; of a mention it does."""
    alone = await bot.command(ASKED, channel=HR)
    await bot.interact(fake_slack.click("share", alone, channel=HR))
    told = (await bot.slack.responses_until(1))[0]
    assert words(told.payload["blocks"]).strip() == REFUSALS["unknown"]
    await answered(bot, channel=HR)
    await bot.interact(fake_slack.click("share", alone, channel=HR))
    shared = (await bot.slack.responses_until(2))[1].payload
    assert shared["response_type"] == "in_channel"
    assert "nine hundred pounds" in words(shared["blocks"])


# Where another organisation reads


async def test_any_message_in_a_channel_shows_whether_it_is_shared(
    folder: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with running("socket", opened(folder), data, scopes=FOLLOW_UP_SCOPES) as bot:
        await bot.event(fake_slack.direct_message("Hello all", channel=HR))
        alone = await bot.command(ASKED, channel=HR)
        await bot.event(fake_slack.direct_message("Hello", channel=HR), ext_shared=True)
        await bot.interact(fake_slack.click("share", alone, channel=HR))
        [told] = await bot.slack.responses_until(1)
        assert words(told.payload["blocks"]).strip() == REFUSALS["shared"]
        assert "nine hundred" not in words((await bot.command(ASKED, channel=HR))["blocks"])


async def test_a_shared_channel_gets_a_private_folder_only_where_that_is_allowed(
    mode: Mode, folder: Path, tmp_path: Path
) -> None:
    async with running(mode, opened(folder), tmp_path / "no") as bot:
        await bot.event(fake_slack.mention(ASKED, channel=HR), ext_shared=True)
        [told] = await bot.slack.ephemerals_until(1)
        assert told.text == REFUSALS["shared"]
        alone = await bot.command(ASKED, channel=HR)
        assert "nine hundred" not in words(alone["blocks"])
        leave = await bot.command("how much leave is there?", channel=HR)
        await bot.interact(fake_slack.click("share", leave, channel=HR))
        [refused] = await bot.slack.responses_until(1)
        assert words(refused.payload["blocks"]).strip() == REFUSALS["shared"]
    allowed = opened(folder, ALLOW_SHARED_CHANNELS="true")
    async with running(mode, allowed, tmp_path / "yes", ALLOW_SHARED_CHANNELS="true") as bot:
        await bot.event(fake_slack.mention(ASKED, channel=HR), ext_shared=True)
        assert "nine hundred" in words((await bot.slack.posts_until(1))[0].blocks)
        assert "nine hundred" in words((await bot.command(ASKED, channel=HR))["blocks"])


# While it runs


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["memory", "disk"])
async def test_each_audience_follows_the_folder(engine: str, folder: Path, tmp_path: Path) -> None:
    audiences = opened(folder, isolated=True, ENGINE=engine)
    data = tmp_path / "data"
    async with running("socket", audiences, data, QUESTIONS_PER_MINUTE="1000") as bot:
        (folder / "hr" / "new.md").write_text("The Blenkinsop award is a silver spade.")
        (folder / "tea.md").write_text("The Darjeeling break begins at four.")
        for text, found, channel, missed in (
            ("what is the Blenkinsop award?", "silver spade", HR, OTHER),
            ("when does the Darjeeling break begin?", "at four", OTHER, HR),
        ):
            for _ in range(20):
                if found in words((await answered(bot, text, channel=channel)).blocks):
                    break
                await bot.slack.quiet(0.2)
            else:
                raise AssertionError(f"{found} was never found")
            assert found not in words((await answered(bot, text, channel=missed)).blocks)


async def test_unanswered_questions_from_a_private_channel_are_not_recorded(
    mode: Mode, folder: Path, tmp_path: Path
) -> None:
    missed = "who mows the Quillfeather meadow?"
    async with running(mode, opened(folder), tmp_path / "data", EDITORS="U7") as bot:
        await answered(bot, missed, channel=HR)
        await bot.command(missed, channel=HR)
        await answered(bot, "who feeds the marmots?", channel=OTHER)
        async with asyncio.timeout(5):
            while (await bot.store.state()).due:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert [gap.channel for gap in await bot.store.gaps.since(0.0)] == [OTHER]
        await bot.event(fake_slack.app_home_opened(tab="home", user="U7"))
        await bot.slack.views_until(1)
        assert "marmots" in last_view(bot)
        assert "Quillfeather" not in last_view(bot)


async def test_messages_in_a_private_channel_cannot_be_saved_as_answers(
    mode: Mode, folder: Path, tmp_path: Path
) -> None:
    data, docs = tmp_path / "data", str(folder)
    async with running(mode, opened(folder), data, EDITORS="U7", ANSWERS_DIR=docs) as bot:
        said = fake_slack.direct_message("Ask Ann.", channel=HR, user="U5", thread_ts=THREAD)
        await bot.interact(fake_slack.shortcut("keep_answer", said, channel=HR, user="U7"))
        [told] = await bot.slack.responses_until(1)
        assert "This channel has private documents" in words(told.payload["blocks"])
    assert not (folder / "answers").exists()
