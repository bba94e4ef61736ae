"""Small talk is told apart from questions, and chat around a question changes no answer."""

import json
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answerer import Answerer
from bot.answering.question_parser import MAX_QUESTION_LENGTH
from bot.english.decoration import read
from bot.english.questions import normal, parts
from bot.english.talk import kind_of
from bot.evaluation.cases import read_cases
from bot.json_lines import answer_object
from bot.model import Answered, NoQuestion, Outcome, Question, Talk
from tests.conftest import CORPUS, Run, answerer_from, answerer_of, open_answerer

QUESTIONS = Path(__file__).parents[1] / "questions"
SAYINGS = [line.split("\t") for line in (QUESTIONS / "sayings.tsv").read_text("utf-8").splitlines()]
DECORATIONS = [
    line.replace("\\n", "\n")
    for line in (QUESTIONS / "decorations.txt").read_text("utf-8").splitlines()
]
CARRIES = "What will the ferry carry?"
ARTICLE = open_answerer(CORPUS)


def answered() -> list[str]:
    """Some questions that the article answers."""
    cases = read_cases(QUESTIONS / "article-dev.jsonl")
    asked = [case.question for case in cases if not case.question.after]
    return [one.text for one in asked if isinstance(ARTICLE.answer(one), Answered)][:20]


@pytest.mark.parametrize(("kind", "said"), SAYINGS)
def test_what_people_say_to_a_bot_is_no_question(ferry: Answerer, kind: str, said: str) -> None:
    for after in ((), (CARRIES,)):
        answer = ferry.answer(Question(said, after))
        assert isinstance(answer, NoQuestion)
        assert answer.citations == ()
        assert (answer.talk.replace("around", "guide"), answer.notes != ()) == (kind, True)


def test_chat_around_a_question_takes_nothing_away() -> None:
    kept = lost = 0
    for question in answered():
        plain = ARTICLE.answer(Question(question))
        for decoration in DECORATIONS:
            answer = ARTICLE.answer(Question(decoration.replace("{q}", question)))
            same = (
                answer.outcome == plain.outcome
                and answer.citations[0].quote == plain.citations[0].quote
            )
            kept, lost = kept + same, lost + (not same)
    assert kept + lost == 20 * len(DECORATIONS) >= 800
    assert kept >= 0.98 * (kept + lost)


@pytest.mark.parametrize("file", sorted(QUESTIONS.glob("*.jsonl")), ids=lambda file: file.stem)
def test_no_question_of_a_set_is_talk(file: Path) -> None:
    for line in file.read_text("utf-8").splitlines():
        question = json.loads(line)["question"]
        assert read(question, MAX_QUESTION_LENGTH).talk is None, question


@pytest.mark.parametrize(
    "text",
    [
        "do you ship to France?",
        "what do you know about parking?",
        "can you help me with my badge?",
        "how do I ask for leave?",
        "what is the right form?",
        "thanks, and who pays?",
        "ok so who is it for?",
        "leave",
        "stop payments",
        "help desk",
        "good friday",
        "I'm sick",
        "is this one free?",
        "and who?",
        "what documents do I need for a visa?",
        "what does that cost?",
        "where are the files kept?",
        "how does it work on Sundays?",
    ],
)
def test_one_word_that_is_not_talk_makes_a_message_a_question(text: str) -> None:
    assert read(text, MAX_QUESTION_LENGTH).talk is None
    assert kind_of(text) is None


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Hi, where do I park? Thanks!", "where do I park?"),
        ("what does @dataclass do?", "what does @dataclass do?"),
        ("what is C# for?", "what is C# for?"),
        ("> where do I park?\nwhen does it open?", "when does it open?"),
        ("> where do I park?\n+1", "where do I park?"),
        ("> I park at the pier.\nwhere is that?", "where is that?"),
        ("how much paid time off (PTO) do I get?", "how much paid time off (PTO) do I get?"),
        ("how do I know if my claim is paid?", "how do I know if my claim is paid?"),
        ("who should I ask when I am ill?", "who should I ask when I am ill?"),
        ("my boss keeps asking how many horses it carries", "how many horses it carries"),
        ("I was wondering whether dogs may board", "whether dogs may board"),
    ],
)
def test_the_asking_clause_is_the_question(text: str, question: str) -> None:
    assert read(text, MAX_QUESTION_LENGTH).question == question


def test_text_beside_a_question_helps_the_search_and_is_never_missing(ferry: Answerer) -> None:
    beside = "My dentist loves astronomy. " + CARRIES
    assert ferry.answer(Question(beside)) == ferry.answer(Question(CARRIES))
    leaning = ferry.answer(Question("I am asking about the ferry to Norway. What will it carry?"))
    assert "40 passengers" in leaning.citations[0].quote


def test_the_last_three_asking_sentences_of_a_long_message_are_the_question() -> None:
    paste = "Somebody wrote a long log line about nothing here. " * 60
    asked = f"{paste} Who pays? Where is pier 1? When does it sail? Who steers? {paste[:900]}"
    found = read(asked, MAX_QUESTION_LENGTH)
    assert found.question == "Where is pier 1? When does it sail? Who steers?"
    assert not found.shortened
    unasked = read(paste, MAX_QUESTION_LENGTH)
    assert unasked.shortened
    assert paste.startswith(unasked.question[:200])


def test_text_that_matches_a_heading_or_a_q_is_a_question() -> None:
    text = (
        "# About our bot\n\nWe are the ferry office.\n\n## How do I ask for help?\n\n"
        "Ring the red bell on the pier.\n\n## Good job\n\nTo the crew of the ferry.\n\n"
        "Q: Can you help me?\n\nA: Yes, at desk 3.\n"
    )
    guide = answerer_from({"guide.md": text})
    for heading in ("How do I ask for help?", "how do i ask for help", "good job"):
        assert guide.answer(Question(heading)).outcome != "no_question"
    assert guide.answer(Question("Can you help me?")).outcome != "no_question"
    assert guide.answer(Question("thanks a lot")).outcome == "no_question"


def test_more_shows_only_passages_not_shown_before() -> None:
    shelf = answerer_of(
        "The ferry carries forty horses.\n\nThe ferry leaves at noon.\n\n"
        "A ferry ticket costs nine euros.\n\nBakers sell rye.\n"
    )
    asked = "how many horses does the ferry carry?"
    shown = [" ".join(one.quote.split()) for one in shelf.answer(Question(asked)).citations]
    for times in range(4):
        answer = shelf.answer(Question("more", (asked,) + ("tell me more",) * times))
        assert answer.outcome is Outcome.NO_QUESTION
        quotes = [note for note in answer.notes if note.startswith("“")]
        assert not any(quote in note for note in quotes for quote in shown)
        shown += [note[1:].split("”")[0] for note in quotes]
    assert "The ferry leaves at noon." in shown
    assert not any("rye" in quote for quote in shown)


def test_talk_is_no_earlier_question(ferry: Answerer) -> None:
    after = (CARRIES, "thanks!", "lol")
    assert ferry.answer(Question("and how many?", after)) == ferry.answer(
        Question("and how many?", (CARRIES,))
    )


def test_talk_in_json_has_its_reply_in_the_notes(ferry: Answerer) -> None:
    values = answer_object("hi", ferry.answer(Question("hi")))
    assert (values["outcome"], values["citations"]) == ("no_question", [])
    assert values["notes"][0].startswith("Hello. Ask me anything about the documents. For example:")
    again = ferry.answer(Question("hi", (CARRIES,)))
    assert again.notes == ("Hello again. What would you like to know?",)


def test_find_searches_for_the_words_of_a_message_even_if_they_are_talk(ferry: Answerer) -> None:
    assert ferry.find("thanks").outcome == "not_found"
    assert ferry.find("The ferry will carry 40 passengers, thanks").citations


@pytest.mark.parametrize("leave", ["exit", "quit", ":q", "Exit"])
def test_chat_ends_at_exit_or_quit(run: Run, tmp_path: Path, leave: str) -> None:
    (tmp_path / "a.txt").write_text("The ferry carries horses.", encoding="utf-8")
    ran = run("chat", "--corpus", str(tmp_path), stdin=f"thanks\n{leave}\nferry\n".encode())
    assert ran.status == 0
    assert "Happy to help." in ran.out
    assert "a.txt:1" not in ran.out


def test_ask_exits_with_status_1_for_talk(run: Run) -> None:
    assert run("ask", "thanks").status == 1


@pytest.mark.parametrize(
    "part",
    ["hi ", "why? ", "@a ", "(", "> a\n", "thanks, ", "cc ", ":a", "- ", "ha", "my boss asks ",
     "<@", "A ", ". ", "i know ", "need it ", "\n--", "🙏", "a,", "?!", "x - "],
)  # fmt: skip
def test_hostile_text_is_read_in_linear_time(part: str) -> None:
    start = perf_counter()
    read((part * 100_000)[:100_000], MAX_QUESTION_LENGTH)
    read((part * 1000)[:MAX_QUESTION_LENGTH], MAX_QUESTION_LENGTH)
    assert perf_counter() - start < 0.5


@given(st.text(alphabet=st.sampled_from("hi ok?.!,\n>-@#:()<3 whyparkIJ“"), max_size=200))
def test_any_text_is_a_question_or_talk(text: str) -> None:
    found = read(text, MAX_QUESTION_LENGTH)
    assert bool(found.question) == (found.talk is None)
    assert found.talk in (None, *Talk)


@pytest.mark.parametrize(
    "message",
    [
        "1. how do I reset my password? 2. who do I call at night?",
        "1) how do I reset my password?\n2) who do I call at night?",
    ],
)
def test_a_numbered_list_in_one_line_is_several_questions(message: str) -> None:
    asked = read(message, 1000).question
    assert parts(normal(asked)) == ["how do i reset my password", "who do i call at night?"]
