import re
from pathlib import Path

import pytest

from bot.english import synonyms
from bot.english.synonyms import NEWS, OFFICES, PLACES, parse, shipped
from bot.english.text import words
from bot.errors import SynonymError
from bot.model import Question
from tests.conftest import answerer_of

NAMES = ("C", "C#", "R&D", "A/B", "v2.3", "v2.1")
BESIDE = Path(synonyms.__file__).parent
LISTS = {name: (BESIDE / name).read_text("utf-8") for name in (NEWS, PLACES, OFFICES)}


def stems(term: str) -> str:
    """A term as a text's own words are looked up."""
    return " ".join(word.term for word in words(term))


@pytest.mark.parametrize(
    ("rules", "asked", "found"),
    [
        ("truce, ceasefire, armistice", "ceasefire", ["truce", "armistice"]),
        ("truce, ceasefire, armistice", "peace", []),
        ("pm => premier", "pm", ["premier"]),
        ("pm => premier", "premier", []),
        ("pm, chief => premier, leader", "chief", ["premier", "leader"]),
        ("pm => pm, premier", "pm", ["premier"]),
        ("truce, truce, ceasefire", "truce", ["ceasefire"]),
        ("truce, ceasefire\ntruce => armistice", "truce", ["ceasefire", "armistice"]),
        ("truce, end of the fighting", "truce", ["end of the fighting"]),
        ("truce, end of the fighting", "end of the fighting", ["truce"]),
        ("truce, end of the fighting", "end", []),
        ("cease-fire, truce", "cease fire", ["truce"]),
        ("# truce, ceasefire", "truce", []),
        ("truce, ceasefire # but not peace", "ceasefire", ["truce"]),
        ("\n \ntruce, ceasefire\r\n", "truce", ["ceasefire"]),
        ("\ufefftruce, ceasefire", "truce", ["ceasefire"]),
        ("and/or, either", "and or", ["either"]),
        ("“truce”, ceasefire", "truce", ["ceasefire"]),
        ("", "truce", []),
    ],
)
def test_a_rule_finds_what_it_says_and_no_more(rules: str, asked: str, found: list[str]) -> None:
    assert parse(rules, "synonyms.txt").of(stems(asked)) == [stems(term) for term in found]


@pytest.mark.parametrize("written", ["truce", "truces", "Truce", "TRUCES"])
def test_inflections_and_capitals_meet_by_their_stem(written: str) -> None:
    assert parse("truces, Ceasefire", "synonyms.txt").of(stems(written)) == ["ceasefir"]
    assert parse(f"{written}, ceasefire", "synonyms.txt").of("truce") == ["ceasefir"]


def test_accents_are_ignored() -> None:
    assert parse("élysée, palace", "synonyms.txt").of(stems("Elysee")) == ["palac"]


@pytest.mark.parametrize(
    "term",
    [
        "post-war years",
        "don't know",
        "O’Brien",
        "two weeks",
        "group of seven",
        "C++",
        "C# compiler",
        ".NET",
        "Node.js",
        "R&D",
        "A/B test",
        "v2.3.1",
        "25 MB",
        "twenty-one days",
        "E-1042",
        "building one",
        "the WHO form",
    ],
)
def test_a_term_is_cut_into_words_as_a_text_is(term: str) -> None:
    assert parse(f"fortnight => {term}", "synonyms.txt").of("fortnight") == [stems(term)]
    known = parse(f"{term}, fortnight", "synonyms.txt")
    assert known.of(stems(term)) == ["fortnight"]
    assert known.begins(stems(term).split()[0])


def test_names_with_symbols_and_names_in_capitals_are_terms_of_their_own() -> None:
    rules = parse("C#, dotnet language # a comment\nWHO => health office\nit => pronoun", "own")
    assert rules.of("c#") == [stems("dotnet language")]
    assert (rules.of("c"), rules.of(stems("the WHO form").split()[1])) == ([], ["health offic"])
    assert rules.of("it") == ["pronoun"]


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("where is the csharp guide?", "The C# guide is in room 4."),
        ("where is the lab guide?", "The R&D guide is in room 5."),
        ("where is the split test guide?", "The A/B guide is in room 6."),
        ("where is the spring release guide?", "The v2.3 guide is in room 7."),
    ],
)
def test_a_custom_synonym_finds_a_name_with_symbols(question: str, quote: str) -> None:
    text = "\n\n".join(f"The {name} guide is in room {n}." for n, name in enumerate(NAMES, 3))
    own = "csharp => C#\nlab => R&D\nsplit test => A/B\nspring release => 2.3"
    answer = answerer_of(text, synonyms=own).answer(Question(question))
    assert answer.citations[0].quote == quote


@pytest.mark.parametrize(
    ("rules", "line"),
    [
        ("truce, ", 1),
        ("truce,, ceasefire", 1),
        (", truce", 1),
        ("truce =>", 1),
        ("=> truce", 1),
        ("pm => premier => leader", 1),
        ("?!, truce", 1),
        ("# a list\n\ntruce, ceasefire\npm =>\n", 4),
    ],
)
def test_a_line_that_is_not_a_rule_is_reported_with_its_file(rules: str, line: int) -> None:
    with pytest.raises(SynonymError) as caught:
        parse(rules, "synonyms.txt")
    said = f"synonyms.txt:{line}: not `a, b` or `a, b => c`; fix the line"
    assert str(caught.value) == said


def test_one_word_on_both_sides_is_no_synonym_of_itself() -> None:
    rules = parse("truce => truce", "synonyms.txt")
    assert rules.of("truce") == []
    assert "truce" in rules


def test_synonyms_do_not_chain() -> None:
    rules = parse("truce => ceasefire\nceasefire => armistice\narmistice => truce", "synonyms.txt")
    assert rules.of("truce") == [stems("ceasefire")]
    assert rules.of(stems("armistice")) == ["truce"]


def test_ten_thousand_lines_are_read_and_each_is_found() -> None:
    lines = [f"word{n}, other{n} => third {n}" for n in range(10_000)]
    rules = parse("\n".join(lines), "synonyms.txt")
    found = [rules.of(f"other{n}") for n in range(10_000)]
    assert found == [[f"third {n}"] for n in range(10_000)]


def test_the_first_word_tells_how_long_a_term_can_be() -> None:
    rules = parse("end of the fighting, truce\nend => stop", "synonyms.txt")
    assert (rules.begins("end"), rules.longest("end")) == (True, 4)
    assert (rules.begins("truce"), rules.longest("truce")) == (True, 1)
    assert (rules.begins("fight"), rules.longest("fight")) == (False, 0)
    assert (rules.begins("stop"), rules.longest("stop")) == (False, 0)  # found, never asked


# a corpus's own list


GENERAL = "truce, ceasefire\npm => premier\nferry, boat"


@pytest.mark.parametrize(
    ("own", "asked", "found"),
    [
        ("pm => project manager", "pm", ["project manager"]),
        ("truce => truce", "truce", []),  # forgotten
        ("truce => truce", "ceasefire", ["truce"]),  # not named, so not overruled
        ("pm => project manager", "ferry", ["boat"]),
        ("lbt => lowmere bridge trust", "lbt", ["lowmere bridge trust"]),
        ("", "pm", ["premier"]),
    ],
)
def test_a_custom_list_overrules_the_general_one_for_its_terms(
    own: str, asked: str, found: list[str]
) -> None:
    general = parse(GENERAL, "general.txt")
    both = general.overruled_by(parse(own, "synonyms.txt"))
    assert both.of(stems(asked)) == [stems(term) for term in found]
    assert general.of("pm") == [stems("premier")]  # itself unchanged


def test_a_term_of_either_list_is_known() -> None:
    both = parse(GENERAL, "general.txt").overruled_by(parse("lbt => bridge trust", "synonyms.txt"))
    assert [term in both for term in ("truce", "lbt", "bridg trust", "nothing")] == [
        True,
        True,
        False,
        False,
    ]
    assert both.begins("lbt")
    assert both.longest("lbt") == 1


# the lists that ship with the bot


@pytest.mark.parametrize("name", LISTS)
def test_a_shipped_list_parses_as_a_whole(name: str) -> None:
    parse(LISTS[name], name)


@pytest.mark.parametrize(
    "name",
    LISTS,
)
def test_each_shipped_rule_has_two_terms_that_differ(name: str) -> None:
    idle = []
    for number, line in enumerate(LISTS[name].split("\n"), start=1):
        rule = line.partition("#")[0].strip()
        if rule and len({stems(term) for term in re.split("=>|,", rule)}) == 1:
            idle.append(f"{name}:{number}: {line}")
    assert idle == []


def test_us_in_a_list_is_the_country_and_not_the_pronoun() -> None:
    [country] = words("US")
    assert "america" in shipped().of(country.term)
    assert parse("us, america", "synonyms.txt").of(country.term) == ["america"]
    assert shipped().of("us") == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [("ceasefire", "truce"), ("uk", "britain"), ("pm", "prime minister"), ("kyiv", "ukraine")],
)
def test_the_shipped_lists_know_the_words_of_the_news(asked: str, found: str) -> None:
    assert stems(found) in shipped().of(stems(asked))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("pto", "annual leave"),
        ("vacation", "annual leave"),
        ("holidays", "annual leave"),
        ("wfh", "work remotely"),
        ("home office", "remote"),
        ("payslip", "salary slip"),
        ("reimburse", "expense"),
        ("claim", "reimbursement"),
        ("2fa", "multi-factor authentication"),
        ("onboarding", "induction"),
        ("line manager", "supervisor"),
        ("maternity leave", "parental leave"),
        ("laptop", "computer"),
        ("sign up", "register"),
        ("log in", "sign in"),
    ],
)
def test_the_shipped_lists_know_the_words_of_offices(asked: str, found: str) -> None:
    assert stems(found) in shipped().of(stems(asked))


def test_one_kind_of_leave_is_not_another() -> None:
    assert stems("paternity leave") not in shipped().of(stems("maternity leave"))
