import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.english.sentences import MAX_SENTENCE_LENGTH
from bot.english.text import plain, sentences, words


@pytest.mark.parametrize(
    ("written", "looked_up_as"),
    [
        ("Élysée", "elysee"),
        ("Ukraine’s", "ukraine"),
        ("Ukraine's", "ukraine"),
        ("U.S.", "us"),
        ("what's", "what"),
        ("don’t", "do"),
        ("O'Brien", "o'brien"),
        ("ﬁeld", "field"),
    ],
)
def test_a_word_is_looked_up_without_case_accents_and_endings(
    written: str, looked_up_as: str
) -> None:
    assert plain(written) == looked_up_as


def test_a_hyphen_divides_words() -> None:
    assert [word.plain for word in words("post-war, one-month")] == ["post", "war", "one", "month"]


def test_function_words_and_courtesy_titles_are_not_content() -> None:
    assert [w.plain for w in words("What did Mr Macron say of the truce?") if w.is_content] == [
        "macron",
        "say",
        "truce",
    ]


def test_forms_of_a_word_share_a_stem() -> None:
    terms = [word.term for word in words("guarantee guarantees guaranteed")]
    assert len(set(terms)) == 1


def test_a_sentence_does_not_end_at_an_abbreviation() -> None:
    text = "Mr. Trump met him at 3 p.m. on Feb. 28. Really? He did."
    assert [text[start:end] for start, end in sentences(text)] == [
        "Mr. Trump met him at 3 p.m. on Feb. 28.",
        "Really?",
        "He did.",
    ]


@pytest.mark.parametrize(
    "same",
    [
        ["v2.3.1", "2.3.1", "V2.3.1"],
        ["25MB", "25 MB", "25 mb", "25 megabytes"],
        ["9am", "9 am", "9 a.m.", "9:00 a.m.", "09:00"],
        ["5pm", "17:00", "5.00 p.m."],
        ["10,000", "10 000", "10\u00a0000", "10000", "10k"],
        ["21", "twenty-one", "twenty one"],
        ["8h", "8 hours", "8 hrs"],
        ["14th", "14", "fourteenth"],
        ["3rd", "third"],
        ["March 3rd", "March 3", "March third"],
        ["2026-03-14", "2026 March 14th"],
        ["50 pounds", "50 GBP", "50£"],
        ["12.5%", "12.5 percent"],
        ["3 kg", "3kg", "3 kilos"],
        ["U.K.", "UK"],
        ["R&D", "R & D", "r&d"],
        ["building one", "building 1"],
        ["étude", "e\u0301tude", "etude"],
        ["information", "infor\u00admation", "infor\u200bmation", "infor-\nmation"],
        ["office", "oﬃce", "ｏｆｆｉｃｅ"],
    ],
)
def test_spelling_variants_are_looked_up_as_one(same: list[str]) -> None:
    assert len({tuple(word.term for word in words(text)) for text in same}) == 1


@pytest.mark.parametrize(
    "apart",
    [
        ["C", "C++", "C#", "F#", "F"],
        ["net", ".NET"],
        ["R", "D", "R&D"],
        ["A+", "A"],
        ["2.3.1", "2.1.0", "2.3"],
        ["E1042", "E1043"],
        ["9am", "9pm", "9"],
        ["10 000", "10 00"],
        ["in May", "in may I"],
        ["the IT form", "the it form"],
        ["grade A", "grade B"],
    ],
)
def test_different_names_are_different_words(apart: list[str]) -> None:
    assert len({tuple(word.term for word in words(text)) for text in apart}) == len(apart)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("the WHO form", ["WHO", "form"]),
        ("WHO IS IT FOR", []),
        ("you must NOT", []),
        ("a grade A for May", ["grade", "A", "May"]),
        ("You May Not", []),
        ("from 1 May", ["1", "May"]),
    ],
)
def test_function_words_in_capitals_are_names(text: str, content: list[str]) -> None:
    assert [word.plain for word in words(text) if word.is_content] == content


PIECES = (
    "9 10 000 a.m. am twenty one 2026-04-14 £ € MB k h C ++ # R & D A May WHO v2 . - 3rd".split()
)


@given(st.one_of(st.text(), st.lists(st.sampled_from([*PIECES, " ", "\n"])).map("".join)))
def test_words_are_found_in_the_text_and_do_not_overlap(text: str) -> None:
    found = words(text)
    assert all(text[word.start : word.end].strip() and word.plain for word in found)
    assert all(" " not in word.term for word in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


@given(st.text(alphabet=st.sampled_from("Ab .?!\n“”’é👍\u200f")))
def test_sentences_are_in_order_do_not_overlap_and_omit_only_space(text: str) -> None:
    spans = sentences(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    kept = "".join(text[span.start : span.end] for span in spans)
    assert "".join(kept.split()) == "".join(text.split())


LONG = {
    "Chinese": "政府宣布了新的计划。",
    "one word": "计",
    "quotes": "“Yes.” ",
    "English": "The mayor signs the plan. It costs five pounds! ",
    "no stop": "the mayor signs the plan and ",
    "lists": "1. ",
    "spaces": " ",
}


@pytest.mark.parametrize("kind", LONG)
def test_a_long_paragraph_is_split_in_linear_time_and_loses_nothing(kind: str) -> None:
    def seconds(text: str) -> float:
        begun = time.process_time()
        spans = sentences(text)
        took = time.process_time() - begun
        assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
        assert all(end - start <= MAX_SENTENCE_LENGTH for start, end in spans)
        return took

    once = LONG[kind] * (100_000 // len(LONG[kind]))
    assert seconds(once * 8) < max(0.1, 24 * seconds(once))


def test_long_and_short_paragraphs_are_split_alike() -> None:
    sentence = "Dr. Smith paid £3.50 to Mr. Lee on Jan. 5, i.e. at once. "
    assert len(sentences(sentence * 500)) == 500 * len(sentences(sentence))
