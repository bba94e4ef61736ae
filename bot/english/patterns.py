"""Regular expressions that are compiled on first use, because not every question needs them."""

import re
from typing import Any, cast


class LazyPattern:
    """Acts like a compiled pattern. Compiling all at startup would take longer than an answer."""

    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self._text, self._flags), name)  # `re` caches the pattern
        setattr(self, name, value)  # so __getattr__ runs once per name
        return value


def lazy_pattern(text: str, flags: int = 0) -> "re.Pattern[str]":
    """Like `re.compile`, but an invalid pattern raises `re.error` only on first use."""
    return cast("re.Pattern[str]", LazyPattern(text, flags))
