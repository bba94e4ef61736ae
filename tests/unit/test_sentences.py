"""Where one sentence ends and the next begins."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.english.sentences import MAX_SENTENCE_LENGTH, sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "first",
    [
        "It takes approx. 3 days.",
        "Approx. Three days pass.",
        "See no. 5 and fig. 3 on p. 12.",
        "Ticket No. A5 is gone.",
        "Bring snacks, e.g. Apples, i.e. Fruit.",
        "Use v2.4.",
        "We use .NET Core on Node.js 3.1.",
        "J. R. R. Tolkien met John F. Kennedy.",
        "Ask Dr. Smith, Prof. A. Jones or Gen. Lee.",
        "It is in St. Louis near Mt. Everest.",
        "Open from 9 a.m. Monday to 5 p.m. Friday.",
        "It begins on Mon. 5 Jan. 2026.",
        "Read https://example.com/a.Html?x=y.Z now.",
        "Open report.Final.docx or readme.Md.",
        "Mail Jane.Doe@Example.org today.",
        "Version 1.2.Beta is out.",
        "Call foo.Bar() and System.Console.WriteLine.",
        "Step 2. Close the door.",
        "Step 2.\nClose it.",
    ],
)
def test_a_full_stop_inside_an_abbreviation_or_number_ends_no_sentence(first: str) -> None:
    assert cut(f"{first} The next begins.") == [first, "The next begins."]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("The text ends here.Next comes another.", "The text ends here."),
        ("We went to Paris.The food was good.", "We went to Paris."),
        ("It is free (see below).Next comes another.", "It is free (see below)."),
        ("It costs 5.50.The rest is free.", "It costs 5.50."),
        ("Is it open?Yes, it is.", "Is it open?"),
        ("So it ends...Next comes another.", "So it ends..."),
        ("The answer is no. Ask again.", "The answer is no."),
        ("It is made by Widgets Ltd. They sell it.", "It is made by Widgets Ltd."),
        ("The shop is in Main St. The door is open.", "The shop is in Main St."),
        ("She lives in the U.S. He does not.", "She lives in the U.S."),
    ],
)
def test_a_sentence_ends_where_the_blank_is_missing_or_an_abbreviation_is_last(
    text: str, first: str
) -> None:
    assert cut(text) == [first, text[len(first) :].strip()]


@pytest.mark.parametrize(
    "piece",
    [
        "这是句子。",
        "这是",
        "ภาษาไทย",
        "मैं घर गया। ",
        "word ",
        "a.",
        "a!",
        "e.g. ",
        "(“ ",
        "here.Next ",
        "J. ",
    ],
)
def test_a_long_paragraph_of_any_script_is_cut_in_linear_time(piece: str) -> None:
    def seconds(text: str) -> float:
        start = time.process_time()
        found = sentences(text)
        assert max(end - start for start, end in found) <= MAX_SENTENCE_LENGTH
        assert "".join("".join(cut(text)).split()) == "".join(text.split())
        return time.process_time() - start

    short, long = (piece * (length // len(piece)) for length in (15_000, 60_000))
    assert seconds(long) < 12 * min(seconds(short) for _ in range(3)) + 0.05


@given(st.text(alphabet=st.sampled_from("Ab .?!\n“”’é。1@/"), max_size=60))
def test_nothing_but_space_is_left_out(text: str) -> None:
    spans = sentences(text)
    assert all(before.end <= after.start for before, after in itertools.pairwise(spans))
    assert "".join("".join(cut(text)).split()) == "".join(text.split())
