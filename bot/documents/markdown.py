"""Markdown to blocks: its text without the markup, with line numbers."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile
from types import SimpleNamespace
from typing import NamedTuple

from markdown_it import MarkdownIt, helpers
from markdown_it.rules_block import StateBlock, reference
from markdown_it.token import Token

from bot.documents.html_elements import ELEMENTS
from bot.documents.plain_text import may_be_heading
from bot.documents.tree import (
    AnswerEnd,
    Block,
    Code,
    Heading,
    Item,
    List,
    Paragraph,
    Question,
    Row,
    Table,
    TextBuilder,
    Tree,
    asks,
    leads_elsewhere,
    one_cell,
)
from bot.model import CELLS, Span

# A link target as site generators write it, unknown to CommonMark: {% page "/a/" %}#top.
_TEMPLATE = re.compile(r"\{[{%].{0,300}?[%}]\}(?:\{[{%].{0,300}?[%}]\}|[^\s()])*")
# Attributes, such as the anchor of a heading or the size of an image: {#top}, {width=50%}.
_ATTRIBUTES = re.compile(r"\{[#.:][^{}\n]*\}$")
_SIZE = re.compile(r"\{[^{}\n]*(?:width|height|align)\s*=[^{}\n]*\}|\{:?[#.][^{}\n]*\}")
# Tags and variables that a site generator replaces: {% include "x" %}, {{ name }}.
_TAG = re.compile(r"\{%-?\s*\w+([^%]*)%\}|\{\{[^{}\n]*\}\}")
_QUOTED = re.compile(r"(?<!=)\"([^\"]+)\"|(?<!=)'([^']+)'|\b(?:title|label|text)=\"([^\"]+)\"")
_PATH = re.compile(r"/|\.\w{2,4}$")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,50}\](?!\()")
_FOOTNOTE_TEXT = re.compile(r"\[\^[^\]\s]{1,50}\]:\s*")
_TASK = re.compile(r"\[[ xX]\]\s+")
# The first line of a box: [!NOTE] on GitHub, !!! note "Title" in MkDocs, ::: tip in Docusaurus.
_BOX = re.compile(r"\[!(\w+)\][+-]?\s*|(?:!!!|\?\?\?\+?)\s*\w+\s*|:{3,}\s*\w*\s*(?:\{[^}]*\})?")
_QUESTION_BOX = re.compile(r"(?:!!!|\?\?\?\+?)\s*\w+\s+\"([^\"\n]+\?)\"$")
# Types of tokens that begin a block outside of a box, or end with these words.
_BEGINS_BLOCK = ("_open", "fence", "html_block", "hr")
# What is indented below these, even after a blank line, is text, not code.
_OPENS_INDENTED = re.compile(rf"(?:!!!|\?\?\?\+?)\s*\w|{_FOOTNOTE_TEXT.pattern}")
# A component or an import of a site generator that mixes Markdown and scripts.
_COMPONENT = re.compile(r"</?[A-Z]\w*(?:\.\w+)*(?:\s[^<>]*)?/?>")
_IMPORT = re.compile(r"import\s[^\n]{1,200}\sfrom\s+['\"][^'\"\n]+['\"];?")
# A link of a wiki: [[Page]], [[Page|Words]].
_WIKI_LINK = re.compile(r"!?\[\[(?:[^\[\]|\n]{1,200}\|)?([^\[\]|\n]{1,200})\]\]")
_CLOSES_BOX = re.compile(r"\s:{3,}$")
_ELEMENT = re.compile(r"</?([a-z][a-z0-9]*)\b[^>]*>", re.I)
# Elements whose content is not text.
_UNSEEN = frozenset(("script", "style", "template"))
_BREAKS = frozenset(("br", "p", "div", "li", "td", "th", "hr"))


def read(source: str, first_line: int = 1) -> Tree:
    """The blocks of a Markdown text that begins on line `first_line` of its file, from 1."""
    return _Reader(_parser().parse(source), first_line).tree()


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    known = {name: getattr(helpers, name) for name in ("parseLinkLabel", "parseLinkTitle")}
    reading = SimpleNamespace(**known, parseLinkDestination=_destination)
    setattr(parser, "helpers", reading)  # noqa: B010
    parser.block.ruler.at("reference", _reference, {"alt": []})
    return parser


def _reference(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Parse the target of a link: `[pay]: pay.md`; a footnote of one word is text."""
    start = state.bMarks[first] + state.tShift[first]
    return not state.src.startswith("[^", start) and reference(state, first, last, silent)


def _destination(source: str, start: int, end: int) -> object:
    """Parse a link's target; a site generator's template counts as one too."""
    found = helpers.parseLinkDestination(source, start, end)
    template = _TEMPLATE.match(source, start, end)
    if template:
        found.ok, found.pos, found.str = True, template.end(), "template"
    return found


class _Place(NamedTuple):
    """The separator before a block inside an item, and its indent."""

    between: str = "\n\n"
    indent: str = ""


_TOP = _Place()


class _Reader:
    """Walks markdown-it's tokens, and appends their text as it goes."""

    def __init__(
        self, tokens: Sequence[Token], first_line: int, text: TextBuilder | None = None
    ) -> None:
        self._tokens, self._at, self._first_line = tokens, 0, first_line
        self._text = text or TextBuilder()
        self._goes_on_indented = self._box_asks = False
        self._level = 0

    def tree(self) -> Tree:
        """The text and blocks of the whole document."""
        blocks = list(self.blocks(_TOP))
        return Tree(self._text.text, blocks)

    def blocks(self, place: _Place) -> Iterator[Block]:
        """All blocks, with the first after this separator and all with this indent."""
        yield from self._blocks("", place)

    def _blocks(self, end: str, place: _Place) -> Iterator[Block]:
        """The blocks up to a token of type `end`, or all that remain."""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if self._box_asks and token.type.endswith(_BEGINS_BLOCK):
                self._box_asks = False
                yield AnswerEnd()
            match token.type:
                case kind if kind == end:
                    return
                case "heading_open":
                    yield from self._heading(token, place)
                case "inline":
                    self._goes_on_indented = bool(_OPENS_INDENTED.match(token.content))
                    self._box_asks = bool(_QUESTION_BOX.match(token.content.split("\n", 1)[0]))
                    yield from self._paragraph(token, place)
                case "code_block" if self._goes_on_indented:
                    yield from self._indented(token, place)
                case "bullet_list_open" | "ordered_list_open":
                    yield from self._list(token, place)
                case "table_open":
                    yield from self._table(place)
                case "fence" | "code_block":
                    yield from self._code(token, place)
                case "html_block":
                    yield from self._html(token, place)

    def _heading(self, opened: Token, place: _Place) -> Iterator[Block]:
        inline = self._tokens[self._at]
        self._at += 2  # the text and the closing token
        words = _words(inline.children or ())
        words = _ATTRIBUTES.sub("", words).rstrip() or words
        if words:
            span = self._text.add(words, place.between)
            self._level = int(opened.tag[1:])
            yield Heading(span, self._lines(inline), self._level)

    def _paragraph(self, inline: Token, place: _Place) -> Iterator[Block]:
        """A paragraph. A first line in bold or after "Q:" that is a question is a block itself.

        A paragraph of a few words that are all in bold is a heading below the last one.
        """
        children, (first, last) = inline.children or [], self._lines(inline)
        kinds = [child.type for child in children]
        breaks = [kinds.index(kind) for kind in ("softbreak", "hardbreak") if kind in kinds]
        end = min(breaks, default=len(children))
        if _is_question(children[:end]):
            words = _words(children[:end], starts_block=True)
            ends = last if end == len(children) else first
            yield Question(self._text.add(words, place.between), (first, ends))
            children, first = children[end:], min(first + 1, last)
        words = _words(children, starts_block=True)
        if place == _TOP and _is_bold(children) and may_be_heading(words):
            yield Heading(self._text.add(words, place.between), (first, last), self._level + 1)
        elif words and not _is_script(inline.content):
            span = self._text.add(place.indent + words, place.between)
            span = Span(span.start + len(place.indent), span.end)
            yield Paragraph(span, (first, last), _points(children))

    def _indented(self, token: Token, place: _Place) -> Iterator[Block]:
        """The blocks of indented text that belongs to the box or footnote above it."""
        first_line = self._lines(token)[0]
        yield from _Reader(_parser().parse(token.content), first_line, self._text).blocks(place)

    def _code(self, token: Token, place: _Place) -> Iterator[Block]:
        lines = token.content.rstrip().split("\n")
        while lines and not lines[0].strip():
            lines.pop(0)
        if lines:
            code = "\n".join(place.indent + line for line in lines)
            yield Code(self._text.add(code, place.between), self._lines(token))

    def _list(self, opened: Token, place: _Place) -> Iterator[Block]:
        """A list with one item per line; blocks inside an item follow below it."""
        items: list[Item] = []
        number = self._lazy_start(opened)
        while self._tokens[self._at].type == "list_item_open":
            token = self._tokens[self._at]
            self._at += 1
            ordered = opened.type == "ordered_list_open"
            shown = token.info if number is None else str(number + len(items))
            mark = f"{shown}{token.markup} " if ordered else "- "
            between = "\n" if items else place.between
            item = self._item(token, mark, _Place(between, place.indent))
            items += [item] if item is not None else []
        self._at += 1
        if items:
            yield List(items)

    def _lazy_start(self, opened: Token) -> int | None:
        """The number that all items of a list have in the source, if so: they count from it."""
        if opened.type != "ordered_list_open":
            return None
        inside = takewhile(
            lambda one: one.level > opened.level, islice(self._tokens, self._at, None)
        )
        items = [
            one.info
            for one in inside
            if one.type == "list_item_open" and one.level == opened.level + 1
        ]
        return int(items[0]) if len(items) > 1 and len(set(items)) == 1 else None

    def _item(self, token: Token, mark: str, place: _Place) -> Item | None:
        """An item with its first paragraph after its mark; None if it is empty."""
        deeper = max(4, len(mark) + 1)  # further in than its words, to tell its blocks from them
        inside = _Place("\n", place.indent + " " * deeper)
        words, lines, points = "", self._lines(token), False
        first = self._tokens[self._at]
        if first.type == "paragraph_open":
            inline = self._tokens[self._at + 1]
            words = _words(inline.children or (), starts_block=True)
            lines, points = self._lines(inline), _points(inline.children or ())
            self._at += 3
        if not words and self._tokens[self._at].type == "list_item_close":
            self._at += 1
            return None
        start = self._text.add(place.indent + mark + words, place.between)
        span = Span(start.start + len(place.indent), start.end)
        blocks = list(self._blocks("list_item_close", inside))
        return Item(span, lines, points, blocks)

    def _table(self, place: _Place) -> Iterator[Block]:
        header: Row | None = None
        rows: list[Row] = []
        between, cells, heads = place.between, list[str](), False
        while self._tokens[self._at].type != "table_close":
            token = self._tokens[self._at]
            self._at += 1
            match token.type:
                case "tr_open":
                    cells, lines = [], self._lines(token)
                case "th_open" | "td_open":
                    heads = token.type == "th_open"
                case "inline":
                    cells.append(one_cell(_words(token.children or ())))
                case "tr_close" if any(cells):
                    row = Row(self._text.add(CELLS.join(cells), between), lines)
                    between = "\n"
                    if heads:
                        header = row
                    else:
                        rows.append(row)
        self._at += 1
        if header is not None or rows:
            yield Table(header, rows)

    def _html(self, token: Token, place: _Place) -> Iterator[Block]:
        if _is_script(token.content):
            return
        from bot.documents import html  # only loaded for files that contain HTML

        yield from html.blocks(token.content, self._text, self._lines(token), place.between)
        if "</details>" in token.content.lower():
            yield AnswerEnd()

    def _lines(self, token: Token) -> tuple[int, int]:
        first, after = token.map or (0, 1)
        return first + self._first_line, max(first, after - 1) + self._first_line


def _is_script(source: str) -> bool:
    """Whether a paragraph is nothing but components or imports, which readers do not see."""
    if source.startswith("import "):
        return all(_IMPORT.fullmatch(line.strip()) for line in source.split("\n"))
    tags = _COMPONENT.findall(source) if source.startswith("<") else []
    is_code = any("=" in tag or "/" in tag for tag in tags)
    return is_code and not _COMPONENT.sub("", source).strip()


def _is_question(line: Sequence[Token]) -> bool:
    """Whether a line is a question that introduces its answer.

    It is all in bold, after "Q:", or the title of a box.
    """
    if len(line) == 1 and line[0].type == "text" and _QUESTION_BOX.match(line[0].content):
        return True
    return asks(_words(line), is_bold=_is_bold(line))


def _is_bold(line: Sequence[Token]) -> bool:
    """Whether all of a line is in bold."""
    shown = [child.type for child in line if child.content or child.type.startswith("strong")]
    return shown[:1] == ["strong_open"] and "strong_close" not in shown[:-1]


def _points(children: Sequence[Token]) -> bool:
    """Whether the text is nothing but links to other sections."""
    links: list[str | None] = []
    inside: list[str | None] = [None]
    for child in children:
        if child.type == "link_open":
            inside.append(str(child.attrs.get("href", "")))
        elif child.type == "link_close":
            inside.pop()
        elif any(c.isalnum() for c in child.content):
            links.append(inside[-1])
    return leads_elsewhere(links)


def _words(children: Sequence[Token], *, starts_block: bool = False) -> str:
    """What a reader sees: the text without marks and link targets, line breaks as spaces."""
    parts: list[str] = []
    unseen = ""
    for child in children:
        if child.type == "html_inline":
            unseen = _add_html(parts, child.content, unseen)
        elif unseen:
            continue
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image":
            parts.append(_words(child.children or ()))
        elif child.type == "code_inline":
            parts.append(child.content)
        elif child.type == "text":
            parts.append(_without_marks(child.content, first=starts_block and not parts))
    return _CLOSES_BOX.sub("", "".join(parts)).strip()


def _without_marks(text: str, *, first: bool) -> str:
    """Text without the marks of dialects beyond CommonMark."""
    if first:
        for mark in (_FOOTNOTE_TEXT, _TASK, _BOX):
            if found := mark.match(text):
                text = text[found.end() :].strip('"')
    if "[^" in text:
        text = _FOOTNOTE.sub("", text)
    if "[[" in text:
        text = _WIKI_LINK.sub(r"\1", text)
    if "{" in text:
        text = _TAG.sub(_argument, _SIZE.sub("", text))
    return text


def _argument(tag: re.Match[str]) -> str:
    """The last quoted argument of a site generator's tag, unless it is a path; else ""."""
    said = ["".join(found) for found in _QUOTED.findall(tag[1] or "")]
    return said[-1] if said and not _PATH.search(said[-1]) else ""


def _add_html(parts: list[str], tag: str, unseen: str) -> str:
    """Append what an HTML tag shows; returns the open element whose content is hidden, or ""."""
    found = _ELEMENT.fullmatch(tag)
    name = found[1].lower() if found else ""
    if tag.startswith("<!--") or tag.startswith("<?"):
        return unseen
    if unseen:
        return "" if name == unseen and tag.startswith("</") else unseen
    if name in _UNSEEN and not tag.startswith("</"):
        return name
    if name not in ELEMENTS:
        parts.append(tag)
    elif name in _BREAKS:
        parts.append(" ")
    return ""
