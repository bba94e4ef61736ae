"""The folder that editors write to: `taught.jsonl`, and documents in `answers/`."""

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
    """Writes there. Each write is whole or not at all; no two may write at a time.

    Raises AnswersError when something cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def teach(self, entry: Entry) -> None:
        """Add a line, unless it is the last one already."""
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
        """Write a document."""
        _write(self.folder / ANSWERS / name, text.encode("utf-8", "replace"))

    def remove(self, name: str) -> bool:
        """Take a document away; returns whether it was there."""
        path = self.folder / ANSWERS / name
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise AnswersError.unwritable(path, error) from None
        return True

    def probe(self) -> None:
        """See that what is written is there."""
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
    """Put content in the place of a file, with the rights that it had; a new one's are usual."""
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
