"""HTML to blocks: what a reader of the page sees of it, without menus, scripts and comments."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.documents.html_elements import BLOCKS, BOLD, ELEMENTS, HEADINGS, HIDDEN
from bot.documents.tree import (
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
    asks,
    leads_elsewhere,
)
from bot.model import CELLS, Span

_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*+)(?=[^<>]*>)")


class _Run(NamedTuple):
    """Words of a line, and how they are set."""

    words: str
    bold: bool
    link: str | None


class _Set(NamedTuple):
    """How words are set where the walk is: what they inherit from the elements around them."""

    bold: bool = False
    link: str | None = None


class _Place(NamedTuple):
    """What stands before the next block, and its indent."""

    between: str = "\n\n"
    indent: str = ""


def blocks(source: str, text: TextBuilder, lines: Lines, between: str) -> Iterator[Block]:
    """The blocks of a piece of HTML within another text; they all stand on the same `lines`."""
    walker = _Walker(text, lines)
    body = LexborHTMLParser(placeholders_kept(source)).body
    if body is not None:
        yield from walker.blocks(body, _Place(between))


def placeholders_kept(source: str) -> str:
    """The source with the angle brackets of what is no element written out: `&lt;token>`."""

    def kept(tag: re.Match[str]) -> str:
        known = tag[2].lower() in ELEMENTS or "-" in tag[2]
        return tag[0] if known else f"&lt;{tag[1]}{tag[2]}"

    return _TAG.sub(kept, source)


class _Walker:
    """Walks a page and writes its text as it goes."""

    def __init__(self, text: TextBuilder, lines: Lines) -> None:
        self._text, self._lines = text, lines
        self._line: list[_Run] = []

    def blocks(self, node: LexborNode, place: _Place) -> Iterator[Block]:
        """The blocks in an element."""
        yield from self._inside(node, place, _Set())
        yield from self._paragraph(place)

    def _inside(self, node: LexborNode, place: _Place, style: _Set) -> Iterator[Block]:
        for child in node.iter(include_text=True):
            tag = child.tag or ""
            if tag == "-text":
                self._line.append(_Run(child.text_content or "", *style))
            elif tag.startswith("-") or tag in HIDDEN:
                continue
            elif tag == "br":
                self._line.append(_Run(" ", *style))
            elif tag in HEADINGS or tag in ("ul", "ol", "dl", "table", "pre"):
                yield from self._paragraph(place)
                yield from self._block(tag, child, place)
            elif tag in BLOCKS:
                yield from self._paragraph(place)
                yield from self._inside(child, place, style)
                yield from self._paragraph(place)
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
                words = _words(node)
                if words:
                    span = self._text.add(words, place.between)
                    yield Heading(span, self._lines, int(tag[1]))

    def _paragraph(self, place: _Place) -> Iterator[Block]:
        """What was gathered since the last block, as a paragraph."""
        line, self._line = self._line, []
        words = " ".join("".join(run.words for run in line).split())
        if not words:
            return
        written = [run for run in line if run.words.strip()]
        added = self._text.add(place.indent + words, place.between)
        span = Span(added.start + len(place.indent), added.end)
        if asks(words, is_bold=all(run.bold for run in written)):
            yield Question(span, self._lines)
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
        """A list of terms, each with what defines it."""
        items: list[Item] = []
        for child in node.iter():
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
        """An item, its first words beside its mark."""
        words = _words(node, stop=("ul", "ol", "dl", "table", "pre", *HEADINGS))
        inner = [child for child in node.iter() if child.tag in ("ul", "ol", "dl", "table", "pre")]
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
        for line in node.css("tr"):
            cells = [cell for cell in line.iter() if cell.tag in ("td", "th")]
            words = [_words(cell) for cell in cells]
            if not any(words):
                continue
            row = Row(self._text.add(CELLS.join(words), between), self._lines)
            between = "\n"
            if header is None and not rows and all(cell.tag == "th" for cell in cells):
                header = row
            else:
                rows.append(row)
        if header is not None or rows:
            yield Table(header, rows)


def _words(node: LexborNode, stop: tuple[str, ...] = ()) -> str:
    """The words in an element on one line; nothing of the elements named in `stop`."""
    return " ".join("".join(_pieces(node, stop)).split())


def _pieces(node: LexborNode, stop: tuple[str, ...]) -> Iterator[str]:
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            yield child.text_content or ""
        elif tag.startswith("-") or tag in HIDDEN or tag in stop:
            continue
        else:
            apart = tag in BLOCKS or tag in ("br", "li", "td", "th", "tr")
            yield " " * apart
            yield from _pieces(child, stop)
            yield " " * apart


def _number(written: str | None, otherwise: int) -> int:
    return int(written) if written and written.isdecimal() and len(written) < 6 else otherwise
