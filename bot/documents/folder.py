"""Lists a folder of documents: visits each file and folder once.

A file that cannot be read is listed with a `problem` that says why; the others are used.
"""

import os
import stat
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from bot.documents.audience import ANSWERS, EVERYBODY, Audience
from bot.documents.encoding import decoded
from bot.english.synonyms import check
from bot.errors import CorpusError, SynonymError

# Suffixes, in upper or lower case. Only the name decides what kind a file is.
MARKDOWN = (".md", ".markdown")
PLAIN_TEXT = (".txt", ".text")
# Parsed by a library, which is slow and runs in another process.
PARSED = (".pdf", ".docx", ".html", ".htm", ".xhtml", ".csv", ".tsv", ".xlsx")
KINDS = MARKDOWN + PLAIN_TEXT + PARSED
# The corpus's own word list, not a document.
SYNONYMS = "synonyms.txt"
# What editors taught; not a document either.
TAUGHT = "taught.jsonl"

# A file modified less than this many seconds ago may change again without a new size or time, so
# its state is uncertain and it is read again the next time.
CLOCK_TICK = 2.0
UNCERTAIN = ""

MEGABYTE = 1_000_000
MAX_FILE_MB = 20


class File(NamedTuple):
    """A document's file on disk; `size` is in bytes.

    A new `state` means that it may have changed. A file with a `problem` is not read. A folder that
    cannot be read is listed as a file with a problem, and its name ends in a slash.
    """

    name: str
    path: str
    size: int
    state: str
    problem: str = ""


class Listing(NamedTuple):
    """The contents of a folder: its files, sorted by name, and the text of its synonyms.txt.

    `not_read` counts the files of other kinds by suffix: `{".png": 3}`.
    """

    files: Sequence[File]
    synonyms: str
    not_read: Mapping[str, int]

    @property
    def size(self) -> int:
        """The total size of all documents in bytes."""
        return sum(file.size for file in self.files)

    @property
    def is_empty(self) -> bool:
        """Whether there is no readable document."""
        return all(file.problem for file in self.files)


class DocumentFolder:
    """A folder that is scanned repeatedly for the documents that an audience may read.

    Files above `max_mb` megabytes are not read. `answers` is the folder where editors keep answers,
    if it is elsewhere; its documents are listed like those of this folder.
    """

    def __init__(
        self,
        path: Path,
        max_mb: int = MAX_FILE_MB,
        audience: Audience = EVERYBODY,
        answers: Path | None = None,
    ) -> None:
        self.path = path
        self._audience = audience
        is_inside = answers is None or _is_within(*map(os.path.realpath, (answers, path)))
        self._answers = None if is_inside else answers
        self._max_bytes = max_mb * MEGABYTE
        self._synonyms: str | None = None  # the active list
        self._synonyms_state = UNCERTAIN

    def look(self) -> Listing:
        """Scan the folder once. Of the files' contents, only synonyms.txt is read.

        Raises CorpusError if the folder, or one that the audience's rules name, does not exist, and
        SynonymError if synonyms.txt is invalid and there is no earlier version of it.
        """
        if missing := self._audience.missing(self.path):
            raise CorpusError.no_source(self.path, missing)
        walk = _Walk(os.fspath(self.path), self._max_bytes, self._audience)
        walk.go()
        files = walk.files
        if self._answers is not None:
            files += self._kept_answers({file.name for file in files})
        problem = self._read_synonyms(walk.synonyms)
        if walk.synonyms is not None and problem:
            files.append(walk.synonyms._replace(size=0, state=problem, problem=problem))
        files.sort(key=lambda file: file.name)
        return Listing(files, self._synonyms or "", dict(sorted(walk.others.items())))

    def _kept_answers(self, known: set[str]) -> list[File]:
        """The documents in the answers folder, listed as if they were in this folder."""
        folder = os.fspath(self._answers or "") + f"/{ANSWERS}"
        walk = _Walk(folder, self._max_bytes, self._audience, f"{ANSWERS}/")
        with suppress(CorpusError):  # it does not exist yet
            walk.go()
        return [file for file in walk.files if file.name not in known]

    def _read_synonyms(self, file: File | None) -> str:
        """Read synonyms.txt if it changed; returns what is wrong with it, or "".

        If it is invalid, the previous list stays active. Raises SynonymError if there is none.
        """
        if file is None:
            self._synonyms, self._synonyms_state = "", UNCERTAIN
        elif file.problem:
            return file.problem
        elif file.state == UNCERTAIN or file.state != self._synonyms_state:
            try:
                text = decoded(content(file), file.path).text
                check(text, SYNONYMS)
            except OSError as error:
                return str(CorpusError.unreadable(file.path, error))
            except CorpusError as error:
                if isinstance(error, SynonymError) and self._synonyms is None:
                    raise
                return str(error)
            self._synonyms, self._synonyms_state = text, file.state
        return ""


def is_parsed(name: str) -> bool:
    """Whether a library parses this kind of file, which makes its index worth keeping."""
    return _kind(name) in PARSED


def content(file: File) -> bytes:
    """The bytes of a file. Raises OSError, or CorpusError if it is not a regular file."""
    # Non-blocking: opening a pipe that has replaced the file since the scan would hang.
    descriptor = os.open(file.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise CorpusError.not_a_file(file.path)
        # The file may have grown since the scan, but we limit how much is read.
        return opened.read(2 * file.size + MEGABYTE)


def printable(text: str) -> str:
    """A printable file name: bytes that are not UTF-8 become escapes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


_BINARY = getattr(os, "O_BINARY", 0)


class _Place(NamedTuple):
    """A folder to scan: its path, the path without links, and the prefix of its files' names."""

    path: str
    real: str
    prefix: str


class _Walk:
    """One walk through a folder. Paths are strings: objects for 20,000 paths take twice as long.

    Files that the audience may not read leave no trace, whether by their name or by a link's
    target.
    """

    def __init__(self, root: str, max_bytes: int, audience: Audience, prefix: str = "") -> None:
        self.files: list[File] = []
        self.others: Counter[str] = Counter()
        self.synonyms: File | None = None
        self._audience = None if audience.reads_all else audience
        self._without_links = audience.without_links(Path(root))
        self._max_bytes = max_bytes
        self._now = time.time()
        self._root = _Place(root, os.path.realpath(root), prefix)
        self._places = [self._root]
        self._linked: set[str] = set()

    def go(self) -> None:
        """Scan all folders. Raises CorpusError if the top folder cannot be read."""
        while self._places:
            place = self._places.pop()
            try:
                with os.scandir(place.path) as entries:
                    for entry in entries:
                        if not entry.name.startswith("."):
                            self._see(entry, place)
            except OSError as error:
                unreadable = CorpusError.unreadable_folder(place.path, error)
                if place is self._root:
                    raise unreadable from error
                self._skip(place.prefix, place.path, str(unreadable))

    def _reads(self, name: str, real: str) -> bool:
        """Whether the audience may read a file, by its name and its path without links."""
        if self._audience is None:
            return True
        is_listed = name == SYNONYMS or self._audience.reads(name)
        return is_listed and self._without_links.may_see(self._below_root(real))

    def _may_read_below(self, name: str, real: str) -> bool:
        """Whether a folder may contain files that the audience reads."""
        if self._audience is None:
            return True
        is_open = self._without_links.may_look_into(self._below_root(real))
        return self._audience.may_read_below(name) and is_open

    def _below_root(self, real: str) -> str:
        return real[len(self._root.real) :].replace(os.sep, "/").lstrip("/")

    def _see(self, entry: os.DirEntry[str], place: _Place) -> None:
        name, real = place.prefix + entry.name, f"{place.real}/{entry.name}"
        if not _is_utf_8(entry.name):
            if self._reads(printable(name), real):
                self._skip(printable(name), entry.path, str(CorpusError.name_not_utf8(entry.path)))
        elif entry.is_symlink():
            self._see_link(entry, name, place.real)
        elif not entry.is_dir(follow_symlinks=False):
            self._see_file(entry, name, real)
        elif self._may_read_below(name, real):
            self._places.append(_Place(entry.path, real, f"{name}/"))

    def _see_link(self, entry: os.DirEntry[str], name: str, folder: str) -> None:
        """Follow a link if it leads inside the root, and enter each linked folder only once.

        So circular links end, and many links to the same folder cost no more than one. `folder` is
        the folder of the link, without links.
        """
        try:
            real = os.path.realpath(entry.path, strict=True)
            is_folder = entry.is_dir()
        except OSError as error:
            self._see_broken(entry, name, f"{folder}/{entry.name}", error)
            return
        if not _is_within(real, self._root.real):
            problem = str(CorpusError.link_outside(entry.path))
            self._leave_out(entry, name, f"{folder}/{entry.name}", problem, is_folder=is_folder)
        elif not is_folder:
            self._see_file(entry, name, real)
        elif (
            real not in self._linked
            and not _is_within(folder, real)
            and self._may_read_below(name, real)
        ):
            self._linked.add(real)
            self._places.append(_Place(entry.path, real, f"{name}/"))

    def _see_file(self, entry: os.DirEntry[str], name: str, real: str) -> None:
        if not self._reads(name, real):
            return
        kind = _kind(entry.name)
        if name == TAUGHT:
            return
        if kind not in KINDS:
            self.others[kind] += 1
            return
        try:
            about = entry.stat()
        except OSError as error:
            self._see_broken(entry, name, real, error)
            return
        problem = ""
        if not stat.S_ISREG(about.st_mode):
            problem = str(CorpusError.not_a_file(entry.path))  # reading a pipe may hang
        elif about.st_size > self._max_bytes:
            most = self._max_bytes // MEGABYTE
            problem = str(CorpusError.too_large(entry.path, about.st_size // MEGABYTE, most))
        if problem:
            self._skip(name, entry.path, problem)
            return
        state = f"{about.st_size} {about.st_mtime_ns} {about.st_ino}"
        if abs(self._now - about.st_mtime) < CLOCK_TICK:
            state = UNCERTAIN
        self._add(File(name, entry.path, about.st_size, state))

    def _see_broken(self, entry: os.DirEntry[str], name: str, real: str, error: OSError) -> None:
        self._leave_out(entry, name, real, str(CorpusError.unreadable(entry.path, error)))

    def _leave_out(
        self,
        entry: os.DirEntry[str],
        name: str,
        real: str,
        problem: str,
        *,
        is_folder: bool = False,
    ) -> None:
        """Record why a document cannot be read; count a file that is not a document by its kind."""
        if not self._reads(name, real):
            return
        if is_folder or _kind(entry.name) in KINDS:
            self._skip(name, entry.path, problem)
        else:
            self.others[_kind(entry.name)] += 1

    def _skip(self, name: str, path: str, problem: str) -> None:
        said = printable(problem)
        self._add(File(name, path, 0, said, said))

    def _add(self, file: File) -> None:
        if file.name == SYNONYMS:
            self.synonyms = file
        else:
            self.files.append(file)


def _kind(name: str) -> str:
    stem, _, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if stem and suffix else ""


def _is_utf_8(name: str) -> bool:
    if name.isascii():
        return True
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip(os.sep)}{os.sep}")
