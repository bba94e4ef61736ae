"""What a sentence states: a reason, a time, a condition, and who does what to whom."""

import pytest

from bot.model import Answered, Question
from tests.conftest import answerer_from

# Each document has the words of the question, and does not answer it.
NO_ANSWERS = (
    ("If several officials approve the travel of a team, tell the desk.", "who approves travel?"),
    ("The X20 Pro has two cameras.", "how many cameras does the X20 have?"),
    (
        "Lumo needs 8 GB of memory. Lumo Mini needs a tablet.",
        "how much memory does Lumo Mini need?",
    ),
    ("She took the papers to Gunnar Stahl, the chairman.", "who succeeded Gunnar Stahl?"),
    ("There has been an outbreak of scarlet fever in Year 1.", "how do I treat scarlet fever"),
    ("Restarting the cluster is a last resort.", "how long does restarting the cluster take?"),
    ("We believed that a rollback drops queued messages.", "does a rollback drop messages?"),
    ("Your badge opens the lab after the induction.", "what time does the lab open?"),
    (
        "After a leak the caretaker replaces the filter within two days.",
        "how often is the filter replaced",
    ),
    (
        "New starters attend the safety course within their first month.",
        "how often do I need to attend the safety course",
    ),
    ("The Oaken bridge failed at about 6 a.m. on Sunday.", "why did the Oaken bridge fail?"),
    ("The judge postponed the trial until 9 September.", "why was the trial postponed?"),
    ("Striker Pavel Dube joined Rovers for 12 million.", "how tall is Pavel Dube?"),
    ("Noor Bexley, who heads the agency, was born in Skallmouth.", "when was Noor Bexley born?"),
    ("Tobias Fenn is the manager of the sports hall.", "what's Tobias Fenn's phone number?"),
    ("Rovers beat Athletic 3-1 on Sunday.", "who did Athletic beat?"),
    (
        "41,000 containers came in May. The new crane starts in July.",
        "how many containers came in July?",
    ),
    (
        "The line opens in 2027 if the state pays half of the cost.",
        "did the state pay half of the cost?",
    ),
    (
        "The pool opens in June provided that the water tests are clean.",
        "are the water tests clean?",
    ),
    ("The former mayor of Brenn, Ilse Kott, opened the fair.", "who is the mayor of Brenn?"),
    ("Lars Vint was chief executive until May.", "who is the chief executive?"),
    ('"Nobody asked us," said Omar Haddad of the union.', "what did Haddad say about the tunnel?"),
    ("You sit with a partner in the exam.", "i dont want to sit with a partner"),
    ("1. Open the project menu.\n2. Select **Archive project**.", "who can archive a project"),
    (
        "Only the workspace owner can ask. Go to Billing and select **Request refund**.",
        "who can request a refund",
    ),
    (
        "Our Leeds office is on floors 2 and 3 of 8 Mill Lane.",
        "how many people work in the leeds office",
    ),
    ("The lease of unit 2 ends on 30 September.", "when does the lease of unit 7 end"),
    ("The pond is behind the mill.", "how deep is the pond?"),
    (
        "- On Linux the tray icon is missing. Use the menu until 4.3.",
        "when will Orbit 4.3 be released",
    ),
    ("Gifts worth up to £40 may be accepted.", "may I accept a gift worth £150"),
    ("Dust has settled on the lens. Wipe it with a dry cloth.", "why is the reader blocked"),
)
# What an answer must quote, besides: the sentence that answers, with the one that continues it.
ANSWERS = (
    ("# Lumo Mini\n\nLumo needs 4 GB of memory.", "how much memory does Lumo Mini need?", "4 GB"),
    ("The X20 Pro has two cameras.", "how many cameras does the X20 Pro have?", "two"),
    ("Guards may be removed only while the switch is off.", "when may guards be removed?", "while"),
    ("A ticket is closed when the customer confirms.", "when is a ticket closed?", "confirms"),
    ("Contact Greta Solheim to get a badge.", "who do I contact to get a badge?", "Greta Solheim"),
    (
        "| Severity | Update stakeholders every |\n| --- | --- |\n| SEV1 | 30 minutes |",
        "how often are stakeholders updated in a SEV1?",
        "30 minutes",
    ),
    (
        "Vic wanted the caretaker to work on Saturdays. It was decided not to change his hours.",
        "does the caretaker work on saturdays",
        "decided not",
    ),
    (
        "Paul proposed to raise the rent to £900 from August. The board voted it down.",
        "what is the rent from august",
        "voted it down",
    ),
    (
        "Anna proposed to charge visitors £5 a day. Later it was rejected by five to two.",
        "will visitors be charged £5 a day",
        "rejected",
    ),
    (
        "The filter is replaced every two months.",
        "how often is the filter replaced",
        "every two months",
    ),
    (
        "The caretaker cleans the stairs on Mondays.",
        "how often does the caretaker clean the stairs",
        "Mondays",
    ),
    (
        "Seniors travel free on trams after 9:00. Students do not.",
        "do students travel free on trams",
        "Students do not",
    ),
    (
        "Nurses are offered a flu jab every May. It is free. Volunteers are not covered.",
        "are volunteers offered a flu jab",
        "Volunteers are not",
    ),
    (
        "Companies pay VAT at checkout. Charities are exempt.",
        "do charities pay VAT at checkout",
        "Charities are exempt",
    ),
    (
        "Suppliers must sign the code of conduct. Customers may do so if they wish.",
        "do customers have to sign the code of conduct",
        "Customers may",
    ),
    (
        "Nurses, midwives and porters are eligible. Cleaners are eligible as well.",
        "who is eligible",
        "Nurses+Cleaners",
    ),
    (
        "The trial was postponed because a witness was ill.",
        "why was the trial postponed?",
        "because",
    ),
    ("The flight was cancelled owing to fog.", "why was the flight cancelled?", "owing to fog"),
    ("Talks broke down over pensions.", "why did the talks break down?", "pensions"),
    (
        "The bridge in Skallmouth is 40 metres high.",
        "how high is the bridge in Skallmouth?",
        "40 metres",
    ),
    ("Halden sued Ketler over a patent.", "did Halden sue Ketler?", "Halden sued"),
    ("If you lose your badge, call the desk.", "what do I do if I lose my badge?", "call the desk"),
    ("Ilse Kott is the mayor of Brenn.", "who is the mayor of Brenn?", "Ilse Kott"),
    (
        "Partners receive 6 weeks of leave at full pay.",
        "how much leave do partners get at full pay",
        "6 weeks",
    ),
    (
        "During the trial you may cancel within a week. After it the cancellation takes a year.",
        "what is the cancellation period in the trial?",
        "During",
    ),
)
CLUBS = (
    "- Choir: Mondays at 18:00, led by Ana Roth\n- Chess club: Fridays, room 4\n- Yoga: 12 euros"
)
CLINICS = (
    "The Bonn clinic opens at 8:00.\n\nThe Kiel clinic has a lift.\n\nBonn has parking spaces."
)


@pytest.mark.parametrize(("text", "question"), NO_ANSWERS)
def test_a_sentence_with_the_words_that_does_not_answer_is_no_answer(
    text: str, question: str
) -> None:
    answer = answerer_from({"a.md": text}).answer(Question(question))
    assert not isinstance(answer, Answered), answer


@pytest.mark.parametrize(("text", "question", "quoted"), ANSWERS)
def test_an_answer_is_quoted_with_what_it_needs(text: str, question: str, quoted: str) -> None:
    answer = answerer_from({"a.md": text}).answer(Question(question))
    assert isinstance(answer, Answered), answer
    assert all(part in answer.citations[0].quote for part in quoted.split("+"))


@pytest.mark.parametrize(
    ("text", "before", "question"),
    [
        (CLUBS, "who leads the choir?", "and the chess club?"),
        (CLUBS, "how much is yoga?", "and the choir?"),
        (CLINICS, "does bonn have parking spaces?", "and a lift?"),
    ],
)
def test_a_follow_up_asks_for_the_same_kind_of_thing_of_the_same_subject(
    text: str, before: str, question: str
) -> None:
    answer = answerer_from({"a.md": text}).answer(Question(question, (before,)))
    assert not isinstance(answer, Answered), answer


def test_a_follow_up_with_the_same_kind_of_thing_is_answered() -> None:
    clubs = answerer_from({"a.md": CLUBS})
    answer = clubs.answer(Question("and the choir?", ("when does the chess club meet?",)))
    assert isinstance(answer, Answered)
    assert "Mondays" in answer.citations[0].quote


def test_a_message_that_says_what_was_meant_is_a_follow_up() -> None:
    library = answerer_from({"a.md": "Bonn is open from 9 to 5.\n\nUlm is open from 10 to 4."})
    answer = library.answer(Question("oh sorry, i meant ulm", ("when is bonn open?",)))
    assert isinstance(answer, Answered)
    assert answer.citations[0].quote == "Ulm is open from 10 to 4."
