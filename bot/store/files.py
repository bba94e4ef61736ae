"""The data folder: for this user's eyes only, with files that one process at a time holds."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
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
def held(file: Path) -> Iterator[None]:
    """Hold a database's file, so that no second bot answers from it. Raises StoreError."""
    with locked(file.with_name(f"{file.name}.lock")) as lock:
        if lock is None:
            raise StoreError(
                f"another article-bot runs with {file}; stop that one, or set DATA_DIR or "
                "DATABASE_URL to another place"
            )
        yield


@contextmanager
def locked(path: Path) -> Iterator[FileIO | None]:
    """Hold a file, made where there is none; None when another one holds it. Raises StoreError.

    The lock dies with the process. Its file stays: who deletes it lets a second one in.
    """
    private_folder(path.parent)
    try:
        file = FileIO(path, "ab", opener=_open_privately)
    except OSError as error:
        raise unusable(path, error) from None
    with file:
        yield file if _is_ours(file) else None


def unusable(path: Path, error: OSError) -> StoreError:
    """The sentence for a place that the system does not let us use."""
    return StoreError(
        f"{path} cannot be written ({error.strerror}); name a place that this user can write to"
    )


def _open_privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _is_ours(file: FileIO) -> bool:
    try:
        _lock(file.fileno())
    except OSError:
        return False
    return True
