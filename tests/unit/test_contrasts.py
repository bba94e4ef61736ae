"""A passage about the opposite, or another member of a class, is no answer; look-alikes are."""

import pytest

from bot.answering.answerer import Answerer
from bot.answering.weights import CONFLICT
from bot.model import Answer, Answered, Citation, Closest, Question
from tests.conftest import answerer_from, answerer_of

CONFLICTS = [
    ("how do I switch the alarm on?", "To turn the alarm off, press the red button.", "off", "on"),
    ("how do I switch on the alarm?", "To turn the alarm off, press the red button.", "off", "on"),
    # on and off, in and out, up and down
    ("how do I switch the heater off?", "Switch the heater on at the wall.", "on", "off"),
    ("how do I switch off the heater?", "Switch the heater on at the wall.", "on", "off"),
    ("how do I sign out of the portal?", "Sign in to the portal with a code.", "in", "out"),
    ("how do I sign visitors in?", "Sign visitors out at the desk.", "out", "in"),
    ("when is check-out?", "Check-in is from 14:00.", "in", "out"),
    ("how do I turn the volume up?", "Turn the volume down with the wheel.", "down", "up"),
    # before what, with what, over how much
    ("what do I sign after the tour?", "Sign the waiver before the tour.", "before", "after"),
    ("who may enter without a pass?", "Guests with a pass may enter.", "with", "without"),
    ("who may enter with a pass?", "Guests without a pass may enter.", "without", "with"),
    ("who pays bills above 90 euros?", "Ann pays bills below 90 euros.", "below", "above"),
    ("who pays more than 90 euros?", "Ann pays under 90 euros.", "under", "more than"),
    ("who rides outside the city?", "Inside the city couriers ride.", "inside", "outside"),
    ("may guests stay after 18:00?", "Guests may stay until 18:00.", "until", "after"),
    ("who pays over 90 euros?", "Ann pays up to 90 euros.", "at most", "over"),
    ("who signs over 90 euros?", "Ann signs no more than 90 euros.", "at most", "over"),
    # a member of a class
    ("is the bar open Sunday evenings?", "The bar opens Monday evenings.", "Monday", "Sunday"),
    ("when is the bar open on Saturday?", "The bar opens Monday to Friday.", "Monday", "Saturday"),
    ("what is paid in August?", "The bonus is paid in March.", "March", "August"),
    ("how often does it run in summer?", "It does run twice a day in winter.", "winter", "summer"),
    ("where is the green folder?", "The red folder is in the safe.", "red", "green"),
    ("which gate do silver members use?", "Gold members use gate C.", "Gold", "silver"),
    ("how many days do part-time staff get?", "Full-time staff get 20 days.", "Full", "part"),
    ("who updates the iPhone app?", "Mara updates the Android app.", "Android", "iPhone"),
    ("when does the south gate close?", "The north gate closes at 20:00.", "north", "south"),
    ("where do diesel cars park?", "Electric cars park on the roof.", "Electric", "diesel"),
    ("who books domestic trips?", "Ann books international trips.", "international", "domestic"),
    ("what does the landlord pay?", "The tenant must pay for repairs.", "tenant", "landlord"),
    ("what is the download limit?", "The upload limit is 10 MB.", "upload", "download"),
    ("who approves paid leave?", "Unpaid leave is approved by Ann.", "Unpaid", "paid"),
    ("where are smoking rooms?", "Non-smoking rooms are on top.", "Non-smoking", "smoking"),
    ("who fixes severity 1 faults?", "Severity 2 faults are fixed by Ann.", "2", "1"),
    ("is it fixed within two days?", "It is fixed within two hours.", "hours", "days"),
    ("which key opens the test safe?", "The live safe opens with key 2.", "live", "test"),
    ("who takes rent in cash?", "Ann takes the rent by card.", "card", "cash"),
    ("who teaches the Welsh course?", "Ann teaches the Basque course.", "Basque", "Welsh"),
    # what is denied
    ("which bills need approval?", "Small bills need no approval.", "no approval", "approval"),
    ("who must not wear a badge?", "Contractors must wear a badge.", "wear", "not wear"),
]  # fmt: skip

NO_CONFLICTS = [
    # the other one, but in another place
    ("how do I log in at the desk?", "Log in at the desk on the way out."),
    ("how do I turn the alarm off in the hall?", "Turn the alarm off on your way out."),
    ("who pays for the red car?", "The red car is paid for by Ann, who drives the blue bus."),
    ("where is the front desk?", "The front desk is in the lobby at the back of the house."),
    ("who runs the ACME groups?", "Ann runs the groups; add non-ACME people to your groups there."),
    # both
    ("which gate do silver members use?", "Gold and silver members use gate C."),
    ("where do diesel cars park?", "Electric cars park on the roof, diesel cars in the yard."),
    ("what is served after the talk?", "Tea is served before the talk, wine after it."),
    ("may I enter with or without a pass?", "You may enter with a pass."),
    ("which is larger, the red or the blue room?", "The red room is larger."),
    # a range, a part of the week, or all of it
    ("what are the opening hours on Wednesday?", "The opening hours are Monday to Friday 9 to 17."),
    ("when is the bar open on Sunday?", "The bar is open Friday through Monday from 6."),
    ("when is the bar open on Saturday?", "The bar is open at the weekend from 6."),
    ("when is the pool open in July?", "The pool is open from June to August."),
    ("who parks on level 3?", "Staff park on levels 1 to 5."),
    ("which car do grade A workers get?", "Grade B workers and higher get a van as a car."),
    ("when does the shop close?", "The shop is open from 9:00 to 17:00."),
    # a yes or a no is answered by the opposite of what is asked
    ("is the shop open on Sundays?", "The shop is closed on Sundays."),
    ("is the course mandatory?", "The course is optional."),
    ("may I smoke in the yard?", "You may not smoke in the yard."),
    ("may I claim more than 50 euros for dinner?", "You may claim up to 50 euros for dinner."),
    ("are staff paid weekly?", "Staff are paid monthly."),
    # the same in other words
    ("who pays bills of more than 90 euros?", "Ann pays bills over 90 euros."),
    ("how do I log out?", "To logout, press the red key."),
    ("when is the autumn party?", "The fall party is in October."),
    ("which bills do not need approval?", "Bills under 50 euros don't need approval."),
    ("who is not paid for travel?", "Interns are unpaid for travel."),
    # only how long, how old, how many
    ("how long is the walk?", "The short walk is two miles."),
    ("how old is the printer?", "The new printer is two years old."),
    ("how many weeks of leave do I get?", "You get 25 days of leave."),
    # absent, and no other one is there
    ("when do silver members pay?", "Members pay in May."),
    ("what must I do before the tour?", "Sign the waiver for the tour."),
    ("when is the report published?", "The report is not published until May."),
]  # fmt: skip


def ask(answerer: Answerer, question: str) -> Answer:
    return answerer.answer(Question(question))


@pytest.mark.parametrize(("question", "passage", "found", "asked"), CONFLICTS)
def test_a_passage_about_the_opposite_is_only_the_closest_and_says_so(
    question: str, passage: str, found: str, asked: str
) -> None:
    answer = ask(answerer_of(passage), question)
    assert isinstance(answer, Closest)
    said = f"The passage says “{found}”, you asked about “{asked}”.".casefold()
    assert said in [note.casefold() for note in answer.notes]


@pytest.mark.parametrize(("question", "passage"), NO_CONFLICTS)
def test_a_lookalike_is_not_reported_as_a_contrast(question: str, passage: str) -> None:
    answer = ask(answerer_of(passage), question)
    assert answer.citations
    assert not [note for note in answer.notes if "you asked about" in note]


TWINS = [
    ("Turn the alarm on with the silver key.", "To turn the alarm off, enter the code and wait."),
    ("Log in with your card.", "Log out at the terminal by the door before you leave for the day."),
    (
        "Guests with a pass use the north door.",
        "Guests without a pass ring and wait to be fetched.",
    ),
    ("Tea is served before the talk.", "Cake is served in the small hall after the talk is over."),
    ("Parcels above 20 kg go to the bay.", "Parcels below 20 kg may be left at the reception."),
    ("Gold members may cancel for free.", "Silver members pay half of the price to cancel."),
    ("Items under 50 euros need no approval.", "Items over 50 euros need the approval of Ann."),
]


@pytest.mark.parametrize(
    ("twins", "question", "right"),
    [
        (TWINS[0], "how do I turn the alarm on?", 0),
        (TWINS[0], "how do I turn the alarm off?", 1),
        (TWINS[1], "how do I log in?", 0),
        (TWINS[1], "how do I log out?", 1),
        (TWINS[2], "which door do guests with a pass use?", 0),
        (TWINS[2], "which door do guests without a pass use?", 1),
        (TWINS[3], "what is served before the talk?", 0),
        (TWINS[3], "what is served after the talk?", 1),
        (TWINS[4], "what happens to parcels above 20 kg?", 0),
        (TWINS[4], "what happens to parcels below 20 kg?", 1),
        (TWINS[5], "may gold members cancel for free?", 0),
        (TWINS[5], "may silver members cancel for free?", 1),
        (TWINS[6], "which items need no approval?", 0),
        (TWINS[6], "which items need approval?", 1),
    ],
)
def test_the_rule_asked_for_ranks_above_its_opposite(
    twins: tuple[str, str], question: str, right: int
) -> None:
    answer = ask(answerer_of("\n".join((*twins, "The boiler is in the cellar."))), question)
    assert answer.citations[0].quote == twins[right]
    assert not [note for note in answer.notes if "you asked about" in note]


def test_a_passage_about_the_opposite_does_not_prevent_an_answer() -> None:
    both = answerer_of(
        "Guests with a pass use the north door.\n"
        "Guests without a pass ring the bell of the south door and wait there for their host.\n"
        "The boiler is in the cellar."
    )
    answer = ask(both, "which door do guests without a pass use?")
    assert isinstance(answer, Answered)
    assert answer.citations[0].quote.startswith("Guests without")


def test_a_contrasting_name_does_not_outrank_the_other_words() -> None:
    both = answerer_of(
        "The English crown fought in the long war and lost it.\nThe French baker closes at noon.\n"
    )
    answer = ask(both, "which crown fought in the long French war?")
    assert answer.citations[0].quote.startswith("The English crown")


def test_a_contrast_lowers_the_score_and_is_listed_as_a_reason() -> None:
    [found] = ask(answerer_of("Turn the alarm on."), "how do I turn the alarm off?").citations
    [why] = [match for match in found.why if "the other one" in match.asked]
    assert why.asked == "it is about the other one: on, not off"
    assert why.score == pytest.approx((CONFLICT - 1) * (found_score(found) - why.score))


def found_score(found: Citation) -> float:
    return sum(match.score for match in found.why)


def test_headings_and_leads_say_what_a_passage_is_about() -> None:
    about = answerer_from(
        {
            "a.md": "# Rules\n\n## Gold members\n\nThey may cancel a booking for free.\n\n"
            "## Dogs\n\nFor dogs on a lead, with a ticket:\n\n- pay four euros\n- use the ramp\n"
        }
    )
    gold = ask(about, "may silver members cancel a booking for free?")
    assert "The passage says “Gold”, you asked about “silver”." in gold.notes
    assert not ask(about, "may gold members cancel a booking for free?").notes
    without = ask(about, "what must dogs without a ticket pay?")
    assert "The passage says “with”, you asked about “without”." in without.notes


def test_a_row_belongs_to_the_plan_named_in_it_or_in_its_header() -> None:
    rows = "| Plan | Price |\n|---|---|\n| Silver | 5 euros |\n"
    silver = ask(
        answerer_from({"a.md": f"# Plans\n\n{rows}"}), "what is the price of the gold plan?"
    )
    assert "The passage says “Silver”, you asked about “gold”." in silver.notes
    columns = "| Cost | Gold | Silver |\n|---|---|---|\n| Price | 9 euros | 5 euros |\n"
    gold = ask(answerer_from({"a.md": f"# Costs\n\n{columns}"}), "what is the price for gold?")
    assert not [note for note in gold.notes if "you asked about" in note]


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("how many days do part-time staff get?", "Part-time staff get 14 days."),
        ("can part-time staff take 28 days?", "Part-time staff get 14 days."),
        ("how many days do full-time staff get?", "Full-time staff get 28 days."),
    ],
)
def test_the_rule_asked_about_is_quoted_from_a_passage_with_two(question: str, quote: str) -> None:
    text = "Full-time staff get 28 days. Part-time staff get 14 days."
    found = answerer_of(text, "The gate is green.").answer(Question(question))
    assert found.citations[0].quote == quote
