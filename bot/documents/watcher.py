"""A folder that is watched: when something below it changes, somebody is told."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from watchfiles import awatch

logger = logging.getLogger(__name__)

# Changes that come together are told together: when it is quiet for a moment, or after so long.
QUIET, LONGEST = 50, 400
# How often it is told that nothing changed, in milliseconds.
TICK = 1000
# Seconds until a watch that failed is tried again: twice as long each time, up to the second.
FIRST_WAIT, MAX_WAIT = 1.0, 30.0


async def changes(folder: Path, stop: asyncio.Event) -> AsyncIterator[bool]:
    """True when something below the folder changed, False every second while nothing does.

    Ends when `stop` is set. A folder that is replaced or that comes back is watched anew, and so is
    one whose watch fails: a name that is not UTF-8 is enough for that.
    """
    wait = FIRST_WAIT
    while not stop.is_set():
        watched = _identity(folder)
        if watched is None:
            yield True
            await _pause(stop, TICK / 1000)
            continue
        beginning = True  # what changed before it was watched, nobody told
        try:
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
                if not found:
                    wait = FIRST_WAIT
                beginning = False
                if moved:
                    break
        except Exception as error:
            logger.warning("the folder cannot be watched (%s); trying again", _reason(error))
            yield True  # the change that it broke at
            await _pause(stop, wait)
            wait = min(2 * wait, MAX_WAIT)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def _reason(error: BaseException) -> str:
    """What went wrong, without the group that it may be in."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)


def _identity(folder: Path) -> tuple[int, int] | None:
    """Which folder it is that stands there, or None."""
    try:
        about = folder.stat()
    except OSError:
        return None
    return about.st_dev, about.st_ino
