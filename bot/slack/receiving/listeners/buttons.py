"""The buttons below an answer."""

import asyncio
from collections.abc import Callable
from functools import partial

from slack_bolt.async_app import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.receiving.access import REFUSALS
from bot.slack.receiving.listeners.services import Ack, Payload, Services
from bot.slack.receiving.places import channel_of, opened_in
from bot.slack.rendering.buttons import ButtonState
from bot.slack.rendering.messages import Message, older_message, refusal_message, sentence
from bot.slack.rendering.presenter import AskedIn
from bot.slack.rendering.views import OTHER_BUTTON, View, note_view
from bot.store.records import Vote

# The reply to a vote, by the person's vote now.
THANKS = {
    1: "Thank you. I've counted your vote.",
    -1: "Thank you. I've counted your vote.",
    0: "I've taken back your vote.",
}
GONE = (
    "Those passages are not in the documents that I answer from here; they may have been changed "
    "or removed, so there is nothing to share."
)


async def on_context(
    body: Payload, action: Payload, ack: Ack, client: AsyncWebClient, services: Services
) -> None:
    """Show the paragraphs around each passage."""
    await ack()
    await _open_window(body, action, client, services, services.presenter(body).more_context)


async def on_why(
    body: Payload, action: Payload, ack: Ack, client: AsyncWebClient, services: Services
) -> None:
    """Show why these passages were found."""
    await ack()
    is_admin = services.access.is_admin(body["user"]["id"])
    why = partial(services.presenter(body).why, is_admin=is_admin)
    await _open_window(body, action, client, services, why)


async def on_nearest(
    body: Payload, action: Payload, ack: Ack, client: AsyncWebClient, services: Services
) -> None:
    """Show the closest passages for a question without an answer."""
    await ack()
    await _open_window(body, action, client, services, services.presenter(body).nearest)


async def on_ask(
    body: Payload, action: Payload, ack: Ack, client: AsyncWebClient, services: Services
) -> None:
    """Answer the question that the button holds."""
    await ack()
    await _open_window(body, action, client, services, services.presenter(body).ask)


async def on_share(
    body: Payload,
    action: Payload,
    ack: Ack,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    services: Services,
) -> None:
    """Share with everybody what one person was shown."""
    await ack()
    if not services.access.may_click(body):
        await _refuse(body, client, services)
        return
    url = body["response_url"]
    try:
        shown = ButtonState.read(action["value"])
    except ValueError:
        await services.responses.privately(url, sentence(OTHER_BUTTON))
        return
    channel, message = body["channel"]["id"], body["container"]["message_ts"]
    if reason := services.refusal_to_post(channel):
        services.metrics.refused(reason)
        await services.responses.privately(url, refusal_message(reason), shown.thread)
        return
    share = services.presenter(body).share
    said = await asyncio.to_thread(share, shown, str(body["user"]["id"]))
    if said is None:
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
    """Count a vote, or take it back, and thank the voter in private."""
    await ack()
    if not services.access.may_click(body):
        await _refuse(body, client, services)
        return
    url, thread = body["response_url"], body["container"].get("thread_ts")
    try:
        shown = ButtonState.read(action["value"][1:])
    except ValueError:
        await services.responses.privately(url, sentence(OTHER_BUTTON), thread)
        return
    vote = await _vote(body, action, str(context.team_id), shown, services)
    value = await services.store.votes.vote(vote)
    if value is not None:  # None is a duplicate delivery
        await _note_down(body, vote, value, shown, services)
        await services.responses.privately(url, sentence(THANKS[value]), thread)


async def on_other(body: Payload, ack: Ack, client: AsyncWebClient) -> None:
    """Reply that a button is from an older version."""
    await ack()
    await _show(body, client, note_view(OTHER_BUTTON))


async def _vote(
    body: Payload, action: Payload, team: str, shown: ButtonState, services: Services
) -> Vote:
    container = body["container"]
    cited = await asyncio.to_thread(services.presenter(body).voted_on, shown)
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
        voted_at=float(action["action_ts"]),
    )


async def _note_down(
    body: Payload, vote: Vote, value: int, shown: ButtonState, services: Services
) -> None:
    """Store that an answer did not help; the other thumb, or the same one again, deletes it."""
    container = body["container"]
    is_private = bool(container.get("is_ephemeral")) or vote.channel.startswith("D")
    channel = "" if is_private else vote.channel
    asked = AskedIn(vote.team, channel, vote.message, vote.user, vote.voted_at)
    if not services.presenters.keeps_gaps(vote.channel):
        return
    gap = await asyncio.to_thread(services.presenter(body).not_helpful, shown, asked)
    if value < 0:
        await services.store.gaps.add(gap)
    else:
        await services.store.gaps.take_back(gap)


async def _share_once(
    services: Services, shared: tuple[str, str, str], url: str, said: Message, thread: str | None
) -> None:
    """Post a shared answer once, even if the button is clicked several times.

    `shared` is the workspace, channel and ts of the message that was clicked.
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
    """Open the window for a button, on top of the button's own window if it is in one."""
    if not services.access.may_click(body):
        await _refuse(body, client, services)
        return
    try:
        view = await asyncio.to_thread(build, str(action.get("value")))
    except ValueError:
        view = note_view(OTHER_BUTTON)
    await _show(body, client, view)


async def _refuse(body: Payload, client: AsyncWebClient, services: Services) -> None:
    """Tell somebody from another organisation that they may not do this."""
    services.metrics.refused("outside")
    await _show(body, client, note_view(REFUSALS["outside"]))


async def _show(body: Payload, client: AsyncWebClient, view: View) -> None:
    in_window = (body.get("view") or {}).get("type") == "modal"
    show = client.views_push if in_window else client.views_open
    await show(trigger_id=body["trigger_id"], view=opened_in(view, channel_of(body)))
