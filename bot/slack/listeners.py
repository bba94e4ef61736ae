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
from bot.slack import vitals
from bot.slack.buttons import ASK, CONTEXT, FIND_SOURCE, HOME, NEAREST, SHARE, VOTE, WHY, Shown
from bot.slack.desk import HELP, Desk
from bot.slack.elements import cut
from bot.slack.incoming import Asked, question_text, read
from bot.slack.messages import Message, refusal_message, sentence
from bot.slack.metrics import BY_COMMAND, Metrics
from bot.slack.policy import REFUSALS, Policy
from bot.slack.reception import Reception
from bot.slack.responses import Responses
from bot.slack.views import OTHER_BUTTON, View, note_view
from bot.store.records import Vote
from bot.store.store import Store
from bot.wording import shown

EVENTS = {
    # event in the manifest: the scope that it needs
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "app_home_opened": None,
}
# Only with `article-bot manifest --follow-ups`.
FOLLOW_UP_EVENTS = {
    "message.channels": "channels:history",
    "message.groups": "groups:history",
}
COMMAND = "/ask"
SHORTCUTS = {FIND_SOURCE: ("Find the source", "Find the passage that says this")}

MOST_LAST_QUESTIONS = 5
PROMPTS = "Questions that the documents answer"
GONE = "The passages shown then no longer stand in the documents, so there is nothing to share."

Ack = Callable[..., Awaitable[object]]
Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Front:
    """What the listeners ask and say through."""

    desk: Desk
    reception: Reception
    store: Store
    policy: Policy
    responses: Responses
    vitals: vitals.Vitals
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
        lines = vitals.lines(
            self.vitals, state.due, state.oldest, state.outcomes, self.desk.answerer
        )
        problem = self.desk.facts.problem
        return (*lines, f"The documents: {cut(shown(problem), 300)}") if problem else lines

    async def home(self, team: str, user: str, page: int = 0) -> View:
        """The home tab of a person."""
        asked = await self.store.last_questions(team, user, MOST_LAST_QUESTIONS)
        state = await self.state() if user in self.policy.admins else ()
        return await asyncio.to_thread(self.desk.home, page, asked, state)

    async def command(self, team: str, channel: str, user: str, text: str) -> Message:
        """What /ask answers."""
        match text.strip().casefold():
            case "sources":
                return await asyncio.to_thread(self.desk.sources)
            case "status":
                return sentence("\n".join(await self.state()))
        if await self.reception.too_fast(team, user):
            self.metrics.refused("pace")
            self.metrics.question("refused", BY_COMMAND)
            return refusal_message("pace")
        outcome, said = await asyncio.to_thread(self.desk.reply_privately, Question(text))
        self.metrics.question(outcome, BY_COMMAND)
        if outcome != HELP:
            with suppress(StoreError):  # the answer is what was asked for
                await self.store.remember(team, channel, None, user, text)
        return said


def register(app: AsyncApp, front: Front) -> None:
    """Listen to questions, the command, the shortcut, the home tab and every button."""
    desk = front.desk

    async def on_message(body: Payload) -> None:
        asked = read(body, front.bot_user)
        if isinstance(asked, Asked):
            await front.reception.receive(asked)

    async def on_home_opened(event: Payload, body: Payload, client: AsyncWebClient) -> None:
        user, channel = str(event.get("user")), str(event.get("channel"))
        if event.get("tab") == "messages":
            await client.assistant_threads_setSuggestedPrompts(
                channel_id=channel, title=PROMPTS, prompts=await asyncio.to_thread(desk.prompts)
            )
        elif event.get("tab") == "home":
            view = await front.home(str(body.get("team_id")), user)
            await client.views_publish(user_id=user, view=view)

    async def on_command(command: Payload, ack: Ack) -> None:
        text = question_text(command.get("text"), front.bot_user)
        said = await front.command(
            command["team_id"], command["channel_id"], command["user_id"], text
        )
        await ack({"response_type": "ephemeral", **said})

    async def on_find_source(shortcut: Payload, ack: Ack) -> None:
        await ack()
        message = shortcut["message"]
        thread = message.get("thread_ts")
        text = question_text(message.get("text"), front.bot_user)
        said = await asyncio.to_thread(desk.find_source, text, thread or message["ts"])
        await front.responses.privately(shortcut["response_url"], said, thread)

    async def on_page(body: Payload, action: Payload, ack: Ack, client: AsyncWebClient) -> None:
        await ack()
        user = body["user"]["id"]
        view = await front.home(body["team"]["id"], user, int(action["value"]))
        await client.views_publish(user_id=user, view=view)

    async def on_share(body: Payload, action: Payload, ack: Ack) -> None:
        await ack()
        url, shown = body["response_url"], Shown.read(action["value"])
        channel, message = body["channel"]["id"], body["container"]["message_ts"]
        said = await asyncio.to_thread(desk.share, shown, body["user"]["id"])
        if not front.policy.may_post_in(channel):
            await front.responses.privately(url, refusal_message("channel"), shown.thread)
        elif said is None:
            await front.responses.privately(url, sentence(GONE), shown.thread)
        else:
            shared = (body["team"]["id"], channel, message)
            await front.share(shared, url, said, shown.thread)

    async def on_vote(body: Payload, action: Payload, ack: Ack) -> None:
        await ack()
        container = body["container"]
        sign, shown = action["value"][:1], Shown.read(action["value"][1:])
        cited = await asyncio.to_thread(desk.voted_on, shown)
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
        await front.store.vote(vote)
        up, down = await front.store.tally(vote.team, vote.channel, vote.message)
        said = await asyncio.to_thread(desk.as_posted, shown) if "message" in body else None
        await front.responses.voted(body["response_url"], said, up, down)

    async def open_window(
        body: Payload, client: AsyncWebClient, build: Callable[[str], View], value: str
    ) -> None:
        """Show what a button leads to, above the window that it stands in."""
        if not front.policy.may_click(body):
            view = note_view(REFUSALS["outside"])
            front.metrics.refused("outside")
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
    app.action(CONTEXT)(window(desk.more_context))
    app.action(WHY)(window(desk.why))
    app.action(NEAREST)(window(desk.nearest))
    app.action(re.compile(rf"{ASK}:\d+"))(window(desk.ask))
    app.action(re.compile(rf"{HOME}:\d+"))(on_page)
    app.action(SHARE)(on_share)
    app.action(VOTE)(on_vote)
