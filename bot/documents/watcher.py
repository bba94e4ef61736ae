"""Watches a folder and reports when something in it changes."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from watchfiles import awatch

logger = logging.getLogger(__name__)

# Changes are reported together after QUIET milliseconds without one, or after LONGEST.
QUIET, LONGEST = 50, 400
# How often to report that nothing changed, in milliseconds.
TICK = 1000
# Seconds until a failed watch is retried: the wait doubles up to MAX_WAIT.
FIRST_WAIT, MAX_WAIT = 1.0, 30.0


async def changes(folder: Path, stop: asyncio.Event) -> AsyncIterator[bool]:
    """Yield True when something in the folder changed, and False every second while nothing does.

    Ends when `stop` is set. Watches again if the folder is replaced, disappears and comes back, or
    if the watch fails, as it does for a file name that is not UTF-8.
    """
    wait = FIRST_WAIT
    while not stop.is_set():
        watched = _identity(folder)
        if watched is None:
            yield True
            await _pause(stop, TICK / 1000)
            continue
        beginning = True  # report changes from before the watch began
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
            yield True  # a change may have caused the failure
            await _pause(stop, wait)
            wait = min(2 * wait, MAX_WAIT)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def _reason(error: BaseException) -> str:
    """The message of the error, or of the first one in an exception group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)


def _identity(folder: Path) -> tuple[int, int] | None:
    """The device and inode of the folder, or None if it is not there."""
    try:
        about = folder.stat()
    except OSError:
        return None
    return about.st_dev, about.st_ino
