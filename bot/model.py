"""The values that travel through the program. They import nothing of it.

A citation is a span: its words are cut from the document each time, so a wrong quotation cannot
be built. Not knowing is a value: an answer is one of four classes, each of which says what it is.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, NamedTuple, Protocol

# The parts of a question that are answered each by itself; who asks more in one breath is answered
# so much of it.
ORDINALS = ("first", "second", "third", "fourth", "fifth")
# What keeps the cells of a row apart in a document's text.
CELLS = " | "
# A citation has no more leads, and none is longer, in characters.
MAX_LEADS = 2
MAX_LEAD_LENGTH = 300
# A follow-up leans on the last question or two; what is older has nothing to do with it.
MAX_EARLIER = 3


class Outcome(StrEnum):
    """What an answer is to its question, spelled the same in JSON, stored rows and metrics."""

    ANSWERED = "answered"
    CLOSEST = "closest"
    NOT_FOUND = "not_found"
    NO_QUESTION = "no_question"


class Talk(StrEnum):
    """What is said to the bot rather than asked of the documents."""

    GREETING = "greeting"
    THANKS = "thanks"
    GUIDE = "guide"
    SOURCES = "sources"
    REMARK = "remark"
    MORE = "more"
    # What stands around a question ("asking for a friend"), and here alone.
    AROUND = "around"


class PassageKind(StrEnum):
    """What a passage is."""

    PARAGRAPH = "paragraph"
    LIST = "list"
    ROW = "row"
    CODE = "code"
    HEADING = "heading"


class Role(StrEnum):
    """How a lead governs what stands below it."""

    QUESTION = "question"
    INTRODUCTION = "introduction"
    HEADER = "header"
    HEADING = "heading"


class Span(NamedTuple):
    """A stretch of a text, `text[start:end]`."""

    start: int
    end: int


class Lead(NamedTuple):
    """What governs a passage: a question, a sentence that introduces it, a table's header row.

    A heading does where it denies what stands below it ("Not covered").
    """

    start: int
    end: int
    role: Role


class Item(NamedTuple):
    """An item of a list, with its mark. `parent` is the place of the item it belongs to, or -1."""

    start: int
    end: int
    parent: int = -1


class Page(NamedTuple):
    """A page of a file: where it begins in the document's text, and its number from 1.

    `label` is what is printed on it, where that is another ("iv"), or "".
    """

    start: int
    number: int
    label: str = ""


class Text(Protocol):
    """What a document says, to be cut. A `str` is one; of a long shelf, only a stretch is held."""

    def __len__(self) -> int: ...

    def __getitem__(self, stretch: slice, /) -> str: ...


@dataclass(frozen=True, slots=True)
class Document:
    """A text that the team trusts.

    `path` is its place below the corpus folder, with forward slashes. `text` is what was read
    from it: for a .txt file the file's own text, for others their words without the markup.
    `paragraphs` is how many passages it has. `owner` is who keeps it right, and `review` the day
    by which they look at it again.
    """

    path: str
    text: Text = field(repr=False, compare=False)  # two passages of a document hold two stretches
    title: str
    url: str | None = None
    date: str | None = None
    author: str | None = None
    rights: str | None = None
    paragraphs: int = 0
    owner: str | None = None
    review: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, a list, a row of a table or a block of code: `document.text[start:end]`.

    `number` counts passages from 1 within the document, headings not counted; `lines` are the
    first and last line, from 1, of the file as it lies on disk, or None where a file has none.
    `headings` are those above it, outermost first, without the document's title. `pages` are those
    it stands on, and `anchor` is the name by which a page on the web is opened at its heading, or
    "". `leads` are what governs it, outermost first.
    One that `points` says only where to look. Of a long list it is a part, and `more` is how many
    items follow.
    """

    document: Document
    start: int
    end: int
    number: int
    lines: tuple[int, int] | None
    headings: tuple[str, ...] = ()
    pages: tuple[Page, ...] = ()
    anchor: str = ""
    points: bool = False
    kind: PassageKind = PassageKind.PARAGRAPH
    leads: tuple[Lead, ...] = ()
    items: tuple[Item, ...] = ()
    more: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= len(self.document.text):
            raise ValueError(f"a passage of {self.document.path} must be a part of its text")

    @property
    def heading(self) -> str | None:
        """The nearest heading above it."""
        return self.headings[-1] if self.headings else None

    def page_at(self, place: int) -> Page | None:
        """The page on which this place of the document stands; None where it has no pages."""
        return next((page for page in reversed(self.pages) if page.start <= place), None)

    @property
    def cells(self) -> tuple[tuple[str, str], ...]:
        """Each cell of a row below the name of its column; none where their numbers differ."""
        header = next((one for one in self.leads if one.role is Role.HEADER), None)
        if header is None:
            return ()
        columns = self.document.text[header.start : header.end].split(CELLS)
        cells = self.text.split(CELLS)
        return tuple(zip(columns, cells, strict=True)) if len(columns) == len(cells) else ()

    @property
    def text(self) -> str:
        """Its words, cut from the document."""
        return self.document.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks, and what the same person asked before it in the thread, oldest first."""

    text: str
    after: tuple[str, ...] = ()


class Match(NamedTuple):
    """Why a passage was found: a word asked, what stands for it there, and its score.

    `via` is how it stands for it, and empty for the word itself. `information` is how
    much of the question that is. Of a bonus, which is no part of the question, `asked` is the name.
    """

    asked: str
    found: str
    via: str
    score: float
    information: float = 0.0


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote, `document.text[start:end]`, inside the passage that it stands in.

    `part` is 0, or which part (from 1) of a question of several parts it answers, and `also_parts`
    which others it answers too. Where another part is answered, one that `is_closest` is only the
    nearest to its own. `also` names other documents that hold the same passage. The passage's score
    is the sum of those of the matches in `why`. Of a quote from the answer to one part to that of
    another, `answers` are the stretches that answer; with none it is all of it.
    """

    passage: Passage
    start: int
    end: int
    part: int = 0
    also: tuple[str, ...] = ()
    why: tuple[Match, ...] = field(default=(), repr=False)
    also_parts: tuple[int, ...] = ()
    is_closest: bool = False
    answers: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if not self.passage.start <= self.start < self.end <= self.passage.end:
            raise ValueError("a quote must be a part of its passage")
        if not all(self.start <= one.start < one.end <= self.end for one in self.answers):
            raise ValueError("what answers must be a part of the quote")

    @property
    def quote(self) -> str:
        """The words quoted, cut from the document."""
        return self.passage.document.text[self.start : self.end]

    @property
    def page(self) -> Page | None:
        """The page on which the quote begins; None where the document has no pages."""
        return self.passage.page_at(self.start)

    @property
    def fragment(self) -> str:
        """What opens the file at the quote, after a `#`: `page=12`, or a heading's name; or ""."""
        page = self.page
        return f"page={page.number}" if page is not None else self.passage.anchor

    @property
    def url(self) -> str | None:
        """The document's address, which opens at the page or the heading of the quote."""
        url = self.passage.document.url
        return f"{url}#{self.fragment}" if url and self.fragment and "#" not in url else url

    @property
    def leads(self) -> tuple[Span, ...]:
        """What governs the quote, outermost first: other stretches of the document.

        Those of the passage, and of a nested item the one above it; the nearest two.
        """
        passage = self.passage
        leads = [Span(lead.start, lead.end) for lead in passage.leads]
        for item in passage.items:
            if item.start <= self.start < item.end and item.parent >= 0:
                parent = passage.items[item.parent]
                leads.append(Span(parent.start, parent.end))
        return tuple(cut_lead(passage.document.text, lead) for lead in leads[-MAX_LEADS:])

    @property
    def more(self) -> int:
        """How many items of the list follow a quote that goes on to the end of the passage."""
        return self.passage.more if self.end == self.passage.end else 0

    @property
    def around(self) -> tuple[str, str]:
        """What the passage says before the quote, and after it."""
        text = self.passage.document.text
        return text[self.passage.start : self.start], text[self.end : self.passage.end]


def cut_lead(text: Text, lead: Span) -> Span:
    """No more than MAX_LEAD_LENGTH of a lead: up to the end of a sentence, a cell, or a word."""
    if lead.end - lead.start <= MAX_LEAD_LENGTH:
        return lead
    words = text[lead.start : lead.start + MAX_LEAD_LENGTH]
    ends = [words.rfind(mark) + 1 for mark in (". ", "? ", "! ") if mark in words]
    ends += [words.rfind(CELLS)] if CELLS in words else []
    end = max(ends, default=words.rfind(" "))
    return Span(lead.start, lead.start + (end if end > 0 else MAX_LEAD_LENGTH))


class QuestionPart(NamedTuple):
    """One question of several asked in one, in the asker's words, and what came of it."""

    text: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The passage that answers comes first; further ones bear on it.

    Of several questions asked in one, some part is answered; `parts` are all of them, in order, and
    none where it is one question. `missing` are the question's words that the corpus does not have,
    `notes` are sentences for the asker, `reasons` say how the evidence was judged, for whoever
    wants to know. `corpus` is the content hash of what was asked.
    """

    outcome: ClassVar[Outcome] = Outcome.ANSWERED
    citations: tuple[Citation, ...]
    corpus: str
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    parts: tuple[QuestionPart, ...] = ()

    def __post_init__(self) -> None:
        if not self.citations:
            raise ValueError("an answer needs a citation; use NotFound")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closest:
    """The nearest passages, and said to be only that. Its fields are those of `Answered`."""

    outcome: ClassVar[Outcome] = Outcome.CLOSEST
    citations: tuple[Citation, ...]
    corpus: str
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    parts: tuple[QuestionPart, ...] = ()

    def __post_init__(self) -> None:
        if not self.citations:
            raise ValueError("the nearest passages are at least one; use NotFound")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """Nothing in the corpus bears on the question; `missing` says which words it does not have."""

    outcome: ClassVar[Outcome] = Outcome.NOT_FOUND
    corpus: str
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    parts: tuple[QuestionPart, ...] = ()

    @property
    def citations(self) -> tuple[Citation, ...]:
        """None, ever: so that all four can be read alike."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoQuestion:
    """Talk to the bot: nothing is searched. `notes` are the reply, `examples` what one may ask."""

    outcome: ClassVar[Outcome] = Outcome.NO_QUESTION
    corpus: str
    talk: Talk
    notes: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    parts: tuple[QuestionPart, ...] = ()
    reasons: tuple[str, ...] = ("This is talk: no word of it asks the documents.",)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """None, ever: so that all four can be read alike."""
        return ()


Answer = Answered | Closest | NotFound | NoQuestion


def with_notes(answer: Answer, notes: tuple[str, ...]) -> Answer:
    """The answer with further notes below its own."""
    return replace(answer, notes=(*answer.notes, *notes)) if notes else answer
