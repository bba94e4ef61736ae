"""Follow-ups without a mention, end to end in both modes: the bot speaks only when spoken to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.answering.answerer import Answerer
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, running, words
from tests.fakes.slack import FOLLOW_UP_SCOPES, Refused

ASKED = "what does the truce cover?"
FOLLOWS = "and who proposed it?"


@pytest.fixture(params=["socket", "http"])
async def bot(
    request: pytest.FixtureRequest, article: Answerer, tmp_path: Path
) -> AsyncIterator[Bot]:
    async with running(request.param, article, tmp_path, scopes=FOLLOW_UP_SCOPES) as bot:
        yield bot


async def asked(bot: Bot) -> str:
    """Ask in a channel; returns the thread of the answer."""
    question = fake_slack.mention(ASKED)
    await bot.event(question)
    await bot.slack.posts_until(1)
    return str(question["ts"])


async def say(bot: Bot, text: str, thread: str, user: str = "U1") -> None:
    """Say something in a thread, to nobody."""
    await bot.event(fake_slack.direct_message(text, channel="C1", thread_ts=thread, user=user))


async def test_the_asker_can_follow_up_without_a_mention(bot: Bot) -> None:
    thread = await asked(bot)
    for number, text in enumerate((FOLLOWS, "what is the Franco-British proposal?"), start=2):
        await say(bot, text, thread)
        post = (await bot.slack.posts_until(number))[-1]
        assert post.thread_ts == thread
        assert "Macron" in words(post.blocks) or "Franco-British" in words(post.blocks)


TO_COLLEAGUES = [
    "did you book the room for tomorrow?",
    "can you send me the slides?",
    "who is coming to lunch?",
    "shall we move this to Thursday?",
    "what do you think?",
    "is the printer broken again?",
    "when does your train leave?",
    "where did you put the keys?",
    "does that work for you?",
    "thanks, that is all",
    "Anna, who proposed the truce?",
    "who proposed the truce, Tom?",
    "@anna who proposed the truce?",
    "<!subteam^S1|@team> who proposed the truce?",
    "<@U2> do you know who proposed it?",
    "<!here> who proposed the truce?",
    ASKED,  # the answer stands there already
]


@pytest.mark.parametrize("text", TO_COLLEAGUES)
async def test_a_line_to_colleagues_gets_no_answer(bot: Bot, text: str) -> None:
    await say(bot, text, await asked(bot))
    assert len(await bot.slack.quiet()) == 1
    assert bot.slack.ephemerals == []


async def test_the_bot_stays_silent_after_somebody_else_has_spoken(bot: Bot) -> None:
    thread = await asked(bot)
    await say(bot, "good point", thread, user="U2")
    await say(bot, FOLLOWS, thread)
    assert len(await bot.slack.quiet()) == 1
    # A mention makes it speak to that person again.
    await bot.event(fake_slack.mention(ASKED, thread_ts=thread))
    await bot.slack.posts_until(2)
    await say(bot, FOLLOWS, thread)
    await bot.slack.posts_until(3)


async def test_a_person_whose_last_message_was_to_colleagues_is_left_alone(bot: Bot) -> None:
    thread = await asked(bot)
    await say(bot, "let me check that", thread)
    await say(bot, FOLLOWS, thread)
    assert len(await bot.slack.quiet()) == 1


async def test_a_person_who_did_not_ask_gets_no_answer(bot: Bot) -> None:
    await say(bot, FOLLOWS, await asked(bot), user="U2")
    assert len(await bot.slack.quiet()) == 1


async def test_the_bot_stays_silent_when_it_cannot_read_the_thread(bot: Bot) -> None:
    thread = await asked(bot)
    bot.slack.fail("conversations.replies", Refused("missing_scope"))
    await say(bot, FOLLOWS, thread)
    assert len(await bot.slack.quiet()) == 1


async def test_a_follow_up_without_a_mention_never_gets_a_rate_limit_notice(
    article: Answerer, tmp_path: Path
) -> None:
    async with running(
        "socket", article, tmp_path, scopes=FOLLOW_UP_SCOPES, QUESTIONS_PER_MINUTE="1"
    ) as bot:
        await say(bot, FOLLOWS, await asked(bot))
        assert len(await bot.slack.quiet()) == 1
        assert bot.slack.ephemerals == []


async def test_help_does_not_count_towards_the_rate_limit(
    article: Answerer, tmp_path: Path
) -> None:
    async with running("http", article, tmp_path, QUESTIONS_PER_MINUTE="1") as bot:
        for text in ("help", "Help?", ""):
            assert "I answer questions" in words((await bot.command(text))["blocks"])
            await bot.event(fake_slack.mention(text))
        await bot.slack.posts_until(3)
        await bot.event(fake_slack.mention(ASKED))
        await bot.slack.posts_until(4)
        assert bot.slack.ephemerals == []
