"""Bytes to text: UTF-8, UTF-16 with a byte order mark, or what charset-normalizer guesses."""

import codecs
import re
from typing import NamedTuple

from bot.errors import CorpusError

# Fewer bytes are too few to guess from: nearly every encoding fits them.
MIN_BYTES = 16
# Encodings that need a byte order mark, or that nobody writes documents in.
_NEVER_GUESSED = ["utf_7", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be"]


class Decoded(NamedTuple):
    """A file's text without a byte order mark, and the name of the encoding if it was guessed."""

    text: str
    guess: str | None = None


def decoded(content: bytes, shown: str) -> Decoded:
    """Decode the content of a file; `shown` is its name for messages.

    Raises CorpusError if it is not text, or if charset-normalizer finds no likely encoding.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        found = _utf_16(content, shown)
    elif b"\0" in content:
        raise CorpusError.not_text(shown)
    else:
        found = _utf_8(content, shown)
    if "\0" in found.text:
        raise CorpusError.not_text(shown)
    return found


def _utf_16(content: bytes, shown: str) -> Decoded:
    try:
        return Decoded(content.decode("utf-16"))
    except UnicodeDecodeError as error:
        raise CorpusError.not_utf16(shown, error.start) from None


def _utf_8(content: bytes, shown: str) -> Decoded:
    try:
        return Decoded(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        # Valid UTF-8 letters before the fault mean a corrupt file, not another encoding.
        found = _guessed(content) if content[: error.start].isascii() else None
        if found is None:
            raise CorpusError.not_utf8(shown, error.start) from None
        return found


def _guessed(content: bytes) -> Decoded | None:
    if len(content) < MIN_BYTES:
        return None
    from charset_normalizer import from_bytes  # only for files that are not UTF-8

    # The documents are English, so try cp1252 first. Among encodings that fit equally well the
    # library picks any: £ became Ł.
    western = from_bytes(content, cp_isolation=["cp1252"]).best()
    best = western or from_bytes(content, cp_exclusion=_NEVER_GUESSED).best()
    if best is None:
        return None
    text = content.decode(best.encoding, "replace")
    return Decoded(text, re.sub(r"^cp(?=125\d$)", "windows-", best.encoding).replace("_", "-"))
