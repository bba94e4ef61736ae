"""Plain text to passages: which lines are paragraphs, and which are the headings above them."""

import re
from typing import NamedTuple

# A heading is a short line that ends no sentence. Eighty characters are a wide headline.
MAX_HEADING_LENGTH = 80
# In wrapped English most lines begin in lower case, where every line is a paragraph hardly any.
WRAPPED_SHARE = 1 / 3

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_NO_HEADING_END = re.compile(r"[.!:;,…][\"'”’»)\]]*$")
_LIST_MARK = re.compile(r"[-*•–—]\s")


class Block(NamedTuple):
    """A stretch of a document's text, `text[start:end]`, and its first and last line, from 1.

    `headings` are those above it, outermost first. `points`: it is only a link to another section.
    """

    start: int
    end: int
    lines: tuple[int, int]
    headings: tuple[str, ...] = ()
    points: bool = False


class Split(NamedTuple):
    """A text's paragraphs under their headings, and the title at its top where it has one."""

    title: str | None
    paragraphs: tuple[Block, ...]


def split(text: str, start: int = 0) -> Split:
    """Divide what follows `start` into paragraphs and headings.

    Paragraphs stand on consecutive lines, or are wrapped and divided by blank lines; the lines
    themselves tell which. A short line without a full stop above a paragraph is a heading; at the
    very top of the text it is the title.
    """
    groups = _lines(text, start)
    if _is_wrapped(text, groups):
        blocks = [_joined(group) for group in groups]
    else:
        blocks = [line for group in groups for line in group]
    return _under_headings(text, blocks)


def _lines(text: str, start: int) -> list[list[Block]]:
    """The lines that say something, without the space around them, grouped by blank lines."""
    groups: list[list[Block]] = [[]]
    number = 1 + len(re.findall(r"\r\n|\r|\n", text[:start]))
    for match in _LINE.finditer(text, start):
        line = match.group()
        bare = line.strip().strip("\ufeff\u200b").strip()
        if bare:
            offset = match.start() + line.index(bare)
            groups[-1].append(Block(offset, offset + len(bare), (number, number)))
        elif groups[-1]:
            groups.append([])
        number += 1
    return [group for group in groups if group]


def _is_wrapped(text: str, groups: list[list[Block]]) -> bool:
    following = [line for group in groups for line in group[1:]]
    lower = sum(text[line.start].islower() for line in following)
    return bool(following) and lower >= WRAPPED_SHARE * len(following)


def _joined(lines: list[Block]) -> Block:
    first, last = lines[0], lines[-1]
    return Block(first.start, last.end, (first.lines[0], last.lines[1]))


def _under_headings(text: str, blocks: list[Block]) -> Split:
    """Give each paragraph the heading above it."""
    title: str | None = None
    above: tuple[str, ...] = ()
    paragraphs: list[Block] = []
    headings = _headings(text, blocks)
    for index, block in enumerate(blocks):
        if index not in headings:
            paragraphs.append(block._replace(headings=above))
        elif index == 0:
            title = text[block.start : block.end]
        else:
            above = (text[block.start : block.end],)
    return Split(title, tuple(paragraphs))


def _headings(text: str, blocks: list[Block]) -> set[int]:
    """Which blocks are headings: a short line above a paragraph; at the top, a title and one.

    Short lines that come together are a list, and stay paragraphs: no line is lost to the search.
    """
    found: set[int] = set()
    run: list[int] = []
    for index, block in enumerate(blocks):
        if _may_be_heading(text[block.start : block.end]):
            run.append(index)
            continue
        if len(run) == 1 or run == [0, 1]:
            found.update(run)
        run = []
    return found


def _may_be_heading(line: str) -> bool:
    return (
        len(line) <= MAX_HEADING_LENGTH
        and "\n" not in line
        and not line[0].islower()
        and any(c.isalpha() for c in line)
        and not _NO_HEADING_END.search(line)
        and not _LIST_MARK.match(line)
    )
