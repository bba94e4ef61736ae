"""A folder that is watched: when something below it changes, somebody is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from watchfiles import awatch

# Changes that come together are told together: when it is quiet for a moment, or after so long.
QUIET, LONGEST = 50, 400
# How often it is told that nothing changed, in milliseconds.
TICK = 1000


async def changes(folder: Path, stop: asyncio.Event) -> AsyncIterator[bool]:
    """True when something below the folder changed, False every second while nothing does.

    Ends when `stop` is set. A folder that is replaced or that comes back is watched anew.
    """
    while not stop.is_set():
        watched = _identity(folder)
        if watched is None:
            yield True
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TICK / 1000)
            continue
        beginning = True  # what changed before it was watched, nobody told
        async for found in awatch(
            folder,
            watch_filter=None,
            debounce=LONGEST,
            step=QUIET,
            rust_timeout=TICK,
            yield_on_timeout=True,
            stop_event=stop,
            ignore_permission_denied=True,
        ):
            moved = _identity(folder) != watched
            yield bool(found) or moved or beginning
            beginning = False
            if moved:
                break


def _identity(folder: Path) -> tuple[int, int] | None:
    """Which folder it is that stands there, or None."""
    try:
        about = folder.stat()
    except OSError:
        return None
    return about.st_dev, about.st_ino
