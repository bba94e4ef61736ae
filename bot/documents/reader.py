"""A folder to documents: the only place that reads them from the disk."""

import hashlib
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from bot.documents import front_matter, plain_text
from bot.documents.encoding import decoded
from bot.documents.passages import cuts
from bot.documents.tree import Tree
from bot.errors import CorpusError
from bot.model import Document, Passage

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

    `warnings` has a line for each thing that is ignored or guessed in a document that serves. Of a
    file that says what it said the last time there is only the hash.
    """

    hash: str
    document: Document | None = None
    passages: tuple[Passage, ...] = ()
    problem: str = ""
    warnings: str = ""
    is_known: bool = False


def walk(folder: Path) -> Folder:
    """Look through a folder, once. Raises CorpusError when there is no such folder."""
    found = []
    others: Counter[str] = Counter()
    for path in _paths(folder):
        kind = _printable(path.suffix.lower())
        if kind not in _READERS:
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


def is_parsed(name: str) -> bool:
    """Whether a file is of a kind that takes long to read: its index is worth keeping."""
    return PurePath(name).suffix.lower() in _PARSERS


def read_file(file: File, known: str = "") -> Found:
    """A file's document and passages, or what is wrong with it.

    Of a file with the hash that is `known`, nothing but the hash: it was read before.
    """
    try:
        content = _content(file.path)
        hashed = hashlib.sha256(content).hexdigest()
        if hashed == known:
            return Found(hashed, is_known=True)
        read = _read(file.name, content, str(file.path))
    except OSError as error:
        return Found("", problem=_printable(str(CorpusError.unreadable(file.path, error))))
    except CorpusError as error:
        return Found("", problem=_printable(str(error)))
    warnings = _printable("\n".join(f"{file.path}: {warning}" for warning in read.warnings))
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
    try:
        tree = _READERS.get(PurePath(name).suffix.lower(), _plain_text)(content, shown)
        found = cuts(tree)
    except RecursionError:
        raise CorpusError.too_deep(shown) from None
    if not found:
        raise CorpusError.no_paragraph(shown)
    top = " ".join(tree.text[slice(*tree.title.span)].split()) if tree.title else ""
    fields = dict(tree.fields)
    title = fields.pop("title", None) or top or _title_from(name)
    # A title at the top of the text is a heading where the document is called something else.
    above = () if top in ("", title) else (top,)
    document = Document(path=name, text=tree.text, title=title, paragraphs=len(found), **fields)
    passages = [one.passage(document, number, above) for number, one in enumerate(found, start=1)]
    return Reading(document, passages, tree.warnings)


# What makes blocks of a file's content; the second argument is what a message calls the file. A
# library is imported for the files that need it.


def _plain_text(content: bytes, shown: str) -> Tree:
    return _written(content, shown, plain_text.read)


def _markdown(content: bytes, shown: str) -> Tree:
    def below(text: str, start: int) -> Tree:
        from bot.documents import markdown

        return markdown.read(text[start:], first_line=1 + _count_lines(text[:start]))

    return _written(content, shown, below)


def _written(content: bytes, shown: str, read: Callable[[str, int], Tree]) -> Tree:
    """The blocks of a text that may have front matter; `read` is told where that ends."""
    text, guess = decoded(content, shown)
    fields, start, warnings = front_matter.read(text)
    guessed = (f"read as {guess}",) if guess is not None else ()
    tree = read(text, start)
    return tree._replace(fields=tuple(fields.items()), warnings=(*guessed, *warnings))


def _html(content: bytes, shown: str) -> Tree:
    from bot.documents import html

    return html.read(content, shown)


def _word(content: bytes, shown: str) -> Tree:
    from bot.documents import word

    return word.read(content, shown)


def _pdf(content: bytes, shown: str) -> Tree:
    from bot.documents import pdf

    return pdf.read(content, shown)


def _excel(content: bytes, shown: str) -> Tree:
    from bot.documents import tables

    return tables.read_workbook(content, shown)


def _csv(content: bytes, shown: str) -> Tree:
    from bot.documents import tables

    return tables.read_text(content, shown, ",")


def _tsv(content: bytes, shown: str) -> Tree:
    from bot.documents import tables

    return tables.read_text(content, shown, "\t")


_PARSERS: Mapping[str, Callable[[bytes, str], Tree]] = {
    ".pdf": _pdf,
    ".docx": _word,
    ".html": _html,
    ".htm": _html,
    ".xhtml": _html,
    ".csv": _csv,
    ".tsv": _tsv,
    ".xlsx": _excel,
}
# Of what kind a file is, its name alone says, in any case.
_READERS: Mapping[str, Callable[[bytes, str], Tree]] = {
    **dict.fromkeys(MARKDOWN, _markdown),
    **dict.fromkeys(PLAIN_TEXT, _plain_text),
    **_PARSERS,
}


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
