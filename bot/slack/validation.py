"""Slack itself judges what the bot sends: `blocks.validate`, asked about made-up samples."""

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

# What Slack says of a payload that it does not take; every other reason is none of the payload's.
INVALID = {"invalid_blocks", "invalid_message", "invalid_view"}
# Slack limits this method as it likes, and says for how long.
MAX_TRIES = 3
MAX_PAUSE = 30.0
MAX_LENGTH = 200


class Fault(NamedTuple):
    """What Slack has against a sample: where, as a JSON pointer, and the code of the error."""

    sample: str
    pointer: str
    code: str


async def validate_samples(settings: Settings) -> tuple[int, list[Fault]]:
    """How many samples Slack was asked about, and what it has against them.

    Raises SettingsError, or SlackError where Slack cannot be asked.
    """
    token, _ = settings.needed_for_slack()
    payloads = await asyncio.to_thread(samples)
    async with web_session() as session:
        client = web_client(token, settings.slack_api_url, session)
        asked = [await faults_of(client, *one) for one in payloads.items()]  # one at a time
    return len(payloads), [fault for faults in asked for fault in faults]


async def faults_of(client: AsyncWebClient, name: str, payload: Payload) -> list[Fault]:
    """What Slack has against a payload. Raises SlackError where it cannot be asked."""
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
    """A view whole; of a message what Slack's schema of one knows."""
    if "type" in payload:
        return {"view": dict(payload)}
    return {"message": {name: payload[name] for name in ("text", "blocks")}}


def _read(name: str, body: object) -> Iterator[Fault]:
    errors = body.get("errors") if isinstance(body, dict) else None
    found = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    for one in found or [{}]:
        pointer, code = (str(one.get(part) or "?")[:MAX_LENGTH] for part in ("pointer", "code"))
        yield Fault(name, pointer, code)
