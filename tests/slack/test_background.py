"""Background work that fails is logged, counts as dead meanwhile, and is restarted."""

import asyncio
from itertools import pairwise

from bot.slack.background import Background


async def test_work_that_fails_counts_as_dead_until_it_runs_again() -> None:
    background = Background(first_wait=0.05)
    begun: list[float] = []

    async def work() -> None:
        begun.append(asyncio.get_running_loop().time())
        if len(begun) < 4:
            raise ValueError("a name that nobody can write")
        await asyncio.Event().wait()

    async with background.keeping(documents=work):
        await asyncio.sleep(0.01)
        assert background.dead == {"documents"}
        await asyncio.sleep(0.3)
        assert background.dead == {"documents"}
        await asyncio.sleep(0.5)
        assert background.dead == set()
    waits = [later - earlier for earlier, later in pairwise(begun)]
    assert [wait >= least for wait, least in zip(waits, (0.05, 0.1, 0.2), strict=True)] == [
        True
    ] * 3


async def test_work_that_ends_by_itself_is_done() -> None:
    background, done = Background(), []

    async def work() -> None:
        done.append(1)

    async with background.keeping(sweep=work):
        await asyncio.sleep(0.05)
    assert (done, background.dead) == ([1], set())
