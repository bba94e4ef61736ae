"""The manifest matches the app: its events, calls, buttons and commands."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.answering.answerer import Answerer
from bot.slack.manifest import manifest
from bot.slack.receiving.listeners import LISTENERS
from bot.slack.surfaces import SURFACES
from tests.conftest import Run
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Bot, running
from tests.fakes.slack import FOLLOW_UP_SCOPES, SCOPES
from tests.fakes.workspace import scopes_for

ADDRESS = "https://bot.example/slack/events"
# Events of other apps, to show that nobody here listens to them.
FOREIGN = ("member_joined_channel", "reaction_added", "team_join", "link_shared")
SCOPE_OF_EVENT = {
    "app_mention": "app_mentions:read",
    "app_home_opened": None,
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
}


@pytest.fixture
async def bot(article: Answerer, tmp_path: Path) -> AsyncIterator[Bot]:
    async with running("socket", article, tmp_path, scopes=FOLLOW_UP_SCOPES) as bot:
        yield bot


async def hears(bot: Bot, payload: dict[str, Any]) -> bool:
    """Whether anything came of an event or an interaction."""
    before = (len(bot.slack.calls), len(bot.slack.responses))
    if payload.get("type") in ("message_action", "block_actions"):
        assert await bot.slack.send_interactive(payload)
    else:
        assert await bot.event(payload)
    await bot.slack.quiet(0.1)
    return before != (len(bot.slack.calls), len(bot.slack.responses))


def event(name: str) -> dict[str, Any]:
    """An event by its name in a manifest: `message.im` is of the type `message`."""
    kind, _, place = name.partition(".")
    if kind == "app_home_opened":
        return fake_slack.app_home_opened()
    channel = {"im": "D1", "groups": "G1"}.get(place, "C1")
    if place in ("channels", "groups"):
        said = "what did the Prime Minister reveal at the summit?"
        return fake_slack.direct_message(said, channel=channel, thread_ts="1700000000.000001")
    return fake_slack.mention("the truce?", channel=channel) | {
        "type": kind,
        "channel_type": place or "channel",
    }


@pytest.mark.slow
@pytest.mark.parametrize("follow_ups", [False, True])
async def test_the_manifest_subscribes_to_exactly_the_events_that_have_a_listener(
    bot: Bot, follow_ups: bool
) -> None:
    subscribed = manifest(follow_ups=follow_ups)["settings"]["event_subscriptions"]["bot_events"]
    for name in subscribed:
        if place := {"message.channels": "C1", "message.groups": "G1"}.get(name):
            await bot.store.history.remember("T1", place, "1700000000.000001", "U1", "the truce?")
        assert await hears(bot, event(name)), name
    for name in FOREIGN:
        assert name not in subscribed
        assert not await hears(bot, event(name)), name


async def test_the_manifest_offers_exactly_the_command_and_shortcuts_that_have_listeners(
    bot: Bot,
) -> None:
    [offered] = manifest()["features"]["slash_commands"]
    ack = await bot.slack.send_command(offered["command"], "the truce?")
    assert ack is not None
    assert ack.payload
    other = await bot.slack.send_command("/other", "the truce?")
    assert other is not None
    assert not other.payload
    offered = manifest()["features"]["shortcuts"]
    named = [(shortcut["type"], shortcut["callback_id"]) for shortcut in offered]
    assert named == [("message", "find_source"), ("message", "keep_answer")]
    for _, callback_id in named:
        assert await hears(bot, fake_slack.shortcut(callback_id, "the truce"))
    assert not await hears(bot, fake_slack.shortcut("other", "the truce"))


@pytest.mark.slow
async def test_every_button_shown_has_a_listener_and_interactivity_is_enabled(bot: Bot) -> None:
    assert manifest()["settings"]["interactivity"]["is_enabled"] is True
    asked = ("", "the truce?", "which deal sank the titanic iceberg voyage passengers?")
    shown: list[Any] = [await bot.command(text) for text in asked]
    await bot.interact(fake_slack.shortcut("find_source", "the truce"))
    await bot.event(fake_slack.app_home_opened(tab="home"))
    await bot.slack.views_until(1)
    shown += [bot.slack.responses[0].payload, bot.slack.views[0]]
    clicked: set[str] = set()
    for on in shown:
        blocks = on["blocks"] if isinstance(on, dict) else on.view["blocks"]
        for action in actions(blocks):
            with capture_logs() as logs:
                assert await hears(bot, fake_slack.click(action, on)), action
            assert not [log for log in logs if "reference" in log], action
            clicked.add(action.split(":")[0])
    assert {"ask", "context", "why", "share", "vote", "nearest"} <= clicked


def actions(blocks: list[dict[str, Any]]) -> list[str]:
    elements = [element for block in blocks for element in block.get("elements", ())]
    return [element["action_id"] for element in elements if "action_id" in element]


@pytest.mark.parametrize("follow_ups", [False, True])
async def test_every_scope_is_needed_by_an_event_a_call_or_the_command(
    bot: Bot, follow_ups: bool
) -> None:
    made = manifest(follow_ups=follow_ups)
    subscribed = made["settings"]["event_subscriptions"]["bot_events"]
    await bot.event(fake_slack.app_home_opened(tab="messages"))
    await bot.event(fake_slack.mention("the truce?"))
    await bot.slack.posts_until(1)
    called = {scope for call in bot.slack.calls for scope in scopes_for(call.method, "C1")[:1]}
    needed = {SCOPE_OF_EVENT[name] for name in subscribed} - {None} | called | {"commands"}
    scopes = made["oauth_config"]["scopes"]
    assert scopes == {"bot": sorted(map(str, needed))}
    assert set(scopes["bot"]) == (FOLLOW_UP_SCOPES if follow_ups else SCOPES)


def test_socket_mode_needs_no_address() -> None:
    settings = manifest()["settings"]
    assert settings["socket_mode_enabled"] is True
    assert "url" not in json.dumps(manifest())


@pytest.mark.parametrize(
    "url",
    [
        "https://bot.example",
        "https://bot.example/",
        "https://bot.example/slack/events",
        "https://bot.example/slack/events/",
    ],
)
def test_over_http_events_commands_and_clicks_go_to_one_address(url: str) -> None:
    made = manifest(url)
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == ADDRESS
    assert made["settings"]["interactivity"]["request_url"] == ADDRESS
    assert [offered["url"] for offered in made["features"]["slash_commands"]] == [ADDRESS]


def test_an_address_may_have_a_port_and_a_path() -> None:
    made = manifest("https://bot.example:8443/team/")
    asked = made["settings"]["event_subscriptions"]["request_url"]
    assert asked == "https://bot.example:8443/team/slack/events"


@pytest.mark.parametrize(
    "url",
    ["", "bot.example", "http://bot.example", "https://", "https:///x", "https://bot.example?a=1"],
)
def test_an_address_that_slack_cannot_send_to_is_refused(url: str, run: Run) -> None:
    with pytest.raises(ValueError, match="it must be an address that begins with https://"):
        manifest(url)
    ran = run("manifest", "--url", url)
    assert (ran.status, ran.out) == (2, "")
    assert "--url: it must be an address that begins with https://" in ran.err


@pytest.mark.parametrize("url", [None, "https://bot.example"])
def test_the_lengths_are_within_slacks_limits(url: str | None) -> None:
    made = manifest(url)
    about = made["display_information"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert len(made["features"]["bot_user"]["display_name"]) <= 80
    assert len(made["features"]["agent_view"]["agent_description"]) <= 300
    for shortcut in made["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    for offered in made["features"]["slash_commands"]:
        assert offered["command"].startswith("/")
        assert len(offered["command"]) <= 32
        assert len(offered["description"]) <= 2000
        assert len(offered["usage_hint"]) <= 1000


@pytest.mark.parametrize("argv", [[], ["--url", "https://bot.example"]])
def test_the_command_line_prints_the_manifest_as_json(argv: list[str], run: Run) -> None:
    ran = run("manifest", *argv)
    assert (ran.status, ran.err) == (0, "")
    assert json.loads(ran.out) == manifest(*argv[1:])
    followed = json.loads(run("manifest", *argv, "--follow-ups").out)
    assert followed == manifest(*argv[1:], follow_ups=True)


def test_the_manifest_does_not_import_what_only_a_running_bot_needs() -> None:
    heavy = {"aiohttp", "slack_bolt", "slack_sdk", "sqlalchemy", "prometheus_client"}
    asked = f"import sys, bot.slack.manifest; print(sys.modules.keys() & {heavy})"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_every_surface_has_a_listener_and_every_listener_a_surface() -> None:
    assert set(LISTENERS) == {surface.id for surface in SURFACES}
