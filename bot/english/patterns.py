"""Patterns that not every question needs, compiled when they are first used."""

import re
from typing import Any, cast


class LazyPattern:
    """Does what the compiled pattern does. Compiled at the start, all cost more than an answer."""

    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self._text, self._flags), name)  # which `re` keeps
        setattr(self, name, value)  # so this is asked once for each name
        return value


def lazy_pattern(text: str, flags: int = 0) -> "re.Pattern[str]":
    """As `re.compile`; what is wrong in a pattern is told at its first use."""
    return cast("re.Pattern[str]", LazyPattern(text, flags))
