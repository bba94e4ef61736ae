"""The processor time of a mention: the bot beside a bare echo app, each a process of its own.

Run it by hand: `python -m tests.benchmarks.load`. The fake Slack is in this process, so its own
processor time is not counted.
"""

import argparse
import asyncio
import html
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import reduce
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes import slack as fake_slack
from tests.fakes.slack import FakeSlack

ROOT = Path(__file__).parents[2]
COMMANDS = {"echo": ["-m", "tests.benchmarks.load", "echo"], "bot": ["-m", "bot", "slack"]}
WARM_UP = 20
CHANNELS = 20
SECONDS_TO_CONNECT = 20
SECONDS_TO_ANSWER = 30
# After the last post: its response is read, and a second answer would come.
SECONDS_TO_SETTLE = 0.5
FAILED = "something went wrong"

# Their numbers have no common divisor: a text comes again after 12 * 7 * 5 mentions.
QUESTIONS = (
    "what did Starmer announce on Sunday?",
    "how many international leaders came to the London summit?",
    "which plan is being cooked up in Washington?",
    "who has already opened negotiations with Putin?",
    "why are European leaders scrambling for a seat at the table?",
    "would the one-month truce include energy infrastructure?",
    "when could ground troops be sent, in the second phase?",
    "does the White House expect Europe to look after post-war security?",
    "do Britain and France carry the bulk of the burden?",
    "what is sufficient to deter the breaking of a ceasefire?",
    "whose description is the steel-quilled porcupine?",
    "what did von der Leyen insist on, and what is indigestible?",
)
OPENINGS = ("", "Hello, ", "Please, ", "Hey, ", "And ", "Okay: ", "Thanks! Now, ")
CLOSINGS = ("", " Thanks", " Please.", " Thank you!", " Anyone?")


class Measured(NamedTuple):
    """What one run cost: processor time a mention, and the wait for each answer."""

    milliseconds: float
    waits: list[float]


def text(n: int) -> str:
    return "".join(some[n % len(some)] for some in (OPENINGS, QUESTIONS, CLOSINGS))


async def echo() -> None:
    """Run the app to compare with until the process is ended: no more than Bolt itself."""
    logging.basicConfig(level=os.environ["LOG_LEVEL"])
    async with aiohttp.ClientSession() as session:
        token, url = os.environ["SLACK_BOT_TOKEN"], os.environ["SLACK_API_URL"]
        client = AsyncWebClient(token=token, base_url=url, session=session)
        app = AsyncApp(client=client, request_verification_enabled=False)

        @app.event("app_mention")
        async def on_mention(event: dict[str, Any], client: AsyncWebClient) -> None:
            channel, thread = event["channel"], event["ts"]
            said = html.escape(event["text"], quote=False)
            await client.chat_postMessage(channel=channel, thread_ts=thread, text=said)

        handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
        await handler.start_async()  # type: ignore[no-untyped-call]


async def measure(app: str, mentions: int, rate: float) -> Measured:
    """Start the app, warm it up, and count what it uses from there to the last post."""
    async with FakeSlack() as slack:
        with running(app, slack.api_url) as pid:
            await slack.connected(timeout=SECONDS_TO_CONNECT)
            await deliver(slack, range(WARM_UP), rate)
            before = processor_seconds(pid)
            waits = await deliver(slack, range(WARM_UP, WARM_UP + mentions), rate)
            used = processor_seconds(pid) - before
        return Measured(1000 * used / mentions, waits)


@contextmanager
def running(app: str, api_url: str) -> Iterator[int]:
    """Run the app as a child for as long as the `with`, and give its process id.

    It inherits neither Slack settings nor a proxy: it must reach the fake, and nothing else.
    """
    ours = {
        "SLACK_API_URL": api_url,
        "SLACK_BOT_TOKEN": fake_slack.BOT_TOKEN,
        "SLACK_APP_TOKEN": fake_slack.APP_TOKEN,
        "CORPUS_DIR": str(ROOT / "corpus"),
        "LOG_LEVEL": "ERROR",
        "QUESTIONS_PER_MINUTE": "10000",  # they are all one person's
    }
    foreign = re.compile("SLACK_.*|.*_PROXY", re.IGNORECASE)
    inherited = {name: os.environ[name] for name in os.environ if not foreign.fullmatch(name)}
    command = [sys.executable, *COMMANDS[app]]
    quiet = subprocess.DEVNULL  # Bolt greets on standard output; errors still show
    with (
        tempfile.TemporaryDirectory() as kept,
        subprocess.Popen(
            command, env=inherited | ours | {"DATA_DIR": kept}, cwd=ROOT, stdout=quiet
        ) as child,
    ):
        try:
            yield child.pid
        finally:
            child.kill()  # told to stop, it would wait for this process


async def deliver(slack: FakeSlack, numbers: range, rate: float) -> list[float]:
    """Deliver mentions at a steady rate; returns the seconds from each to its one answer."""
    delivered: dict[str, float] = {}
    known_posts, known_calls, start = len(slack.posts), len(slack.calls), time.monotonic()

    async def send(n: int) -> fake_slack.Ack | None:
        await asyncio.sleep(start + (n - numbers.start) / rate - time.monotonic())
        event = fake_slack.mention(text(n), user=f"U{n}", channel=f"C{n % CHANNELS}")
        delivered[event["ts"]] = time.monotonic()
        return await slack.send_event(event)

    acks = await asyncio.gather(*map(send, numbers))
    with suppress(AssertionError):  # it would show every post; what is missing is counted below
        await slack.posts_until(known_posts + len(numbers), SECONDS_TO_ANSWER)
    posts = (await slack.quiet(SECONDS_TO_SETTLE))[known_posts:]
    assert None not in acks, f"{acks.count(None)} mentions were not acknowledged"
    answered = Counter(post.thread_ts for post in posts)
    wrong = [ts for ts in delivered | answered if ts not in delivered or answered[ts] != 1]
    assert not wrong, f"not answered exactly once: {len(wrong)} of {len(delivered)}"
    assert not any(FAILED in post.text for post in posts), "the bot answered with a failure"
    calls = [call for call in slack.calls[known_calls:] if call.method == "chat.postMessage"]
    return [call.when - delivered[call.payload["thread_ts"]] for call in calls]


def processor_seconds(pid: int) -> float:
    """What a process has used until now, in user and system mode together."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():  # in ticks; the name, in brackets, may hold spaces
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    shown = subprocess.check_output(["ps", "-o", "time=", "-p", str(pid)], text=True)
    return reduce(lambda total, part: 60 * total + float(part), shown.split(":"), 0.0)


async def compare(mentions: int, rate: float, rounds: int) -> None:
    print(f"{mentions} mentions at {rate:g} a second: milliseconds of processor time a mention,")
    print("and the bot's wall time from delivery to post\n")
    print("round    echo     bot   ratio   p50 ms   p99 ms")
    rows = []
    for number in range(1, rounds + 1):
        plain = await measure("echo", mentions, rate)
        ours = await measure("bot", mentions, rate)
        rows.append(row(plain, ours))
        show(str(number), rows[-1])
    show("median", [median(column) for column in zip(*rows, strict=True)])


def row(echo: Measured, bot: Measured) -> list[float]:
    cuts = quantiles((1000 * wait for wait in bot.waits), n=100, method="inclusive")
    ratio = bot.milliseconds / echo.milliseconds
    return [echo.milliseconds, bot.milliseconds, ratio, cuts[49], cuts[98]]


def show(name: str, figures: list[float]) -> None:
    echo, bot, ratio, p50, p99 = figures
    print(f"{name:6} {echo:6.2f}  {bot:6.2f}  {ratio:6.2f}   {p50:6.1f}   {p99:6.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.load", description=__doc__)
    parser.add_argument("app", nargs="?", choices=["echo"], help="only run the echo app")
    parser.add_argument("--mentions", type=int, default=500, metavar="N", help="2 to 5000")
    parser.add_argument("--rate", type=float, default=50, metavar="N", help="a second, 10 to 500")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="1 to 20")
    given = parser.parse_args()
    if not (2 <= given.mentions <= 5000 and 10 <= given.rate <= 500 and 1 <= given.rounds <= 20):
        parser.error("--mentions, --rate or --rounds is out of its bounds; see --help")
    if given.app == "echo":
        asyncio.run(echo())
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # or the children would stay
        asyncio.run(compare(given.mentions, given.rate, given.rounds))


if __name__ == "__main__":
    main()
