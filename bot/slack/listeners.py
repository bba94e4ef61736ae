"""What the bot listens to, and the manifest's lists of it: read, ask, say."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.desk import Desk
from bot.slack.incoming import Asked, question_text, read

EVENTS = {
    # event in the manifest: the scope that it needs
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
}
COMMAND = "/ask"


def register(app: AsyncApp, desk: Desk, bot_user: str) -> None:
    """Listen to mentions, direct messages and the command."""

    async def on_message(body: Mapping[str, Any]) -> None:
        asked = read(body, bot_user)
        if isinstance(asked, Asked):
            desk.take(asked)

    async def on_command(command: Mapping[str, Any], ack: Callable[..., Awaitable[object]]) -> None:
        message = desk.reply(question_text(command.get("text"), bot_user))
        await ack({"response_type": "ephemeral", **message})

    # Matched by the event's name alone: an event that no listener matches is not acknowledged,
    # and Slack sends it again.
    for event in {name.split(".")[0] for name in EVENTS}:
        app.event(event)(on_message)
    app.command(COMMAND)(on_command)
