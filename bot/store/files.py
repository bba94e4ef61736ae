"""Files and folders for this user's eyes only."""

import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISLNK

from bot.errors import StoreError


def private_folder(folder: Path) -> None:
    """Make the folder with mode 700, unless it is there. Raises StoreError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError.unwritable(folder, error) from None


def keep_private(folder: Path) -> None:
    """Take from others what they may do with a folder and all in it, made by whatever version.

    What belongs to somebody else stays as it is.
    """
    for path in (folder, *folder.rglob("*")):
        with suppress(OSError):
            mode = path.lstat().st_mode
            if mode & 0o077 and not S_ISLNK(mode):
                path.chmod(mode & 0o700)


def private_file(path: Path) -> None:
    """Make an empty file with mode 600. Raises FileExistsError, or StoreError."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise
    except OSError as error:
        raise StoreError.unwritable(path, error) from None
