"""Names as a text writes them: capitals in a row, with the small words that join them."""

import re

_CAPITAL = r"[^\W\d_a-zà-öø-ÿ][^\W\d_]*(?:['’][^\W\d_]+)?"
# A title's full stop does not end the name; "von der" and "of the" may stand within one.
_JOIN = (
    r"(?:\.?[ \u00a0]|-|[ ](?:von der|van der|van den|de la|von|van|de|der|du|di|da|bin|al|el) )"
)
_NAME = re.compile(rf"\b{_CAPITAL}(?:{_JOIN}{_CAPITAL})+")


def names(text: str) -> list[str]:
    """The names of two words or more, in their order, without a possessive ending.

    >>> names("Ursula von der Leyen met Donald Trump’s envoy in Paris.")
    ['Ursula von der Leyen', 'Donald Trump']
    """
    return [re.sub(r"['’]s?$", "", match.group()) for match in _NAME.finditer(text)]
