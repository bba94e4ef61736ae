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
def test_a_message_that_only_asks_for_confirmation_is_recognised(text: str) -> None:
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
def test_a_message_with_its_own_claim_or_no_question_does_not_ask_for_confirmation(
    text: str,
) -> None:
    assert not asks_whether(text)
