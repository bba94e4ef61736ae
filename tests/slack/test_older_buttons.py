"""Buttons made by another version of the bot still work in this one."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.index import FORMAT
from bot.slack.rendering.buttons import ButtonState
from tests.conftest import answerer_from, answerer_of
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, running, words

TEXT = "The ferry sails at nine.\nThe ferry carries forty horses to Norway."
QUOTE = "The ferry carries forty horses to Norway."
QUESTION = "how many horses does the ferry carry?"
OLDER = "This message is from an older version. Ask again."
# As version 0.1.0 of November 2026 wrote them, of TEXT.
ANSWERED = (
    '["Answered",["how many horses does the ferry carry?"],"hash",'
    '[["22c775c2e09e","1e01b255605b",0,41,0]],null,null]'
)
FOLLOWED_UP = (
    '["Answered",["and where to do they go?","how many horses does the ferry carry?"],"hash",'
    '[["22c775c2e09e","1e01b255605b",0,41,0]],null,null]'
)
NOT_FOUND = (
    '["NotFound",["which deal sank the titanic ferry iceberg voyage passengers?"],"hash",[],'
    "null,null]"
)
EXAMPLE = '["",["What about “The ferry carries forty horses to”?"],"",[],null,null]'


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with running("socket", answerer_of(TEXT), tmp_path) as bot:
        yield bot


def with_value(value: str, message: Any, action: str) -> Any:
    click = fake_slack.click("vote" if action == "ask:1" else action, message)
    click["actions"][0] |= {"action_id": action, "value": value}
    return click


async def window(bot: Bot, action: str, value: str) -> str:
    """What the window says that a button with this value opens."""
    question = QUESTION if action in ("context", "why") else "which deal sank the titanic ferry?"
    before = len(bot.slack.posts)
    await bot.event(fake_slack.mention(question))
    post = (await bot.slack.posts_until(before + 1))[-1]
    await bot.interact(with_value(value, post, action))
    await bot.slack.views_until(1)
    return words(bot.slack.views[-1].view["blocks"])


async def shared(bot: Bot, value: str) -> tuple[Any, str]:
    """What Slack is told when a button with this value is pressed to share."""
    alone = await bot.command(QUESTION)
    await bot.interact(with_value(value, alone, "share"))
    response = (await bot.slack.responses_until(1))[0].payload
    return response, words(response["blocks"])


def posted_by_another_format(quote: str) -> str:
    """The value of a button whose version cut the document into other passages."""
    shown = ButtonState.read(of_this_version())
    length = len(quote)
    marks = tuple(mark._replace(passage="0" * 12, start=7, end=7 + length) for mark in shown.marks)
    return replace(shown, marks=marks, format=FORMAT + 1, corpus="another hash").value


def of_this_version() -> str:
    answerer = answerer_of(TEXT)
    question = ButtonState.read(ANSWERED).question
    return ButtonState.of(question, answerer.answer(question)).value


@pytest.mark.parametrize("value", [ANSWERED, FOLLOWED_UP])
async def test_the_context_of_an_earlier_version_s_answer_is_shown(value: str, bot: Bot) -> None:
    said = await window(bot, "context", value)
    assert "sails at nine" in said
    assert QUOTE in said
    assert "changed" not in said


@pytest.mark.parametrize("value", [ANSWERED, FOLLOWED_UP])
async def test_why_an_earlier_version_found_a_passage_is_shown(value: str, bot: Bot) -> None:
    said = await window(bot, "why", value)
    assert "1." in said
    assert "changed" not in said


async def test_an_earlier_version_s_nearest_passages_and_examples_open(bot: Bot) -> None:
    assert "ferry" in await window(bot, "nearest", NOT_FOUND)
    await window(bot, "ask:1", EXAMPLE)
    await bot.slack.views_until(2)
    assert QUOTE in words(bot.slack.views[-1].view["blocks"])


async def test_what_an_earlier_version_answered_is_shared(bot: Bot) -> None:
    response, said = await shared(bot, ANSWERED)
    assert response["response_type"] == "in_channel"
    assert QUOTE in said
    assert "changed" not in said


async def test_a_vote_on_an_earlier_version_s_answer_is_counted(bot: Bot) -> None:
    await bot.event(fake_slack.mention(QUESTION))
    [post] = await bot.slack.posts_until(1)
    await bot.interact(with_value(f"+{ANSWERED}", post, "vote"))
    [response] = await bot.slack.responses_until(1)
    assert "counted your vote" in words(response.payload["blocks"])
    assert await bot.store.votes.tally("T1", "C1", post.ts) == (1, 0)


async def test_a_quote_is_found_after_another_version_split_the_passages_differently(
    bot: Bot,
) -> None:
    value = posted_by_another_format(QUOTE)
    context, why = await window(bot, "context", value), await window(bot, "why", value)
    assert QUOTE in context
    assert "1." in why
    _, said = await shared(bot, value)
    assert QUOTE in said
    for shown in (context, why, said):
        assert "changed" not in shown
        assert OLDER not in shown


async def test_a_passage_of_another_version_that_is_not_found_offers_to_ask_again(
    bot: Bot,
) -> None:
    [*rest, marks, thread, sharer] = json.loads(ANSWERED)
    marks[0][1] = "0" * 12
    value = json.dumps([*rest, marks, thread, sharer])
    for action in ("context", "why"):
        said = await window(bot, action, value)
        assert said.split() == f"{OLDER} Ask again".split()
    again = bot.slack.views[-1]
    await bot.interact(fake_slack.click("ask:1", again))
    await bot.slack.views_until(3)
    assert QUOTE in words(bot.slack.views[-1].view["blocks"])
    response, said = await shared(bot, value)
    assert response["response_type"] == "ephemeral"
    assert said.split() == f"{OLDER} Ask again".split()


async def test_a_missing_passage_of_this_version_is_reported_as_a_change(bot: Bot) -> None:
    shown = ButtonState.read(of_this_version())
    marks = tuple(mark._replace(passage="0" * 12, quote="0" * 12) for mark in shown.marks)
    value = replace(shown, marks=marks, corpus="another").value
    assert "may have been changed or removed" in await window(bot, "context", value)
    assert "The documents have changed" in await window(bot, "why", value)


HANDBOOK = """# Handbook

## Expenses

You may never claim the following:

- parking fines, even in Leeds
- tickets for the ferry
  and its cabins
- fares of a taxi at night

## Plans

| Plan | Seats | Storage |
| --- | --- | --- |
| Gold | 200 | 2 TB |
| Silver | 50 | 500 GB |

## Dogs

**Can I bring my dog to the office?**

Dogs may come to the office on Fridays.
"""
NEVER = "You may never claim the following:"
GOLD = "Plan: Gold · Seats: 200 · Storage: 2 TB"
# As format 3 of November 2026 wrote them, of HANDBOOK: an item, a row or an answer was a passage.
OVER = {
    "a list": (
        '["answered",["can I claim tickets for the ferry and its cabins?"],"8b997b53d909",'
        '[["5896f52d9238","08f61ae1eb38",0,36,0,"08f61ae1eb38"]],null,null,3]',
        [NEVER, "tickets for the ferry and its cabins"],
    ),
    "a table": (
        '["closest",["how many seats does gold have?"],"8b997b53d909",'
        '[["5896f52d9238","b0e0bc5379ae",0,17,0,"b0e0bc5379ae"],'
        '["5896f52d9238","0a6707bb9a0a",0,22,0,"0a6707bb9a0a"]],null,null,3]',
        [GOLD],
    ),
    "an FAQ": (
        '["answered",["can I bring my dog to the office on Fridays?"],"8b997b53d909",'
        '[["5896f52d9238","b01f8856be3c",0,39,0,"b01f8856be3c"]],null,null,3]',
        ["Can I bring my dog to the office?", "Dogs may come to the office on Fridays."],
    ),
}


def without_quotes(value: str) -> str:
    """The value as version 0.1.0 wrote it: without digests of the quotes, and without a format."""
    [*rest, marks, thread, sharer, _] = json.loads(value)
    return json.dumps([*rest, [mark[:5] for mark in marks], thread, sharer])


@pytest.fixture
async def handbook(tmp_path: Path) -> AsyncIterator[Bot]:
    answerer = answerer_from({"handbook.md": HANDBOOK, "ferry.txt": TEXT})
    async with running("socket", answerer, tmp_path) as bot:
        yield bot


@pytest.mark.parametrize("made", ["with digests of the quotes", "by version 0.1.0"])
@pytest.mark.parametrize("over", OVER)
async def test_a_button_on_a_passage_that_is_now_split_differently_shows_it_with_its_lead(
    over: str, made: str, handbook: Bot
) -> None:
    value, expected = OVER[over]
    if made == "by version 0.1.0":
        value = without_quotes(value)
    context, why = await window(handbook, "context", value), await window(handbook, "why", value)
    assert "1." in why
    _, said = await shared(handbook, value)
    for shown in (context, said):
        assert in_order(expected, shown), shown
    for shown in (context, why, said):
        assert "changed" not in shown
        assert OLDER not in shown


@pytest.mark.parametrize("over", OVER)
async def test_a_vote_on_a_passage_that_is_now_split_differently_is_counted(
    over: str, handbook: Bot
) -> None:
    await handbook.event(fake_slack.mention(QUESTION))
    [post] = await handbook.slack.posts_until(1)
    await handbook.interact(with_value(f"+{OVER[over][0]}", post, "vote"))
    await handbook.slack.responses_until(1)
    assert await handbook.store.votes.tally("T1", "C1", post.ts) == (1, 0)


def in_order(texts: list[str], shown: str) -> bool:
    """Whether these stand in what is shown, one after the other."""
    for text in texts:
        _, found, shown = shown.partition(text)
        if not found:
            return False
    return True
