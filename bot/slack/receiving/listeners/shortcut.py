"""The message shortcut "Find the source"."""

import asyncio

from bot.slack.receiving.events import question_text
from bot.slack.receiving.listeners.services import Ack, Payload, Services


async def on_find_source(shortcut: Payload, ack: Ack, services: Services) -> None:
    """Show one person the passage that says what a message says."""
    await ack()
    message = shortcut["message"]
    thread = message.get("thread_ts")
    text = question_text(message.get("text"), services.bot_user)
    said = await asyncio.to_thread(services.presenter.find_source, text, thread or message["ts"])
    await services.responses.privately(shortcut["response_url"], said, thread)
