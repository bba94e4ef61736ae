"""Whether the best passage answers, is only the nearest, or is nothing; and what is said of it."""

import pytest

from bot.answering.answerer import NO_WORD, Answerer
from bot.model import Answer, Answered, Closest, NotFound, Outcome, Question
from tests.conftest import FERRY, answerer_from, answerer_of


def ask(answerer: Answerer, question: str) -> Answer:
    return answerer.answer(Question(question))


@pytest.mark.parametrize(
    "question",
    [
        "when did Lowmere agree to close its old bridge?",
        "who said masons would repair the cracked arches?",
        "how many passengers will the ferry carry at a time?",
        "how long will Lowmere close its old bridge for?",
        "what does the Lowmere Bridge Trust fear?",
        "will the ferry carry passengers across the Wendle?",
    ],
)
def test_a_passage_with_all_of_the_question_and_what_it_asks_for_answers(
    ferry: Answerer, question: str
) -> None:
    answer = ask(ferry, question)
    assert isinstance(answer, Answered)
    assert answer.notes == ()


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("how many masons would repair the cracked arches?", "It does not give a number."),
        ("when would masons repair the cracked arches?", "It does not give a date or a time."),
        ("how long will nobody pay for a crossing?", "It does not give a duration."),
        ("where will masons repair the cracked arches?", "It does not give a place."),
    ],
)
def test_a_passage_without_the_kind_of_thing_asked_for_is_only_the_nearest(
    question: str, note: str
) -> None:
    text = FERRY.replace(", the mayor of Lowmere,", "").replace("agreed on Tuesday", "agreed")
    answer = ask(answerer_of(text), question)
    assert isinstance(answer, Closest)
    assert note in answer.notes
    assert note in answer.reasons


@pytest.mark.parametrize(
    ("question", "lacking"),
    [
        ("how many passengers will the ferry carry to Estonia?", "estonia"),  # a place
        ("how many passengers will Tarrant carry on the ferry?", "tarrant"),  # of another passage
        ("does the ferry carry 60 passengers at a time?", "60"),  # a number
        ("will the Brzezik ferry carry passengers across the Wendle?", "brzezik"),  # no word
    ],
)
def test_a_name_or_a_number_that_the_passage_lacks_makes_it_only_the_nearest(
    ferry: Answerer, question: str, lacking: str
) -> None:
    answer = ask(ferry, question)
    assert isinstance(answer, Closest)
    assert answer.citations[0].passage.number == 3
    assert answer.notes == (f"The passage does not mention {lacking}.",)


def test_a_question_for_a_whole_list_gets_the_nearest_and_is_told_so(ferry: Answerer) -> None:
    answer = ask(ferry, "list all the passengers that the ferry will carry")
    assert isinstance(answer, Closest)
    assert answer.citations[0].passage.number == 3
    assert answer.notes == ("A whole list is asked for; there may be more than these passages.",)


def test_a_yes_or_no_needs_the_word_that_is_asked_about(ferry: Answerer) -> None:
    assert isinstance(ask(ferry, "will the ferry carry passengers?"), Answered)
    answer = ask(ferry, "will the ferry carry poisonous snakes?")
    assert isinstance(answer, Closest)
    assert answer.missing == ("poisonous", "snakes")


def test_who_somebody_is_is_answered_by_an_introduction() -> None:
    text = "He met Kovac in Riga.\nThen Kovac, the treasurer, spoke.\nThe sea rose, said Horvat."
    who = answerer_of(text)
    told = ask(who, "who is Kovac?")
    assert isinstance(told, Answered)
    assert told.citations[0].quote == "Then Kovac, the treasurer, spoke."
    only_named = ask(who, "who is Horvat?")
    assert isinstance(only_named, Closest)
    assert only_named.notes == ("It does not give who somebody is.",)


def test_parts_of_which_one_has_no_answer_are_only_the_nearest(ferry: Answerer) -> None:
    answer = ask(ferry, "how many passengers will the ferry carry and who sells umbrellas?")
    assert isinstance(answer, Closest)
    assert {citation.part for citation in answer.citations} == {1}
    assert answer.missing == ("sells", "umbrellas")


# headings


def markdown(text: str) -> Answerer:
    return answerer_from({"a.md": text})


HANDBOOK = """\
# Handbook

- [How do I order a laptop?](#laptop)
- [How do I reset my password?](#password)

## How do I order a laptop?

Fill in the equipment form and send it to the service desk.

## How do I reset my password?

Open the portal.

Passwords that were reset with the portal hold for a year.

## Where do I print?

Beside the kitchen. For the badge, see below.

## Gold

### Limits

You may have 200 seats.

## Silver

### Limits

You may have 20 seats.
"""


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("how do I order a laptop?", "Fill in the equipment form"),
        ("how do I reset my password?", "Open the portal."),  # the first of its section
        ("where do I print?", "Beside the kitchen."),  # whatever kind of thing it is
        ("how many seats may I have with Gold?", "You may have 200"),  # the heading above that
        ("how many seats may I have with Silver?", "You may have 20 "),
    ],
)
def test_what_a_heading_asks_is_answered_by_what_it_heads(question: str, quote: str) -> None:
    answer = ask(markdown(HANDBOOK), question)
    assert isinstance(answer, Answered)
    assert answer.citations[0].quote.startswith(quote)


def test_a_heading_lends_a_quote_no_word_of_another_section() -> None:
    answer = ask(markdown(HANDBOOK), "how many seats has the laptop in the portal?")
    assert isinstance(answer, Closest)


def test_with_little_of_the_question_below_the_headings_it_is_only_the_nearest() -> None:
    text = "# Town\n\n## Ferry for cattle\n\n{}\n\n## Chapel\n\nIt is old.\n"
    question = "who owns the ferry for cattle and timber?"
    none = ask(markdown(text.format("It leaves at noon.")), question)
    assert isinstance(none, Closest)
    assert any("where the headings do not ask" in reason for reason in none.reasons)
    some = text.format("Ann Lee owns the timber and Bob Orr leaves at noon.")
    assert isinstance(ask(markdown(some), question), Answered)


@pytest.mark.parametrize(
    "entry",
    [
        "- [How do I order a laptop?](laptop.md)",
        "- [Order a laptop](laptop.md)",
        "Order a laptop",
        "How do I order a laptop?",
        "See the section on how to order a laptop.",
    ],
)
def test_what_says_no_more_than_the_question_is_no_answer(entry: str) -> None:
    answer = ask(markdown(f"# Contents\n\n{entry}\n\nTea is free.\n"), "how do I order a laptop?")
    assert isinstance(answer, Closest)
    assert "It says nothing itself." in answer.reasons


def test_a_pointer_comes_after_what_it_points_to() -> None:
    text = (
        "# Claims\n\nSee the section on how to claim hotels.\n\n## Trips\n\n"
        "Whoever claims the cost of hotels sends the bill to Ann Lee.\n"
    )
    answer = ask(markdown(text), "how do I claim hotels?")
    assert answer.citations[0].quote.startswith("Whoever claims")


def test_a_statement_in_the_words_of_the_question_affirms_it() -> None:
    answer = ask(
        answerer_of("The ferry carries cattle.\nTea is free.\n"), "does the ferry carry cattle?"
    )
    assert isinstance(answer, Answered)


# nothing


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("is there wifi?", ("wifi",)),
        ("who invented quantum chromodynamics?", ("invented", "quantum", "chromodynamics")),
        ("quand ouvre la piscine?", ("quand", "ouvre", "la", "piscine")),
        ("wann öffnet das Schwimmbad?", ("wann", "offnet", "das", "schwimmbad")),
        ("когда откроется мост?", ("когда", "откроется", "мост")),
        ("橋は何時開きますか", ("橋は何時開きますか",)),
    ],
)
def test_what_shares_no_word_is_not_found_and_its_words_are_named(
    ferry: Answerer, question: str, missing: tuple[str, ...]
) -> None:
    answer = ask(ferry, question)
    assert isinstance(answer, NotFound)
    assert answer.missing == missing
    assert answer.citations == ()


def test_a_common_word_alone_is_not_worth_reading(ferry: Answerer) -> None:
    question = (
        "which gastroenterologist prescribed unpronounceable antibiotics to seasick astronauts "
        "who work in claustrophobic observatories orbiting Jupiter?"
    )
    assert isinstance(ask(ferry, question), NotFound)


@pytest.mark.parametrize("question", ["the", "how many?", "is it?"])
def test_a_question_without_a_word_to_look_for_is_told_so(ferry: Answerer, question: str) -> None:
    answer = ask(ferry, question)
    assert isinstance(answer, NotFound)
    assert answer.notes == (NO_WORD,)


def test_every_outcome_gives_its_reasons(ferry: Answerer) -> None:
    for question in ("what does the LBT fear?", "why work?", "is there wifi?"):
        assert ask(ferry, question).reasons


# words that stand for others


def test_a_synonym_whose_stem_is_that_of_a_function_word_is_found() -> None:
    answer = ask(answerer_of("The two sides signed an accord."), "who signed a treaty?")
    assert "accord" in {match.found for match in answer.citations[0].why}


def test_a_synonym_with_a_number_word_is_found() -> None:
    answer = ask(answerer_of("The truce lasts two weeks."), "does the truce last a fortnight?")
    assert "2 week" in {match.found for match in answer.citations[0].why}


# what is asked for is not there, and must not be said to be


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("The ferry carries 2,500 passengers.", "does the ferry carry 1,500 passengers?"),
        ("The board may close the bridge.", "when will the board close the bridge?"),
        ("The ferry carries 40 passengers.", "does the ferry carry 60 passengers?"),
    ],
)
def test_a_near_miss_is_only_the_nearest(text: str, question: str) -> None:
    assert isinstance(ask(answerer_of(text, "It rained."), question), Closest)


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        ("when did Lowmre agree to close its old bridge?", Outcome.CLOSEST),
        ("Lowmre agreed to close its old bridge when?", Outcome.CLOSEST),  # and at the beginning
        ("when did lowmre agree to close its old bridge?", Outcome.ANSWERED),  # a slip
        ("Mazons would repair the cracked arches?", Outcome.ANSWERED),  # no name in the documents
        ("who said Mazons would repair the cracked arches?", Outcome.CLOSEST),
        ("Who Said Mazons Would Repair The Cracked Arches?", Outcome.ANSWERED),  # a title
    ],
)
def test_a_name_that_is_read_as_another_is_said_and_makes_it_only_the_nearest(
    ferry: Answerer, question: str, outcome: Outcome
) -> None:
    answer = ask(ferry, question)
    assert answer.outcome is outcome
    assert any(note.startswith("I read “") for note in answer.notes)


def test_a_name_that_was_read_as_another_stays_so_in_the_thread(ferry: Answerer) -> None:
    first = "who said Masons in Lowmre would repair the cracked arches?"
    for answer in (
        ferry.answer(Question("and what of the old bridge?", (first,))),
        ferry.nearest(Question(first)),
    ):
        assert isinstance(answer, Closest)
        assert "I read “lowmre” as “lowmere”." in answer.notes
