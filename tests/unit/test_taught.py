"""What editors taught: when it is used, when it is not, and how broken lines are handled."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answerer import Answerer
from bot.learning.answers import Answers
from bot.learning.taught import Entry, Taught, read_taught
from bot.model import Answer, Outcome, Question
from tests.conftest import Run, answerer_from

FILES = {
    "club/bar.md": "# Bar\n\nGold members drink for free after six.\n\nSilver members pay half.\n",
    "club/alarm.md": "# Alarm\n\nPress the red button twice. Then wait.\n\nPress the green one.\n",
    "town/alarm.md": "# Siren\n\nPull the long lever.\n",
    "town/ferry.md": "# Ferry\n\nThe ferry carries forty horses at a time.\n",
}
RED = "Press the red button twice. Then wait."
LEVER = "Pull the long lever."


@pytest.fixture(scope="module")
def plain() -> Answerer:
    return answerer_from(FILES)


def line(question: str, document: str | None, passage: str | None, **more: str) -> str:
    entry = Entry(question, document, passage, "U1", "2026-11-25")
    return json.dumps({**json.loads(entry.line), **more})


def taught(plain: Answerer, *lines: str) -> Answerer:
    return Answerer(plain.index, taught=Taught("\n".join(lines)))


def quotes(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


ALARM = line("How do I switch off the burglar alarm?", "club/alarm.md", RED)


def test_a_taught_question_is_answered_even_if_the_passage_lacks_its_words(
    plain: Answerer,
) -> None:
    asked = Question("hi, how do i switch off the burglar alarm")
    assert plain.answer(asked).outcome != Outcome.ANSWERED
    answer = taught(plain, ALARM).answer(asked)
    assert (answer.outcome, answer.missing, answer.notes) == (Outcome.ANSWERED, (), ())
    assert quotes(answer)[0] == RED
    assert answer.reasons == ("Taught on 2026-11-25.",)


def test_a_similar_question_is_answered_with_the_same_words(plain: Answerer) -> None:
    answer = taught(plain, ALARM).answer(Question("how can the burglar alarm be switched off?"))
    assert (answer.outcome, quotes(answer)[0]) == (Outcome.ANSWERED, RED)
    assert answer.reasons[0] == "Taught on 2026-11-25."


@pytest.mark.parametrize(
    "asked",
    [
        "how do I switch on the burglar alarm?",  # the other one
        "who sells the burglar alarm?",
        "how do I switch off the light?",
        "what is the alarm made of?",
    ],
)
def test_a_lesson_does_not_affect_other_questions(asked: str, plain: Answerer) -> None:
    question = Question(asked)
    assert taught(plain, ALARM).answer(question) == plain.answer(question)


def test_words_in_neither_the_lesson_nor_the_passage_are_missing(plain: Answerer) -> None:
    answer = taught(plain, ALARM).answer(
        Question("how do I switch off the burglar alarm in Reykjavik?")
    )
    assert "Reykjavik" in answer.missing
    assert not {"burglar", "switch"} & set(answer.missing)


def test_a_contrast_between_the_questions_rules_a_lesson_out(plain: Answerer) -> None:
    lesson = line("what do gold members get at the tap?", "club/bar.md", "Silver members pay half.")
    question = Question("what do silver members get at the tap?")
    assert taught(plain, lesson).answer(question) == plain.answer(question)


def test_another_name_or_number_rules_a_lesson_out(plain: Answerer) -> None:
    for taught_for, asked in (
        ("How do I open the small Leeds office?", "how do I open the small Norwich office?"),
        ("What opens on level 3 of the tower?", "what opens on level 4 of the tower?"),
    ):
        lesson = line(taught_for, "club/alarm.md", RED)
        assert taught(plain, lesson).answer(Question(taught_for)).outcome == Outcome.ANSWERED
        assert taught(plain, lesson).answer(Question(asked)) == plain.answer(Question(asked))


def test_every_quote_is_cut_from_the_document(plain: Answerer) -> None:
    for asked in ("How do I switch off the burglar alarm?", "burglar alarm switched off how?"):
        for citation in taught(plain, ALARM).answer(Question(asked)).citations:
            assert citation.quote in FILES[citation.passage.document.path]


def test_the_newest_line_for_a_question_and_folder_wins(plain: Answerer) -> None:
    newer = line("how do I switch off the burglar alarm", "club/alarm.md", "Press the green one.")
    asked = Question("How do I switch off the burglar alarm?")
    assert quotes(taught(plain, ALARM, newer).answer(asked))[0] == "Press the green one."
    elsewhere = line("How do I switch off the burglar alarm?", "town/alarm.md", LEVER)
    both = taught(plain, elsewhere, ALARM)
    assert quotes(both.answer(asked))[0] == RED
    in_town = Question("How do I switch off the burglar alarm in:town?")
    assert quotes(both.answer(in_town))[0] == LEVER


def test_outside_its_scope_a_taught_passage_is_not_used(plain: Answerer) -> None:
    asked = Question("How do I switch off the burglar alarm in:ferry")
    assert taught(plain, ALARM).answer(asked) == plain.answer(asked)


def test_a_lesson_without_an_answer_ends_the_earlier_lesson(plain: Answerer) -> None:
    closed = taught(plain, ALARM, line("How do I switch off the burglar alarm?", None, None))
    asked = Question("How do I switch off the burglar alarm?")
    assert closed.answer(asked) == plain.answer(asked)
    assert closed.lessons.closes(asked.text)
    again = taught(plain, line("How do I switch off the burglar alarm?", None, None), ALARM)
    assert again.answer(asked).outcome == Outcome.ANSWERED


def test_an_entry_is_stale_only_when_its_own_words_are_gone() -> None:
    edited = {**FILES, "club/alarm.md": f"# Alarm\n\nFirst sit down.\n\nNow: {RED} Good luck.\n"}
    gone = {**FILES, "club/alarm.md": "# Alarm\n\nPress the blue button twice.\n"}
    asked = Question("How do I switch off the burglar alarm?")
    still = taught(answerer_from(edited), ALARM)
    assert quotes(still.answer(asked))[0] == RED
    assert still.lessons.stale == ()
    stale = taught(answerer_from(gone), ALARM)
    assert [entry.question for entry in stale.lessons.stale] == [asked.text]
    assert stale.answer(asked) == answerer_from(gone).answer(asked)
    assert not stale.lessons.closes(asked.text)


def test_a_taught_question_is_answered_even_if_it_looks_like_talk(
    plain: Answerer,
) -> None:
    for asked in ("what is this about?", "who are you?", "¿quién paga el transbordador?"):
        answer = taught(plain, line(asked, "town/ferry.md", "forty horses")).answer(Question(asked))
        assert (answer.outcome, quotes(answer)[:1]) == (Outcome.ANSWERED, ["forty horses"])


def test_two_questions_in_one_are_taught_as_one(plain: Answerer) -> None:
    asked = "where is the alarm and who may press it?"
    answer = taught(plain, line(asked, "club/alarm.md", RED)).answer(Question(asked))
    assert (answer.outcome, quotes(answer)[0], answer.parts) == (Outcome.ANSWERED, RED, ())


BROKEN = (
    "",
    "{",
    "[]",
    "null",
    '"text"',
    '{"question": "a b?"}',
    '{"question": 3, "document": "a", "passage": "b"}',
    '{"question": " ", "document": "a", "passage": "b"}',
    '{"question": "a b?", "document": null, "passage": "b"}',
    '{"question": "a b?", "document": ["a"], "passage": "b"}',
    '{"question": "a b?", "document": "a", "passage": "b", "by": 7}',
    "[" * 100_000,
)


def test_a_broken_line_costs_that_line(plain: Answerer) -> None:
    answerer = taught(plain, *BROKEN, ALARM, *BROKEN)
    asked = Question("How do I switch off the burglar alarm?")
    assert answerer.answer(asked).outcome == Outcome.ANSWERED
    assert [entry for _, entry in answerer.taught.entries() if entry] == [Entry.read(ALARM)]


@given(st.lists(st.text(max_size=60), max_size=6), st.text(max_size=60))
def test_any_file_and_any_question_are_handled(lines: list[str], asked: str) -> None:
    answerer = taught(_answerer(), *lines, ALARM, line(asked or "x", "club/alarm.md", RED))
    answerer.answer(Question(asked))
    assert answerer.lessons.stale == ()


def _answerer() -> Answerer:
    if not _KEPT:
        _KEPT.append(answerer_from(FILES))
    return _KEPT[0]


_KEPT: list[Answerer] = []


def test_a_taught_question_matches_despite_escapes_and_capitals(plain: Answerer) -> None:
    escaped = json.dumps({"question": "Wo ist das Café?", "document": "club/bar.md"})
    escaped = escaped[:-1] + ', "passage": "Silver members pay half."}'
    answerer = taught(plain, escaped)
    assert answerer.answer(Question("wo ist das café")).outcome == Outcome.ANSWERED


def test_without_a_file_nothing_is_looked_up(plain: Answerer, tmp_path: Path) -> None:
    assert not read_taught(lambda: tmp_path, tmp_path)
    assert not plain.taught


# The file


def test_a_lesson_is_one_line_and_is_not_repeated(tmp_path: Path) -> None:
    answers = Answers(tmp_path)
    (tmp_path / "taught.jsonl").write_text("kept as it is, without an end")
    entry = Entry.read(ALARM)
    assert entry is not None
    answers.teach(entry)
    answers.teach(entry)
    lines = (tmp_path / "taught.jsonl").read_text().splitlines()
    assert lines == ["kept as it is, without an end", entry.line]
    assert json.loads(lines[1]) == {
        "question": "How do I switch off the burglar alarm?",
        "document": "club/alarm.md",
        "passage": RED,
        "by": "U1",
        "on": "2026-11-25",
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["taught.jsonl"]


# The command line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_passage_is_taught_in_the_terminal_and_answers_from_then_on(
    run: Run, folder: Path
) -> None:
    asked = ("how do I silence the wretched thing?", "--corpus", str(folder))
    assert run("ask", *asked).status == 1
    ran = run("teach", *asked, stdin=b"red button\n1\n")
    assert (ran.status, "Press the red button twice." in ran.out) == (0, True)
    assert "Written to" in ran.out
    ran = run("ask", "--explain", *asked)
    assert (ran.status, RED in ran.out, "Taught on 20" in ran.out) == (0, True, True)
    assert run("eval", "--taught", *asked[1:]).status == 0
    (folder / "club/alarm.md").write_text("# Alarm\n\nNothing is left.\n")
    ran = run("eval", "--taught", *asked[1:])
    assert (ran.status, "not answered as taught: how do I silence" in ran.out) == (1, True)
    out = run("check", *asked[1:]).out
    assert "gone from the documents: how do I silence the wretched thing?" in out
    assert "broken" not in out
    with (folder / "taught.jsonl").open("a") as file:
        file.write("{broken\n")
    out = run("check", *asked[1:]).out
    assert "taught.jsonl has a broken line, '{broken'; correct it or remove it" in out
    assert "jsonl" not in run("corpus", *asked[1:]).out


def test_nothing_is_written_when_nothing_is_picked(run: Run, folder: Path) -> None:
    for typed in (b"", b"\n", b"red button\n\n", b"9\n"):
        assert run("teach", "a b c?", "--corpus", str(folder), stdin=typed).status == 1
    assert not (folder / "taught.jsonl").exists()
    assert run("teach", "a b c?", "--corpus", str(folder), stdin=b"none\n").status == 0


def test_answers_in_a_separate_folder_are_part_of_the_corpus(
    run: Run,
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = tmp_path_factory.mktemp("own")
    Answers(own).keep("parrot.md", "# Who feeds the parrot?\n\nAnn feeds the parrot.\n")
    (own / "taught.jsonl").write_text(f"{ALARM}\n")
    (folder / "taught.jsonl").write_text(line("which lever is it?", "town/alarm.md", LEVER))
    monkeypatch.setenv("CORPUS_DIR", str(folder))
    monkeypatch.setenv("ANSWERS_DIR", str(own))
    for engine in ("memory", "disk"):
        monkeypatch.setenv("ENGINE", engine)
        assert "Ann feeds the parrot." in run("ask", "who feeds the parrot?").out
        assert run("ask", "How do I switch off the burglar alarm?").status == 0
        assert LEVER in run("ask", "which lever is it?").out
    assert f"answers: written to {own}" in run("check").out


def test_check_says_why_nothing_can_be_taught(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANSWERS_DIR", str(tmp_path / "none"))
    out = run("check").out
    assert f"nothing can be taught: {tmp_path / 'none'} cannot be written; set ANSWERS_DIR" in out
    assert run("teach", "a b?").status == 2
