"""Group commits, operations that fail alone, and data after kill -9, on both databases."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, Engine, event, insert

from bot.store.commits import Commits
from bot.store.database import open_engine
from bot.store.schema import threads
from bot.store.store import open_store
from tests.conftest import ROOT
from tests.store.test_store import received


@pytest.fixture
def commits() -> Iterator[list[str]]:
    """Each commit that reaches a database, as it happens."""
    seen: list[str] = []

    def on_commit(_: Connection) -> None:
        seen.append("commit")

    event.listen(Engine, "commit", on_commit)
    yield seen
    event.remove(Engine, "commit", on_commit)


async def test_messages_that_come_together_are_committed_together(
    url: str, commits: list[str]
) -> None:
    async with open_store(url) as store:
        commits.clear()
        new = await asyncio.gather(*(store.inbox.accept(received(f"{n}.0")) for n in range(200)))
        assert new == [True] * 200
        assert len(commits) <= 3


async def test_the_same_message_accepted_many_times_at_once_is_new_once(url: str) -> None:
    async with open_store(url) as store:
        new = await asyncio.gather(*(store.inbox.accept(received()) for _ in range(20)))
        assert sorted(new) == [False] * 19 + [True]


async def test_a_failing_operation_is_rolled_back_and_the_others_are_committed(url: str) -> None:
    commits = Commits(open_engine(url))

    def ask(text: str) -> Callable[[Connection], str]:
        def ask(connection: Connection) -> str:
            place = {"team": "T1", "channel": "C1", "thread": "", "user": "UANN"}
            connection.execute(insert(threads).values(**place, text=text, asked_at=0.0))
            if text == "bad":
                raise LookupError(text)
            return text

        return ask

    first = commits.do(lambda _: time.sleep(0.1))  # the others come while it runs
    together = (commits.do(ask(text)) for text in ("good", "bad", "better"))
    _, *results = await asyncio.gather(first, *together, return_exceptions=True)
    await commits.close()
    assert (results[0], repr(results[1]), results[2]) == ("good", "LookupError('bad')", "better")
    async with open_store(url) as store:
        assert await store.history.earlier("T1", "C1", None, "UANN", 9) == ("good", "better")


async def test_a_cancelled_caller_leaves_no_half_written_message(url: str) -> None:
    async with open_store(url) as store:
        await store.inbox.accept(received())
        finishing = asyncio.create_task(store.inbox.finish(received(), "answered", remember=True))
        await asyncio.sleep(0)
        finishing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await finishing
        assert await store.inbox.unfinished() == []
        assert await store.history.earlier("T1", "C1", "1.0", "UANN", 3) == ("q 1.0",)


ACCEPTING = """
import asyncio, itertools, sys
from bot.store.store import open_store
from tests.store.test_store import received

async def main(url, begin):
    store = open_store(url, lease=0.2)

    async def accept(n):
        await store.inbox.accept(received(f"{n}.0"))
        print(n, flush=True)

    for n in itertools.count(int(begin), 4):
        await asyncio.gather(*(accept(n + more) for more in range(4)))

asyncio.run(main(*sys.argv[1:]))
"""


async def due_of_the_dead(url: str) -> list[str]:
    """All that is due when the leases of those who were killed have run out."""
    async with open_store(url) as store:
        await asyncio.sleep(0.3)
        await store.inbox.take_over(100_000)
        return [due.ts for due in await store.inbox.unfinished()]


@pytest.mark.slow
def test_accepted_messages_survive_kill_9(url: str) -> None:
    said: list[str] = []
    for begin in (0, 100_000, 200_000):
        command = [sys.executable, "-c", ACCEPTING, url, str(begin)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            said += [process.stdout.readline() for _ in range(50)]
            process.kill()
            said += process.stdout.readlines()
    kept = set(asyncio.run(due_of_the_dead(url)))
    assert len(said) >= 150
    assert {f"{line.strip()}.0" for line in said if line.endswith("\n")} <= kept
