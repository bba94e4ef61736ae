"""Markdown to text and passages: its words without the markup, with the lines they stand on."""

import re
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import NamedTuple

from markdown_it import MarkdownIt, helpers
from markdown_it.token import Token

from bot.documents.plain_text import Block, Split

# An address as site generators write it, which CommonMark does not know: {% page "/a/" %}#top.
_TEMPLATE = re.compile(r"\{[{%].*?[%}]\}(?:\{[{%].*?[%}]\}|[^\s()])*")
# The name that a link may use for a heading: {#top}.
_ANCHOR = re.compile(r"\s*\{[#.:][^{}]*\}\s*$")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)
_ASKS = re.compile(r"Q\s?[:.]\s?.*\?", re.I)
# A question that is no heading stands below every heading.
_QUESTION = 7


class _Part(NamedTuple):
    """What has words: a heading of the levels 1 to 6, a question (7), or text (0).

    `lines` are its first and last line, from 0. `points`: it is only a link to another section.
    """

    level: int
    words: str
    lines: tuple[int, int]
    points: bool = False


def read(source: str, first_line: int = 1) -> tuple[str, Split]:
    """The words of a Markdown text, a block a paragraph, and the blocks under their headings.

    Blocks are joined by blank lines into the text that the offsets count in. A first heading of
    the first level is the title. `first_line` is the number of the source's first line in its
    file. HTML is left out: what it shows, no two readers agree on.
    """
    found = list(_parts(source))
    texts: list[str] = []
    title: str | None = None
    above: list[_Part] = []
    paragraphs: list[Block] = []
    start = 0
    for place, part in enumerate(found):
        level = part.level
        if level == _QUESTION and [after.level for after in found[place + 1 : place + 2]] != [0]:
            level = 0  # nothing answers it
        if level == 1 and title is None and not paragraphs and not above:
            title = part.words
        elif level:
            above = [*(one for one in above if one.level < level), part]
        else:
            numbers = (part.lines[0] + first_line, part.lines[1] + first_line)
            headings = tuple(one.words for one in above)
            block = Block(start, start + len(part.words), numbers, headings, part.points)
            paragraphs.append(block)
        texts.append(part.words)
        start += len(part.words) + 2
    return "\n\n".join(texts), Split(title, tuple(paragraphs))


def _parts(source: str) -> Iterator[_Part]:
    """Each block that has words, in order."""
    level, row, cells = 0, "", False
    for token in _parser().parse(source):
        if token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "heading_close":
            level = 0
        elif token.type in ("td_open", "th_open"):
            row += " | " if row else ""
            cells = True
        elif token.type == "tr_open":
            span = _lines(token)
        elif token.type == "tr_close":
            if row.strip(" |"):
                yield _Part(0, row, span)
            row, cells = "", False
        elif token.type == "inline" and cells:
            row += _words(token.children or ())
        elif token.type == "inline" and level:
            yield from _with_words(_Part(level, _heading(token), _lines(token)))
        elif token.type == "inline":
            yield from _paragraph(token)
        elif token.type in ("fence", "code_block") and token.content.strip():
            yield _Part(0, token.content.strip(), _lines(token))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    known = {name: getattr(helpers, name) for name in ("parseLinkLabel", "parseLinkTitle")}
    reading = SimpleNamespace(**known, parseLinkDestination=_destination)
    setattr(parser, "helpers", reading)  # noqa: B010
    return parser


def _destination(source: str, start: int, end: int) -> object:
    """Where a link leads; a template is an address too."""
    found = helpers.parseLinkDestination(source, start, end)
    template = _TEMPLATE.match(source, start, end)
    if template:
        found.ok, found.pos, found.str = True, template.end(), "template"
    return found


def _paragraph(inline: Token) -> Iterator[_Part]:
    """A paragraph; where its first line is a question in bold or after "Q:", that is one itself."""
    children, (first, last) = inline.children or [], _lines(inline)
    kinds = [child.type for child in children]
    breaks = [kinds.index(kind) for kind in ("softbreak", "hardbreak") if kind in kinds]
    end = min(breaks, default=len(children))
    if not _is_question(children[:end]):
        yield from _with_words(_Part(0, _words(children), (first, last), _points(children)))
        return
    yield _Part(_QUESTION, _words(children[:end]), (first, last if end == len(children) else first))
    yield from _with_words(_Part(0, _words(children[end:]), (min(first + 1, last), last)))


def _is_question(line: Sequence[Token]) -> bool:
    """Whether a line is a question that asks for what follows: all bold, or after "Q:"."""
    words = _words(line)
    shown = [child.type for child in line if child.content or child.type.startswith("strong")]
    is_bold = shown[:1] == ["strong_open"] and "strong_close" not in shown[:-1]
    return (is_bold and words.endswith("?")) or bool(_ASKS.fullmatch(words))


def _points(children: Sequence[Token]) -> bool:
    """Whether there is nothing but links to other sections."""
    inside, links = 0, 0
    for child in children:
        if child.type == "link_open":
            if _ELSEWHERE.match(str(child.attrs.get("href", ""))):
                return False  # another site's page, which is not among the documents
            links += 1
        inside += child.nesting if child.type.startswith("link_") else 0
        if not inside and any(c.isalnum() for c in child.content):
            return False
    return links > 0


def _heading(inline: Token) -> str:
    words = _words(inline.children or ())
    return _ANCHOR.sub("", words) or words


def _with_words(part: _Part) -> Iterator[_Part]:
    if part.words:
        yield part


def _words(children: Sequence[Token]) -> str:
    """What a reader sees of them: marks and links are gone, a line break is a space."""
    parts = []
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image":
            parts.append(_words(child.children or ()))
        elif child.type in ("text", "code_inline"):
            parts.append(child.content)
    return "".join(parts).strip()


def _lines(token: Token) -> tuple[int, int]:
    first, after = token.map or (0, 1)
    return first, max(first, after - 1)
