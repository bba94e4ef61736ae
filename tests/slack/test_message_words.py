"""Words that people type, put in blocks, forward, or post through apps, in both modes."""

import html
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import phrases
from bot.answering.answerer import Answerer
from bot.slack.receiving.message_words import MAX_TEXT_LENGTH, message_words
from tests.conftest import answerer_of
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, running, words
from tests.fakes.slack import BOT_USER, FOLLOW_UP_SCOPES

ASKED = "what does the truce cover?"
CLAIM = "Macron said that France and Britain propose a partial one-month truce"
TRUCE = "France and Britain are proposing a partial one-month truce"
SHARED = {
    "is_share": True,
    "author_name": "Anna Zebra",
    "author_link": "https://fake.slack.com/team/U2",
    "from_url": "https://fake.slack.com/archives/C1/p1",
    "footer": "Posted in #zebras",
    "fallback": f"[November 25th] Anna Zebra: {CLAIM}",
}
FORWARDED = {**SHARED, "text": CLAIM}


def rich(*elements: Any) -> list[dict[str, Any]]:
    return [{"type": "rich_text", "elements": list(elements)}]


def line(text: str, kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": kind, "elements": [{"type": "text", "text": text}]}


IN_BLOCKS = rich(
    {
        "type": "rich_text_section",
        "elements": [{"type": "user", "user_id": BOT_USER}, {"type": "text", "text": f" {ASKED}"}],
    }
)
IN_MESSAGE_BLOCKS = {
    **SHARED,
    "text": "",
    "message_blocks": [{"team": "T1", "channel": "C2", "message": {"blocks": rich(line(CLAIM))}}],
}


@pytest.fixture(params=["socket", "http"])
async def bot(
    request: pytest.FixtureRequest, article: Answerer, tmp_path: Path
) -> AsyncIterator[Bot]:
    async with running(request.param, article, tmp_path) as bot:
        yield bot


ASKS = [
    {"text": "", "blocks": IN_BLOCKS},
    {"text": ASKED, "blocks": [], "subtype": "me_message"},
    {"text": "", "blocks": [], "attachments": [FORWARDED]},
    {"text": "is this right?", "blocks": [], "attachments": [FORWARDED]},
    {"text": "hey, can you confirm this please", "attachments": [FORWARDED]},
    {"text": "is this right?", "attachments": [IN_MESSAGE_BLOCKS]},
]


@pytest.mark.parametrize("sent", ASKS)
@pytest.mark.parametrize("send", [fake_slack.mention, fake_slack.direct_message])
async def test_words_are_read_wherever_they_stand(bot: Bot, send: Any, sent: Any) -> None:
    text = f"<@{BOT_USER}> {sent['text']}"
    await bot.event({**send("x"), **sent, "text": text})
    [post] = await bot.slack.posts_until(1)
    assert TRUCE in words(post.blocks)
    assert "Zebra" not in words(post.blocks)


@pytest.mark.parametrize(
    "message",
    [
        {"text": CLAIM, "subtype": "me_message"},
        {"text": "", "attachments": [FORWARDED]},
        {"text": "", "blocks": rich(line(CLAIM))},
        {"text": "New post", "bot_id": "B7", "blocks": rich(line(CLAIM))},
        {"text": "", "bot_id": "B7", "attachments": [{"color": "#36a64f", "text": CLAIM}]},
        {
            "text": "New post",
            "bot_id": "B7",
            "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": f"*{CLAIM}*"}}],
        },
    ],
)
async def test_find_the_source_reads_words_wherever_they_stand(bot: Bot, message: Any) -> None:
    message = {**fake_slack.direct_message("x", channel="C1", user="U2"), "blocks": [], **message}
    await bot.interact(fake_slack.shortcut("find_source", message))
    [alone] = await bot.slack.responses_until(1)
    assert "The documents say this:" in words(alone.payload["blocks"])
    assert TRUCE in words(alone.payload["blocks"])
    assert "Zebra" not in words(alone.payload["blocks"])


async def test_each_sentence_of_a_message_is_looked_up(bot: Bot) -> None:
    said = f"Hi all!\n- {CLAIM}.\n- Penguins sell umbrellas on Mondays. Thanks a lot!"
    await bot.interact(fake_slack.shortcut("find_source", html.escape(said)))
    [alone] = await bot.slack.responses_until(1)
    told = words(alone.payload["blocks"])
    assert "1 of these 2 sentences stands in the documents." in told
    yes, no = told.index("✓ The documents say this:"), told.index("✗ ")
    assert told.index(f"{CLAIM}.") < yes < told.index(TRUCE) < told.index("Penguins") < no
    await bot.interact(fake_slack.click("context", alone.payload))
    await bot.slack.views_until(1)
    assert TRUCE in words(bot.slack.views[-1].view)
    await bot.interact(fake_slack.click("share", alone.payload))
    shared = (await bot.slack.responses_until(2))[1].payload
    assert shared["response_type"] == "in_channel"
    assert TRUCE in words(shared["blocks"])
    assert "umbrellas" not in words(shared["blocks"]).partition("truce")[2].partition("Penguins")[0]


async def test_a_sentence_with_another_number_is_not_confirmed(tmp_path: Path) -> None:
    said = "Annual leave is 30 days a year. Annual leave is 25 days a year."
    async with running("http", answerer_of("Annual leave is 25 days a year."), tmp_path) as bot:
        await bot.interact(fake_slack.shortcut("find_source", said))
        await bot.interact(fake_slack.shortcut("find_source", "Annual leave is 30 days a year."))
        both, wrong = await bot.slack.responses_until(2)
    assert "1 of these 2 sentences stands" in words(both.payload["blocks"])
    assert "The documents don't mention “30”. The closest I found:" in words(
        wrong.payload["blocks"]
    )


async def test_only_the_first_sentences_of_a_long_message_are_looked_up(bot: Bot) -> None:
    said = " ".join(
        f"The truce covers {word} attacks number {n}." for n, word in enumerate(["sea"] * 30)
    )
    await bot.interact(fake_slack.shortcut("find_source", said))
    [alone] = await bot.slack.responses_until(1)
    assert "I looked up the first 10 of 30." in words(alone.payload["blocks"])


async def test_is_that_true_suggests_find_the_source_in_an_unreadable_thread(bot: Bot) -> None:
    for text in ("is that true?", "can you confirm this?"):
        await bot.event(fake_slack.mention(text, thread_ts="1700000000.000001"))
    for post in await bot.slack.posts_until(2):
        assert words(post.blocks).strip() == phrases.CANNOT_READ
    # Where the bot itself spoke it is about that; and alone it is about nothing.
    asked = fake_slack.mention(ASKED)
    await bot.event(asked)
    await bot.slack.posts_until(3)
    await bot.event(fake_slack.mention("is that true?", thread_ts=asked["ts"]))
    post = (await bot.slack.posts_until(4))[-1]
    assert "I can only quote the documents" in words(post.blocks)


async def test_is_that_true_looks_up_the_message_above_in_a_readable_thread(
    article: Answerer, tmp_path: Path
) -> None:
    async with running("http", article, tmp_path, scopes=FOLLOW_UP_SCOPES) as bot:
        said = fake_slack.direct_message(CLAIM, channel="C1", user="U2")
        await bot.event(said)
        await bot.event(fake_slack.mention("is that true?", thread_ts=said["ts"]))
        [post] = await bot.slack.posts_until(1)
        assert TRUCE in words(post.blocks)


# What is read of a message


def test_bullets_lines_and_quotes_are_kept() -> None:
    items = [line("who pays?"), line("who sails & who <swims>?")]
    blocks = rich(
        line("Two questions:"),
        {"type": "rich_text_list", "style": "bullet", "elements": items},
        {"type": "rich_text_list", "style": "ordered", "elements": items[:1]},
        line("see you\nat lunch", "rich_text_quote"),
        line("x = 1", "rich_text_preformatted"),
    )
    assert message_words({"text": "", "blocks": blocks}, BOT_USER).own.split("\n") == [
        "Two questions:",
        "- who pays?",
        "- who sails & who <swims>?",
        "1. who pays?",
        "> see you",
        "> at lunch",
        "x = 1",
    ]


def test_every_kind_of_block_with_words_is_read() -> None:
    def plain(text: str) -> dict[str, str]:
        return {"type": "plain_text", "text": text}

    blocks = [
        {"type": "header", "text": plain("a <b>")},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "c &lt;d&gt;"},
            "fields": [plain("e")],
        },
        {"type": "context", "elements": [plain("f"), {"type": "image", "alt_text": "no"}]},
        {"type": "markdown", "text": "g"},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "h"}, *rich(line("i"))]]},
        {"type": "actions", "elements": [{"type": "button", "text": plain("no")}]},
        {"type": "divider"},
    ]
    read = message_words({"text": "", "blocks": blocks}, BOT_USER)
    assert read.own == "a <b>\nc <d>\ne\nf\ng\nh | i"


def test_a_preview_of_a_page_is_not_read() -> None:
    page = {"from_url": "https://a.example", "title": "A", "text": "of a page"}
    assert message_words({"text": "see", "attachments": [page]}, BOT_USER).all == "see"


def test_blocks_are_read_up_to_the_same_length_as_text() -> None:
    blocks = rich(*[line("word " * 2_000)] * 20)
    read = message_words({"text": "", "blocks": blocks}, BOT_USER)
    assert len(read.own) <= MAX_TEXT_LENGTH + 1


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=3)
    | st.sampled_from(["rich_text"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "elements", "fields", "rows", "message_blocks", "is_share"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(ANY, ANY, ANY)
def test_any_message_is_read_without_an_error(text: Any, blocks: Any, attachments: Any) -> None:
    message = {"text": text, "blocks": blocks, "attachments": attachments, "bot_id": "B"}
    own, forwarded = message_words(message, BOT_USER)
    assert isinstance(own, str)
    assert isinstance(forwarded, str)
