"""Mentions, direct messages and follow-ups in a thread."""

from dataclasses import replace

from slack_bolt.async_app import AsyncBoltContext

from bot.slack.receiving.events import IncomingMessage, read
from bot.slack.receiving.listeners.services import Payload, Services
from bot.slack.receiving.places import sharing_of


async def on_message(body: Payload, context: AsyncBoltContext, services: Services) -> None:
    """Store a question, to be answered later; ignore all other messages."""
    if told := sharing_of(body):
        services.presenters.notice(*told)
    asked = read(body, services.bot_user)
    if isinstance(asked, IncomingMessage):
        # In a shared channel, the event's team may be that of the author's workspace.
        await services.intake.receive(replace(asked, team=context.team_id or asked.team))
