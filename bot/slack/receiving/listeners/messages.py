"""Mentions, direct messages, and what follows up in a thread."""

from bot.slack.receiving.events import IncomingMessage, read
from bot.slack.receiving.listeners.services import Payload, Services


async def on_message(body: Payload, services: Services) -> None:
    """Write a question down; it is answered later. All other events are ignored."""
    asked = read(body, services.bot_user)
    if isinstance(asked, IncomingMessage):
        await services.intake.receive(asked)
