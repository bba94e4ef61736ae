"""What lies below a folder of documents: each file and folder looked at once, whatever is there.

What cannot be a document has a `problem` that says why. It is listed, and the others serve.
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

# In any case; of what kind a file is, its name alone says.
MARKDOWN = (".md", ".markdown")
PLAIN_TEXT = (".txt", ".text")
# What a library parses: it takes long, and is done in another process.
PARSED = (".pdf", ".docx", ".html", ".htm", ".xhtml", ".csv", ".tsv", ".xlsx")
KINDS = MARKDOWN + PLAIN_TEXT + PARSED
# The corpus's own word list, not a document.
SYNONYMS = "synonyms.txt"
# What editors taught, no document either.
TAUGHT = "taught.jsonl"

# A file that was written to a moment ago may be written to again with the same size and time: its
# state is uncertain, and it is read anew the next time.
CLOCK_TICK = 2.0
UNCERTAIN = ""

MEGABYTE = 1_000_000
MAX_FILE_MB = 20


class File(NamedTuple):
    """A document's file as it lies on disk; `size` is in bytes.

    `state` tells whether it may have changed. With a `problem` it is not read; so stands a folder
    that cannot be looked into, whose name ends in a slash.
    """

    name: str
    path: str
    size: int
    state: str
    problem: str = ""


class Listing(NamedTuple):
    """A folder as it lies there: its files in the order of their names, and its own synonyms.

    Of the other files there is the number of each kind, by its suffix: `{".pdf": 3}`.
    """

    files: Sequence[File]
    synonyms: str
    not_read: Mapping[str, int]

    @property
    def size(self) -> int:
        """The bytes of all documents together."""
        return sum(file.size for file in self.files)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that may be a document."""
        return all(file.problem for file in self.files)


class DocumentFolder:
    """A folder that is looked through again and again, for what its audience reads.

    A file above `max_mb` is not read. The answers that editors keep in another folder are documents
    like those in this one.
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
        self._synonyms: str | None = None  # the list that is in force
        self._synonyms_state = UNCERTAIN

    def look(self) -> Listing:
        """Look through the folder, once; what is in the files is not read.

        Raises CorpusError when there is no such folder, or none that the audience's rules name, and
        SynonymError when its synonyms.txt does not parse the first time.
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
        """The documents that editors keep elsewhere, as if they stood in the folder."""
        folder = os.fspath(self._answers or "") + f"/{ANSWERS}"
        walk = _Walk(folder, self._max_bytes, self._audience, f"{ANSWERS}/")
        with suppress(CorpusError):  # there is none yet
            walk.go()
        return [file for file in walk.files if file.name not in known]

    def _read_synonyms(self, file: File | None) -> str:
        """Read the corpus's own list if it changed; returns what is wrong with it.

        Then the one in force stays. Raises SynonymError where there is none yet.
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
    """Whether a file is of a kind that a library parses: its index is worth keeping."""
    return _kind(name) in PARSED


def content(file: File) -> bytes:
    """The bytes of a file. Raises OSError, or CorpusError for what is no regular file."""
    # A pipe that lies there since the folder was looked through would never open.
    descriptor = os.open(file.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise CorpusError.not_a_file(file.path)
        # It may have grown since it was looked at, but not without bound.
        return opened.read(2 * file.size + MEGABYTE)


def printable(text: str) -> str:
    """A name as a person can read it: bytes that are not UTF-8 are written as escapes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


_BINARY = getattr(os, "O_BINARY", 0)


class _Place(NamedTuple):
    """A folder to look into: its path, that without links, and what stands before its names."""

    path: str
    real: str
    prefix: str


class _Walk:
    """One walk through a folder. With strings: objects for 20,000 paths take twice as long.

    What the audience does not read leaves no trace, be it by its name or by where a link leads.
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
        """Look into each folder. Raises CorpusError when the first cannot be looked into."""
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
        """Whether the audience reads a file of this name, which is this one without links."""
        if self._audience is None:
            return True
        is_listed = name == SYNONYMS or self._audience.reads(name)
        return is_listed and self._without_links.may_see(self._below_root(real))

    def _may_read_below(self, name: str, real: str) -> bool:
        """Whether a folder may hold something that the audience reads."""
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
        """Follow a link to what lies inside the folder; a folder is reached by one link only.

        So links in a circle end, and many links to one another cost no more than one. `folder` is
        where the link lies, without links.
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
            problem = str(CorpusError.not_a_file(entry.path))  # reading a pipe never ends
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
        """Say why something cannot be read that would be; of what would not, count the kind."""
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
