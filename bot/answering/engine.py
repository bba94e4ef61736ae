"""Which program answered: a hash of all that decides an answer but the documents."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from bot import __version__

_DECIDING = ("answering", "english", "index")


@cache
def engine_hash(model: str = "") -> str:
    """A hash of the version, the weights, the word lists and the forms of the index.

    `model` is the sentence model that answers help from, "" for words alone.

    An answer is the same wherever this and the hash of the documents are. A change of the program
    changes this one alone, so nobody is told that the documents have changed.
    """
    package = Path(__file__).parents[1]
    hashed = sha256((__version__ + model).encode())
    for file in sorted(file for name in _DECIDING for file in (package / name).rglob("*.*")):
        if file.suffix in (".py", ".txt", ".tsv"):
            hashed.update(file.relative_to(package).as_posix().encode() + file.read_bytes())
    return hashed.hexdigest()
