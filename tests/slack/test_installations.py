"""Each bot serves one workspace or one organisation, and refuses what others send."""

from pathlib import Path
from typing import Any

import pytest

from bot.answering.answerer import Answerer
from bot.slack.receiving.access import REFUSALS
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, Mode, running, words
from tests.fakes.payloads import Json
from tests.fakes.slack import FOLLOW_UP_SCOPES, TEAM, FakeSlack

ASKED = "what does the truce cover?"
ORG, OTHER_ORG, OTHER_TEAM = "E1", "E9", "T9"


@pytest.fixture(params=["socket", "http"])
def mode(request: pytest.FixtureRequest) -> Mode:
    mode: Mode = request.param
    return mode


def in_a_workspace(slack: FakeSlack) -> Json:
    """The app in one workspace that belongs to no organisation; what its clicks say of that."""
    slack.installation = {"team_id": TEAM, "is_enterprise_install": False}
    return {"team": {"id": TEAM, "domain": "fake"}, "enterprise": None}


def in_a_workspace_of_an_organisation(slack: FakeSlack) -> Json:
    slack.installation = {
        "team_id": TEAM,
        "enterprise_id": ORG,
        "is_enterprise_install": False,
    }
    team = {"id": TEAM, "domain": "fake", "enterprise_id": ORG, "enterprise_name": "Org"}
    return {"team": team, "enterprise": {"id": ORG, "name": "Org"}}


def in_an_organisation(slack: FakeSlack) -> Json:
    slack.installation = {"team_id": ORG, "enterprise_id": ORG, "is_enterprise_install": True}
    enterprise = {"id": ORG, "name": "Org"}
    return {"team": None, "enterprise": enterprise, "is_enterprise_install": True}


WORKSPACES = [in_a_workspace, in_a_workspace_of_an_organisation]
KINDS = [*WORKSPACES, in_an_organisation]


def person(team: str) -> Json:
    return {"id": "U1", "username": "u1", "name": "u1", "team_id": team}


async def asked_alone(bot: Bot, **where: Any) -> Json:
    """Ask with the command; the answer, which may be clicked."""
    alone: Json = await bot.command(ASKED, **where)
    assert "truce" in words(alone["blocks"])
    return alone


@pytest.mark.parametrize("kind", KINDS)
async def test_events_commands_and_clicks_of_the_installation_are_answered(
    kind: Any, mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with FakeSlack() as slack:
        place = kind(slack)
        org = ORG if kind is in_an_organisation else None
        async with running(mode, article, tmp_path, slack=slack) as bot:
            assert await bot.event(fake_slack.mention(ASKED), org=org)
            [post] = await slack.posts_until(1)
            click = {**fake_slack.click("vote", post), **place, "user": person(TEAM)}
            await bot.interact(click)
            assert await bot.store.votes.tally(TEAM, "C1", post.ts) == (1, 0)
            alone = await asked_alone(bot, org=org)
            await bot.interact({**fake_slack.click("share", alone), **place})
            assert len(slack.responses) == 3  # the votes, what is shared, and the note goes
            await bot.interact({**fake_slack.shortcut("find_source", ASKED), **place})
            await slack.responses_until(4)
            assert await bot.event(fake_slack.app_home_opened(), org=org)
            await slack.views_until(1)


@pytest.mark.parametrize("kind", WORKSPACES)
async def test_what_another_workspace_sends_is_refused_at_receipt(
    kind: Any, mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with FakeSlack() as slack:
        kind(slack)
        async with running(mode, article, tmp_path, slack=slack) as bot:
            alone = await asked_alone(bot)
            assert await bot.event(fake_slack.mention(ASKED), team_id=OTHER_TEAM)
            assert await bot.event(fake_slack.direct_message(ASKED), team_id=OTHER_TEAM)
            assert await bot.event(fake_slack.app_home_opened(), team_id=OTHER_TEAM)
            command = await bot.command(ASKED, team_id=OTHER_TEAM)
            assert words(command["blocks"]).strip() == REFUSALS["workspace"]
            place = {"team": {"id": OTHER_TEAM, "domain": "other"}, "enterprise": None}
            await refused_clicks(bot, alone, place)


async def test_what_another_organisation_sends_is_refused_at_receipt(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with FakeSlack() as slack:
        in_an_organisation(slack)
        async with running(mode, article, tmp_path, slack=slack) as bot:
            alone = await asked_alone(bot, org=ORG)
            assert await bot.event(fake_slack.mention(ASKED), org=OTHER_ORG)
            assert await bot.event(fake_slack.direct_message(ASKED), org=OTHER_ORG)
            assert await bot.event(fake_slack.app_home_opened(), org=OTHER_ORG)
            command = await bot.command(ASKED, org=OTHER_ORG)
            assert words(command["blocks"]).strip() == REFUSALS["workspace"]
            enterprise = {"id": OTHER_ORG, "name": "Other"}
            await refused_clicks(bot, alone, {"team": None, "enterprise": enterprise})


async def refused_clicks(bot: Bot, alone: Json, place: Json) -> None:
    """Click all that there is, from another place: one sentence, and nothing else happens."""
    clicks = [
        *(fake_slack.click(button, alone) for button in ("vote", "share", "context", "why")),
        fake_slack.shortcut("find_source", ASKED),
    ]
    for click in clicks:
        await bot.interact({**click, **place})
    told = await bot.slack.responses_until(len(clicks))
    assert {words(one.payload["blocks"]).strip() for one in told} == {REFUSALS["workspace"]}
    assert await bot.slack.quiet() == []
    assert (bot.slack.views, bot.slack.ephemerals) == ([], [])
    state = await bot.store.state()
    assert (state.up, state.down, state.due) == (0, 0, 0)


@pytest.mark.parametrize(
    ("kind", "home"),
    [
        (in_a_workspace, OTHER_TEAM),
        (in_a_workspace_of_an_organisation, OTHER_TEAM),
        (in_a_workspace_of_an_organisation, OTHER_ORG),
        (in_an_organisation, OTHER_ORG),
    ],
)
@pytest.mark.parametrize("button", ["context", "vote", "share"])
async def test_an_outsider_in_a_shared_channel_cannot_use_buttons_whatever_the_click_claims(
    kind: Any, home: str, button: str, mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with FakeSlack() as slack:
        place = kind(slack)
        org = ORG if kind is in_an_organisation else None
        async with running(mode, article, tmp_path, slack=slack) as bot:
            alone = await asked_alone(bot, org=org)
            click = {**fake_slack.click(button, alone), **place, "user": person(home)}
            await bot.interact(click)
            [window] = await slack.views_until(1)
            assert words(window.view["blocks"]).strip() == REFUSALS["outside"]
            assert slack.responses == []


async def test_an_outsider_cannot_use_find_the_source(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with running(mode, article, tmp_path) as bot:
        used = {**fake_slack.shortcut("find_source", ASKED), "user": person(OTHER_TEAM)}
        await bot.interact(used)
        [told] = await bot.slack.responses_until(1)
        assert words(told.payload["blocks"]).strip() == REFUSALS["outside"]


@pytest.mark.parametrize(
    ("kind", "home"),
    [
        (in_a_workspace_of_an_organisation, ORG),
        (in_an_organisation, ORG),
        (in_an_organisation, "T2"),
    ],
)
async def test_colleagues_of_the_same_organisation_see_more(
    kind: Any, home: str, mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with FakeSlack() as slack:
        place = kind(slack)
        org = ORG if kind is in_an_organisation else None
        async with running(mode, article, tmp_path, slack=slack) as bot:
            alone = await asked_alone(bot, org=org)
            click = {**fake_slack.click("context", alone), **place, "user": person(home)}
            await bot.interact(click)
            [window] = await slack.views_until(1)
            assert "truce" in words(window.view["blocks"])


async def test_a_message_from_another_workspace_in_a_shared_channel_belongs_to_this_one(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    """Slack names the author's workspace as the event's team, and ours in its authorizations."""
    async with running(
        mode, article, tmp_path, scopes=FOLLOW_UP_SCOPES, ALLOW_SHARED_CHANNELS="true"
    ) as bot:
        asked = fake_slack.mention(ASKED)
        assert await bot.event(asked, ext_shared=True)
        await bot.slack.posts_until(1)
        follows = fake_slack.direct_message(
            "what did the Prime Minister reveal at the summit?", channel="C1", thread_ts=asked["ts"]
        )
        assert await bot.event(follows, ext_shared=True, home=OTHER_TEAM)
        await bot.slack.posts_until(2)
        assert len(await bot.slack.quiet()) == 2


async def test_an_event_of_an_organisation_that_names_no_workspace_is_answered(
    mode: Mode, article: Answerer, tmp_path: Path
) -> None:
    async with FakeSlack() as slack:
        in_an_organisation(slack)
        async with running(mode, article, tmp_path, slack=slack) as bot:
            none: Any = None
            assert await bot.event(fake_slack.mention(ASKED), org=ORG, team_id=none, home=TEAM)
            await slack.posts_until(1)
