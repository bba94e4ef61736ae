"""The data folder: for this user's eyes only, and held by one running bot at a time."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StoreError

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def private_folder(folder: Path) -> None:
    """Make the folder with mode 700, unless it is there. Raises StoreError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(folder, error) from None


def private_file(path: Path) -> None:
    """Make an empty file with mode 600. Raises FileExistsError, or StoreError."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise
    except OSError as error:
        raise unusable(path, error) from None


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder, so that no second bot answers from it. Raises StoreError when one does.

    The lock dies with the process. Its file stays: who deletes it lets a second bot in.
    """
    private_folder(folder)
    path = folder / "article-bot.lock"
    try:
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise unusable(path, error) from None
    try:
        try:
            _lock(file)
        except OSError:
            raise StoreError(
                f"another article-bot runs with this data folder, {folder}; stop that one, or set "
                "DATA_DIR to another folder"
            ) from None
        yield
    finally:
        os.close(file)


def unusable(path: Path, error: OSError) -> StoreError:
    """The sentence for a place that the system does not let us use."""
    return StoreError(
        f"{path} cannot be written ({error.strerror}); name a place that this user can write to"
    )
