"""The page in Chromium: a conversation by keyboard, hostile documents, labels, headings, contrast.

Contrast and labels meet level AA of the Web Content Accessibility Guidelines.
"""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from bot.terminal.documents import SAMPLE
from tests.conftest import CORPUS
from tests.fakes.browser import BROWSER, NAMES, Browser, browser
from tests.fakes.web import playing

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        BROWSER is None,
        reason="NOT RUN: the page in a real browser; none of "
        f"{', '.join(NAMES)} is here (Debian: apt-get install chromium)",
    ),
]

TALK = "/?q=can+I+claim+parking+fines%3F&q=what+is+the+wifi+password%3F"
HOSTILE = """\
---
title: '<script>window.hacked = 1</script>"><img src=x onerror="window.hacked = 2">'
url: 'https://evil.example/"onmouseover="window.hacked=3'
---
## <svg onload="window.hacked = 4"> Fees

The fee is <b onclick="window.hacked = 5">nine</b> euros </blockquote><script>window.hacked = 6
</script> and [a link](javascript:window.hacked=7).

| <iframe srcdoc="<script>parent.hacked = 8</script>"> | Price |
| --- | --- |
| ticket </td><script>window.hacked = 9</script> | four |
"""
ASKED = "</h2><script>window.hacked = 10</script><img src=x onerror=hacked=11> what is the fee?"

# The texts of the page whose contrast with what is behind them is less than 4.5 to 1.
TOO_FAINT = """
(() => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = parts(color).slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (parts(color).length === 3) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.getClientRects().length) continue;
    const [a, b] = [light(getComputedStyle(node).color), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    seen += 1;
    if (ratio < 4.5) found.push([walker.currentNode.data.trim(), ratio]);
  }
  return seen < 5 ? ["too few texts"] : found;
})()
"""
LEVELS = "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => Number(h.tagName[1]))"
IS_NARROW = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
QUOTE = "document.querySelector('.links a').href"
# The roles that must have a name.
NAMED = {"button", "link", "textbox", "searchbox", "dialog", "region", "navigation", "heading"}


@pytest.fixture
async def page() -> AsyncIterator[Browser]:
    async with browser() as opened:
        yield opened


async def addresses(page: Browser, url: str) -> list[str]:
    """One of each kind of page."""
    await page.goto(url + TALK)
    return [
        f"{url}/",
        url + TALK,
        str(await page.run(QUOTE)),
        f"{url}/read/handbook.md",
        f"{url}/read/no",
    ]


async def test_the_conversation_in_the_readme_works_by_keyboard_alone(page: Browser) -> None:
    async with playing(CORPUS) as url:
        await page.goto(url)
        await page.type("what does the truce cover?")  # the field has the focus
        await page.press("Enter", "\r")
        await page.loaded(f"{url}/?q=")
        marked = await page.run("document.querySelector('#latest blockquote').innerText")
        assert "would cover air, sea and energy infrastructure attacks." in marked
        await page.press("/")
        await page.type("what's the guest wifi password?")
        await page.press("Enter", "\r")
        await page.until("document.querySelectorAll('.turn').length === 2")
        said = await page.run("document.getElementById('latest').innerText")
        assert "Not in the documents: wifi, password." in said


async def test_a_window_opens_as_a_dialog_and_escape_closes_it(page: Browser) -> None:
    async with playing(SAMPLE) as url:
        await page.goto(url + TALK)
        await page.run("document.querySelector('form.opens button').focus()")
        await page.press("Enter", "\r")
        await page.until("document.getElementById('dialog').open")
        inside = "document.getElementById('dialog').contains(document.activeElement)"
        assert await page.run(inside)
        assert "You may never claim" in await page.run(
            "document.getElementById('dialog').innerText"
        )
        assert ("dialog", "More context") in await page.names()
        await page.press("Escape")
        await page.until("!document.getElementById('dialog').open")
        assert await page.run("document.activeElement.innerText") == "More context"


async def test_without_scripts_a_window_is_a_page_with_a_link_back(page: Browser) -> None:
    async with playing(SAMPLE) as url:
        await page.send("Network.enable")
        await page.send("Network.setBlockedURLs", urls=["*/page.js"])
        await page.goto(url + TALK)
        await page.run("document.querySelector('form.opens button').click()")
        await page.loaded(f"{url}/window")
        assert await page.run("document.querySelector('h1').innerText") == "More context"
        await page.run("document.querySelector('nav a').click()")
        await page.loaded(url + TALK)


async def test_a_hostile_document_runs_nothing_and_is_shown_as_it_is(
    page: Browser, tmp_path: Path
) -> None:
    (tmp_path / "<img src=x onerror=hacked=12>.md").write_text(HOSTILE)
    async with playing(tmp_path) as url:
        for address in ("/", "/?q=what+is+the+fee%3F", "/?q=what+is+the+price+of+a+ticket%3F"):
            await page.goto(url + address)
            assert await page.run("typeof window.hacked") == "undefined"
        await page.run("document.querySelector('form.opens button').click()")
        await page.until("document.getElementById('dialog').open")
        await page.goto(str(await page.run(QUOTE)))
        assert "[a link](javascript:window.hacked=7)" in await page.run(
            "document.querySelector('main').innerText"
        )
        await page.goto(url)
        await page.type(ASKED)
        await page.press("Enter", "\r")
        await page.loaded(f"{url}/?q=")
        assert ASKED in await page.run("document.querySelector('#latest h2').innerText")
        await asyncio.sleep(0.2)
        assert await page.run("typeof window.hacked") == "undefined"
        assert (
            await page.run("document.querySelectorAll('main img, main script, iframe').length") == 0
        )
    assert page.complaints == []


async def test_every_control_has_an_accessible_name(page: Browser) -> None:
    async with playing(SAMPLE) as url:
        for address in await addresses(page, url):
            await page.goto(address)
            names = await page.names()
            nameless = [role for role, name in names if role in NAMED and not name.strip()]
            assert (address, nameless) == (address, [])
            assert {"banner", "main"} <= {role for role, _ in names}


async def test_each_page_starts_with_one_h1_and_skips_no_heading_level(
    page: Browser,
) -> None:
    async with playing(SAMPLE) as url:
        for address in await addresses(page, url):
            await page.goto(address)
            levels = await page.run(LEVELS)
            assert levels.count(1) == 1
            assert levels[0] == 1
            assert all(b <= a + 1 for a, b in pairwise(levels)), address


@pytest.mark.parametrize("dark", [False, True])
async def test_every_text_has_enough_contrast(page: Browser, dark: bool) -> None:
    async with playing(SAMPLE) as url:
        for address in await addresses(page, url):
            await page.goto(address, dark=dark)
            assert await page.run(TOO_FAINT) == []
        await page.goto(url + TALK, dark=dark)
        await page.run("document.querySelector('form.opens button').click()")
        await page.until("document.getElementById('dialog').open")
        assert await page.run(TOO_FAINT) == []


async def test_nothing_is_wider_than_a_phone(page: Browser) -> None:
    async with playing(SAMPLE) as url:
        for address in await addresses(page, url):
            await page.goto(address, 340, 700)
            assert await page.run(IS_NARROW), address


async def test_an_open_page_shows_an_edit_by_itself(page: Browser, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("The canteen opens at noon.\n")
    async with playing(tmp_path) as url:
        await page.goto(f"{url}/?q=when+does+the+canteen+open%3F")
        note.write_text("The canteen opens at eleven.\n")
        await page.until("document.body.innerText.includes('opens at eleven')")
        await page.run("document.getElementById('q').focus()")
        await page.type("half a quest")
        note.write_text("The canteen opens at ten.\n")
        await page.until("!document.getElementById('changed').hidden")
        assert await page.run("document.getElementById('q').value") == "half a quest"
