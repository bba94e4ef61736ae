import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.english.answer_types import names_what_is_asked
from bot.english.questions import Kind
from bot.english.text import words


@pytest.mark.parametrize(
    ("kind", "sentence", "named"),
    [
        (Kind.WHO, "Anna Kovac sang.", True),
        (Kind.WHO, "The Harbour Board met.", True),
        (Kind.WHO, "She sang for the mayor.", False),
        (Kind.WHEN, "It ends on Monday.", True),
        (Kind.WHEN, "It began in 1931.", True),
        (Kind.WHEN, "It opens in May, at 9:30.", True),
        (Kind.WHEN, "It ended last week.", True),
        (Kind.WHEN, "It closed three years ago.", True),
        (Kind.WHEN, "Guards come in a second phase.", True),
        (Kind.WHEN, "They left before the rain came.", True),
        (Kind.WHEN, "It covers air and sea.", False),
        (Kind.WHEN, "The board may close it.", False),
        (Kind.HOW_LONG, "It closed for eleven weeks.", True),
        (Kind.HOW_LONG, "They want a one-month truce.", True),
        (Kind.HOW_LONG, "It took a whole day.", True),
        (Kind.HOW_LONG, "It is closed indefinitely.", True),
        (Kind.HOW_LONG, "It closes on Monday.", False),
        (Kind.HOW_LONG, "It carries 40 passengers.", False),
        (Kind.HOW_MANY, "It carries 40 passengers.", True),
        (Kind.HOW_MANY, "It carries forty passengers.", True),
        (Kind.HOW_MANY, "It costs 1,200 pounds.", True),
        (Kind.HOW_MANY, "Half of them came.", True),
        (Kind.HOW_MANY, "It carries passengers.", False),
        (Kind.HOW_MANY, "One of them came.", False),  # mostly no number
        (Kind.PRICE, "It costs 1,200 pounds.", True),
        (Kind.PRICE, "A seat is €5.", True),
        (Kind.PRICE, "The fee is 12 a month.", True),
        (Kind.PRICE, "Seats are free.", True),
        (Kind.PRICE, "It closed for three months.", False),
        (Kind.WHERE, "They met in Lowmere.", True),  # a capital after "in"
        (Kind.WHERE, "They met at Harbour Road.", True),
        (Kind.WHERE, "Norway won.", True),  # a place of the list
        (Kind.WHERE, "Lowmere won.", False),
        (Kind.WHERE, "They met in the hall.", True),
        (Kind.WHERE, "It is on the second floor.", True),
        (Kind.WHERE, "Keys hang beside the kitchen door.", True),
        (Kind.WHERE, "The hall was full.", False),
        (Kind.WHERE, "It is in a good state.", False),
        (Kind.PHONE, "Call 0555 010 220.", True),
        (Kind.PHONE, "Ann | clerk | 3305", True),
        (Kind.PHONE, "Rooms 12 and 14 have version 2.4.1.", False),
        (Kind.EMAIL, "Write to ann@mill.example.", True),
        (Kind.EMAIL, "Write to Ann.", False),
        (Kind.WHERE, "They met in March.", False),
        (Kind.WHY, "It closed because it rained.", True),
        (Kind.WHY, "It closed to save money.", True),
        (Kind.WHY, "It closed due to rain.", True),
        (Kind.WHY, "They went to the hall.", False),
        (Kind.WHY, "It rained.", False),
        (Kind.YES_NO, "It rained.", True),
        (Kind.ALL, "It rained.", True),
        (Kind.OTHER, "It rained.", True),
    ],
)
def test_a_sentence_is_checked_for_the_kind_of_thing_asked_for(
    kind: Kind, sentence: str, named: bool
) -> None:
    assert names_what_is_asked(kind, sentence, ()) is named


@pytest.mark.parametrize(
    ("kind", "asked", "sentence"),
    [
        (Kind.WHO, "who did Kovac meet?", "Kovac met the mayor."),
        (Kind.WHERE, "where in Norway?", "They met in Norway."),
        (Kind.HOW_MANY, "how many of the 40?", "All 40 came."),
        (Kind.HOW_MANY, "how many of the two?", "The two came."),
        (Kind.WHERE, "where in the hall?", "They met in the hall."),
    ],
)
def test_repeating_the_question_is_no_answer(kind: Kind, asked: str, sentence: str) -> None:
    assert not names_what_is_asked(kind, sentence, {word.term for word in words(asked)})
    assert names_what_is_asked(kind, sentence, ())


@pytest.mark.parametrize(
    ("sentence", "introduces"),
    [
        ("Kovac, the mayor, sang.", True),
        ("Kovac, Latvia’s president, sang.", True),
        ("Kovac, head of the Harbour Board, sang.", True),
        ("Kovac is a baker.", True),
        ("Kovac (born in Riga) sang.", True),
        ("Kovac sang.", False),
        ("Kovac, however, sang.", False),
        ("Horvat, the mayor, met Kovac.", False),  # somebody else
    ],
)
def test_a_person_is_introduced_beside_the_name(sentence: str, introduces: bool) -> None:
    assert names_what_is_asked(Kind.WHO_IS, sentence, {"kovac"}) is introduces


@given(st.sampled_from(Kind), st.text(), st.frozensets(st.text(max_size=5)))
def test_no_sentence_raises(kind: Kind, sentence: str, asked: frozenset[str]) -> None:
    assert names_what_is_asked(kind, sentence, asked) in (True, False)
