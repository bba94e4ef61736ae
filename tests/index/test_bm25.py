import math
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Plus

from bot.answering.matching import length_norm, saturated_tf
from bot.index.memory import BM25

TERMS = st.sampled_from(["air", "sea", "truce", "putin", "plan"])
PASSAGES = st.lists(st.lists(TERMS, max_size=12), min_size=1, max_size=12).filter(any)


def textbook(
    passages: list[list[str]], query: list[str], k1: float = 1.5, b: float = 0.75
) -> list[float]:
    """BM25 as a textbook writes it, with the idf ln((N + 1) / n)."""
    average = sum(map(len, passages)) / len(passages)
    scores = []
    for passage in passages:
        counts, total = Counter(passage), 0.0
        for term in query:
            n = sum(term in other for other in passages)
            if n:
                f = counts[term]
                weight = f * (k1 + 1) / (f + k1 * (1 - b + b * len(passage) / average))
                total += math.log((len(passages) + 1) / n) * weight
        scores.append(total)
    return scores


def of_engine(engine: BM25, query: list[str]) -> list[float]:
    total = np.zeros(engine.size)
    for term in query:
        for position, score in zip(*engine.scores(term), strict=True):
            total[position] += score
    return [float(score) for score in total]


@given(PASSAGES, st.lists(TERMS, max_size=6))
def test_scores_are_those_of_the_package_to_the_bit(
    passages: list[list[str]], query: list[str]
) -> None:
    expected = [float(score) for score in BM25Plus(passages, delta=0).get_scores(query)]
    assert of_engine(BM25(passages), query) == expected


@given(PASSAGES, st.lists(TERMS, max_size=6))
def test_scores_agree_with_a_textbook(passages: list[list[str]], query: list[str]) -> None:
    assert np.allclose(of_engine(BM25(passages), query), textbook(passages, query))


def test_a_word_in_every_passage_still_finds_the_best_one() -> None:
    engine = BM25([["truce", "air"], ["truce", "truce"], ["truce", "sea"]])
    assert engine.candidates({"truce": 1.0}, 3) == [1, 0, 2]


def test_a_passage_without_any_word_is_not_a_candidate() -> None:
    assert BM25([["air"], ["sea"]]).candidates({"sea": 1.0, "space": 1.0}, 9) == [1]


def test_the_earlier_of_equal_passages_comes_first() -> None:
    assert BM25([["sea"], ["air"], ["air"]]).candidates({"air": 1.0}, 2) == [1, 2]


def test_a_weight_counts() -> None:
    engine = BM25([["air"], ["sea"]])
    assert engine.candidates({"air": 0.5, "sea": 1.0}, 2) == [1, 0]


def test_passages_without_a_term_and_no_passages_at_all_are_no_error() -> None:
    nothing: list[list[list[str]]] = [[], [[]], [[], []]]
    for passages in nothing:
        engine = BM25(passages)
        assert engine.candidates({"air": 1.0}, 3) == []
        assert engine.frequency("air") == 0


def test_a_term_s_frequency_is_the_number_of_passages_that_have_it() -> None:
    engine = BM25([["air", "air", "sea"], ["air"]])
    assert [engine.frequency(term) for term in ("air", "sea", "nowhere")] == [2, 1, 0]


def test_candidates_are_limited_to_the_given_passages() -> None:
    engine = BM25([["air", "air"], ["air"], ["sea"]])
    assert engine.candidates({"air": 1.0}, 9, among={1, 2}) == [1]


@given(PASSAGES, TERMS)
def test_the_saturated_tf_of_a_term_is_its_score_without_its_rarity(
    passages: list[list[str]], term: str
) -> None:
    engine = BM25(passages)
    average = sum(map(len, passages)) / len(passages)
    for position, score in zip(*engine.scores(term), strict=True):
        count, length = passages[position].count(term), len(passages[position])
        idf = math.log((engine.size + 1) / engine.frequency(term))
        assert math.isclose(idf * saturated_tf(count, length_norm(length, average)), score)
