"""Mentions, direct messages, and what follows up in a thread."""

from dataclasses import replace

from slack_bolt.async_app import AsyncBoltContext

from bot.slack.receiving.events import IncomingMessage, read
from bot.slack.receiving.listeners.services import Payload, Services


async def on_message(body: Payload, context: AsyncBoltContext, services: Services) -> None:
    """Write a question down; it is answered later. All other events are ignored."""
    asked = read(body, services.bot_user)
    if isinstance(asked, IncomingMessage):
        services.presenters.notice(asked.channel, shared=asked.shared)
        # Of a channel that is shared an event may name its author's workspace as its team.
        await services.intake.receive(replace(asked, team=context.team_id or asked.team))
