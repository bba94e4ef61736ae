"""The bot posts to the response address of a click only if it belongs to Slack."""

import socket

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from slack_sdk.errors import SlackClientError

from bot.slack.delivering.response_url import Responses
from bot.slack.rendering.messages import sentence
from tests.fakes.slack import FakeSlack


class NoNames(AbstractResolver):
    """Finds nobody."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise OSError(f"{host}:{port} is not known ({family})")

    async def close(self) -> None:
        pass


LIVE = "https://slack.com/api/"


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/actions/1",
        "https://hooks.slack.com.evil.example/actions/1",
        "https://evilslack.com/actions/1",
        "https://hooks.slack.com@evil.example/actions/1",
        "https://user:word@hooks.slack.com/actions/1",
        "https://hooks.slack.com:8443/actions/1",
        "https://127.0.0.1/actions/1",
        "file:///etc/passwd",
        "//hooks.slack.com/actions/1",
        "https://[::1",
        "https://hooks.slack.com:port/",
        "",
        None,
        5,
        ["https://hooks.slack.com/"],
    ],
)
async def test_nothing_is_posted_to_an_address_that_is_not_slack_s(url: object) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(SlackClientError, match="does not lead to Slack"):
            await Responses(session, LIVE).privately(url, sentence("hello"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url", ["https://hooks.slack.com/actions/1", "https://hooks.slack-gov.com/commands/1"]
)
async def test_slack_s_own_addresses_are_posted_to(url: str) -> None:
    """No test reaches Slack: that it is tried is seen by who is looked for."""
    connector = aiohttp.TCPConnector(resolver=NoNames())
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(aiohttp.ClientConnectorError, match=r"hooks\.slack"):
            await Responses(session, LIVE).privately(url, sentence("hello"))


async def test_response_addresses_must_be_on_the_host_of_the_configured_api() -> None:
    async with FakeSlack() as slack, aiohttp.ClientSession() as session:
        await Responses(session, slack.api_url).privately(slack.response_url(), sentence("hello"))
        assert len(slack.responses) == 1
        with pytest.raises(SlackClientError):
            await Responses(session, LIVE).privately(slack.response_url(), sentence("hello"))
