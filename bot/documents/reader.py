"""A folder to documents: the only place that reads them from the disk."""

import hashlib
import os
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from bot.documents import front_matter, plain_text
from bot.documents.encoding import decoded
from bot.documents.passages import cuts
from bot.documents.tree import Tree
from bot.errors import CorpusError
from bot.model import Document, Passage

# In any case; of what kind a file is, its name alone says.
MARKDOWN = (".md", ".markdown")
PLAIN_TEXT = (".txt", ".text")
# The corpus's own word list, not a document.
SYNONYMS = "synonyms.txt"

# A file that was written to a moment ago may be written to again with the same size and time: its
# state is uncertain, and it is read anew the next time.
CLOCK_TICK = 2.0
UNCERTAIN = ""


class File(NamedTuple):
    """A document's file as it lies on disk. `state` tells whether it may have changed."""

    name: str
    path: Path
    size: int
    state: str


class Folder(NamedTuple):
    """What lies below a folder: the documents' files in the order of their names, and the others.

    Of the others there is the number of each kind, by its suffix: `{".pdf": 3}`.
    """

    files: list[File]
    not_read: Mapping[str, int]


class Reading(NamedTuple):
    """A document with its passages, and a sentence on each thing in its file that was ignored."""

    document: Document
    passages: list[Passage]
    warnings: tuple[str, ...] = ()


class Found(NamedTuple):
    """What was made of a file's content: its hash, its document, or what is wrong with it.

    `warnings` has a line for each thing that is ignored or guessed in a document that serves.
    """

    hash: str
    document: Document | None = None
    passages: tuple[Passage, ...] = ()
    problem: str = ""
    warnings: str = ""


def read_named(name: str, folder: Path) -> Reading:
    """The file at a path on disk, or the document of that path below the folder.

    Raises CorpusError when there is none, or when it cannot be read.
    """
    path = next((one for one in (Path(name), folder / name) if _is_there(one)), None)
    if path is None:
        raise CorpusError.no_file(name, folder)
    if path.is_file() and path.suffix.lower() not in MARKDOWN + PLAIN_TEXT:
        raise CorpusError.not_read(path)
    place, top = path.resolve(), folder.resolve()
    document = place.relative_to(top) if place.is_relative_to(top) else place
    try:
        return _read(_printable(document.as_posix()), _content(path), _printable(str(path)))
    except OSError as error:
        raise CorpusError.unreadable(path, error) from error


def _is_there(path: Path) -> bool:
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):  # no name that a file could have
        return False


def walk(folder: Path) -> Folder:
    """Look through a folder, once. Raises CorpusError when there is no such folder."""
    found = []
    others: Counter[str] = Counter()
    for path in _paths(folder):
        kind = _printable(path.suffix.lower())
        if kind not in MARKDOWN + PLAIN_TEXT:
            others[kind] += 1
            continue
        name = _printable(path.relative_to(folder).as_posix())
        try:
            about = path.stat()
        except OSError:
            found.append(File(name, path, 0, UNCERTAIN))  # reading it will say what is wrong
            continue
        state = f"{about.st_size} {about.st_mtime_ns} {about.st_ino}"
        if abs(time.time() - about.st_mtime) < CLOCK_TICK:
            state = UNCERTAIN
        found.append(File(name, path, about.st_size, state))
    return Folder(sorted(found, key=lambda file: file.name), dict(sorted(others.items())))


def read_file(file: File) -> Found:
    """A file's document and passages, or what is wrong with it."""
    try:
        content = _content(file.path)
        read = _read(file.name, content, str(file.path))
    except OSError as error:
        return Found("", problem=_printable(str(CorpusError.unreadable(file.path, error))))
    except CorpusError as error:
        return Found("", problem=_printable(str(error)))
    warnings = _printable("\n".join(f"{file.path}: {warning}" for warning in read.warnings))
    hashed = hashlib.sha256(content).hexdigest()
    return Found(hashed, read.document, tuple(read.passages), warnings=warnings)


class Hashes:
    """Files whose state is the hash of their content, and so the same on every machine.

    Only what may have changed since the last time is read.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str]] = {}

    def of(self, found: Sequence[File]) -> list[File]:
        """The files with their hashes; one that cannot be read has the reason for its state."""
        known: dict[str, tuple[str, str]] = {}
        for file in found:
            state, hashed = self._known.get(file.name, (UNCERTAIN, ""))
            if state == UNCERTAIN or state != file.state:
                hashed = _hash(file)
            known[file.name] = (file.state, hashed)
        self._known = known
        return [file._replace(state=known[file.name][1]) for file in found]


def _hash(file: File) -> str:
    try:
        return hashlib.sha256(_content(file.path)).hexdigest()
    except OSError as error:
        return f"{error.strerror}"
    except CorpusError as error:
        return str(error)


def documents_hash(hashes: Iterable[tuple[str, str]], synonyms: str) -> str:
    """A hash of what a team wrote: the files by name and hash, and its own synonyms."""
    hashed = hashlib.sha256()
    for name, of_content in hashes:
        hashed.update(f"{name}\0{of_content}\n".encode())
    hashed.update(f"{SYNONYMS}\0{synonyms}\n".encode())
    return hashed.hexdigest()


def read_document(
    name: str, content: bytes, shown: str | None = None
) -> tuple[Document, list[Passage]]:
    """One file's document and passages. Raises CorpusError with the file, the place and the fix.

    `name` is the path below the corpus folder, `shown` the path to name in a message.
    """
    document, passages, _ = _read(name, content, shown or name)
    return document, passages


def _read(name: str, content: bytes, shown: str) -> Reading:
    text, guess = decoded(content, shown)
    fields, start, warnings = front_matter.read(text)
    if guess is not None:
        warnings = (f"read as {guess}", *warnings)
    tree = _tree(name, text, start)
    found = cuts(tree)
    if not found:
        raise CorpusError.no_paragraph(shown)
    top = " ".join(tree.text[slice(*tree.title.span)].split()) if tree.title else ""
    title = fields.pop("title", None) or top or _title_from(name)
    # A title at the top of the text is a heading where the document is called something else.
    above = () if top in ("", title) else (top,)
    document = Document(path=name, text=tree.text, title=title, paragraphs=len(found), **fields)
    passages = [one.passage(document, number, above) for number, one in enumerate(found, start=1)]
    return Reading(document, passages, warnings)


def _tree(name: str, text: str, start: int) -> Tree:
    """The blocks of what follows `start`, where the front matter ends."""
    if PurePath(name).suffix.lower() in MARKDOWN:
        from bot.documents import markdown  # only for files that have it

        return markdown.read(text[start:], first_line=1 + _count_lines(text[:start]))
    return plain_text.read(text, start)


def own_synonyms(folder: Path) -> str:
    """The text of the corpus's own list; none is an empty one."""
    path = folder / SYNONYMS
    try:
        return decoded(_content(path), str(path)).text if path.exists() else ""
    except OSError as error:
        raise CorpusError.unreadable(path, error) from error


def _paths(folder: Path) -> Iterator[Path]:
    """Every file below the folder but the synonyms; what begins with a dot is left alone."""
    if not folder.is_dir():
        raise CorpusError.no_folder(folder)
    try:
        for below, folders, names in os.walk(folder, onerror=_refuse):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = Path(below, name)
                if name.startswith(".") or path == folder / SYNONYMS:
                    continue
                yield path
    except OSError as error:
        raise CorpusError.unreadable_folder(error) from error


def _refuse(error: OSError) -> None:
    raise error


def _content(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise CorpusError.not_a_file(path)  # reading a pipe never ends
    return path.read_bytes()


def _printable(text: str) -> str:
    """A file's name need not be UTF-8: bytes that are not are written as escapes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _count_lines(text: str) -> int:
    return len(re.findall(r"\r\n|\r|\n", text))


def _title_from(name: str) -> str:
    """A file's name as a title: `coalition-of-the-willing.txt` is *Coalition of the willing*."""
    title = " ".join(re.split(r"[-_\s]+", Path(name).stem)).strip() or name
    return title[0].upper() + title[1:]
