"""Each kind of message rendered as HTML, as a reader sees it."""

import re
from html import unescape

import pytest

from tests.fakes.pictures import kinds, page

KINDS = kinds()


def seen(name: str) -> str:
    """The words on a message's page."""
    body = re.sub(r"<style>.*?</style>", "", page(KINDS[name]), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.mark.parametrize("name", KINDS)
def test_nobody_sees_markup_or_figures(name: str) -> None:
    assert not re.search(r"\*\w|\w\*|_\w+_|hash|worth|\d\.\d\d", seen(name))


@pytest.mark.parametrize("name", KINDS)
def test_no_sentence_stands_in_a_message_twice(name: str) -> None:
    if name in ("find-source", "why"):  # each shows a sentence beside what it was compared with
        return
    sentences = re.findall(r"[A-Z][^.?!:]{15,}[.?!:]", seen(name))
    assert len(sentences) == len(set(sentences))


def test_the_closest_passages_come_after_the_missing_words() -> None:
    said = seen("closest")
    assert said.startswith("The documents don't mention “interns” or “June”. The closest I found")
    assert said.count("interns") == 1


def test_a_quote_is_bold_only_where_the_passage_says_more() -> None:
    assert "<b>Annual leave is 25 days a year.</b>" in page(KINDS["answered"])
    assert "<b>" not in page(KINDS["table"])


def test_a_sentence_with_another_number_does_not_stand_in_the_documents() -> None:
    said = seen("find-source")
    assert said.startswith("1 of these 3 sentences stands in the documents.")
    assert "Annual leave is 30 days. ✗" in said


def test_a_kind_of_block_that_is_not_drawn_is_an_error() -> None:
    with pytest.raises(KeyError):
        page({"blocks": [{"type": "video"}]})
