import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QuestionSetError
from bot.evaluation.cases import Case, Result, evaluate, read_cases
from bot.evaluation.report import Share, scores
from bot.model import Answer, Answered, Citation, Closest, Document, NotFound, Passage, Question

TRUCE = "what does the truce cover?"
LINE: dict[str, Any] = {
    "id": "1",
    "question": TRUCE,
    "kind": "plain",
    "answerable": True,
    "paragraphs": [1],
    "contains": ["air and sea"],
}


def case(**changes: Any) -> Case:
    values: dict[str, Any] = {
        "name": "1",
        "question": Question(TRUCE),
        "kind": "plain",
        "answerable": True,
        "paragraphs": frozenset({1}),
        "contains": ("air and sea",),
        "all_of": frozenset(),
        "document": None,
    }
    return Case(**values | changes)


def cited(number: int, quote: str = "It covers air and sea.", path: str = "a.txt") -> Citation:
    document = Document(path, quote, "Title")
    passage = Passage(document, 0, len(quote), number, (number, number))
    return Citation(passage, 0, len(quote))


def answered(*citations: Citation) -> Answer:
    return Answered(citations=citations, corpus="hash")


NOTHING = NotFound(corpus="hash")


def write(folder: Path, *lines: dict[str, Any]) -> Path:
    file = folder / "set.jsonl"
    file.write_text("\n\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("paragraphs", "first", "among_three"),
    [
        ([1, 2, 3], True, True),
        ([2, 1, 3], False, True),
        ([2, 3, 1], False, True),
        ([2, 3, 4, 1], False, False),
        ([2], False, False),
        ([], False, False),
    ],
)
def test_a_right_passage_counts_as_first_and_among_three(
    paragraphs: list[int], first: bool, among_three: bool
) -> None:
    answer = answered(*map(cited, paragraphs)) if paragraphs else NOTHING
    result = Result(case(), answer)
    assert (result.first, result.among_three) == (first, among_three)


def test_any_of_several_right_passages_will_do() -> None:
    assert Result(case(paragraphs=frozenset({1, 7})), answered(cited(7))).first


def test_a_passage_of_another_document_is_wrong_where_one_is_named() -> None:
    assert Result(case(document="a.txt"), answered(cited(1))).first
    assert not Result(case(document="b.txt"), answered(cited(1))).first
    assert Result(case(document="b.txt"), answered(cited(1), cited(1, path="b.txt"))).among_three


@pytest.mark.parametrize(
    ("quote", "right"),
    [
        ("It covers air and sea.", True),
        ("It covers land and sea.", True),
        ("It covers AIR AND SEA.", False),
        ("It ends in May.", False),
    ],
)
def test_a_right_quote_holds_one_of_the_strings(quote: str, right: bool) -> None:
    asked = case(contains=("air and sea", "land"))
    assert Result(asked, answered(cited(1, quote))).quote is right


def test_only_the_first_quote_counts() -> None:
    assert not Result(case(), answered(cited(1, "It ends in May."), cited(2))).quote
    assert not Result(case(), NOTHING).quote


def test_a_whole_answer_shows_every_part() -> None:
    parts = case(all_of=frozenset({1, 3}))
    assert Result(parts, answered(cited(3), cited(1))).whole
    assert not Result(parts, answered(cited(1), cited(2))).whole
    assert not Result(parts, NOTHING).whole


FAR = {"kind": "far", "answerable": False, "paragraphs": frozenset(), "contains": ()}
RESULTS = [
    Result(case(), answered(cited(1))),
    Result(case(**FAR), NOTHING),
    Result(case(), Closest(citations=(cited(2, "No."), cited(1)), corpus="hash")),
    Result(case(**FAR), answered(cited(1))),
    Result(case(all_of=frozenset({1, 2})), NOTHING),
    Result(case(), answered(cited(1, "It ends in May."))),
]


@pytest.mark.parametrize(
    ("figure", "plain", "far", "both"),
    [
        ("first", (2, 4), (0, 0), (2, 4)),
        ("among_three", (3, 4), (0, 0), (3, 4)),
        ("quote", (1, 4), (0, 0), (1, 4)),
        ("whole", (0, 1), (0, 0), (0, 1)),
        ("right_of_answered", (2, 2), (0, 1), (2, 3)),
        ("answered_rightly", (2, 4), (0, 0), (2, 4)),
        ("unanswerable_answered", (0, 0), (1, 2), (1, 2)),
        ("answerable_not_found", (1, 4), (0, 0), (1, 4)),
    ],
)
def test_each_figure_counts_hits_and_totals_by_kind_and_overall(
    figure: str, plain: tuple[int, int], far: tuple[int, int], both: tuple[int, int]
) -> None:
    found = [getattr(score, figure) for score in scores(RESULTS)]
    assert [(share.hits, share.of) for share in found] == [plain, far, both]


def test_kinds_come_in_their_order_with_their_outcomes_and_all_at_the_end() -> None:
    plain, far, both = scores(RESULTS)
    assert [(s.kind, s.questions) for s in (plain, far, both)] == [
        ("plain", 4),
        ("far", 2),
        ("all", 6),
    ]
    assert plain.outcomes == {"answered": 2, "closest": 1, "not_found": 1, "no_question": 0}


@given(st.lists(st.booleans(), min_size=1, max_size=30))
@settings(max_examples=20)
def test_a_share_lies_in_its_reproducible_interval(right: list[bool]) -> None:
    results = [Result(case(), answered(cited(1 if hit else 2))) for hit in right]
    share = scores(results)[-1].first
    assert share.value == sum(right) / len(right)
    assert 0 <= share.low <= share.value <= share.high <= 1
    assert (share.low == share.high) or (0 < share.value < 1)
    assert scores(results)[-1].first == share


def test_a_share_of_nothing_is_zero() -> None:
    assert scores([])[-1].first == Share(0, 0, 0.0, 0.0)
    assert Share(0, 0, 0.0, 0.0).value == 0


def test_every_question_is_asked_once_with_what_was_asked_before_it(tmp_path: Path) -> None:
    lines = [LINE, {**LINE, "id": 2, "after": ["who?"], "document": "a.txt", "all_of": [1, 2]}]
    asked: list[Question] = []

    def answer(question: Question) -> Answer:
        asked.append(question)
        return NOTHING

    first, second = evaluate(read_cases(write(tmp_path, *lines)), answer)
    assert asked == [Question(TRUCE), Question(TRUCE, ("who?",))]
    assert first.case == case()
    assert second.case.name == "2"
    assert (second.case.all_of, second.case.document) == (frozenset({1, 2}), "a.txt")


@pytest.mark.parametrize(
    "changed",
    [
        *({name: None} for name in LINE if name in ("question", "paragraphs", "contains")),
        {"question": 5},
        {"after": "who?"},
        {"paragraphs": "1"},
        {"paragraphs": ["one"]},
        {"contains": "air"},
        {"all_of": 1},
    ],
)
def test_a_line_that_is_not_a_valid_question_is_named(
    changed: dict[str, Any], tmp_path: Path
) -> None:
    file = write(tmp_path, LINE, LINE | changed)
    with pytest.raises(QuestionSetError) as caught:
        read_cases(file)
    assert str(caught.value).startswith(f"{file}:3: not a question of a set (")
    assert "it needs id, question, kind, answerable, paragraphs and contains" in str(caught.value)


@pytest.mark.parametrize("name", LINE)
def test_a_line_without_one_of_its_fields_is_named(name: str, tmp_path: Path) -> None:
    file = write(tmp_path, {key: value for key, value in LINE.items() if key != name})
    with pytest.raises(QuestionSetError) as caught:
        read_cases(file)
    assert str(caught.value).startswith(f"{file}:1: not a question of a set (")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "{}: no question in it"),
        (b"\n \n", "{}: no question in it"),
        (b"\xff", "{}: not UTF-8 at byte 0; save it as UTF-8"),
        (None, "{}: No such file or directory; name a file of questions"),
        (b"{", "{}:1: not a question of a set ("),
        (b"[1]", "{}:1: not a question of a set ("),
        (b"5", "{}:1: not a question of a set ("),
    ],
)
def test_a_file_that_is_not_a_question_set_is_named(
    content: bytes | None, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "set.jsonl"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(QuestionSetError) as caught:
        read_cases(file)
    assert str(caught.value).startswith(said.format(file))
