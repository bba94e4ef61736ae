"""The folder where editors' work is stored: `taught.jsonl`, and documents in `answers/`."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from bot.documents.audience import ANSWERS
from bot.documents.folder import TAUGHT
from bot.errors import AnswersError
from bot.learning.taught import Entry

PROBE = b"written by article-bot to see whether it can\n"


class Answers:
    """Writes to the folder. Each write is atomic; the caller ensures one write at a time.

    Raises AnswersError when something cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def teach(self, entry: Entry) -> None:
        """Append an entry to `taught.jsonl`, unless it is the last line already."""
        path = self.folder / TAUGHT
        line = entry.line.encode("utf-8", "replace")
        try:
            before = path.read_bytes() if path.exists() else b""
        except OSError as error:
            raise AnswersError.unwritable(path, error) from None
        if before and not before.endswith(b"\n"):
            before += b"\n"
        if before.rstrip(b"\n").rpartition(b"\n")[2] != line:
            _write(path, before + line + b"\n")

    def keep(self, name: str, text: str) -> None:
        """Write a document, with this name below `answers/`."""
        _write(self.folder / ANSWERS / name, text.encode("utf-8", "replace"))

    def remove(self, name: str) -> bool:
        """Delete a document below `answers/`; returns whether it existed."""
        path = self.folder / ANSWERS / name
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise AnswersError.unwritable(path, error) from None
        return True

    def probe(self) -> None:
        """Write a file, read it back and delete it. Raises AnswersError if that fails."""
        path = self.folder / f".probe-{os.getpid()}"
        try:
            _write(path, PROBE)
            if path.read_bytes() != PROBE:
                raise AnswersError.other_content(path)
        except OSError as error:
            raise AnswersError.unwritable(path, error) from None
        finally:
            with suppress(OSError):
                path.unlink()


def _write(path: Path, content: bytes) -> None:
    """Replace a file atomically. Its permissions are kept; a new file gets mode 644."""
    target = Path(os.path.realpath(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".new-", delete=False) as new:
            try:
                new.write(content)
                new.flush()
                os.fsync(new.fileno())
                Path(new.name).chmod(mode)
                Path(new.name).replace(target)
            except BaseException:
                Path(new.name).unlink()
                raise
    except OSError as error:
        raise AnswersError.unwritable(path, error) from None
