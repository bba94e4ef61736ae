"""Cuts a document's blocks into passages, each with what governs it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

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
    Table,
    Tree,
    is_caption,
    joined,
)
from bot.english.denials import denies
from bot.english.text import points_elsewhere, sentences
from bot.model import (
    MAX_LEAD_LENGTH,
    Document,
    Lead,
    Page,
    Passage,
    PassageKind,
    Role,
    Span,
    cut_lead,
)
from bot.model import Item as Place

# Limits of a list passage, in items and characters; a longer list continues in another passage.
MAX_ITEMS = 12
MAX_LENGTH = 1_000
# Words of a sentence that introduces a list, even without a colon at its end.
_INTRODUCES = ("follow", "below", "these", "here are", "here is", "steps")

_OWN_NUMBER = re.compile(
    r"^(?:(?:section|chapter|part|step|appendix|article|phase|week|day|question|q)\s)?"
    r"[\dA-Z]{1,3}(?:\.\d{1,3})*[.):]?(?=\s)",
    re.I,
)


class Cut(NamedTuple):
    """A passage that is not tied to a document yet; the fields are those of `Passage`."""

    start: int
    end: int
    lines: Lines
    headings: tuple[Span, ...] = ()
    pages: tuple[Page, ...] = ()
    anchor: str = ""
    kind: PassageKind = PassageKind.PARAGRAPH
    leads: tuple[Lead, ...] = ()
    items: tuple[Place, ...] = ()
    more: int = 0
    points: bool = False

    def passage(self, document: Document, number: int, above: tuple[str, ...]) -> Passage:
        """The passage in this document; `above` are headings above the whole document."""
        text = document.text
        # Headings are stored and cited on one line.
        headings = tuple(" ".join(text[start:end].split()) for start, end in self.headings)
        return Passage(
            document,
            self.start,
            self.end,
            number,
            self.lines,
            (*above, *headings),
            self.pages,
            self.anchor,
            points=self.points,
            kind=self.kind,
            leads=self.leads,
            items=self.items,
            more=self.more,
        )


def cuts(tree: Tree) -> list[Cut]:
    """The passages of a document. A heading without anything below it is one too."""
    found = list(_Cutter(tree).cuts())
    if found or not tree.title:
        return found
    pages = _pages(tree.pages, tree.title.span)
    return [Cut(*tree.title.span, tree.title.lines, pages=pages, kind=PassageKind.HEADING)]


class _Cutter:
    """Walks the blocks, and tracks the headings and the question that govern them."""

    def __init__(self, tree: Tree) -> None:
        self._text = tree.text
        self._blocks = tree.blocks[1:] if tree.title else tree.blocks
        self._pages = tree.pages
        self._title = [tree.title] if tree.title else []
        self._sections: list[Heading] = []
        self._question: list[Lead] = []

    def cuts(self) -> Iterator[Cut]:
        """Each passage in order."""
        before: Block | None = None
        for block, next_block in zip_longest(self._blocks, self._blocks[1:]):
            match block:
                case Heading():
                    self._sections = [one for one in self._sections if one.level < block.level]
                    self._question = []
                    if _heads_nothing(block, next_block) or self._tells(block):
                        yield self._cut(block.span, block.lines, PassageKind.HEADING)
                    self._sections.append(block)
                case Question() if next_block is None or isinstance(
                    next_block, Heading | Question | AnswerEnd
                ):
                    yield self._cut(block.span, block.lines)  # a question without an answer
                case Question():
                    self._question = [Lead(*block.span, Role.QUESTION)]
                case AnswerEnd():
                    self._question = []
                case Paragraph():
                    leads = self._introduction(before, block)
                    if leads or not self._only_introduces(block, next_block):
                        points = block.points or points_elsewhere(self._text[slice(*block.span)])
                        yield self._cut(block.span, block.lines, leads=leads, points=points)
                case List():
                    yield from self._list(block, self._introduction(before, block))
                case Table():
                    yield from self._table(block, self._introduction(before, block))
                case Code():
                    leads = self._introduction(before, block)
                    yield self._cut(block.span, block.lines, PassageKind.CODE, leads)
            before = block

    def _tells(self, heading: Heading) -> bool:
        """Whether a heading contains a number, such as a date or version, besides its own."""
        said = _OWN_NUMBER.sub("", self._text[slice(*heading.span)])
        return any(c.isdigit() for c in said)

    def _cut(
        self,
        span: Span,
        lines: Lines,
        kind: PassageKind = PassageKind.PARAGRAPH,
        leads: Sequence[Lead] = (),
        *,
        points: bool = False,
    ) -> Cut:
        headings = tuple(one.span for one in self._sections)
        anchors = [one.anchor for one in (*self._title, *self._sections) if one.anchor]
        pages, anchor = _pages(self._pages, span), anchors[-1] if anchors else ""
        governed = (*self._denial(), *self._question, *leads)
        return Cut(*span, lines, headings, pages, anchor, kind, governed, points=points)

    def _denial(self) -> list[Lead]:
        """The nearest heading that denies what is below it, unless a question is nearer."""
        if self._question:
            return []
        said = (one.span for one in reversed(self._sections))
        found = next((span for span in said if denies(self._text[slice(*span)])), None)
        return [self._lead(found, Role.HEADING)] if found else []

    def _only_introduces(self, paragraph: Paragraph, after: Block | None) -> bool:
        """Whether a paragraph is just the sentence that introduces the next block."""
        if not isinstance(after, Paragraph | List | Table | Code):
            return False
        [*others, last] = self._sentences(paragraph.span)
        length = last.end - last.start
        return not others and self._text[last.end - 1] == ":" and length <= MAX_LEAD_LENGTH

    def _introduction(self, before: Block | None, block: Block) -> list[Lead]:
        """The sentence before a block as its lead, if it introduces the block."""
        if not isinstance(before, Paragraph):
            return []
        if isinstance(block, Table) and is_caption(self._text[slice(*before.span)]):
            return [self._lead(before.span, Role.INTRODUCTION)]
        last = self._sentences(before.span)[-1]
        said = self._text[last.start : last.end]
        if said.endswith(":") or isinstance(block, Code):
            return [self._lead(last, Role.INTRODUCTION)]
        if isinstance(block, List) and any(word in said.casefold() for word in _INTRODUCES):
            return [self._lead(last, Role.INTRODUCTION)]
        return []

    def _sentences(self, span: Span) -> list[Span]:
        found = sentences(self._text[span.start : span.end])
        return [Span(span.start + one.start, span.start + one.end) for one in found] or [span]

    def _lead(self, span: Span, role: Role) -> Lead:
        return Lead(*cut_lead(self._text, span), role)

    def _table(self, table: Table, leads: list[Lead]) -> Iterator[Cut]:
        """A passage for each row, governed by the caption and the header row.

        A header row alone is one too.
        """
        if table.caption is not None:
            leads = [*leads, self._lead(table.caption, Role.INTRODUCTION)]
        if table.header is not None and not table.rows:
            yield self._cut(table.header.span, table.header.lines, PassageKind.ROW, leads)
        elif table.header is not None:
            leads = [*leads, Lead(*table.header.span, Role.HEADER)]  # uncut, to pair up the cells
        for row in table.rows:
            yield self._cut(row.span, row.lines, PassageKind.ROW, leads)

    def _list(self, whole: List, leads: list[Lead]) -> Iterator[Cut]:
        """The items in passages of at most MAX_ITEMS items and about MAX_LENGTH characters."""
        entries = list(_entries(whole, -1, []))
        place = 0
        while place < len(entries):
            first, number = place, 0
            while place < len(entries) and number < MAX_ITEMS:
                if place > first and entries[place].end - entries[first].start > MAX_LENGTH:
                    break
                place, number = place + 1, number + 1
            yield self._items(entries, first, place, leads)

    def _items(self, entries: "list[_Entry]", first: int, after: int, leads: list[Lead]) -> Cut:
        """A passage of some entries, governed by their parent item if it is in another passage."""
        shown = entries[first:after]
        above = shown[0].parent
        if above >= 0:
            parent = Span(entries[above].start, entries[above].end)
            leads = [*leads, self._lead(parent, Role.INTRODUCTION)]
        span = Span(shown[0].start, shown[-1].end)
        lines = shown[0].lines
        for entry in shown[1:]:
            lines = joined(lines, entry.lines)
        items = tuple(
            Place(entry.start, entry.end, max(-1, entry.parent - first)) for entry in shown
        )
        cut = self._cut(span, lines, PassageKind.LIST, leads)
        points = all(entry.points or self._points(entry) for entry in shown)
        return cut._replace(items=items, more=len(entries) - after, points=points)

    def _points(self, entry: "_Entry") -> bool:
        """Whether an item only points elsewhere."""
        said = self._text[entry.start : entry.end]
        return points_elsewhere(said.partition(" ")[2])


def _heads_nothing(heading: Heading, after: Block | None) -> bool:
    return after is None or (isinstance(after, Heading) and after.level <= heading.level)


def _pages(pages: Sequence[Page], span: Span) -> tuple[Page, ...]:
    """The pages on which a span lies."""
    first = bisect_right(pages, span.start, key=lambda page: page.start)
    after = bisect_left(pages, span.end, key=lambda page: page.start)
    return tuple(pages[max(0, first - 1) : after])


class _Entry(NamedTuple):
    """An item with its own blocks; items nested in it are entries themselves."""

    start: int
    end: int
    lines: Lines
    parent: int
    points: bool


def _entries(whole: List, parent: int, found: list[_Entry]) -> list[_Entry]:
    """Append the items of a list and of the lists nested in it to `found`, in order."""
    for item in whole.items:
        place = len(found)
        found.append(_Entry(*item.span, item.lines, parent, item.points))
        _add_inner(item, place, found)
    return found


def _add_inner(item: Item, place: int, found: list[_Entry]) -> None:
    """Add the blocks below an item's first line; a nested list gets its own entries."""
    for block in item.blocks:
        match block:
            case List():
                _entries(block, place, found)
            case AnswerEnd():
                pass
            case Table():
                if block.caption is not None:
                    lines = block.rows[0].lines if block.rows else None
                    _extend(found, place, block.caption, lines)
                for row in (*([block.header] if block.header else []), *block.rows):
                    _extend(found, place, row.span, row.lines)
            case _:
                _extend(found, place, block.span, block.lines)


def _extend(found: list[_Entry], place: int, span: Span, lines: Lines) -> None:
    """Extend the entry of an item by a block, or add an entry if nested items come between."""
    if len(found) - 1 == place:
        entry = found[place]
        lines = joined(entry.lines, lines)
        found[place] = entry._replace(end=span.end, lines=lines, points=False)
    else:
        found.append(_Entry(*span, lines, place, False))
