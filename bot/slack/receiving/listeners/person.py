"""The button that asks a person when the documents do not answer."""

import asyncio

from slack_bolt.async_app import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.receiving.access import REFUSALS
from bot.slack.receiving.listeners.services import Ack, Payload, Services
from bot.slack.rendering.buttons import ButtonState
from bot.slack.rendering.messages import sentence
from bot.slack.rendering.views import OTHER_BUTTON

# The name under which the store records that a person was asked.
ASKED_A_PERSON = "person"
ASKER_ONLY = "Only the person who asked can do that."
ASKED_ALREADY = "I have asked already."


async def on_person(
    body: Payload,
    action: Payload,
    ack: Ack,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    services: Services,
) -> None:
    """Ask the experts in the thread, once for each question."""
    await ack()
    url, thread = body["response_url"], body["container"].get("thread_ts")
    try:
        asker, asked_in, value = str(action.get("value")).split(" ", 2)
        shown = ButtonState.read(value)
    except ValueError:
        await services.responses.privately(url, sentence(OTHER_BUTTON), thread)
        return
    channel = str(body["channel"]["id"])
    refused = ""
    if not services.access.may_click(body):
        refused = REFUSALS["outside"]
    elif body["user"]["id"] != asker:
        refused = ASKER_ONLY
    elif not services.access.may_post_in(channel):
        refused = REFUSALS["channel"]
    subject = f"{context.team_id}:{channel}:{asked_in}"
    if not refused and not await services.store.once.is_first(ASKED_A_PERSON, subject):
        refused = ASKED_ALREADY
    if refused:
        await services.responses.privately(url, sentence(refused), thread)
        return
    try:
        said = await asyncio.to_thread(services.presenter(body).call_for_help, shown)
        await client.chat_postMessage(channel=channel, thread_ts=asked_in_thread(body), **said)
    except BaseException:
        await services.store.once.undo(ASKED_A_PERSON, subject)
        raise


def asked_in_thread(body: Payload) -> str:
    """The ts of the thread that a message is in, or that it would start."""
    container = body["container"]
    return str(container.get("thread_ts") or container["message_ts"])
