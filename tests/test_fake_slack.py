"""The fake of Slack, as the real clients of slack_sdk and slack_bolt see it."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
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

from tests.fake_slack import (
    APP_TOKEN,
    BOT_ID,
    BOT_TOKEN,
    BOT_USER,
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
    direct_message,
    edited,
    event_payload,
    from_bot,
    joined,
    mention,
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
        await say(event["text"], thread_ts=event.get("thread_ts") or event["ts"])

    async def answer(ack: AsyncAck, command: Json, respond: AsyncRespond) -> None:
        await ack("one moment")
        await respond(command["text"])

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
async def over_http(slack: FakeSlack) -> AsyncIterator[SignedSender]:
    """Serve an echo app behind Starlette, and give the sender that reaches it."""
    endpoint = AsyncSlackRequestHandler(echo_app(slack)).handle
    routes = [Route("/slack/events", endpoint, methods=["POST"])]
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        Starlette(routes=routes), log_level="warning", lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield SignedSender(f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events")
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
    assert (post.channel, post.thread_ts, post.text) == ("C1", event["ts"], "<@UBOT> hello")


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


async def test_no_acknowledgement_is_none(slack: FakeSlack) -> None:
    async with over_socket(slack):
        assert await slack.send_command("/unknown", "", timeout=0.1) is None
    assert await slack.send_event(mention("to nobody")) is None


async def test_a_retry_is_told_from_a_first_delivery(slack: FakeSlack) -> None:
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
        await client_of(slack, token).api_call(method, json={"channel": "C1"})
    assert [(call.method, call.token) for call in slack.calls] == [(method, token)]
    assert slack.posts == []


async def test_a_missing_channel_is_not_found(slack: FakeSlack) -> None:
    slack.missing_channels.add("C404")
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client_of(slack).chat_postMessage(channel="C404", text="x")


BLOCKS = [{"type": "divider"}]
METADATA = {"event_type": "answer", "event_payload": {"id": "1"}}


async def test_a_post_is_the_same_from_json_and_from_a_form(slack: FakeSlack) -> None:
    client = client_of(slack)
    packed = {"blocks": '[{"type": "divider"}]', "thread_ts": "1.2"}
    packed["metadata"] = '{"event_type": "answer", "event_payload": {"id": "1"}}'
    await client.chat_postMessage(
        channel="C1", text="x", thread_ts="1.2", blocks=BLOCKS, metadata=METADATA
    )
    await client.api_call("chat.postMessage", data={"channel": "C1", "text": "x", **packed})
    first, second = slack.posts
    assert (first.blocks, first.metadata, first.thread_ts) == (BLOCKS, METADATA, "1.2")
    assert (second.blocks, second.metadata, second.thread_ts) == (BLOCKS, METADATA, "1.2")
    assert first.ts < second.ts


async def test_a_thread_is_read_back_with_metadata_for_those_who_ask(slack: FakeSlack) -> None:
    client = client_of(slack)
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


async def test_the_other_methods_are_recorded_with_what_they_were_given(slack: FakeSlack) -> None:
    client = client_of(slack)
    view = {"type": "home", "blocks": []}
    await client.views_open(trigger_id="1", view=view)
    await client.views_publish(user_id="U1", view=view)
    await client.assistant_threads_setStatus(channel_id="D1", thread_ts="1.2", status="reading")
    await client.assistant_threads_setSuggestedPrompts(channel_id="D1", prompts=[])
    await client.chat_postEphemeral(channel="C1", user="U1", text="x")
    await client.chat_update(channel="C1", ts="1.2", text="x")
    assert len(slack.calls) == 6
    assert [call.payload for call in await slack.calls_until("views.publish")] == [
        {"user_id": "U1", "view": view}
    ]


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
async def test_a_fault_is_met_once_and_then_calls_work(
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


async def test_a_client_as_it_comes_posts_twice_after_a_cut(slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", Cut(stored=True))
    client = AsyncWebClient(BOT_TOKEN, base_url=slack.api_url)
    await client.chat_postMessage(channel="C1", text="x")
    assert len(await slack.posts_until(2)) == 2


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
    assert {response.payload["text"] for response in responses} == {"a & b = ü", "clicked"}
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


async def test_waiting_in_vain_says_what_there_is(slack: FakeSlack) -> None:
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


def test_events_of_other_kinds_say_so() -> None:
    change, join = edited("new", previous="old"), joined()
    assert (change["subtype"], change["channel_type"]) == ("message_changed", "im")
    assert (change["message"]["text"], change["previous_message"]["text"]) == ("new", "old")
    assert change["message"]["ts"] == change["previous_message"]["ts"] != change["ts"]
    assert (join["subtype"], join["channel_type"]) == ("channel_join", "channel")
    assert from_bot("x", channel="D1")["type"] == "message"
    assert from_bot("x", bot_id=BOT_ID)["user"] == BOT_USER


def test_every_ts_and_every_event_id_is_new_and_later() -> None:
    stamps = [mention("x")["ts"] for _ in range(100)]
    assert stamps == sorted(set(stamps))
    assert event_payload(mention("x"))["event_id"] != event_payload(mention("x"))["event_id"]
