"""The values that travel through the program. This module imports nothing else of it.

A citation is a span: its text is always cut from the document, so a wrong quotation cannot be
built. Not knowing is a value: an answer is one of four classes, one for each outcome.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, NamedTuple, Protocol

# The names of a question's parts. Further parts are not answered.
ORDINALS = ("first", "second", "third", "fourth", "fifth")
# Separates the cells of a row in a document's text.
CELLS = " | "
# At most this many leads are shown with a citation, each cut to this many characters.
MAX_LEADS = 2
MAX_LEAD_LENGTH = 300
# How many earlier questions of a thread a follow-up may lean on.
MAX_EARLIER = 3


class Outcome(StrEnum):
    """The outcome of a question, spelled the same in JSON, stored rows and metrics."""

    ANSWERED = "answered"
    CLOSEST = "closest"
    NOT_FOUND = "not_found"
    NO_QUESTION = "no_question"


class Talk(StrEnum):
    """A kind of message to the bot that asks nothing of the documents."""

    GREETING = "greeting"
    THANKS = "thanks"
    GUIDE = "guide"
    SOURCES = "sources"
    REMARK = "remark"
    MORE = "more"
    # Chat around a question ("asking for a friend"), if that is the whole message.
    AROUND = "around"


class PassageKind(StrEnum):
    """The kind of a passage."""

    PARAGRAPH = "paragraph"
    LIST = "list"
    ROW = "row"
    CODE = "code"
    HEADING = "heading"


class Role(StrEnum):
    """What a lead is."""

    QUESTION = "question"
    INTRODUCTION = "introduction"
    HEADER = "header"
    HEADING = "heading"


class Span(NamedTuple):
    """A part of a text, `text[start:end]`."""

    start: int
    end: int


class Lead(NamedTuple):
    """The text that governs a passage: a question, an introducing sentence, or a header row.

    A heading is a lead only if it denies what is below it ("Not covered").
    """

    start: int
    end: int
    role: Role


class Item(NamedTuple):
    """A list item, including its bullet. `parent` is the place of its outer item, or -1."""

    start: int
    end: int
    parent: int = -1


class Page(NamedTuple):
    """A page of a file: where it begins in the document's text, and its number from 1.

    `label` is the printed page number if it differs ("iv"), else "".
    """

    start: int
    number: int
    label: str = ""


class Text(Protocol):
    """A document's text, which can be sliced: a `str`, or an object that has only parts of it."""

    def __len__(self) -> int: ...

    def __getitem__(self, stretch: slice, /) -> str: ...


@dataclass(frozen=True, slots=True)
class Document:
    """A text that the team trusts.

    `path` is relative to the corpus folder, with forward slashes. `text` is what was read from it:
    the text of a .txt file, the words without markup of any other. `paragraphs` is the number of
    its passages. `owner` is who maintains it, and `review` the day of the next review.
    """

    path: str
    text: Text = field(repr=False, compare=False)  # each passage may have other parts of it
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

    - `number`: counts the document's passages from 1; headings are not counted
    - `lines`: its first and last line in the file, from 1; None if the file has no lines
    - `headings`: the headings above it, outermost first, without the document's title
    - `pages`: the pages that it is on
    - `anchor`: the URL fragment that opens a web page at its heading, or ""
    - `points`: whether it only says where to look
    - `leads`: the texts that govern it, outermost first
    - `items`: the items of a list
    - `more`: for a part of a long list, how many items follow
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
        """The nearest heading above it, or None."""
        return self.headings[-1] if self.headings else None

    def page_at(self, place: int) -> Page | None:
        """The page that contains an offset in the document; None if it has no pages."""
        return next((page for page in reversed(self.pages) if page.start <= place), None)

    @property
    def cells(self) -> tuple[tuple[str, str], ...]:
        """A row's (column, cell) pairs; empty if the numbers of columns and cells differ."""
        header = next((one for one in self.leads if one.role is Role.HEADER), None)
        if header is None:
            return ()
        columns = self.document.text[header.start : header.end].split(CELLS)
        cells = self.text.split(CELLS)
        if len(columns) != len(cells):
            return ()
        return tuple(
            (one.strip(), other.strip()) for one, other in zip(columns, cells, strict=True)
        )

    @property
    def text(self) -> str:
        """Its text, cut from the document."""
        return self.document.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the same person's earlier messages in the thread, oldest first."""

    text: str
    after: tuple[str, ...] = ()


class Match(NamedTuple):
    """One reason why a passage was found: the word asked, the form found, and its score.

    `via` explains the form, "" for the word itself. `information` is how much of the question it
    covers. For a bonus, which is not a part of the question, `asked` is its name.
    """

    asked: str
    found: str
    via: str
    score: float
    information: float = 0.0


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote, `document.text[start:end]`, within a passage.

    - `part`: which part of the question it answers, from 1; 0 if there is one part
    - `also`: paths of other documents with the same passage
    - `why`: the matches, whose scores add up to the passage's
    - `also_parts`: further parts that it answers
    - `is_closest`: it is only the closest to its part, while another part is answered
    - `answers`: the spans that answer, if it covers the answers to several parts and the text
      between them; empty if all of it answers
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
        """The quoted text, cut from the document."""
        return self.passage.document.text[self.start : self.end]

    @property
    def page(self) -> Page | None:
        """The page on which the quote begins; None if the document has no pages."""
        return self.passage.page_at(self.start)

    @property
    def fragment(self) -> str:
        """The URL fragment that opens the file at the quote: `page=12`, a heading's id, or ""."""
        page = self.page
        return f"page={page.number}" if page is not None else self.passage.anchor

    @property
    def url(self) -> str | None:
        """The document's address with the fragment, unless it has one already; None for none."""
        url = self.passage.document.url
        return f"{url}#{self.fragment}" if url and self.fragment and "#" not in url else url

    @property
    def leads(self) -> tuple[Span, ...]:
        """The nearest MAX_LEADS leads of the quote, outermost first, as spans of the document.

        These are the passage's leads and, for a nested item, its outer item.
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
        """How many items of the list follow the quote, if it ends with its passage; else 0."""
        return self.passage.more if self.end == self.passage.end else 0

    @property
    def around(self) -> tuple[str, str]:
        """The text of the passage before the quote, and after it."""
        text = self.passage.document.text
        return text[self.passage.start : self.start], text[self.end : self.passage.end]


def cut_lead(text: Text, lead: Span) -> Span:
    """At most MAX_LEAD_LENGTH characters of a lead, cut after a sentence, a cell or a word."""
    if lead.end - lead.start <= MAX_LEAD_LENGTH:
        return lead
    words = text[lead.start : lead.start + MAX_LEAD_LENGTH]
    ends = [words.rfind(mark) + 1 for mark in (". ", "? ", "! ") if mark in words]
    ends += [words.rfind(CELLS)] if CELLS in words else []
    end = max(ends, default=words.rfind(" "))
    return Span(lead.start, lead.start + (end if end > 0 else MAX_LEAD_LENGTH))


class QuestionPart(NamedTuple):
    """One part of a question, in the asker's words, and its outcome."""

    text: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer: the passage that answers comes first, and related ones follow.

    If the question has several parts, at least one of them is answered.

    - `corpus`: the hash of the documents
    - `missing`: words of the question that the documents do not have
    - `notes`: sentences for the asker
    - `reasons`: sentences on how the evidence was judged
    - `parts`: the parts of the question, in order; empty if there is only one
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
    """The closest passages, which may not answer. The fields are those of `Answered`."""

    outcome: ClassVar[Outcome] = Outcome.CLOSEST
    citations: tuple[Citation, ...]
    corpus: str
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    parts: tuple[QuestionPart, ...] = ()

    def __post_init__(self) -> None:
        if not self.citations:
            raise ValueError("the closest passages need a citation; use NotFound")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """The documents have nothing close. The fields are those of `Answered`."""

    outcome: ClassVar[Outcome] = Outcome.NOT_FOUND
    corpus: str
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    parts: tuple[QuestionPart, ...] = ()

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Always empty; every kind of answer has this attribute."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoQuestion:
    """The reply to talk, for which nothing is searched.

    `notes` are the reply, and `examples` are questions to suggest.
    """

    outcome: ClassVar[Outcome] = Outcome.NO_QUESTION
    corpus: str
    talk: Talk
    notes: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    parts: tuple[QuestionPart, ...] = ()
    reasons: tuple[str, ...] = ("This is talk to the bot, which asks nothing of the documents.",)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Always empty; every kind of answer has this attribute."""
        return ()


Answer = Answered | Closest | NotFound | NoQuestion


def with_notes(answer: Answer, notes: tuple[str, ...]) -> Answer:
    """The answer with further notes after its own."""
    return replace(answer, notes=(*answer.notes, *notes)) if notes else answer
