import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.model import Answer, Answered, Citation, Closest, Document, NotFound, Passage
from bot.slack.blocks import Message, answer_message, failure_message, guide_message
from bot.wording import shown
from tests.conftest import Run

TEXT = "It began in March. The truce covers air and sea. It ends in May."
QUOTE = "The truce covers air and sea."
URL = "https://a.example/x"


def cited(
    text: str = TEXT,
    quote: str = "",
    *,
    title: str = "Notes",
    url: str | None = None,
    heading: str | None = None,
) -> Citation:
    quote = quote or text
    passage = Passage(Document("a.txt", text, title, url), 0, len(text), 6, (7, 7), heading)
    start = text.index(quote)
    return Citation(passage, start, start + len(quote))


def answered(*citations: Citation) -> Message:
    return answer_message(Answered(citations=citations, corpus="hash"))


def parts(value: object) -> Iterator[dict[str, Any]]:
    """Every object of a message that has a type, each before those in it."""
    if isinstance(value, dict):
        if "type" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from parts(inner)


def texts(message: Message, kind: str) -> list[str]:
    return [part["text"] for part in parts(message["blocks"]) if part["type"] == kind]


def bold(message: Message) -> list[str]:
    return [
        part["text"] for part in parts(message["blocks"]) if part.get("style") == {"bold": True}
    ]


def check_for_slack(message: Message) -> None:
    """What Slack refuses or would understand as a mention, a link or formatting is not in it."""
    assert 1 <= len(message["blocks"]) <= 50
    assert not re.search(r"[<>]|&(?!(?:amp|lt|gt);)", message["text"])
    for part in parts(message["blocks"]):
        match part["type"]:
            case "plain_text":
                assert 1 <= len(part["text"]) <= 3000
                assert part["emoji"] is False
            case "mrkdwn":
                link = re.fullmatch(r"<https?://[^<>|]+\|([^<>|]+)>", part["text"])
                assert link
                assert not set(link[1]) & set("*_~`")
                assert len(part["text"]) <= 3000
            case "text":
                assert part["text"]
            case "context":
                assert 1 <= len(part["elements"]) <= 10
    assert not re.search(r"<[!@#]", "".join([*texts(message, "mrkdwn"), message["text"]]))


# What is said


def test_an_answer_is_the_passage_with_its_quote_in_bold_and_its_place() -> None:
    message = answered(cited(TEXT, QUOTE, heading="The plan"))
    passage, place = message["blocks"]
    assert passage["elements"][0] == {
        "type": "rich_text_quote",
        "elements": [
            {"type": "text", "text": "It began in March. "},
            {"type": "text", "text": QUOTE, "style": {"bold": True}},
            {"type": "text", "text": " It ends in May."},
        ],
    }
    [stands] = place["elements"]
    assert (stands["type"], stands["text"]) == ("plain_text", "Notes · The plan · paragraph 6")
    assert message["text"] == QUOTE
    assert not message["unfurl_links"]
    assert not message["unfurl_media"]


def test_further_passages_are_their_quotes_alone() -> None:
    message = answered(cited(), cited("The truce. It ends in May.", "The truce."))
    assert texts(message, "text") == [TEXT, "The truce."]
    assert texts(message, "plain_text")[1] == "It also bears on this:"


def test_the_nearest_passages_are_said_to_be_only_that() -> None:
    closest = Closest(citations=(cited(), cited()), corpus="hash", missing=("tank", "<b>"))
    message = answer_message(closest)
    first, *_, near, _, missing = texts(message, "plain_text")
    assert first == "No passage answers this for certain. The nearest:"
    assert near == "Also near:"
    assert missing == "Not in the documents: tank, <b>."
    assert message["text"] == f"{first} {TEXT}"


def test_not_found_is_said_with_what_is_missing_in_the_notification_too() -> None:
    message = answer_message(NotFound(corpus="hash", missing=("wifi",), notes=("A note.",)))
    said = ["The documents do not answer this.", "Not in the documents: wifi.", "A note."]
    assert texts(message, "plain_text") == said
    assert message["text"] == " ".join(said)


def test_the_guide_lists_its_examples_as_they_are_and_does_without() -> None:
    message = guide_message(["what about <!here> & co?", "who?"])
    assert texts(message, "text") == ["For example:", "what about <!here> & co?", "who?"]
    assert message["text"].endswith(" what about &lt;!here&gt; &amp; co? who?")
    assert texts(guide_message([]), "text") == []
    check_for_slack(message)


def test_a_failure_is_a_reference_and_nothing_else() -> None:
    message = failure_message("0a1b2c3d")
    assert texts(message, "plain_text") == [message["text"]]
    assert message["text"].endswith("under the reference 0a1b2c3d.")


# What a document may hold


def test_a_notification_is_escaped_once() -> None:
    message = answered(cited("AT&T says a < b > c &amp; <!channel>."))
    assert message["text"] == "AT&amp;T says a &lt; b &gt; c &amp;amp; &lt;!channel&gt;."
    assert texts(message, "text") == ["AT&T says a < b > c &amp; <!channel>."]


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("The plan", "The plan"),
        ("*The* _big_ ~plan~ `a|b`", "∗The∗ ＿big＿ ∼plan∼ ˋa¦bˋ"),
        ("<!channel> & co", "&lt;!channel&gt; &amp; co"),
        ("A\x1b[31m\nB", "A [31m B"),
    ],
)
def test_a_title_with_an_address_is_a_link_whose_words_format_nothing(
    title: str, label: str
) -> None:
    message = answered(cited(title=title, url=f"{URL}?a=1&b=2", heading="<@U1>"))
    assert texts(message, "mrkdwn") == [f"<{URL}?a=1&amp;b=2|{label}>"]
    assert texts(message, "plain_text") == ["<@U1> · paragraph 6"]
    check_for_slack(message)


def test_a_title_without_an_address_stands_where_nothing_is_parsed() -> None:
    message = answered(cited(title="*The* <!channel>"))
    assert texts(message, "plain_text") == ["*The* <!channel> · paragraph 6"]
    assert texts(message, "mrkdwn") == []


# Long ones


@pytest.mark.parametrize("position", [0, 10_000, 19_971])
def test_of_a_long_paragraph_the_whole_quote_is_shown_and_what_stands_around_it(
    position: int,
) -> None:
    filling = ("word " * 4000)[: 20_000 - len(QUOTE)]
    message = answered(cited(filling[:position] + QUOTE + filling[position:], QUOTE))
    assert bold(message) == [QUOTE]
    told = texts(message, "text")
    assert told[0].startswith("…") == (position > 0)
    assert told[-1].endswith("…") == (position < 19_971)
    assert 1000 < len("".join(told)) < 3000
    assert len(json.dumps(message)) < 13_000


def test_a_long_sentence_is_cut_with_an_ellipsis() -> None:
    message = answered(cited("word " * 1000 + "end. It ends.", "word " * 1000 + "end."))
    [quote] = bold(message)
    assert quote.startswith("word word")
    assert quote.endswith("word…")
    assert 1000 < len(quote) < 3000
    assert texts(message, "text")[-1] == " It ends."


def test_three_long_passages_with_long_places_stay_below_what_slack_takes() -> None:
    long = "word " * 4000
    citation = cited(long, title=long, heading=long, url=URL)
    message = answered(citation, citation, citation)
    assert len(json.dumps(message)) < 13_000
    check_for_slack(message)


MARKUP = ["<!channel>", "<@U1>", "<#C1|x>", "<https://evil.example|a>", "&lt;!here&gt;", "@here"]
MARKS = ["<", ">", "|", "&", "&amp;", "*", "_", "~", "`", ":tada:", "\r\n", "\x1b[31m", "\u202e"]
WORDS = [" ", "a", "é👍", "word " * 100, "&" * 700]
PIECES = st.sampled_from(MARKUP) | st.sampled_from(MARKS) | st.sampled_from(WORDS)
# Something of it can be seen: what cannot is never found, nor asked.
HOSTILE = st.lists(PIECES, min_size=1, max_size=20).map("".join).filter(shown)
URLS = st.none() | st.sampled_from([URL, f"{URL}?a=1&b=*_~`", "http://a.example/&lt;!channel&gt;"])


@st.composite
def citations(draw: st.DrawFn) -> Citation:
    text = draw(HOSTILE)
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    assume(shown(text[start:end]))
    document = Document("a.txt", text, draw(HOSTILE), draw(URLS))
    heading = draw(st.none() | HOSTILE)
    return Citation(Passage(document, 0, len(text), 1, (1, 1), heading), start, end)


CITED = st.lists(citations(), min_size=1, max_size=3).map(tuple)
SAID = st.lists(HOSTILE, max_size=12).map(tuple)
CORPUS = st.just("hash")
ANSWERS = st.one_of(
    st.builds(Answered, citations=CITED, corpus=CORPUS, missing=SAID, notes=SAID),
    st.builds(Closest, citations=CITED, corpus=CORPUS, missing=SAID, notes=SAID),
    st.builds(NotFound, corpus=CORPUS, missing=SAID, notes=SAID),
)


@given(ANSWERS)
def test_no_document_and_no_question_can_mention_link_or_break_a_message(answer: Answer) -> None:
    check_for_slack(answer_message(answer))


@given(citations())
def test_a_notification_reads_as_the_quote(citation: Citation) -> None:
    text = html.unescape(answered(citation)["text"])
    quote = shown(citation.quote)
    assert text == quote or (text.endswith("…") and quote.startswith(text[:-1]))


@given(st.lists(HOSTILE, max_size=3))
def test_no_example_can_mention_link_or_break_the_guide(examples: list[str]) -> None:
    check_for_slack(guide_message(examples))


def test_the_command_line_prints_the_message_and_a_link_that_shows_its_blocks(run: Run) -> None:
    ran = run("ask", "--blocks", "what does the truce cover?")
    *message, link = ran.out.splitlines()
    address, _, blocks = link.partition("#")
    assert (ran.status, address) == (0, "https://app.slack.com/block-kit-builder/")
    assert json.loads(unquote(blocks)) == {"blocks": json.loads("\n".join(message))["blocks"]}
