"""The windows that buttons open, and the home tab: answers and facts as Slack views."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bot import phrases
from bot.index import Index
from bot.model import Answer, Citation, Document, Passage, Question
from bot.slack.rendering import block_kit
from bot.slack.rendering.block_kit import Block, cut
from bot.slack.rendering.buttons import ButtonState, Mark
from bot.slack.rendering.messages import (
    BOLD,
    Actions,
    answer_blocks,
    answer_message,
    examples_blocks,
    older_blocks,
    passage_block,
    quotation,
    source,
)
from bot.slack.surfaces import HOME

View = dict[str, Any]

# How many paragraphs stand before and after the passage.
AROUND = 2
MAX_PARAGRAPH_LENGTH = 2500
MAX_LINE_LENGTH = 300
# So many documents are listed on a page; every one is a block, and a view has a hundred.
A_PAGE = 20
MAX_PROBLEMS = 5

CHANGED = (
    "The documents have changed since this was posted. Below is what they say now.",
    "The documents have changed since this was posted; this passage still stands.",
    "The passage shown then no longer stands in the documents.",
)
OTHER_BUTTON = "This button is from an older version. Please ask again."


class Home(NamedTuple):
    """What the home tab shows: of the corpus a page from 0, and of the asker the last questions.

    `state` are lines on the service, and `is_admin` is who sees them, and hashes.
    """

    corpus: Index
    page: int = 0
    examples: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    is_admin: bool = False


def home_view(home: Home) -> View:
    """The home tab: what the bot knows, how to ask, and what was asked."""
    blocks = [
        block_kit.header("What I know"),
        *documents_blocks(home.corpus, home.page, paged=True, is_admin=home.is_admin),
        block_kit.header("How to ask"),
        block_kit.section(phrases.GUIDE),
        block_kit.small(phrases.MORE_GUIDE),
        *examples_blocks(home.examples, "Questions that the documents do answer:"),
    ]
    if home.asked:
        asked = [cut(phrases.shown(text), MAX_LINE_LENGTH) for text in home.asked]
        blocks += [block_kit.header("Your last questions"), block_kit.bullets(*asked)]
    if home.state:
        blocks += [block_kit.header("State of the service"), block_kit.bullets(*home.state)]
    return {"type": "home", "blocks": blocks}


def documents_blocks(
    corpus: Index, page: int, *, paged: bool, is_admin: bool = False
) -> list[Block]:
    """A page of the documents, with buttons to the others where there may be any.

    Admins see which version of the documents it is.
    """
    documents = corpus.documents
    last = max(0, (len(documents) - 1) // A_PAGE)
    page = min(max(0, page), last)
    listed = documents[page * A_PAGE : (page + 1) * A_PAGE]
    blocks = [block_kit.section(_summary(corpus)), *map(_document, listed)]
    blocks += [block_kit.small(f"Content hash {corpus.documents_hash[:12]}.")] if is_admin else []
    if last:
        first = page * A_PAGE + 1
        shown = f"Documents {first:,} to {first + len(listed) - 1:,} of {len(documents):,}."
        blocks.append(block_kit.small(shown))
        to_page = [("Earlier", page - 1), ("Next", page + 1)]
        row = [
            block_kit.button(label, f"{HOME}:{number}", str(number))
            for label, number in to_page
            if 0 <= number <= last
        ]
        blocks += [block_kit.actions(*row)] if paged else []
    said = [f"Left out: {problem}" for problem in corpus.problems]
    said += phrases.not_read(corpus.not_read)
    problems = [cut(phrases.shown(line), MAX_LINE_LENGTH) for line in said]
    if len(problems) > MAX_PROBLEMS:
        problems[MAX_PROBLEMS - 1 :] = [f"and {len(problems) - MAX_PROBLEMS + 1:,} more"]
    return blocks + ([block_kit.small(*problems)] if problems else [])


def context_view(shown: ButtonState, corpus: Index) -> View:
    """The passages shown, marked, with the paragraphs before and after each."""
    blocks: list[Block] = []
    found = [shown.find(mark, corpus) for mark in _firsts(shown.marks)]
    if shown.is_older and None in found:
        return _window("More context", older_blocks(shown.question))
    for citation in found:
        if blocks:
            blocks.append({"type": "divider"})
        if citation is None:
            blocks.append(block_kit.section(CHANGED[2]))
            continue
        if shown.has_changed(corpus):
            blocks.append(block_kit.small(CHANGED[1]))
        blocks += _in_context(citation, corpus)
    return _window("More context", blocks)


def why_view(
    shown: ButtonState,
    reasons: Sequence[str],
    ranked: Sequence[Citation],
    corpus: Index,
    *,
    is_admin: bool = False,
) -> View:
    """For each passage, best first, the words that matched; for admins the figures too."""
    gone = any(shown.find(mark, corpus) is None for mark in shown.marks[:1])
    if shown.is_older and gone:
        return _window("Why this passage", older_blocks(shown.question))
    blocks = [
        block_kit.small(f"Question: {cut(phrases.shown(shown.question.text), MAX_LINE_LENGTH)}")
    ]
    if shown.has_changed(corpus):
        blocks.append(block_kit.small(CHANGED[0]))
        if gone:
            blocks.append(block_kit.small(CHANGED[2]))
    if reasons and is_admin:
        blocks.append(block_kit.section(" ".join(map(phrases.shown, reasons))))
    for rank, citation in enumerate(ranked, start=1):
        score = f" worth {phrases.score(citation):.2f}" if citation.why and is_admin else ""
        above = block_kit.paragraph(block_kit.words(f"{rank}.{score}", BOLD))
        blocks += [above, _short(citation), source(citation)]
        blocks += _matched(citation, with_scores=is_admin)
    if not ranked:
        blocks.append(block_kit.section(phrases.NOT_FOUND))
    return _window("Why this passage", blocks)


def _matched(citation: Citation, *, with_scores: bool) -> list[Block]:
    """The words of the question that a passage has, those that weigh most first."""
    lines = []
    for match in sorted(citation.why, key=lambda match: -match.score):
        is_close = match.asked.startswith(phrases.IN_MEANING)
        if not (match.information or is_close or with_scores):  # another bonus is no word of it
            continue
        score = f"{match.score:.2f}  " if with_scores else ""
        lines.append(score + phrases.matched(match, citation.passage))
    lines = [cut(phrases.shown(line), MAX_LINE_LENGTH) for line in dict.fromkeys(lines)]
    if not lines:
        return []
    return [block_kit.small("It matches:"), block_kit.bullets(*lines)]


def nearest_view(question: Question, answer: Answer) -> View:
    """The nearest passages to a question that the documents do not answer."""
    return _window(
        "The nearest passages", [*_asked(question), *answer_blocks(answer, question.text)]
    )


def answer_view(question: Question, answer: Answer) -> View:
    """An answer, with the buttons that lead on from it."""
    said = answer_message(question, answer, Actions(votes=False))
    return _window("Answer", [*_asked(question), *said["blocks"]])


def note_view(text: str) -> View:
    """A window with a sentence."""
    return _window("article-bot", [block_kit.section(text)])


def _window(title: str, blocks: list[Block]) -> View:
    close = block_kit.plain("Close")
    return {"type": "modal", "title": block_kit.plain(title, 24), "close": close, "blocks": blocks}


def _asked(question: Question) -> list[Block]:
    words = cut(phrases.shown(question.text).strip(), MAX_LINE_LENGTH)
    return [block_kit.paragraph(block_kit.words(words, BOLD))]


def _firsts(marks: Sequence[Mark]) -> Iterable[Mark]:
    """The first mark of each part of the question."""
    return {mark.first_part: mark for mark in reversed(marks)}.values()


def _short(citation: Citation) -> Block:
    said = phrases.alone(citation)
    said = said._replace(quote=cut(said.quote, MAX_LINE_LENGTH))
    return quotation(said, citation.passage, MAX_PARAGRAPH_LENGTH)


def _in_context(citation: Citation, corpus: Index) -> list[Block]:
    around = corpus.passages_of(citation.passage.document.path)
    at = citation.passage.number - 1
    blocks = [source(citation)]
    heading = ""
    above: tuple[str, ...] = ()
    for passage in around[max(0, at - AROUND) : at + AROUND + 1]:
        path = phrases.path(passage)
        if path and path != heading:
            title = cut(phrases.shown(path).strip(), MAX_LINE_LENGTH)
            blocks.append(block_kit.paragraph(block_kit.words(title, BOLD)))
        is_cited = passage == citation.passage
        blocks.append(_marked(citation) if is_cited else _beside(passage, above))
        said = phrases.whole(passage)
        heading, above = path, (*said.leads, said.quote)
    return blocks


def _marked(citation: Citation) -> Block:
    return passage_block(citation, BOLD, MAX_PARAGRAPH_LENGTH)


def _beside(passage: Passage, above: Sequence[str]) -> Block:
    """A passage beside the one that is shown, without leads that the one above shows too."""
    said = phrases.whole(passage)
    leads = tuple(lead for lead in said.leads if not any(lead in shown for shown in above))
    said = said._replace(leads=leads, quote=cut(said.quote, MAX_PARAGRAPH_LENGTH), more="")
    return quotation(said, passage, MAX_PARAGRAPH_LENGTH, block=block_kit.paragraph)


def _summary(corpus: Index) -> str:
    documents, passages = len(corpus.documents), corpus.size
    dates = sorted(document.date for document in corpus.documents if document.date)
    dated = ""
    if dates:
        first, last = (cut(phrases.shown(date), 40) for date in (dates[0], dates[-1]))
        dated = f" They are dated {first}." if first == last else f" Dated {first} to {last}."
    return f"{phrases.count(documents, 'document')}, {phrases.count(passages, 'passage')}.{dated}"


def _document(document: Document) -> Block:
    title = cut(phrases.shown(document.title).strip(), MAX_LINE_LENGTH) or document.path
    facts = [phrases.count(document.paragraphs, "passage"), document.date or ""]
    about = cut(phrases.shown(" · ".join(fact for fact in facts if fact)), MAX_LINE_LENGTH)
    linked = block_kit.link(document.url, title) if document.url else None
    fits = linked is not None and len(linked["text"]) <= block_kit.MAX_TEXT_LENGTH
    return block_kit.small(linked if linked and fits else title, about)
