"""The words of a Slack message: typed, in its blocks, and in the messages that it forwards.

The input is untrusted: the type of every part is checked, and at most MAX_TEXT_LENGTH characters
are read.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

# At most this many characters of a message are read, so that no message can hold up the others.
# Questions are cut far below that. MAX_END_LENGTH of them are from its end.
MAX_TEXT_LENGTH = 12_000
MAX_END_LENGTH = 4_000

_MARKUP = re.compile(r"<([^<>]*)>")
_EMOJI = re.compile(
    r"(?<!\w):(?:\+1|-1|100|1234|[A-Z\d+-]*[a-z_][\w+-]*)(?:::skin-tone-\d)?:(?!\w)", re.A
)


class MessageWords(NamedTuple):
    """What the author of a message wrote, and the text of the messages that it forwards."""

    own: str
    forwarded: str = ""

    @property
    def all(self) -> str:
        """Both, on separate lines."""
        return "\n".join(filter(None, self))


def message_words(message: Mapping[str, Any], bot_user: str) -> MessageWords:
    """The words of a message without Slack's markup.

    The author and link of a forwarded message are skipped. An app's post is read from its blocks,
    since its text is often only the notification.
    """
    is_apps = bool(message.get("bot_id") or message.get("bot_profile"))
    text = message.get("text")
    own = question_text(text, bot_user)
    if is_apps or not own:
        own = question_text("\n".join(_of_blocks(message.get("blocks"))), bot_user) or own
    forwarded = list(_of_attachments(message.get("attachments"), is_apps=is_apps))
    return MessageWords(own, question_text("\n".join(forwarded), bot_user))


def question_text(text: object, bot_user: str) -> str:
    """The words of a text: markup becomes what a reader sees, and mentions of the bot are removed.

    >>> question_text("<@UBOT> is <https://a.example|this> <#C1|general> &lt;b&gt;?", "UBOT")
    'is this general <b>?'

    Line breaks are kept, because quoted lines and signatures are recognized by their position.
    """
    if not isinstance(text, str):
        return ""

    def seen(match: re.Match[str]) -> str:
        target, _, label = match.group(1).partition("|")
        return " " if target == f"@{bot_user}" else label or " "

    marked = _MARKUP.sub(seen, _bounded(text))
    bare = _EMOJI.sub(" ", marked)
    if not bare.strip():  # keep a message of emoji alone: it is a reaction, not an empty message
        bare = marked
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):  # & last
        bare = bare.replace(entity, character)
    clean = bare.encode("utf-8", "replace").decode()
    return "\n".join(filter(None, (" ".join(line.split()) for line in clean.splitlines())))


def _bounded(text: str) -> str:
    """The beginning and the end of a long message; after a long paste the question comes last."""
    if len(text) <= MAX_TEXT_LENGTH:
        return text
    return f"{text[:-MAX_END_LENGTH][: MAX_TEXT_LENGTH - MAX_END_LENGTH]}\n{text[-MAX_END_LENGTH:]}"


# The functions below yield Slack's markup, like a message's text; `question_text` cleans it.


def _of_attachments(attachments: object, *, is_apps: bool) -> Iterator[str]:
    """The text of forwarded messages and of an app's own attachments; link previews are skipped."""
    for one in _objects(attachments):
        if one.get("is_share") is True or one.get("is_msg_unfurl") is True:
            blocks = [*_objects(one.get("message_blocks"))]
            inner = [block for each in blocks for block in _objects(_of(each, "message", "blocks"))]
            yield from _text_or_blocks(one, inner)
        elif is_apps and not (one.get("from_url") or one.get("original_url")):
            said = [_text(one.get("pretext")), _text(one.get("title"))]
            said += _text_or_blocks(one, one.get("blocks"))
            for field in _objects(one.get("fields")):
                said.append(f"{_text(field.get('title'))}: {_text(field.get('value'))}")
            yield from (said if any(said) else [_text(one.get("fallback"))])


def _text_or_blocks(attachment: Mapping[str, Any], blocks: object) -> list[str]:
    text = _text(attachment.get("text"))
    return [text] if text.strip() else list(_of_blocks(blocks or attachment.get("blocks")))


def _of_blocks(blocks: object) -> Iterator[str]:
    """The lines of blocks."""
    for block in _objects(blocks):
        match block.get("type"):
            case "rich_text":
                for element in _objects(block.get("elements")):
                    yield from _of_rich_text(element)
            case "section":
                yield _of_text_object(block.get("text"))
                yield from map(_of_text_object, _objects(block.get("fields")))
            case "header":
                yield _of_text_object(block.get("text"))
            case "context":
                yield " ".join(map(_of_text_object, _objects(block.get("elements"))))
            case "markdown":
                yield _escaped(block.get("text"))
            case "table":
                rows = block.get("rows")
                for row in rows if isinstance(rows, list) else []:
                    yield " | ".join(" ".join(_of_cell(cell)) for cell in _objects(row))


def _of_cell(cell: Mapping[str, Any]) -> Iterator[str]:
    if cell.get("type") == "raw_text":
        yield _escaped(cell.get("text"))
    for element in _objects(cell.get("elements")):
        yield from _of_rich_text(element)


def _of_rich_text(element: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a rich text element; list items and quoted lines keep their marks."""
    parts = [*_objects(element.get("elements"))]
    match element.get("type"):
        case "rich_text_list":
            for number, item in enumerate(parts, start=1):
                mark = f"{number}." if element.get("style") == "ordered" else "-"
                yield f"{mark} {_of_runs(item.get('elements'))}"
        case "rich_text_quote":
            yield from (f"&gt; {line}" for line in _of_runs(parts).split("\n"))
        case _:
            yield _of_runs(parts)


def _of_runs(runs: object) -> str:
    """The text of inline elements: a mention stays markup, a link becomes its visible text."""
    said = []
    for run in _objects(runs):
        match run.get("type"):
            case "text" | "link":
                said.append(_escaped(run.get("text")))
            case "date":
                said.append(_escaped(run.get("fallback")))
            case "user":
                said.append(f"<@{_text(run.get('user_id'))}>")
    return "".join(said)


def _of_text_object(text: object) -> str:
    """A text object as markup: mrkdwn is markup already, plain text gets escaped."""
    found = _of(text, "text")
    return _text(found) if _of(text, "type") == "mrkdwn" else _escaped(found)


def _escaped(text: object) -> str:
    return _text(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text(value: object) -> str:
    return value[:MAX_TEXT_LENGTH] if isinstance(value, str) else ""


def _of(value: object, *names: str) -> object:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects in a list; nothing if the value is not a list."""
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, Mapping))
