"""What the bot listens to: each listener reads, asks, says."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StoreError
from bot.model import Question
from bot.phrases import shown
from bot.slack import health
from bot.slack.delivering.response_url import Responses
from bot.slack.metrics import BY_COMMAND, Metrics
from bot.slack.receiving.access import REFUSALS, Access
from bot.slack.receiving.events import IncomingMessage, question_text, read
from bot.slack.receiving.intake import Intake
from bot.slack.rendering.block_kit import cut
from bot.slack.rendering.buttons import ButtonState
from bot.slack.rendering.messages import Message, refusal_message, sentence
from bot.slack.rendering.presenter import HELP, Presenter
from bot.slack.rendering.views import OTHER_BUTTON, View, note_view
from bot.slack.surfaces import ASK, COMMAND, CONTEXT, FIND_SOURCE, HOME, NEAREST, SHARE, VOTE, WHY
from bot.store.records import Vote
from bot.store.store import Store

MAX_LAST_QUESTIONS = 5
PROMPTS = "Questions that the documents answer"
GONE = "The passages shown then no longer stand in the documents, so there is nothing to share."

Ack = Callable[..., Awaitable[object]]
Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Services:
    """What the listeners ask and say through."""

    presenter: Presenter
    intake: Intake
    store: Store
    access: Access
    responses: Responses
    heartbeat: health.Heartbeat
    metrics: Metrics
    bot_user: str

    async def share(
        self, message: tuple[str, str, str], url: str, said: Message, thread: str | None
    ) -> None:
        """Show everybody what one person saw, once, however often that is clicked.

        The message is told by its workspace, channel and time stamp.
        """
        if not await self.store.share(*message):
            return
        try:
            await self.responses.publicly(url, said, thread)
        except Exception:
            await self.store.unshare(*message)
            raise
        await self.responses.take_back(url)

    async def state(self) -> tuple[str, ...]:
        """The state of the service, in lines."""
        state = await self.store.state()
        lines = health.lines(
            self.heartbeat, state.due, state.oldest, state.outcomes, self.presenter.answerer
        )
        problem = self.presenter.facts.problem
        return (*lines, f"The documents: {cut(shown(problem), 300)}") if problem else lines

    async def home(self, team: str, user: str, page: int = 0) -> View:
        """The home tab of a person."""
        asked = await self.store.last_questions(team, user, MAX_LAST_QUESTIONS)
        state = await self.state() if user in self.access.admins else ()
        return await asyncio.to_thread(self.presenter.home, page, asked, state)

    async def command(self, team: str, channel: str, user: str, text: str) -> Message:
        """What /ask answers."""
        match text.strip().casefold():
            case "sources":
                return await asyncio.to_thread(self.presenter.sources)
            case "status":
                return sentence("\n".join(await self.state()))
        if await self.intake.too_fast(team, user):
            self.metrics.refused("pace")
            self.metrics.question("refused", BY_COMMAND)
            return refusal_message("pace")
        outcome, said = await asyncio.to_thread(self.presenter.reply_privately, Question(text))
        self.metrics.question(outcome, BY_COMMAND)
        if outcome != HELP:
            with suppress(StoreError):  # the answer is what was asked for
                await self.store.remember(team, channel, None, user, text)
        return said


def register(app: AsyncApp, services: Services) -> None:
    """Listen to questions, the command, the shortcut, the home tab and every button."""
    presenter = services.presenter

    async def on_message(body: Payload) -> None:
        asked = read(body, services.bot_user)
        if isinstance(asked, IncomingMessage):
            await services.intake.receive(asked)

    async def on_home_opened(event: Payload, body: Payload, client: AsyncWebClient) -> None:
        user, channel = str(event.get("user")), str(event.get("channel"))
        if event.get("tab") == "messages":
            await client.assistant_threads_setSuggestedPrompts(
                channel_id=channel,
                title=PROMPTS,
                prompts=await asyncio.to_thread(presenter.prompts),
            )
        elif event.get("tab") == "home":
            view = await services.home(str(body.get("team_id")), user)
            await client.views_publish(user_id=user, view=view)

    async def on_command(command: Payload, ack: Ack) -> None:
        text = question_text(command.get("text"), services.bot_user)
        said = await services.command(
            command["team_id"], command["channel_id"], command["user_id"], text
        )
        await ack({"response_type": "ephemeral", **said})

    async def on_find_source(shortcut: Payload, ack: Ack) -> None:
        await ack()
        message = shortcut["message"]
        thread = message.get("thread_ts")
        text = question_text(message.get("text"), services.bot_user)
        said = await asyncio.to_thread(presenter.find_source, text, thread or message["ts"])
        await services.responses.privately(shortcut["response_url"], said, thread)

    async def on_page(body: Payload, action: Payload, ack: Ack, client: AsyncWebClient) -> None:
        await ack()
        user = body["user"]["id"]
        view = await services.home(body["team"]["id"], user, int(action["value"]))
        await client.views_publish(user_id=user, view=view)

    async def on_share(body: Payload, action: Payload, ack: Ack) -> None:
        await ack()
        url, shown = body["response_url"], ButtonState.read(action["value"])
        channel, message = body["channel"]["id"], body["container"]["message_ts"]
        said = await asyncio.to_thread(presenter.share, shown, body["user"]["id"])
        if not services.access.may_post_in(channel):
            await services.responses.privately(url, refusal_message("channel"), shown.thread)
        elif said is None:
            await services.responses.privately(url, sentence(GONE), shown.thread)
        else:
            shared = (body["team"]["id"], channel, message)
            await services.share(shared, url, said, shown.thread)

    async def on_vote(body: Payload, action: Payload, ack: Ack) -> None:
        await ack()
        container = body["container"]
        sign, shown = action["value"][:1], ButtonState.read(action["value"][1:])
        cited = await asyncio.to_thread(presenter.voted_on, shown)
        vote = Vote(
            team=body["team"]["id"],
            channel=container["channel_id"],
            message=container["message_ts"],
            user=body["user"]["id"],
            value=1 if sign == "+" else -1,
            question=shown.question.text,
            document=cited.passage.document.path if cited else "",
            passage=cited.passage.number if cited else 0,
            corpus=shown.corpus,
            voted_at=time.time(),
        )
        await services.store.vote(vote)
        up, down = await services.store.tally(vote.team, vote.channel, vote.message)
        said = await asyncio.to_thread(presenter.as_posted, shown) if "message" in body else None
        await services.responses.voted(body["response_url"], said, up, down)

    async def open_window(
        body: Payload, client: AsyncWebClient, build: Callable[[str], View], value: str
    ) -> None:
        """Show what a button leads to, above the window that it stands in."""
        if not services.access.may_click(body):
            view = note_view(REFUSALS["outside"])
            services.metrics.refused("outside")
        else:
            try:
                view = await asyncio.to_thread(build, value)
            except ValueError:
                view = note_view(OTHER_BUTTON)
        in_window = (body.get("view") or {}).get("type") == "modal"
        show = client.views_push if in_window else client.views_open
        await show(trigger_id=body["trigger_id"], view=view)

    def window(build: Callable[[str], View]) -> Callable[..., Awaitable[None]]:
        async def on_button(
            body: Payload, action: Payload, ack: Ack, client: AsyncWebClient
        ) -> None:
            await ack()
            await open_window(body, client, build, str(action.get("value")))

        return on_button

    # Matched by the event's name alone: an event that no listener matches is not acknowledged,
    # and Slack sends it again.
    app.event("app_mention")(on_message)
    app.event("message")(on_message)
    app.event("app_home_opened")(on_home_opened)
    app.command(COMMAND)(on_command)
    app.message_shortcut(FIND_SOURCE)(on_find_source)
    app.action(CONTEXT)(window(presenter.more_context))
    app.action(WHY)(window(presenter.why))
    app.action(NEAREST)(window(presenter.nearest))
    app.action(re.compile(rf"{ASK}:\d+"))(window(presenter.ask))
    app.action(re.compile(rf"{HOME}:\d+"))(on_page)
    app.action(SHARE)(on_share)
    app.action(VOTE)(on_vote)
