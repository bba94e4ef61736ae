import json
from pathlib import Path
from typing import Any

import pytest

from bot.answering.evaluation import Case, Result, evaluate, read_cases, scores
from bot.errors import QuestionSetError
from bot.model import Answer, Answered, Citation, Closest, Document, NotFound, Passage, Question
from tests.conftest import Run

TRUCE = "what does the truce cover?"
WIFI = "what's the guest wifi password?"
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


def test_figures_are_shares_of_the_answerable_by_kind_and_of_all() -> None:
    far = {"kind": "far", "answerable": False, "paragraphs": frozenset(), "contains": ()}
    results = [
        Result(case(), answered(cited(1))),
        Result(case(**far), NOTHING),
        Result(case(), Closest(citations=(cited(2, "No."), cited(1)), corpus="hash")),
        Result(case(**far), answered(cited(1))),
        Result(case(), NOTHING),
        Result(case(), answered(cited(1, "It ends in May."))),
    ]
    plain, not_there, both = scores(results)
    assert (plain.kind, plain.questions, plain.answerable) == ("plain", 4, 4)
    assert (plain.first, plain.among_three, plain.quote) == (0.5, 0.75, 0.25)
    assert plain.outcomes == {"answered": 2, "closest": 1, "not_found": 1}
    assert (not_there.kind, not_there.questions, not_there.answerable) == ("far", 2, 0)
    assert (not_there.first, not_there.among_three, not_there.quote) == (None, None, None)
    assert (both.kind, both.questions, both.answerable, both.first) == ("all", 6, 4, 0.5)


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
def test_a_line_that_is_no_question_of_a_set_is_named(
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
        (b"\xff", "{}: not UTF-8 at byte 0; save it so"),
        (None, "{}: No such file or directory; name a file of questions"),
        (b"{", "{}:1: not a question of a set ("),
        (b"[1]", "{}:1: not a question of a set ("),
        (b"5", "{}:1: not a question of a set ("),
    ],
)
def test_a_file_that_is_no_set_is_named(content: bytes | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(QuestionSetError) as caught:
        read_cases(file)
    assert str(caught.value).startswith(said.format(file))


def test_the_command_prints_a_row_a_kind_or_all_as_json(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "notes.txt").write_text("The truce covers air and sea. It ends in May.\n")
    (tmp_path / "other.txt").write_text("Bakers sell rye in Leeds.\n")
    right = LINE | {"document": "notes.txt"}
    wrong = LINE | {"id": "2", "document": "other.txt", "contains": ["rye"]}
    far = {"id": "3", "question": WIFI, "kind": "far", "answerable": False}
    file = write(tmp_path, right, wrong, LINE | far)
    table = run("eval", str(file), "--corpus", str(tmp_path))
    assert (table.status, table.err) == (0, "")
    rows = [row.split()[:2] for row in table.out.splitlines()]
    assert rows[1:] == [["plain", "2"], ["far", "1"], ["all", "3"]]
    figures = json.loads(run("eval", str(file), "--json", "--corpus", str(tmp_path)).out)
    plain, not_there, both = figures["kinds"]
    assert [plain[name] for name in ("first", "among_three", "quote")] == [0.5, 0.5, 0.5]
    assert not_there["first"] is None
    assert both["outcomes"] == {"answered": 2, "closest": 0, "not_found": 1}
    assert [question["first"] for question in figures["questions"]] == [True, False, False]


def test_the_command_says_in_one_line_what_does_not_parse(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path, LINE, {"question": TRUCE})
    ran = run("eval", str(file))
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"article-bot: {file}:3: not a question of a set (KeyError")
