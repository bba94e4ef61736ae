import pytest

from bot.english.claims import asks_whether


@pytest.mark.parametrize(
    "text",
    [
        "is that true?",
        "Is this right?",
        "hey, is this still correct? thanks",
        "is it really up to date?",
        "can you please confirm this?",
        "could someone verify that",
        "fact check please",
        "source?",
        "do the documents say so?",
        "what about this?",
        "true or false?",
        "does this still hold?",
    ],
)
def test_what_only_asks_whether_something_is_so(text: str) -> None:
    assert asks_whether(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "is the truce still on?",
        "is it true that leave is 25 days?",
        "thanks!",
        "good bot",
        "can you check the fares?",
        "who proposed it?",
        "this is right " * 20,
    ],
)
def test_what_says_something_itself_or_asks_nothing(text: str) -> None:
    assert not asks_whether(text)
