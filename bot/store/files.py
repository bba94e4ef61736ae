"""Files and folders for this user's eyes only."""

import os
from pathlib import Path

from bot.errors import StoreError


def private_folder(folder: Path) -> None:
    """Make the folder with mode 700, unless it is there. Raises StoreError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError.unwritable(folder, error) from None


def private_file(path: Path) -> None:
    """Make an empty file with mode 600. Raises FileExistsError, or StoreError."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise
    except OSError as error:
        raise StoreError.unwritable(path, error) from None
