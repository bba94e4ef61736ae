"""Slack's blocks as HTML, so that a browser shows what people see in Slack."""

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape, unescape
from typing import Any

Block = Mapping[str, Any]
DrawButton = Callable[[Block], str]

_LINK = re.compile(r"<([^|<>]*)\|([^<>]*)>")


def plain_button(button: Block) -> str:
    """A button that does nothing."""
    return f"<button type=button>{_text(button['text'])}</button>"


def blocks_as_html(blocks: Iterable[Block], draw_button: DrawButton = plain_button) -> str:
    """Blocks as HTML, one below the other. Raises KeyError for an unknown kind of block."""
    return "\n".join(_block(block, draw_button) for block in blocks)


def _block(block: Block, draw_button: DrawButton) -> str:
    match block["type"]:
        case "section":
            return f"<p>{_text(block['text'])}</p>"
        case "header":
            return f"<h3>{_text(block['text'])}</h3>"
        case "divider":
            return "<hr>"
        case "context":
            return f'<div class="small">{_each("span", map(_text, block["elements"]))}</div>'
        case "actions":
            return f'<div class="actions">{"".join(map(draw_button, block["elements"]))}</div>'
        case "input":
            return f"<p><b>{_text(block['label'])}</b><br>{_field(block['element'])}</p>"
        case "context_actions":
            return '<div class="small"><span>👍</span><span>👎</span></div>'
        case "rich_text":
            return "".join(map(_rich, block["elements"]))
        case kind:
            raise KeyError(kind)


def _field(element: Block) -> str:
    """A read-only input field with its initial value or option."""
    chosen = element.get("initial_option", {}).get("text")
    held = _text(chosen) if chosen else escape(element.get("initial_value", ""))
    return f"<span class=field>{held or '…'}</span>"


def _rich(element: Block) -> str:
    match element["type"]:
        case "rich_text_section":
            return f"<p>{_runs(element)}</p>"
        case "rich_text_quote":
            return f"<blockquote>{_runs(element)}</blockquote>"
        case "rich_text_preformatted":
            return f"<pre>{_runs(element)}</pre>"
        case "rich_text_list":
            return f"<ul>{_each('li', map(_runs, element['elements']))}</ul>"
        case kind:
            raise KeyError(kind)


def _runs(element: Block) -> str:
    return "".join(map(_run, element["elements"]))


def _run(run: Block) -> str:
    if run["type"] == "text":
        said = escape(run["text"])
    else:
        said = escape(f"@{run.get('user_id') or run['usergroup_id']}")
    style = run.get("style", {})
    for name, tag in (("bold", "b"), ("italic", "i"), ("strike", "s")):
        said = f"<{tag}>{said}</{tag}>" if style.get(name) else said
    return said


def _text(text: Block) -> str:
    """Plain text, or mrkdwn with its links, which are the only markup that the bot sends."""
    if text["type"] == "plain_text":
        return escape(text["text"])
    said, done = "", 0
    for link in _LINK.finditer(text["text"]):
        said += _plain(text["text"][done : link.start()]) + _link(link[1], link[2])
        done = link.end()
    return said + _plain(text["text"][done:])


def _link(url: str, words: str) -> str:
    """A link to an http or https address; for any other address, only its words."""
    if not unescape(url).lower().startswith(("https://", "http://")):
        return _plain(words)
    return f'<a href="{_plain(url)}" rel="noopener noreferrer">{_plain(words)}</a>'


def _plain(mrkdwn: str) -> str:
    """Mrkdwn text, in which Slack escapes &, < and >, escaped for HTML instead."""
    return escape(unescape(mrkdwn))


def _each(tag: str, inner: Iterable[str]) -> str:
    return "".join(f"<{tag}>{one}</{tag}>" for one in inner)
