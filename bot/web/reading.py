"""A document prepared for reading: headings, paragraphs, lists and tables, with a quote marked."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, Self
from urllib.parse import quote as percent_encoded

from bot import phrases
from bot.index import Index
from bot.model import Citation, Document, Passage, PassageKind
from bot.phrases import shown
from bot.slack.rendering.buttons import digest

# Passages per page of a document.
A_PAGE = 200
# HTML levels of a document's headings. The page's own heading is above them.
TOP_LEVEL, LOWEST_LEVEL = 2, 6

_PLACE = re.compile(r"(\d{1,12})-(\d{1,12})-([0-9a-f]{12})")


class Place(NamedTuple):
    """The place of a quote in a document, as offsets into its text.

    The digest of the quote shows whether the document has changed there.
    """

    start: int
    end: int
    digest: str

    @classmethod
    def of(cls, citation: Citation) -> Self:
        """The place of a citation."""
        return cls(citation.start, citation.end, digest(citation.quote))

    @classmethod
    def read(cls, written: str) -> Self | None:
        """Parse the place in a link; None if it is invalid."""
        found = _PLACE.fullmatch(written)
        return cls(int(found[1]), int(found[2]), found[3]) if found else None

    def __str__(self) -> str:
        return f"{self.start}-{self.end}-{self.digest}"

    def quoted_in(self, passage: Passage) -> Citation | None:
        """The quote as a citation of this passage, or None if the passage does not have it."""
        if not passage.start <= self.start < self.end <= passage.end:
            return None
        citation = Citation(passage, self.start, self.end)
        return citation if digest(citation.quote) == self.digest else None


class Heading(NamedTuple):
    """A heading of a document, and its HTML level on the page."""

    level: int
    text: str


class Piece(NamedTuple):
    """A passage as it is shown, with the headings that begin above it.

    `quote` is the marked part, "" if there is none. `columns` and `cells` are those of a table row.
    """

    number: int
    kind: PassageKind
    headings: tuple[Heading, ...]
    leads: tuple[str, ...]
    before: str
    quote: str
    after: str
    columns: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()


class Stretch(NamedTuple):
    """Pieces that are shown together: the rows of one table, or a single other piece."""

    is_table: bool
    pieces: tuple[Piece, ...]


class Reading(NamedTuple):
    """A page of a document. `first` is the index of its first passage, of `size` in the document.

    `is_lost` is true if the requested quote is no longer in the document.
    """

    document: Document
    stretches: tuple[Stretch, ...]
    first: int
    size: int
    is_lost: bool

    @property
    def earlier(self) -> int | None:
        """Index of the first passage of the previous page; None on the first page."""
        return max(0, self.first - A_PAGE) if self.first else None

    @property
    def later(self) -> int | None:
        """Index of the first passage of the next page; None on the last page."""
        return self.first + A_PAGE if self.first + A_PAGE < self.size else None


def address(document: Document, place: Place | None = None) -> str:
    """The path of the page that shows a document, at a quote if `place` is given."""
    page = f"/read/{percent_encoded(document.path)}"
    return f"{page}?quote={place}#quote" if place else page


def read(index: Index, path: str, place: Place | None, first: int) -> Reading | None:
    """A page of the document at `path`: the page with the quote at `place` if it is there.

    Otherwise the page begins with passage `first`, counted from 0. None if there is no such
    document.
    """
    passages = index.passages_of(path)
    if not passages:
        return None
    quoted = _first_quoted(passages, place)
    if quoted is not None:
        first = passages.index(quoted.passage) // A_PAGE * A_PAGE
    first = min(first, len(passages) - 1)
    pieces = _pieces(passages[first : first + A_PAGE], quoted)
    is_lost = place is not None and quoted is None
    return Reading(passages[0].document, tuple(_stretches(pieces)), first, len(passages), is_lost)


def _first_quoted(passages: Sequence[Passage], place: Place | None) -> Citation | None:
    if place is None:
        return None
    return next(filter(None, map(place.quoted_in, passages)), None)


def _pieces(passages: Sequence[Passage], quoted: Citation | None) -> Iterator[Piece]:
    above: tuple[str, ...] = ()
    last_lead = -1
    for passage in passages:
        is_quoted = quoted is not None and quoted.passage == passage
        said = phrases.quoted(quoted) if quoted and is_quoted else phrases.whole(passage)
        before, quote, after = (said.before, said.quote, said.after)
        if not is_quoted:
            before, quote = quote, ""
        leads = passage.leads
        pairs = passage.cells if passage.kind is PassageKind.ROW else ()
        yield Piece(
            passage.number,
            passage.kind,
            _begun(above, passage.headings),
            () if pairs else tuple(_leads(passage, last_lead)),
            before,
            quote,
            after,
            tuple(shown(column).strip() for column, _ in pairs),
            tuple(shown(cell).strip() for _, cell in pairs),
        )
        above = passage.headings
        last_lead = max([last_lead, passage.end, *(lead.end for lead in leads)])


def _leads(passage: Passage, shown_to: int) -> Iterator[str]:
    """The leads of a passage that have not been shown yet, as text."""
    for lead in passage.leads:
        if shown_to <= lead.start and not passage.start <= lead.start < passage.end:
            text = shown(passage.document.text[lead.start : lead.end]).strip()
            if text and text not in map(str.strip, passage.headings):
                yield text


def _begun(above: Sequence[str], headings: Sequence[str]) -> tuple[Heading, ...]:
    """The headings of a passage that differ from those above the previous passage."""
    same = 0
    while same < min(len(above), len(headings)) and above[same] == headings[same]:
        same += 1
    return tuple(
        Heading(min(TOP_LEVEL + depth, LOWEST_LEVEL), shown(text).strip())
        for depth, text in enumerate(headings)
        if depth >= same
    )


def _stretches(pieces: Iterator[Piece]) -> Iterator[Stretch]:
    """Group consecutive rows with the same columns; everything else stays by itself."""
    table = 0

    def key(piece: Piece) -> tuple[object, ...]:
        nonlocal table
        table += bool(piece.headings)  # a table ends where a heading begins
        return (piece.columns, table) if piece.cells else (piece.number,)

    for _, together in groupby(pieces, key):
        found = tuple(together)
        yield Stretch(bool(found[0].cells), found)
