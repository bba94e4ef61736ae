"""What each weight and threshold decides, on texts too small for anything else to matter."""

import pytest

from bot.answering.answerer import Answerer
from bot.answering.evidence import probability
from bot.answering.weights import EVIDENCE, Thresholds
from bot.model import Answer, Answered, Closest, NotFound, Question
from tests.conftest import answerer_from, answerer_of

# Passages that have to do with little else: a word is rare where others are without it.
TOWN = """\
The baker sells bread.
A mason mends walls.
The tailor sews coats.
A miller carries flour.
The smith shoes horses.
"""


def ask(text: str, question: str, *earlier: str, synonyms: str = "") -> Answer:
    return answerer_of(text, synonyms=synonyms).answer(Question(question, earlier))


def shown(answer: Answer) -> list[int]:
    """The numbers of the passages, the best first."""
    return [citation.passage.number for citation in answer.citations]


# Whether it answers


@pytest.mark.parametrize("name", [name for name in EVIDENCE if name != "yes_no"])
def test_more_of_any_evidence_makes_an_answer_likelier(name: str) -> None:
    known = dict.fromkeys(EVIDENCE, 0.5)
    assert probability(known | {name: 0.9}) > probability(known)


def test_a_yes_or_no_is_answered_less_readily() -> None:
    known = dict.fromkeys(EVIDENCE, 0.5)
    assert probability(known | {"yes_no": 1.0}) < probability(known)


QUARRY = "who carries the cattle, the timber and the gravel to the quarry?"
MORE_THAN_HALF = "Ann Lee carries timber and cattle.\n"


def test_just_over_half_of_the_question_answers_without_a_rival() -> None:
    answer = ask(MORE_THAN_HALF + TOWN, QUARRY)
    assert isinstance(answer, Answered)
    assert shown(answer) == [1]


def test_a_quote_with_less_than_half_of_the_question_never_answers() -> None:
    answerer = answerer_of(MORE_THAN_HALF + TOWN)
    more = QUARRY.replace("the timber", "the timber, the salt, the barley")
    assert isinstance(answerer.answer(Question(more)), Closest)
    lenient = Answerer(answerer.index, Thresholds(quote=0.0, answered=0.0))
    assert isinstance(lenient.answer(Question(more)), Answered)


def test_a_quote_in_other_words_alone_never_answers() -> None:
    text, question = "The truce starts on Monday.\n" + TOWN, "when does the ceasefire begin?"
    answerer = answerer_of(text)
    assert isinstance(answerer.answer(Question(question)), Closest)
    lenient = Answerer(answerer.index, Thresholds(own_words=0.0))
    assert isinstance(lenient.answer(Question(question)), Answered)


def test_one_word_of_many_is_shown_and_its_synonym_alone_is_not() -> None:
    text = "The baker sells bread.\nThe mason will repair walls."
    question = "who will {} the organ, the clock, the piano and the ladder?"
    assert isinstance(ask(text, question.format("mend")), NotFound)
    assert shown(ask(text, question.format("repair"))) == [2]


def test_below_an_answer_a_passage_with_one_of_its_words_is_not_shown() -> None:
    island = "The ferry carries cattle to the island on Monday.\nThe island has a chapel.\n"
    answer = ask(island + TOWN, "when does the ferry carry cattle to the island?")
    assert isinstance(answer, Answered)
    assert shown(answer) == [1]


def test_below_an_answer_a_passage_with_most_of_its_words_is_shown() -> None:
    island = "The ferry carries cattle to the island on Monday.\nThe ferry carries cattle.\n"
    answer = ask(island + TOWN, "when does the ferry carry cattle to the island?")
    assert isinstance(answer, Answered)
    assert shown(answer) == [1, 2]


def test_a_word_in_few_passages_counts_more_than_a_common_one() -> None:
    text = (
        "A mason and a baker sell bread.\nThe baker sells rye.\nA mason ate bread.\n"
        "The mason mends walls.\nThe tailor sells bread.\nA mason sat.\nA mason sews.\n"
        "The smith sells bread.\nThe baker sat.\nThe baker slept.\n"
    )
    question = "what do the mason and the baker sell besides {}?"
    assert isinstance(ask(text, question.format("bread")), Answered)
    answer = ask(text, question.format("barometers"))  # three of four words, and not that one
    assert isinstance(answer, Closest)
    assert shown(answer)[0] == 1


def test_a_word_common_in_english_counts_less() -> None:
    text = "The bakery is in Riga.\n" + TOWN
    answerer = answerer_of(text)
    best, subterranean = (
        answerer.examine(Question(f"where is the {word} bakery?"))[0].found[0].coverage
        for word in ("best", "subterranean")
    )
    assert best > subterranean


# Which passage comes first. Without what the test is about, the other one would: it has as much of
# the question and stands before it, or has more.


def test_a_word_that_says_something_wins_over_two_that_say_little() -> None:
    text = "He gets to come along.\nThe holiday is on Monday.\n"
    assert shown(ask(text + TOWN, "do we get to come on the holiday?"))[0] == 2


def test_words_in_one_sentence_win_over_the_same_in_several() -> None:
    text = (
        "The chapel is old. A horse is painted. The ceiling is low.\n"
        "A horse is painted on the ceiling. The chapel is old. It is low.\n"
    )
    assert shown(ask(text + TOWN, "what is painted on the chapel ceiling?")) == [2, 1]


def test_words_side_by_side_as_they_are_asked_win_over_the_same_apart() -> None:
    text = "A gate by the red barn hides a well.\nA red gate by the barn hides a well.\n"
    assert shown(ask(text + TOWN, "what is behind the red gate?")) == [2, 1]


def test_all_the_words_of_the_question_win_over_one_of_them_repeated() -> None:
    text = (
        "The harbour, the old harbour and the new harbour: a harbour for all, and all harbour.\n"
        "The bells hang in a tower above the harbour which was built by masons who came from the "
        "north and went home with the tailors and the millers. It has stood for a hundred years "
        "and a day without a crack in any of its walls, and people come from all over the county "
        "to look at it on a Sunday when the weather is fine and the road is dry.\n"
    )
    assert shown(ask(text + TOWN, "what about the harbour bells?")) == [2, 1]


@pytest.mark.parametrize("narrowed", ["", "in:a "])  # both ways to count how rare a word is
def test_a_rare_word_wins_over_two_common_ones(narrowed: str) -> None:
    text = (
        "A mason ate bread.\nA barometer fell.\nThe baker sells bread.\nA mason sold bread.\n"
        "The mason mends walls.\nThe tailor ate bread.\nA mason sat.\nA mason sews.\n"
        "Bread is dear.\nIt rained.\nIt snowed.\nThe smith sat.\nThe smith slept.\n"
    )
    question = "what did the mason say of the bread and the barometer?"
    assert shown(ask(text, narrowed + question))[0] == 2


def test_the_word_of_a_follow_up_wins_over_two_of_the_earlier_question() -> None:
    text = (
        "The ferry carries cattle, and Bob Hill owns it.\n"
        "The chapel is open daily to all of us who pray.\n"
    )
    assert shown(ask(text + TOWN, "who owns the ferry?")) == [1]
    assert shown(ask(text + TOWN, "and the chapel?", "who owns the ferry?"))[0] == 2


OWN = "premier, chief\nchief => head"


def test_the_asked_word_wins_over_a_synonym_in_a_shorter_passage() -> None:
    text = "The premier of this old town bought bread.\nThe chief bought bread.\n"
    assert shown(ask(text + TOWN, "what did the premier buy?", synonyms=OWN)) == [1, 2]


def test_a_synonym_wins_over_a_synonym_s_synonym_in_a_shorter_passage() -> None:
    text = "The chief of this old town bought bread.\nThe head bought bread.\n"
    assert shown(ask(text + TOWN, "what did the premier buy?", synonyms=OWN)) == [1, 2]


# What stands above a passage

HEADED = """\
# Town

## Who carries the cattle and the {word}?

{first}

Ann Lee carries cattle on Monday.
"""


@pytest.mark.parametrize(
    ("word", "numbers", "kind"),
    [
        ("timber", [1, 2], Answered),  # the heading asks the question: its first passage
        ("bread", [2], Closest),  # it asks half of another
    ],
)
def test_a_heading_asks_the_question_when_it_has_nearly_all_of_it(
    word: str, numbers: list[int], kind: type[Answer]
) -> None:
    text = HEADED.format(word=word, first="Bob Orr does.") + "\n## Other\n\n" + TOWN
    answer = answerer_from({"a.md": text}).answer(
        Question("who carries the cattle and the timber?")
    )
    assert shown(answer)[: len(numbers)] == numbers
    assert isinstance(answer, kind)


def test_a_longer_passage_with_content_ranks_above_a_contents_entry() -> None:
    text = (
        "# Town\n\n- [Carry the cattle](#cattle)\n\n"
        "Bob Orr and both of his sons carry cattle on Monday to the market beside the chapel.\n"
    )
    answer = answerer_from({"a.md": text}).answer(Question("how do I carry the cattle?"))
    assert shown(answer)[0] == 2


def test_a_heading_that_is_the_question_ranks_above_its_words_apart() -> None:
    text = (
        "# Town\n\n## Cattle that millers carry home with flour\n\nThe cattle carry bells.\n\n"
        "## Carry the cattle\n\nAsk the smith, the tailor or the baker for a rope and a boat.\n"
    )
    answer = answerer_from({"a.md": text}).answer(Question("how do I carry the cattle?"))
    assert shown(answer)[0] == 2


def test_the_definition_of_something_that_most_passages_mention_comes_first() -> None:
    mentions = "".join(f"Barge {n} and barge {n + 1} pass.\n" for n in range(120))
    text = f"{mentions}A barge is a flat boat that carries coal to the town.\n{mentions}"
    assert shown(ask(text, "what is a barge?"))[0] == 121


def test_a_name_s_aliases_are_no_spelling_out_of_it() -> None:
    texts = "Awesome Holt is a song by Holt.\nHolt is a town by the sea.\n"
    assert shown(ask(texts + TOWN, "what is Holt?"))[0] == 2
