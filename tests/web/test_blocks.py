"""Slack's blocks as HTML: every block the bot sends is drawn, and no content becomes markup."""

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from bot.slack.rendering import block_kit
from bot.web.blocks import blocks_as_html
from tests.conftest import ROOT
from tests.fakes.pictures import kinds

# What has a type in a message or a view, and is no block and no part of a rich text.
OTHERS = {
    *("plain_text", "mrkdwn", "text", "user", "usergroup", "button", "feedback_buttons"),
    *("plain_text_input", "static_select", "home", "modal"),
}
HOSTILE = st.text(st.sampled_from("<>\"'&|/:= ahrefscriptonjv;#"), max_size=60)


def types_in_the_code() -> set[str]:
    """Each type that the rendering writes into a dictionary, or hands to what does."""
    found = set()
    for file in (ROOT / "bot/slack/rendering").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                values = [v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "type"]
            elif isinstance(node, ast.Call) and "_with_code" in ast.unparse(node.func):
                values = node.args[:1]
            else:
                continue
            found |= {str(value.value) for value in values if isinstance(value, ast.Constant)}
    return found


def minimal(kind: str) -> dict[str, Any]:
    """A block of a kind with as little in it as there may be."""
    element = {"type": kind, "elements": [], "text": block_kit.plain("x")}
    element |= {"label": block_kit.plain("x"), "element": {}}
    in_a_rich_text = kind.startswith("rich_text_")
    return {"type": "rich_text", "elements": [element]} if in_a_rich_text else element


def test_each_type_of_block_in_the_code_is_drawn() -> None:
    found = types_in_the_code()
    assert {"section", "rich_text_quote", "rich_text_list", "context", "divider"} <= found
    for kind in found - OTHERS:
        blocks_as_html([minimal(kind)])


def test_each_kind_of_message_is_drawn() -> None:
    assert all(blocks_as_html(message["blocks"]) for message in kinds().values())


def test_a_type_that_is_not_drawn_is_an_error() -> None:
    with pytest.raises(KeyError):
        blocks_as_html([{"type": "video"}])


@given(HOSTILE, HOSTILE | HOSTILE.map("https://a.example/{}".format))
def test_no_text_and_no_address_becomes_markup(text: str, url: str) -> None:
    blocks = [
        block_kit.section(text),
        block_kit.header(text),
        block_kit.small(text, block_kit.link(url, text)),
        block_kit.quote(block_kit.words(text, "bold"), code=[block_kit.words(text)]),
        block_kit.bullets(text),
        block_kit.actions(block_kit.button(text, "ask:1", "{}")),
    ]
    tree = LexborHTMLParser(blocks_as_html(blocks))
    tags = {node.tag for node in tree.css("body *")}
    known = {"p", "h3", "div", "span", "blockquote", "pre", "ul", "li", "b", "button", "a"}
    assert tags <= known
    for node in tree.css("body *"):
        assert set(node.attributes) <= {"class", "type", "href", "rel"}
        assert node.attributes.get("class") in (None, "small", "actions")
        assert (node.attributes.get("href") or "http://").startswith(("http://", "https://"))


def test_a_link_keeps_its_address_and_its_words_as_they_were() -> None:
    drawn = blocks_as_html(
        [block_kit.small(block_kit.link("https://a.example/?a=1&b=2", "R&D <x>"))]
    )
    [link] = LexborHTMLParser(drawn).css("a")
    assert (link.attributes["href"], link.text()) == ("https://a.example/?a=1&b=2", "R&D <x>")


def test_a_link_to_a_script_is_only_words() -> None:
    drawn = blocks_as_html([block_kit.small(block_kit.link("javascript:alert(1)", "Click"))])
    assert "<a" not in drawn
    assert "Click" in drawn
