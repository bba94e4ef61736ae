import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.model import (
    Answer,
    Answered,
    Citation,
    Closest,
    Document,
    Item,
    Lead,
    NotFound,
    Passage,
    PassageKind,
    Question,
    Role,
)
from bot.phrases import in_one_line, shown
from bot.slack.receiving.access import REFUSALS
from bot.slack.rendering.buttons import ButtonState, Mark
from bot.slack.rendering.messages import (
    SOURCE,
    Actions,
    Message,
    answer_message,
    failure_message,
    guide_message,
    refusal_message,
    shared_message,
)
from bot.slack.rendering.views import context_view
from tests.conftest import Run, answerer_from, answerer_of
from tests.fakes.judge import judge_message, judge_view

TEXT = "It began in March. The truce covers air and sea. It ends in May."
QUOTE = "The truce covers air and sea."
MISSING = "The documents don't mention “tank” or “<b>”."
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
    passage = Passage(
        Document("a.txt", text, title, url), 0, len(text), 6, (7, 7), (heading,) if heading else ()
    )
    start = text.index(quote)
    return Citation(passage, start, start + len(quote))


def said(answer: Answer) -> Message:
    return answer_message(Question("what does it cover?"), answer)


def answered(*citations: Citation) -> Message:
    return said(Answered(citations=citations, corpus="hash"))


def labels(message: Message) -> list[str]:
    return [part["text"]["text"] for part in parts(message["blocks"]) if part["type"] == "button"]


def lines(message: Message) -> list[str]:
    """What stands in sections and in small print."""
    return [
        part["text"]
        for block in message["blocks"]
        if block["type"] in ("section", "context")
        for part in parts(block)
        if part["type"] == "plain_text"
    ]


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


# What is said


def test_an_answer_is_the_passage_with_its_quote_in_bold_and_its_place() -> None:
    message = answered(cited(TEXT, QUOTE, heading="The plan"))
    passage, place, buttons, votes = message["blocks"]
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
    assert labels(message) == ["More context", "Why this passage"]
    assert (buttons["type"], votes["type"]) == ("actions", "context_actions")
    assert judge_message(message) == []


def test_further_passages_are_their_quotes_alone() -> None:
    message = answered(cited(), cited("The truce. It ends in May.", "The truce."))
    assert texts(message, "text") == [TEXT, "The truce."]
    assert lines(message)[1] == "See also:"


def test_the_closest_passages_are_labelled_as_such_and_look_different() -> None:
    closest = Closest(
        citations=(cited(TEXT, QUOTE), cited()), corpus="hash", missing=("tank", "<b>")
    )
    message = said(closest)
    first, quote = message["blocks"][0]["elements"][0], message["blocks"][1]["elements"][0]
    assert first["elements"] == [
        {
            "type": "text",
            "text": f"{MISSING} The closest I found:",
            "style": {"bold": True},
        }
    ]
    assert {"type": "text", "text": QUOTE, "style": {"italic": True}} in quote["elements"]
    assert lines(message)[1:2] == ["Also close:"]
    assert len([text for text in [*texts(message, "text"), *lines(message)] if "tank" in text]) == 1
    assert html.unescape(message["text"]) == f"{MISSING} The closest I found: {QUOTE}"


def test_a_quote_that_is_the_whole_passage_has_no_style() -> None:
    assert bold(answered(cited())) == []
    assert bold(answered(cited(TEXT, QUOTE))) == [QUOTE]


TWO = "The truce covers\nair and sea. The king opened it. The truce ends in May."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TWO, ["The truce covers air and sea.", "The truce ends in May."]),
        (f"{TWO} More.", ["The truce covers air and sea.", "The truce ends in May."]),
        ("The truce ends in May. The truce covers air and sea.", []),
        (
            "It says:\n\n- The truce covers air and sea.\n- It is new.\n- The truce ends in May.",
            ["- The truce covers air and sea.", "- The truce ends in May."],
        ),
    ],
)
def test_both_sentences_are_bold_in_a_passage_that_answers_two_parts(
    text: str, said: list[str]
) -> None:
    answer = answerer_of(text).answer(
        Question("- what does the truce cover?\n- when does the truce end?")
    )
    assert len(answer.citations) == 1
    assert bold(answer_message(Question("?"), answer)) == said


def test_not_found_names_the_missing_words_in_the_notification_too() -> None:
    message = said(NotFound(corpus="hash", missing=("wifi",), notes=("A note.",)))
    told = ["The documents do not answer this.", "Not in the documents: wifi.", "A note."]
    assert lines(message) == told
    assert message["text"] == " ".join(told)


def test_not_found_offers_what_is_near_and_questions_that_work() -> None:
    offer = Actions(near=True, examples=("who?", "when?"))
    message = answer_message(Question("wifi?"), NotFound(corpus="hash"), offer)
    assert labels(message) == ["Show the closest passages", "who?", "when?"]
    assert labels(said(NotFound(corpus="hash"))) == []


def test_a_shared_answer_names_the_person_and_the_question() -> None:
    question, answer = Question("what does it cover?"), Answered(citations=(cited(),), corpus="h")
    alone = answer_message(question, answer, Actions(share="Share in channel"))
    assert labels(alone)[-1] == "Share in channel"
    shared = shared_message(answer, ButtonState.of(question, answer), "U7")
    person, asked, what = shared["blocks"][0]["elements"][0]["elements"]
    assert person == {"type": "user", "user_id": "U7"}
    assert asked["text"] + what["text"] == " asked: what does it cover?"
    assert "Share in channel" not in labels(shared)


def test_find_the_source_says_whether_a_passage_says_it() -> None:
    found = Answered(citations=(cited(),), corpus="hash")
    told = answer_message(Question("it covers air"), found, Actions(), SOURCE)
    assert lines(told)[0] == "The documents say this:"
    nothing = answer_message(Question("x"), NotFound(corpus="hash"), Actions(), SOURCE)
    assert lines(nothing) == ["No passage says this."]


def test_the_guide_shows_its_examples_verbatim_and_works_without_any() -> None:
    message = guide_message(["what about <!here> & co?", "who?"])
    assert labels(message) == ["what about <!here> & co?", "who?"]
    assert message["text"].endswith(" what about &lt;!here&gt; &amp; co? who?")
    assert labels(guide_message([])) == []
    assert judge_message(message) == []


def test_a_failure_is_a_reference_and_nothing_else() -> None:
    message = failure_message("0a1b2c3d")
    assert texts(message, "plain_text") == [message["text"]]
    assert message["text"].endswith("give your admin this reference: 0a1b2c3d.")


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_is_one_sentence(reason: str) -> None:
    message = refusal_message(reason)
    assert texts(message, "plain_text") == [REFUSALS[reason]]
    assert judge_message(message) == []


# What governs a quote


def governed(text: str, quote: str, kind: PassageKind, *leads: str, more: int = 0) -> Citation:
    """A citation of a passage that follows these lines of its document."""
    above = "".join(f"{lead}\n" for lead in leads)
    places = [above.index(lead) for lead in leads]
    spans = tuple(
        Lead(start, start + len(lead), Role.INTRODUCTION)
        for start, lead in zip(places, leads, strict=True)
    )
    starts = [match.start() + len(above) for match in re.finditer("(?m)^", text)]
    ends = [start - 1 for start in starts[1:]] + [len(above + text)]
    items = tuple(map(Item, starts, ends)) if kind is PassageKind.LIST else ()
    document = Document("a.md", above + text, "Notes")
    passage = Passage(
        document,
        len(above),
        len(above + text),
        6,
        (7, 9),
        kind=kind,
        leads=spans,
        items=items,
        more=more,
    )
    start = len(above) + text.index(quote)
    return Citation(passage, start, start + len(quote))


NEVER = "You may never claim:"
FINES = governed("- tolls\n- fines\n- fares", "- fines", PassageKind.LIST, "Is it?", NEVER)
CODE = governed("if on:\n    stop()", "if on:\n    stop()", PassageKind.CODE, "Stop it with:")


def runs(message: Message) -> list[tuple[str, bool]]:
    """Each run of words, and whether it is in a style."""
    return [
        (part["text"], "style" in part)
        for part in parts(message["blocks"])
        if part["type"] == "text"
    ]


def test_leads_stand_above_a_quote_without_style_and_its_list_keeps_its_lines() -> None:
    expected = [
        ("Is it?\n", False),
        (f"{NEVER}\n", False),
        ("- tolls\n", False),
        ("- fines", True),
        ("\n- fares", False),
    ]
    message = answered(FINES)
    assert runs(message) == expected
    assert runs(said(Closest(citations=(FINES,), corpus="hash")))[1:] == expected
    assert message["text"] == f"Is it? {NEVER} - fines"
    assert judge_message(message) == []


def test_leads_are_shared_and_stand_above_further_passages_too() -> None:
    question, answer = Question("what?"), Answered(citations=(cited(), FINES), corpus="hash")
    shared = shared_message(answer, ButtonState.of(question, answer), "U7")
    assert runs(shared)[-3:] == [("Is it?\n", False), (f"{NEVER}\n", False), ("- fines", False)]


def test_code_is_shown_as_a_code_block_below_its_lead() -> None:
    message = answered(CODE)
    above, code = message["blocks"][0]["elements"]
    assert [above["type"], code["type"]] == ["rich_text_quote", "rich_text_preformatted"]
    assert runs(message) == [("Stop it with:", False), ("if on:\n    stop()", False)]
    assert message["text"] == "Stop it with: if on: stop()"
    assert judge_message(message) == []


def test_a_list_that_goes_on_says_how_many_items_follow() -> None:
    message = answered(governed("- tolls\n- fines", "- fines", PassageKind.LIST, more=8))
    assert runs(message)[-1] == ("\n… and 8 more", False)


def test_long_leads_are_cut_between_words_where_a_message_is_too_large() -> None:
    leads = (f"Which {'words ' * 48}", f"These {'words ' * 48}")
    citation = governed("- " + "word " * 4000, "- " + "word " * 4000, PassageKind.LIST, *leads)
    citation = replace(citation, also=tuple("x" * 300 for _ in range(3)))
    message = said(Answered(citations=(citation,) * 5, corpus="hash", notes=("note " * 600,) * 3))
    assert judge_message(message) == []
    cut = [text for text, _ in runs(message) if text.startswith(("Which", "These"))]
    assert len(cut) == 10
    assert all(text.endswith(("words…\n", "words\n")) for text in cut)


def test_a_long_lead_without_a_space_keeps_its_beginning() -> None:
    citation = governed("- " + "word " * 4000, "- " + "word " * 4000, PassageKind.LIST, "W" * 290)
    citation = replace(citation, also=tuple("x" * 300 for _ in range(3)))
    message = said(Answered(citations=(citation,) * 5, corpus="hash", notes=("note " * 600,) * 3))
    cut = [text for text, _ in runs(message) if text.startswith("W")]
    assert len(cut) == 5
    assert all(text.endswith("W…\n") for text in cut)


SHIPS = """\
# Ships

You may never bring the following:

- horses
- cows

The fares are:

| Ship | Fare |
| --- | --- |
| Zephyr | 7 |
| Mistral | 9 |

Start the pump with:

```
if pump:
    start()
```
"""


def test_more_context_finds_a_quote_whose_paragraph_was_edited_around_it() -> None:
    text = "Ships carry goods. The Zephyr carries forty horses at a time. Boats do not."
    before = answerer_from({"ships.md": text}, hash="before")
    question = Question("how many horses does the Zephyr carry?")
    state = ButtonState.of(question, before.answer(question))
    edited = text.replace("Ships carry goods", "Ships carry wine and oil")
    after = answerer_from({"ships.md": edited}, hash="after")
    told = json.dumps(context_view(state, after.index))
    assert "what was quoted still stands, word for word" in told
    assert "Ships carry wine and oil" in told
    gone = answerer_from({"ships.md": text.replace("forty", "fifty")}, hash="gone")
    assert "may have been changed or removed" in json.dumps(context_view(state, gone.index))


def test_more_context_names_the_owner_and_the_review_date() -> None:
    told = {}
    for fields in ("owner: Ann\nreview: 2027-01-31", "review: 2027-01-31", "rights: mine"):
        answerer = answerer_from({"ships.md": f"---\n{fields}\n---\n{SHIPS}"})
        question = Question("what is the fare of the Zephyr?")
        state = ButtonState.of(question, answerer.answer(question))
        told[fields] = json.dumps(context_view(state, answerer.index), ensure_ascii=False)
    both, review, none = told.values()
    assert "Owner: Ann \u00b7 review by 2027-01-31" in both
    assert '"Review by 2027-01-31"' in review
    assert "eview" not in none


def test_more_context_shows_each_list_row_and_code_block_once_below_its_lead() -> None:
    answerer = answerer_from({"ships.md": SHIPS})
    question = Question("what is the fare of the Zephyr?")
    state = ButtonState.of(question, answerer.answer(question))
    view = context_view(state, answerer.index)
    told = [
        "".join(part["text"] for part in parts(element) if part["type"] == "text")
        for block in view["blocks"]
        if block["type"] == "rich_text"
        for element in block["elements"]
    ]
    assert told == [
        "You may never bring the following:\n- horses\n- cows",
        "The fares are:\nShip: Zephyr · Fare: 7",
        "Ship: Mistral · Fare: 9",
        "Start the pump with:",
        "if pump:\n    start()",
    ]
    kinds = [part["type"] for part in parts(view["blocks"])]
    assert kinds.count("rich_text_quote") == kinds.count("rich_text_preformatted") == 1
    assert judge_view(view) == []


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
def test_a_title_with_an_address_is_a_link_whose_text_is_not_parsed(title: str, label: str) -> None:
    message = answered(cited(TEXT, QUOTE, title=title, url=f"{URL}?a=1&b=2", heading="<@U1>"))
    [link] = texts(message, "mrkdwn")
    assert link.startswith(f"<{URL}?a=1&amp;b=2#:~:text=The%20truce")
    assert link.endswith(f"|{label}>")
    assert lines(message) == ["<@U1> · paragraph 6"]
    assert judge_message(message) == []


def test_a_title_without_an_address_is_not_parsed() -> None:
    message = answered(cited(title="*The* <!channel>"))
    assert lines(message) == ["*The* <!channel> · paragraph 6"]
    assert texts(message, "mrkdwn") == []


# Long ones


@pytest.mark.parametrize("position", [0, 10_000, 19_971])
def test_a_long_paragraph_is_cut_around_the_whole_quote(
    position: int,
) -> None:
    filling = ("word " * 4000)[: 20_000 - len(QUOTE)]
    message = answered(cited(filling[:position] + QUOTE + filling[position:], QUOTE))
    assert bold(message) == [QUOTE]
    told = texts(message, "text")
    assert told[0].startswith("…") == (position > 0)
    assert told[-1].endswith("…") == (position < 19_971)
    assert 1000 < len("".join(told)) < 3000


def test_a_long_sentence_is_cut_with_an_ellipsis() -> None:
    message = answered(cited("word " * 1000 + "end. It ends.", "word " * 1000 + "end."))
    [quote] = bold(message)
    assert quote.startswith("word word")
    assert quote.endswith("word…")
    assert 1000 < len(quote) < 3000
    assert texts(message, "text")[-1] == " It ends."


def test_three_long_passages_with_long_places_fit_in_one_message() -> None:
    long = "word " * 4000
    citation = cited(long, title=long, heading=long, url=f"{URL}?{'a' * 400}")
    message = answered(citation, citation, citation)
    assert len(texts(message, "mrkdwn")) == 3
    assert judge_message(message) == []


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
    above = draw(st.just("") | HOSTILE)
    text, start, end = above + text, len(above) + start, len(above) + end
    document = Document("a.txt", text, draw(HOSTILE), draw(URLS))
    heading = draw(st.none() | HOSTILE)
    passage = Passage(
        document,
        len(above),
        len(text),
        1,
        (1, 1),
        (heading,) if heading else (),
        kind=draw(st.sampled_from(PassageKind)),
        leads=(Lead(0, len(above), draw(st.sampled_from(Role))),) if above else (),
        items=(Item(len(above), len(text)),),
        more=draw(st.integers(0, 3)),
    )
    return Citation(passage, start, end)


CITED = st.lists(citations(), min_size=1, max_size=3).map(tuple)
SAID = st.lists(HOSTILE, max_size=12).map(tuple)
CORPUS = st.just("hash")
ANSWERS = st.one_of(
    st.builds(Answered, citations=CITED, corpus=CORPUS, missing=SAID, notes=SAID),
    st.builds(Closest, citations=CITED, corpus=CORPUS, missing=SAID, notes=SAID),
    st.builds(NotFound, corpus=CORPUS, missing=SAID, notes=SAID),
)


@given(ANSWERS)
def test_no_answer_can_mention_link_or_break_a_message(answer: Answer) -> None:
    assert judge_message(said(answer)) == []


@given(citations())
def test_a_notification_reads_as_the_quote(citation: Citation) -> None:
    text = html.unescape(answered(citation)["text"])
    quote = in_one_line(citation)
    assert not set(text) & set("\r\n")
    assert text == quote or (text.endswith("…") and quote.startswith(text[:-1]))


@given(st.lists(HOSTILE, max_size=3))
def test_no_example_can_mention_link_or_break_the_guide(examples: list[str]) -> None:
    assert judge_message(guide_message(examples)) == []


def test_the_command_line_prints_the_message_and_a_link_that_shows_its_blocks(run: Run) -> None:
    ran = run("ask", "--blocks", "what does the truce cover?")
    *message, link = ran.out.splitlines()
    address, _, blocks = link.partition("#")
    assert (ran.status, address) == (0, "https://app.slack.com/block-kit-builder/")
    assert json.loads(unquote(blocks)) == {"blocks": json.loads("\n".join(message))["blocks"]}


# several questions in one


def test_each_part_is_labelled_as_answered_or_only_close() -> None:
    both = replace(cited(), part=1, also_parts=(3,))
    near = replace(cited(QUOTE), part=2, is_closest=True)
    above = lines(answered(both, near))
    assert "To the first and third part of the question:" in above
    assert "Closest to the second part of the question:" in above


def test_a_button_remembers_the_parts_of_what_it_shows() -> None:
    one = answerer_of("The truce covers air and sea. It is signed.")
    [first] = one.answer(Question("what does the truce cover?")).citations
    near = replace(first, part=2, also_parts=(3,), is_closest=True)
    found = Mark.of(near).found_in(one.index)
    assert found is not None
    assert (found.part, found.also_parts, found.is_closest) == (2, (3,), True)
