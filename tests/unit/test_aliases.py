from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.english.aliases import aliases
from bot.english.names import names, people
from bot.english.synonyms import shipped
from bot.english.text import words

is_common = shipped().begins


def stems(term: str) -> str:
    return " ".join(word.term for word in words(term))


def called(paragraphs: list[str], *asked: str) -> set[str]:
    """Whom or what these paragraphs mean by one term, or by two together."""
    terms = frozenset(stems(term) for term in asked)
    return {alias.name for alias in aliases(paragraphs, is_common) if alias.terms == terms}


# Anna Kovac is called by her surname or her first name, where nobody else bears it.


@pytest.mark.parametrize(
    ("asked", "means"),
    [
        ("Kovac", {"Anna Kovac", "Anna"}),
        ("Anna", {"Anna Kovac", "Kovac"}),
        ("Anna Kovac", {"Anna", "Kovac"}),
        ("Horvat", {"Ivo Horvat", "Ivo"}),
        ("Zagreb", set()),
    ],
)
def test_a_full_name_its_surname_and_its_first_name_mean_each_other(
    asked: str, means: set[str]
) -> None:
    assert called(["Anna Kovac met Ivo Horvat in Zagreb."], asked) == means


def test_a_name_that_two_people_bear_means_neither() -> None:
    text = ["Anna Kovac met Mila Kovac."]
    assert called(text, "Kovac") == set()
    assert "Mila Kovac" in called(text, "Mila")


# An office is looked up with what it is of.


@pytest.mark.parametrize(
    ("sentence", "asked"),
    [
        ("Anna Kovac, Latvia’s president, spoke.", ("Latvia", "president")),
        ("Latvia’s president, Anna Kovac, spoke.", ("Latvia", "president")),
        ("Latvia's president Anna Kovac spoke.", ("Latvia", "president")),
        ("The Latvian president, Anna Kovac, spoke.", ("Latvian", "president")),
        ("Anna Kovac, the president of Latvia, spoke.", ("president", "Latvia")),
        ("Anna Kovac, head of the Harbour Board, spoke.", ("head", "Harbour Board")),
        ("Anna Kovac, the Harbour Board’s director, left.", ("Harbour Board", "director")),
        ("Latvia’s Anna Kovac spoke.", ("Latvia", "leader")),
        ("Latvia’s Anna Kovac spoke.", ("Latvia", "president")),
        ("Anna Kovac, Latvia’s president, spoke.", ("president",)),
        ("Latvia’s prime minister, Anna Kovac, spoke.", ("Latvia", "prime minister")),
        ("Anna Kovac, the prime minister, spoke.", ("prime minister",)),
    ],
)
def test_an_office_means_its_holder(sentence: str, asked: tuple[str, ...]) -> None:
    assert called([sentence], *asked) == {"Kovac"}


@pytest.mark.parametrize(
    ("sentence", "asked"),
    [
        ("Anna Kovac, head of the Harbour Board, spoke.", "head"),  # there are many heads
        ("Anna Kovac, the mayor, spoke.", "mayor"),
        ("Anna Kovac, who bakes, met the president.", "president"),
        ("Anna Kovac met a king.", "king"),
    ],
)
def test_an_office_alone_means_nobody_unless_it_is_unique_and_theirs(
    sentence: str, asked: str
) -> None:
    assert called([sentence], asked) == set()


def test_an_office_that_two_people_hold_means_neither() -> None:
    both = ["Anna Kovac, Latvia’s president, met Ivo Horvat, Croatia’s president."]
    assert called(both, "president") == set()
    assert called(both, "Latvia", "president") == {"Kovac"}
    assert called(both, "Croatia", "president") == {"Horvat"}
    assert called([*both, "Latvia’s president, Mila Ozols, left."], "Latvia", "president") == set()


@pytest.mark.parametrize(
    ("paragraphs", "means"),
    [
        (["Anna Kovac spoke.", "The Prime Minister left."], {"Kovac"}),
        (["Anna Kovac spoke.", "Later the Prime Minister left."], {"Kovac"}),
        (["Anna Kovac spoke.", "Ivo Horvat sang.", "The Prime Minister left."], {"Horvat"}),
        (["Anna Kovac spoke to Ivo Horvat.", "The Prime Minister left."], {"Kovac"}),  # the subject
        (["Anna Kovac spoke.", "The prime minister left."], set()),
        (["The Prime Minister left.", "Anna Kovac spoke."], set()),
        (["Anna Kovac spoke.", "The Harbour Master left."], set()),
    ],
)
def test_a_capitalised_office_means_the_last_person_named(
    paragraphs: list[str], means: set[str]
) -> None:
    assert called(paragraphs, "prime minister") == means


# An abbreviation in brackets means the words before it, and they mean it.


@pytest.mark.parametrize(
    ("sentence", "name", "short"),
    [
        ("The Travel Approval Board (TAB) met.", "Travel Approval Board", "TAB"),
        ("We get paid time off (PTO) too.", "paid time off", "PTO"),
        ("The Travel Approval Board (the TAB) met.", "Travel Approval Board", "TAB"),
        ("Send it to the Bank of Lowmere (BoL).", "Bank of Lowmere", "BoL"),
        ("We keep a risk and hazard register (RHR).", "risk and hazard register", "RHR"),
    ],
)
def test_an_abbreviation_and_its_name_mean_each_other(sentence: str, name: str, short: str) -> None:
    assert called([sentence], short) == {name}
    assert called([sentence], name) == {short}


@pytest.mark.parametrize(
    "sentence",
    [
        "The North Sea Board (TAB) met.",
        "The Travel Approval Board (Lowmere) met.",
        "The Board (TAB) met.",
        "The Travel Approval Board (tab) met.",
        "TAB (Travel Approval Board) met.",
    ],
)
def test_brackets_that_do_not_match_the_initials_give_no_alias(sentence: str) -> None:
    assert aliases([sentence], is_common) == []


def test_an_alias_keeps_what_a_person_reads() -> None:
    [found] = [
        alias
        for alias in aliases(["Anna Kovac, the president of Latvia, spoke."], is_common)
        if len(alias.terms) == 2
    ]
    assert (found.written, found.name, found.found_as) == ("president of Latvia", "Kovac", "kovac")


# names


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Under Anna Kovac, Ivo Horvat’s ferry sank.", ["Anna Kovac", "Ivo Horvat"]),
        ("He met Mr Ivo Horvat and Dr Mila Ozols.", ["Ivo Horvat", "Mila Ozols"]),
        ("Then Mr Ivo Horvat sang.", ["Ivo Horvat"]),
        ("The White House said so.", ["White House"]),
        ("Kovac met Horvat in March.", []),
        ("He said: Anna Kovac!", ["Anna Kovac"]),
        ("Émile Šimek and Ann-Marie Éluard", ["Émile Šimek", "Ann-Marie Éluard"]),
        ("We met Sinead O’Neil.", ["Sinead O’Neil"]),
        ("all small, all small", []),
        ("", []),
    ],
)
def test_a_name_is_adjacent_capitals_without_the_word_that_starts_the_sentence(
    text: str, found: list[str]
) -> None:
    assert [name.text for name in names(text)] == found
    assert all(text[name.span.start : name.span.end] == name.text for name in names(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Anna Kovac met Ivo Horvat.", ["Anna Kovac", "Ivo Horvat"]),
        ("Anna Kovac left, and then Anna Kovac returned.", ["Anna Kovac"]),
        ("Anna Kovac left. Later Anna Kovac returned.", ["Anna Kovac"]),
        ("Ann van der Berg! Ms van der Berg!", ["Ann van der Berg"]),
        ("The White House and the European Commission agreed.", []),
        ("The Prime Minister opened Harbour Road.", []),
        ("The Anna Kovac sank.", []),  # a ship
        ("Peace Price rose.", []),
        ("Mr Peace Price rose.", ["Peace Price"]),
        ("Peace Price rose. Ms Price sat down.", ["Peace Price"]),
        ("Dora Kettle put a kettle on.", []),  # the text writes a word of it small
        ("Dora van Kettle put a kettle on.", ["Dora van Kettle"]),
    ],
)
def test_people_are_told_from_other_capitalised_names(text: str, found: list[str]) -> None:
    assert [name.text for name in people(text, is_common)] == found


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("Anna Kovac", "Kovac"),
        ("Anna Maria Kovac", "Kovac"),
        ("Dora van der Berg", "van der Berg"),
        ("Juan de la Cruz", "de la Cruz"),
        ("Ludwig van Beethoven", "van Beethoven"),
        ("Ann-Marie Smith-Jones", "Smith-Jones"),
    ],
)
def test_a_particle_belongs_to_the_surname(name: str, surname: str) -> None:
    [found] = names(f"{name} came.")
    assert (found.text, found.surname) == (name, surname)


PIECES = st.sampled_from(
    "Mr|Ms|Sir|Anna|Kovac|Ivo|von der|van|the|The|Prime|Minister|president|Latvia’s|of|head|(AK)"
    "|(the|TAB)|,|.|'s|’s|\n|“|-|é|Ü".split("|")
)


@given(st.lists(st.one_of(st.text(max_size=30), st.lists(PIECES).map(" ".join)), max_size=4))
def test_any_text_is_accepted_and_no_alias_maps_a_term_to_itself(texts: list[str]) -> None:
    for alias in aliases(texts, is_common):
        assert 1 <= len(alias.terms) <= 2
        assert alias.found_as not in alias.terms
        assert alias.name in "\n".join(texts)


@pytest.mark.parametrize("piece", ["a", "Aa-", "Aa ", "A, president ", "Aa Bb, ", "’s ", "(AA) "])
def test_a_hostile_text_is_read_in_time(piece: str) -> None:
    start = perf_counter()
    aliases([(piece * 50_000)[:50_000]], is_common)
    assert perf_counter() - start < 2
