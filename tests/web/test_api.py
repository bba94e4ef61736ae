"""The API over real sockets: a JSON object for every outcome, a sentence for every error."""

import asyncio
import gc
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.config import Settings
from bot.errors import SettingsError
from bot.logs import configure
from bot.terminal.documents import SAMPLE
from bot.web.api import MAX_BODY_SIZE
from bot.web.service import host_to_listen_on
from tests.conftest import Run, open_answerer
from tests.fakes.bot import running
from tests.fakes.web import answering

LEAVE = "how many days of annual leave do I have?"
TOKEN = "a-token-of-twenty-characters"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with answering(SAMPLE) as address:
        yield address


async def got(http: aiohttp.ClientSession, url: str, **how: Any) -> tuple[int, dict[str, Any]]:
    async with http.get(url, **how) as response:
        return response.status, await response.json()


async def posted(http: aiohttp.ClientSession, url: str, **how: Any) -> tuple[int, dict[str, Any]]:
    async with http.post(url, **how) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        (LEAVE, "answered"),
        ("when do I get my money back?", "closest"),
        ("what is the wifi password?", "not_found"),
        ("thanks!", "no_question"),
    ],
)
async def test_every_outcome_equals_the_json_of_the_command_line(
    question: str, outcome: str, url: str, http: aiohttp.ClientSession, run: Run
) -> None:
    expected = json.loads(run("ask", "--json", question, "--corpus", str(SAMPLE)).out)
    assert expected["outcome"] == outcome
    assert await got(http, f"{url}/ask", params={"q": question}) == (200, expected)
    assert await posted(http, f"{url}/ask", json={"question": question}) == (200, expected)
    assert await posted(http, f"{url}/ask", data=question.encode()) == (200, expected)


async def test_a_follow_up_uses_earlier_questions(url: str, http: aiohttp.ClientSession) -> None:
    asked = {"question": "and how many can be carried over?", "after": [LEAVE]}
    _, by_post = await posted(http, f"{url}/ask", json=asked)
    _, by_get = await got(http, f"{url}/ask", params=[("q", asked["question"]), ("after", LEAVE)])
    assert by_get == by_post
    assert by_post["citations"][0]["quote"].startswith("Up to five days can be carried over")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The line is blank; there is no question in it."),
        (b"{", "The line begins like a JSON object but is not one."),
        (b"{}", 'The object has no "question" that is text.'),
        (b'{"question": "x", "after": "y"}', '"after" must be a list of texts.'),
        (b'{"question": "  "}', 'Send the question as q, or as {"question": "..."} in the body.'),
        (b"caf\xe9", "The line is not UTF-8 at byte 3."),
    ],
)
async def test_bad_input_gets_a_one_sentence_error(
    body: bytes, said: str, url: str, http: aiohttp.ClientSession
) -> None:
    assert await posted(http, f"{url}/ask", data=body) == (400, {"error": said})


async def test_a_missing_question_or_invalid_number_gets_an_error(
    url: str, http: aiohttp.ClientSession
) -> None:
    for path in ("/ask", "/ask?q=", "/ask?q=%20", "/documents?from=-1", "/documents?from=²"):
        status, said = await got(http, url + path)
        assert (path, status, list(said)) == (path, 400, ["error"])


async def test_a_body_that_is_too_long_is_refused(url: str, http: aiohttp.ClientSession) -> None:
    for body in (b"a" * (MAX_BODY_SIZE + 1), b"word " * 3000):
        status, said = await posted(http, f"{url}/ask", data=body)
        assert (status, list(said)) == (413, ["error"])


async def test_a_long_paste_is_cut_and_says_so(url: str, http: aiohttp.ClientSession) -> None:
    status, answer = await posted(http, f"{url}/ask", data=("leave " * 300).encode())
    assert status == 200
    assert "longer than 1,000 characters" in " ".join(answer["notes"])


async def test_a_client_is_limited_to_a_number_of_questions_a_minute(
    http: aiohttp.ClientSession,
) -> None:
    async with answering(SAMPLE, QUESTIONS_PER_MINUTE="3") as url:
        statuses = [(await got(http, f"{url}/ask?q=x"))[0] for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        assert (await got(http, f"{url}/documents"))[0] == 200


async def test_without_a_token_only_this_machine_asks(
    url: str, http: aiohttp.ClientSession
) -> None:
    assert (await got(http, f"{url}/ask?q=x", headers={"Host": "evil.example"}))[0] == 421
    assert (await got(http, f"{url}/documents", headers={"Host": "evil.example"}))[0] == 421
    other = {"Origin": "http://evil.example"}
    assert (await posted(http, f"{url}/ask", data=b"x", headers=other))[0] == 403


async def test_a_configured_token_is_required_in_full(http: aiohttp.ClientSession) -> None:
    async with answering(SAMPLE, API_TOKEN=TOKEN) as url:
        for path in ("/ask?q=x", "/documents"):
            for sent in ("", TOKEN, f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", "Bearer ÿ"):
                headers = {"Authorization": sent} if sent else {}
                status, said = await got(http, url + path, headers=headers)
                assert (sent, status, list(said)) == (sent, 401, ["error"])
            for sent in (f"Bearer {TOKEN}", f"bearer  {TOKEN}"):
                status, _ = await got(http, url + path, headers={"Authorization": sent})
                assert status == 200
        elsewhere = BEARER | {"Host": "bot.example.org"}
        assert (await got(http, f"{url}/ask?q=x", headers=elsewhere))[0] == 200


def test_other_machines_are_not_let_in_without_a_token() -> None:
    assert host_to_listen_on(Settings()) == "127.0.0.1"
    assert host_to_listen_on(Settings(api_token=TOKEN)) == ""
    with pytest.raises(SettingsError, match=r"API_TOKEN is missing, and HOST=0\.0\.0\.0 lets"):
        host_to_listen_on(Settings(host="0.0.0.0"))


async def test_the_documents_are_listed_in_pages(
    url: str, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    _, listed = await got(http, f"{url}/documents")
    assert [(one["document"], one["passages"]) for one in listed["documents"]] == [
        ("handbook.md", 16),
        ("questions.md", 5),
    ]
    assert listed["next"] is None
    for number in range(1001):
        (tmp_path / f"{number:04}.txt").write_text("One.")
    async with answering(tmp_path) as many:
        _, first = await got(http, f"{many}/documents")
        assert (len(first["documents"]), first["next"]) == (1000, 1000)
        _, rest = await got(http, f"{many}/documents?from={first['next']}")
        assert [one["document"] for one in rest["documents"]] == ["1000.txt"]
        assert rest["next"] is None


async def test_an_outage_is_a_503_with_a_reference_and_not_ready(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    (tmp_path / "note.md").write_text("The canteen opens at noon.\n")
    async with answering(tmp_path, max_away=-1.0) as url:
        assert (await got(http, f"{url}/readyz")) == (200, {"documents": True})
        (tmp_path / "note.md").unlink()
        async with asyncio.timeout(20):
            while (await got(http, f"{url}/readyz"))[0] == 200:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        for path in ("/ask?q=canteen", "/documents"):
            status, said = await got(http, url + path)
            assert (status, set(said)) == (503, {"error", "reference"})
            assert said["reference"] in said["error"]
            assert str(tmp_path) not in said["error"]


async def test_no_question_is_logged(
    url: str, http: aiohttp.ClientSession, capfd: pytest.CaptureFixture[str]
) -> None:
    configure("INFO")
    await got(http, f"{url}/ask", params={"q": "where is the marmalade?"})
    await posted(http, f"{url}/ask", data=b"where is the marmalade?")
    out, err = capfd.readouterr()
    assert "answered over HTTP" in out + err
    assert "marmalade" not in out + err


async def test_beside_slack_the_api_answers_clients_with_the_token(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    answerer = open_answerer(SAMPLE)
    async with running("http", answerer, tmp_path, API_TOKEN=TOKEN) as bot:
        url = f"http://127.0.0.1:{bot.settings.port}"
        status, answer = await got(http, f"{url}/ask", params={"q": LEAVE}, headers=BEARER)
        assert (status, answer["outcome"]) == (200, "answered")
        assert (await got(http, f"{url}/ask", params={"q": LEAVE}))[0] == 401
        assert (await got(http, f"{url}/readyz"))[0] == 200
    async with running("http", answerer, tmp_path / "other") as bot:  # without a token
        url = f"http://127.0.0.1:{bot.settings.port}"
        async with http.get(f"{url}/ask?q=x", headers=BEARER) as response:
            assert response.status == 404


async def test_http_responses_use_tcp_nodelay(url: str, http: aiohttp.ClientSession) -> None:
    await got(http, f"{url}/ask?q=x")  # the connection stays open
    port = int(url.rpartition(":")[2])
    here = [one for one in gc.get_objects() if isinstance(one, socket.socket) and one.fileno() >= 0]
    accepted = [one for one in here if one.getsockname()[1:2] == (port,) and is_connected(one)]
    assert accepted
    assert all(one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for one in accepted)


def is_connected(one: socket.socket) -> bool:
    try:
        one.getpeername()
    except OSError:
        return False
    return True
