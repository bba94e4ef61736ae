"""A document as a reader sees it: headings, paragraphs, lists, tables, with quoted words marked."""

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

# A page of a document has so many passages.
A_PAGE = 200
# A page has this heading, and a document's own begin one below it.
TOP_LEVEL, LOWEST_LEVEL = 2, 6

_PLACE = re.compile(r"(\d{1,12})-(\d{1,12})-([0-9a-f]{12})")


class Place(NamedTuple):
    """Where quoted words stand in a document, and a digest of them: the document may change."""

    start: int
    end: int
    digest: str

    @classmethod
    def of(cls, citation: Citation) -> Self:
        """The place of a citation."""
        return cls(citation.start, citation.end, digest(citation.quote))

    @classmethod
    def read(cls, written: str) -> Self | None:
        """What a link says; None for one that is not ours."""
        found = _PLACE.fullmatch(written)
        return cls(int(found[1]), int(found[2]), found[3]) if found else None

    def __str__(self) -> str:
        return f"{self.start}-{self.end}-{self.digest}"

    def quoted_in(self, passage: Passage) -> Citation | None:
        """The words, if the passage still has them."""
        if not passage.start <= self.start < self.end <= passage.end:
            return None
        citation = Citation(passage, self.start, self.end)
        return citation if digest(citation.quote) == self.digest else None


class Heading(NamedTuple):
    """A heading of a document, and how deep it stands on the page."""

    level: int
    text: str


class Piece(NamedTuple):
    """A passage as it is shown, with the headings that begin above it.

    `quote` is what is marked of it, "" where nothing is. `cells` are those of a row.
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
    """Pieces that stand together: the rows of a table, or one of another kind."""

    is_table: bool
    pieces: tuple[Piece, ...]


class Reading(NamedTuple):
    """A page of a document. `first` is its first passage from 0, of `size`.

    `is_lost` says that quoted words were asked for that the document does not have any more.
    """

    document: Document
    stretches: tuple[Stretch, ...]
    first: int
    size: int
    is_lost: bool

    @property
    def earlier(self) -> int | None:
        """Where the page before it begins."""
        return max(0, self.first - A_PAGE) if self.first else None

    @property
    def later(self) -> int | None:
        """Where the page after it begins."""
        return self.first + A_PAGE if self.first + A_PAGE < self.size else None


def address(document: Document, place: Place | None = None) -> str:
    """Where the page shows a document, and words in it."""
    page = f"/read/{percent_encoded(document.path)}"
    return f"{page}?quote={place}#quote" if place else page


def read(index: Index, path: str, place: Place | None, first: int) -> Reading | None:
    """A page of a document: the one that begins with passage `first`, or that has the words.

    None where there is no such document.
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
    """What governs a passage and has not been shown above it."""
    for lead in passage.leads:
        if shown_to <= lead.start and not passage.start <= lead.start < passage.end:
            text = shown(passage.document.text[lead.start : lead.end]).strip()
            if text and text not in map(str.strip, passage.headings):
                yield text


def _begun(above: Sequence[str], headings: Sequence[str]) -> tuple[Heading, ...]:
    """The headings of a passage from the first that is not above the passage before it."""
    same = 0
    while same < min(len(above), len(headings)) and above[same] == headings[same]:
        same += 1
    return tuple(
        Heading(min(TOP_LEVEL + depth, LOWEST_LEVEL), shown(text).strip())
        for depth, text in enumerate(headings)
        if depth >= same
    )


def _stretches(pieces: Iterator[Piece]) -> Iterator[Stretch]:
    """Rows below the same columns together, everything else by itself."""
    table = 0

    def key(piece: Piece) -> tuple[object, ...]:
        nonlocal table
        table += bool(piece.headings)  # a table ends where a heading begins
        return (piece.columns, table) if piece.cells else (piece.number,)

    for _, together in groupby(pieces, key):
        found = tuple(together)
        yield Stretch(bool(found[0].cells), found)
