"""The judge of what the bot sends to Slack: an objection is a sentence that names its place.

The tables below say what a payload may hold: each field with its check, where a name that ends in
a question mark may be left out, and any other field is an objection. They hold Slack's published
limits, and less than Slack takes: the blocks that this bot uses, an `action_id` on all that can
be clicked and each id once in a payload, no element that calls a group of people, no preview
below a message.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

Check = Callable[[Any, str], Iterator[str]]
Fields = dict[str, "Rule"]
Kinds = dict[str, Fields]  # of an object whose `type` says what else it holds
Rule = Check | Kinds

MAX_MESSAGE_SIZE = 13_200  # characters of JSON: observed, not published (msg_blocks_too_long)
MAX_VIEW_SIZE = 250_000
MAX_FALLBACK_LENGTH = 4000  # Slack takes 40,000, but may split what is longer than this
MAX_MARKDOWN_LENGTH = 12_000  # the sum of all markdown blocks

# C0 and C1 except newline and tab, half a surrogate pair, bidirectional overrides and isolates.
UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
BRACKET = re.compile(r"[<>]")
BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt);)")
LABELLED_LINK = re.compile(r"<https?://[^\s<>|]+\|[^\n<>|]+>")
ADDRESS = re.compile(r"https?://[^\s<>|]+")


# Checks of a value at a place.


def flag(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{at}: not true or false"


def mapping(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at}: not an object"


def one_of(*values: Any) -> Check:
    def check(value: Any, at: str) -> Iterator[str]:
        if value not in values:
            yield f"{at}: {value!r}, not one of {', '.join(map(str, values))}"

    return check


def number(least: int, most: float) -> Check:
    def check(value: Any, at: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            yield f"{at}: {value!r}, not a number from {least} to {most}"

    return check


def name(most: float, least: int = 1) -> Check:
    """A text that nobody reads: an id, a value."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{at}: not a text"
        else:
            yield from _bounds(len(value), "characters", least, most, at)

    return check


def shown(most: float, least: int = 1) -> Check:
    """A text that is shown as it is."""

    def check(value: Any, at: str) -> Iterator[str]:
        yield from name(most, least)(value, at)
        if isinstance(value, str) and (mark := UNSHOWABLE.search(value)):
            yield f"{at}: holds U+{ord(mark[0]):04X}, a mark that nobody sees"

    return check


def parsed(most: int) -> Check:
    """A text in which Slack looks for its markup: it may link, but it calls nobody."""

    def check(value: Any, at: str) -> Iterator[str]:
        yield from shown(most)(value, at)
        if isinstance(value, str):
            yield from _unescaped(BRACKET, LABELLED_LINK.sub("", value), at)
            yield from _unescaped(BARE_AMPERSAND, value, at)

    return check


def fallback(value: Any, at: str) -> Iterator[str]:
    """What notifications and screen readers say: no link, as there it is read as it is written."""
    yield from shown(MAX_FALLBACK_LENGTH)(value, at)
    if isinstance(value, str):
        yield from _unescaped(BRACKET, value, at)
        yield from _unescaped(BARE_AMPERSAND, value, at)
        if value.isspace():
            yield f"{at}: blank"


def markdown(value: Any, at: str) -> Iterator[str]:
    yield from shown(MAX_MARKDOWN_LENGTH)(value, at)
    if isinstance(value, str) and re.search("<[!@#]", value):
        yield f"{at}: may call somebody"


def address(value: Any, at: str) -> Iterator[str]:
    yield from name(3000)(value, at)
    if isinstance(value, str) and not ADDRESS.fullmatch(value):
        yield f"{at}: not an http(s) address without blanks and <>|"


def several(most: float, rule: Rule, least: int = 1) -> Check:
    """A list, each of its items by the same rule."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{at}: not a list"
            return
        yield from _bounds(len(value), "elements", least, most, at)
        for n, item in enumerate(value):
            yield from _apply(rule, item, f"{at}[{n}]")

    return check


def fields(table: Fields) -> Check:
    """An object with these fields and no others."""
    known = {field.rstrip("?"): rule for field, rule in table.items()}
    required = [field for field in table if not field.endswith("?")]

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at or 'the payload'}: not an object"
            return
        yield from (f"{_in(at, field)}: missing" for field in required if field not in value)
        for field, inner in value.items():
            if field in known:
                yield from _apply(known[field], inner, _in(at, field))
            else:
                yield f"{_in(at, field)}: not a field that may stand here"

    return check


def every(*checks: Check) -> Check:
    def check(value: Any, at: str) -> Iterator[str]:
        for one in checks:
            yield from one(value, at)

    return check


def _apply(rule: Rule, value: Any, at: str) -> Iterator[str]:
    if not isinstance(rule, dict):
        yield from rule(value, at)
    elif not isinstance(value, dict):
        yield f"{at}: not an object"
    elif not isinstance(kind := value.get("type"), str) or kind not in rule:
        yield f"{_in(at, 'type')}: {kind!r}, not one of {', '.join(rule)}"
    else:
        yield from fields({"type": one_of(kind), **rule[kind]})(value, at)
        if kind == "section" and not {"text", "fields"} & value.keys():
            yield f"{at}: neither text nor fields"


def _in(at: str, field: str) -> str:
    return f"{at}.{field}" if at else field


def _bounds(count: int, what: str, least: int, most: float, at: str) -> Iterator[str]:
    if count > most:
        yield f"{at}: {count} {what}, at most {most}"
    if count < least:
        yield f"{at}: {count} {what}, at least {least}"


def _unescaped(pattern: re.Pattern[str], text: str, at: str) -> Iterator[str]:
    if found := pattern.search(text):
        yield f"{at}: {text[found.start() :][:20]!r} is not escaped"


# Text, and what is clicked.


def plain(most: int) -> Kinds:
    return {"plain_text": {"text": shown(most), "emoji?": flag}}


def words(most: int) -> Kinds:
    return {**plain(most), "mrkdwn": {"text": parsed(most), "verbatim?": flag}}


ID = name(255)
COLOUR = one_of("primary", "danger")
CONFIRM = fields(
    {
        "title": plain(100),
        "text": words(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style?": COLOUR,
    }
)
BUTTON: Kinds = {
    "button": {
        "text": plain(75),
        "action_id": ID,
        "value?": name(2000),
        "url?": address,
        "style?": COLOUR,
        "confirm?": CONFIRM,
        "accessibility_label?": shown(75),
    }
}
VOTE = fields({"text": plain(75), "value": name(2000), "accessibility_label?": shown(75)})
SMALL_BUTTONS: Kinds = {
    "feedback_buttons": {"action_id": ID, "positive_button": VOTE, "negative_button": VOTE},
    "icon_button": {
        "icon": one_of("trash"),
        "text": plain(75),
        "action_id": ID,
        "value?": name(2000),
        "confirm?": CONFIRM,
        "accessibility_label?": shown(75),
        "visible_to_user_ids?": several(10, ID),
    },
}
IMAGE: Kinds = {"image": {"image_url": address, "alt_text": shown(2000)}}

# Rich text, which Slack does not parse: a link or a mention in it is an element of its own.

MANY = float("inf")
STYLE = fields({f"{style}?": flag for style in ("bold", "italic", "strike", "code", "underline")})
TEXT_AND_LINK: Kinds = {
    "text": {"text": shown(MANY), "style?": STYLE},
    "link": {"url": address, "text?": shown(MANY), "style?": STYLE},
}
INLINE: Kinds = {
    **TEXT_AND_LINK,
    "user": {"user_id": ID, "style?": STYLE},
    "channel": {"channel_id": ID, "style?": STYLE},
    "usergroup": {"usergroup_id": ID, "style?": STYLE},
    "emoji": {"name": ID, "unicode?": ID, "skin_tone?": number(1, 6), "style?": STYLE},
    "date": {
        "timestamp": number(0, float("inf")),
        "format": shown(255),
        "fallback?": shown(255),
        "url?": address,
        "style?": STYLE,
    },
    "color": {"value": ID, "style?": STYLE},
}
BORDER = number(0, 1)
SECTION: Kinds = {"rich_text_section": {"elements": several(MANY, INLINE)}}
RICH: Kinds = {
    **SECTION,
    "rich_text_quote": {"elements": several(MANY, INLINE), "border?": BORDER},
    "rich_text_preformatted": {"elements": several(MANY, TEXT_AND_LINK), "border?": BORDER},
    "rich_text_list": {
        "elements": several(MANY, SECTION),
        "style": one_of("bullet", "ordered"),
        "indent?": number(0, 8),
        "offset?": number(0, MANY),
        "border?": BORDER,
    },
}

# Fields of a form.

FIELD: Kinds = {
    "plain_text_input": {
        "action_id": ID,
        "multiline?": flag,
        "min_length?": number(0, 3000),
        "max_length?": number(1, 3000),
        "initial_value?": shown(3000),
        "placeholder?": plain(150),
    }
}
OPTION = fields({"text": plain(75), "value": name(150)})
CHOICE: Kinds = {
    "static_select": {
        "action_id": ID,
        "options": several(100, OPTION),
        "initial_option?": OPTION,
        "placeholder?": plain(150),
    }
}

# Blocks, and where they may stand.

ANYWHERE: Kinds = {
    "actions": {"block_id?": ID, "elements": several(25, BUTTON)},
    "context": {"block_id?": ID, "elements": several(10, {**words(3000), **IMAGE})},
    "divider": {"block_id?": ID},
    "header": {"block_id?": ID, "text": plain(150)},
    "image": {"block_id?": ID, **IMAGE["image"], "title?": plain(2000)},
    "rich_text": {"block_id?": ID, "elements": several(MANY, RICH)},
    "section": {
        "block_id?": ID,
        "text?": words(3000),
        "fields?": several(10, words(2000)),
        "accessory?": {**BUTTON, **IMAGE},
        "expand?": flag,
    },
}
IN_VIEWS: Kinds = {
    **ANYWHERE,
    "input": {
        "block_id?": ID,
        "label": plain(2000),
        "element": {**FIELD, **CHOICE},
        "hint?": plain(2000),
        "optional?": flag,
    },
}
IN_MESSAGES: Kinds = {
    **ANYWHERE,
    "context_actions": {"block_id?": ID, "elements": several(5, SMALL_BUTTONS)},
    "markdown": {"block_id?": ID, "text": markdown},
}


def layout(most: int, kinds: Kinds) -> Check:
    """The blocks of a message or a view: each id once, and the markdown of all in its bounds."""

    def check(value: Any, at: str) -> Iterator[str]:
        yield from several(most, kinds)(value, at)
        if not isinstance(value, list):
            return
        for field in ("block_id", "action_id"):
            ids = Counter(map(str, _values(field, value)))
            yield from (f"{at}: {field} {id!r} {n} times" for id, n in ids.items() if n > 1)
        blocks = [block for block in value if isinstance(block, dict)]
        texts = [str(block.get("text")) for block in blocks if block.get("type") == "markdown"]
        yield from _bounds(
            len("".join(texts)), "characters of markdown", 0, MAX_MARKDOWN_LENGTH, at
        )

    return check


def _values(field: str, value: Any) -> Iterator[Any]:
    """All the values of a field, however deep."""
    if isinstance(value, dict):
        yield from [value[field]] if field in value else []
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _values(field, inner)


# What is sent.


def no_larger(most: int) -> Check:
    def check(value: Any, at: str) -> Iterator[str]:
        size = len(json.dumps(value, ensure_ascii=False))
        yield from _bounds(size, "characters of JSON", 0, most, at or "the payload")

    return check


def no_previews(value: Any, at: str) -> Iterator[str]:
    """Blocks that everybody sees have no preview of a link below them."""
    if isinstance(value, dict) and "blocks" in value:
        for field in ("unfurl_links", "unfurl_media"):
            if value.get(field) is not False:
                yield f"{_in(at, field)}: must be false, or a link unfolds"


def says_something(value: Any, at: str) -> Iterator[str]:
    """A response has a text, unless all it does is to take a message away."""
    if isinstance(value, dict) and "text" not in value:
        if "blocks" not in value and value.get("delete_original") is True:
            return
        yield f"{_in(at, 'text')}: missing"


def no_previews_for_all(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, dict) and value.get("response_type") == "in_channel":
        yield from no_previews(value, at)


BLOCKS = layout(50, IN_MESSAGES)
METADATA = fields({"event_type": ID, "event_payload": mapping})
PREVIEWS: Fields = {"unfurl_links?": flag, "unfurl_media?": flag}
CONTENT: Fields = {"text": fallback, "blocks?": BLOCKS}
POSTED: Fields = {
    **CONTENT,
    **PREVIEWS,
    "metadata?": METADATA,
    "thread_ts?": ID,
    "reply_broadcast?": flag,
    "client_msg_id?": ID,  # not documented; Slack has been seen to take it
}
MESSAGE = every(fields({**POSTED, "channel?": ID}), no_previews, no_larger(MAX_MESSAGE_SIZE))
RESPONSE = every(
    fields(
        {
            "response_type?": one_of("ephemeral", "in_channel"),
            "text?": fallback,
            "blocks?": BLOCKS,
            "replace_original?": flag,
            "delete_original?": flag,
            "thread_ts?": ID,
            "metadata?": METADATA,
            **PREVIEWS,
        }
    ),
    says_something,
    no_previews_for_all,
    no_larger(MAX_MESSAGE_SIZE),
)
IN_ANY_VIEW: Fields = {
    "blocks": layout(100, IN_VIEWS),
    "private_metadata?": name(3000, least=0),
    "callback_id?": ID,
    "external_id?": ID,
}
HOME: Kinds = {"home": IN_ANY_VIEW}
MODAL: Kinds = {
    "modal": {
        **IN_ANY_VIEW,
        "title": plain(24),
        "submit?": plain(24),
        "close?": plain(24),
        "clear_on_close?": flag,
        "notify_on_close?": flag,
    }
}


def view(kinds: Kinds) -> Check:
    def check(value: Any, at: str) -> Iterator[str]:
        yield from _apply(kinds, value, at)
        blocks = value.get("blocks") if isinstance(value, dict) else None
        blocks = blocks if isinstance(blocks, list) else []
        asks = any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)
        if asks and "submit" not in value:
            yield f"{_in(at, 'submit')}: missing where there is a field"
        yield from no_larger(MAX_VIEW_SIZE)(value, at)

    return check


PROMPT = fields({"title": shown(MAX_FALLBACK_LENGTH), "message": shown(MAX_FALLBACK_LENGTH)})
# Without thread_ts: with it Slack says ok to an agent, and shows nothing.
PROMPTS: Fields = {
    "channel_id": ID,
    "prompts": several(4, PROMPT),
    "title?": shown(MAX_FALLBACK_LENGTH),
}
STATUS: Fields = {
    "channel_id": ID,
    "thread_ts": ID,
    "status": shown(MAX_FALLBACK_LENGTH, least=0),  # empty, it goes away
    "loading_messages?": several(10, shown(MAX_FALLBACK_LENGTH)),
}
TITLE: Fields = {"channel_id": ID, "thread_ts": ID, "title": shown(200)}
SESSION: Fields = {
    **TITLE,
    "status": one_of("active", "processing", "suspended", "closed"),
    "initiator_user_id?": ID,
}
TEAM: Fields = {"team_id?": ID}  # Bolt's client adds it to every call


def call(table: Fields, *also: Check) -> Check:
    return every(fields({**table, **TEAM}), *also)


CALLS: dict[str, Check] = {
    "chat.postMessage": call({**POSTED, "channel": ID}, no_previews, no_larger(MAX_MESSAGE_SIZE)),
    "chat.postEphemeral": call(
        {**CONTENT, "channel": ID, "user": ID, "thread_ts?": ID}, no_larger(MAX_MESSAGE_SIZE)
    ),
    "chat.update": call(
        {**CONTENT, "channel": ID, "ts": ID, "metadata?": METADATA}, no_larger(MAX_MESSAGE_SIZE)
    ),
    "views.open": call({"trigger_id": ID, "view": view(MODAL)}),
    "views.push": call({"trigger_id": ID, "view": view(MODAL)}),
    "views.update": call({"view_id": ID, "view": view({**MODAL, **HOME}), "hash?": ID}),
    "views.publish": call({"user_id": ID, "view": view(HOME), "hash?": ID}),
    "assistant.threads.setSuggestedPrompts": call(PROMPTS),
    "assistant.threads.setStatus": call(STATUS),
    "assistant.threads.setTitle": call(TITLE),
    "agents.sessions.setStatus": call(SESSION),
}


# The judge.


def judge_message(payload: Any) -> list[str]:
    """Object to a message for everybody in a channel; which channel may be left open."""
    return list(MESSAGE(payload, ""))


def judge_view(payload: Any) -> list[str]:
    """Object to a modal or a home."""
    return list(view({**MODAL, **HOME})(payload, ""))


def judge_form(payload: Any) -> list[str]:
    """Object to what acknowledges a form."""
    answered: Fields = {"response_action": one_of("update", "push"), "view": view(MODAL)}
    wrong: Fields = {"response_action": one_of("errors"), "errors": mapping}
    is_wrong = isinstance(payload, dict) and "errors" in payload
    return list(fields(wrong if is_wrong else answered)(payload, ""))


def judge_prompts(payload: Any) -> list[str]:
    """Object to the suggested prompts of the agent's pane."""
    return judge_call("assistant.threads.setSuggestedPrompts", payload)


def judge_response(payload: Any) -> list[str]:
    """Object to what is posted to a response_url, or acknowledges a command."""
    return list(RESPONSE(payload, ""))


def judge_call(method: str, payload: Any) -> list[str]:
    """Object to a call of the Web API. A method that shows nobody anything has no rules."""
    return list(CALLS[method](payload, "")) if method in CALLS else []
