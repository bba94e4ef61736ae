"""Markdown to text and passages: its words without the markup, with the lines they stand on."""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.documents.plain_text import Block, Split


def read(source: str, first_line: int = 1) -> tuple[str, Split]:
    """The words of a Markdown text, a block a paragraph, and the blocks under their headings.

    Blocks are joined by blank lines into the text that the offsets count in. A first heading of
    the first level is the title. `first_line` is the number of the source's first line in its
    file. HTML is left out: what it shows, no two readers agree on.
    """
    text = ""
    title: str | None = None
    heading: str | None = None
    paragraphs: list[Block] = []
    for kind, words, lines in _blocks(source):
        if kind == "h1" and title is None and not paragraphs and heading is None:
            title = words
        elif kind.startswith("h"):
            heading = words
        if text:
            text += "\n\n"
        start, text = len(text), text + words
        if kind == "p":
            numbers = (lines[0] + first_line, lines[1] + first_line)
            paragraphs.append(Block(start, len(text), numbers, heading))
    return text, Split(title, tuple(paragraphs))


def _blocks(source: str) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Each block that has words: "p" or "h1" to "h6", its words, its first and last line from 0."""
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    kind, row = "p", ""
    for token in tokens:
        if token.type == "heading_open":
            kind = token.tag
        elif token.type == "heading_close":
            kind = "p"
        elif token.type in ("td_open", "th_open"):
            row += " | " if row else ""
            kind = "cell"
        elif token.type == "tr_open":
            span = _lines(token)
        elif token.type == "tr_close":
            kind = "p"
            if row.strip(" |"):
                yield "p", row, span
            row = ""
        elif token.type == "inline" and kind == "cell":
            row += _words(token)
        elif token.type == "inline" and _words(token):
            yield kind, _words(token), _lines(token)
        elif token.type in ("fence", "code_block") and token.content.strip():
            yield "p", token.content.strip(), _lines(token)


def _words(inline: Token) -> str:
    """What a reader sees of it: marks and links are gone, a line break is a space."""
    parts = []
    for child in inline.children or ():
        if child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image":
            parts.append(_words(child))
        elif child.type in ("text", "code_inline"):
            parts.append(child.content)
    return "".join(parts).strip()


def _lines(token: Token) -> tuple[int, int]:
    first, after = token.map or (0, 1)
    return first, max(first, after - 1)
