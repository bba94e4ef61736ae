"""Files and folders that only this user can read."""

import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISLNK

from bot.errors import StoreError


def private_folder(folder: Path) -> None:
    """Create a folder with mode 700, unless it exists. Raises StoreError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError.unwritable(folder, error) from None


def keep_private(folder: Path) -> None:
    """Remove the group's and others' permissions from a folder and everything in it.

    Earlier versions may have created it with wider ones. Files of another user stay as they are.
    """
    for path in (folder, *folder.rglob("*")):
        with suppress(OSError):
            mode = path.lstat().st_mode
            if mode & 0o077 and not S_ISLNK(mode):
                path.chmod(mode & 0o700)


def private_file(path: Path) -> None:
    """Create an empty file with mode 600. Raises FileExistsError or StoreError."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise
    except OSError as error:
        raise StoreError.unwritable(path, error) from None
