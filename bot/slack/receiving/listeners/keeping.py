"""An editor saves a person's reply as an answer: a small document like any other."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime

import aiohttp
import structlog
from slack_bolt.async_app import AsyncBoltContext
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError
from bot.learning.kept import Kept, is_name
from bot.logs import log_failure
from bot.slack.receiving.listeners.services import Ack, Payload, Services
from bot.slack.receiving.listeners.teaching import typed
from bot.slack.receiving.message_words import message_words
from bot.slack.rendering.messages import failure_message, kept_message, sentence
from bot.slack.rendering.views import (
    ANSWER,
    AUTHOR,
    FOLDER,
    NO_FOLDER,
    QUESTION,
    keep_view,
    note_view,
)

log = structlog.get_logger(__name__)

EDITORS_ONLY = "Only editors can save answers."
NOWHERE = "I have no folder that I can write to. An admin can set one with ANSWERS_DIR."
PRIVATE = "This channel has private documents, so answers can't be saved from here."
NO_PERSON = "Only what a person wrote can be saved as an answer."
TAKEN_BACK = "I deleted that answer and no longer quote it."
GONE = "That answer no longer exists."
MISSING = "Please write something."
NOT_THERE = "Please choose one of these."


async def on_keep(
    shortcut: Payload,
    ack: Ack,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    services: Services,
) -> None:
    """Open the form, filled in with the message and the question that it answers."""
    await ack()
    message, url = shortcut["message"], str(shortcut["response_url"])
    thread = message.get("thread_ts")
    refused = _refusal(shortcut, services)
    if not refused and (message.get("bot_id") or message.get("bot_profile")):
        refused = NO_PERSON
    if not refused and not services.presenters.keeps_gaps(str(shortcut["channel"]["id"])):
        refused = PRIVATE
    if refused:
        await services.responses.privately(url, sentence(refused), thread)
        return
    channel = str(shortcut["channel"]["id"])
    question = await _question(str(context.team_id), channel, thread, services)
    words = message_words(message, services.bot_user).all
    place = json.dumps([channel, message["ts"], thread, url])
    folders = await asyncio.to_thread(services.presenters.public.folders)
    view = keep_view(question, words, folders, place)
    await client.views_open(trigger_id=shortcut["trigger_id"], view=view)


async def on_kept(body: Payload, ack: Ack, client: AsyncWebClient, services: Services) -> None:
    """Save the answer, and tell the thread."""
    if refused := _refusal(body, services):
        await ack(response_action="update", view=note_view(refused))
        return
    view = body["view"]
    channel, ts, thread, url = json.loads(view["private_metadata"])
    folder = _chosen(body)
    known = await asyncio.to_thread(services.presenters.public.folders)
    wrong = {name: MISSING for name in (QUESTION, ANSWER) if not typed(body, name)}
    if folder != NO_FOLDER and folder not in known:
        wrong[FOLDER] = NOT_THERE
    if wrong:
        await ack(response_action="errors", errors=wrong)
        return
    await ack()
    kept = Kept(
        question=typed(body, QUESTION),
        answer=typed(body, ANSWER),
        author=typed(body, AUTHOR),
        date=datetime.fromtimestamp(float(ts), UTC).date().isoformat(),
        url=await _permalink(client, channel, ts),
        folder="" if folder == NO_FOLDER else folder,
        source=f"{channel}:{ts}",
    )
    try:
        await services.teacher.keep(kept.name, kept.text)
    except BotError as error:  # the form is closed already, so reply privately
        failed = failure_message(log_failure("an answer could not be kept"), error)
        await services.responses.privately(url, failed, thread)
        return
    log.info("an answer was kept", entry=kept.key)
    await services.responses.publicly(url, kept_message(kept.question, kept.name), thread or ts)


async def on_unkeep(body: Payload, action: Payload, ack: Ack, services: Services) -> None:
    """Delete a saved answer."""
    await ack()
    url, thread = body["response_url"], body["container"].get("thread_ts")
    name = str(action.get("value"))
    refused = _refusal(body, services)
    if refused or not is_name(name):
        await services.responses.privately(url, sentence(refused or GONE), thread)
        return
    was_there = await services.teacher.remove(name)
    if was_there:
        log.info("an answer was taken back", entry=Kept.key_in(name))
        await services.responses.publicly(url, sentence(TAKEN_BACK), thread)
    else:
        await services.responses.privately(url, sentence(GONE), thread)


async def _question(team: str, channel: str, thread: str | None, services: Services) -> str:
    """The latest unanswered question of a thread; "" if there is none."""
    rows = await services.store.gaps.since(0.0) if thread else []
    return next(
        (
            row.question
            for row in rows
            if (row.team, row.channel, row.message) == (team, channel, thread) and row.question
        ),
        "",
    )


async def _permalink(client: AsyncWebClient, channel: str, ts: str) -> str:
    """The URL of a message; "" if Slack does not return one."""
    with suppress(SlackClientError, aiohttp.ClientError, TimeoutError):
        found = await client.chat_getPermalink(channel=channel, message_ts=ts)
        return str(found.get("permalink") or "")
    return ""


def _chosen(body: Payload) -> str:
    values = ((body["view"].get("state") or {}).get("values") or {}).get(FOLDER) or {}
    option = (values.get(FOLDER) or {}).get("selected_option") or {}
    return str(option.get("value") or NO_FOLDER)


def _refusal(body: Payload, services: Services) -> str:
    """Why a person may not save or delete an answer; "" if they may."""
    if not services.access.is_editor(str(body["user"]["id"])):
        return EDITORS_ONLY
    if not services.access.may_click(body):
        return EDITORS_ONLY
    return "" if services.teacher.can_write else NOWHERE
