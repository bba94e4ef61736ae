"""A folder to documents: the only place that reads them from the disk."""

import hashlib
import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bot.documents.plain_text import Block, Split, split
from bot.english.text import points_elsewhere
from bot.errors import CorpusError
from bot.model import Document, Passage

SUFFIXES = (".txt", ".md")
# The corpus's own word list, not a document.
SYNONYMS = "synonyms.txt"

# A file that was written to a moment ago may be written to again with the same size and time: its
# state is uncertain, and it is read anew the next time.
CLOCK_TICK = 2.0
UNCERTAIN = ""

# The line above and below the front matter.
_FENCE = re.compile(r"^-{3,}\s*$", re.MULTILINE)
_FIELDS = ("title", "url", "date", "author", "rights")


class File(NamedTuple):
    """A document's file as it lies on disk. `state` tells whether it may have changed."""

    name: str
    path: Path
    size: int
    state: str


class Found(NamedTuple):
    """What was made of a file's content: its hash, its document, or what is wrong with it."""

    hash: str
    document: Document | None = None
    passages: tuple[Passage, ...] = ()
    problem: str = ""


def files(folder: Path) -> list[File]:
    """Every document's file below the folder, in the order of their names.

    Raises CorpusError when there is no such folder.
    """
    found = []
    for path in _paths(folder):
        name = path.relative_to(folder).as_posix()
        try:
            about = path.stat()
        except OSError:
            found.append(File(name, path, 0, UNCERTAIN))  # reading it will say what is wrong
            continue
        state = f"{about.st_size} {about.st_mtime_ns} {about.st_ino}"
        if abs(time.time() - about.st_mtime) < CLOCK_TICK:
            state = UNCERTAIN
        found.append(File(name, path, about.st_size, state))
    return sorted(found, key=lambda file: file.name)


def read_file(file: File) -> Found:
    """A file's document and passages, or what is wrong with it."""
    try:
        content = _content(file.path)
        document, passages = read_document(file.name, content, shown=str(file.path))
    except OSError as error:
        return Found("", problem=str(CorpusError.unreadable(file.path, error)))
    except CorpusError as error:
        return Found("", problem=str(error))
    return Found(hashlib.sha256(content).hexdigest(), document, tuple(passages))


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
    shown = shown or name
    text = _decoded(content, shown)
    fields, start = _front_matter(text, shown)
    parts: Split
    if name.endswith(".md"):
        from bot.documents import markdown  # only for files that have it

        text, parts = markdown.read(text[start:], first_line=1 + _count_lines(text[:start]))
    else:
        parts = split(text, start)
    if not parts.paragraphs:
        raise CorpusError.no_paragraph(shown)
    title = fields.pop("title", None) or parts.title or _title_from(name)
    top = () if parts.title in (None, title) else (parts.title,)
    document = Document(
        path=name, text=text, title=title, paragraphs=len(parts.paragraphs), **fields
    )
    return document, [
        _passage(document, number, block, top)
        for number, block in enumerate(parts.paragraphs, start=1)
    ]


def _passage(document: Document, number: int, block: Block, top: tuple[str, ...]) -> Passage:
    """A block as a passage; `top` is the text's own title where the front matter has another."""
    points = block.points or points_elsewhere(document.text[block.start : block.end])
    # Each heading on one line: so they are kept, and so they are cited.
    headings = tuple(" ".join(heading.split()) for heading in (*top, *block.headings))
    return Passage(document, block.start, block.end, number, block.lines, headings, points=points)


def own_synonyms(folder: Path) -> str:
    """The text of the corpus's own list; none is an empty one."""
    path = folder / SYNONYMS
    try:
        return _decoded(_content(path), str(path)) if path.exists() else ""
    except OSError as error:
        raise CorpusError.unreadable(path, error) from error


def _paths(folder: Path) -> Iterator[Path]:
    """Every document below the folder; what begins with a dot is left alone."""
    if not folder.is_dir():
        raise CorpusError.no_folder(folder)
    try:
        for below, folders, names in os.walk(folder, onerror=_refuse):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = Path(below, name)
                if name.startswith(".") or path == folder / SYNONYMS:
                    continue
                if path.suffix in SUFFIXES:
                    yield path
    except OSError as error:
        raise CorpusError.unreadable_folder(error) from error


def _refuse(error: OSError) -> None:
    raise error


def _content(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise CorpusError.not_a_file(path)  # reading a pipe never ends
    return path.read_bytes()


def _decoded(content: bytes, shown: str) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError.not_utf8(shown, error.start) from None
    if "\0" in text:
        raise CorpusError.not_text(shown)
    return text


def _front_matter(text: str, shown: str) -> tuple[dict[str, Any], int]:
    """The fields of the YAML front matter, and where the text after it begins."""
    if not re.match(r"\ufeff?---[ \t]*\r?\n", text):
        return {}, 0
    import yaml  # only for files that have it

    _, *parts = _FENCE.split(text, 2)
    if len(parts) < 2:
        raise CorpusError.open_front_matter(shown)
    source, body = parts
    try:
        # libyaml where it is installed: it is faster, and names other lines in its errors.
        fields = yaml.load(source, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
    except (
        yaml.YAMLError,
        ValueError,
        RecursionError,
    ) as error:  # a date in month 13 is a ValueError
        mark = getattr(error, "problem_mark", None)
        raise CorpusError.broken_front_matter(shown, mark and mark.line + 1) from None
    return _checked(fields, shown), len(text) - len(body)


def _checked(fields: Any, shown: str) -> dict[str, str]:
    """The fields that we know, as text. Others belong to somebody else's tools."""
    if not isinstance(fields, dict):
        raise CorpusError.no_fields(shown)
    checked = {}
    for name in _FIELDS:
        value = fields.get(name)
        if value is None:
            continue
        if isinstance(value, list | dict):
            raise CorpusError.wrong_field(shown, name)
        checked[name] = " ".join(str(value).split())
    url = checked.get("url")
    if url and not re.fullmatch(r"https?://[^\s<>|\"\\]+", url):
        raise CorpusError.wrong_url(shown)
    return {name: value for name, value in checked.items() if value}


def _count_lines(text: str) -> int:
    return len(re.findall(r"\r\n|\r|\n", text))


def _title_from(name: str) -> str:
    """A file's name as a title: `coalition-of-the-willing.txt` is *Coalition of the willing*."""
    title = " ".join(re.split(r"[-_\s]+", Path(name).stem)).strip() or name
    return title[0].upper() + title[1:]
