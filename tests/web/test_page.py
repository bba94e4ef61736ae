"""The page of `play` over real sockets: requests a browser makes, and requests it must not make."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from selectolax.lexbor import LexborHTMLParser

from bot.slack.rendering.views import OTHER_BUTTON
from bot.terminal.documents import SAMPLE
from tests.fakes.web import playing

LEAVE = "How many days of annual leave do I have?"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with playing(SAMPLE) as address:
        yield address


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def text(http: aiohttp.ClientSession, url: str, *q: str) -> str:
    async with http.get(url, params=[("q", one) for one in q]) as response:
        assert response.status == 200
        return await response.text()


def words(page: str) -> str:
    body = LexborHTMLParser(page).body
    assert body
    return " ".join(body.text(separator=" ").split())


def fields(page: str, button: str) -> dict[str, str]:
    """What the form of a button sends."""
    for form in LexborHTMLParser(page).css("form.opens"):
        if form.text().strip() == button:
            inputs = [one.attributes for one in form.css("input")]
            return {str(one["name"]): str(one["value"]) for one in inputs}
    raise AssertionError(f"no button {button}")


async def test_a_question_shows_its_passage_and_a_follow_up_builds_on_it(
    url: str, http: aiohttp.ClientSession
) -> None:
    page = await text(http, url, LEAVE, "can I carry them over?")
    assert "<b>You have 27 days of annual leave a year" in page
    assert (
        "<b>Up to five days can be carried over; they must be taken by the end of March.</b>"
        in page
    )
    assert "Larkspur House Handbook · Annual leave · paragraph 3 of 16" in words(page)
    hidden = LexborHTMLParser(page).css("form.ask input[type=hidden]")
    assert [one.attributes["value"] for one in hidden] == [LEAVE, "can I carry them over?"]


async def test_not_found_names_the_missing_words_and_offers_questions_that_work(
    url: str, http: aiohttp.ClientSession
) -> None:
    page = await text(http, url, "what is the wifi password?")
    assert "Not in the documents: wifi, password." in words(page)
    [first, *_] = LexborHTMLParser(page).css(".actions a.button")
    asked_next = html.unescape(str(first.attributes["href"]))
    assert asked_next.startswith("/?q=what+is+the+wifi+password%3F&q=")
    async with http.get(url + asked_next) as response:
        assert response.status == 200


async def test_help_says_nothing_of_slack(url: str, http: aiohttp.ClientSession) -> None:
    page = await text(http, url, "help")
    assert "I answer questions with passages from the documents I was given" in page
    assert "For example: How do I get a new badge?" in words(page)
    assert "channel" not in page


@pytest.mark.parametrize(
    ("asked", "button", "said"),
    [
        (LEAVE, "More context", "More context Larkspur House Handbook · Annual leave"),
        (LEAVE, "Why this passage", "It matches:"),
        (
            "is there a pension plan for desk staff?",
            "Show the closest passages",
            "The closest passages is there a pension plan for desk staff? The documents don",
        ),
    ],
)
async def test_a_button_opens_the_same_window_as_in_slack(
    asked: str, button: str, said: str, url: str, http: aiohttp.ClientSession
) -> None:
    sent = fields(await text(http, url, asked), button)
    async with http.post(f"{url}/window", data=sent, headers={"Origin": url}) as response:
        assert (response.status, said in words(await response.text())) == (200, True)


async def test_an_invalid_or_outdated_button_gets_a_clear_message(
    url: str, http: aiohttp.ClientSession
) -> None:
    for sent in (
        {"button": "context", "value": "[1"},
        {"button": "x", "value": ""},
        {},
        b"\xff=%zz",
    ):
        async with http.post(f"{url}/window", data=sent, headers={"Origin": url}) as response:
            assert (response.status, OTHER_BUTTON in words(await response.text())) == (200, True)


async def test_a_quote_links_to_its_highlighted_place_in_the_document(
    url: str, http: aiohttp.ClientSession
) -> None:
    page = await text(http, url, "can I claim parking fines?")
    [link, *_] = LexborHTMLParser(page).css(".links a")
    document = await text(http, url + str(link.attributes["href"]))
    [mark] = LexborHTMLParser(document).css("mark#quote")
    assert mark.text() == "- parking fines"
    assert "You may never claim the following: " in words(document)


async def test_a_row_is_marked_in_its_table(url: str, http: aiohttp.ClientSession) -> None:
    page = await text(http, url, "how many seats does the Heron have?")
    link = LexborHTMLParser(page).css(".links a")[0]
    document = LexborHTMLParser(await text(http, url + str(link.attributes["href"])))
    assert [mark.text() for mark in document.css("td mark")] == ["Heron", "1", "8", "yes"]
    assert [cell.text() for cell in document.css("th")] == ["Room", "Floor", "Seats", "Screen"]


async def test_a_link_to_a_quote_that_is_gone_says_so(
    url: str, http: aiohttp.ClientSession
) -> None:
    page = await text(http, f"{url}/read/handbook.md?quote=1-9-0123456789ab")
    assert "no longer has the words that this link quotes" in page
    assert "<mark" not in page
    for strange in (
        "x",
        "1-9",
        "9-1-0123456789ab",
        "1-9-0123456789AB",
        "99999999999-1-" + "0" * 12,
    ):
        await text(http, f"{url}/read/handbook.md?quote={strange}&from=99999999")


@pytest.mark.parametrize("path", ["nothing.md", "../config.py", "..%2f..%2fconfig.py", "%00", ""])
async def test_only_a_document_of_the_folder_can_be_read(
    path: str, url: str, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{url}/read/{path}") as response:
        assert response.status == 404


async def test_other_sites_cannot_use_the_page(url: str, http: aiohttp.ClientSession) -> None:
    port = url.rpartition(":")[2]
    elsewhere = (
        "evil.example",
        f"evil.example:{port}",
        f"localhost.evil.example:{port}",
        "localhost",
    )
    for host in elsewhere:
        for path in (
            "/",
            "/ask?q=x",
            "/documents",
            "/state",
            "/read/handbook.md",
            "/static/page.js",
        ):
            async with http.get(url + path, headers={"Host": host}) as response:
                assert (host, path, response.status) == (host, path, 421)
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"LOCALHOST:{port}"):
        async with http.get(url, headers={"Host": host}) as response:
            assert response.status == 200


async def test_forms_are_accepted_only_from_the_page_itself(
    url: str, http: aiohttp.ClientSession
) -> None:
    others = ("http://evil.example", "null", url.replace("http:", "https:"), f"{url}1", "", None)
    for path in ("/window", "/ask"):
        for origin in others:
            headers = {} if origin is None else {"Origin": origin}
            async with http.post(url + path, data=b"question", headers=headers) as response:
                assert (path, origin, response.status) == (path, origin, 403)
        async with http.post(url + path, data=b"question", headers={"Origin": url}) as response:
            assert response.status == 200


async def test_every_page_forbids_scripts_that_are_not_its_own(
    url: str, http: aiohttp.ClientSession
) -> None:
    for path in ("/", "/?q=x", "/read/handbook.md", "/read/no", "/static/style.css"):
        async with http.get(url + path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            page = await response.text()
            assert not re.search(r"<style|<script>|\son\w+=|style=|https?://(?!www\.w3\.org)", page)


async def test_ask_returns_the_json_of_the_command_line(
    url: str, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{url}/ask", params={"q": LEAVE}) as response:
        answer = await response.json()
    assert answer["outcome"] == "answered"
    assert answer["citations"][0]["document"] == "handbook.md"


async def test_an_edit_in_the_folder_shows_within_two_seconds(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    note = tmp_path / "note.md"
    note.write_text("The canteen opens at noon.\n")
    async with playing(tmp_path) as url:
        assert "opens at noon" in await text(http, url, "when does the canteen open?")
        note.write_text("The canteen opens at eleven.\n")
        async with asyncio.timeout(20):  # a busy machine; alone it takes half a second
            while "noon" in (said := await text(http, url, "when does the canteen open?")):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert "opens at eleven" in said


async def test_a_long_document_is_shown_a_page_at_a_time(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    lines = [f"Rule {number} is about the number {number}." for number in range(1, 451)]
    (tmp_path / "rules.md").write_text("\n\n".join(lines))
    async with playing(tmp_path) as url:
        page = await text(http, url, "what is rule 333 about?")
        link = LexborHTMLParser(page).css(".links a")[0]
        document = await text(http, url + str(link.attributes["href"]))
    shown = LexborHTMLParser(document)
    assert [mark.text() for mark in shown.css("mark")] == ["Rule 333 is about the number 333."]
    assert len(shown.css("p.passage")) == 200
    assert [a.attributes["href"] for a in shown.css("article > p > a:not(.number)")] == [
        "/read/rules.md?from=0",
        "/read/rules.md?from=400",
    ]


async def test_a_missing_folder_is_an_outage_with_a_reference(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "note.md").write_text("The canteen opens at noon.\n")
    async with playing(folder, max_away=0.0) as url:
        (folder / "note.md").unlink()
        async with asyncio.timeout(20):
            while True:
                async with http.get(url, params={"q": "canteen?"}) as response:
                    page = words(await response.text())
                    if response.status == 503:
                        break
                await asyncio.sleep(0.05)
        assert re.search(r"I can't read the documents right now.* reference: [0-9a-f]{8}\.", page)
        async with http.get(f"{url}/ask", params={"q": "canteen?"}) as response:
            answer = await response.json()
        assert (response.status, len(answer["reference"])) == (503, 8)
        assert answer["reference"] in answer["error"]
