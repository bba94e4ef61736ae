"""What editors taught: `taught.jsonl`, a JSON object a line, newest last.

The file is not parsed when it is opened, since `ask` must start at once: lines that may be about a
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

# More of the file is not read; a line has some 300 bytes.
MAX_BYTES = 20_000_000
# A larger file is not read for each question: some 1,500 lines.
MAX_IN_MEMORY = 500_000
MAX_QUESTION_LENGTH = 1000
# Words and lines that are kept of those that were looked up.
MAX_CACHED = 5_000

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: the passage of a document that answers a question; none, where nothing there does.

    `passage` is the passage's own words, `by` is who taught it, `on` the day.
    """

    question: str
    document: str | None
    passage: str | None
    by: str = ""
    on: str = ""

    @property
    def folder(self) -> str:
        """The folder of the document; of one question the newest line in each folder counts."""
        return (self.document or "").rpartition("/")[0]

    @property
    def line(self) -> str:
        """Itself as it stands in the file."""
        return as_line(asdict(self))

    @classmethod
    def read(cls, line: str) -> Self | None:
        """What a line says; None where it is broken."""
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
        """What an editor teaches today."""
        asked = " ".join(question.split())[:MAX_QUESTION_LENGTH]
        today = date.today().isoformat()
        if passage is None:
            return cls(asked, None, None, by, today)
        return cls(asked, passage.document.path, " ".join(passage.text.split()), by, today)

    def found_in(self, passage: Passage) -> Span | None:
        """Where its words stand in a passage, however they are set there, or None."""
        sought, text = " ".join((self.passage or "").split()), passage.text
        start = " ".join(text.split()).find(sought)
        if start < 0 or not sought:
            return None
        places: list[int] = []  # where each character stands that is left when the words are joined
        for word in _WORD.finditer(text):
            places += range(word.start(), word.end() + 1)
        first, last = places[start], places[start + len(sought) - 1]
        return Span(passage.start + first, passage.start + last + 1)


class Taught:
    """The entries of a file, told by the numbers of their lines; a later one is newer.

    Those about documents that the audience does not read are skipped (`reads`).
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
        """What may be about a question, newest first.

        They have the words as they were asked, or words with at least so many of the stems.
        """
        found = map(self._entry, self._lines.find(asked, stems, least))
        return [entry for entry in found if entry is not None and self._is_readable(entry)]

    def entries(self) -> Iterator[tuple[str, Entry | None]]:
        """Every line, oldest first, with what it says; None for a broken one."""
        for _, line in self._lines.every():
            entry = Entry.read(line) if line.strip() else None
            if line.strip() and (entry is None or self._is_readable(entry)):
                yield line, entry

    def _is_readable(self, entry: Entry) -> bool:
        return entry.document is None or self._reads(entry.document)


def state_of(*folders: Path) -> str:
    """Tells whether the files, or what is kept beside them, may have changed."""
    return "; ".join(_state(folder / name) for folder in folders for name in (TAUGHT, ANSWERS))


def read_taught(
    data: Callable[[], Path], *folders: Path, reads: Callable[[str], bool] = lambda _: True
) -> Taught:
    """What is taught in some folders, the newest in the last; a file that cannot be read is none.

    The index of large files is kept below `data`; where that cannot be written, there is none.
    `reads` says which documents its audience reads.
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
