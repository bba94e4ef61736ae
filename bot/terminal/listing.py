"""Listings of the corpus: documents, passages, aliases, content hash; as text or JSON."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from bot import phrases
from bot.documents.reader import Reading
from bot.english.aliases import Alias
from bot.index import Index
from bot.json_lines import as_line, document_object, lead_objects
from bot.layout import one_line
from bot.model import Citation, Document, Passage
from bot.phrases import count, not_read, shown


def show(corpus: Index, folder: Path, console: Console) -> None:
    """Print each document with its passages, one per line."""
    for document in corpus.documents:
        passages = corpus.passages_of(document.path)
        _show_title(document, folder, console)
        for passage in passages:
            number = Text(f"{passage.number:>5}  ", "dim")
            beginning = number + Text(shown(one_line(passage.text)))
            console.print(beginning, no_wrap=True, overflow="ellipsis")
        console.print()
    console.print(
        f"{count(len(corpus.documents), 'document')}, {count(corpus.size, 'passage')}, "
        f"content hash {corpus.documents_hash}",
        soft_wrap=True,
    )
    for fact in (*corpus.warnings, *not_read(corpus.not_read)):
        console.print(Text(shown(fact)), soft_wrap=True)


def show_document(read: Reading, folder: Path, console: Console) -> None:
    """Print how a document was read: each passage with its kind, its place and its leads."""
    _show_title(read.document, folder, console)
    for passage in read.passages:
        said = phrases.whole(passage)
        console.print()
        console.print(Text(shown(_about(passage)), "dim"), soft_wrap=True)
        for lead in said.leads:
            console.print(Text(f"  {lead}", "italic"), soft_wrap=True)
        for line in said.quote.split("\n"):
            console.print(Text(f"  {line}".rstrip()), soft_wrap=True)
    console.print()
    console.print(count(len(read.passages), "passage"))
    for warning in read.warnings:
        console.print(Text(shown(warning)), soft_wrap=True)


def _show_title(document: Document, folder: Path, console: Console) -> None:
    facts = [document.date, document.author, document.url, document.rights]
    about = [f"{(folder / document.path).as_posix()}", *(fact for fact in facts if fact)]
    console.print(Text(shown(document.title), "bold"), soft_wrap=True)
    console.print(Text(shown(" · ".join(about)), "cyan"), soft_wrap=True)


def _about(passage: Passage) -> str:
    """The number, kind and place of a passage: `3  row, line 12 · Plans › Prices`."""
    points = "says only where to look" if passage.points else ""
    facts = [passage.kind, _lines(passage), _page(passage), points]
    about = [", ".join(filter(None, facts)), phrases.path(passage)]
    return f"{passage.number}  {' · '.join(filter(None, about))}"


def _lines(passage: Passage) -> str:
    if passage.lines is None:
        return ""
    first, last = passage.lines
    return f"line {first}" if first == last else f"lines {first} to {last}"


def _page(passage: Passage) -> str:
    return phrases.page_of(passage.pages[0]) if passage.pages else ""


def show_aliases(found: Iterable[tuple[str, Alias]], console: Console) -> None:
    """Print the aliases that the documents use for people and bodies, one per line."""
    for document, alias in found:
        line = Text.assemble((shown(alias.written), "bold"), " means ", shown(alias.name))
        console.print(line + Text(f"  {shown(document)}", "dim"), soft_wrap=True)


def aliases_as_json(found: Iterable[tuple[str, Alias]]) -> str:
    """The aliases as one line of JSON."""
    aliases = [
        {"alias": alias.written, "name": alias.name, "document": document}
        for document, alias in found
    ]
    return as_line({"aliases": aliases})


def as_json(corpus: Index) -> str:
    """The corpus as one line of JSON."""
    documents = [
        _object(document, corpus.passages_of(document.path)) for document in corpus.documents
    ]
    values = {
        "documents": documents,
        "problems": corpus.problems,
        "warnings": corpus.warnings,
        "not_read": corpus.not_read,
        "corpus": corpus.documents_hash,
    }
    return as_line(values)


def document_as_json(read: Reading) -> str:
    """A document as one line of JSON, as in `as_json`, with its warnings."""
    values = _object(read.document, read.passages) | {"warnings": read.warnings}
    return as_line(values)


def _object(document: Document, passages: Iterable[Passage]) -> dict[str, Any]:
    return document_object(document) | {
        "passages": [
            {
                "paragraph": passage.number,
                "kind": passage.kind,
                "heading": passage.heading,
                "headings": list(passage.headings),
                "leads": lead_objects(Citation(passage, passage.start, passage.end)),
                "lines": list(passage.lines) if passage.lines else None,
                "page": passage.pages[0].number if passage.pages else None,
                "anchor": passage.anchor or None,
                "text": passage.text,
            }
            for passage in passages
        ],
    }
