"""The message shortcut "Find the source"."""

import asyncio

from bot.slack.receiving.listeners.services import Ack, Payload, Services
from bot.slack.receiving.message_words import message_words
from bot.slack.rendering.messages import refusal_message


async def on_find_source(shortcut: Payload, ack: Ack, services: Services) -> None:
    """Show one person, for each sentence of a message, the passages that say it."""
    await ack()
    message = shortcut["message"]
    thread, url = message.get("thread_ts"), shortcut["response_url"]
    if not services.access.may_click(shortcut):
        services.metrics.refused("outside")
        await services.responses.privately(url, refusal_message("outside"), thread)
        return
    text = message_words(message, services.bot_user).all
    find = services.presenter(shortcut).find_source
    said = await asyncio.to_thread(find, text, thread or message["ts"])
    await services.responses.privately(url, said, thread)
