"""Checks the bot's messages and views with Slack's `blocks.validate`, on made-up samples."""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import Settings
from bot.errors import SlackError
from bot.slack.api import FATAL, reason_of, refused_token
from bot.slack.app import web_client, web_session
from bot.slack.delivering.poster import retry_after
from bot.slack.samples import Payload, samples

# Slack's errors for an invalid payload; other errors are not about the payload.
INVALID = {"invalid_blocks", "invalid_message", "invalid_view"}
# Slack limits the rate of this method without naming a limit, but says how long to wait.
MAX_TRIES = 3
MAX_PAUSE = 30.0
MAX_LENGTH = 200


class Fault(NamedTuple):
    """An error that Slack found in a sample: where, as a JSON pointer, and its code."""

    sample: str
    pointer: str
    code: str


async def validate_samples(settings: Settings) -> tuple[int, list[Fault]]:
    """The number of samples that Slack checked, and the errors that it found.

    Raises SettingsError, or SlackError if Slack cannot be asked.
    """
    token, _ = settings.needed_for_slack()
    payloads = await asyncio.to_thread(samples)
    async with web_session() as session:
        client = web_client(token, settings.slack_api_url, session)
        asked = [await faults_of(client, *one) for one in payloads.items()]  # one at a time
    return len(payloads), [fault for faults in asked for fault in faults]


async def faults_of(client: AsyncWebClient, name: str, payload: Payload) -> list[Fault]:
    """The errors that Slack finds in a payload. Raises SlackError if it cannot be asked."""
    for _ in range(MAX_TRIES):
        try:
            await client.blocks_validate(**_argument(payload))
        except SlackApiError as error:
            if reason_of(error) in INVALID:
                return list(_read(name, error.response.data))
            pause = retry_after(error)
            if pause is None:
                raise _not_asked(error) from None
            await asyncio.sleep(min(pause, MAX_PAUSE))
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            raise SlackError.unreachable(str(client.base_url), error) from None
        else:
            return []
    raise SlackError.not_validated("ratelimited")


def _not_asked(error: SlackApiError) -> SlackError:
    reason = reason_of(error)
    if reason in FATAL:
        return refused_token("SLACK_BOT_TOKEN", error)
    return SlackError.not_validated(reason)


def _argument(payload: Payload) -> dict[str, Any]:
    """The argument for a payload: the whole view, or the parts of a message in Slack's schema."""
    if "type" in payload:
        return {"view": dict(payload)}
    return {"message": {name: payload[name] for name in ("text", "blocks")}}


def _read(name: str, body: object) -> Iterator[Fault]:
    errors = body.get("errors") if isinstance(body, dict) else None
    found = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    for one in found or [{}]:
        pointer, code = (str(one.get(part) or "?")[:MAX_LENGTH] for part in ("pointer", "code"))
        yield Fault(name, pointer, code)
