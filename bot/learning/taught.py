"""What editors taught: `taught.jsonl`, one JSON object per line, newest last.

The file is not parsed when it is opened, because `ask` must start fast. Lines that may match a
question are found by its words, and only these are parsed.
"""

import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Self

from bot.documents.audience import ANSWERS
from bot.documents.folder import TAUGHT
from bot.json_lines import as_line
from bot.learning.taught_lines import Lines, LinesInMemory, LinesOnDisk
from bot.model import Passage, Span

# At most this much of a file is read. A line has about 300 bytes.
MAX_BYTES = 20_000_000
# Above this many bytes (about 1,500 lines), lines are found with an index on disk.
MAX_IN_MEMORY = 500_000
MAX_QUESTION_LENGTH = 1000
# Cached lines.
MAX_CACHED = 5_000

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: a question and the passage that answers it.

    `document` is the document's path and `passage` the passage's text; both are None if an editor
    said that nothing in the documents answers. `by` is who taught it, and `on` the day in ISO
    format.
    """

    question: str
    document: str | None
    passage: str | None
    by: str = ""
    on: str = ""

    @property
    def folder(self) -> str:
        """The document's folder. For each question, the newest line per folder counts."""
        return (self.document or "").rpartition("/")[0]

    @property
    def line(self) -> str:
        """The entry as a line of the file."""
        return as_line(asdict(self))

    @classmethod
    def read(cls, line: str) -> Self | None:
        """Parse a line; None if it is invalid."""
        try:
            value = json.loads(line)
            entry = cls(
                value["question"],
                value["document"],
                value["passage"],
                value.get("by") or "",
                value.get("on") or "",
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        texts = (entry.question, entry.by, entry.on)
        places = (entry.document, entry.passage)
        if not all(isinstance(text, str) for text in texts) or not entry.question.strip():
            return None
        if len(entry.question) > MAX_QUESTION_LENGTH:
            return None
        if places == (None, None) or all(isinstance(one, str) and one.strip() for one in places):
            return entry
        return None

    @classmethod
    def of(cls, question: str, passage: Passage | None, by: str) -> Self:
        """An entry dated today; a `passage` of None says that nothing answers the question."""
        asked = " ".join(question.split())[:MAX_QUESTION_LENGTH]
        today = date.today().isoformat()
        if passage is None:
            return cls(asked, None, None, by, today)
        return cls(asked, passage.document.path, " ".join(passage.text.split()), by, today)

    def found_in(self, passage: Passage) -> Span | None:
        """The span of the taught words in a passage, ignoring white space, or None."""
        sought, text = " ".join((self.passage or "").split()), passage.text
        start = " ".join(text.split()).find(sought)
        if start < 0 or not sought:
            return None
        places: list[int] = []  # the offset in `text` of each character of the joined words
        for word in _WORD.finditer(text):
            places += range(word.start(), word.end() + 1)
        first, last = places[start], places[start + len(sought) - 1]
        return Span(passage.start + first, passage.start + last + 1)


class Taught:
    """The entries of `taught.jsonl`; later lines are newer.

    Entries about documents for which `reads` is false are skipped: the audience may not read them.
    """

    def __init__(
        self, lines: Lines | str = "", reads: Callable[[str], bool] = lambda _: True
    ) -> None:
        self._lines = LinesInMemory(lines) if isinstance(lines, str) else lines
        self._has_lines = bool(self._lines.state.strip())
        self._reads = reads
        self._entry = lru_cache(MAX_CACHED)(lambda number: Entry.read(self._lines.line(number)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Taught) and self._lines.state == other._lines.state

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return self._has_lines

    def candidates(self, asked: str, stems: Sequence[str], least: int) -> list[Entry]:
        """Entries that may match a question, newest first.

        They contain the question as it was asked, or at least `least` of the stems. Others may be
        among them, so the caller must check.
        """
        found = map(self._entry, self._lines.find(asked, stems, least))
        return [entry for entry in found if entry is not None and self._is_readable(entry)]

    def entries(self) -> Iterator[tuple[str, Entry | None]]:
        """Every line, oldest first, with its entry; None for an invalid line.

        Entries about documents that the audience does not read are skipped.
        """
        for _, line in self._lines.every():
            entry = Entry.read(line) if line.strip() else None
            if line.strip() and (entry is None or self._is_readable(entry)):
                yield line, entry

    def _is_readable(self, entry: Entry) -> bool:
        return entry.document is None or self._reads(entry.document)


def state_of(*folders: Path) -> str:
    """A fingerprint of `taught.jsonl` and `answers/` in these folders; it changes when they do."""
    return "; ".join(_state(folder / name) for folder in folders for name in (TAUGHT, ANSWERS))


def read_taught(
    data: Callable[[], Path], *folders: Path, reads: Callable[[str], bool] = lambda _: True
) -> Taught:
    """Read what is taught in some folders, of which the last has the newest lines.

    Files that cannot be read are skipped. Large files are indexed below `data`; if that cannot be
    written, they are searched in memory. `reads` says which documents the audience may read.
    """
    states = {folder / TAUGHT: _state(folder / TAUGHT) for folder in folders}
    files = [file for file, state in states.items() if state]
    size = sum(int(states[file].split()[0]) for file in files)
    if size <= MAX_IN_MEMORY:
        return Taught(_read(files), reads)
    named = "\0".join(map(os.path.realpath, files)).encode("utf-8", "replace")
    index = data() / "index" / f"taught-{hashlib.sha256(named).hexdigest()[:16]}.sqlite"
    state = "; ".join(states[file] for file in files)
    try:
        return Taught(LinesOnDisk(lambda: _read(files), index, state, _question_of), reads)
    except (OSError, sqlite3.Error):
        return Taught(_read(files), reads)


def _read(files: Sequence[Path]) -> str:
    found = []
    for file in files:
        with suppress(OSError), file.open("rb") as opened:
            found.append(opened.read(MAX_BYTES).decode("utf-8", "replace"))
    return "\n".join(found)


def _question_of(line: str) -> str:
    entry = Entry.read(line)
    return entry.question if entry is not None else ""


def _state(path: Path) -> str:
    try:
        about = path.stat()
    except OSError:
        return ""
    return f"{about.st_size} {about.st_mtime_ns} {about.st_ino}"
