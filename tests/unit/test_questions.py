import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.english.questions import Kind, Overview, kind, leans, normal, overview, parts

SUBJECTS = {"song", "london", "lowmer", "treati", "ferri"}  # what a corpus speaks of, as stems


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Where is the FERRY?", "where is the ferry?"),
        ("What’s the plan?", "what's the plan?"),
        ("what does the US want?", "what does the usa want?"),
        ("US troops", "usa troops"),
        ("a US-led force", "a usa-led force"),
        ("does US aid help us?", "does usa aid help us?"),
        ("tell us about the ferry", "tell us about the ferry"),
        ("between us and them", "between us and them"),
        ("is it about us?", "is it about us?"),
        ("what will U.S. do?", "what will usa do?"),
        ("TL;DR", "tldr"),
        ("is it over? y/n", "is it over?"),
        ("<@U012AB> who sang?", "who sang?"),
        ("see <https://a.example/us|this>: who sang?", "see : who sang?"),
        ("who sang at https://a.example/us?x=1", "who sang at"),
        ("", ""),
    ],
)
def test_a_question_is_read_in_lower_case_without_markup_and_with_the_country(
    typed: str, read: str
) -> None:
    assert normal(typed).split() == read.split()


@pytest.mark.parametrize(
    ("question", "asks_for"),
    [
        ("who sang?", Kind.WHO),
        ("whose idea was it?", Kind.WHO),
        ("which leader sang?", Kind.WHO),
        ("which leaders sang?", Kind.WHO),
        ("when did she sing?", Kind.WHEN),
        ("on what day did she sing?", Kind.WHEN),
        ("by which year?", Kind.WHEN),
        ("how long did she sing?", Kind.HOW_LONG),
        ("how many days did she sing?", Kind.HOW_LONG),
        ("how many songs?", Kind.HOW_MANY),
        ("what is the number of songs?", Kind.HOW_MANY),
        ("how big is the hall?", Kind.HOW_MANY),
        ("how much paid leave is there?", Kind.HOW_MANY),
        ("what does a seat cost?", Kind.PRICE),
        ("what is the monthly fee?", Kind.PRICE),
        ("how expensive is the hall?", Kind.PRICE),
        ("where did she sing?", Kind.WHERE),
        ("in which city?", Kind.WHERE),
        ("why did she sing?", Kind.WHY),
        ("what did she sing for?", Kind.WHY),
        ("what does PTO stand for?", Kind.OTHER),
        ("what do the Greens sing for?", Kind.WHY),
        ("what is the purpose of the song?", Kind.WHY),
        ("what is the singer's phone number?", Kind.PHONE),
        ("what is the phone number of the hall?", Kind.PHONE),
        ("what happens to my phone number?", Kind.OTHER),
        ("what is her email?", Kind.EMAIL),
        ("what is the e-mail address of the hall?", Kind.EMAIL),
        ("what is the rule for email?", Kind.OTHER),
        ("did she sing?", Kind.YES_NO),
        ("so, is it over?", Kind.YES_NO),
        ("isn't it over?", Kind.YES_NO),
        ("list all the songs", Kind.ALL),
        ("name every singer", Kind.ALL),
        ("what are all the songs?", Kind.ALL),
        ("what did she sing?", Kind.OTHER),
        ("how did she sing?", Kind.OTHER),
        ("the song", Kind.OTHER),
        ("", Kind.OTHER),
        ("can you tell me when she sang?", Kind.WHEN),  # not whether I can
        ("list all who sang", Kind.ALL),  # of several the first in the table
    ],
)
def test_a_question_asks_for_one_kind_of_thing(question: str, asks_for: Kind) -> None:
    assert kind(normal(question)) is asks_for


@pytest.mark.parametrize(
    ("question", "apart"),
    [
        ("who sang and when did she dance?", ["who sang", "when did she dance?"]),
        ("who sang? who danced?", ["who sang", "who danced?"]),
        ("who sang; and where?", ["who sang; and where?"]),  # a word alone asks nothing
        ("did it end, and who won the cup?", ["did it end", "who won the cup?"]),
        ("tell me who sang and what they sang", ["tell me who sang", "what they sang"]),
        ("who sang and who danced and who paid?", ["who sang", "who danced", "who paid?"]),
        ("who sang and danced?", ["who sang and danced?"]),
        ("what did Anna and Ivo sing?", ["what did anna and ivo sing?"]),
        ("who sang, who danced?", ["who sang", "who danced?"]),
        ("is it free, when is it open?", ["is it free", "when is it open?"]),
        ("did the song end? is it sold?", ["did the song end", "is it sold?"]),
        ("who sang and is it sold?", ["who sang", "is it sold?"]),
        # A clause is no question.
        ("what did Anna, who sang, say?", ["what did anna, who sang, say?"]),
        ("who owns the hall, which is shut?", ["who owns the hall, which is shut?"]),
        ("what happens, when the song ends?", ["what happens, when the song ends?"]),
        ("which hall was shut and is the best?", ["which hall was shut and is the best?"]),
        # lists
        ("1. who sang? 2. who danced?", ["who sang?", "who danced?"]),
        ("1) opening hours\n2) the price", ["opening hours", "the price"]),
        ("- who sang\n- who danced and who paid", ["who sang", "who danced", "who paid"]),
        ("• who sang • who danced", ["who sang", "who danced"]),
        ("two questions:\n* who sang\n* who danced", ["who sang", "who danced"]),
        ("the song: 1. who sang it? 2. is it sold?", ["the song: who sang it?", "is it sold?"]),
        ("who sang\nwho danced", ["who sang", "who danced"]),
        ("who sang\nthe song", ["who sang the song"]),
        ("what do steps 2. and 3. say?", ["what do steps 2. and 3. say?"]),
        ("the song? who sang it?", ["the song? who sang it?"]),  # the first asks nothing
        ("why and how did it end?", ["why and how did it end?"]),
        ("", [""]),
    ],
)
def test_two_questions_in_one_are_told_apart(question: str, apart: list[str]) -> None:
    assert parts(normal(question)) == apart


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("what is this about?", Overview.POINTS),
        ("TL;DR", Overview.POINTS),
        ("summarise the article", Overview.POINTS),
        ("give me the gist pls", Overview.POINTS),
        ("what are the main points?", Overview.POINTS),
        ("what's going on?", Overview.POINTS),
        ("catch me up", Overview.POINTS),
        ("give me the gist, my train leaves in a minute", Overview.POINTS),  # chat beside it
        ("give me the gist of the song", None),
        ("which people are mentioned?", Overview.PEOPLE),
        ("who is mentioned in the article?", Overview.PEOPLE),
        ("which countries are involved?", Overview.PLACES),
        ("which places are named?", Overview.PLACES),
        ("what can I ask?", Overview.HEADINGS),
        ("what are the headings?", Overview.HEADINGS),
        ("what is the song about?", None),
        ("who is involved?", Overview.PEOPLE),
        ("is there a summary?", Overview.POINTS),
        ("can you sum it up?", Overview.POINTS),
        ("what do I need to know?", Overview.POINTS),
        ("any news?", Overview.POINTS),
        ("what's happening?", Overview.POINTS),
        ("what topics are covered?", Overview.HEADINGS),
        ("what questions can I ask?", Overview.HEADINGS),
        # What asks for something, though no word of it says what.
        ("How do I ask for help?", None),
        ("who can I ask?", None),
        ("is he involved himself?", None),
        ("was she mentioned?", None),
        ("when did it happen?", None),
        ("how do I report news?", None),
        ("where do people go?", None),
        ("how do people get help?", None),
        ("what do people say?", None),
        ("do I need to tell people about it?", None),
        ("what should I say about it?", None),
        ("how many people are involved?", None),
        ("why is it important?", None),
        ("what happened in London?", None),
        ("who are the people of Lowmere?", None),
        ("which countries signed the treaty?", None),
        ("what is the point of the song?", None),
        ("what does the article say about ferries?", None),
        ("hello", None),
        ("", None),
    ],
)
def test_a_question_without_search_words_asks_for_an_overview(
    question: str, wanted: Overview | None
) -> None:
    assert overview(normal(question), SUBJECTS.__contains__) is wanted


@pytest.mark.parametrize(
    ("question", "leaning"),
    [
        ("why?", True),
        ("and in London?", True),
        ("what about the song?", True),
        ("ok, so how about Anna?", True),
        ("when will it end?", True),
        ("who sang it?", True),
        ("what did they say about the song?", True),
        ("", True),
        ("who sang the song?", False),
        ("where does the ferry go?", False),
        ("what did Ivo promise the town?", False),
        # A pronoun may point to something in the question itself, when there is enough of it.
        ("did Anna promise Ivo the song before she left?", False),
    ],
)
def test_a_question_that_is_not_complete_leans_on_an_earlier_one(
    question: str, leaning: bool
) -> None:
    assert leans(normal(question)) is leaning


WORDS = st.sampled_from("who what and is us the US u.s. w/o ; ? , song Anna it <@U1> about".split())


@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join)))
@example("\u13a0")  # a letter whose capital is its folded form
def test_any_text_is_read_and_every_part_of_it_stands_in_it(text: str) -> None:
    asked = normal(text)
    assert parts(asked)
    one_line = asked.replace("\n", " ")
    assert all(word in one_line for part in parts(asked) for word in part.split())
    assert kind(asked) in Kind
    assert overview(asked, SUBJECTS.__contains__) in (None, *Overview)
    assert leans(asked) in (True, False)
    upper, lower = text.upper(), text.lower()
    assert normal(upper) == normal(lower) or upper.casefold() != lower.casefold()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("what colour is the WHO form?", "what colour is the WHO form?"),
        ("does IT use it?", "does IT use it?"),
        ("WHO SANG IT?", "who sang it?"),
        ("WHO is it?", "who is it?"),
        ("what is plan A?", "what is plan A?"),
        ("A plan for May", "a plan for May"),
        ("May I go?", "may i go?"),
        ("what must I NOT do?", "what must i not do?"),
        ("the U.K. payroll", "the u.k. payroll"),
        ("gov@a.example", "gov@a.example"),
        ("R&D and R & D", "r&d and r&d"),
        ("what is <main> for?", "what is <main> for?"),
        ("https://a.example/x", "https://a.example/x"),
    ],
)
def test_names_in_capitals_and_with_symbols_stay_names(typed: str, read: str) -> None:
    assert normal(typed) == read
    assert normal(read) == read


def test_a_word_of_the_documents_is_not_read_as_shorthand() -> None:
    assert normal("wats diff for Wen?", {"diff", "Wen"}.__contains__) == "what is diff for wen?"
