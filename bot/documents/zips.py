"""Checks a zip file before any library unpacks it."""

import zipfile
from io import BytesIO

from bot.errors import CorpusError

# Limits for a document's parts: their unpacked bytes, the ratio to their packed size, their number.
MAX_UNPACKED = 100_000_000
MAX_RATIO = 200
MAX_PARTS = 10_000
# The first bytes of an encrypted Office file, and of one from before 2007.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XML = (".xml", ".rels", ".vml")
_DECLARES = (b"<!DOCTYPE", b"<!ENTITY")


def check(content: bytes, shown: str, kind: str) -> None:
    """Raise CorpusError if the file is no zip, is encrypted, too large, or declares XML entities.

    `shown` is the file's name and `kind` its format for messages, such as "a Word".
    """
    if content.startswith(_OLE):
        raise CorpusError.encrypted(shown)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_sizes(parts, shown)
            if any(part.flag_bits & 1 for part in parts):
                raise CorpusError.encrypted(shown)
            for part in parts:
                # Reading to the end verifies the size that the archive claims.
                read = archive.read(part)
                if part.filename.lower().endswith(_XML) and _declares(read):
                    raise CorpusError.suspicious(shown)
    except CorpusError:
        raise
    except Exception:  # zipfile and its decompressors raise many kinds of errors
        raise CorpusError.broken(shown, kind) from None


def _check_sizes(parts: list[zipfile.ZipInfo], shown: str) -> None:
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > MAX_PARTS:
        raise CorpusError.past_limit(shown, f"{len(parts):,} parts, at most {MAX_PARTS:,} are read")
    if unpacked > MAX_UNPACKED:
        raise CorpusError.past_limit(
            shown, f"{unpacked // 1_000_000} MB unpacked, at most {MAX_UNPACKED // 1_000_000}"
        )
    if unpacked > MAX_RATIO * max(1, packed):
        raise CorpusError.past_limit(shown, f"unpacks to more than {MAX_RATIO} times its size")


def _declares(xml: bytes) -> bool:
    """Whether XML declares entities, in UTF-8 or UTF-16."""
    plain = xml.replace(b"\0", b"")
    return any(mark in plain for mark in _DECLARES)
