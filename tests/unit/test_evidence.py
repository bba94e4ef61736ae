"""Whether the best passage answers, is only the closest, or is nothing, and what the notes say."""

import pytest

from bot import phrases
from bot.answering.answerer import NO_WORD, Answerer
from bot.answering.evidence import features, probability
from bot.answering.query import A_SECOND_STEP
from bot.model import Answer, Answered, Closest, NotFound, Outcome, Question
from tests.conftest import answerer_from, answerer_of


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
def test_a_passage_with_every_word_and_the_right_kind_of_thing_answers(
    ferry: Answerer, question: str
) -> None:
    answer = ask(ferry, question)
    assert isinstance(answer, Answered)
    assert answer.notes == ()


@pytest.mark.parametrize(
    ("given", "not_given"),
    [
        ("who said masons would repair the arches?", "how many masons would repair the arches?"),
        ("who said masons would repair the arches?", "where would masons repair the arches?"),
    ],
)
def test_the_wrong_kind_of_thing_lowers_the_chance_without_a_note(
    ferry: Answerer, given: str, not_given: str
) -> None:
    assert chance(ferry, given) > chance(ferry, not_given)
    assert not any("does not give" in note for note in ask(ferry, not_given).notes)


def chance(answerer: Answerer, question: str) -> float:
    [part] = answerer.examine(Question(question))
    return probability(features(part.query, part.found))


def test_a_sentence_that_says_what_it_is_gives_what_is_asked_for() -> None:
    says, mentions = "A barge is a flat boat.", "The barge carries coal."
    kinds = []
    for text in (says, mentions):
        [part] = answerer_of(text).examine(Question("what is a barge?"))
        kinds.append(features(part.query, part.found)["kind"])
    assert kinds == [1.0, 0.5]


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("how many passengers will the ferry carry to Estonia?", "Not in the documents: Estonia."),
        (
            "how many passengers will Tarrant carry on the ferry?",
            "does not mention “Tarrant”.",  # of another passage
        ),
        ("will the Brzezik ferry carry passengers?", "Not in the documents: Brzezik."),
        ("how many passengers will the FERRY carry?", ""),
    ],
)
def test_the_words_that_the_passage_lacks_are_named_as_they_were_typed(
    ferry: Answerer, question: str, note: str
) -> None:
    answer = ask(ferry, question)
    assert answer.citations[0].passage.number == 3
    said = phrases.remarks(answer)
    assert any(note in one for one in said) if note else not said


def test_another_number_makes_a_passage_only_the_closest(ferry: Answerer) -> None:
    answer = ask(ferry, "does the ferry carry 60 passengers at a time?")
    assert isinstance(answer, Closest)
    assert "The passage says “40”, you asked about “60”." in answer.notes


def test_a_price_question_needs_an_amount_of_money() -> None:
    leave = answerer_of("We pay your full salary for six weeks.\nThe mayor's salary is $900.")
    assert isinstance(ask(leave, "how much is the mayor's salary?"), Answered)
    other = answerer_of("We pay your full salary for six weeks.\nThe hall has two doors.")
    assert isinstance(ask(other, "how much is the salary?"), Closest)


@pytest.mark.parametrize(
    ("text", "answered", "closest"),
    [
        # a phone number, an e-mail address
        ("Dee has a phone number.", "who has a phone number?", "what is the phone number of Dee?"),
        ("Dee Fox runs the mill.", "who runs the mill?", "what is the email of Dee Fox?"),
        # what is counted
        ("40 cars crossed the arch.", "how many cars crossed?", "how many lamps crossed the arch?"),
        ("The arch opened on 12 May.", "when did the arch open?", "how many arches are there?"),
        # a place, or at least every word
        ("Old bags stay for a day.", "how long do old bags stay?", "where can I sell old bags?"),
        # a yes or a no
        ("Q: Is a helmet for hire?\nA: No.", "is a helmet for hire?", "how many helmets for hire?"),
        # neither the word nor the kind
        ("The mill is a museum in Lowmere.", "what is the mill?", "when was the mill founded?"),
    ],
)
def test_a_quote_must_give_what_is_asked_for(text: str, answered: str, closest: str) -> None:
    others = "Lamps are lit at night.\nThe bakery sells rye.\nRing the number by phone or email."
    town = answerer_of(text, others)
    assert isinstance(ask(town, answered), Answered)
    assert isinstance(ask(town, closest), Closest)


def test_a_price_need_not_be_called_one() -> None:
    mill = answerer_of("A mill permit is 15 euros a month.", "Bread has a price.")
    answer = ask(mill, "what is the price of a mill permit?")
    assert isinstance(answer, Answered)
    assert answer.notes == ()


def test_a_word_of_another_item_does_not_count_for_the_quoted_one() -> None:
    text = (
        "# Oven\n\n- Heat for bread: 230\n- Top heat for cake: 180\n"
        "- Lower heat for cake: 160\n- For pies: no heat\n"
    )
    assert isinstance(ask(markdown(text), "lower heat for cake?"), Answered)
    other = ask(markdown(text), "lower heat for bread?")
    assert isinstance(other, Closest)
    assert "Another part of the passage is about “lower”." in other.reasons


def test_a_word_of_another_sentence_does_not_replace_the_one_in_the_quote() -> None:
    town = answerer_of("The bread fund is cut by half. The book fund stays.", "It rained.")
    assert isinstance(ask(town, "is the bread fund cut?"), Answered)
    other = ask(town, "is the book fund cut?")
    assert isinstance(other, Closest)
    assert "Another part of the passage is about “book”." in other.reasons


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        ("does it print in colour in 5.0?", Outcome.ANSWERED),
        ("does it print in colour in version 5.0.0?", Outcome.ANSWERED),
        ("how many pages does it print in 4.9?", Outcome.CLOSEST),
    ],
)
def test_the_notes_of_one_version_do_not_answer_for_another(
    question: str, outcome: Outcome
) -> None:
    text = (
        "# Notes\n\n## 5.0.0 (May)\n\nIt prints in colour, 40 pages a minute.\n\n"
        "## 4.8.0\n\nNews.\n"
    )
    answer = ask(markdown(text), question)
    assert answer.outcome is outcome
    said = "The passage says “5.0.0”, you asked about “4.9”."
    assert (said in answer.notes) is (outcome is Outcome.CLOSEST)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("which of the boats carry lanterns?", "It does not seem to give what is asked for."),
        ("where do the boats leave at noon?", "A passage of another section fits about as well."),
    ],
)
def test_a_reason_is_only_given_where_it_holds(question: str, reason: str) -> None:
    boats = markdown("# Boats\n\n## Red\n\nRed boats leave at noon.\n\n## Old\n\nOld boats sank.\n")
    assert reason not in ask(boats, question).reasons


def test_a_question_for_a_whole_list_gets_the_closest_and_a_note(ferry: Answerer) -> None:
    answer = ask(ferry, "list all the passengers that the ferry will carry")
    assert isinstance(answer, Closest)
    assert answer.citations[0].passage.number == 3
    assert answer.notes == ("A whole list is asked for; there may be more than these passages.",)


def test_a_yes_or_no_needs_the_word_that_is_asked_about(ferry: Answerer) -> None:
    assert isinstance(ask(ferry, "will the ferry carry passengers?"), Answered)
    answer = ask(ferry, "will the ferry carry poisonous snakes?")
    assert isinstance(answer, Closest)
    assert answer.missing == ("poisonous", "snakes")


def test_an_introduction_answers_who_a_person_is() -> None:
    text = "He met Kovac in Riga.\nThen Kovac, the treasurer, spoke.\nThe sea rose, said Horvat."
    who = answerer_of(text)
    told = ask(who, "who is Kovac?")
    assert isinstance(told, Answered)
    assert told.citations[0].quote == "Then Kovac, the treasurer, spoke."


def test_one_part_is_answered_if_the_other_has_no_answer(ferry: Answerer) -> None:
    answer = ask(ferry, "how many passengers will the ferry carry and who sells umbrellas?")
    assert isinstance(answer, Answered)
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
def test_a_heading_that_asks_is_answered_by_its_section(question: str, quote: str) -> None:
    answer = ask(markdown(HANDBOOK), question)
    assert isinstance(answer, Answered)
    assert answer.citations[0].quote.startswith(quote)


def test_a_quote_borrows_no_words_from_the_heading_of_another_section() -> None:
    answer = ask(markdown(HANDBOOK), "how many seats has the laptop in the portal?")
    assert isinstance(answer, Closest)


def test_the_section_does_not_begin_with_what_gives_another_kind_of_thing() -> None:
    text = (
        "# Mill\n\n## Move of the mill\n\nAnn Lee asked two carters.\n\n"
        "It begins on 4 May.\n\n## Oven\n\nIt is old.\n"
    )
    dated = ask(markdown(text), "when is the move of the mill?")
    assert dated.citations[0].quote.endswith("It begins on 4 May.")
    assert ask(markdown(text), "move of the mill").citations[0].quote.startswith("Ann Lee")


def test_more_asked_words_below_the_headings_make_an_answer_likelier() -> None:
    text = "# Town\n\n## Ferry for cattle\n\n{}\n\n## Chapel\n\nIt is old.\n"
    question = "who owns the ferry for cattle and timber?"
    none = markdown(text.format("It leaves at noon."))
    some = markdown(text.format("Ann Lee owns the timber and Bob Orr leaves at noon."))
    assert chance(some, question) > chance(none, question)


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
def test_a_passage_that_only_repeats_the_question_is_no_answer(entry: str) -> None:
    answer = ask(markdown(f"# Contents\n\n{entry}\n\nTea is free.\n"), "how do I order a laptop?")
    assert isinstance(answer, Closest)
    assert "It says nothing itself." in answer.reasons


def test_a_sentence_that_only_says_where_to_look_is_no_answer() -> None:
    text = "# Cycles\n\nTeams work in steps. For more on cycles, read Gear by Ann Lee.\n"
    answer = ask(answerer_from({"cycles.md": text}), "what is more on cycles by Ann Lee?")
    assert isinstance(answer, Closest)
    assert "The quote only says where to look." in answer.reasons


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
        ("wann öffnet das Schwimmbad?", ("wann", "öffnet", "das", "Schwimmbad")),
        ("когда откроется мост?", ("когда", "откроется", "мост")),
        ("橋は何時開きますか", ("橋は何時開きますか",)),
    ],
)
def test_a_question_that_matches_no_word_finds_nothing_and_names_its_words(
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


def test_another_spelling_is_the_same_word() -> None:
    choir = answerer_of("The choir must practice in the grey theater.", "It rained.")
    answer = ask(choir, "where must the choir practise?")
    assert isinstance(answer, Answered)
    assert not answer.missing
    assert not answer.notes


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
        ("The ferry carries 40 passengers.", "does the ferry carry 60 passengers?"),
        ("The ferry waits for two hours.", "does the ferry wait for three hours?"),
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
def test_a_corrected_name_is_noted_and_gives_only_the_closest(
    ferry: Answerer, question: str, outcome: Outcome
) -> None:
    answer = ask(ferry, question)
    assert answer.outcome is outcome
    assert any(note.startswith("I read “") for note in answer.notes)


def test_a_corrected_name_stays_corrected_in_the_thread(ferry: Answerer) -> None:
    first = "who said Masons in Lowmre would repair the cracked arches?"
    for answer in (
        ferry.answer(Question("and what do masons say of the old bridge?", (first,))),
        ferry.nearest(Question(first)),
    ):
        assert isinstance(answer, Closest)
        assert "I read “lowmre” as “lowmere”." in answer.notes


# the words of the question


def test_a_follow_up_must_be_covered_by_its_own_words() -> None:
    ferry = answerer_of("The ferry carries forty horses.\nThe bakery sells rye.\nIt rained.\n")
    before = ("how many horses does the ferry carry?",)
    assert not isinstance(ferry.answer(Question("and mules?", before)), Answered)
    assert isinstance(ferry.answer(Question("and what does the bakery sell?", before)), Answered)
    borrowed = ferry.answer(Question("how many?", before))  # it has no word of its own
    assert borrowed.citations[0].quote == "The ferry carries forty horses."


def test_a_word_of_a_heading_a_title_or_a_file_name_is_in_the_documents() -> None:
    files = {"parking.md": "# Rules\n\n## Garage\n\nAsk the porter for a key.\n\nIt rained.\n"}
    answer = answerer_from(files).answer(Question("who has the key for parking in the garage?"))
    assert answer.missing == ()


EXPENSES = (
    "# Rules\n\nYou may never claim the following:\n\n- tolls\n- parking fines\n\nTea is free.\n"
)


def test_what_introduces_a_list_is_evidence_for_its_items() -> None:
    answer = ask(markdown(EXPENSES), "may I claim parking fines?")
    assert isinstance(answer, Answered)
    assert answer.citations[0].quote == "- parking fines"
    lead = answer.citations[0].leads[0]
    text = answer.citations[0].passage.document.text
    assert text[lead.start : lead.end] == "You may never claim the following:"


def test_a_question_about_the_whole_list_quotes_all_of_it() -> None:
    answer = ask(markdown(EXPENSES), "what may I never claim?")
    assert isinstance(answer, Answered)  # all of it stands in what introduces the list
    assert answer.citations[0].quote == "- tolls\n- parking fines"


def test_a_name_after_the_same_preposition_is_in_the_same_place() -> None:
    town = answerer_of(
        "Rope for RMX costs nine euros.\nThe fair of bells is in Leeds.\n"
        "Fly to Porto or by QTZ in May.\n"
    )
    other = ask(town, "is the fair of bells in Porto?")
    assert "The passage says “Leeds”, you asked about “porto”." in other.notes
    other = ask(town, "what does rope for QTZ cost?")
    assert "The passage says “RMX”, you asked about “qtz”." in other.notes
    assert isinstance(ask(town, "what does rope for RMX cost?"), Answered)


def test_another_name_in_the_same_place_is_no_answer() -> None:
    town = answerer_of("The Leeds office has a bicycle store.\nThe bakery sells rye.\nIt rained.\n")
    assert not isinstance(ask(town, "has the London office a bicycle store?"), Answered)
    assert isinstance(ask(town, "has the Leeds office a bicycle store?"), Answered)


def test_passages_of_one_section_are_one_answer() -> None:
    text = (
        "# Town\n\n## Ferry\n\nThe ferry carries cattle on Monday.\n\n"
        "The ferry carries cattle on Friday.\n\n## {}\n\nThe ferry carries cattle.\n"
    )
    apart = text.replace("on Monday.\n\n", "on Monday.\n\n## Boats\n\n")
    question = "when does the ferry carry cattle?"
    assert chance(markdown(text.format("Old")), question) > chance(
        markdown(apart.format("Old")), question
    )


def test_a_passage_of_the_same_section_does_not_compete_with_the_best_one() -> None:
    ferry = markdown(
        "# Ferry\n\n## Fares\n\nThe ferry fare is 4 euros.\n\nThe night ferry fare is 6 euros.\n\n"
        "The ferry fare for dogs is 1 euro.\n\n## Pier\n\nThe pier has a lamp.\n"
    )
    [part] = ferry.examine(Question("what is the ferry fare?"))
    known = features(part.query, part.found)
    assert known["lead_next"] < 0.1 < known["lead"]


def test_a_heading_that_is_the_question_word_for_word_comes_first() -> None:
    text = (
        "# Town\n\n## The process of painting\n\nIt takes years.\n\n"
        "## What's the process?\n\nAsk the board first.\n"
    )
    answer = ask(markdown(text), "What's the process?")
    assert answer.citations[0].quote == "Ask the board first."


def test_a_yes_or_no_needs_the_word_that_is_asked_about_in_a_table_too() -> None:
    table = "# Offices\n\n| Office | Floor |\n|---|---|\n| Berlin | 3 |\n| Paris | 5 |\n"
    assert isinstance(ask(markdown(table), "which floor is the Berlin office on?"), Answered)
    assert isinstance(ask(markdown(table), "does the Berlin office have a garden?"), Closest)


CLAIMS = """
# Expenses

## Claims

Claims are approved by the finance desk.

## Meals

Meals on a journey are paid.

## Keys

The porter has a spare key.
"""


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        ("who approves claims?", Outcome.ANSWERED),
        ("who approves journeys?", Outcome.CLOSEST),
    ],
)
def test_of_a_question_of_two_words_an_answer_has_both(question: str, outcome: Outcome) -> None:
    assert ask(answerer_from({"claims.md": CLAIMS}), question).outcome is outcome


def test_a_passage_with_only_synonyms_of_synonyms_is_nothing() -> None:
    answerer = answerer_from({"desk.md": "# Desk\n\nGo to the front desk.\n\nIt is red.\n"})
    [part] = answerer.examine(Question("who is the ceo?"))
    assert [match.via for match in part.found[0].matches if match.information] == [A_SECOND_STEP]
    assert part.verdict.outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        ("what happens when I cancel my membership?", Outcome.ANSWERED),
        ("how do I cancel my membership?", Outcome.CLOSEST),
    ],
)
def test_below_a_question_only_that_question_is_answered(question: str, outcome: Outcome) -> None:
    text = """# Gym

## What happens when I cancel my membership?

Your card stops working at once.

## Where are the lockers?

They are behind the stairs.
"""
    assert ask(answerer_from({"gym.md": text}), question).outcome is outcome


def test_a_sentence_that_only_introduces_what_is_not_quoted_is_no_answer() -> None:
    text = "Ask the porter for the key.\n\nTo restore a single file from a backup:\n"
    answer = ask(answerer_of(text), "how do I restore a single file from a backup?")
    assert isinstance(answer, Closest)
    assert "The quote only introduces what follows." in answer.reasons


@pytest.mark.parametrize("before", ["", "The option is new. "])
def test_what_the_best_sentence_introduces_is_quoted_with_it(before: str) -> None:
    text = f"# Prompts\n\n{before}To avoid the enter prompt, use this command:\n\nset short=T\n"
    answer = ask(answerer_from({"a.md": text}), "how do I avoid the enter prompt?")
    citation = answer.citations[0]
    assert citation.quote == "set short=T"
    [lead] = citation.passage.leads
    assert citation.passage.document.text[lead.start : lead.end].startswith("To avoid")


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        ("what did Tarrant say about the plan for the bridge?", Outcome.ANSWERED),
        ("what did Holt say about the plan for the quay?", Outcome.CLOSEST),
        ("what does the plan say about the quay?", Outcome.ANSWERED),
    ],
)
def test_what_somebody_said_is_answered_only_by_what_was_said(
    question: str, outcome: Outcome
) -> None:
    text = (
        "We met Tarrant, who warned that the plan for the bridge is old.\n"
        "We have the plan of Holt for the quay.\n"
    )
    assert ask(answerer_of(text), question).outcome is outcome
