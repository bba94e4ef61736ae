"""Every place where the bot can be asked, and every button, end to end in both modes."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from bot.answering.answerer import Answerer
from bot.model import Answered, Question
from bot.slack.receiving.access import REFUSALS
from bot.slack.rendering.views import OTHER_BUTTON
from tests.conftest import answerer_of
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, Mode, running, words
from tests.fakes.payloads import Post
from tests.fakes.slack import FakeSlack, RateLimited
from tests.fakes.slack import Refused as SlackRefuses

TRUCE = "France and Britain are proposing a partial one-month truce"
TROOPS = "European ground troops would only be deployed to Ukraine in a second phase"
ASKED = "what does the truce cover?"


@pytest.fixture(params=["socket", "http"])
def mode(request: pytest.FixtureRequest) -> Mode:
    chosen: Mode = request.param
    return chosen


@pytest.fixture
async def bot(mode: Mode, article: Answerer, tmp_path: Path) -> AsyncIterator[Bot]:
    async with running(mode, article, tmp_path) as bot:
        yield bot


async def answered(bot: Bot, text: str = ASKED, **where: Any) -> Post:
    """Ask in a channel, and return the post that answers."""
    before = len(bot.slack.posts)
    assert await bot.event(fake_slack.mention(text, **where))
    return (await bot.slack.posts_until(before + 1))[-1]


def last_view(bot: Bot) -> Any:
    return bot.slack.views[-1].view


# Threads and follow-ups


async def test_a_mention_in_a_thread_builds_on_the_asker_s_earlier_question(bot: Bot) -> None:
    first = await answered(bot, "what is the Franco-British proposal on ground troops?")
    thread = first.thread_ts
    second = await answered(bot, "and when would they be deployed?", thread_ts=thread)
    assert (second.thread_ts, TROOPS in words(second.blocks)) == (thread, True)
    other = await answered(bot, "and when would they be deployed?", thread_ts=thread, user="U2")
    assert words(other.blocks) != words(second.blocks)


async def test_a_direct_message_builds_on_the_previous_one_and_shows_a_status(
    bot: Bot,
) -> None:
    await bot.event(fake_slack.direct_message("what is said of ground troops?"))
    await bot.slack.posts_until(1)
    await bot.event(fake_slack.direct_message("and when would they be deployed?"))
    _, second = await bot.slack.posts_until(2)
    assert TROOPS in words(second.blocks)
    calls = [c for c in bot.slack.calls if c.method == "assistant.threads.setStatus"]
    assert [c.payload["status"] for c in calls] == ["is looking in the documents…"] * 2
    assert calls[1].payload["thread_ts"] == second.thread_ts


async def test_a_thread_in_the_pane_is_named_after_the_question_that_began_it(bot: Bot) -> None:
    await bot.event(fake_slack.direct_message(f"<@U2> {ASKED}\nThanks &amp; bye"))
    [post] = await bot.slack.posts_until(1)
    [call] = await bot.slack.calls_until("agents.sessions.setStatus")
    assert post.thread_ts
    assert bot.slack.sessions == {("D1", post.thread_ts): f"{ASKED} Thanks & bye"}
    assert (call.payload["status"], call.payload["initiator_user_id"]) == ("active", "U1")
    await bot.event(fake_slack.direct_message("and when?", thread_ts=post.thread_ts))
    await bot.event(fake_slack.direct_message("thanks!"))
    await bot.event(fake_slack.mention(ASKED))
    await bot.slack.posts_until(4)
    await bot.slack.quiet(0.1)
    assert len(bot.slack.sessions) == 1  # not after a follow-up, talk, or in a channel


async def test_the_assistant_thread_is_named_when_slack_has_no_sessions(bot: Bot) -> None:
    bot.slack.fail_by("agents.sessions.setStatus", lambda _: SlackRefuses("not_an_agent"))
    bot.slack.fail("assistant.threads.setTitle", None, SlackRefuses("thread_not_found"))
    for text in (ASKED, "who is " + "very " * 50 + "important?"):
        before = len(bot.slack.posts)
        await bot.event(fake_slack.direct_message(text))
        await bot.slack.posts_until(before + 1)
    first, second = await bot.slack.calls_until("assistant.threads.setTitle", 2)
    assert first.payload["title"] == ASKED
    assert len(second.payload["title"]) <= 80
    for number in range(3, 8):  # a thread without a name is answered all the same
        await bot.event(fake_slack.direct_message(ASKED))
        await bot.slack.posts_until(number)
        await bot.slack.quiet(0.05)
    tried = [c for c in bot.slack.calls if c.method == "agents.sessions.setStatus"]
    assert len(tried) == 3  # and what Slack does not have is not asked for again and again


async def test_a_rate_limit_does_not_stop_threads_from_being_named(bot: Bot) -> None:
    bot.slack.fail("agents.sessions.setStatus", *[RateLimited(1)] * 4)
    for number in range(1, 6):
        await bot.event(fake_slack.direct_message(ASKED))
        await bot.slack.posts_until(number)
        await bot.slack.calls_until("agents.sessions.setStatus", number)
    assert not [c for c in bot.slack.calls if c.method == "assistant.threads.setTitle"]
    await bot.slack.quiet(0.05)
    assert list(bot.slack.sessions.values()) == [ASKED]


async def test_a_refused_status_does_not_delay_the_answer(bot: Bot) -> None:
    bot.slack.fail("assistant.threads.setStatus", SlackRefuses("not_allowed"))
    await bot.event(fake_slack.direct_message(ASKED))
    assert TRUCE in words((await bot.slack.posts_until(1))[0].blocks)


# The pane and the home tab


async def test_the_pane_suggests_questions_that_are_answered(bot: Bot, article: Answerer) -> None:
    await bot.event(fake_slack.app_home_opened(tab="messages"))
    [call] = await bot.slack.calls_until("assistant.threads.setSuggestedPrompts")
    assert "thread_ts" not in call.payload
    prompts = call.payload["prompts"]
    assert len(prompts) == 3
    for prompt in prompts:
        assert isinstance(article.answer(Question(prompt["message"])), Answered)


async def test_the_home_tab_shows_the_documents_how_to_ask_and_your_own_questions(bot: Bot) -> None:
    await answered(bot)
    await bot.command("who is Boris Johnson?")
    await bot.event(fake_slack.app_home_opened(tab="home"))
    await bot.slack.views_until(1)
    home = words(bot.slack.homes["U1"].view["blocks"])
    for said in ("1 document, 13 passages", "Coalition of the willing", "/ask"):
        assert said in home
    assert home.index("who is Boris Johnson?") < home.index(ASKED)
    assert "State of the service" not in home
    assert "hash" not in home
    await bot.event(fake_slack.app_home_opened(tab="home", user="U2"))
    await bot.slack.views_until(2)
    assert ASKED not in words(bot.slack.homes["U2"].view["blocks"])


async def test_an_admin_sees_the_state_of_the_service(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path, BOT_ADMINS="U1, U9") as bot:
        await answered(bot)
        await bot.slack.quiet(0.1)
        await bot.event(fake_slack.app_home_opened(tab="home"))
        await bot.slack.views_until(1)
        home = words(bot.slack.homes["U1"].view["blocks"])
        assert "Waiting to be answered: nothing" in home
        assert "In the last 24 hours: 1 answered" in home
        assert "Content hash" in home


async def test_three_hundred_documents_are_paged(mode: Mode, tmp_path: Path) -> None:
    many = answerer_of(*(f"Shelf {n} holds jars of tea and nothing else." for n in range(300)))
    async with running(mode, many, tmp_path) as bot:
        await bot.event(fake_slack.app_home_opened(tab="home"))
        await bot.slack.views_until(1)
        assert "Documents 1 to 20 of 300" in words(bot.slack.views[-1].view)
        await bot.interact(fake_slack.click("home:1", bot.slack.views[-1]))
        await bot.slack.views_until(2)
        assert "Documents 21 to 40 of 300" in words(bot.slack.views[-1].view)


# The command


async def test_the_command_lists_the_sources_and_shows_the_status_to_admins_only(bot: Bot) -> None:
    sources = await bot.command("sources")
    assert "1 document, 13 passages" in words(sources["blocks"])
    assert "Coalition of the willing" in words(sources["blocks"])
    assert "hash" not in words(sources["blocks"])
    status = await bot.command(" Status ")
    assert "shown to admins only" in words(status["blocks"])
    assert {sources["response_type"], status["response_type"]} == {"ephemeral"}


async def test_admins_see_hashes_scores_and_the_status_only_where_nobody_else_can(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path, BOT_ADMINS="U9") as bot:
        sources = await bot.command("sources", user="U9")
        assert "Content hash" in words(sources["blocks"])
        status = await bot.command("status", user="U9")
        assert "Waiting to be answered: nothing" in words(status["blocks"])
        post = await answered(bot, user="U9")
        listed = await answered(bot, "what are your sources?", user="U9")
        for said in (post, listed):
            assert not re.search("hash|worth|covers", words(said.blocks))
        await bot.interact(fake_slack.click("why", post, user="U9"))
        await bot.slack.views_until(1)
        why = words(last_view(bot)["blocks"])
        for figure in ("1. worth", "2. worth", "3. worth", "of the question"):
            assert figure in why


async def test_an_answer_to_the_command_is_shared_once_with_its_question(bot: Bot) -> None:
    alone = await bot.command(ASKED)
    click = bot.slack.interaction(fake_slack.click("share", alone))
    await bot.interact(click)
    await bot.interact(click)
    shared, gone = await bot.slack.responses_until(2)
    assert shared.payload["response_type"] == "in_channel"
    assert TRUCE in words(shared.payload["blocks"])
    assert f"asked: {ASKED}" in " ".join(words(shared.payload["blocks"]).split())
    assert gone.payload["delete_original"] is True
    assert len(bot.slack.responses) == 2


# The shortcut


async def test_find_the_source_answers_one_person_who_can_share_it(bot: Bot) -> None:
    said = "Macron said that France and Britain propose a partial one-month truce"
    message = fake_slack.direct_message(said, channel="C1", user="U2")
    await bot.interact(fake_slack.shortcut("find_source", message))
    [alone] = await bot.slack.responses_until(1)
    assert alone.payload["response_type"] == "ephemeral"
    assert "The documents say this:" in words(alone.payload["blocks"])
    assert TRUCE in words(alone.payload["blocks"])
    await bot.interact(fake_slack.click("share", alone.payload))
    shared = (await bot.slack.responses_until(3))[1]
    assert (shared.payload["response_type"], shared.payload["thread_ts"]) == (
        "in_channel",
        message["ts"],
    )
    assert TRUCE in words(shared.payload["blocks"])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("the guest wifi password is on the fridge", "No passage says this."),
        ("the coalition was formed by Boris Johnson's wifi", "don't mention “formed” or “wifi”"),
        ("👍", "I need a few words of English"),
    ],
)
async def test_find_the_source_says_when_no_passage_says_it(bot: Bot, said: str, told: str) -> None:
    await bot.interact(fake_slack.shortcut("find_source", said))
    [alone] = await bot.slack.responses_until(1)
    assert told in words(alone.payload["blocks"])


# Buttons


async def test_more_context_shows_the_paragraphs_around_with_the_passage_marked(bot: Bot) -> None:
    post = await answered(bot)
    await bot.interact(fake_slack.click("context", post))
    await bot.slack.views_until(1)
    view = last_view(bot)
    shown = words(view["blocks"])
    assert shown.index("scrambling to respond") < shown.index(TRUCE) < shown.index(TROOPS)
    marked = [
        element
        for block in view["blocks"]
        if block["type"] == "rich_text"
        for element in block["elements"]
        if element["type"] == "rich_text_quote"
    ]
    assert len(marked) == 1
    assert TRUCE in words(marked)


async def test_why_this_passage_says_what_matched_without_a_figure(bot: Bot) -> None:
    post = await answered(bot)
    await bot.interact(fake_slack.click("why", post))
    await bot.slack.views_until(1)
    why = words(last_view(bot)["blocks"])
    assert "It matches: truce" in why
    assert not re.search(r"worth|\d\.\d\d|%|of the question", why)


async def test_why_shows_no_passage_twice_when_two_questions_were_asked_in_one(bot: Bot) -> None:
    post = await answered(bot, "who is Ursula von der Leyen and who is Boris Johnson?")
    await bot.interact(fake_slack.click("why", post))
    await bot.slack.views_until(1)
    places = [
        element["text"]
        for block in last_view(bot)["blocks"]
        if block["type"] == "context"
        for element in block["elements"]
        if "paragraph" in element["text"]
    ]
    assert len(places) == len(set(places)) >= 2


async def test_not_found_offers_the_nearest_passages_and_questions_that_work(bot: Bot) -> None:
    post = await answered(bot, "how tall is the eiffel tower in the summit of london?")
    if "closest" not in words(post.blocks):
        pytest.fail(f"nothing is near: {words(post.blocks)}")
    post = await answered(bot, "which deal sank the titanic iceberg voyage passengers?")
    assert "Not in the documents:" in words(post.blocks)
    assert "Questions that the documents do answer:" in words(post.blocks)
    await bot.interact(fake_slack.click("nearest", post))
    await bot.slack.views_until(1)
    assert "deal" in words(last_view(bot)["blocks"])
    await bot.interact(fake_slack.click("ask:1", post))
    await bot.slack.views_until(2)
    window = bot.slack.views[-1]
    assert "Why this passage" in words(window.view["blocks"])
    await bot.interact(fake_slack.click("why", window))
    await bot.slack.views_until(3)
    assert bot.slack.views[-1].kind == "push"


async def test_votes_are_thanked_in_private_counted_and_not_printed(bot: Bot) -> None:
    post = await answered(bot)
    for number, (user, vote, said, votes) in enumerate(
        (
            ("U1", "positive", "counted your vote", (1, 0)),
            ("U2", "negative", "counted your vote", (1, 1)),
            ("U2", "positive", "counted your vote", (2, 0)),  # the other thumb
            ("U2", "positive", "taken back your vote", (1, 0)),  # the same thumb again
            ("U2", "positive", "counted your vote", (2, 0)),
        ),
        start=1,
    ):
        await bot.interact(fake_slack.click("vote", post, user=user, vote=vote))  # type: ignore[arg-type]
        last = (await bot.slack.responses_until(number))[-1].payload
        assert (last["response_type"], last["replace_original"]) == ("ephemeral", False)
        assert said in words(last["blocks"])
        assert await bot.store.votes.tally("T1", "C1", post.ts) == votes
    assert [update for update in bot.slack.posts if update.updates] == []


async def test_a_click_that_is_delivered_twice_is_one_click(bot: Bot) -> None:
    post = await answered(bot)
    first, second = (fake_slack.click("vote", post) for _ in range(2))
    for click in (first, first):
        await bot.interact(click)
    assert await bot.store.votes.tally("T1", "C1", post.ts) == (1, 0)
    for click in (second, second, first):  # the first comes late again
        await bot.interact(click)
    assert await bot.store.votes.tally("T1", "C1", post.ts) == (0, 0)
    assert len(await bot.slack.responses_until(2)) == 2


async def test_a_vote_on_an_ephemeral_answer_is_kept_and_thanked_for(bot: Bot) -> None:
    alone = await bot.command(ASKED)
    await bot.interact(fake_slack.click("vote", alone, vote="negative"))
    [thanks] = await bot.slack.responses_until(1)
    assert "counted your vote" in words(thanks.payload["blocks"])
    assert (await bot.store.state()).down == 1


@pytest.mark.parametrize("action", ["vote", "share"])
@pytest.mark.parametrize("value", ["v0", "", "+{}", '+["answered",["q"],"h",[["a",1]],null]'])
async def test_a_vote_or_share_of_another_version_gets_a_polite_reply(
    bot: Bot, action: str, value: str
) -> None:
    click = fake_slack.click(action, await bot.command(ASKED))
    click["actions"][0]["value"] = value
    await bot.interact(click)
    [reply] = await bot.slack.responses_until(1)
    assert reply.payload["response_type"] == "ephemeral"
    assert words(reply.payload["blocks"]).strip() == OTHER_BUTTON
    assert (await bot.store.state()).up == 0


@pytest.mark.parametrize("action", ["details", "why:3", "page"])
async def test_an_unknown_button_gets_a_polite_reply(bot: Bot, action: str) -> None:
    click = fake_slack.click("why", await answered(bot))
    click["actions"][0]["action_id"] = action
    await bot.interact(click)
    [window] = await bot.slack.views_until(1)
    assert words(window.view["blocks"]).strip() == OTHER_BUTTON


@pytest.mark.parametrize("action", ["vote", "share"])
async def test_people_from_another_organisation_cannot_vote_or_share(bot: Bot, action: str) -> None:
    alone = await bot.command(ASKED)
    click = fake_slack.click(action, alone)
    click["user"] = {**click["user"], "team_id": "T2"}
    await bot.interact(click)
    [window] = await bot.slack.views_until(1)
    assert "another organisation" in words(window.view["blocks"])
    assert await bot.slack.quiet() == []
    assert bot.slack.responses == []
    assert (await bot.store.state()).up == 0


async def test_a_button_of_another_version_says_so(bot: Bot) -> None:
    post = await answered(bot)
    click = fake_slack.click("why", post)
    click["actions"][0]["value"] = "v0"
    await bot.interact(click)
    await bot.slack.views_until(1)
    assert words(last_view(bot)["blocks"]).strip() == OTHER_BUTTON


async def test_old_buttons_work_after_a_restart_and_say_when_the_documents_have_changed(
    mode: Mode, tmp_path: Path
) -> None:
    old = "The ferry sails at nine.\nThe ferry carries forty horses to Norway."
    async with FakeSlack() as slack:
        async with running(mode, answerer_of(old), tmp_path, slack=slack) as bot:
            post = await answered(bot, "how many horses does the ferry carry?")
            alone = await bot.command("how many horses does the ferry carry?")
        grown = answerer_of(f"A new first line.\n{old}\nA last one.")
        async with running(mode, grown, tmp_path, slack=slack) as bot:
            await bot.interact(fake_slack.click("context", post))
            assert "this passage is unchanged" not in words(last_view(bot))  # its hash is the same
        changed = answerer_of("The ferry sails at ten.", hash="another")
        async with running(mode, changed, tmp_path, slack=slack) as bot:
            await bot.interact(fake_slack.click("context", post))
            assert "may have been changed or removed" in words(last_view(bot))
            await bot.interact(fake_slack.click("why", post))
            assert "The documents have changed" in words(last_view(bot))
            await bot.interact(fake_slack.click("share", alone))
            assert "nothing to share" in words(slack.responses[-1].payload)
        kept = answerer_of(f"{old}\nA last one.", hash="another")
        async with running(mode, kept, tmp_path, slack=slack) as bot:
            await bot.interact(fake_slack.click("context", post))
            assert "this passage is unchanged" in words(last_view(bot))
            assert "forty horses" in words(last_view(bot))


# Who may ask, where


async def test_a_channel_that_is_not_allowed_is_refused_for_the_asker_alone(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path, ALLOWED_CHANNELS="C2,C3") as bot:
        await bot.event(fake_slack.mention(ASKED))
        [told] = await bot.slack.ephemerals_until(1)
        assert (told.channel, told.user, told.thread_ts) == ("C1", "U1", None)
        assert told.text == REFUSALS["channel"]
        await bot.event(fake_slack.mention(ASKED, thread_ts="1700000000.000001"))
        assert (await bot.slack.ephemerals_until(2))[1].thread_ts == "1700000000.000001"
        await answered(bot, channel="C2")
        await bot.event(fake_slack.direct_message(ASKED))
        await bot.slack.posts_until(2)
        alone = await bot.command(ASKED)
        assert TRUCE in words(alone["blocks"])
        await bot.interact(fake_slack.click("share", alone))
        assert words(bot.slack.responses[-1].payload["blocks"]).strip() == REFUSALS["channel"]


async def test_shared_channels_get_no_answers_unless_they_are_allowed(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path / "no") as bot:
        await bot.event(fake_slack.mention(ASKED), ext_shared=True)
        await bot.event(fake_slack.direct_message(ASKED), ext_shared=True)
        told = await bot.slack.ephemerals_until(2)
        assert {one.text for one in told} == {REFUSALS["shared"]}
        post = await answered(bot)
        click = fake_slack.click("context", post)
        click["user"]["team_id"] = "T2"
        await bot.interact(click)
        assert words(last_view(bot)["blocks"]).strip() == REFUSALS["outside"]
    async with running(mode, article, tmp_path / "yes", ALLOW_SHARED_CHANNELS="true") as bot:
        await bot.event(fake_slack.mention(ASKED), ext_shared=True)
        await bot.slack.posts_until(1)


async def test_a_person_who_asks_too_fast_is_told_once_a_minute(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path, QUESTIONS_PER_MINUTE="3") as bot:
        for _ in range(6):
            await bot.event(fake_slack.mention(ASKED))
        await bot.event(fake_slack.mention(ASKED, user="U2"))
        [told] = await bot.slack.ephemerals_until(1)
        assert told.text == REFUSALS["pace"]
        await bot.slack.posts_until(4)
        assert len(await bot.slack.quiet()) == 4
        assert REFUSALS["pace"] in words((await bot.command(ASKED))["blocks"])


# What a document may hold


@pytest.mark.parametrize(
    "text",
    [
        "The ferry carries forty horses. " * 700,
        "<!channel> says: the ferry & <@U1> carries forty <#C1> horses &lt;b&gt;.",
        "\u202eThe ferry carries forty horses\u202c.",
        "הסירה The ferry carries forty horses עברה את הנהר.",
        "The ferry carries forty horses to " + "x" * 5_000 + ".",
        "\x1b[31mThe\u200b ferry\u00ad carries\x07 forty horses.",
    ],
)
async def test_slack_accepts_every_surface_whatever_a_document_contains(
    text: str, tmp_path: Path
) -> None:
    services = f"---\ntitle: '{'T' * 500}'\nurl: https://a.example/{'u' * 900}\n---\n"
    hostile = answerer_of(services + text + "\nAnother line, of tea.", "Tea is served at four.")
    async with running("socket", hostile, tmp_path) as bot:
        post = await answered(bot, "how many horses does the ferry carry? <!here>")
        for action in ("context", "why"):
            await bot.interact(fake_slack.click(action, post))
        await bot.interact(fake_slack.click("vote", post))
        alone = await bot.command("how many horses does the ferry carry?")
        await bot.interact(fake_slack.click("share", alone))
        await bot.interact(fake_slack.shortcut("find_source", post))
        await bot.event(fake_slack.app_home_opened(tab="home"))
        await bot.event(fake_slack.app_home_opened(tab="messages"))
        await bot.command("sources")
        assert len(bot.slack.views) == 3


async def test_a_title_with_an_address_links_to_the_sentence(tmp_path: Path) -> None:
    text = "---\nurl: https://a.example/x?a=1&b=2\n---\nOne, two-three & four | five.\nTea at four."
    async with running("socket", answerer_of(text), tmp_path) as bot:
        post = await answered(bot, "one two three four five?")
        shown = [element for block in post.blocks for element in block.get("elements", ())]
        [link] = [element["text"] for element in shown if element["type"] == "mrkdwn"]
        assert "?a=1&amp;b=2#:~:text=" in link
        fragment = link.split("#:~:text=")[1].split("|")[0]
        assert not set(fragment) & set("-&| ")
        assert unquote(fragment).startswith("One, two-three & four")
