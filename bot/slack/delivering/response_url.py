"""Posting through an interaction's response_url: to one person, or to the whole channel.

It works even where the bot is not a member, five times within 30 minutes.
"""

from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.rendering.messages import Message

# The domains of Slack's response_urls.
SLACKS = (".slack.com", ".slack-gov.com")


class Responses:
    """Posts to response_urls. Raises SlackClientError when Slack rejects a post.

    Only posts to Slack's domains or to the origin of `api_url`; any other address raises
    SlackClientError.
    """

    def __init__(self, session: aiohttp.ClientSession, api_url: str) -> None:
        self._session = session
        self._api = _origin(api_url)

    async def privately(self, url: str, message: Message, thread: str | None = None) -> None:
        """Post a message that only the person who clicked can see."""
        await self._send(url, {"response_type": "ephemeral", **_in(thread), **message})

    async def publicly(self, url: str, message: Message, thread: str | None) -> None:
        """Post a message to the channel, or to a thread in it."""
        await self._send(url, {"response_type": "in_channel", **_in(thread), **message})

    async def take_back(self, url: str) -> None:
        """Delete the message that was clicked."""
        await self._send(url, {"delete_original": True})

    def _is_slacks(self, url: object) -> bool:
        if not isinstance(url, str) or not (origin := _origin(url)):
            return False
        scheme, host, port = origin
        at_slack = scheme == "https" and port == 443 and f".{host}".endswith(SLACKS)
        return at_slack or origin == self._api

    async def _send(self, url: str, body: dict[str, Any]) -> None:
        if not self._is_slacks(url):
            raise SlackClientError("a response_url does not lead to Slack")
        # No retry handlers: the SDK would post a message twice if Slack had already stored it.
        client = AsyncWebhookClient(url, session=self._session, retry_handlers=[])
        response = await client.send_dict({"replace_original": False, **body})
        if response.status_code != 200:
            raise SlackClientError(f"a response_url answered {response.status_code}")


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an address; None if one is missing or it contains a user name."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    except (KeyError, ValueError):
        return None
    if parts.username is not None or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port


def _in(thread: str | None) -> dict[str, str]:
    return {"thread_ts": thread} if thread else {}
