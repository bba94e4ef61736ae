"""What editors taught: `taught.jsonl`, a JSON object a line, newest last.

The file is not parsed when it is opened, since `ask` must start at once: lines that may be about a
question are found by its words, and only these are parsed.
"""

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import Self

from bot.documents.folder import TAUGHT
from bot.json_lines import as_line
from bot.model import Passage, Span

# More of the file is not read; a line has some 300 bytes.
MAX_BYTES = 20_000_000
# So many lines at most are looked at for a question, those that have most of its words.
MAX_LINES = 40
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
        return str(PurePosixPath(self.document or "").parent)

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
    """The lines of a file, told by their numbers; a later one is newer."""

    def __init__(self, text: str = "") -> None:
        self._text = text
        self._entry = lru_cache(MAX_CACHED)(lambda number: Entry.read(self._lines[number]))
        self._with = lru_cache(MAX_CACHED)(self._find)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Taught) and self._text == other._text

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return bool(self._text.strip())

    def candidates(self, asked: str, stems: Sequence[str], least: int) -> list[tuple[int, Entry]]:
        """Lines that may be about a question, newest first.

        They have the words as they were asked, or words with at least so many of the stems.
        """
        counts = Counter(line for stem in dict.fromkeys(stems) for line in self._with(stem))
        found = [line for line, number in counts.items() if number >= least]
        found.sort(key=lambda line: (-counts[line], -line))
        literal = self._with(asked.casefold().strip(" ?.!")) if asked.strip() else ()
        lines = sorted({*found[:MAX_LINES], *list(literal)[-MAX_LINES:]}, reverse=True)
        return [(line, entry) for line in lines if (entry := self._entry(line)) is not None]

    def entries(self) -> Iterator[tuple[int, Entry | None]]:
        """Every line, oldest first; None for a broken one."""
        for number, line in enumerate(self._lines):
            if line.strip():
                yield number, Entry.read(line)

    @cached_property
    def _lines(self) -> list[str]:
        return self._text.split("\n")

    @cached_property
    def _folded(self) -> str:
        """The text to look for words in: in small letters, without JSON's escapes."""
        if "\\u" not in self._text:
            return self._text.casefold()
        return "\n".join(_unescaped(line) for line in self._lines).casefold()

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self._folded))]

    def _find(self, word: str) -> Sequence[int]:
        """The lines in which something begins as a word does, whatever its ending."""
        begins = word[:-1] if len(word) > 3 and word.isalpha() else word
        text, starts, found = self._folded, self._starts, list[int]()
        place = text.find(begins)
        while begins and place >= 0:
            line = bisect_right(starts, place)
            found.append(line - 1)
            if line == len(starts):
                break
            place = text.find(begins, starts[line])
        return found


def _unescaped(line: str) -> str:
    if "\\u" not in line:
        return line
    try:
        return json.dumps(json.loads(line), ensure_ascii=False)
    except (ValueError, RecursionError):
        return line


def state_of(folder: Path) -> str:
    """Tells whether the file, or what is kept beside it, may have changed."""
    states = []
    for path in (folder / TAUGHT, folder / "answers"):
        try:
            about = path.stat()
        except OSError:
            states.append("")
        else:
            states.append(f"{about.st_size} {about.st_mtime_ns} {about.st_ino}")
    return "; ".join(states)


def read_taught(folder: Path) -> Taught:
    """What is taught in a folder; nothing where there is no such file, or it cannot be read."""
    try:
        with (folder / TAUGHT).open("rb") as file:
            return Taught(file.read(MAX_BYTES).decode("utf-8", "replace"))
    except OSError:
        return Taught()
