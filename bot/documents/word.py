"""Word files to blocks: mammoth converts them to HTML, which `bot.documents.html` reads.

A Word file has no pages; the program that shows it decides where they end.
"""

import re
import zipfile
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

from bot.documents import zips
from bot.documents.fields import sane
from bot.documents.html import tree_of
from bot.documents.tree import Block, Heading, Row, Table, Tree
from bot.documents.word_numbers import written_out
from bot.errors import CorpusError
from bot.model import CELLS

# The document's own style map is ignored, so that these rules decide and the title is recognized.
_STYLES = """
p[style-name='Title'] => h1.title:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='List Bullet 2'] => ul|ol > li > ul > li:fresh
p[style-name='List Number 2'] => ul|ol > li > ol > li:fresh
p[style-name='List Bullet 3'] => ul|ol > li > ul|ol > li > ul > li:fresh
p[style-name='List Number 3'] => ul|ol > li > ul|ol > li > ol > li:fresh
p[style-name='Code'] => pre:separator('\\n')
p[style-name='HTML Preformatted'] => pre:separator('\\n')
p[style-name='TOC Heading'] => !
p[style-name='toc 1'] => !
p[style-name='toc 2'] => !
p[style-name='toc 3'] => !
comment-reference => !
"""
_TITLE = '<h1 class="title">'
_PROPERTIES = "docProps/core.xml"
_DC = "{http://purl.org/dc/elements/1.1/}"
_DCTERMS = "{http://purl.org/dc/terms/}"
# The author in python-docx's template, whose date is the template's too.
_TEMPLATE = "python-docx"
_LEFT_OUT = {
    "word/document.xml": (
        re.compile(rb"<w:(?:del|moveFrom)[ >]"),
        "has tracked changes: insertions are read as text, deletions are dropped",
    ),
    "word/comments.xml": (re.compile(rb"<w:comment[ >]"), "has comments; they are dropped"),
}


def read(content: bytes, shown: str) -> Tree:
    """The blocks of a .docx file. Raises CorpusError if it cannot be read.

    Tracked insertions are read as text; tracked deletions, comments and pictures are skipped.
    """
    zips.check(content, shown, "a Word")
    try:
        source = _as_html(content)
        about, warnings = _about(content)
    except RecursionError:
        raise
    except Exception:  # a corrupt part makes mammoth raise any kind of error
        raise CorpusError.broken(shown, "a Word") from None
    tree = tree_of(source)
    blocks = [_with_header(block, tree.text) for block in tree.blocks]
    if _TITLE in source:
        blocks = _below_title(blocks)
    return Tree(tree.text, blocks, tuple(about.items()), warnings)


def _as_html(content: bytes) -> str:
    import mammoth

    made: Any = mammoth.convert_to_html(
        BytesIO(written_out(content)),
        style_map=_STYLES,
        include_embedded_style_map=False,
        external_file_access=False,
        convert_image=lambda _: [],
    )
    return str(made.value)


def _about(content: bytes) -> tuple[dict[str, str], tuple[str, ...]]:
    """Its metadata, and a warning for each kind of content that is skipped."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = set(archive.namelist())
        warnings = tuple(
            said
            for name, (mark, said) in _LEFT_OUT.items()
            if name in names and mark.search(archive.read(name))
        )
    return properties_of(content), warnings


def properties_of(content: bytes) -> dict[str, str]:
    """The metadata in the properties of an Office file, without values that make no sense."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        if _PROPERTIES not in archive.namelist():
            return {}
        xml = archive.read(_PROPERTIES)
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError:
        return {}
    author = root.findtext(f"{_DC}creator") or ""
    changed = root.findtext(f"{_DCTERMS}modified") or root.findtext(f"{_DCTERMS}created") or ""
    return sane(
        title=root.findtext(f"{_DC}title") or "",
        author=author,
        date="" if author == _TEMPLATE else changed,
    )


def _below_title(blocks: list[Block]) -> list[Block]:
    """The blocks with every heading but the first one level down, below the title."""
    first = next((n for n, one in enumerate(blocks) if isinstance(one, Heading)), 0)
    return [
        Heading(one.span, one.lines, one.level + 1, one.anchor)
        if isinstance(one, Heading) and place > first
        else one
        for place, one in enumerate(blocks)
    ]


def _with_header(block: Block, text: str) -> Block:
    """A table with its first row as header if that names the columns; other blocks as they are."""
    if not isinstance(block, Table) or block.header is not None or len(block.rows) < 2:
        return block
    first, *others = (text[slice(*row.span)].split(CELLS) for row in block.rows)
    if _names_columns(first, others):
        return Table(block.rows[0], list[Row](block.rows[1:]), block.caption)
    return block


def _names_columns(first: list[str], others: list[list[str]]) -> bool:
    """Whether the first row has column names rather than values.

    Two columns without numbers more likely pair a subject with its description.
    """
    if len(first) < 2 or len(set(first)) < len(first) or any(_has_digit(cell) for cell in first):
        return False
    if not all(cell.strip() for cell in first):
        return False
    numbers = sum(_has_digit(row[-1]) for row in others)
    return len(first) > 2 or 2 * numbers >= len(others)


def _has_digit(cell: str) -> bool:
    return any(c.isdigit() for c in cell)
