"""Opens links in Chromium and checks where it scrolled to.

The page shows a document's lines far apart, and its script reports which one is in the middle of
the window. Each case starts its own browser: a page may follow a text fragment only if a person, or
the command line, opened it.
"""

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bot.links import link_to
from tests.unit.test_links import cited

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for name in NAMES if (path := shutil.which(name))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        BROWSER is None,
        reason="NOT RUN: that links land on their sentence in a real browser; none of "
        f"{', '.join(NAMES)} is here (Debian: apt-get install chromium)",
    ),
]
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --disable-extensions "
    "--virtual-time-budget=3000 --dump-dom"
).split()

LINES = (
    "Nobody won. Ann went home.",
    "Nobody won. Bob stayed.",
    "Nobody won.",
    "Cid sang: “Nobody won.”",
    'A well-known, 100% R&D|"A/B" man (#1) said <so>; it’s true.',
    "مرحبا بالعالم، كيف الحال؟ نعم.",
    "他们走了。我们留下来，再见。",
    "Zoë sat in the \u202ecafé\u202c all\u00adday, 1\u202f000 times.",
    f"Once upon a time there {'was and ' * 60}they lived happily ever after.",
    f"Once upon a time there {'were and ' * 60}they lived happily ever after.",
    "The first line\nand the second line.",
    "Rome | Italy | 1960",
    "- fares of a bus\n- tolls of a bridge\n- tolls of a road\n- fares of a taxi",
    "1. Stop the pump.\n2. Wait.\n3. Stop the pump.\n4. Oil it.",
    "if is_on:\n    stop()\n    while is_on:\n        wait()\nstart()",
    "Oslo | yes | yes | ",
    "Bern | yes | no | ",
)
TEXT = "\n\n".join(LINES)
# What is quoted, which of its places in the text, and the line that the browser must show.
CASES = (
    ("Nobody won.", 1, 1),
    ("Nobody won.", 2, 2),
    ("“Nobody won.”", 0, 3),
    (LINES[4], 0, 4),
    ("مرحبا بالعالم، كيف الحال؟", 0, 5),
    ("我们留下来，再见。", 0, 6),
    (LINES[7], 0, 7),
    (LINES[9], 0, 9),
    (LINES[10], 0, 10),
    (LINES[11], 0, 11),
    ("- tolls of a bridge\n- tolls of a road", 0, 12),
    ("2. Wait.\n3. Stop the pump.", 0, 13),
    ("4. Oil it.", 0, 13),
    (LINES[14], 0, 14),
    ("while is_on:\n        wait()", 0, 14),
    (LINES[15], 0, 15),
    (LINES[16], 0, 16),
)
SCRIPT = """
addEventListener("load", () => setTimeout(() => {
  const far = (p) => {
    const {top, bottom} = p.getBoundingClientRect();
    return Math.abs(top + bottom - innerHeight);
  };
  const nearest = [...document.querySelectorAll("div")].sort((a, b) => far(a) - far(b))[0];
  document.body.dataset.seen = scrollY ? nearest.id : "top";
}, 300));
"""


def page() -> str:
    def shown(line: str) -> str:
        cells = [f"<td>{cell}" for cell in escape(line).split(" | ")]
        if len(cells) > 1:
            return f"<table style='display: inline-table'><tr>{''.join(cells)}</table>"
        if line.startswith(("- ", "1. ")):
            items = "".join(f"<li>{escape(item.partition(' ')[2])}" for item in line.split("\n"))
            return f"<ol>{items}</ol>" if line.startswith("1") else f"<ul>{items}</ul>"
        if "\n    " in line:
            return f"<pre><code>{escape(line)}</code></pre>"
        return escape(line).replace("\n", "<br>")

    paragraphs = "".join(f"<div id={n}>{shown(line)}</div>" for n, line in enumerate(LINES))
    style = "<style>div { margin: 1500px 0 }</style>"
    return f"<!doctype html><title>A</title>{style}<body>{paragraphs}<script>{SCRIPT}</script>"


class Served(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = page().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Served) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def seen(link: str, profile: Path) -> str:
    """The number of the line that a new browser shows when it opens the link, or "top"."""
    argv = [str(BROWSER), *FLAGS, f"--user-data-dir={profile}", link]
    ran = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    match = re.search(r'data-seen="(\w+)"', ran.stdout)
    return match[1] if match else f"no report: {ran.stdout[-500:]} {ran.stderr[-500:]}"


def test_a_browser_lands_on_the_sentence_that_was_quoted(url: str, tmp_path: Path) -> None:
    links = [link_to(cited(TEXT, quote, url, nth)) for quote, nth, _ in CASES]
    # Without a fragment, and with one that the page does not have, it must stay where it is.
    opened = [url, f"{url}#:~:text=Nobody%20lost.", *map(str, links)]
    profiles = [tmp_path / str(n) for n in range(len(opened))]
    with ThreadPoolExecutor(4) as pool:
        shown = list(pool.map(seen, opened, profiles))
    assert shown == ["top", "top", *(str(line) for _, _, line in CASES)]
