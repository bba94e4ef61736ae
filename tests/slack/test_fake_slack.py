"""The fake of Slack, as the real clients of slack_sdk and slack_bolt see it."""

import asyncio
import html
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest, AsyncRespond, AsyncSay
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from tests.fakes.slack import (
    APP_TOKEN,
    BOT_ID,
    BOT_TOKEN,
    BOT_USER,
    FOLLOW_UP_SCOPES,
    SCOPES,
    SIGNING_SECRET,
    TEAM,
    Cut,
    FakeSlack,
    Fault,
    Hang,
    RateLimited,
    Refused,
    ServerError,
    SignedSender,
    View,
    app_home_opened,
    click,
    direct_message,
    edited,
    event_payload,
    from_bot,
    joined,
    mention,
    shortcut,
)

Json = dict[str, Any]


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as slack:
        yield slack


def client_of(slack: FakeSlack, token: str = BOT_TOKEN, timeout: int = 5) -> AsyncWebClient:
    """Make a real client that tries once, so that it meets one fault a call."""
    return AsyncWebClient(token, base_url=slack.api_url, timeout=timeout, retry_handlers=[])


def echo_app(slack: FakeSlack) -> AsyncApp:
    """Make an app that says what it was told, in the thread it was told it."""
    app = AsyncApp(signing_secret=SIGNING_SECRET, client=client_of(slack))

    async def echo(event: Json, say: AsyncSay) -> None:
        said = html.escape(event["text"], quote=False)
        await say(said, thread_ts=event.get("thread_ts") or event["ts"])

    async def answer(ack: AsyncAck, command: Json, respond: AsyncRespond) -> None:
        await ack("one moment")
        await respond(html.escape(command["text"], quote=False))

    async def click(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond("clicked")

    app.event("app_mention")(echo)
    app.event("message")(echo)
    app.command("/echo")(answer)
    app.action("press")(click)
    return app


def noting_app(slack: FakeSlack, seen: list[tuple[str, str]]) -> AsyncApp:
    """Make an app that notes the id and the retry number of each mention."""
    app = AsyncApp(client=client_of(slack), request_verification_enabled=False)

    async def note(body: Json, request: AsyncBoltRequest) -> None:
        seen.append((body["event_id"], request.headers["x-slack-retry-num"][0]))

    app.event("app_mention")(note)
    return app


@asynccontextmanager
async def over_socket(
    slack: FakeSlack, app: AsyncApp | None = None, ping_interval: float = 10
) -> AsyncIterator[None]:
    """Connect an app, which is an echo unless it is given, over Socket Mode."""
    app = app or echo_app(slack)
    handler = AsyncSocketModeHandler(app, APP_TOKEN, ping_interval=ping_interval)
    await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt's own gap
    try:
        await slack.connected()
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call] # Bolt's own gap


@asynccontextmanager
async def over_http(slack: FakeSlack, app: AsyncApp | None = None) -> AsyncIterator[SignedSender]:
    """Serve an app, which is an echo unless it is given, and give the sender that reaches it."""
    endpoint = AsyncSlackRequestHandler(app or echo_app(slack)).handle
    routes = [Route("/slack/events", endpoint, methods=["POST"])]
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        Starlette(routes=routes), log_level="warning", lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events"
        yield SignedSender(url, slack=slack)
    finally:
        server.should_exit = True
        await serving


CLICK = {
    "type": "block_actions",
    "actions": [{"action_id": "press", "block_id": "b", "value": "1"}],
}


async def test_a_mention_is_acknowledged_and_answered_in_its_thread(slack: FakeSlack) -> None:
    event = mention("hello")
    async with over_socket(slack):
        ack = await slack.send_event(event)
        [post] = await slack.posts_until(1)
    assert ack is not None
    assert ack.payload is None
    assert ack.seconds < 1
    assert (post.channel, post.thread_ts, post.text) == (
        "C1",
        event["ts"],
        "&lt;@UBOT&gt; hello",
    )


async def test_a_command_is_acknowledged_with_a_text_and_answered_at_its_response_url(
    slack: FakeSlack,
) -> None:
    async with over_socket(slack):
        ack = await slack.send_command("/echo", "hello")
        [response] = await slack.responses_until(1)
    assert ack is not None
    assert ack.payload == {"text": "one moment"}
    assert response.payload["text"] == "hello"


async def test_a_click_has_a_response_url_too(slack: FakeSlack) -> None:
    async with over_socket(slack):
        ack = await slack.send_interactive(CLICK)
        [response] = await slack.responses_until(1)
    assert ack is not None
    assert response.payload["text"] == "clicked"


async def test_an_event_or_command_that_nobody_acknowledges_returns_none(slack: FakeSlack) -> None:
    async with over_socket(slack):
        assert await slack.send_command("/unknown", "", timeout=0.1) is None
    assert await slack.send_event(mention("to nobody")) is None


async def test_a_retry_can_be_distinguished_from_a_first_delivery(slack: FakeSlack) -> None:
    seen: list[tuple[str, str]] = []
    async with over_socket(slack, noting_app(slack, seen)):
        await slack.send_event(mention("x"), event_id="Ev1")
        retry: Json = {"retry_attempt": 1, "retry_reason": "timeout"}
        await slack.send_event(mention("x"), event_id="Ev1", **retry)
        await slack.quiet()  # an event is acknowledged before it is listened to
    assert seen == [("Ev1", "0"), ("Ev1", "1")]


async def test_an_envelope_goes_to_one_connection_and_the_newest_by_default(
    slack: FakeSlack,
) -> None:
    old: list[tuple[str, str]] = []
    new: list[tuple[str, str]] = []
    older, newer = noting_app(slack, old), noting_app(slack, new)
    async with over_socket(slack, older), over_socket(slack, newer):
        await slack.connected(2)
        await slack.send_event(mention("x"), event_id="Ev1")
        await slack.send_event(mention("x"), event_id="Ev2", link=0)
        await slack.quiet()
    assert (old, new) == ([("Ev2", "0")], [("Ev1", "0")])


@pytest.mark.parametrize("reason", ["refresh_requested", "warning", "too_many_websockets"])
async def test_an_app_told_to_disconnect_comes_back(slack: FakeSlack, reason: str) -> None:
    async with over_socket(slack):
        await slack.disconnect(reason)
        with pytest.raises(AssertionError, match="0 came"):
            await slack.connected(timeout=0)
        await slack.connected()
        assert await slack.send_event(mention("again"))
    assert len(await slack.calls_until("apps.connections.open")) == 2


async def test_an_app_leaves_a_dead_link_when_its_pings_go_unanswered(slack: FakeSlack) -> None:
    async with over_socket(slack, ping_interval=0.2):
        slack.go_silent()
        with pytest.raises(AssertionError, match="0 came"):
            await slack.connected(timeout=0)
        await slack.connected()
        assert await slack.send_event(mention("again"))


async def test_a_link_needs_a_ticket(slack: FakeSlack) -> None:
    address = slack.api_url.replace("/api/", "/link?ticket=forged")
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect(address)


async def test_auth_test_answers_for_the_right_token(slack: FakeSlack) -> None:
    answer = await client_of(slack).auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == (BOT_USER, BOT_ID, TEAM)


@pytest.mark.parametrize(
    ("method", "token", "error"),
    [
        ("auth.test", "xoxb-other", "invalid_auth"),
        ("chat.postMessage", "xoxb-other", "invalid_auth"),
        ("chat.postMessage", APP_TOKEN, "not_allowed_token_type"),
        ("apps.connections.open", BOT_TOKEN, "not_allowed_token_type"),
        ("apps.connections.open", "xapp-other", "invalid_auth"),
        ("chat.postMessage", "", "not_authed"),
        ("files.upload", BOT_TOKEN, "unknown_method"),
    ],
)
async def test_a_wrong_call_is_refused_and_recorded(
    slack: FakeSlack, method: str, token: str, error: str
) -> None:
    with pytest.raises(SlackApiError, match=error):
        await client_of(slack, token).api_call(method, json={"channel": "C1", "text": "x"})
    assert [(call.method, call.token) for call in slack.calls] == [(method, token)]
    assert slack.posts == []


async def test_a_missing_channel_is_not_found(slack: FakeSlack) -> None:
    slack.missing_channels.add("C404")
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client_of(slack).chat_postMessage(channel="C404", text="x")


BLOCKS = [{"type": "divider"}]
METADATA = {"event_type": "answer", "event_payload": {"id": "1"}}
QUIET: Json = {"unfurl_links": False, "unfurl_media": False}


async def test_a_post_is_the_same_from_json_and_from_a_form(slack: FakeSlack) -> None:
    client = client_of(slack)
    packed = {"blocks": '[{"type": "divider"}]', "thread_ts": "1.2"}
    packed["metadata"] = '{"event_type": "answer", "event_payload": {"id": "1"}}'
    await client.chat_postMessage(
        channel="C1", text="x", thread_ts="1.2", blocks=BLOCKS, metadata=METADATA, **QUIET
    )
    await client.api_call(
        "chat.postMessage", data={"channel": "C1", "text": "x", **packed, **QUIET}
    )
    first, second = slack.posts
    assert (first.blocks, first.metadata, first.thread_ts) == (BLOCKS, METADATA, "1.2")
    assert (second.blocks, second.metadata, second.thread_ts) == (BLOCKS, METADATA, "1.2")
    assert first.ts < second.ts


async def test_a_thread_is_read_back_with_metadata_for_those_who_ask(slack: FakeSlack) -> None:
    client, slack.scopes = client_of(slack), set(FOLLOW_UP_SCOPES)
    await client.chat_postMessage(channel="C1", text="in it", thread_ts="1.2", metadata=METADATA)
    await client.chat_postMessage(channel="C1", text="older")
    await client.chat_postMessage(channel="C1", text="newer")
    await client.chat_postMessage(channel="C2", text="elsewhere", thread_ts="1.2")
    bare = await client.conversations_replies(channel="C1", ts="1.2")
    full = await client.conversations_replies(channel="C1", ts="1.2", include_all_metadata=True)
    history = await client.conversations_history(channel="C1")
    assert [message["text"] for message in bare["messages"]] == ["in it"]
    assert "metadata" not in bare["messages"][0]
    assert full["messages"][0]["metadata"] == METADATA
    assert [message["text"] for message in history["messages"]] == ["newer", "older"]


async def test_a_status_and_prompts_are_recorded_with_what_they_were_given(
    slack: FakeSlack,
) -> None:
    client, prompts = client_of(slack), [{"title": "Who?", "message": "Who fears it?"}]
    await client.assistant_threads_setStatus(channel_id="D1", thread_ts="1.2", status="reading")
    await client.assistant_threads_setSuggestedPrompts(channel_id="D1", prompts=prompts)
    [call] = await slack.calls_until("assistant.threads.setSuggestedPrompts")
    assert call.payload == {"channel_id": "D1", "prompts": prompts}
    assert len(slack.calls) == 2


async def test_ephemeral_messages_are_kept_apart_from_posts(slack: FakeSlack) -> None:
    client = client_of(slack)
    await client.chat_postEphemeral(
        channel="C1", user="U1", text="x", blocks=BLOCKS, thread_ts="1.2"
    )
    [shown] = await slack.ephemerals_until(1)
    assert (shown.channel, shown.user, shown.thread_ts) == ("C1", "U1", "1.2")
    assert (shown.text, shown.blocks) == ("x", BLOCKS)
    assert slack.posts == []


async def test_an_update_takes_the_place_of_a_post_and_is_counted(slack: FakeSlack) -> None:
    client = client_of(slack)
    await client.chat_postMessage(channel="C1", text="x", blocks=BLOCKS, metadata=METADATA, **QUIET)
    [post] = slack.posts
    await client.chat_update(channel="C1", ts=post.ts, text="y")
    [updated] = await slack.updates_until(1)
    assert (updated.ts, updated.text, updated.blocks, updated.updates) == (post.ts, "y", [], 1)
    assert updated.metadata == METADATA
    with pytest.raises(SlackApiError, match="message_not_found"):
        await client.chat_update(channel="C2", ts=post.ts, text="y")


@pytest.mark.parametrize(
    ("method", "payload", "scopes", "needed"),
    [
        ("chat.postMessage", {"channel": "C1", "text": "x"}, SCOPES - {"chat:write"}, "chat:write"),
        ("conversations.replies", {"channel": "C1", "ts": "1.2"}, SCOPES, "channels:history"),
        ("conversations.replies", {"channel": "G1", "ts": "1.2"}, SCOPES, "groups:history"),
        ("conversations.history", {"channel": "D1"}, {"chat:write"}, "im:history"),
        (
            "assistant.threads.setSuggestedPrompts",
            {"channel_id": "D1", "prompts": [{"title": "Who?", "message": "Who?"}]},
            {"chat:write"},
            "assistant:write",
        ),
        (
            "assistant.threads.setStatus",
            {"channel_id": "D1", "thread_ts": "1.2", "status": ""},
            {"commands"},
            "assistant:write",
        ),
    ],
)
async def test_a_call_without_its_scope_is_refused_and_the_scope_is_named(
    slack: FakeSlack, method: str, payload: Json, scopes: set[str], needed: str
) -> None:
    slack.scopes = set(scopes)
    with pytest.raises(SlackApiError) as refused:
        await client_of(slack).api_call(method, json=payload)
    answer = refused.value.response
    assert (answer["error"], answer["needed"]) == ("missing_scope", needed)
    assert answer["provided"] == ",".join(sorted(scopes))
    slack.scopes = set(FOLLOW_UP_SCOPES)
    assert (await client_of(slack).api_call(method, json=payload))["ok"]


async def test_the_chat_write_scope_is_enough_to_set_a_status(slack: FakeSlack) -> None:
    slack.scopes = {"chat:write"}
    status: Json = {"channel_id": "C1", "thread_ts": "1.2", "status": "reading"}
    assert (await client_of(slack).assistant_threads_setStatus(**status))["ok"]


@pytest.mark.parametrize("error", ["not_in_channel", "is_archived"])
async def test_a_channel_that_takes_no_message_says_why(slack: FakeSlack, error: str) -> None:
    channels = {"not_in_channel": slack.not_in, "is_archived": slack.archived}
    channels[error].add("C1")
    client = client_of(slack)
    with pytest.raises(SlackApiError, match=error):
        await client.chat_postMessage(channel="C1", text="x")
    with pytest.raises(SlackApiError, match=error):
        await client.chat_postEphemeral(channel="C1", user="U1", text="x")
    await client.chat_postMessage(channel="C2", text="x")
    assert [post.channel for post in slack.posts] == ["C2"]


# Views


def modal(title: str = "Why") -> Json:
    return {"type": "modal", "title": {"type": "plain_text", "text": title}, "blocks": BLOCKS}


HOME = {"type": "home", "blocks": BLOCKS}


async def test_a_view_is_opened_for_the_user_of_its_trigger_and_has_an_id(slack: FakeSlack) -> None:
    opened = await client_of(slack).views_open(trigger_id=slack.trigger_id("U2"), view=modal())
    [view] = await slack.views_until(1)
    assert view == View("open", opened["view"]["id"], modal(), "U2")
    assert opened["view"]["blocks"][0]["block_id"]
    assert opened["view"]["private_metadata"] == ""


async def test_a_trigger_opens_one_view_and_not_for_long(slack: FakeSlack) -> None:
    client, used = client_of(slack), slack.trigger_id()
    await client.views_open(trigger_id=used, view=modal())
    slack.seconds_of_a_trigger = 0
    for trigger_id, error in (
        (used, "exchanged_trigger_id"),
        (slack.trigger_id(), "expired_trigger_id"),
        ("1.2.made-up", "invalid_trigger_id"),
    ):
        with pytest.raises(SlackApiError, match=error):
            await client.views_open(trigger_id=trigger_id, view=modal())
    assert len(slack.views) == 1


async def test_views_are_pushed_three_deep_until_another_is_opened(slack: FakeSlack) -> None:
    client = client_of(slack)
    for _ in range(2):
        await client.views_open(trigger_id=slack.trigger_id(), view=modal())
        await client.views_push(trigger_id=slack.trigger_id(), view=modal())
        await client.views_push(trigger_id=slack.trigger_id(), view=modal())
        with pytest.raises(SlackApiError, match="push_limit_reached"):
            await client.views_push(trigger_id=slack.trigger_id(), view=modal())
    assert [view.kind for view in slack.views] == ["open", "push", "push"] * 2


async def test_a_view_is_updated_by_its_id(slack: FakeSlack) -> None:
    client = client_of(slack)
    opened = await client.views_open(trigger_id=slack.trigger_id(), view=modal())
    await client.views_update(view_id=opened["view"]["id"], view=modal("Because"))
    first, second = await slack.views_until(2)
    assert (second.kind, second.id, second.view) == ("update", first.id, modal("Because"))
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id="V404", view=modal())


async def test_a_home_is_one_view_a_user_however_often_published(slack: FakeSlack) -> None:
    client = client_of(slack)
    for user in ("U1", "U2", "U1"):
        await client.views_publish(user_id=user, view=HOME)
    first, second, again = slack.views
    assert first.id == again.id != second.id
    assert slack.homes == {"U1": again, "U2": second}


# What the judge has to say


async def send_what_is_wrong(slack: FakeSlack, then: Exception | None = None) -> None:
    async with slack:
        await client_of(slack).chat_postMessage(channel="C1", text="<!channel>")
        await client_of(slack).views_publish(user_id="U1", view={"type": "home", "blocks": []})
        if then:
            raise then


async def test_leaving_reports_everything_that_slack_would_refuse() -> None:
    with pytest.raises(AssertionError) as told:
        await send_what_is_wrong(slack := FakeSlack())
    assert str(told.value).splitlines() == [
        "Slack would not take this:",
        "chat.postMessage: text: '<!channel>' is not escaped",
        "views.publish: view.blocks: 0 elements, at least 1",
    ]
    assert [one.method for one in slack.objections] == ["chat.postMessage", "views.publish"]


async def test_objections_of_the_judge_do_not_hide_an_error_raised_by_the_test() -> None:
    with pytest.raises(ZeroDivisionError):
        await send_what_is_wrong(FakeSlack(), then=ZeroDivisionError())


def loud_app(slack: FakeSlack) -> AsyncApp:
    """Make an app that calls everybody in whatever it says to a command or a click."""
    app = AsyncApp(signing_secret=SIGNING_SECRET, client=client_of(slack))

    async def shout(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack("<!channel>")
        await respond("<!here>")

    app.command("/echo")(shout)
    app.action("press")(shout)
    return app


LOUD = [
    "/echo: text: '<!channel>'",
    "response_url: text: '<!here>'",
    "block_actions: text: '<!channel>'",
    "response_url: text: '<!here>'",
]


async def test_acknowledgements_over_a_socket_are_judged_and_so_are_responses(
    slack: FakeSlack,
) -> None:
    async with over_socket(slack, loud_app(slack)):
        await slack.send_command("/echo", "x")
        await slack.responses_until(1)
        await slack.send_interactive(CLICK)
        await slack.responses_until(2)
    found = sorted(f"{one.method}: {one.sentence}" for one in slack.objections)
    assert found == sorted(f"{said} is not escaped" for said in LOUD)
    slack.objections.clear()


async def test_replies_over_http_are_judged_and_so_are_responses(slack: FakeSlack) -> None:
    async with over_http(slack, loud_app(slack)) as sender:
        await sender.command("/echo", "x")
        await sender.interactive(CLICK)
        await slack.responses_until(2)
        found = sorted(f"{one.method}: {one.sentence}" for one in slack.objections)
        assert found == sorted(f"{said} is not escaped" for said in LOUD)
        slack.objections.clear()
        with pytest.raises(AssertionError, match=r"/echo: text: '<!channel>' is not escaped"):
            await SignedSender(sender.url).command("/echo", "x")


# Shortcuts and clicks

Deliver = Callable[[Json], Awaitable[object]]


@pytest.fixture(params=["socket", "http"])
async def seen(
    request: pytest.FixtureRequest, slack: FakeSlack
) -> AsyncIterator[tuple[Deliver, list[Json]]]:
    """How to deliver an interaction to a real app, and the bodies that its listeners got."""
    app = AsyncApp(signing_secret=SIGNING_SECRET, client=client_of(slack))
    bodies: list[Json] = []

    async def note(ack: AsyncAck, body: Json) -> None:
        await ack()
        bodies.append(body)

    app.action("press")(note)
    app.action("vote")(note)
    app.shortcut("find")(note)
    if request.param == "socket":
        async with over_socket(slack, app):
            yield slack.send_interactive, bodies
    else:
        async with over_http(slack, app) as sender:
            yield sender.interactive, bodies


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


BUTTON = {"type": "button", "action_id": "press", "text": plain("Press"), "value": "7"}
VOTE = {
    "type": "feedback_buttons",
    "action_id": "vote",
    "positive_button": {"text": plain("Good"), "value": "+1"},
    "negative_button": {"text": plain("Bad"), "value": "-1"},
}
CLICKABLE: list[Json] = [
    {"type": "divider", "block_id": "given"},
    {"type": "actions", "elements": [BUTTON]},
    {"type": "context_actions", "elements": [VOTE]},
]


async def test_a_button_of_a_post_is_clicked_with_its_message(
    slack: FakeSlack, seen: tuple[Deliver, list[Json]]
) -> None:
    deliver, bodies = seen
    client = client_of(slack)
    await client.chat_postMessage(
        channel="C7", text="x", thread_ts="1.2", blocks=CLICKABLE, **QUIET
    )
    [post] = slack.posts
    await deliver(click("press", post, user="U3"))
    [body] = bodies
    [action] = body["actions"]
    given, *made = [block["block_id"] for block in body["message"]["blocks"]]
    assert (action["type"], action["value"], action["text"]) == ("button", "7", plain("Press"))
    assert action["block_id"] == made[0] != made[1]
    assert given == "given"
    assert (body["user"]["id"], body["channel"]["id"]) == ("U3", "C7")
    assert (body["message"]["ts"], body["message"]["thread_ts"]) == (post.ts, "1.2")
    assert body["container"] == {
        "type": "message",
        "message_ts": post.ts,
        "channel_id": "C7",
        "thread_ts": "1.2",
        "is_ephemeral": False,
    }
    await client.views_open(trigger_id=body["trigger_id"], view=modal())
    assert slack.views[0].user_id == "U3"
    assert body["response_url"].startswith(slack.api_url.removesuffix("api/"))


@pytest.mark.parametrize(("vote", "value"), [("positive", "+1"), ("negative", "-1")])
async def test_a_vote_is_the_value_of_the_button_that_was_chosen(
    slack: FakeSlack, seen: tuple[Deliver, list[Json]], vote: Any, value: str
) -> None:
    deliver, bodies = seen
    await client_of(slack).chat_postMessage(channel="C1", text="x", blocks=CLICKABLE, **QUIET)
    await deliver(click("vote", slack.posts[0], vote=vote))
    [action] = bodies[0]["actions"]
    assert (action["type"], action["value"]) == ("feedback_buttons", value)


async def test_a_click_on_an_ephemeral_message_comes_without_the_message(
    slack: FakeSlack, seen: tuple[Deliver, list[Json]]
) -> None:
    deliver, bodies = seen
    await client_of(slack).chat_postEphemeral(
        channel="C7", user="U1", text="x", blocks=CLICKABLE, thread_ts="1.2"
    )
    await deliver(click("press", slack.ephemerals[0]))
    await deliver(click("press", {"text": "x", "blocks": CLICKABLE}, channel="C8"))
    first, second = bodies
    assert "message" not in first | second
    assert first["container"]["is_ephemeral"] is second["container"]["is_ephemeral"] is True
    assert (first["channel"]["id"], first["container"]["thread_ts"]) == ("C7", "1.2")
    assert second["container"]["channel_id"] == second["channel"]["id"] == "C8"
    assert first["response_url"] != second["response_url"]


async def test_a_button_of_a_view_is_clicked_with_the_view_and_no_response_url(
    slack: FakeSlack, seen: tuple[Deliver, list[Json]]
) -> None:
    deliver, bodies = seen
    home = {"type": "home", "blocks": CLICKABLE[:2], "private_metadata": "page 2"}
    await client_of(slack).views_publish(user_id="U1", view=home)
    await deliver(click("press", slack.homes["U1"]))
    [body] = bodies
    assert body["container"] == {"type": "view", "view_id": slack.homes["U1"].id}
    assert (body["view"]["id"], body["view"]["private_metadata"]) == (
        slack.homes["U1"].id,
        "page 2",
    )
    assert body["actions"][0]["block_id"] == body["view"]["blocks"][1]["block_id"]
    assert not {"response_url", "channel", "message"} & body.keys()


async def test_a_shortcut_comes_with_the_message_it_was_used_on(
    slack: FakeSlack, seen: tuple[Deliver, list[Json]]
) -> None:
    deliver, bodies = seen
    await client_of(slack).chat_postMessage(channel="C1", text="the bot's", thread_ts="1.2")
    event = mention("an event's", thread_ts="1.3", user="U5")
    for message in (event, slack.posts[0], "anybody's"):
        await deliver(shortcut("find", message, channel="C4", user="U3"))
    first, second, third = (body["message"] for body in bodies)
    assert (first["type"], first["user"], first["thread_ts"]) == ("message", "U5", "1.3")
    assert (second["text"], second["bot_id"], second["thread_ts"]) == ("the bot's", BOT_ID, "1.2")
    assert third["text"] == "anybody's"
    for body in bodies:
        assert body["message_ts"] == body["message"]["ts"]
        assert (body["channel"]["id"], body["user"]["id"]) == ("C4", "U3")
        assert body["response_url"]
        assert "channel" not in body["message"]


def test_clicking_a_missing_button_fails_and_names_it() -> None:
    with pytest.raises(AssertionError, match=r"no button 'share' there, only \['press', 'vote'\]"):
        click("share", {"blocks": CLICKABLE})


async def test_a_response_url_takes_five_posts_and_an_unknown_one_none(slack: FakeSlack) -> None:
    url, unknown = slack.response_url(), slack.api_url.replace("/api/", "/response/0")
    bodies = [{"text": str(n), "replace_original": True, "thread_ts": "1.2"} for n in range(6)]
    async with aiohttp.ClientSession() as session:
        answers = []
        for address, body in [*((url, body) for body in bodies), (unknown, bodies[0])]:
            async with session.post(address, json=body) as response:
                answers.append((response.status, await response.text()))
    assert answers == [(200, "ok")] * 5 + [(404, "used_url"), (404, "no_service")]
    assert [response.payload for response in slack.responses] == bodies[:5]


async def test_an_event_may_come_from_a_shared_channel_and_from_another_team(
    slack: FakeSlack,
) -> None:
    app = AsyncApp(signing_secret=SIGNING_SECRET, client=client_of(slack))
    told: list[tuple[bool, str]] = []

    async def note(body: Json) -> None:
        told.append((body["is_ext_shared_channel"], body["team_id"]))

    app.event("app_mention")(note)
    async with over_socket(slack, app), over_http(slack, app) as sender:
        await slack.send_event(mention("x"))
        await slack.send_event(mention("x"), ext_shared=True, team_id="T2")
        await sender.event(mention("x"))
        await sender.event(mention("x"), ext_shared=True, team_id="T2")
        await slack.quiet()
    assert sorted(told) == sorted([(False, TEAM), (True, "T2")] * 2)


async def test_an_empty_body_of_type_json_has_no_fields(slack: FakeSlack) -> None:
    headers = {"Authorization": f"Bearer {BOT_TOKEN}", "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{slack.api_url}auth.test", headers=headers) as response,
    ):
        assert (await response.json())["ok"] is True
    assert slack.calls[0].payload == {}


@pytest.mark.parametrize(
    ("fault", "status", "error", "stored"),
    [
        (RateLimited(7), 429, "ratelimited", 0),
        (ServerError(stored=False), 503, "service_unavailable", 0),
        (ServerError(stored=True), 503, "service_unavailable", 1),
        (Refused("invalid_blocks"), 200, "invalid_blocks", 0),
    ],
)
async def test_a_fault_applies_to_one_call(
    slack: FakeSlack, fault: Fault, status: int, error: str, stored: int
) -> None:
    slack.fail("chat.postMessage", fault)
    with pytest.raises(SlackApiError) as refused:
        await client_of(slack).chat_postMessage(channel="C1", text="x")
    assert (refused.value.response.status_code, refused.value.response["error"]) == (status, error)
    assert len(slack.posts) == stored
    assert (await client_of(slack).chat_postMessage(channel="C1", text="x"))["ok"]


async def test_a_rate_limit_says_when_to_come_back(slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", None, RateLimited(7))
    await client_of(slack).chat_postMessage(channel="C1", text="x")
    with pytest.raises(SlackApiError) as refused:
        await client_of(slack).chat_postMessage(channel="C1", text="x")
    assert refused.value.response.headers["Retry-After"] == "7"


@pytest.mark.parametrize("stored", [False, True])
async def test_a_cut_connection_is_an_error_of_the_connection(
    slack: FakeSlack, stored: bool
) -> None:
    slack.fail("chat.postMessage", Cut(stored=stored))
    with pytest.raises(aiohttp.ClientConnectionError):
        await client_of(slack).chat_postMessage(channel="C1", text="x")
    assert len(slack.posts) == stored


async def test_an_unconfigured_client_posts_twice_after_a_cut_connection(slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", Cut(stored=True))
    client = AsyncWebClient(BOT_TOKEN, base_url=slack.api_url)
    await client.chat_postMessage(channel="C1", text="x")
    assert len(await slack.posts_until(2)) == 2


@pytest.mark.slow
@pytest.mark.parametrize("stored", [False, True])
async def test_a_caller_that_hangs_up_leaves_only_what_was_stored(
    slack: FakeSlack, stored: bool
) -> None:
    slack.fail("chat.postMessage", Hang(1.2, stored=stored))
    with pytest.raises(TimeoutError):
        await client_of(slack, timeout=1).chat_postMessage(channel="C1", text="x")
    assert len(await slack.quiet(0.4)) == stored


async def test_a_caller_that_waits_gets_a_late_answer(slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", Hang(0.2))
    start = time.monotonic()
    await client_of(slack).chat_postMessage(channel="C1", text="x")
    assert time.monotonic() - start >= 0.2
    assert len(slack.posts) == 1


async def test_a_signed_event_is_accepted_and_answered(slack: FakeSlack) -> None:
    async with over_http(slack) as sender:
        reply = await sender.event(direct_message("hello"))
        [post] = await slack.posts_until(1)
    assert reply.status == 200
    assert (post.channel, post.text) == ("D1", "hello")


async def test_a_signed_command_and_a_click_come_as_forms(slack: FakeSlack) -> None:
    async with over_http(slack) as sender:
        url = slack.response_url()
        command = await sender.command("/echo", "a & b = ü", response_url=url)
        click = await sender.interactive(CLICK, response_url=url)
        responses = await slack.responses_until(2)
    assert (command.status, command.body, click.status) == (200, "one moment", 200)
    assert {response.payload["text"] for response in responses} == {"a &amp; b = ü", "clicked"}
    assert {response.url for response in responses} == {url}


async def test_a_wrong_signature_and_an_old_one_are_refused(slack: FakeSlack) -> None:
    async with over_http(slack) as sender:
        stranger = SignedSender(sender.url, "another secret")
        long_ago = str(int(time.time()) - 600)
        replies = [
            await sender.event(mention("x"), signature="v0=forged"),
            await sender.event(mention("x"), signature=""),
            await sender.event(mention("x"), timestamp=long_ago),
            await stranger.command("/echo", "x"),
        ]
        assert [reply.status for reply in replies] == [401] * 4
        assert await slack.quiet() == []


async def test_any_bytes_can_be_sent_and_are_signed_as_slack_signs(slack: FakeSlack) -> None:
    challenge = b'{"type": "url_verification", "challenge": "c"}'
    async with over_http(slack) as sender:
        reply = await sender.raw(challenge, {"Content-Type": "application/json"})
        signature = SignatureVerifier(SIGNING_SECRET).generate_signature(
            timestamp=str(int(time.time())), body=challenge
        )
        same = await sender.raw(
            challenge, {"Content-Type": "application/json"}, signature=signature or ""
        )
    assert (reply.status, reply.body) == (200, '{"challenge": "c"}')
    assert same.status == 200


async def test_an_app_that_is_too_late_is_a_timeout(slack: FakeSlack) -> None:
    slack.fail("auth.test", Hang(0.5))
    async with over_http(slack) as sender:
        with pytest.raises(TimeoutError):
            await sender.event(mention("x"), timeout=0.2)


async def test_a_wait_that_times_out_says_what_arrived(slack: FakeSlack) -> None:
    await client_of(slack).chat_postMessage(channel="C1", text="the only one")
    with pytest.raises(AssertionError, match=r"2 awaited, 1 came: .*the only one"):
        await slack.posts_until(2, timeout=0.05)
    with pytest.raises(AssertionError, match="1 awaited, 0 came"):
        await slack.connected(timeout=0.05)


async def test_leaving_ends_every_task_though_clients_hold_on() -> None:
    before = asyncio.all_tasks()
    async with aiohttp.ClientSession() as session:
        async with FakeSlack() as slack:
            slack.fail("chat.postMessage", Hang(60))
            client = client_of(slack)
            opened = await client.apps_connections_open(app_token=APP_TOKEN)
            dead = await session.ws_connect(opened["url"])
            slack.go_silent()
            live = await session.ws_connect(opened["url"])
            posting = asyncio.create_task(client.chat_postMessage(channel="C1", text="unanswered"))
            await slack.calls_until("chat.postMessage")
            start = time.monotonic()
        assert time.monotonic() - start < 0.5
        with pytest.raises(aiohttp.ClientConnectionError):
            await posting
        await asyncio.gather(dead.close(), live.close())
    assert asyncio.all_tasks() == before
    assert slack.posts == []


def test_a_mention_names_the_bot_unless_it_names_someone() -> None:
    assert mention("hi")["text"] == "<@UBOT> hi"
    assert mention("ask <@U2>")["text"] == "ask <@U2>"


def test_rich_text_is_unescaped_and_knows_mentions() -> None:
    [block] = mention("<@UBOT> a &lt; b")["blocks"]
    assert block["elements"][0]["elements"] == [
        {"type": "user", "user_id": "UBOT"},
        {"type": "text", "text": " a < b"},
    ]


@pytest.mark.parametrize(
    "event",
    [mention("x", thread_ts="1.2"), direct_message("x", thread_ts="1.2"), from_bot("x")],
)
def test_events_have_what_slack_gives_them(event: Json) -> None:
    assert {"user", "text", "ts", "event_ts", "team", "channel", "blocks"} <= event.keys()


def test_edits_joins_and_bot_messages_are_marked_as_such() -> None:
    change, join = edited("new", previous="old"), joined()
    assert (change["subtype"], change["channel_type"]) == ("message_changed", "im")
    assert (change["message"]["text"], change["previous_message"]["text"]) == ("new", "old")
    assert change["message"]["ts"] == change["previous_message"]["ts"] != change["ts"]
    assert (join["subtype"], join["channel_type"]) == ("channel_join", "channel")
    assert from_bot("x", channel="D1")["type"] == "message"
    assert from_bot("x", bot_id=BOT_ID)["user"] == BOT_USER


def test_app_home_opened_names_the_user_and_the_tab_and_carries_the_current_view() -> None:
    pane = app_home_opened(user="U3", tab="messages", channel="D3")
    assert (pane["user"], pane["tab"], pane["channel"]) == ("U3", "messages", "D3")
    assert "view" not in pane
    home = app_home_opened(view=View("publish", "V1", HOME, "U1"))
    assert (home["tab"], home["view"]["id"]) == ("home", "V1")


def test_every_ts_and_every_event_id_is_new_and_later() -> None:
    stamps = [mention("x")["ts"] for _ in range(100)]
    assert stamps == sorted(set(stamps))
    assert event_payload(mention("x"))["event_id"] != event_payload(mention("x"))["event_id"]
