"""Reads a file into a document and its passages."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from bot.documents import front_matter, plain_text
from bot.documents.encoding import decoded
from bot.documents.folder import (
    KINDS,
    MARKDOWN,
    PLAIN_TEXT,
    SYNONYMS,
    UNCERTAIN,
    File,
    content,
    printable,
)
from bot.documents.passages import cuts
from bot.documents.tree import Tree
from bot.errors import CorpusError
from bot.model import Document, Passage


class Reading(NamedTuple):
    """A document with its passages, and a phrase for each thing that was ignored or guessed."""

    document: Document
    passages: list[Passage]
    warnings: tuple[str, ...] = ()


class Found(NamedTuple):
    """The result of reading a file: its content's hash, and its document or a problem.

    `warnings` has a line for each thing that was ignored or guessed. For an unchanged file
    (`is_known`), only the hash is set.
    """

    hash: str
    document: Document | None = None
    passages: tuple[Passage, ...] = ()
    problem: str = ""
    warnings: str = ""
    is_known: bool = False


def read_named(name: str, folder: Path) -> Reading:
    """Read the file at a path, or else the document with that path in the folder.

    Raises CorpusError if there is no such file, or if it cannot be read.
    """
    path = next((one for one in (Path(name), folder / name) if _is_there(one)), None)
    if path is None:
        raise CorpusError.no_file(name, folder)
    if path.is_file() and path.suffix.lower() not in KINDS:
        raise CorpusError.not_read(path)
    place, top = path.resolve(), folder.resolve()
    document = place.relative_to(top) if place.is_relative_to(top) else place
    try:
        size = path.stat().st_size
    except OSError as error:
        raise CorpusError.unreadable(printable(str(path)), error) from error
    found = read_file(File(printable(document.as_posix()), str(path), size, UNCERTAIN))
    if found.document is None:
        raise CorpusError(found.problem)
    warnings = found.warnings.splitlines()
    return Reading(found.document, list(found.passages), tuple(warnings))


def _is_there(path: Path) -> bool:
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):  # not a valid file name
        return False


def read_file(file: File, known: str = "") -> Found:
    """Read a file into its document and passages, or say what is wrong with it.

    A file whose hash is `known` is unchanged and not parsed again. Raises nothing but MemoryError.
    """
    if file.problem:
        return Found("", problem=file.problem)
    try:
        read_bytes = content(file)
        hashed = hashlib.sha256(read_bytes).hexdigest()
        if hashed == known:
            return Found(hashed, is_known=True)
        read = _read(file.name, read_bytes, file.path)
    except OSError as error:
        return Found("", problem=printable(str(CorpusError.unreadable(file.path, error))))
    except CorpusError as error:
        return Found("", problem=printable(str(error)))
    except MemoryError:
        raise
    except Exception as error:
        return broken(file, error)
    warnings = printable("\n".join(f"{file.path}: {warning}" for warning in read.warnings))
    return Found(hashed, read.document, tuple(read.passages), warnings=warnings)


def broken(file: File, error: Exception) -> Found:
    """The result for a file on which reading or indexing failed unexpectedly."""
    return Found("", problem=printable(str(CorpusError.unreadable_content(file.path, error))))


class Hashes:
    """Replaces the state of files by the hash of their content, which is equal on every machine.

    Only reads files that may have changed since the last call.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str]] = {}

    def of(self, found: Sequence[File]) -> list[File]:
        """The files with their hashes as state; for an unreadable file, the reason."""
        known: dict[str, tuple[str, str]] = {}
        for file in found:
            state, hashed = self._known.get(file.name, (UNCERTAIN, ""))
            if state == UNCERTAIN or state != file.state:
                hashed = _hash(file)
            known[file.name] = (file.state, hashed)
        self._known = known
        return [file._replace(state=known[file.name][1]) for file in found]


def _hash(file: File) -> str:
    if file.problem:
        return file.problem
    try:
        return hashlib.sha256(content(file)).hexdigest()
    except OSError as error:
        return f"{error.strerror}"
    except CorpusError as error:
        return str(error)


def documents_hash(hashes: Iterable[tuple[str, str]], synonyms: str) -> str:
    """A hash of what a team wrote: the (name, content hash) of each file, and its synonyms."""
    hashed = hashlib.sha256()
    for name, of_content in hashes:
        hashed.update(f"{name}\0{of_content}\n".encode())
    hashed.update(f"{SYNONYMS}\0{synonyms}\n".encode())
    return hashed.hexdigest()


def read_document(
    name: str, content: bytes, shown: str | None = None
) -> tuple[Document, list[Passage]]:
    """One file's document and passages. Raises CorpusError with the file, the place and the fix.

    `name` is the path in the corpus folder, `shown` the path for messages (default: `name`).
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
    # If the metadata has another title, the title at the top of the text is a heading.
    above = () if top in ("", title) else (top,)
    document = Document(path=name, text=tree.text, title=title, paragraphs=len(found), **fields)
    passages = [one.passage(document, number, above) for number, one in enumerate(found, start=1)]
    return Reading(document, passages, tree.warnings)


# The readers by format; the second argument is the file's name for messages. Each library is
# imported only for the files that need it.


def _plain_text(content: bytes, shown: str) -> Tree:
    return _written(content, shown, plain_text.read)


def _markdown(content: bytes, shown: str) -> Tree:
    def below(text: str, start: int) -> Tree:
        from bot.documents import markdown

        return markdown.read(text[start:], first_line=1 + _count_lines(text[:start]))

    return _written(content, shown, below)


def _written(content: bytes, shown: str, read: Callable[[str, int], Tree]) -> Tree:
    """The blocks of a text that may have front matter; `read` gets the offset where that ends."""
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


# The suffix alone decides how a file is read; case does not matter.
_READERS: Mapping[str, Callable[[bytes, str], Tree]] = {
    **dict.fromkeys(MARKDOWN, _markdown),
    **dict.fromkeys(PLAIN_TEXT, _plain_text),
    ".pdf": _pdf,
    ".docx": _word,
    ".html": _html,
    ".htm": _html,
    ".xhtml": _html,
    ".csv": _csv,
    ".tsv": _tsv,
    ".xlsx": _excel,
}


def _count_lines(text: str) -> int:
    return len(re.findall(r"\r\n|\r|\n", text))


def _title_from(name: str) -> str:
    """A file's name as a title: `coalition-of-the-willing.txt` is *Coalition of the willing*."""
    title = " ".join(re.split(r"[-_\s]+", Path(name).stem)).strip() or name
    return title[0].upper() + title[1:]
