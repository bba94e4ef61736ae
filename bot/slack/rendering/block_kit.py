"""Slack blocks that keep within Slack's limits and are safe for any text.

Text from documents and askers goes into `rich_text` and `plain_text`, which Slack does not parse,
or is escaped. So it can neither mention anybody, nor link, nor format.
"""

from collections.abc import Sequence
from typing import Any

MAX_TEXT_LENGTH = 3000
MAX_LABEL_LENGTH = 75
MAX_IN_CONTEXT = 10
ELLIPSIS = "…"

# mrkdwn has no escape for its formatting characters, so link labels get look-alikes of them.
_LOOK_ALIKES = str.maketrans("*_~`|", "∗＿∼ˋ¦")

Block = dict[str, Any]


def escape(text: str) -> str:
    """Escape the three characters that have a meaning where Slack parses text: &, < and >."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    """At most `most` characters; an ellipsis replaces what is cut off."""
    return text if len(text) <= most else text[: most - len(ELLIPSIS)].rstrip() + ELLIPSIS


def plain(text: str, most: int = MAX_TEXT_LENGTH) -> Block:
    """Text that Slack does not parse. Slack rejects empty text, so that becomes a space."""
    return {"type": "plain_text", "text": cut(text, most) or " ", "emoji": False}


def link(url: str, label: str) -> Block:
    """A link to a URL; the label may be any text."""
    words = escape(label.translate(_LOOK_ALIKES))
    return {"type": "mrkdwn", "text": f"<{escape(url)}|{words}>", "verbatim": True}


def section(text: str) -> Block:
    """A paragraph."""
    return {"type": "section", "text": plain(text)}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text, 150)}


def small(*lines: str | Block) -> Block:
    """Small text below something: lines, or objects such as a link; at most MAX_IN_CONTEXT."""
    elements = [plain(line) if isinstance(line, str) else line for line in lines]
    return {"type": "context", "elements": elements[:MAX_IN_CONTEXT]}


def words(text: str, style: str = "") -> Block:
    """A run of text; `style` is bold, italic, strike or "" for none."""
    return {"type": "text", "text": text or " ", **({"style": {style: True}} if style else {})}


def person(user: str) -> Block:
    """A mention of a user, or of a user group if the id starts with S."""
    if user.startswith("S"):
        return {"type": "usergroup", "usergroup_id": user}
    return {"type": "user", "user_id": user}


def paragraph(*runs: Block, code: Sequence[Block] = ()) -> Block:
    """A paragraph of text runs, with code below it."""
    return _with_code("rich_text_section", runs, code)


def quote(*runs: Block, code: Sequence[Block] = ()) -> Block:
    """A quotation of text runs, with code below it."""
    return _with_code("rich_text_quote", runs, code)


def bullets(*lines: str) -> Block:
    """A bulleted list."""
    items = [{"type": "rich_text_section", "elements": [words(line)]} for line in lines]
    return _rich({"type": "rich_text_list", "style": "bullet", "elements": items})


def button(label: str, action: str, value: str) -> Block:
    """A button; a click sends `value` back."""
    text = plain(label, MAX_LABEL_LENGTH)
    return {"type": "button", "action_id": action, "text": text, "value": value}


def field(
    label: str, name: str, value: str = "", *, lines: bool = False, optional: bool = True
) -> Block:
    """A text input that starts with `value`; with `lines` it has several lines."""
    element = {"type": "plain_text_input", "action_id": name, "multiline": lines}
    element |= {"max_length": MAX_TEXT_LENGTH}
    element |= {"initial_value": cut(value, MAX_TEXT_LENGTH)} if value else {}
    text = {"label": plain(label), "optional": optional}
    return {"type": "input", "block_id": name, **text, "element": element}


def choice(label: str, name: str, options: Sequence[tuple[str, str]]) -> Block:
    """A menu of options, each a (label, value); the first is selected."""
    listed = [{"text": plain(label, MAX_LABEL_LENGTH), "value": value} for label, value in options]
    element: Block = {"type": "static_select", "action_id": name, "options": listed}
    element |= {"initial_option": listed[0]}
    return {"type": "input", "block_id": name, "label": plain(label), "element": element}


def actions(*buttons: Block) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def feedback(action: str, good: tuple[str, str], bad: tuple[str, str]) -> Block:
    """Slack's thumbs up and down, each a (label, value); screen readers read the label."""
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
