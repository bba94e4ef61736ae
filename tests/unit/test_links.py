"""Links to the quoted sentence. test_links_in_browser opens them in a browser."""

import re
from unicodedata import category
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.links import AROUND, MAX_LINK_LENGTH, link_to
from bot.model import Citation, Document, Passage

PAGE = "https://example.org/a"


def cited(text: str, quote: str, url: str | None = PAGE, nth: int = 0) -> Citation:
    """A citation of the nth place, from 0, where this quote stands in a document with this text."""
    start = [match.start() for match in re.finditer(re.escape(quote), text)][nth]
    return citation_of(text, start, start + len(quote), url)


def citation_of(text: str, start: int, end: int, url: str | None = PAGE) -> Citation:
    document = Document("a.txt", text, "A", url)
    return Citation(Passage(document, 0, len(text), 1, (1, 1)), start, end)


def terms_of(link: str) -> list[str]:
    """The terms of a link's text fragment, decoded, without the dashes of prefix and suffix."""
    _, _, directive = link.partition(":~:text=")
    return [unquote(term.strip("-")) for term in directive.split(",") if term]


@pytest.mark.parametrize(
    ("text", "quote", "fragment"),
    [
        ("One day. It rained hard.", "It rained hard.", "It%20rained%20hard."),
        ("A well-known, R&D|man.", "A well-known, R&D|man.", "A%20well%2Dknown%2C%20R%26D%7Cman."),
        ("He said: “Très bien.”", "“Très bien.”", "%E2%80%9CTr%C3%A8s%20bien.%E2%80%9D"),
        ("It  rained\u00a0 hard.", "It  rained\u00a0 hard.", "It%20rained%20hard."),
        ("- It rained.", "- It rained.", "It%20rained."),
        ("It rained all\nday and night.", "It rained all\nday and night.", "It%20rained%20all,day%20and%20night."),  # noqa: E501, a table
        ("Rome | Italy | 1960", "Rome | Italy | 1960", "Rome,1960"),
        ("Rome | Italy | ", "Rome | Italy | ", "Rome,Italy"),
        ("- a bus\n- a taxi\n- a tram", "- a bus\n- a taxi", "a%20bus,a%20taxi"),
        ("a\n1. Stop.\nb\n2. Stop.", "2. Stop.", "b-,Stop."),
        ("Stop.\n1. a\nStop.\n2. b", "Stop.", "Stop.,-a"),
        ("It is off.\nRome | yes | yes", "Rome | yes | yes", "Rome,yes"),
        ("Rome is on.\nRome | yes | yes", "Rome | yes | yes", "is%20on.-,Rome,yes"),
        ("if on:\n    stop()\nstart()", "if on:\n    stop()\nstart()", "if%20on%3A,start%28%29"),
        ("Is it Fulham?", "t Fulha", "it%20Fulham"),
    ],
    ids=[
        "a sentence is its own name",
        "what the syntax uses is encoded",
        "quotation marks stay",
        "white space is one space",
        "a list's mark is not on the page",
        "no term crosses the end of a line",
        "no term crosses the edge of a table's cell",
        "an empty cell is no term",
        "no item's mark is on the page",
        "a mark is no words before a quote either",
        "nor after it",
        "where the end is not told apart, the beginning is",
        "and with words before it where it must",
        "no term crosses the end of a line of code",
        "no term ends inside a word",
    ],
)  # fmt: skip
def test_a_link_ends_in_the_words_quoted(text: str, quote: str, fragment: str) -> None:
    assert link_to(cited(text, quote)) == f"{PAGE}#:~:text={fragment}"


THRICE = "First came Ann. Nobody won. Then came Bob. Nobody won. Last came Cid. NÓBODY  WON."


@pytest.mark.parametrize(
    ("text", "nth", "fragment"),
    [
        (THRICE, 0, "came%20Ann.-,Nobody%20won."),
        (THRICE, 1, "came%20Bob.-,Nobody%20won."),
        ("Nobody won.\nNobody won. Then came Bob.", 1, "Nobody%20won.,-Then%20came"),
        ("Ann came.\nNobody won.\nBob came.\nNobody won.", 1, "Bob%20came.-,Nobody%20won."),
    ],
    ids=["first", "second", "by what follows", "by the line above"],
)
def test_a_repeated_sentence_takes_words_from_around_it(text: str, nth: int, fragment: str) -> None:
    assert link_to(cited(text, "Nobody won.", nth=nth)) == f"{PAGE}#:~:text={fragment}"


def test_a_sentence_without_a_distinct_context_is_linked_by_itself() -> None:
    text = "Nobody won.\n" * 90
    assert link_to(cited(text, "Nobody won.", nth=45)) == f"{PAGE}#:~:text=Nobody%20won."


def test_a_long_sentence_is_named_by_its_first_and_last_words() -> None:
    sentence = f"Once upon a time there {'was and ' * 60}they lived happily ever after."
    link = link_to(cited(f"So. {sentence} End.", sentence))
    assert link is not None
    assert terms_of(link) == ["Once upon a time there", "they lived happily ever after."]


def test_last_words_repeated_inside_the_sentence_get_more_context() -> None:
    refrain = "we sang the old song of home"
    sentence = f"Once upon a time there {refrain} {'la ' * 100}{refrain}."
    link = link_to(cited(sentence, sentence))
    assert link is not None
    assert terms_of(link)[1] == f"la la la {refrain}."


def test_long_sentences_that_begin_alike_are_told_apart() -> None:
    sentence = f"Once upon a time there {'was and ' * 60}they lived happily ever after."
    link = link_to(cited(f"Hear Ann. {sentence} Hear Bob. {sentence}", sentence, nth=1))
    assert link is not None
    assert terms_of(link)[0] == "Hear Bob."


@pytest.mark.parametrize(
    ("url", "head"),
    [
        (f"{PAGE}?q=1&r=2", f"{PAGE}?q=1&r=2#:~:text="),
        (f"{PAGE}#top", f"{PAGE}#top:~:text="),
        (f"{PAGE}#", f"{PAGE}#:~:text="),
        (f"{PAGE}#top:~:text=old", f"{PAGE}#top:~:text="),
        (f"{PAGE}?a b|<c>\x07\u202e", f"{PAGE}?a%20b%7C%3Cc%3E%07%E2%80%AE#:~:text="),
    ],
)
def test_a_url_is_kept_except_for_characters_that_end_a_link(url: str, head: str) -> None:
    assert link_to(cited("It rained.", "It rained.", url)) == f"{head}It%20rained."


@pytest.mark.parametrize("url", [None, ""])
def test_without_a_url_there_is_no_link(url: str | None) -> None:
    assert link_to(cited("It rained.", "It rained.", url)) is None


def test_a_link_that_would_be_too_long_is_the_url_alone() -> None:
    long = f"{PAGE}?{'x' * MAX_LINK_LENGTH}"
    assert link_to(cited("It rained.", "It rained.", long)) == long
    assert link_to(cited("y" * 3000, "y" * 3000)) == PAGE


def test_a_long_sentence_without_spaces_is_named_by_its_clauses() -> None:
    sentence = "他走了很远很远的路" + "，又走了一天" * 60 + "，终于回到了家。"
    link = link_to(cited(sentence, sentence))
    assert link is not None
    start, end = terms_of(link)
    assert sentence.startswith(start)
    assert sentence.endswith(end)


HOSTILE = st.text(
    st.one_of(
        st.sampled_from(
            " \t\n|,-&<>%“'.。\x00\x1b\x85\u00a0\u00ad\u200b\u202e\u2028\ufeff\ud800🙂"
        ),
        st.sampled_from("aábcABC"),
        st.characters(),
    ),
    min_size=1,
    max_size=60,
)
WORDS = st.lists(st.sampled_from("ann bob came won the . - , | \n".split(" ")), min_size=1)


@st.composite
def citations(draw: st.DrawFn) -> Citation:
    text = draw(st.one_of(HOSTILE, WORDS.map(" ".join), HOSTILE.map(lambda text: text * 40)))
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    return citation_of(text, start, end, draw(st.one_of(st.just(PAGE), HOSTILE)))


def plain(text: str) -> str:
    return " ".join(text.encode("utf-8", "replace").decode().split())


@given(citations())
def test_a_link_has_no_character_that_ends_it_and_is_not_too_long(citation: Citation) -> None:
    url = citation.passage.document.url
    link = link_to(citation)
    assert link is not None
    assert not [c for c in link if c in '<>|"' or category(c)[0] in "ZC"]
    assert len(link) <= MAX_LINK_LENGTH or ":~:" not in link or url != PAGE
    assert link == link_to(citation)


@given(citations())
def test_every_term_is_text_of_the_document(citation: Citation) -> None:
    link = link_to(citation)
    assert link is not None
    if link.startswith(f"{PAGE}#"):
        assert len(terms_of(link)) in (1, 2, 3, 4)
        for term in terms_of(link):
            assert re.search(r"[^\s]", term)
            assert term in plain(citation.passage.document.text[:])


@given(st.lists(st.sampled_from(["ann", "bob", "cid"]), min_size=3, max_size=40), st.data())
def test_a_link_is_ambiguous_only_if_its_context_repeats(
    words: list[str], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(words) - 1))
    text = " ".join(words)
    start = len("".join(f"{word} " for word in words[:at]))
    link = link_to(citation_of(text, start, start + 3))
    assert link is not None
    sought = " ".join(terms_of(link)).split()
    if _times(sought, words) > 1:
        most = max(AROUND)
        assert _times(words[max(0, at - most) : at + 1 + most], words) > 1


def _times(part: list[str], words: list[str]) -> int:
    return sum(words[n : n + len(part)] == part for n in range(len(words)))
