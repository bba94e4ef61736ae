"""The slash command: only the asker sees the answer."""

import asyncio
import time
from contextlib import suppress
from secrets import token_hex

from bot.errors import BotError
from bot.model import Outcome, Question
from bot.slack.metrics import BY_COMMAND
from bot.slack.receiving.listeners.services import Ack, Payload, Services
from bot.slack.receiving.message_words import question_text
from bot.slack.rendering.messages import Message, refusal_message, sentence
from bot.slack.rendering.presenter import AskedIn, Presenter

FOR_ADMINS = "The state of the service is shown to admins only."


async def on_command(command: Payload, ack: Ack, services: Services) -> None:
    """Answer a command in its acknowledgement."""
    text = question_text(command.get("text"), services.bot_user)
    is_admin = services.access.is_admin(command["user_id"])
    presenter = services.presenter(command)
    match text.casefold():
        case "sources":
            said = await asyncio.to_thread(presenter.sources, is_admin=is_admin)
        case "status":
            state = await services.health.report(presenter) if is_admin else (FOR_ADMINS,)
            said = sentence("\n".join(state))
        case _:
            said = await _answer(services, presenter, command, text)
    await ack({"response_type": "ephemeral", **said})


async def _answer(services: Services, presenter: Presenter, command: Payload, text: str) -> Message:
    """Answer a question, and remember it among the asker's recent ones."""
    team, channel, user = command["team_id"], command["channel_id"], command["user_id"]
    if await services.intake.too_fast(team, user, text):
        services.metrics.refused("pace")
        services.metrics.question("refused", BY_COMMAND)
        return refusal_message("pace")
    outcome, said = await asyncio.to_thread(presenter.reply_privately, Question(text))
    services.metrics.question(outcome, BY_COMMAND)
    if outcome != Outcome.NO_QUESTION:
        with suppress(BotError):  # the answer matters more than the history
            await services.store.history.remember(team, channel, None, user, text)
            asked = AskedIn(team, "", token_hex(8), user, time.time())
            gap = await asyncio.to_thread(presenter.unanswered, Question(text), asked, outcome)
            if gap is not None and services.presenters.keeps_gaps(channel):
                await services.store.gaps.add(gap)
    return said
