"""The engine hash: identifies everything that decides an answer except the documents."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from bot import __version__

_DECIDING = ("answering", "english", "index")


@cache
def engine_hash(model: str = "") -> str:
    """A hash of the version and of the code, weights and word lists that decide answers.

    `model` is the sentence model in use, "" for search by words alone.

    Equal engine and document hashes mean equal answers. An upgrade changes only this hash, so
    nobody is told that the documents have changed.
    """
    package = Path(__file__).parents[1]
    hashed = sha256((__version__ + model).encode())
    for file in sorted(file for name in _DECIDING for file in (package / name).rglob("*.*")):
        if file.suffix in (".py", ".txt", ".tsv"):
            hashed.update(file.relative_to(package).as_posix().encode() + file.read_bytes())
    return hashed.hexdigest()
