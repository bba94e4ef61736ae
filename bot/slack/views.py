"""The windows that buttons open, and the home tab: answers and facts as Slack views."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bot import wording
from bot.corpus import AnyCorpus
from bot.model import Answer, Citation, Document, Passage, Question
from bot.slack import elements
from bot.slack.buttons import HOME, Mark, Shown
from bot.slack.elements import Block, cut
from bot.slack.messages import (
    BOLD,
    Offer,
    answer_blocks,
    answer_message,
    examples_blocks,
    passage_runs,
    source,
)

View = dict[str, Any]

# How many paragraphs stand before and after the passage.
AROUND = 2
LONGEST_PARAGRAPH = 2500
LONGEST_LINE = 300
# So many documents are listed on a page; every one is a block, and a view has a hundred.
A_PAGE = 20
MOST_PROBLEMS = 5

CHANGED = (
    "The documents have changed since this was posted. Below is what they say now.",
    "The documents have changed since this was posted; this passage still stands.",
    "The passage shown then no longer stands in the documents.",
)
OTHER_BUTTON = "This button is of an earlier version of mine. Please ask again."


class Home(NamedTuple):
    """What the home tab shows: of the corpus a page from 0, and of the asker the last questions.

    `state` are lines on the service; who may not see them gets none.
    """

    corpus: AnyCorpus
    page: int = 0
    examples: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    state: tuple[str, ...] = ()


def home_view(home: Home) -> View:
    """The home tab: what the bot knows, how to ask, and what was asked."""
    blocks = [
        elements.header("What I know"),
        *documents_blocks(home.corpus, home.page, paged=True),
        elements.header("How to ask"),
        elements.section(wording.GUIDE),
        elements.small(wording.MORE_GUIDE),
        *examples_blocks(home.examples, "Questions that the documents do answer:"),
    ]
    if home.asked:
        asked = [cut(wording.shown(text), LONGEST_LINE) for text in home.asked]
        blocks += [elements.header("Your last questions"), elements.bullets(*asked)]
    if home.state:
        blocks += [elements.header("State of the service"), elements.bullets(*home.state)]
    return {"type": "home", "blocks": blocks}


def documents_blocks(corpus: AnyCorpus, page: int, *, paged: bool) -> list[Block]:
    """A page of the documents, with buttons to the others where there may be any."""
    documents = corpus.documents
    last = max(0, (len(documents) - 1) // A_PAGE)
    page = min(max(0, page), last)
    listed = documents[page * A_PAGE : (page + 1) * A_PAGE]
    blocks = [elements.section(_summary(corpus)), *map(_document, listed)]
    if last:
        first = page * A_PAGE + 1
        shown = f"Documents {first:,} to {first + len(listed) - 1:,} of {len(documents):,}."
        blocks.append(elements.small(shown))
        to_page = [("Earlier", page - 1), ("Next", page + 1)]
        row = [
            elements.button(label, f"{HOME}:{number}", str(number))
            for label, number in to_page
            if 0 <= number <= last
        ]
        blocks += [elements.actions(*row)] if paged else []
    problems = [
        cut(wording.shown(f"Left out: {problem}"), LONGEST_LINE) for problem in corpus.problems
    ]
    if len(problems) > MOST_PROBLEMS:
        problems[MOST_PROBLEMS - 1 :] = [f"and {len(problems) - MOST_PROBLEMS + 1:,} more"]
    return blocks + ([elements.small(*problems)] if problems else [])


def context_view(shown: Shown, corpus: AnyCorpus) -> View:
    """The passages shown, marked, with the paragraphs before and after each."""
    blocks: list[Block] = []
    for mark in _firsts(shown.marks):
        citation = mark.found_in(corpus)
        if blocks:
            blocks.append({"type": "divider"})
        if citation is None:
            blocks.append(elements.section(CHANGED[2]))
            continue
        if not shown.is_of(corpus):
            blocks.append(elements.small(CHANGED[1]))
        blocks += _in_context(citation, corpus)
    return _window("More context", blocks)


def why_view(
    shown: Shown, reasons: Sequence[str], ranked: Sequence[Citation], corpus: AnyCorpus
) -> View:
    """For each passage, best first, the words that matched, and what each was worth."""
    blocks = [elements.small(f"Question: {cut(wording.shown(shown.question.text), LONGEST_LINE)}")]
    if not shown.is_of(corpus):
        blocks.append(elements.small(CHANGED[0]))
        if any(mark.found_in(corpus) is None for mark in shown.marks[:1]):
            blocks.append(elements.small(CHANGED[2]))
    if reasons:
        blocks.append(elements.section(" ".join(map(wording.shown, reasons))))
    for rank, citation in enumerate(ranked, start=1):
        above = [elements.words(f"{rank}. worth {wording.score(citation):.2f}", BOLD)]
        if not citation.why:
            above = [elements.words(f"{rank}.", BOLD)]
        quoted = cut(wording.quoted(citation)[1], LONGEST_LINE)
        blocks += [
            elements.paragraph(*above, elements.words(f" {quoted}")),
            source(citation),
        ]
        if citation.why:
            matches = sorted(citation.why, key=lambda match: -match.worth)
            lines = [
                f"{match.worth:.2f}  {wording.matched(match, citation.passage)}"
                for match in matches
            ]
            blocks.append(elements.bullets(*(cut(wording.shown(li), LONGEST_LINE) for li in lines)))
    if not ranked:
        blocks.append(elements.section(wording.NOT_FOUND))
    return _window("Why this passage", blocks)


def nearest_view(question: Question, answer: Answer) -> View:
    """The nearest passages to a question that the documents do not answer."""
    return _window("The nearest passages", [*_asked(question), *answer_blocks(answer)])


def answer_view(question: Question, answer: Answer) -> View:
    """An answer, with the buttons that lead on from it."""
    said = answer_message(question, answer, Offer(votes=False))
    return _window("Answer", [*_asked(question), *said["blocks"]])


def note_view(text: str) -> View:
    """A window with a sentence."""
    return _window("article-bot", [elements.section(text)])


def _window(title: str, blocks: list[Block]) -> View:
    close = elements.plain("Close")
    return {"type": "modal", "title": elements.plain(title, 24), "close": close, "blocks": blocks}


def _asked(question: Question) -> list[Block]:
    words = cut(wording.shown(question.text).strip(), LONGEST_LINE)
    return [elements.paragraph(elements.words(words, BOLD))]


def _firsts(marks: Sequence[Mark]) -> Iterable[Mark]:
    """The first mark of each part of the question."""
    return {mark.part: mark for mark in reversed(marks)}.values()


def _in_context(citation: Citation, corpus: AnyCorpus) -> list[Block]:
    around = corpus.passages_of(citation.passage.document.path)
    at = citation.passage.number - 1
    blocks = [source(citation)]
    heading: str | None = None
    for passage in around[max(0, at - AROUND) : at + AROUND + 1]:
        if passage.heading and passage.heading != heading:
            title = cut(wording.shown(passage.heading).strip(), LONGEST_LINE)
            blocks.append(elements.paragraph(elements.words(title, BOLD)))
        heading = passage.heading
        blocks.append(_marked(citation) if passage == citation.passage else _beside(passage))
    return blocks


def _marked(citation: Citation) -> Block:
    return elements.quote(*passage_runs(citation, BOLD, LONGEST_PARAGRAPH))


def _beside(passage: Passage) -> Block:
    return elements.paragraph(elements.words(cut(wording.shown(passage.text), LONGEST_PARAGRAPH)))


def _summary(corpus: AnyCorpus) -> str:
    documents, passages = len(corpus.documents), corpus.size
    dates = sorted(document.date for document in corpus.documents if document.date)
    dated = ""
    if dates:
        first, last = (cut(wording.shown(date), 40) for date in (dates[0], dates[-1]))
        dated = f" They are dated {first}." if first == last else f" Dated {first} to {last}."
    return (
        f"{wording.count(documents, 'document')}, {wording.count(passages, 'passage')}.{dated} "
        f"Content hash {corpus.content_hash[:12]}."
    )


def _document(document: Document) -> Block:
    title = cut(wording.shown(document.title).strip(), LONGEST_LINE) or document.path
    facts = [wording.count(document.paragraphs, "passage"), document.date or ""]
    about = cut(wording.shown(" · ".join(fact for fact in facts if fact)), LONGEST_LINE)
    linked = elements.link(document.url, title) if document.url else None
    fits = linked is not None and len(linked["text"]) <= elements.LONGEST_TEXT
    return elements.small(linked if linked and fits else title, about)
