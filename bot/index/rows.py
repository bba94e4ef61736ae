"""A passage as it is stored, in SQLite and as JSON."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bot.index.analysis import Analysis, PassageDetail, Words, items_of
from bot.model import Item, Page, Passage, PassageKind, Role

# The columns of a passage in SQLite besides its document, in the order of `PassageRow.values`.
COLUMNS = {
    "number": "integer",
    "start": "integer",
    "first_line": "integer",
    "last_line": "integer",
    "headings": "text",
    "pages": "text",
    "anchor": "text",
    "points": "integer",
    "kind": "text",
    "leads": "text",
    "more": "integer",
    "text": "text",
    "above": "text",
    "own": "text",
    "joined": "text",
    "marks": "blob",
}


class LeadText(NamedTuple):
    """A lead of a passage with its text, which is elsewhere in the document."""

    start: int
    end: int
    role: Role
    text: str


class PassageRow(NamedTuple):
    """A stored passage: its place, its text and its analysed words.

    `key` is its document's id, `document` its document's path.
    """

    key: int
    document: str
    number: int
    start: int
    lines: tuple[int, int] | None
    headings: tuple[str, ...]
    pages: tuple[Page, ...]
    anchor: str
    points: bool
    kind: PassageKind
    leads: tuple[LeadText, ...]
    more: int
    text: str
    words: Words
    marks: bytes

    @property
    def terms(self) -> str:
        """The searchable terms: those of the title and headings above, and its own."""
        return f"{self.words.above} {self.words.own}"

    @property
    def in_context(self) -> str:
        """The two nearest headings, the leads and the text: what is encoded as a vector."""
        above = (f"{heading}." for heading in self.headings[-2:])
        return " ".join((*above, *(lead.text for lead in self.leads), self.text))

    @property
    def values(self) -> tuple[Any, ...]:
        """The values of COLUMNS."""
        lines = self.lines or (None, None)
        place = ("\n".join(self.headings), _kept(self.pages), self.anchor)
        about = (int(self.points), str(self.kind), _kept(self.leads), self.more, self.text)
        return (self.number, self.start, *lines, *place, *about, *self.words, self.marks)

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of a list; none for other kinds."""
        return items_of(self.marks, self.start) if self.kind is PassageKind.LIST else ()

    @property
    def as_json(self) -> list[Any]:
        """The path of its document and the values, with the marks in base64."""
        *values, marks = self.values
        return [self.document, *values, b64encode(marks).decode()]

    def analysis(self, passage: Callable[[], Passage]) -> Analysis:
        """The analysis of the passage; details load lazily, and `passage` builds the passage."""
        return Analysis(self.key, self.words, lambda: self.detail(passage))

    def detail(self, passage: Callable[[], Passage]) -> PassageDetail:
        """The details of the passage, needed once it is examined closely."""
        place = (self.document, self.number)
        asked = any(lead.role is Role.QUESTION for lead in self.leads)
        about = (self.text, self.start, self.marks, self.points, self.kind)
        return PassageDetail(place, *about, bool(self.headings or asked), passage)


def row_of(analysis: Analysis) -> PassageRow:
    """The row of a passage whose document has no id yet."""
    passage, detail = analysis.passage, analysis.rest
    return PassageRow(
        0,
        passage.document.path,
        passage.number,
        passage.start,
        passage.lines,
        passage.headings,
        passage.pages,
        passage.anchor,
        passage.points,
        passage.kind,
        tuple(LeadText(*lead, passage.document.text[slice(*lead[:2])]) for lead in passage.leads),
        passage.more,
        detail.text,
        analysis.words,
        detail.marks,
    )


def row_from(key: int, document: str, values: Sequence[Any]) -> PassageRow:
    """The row with these values of COLUMNS; `key` and `document` as in PassageRow."""
    number, start, first, last, headings, pages, anchor, points, kind, *governed = values
    leads, more, text, above, own, joined, marks = governed
    lines = None if first is None else (first, last)
    path = tuple(headings.split("\n")) if headings else ()
    place = (number, start, lines, path, tuple(Page(*page) for page in _read(pages)), anchor)
    known = tuple(LeadText(a, b, Role(role), said) for a, b, role, said in _read(leads))
    about = (*place, bool(points), PassageKind(kind), known, more)
    return PassageRow(key, document, *about, text, Words(above, own, joined), marks)


def _kept(found: Sequence[object]) -> str:
    """A sequence as JSON; "" for an empty one, since most are."""
    return json.dumps(found, ensure_ascii=False) if found else ""


def _read(kept: str) -> Any:
    return json.loads(kept) if kept else ()


def row_from_json(key: int, kept: Sequence[Any]) -> PassageRow:
    """The row that `as_json` wrote."""
    document, *values, marks = kept
    return row_from(key, document, [*values, b64decode(marks)])
