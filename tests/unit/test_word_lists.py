from pathlib import Path

import pytest

from bot.english.synonyms import SHIPPED, Synonyms, shipped
from tests.word_lists import FOLDER, made


@pytest.mark.parametrize(
    ("file", "text"), list(made()), ids=lambda given: getattr(given, "name", "")
)
def test_generated_word_list_files_are_up_to_date(file: Path, text: str) -> None:
    assert file.read_text("utf-8") == text


def test_a_compiled_list_matches_its_source() -> None:
    text = "\n".join((FOLDER / name).read_text("utf-8") for name in SHIPPED)
    parsed = Synonyms(text)
    phrases = [phrase for first in parsed._beginning for phrase in parsed._terms(first)]
    assert len(phrases) > 5000
    for phrase in (*phrases, "xyzzy", "prime", ""):
        first = phrase.partition(" ")[0]
        assert shipped().of(phrase) == parsed.of(phrase)
        assert (phrase in shipped()) == (phrase in parsed)
        assert shipped().begins(first) == parsed.begins(first)
        assert shipped().longest(first) == parsed.longest(first)
