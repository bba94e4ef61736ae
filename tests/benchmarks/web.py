"""What the page, the API and MCP cost: processor time, beside the answer itself.

    python -m tests.benchmarks.web [FOLDER]

Each server is a process of its own, asked one thing after another; its processor time is read
before and after each (Linux). The question is the same each time, so that the answer is remembered
and what is measured is all the rest. At the end: the time from the start of `play` to its first
answer.
"""

import asyncio
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from mcp import Client, StdioServerParameters

from bot.terminal.documents import SAMPLE
from tests.fakes.bot import free_port

QUESTION = "how many days of annual leave do I have?"
ASKED = quote(QUESTION)
WARM, TIMES = 50, 500
BLOCKS = 3


def main(folder: Path) -> None:
    print(f"{'':24}{'p50 ms':>8}{'p99 ms':>8}   processor time of the server, {TIMES} requests")
    with served("serve", folder) as (pid, port):
        over = http.client.HTTPConnection("127.0.0.1", port)
        show("GET /healthz", pid, lambda: fetch(over, "GET", "/healthz"))
        show("GET /ask", pid, lambda: fetch(over, "GET", f"/ask?q={ASKED}"))
        body = json.dumps({"question": QUESTION})
        show("POST /ask", pid, lambda: fetch(over, "POST", "/ask", body))
        asyncio.run(tool(f"http://127.0.0.1:{port}/mcp", pid))
    asyncio.run(tool_over_streams(folder))
    with served("play", folder) as (pid, port):
        over = http.client.HTTPConnection("127.0.0.1", port)
        show("the page", pid, lambda: fetch(over, "GET", f"/?q={ASKED}"))
        show("a document", pid, lambda: fetch(over, "GET", "/read/handbook.md"))
    starts = sorted(first_answer(folder) for _ in range(BLOCKS))
    print(f"play, from start to first answer: {starts[BLOCKS // 2]:.2f} s of processor time")


@contextmanager
def served(command: str, folder: Path) -> Iterator[tuple[int, int]]:
    """A server's process and port."""
    port = free_port()
    env = os.environ | {"QUESTIONS_PER_MINUTE": "10000", "LOG_LEVEL": "INFO"}
    argv = [sys.executable, "-m", "bot", command, "--port", str(port), "--corpus", str(folder)]
    with subprocess.Popen(
        argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        wait_for(port)
        yield running.pid, port
        running.terminate()


def wait_for(port: int) -> None:
    for _ in range(600):
        try:
            fetch(http.client.HTTPConnection("127.0.0.1", port), "GET", "/")
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(port)


def fetch(over: http.client.HTTPConnection, method: str, path: str, body: str | None = None) -> int:
    over.request(method, path, body)
    response = over.getresponse()
    response.read()
    return response.status


def processor_time(pid: int) -> float:
    """What all threads of a process have used so far, in milliseconds."""
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(file.read_text().split()[0]) for file in files) / 1e6


def show(what: str, pid: int, ask: Callable[[], int]) -> None:
    taken = []
    for _ in range(WARM + TIMES):
        before = processor_time(pid)
        assert ask() == 200
        taken.append(processor_time(pid) - before)
    tell(what, taken[WARM:])


def tell(what: str, taken: list[float]) -> None:
    p99 = statistics.quantiles(taken, n=100)[98]
    print(f"{what:24}{statistics.median(taken):8.2f}{p99:8.2f}")


async def show_call(what: str, pid: int, ask: Callable[[], Awaitable[object]]) -> None:
    taken = []
    for _ in range(WARM + TIMES):
        before = processor_time(pid)
        await ask()
        taken.append(processor_time(pid) - before)
    tell(what, taken[WARM:])


async def tool(url: str, pid: int) -> None:
    async with Client(url) as client:
        call = {"question": QUESTION}
        await show_call("a tool call over HTTP", pid, lambda: client.call_tool("ask", call))


async def tool_over_streams(folder: Path) -> None:
    argv = ["-m", "bot", "mcp", "--corpus", str(folder)]
    command = StdioServerParameters(command=sys.executable, args=argv, env=dict(os.environ))
    before = set(children())
    async with Client(command) as client:
        [pid] = set(children()) - before
        call = {"question": QUESTION}
        await show_call("a tool call over stdio", pid, lambda: client.call_tool("ask", call))


def children() -> list[int]:
    """The processes that this one has started."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
    return [int(pid) for pid in listed.split()]


def first_answer(folder: Path) -> float:
    """How much processor time `play` takes until it has answered once, in seconds."""
    with served("play", folder) as (pid, port):
        assert fetch(http.client.HTTPConnection("127.0.0.1", port), "GET", f"/?q={ASKED}") == 200
        return processor_time(pid) / 1000


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
