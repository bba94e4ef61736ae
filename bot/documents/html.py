"""HTML to blocks: what a reader of the page sees, without menus, scripts and comments.

One walker reads whole pages, HTML inside Markdown, and the HTML that Word files are converted to.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.documents.encoding import decoded
from bot.documents.fields import sane
from bot.documents.html_elements import (
    BLOCKS,
    BOLD,
    ELEMENTS,
    FRAME,
    HEADINGS,
    HIDDEN,
    OWN_BLOCKS,
    TABLE_PARTS,
)
from bot.documents.plain_text import may_be_heading
from bot.documents.tree import (
    AnswerEnd,
    Block,
    Code,
    Heading,
    Item,
    Lines,
    List,
    Paragraph,
    Question,
    Row,
    Table,
    TextBuilder,
    Tree,
    asks,
    leads_elsewhere,
)
from bot.errors import CorpusError
from bot.model import CELLS, Span

# How a page names its encoding, within its first _HEAD bytes.
_CHARSET = re.compile(
    rb"<(?:meta|\?xml)\b[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w:.-]+)"
)
_HEAD = 4096
# Encodings that browsers replace: a page that names the first is read as the second.
_AS_BROWSERS_DO = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
}
# Elements with the main text of a page. A page without one is read from its body, without FRAME.
_MAIN = ("main", "[role=main]", "article")
# A cell spans at most this many columns.
MAX_SPAN = 50
_FOOTNOTE = re.compile(r"\[?\d{1,3}\]?")
_UNSHOWN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*+)(?=[^<>]*>)")


class _Run(NamedTuple):
    """Some text of a line, and its style."""

    words: str
    bold: bool
    link: str | None


class _Set(NamedTuple):
    """The style that text inherits from the elements around it."""

    bold: bool = False
    link: str | None = None


class _Place(NamedTuple):
    """The separator before the next block, and its indent."""

    between: str = "\n\n"
    indent: str = ""


_TOP = _Place()


def read(content: bytes, shown: str) -> Tree:
    """The blocks of a whole page; `shown` is its name for messages.

    Raises CorpusError if the page is not text, or if only scripts would fill it.
    """
    source, warnings = _decoded(content, shown)
    page = LexborHTMLParser(source)
    text = TextBuilder()
    found: list[Block] = []
    roots, frame = _roots(page)
    for root in roots:
        found.extend(_Walker(text, None, frame).blocks(root, _TOP))
    if not found and page.css_first("script") is not None:
        raise CorpusError.no_text_in_page(shown)
    return Tree(text.text, found, tuple(_fields(page, text.text, found).items()), warnings)


def tree_of(source: str) -> Tree:
    """The blocks of HTML that was converted from another format."""
    text = TextBuilder()
    body = LexborHTMLParser(source).body
    found = list(_Walker(text, None).blocks(body, _TOP)) if body is not None else []
    return Tree(text.text, found)


def _decoded(content: bytes, shown: str) -> tuple[str, tuple[str, ...]]:
    """The page as text, and a warning if its encoding was guessed."""
    named = _CHARSET.search(content[:_HEAD])
    marked = content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if named and not marked:
        try:
            name = codecs.lookup(named[1].decode("ascii", "replace")).name
            return content.decode(_AS_BROWSERS_DO.get(name, name)).replace("\0", ""), ()
        except (LookupError, ValueError):
            pass  # the named encoding is unknown or does not fit
    text, guess = decoded(content, shown)
    return text, (f"read as {guess}",) if guess else ()


def _roots(page: LexborHTMLParser) -> tuple[list[LexborNode], frozenset[str]]:
    """The elements with the text of a page, and the names of elements to skip in them."""
    for selector in _MAIN:
        found = [node for node in page.css(selector) if not _is_inside(node, selector)]
        if any(_words(node) for node in found):
            return found, frozenset(("nav",))
    return ([page.body] if page.body is not None else []), FRAME


def _is_inside(node: LexborNode, selector: str) -> bool:
    above = node.parent
    while above is not None:
        if above.is_element_node and above.css_matches(selector) and _is_like(above, selector):
            return True
        above = above.parent
    return False


def _is_like(node: LexborNode, selector: str) -> bool:
    return node.tag == selector or node.attributes.get("role") == "main"


def _fields(page: LexborHTMLParser, text: str, found: list[Block]) -> dict[str, str]:
    """A page's metadata. If "Leave - Acme wiki" has the heading "Leave", that is its title."""
    named = page.css_first("head title")
    tops = [one for one in found if isinstance(one, Heading) and one.level == 1]
    title = " ".join((named.text() or "").split()) if named is not None else ""
    if len(tops) == 1 and text[slice(*tops[0].span)].casefold() in title.casefold():
        title = text[slice(*tops[0].span)]
    address = page.css_first("link[rel=canonical]")
    return sane(
        title=title,
        author=_meta(page, "author"),
        date=_meta(page, "date", "dcterms.modified", "article:modified_time", "last-modified"),
        url=(address.attributes.get("href") or "") if address is not None else "",
    )


def _meta(page: LexborHTMLParser, *names: str) -> str:
    for node in page.css("meta"):
        name = node.attributes.get("name") or node.attributes.get("property") or ""
        if name.lower() in names:
            return node.attributes.get("content") or ""
    return ""


def blocks(source: str, text: TextBuilder, lines: Lines, between: str) -> Iterator[Block]:
    """The blocks of a piece of HTML inside another text; all get the same `lines`."""
    walker = _Walker(text, lines)
    body = LexborHTMLParser(placeholders_kept(source)).body
    if body is not None:
        yield from walker.blocks(body, _Place(between))


def placeholders_kept(source: str) -> str:
    """The source with placeholders such as `<token>` escaped, since they are not HTML elements."""

    def kept(tag: re.Match[str]) -> str:
        known = tag[2].lower() in ELEMENTS or "-" in tag[2]
        return tag[0] if known else f"&lt;{tag[1]}{tag[2]}"

    return _TAG.sub(kept, source)


class _Walker:
    """Walks the elements of a page, and appends their text as it goes."""

    def __init__(
        self, text: TextBuilder, lines: Lines, frame: frozenset[str] = frozenset()
    ) -> None:
        self._text, self._lines, self._frame = text, lines, frame
        self._anchor = ""
        self._level = 1
        self._line: list[_Run] = []

    def blocks(self, node: LexborNode, place: _Place) -> Iterator[Block]:
        """The blocks inside an element."""
        yield from self._inside(node, place, _Set())
        yield from self._paragraph(place)

    def _inside(self, node: LexborNode, place: _Place, style: _Set) -> Iterator[Block]:
        for child in node.iter(include_text=True):
            tag = child.tag or ""
            if tag == "-text":
                self._line.append(_Run(child.text_content or "", *style))
            elif tag.startswith("-") or tag in self._frame or _is_unseen(tag, child):
                continue
            elif tag == "br":
                self._line.append(_Run(" ", *style))
            elif tag in HEADINGS or (tag in OWN_BLOCKS and not _is_layout(tag, child)):
                yield from self._paragraph(place)
                yield from self._block(tag, child, place)
            elif tag in BLOCKS or tag in TABLE_PARTS:
                if tag == "section":
                    self._anchor = child.id or ""
                yield from self._paragraph(place)
                # A summary governs what it hides, like a line in bold.
                within = style._replace(bold=True) if tag == "summary" else style
                yield from self._inside(child, place, within)
                yield from self._paragraph(place)
                if tag == "details" and self._lines is None:  # in Markdown, its end comes later
                    yield AnswerEnd()
            else:
                link = child.attributes.get("href") if tag == "a" else None
                within = _Set(style.bold or tag in BOLD, style.link if link is None else link)
                yield from self._inside(child, place, within)

    def _block(self, tag: str, node: LexborNode, place: _Place) -> Iterator[Block]:
        match tag:
            case "pre":
                code = (node.text() or "").strip("\n")
                if code.strip():
                    shown = "\n".join(place.indent + line for line in code.split("\n"))
                    yield Code(self._text.add(shown, place.between), self._lines)
            case "table":
                yield from self._table(node, place)
            case "ul" | "ol":
                yield from self._list(node, place, numbered=tag == "ol")
            case "dl":
                yield from self._definitions(node, place)
            case _:
                words, anchor = _words(node), node.id or _inner_id(node) or self._anchor
                self._anchor = ""
                if words:
                    span = self._text.add(words, place.between)
                    self._level = int(tag[1])
                    yield Heading(span, self._lines, self._level, anchor)

    def _paragraph(self, place: _Place) -> Iterator[Block]:
        """The text collected since the last block as a paragraph, a question or a heading."""
        line, self._line = self._line, []
        words = " ".join("".join(run.words for run in line).split())
        if not words:
            return
        written = [run for run in line if run.words.strip()]
        added = self._text.add(place.indent + words, place.between)
        span = Span(added.start + len(place.indent), added.end)
        is_bold = all(run.bold for run in written)
        if asks(words, is_bold=is_bold):
            yield Question(span, self._lines)
        elif is_bold and self._lines is None and place == _TOP and may_be_heading(words):
            yield Heading(span, None, self._level + 1)  # how people who use no styles write one
        else:
            links = [run.link for run in written]
            yield Paragraph(span, self._lines, leads_elsewhere(links))

    def _list(self, node: LexborNode, place: _Place, *, numbered: bool) -> Iterator[Block]:
        items: list[Item] = []
        number = _number(node.attributes.get("start"), 1)
        for child in node.iter():
            if child.tag == "li":
                mark = f"{number}. " if numbered else "- "
                between = "\n" if items else place.between
                item = self._item(child, mark, _Place(between, place.indent))
                items += [item] if item is not None else []
                number += 1
        if items:
            yield List(items)

    def _definitions(self, node: LexborNode, place: _Place) -> Iterator[Block]:
        """A list of terms with their definitions."""
        items: list[Item] = []
        for child in _without_groups(node):
            between = "\n" if items else place.between
            if child.tag == "dt" and (words := _words(child)):
                added = self._text.add(place.indent + words, between)
                items.append(Item(Span(added.start + len(place.indent), added.end), self._lines))
            elif child.tag == "dd" and items:
                inside = _Place("\n", place.indent + "    ")
                items[-1].blocks.extend(self.blocks(child, inside))
        if items:
            yield List(items)

    def _item(self, node: LexborNode, mark: str, place: _Place) -> Item | None:
        """An item of a list, with its first words after its mark; None if it is empty."""
        words = _words(node, stop=(*OWN_BLOCKS, *HEADINGS))
        inner = [child for child in node.iter() if child.tag in OWN_BLOCKS]
        if not words and not inner:
            return None
        added = self._text.add(place.indent + mark + words, place.between)
        item = Item(Span(added.start + len(place.indent), added.end), self._lines)
        inside = _Place("\n", place.indent + "    ")
        for child in inner:
            item.blocks.extend(self._block(child.tag or "", child, inside))
        return item

    def _table(self, node: LexborNode, place: _Place) -> Iterator[Block]:
        header: Row | None = None
        rows: list[Row] = []
        between = place.between
        caption = node.css_first("caption")
        if caption is not None and (words := _words(caption)):
            yield Paragraph(self._text.add(words, between), self._lines)
        from_above: dict[int, tuple[str, int]] = {}
        for line in node.css("tr"):
            cells = [cell for cell in line.iter() if cell.tag in ("td", "th")]
            texts = _row(cells, from_above)
            if not any(texts):
                continue
            row = Row(self._text.add(CELLS.join(texts), between), self._lines)
            between = "\n"
            if header is None and not rows and all(map(_heads_column, cells)):
                header = row
            else:
                rows.append(row)
        if header is not None or rows:
            yield Table(header, rows)


def _row(cells: Sequence[LexborNode], from_above: dict[int, tuple[str, int]]) -> list[str]:
    """The text of a row by column. A cell that spans rows is repeated in each of them.

    `from_above` maps a column to the text of a cell from above and the rows that it still spans.
    """
    texts: list[str] = []
    for cell in cells:
        _go_on(texts, from_above)
        across = _number(cell.attributes.get("colspan"), 1)
        down = _number(cell.attributes.get("rowspan"), 1) - 1
        for place in range(min(across, MAX_SPAN)):
            said = "" if place else _words(cell)
            if down > 0:
                from_above[len(texts)] = (said, down)
            texts.append(said)
    _go_on(texts, from_above)
    return texts


def _go_on(texts: list[str], from_above: dict[int, tuple[str, int]]) -> None:
    while found := from_above.pop(len(texts), None):
        said, more = found
        if more > 1:
            from_above[len(texts)] = (said, more - 1)
        texts.append(said)


def _without_groups(node: LexborNode) -> Iterator[LexborNode]:
    """The children of a list of terms, including those grouped in `div` elements."""
    for child in node.iter():
        if child.tag == "div":
            yield from child.iter()
        else:
            yield child


def _words(node: LexborNode, stop: tuple[str, ...] = ()) -> str:
    """The text of an element on one line, without the elements named in `stop`."""
    return " ".join("".join(_pieces(node, stop)).split())


def _pieces(node: LexborNode, stop: tuple[str, ...]) -> Iterator[str]:
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            yield child.text_content or ""
        elif tag.startswith("-") or tag in stop or _is_unseen(tag, child):
            continue
        else:
            apart = tag in BLOCKS or tag in ("br", "li", "td", "th", "tr")
            yield " " * apart
            yield from _pieces(child, stop)
            yield " " * apart


def _is_unseen(tag: str, node: LexborNode) -> bool:
    """Whether to skip an element: hidden, a symbol that links to a heading, or a footnote mark."""
    if tag in HIDDEN:
        return True
    about = node.attributes
    if about.get("hidden", "until-found") != "until-found":
        return True
    if "style" in about and _UNSHOWN.search(about["style"] or ""):
        return True
    if tag == "a" and (about.get("href") or "").startswith("#"):
        said = node.text() or ""
        return not any(c.isalnum() for c in said)
    if tag == "sup":
        link = node.css_first("a[href^='#']")
        return link is not None and bool(_FOOTNOTE.fullmatch((node.text() or "").strip()))
    return False


def _inner_id(node: LexborNode) -> str:
    """The id or name of an anchor inside a heading; "" if there is none."""
    named = node.css_first("[id], a[name]")
    return (named.id or named.attributes.get("name") or "") if named is not None else ""


def _is_layout(tag: str, node: LexborNode) -> bool:
    """Whether a table is used for layout only."""
    if tag != "table":
        return False
    arranged = ", ".join(("table", *HEADINGS))
    return node.attributes.get("role") == "presentation" or bool(
        [one for one in node.css(arranged) if one.mem_id != node.mem_id]
    )


def _heads_column(cell: LexborNode) -> bool:
    """Whether a cell of a table's first row is a column header: a `th`, or all in bold."""
    if cell.tag == "th":
        return True
    bold = "".join(one.text() or "" for one in cell.css("b, strong"))
    return bool(bold.strip()) and "".join(bold.split()) == "".join((cell.text() or "").split())


def _number(written: str | None, otherwise: int) -> int:
    return int(written) if written and written.isdecimal() and len(written) < 6 else otherwise
