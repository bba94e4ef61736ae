"""The home tab, and the prompts in the message pane."""

import asyncio
import re

from slack_bolt.async_app import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.receiving.listeners.services import Ack, Payload, Services
from bot.slack.rendering.views import View

MAX_LAST_QUESTIONS = 5
PROMPTS = "Questions that the documents answer"


async def on_home_opened(
    event: Payload, client: AsyncWebClient, context: AsyncBoltContext, services: Services
) -> None:
    """Publish the home tab, or suggest prompts if the message pane was opened."""
    user, channel = str(event.get("user")), str(event.get("channel"))
    if event.get("tab") == "messages":
        prompts = await asyncio.to_thread(services.presenters.public.prompts)
        if not prompts:  # Slack rejects an empty list
            return
        await client.assistant_threads_setSuggestedPrompts(
            channel_id=channel, title=PROMPTS, prompts=prompts
        )
    elif event.get("tab") == "home":
        view = await home_of(services, str(context.team_id), user)
        await client.views_publish(user_id=user, view=view)


async def on_page(
    body: Payload,
    action: Payload,
    ack: Ack,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    services: Services,
) -> None:
    """Show another page of the list of documents."""
    await ack()
    user = body["user"]["id"]
    view = await home_of(services, str(context.team_id), user, _page(action))
    await client.views_publish(user_id=user, view=view)


async def on_gaps(
    body: Payload,
    action: Payload,
    ack: Ack,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    services: Services,
) -> None:
    """Show another page of the unanswered questions."""
    await ack()
    user = body["user"]["id"]
    view = await home_of(services, str(context.team_id), user, gaps_page=_page(action))
    await client.views_publish(user_id=user, view=view)


def _page(action: Payload) -> int:
    """The page number in a button's value; 0 if an older version stored something else."""
    value = str(action.get("value"))
    return int(value) if re.fullmatch("[0-9]{1,6}", value) else 0


async def home_of(
    services: Services, team: str, user: str, page: int = 0, gaps_page: int = 0
) -> View:
    """The home tab of a person."""
    asked = await services.store.history.last_questions(team, user, MAX_LAST_QUESTIONS)
    is_admin = services.access.is_admin(user)
    public = services.presenters.public
    state = await services.health.report(public) if is_admin else ()
    learning = None
    if services.access.is_editor(user):
        rows = await services.store.gaps.since(0.0)
        seen = [row for row in rows if services.presenters.keeps_gaps(row.channel)]
        learning = await asyncio.to_thread(
            public.learning, seen, gaps_page, can_teach=services.teacher.can_write
        )
    return await asyncio.to_thread(
        public.home, page, asked, state, is_admin=is_admin, learning=learning
    )
