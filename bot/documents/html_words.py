"""The words of HTML elements, as a reader of the page sees them."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from bot.documents.html_elements import BLOCKS, HIDDEN

# Another format's converter puts a paragraph's number between these, before its words.
NUMBER_OPENS, NUMBER_ENDS = "\ufdd0", "\ufdd1"
_FOOTNOTE = re.compile(r"\[?\d{1,3}\]?")
_UNSHOWN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)


def words_of(node: LexborNode) -> str:
    """The text of an element on one line."""
    return " ".join("".join(_pieces(node)).split())


def _pieces(node: LexborNode) -> Iterator[str]:
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            yield child.text_content or ""
        elif tag.startswith("-") or is_unseen(tag, child):
            continue
        else:
            apart = tag in BLOCKS or tag in ("br", "li", "td", "th", "tr")
            yield " " * apart
            yield from _pieces(child)
            yield " " * apart


def is_unseen(tag: str, node: LexborNode) -> bool:
    """Whether to skip an element: hidden, a symbol that links to a heading, or a footnote mark."""
    if tag in HIDDEN:
        return True
    about = node.attributes
    if about.get("hidden", "until-found") != "until-found":
        return True
    if "style" in about and _UNSHOWN.search(about["style"] or ""):
        return True
    if tag == "a" and (about.get("href") or "").startswith("#"):
        said = node.text() or ""
        return not any(c.isalnum() for c in said)
    if tag == "sup":
        link = node.css_first("a[href^='#']")
        return link is not None and bool(_FOOTNOTE.fullmatch((node.text() or "").strip()))
    return False


def with_number(words: str) -> str:
    """The words of a paragraph after its number, if it has one."""
    return words.replace(NUMBER_OPENS, "").replace(NUMBER_ENDS, " ")


def number_of(written: str | None, otherwise: int) -> int:
    """The number that an attribute has, or `otherwise` if it has none or an absurd one."""
    return int(written) if written and written.isdecimal() and len(written) < 6 else otherwise
