import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from symspellpy import SymSpell, Verbosity

from bot.answering.answerer import Answerer
from bot.english.questions import normal
from bot.english.spelling import (
    SHORTHAND,
    Speller,
    is_english,
    nearest,
    other_spellings,
    rarity,
)
from bot.english.text import words
from bot.model import Question
from tests.frequent_words import FREQUENCIES

ENGLISH = list(FREQUENCIES)

VOCABULARY = {
    "britain": 4,
    "brittany": 1,
    "ceasefire": 2,
    "clan": 9,
    "guarantee": 2,
    "macron": 5,
    "negotiations": 1,
    "plan": 3,
    "truce": 1,
    "unrepealed": 1,
    "2025": 7,
}


def nearest_in(vocabulary: dict[str, int], word: str) -> str | None:
    return nearest(
        word, Speller(lambda: "\n".join(vocabulary)).fuzzy, lambda other: vocabulary.get(other, 0)
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("truse", "truce"),  # another letter
        ("trruce", "truce"),  # one too many
        ("trce", "truce"),  # one too few
        ("turce", "truce"),  # two swapped
        ("tursec", None),  # two errors in a short word
        ("cesefirre", "ceasefire"),  # two errors in a long one
        ("garantie", "guarantee"),
        ("negosiashuns", None),
        ("macrn", "macron"),
        ("britian", "britain"),
        ("xlan", "clan"),  # of "plan" and "clan" the more frequent
        ("pclan", "plan"),  # of both the one that begins alike
        ("untruce", None),  # the opposite
        ("truce", "truce"),
        ("quantum", None),
        ("repealed", None),  # not "unrepealed"
    ],
)
def test_the_nearest_word_is_the_one_that_was_meant(written: str, meant: str | None) -> None:
    assert nearest_in(VOCABULARY, written) == meant


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("colours", "colors"),
        ("organisation", "organization"),
        ("centre", "center"),
        ("programmes", "programs"),
        ("practised", "practiced"),
        ("grey", "gray"),
        ("defence", "defense"),
        ("enrol", "enroll"),
    ],
)
def test_a_word_may_be_spelt_in_two_ways(british: str, american: str) -> None:
    assert american in other_spellings(british)
    assert british in other_spellings(american)


@pytest.mark.parametrize("word", ["bridge", "oak", "4our", ""])
def test_most_words_are_spelt_in_one_way(word: str) -> None:
    assert list(other_spellings(word)) == []


@pytest.mark.parametrize("word", ["", "a", "pla", "trc", "2024", "b4", "mp3s", "truc's", "t-ruce"])
def test_short_words_and_what_is_not_all_letters_are_left_alone(word: str) -> None:
    assert nearest_in(VOCABULARY, word) is None


def test_an_empty_vocabulary_has_no_nearest_word() -> None:
    assert nearest_in({}, "truce") is None


@pytest.mark.slow
@given(st.text())
def test_the_nearest_word_comes_from_the_vocabulary(word: str) -> None:
    assert nearest_in(VOCABULARY, word) in (None, *VOCABULARY)


SYMSPELL = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
for common in ENGLISH[:5000]:
    SYMSPELL.create_dictionary_entry(common, 1)
COMMON = Speller(lambda: "\n".join(ENGLISH[:5000]))


@given(
    st.sampled_from([word for word in ENGLISH[:5000] if len(word) > 3]),
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from("aeinst "), st.booleans()), max_size=3),
    st.sampled_from([1, 2]),
)
def test_fuzzy_lookup_finds_the_same_words_as_symspell(
    word: str, slips: list[tuple[int, str, bool]], errors: int
) -> None:
    for place, letter, swapped in slips:
        before, after = word[:place], word[place:]
        if swapped:
            word = before + after[1:2] + after[:1] + after[2:]
        else:
            word = before + letter.strip() + after[letter == " " :]
    assume(len(word) >= (4 if errors == 1 else 8))
    found = SYMSPELL.lookup(word, Verbosity.ALL, max_edit_distance=errors)
    assert sorted(COMMON.fuzzy(word, errors)) == sorted(near.term for near in found)


# What is a right word is never read as another.


def notes(answerer: Answerer, word: str) -> list[str]:
    return [note for note in answerer.answer(Question(word)).notes if "I read" in note]


@given(st.sampled_from(ENGLISH))
def test_a_right_english_word_is_never_corrected(article: Answerer, word: str) -> None:
    assert notes(article, word) == []


def test_no_word_of_the_article_is_corrected(article: Answerer) -> None:
    for passage in article.index.passages_of("coalition-of-the-willing.txt"):
        for word in words(passage.text):
            assert notes(article, passage.text[word.start : word.end]) == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ceesefire", ["I read “ceesefire” as “ceasefire”."]),
        ("ukrane", ["I read “ukrane” as “ukraine”."]),
        ("trice", []),  # one letter from "truce", and English
        ("trce", ["I read “trce” as “truce”."]),
        ("wifi", []),
    ],
)
def test_a_misspelt_word_of_the_article_is_read_as_it_was_meant(
    article: Answerer, written: str, read: list[str]
) -> None:
    assert notes(article, written) == read


# How rare words are.


def test_a_rarer_word_has_more_rarity() -> None:
    ordered = ["the", "people", "parliament", "truce", "xyzzyq"]
    found = [rarity(word) for word in ordered]
    assert found == sorted(found)
    assert (found[0], found[-1]) == (0, 1)


@given(st.one_of(st.text(), st.sampled_from(ENGLISH)))
def test_rarity_is_between_0_and_1_and_is_1_for_non_english_words(word: str) -> None:
    assert 0 <= rarity(word) <= 1
    assert is_english(word) is (rarity(word) < 1)


@pytest.mark.parametrize(
    ("word", "english"),
    [("truce", True), ("the", True), ("trce", False), ("", False), ("the 2", False), ("\n", False)],
)
def test_only_whole_words_on_the_list_are_english(word: str, english: bool) -> None:
    assert is_english(word) is english


def test_rarity_follows_the_frequency_list_from_first_to_last() -> None:
    for word in (min(FREQUENCIES), max(FREQUENCIES), *ENGLISH[:100], *ENGLISH[-100:]):
        assert rarity(word) == 1 - math.log(FREQUENCIES[word]) / math.log(23_135_851_162)


# What people type for a word.


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("wats the plan abt kyiv?", "what is the plan about kyiv?"),
        ("pls tell ppl 2moro", "please tell people tomorrow"),
        ("w/o troops, w/ a plan", "without troops, with a plan"),
        ("whens the mtg btw them", "when is the meeting between them"),
        ("who r u", "who are you"),
        ("hes late", "he is late"),
        ("he's late", "he's late"),
        ("the wattage", "the wattage"),
    ],
)
def test_shorthand_is_written_out(typed: str, read: str) -> None:
    assert normal(typed) == read


@pytest.mark.parametrize(
    "short",
    SHORTHAND,
)
def test_every_shorthand_is_written_out_within_a_question(short: str) -> None:
    assert normal(f"what {short.upper()} it?") == f"what {SHORTHAND[short]} it?"
