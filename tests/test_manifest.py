"""The manifest against the app itself: what it subscribes to, calls and commands it by."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot.answering.answerer import Answerer
from bot.slack.app import build_app, web_client
from bot.slack.desk import Desk
from bot.slack.manifest import manifest
from tests import fake_slack
from tests.conftest import Run
from tests.fake_slack import FakeSlack

ADDRESS = "https://bot.example/slack/events"
# Events of other apps, to show that nobody here listens to them.
FOREIGN = ("app_home_opened", "member_joined_channel", "reaction_added", "team_join", "link_shared")
SCOPE_OF_EVENT = {"app_mention": "app_mentions:read", "message.im": "im:history"}
SCOPE_OF_CALL = {"auth.test": None, "chat.postMessage": "chat:write"}


@dataclass
class Deployed:
    """The app as it is built, and the requests that none of its listeners took."""

    app: AsyncApp
    slack: FakeSlack
    unheard: list[dict[str, Any]] = field(default_factory=list)

    async def hears(self, payload: dict[str, Any]) -> bool:
        self.unheard.clear()
        await self.app.async_dispatch(AsyncBoltRequest(body=payload, mode="socket_mode"))
        return not self.unheard


@pytest.fixture
async def deployed(article: Answerer) -> AsyncIterator[Deployed]:
    async with FakeSlack() as slack, aiohttp.ClientSession() as session:
        client = web_client(fake_slack.BOT_TOKEN, slack.api_url, session)
        app = build_app(client, Desk(article, client), fake_slack.BOT_USER)
        deployed = Deployed(app, slack)

        async def not_heard(body: dict[str, Any]) -> None:
            deployed.unheard.append(body)

        deployed.app.error(not_heard)
        yield deployed


def event(name: str) -> dict[str, Any]:
    """An event by its name in a manifest: `message.im` is of the type `message`."""
    kind, _, channel_type = name.partition(".")
    sent = fake_slack.mention("the truce?", channel="D1" if channel_type == "im" else "C1")
    sent |= {"type": kind, "channel_type": channel_type}
    return fake_slack.event_payload(sent)


def command(name: str) -> dict[str, str]:
    return fake_slack.command_payload(
        name, "the truce?", user="U1", channel="C1", response_url="http://127.0.0.1:9/"
    )


async def test_the_manifest_subscribes_to_what_is_listened_to_and_to_nothing_else(
    deployed: Deployed,
) -> None:
    subscribed = manifest()["settings"]["event_subscriptions"]["bot_events"]
    for number, name in enumerate(subscribed, start=1):
        assert await deployed.hears(event(name)), name
        await deployed.slack.posts_until(number)
    for name in FOREIGN:
        assert name not in subscribed
        assert not await deployed.hears(event(name)), name


async def test_the_manifest_offers_the_command_that_is_listened_to_and_no_other(
    deployed: Deployed,
) -> None:
    [offered] = manifest()["features"]["slash_commands"]
    assert await deployed.hears(command(offered["command"]))
    assert not await deployed.hears(command("/other"))


async def test_every_scope_is_needed_by_an_event_a_call_or_the_command(
    deployed: Deployed,
) -> None:
    asked = manifest()
    subscribed = asked["settings"]["event_subscriptions"]["bot_events"]
    for payload in map(event, subscribed):
        await deployed.hears(payload)
    await deployed.slack.posts_until(len(subscribed))
    called = {SCOPE_OF_CALL[call.method] for call in deployed.slack.calls} - {None}
    needed = {SCOPE_OF_EVENT[name] for name in subscribed} | called | {"commands"}
    assert asked["oauth_config"]["scopes"] == {"bot": sorted(map(str, needed))}


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
def test_http_brings_events_and_the_command_to_one_address(url: str) -> None:
    made = manifest(url)
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == ADDRESS
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
