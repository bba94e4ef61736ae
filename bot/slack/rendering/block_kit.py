"""Slack's blocks, each built within Slack's limits and safe for any words that it shows.

A document's or an asker's words stand in `rich_text` and `plain_text`, where Slack parses nothing,
or are escaped where it does: they can neither mention, nor link, nor format.
"""

from collections.abc import Sequence
from typing import Any

MAX_TEXT_LENGTH = 3000
MAX_LABEL_LENGTH = 75
MAX_IN_CONTEXT = 10
ELLIPSIS = "…"

# What mrkdwn takes for formatting has no escape. In the words of a link they become look-alikes.
_LOOK_ALIKES = str.maketrans("*_~`|", "∗＿∼ˋ¦")

Block = dict[str, Any]


def escape(text: str) -> str:
    """Text for where Slack parses it: the three characters that it gives a meaning, escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    """No more than `most` characters; what is cut off is shown as an ellipsis."""
    return text if len(text) <= most else text[: most - len(ELLIPSIS)].rstrip() + ELLIPSIS


def plain(text: str, most: int = MAX_TEXT_LENGTH) -> Block:
    """Words that Slack parses nothing of; Slack refuses none at all."""
    return {"type": "plain_text", "text": cut(text, most) or " ", "emoji": False}


def link(url: str, label: str) -> Block:
    """A link to an address, in words of ours or of a document."""
    words = escape(label.translate(_LOOK_ALIKES))
    return {"type": "mrkdwn", "text": f"<{escape(url)}|{words}>", "verbatim": True}


def section(text: str) -> Block:
    """A paragraph."""
    return {"type": "section", "text": plain(text)}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text, 150)}


def small(*lines: str | Block) -> Block:
    """What stands small below something: lines, or objects such as a link."""
    elements = [plain(line) if isinstance(line, str) else line for line in lines]
    return {"type": "context", "elements": elements[:MAX_IN_CONTEXT]}


def words(text: str, style: str = "") -> Block:
    """A run of words, perhaps in a style: bold, italic or strike."""
    return {"type": "text", "text": text or " ", **({"style": {style: True}} if style else {})}


def person(user: str) -> Block:
    """The name of a person or a group, as Slack shows it."""
    if user.startswith("S"):
        return {"type": "usergroup", "usergroup_id": user}
    return {"type": "user", "user_id": user}


def paragraph(*runs: Block, code: Sequence[Block] = ()) -> Block:
    """Runs of words, as a paragraph, and lines of code below it."""
    return _with_code("rich_text_section", runs, code)


def quote(*runs: Block, code: Sequence[Block] = ()) -> Block:
    """Runs of words, as a quotation, and lines of code below it."""
    return _with_code("rich_text_quote", runs, code)


def bullets(*lines: str) -> Block:
    """A list of lines."""
    items = [{"type": "rich_text_section", "elements": [words(line)]} for line in lines]
    return _rich({"type": "rich_text_list", "style": "bullet", "elements": items})


def button(label: str, action: str, value: str) -> Block:
    """A button that sends its value back."""
    text = plain(label, MAX_LABEL_LENGTH)
    return {"type": "button", "action_id": action, "text": text, "value": value}


def field(
    label: str, name: str, value: str = "", *, lines: bool = False, optional: bool = True
) -> Block:
    """A field to write in, with what stands in it already."""
    element = {"type": "plain_text_input", "action_id": name, "multiline": lines}
    element |= {"max_length": MAX_TEXT_LENGTH}
    element |= {"initial_value": cut(value, MAX_TEXT_LENGTH)} if value else {}
    text = {"label": plain(label), "optional": optional}
    return {"type": "input", "block_id": name, **text, "element": element}


def choice(label: str, name: str, options: Sequence[tuple[str, str]]) -> Block:
    """A list to choose from, each option with its label and its value; the first is chosen."""
    listed = [{"text": plain(label, MAX_LABEL_LENGTH), "value": value} for label, value in options]
    element: Block = {"type": "static_select", "action_id": name, "options": listed}
    element |= {"initial_option": listed[0]}
    return {"type": "input", "block_id": name, "label": plain(label), "element": element}


def actions(*buttons: Block) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def feedback(action: str, good: tuple[str, str], bad: tuple[str, str]) -> Block:
    """Slack's own pair of thumbs; each has what it says to who cannot see it, and its value."""
    sides = {
        name: {"text": plain(label), "accessibility_label": label, "value": value}
        for name, (label, value) in (("positive_button", good), ("negative_button", bad))
    }
    return {
        "type": "context_actions",
        "elements": [{"type": "feedback_buttons", "action_id": action, **sides}],
    }


def _with_code(kind: str, runs: Sequence[Block], code: Sequence[Block]) -> Block:
    elements = [{"type": kind, "elements": list(runs)}] if runs or not code else []
    if code:
        elements.append({"type": "rich_text_preformatted", "elements": list(code)})
    return _rich(*elements)


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}
