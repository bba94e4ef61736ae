"""`article-bot check --slack`: Slack checks sample messages and never sees a document."""

import asyncio
import json

import pytest

from bot.slack.app import web_client, web_session
from bot.slack.validation import faults_of
from tests.conftest import Run
from tests.fakes.slack import BOT_TOKEN, Cut, FakeSlack, Fault, Garbled, RateLimited, Refused


async def test_check_asks_slack_about_samples_and_never_about_documents(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "secret")
    async with FakeSlack() as slack:
        monkeypatch.setenv("SLACK_API_URL", slack.api_url)
        ran = await asyncio.to_thread(run, "check")
        assert not [call for call in slack.calls if call.method == "blocks.validate"]
        ran = await asyncio.to_thread(run, "check", "--slack")
        asked = [call.payload for call in slack.calls if call.method == "blocks.validate"]
    assert (ran.status, f"of each of {len(asked)} messages and windows" in ran.out) == (0, True)
    kinds = [payload["view"]["type"] for payload in asked if "view" in payload]
    assert {"home", "modal"} <= set(kinds)
    assert len(asked) - len(kinds) >= 15
    sent = json.dumps(asked).casefold()
    assert "parking" in sent
    for document in ("truce", "coalition", "willing", "macron", BOT_TOKEN):
        assert document not in sent


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Refused("unknown_method"), "could not be asked whether it takes the messages (unkn"),
        (RateLimited(0), "could not be asked whether it takes the messages (ratelimited)"),
        (Refused("token_revoked"), "Slack refuses SLACK_BOT_TOKEN (token_revoked)"),
        (Garbled(stored=False), "could not be asked"),
        (Cut(stored=False), "Slack cannot be reached"),
    ],
)
async def test_check_reports_when_slack_cannot_be_asked(
    fault: Fault, said: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "secret")
    async with FakeSlack() as slack:
        slack.fail_by("blocks.validate", lambda _: fault)
        monkeypatch.setenv("SLACK_API_URL", slack.api_url)
        ran = await asyncio.to_thread(run, "check", "--slack")
    assert ran.status == 2
    assert "✓ Slack: the tokens are acc" in ran.out
    assert f"✗ messages: Slack {said.removeprefix('Slack ')}" in ran.out


async def test_check_waits_when_slack_limits_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "secret")
    async with FakeSlack() as slack:
        slack.fail("blocks.validate", RateLimited(1), None, RateLimited(0))
        monkeypatch.setenv("SLACK_API_URL", slack.api_url)
        ran = await asyncio.to_thread(run, "check", "--slack")
    assert (ran.status, "✓ messages: Slack takes" in ran.out) == (0, True)


async def test_check_reports_the_place_and_code_of_each_objection_of_slack() -> None:
    async with FakeSlack() as slack, web_session() as session:
        client = web_client(BOT_TOKEN, slack.api_url, session)
        button = {
            "type": "button",
            "action_id": "a",
            "text": {"type": "plain_text", "text": "x" * 80},
        }
        bad = {"text": "Hello", "blocks": [{"type": "actions", "elements": [button]}]}
        [fault] = await faults_of(client, "a button", bad)
        assert fault.sample == "a button"
        assert fault.pointer.startswith("/blocks/0/elements/0")
        assert fault.code == "failed_constraint"
