"""An editor picks the passage that answers a question, from the home tab."""

import asyncio
from typing import Any

import structlog
from slack_bolt.async_app import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.learning.taught import Entry
from bot.model import Passage
from bot.slack.receiving.listeners.home import home_of
from bot.slack.receiving.listeners.services import Ack, Payload, Services
from bot.slack.rendering.views import OTHER_BUTTON, View, note_view, unpacked
from bot.slack.surfaces import SEARCH

log = structlog.get_logger(__name__)

EDITORS_ONLY = "Only editors can teach."
TAUGHT = "Saved. Whoever asks this now gets that passage."
CLOSED = "Saved. The question is closed: the documents don't answer it."
GONE = "That passage is no longer in the documents. Please search again."


async def on_teach(
    body: Payload, action: Payload, ack: Ack, client: AsyncWebClient, services: Services
) -> None:
    """Show the passages that may answer a question."""
    await ack()
    if refused := _refusal(body, services):
        await client.views_open(trigger_id=body["trigger_id"], view=refused)
        return
    try:
        question = unpacked(action.get("value"))
    except ValueError:
        view = note_view(OTHER_BUTTON)
    else:
        view = await asyncio.to_thread(services.presenters.public.teach, question)
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def on_search(body: Payload, ack: Ack, services: Services) -> None:
    """Show the passages closest to an editor's search words."""
    view = _refusal(body, services)
    if view is None:
        question = unpacked(body["view"]["private_metadata"])
        search = typed(body, SEARCH)
        view = await asyncio.to_thread(services.presenters.public.teach, question, search)
    await ack(response_action="update", view=view)


async def on_pick(
    body: Payload,
    action: Payload,
    ack: Ack,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    services: Services,
) -> None:
    """Save that a passage answers a question."""
    await ack()
    try:
        passage = await asyncio.to_thread(
            services.presenters.public.picked, str(action.get("value"))
        )
    except ValueError:
        passage = None
    if passage is None:
        await client.views_update(view_id=body["view"]["id"], view=note_view(GONE))
        return
    await _save(body, passage, client, context, services)


async def on_not_there(
    body: Payload,
    ack: Ack,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    services: Services,
) -> None:
    """Save that nothing in the documents answers a question."""
    await ack()
    await _save(body, None, client, context, services)


def typed(body: Payload, name: str) -> str:
    """What was typed into a field of a window; "" if nothing."""
    values: Any = ((body["view"].get("state") or {}).get("values") or {}).get(name) or {}
    value = (values.get(name) or {}).get("value")
    return value.strip() if isinstance(value, str) else ""


async def _save(
    body: Payload,
    passage: Passage | None,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    services: Services,
) -> None:
    user = str(body["user"]["id"])
    view = _refusal(body, services)
    if view is None:
        question = unpacked(body["view"]["private_metadata"])
        key = await services.teacher.teach(Entry.of(question, passage, user))
        log.info("an answer was taught", entry=key)
        view = note_view(TAUGHT if passage is not None else CLOSED)
    await client.views_update(view_id=body["view"]["id"], view=view)
    home = await home_of(services, str(context.team_id), user)
    await client.views_publish(user_id=user, view=home)


def _refusal(body: Payload, services: Services) -> View | None:
    """The view that refuses if a person may not teach or nothing can be saved; else None."""
    may = services.access.is_editor(str(body["user"]["id"])) and services.access.may_click(body)
    return None if may and services.teacher.can_write else note_view(EDITORS_ONLY)
