"""An answer as a Slack message: blocks, and the text for notifications and screen readers.

A document's or an asker's words stand in `rich_text` and `plain_text`, where Slack parses nothing,
or are escaped where it does: they can neither mention, nor link, nor format.
"""

import json
from collections.abc import Sequence
from typing import Any, TypedDict, assert_never
from urllib.parse import quote as percent_encoded

from bot import wording
from bot.model import Answer, Answered, Citation, Closest, NotFound

# Slack refuses a message of about 13,000 characters in all; three passages stay well below.
LONGEST_PASSAGE = 2500
LONGEST_QUOTE = 1500
LONGEST_LINE = 300
LONGEST_TEXT = 3000
ELLIPSIS = "…"

# What mrkdwn takes for formatting has no escape. In the words of a link they become look-alikes.
_LOOK_ALIKES = str.maketrans("*_~`", "∗＿∼ˋ")

Block = dict[str, Any]


class Message(TypedDict):
    """What is posted; `text` is for notifications. Nothing in it unfolds into a preview."""

    text: str
    blocks: list[Block]
    unfurl_links: bool
    unfurl_media: bool


def answer_message(answer: Answer) -> Message:
    """The message that says an answer."""
    match answer:
        case Answered(citations=citations):
            text = citations[0].quote
            blocks = _cited(citations, wording.ALSO)
        case Closest(citations=citations):
            text = f"{wording.NOT_CERTAIN} {citations[0].quote}"
            blocks = [_plain(wording.NOT_CERTAIN), *_cited(citations, wording.ALSO_NEAR)]
        case NotFound():
            text = " ".join([wording.NOT_FOUND, *wording.remarks(answer)])
            blocks = [_plain(wording.NOT_FOUND)]
        case _:
            assert_never(answer)
    remarks = wording.remarks(answer)
    return _message(text, [*blocks, *([_small(*remarks)] if remarks else [])])


def guide_message(examples: Sequence[str]) -> Message:
    """How to ask, with questions that the documents answer."""
    opening = (
        "I answer questions with passages from the documents I was given, word for word and with "
        "their place. Mention me in a channel, write to me directly, or use /ask."
    )
    blocks = [_plain(opening)]
    if examples:
        items = [
            _section(_words(cut(wording.shown(example), LONGEST_LINE))) for example in examples
        ]
        bullets = {"type": "rich_text_list", "style": "bullet", "elements": items}
        blocks.append(_rich(_section(_words("For example:")), bullets))
    return _message(" ".join([opening, *examples]), blocks)


def failure_message(reference: str) -> Message:
    """What the asker is told when something broke: the reference, and nothing else of it."""
    text = (
        "I could not answer: something went wrong on my side. "
        f"The person who runs me finds it in the log under the reference {reference}."
    )
    return _message(text, [_plain(text)])


def preview(answer: Answer) -> str:
    """The message as JSON, and a link that shows it in Slack's Block Kit Builder."""
    message = answer_message(answer)
    blocks = json.dumps({"blocks": message["blocks"]}, ensure_ascii=False)
    link = f"https://app.slack.com/block-kit-builder/#{percent_encoded(blocks)}"
    return f"{json.dumps(message, ensure_ascii=False, indent=2)}\n{link}"


def escape(text: str) -> str:
    """Text for where Slack parses it: the three characters that it gives a meaning, escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    """No more than `most` characters; what is cut off is shown as an ellipsis."""
    return text if len(text) <= most else text[: most - len(ELLIPSIS)].rstrip() + ELLIPSIS


def excerpt(citation: Citation) -> tuple[str, str, str]:
    """The passage before the quote, the quote, and after it, in the bounds of a message."""
    before, words, after = wording.quoted(citation)
    words = cut(words, LONGEST_QUOTE)
    room = (LONGEST_PASSAGE - len(words)) // 2
    if len(before) > room:
        before = ELLIPSIS + before[len(before) - room + len(ELLIPSIS) :].lstrip()
        before += " " * (not before[-1].isspace())
    return before, words, cut(after, room)


def _message(text: str, blocks: list[Block]) -> Message:
    notification = escape(cut(wording.shown(text), LONGEST_TEXT))
    if len(notification) > LONGEST_TEXT:  # escaped, a character may be five
        notification = escape(cut(wording.shown(text), LONGEST_TEXT // 5))
    return Message(text=notification, blocks=blocks, unfurl_links=False, unfurl_media=False)


def _cited(citations: Sequence[Citation], opening: str) -> list[Block]:
    """The passage for each part of the question, then further ones below their opening."""
    firsts, others = wording.by_part(citations)
    blocks: list[Block] = []
    for above, citation in firsts:
        blocks += [_small(above)] if above else []
        blocks += _first(citation)
    return blocks + _more(opening, others)


def _first(citation: Citation) -> list[Block]:
    """The passage as a quote with the sentence in bold, and where it stands."""
    before, words, after = excerpt(citation)
    around = [(before, False), (words, True), (after, False)]
    parts = [_words(text, bold=bold) for text, bold in around if text]
    quote = {"type": "rich_text_quote", "elements": parts}
    return [_rich(quote), _source(citation)]


def _more(opening: str, citations: Sequence[Citation]) -> list[Block]:
    """Further passages, shorter: the quoted sentence, and where it stands."""
    if not citations:
        return []
    blocks = [_small(opening)]
    for citation in citations:
        words = cut(wording.quoted(citation)[1], LONGEST_QUOTE)
        quote = {"type": "rich_text_quote", "elements": [_words(words)]}
        blocks += [_rich(quote), _source(citation)]
    return blocks


def _source(citation: Citation) -> Block:
    """The context line. The title is a link where the document has an address."""
    title, *rest = (cut(part, LONGEST_LINE) for part in wording.place(citation.passage))
    url = citation.passage.document.url
    label = escape(title.translate(_LOOK_ALIKES).replace("|", "¦"))
    link = f"<{escape(url or '')}|{label}>"
    if url is None or not rest or len(link) > LONGEST_TEXT:
        return _small(" · ".join([title, *rest]))
    linked = {"type": "mrkdwn", "text": link, "verbatim": True}
    return {"type": "context", "elements": [linked, _plain_text(" · ".join(rest))]}


def _small(*lines: str) -> Block:
    return {"type": "context", "elements": [_plain_text(line) for line in lines[:10]]}


def _plain(text: str) -> Block:
    return {"type": "section", "text": _plain_text(text)}


def _plain_text(text: str) -> Block:
    return {"type": "plain_text", "text": cut(text, LONGEST_TEXT), "emoji": False}


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _section(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def _words(text: str, *, bold: bool = False) -> Block:
    return {"type": "text", "text": text or " ", **({"style": {"bold": True}} if bold else {})}
