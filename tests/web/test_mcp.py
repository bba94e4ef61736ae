"""The tools as an assistant uses them: the official client, over standard streams and over HTTP."""

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent

from bot.terminal.documents import SAMPLE
from tests.conftest import ROOT
from tests.fakes.web import answering

LEAVE = "how many days of annual leave do I have?"
TOKEN = "a-token-of-twenty-characters"


@asynccontextmanager
async def over_streams(folder: Path) -> AsyncIterator[Client]:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "bot", "mcp", "--corpus", str(folder)],
        cwd=ROOT,
        env={**os.environ},
    )
    async with Client(command) as client:
        yield client


@asynccontextmanager
async def over_http(folder: Path, **settings: Any) -> AsyncIterator[Client]:
    async with (
        answering(folder, API_TOKEN=TOKEN, **settings) as url,
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):
        yield client


@pytest.fixture(params=[over_streams, over_http])
def transport(request: pytest.FixtureRequest) -> Any:
    return request.param


Transport = Any


async def asked(client: Client, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool("ask", arguments)
    assert not result.is_error, result
    assert result.structured_content is not None
    return dict(result.structured_content)


def sentence(result: CallToolResult) -> str:
    """What an assistant reads of a result."""
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


async def test_the_tools_are_read_only_and_describe_their_output(transport: Transport) -> None:
    async with transport(SAMPLE) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"ask", "documents"}
        for tool in tools.values():
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint
        assert set(tools["ask"].input_schema["properties"]) == {"question", "after", "in_folder"}
        schema = tools["ask"].output_schema
        assert schema is not None
        assert {"outcome", "citations", "missing", "notes"} <= set(schema["properties"])
        assert "quote" in schema["$defs"]["CitationObject"]["properties"]
        assert "word for word" in (client.instructions or "")


async def test_an_answer_has_the_fields_of_the_command_line_json(
    transport: Transport, run: Any
) -> None:
    expected = json.loads(run("ask", "--json", LEAVE, "--corpus", str(SAMPLE)).out)
    async with transport(SAMPLE) as client:
        answer = await asked(client, question=LEAVE)
    assert answer["citations"][0]["quote"] == expected["citations"][0]["quote"]
    assert answer["outcome"] == expected["outcome"] == "answered"
    assert set(answer) == set(expected)


async def test_ask_handles_follow_ups_folders_and_not_found(transport: Transport) -> None:
    async with transport(SAMPLE) as client:
        later = await asked(client, question="can I carry them over?", after=[LEAVE])
        assert later["citations"][0]["quote"].startswith("Up to five days can be carried over")
        within = await asked(client, question="can I bring my dog?", in_folder="handbook.md")
        assert {one["document"] for one in within["citations"]} <= {"handbook.md"}
        claimed = await asked(client, question="what can I claim?", in_folder="handbook.md")
        assert (claimed["outcome"], len(claimed["citations"])) == ("answered", 3)
        nothing = await asked(client, question="what is the wifi password?")
        assert (nothing["outcome"], nothing["missing"]) == ("not_found", ["wifi", "password"])


async def test_the_documents_are_listed(transport: Transport) -> None:
    async with transport(SAMPLE) as client:
        result = await client.call_tool("documents", {})
        listed = result.structured_content
        assert [one["document"] for one in listed["documents"]] == ["handbook.md", "questions.md"]
        assert listed["next"] is None


async def test_each_citation_s_fields_are_in_the_schema(transport: Transport) -> None:
    async with transport(SAMPLE) as client:
        answer = await asked(client, question="can I claim parking fines?")
        [tool] = [one for one in (await client.list_tools()).tools if one.name == "ask"]
        known = tool.output_schema["$defs"]["CitationObject"]["properties"]
        assert set(answer["citations"][0]) == set(known) - {"version"}
        assert answer["citations"][0]["leads"][0]["text"] == "You may never claim the following:"


async def test_an_outage_is_an_error_with_a_reference_and_never_an_empty_result(
    tmp_path: Path,
) -> None:
    (tmp_path / "note.md").write_text("The canteen opens at noon.\n")
    async with (
        answering(tmp_path, API_TOKEN=TOKEN, QUESTIONS_PER_MINUTE="10000", max_away=-1.0) as url,
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):
        assert (await asked(client, question="when does the canteen open?"))["citations"]
        (tmp_path / "note.md").unlink()
        result = await client.call_tool("ask", {"question": "when does the canteen open?"})
        while not result.is_error:
            result = await client.call_tool("ask", {"question": "when does the canteen open?"})
        assert "I can't read the documents right now." in sentence(result)
        assert "reference" in sentence(result)


async def test_too_many_questions_in_a_minute_are_a_clear_error() -> None:
    async with over_http(SAMPLE, QUESTIONS_PER_MINUTE="2") as client:
        for _ in range(2):
            await asked(client, question=LEAVE)
        result = await client.call_tool("ask", {"question": LEAVE})
        assert result.is_error
        assert "in one minute" in sentence(result)


@pytest.mark.parametrize("sent", ["", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer é"])
async def test_requests_without_the_token_are_refused(sent: str) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    async with answering(SAMPLE, API_TOKEN=TOKEN) as url, aiohttp.ClientSession() as session:
        headers = {"Authorization": sent} if sent else {}
        async with session.post(f"{url}/mcp", json=call, headers=headers) as response:
            assert response.status == 401
            assert "tools" not in await response.text()


async def test_the_public_address_is_allowed_and_another_is_not() -> None:
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "Accept": "application/json, text/event-stream",
    }
    settings: Any = {"API_TOKEN": TOKEN, "PUBLIC_URL": "https://bot.example.org"}
    async with answering(SAMPLE, **settings) as url, aiohttp.ClientSession() as session:
        for host, status in (("bot.example.org", 200), ("evil.example", 421)):
            sent = headers | {"Host": host}
            async with session.post(f"{url}/mcp", json=call, headers=sent) as response:
                assert (host, response.status) == (host, status)
