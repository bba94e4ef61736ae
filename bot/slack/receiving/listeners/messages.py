"""Mentions, direct messages, and what follows up in a thread."""

from dataclasses import replace

from slack_bolt.async_app import AsyncBoltContext

from bot.slack.receiving.events import IncomingMessage, read
from bot.slack.receiving.listeners.services import Payload, Services
from bot.slack.receiving.places import sharing_of


async def on_message(body: Payload, context: AsyncBoltContext, services: Services) -> None:
    """Write a question down; it is answered later. All other events are ignored."""
    if told := sharing_of(body):
        services.presenters.notice(*told)
    asked = read(body, services.bot_user)
    if isinstance(asked, IncomingMessage):
        # Of a channel that is shared an event may name its author's workspace as its team.
        await services.intake.receive(replace(asked, team=context.team_id or asked.team))
