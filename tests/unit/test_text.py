import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(st.text())
def test_every_word_stands_where_it_says(text: str) -> None:
    found = words(text)
    assert all(plain(text[word.start : word.end]) == word.plain for word in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


@given(st.text(alphabet=st.sampled_from("Ab .?!\n“”’é👍\u200f")))
def test_sentences_are_in_order_apart_and_leave_out_only_space(text: str) -> None:
    spans = sentences(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    kept = "".join(text[span.start : span.end] for span in spans)
    assert "".join(kept.split()) == "".join(text.split())
