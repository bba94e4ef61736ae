"""HTML to blocks: what a reader of the page sees, without menus, scripts and comments.

One walker reads whole pages, HTML inside Markdown, and the HTML that Word files are converted to.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.documents import html_tables
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
from bot.documents.html_words import NUMBER_OPENS, is_unseen, number_of, with_number, words_of
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
    is_caption,
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
# A longer number is not that of a line.
MAX_LINE_DIGITS = 6
# A longer paragraph that begins with a number is a clause, not an item of a list.
MAX_ITEM_LENGTH = 300
# A mark at the beginning of a line that somebody typed instead of using a list.
_TYPED_MARK = re.compile(r"(?:[•▪◦‣·●○■□–—*-]|\d{1,3}[.)]|\(?[a-z]\))\s+(?=\S)")
# Ids and classes of what stands around the text of a page that does not mark its main part. Text
# that is set apart may have the class `sidebar` or `menu`.
_AROUND_IDS = frozenset("footer menu nav navbar navigation sidebar".split())
_CONTAINERS = frozenset("div ol p section table ul".split())
_AROUND_CLASSES = frozenset("navbar navigation".split())
_BREADCRUMB = re.compile(r"(?:^|[\s_-])breadcrumbs?(?:$|[\s_-])", re.I)
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*+)(?=[^<>]*>)")


class _Run(NamedTuple):
    """Some text of a line, and its style."""

    words: str
    bold: bool
    link: str | None


# A `br` element; as a character it is white space.
_BREAK_RUN = _Run("\u2028", bold=True, link=None)


class _Set(NamedTuple):
    """The style that text inherits from the elements around it."""

    bold: bool = False
    link: str | None = None


class _Opening:
    """The mark of an item whose first words are still to come; then `span` covers both.

    `points` is true if these words are nothing but links to other sections.
    """

    def __init__(self, mark: str, place: "_Place") -> None:
        self.mark, self.place = mark, place
        self.span: Span | None = None
        self.points = False


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
    found = _with_typed_lists(found, text.text)
    if not found and page.css_first("script") is not None:
        raise CorpusError.no_text_in_page(shown)
    return Tree(text.text, found, tuple(_fields(page, text.text, found).items()), warnings)


def tree_of(source: str) -> Tree:
    """The blocks of HTML that was converted from another format."""
    text = TextBuilder()
    body = LexborHTMLParser(source).body
    found = list(_Walker(text, None).blocks(body, _TOP)) if body is not None else []
    return Tree(text.text, _with_typed_lists(found, text.text))


def _decoded(content: bytes, shown: str) -> tuple[str, tuple[str, ...]]:
    """The page as text, and a warning if its encoding was guessed."""
    named = _CHARSET.search(content[:_HEAD])
    marked = content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if named and not marked and not _is_utf8(content):
        try:
            name = codecs.lookup(named[1].decode("ascii", "replace")).name
            return content.decode(_AS_BROWSERS_DO.get(name, name)).replace("\0", ""), ()
        except (LookupError, ValueError):
            pass  # the named encoding is unknown or does not fit
    text, guess = decoded(content, shown)
    return text, (f"read as {guess}",) if guess else ()


def _is_utf8(content: bytes) -> bool:
    """Whether a page is UTF-8 beyond doubt, whatever encoding it names: it has other letters."""
    try:
        return not content.isascii() and bool(content.decode())
    except ValueError:
        return False


def _roots(page: LexborHTMLParser) -> tuple[list[LexborNode], frozenset[str]]:
    """The elements with the text of a page, and the names of elements to skip in them."""
    for selector in _MAIN:
        found = [node for node in page.css(selector) if not _is_inside(node, selector)]
        if any(words_of(node) for node in found):
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
        self._opening: _Opening | None = None

    def blocks(self, node: LexborNode, place: _Place) -> Iterator[Block]:
        """The blocks inside an element."""
        yield from self._inside(node, place, _Set())
        yield from self._paragraph(place)

    def _inside(self, node: LexborNode, place: _Place, style: _Set) -> Iterator[Block]:
        for child in node.iter(include_text=True):
            tag = child.tag or ""
            if tag == "-text":
                self._line.append(_Run(child.text_content or "", *style))
            elif tag.startswith("-") or self._is_around(tag, child) or is_unseen(tag, child):
                continue
            elif tag == "br":
                self._line.append(_BREAK_RUN)
            elif tag == "summary":
                yield from self._paragraph(place)
                yield from self._summary(child, place)
            elif tag in HEADINGS or (tag in OWN_BLOCKS and not _is_layout(tag, child)):
                yield from self._paragraph(place)
                yield from self._block(tag, child, place)
            elif tag in BLOCKS or tag in TABLE_PARTS:
                if tag == "section":
                    self._anchor = child.id or ""
                yield from self._paragraph(place)
                yield from self._inside(child, place, style)
                yield from self._paragraph(place)
                if tag == "details" and self._lines is None:  # in Markdown, its end comes later
                    yield AnswerEnd()
            else:
                link = child.attributes.get("href") if tag == "a" else None
                within = _Set(style.bold or tag in BOLD, style.link if link is None else link)
                yield from self._inside(child, place, within)

    def _is_around(self, tag: str, node: LexborNode) -> bool:
        """Whether an element is not part of the text, such as a menu or a trail of links."""
        if not self._frame:
            return False
        if tag in self._frame:
            return True
        if tag not in _CONTAINERS:
            return False
        about = node.attributes
        if about.get("role") == "navigation":
            return True
        name, classes = about.get("id") or "", about.get("class") or ""
        if _BREADCRUMB.search(f"{name} {classes}"):
            return True
        return self._frame == FRAME and (
            name in _AROUND_IDS or not _AROUND_CLASSES.isdisjoint(classes.split())
        )

    def _block(self, tag: str, node: LexborNode, place: _Place) -> Iterator[Block]:
        match tag:
            case "pre":
                code = with_number(node.text() or "").strip("\n")
                if code.strip() and not _only_numbers_lines(code):
                    self._open_wordless(place)
                    shown = "\n".join(place.indent + line for line in code.split("\n"))
                    yield Code(self._text.add(shown, place.between), self._lines)
            case "table":
                self._open_wordless(place)
                yield from self._table(node, place)
            case "ul" | "ol" if place == _TOP and _lists_sections(node):
                yield from self._sections(node, place, numbered=tag == "ol")
            case "ul" | "ol":
                yield from self._list(node, place, numbered=tag == "ol")
            case "dl":
                self._open_wordless(place)
                yield from self._definitions(node, place)
            case _:
                words, anchor = words_of(node), node.id or _inner_id(node) or self._anchor
                self._anchor = ""
                if words:
                    span = self._add(words, place)
                    self._level = int(tag[1])
                    yield Heading(span, self._lines, self._level, anchor)

    def _summary(self, node: LexborNode, place: _Place) -> Iterator[Block]:
        """The line above what a `details` element hides; it governs all of that if it is short."""
        words = words_of(node)
        if asks(words, is_bold=True) or (words and may_be_heading(words)):
            yield Question(self._add(words, place), self._lines)
        elif words:
            yield Paragraph(self._add(words, place), self._lines)

    def _add(self, words: str, place: _Place, *, points: bool = False) -> Span:
        """Append the words of a block, after the mark of the item that they open."""
        opening, self._opening = self._opening, None
        mark = opening.mark if opening is not None else ""
        if words.startswith(NUMBER_OPENS):
            mark, words = "", with_number(words)
        if opening is not None:
            place = opening.place
        added = self._text.add(place.indent + mark + words, place.between)
        span = Span(added.start + len(place.indent), added.end)
        if opening is not None:
            opening.span, opening.points = span, points
        return span

    def _open_wordless(self, place: _Place) -> None:
        """Append the mark of an item that begins with something other than words."""
        if self._opening is not None:
            self._add("", place)

    def _paragraph(self, place: _Place) -> Iterator[Block]:
        """The text collected since the last block as a paragraph, a question or a heading.

        Lines that begin with a typed mark are a list.
        """
        runs, self._line = self._line, []
        if not runs or not _said(runs):
            return
        if _BREAK_RUN in runs:
            yield from self._lines_of([line for line in _split(runs) if _said(line)], place)
        else:
            yield self._plain(runs, place)

    def _lines_of(self, lines: Sequence[list[_Run]], place: _Place) -> Iterator[Block]:
        """The blocks of text that `br` elements divide into lines."""
        if len(lines) > 1 and (head := self._head(lines[0], place)):
            yield head
            lines = lines[1:]
        marked = [n for n, line in enumerate(lines) if _TYPED_MARK.match(_said(line))]
        if len(marked) > 1:
            yield from self._typed_list(lines, marked[0], place)
        else:
            yield self._plain([run for line in lines for run in (*line, _BREAK_RUN)], place)

    def _plain(self, runs: Sequence[_Run], place: _Place) -> Block:
        """Some text without lists as a paragraph, a question or a heading."""
        if head := self._head(runs, place):
            return head
        points = leads_elsewhere([run.link for run in runs if run.words.strip()])
        return Paragraph(self._add(_said(runs), place, points=points), self._lines, points)

    def _head(self, runs: Sequence[_Run], place: _Place) -> Block | None:
        """Some text as a question or a heading, if it is one."""
        is_bold = all(run.bold for run in runs if run.words.strip())
        words = _said(runs)
        shown = with_number(words)
        if asks(shown, is_bold=is_bold):
            return Question(self._add(words, place), self._lines)
        is_free = self._lines is None and place == _TOP and not is_caption(shown)
        if is_bold and is_free and may_be_heading(shown):
            # How people who use no styles write one.
            return Heading(self._add(words, place), None, self._level + 1)
        return None

    def _typed_list(
        self, lines: Sequence[Sequence[_Run]], first: int, place: _Place
    ) -> Iterator[Block]:
        """A paragraph that has a list in its lines from the one numbered `first`."""
        if first:
            words = " ".join(map(_said, lines[:first]))
            yield Paragraph(self._add(words, place), self._lines)
        self._open_wordless(place)
        items: list[str] = []
        for words in map(_said, lines[first:]):
            if _TYPED_MARK.match(words) or not items:
                items.append(words)
            else:
                items[-1] += f" {words}"
        spans = list[Span]()
        for words in items:
            between = "\n" if spans else place.between
            spans.append(self._add(words, place._replace(between=between)))
        yield List([Item(span, self._lines) for span in spans])

    def _list(self, node: LexborNode, place: _Place, *, numbered: bool) -> Iterator[Block]:
        items: list[Item] = []
        number = number_of(node.attributes.get("start"), 1)
        kind = node.attributes.get("type") or ""
        for child in _listed(node):
            inner = _Place("\n" if items else place.between, place.indent)
            if child.tag == "li":
                number = number_of(child.attributes.get("value"), number)
                mark = f"{_letter(number, kind)}. " if numbered else "- "
                items.extend(self._items(child, mark, inner))
                number += 1
            else:  # a list right inside a list belongs to the item above it
                deeper = inner._replace(indent=inner.indent + "    ") if items else inner
                for found in self._list(child, deeper, numbered=child.tag == "ol"):
                    if items:
                        items[-1].blocks.append(found)
                    elif isinstance(found, List):
                        items.extend(found.items)
        if items:
            yield List(items)

    def _sections(self, node: LexborNode, place: _Place, *, numbered: bool) -> Iterator[Block]:
        """The sections in a list whose items begin with headings; these keep their numbers."""
        number = number_of(node.attributes.get("start"), 1)
        for child in _listed(node):
            mark = f"{_letter(number, node.attributes.get('type') or '')}. "
            self._opening = _Opening(mark, place) if numbered and child.tag == "li" else None
            yield from self.blocks(child, place)
            number += child.tag == "li"
        self._opening = None

    def _items(self, node: LexborNode, mark: str, place: _Place) -> list[Item]:
        """An item, or what is in a list that is all its content; nothing if it is empty."""
        opening = self._opening = _Opening(mark, place)
        found = list(self.blocks(node, _Place("\n", place.indent + "    ")))
        self._opening = None
        if opening.span is None:
            return [item for one in found if isinstance(one, List) for item in one.items]
        opens = isinstance(found[0], Paragraph | Question | Heading) if found else False
        return [Item(opening.span, self._lines, opening.points, found[opens:])]

    def _definitions(self, node: LexborNode, place: _Place) -> Iterator[Block]:
        """A list of terms with their definitions."""
        items: list[Item] = []
        for child in _without_groups(node):
            between = "\n" if items else place.between
            if child.tag == "dt" and (words := words_of(child)):
                added = self._text.add(place.indent + words, between)
                items.append(Item(Span(added.start + len(place.indent), added.end), self._lines))
            elif child.tag == "dd" and items:
                inside = _Place("\n", place.indent + "    ")
                items[-1].blocks.extend(self.blocks(child, inside))
        if items:
            yield List(items)

    def _table(self, node: LexborNode, place: _Place) -> Iterator[Block]:
        table = html_tables.read(node)
        between, title = place.between, None
        if table.caption:
            title = self._text.add(place.indent + table.caption, between)
        added = list[Row]()
        for cells in (*([table.header] if table.header else []), *table.rows):
            added.append(Row(self._text.add(CELLS.join(cells), between), self._lines))
            between = "\n"
        if added:
            header = added[0] if table.header else None
            yield Table(header, added[1:] if header else added, title)
        elif title is not None:
            yield Paragraph(title, self._lines)


def _without_groups(node: LexborNode) -> Iterator[LexborNode]:
    """The children of a list of terms, including those grouped in `div` elements."""
    for child in node.iter():
        if child.tag == "div":
            yield from child.iter()
        else:
            yield child


def _lists_sections(node: LexborNode) -> bool:
    """Whether each item of a list begins with a heading."""
    items = [child for child in _listed(node) if child.tag == "li"]
    return bool(items) and all(_begins_with_heading(item) for item in items)


def _begins_with_heading(item: LexborNode) -> bool:
    for child in item.iter(include_text=True):
        if child.tag != "-text" or (child.text_content or "").strip():
            return child.tag in HEADINGS
    return False


def _listed(node: LexborNode) -> Iterator[LexborNode]:
    """The items of a list, and lists right inside it, through other elements around them."""
    for child in node.iter():
        if child.tag in ("li", "ul", "ol"):
            yield child
        elif child.tag not in HIDDEN:
            yield from _listed(child)


def _letter(number: int, kind: str) -> str:
    """The number of an item as the list shows it: letters for the types `a` and `A`."""
    if kind not in ("a", "A") or not 1 <= number <= 26:
        return str(number)
    return chr(ord(kind) + number - 1)


def _only_numbers_lines(code: str) -> bool:
    """Whether a block has nothing but the numbers of the lines of another."""
    numbers = code.split()
    if len(numbers) < 2 or not numbers[0].isdecimal() or len(numbers[0]) > MAX_LINE_DIGITS:
        return False
    first = int(numbers[0])
    return numbers == [str(number) for number in range(first, first + len(numbers))]


def _split(runs: Sequence[_Run]) -> list[list[_Run]]:
    """The lines of some text, as `br` elements divide it."""
    lines: list[list[_Run]] = [[]]
    for run in runs:
        if run is _BREAK_RUN:
            lines.append([])
        else:
            lines[-1].append(run)
    return lines


def _said(line: Sequence[_Run]) -> str:
    return " ".join("".join(run.words for run in line).split())


def _with_typed_lists(blocks: list[Block], text: str) -> list[Block]:
    """The blocks with a list for each run of paragraphs that begin with typed marks."""
    found: list[Block] = []
    for is_item, group in groupby(blocks, lambda one: _is_typed_item(one, text)):
        run = list(group)
        introduced = (
            bool(found) and isinstance(found[-1], Paragraph) and _ends_open(found[-1], text)
        )
        if is_item and (len(run) > 1 or introduced):
            found.append(
                List([Item(one.span, one.lines) for one in run if isinstance(one, Paragraph)])
            )
        else:
            found.extend(run)
    return found


def _is_typed_item(block: Block, text: str) -> bool:
    if not isinstance(block, Paragraph) or block.span.end - block.span.start > MAX_ITEM_LENGTH:
        return False
    return bool(_TYPED_MARK.match(text, block.span.start, block.span.end))


def _ends_open(paragraph: Paragraph, text: str) -> bool:
    return text[paragraph.span.end - 1] == ":"


def _inner_id(node: LexborNode) -> str:
    """The id or name of an anchor inside a heading; "" if there is none."""
    named = node.css_first("[id], a[name]")
    return (named.id or named.attributes.get("name") or "") if named is not None else ""


def _is_layout(tag: str, node: LexborNode) -> bool:
    """Whether an element only arranges others: a table around them, or a list without items."""
    if tag in ("ul", "ol"):
        return node.css_first("li") is None
    if tag != "table":
        return False
    if node.css_first("pre") is not None and node.css_first("th") is None:
        return True  # code beside the numbers of its lines
    arranged = ", ".join(("table", *HEADINGS))
    return node.attributes.get("role") == "presentation" or bool(
        [one for one in node.css(arranged) if one.mem_id != node.mem_id]
    )
