"""Work that goes on beside the questions: what dies of it is logged and started again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog

log = structlog.get_logger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]

# Seconds until work that died is started again: twice as long each time, up to the second. Work
# that runs for longer than that begins with the first again.
FIRST_WAIT, MAX_WAIT = 1.0, 60.0


class Background:
    """Keeps work going; `dead` are the names of what died and does not run again yet."""

    def __init__(self, first_wait: float = FIRST_WAIT) -> None:
        self.dead: set[str] = set()
        self._first_wait = first_wait

    @asynccontextmanager
    async def keeping(self, **works: Work) -> AsyncIterator[None]:
        """Keep works going for as long as the `with`; each is called by its name."""
        tasks = [asyncio.create_task(self._keep(name, work)) for name, work in works.items()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, name: str, work: Work) -> None:
        """Until the work ends by itself."""
        now = asyncio.get_running_loop().time
        wait = self._first_wait
        while True:
            begun = now()
            alive = asyncio.create_task(self._revive(name))
            try:
                await work()
                return
            except Exception:
                self.dead.add(name)
                if now() - begun > MAX_WAIT:
                    wait = self._first_wait
                log.error(
                    "background task died; restarting it",
                    work=name,
                    seconds=wait,
                    exc_info=True,
                )
            finally:
                alive.cancel()
            await asyncio.sleep(wait)
            wait = min(2 * wait, MAX_WAIT)

    async def _revive(self, name: str) -> None:
        """Work counts as running again when it has not died for a while."""
        await asyncio.sleep(self._first_wait)
        self.dead.discard(name)
