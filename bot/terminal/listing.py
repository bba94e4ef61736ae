"""The corpus as a person looks at it: documents, passages, content hash."""

import json
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.english.aliases import Alias
from bot.index import Index
from bot.phrases import count, not_read, shown


def show(corpus: Index, folder: Path, console: Console) -> None:
    """Print each document with its passages, a line each."""
    for document in corpus.documents:
        passages = corpus.passages_of(document.path)
        facts = [document.date, document.author, document.url, document.rights]
        console.print(Text(shown(document.title), "bold"), soft_wrap=True)
        about = [f"{(folder / document.path).as_posix()}", *(fact for fact in facts if fact)]
        console.print(Text(shown(" · ".join(about)), "cyan"), soft_wrap=True)
        for passage in passages:
            number = Text(f"{passage.number:>5}  ", "dim")
            beginning = number + Text(shown(passage.text))
            console.print(beginning, no_wrap=True, overflow="ellipsis")
        console.print()
    console.print(
        f"{count(len(corpus.documents), 'document')}, {count(corpus.size, 'passage')}, "
        f"content hash {corpus.documents_hash}",
        soft_wrap=True,
    )
    for fact in (*corpus.warnings, *not_read(corpus.not_read)):
        console.print(Text(shown(fact)), soft_wrap=True)


def show_aliases(found: Iterable[tuple[str, Alias]], console: Console) -> None:
    """Print what the documents call people and bodies, a line each."""
    for document, alias in found:
        line = Text.assemble((shown(alias.written), "bold"), " means ", shown(alias.name))
        console.print(line + Text(f"  {shown(document)}", "dim"), soft_wrap=True)


def as_json(corpus: Index) -> str:
    """The same as one line of JSON."""
    documents = [
        {
            "document": document.path,
            "title": document.title,
            "date": document.date,
            "author": document.author,
            "url": document.url,
            "rights": document.rights,
            "passages": [
                {
                    "paragraph": passage.number,
                    "heading": passage.heading,
                    "headings": list(passage.headings),
                    "lines": list(passage.lines) if passage.lines else None,
                    "page": passage.pages[0].number if passage.pages else None,
                    "anchor": passage.anchor or None,
                    "text": passage.text,
                }
                for passage in corpus.passages_of(document.path)
            ],
        }
        for document in corpus.documents
    ]
    values = {
        "documents": documents,
        "problems": corpus.problems,
        "warnings": corpus.warnings,
        "not_read": corpus.not_read,
        "corpus": corpus.documents_hash,
    }
    return json.dumps(values, ensure_ascii=False)
