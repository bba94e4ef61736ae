"""The message shortcut "Find the source"."""

import asyncio

from bot.slack.receiving.listeners.services import Ack, Payload, Services
from bot.slack.receiving.message_words import message_words


async def on_find_source(shortcut: Payload, ack: Ack, services: Services) -> None:
    """Show one person the passages that say what a message says, sentence by sentence."""
    await ack()
    message = shortcut["message"]
    thread = message.get("thread_ts")
    text = message_words(message, services.bot_user).all
    find = services.presenter(shortcut).find_source
    said = await asyncio.to_thread(find, text, thread or message["ts"])
    await services.responses.privately(shortcut["response_url"], said, thread)
