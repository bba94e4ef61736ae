"""Talk and chat around a question, through the real Bolt app and the fake Slack."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.answering.answerer import Answerer
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, running, words

ASKED = "what does the truce cover?"
TRUCE = "France and Britain are proposing a partial one-month truce"
SAYINGS = Path(__file__).parents[1] / "questions" / "sayings.tsv"
SAID = [line.split("\t") for line in SAYINGS.read_text("utf-8").splitlines()]
REPLY = {
    "greeting": "Hello",
    "thanks": "Happy to help.",
    "guide": "I answer questions with passages",
    "sources": "Coalition of the willing",
    "remark": "I can only quote the documents.",
    "more": "",
}
OFFERED = {"actions", "context_actions"}


@pytest.fixture
async def bot(article: Answerer, tmp_path: Path) -> AsyncIterator[Bot]:
    async with running("http", article, tmp_path, QUESTIONS_PER_MINUTE="1000") as bot:
        yield bot


def is_reply(blocks: list[dict[str, object]], kind: str) -> bool:
    """Whether blocks are the reply to this kind of talk, without vote or button but examples."""
    offers = {str(block["type"]) for block in blocks} & OFFERED
    allowed = {"actions"} if kind == "guide" else set()
    return REPLY[kind] in words(blocks) and offers <= allowed and TRUCE not in words(blocks)


async def test_talk_gets_its_reply_in_mentions_and_direct_messages(bot: Bot) -> None:
    for number, (kind, said) in enumerate(SAID, start=1):
        send = fake_slack.mention if number % 2 else fake_slack.direct_message
        await bot.event(send(said))
        post = (await bot.slack.posts_until(number))[-1]
        assert is_reply(post.blocks, kind), (kind, said, words(post.blocks))


async def test_talk_in_a_thread_never_repeats_the_answer(bot: Bot) -> None:
    first = fake_slack.mention(ASKED)
    await bot.event(first)
    await bot.slack.posts_until(1)
    for number, (kind, said) in enumerate(SAID, start=2):
        await bot.event(fake_slack.mention(said, thread_ts=first["ts"]))
        post = (await bot.slack.posts_until(number))[-1]
        assert post.thread_ts == first["ts"]
        assert is_reply(post.blocks, kind), (kind, said, words(post.blocks))
    assert await bot.store.history.last_questions("T1", "U1", 10) == (ASKED,)


async def test_talk_after_the_command_is_answered_for_the_asker_alone(bot: Bot) -> None:
    for kind, said in SAID:
        answer = await bot.command(said)
        assert answer["response_type"] == "ephemeral"
        assert is_reply(answer["blocks"], kind), (kind, said, words(answer["blocks"]))
    assert await bot.store.history.last_questions("T1", "U1", 10) == ()


@pytest.mark.parametrize(
    "said",
    [
        f"Hi! {ASKED} :pray:",
        f"{ASKED} cc <@U2|maria> <@U3>",
        f"&gt; see you at lunch\n{ASKED}",
        f"&gt; {ASKED}\nsame question",
        f"quick q: {ASKED} (need it by 5pm) &lt;3",
        f"1. {ASKED}\n\nBest regards,\nAnna Berg",
        f"FYI <#C9|general> {ASKED} thanks lol",
    ],
)
async def test_chat_around_a_question_does_not_change_the_answer(bot: Bot, said: str) -> None:
    first = fake_slack.direct_message(said)
    await bot.event(first)
    await bot.event(fake_slack.direct_message(said, thread_ts=first["ts"]))
    await bot.event(fake_slack.mention(said))
    for post in await bot.slack.posts_until(3):
        assert TRUCE in words(post.blocks)
    assert TRUCE in words((await bot.command(said))["blocks"])


async def test_thanks_in_a_thread_without_a_mention_gets_no_reply(bot: Bot) -> None:
    first = fake_slack.mention(ASKED)
    await bot.event(first)
    await bot.slack.posts_until(1)
    thanks = fake_slack.direct_message("thanks!", channel="C1", thread_ts=first["ts"])
    await bot.event(thanks | {"channel_type": "channel"})
    assert len(await bot.slack.quiet()) == 1
