"""The bot's Slack messages: blocks, and text for notifications and screen readers."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypedDict, assert_never
from urllib.parse import quote as percent_encoded

from bot import phrases
from bot.errors import FolderAway
from bot.links import link_to
from bot.model import (
    Answer,
    Answered,
    Citation,
    Closest,
    NoQuestion,
    NotFound,
    Passage,
    PassageKind,
    Question,
    Talk,
)
from bot.phrases import Quoted
from bot.slack.receiving.access import REFUSALS
from bot.slack.rendering import block_kit
from bot.slack.rendering.block_kit import MAX_TEXT_LENGTH, Block, cut, escape
from bot.slack.rendering.buttons import ButtonState
from bot.slack.surfaces import ASK, CONTEXT, NEAREST, PERSON, SHARE, UNKEEP, VOTE, WHY

# In characters of JSON. Slack rejects a message of about 13,000.
MAX_MESSAGE_SIZE = 12_500
# How many characters the first passage may have; if the message is too large, the next is tried.
ROOMS = (2500, 1200, 600, 300)

# At most this many passages are shared at once, because a button's value holds no more.
MAX_SHARED = 5
# How many characters of a question a button shows.
MAX_EXAMPLE_LENGTH = 30

BOLD, ITALIC = "bold", "italic"


class Message(TypedDict):
    """A message to post; `text` is for notifications. Its links show no previews."""

    text: str
    blocks: list[Block]
    unfurl_links: bool
    unfurl_media: bool


class Wording(NamedTuple):
    """What to say above an answer, above the closest passages, and if nothing was found."""

    answered: str
    not_certain: str
    not_found: str


class Actions(NamedTuple):
    """What a message offers besides the answer.

    `share` is the label of the button that shares the answer, "" for no button; `thread` is the
    thread to share it in, None for the channel. `near` says whether there are close passages to
    show, and `examples` are questions that the documents answer. `votes` adds the thumbs. `asker`
    is the asker's id and the question's ts, if the asker may ask a person instead.
    """

    share: str = ""
    thread: str | None = None
    near: bool = False
    examples: tuple[str, ...] = ()
    votes: bool = True
    asker: str = ""


NOTHING_MORE = Actions()
INVITE = "If they aren't in this channel, please invite them."
OLDER = "This message is from an older version. Ask again."
ANSWER = Wording("", phrases.NOT_CERTAIN, phrases.NOT_FOUND)
SOURCE = Wording(
    "The documents say this:",
    "No passage says exactly this.",
    "No passage says this.",
)


def answer_message(
    question: Question, answer: Answer, offer: Actions = NOTHING_MORE, said: Wording = ANSWER
) -> Message:
    """The message with an answer, or the reply to talk."""
    match answer:
        case NoQuestion(talk=Talk.GUIDE | Talk.AROUND, examples=examples):
            return guide_message(examples)
        case NoQuestion():
            return sentence(cut("\n".join(phrases.remarks(answer)), ROOMS[0]))
        case Answered(citations=citations):
            text = phrases.in_one_line(citations[0])
        case Closest(citations=citations):
            opening = phrases.opening(answer, question.text, said.not_certain)
            text = f"{opening} {phrases.in_one_line(citations[0])}"
        case NotFound():
            text = " ".join([said.not_found, *phrases.remarks(answer)])
        case _:
            assert_never(answer)
    shown = ButtonState.of(question, answer, offer.thread)

    def build(room: int) -> Message:
        blocks = answer_blocks(answer, question.text, said, room)
        return message(text, [*blocks, *_offered(shown, answer, offer)])

    return fitting(build)


def answer_blocks(
    answer: Answer, asked: str, said: Wording = ANSWER, room: int = ROOMS[0]
) -> list[Block]:
    """The answer to the question `asked`, without buttons.

    `room` is how many characters its first passage may have.
    """
    match answer:
        case Answered(citations=citations):
            opening = [block_kit.small(said.answered)] if said.answered else []
            blocks = opening + _cited(citations, phrases.ALSO, BOLD, room)
        case Closest(citations=citations):
            above = cut(phrases.opening(answer, asked, said.not_certain), room // 2)
            blocks = [
                block_kit.paragraph(block_kit.words(above, BOLD)),
                *_cited(citations, phrases.ALSO_NEAR, ITALIC, room),
            ]
        case NotFound():
            blocks = [block_kit.section(said.not_found)]
        case NoQuestion():
            return [block_kit.section("\n".join(phrases.remarks(answer)))]
        case _:
            assert_never(answer)
    remarks = [cut(remark, room // 2) for remark in phrases.remarks(answer)]
    return [*blocks, *([block_kit.small(*remarks)] if remarks else [])]


def shared_message(answer: Answer, shown: ButtonState, user: str) -> Message:
    """The message that shows everybody what one person asked and saw."""
    shown = replace(shown, thread=None, sharer=user)
    asked = [block_kit.person(user), block_kit.words(" asked: ")]
    text = cut(phrases.shown(shown.question.text), 300)
    above = block_kit.paragraph(*asked, block_kit.words(text, BOLD))

    def build(room: int) -> Message:
        passages = answer_blocks(answer, shown.question.text, room=room)
        blocks = [above, *passages, *_offered(shown, answer, NOTHING_MORE)]
        return message(phrases.in_one_line(answer.citations[0]), blocks)

    return fitting(build)


def help_message(
    shown: ButtonState, citations: Sequence[Citation], experts: Sequence[str]
) -> Message:
    """The message that asks experts to answer a question, with the closest passages."""
    asked = cut(phrases.shown(shown.question.text).strip(), 300)
    called = [run for one in experts for run in (block_kit.person(one), block_kit.words(" "))]
    above = block_kit.paragraph(*called, block_kit.words("can you answer this?"))
    text = f"Can you answer this? {asked}"

    def build(room: int) -> Message:
        found = _cited(citations, phrases.ALSO_NEAR, ITALIC, room) if citations else []
        said = phrases.CLOSEST if citations else phrases.NOT_FOUND
        blocks = [above, block_kit.paragraph(block_kit.words(asked, BOLD))]
        return message(text, [*blocks, block_kit.small(said), *found, block_kit.small(INVITE)])

    return fitting(build)


def kept_message(question: str, name: str) -> Message:
    """The message that tells a thread that an answer was saved; an editor may undo that."""
    said = (
        f"Saved as an answer to “{cut(phrases.shown(question), 300)}”. I will quote it from now on."
    )
    undo = block_kit.button("Undo", UNKEEP, name)
    return message(said, [block_kit.section(said), block_kit.actions(undo)])


def source_message(
    question: Question, found: Sequence[tuple[str, Answer]], number: int, thread: str
) -> Message:
    """Which sentences of a message are in the documents, and which are not.

    `found` holds the sentences that were looked up, each with its answer. `number` is how many the
    message has. `thread` is where the passages may be shared.
    """
    said = [answer for _, answer in found if isinstance(answer, Answered)]
    many = {0: "None", len(found): "All"}.get(len(said), f"{len(said)}")
    if len(found) == 2 and len(said) == 2:
        many = "Both"
    stand = "stands" if len(said) == 1 else "stand"
    text = f"{many} of these {len(found)} sentences {stand} in the documents."
    if number > len(found):
        text += f" I looked up the first {len(found)} of {number:,}."
    firsts = tuple(answer.citations[0] for answer in said)[:MAX_SHARED]
    shared = Answered(citations=firsts, corpus=said[0].corpus) if firsts else None

    def build(room: int) -> Message:
        share = max(ROOMS[-1], room // len(found))
        blocks = [block_kit.paragraph(block_kit.words(text, BOLD))]
        for sentence_of_it, answer in found:
            blocks += _looked_up(sentence_of_it, answer, share)
        if shared is not None:
            value = ButtonState.of(question, shared, thread).value
            row = [("More context", CONTEXT), ("Share in thread", SHARE)]
            blocks.append(block_kit.actions(*(block_kit.button(*one, value) for one in row)))
        return message(text, blocks)

    return fitting(build)


def _looked_up(said: str, answer: Answer, room: int) -> list[Block]:
    """A sentence, whether the documents say it, and where they do or come closest."""
    shown = block_kit.paragraph(block_kit.words(cut(phrases.shown(said), room)))
    match answer:
        case Answered(citations=[citation, *_]):
            verdict = f"✓ {SOURCE.answered}"
        case Closest(citations=[citation, *_]):
            verdict = f"✗ {cut(phrases.opening(answer, said, SOURCE.not_certain), room)}"
        case _:
            return [shown, block_kit.small(f"✗ {SOURCE.not_found}")]
    alone = phrases.alone(citation)
    alone = alone._replace(quote=cut(alone.quote, room))
    passage = quotation(alone, citation.passage, room)
    return [shown, block_kit.small(verdict), passage, source(citation, room)]


def guide_message(examples: Sequence[str]) -> Message:
    """How to ask, with questions that the documents answer."""
    return message(
        " ".join([phrases.GUIDE, *examples]),
        [
            block_kit.section(phrases.GUIDE),
            *examples_blocks(examples, "For example:"),
            block_kit.small(phrases.MORE_GUIDE),
        ],
    )


def examples_blocks(examples: Sequence[str], above: str) -> list[Block]:
    """Buttons with questions; a click opens the answer for the person who clicked."""
    if not examples:
        return []
    buttons = [
        block_kit.button(
            example_label(example), f"{ASK}:{number}", ButtonState.nothing(Question(example)).value
        )
        for number, example in enumerate(examples, start=1)
    ]
    return [block_kit.small(above), block_kit.actions(*buttons)]


def example_label(question: str) -> str:
    """A question as a button's label; a long one shows its subject, cut between two words."""
    label = phrases.shown(question).strip()
    if len(label) <= MAX_EXAMPLE_LENGTH:
        return label
    _, about, subject = label.partition(" say about ")
    if about:
        label = f"{block_kit.ELLIPSIS}about {subject}"
    return label if len(label) <= MAX_EXAMPLE_LENGTH else _at_word(label, MAX_EXAMPLE_LENGTH - 1)


def refusal_message(reason: str) -> Message:
    """Why a question is not answered; `reason` is a key of REFUSALS."""
    return sentence(REFUSALS[reason])


def older_message(question: Question) -> Message:
    """Says that a message is from an older version, with a button that asks again."""
    return message(OLDER, older_blocks(question))


def older_blocks(question: Question) -> list[Block]:
    """The blocks of `older_message`."""
    value = ButtonState.nothing(question).value
    again = block_kit.button("Ask again", f"{ASK}:1", value)
    return [block_kit.section(OLDER), block_kit.actions(again)]


def failure_message(reference: str, error: Exception | None = None) -> Message:
    """Tells the asker that something failed, with the reference in the log but no details."""
    if isinstance(error, FolderAway):
        return sentence(
            "I can't read the documents right now. "
            f"Please give your admin this reference: {reference}."
        )
    return sentence(
        f"Sorry, something went wrong. Please give your admin this reference: {reference}."
    )


def sentence(text: str) -> Message:
    """A message of one sentence."""
    return message(text, [block_kit.section(text)])


def plain_message(full: Message) -> dict[str, Any]:
    """A message without its blocks, for when Slack rejects them."""
    return {name: value for name, value in full.items() if name != "blocks"}


def preview(question: Question, answer: Answer) -> str:
    """The message as JSON, and a link that shows it in Slack's Block Kit Builder."""
    said = answer_message(question, answer)
    blocks = json.dumps({"blocks": said["blocks"]}, ensure_ascii=False)
    link = f"https://app.slack.com/block-kit-builder/#{percent_encoded(blocks)}"
    return f"{json.dumps(said, ensure_ascii=False, indent=2)}\n{link}"


def message(text: str, blocks: list[Block]) -> Message:
    """A message of blocks; `text` is what notifications show."""
    notification = escape(cut(phrases.shown(text), MAX_TEXT_LENGTH))
    if len(notification) > MAX_TEXT_LENGTH:  # escaping may turn one character into five
        notification = escape(cut(phrases.shown(text), MAX_TEXT_LENGTH // 5))
    return Message(
        text=notification if notification.strip() else "…",
        blocks=blocks,
        unfurl_links=False,
        unfurl_media=False,
    )


def fitting(build: Callable[[int], Message]) -> Message:
    """Build the message with the longest passages that Slack accepts."""
    for room in ROOMS[:-1]:
        built = build(room)
        if len(json.dumps(built, ensure_ascii=False)) <= MAX_MESSAGE_SIZE:
            return built
    return build(ROOMS[-1])


def excerpt(citation: Citation, room: int) -> Quoted:
    """The passage around the quote, cut to `room` characters besides its leads."""
    said = phrases.quoted(citation)
    before, quoted = said.before, cut(said.quote, room * 3 // 5)
    side = (room - len(quoted)) // 2
    leads = said.leads
    if len(before) > side:
        leads = phrases.alone(citation).leads  # a lead inside the passage may be cut off
        before = block_kit.ELLIPSIS + before[len(before) - side + 1 :].lstrip()
        before += " " * (not before[-1].isspace())
    return Quoted(leads, before, quoted, cut(said.after, side), said.more)


def passage_block(citation: Citation, style: str, room: int) -> Block:
    """The passage as a quotation, below its leads.

    The quote is styled if it is only a part of the passage.
    """
    said = excerpt(citation, room)
    pieces = phrases.pieces(citation, said.quote)
    is_all = not (said.before + said.after).strip() and all(answers for _, answers in pieces)
    styled = [(text, style if answers and not is_all else "") for text, answers in pieces]
    return quotation(said, citation.passage, room, styled)


def quotation(
    said: Quoted,
    passage: Passage,
    room: int,
    styled: Sequence[tuple[str, str]] = (),
    block: Callable[..., Block] = block_kit.quote,
) -> Block:
    """A citation's text as a block, below its leads; `styled` is its quote in styled pieces.

    Code becomes preformatted lines below the leads.
    """
    leads = [_at_word(lead, room // 4) for lead in said.leads]
    after = f"{said.after}\n{said.more}" if said.more else said.after
    runs = [(said.before, ""), *(styled or [(said.quote, "")]), (after, "")]
    seen = [block_kit.words(text, style) for text, style in runs if text]
    seen = seen or [block_kit.words("")]  # it has only invisible characters
    if passage.kind is PassageKind.CODE:
        return block(*([block_kit.words("\n".join(leads))] if leads else []), code=seen)
    return block(*(block_kit.words(f"{lead}\n") for lead in leads), *seen)


def source(citation: Citation, room: int = ROOMS[0]) -> Block:
    """The context line: where the quote is. The title links to the document if it has a URL."""
    longest = room // 8
    title, *rest = (cut(part, longest) for part in phrases.place(citation))
    also = phrases.also_in(citation)
    rest += [cut(also, longest)] if also else []
    url = link_to(citation)
    if url is not None and rest:
        linked = block_kit.link(url, title)
        if len(linked["text"]) <= room:
            return block_kit.small(linked, " · ".join(rest))
    return block_kit.small(" · ".join([title, *rest]))


def _cited(citations: Sequence[Citation], opening: str, style: str, room: int) -> list[Block]:
    """The passage for each part of the question, then the others below `opening`."""
    firsts, others = phrases.by_part(citations)
    share = room if len(firsts) == 1 else max(ROOMS[-1], 2 * room // len(firsts))
    blocks: list[Block] = []
    for above, citation in firsts:
        blocks += [block_kit.small(above)] if above else []
        blocks += [passage_block(citation, style, share), source(citation, room)]
    for above, citation in phrases.above_others(firsts, others, opening):
        blocks += [block_kit.small(above)] if above else []
        said = phrases.alone(citation)
        short = said._replace(quote=cut(said.quote, room * 2 // 5))
        blocks += [quotation(short, citation.passage, room), source(citation, room)]
    return blocks


def _at_word(text: str, most: int) -> str:
    """At most `most` characters and an ellipsis if cut, between two words where there are two."""
    if len(text) <= most:
        return text
    whole = text[: most + 1].rpartition(" ")[0].rstrip()
    return (whole or text[:most]) + block_kit.ELLIPSIS


def _offered(shown: ButtonState, answer: Answer, offer: Actions) -> list[Block]:
    """The buttons below an answer."""
    value = shown.value
    if isinstance(answer, NotFound):
        row = [block_kit.button("Show the closest passages", NEAREST, value)] if offer.near else []
    else:
        row = [
            block_kit.button("More context", CONTEXT, value),
            block_kit.button("Why this passage", WHY, value),
            *([block_kit.button(offer.share, SHARE, value)] if offer.share else []),
        ]
    if offer.asker and isinstance(answer, NotFound | Closest):
        row.append(block_kit.button("Ask a person", PERSON, f"{offer.asker} {value}"))
    blocks = [block_kit.actions(*row)] if row else []
    blocks += examples_blocks(offer.examples, "Questions that the documents do answer:")
    if offer.votes:
        good, bad = ("This helped", f"+{value}"), ("This did not help", f"-{value}")
        blocks.append(block_kit.feedback(VOTE, good, bad))
    return blocks
