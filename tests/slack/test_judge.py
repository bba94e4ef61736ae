"""The judge of payloads: one refused example for each rule, and what it accepts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.judge import (
    CALLS,
    IN_MESSAGES,
    IN_VIEWS,
    judge_call,
    judge_message,
    judge_prompts,
    judge_response,
    judge_view,
)

Json = dict[str, Any]
QUIET = {"unfurl_links": False, "unfurl_media": False}
DIVIDER = {"type": "divider"}


def plain(text: str = "x", **more: Any) -> Json:
    return {"type": "plain_text", "text": text, **more}


def mrkdwn(text: str, **more: Any) -> Json:
    return {"type": "mrkdwn", "text": text, **more}


def section(text: Json, **more: Any) -> Json:
    return {"type": "section", "text": text, **more}


def button(text: str = "More", action_id: str = "more", **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def actions(*buttons: Json) -> Json:
    return {"type": "actions", "elements": list(buttons)}


def context(*elements: Json) -> Json:
    return {"type": "context", "elements": list(elements)}


def small(*elements: Json) -> Json:
    return {"type": "context_actions", "elements": list(elements)}


def vote(text: str = "Good", **more: Any) -> Json:
    return {"text": plain(text), "value": "v", **more}


def feedback(positive: Json, negative: Json) -> Json:
    buttons = {"positive_button": positive, "negative_button": negative}
    return {"type": "feedback_buttons", "action_id": "vote", **buttons}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def line(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def bullets(*items: Json, **more: Any) -> Json:
    return {"type": "rich_text_list", "style": "bullet", "elements": list(items), **more}


def said(text: str = "x", **more: Any) -> Json:
    return {"type": "text", "text": text, **more}


def link(url: str) -> Json:
    return {"type": "link", "url": url}


def image(url: str = "https://a.example/x.png", **more: Any) -> Json:
    return {"type": "image", "image_url": url, "alt_text": "a chart", **more}


def confirm(**more: Any) -> Json:
    asked = {"title": plain("Share?"), "text": mrkdwn("*All* see it")}
    return {**asked, "confirm": plain("Share"), "deny": plain("No"), **more}


def message(*blocks: Json, text: str = "x", **more: Any) -> Json:
    return {"text": text, "blocks": list(blocks), **QUIET, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Why"), "blocks": list(blocks or [DIVIDER]), **more}


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks or [DIVIDER]), **more}


def without(payload: Json, *names: str) -> Json:
    return {name: value for name, value in payload.items() if name not in names}


# One for each rule: what is wrong, the blocks that have it, what is objected.
WRONG_BLOCKS: list[tuple[str, list[Json], str]] = [
    ("no block", [], "blocks: 0 elements, at least 1"),
    ("too many blocks", [DIVIDER] * 51, "blocks: 51 elements, at most 50"),
    (
        "unknown block",
        [{"type": "table", "rows": []}],
        "blocks[0].type: 'table', not one of " + ", ".join(IN_MESSAGES),
    ),
    (
        "no type",
        [{"block_id": "b"}],
        "blocks[0].type: None, not one of " + ", ".join(IN_MESSAGES),
    ),
    (
        "additional field",
        [section(plain(), colour="red")],
        "blocks[0].colour: not a field that may stand here",
    ),
    ("block_id length", [{**DIVIDER, "block_id": "b" * 256}], "blocks[0].block_id: 256 characters"),
    ("block_id empty", [{**DIVIDER, "block_id": ""}], "blocks[0].block_id: 0 characters"),
    ("block_id twice", [{**DIVIDER, "block_id": "b"}] * 2, "blocks: block_id 'b' 2 times"),
    ("action_id twice", [actions(button()), actions(button())], "blocks: action_id 'more' 2 times"),
    ("section without text", [{"type": "section"}], "blocks[0]: neither text nor fields"),
    ("section length", [section(plain("x" * 3001))], "blocks[0].text.text: 3001 characters, at mo"),
    ("section empty", [section(plain(""))], "blocks[0].text.text: 0 characters, at least 1"),
    (
        "fields count",
        [{"type": "section", "fields": [plain()] * 11}],
        "blocks[0].fields: 11 elements, at most 10",
    ),
    (
        "field length",
        [{"type": "section", "fields": [plain("x" * 2001)]}],
        "blocks[0].fields[0].text: 2001 characters, at most 2000",
    ),
    (
        "accessory kind",
        [section(plain(), accessory=said())],
        "blocks[0].accessory.type: 'text', not one of button, image",
    ),
    ("expand", [section(plain(), expand=1)], "blocks[0].expand: not true or false"),
    (
        "header length",
        [{"type": "header", "text": plain("x" * 151)}],
        "blocks[0].text.text: 151 characters, at most 150",
    ),
    (
        "header is plain",
        [{"type": "header", "text": mrkdwn("x")}],
        "blocks[0].text.type: 'mrkdwn', not one of plain_text",
    ),
    ("context count", [context(*[plain()] * 11)], "blocks[0].elements: 11 elements, at most 10"),
    ("context empty", [context()], "blocks[0].elements: 0 elements, at least 1"),
    (
        "context kind",
        [context(button())],
        "blocks[0].elements[0].type: 'button', not one of plain_text, mrkdwn, image",
    ),
    (
        "actions count",
        [actions(*[button(action_id=f"a{n}") for n in range(26)])],
        "blocks[0].elements: 26 elements, at most 25",
    ),
    (
        "actions kind",
        [actions(plain())],
        "blocks[0].elements[0].type: 'plain_text', not one of button",
    ),
    (
        "context_actions count",
        [small(*[{**feedback(vote(), vote()), "action_id": f"v{n}"} for n in range(6)])],
        "blocks[0].elements: 6 elements, at most 5",
    ),
    (
        "context_actions kind",
        [small(button())],
        "blocks[0].elements[0].type: 'button', not one of feedback_buttons, icon_button",
    ),
    (
        "button text length",
        [actions(button("x" * 76))],
        "blocks[0].elements[0].text.text: 76 characters, at most 75",
    ),
    (
        "button text empty",
        [actions(button(""))],
        "blocks[0].elements[0].text.text: 0 characters, at least 1",
    ),
    (
        "button value length",
        [DIVIDER, actions(button(value="v" * 2001))],
        "blocks[1].elements[0].value: 2001 characters, at most 2000",
    ),
    (
        "button address length",
        [actions(button(url="https://a.example/" + "x" * 3000))],
        "blocks[0].elements[0].url: 3018 characters, at most 3000",
    ),
    (
        "action_id length",
        [actions(button(action_id="a" * 256))],
        "blocks[0].elements[0].action_id: 256 characters, at most 255",
    ),
    (
        "action_id missing",
        [actions(without(button(), "action_id"))],
        "blocks[0].elements[0].action_id: missing",
    ),
    (
        "button style",
        [actions(button(style="bold"))],
        "blocks[0].elements[0].style: 'bold', not one of primary, danger",
    ),
    (
        "accessibility_label length",
        [actions(button(accessibility_label="x" * 76))],
        "blocks[0].elements[0].accessibility_label: 76 characters, at most 75",
    ),
    (
        "confirm incomplete",
        [actions(button(confirm=without(confirm(), "deny")))],
        "blocks[0].elements[0].confirm.deny: missing",
    ),
    (
        "confirm lengths",
        [actions(button(confirm=confirm(deny=plain("x" * 31))))],
        "blocks[0].elements[0].confirm.deny.text: 31 characters, at most 30",
    ),
    (
        "feedback incomplete",
        [small(without(feedback(vote(), vote()), "negative_button"))],
        "blocks[0].elements[0].negative_button: missing",
    ),
    (
        "feedback text length",
        [small(feedback(vote("x" * 76), vote()))],
        "blocks[0].elements[0].positive_button.text.text: 76 characters, at most 75",
    ),
    (
        "feedback value length",
        [small(feedback(vote(), vote(value="v" * 2001)))],
        "blocks[0].elements[0].negative_button.value: 2001 characters, at most 2000",
    ),
    (
        "icon",
        [small({**button(), "type": "icon_button", "icon": "star"})],
        "blocks[0].elements[0].icon: 'star', not one of trash",
    ),
    ("image address", [without(image(), "image_url")], "blocks[0].image_url: missing"),
    (
        "image alt length",
        [image(alt_text="x" * 2001)],
        "blocks[0].alt_text: 2001 characters, at most 2000",
    ),
    ("image title length", [image(title=plain("x" * 2001))], "blocks[0].title.text: 2001 charact"),
    ("emoji flag", [section(plain(emoji="no"))], "blocks[0].text.emoji: not true or false"),
    (
        "verbatim is of mrkdwn",
        [section(plain(verbatim=True))],
        "blocks[0].text.verbatim: not a field that may stand here",
    ),
    (
        "emoji is of plain_text",
        [section(mrkdwn("x", emoji=False))],
        "blocks[0].text.emoji: not a field that may stand here",
    ),
    ("text is a text", [section(plain(5))], "blocks[0].text.text: not a text"),  # type: ignore[arg-type]
    ("elements is a list", [{"type": "rich_text", "elements": {}}], "blocks[0].elements: not a li"),
    ("block is an object", ["divider"], "blocks[0]: not an object"),  # type: ignore[list-item]
    # Rich text
    (
        "rich text empty",
        [rich(line(said("")))],
        "blocks[0].elements[0].elements[0].text: 0 characters, at least 1",
    ),
    ("rich section empty", [rich(line())], "blocks[0].elements[0].elements: 0 elements, at least"),
    (
        "rich style",
        [rich(line(said(style={"loud": True})))],
        "blocks[0].elements[0].elements[0].style.loud: not a field that may stand here",
    ),
    (
        "rich style value",
        [rich(line(said(style={"bold": "yes"})))],
        "blocks[0].elements[0].elements[0].style.bold: not true or false",
    ),
    (
        "calls a group",
        [rich(line({"type": "broadcast", "range": "channel"}))],
        "blocks[0].elements[0].elements[0].type: 'broadcast', not one of",
    ),
    (
        "rich text outside a section",
        [rich(said())],
        "blocks[0].elements[0].type: 'text', not one of rich_text_section",
    ),
    (
        "list of sections",
        [rich(bullets(said()))],
        "blocks[0].elements[0].elements[0].type: 'text', not one of rich_text_section",
    ),
    (
        "list style",
        [rich(bullets(line(said()), style="dash"))],
        "blocks[0].elements[0].style: 'dash', not one of bullet, ordered",
    ),
    (
        "list indent",
        [rich(bullets(line(said()), indent=9))],
        "blocks[0].elements[0].indent: 9, not a number from 0 to 8",
    ),
    (
        "preformatted holds text",
        [rich({"type": "rich_text_preformatted", "elements": [{"type": "emoji", "name": "x"}]})],
        "blocks[0].elements[0].elements[0].type: 'emoji', not one of text, link",
    ),
    # Markdown
    (
        "markdown length",
        [{"type": "markdown", "text": "x" * 12_001}],
        "blocks[0].text: 12001 characters, at most 12000",
    ),
    (
        "markdown sum",
        [{"type": "markdown", "text": "x" * 6001}] * 2,
        "blocks: 12002 characters of markdown, at most 12000",
    ),
    ("markdown calls", [{"type": "markdown", "text": "<!here>"}], "blocks[0].text: may call someb"),
    # Addresses
    (
        "scheme",
        [actions(button(url="javascript:x"))],
        "blocks[0].elements[0].url: not an http(s) a",
    ),
    (
        "blank in address",
        [image("https://a.example/x y")],
        "blocks[0].image_url: not an http(s) ad",
    ),
    (
        "bracket in address",
        [rich(line(link("https://a.example/<x>")))],
        "blocks[0].elements[0].elements[0].url: not an http(s) address",
    ),
    # Markup and marks
    ("bare bracket", [section(mrkdwn("a < b"))], "blocks[0].text.text: '< b' is not escaped"),
    ("bare ampersand", [section(mrkdwn("a & b"))], "blocks[0].text.text: '& b' is not escaped"),
    ("other entity", [section(mrkdwn("&nbsp;"))], "blocks[0].text.text: '&nbsp;' is not escaped"),
    ("channel call", [context(mrkdwn("<!channel>"))], "blocks[0].elements[0].text: '<!channel>' i"),
    ("person", [context(mrkdwn("hi <@U1>"))], "blocks[0].elements[0].text: '<@U1>' is not escaped"),
    ("channel link", [context(mrkdwn("<#C1|x>"))], "blocks[0].elements[0].text: '<#C1|x>' is not"),
    (
        "link without label",
        [context(mrkdwn("<https://a.example>"))],
        "blocks[0].elements[0].text: '<https://a.example>' is not escaped",
    ),
    (
        "link with ampersand",
        [context(mrkdwn("<https://a.example?a&b|x>"))],
        "blocks[0].elements[0].text: '&b|x>' is not escaped",
    ),
    (
        "link scheme",
        [context(mrkdwn("<mailto:a@a.example|x>"))],
        "blocks[0].elements[0].text: '<mailto:a@a.example|' is not escaped",
    ),
    ("control in plain_text", [section(plain("a\x07"))], "blocks[0].text.text: holds U+0007"),
    ("control in mrkdwn", [section(mrkdwn("a\x85"))], "blocks[0].text.text: holds U+0085"),
    (
        "bidirectional override",
        [rich(line(said("a\u202eb")))],
        "blocks[0].elements[0].elements[0].text: holds U+202E",
    ),
    ("bidirectional isolate", [image(alt_text="\u2066")], "blocks[0].alt_text: holds U+2066"),
    ("half a character", [section(plain("\ud83d"))], "blocks[0].text.text: holds U+D83D"),
]

WRONG_MESSAGES: list[tuple[str, object, str]] = [
    ("not an object", [], "the payload: not an object"),
    ("text missing", without(message(DIVIDER), "text"), "text: missing"),
    ("text empty", message(DIVIDER, text=""), "text: 0 characters, at least 1"),
    ("text blank", message(DIVIDER, text=" \n"), "text: blank"),
    ("text length", message(DIVIDER, text="x" * 4001), "text: 4001 characters, at most 4000"),
    ("text links", message(DIVIDER, text="<https://a.example|x>"), "text: '<https://a.example|x"),
    ("text calls", message(DIVIDER, text="<!channel>"), "text: '<!channel>' is not escaped"),
    ("text ampersand", message(DIVIDER, text="R&D"), "text: '&D' is not escaped"),
    ("text control", message(DIVIDER, text="a\rb"), "text: holds U+000D"),
    ("link_names", message(DIVIDER, link_names=True), "link_names: not a field that may stand"),
    ("parse", message(DIVIDER, parse="full"), "parse: not a field that may stand here"),
    ("attachments", message(DIVIDER, attachments=[]), "attachments: not a field that may stand"),
    ("links unfold", without(message(DIVIDER), "unfurl_links"), "unfurl_links: must be false"),
    ("media unfold", message(DIVIDER, unfurl_media=True), "unfurl_media: must be false"),
    (
        "metadata type",
        message(DIVIDER, metadata={"event_payload": {}}),
        "metadata.event_type: missing",
    ),
    (
        "metadata payload",
        message(DIVIDER, metadata={"event_type": "answer", "event_payload": "1"}),
        "metadata.event_payload: not an object",
    ),
    (
        "too large in all",
        message(*[section(plain("x" * 2900)) for _ in range(5)]),
        "the payload: 14",
    ),
]

WRONG_VIEWS: list[tuple[str, object, str]] = [
    ("kind of view", {**modal(), "type": "message"}, "type: 'message', not one of modal, home"),
    ("no blocks", home() | {"blocks": []}, "blocks: 0 elements, at least 1"),
    ("too many blocks", home(*[DIVIDER] * 101), "blocks: 101 elements, at most 100"),
    ("feedback in a view", modal(small(feedback(vote(), vote()))), "blocks[0].type: 'context_act"),
    (
        "markdown in a view",
        home({"type": "markdown", "text": "x"}),
        "blocks[0].type: 'markdown', n",
    ),
    ("title missing", without(modal(), "title"), "title: missing"),
    ("title length", modal(title=plain("x" * 25)), "title.text: 25 characters, at most 24"),
    ("submit length", modal(submit=plain("x" * 25)), "submit.text: 25 characters, at most 24"),
    ("close length", modal(close=plain("x" * 25)), "close.text: 25 characters, at most 24"),
    ("home has no title", home(title=plain()), "title: not a field that may stand here"),
    ("private_metadata", modal(private_metadata="x" * 3001), "private_metadata: 3001 characters"),
    ("callback_id", modal(callback_id="x" * 256), "callback_id: 256 characters, at most 255"),
    ("external_id", home(external_id="x" * 256), "external_id: 256 characters, at most 255"),
    ("action_id twice", home(actions(button()), actions(button())), "blocks: action_id 'more' 2"),
    (
        "view too large",
        home(*[section(plain("x" * 3000)) for _ in range(99)]),
        "the payload: 30",
    ),
]

WRONG_RESPONSES: list[tuple[str, object, str]] = [
    ("text missing", {"blocks": [DIVIDER]}, "text: missing"),
    ("nothing said", {"replace_original": True}, "text: missing"),
    ("delete with blocks", {"delete_original": True, "blocks": [DIVIDER]}, "text: missing"),
    ("response_type", {"text": "x", "response_type": "all"}, "response_type: 'all', not one of"),
    ("replace_original", {"text": "x", "replace_original": "true"}, "replace_original: not true o"),
    ("channel", {"text": "x", "channel": "C1"}, "channel: not a field that may stand here"),
    (
        "links unfold for all",
        {"text": "x", "blocks": [DIVIDER], "response_type": "in_channel", "unfurl_media": False},
        "unfurl_links: must be false, or a link unfolds",
    ),
]

ASKED = {"title": "Who?", "message": "Who fears the work?"}
WRONG_CALLS: list[tuple[str, str, Json, str]] = [
    ("no channel", "chat.postMessage", message(DIVIDER), "channel: missing"),
    ("no user", "chat.postEphemeral", {"channel": "C1", "text": "x"}, "user: missing"),
    (
        "previews for one",
        "chat.postEphemeral",
        {"channel": "C1", "user": "U1", "text": "x", "unfurl_links": False},
        "unfurl_links: not a field that may stand here",
    ),
    ("no ts", "chat.update", {"channel": "C1", "text": "x"}, "ts: missing"),
    ("no trigger", "views.open", {"view": modal()}, "trigger_id: missing"),
    (
        "home opened",
        "views.open",
        {"trigger_id": "1", "view": home()},
        "view.type: 'home', not one of modal",
    ),
    (
        "modal published",
        "views.publish",
        {"user_id": "U1", "view": modal()},
        "view.type: 'modal', not one of home",
    ),
    ("no view_id", "views.update", {"view": modal()}, "view_id: missing"),
    (
        "pushed wrong",
        "views.push",
        {"trigger_id": "1", "view": modal(title=plain(""))},
        "view.title.text: 0 characters, at least 1",
    ),
    (
        "too many prompts",
        "assistant.threads.setSuggestedPrompts",
        {"channel_id": "D1", "prompts": [ASKED] * 5},
        "prompts: 5 elements, at most 4",
    ),
    (
        "prompts in a thread",
        "assistant.threads.setSuggestedPrompts",
        {"channel_id": "D1", "prompts": [ASKED], "thread_ts": "1.2"},
        "thread_ts: not a field that may stand here",
    ),
    (
        "prompt incomplete",
        "assistant.threads.setSuggestedPrompts",
        {"channel_id": "D1", "prompts": [{"title": "Who?"}]},
        "prompts[0].message: missing",
    ),
    (
        "loading messages",
        "assistant.threads.setStatus",
        {"channel_id": "D1", "thread_ts": "1.2", "status": "", "loading_messages": ["x"] * 11},
        "loading_messages: 11 elements, at most 10",
    ),
    (
        "title",
        "assistant.threads.setTitle",
        {"channel_id": "D1", "thread_ts": "1.2", "title": ""},
        "title: 0 characters, at least 1",
    ),
    (
        "session",
        "agents.sessions.setStatus",
        {"channel_id": "D1", "thread_ts": "1.2", "title": "x", "status": "done"},
        "status: 'done', not one of active, processing, suspended, closed",
    ),
]

RIGHT_BLOCKS: list[Json] = [
    actions(
        button(value="v" * 2000, style="primary", confirm=confirm(style="danger")),
        button("Open", "open", url="https://a.example/x?a=1#:~:text=so%20it", value="1"),
    ),
    context(plain("a & b <c>", emoji=False), mrkdwn("_a &amp; b_", verbatim=True), image()),
    DIVIDER,
    {"type": "header", "text": plain("x" * 150), "block_id": "h"},
    image(title=plain("Chart")),
    section(mrkdwn("*a* <https://a.example/x?a=1&amp;b=2|so &lt;it&gt;>\n\tb")),
    section(plain("x" * 3000), fields=[mrkdwn("x" * 2000)] * 2, accessory=button("Why", "why")),
    rich(
        line(
            said("<!channel> & so", style={"bold": True}),
            link("https://a.example/x"),
            {"type": "user", "user_id": "U1"},
            {"type": "channel", "channel_id": "C1"},
            {"type": "emoji", "name": "wave", "skin_tone": 2},
            {"type": "date", "timestamp": 1720710212, "format": "{date}", "fallback": "July"},
            {"type": "color", "value": "#FF0000"},
        ),
        {"type": "rich_text_quote", "elements": [said("שלום")], "border": 1},
        bullets(line(said("one")), line(said("two")), indent=1, offset=4),
        {"type": "rich_text_preformatted", "elements": [said("x = 1")]},
    ),
    small(
        feedback(vote(), vote("Bad", accessibility_label="A bad answer")),
        {"type": "icon_button", "icon": "trash", "text": plain("Delete"), "action_id": "delete"},
    ),
    {"type": "markdown", "text": "# A *b*"},
]
RIGHT_CALLS: list[tuple[str, Json]] = [
    (
        "chat.postMessage",
        message(
            DIVIDER,
            channel="C1",
            thread_ts="1.2",
            metadata={"event_type": "answer", "event_payload": {"id": "1"}},
            team_id="T1",
        ),
    ),
    ("chat.postMessage", {"channel": "C1", "text": "the plain text alone"}),
    ("chat.postEphemeral", {"channel": "C1", "user": "U1", "text": "x", "blocks": [DIVIDER]}),
    ("chat.update", {"channel": "C1", "ts": "1.2", "text": "x", "blocks": [DIVIDER]}),
    ("views.open", {"trigger_id": "1", "view": modal(close=plain("Close"), callback_id="why")}),
    ("views.push", {"trigger_id": "1", "view": modal(private_metadata="")}),
    ("views.update", {"view_id": "V1", "view": modal(), "hash": "1.2"}),
    ("views.publish", {"user_id": "U1", "view": home(*[DIVIDER] * 100)}),
    (
        "assistant.threads.setSuggestedPrompts",
        {"channel_id": "D1", "prompts": [ASKED] * 4, "title": "Try"},
    ),
    ("assistant.threads.setStatus", {"channel_id": "D1", "thread_ts": "1.2", "status": ""}),
    ("assistant.threads.setTitle", {"channel_id": "D1", "thread_ts": "1.2", "title": "x" * 200}),
    (
        "agents.sessions.setStatus",
        {"channel_id": "D1", "thread_ts": "1.2", "title": "x", "status": "active"},
    ),
    ("auth.test", {}),
]
RIGHT_RESPONSES: list[Json] = [
    {"delete_original": True},
    {"text": "x"},
    {"text": "x", "replace_original": True, "thread_ts": "1.2"},
    {**message(DIVIDER), "response_type": "in_channel", "delete_original": True},
    {"text": "x", "blocks": [DIVIDER], "response_type": "ephemeral"},
]


def names(cases: list[Any]) -> list[str]:
    return [case[0] for case in cases]


@pytest.mark.parametrize(("rule", "blocks", "said"), WRONG_BLOCKS, ids=names(WRONG_BLOCKS))
def test_blocks_that_break_one_rule_meet_one_objection(
    rule: str, blocks: list[Json], said: str
) -> None:
    found = judge_message(message(*blocks))
    found = [one for one in found if not (rule == "markdown length" and "of markdown" in one)]
    assert len(found) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize(
    ("payload", "said"), [case[1:] for case in WRONG_MESSAGES], ids=names(WRONG_MESSAGES)
)
def test_a_message_that_breaks_one_rule_meets_one_objection(payload: object, said: str) -> None:
    [found] = judge_message(payload)
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("payload", "said"), [case[1:] for case in WRONG_VIEWS], ids=names(WRONG_VIEWS)
)
def test_a_view_that_breaks_one_rule_meets_one_objection(payload: object, said: str) -> None:
    [found] = judge_view(payload)
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("payload", "said"), [case[1:] for case in WRONG_RESPONSES], ids=names(WRONG_RESPONSES)
)
def test_a_response_that_breaks_one_rule_meets_one_objection(payload: object, said: str) -> None:
    [found] = judge_response(payload)
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("method", "payload", "said"), [case[1:] for case in WRONG_CALLS], ids=names(WRONG_CALLS)
)
def test_a_call_that_breaks_one_rule_meets_one_objection(
    method: str, payload: Json, said: str
) -> None:
    [found] = judge_call(method, payload)
    assert found.startswith(said)


def test_every_error_in_a_message_is_reported_at_once() -> None:
    assert judge_message({"text": "", "blocks": [{"type": "header"}], "parse": "full"}) == [
        "text: 0 characters, at least 1",
        "blocks[0].text: missing",
        "parse: not a field that may stand here",
        "unfurl_links: must be false, or a link unfolds",
        "unfurl_media: must be false, or a link unfolds",
    ]


@pytest.mark.parametrize("block", RIGHT_BLOCKS, ids=[block["type"] for block in RIGHT_BLOCKS])
def test_a_block_in_its_bounds_is_accepted_where_it_may_stand(block: Json) -> None:
    assert judge_message(message(block)) == []
    if block["type"] in IN_VIEWS:
        assert judge_view(modal(block)) == []
        assert judge_view(home(block)) == []


def test_every_block_that_may_stand_in_a_message_is_tried() -> None:
    assert {block["type"] for block in RIGHT_BLOCKS} == IN_MESSAGES.keys()


def test_an_input_field_is_accepted_only_in_a_form_with_a_submit_button() -> None:
    element = {"type": "plain_text_input", "action_id": "a"}
    field = {"type": "input", "label": {"type": "plain_text", "text": "Word"}, "element": element}
    button = {"submit": {"type": "plain_text", "text": "Send"}}
    assert judge_view(modal(field) | button) == []
    assert judge_view(modal(field)) == ["submit: missing where there is a field"]
    assert judge_message(message(field))[0].startswith("blocks[0].type: 'input', not one of")


@pytest.mark.parametrize(("method", "payload"), RIGHT_CALLS)
def test_a_call_in_its_bounds_is_accepted(method: str, payload: Json) -> None:
    assert judge_call(method, payload) == []


def test_every_call_that_has_rules_is_tried() -> None:
    assert {method for method, _ in RIGHT_CALLS} >= CALLS.keys()
    assert {case[1] for case in WRONG_CALLS} == CALLS.keys()


@pytest.mark.parametrize("payload", RIGHT_RESPONSES)
def test_a_response_in_its_bounds_is_accepted(payload: Json) -> None:
    assert judge_response(payload) == []


NAMES = st.sampled_from(
    "type text blocks elements fields view prompts block_id action_id style metadata".split()
)
KINDS = st.sampled_from([*IN_MESSAGES, "mrkdwn", "plain_text", "button", "modal", "home", "link"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | KINDS
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(NAMES | st.text(), inner),
    max_leaves=30,
)


@pytest.mark.slow
@given(ANYTHING, st.sampled_from([*CALLS]))
def test_nothing_that_json_can_hold_makes_the_judge_fail(payload: object, method: str) -> None:
    for found in (
        judge_message(payload),
        judge_message({"text": "x", "blocks": payload}),
        judge_message({"text": "x", "blocks": [payload]}),
        judge_view(payload),
        judge_prompts(payload),
        judge_response(payload),
        judge_call(method, payload),
    ):
        assert all(isinstance(objection, str) for objection in found)
