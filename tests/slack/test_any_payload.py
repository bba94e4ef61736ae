"""Slack accepts everything the bot shows, for any documents and any question."""

import json
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import CorpusError
from bot.model import Outcome, Question
from bot.slack.rendering.buttons import MAX_VALUE_LENGTH, ButtonState, Mark
from bot.slack.rendering.messages import Message
from bot.slack.rendering.presenter import Presenter
from bot.slack.rendering.views import View
from tests.conftest import answerer_of
from tests.fakes.bot import Still
from tests.fakes.judge import judge_message, judge_prompts, judge_view

MARKUP = ["<!channel>", "<@U1>", "<#C1|x>", "<https://evil.example|a>", "&lt;!here&gt;", "@here"]
MARKS = ["<", ">", "|", "&", "&amp;", "*", "_", "~", "`", ":tada:", "\r\n", "\n\n", "# ", "- "]
UNSEEN = ["\x1b[31m", "\u202e", "\u2066", "\u200b", "\ufeff", "\u00ad", "\x07", "\x9b", "\ud800"]
WORDS = [
    "truce ",
    "The ferry carries horses. ",
    "é👍",
    "word " * 100,
    "x" * 3000,
    "&" * 700,
    "שלום ",
]
PIECES = st.sampled_from(MARKUP) | st.sampled_from(MARKS + UNSEEN) | st.sampled_from(WORDS)
HOSTILE = st.lists(PIECES, min_size=1, max_size=20).map("".join)
FRONT = st.sampled_from(
    [
        "",
        "---\ntitle: '<!channel> *x* | `y` & co'\ndate: 2025-03-02\n---\n",
        f"---\ntitle: '{'T' * 500}'\nurl: https://a.example/{'u' * 900}\n---\n",
        "---\nurl: https://a.example/?a=1&b=*_~`\n---\n",
    ]
)


def messages_and_views(presenter: Presenter, question: str) -> tuple[list[Message], list[View]]:
    """Everything that can be shown for a question."""
    _, public = presenter.reply(Question(question))
    _, alone = presenter.reply_privately(Question(question, (question, "and who?")))
    messages = [public, alone, presenter.find_source(question, "1.1"), presenter.sources()]
    views = [presenter.home(0, [question] * 5, ["a state"])]
    for element in _elements([*public["blocks"], *alone["blocks"]]):
        value, action = element.get("value", ""), element.get("action_id", "").split(":")[0]
        opens = {
            "context": presenter.more_context,
            "why": presenter.why,
            "nearest": presenter.nearest,
        }
        if build := {**opens, "ask": presenter.ask}.get(action):
            views.append(build(value))
        if action == "share" and (shared := presenter.share(ButtonState.read(value), "U1")):
            messages.append(shared)
    return messages, views


def _elements(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [element for block in blocks for element in block.get("elements", ())]


@settings(max_examples=40)
@given(st.lists(st.tuples(FRONT, HOSTILE), min_size=1, max_size=3), HOSTILE)
def test_slack_accepts_the_payloads_of_any_documents_and_question(
    documents: list[tuple[str, str]], question: str
) -> None:
    try:
        answerer = answerer_of(
            *(services + text.encode("utf-8", "replace").decode() for services, text in documents)
        )
    except CorpusError:  # nothing to read in one of them
        return
    presenter = Presenter(Still(answerer))
    messages, views = messages_and_views(presenter, question)
    for message in messages:
        assert judge_message(message) == []
        assert not re.search("<[!@#]", message["text"])
    for view in views:
        assert judge_view(view) == []
    prompts = presenter.prompts()
    assert prompts == [] or judge_prompts({"channel_id": "D1", "prompts": prompts}) == []


TEXT = st.text(max_size=1500) | st.text(st.sampled_from('<"\\é👍\x00a '), max_size=1500)


@given(TEXT, st.lists(TEXT, max_size=3), st.integers(0, 5), st.none() | st.just("1.1"))
def test_a_button_value_stays_within_its_limit_and_holds_the_question_or_its_beginning(
    text: str, after: list[str], marks: int, thread: str | None
) -> None:
    mark = Mark("0" * 12, "1" * 12, 10_000, 20_000, 1, "2" * 12)
    shown = ButtonState(
        Outcome.ANSWERED, Question(text, tuple(after)), "0" * 12, (mark,) * marks, thread
    )
    value = shown.value
    assert len(value) <= MAX_VALUE_LENGTH
    assert "<" not in value
    read = ButtonState.read(value)
    assert text.startswith(read.question.text)
    assert (read.marks, read.thread, read.outcome) == (shown.marks, thread, Outcome.ANSWERED)
    if len(json.dumps([text, *after])) < 200 and marks < 3:
        assert read == shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=3), inner),
)


@given(JSON | st.text())
def test_any_other_button_value_is_read_or_raises_value_error(value: object) -> None:
    try:
        shown = ButtonState.read(json.dumps(value) if not isinstance(value, str) else value)
    except ValueError:
        return
    assert isinstance(shown.question.text, str)
