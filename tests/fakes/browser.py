"""A Chromium that a test drives: it opens pages, runs scripts in them and takes pictures.

It is spoken to in Chromium's own protocol, https://chromedevtools.github.io/devtools-protocol/.
"""

import asyncio
import base64
import itertools
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for name in NAMES if (path := shutil.which(name))), None)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --disable-extensions "
    "--hide-scrollbars --remote-debugging-port=0 about:blank"
).split()
SECONDS = 30.0


class Browser:
    """A browser with one page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Have the browser do something; what it complains about meanwhile is remembered."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        return await self._heard(lambda said: said.get("id") == number)

    async def goto(
        self, url: str, width: int = 900, height: int = 900, *, dark: bool = False
    ) -> None:
        """Open a page, in a window of a size, and wait until it is there."""
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.send("Emulation.setEmulatedMedia", features=[scheme])
        await self.send("Page.navigate", url="about:blank")  # a mere fragment would load nothing
        await self.loaded("about:blank")
        await self.send("Page.navigate", url=url)
        await self.loaded(url.partition("#")[0])

    async def loaded(self, url: str) -> None:
        """Wait for a page whose address begins so."""
        await self.until(f"document.readyState === 'complete' && location.href.startsWith({url!r})")

    async def run(self, script: str) -> Any:
        """What an expression of JavaScript is worth on the page."""
        said = await self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    async def until(self, script: str) -> None:
        """Wait until an expression is true."""
        async with asyncio.timeout(SECONDS):
            while True:
                with suppress(AssertionError):  # between two pages there is none
                    if await self.run(script):
                        return
                await asyncio.sleep(0.02)

    async def press(self, key: str, text: str = "") -> None:
        """Press a key."""
        code = {"Tab": 9, "Enter": 13, "Escape": 27}.get(key, 0)
        about = {"key": key, "code": key, "windowsVirtualKeyCode": code, "text": text}
        await self.send("Input.dispatchKeyEvent", type="keyDown", **about)
        await self.send("Input.dispatchKeyEvent", type="keyUp", **about)

    async def type(self, text: str) -> None:
        """Type into what has the focus."""
        await self.send("Input.insertText", text=text)

    async def names(self) -> list[tuple[str, str]]:
        """The role and the name of each thing on the page, as a screen reader tells them."""
        tree = await self.send("Accessibility.getFullAXTree")
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in tree["nodes"]
            if not node["ignored"]
        ]

    async def picture(self, file: Path) -> None:
        """Take a picture of what the window shows."""
        said = await self.send("Page.captureScreenshot", format="png", optimizeForSpeed=False)
        await asyncio.to_thread(file.write_bytes, base64.b64decode(said["data"]))

    async def _heard(self, is_it: Any) -> dict[str, Any]:
        async with asyncio.timeout(SECONDS):
            while True:
                said = await self._socket.receive_json()
                if said.get("method") == "Log.entryAdded":
                    self.complaints.append(said["params"]["entry"]["text"])
                if is_it(said):
                    assert "error" not in said, said
                    result: dict[str, Any] = said["result"]
                    return result


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """A browser with a profile of its own."""
    assert BROWSER is not None
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            BROWSER,
            f"--user-data-dir={profile}",
            *FLAGS,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            port = await _port(process)
            async with aiohttp.ClientSession() as session:
                address = f"http://127.0.0.1:{port}/json/list"
                async with session.get(address) as response:
                    pages = [one for one in await response.json() if one["type"] == "page"]
                url = pages[0]["webSocketDebuggerUrl"]
                async with session.ws_connect(url, max_msg_size=0) as socket:
                    found = Browser(socket)
                    for domain in ("Page", "Runtime", "Log", "Accessibility"):
                        await found.send(f"{domain}.enable")
                    yield found
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()


async def _port(process: asyncio.subprocess.Process) -> str:
    assert process.stderr
    async with asyncio.timeout(SECONDS):
        async for line in process.stderr:
            if found := re.search(rb"ws://127\.0\.0\.1:(\d+)/", line):
                return found[1].decode()
    raise RuntimeError("the browser did not start")
