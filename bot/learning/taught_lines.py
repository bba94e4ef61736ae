"""Finds lines of `taught.jsonl` by the words of a question, without parsing the others.

A small file is searched in memory. A larger one has an index on disk, since reading all of it
would take longer than answering a question.
"""

import json
import os
import re
import sqlite3
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from threading import RLock
from typing import Protocol

from bot.english import questions
from bot.english.patterns import lazy_pattern
from bot.english.text import words

# At most this many lines are candidates for a question: those with the most of its rare words.
MAX_LINES = 40
# Cached lookups of words.
MAX_CACHED = 5_000
# Format of the index; an index in another format is rebuilt.
FORM = 1
_QUESTION = lazy_pattern(r'\{"question": "([^"\\]*)", ')
_TABLES = """
    create table lines (number integer primary key, said text, line text);
    create index by_said on lines (said);
    create table terms (term text, line integer, primary key (term, line)) without rowid;
    create table counts (term text primary key, number integer) without rowid;
    create table made_of (state text);
"""


class Lines(Protocol):
    """Lines, numbered from 0; a higher number is newer."""

    @property
    def state(self) -> str:
        """Identifies the content: equal states mean equal lines."""

    def find(self, asked: str, stems: Sequence[str], least: int) -> list[int]:
        """Numbers of candidate lines, newest first; `Taught.candidates` says which."""

    def line(self, number: int) -> str:
        """The line with this number."""

    def every(self) -> Iterator[tuple[int, str]]:
        """All lines with their numbers, oldest first."""


def said_in(question: str) -> str:
    """The words of a question as they are looked up: without punctuation and capitals."""
    return " ".join(word.plain for word in words(questions.normal(question)))


def rarest(counts: dict[str, int], least: int) -> list[str]:
    """The fewest rarest stems such that any line with `least` of all stems has one of them.

    `counts` gives how many lines have each stem.

    >>> rarest({"annual": 30, "leave": 20, "carry": 2}, least=2)
    ['carry', 'leave']
    """
    return sorted(counts, key=lambda stem: (counts[stem], stem))[: max(0, len(counts) - least + 1)]


class LinesInMemory:
    """Lines that are searched in memory."""

    def __init__(self, text: str) -> None:
        self.state = text
        self._with = lru_cache(MAX_CACHED)(self._lines_with)

    def find(self, asked: str, stems: Sequence[str], least: int) -> list[int]:
        """See `Lines`."""
        begins = {_beginning(stem) for stem in stems}
        counts = {one: number for one in begins if (number := self._folded.count(one))}
        hits = Counter(line for one in rarest(counts, least) for line in self._with(one))
        found = sorted(hits, key=lambda line: (-hits[line], -line))[:MAX_LINES]
        literal = self._with(asked.casefold().strip(" ?.!")) if asked.strip(" ?.!") else ()
        return sorted({*found, *list(literal)[-MAX_LINES:]}, reverse=True)

    def line(self, number: int) -> str:
        """See `Lines`."""
        return self._lines[number]

    def every(self) -> Iterator[tuple[int, str]]:
        """See `Lines`."""
        return enumerate(self._lines)

    @cached_property
    def _lines(self) -> list[str]:
        return self.state.split("\n")

    @cached_property
    def _folded(self) -> str:
        """The questions, one per line and case-folded: the text that is searched."""
        return "\n".join(map(_question_in, self._lines)).casefold()

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self._folded))]

    def _lines_with(self, sought: str) -> Sequence[int]:
        """The lines whose question contains this string."""
        text, starts, found = self._folded, self._starts, list[int]()
        place = text.find(sought)
        while place >= 0:
            line = bisect_right(starts, place)
            found.append(line - 1)
            if line == len(starts):
                break
            place = text.find(sought, starts[line])
        return found


class LinesOnDisk:
    """Lines whose words are indexed in an SQLite file. Thread-safe: one query runs at a time.

    `read` returns the text, and is called only if the index must be built. `state` identifies the
    text. `question_of` returns the question of a line, or "" if the line is invalid. Raises OSError
    or sqlite3.Error if the index cannot be built.
    """

    def __init__(
        self,
        read: Callable[[], str],
        file: Path,
        state: str,
        question_of: Callable[[str], str],
    ) -> None:
        self.state = f"{FORM} {state}"
        self._lock = RLock()
        if _made_of(file) != self.state:
            _build(file, read(), self.state, question_of)
        self._db = _opened(file)

    def find(self, asked: str, stems: Sequence[str], least: int) -> list[int]:
        """See `Lines`."""
        distinct = tuple(dict.fromkeys(stems))
        in_counts = f"select term, number from counts where term in ({_marks(distinct)})"
        rare = rarest(dict(self._rows(in_counts, distinct)), least)
        in_terms = f"""
            select line from terms where term in ({_marks(rare)})
            group by line order by count(*) desc, line desc limit {MAX_LINES}"""
        literal = f"select number from lines where said = ? order by number desc limit {MAX_LINES}"
        found = {line for (line,) in self._rows(in_terms, rare)} if rare else set()
        found |= {line for (line,) in self._rows(literal, (said_in(asked),))}
        return sorted(found, reverse=True)

    def line(self, number: int) -> str:
        """See `Lines`."""
        [(line,)] = self._rows("select line from lines where number = ?", (number,))
        return str(line)

    def every(self) -> Iterator[tuple[int, str]]:
        """See `Lines`."""
        return iter(self._rows("select number, line from lines order by number", ()))

    def _rows(self, query: str, values: Sequence[object]) -> list[tuple]:  # type: ignore[type-arg]
        with self._lock:
            return self._db.execute(query, values).fetchall()


def _build(file: Path, text: str, state: str, question_of: Callable[[str], str]) -> None:
    """Write the index to a temporary file, then move it into place."""
    file.parent.mkdir(parents=True, exist_ok=True)
    from tempfile import mkstemp  # only where lines are written

    handle, name = mkstemp(dir=file.parent, prefix=f"{file.name}.")
    os.close(handle)
    db = sqlite3.connect(name)
    try:
        db.executescript(_TABLES)
        for number, line in enumerate(text.split("\n")):
            question = question_of(line)
            db.execute("insert into lines values (?, ?, ?)", (number, said_in(question), line))
            terms = {word.term for word in words(questions.normal(question)) if word.is_content}
            db.executemany("insert into terms values (?, ?)", [(term, number) for term in terms])
        db.execute("insert into counts select term, count(*) from terms group by term")
        db.execute("insert into made_of values (?)", (state,))
        db.commit()
    finally:
        db.close()
    Path(name).replace(file)


def _made_of(file: Path) -> str:
    """The state that an index was built from; "" if there is no readable index."""
    if not file.exists():
        return ""
    try:
        db = _opened(file)
        try:
            [(state,)] = db.execute("select state from made_of").fetchall()
        finally:
            db.close()
    except (sqlite3.Error, ValueError):
        return ""
    return str(state)


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _beginning(stem: str) -> str:
    """A prefix that all forms of a word share, to search text that is not stemmed."""
    return stem[:-1] if len(stem) > 3 and stem.isalpha() else stem


def _question_in(line: str) -> str:
    """The question of a line. A line in our own format is not parsed, which is faster."""
    found = _QUESTION.match(line)
    if found is not None:
        return found[1]
    try:
        question = json.loads(line)["question"] if line.strip() else ""
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return " ".join(str(question).split())
