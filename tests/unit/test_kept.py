"""Kept answers: whatever people type stays plain text."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.documents.reader import read_document
from bot.learning.kept import Kept, is_name

MARKUP = st.sampled_from(
    [*"#*_`[]()<>|-+=~!&\\{}:;.\n\t \r\"'", "1.", "---", "```", "| a | b |", "- - -", "***"]
)
TYPED = st.lists(st.one_of(MARKUP, st.text(max_size=8)), max_size=12).map("".join)


def kept(question: str, answer: str, **more: str) -> Kept:
    usual = {"author": "", "date": "2026-11-25", "url": "", "folder": "", "source": "C1:1.0"}
    return Kept(question, answer, **{**usual, **more})


def seen(text: str) -> list[str]:
    """The words of a text, however it is set."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", " ", text).split()


@given(TYPED, TYPED)
def test_a_question_and_an_answer_are_read_as_they_were_typed(question: str, answer: str) -> None:
    document, passages = read_document(
        "a.md", kept(f"q {question} z", f"a {answer} z").text.encode()
    )
    assert document.title.split() == seen(f"q {question} z")
    assert [word for passage in passages for word in passage.text.split()] == seen(f"a {answer} z")
    assert {passage.headings for passage in passages} == {()}


@given(TYPED)
def test_nothing_that_is_typed_becomes_front_matter(author: str) -> None:
    document, _ = read_document(
        "a.md", kept("q?", "An answer.", author=f"a {author} z").text.encode()
    )
    assert (document.author or "").split() == seen(f"a {author} z")
    assert (document.date, document.url, document.owner) == ("2026-11-25", None, None)


@given(st.text())
def test_a_question_makes_a_safe_file_name(question: str) -> None:
    name = kept(question, "a").name
    assert re.fullmatch(r"[a-z0-9-]+\.md", name)
    assert is_name(name)
    assert is_name(kept(question, "a", folder="hr").name)


def test_unsafe_file_names_are_rejected() -> None:
    others = ("../a.md", "a/../b.md", "/etc/a.md", "a.txt", "", "a/b/c.md", "..\\a.md", ".b/a.md")
    for name in others:
        assert not is_name(name), name
