"""The windows that buttons open, and the home tab: answers and facts as Slack views."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bot import phrases
from bot.index import Index
from bot.learning.gaps import Gap
from bot.model import Answer, Citation, Document, Passage, Question
from bot.slack.rendering import block_kit
from bot.slack.rendering.block_kit import Block, cut
from bot.slack.rendering.buttons import OF_HASH, ButtonState, Mark
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
from bot.slack.surfaces import GAPS, HOME, KEEP, NOT_THERE, PICK, SEARCH, TEACH

View = dict[str, Any]

# How many paragraphs to show before and after the passage.
AROUND = 2
MAX_PARAGRAPH_LENGTH = 2500
MAX_LINE_LENGTH = 300
# How many documents to list on a page; each is a block, and a view has at most 100.
A_PAGE = 20
MAX_PROBLEMS = 5
GAPS_A_PAGE = 5
# The fields of the form that saves an answer; no folder is called `.`.
QUESTION, ANSWER, FOLDER, AUTHOR, NO_FOLDER = "question", "answer", "folder", "author", "."
# How many characters to show of a passage that an editor may pick.
MAX_PICK_LENGTH = 800

CHANGED = "The documents have changed since this was posted. This is what they say now."
UNCHANGED = "The documents have changed since this was posted; this passage is unchanged."
GONE = (
    "That passage is not in the documents that I answer from here; it may have been changed or "
    "removed."
)
MOVED = "The passage has changed since; what was quoted still stands, word for word."
OTHER_BUTTON = "This button is from an older version. Please ask again."


class Learning(NamedTuple):
    """What an editor's home tab also shows: a page of the unanswered questions, and stale lessons.

    `page` counts from 0. `stale` are taught questions whose passage is gone, each with the place of
    the passage that is closest now; `more` is how many further ones there are.
    """

    gaps: Sequence[Gap]
    page: int = 0
    stale: Sequence[tuple[str, str]] = ()
    more: int = 0
    can_teach: bool = False


class Home(NamedTuple):
    """What the home tab shows: a page of the documents, and a person's recent questions.

    `page` counts from 0. `state` are lines about the service, for admins. `is_admin` adds the hash
    of the documents.
    """

    corpus: Index
    page: int = 0
    examples: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    is_admin: bool = False
    learning: Learning | None = None


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
        blocks += [block_kit.header("Your recent questions"), block_kit.bullets(*asked)]
    if home.learning is not None:
        blocks += learning_blocks(home.learning)
    if home.state:
        blocks += [block_kit.header("State of the service"), block_kit.bullets(*home.state)]
    return {"type": "home", "blocks": blocks}


def learning_blocks(learning: Learning) -> list[Block]:
    """The unanswered questions, those of most people first, and stale lessons."""
    blocks = [block_kit.header("Questions I could not answer")]
    if not learning.gaps:
        blocks.append(block_kit.section("None at the moment."))
    page, last = _paged(learning.page, len(learning.gaps), GAPS_A_PAGE)
    shown = learning.gaps[page * GAPS_A_PAGE : (page + 1) * GAPS_A_PAGE]
    for number, gap in enumerate(shown, start=1):
        asked = cut(phrases.shown(gap.question), MAX_LINE_LENGTH) or phrases.IN_PRIVATE
        blocks += [
            block_kit.paragraph(block_kit.words(asked, BOLD)),
            block_kit.small(cut(phrases.shown(gap.about), MAX_LINE_LENGTH)),
        ]
        if gap.question and learning.can_teach:
            teach = block_kit.button("Teach", f"{TEACH}:{number}", packed(gap.question))
            blocks.append(block_kit.actions(teach))
    blocks += _to_pages(GAPS, page, last)
    if learning.stale:
        blocks += [block_kit.header("Taught passages that are gone"), *_stale(learning)]
    return blocks


def _stale(learning: Learning) -> list[Block]:
    blocks = []
    for number, (question, nearest) in enumerate(learning.stale, start=1):
        asked = cut(phrases.shown(question), MAX_LINE_LENGTH)
        now = f"nearest now: {cut(phrases.shown(nearest), MAX_LINE_LENGTH)}" if nearest else ""
        blocks.append(block_kit.paragraph(block_kit.words(asked, BOLD)))
        blocks += [block_kit.small(now)] if now else []
        if learning.can_teach:
            again = block_kit.button(
                "Teach again", f"{TEACH}:{GAPS_A_PAGE + number}", packed(question)
            )
            blocks.append(block_kit.actions(again))
    if learning.more:
        blocks.append(block_kit.small(f"and {learning.more:,} more"))
    return blocks


def packed(text: str) -> str:
    """Text as the value of a button, or as the private metadata of a window."""
    return json.dumps(text, ensure_ascii=False).replace("<", r"\u003c")


def unpacked(value: object) -> str:
    """The text that was packed. Raises ValueError if `packed` cannot have made the value."""
    text = json.loads(value) if isinstance(value, str) else None
    if not isinstance(text, str) or not text.strip():
        raise ValueError("not the value of a button")
    return text


def teach_view(question: str, near: Sequence[Citation], corpus: Index, search: str = "") -> View:
    """The window in which an editor picks the passage that answers a question."""
    blocks = _asked(Question(question))
    said = "Which passage answers it?" if near else "No passage has any of these words."
    blocks.append(block_kit.section(said))
    for number, citation in enumerate(near, start=1):
        state = ButtonState(
            None, Question(""), corpus.documents_hash[:OF_HASH], (Mark.of(citation),)
        )
        whole = phrases.whole(citation.passage)
        whole = whole._replace(quote=cut(whole.quote, MAX_PICK_LENGTH))
        pick = block_kit.button("This one answers it", f"{PICK}:{number}", state.value)
        blocks += [
            quotation(whole, citation.passage, MAX_PICK_LENGTH),
            source(citation),
            block_kit.actions(pick),
        ]
    blocks += [
        block_kit.field("Search the documents", SEARCH, search),
        block_kit.actions(block_kit.button("Not in the documents", NOT_THERE, NOT_THERE)),
    ]
    return _form(TEACH, "Teach", "Search", blocks, packed(question))


def keep_view(question: str, answer: str, folders: Sequence[str], kept: str) -> View:
    """The form in which an editor saves a message as an answer; `kept` is its metadata."""
    options = [("No folder", NO_FOLDER), *((folder, folder) for folder in folders)]
    blocks = [
        block_kit.field("Question", QUESTION, phrases.shown(question), optional=False),
        block_kit.field("Answer", ANSWER, answer, lines=True, optional=False),
        block_kit.choice("Folder", FOLDER, options),
        block_kit.field("Who wrote the answer", AUTHOR),
    ]
    return _form(KEEP, "Keep as an answer", "Save", blocks, kept)


def _form(callback: str, title: str, submit: str, blocks: list[Block], kept: str) -> View:
    about = {"callback_id": callback, "private_metadata": kept}
    return {**_window(title, blocks), **about, "submit": block_kit.plain(submit, 24)}


def documents_blocks(
    corpus: Index, page: int, *, paged: bool, is_admin: bool = False
) -> list[Block]:
    """A page of the list of documents and of skipped files; `paged` adds buttons to the others.

    Admins also see the hash of the documents.
    """
    documents = corpus.documents
    page, last = _paged(page, len(documents), A_PAGE)
    listed = documents[page * A_PAGE : (page + 1) * A_PAGE]
    blocks = [block_kit.section(_summary(corpus)), *map(_document, listed)]
    blocks += [block_kit.small(f"Content hash {corpus.documents_hash[:12]}.")] if is_admin else []
    if last:
        first = page * A_PAGE + 1
        shown = f"Documents {first:,} to {first + len(listed) - 1:,} of {len(documents):,}."
        blocks.append(block_kit.small(shown))
        blocks += _to_pages(HOME, page, last) if paged else []
    said = [f"Skipped: {problem}" for problem in corpus.problems]
    said += phrases.not_read(corpus.not_read)
    problems = [cut(phrases.shown(line), MAX_LINE_LENGTH) for line in said]
    if len(problems) > MAX_PROBLEMS:
        problems[MAX_PROBLEMS - 1 :] = [f"and {len(problems) - MAX_PROBLEMS + 1:,} more"]
    return blocks + ([block_kit.small(*problems)] if problems else [])


def _paged(page: int, number: int, size: int) -> tuple[int, int]:
    """The page, limited to those that exist, and the last page; both count from 0."""
    last = max(0, (number - 1) // size)
    return min(max(0, page), last), last


def _to_pages(action: str, page: int, last: int) -> list[Block]:
    """Buttons to the pages before and after; none if there is only one page."""
    row = [
        block_kit.button(label, f"{action}:{number}", str(number))
        for label, number in (("Earlier", page - 1), ("Next", page + 1))
        if 0 <= number <= last
    ]
    return [block_kit.actions(*row)] if row else []


def context_view(shown: ButtonState, corpus: Index) -> View:
    """The passages that were shown, highlighted, with the paragraphs before and after each."""
    blocks: list[Block] = []
    found = [
        (shown.find(mark, corpus), None if shown.is_older else mark.quoted_in(corpus))
        for mark in _firsts(shown.marks)
    ]
    if shown.is_older and (None, None) in found:
        return _window("More context", older_blocks(shown.question))
    for stands, quoted in found:
        citation = stands or quoted
        if blocks:
            blocks.append({"type": "divider"})
        if citation is None:
            blocks.append(block_kit.section(GONE))
            continue
        if stands is None:
            blocks.append(block_kit.small(MOVED))
        elif shown.has_changed(corpus):
            blocks.append(block_kit.small(UNCHANGED))
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
    """For each passage, best first, the words that matched; admins also see the scores."""
    gone = any(shown.find(mark, corpus) is None for mark in shown.marks[:1])
    if shown.is_older and gone:
        return _window("Why this passage", older_blocks(shown.question))
    blocks = [
        block_kit.small(f"Question: {cut(phrases.shown(shown.question.text), MAX_LINE_LENGTH)}")
    ]
    if shown.has_changed(corpus):
        blocks.append(block_kit.small(CHANGED))
        if gone:
            blocks.append(block_kit.small(GONE))
    if taught := [reason for reason in reasons if reason.startswith(phrases.TAUGHT)]:
        blocks.append(block_kit.section(phrases.shown(taught[0])))
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
    """The words of the question that match a passage, the highest scores first."""
    lines = []
    for match in sorted(citation.why, key=lambda match: -match.score):
        is_close = match.asked.startswith(phrases.IN_MEANING)
        if not (match.information or is_close or with_scores):  # other bonuses are not words of it
            continue
        score = f"{match.score:.2f}  " if with_scores else ""
        lines.append(score + phrases.matched(match, citation.passage))
    lines = [cut(phrases.shown(line), MAX_LINE_LENGTH) for line in dict.fromkeys(lines)]
    if not lines:
        return []
    return [block_kit.small("It matches:"), block_kit.bullets(*lines)]


def nearest_view(question: Question, answer: Answer) -> View:
    """The closest passages for a question that the documents do not answer."""
    return _window(
        "The closest passages", [*_asked(question), *answer_blocks(answer, question.text)]
    )


def answer_view(question: Question, answer: Answer) -> View:
    """An answer, with its buttons except the thumbs."""
    said = answer_message(question, answer, Actions(votes=False))
    return _window("Answer", [*_asked(question), *said["blocks"]])


def note_view(text: str) -> View:
    """A window with one sentence."""
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
    if kept := phrases.kept_by(citation.passage.document):
        blocks.append(block_kit.small(cut(kept, MAX_LINE_LENGTH)))
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
    """A passage next to the cited one, without leads that the passage above already shows."""
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
