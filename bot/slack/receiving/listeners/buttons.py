"""The buttons below an answer."""

import asyncio
import time
from collections.abc import Callable

from slack_bolt.async_app import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.receiving.access import REFUSALS
from bot.slack.receiving.listeners.services import Ack, Payload, Services
from bot.slack.rendering.buttons import ButtonState
from bot.slack.rendering.messages import Message, older_message, refusal_message, sentence
from bot.slack.rendering.views import OTHER_BUTTON, View, note_view
from bot.store.records import Vote

GONE = "The passages shown then no longer stand in the documents, so there is nothing to share."


async def on_context(
    body: Payload, action: Payload, ack: Ack, client: AsyncWebClient, services: Services
) -> None:
    """Show the paragraphs around each passage."""
    await ack()
    await _open_window(body, action, client, services, services.presenter.more_context)


async def on_why(
    body: Payload, action: Payload, ack: Ack, client: AsyncWebClient, services: Services
) -> None:
    """Show why these passages were found."""
    await ack()
    await _open_window(body, action, client, services, services.presenter.why)


async def on_nearest(
    body: Payload, action: Payload, ack: Ack, client: AsyncWebClient, services: Services
) -> None:
    """Show the nearest passages, where there is no answer."""
    await ack()
    await _open_window(body, action, client, services, services.presenter.nearest)


async def on_ask(
    body: Payload, action: Payload, ack: Ack, client: AsyncWebClient, services: Services
) -> None:
    """Answer the question that the button holds."""
    await ack()
    await _open_window(body, action, client, services, services.presenter.ask)


async def on_share(
    body: Payload,
    action: Payload,
    ack: Ack,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    services: Services,
) -> None:
    """Show everybody what one person saw."""
    await ack()
    if not services.access.may_click(body):
        await _refuse(body, client, services)
        return
    url, shown = body["response_url"], ButtonState.read(action["value"])
    channel, message = body["channel"]["id"], body["container"]["message_ts"]
    said = await asyncio.to_thread(services.presenter.share, shown, body["user"]["id"])
    if not services.access.may_post_in(channel):
        await services.responses.privately(url, refusal_message("channel"), shown.thread)
    elif said is None:
        gone = older_message(shown.question) if shown.is_older else sentence(GONE)
        await services.responses.privately(url, gone, shown.thread)
    else:
        shared = (str(context.team_id), channel, message)
        await _share_once(services, shared, url, said, shown.thread)


async def on_vote(
    body: Payload,
    action: Payload,
    ack: Ack,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    services: Services,
) -> None:
    """Count a vote, and show the votes below the answer."""
    await ack()
    if not services.access.may_click(body):
        await _refuse(body, client, services)
        return
    shown = ButtonState.read(action["value"][1:])
    vote = await _vote(body, action, str(context.team_id), shown, services)
    await services.store.votes.vote(vote)
    up, down = await services.store.votes.tally(vote.team, vote.channel, vote.message)
    said = None
    if "message" in body:
        said = await asyncio.to_thread(services.presenter.as_posted, shown)
    await services.responses.voted(body["response_url"], said, up, down)


async def _vote(
    body: Payload, action: Payload, team: str, shown: ButtonState, services: Services
) -> Vote:
    container = body["container"]
    cited = await asyncio.to_thread(services.presenter.voted_on, shown)
    return Vote(
        team=team,
        channel=container["channel_id"],
        message=container["message_ts"],
        user=body["user"]["id"],
        value=1 if action["value"].startswith("+") else -1,
        question=shown.question.text,
        document=cited.passage.document.path if cited else "",
        passage=cited.passage.number if cited else 0,
        corpus=shown.corpus,
        voted_at=time.time(),
    )


async def _share_once(
    services: Services, shared: tuple[str, str, str], url: str, said: Message, thread: str | None
) -> None:
    """Post once what is clicked several times.

    `shared` is the workspace, channel and time stamp of the message that was clicked.
    """
    if not await services.store.shares.share(*shared):
        return
    try:
        await services.responses.publicly(url, said, thread)
    except Exception:
        await services.store.shares.unshare(*shared)
        raise
    await services.responses.take_back(url)


async def _open_window(
    body: Payload,
    action: Payload,
    client: AsyncWebClient,
    services: Services,
    build: Callable[[str], View],
) -> None:
    """Show what a button leads to, above the window that the button stands in."""
    if not services.access.may_click(body):
        await _refuse(body, client, services)
        return
    try:
        view = await asyncio.to_thread(build, str(action.get("value")))
    except ValueError:
        view = note_view(OTHER_BUTTON)
    await _show(body, client, view)


async def _refuse(body: Payload, client: AsyncWebClient, services: Services) -> None:
    """Tell somebody of another organisation that there is no more to see or to do."""
    services.metrics.refused("outside")
    await _show(body, client, note_view(REFUSALS["outside"]))


async def _show(body: Payload, client: AsyncWebClient, view: View) -> None:
    in_window = (body.get("view") or {}).get("type") == "modal"
    show = client.views_push if in_window else client.views_open
    await show(trigger_id=body["trigger_id"], view=view)
