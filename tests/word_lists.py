"""Write again what is made of word lists beforehand: `python -m tests.word_lists`.

To be done when thesaurus.txt or places.txt changes, or how a word is stemmed, or when the list of
frequent English words has a new edition: it is Wolf Garbe's of SymSpell, under the MIT licence.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from bot.english import spelling, synonyms
from bot.english.synonyms import COMPILED, Synonyms

FOLDER = Path(synonyms.__file__).parent


def made() -> Iterator[tuple[Path, str]]:
    """Each file that is made, and what is to stand in it."""
    for names, file in COMPILED.items():
        text = "\n".join((FOLDER / name).read_text("utf-8") for name in names)
        yield FOLDER / file, Synonyms(text).compiled()
    lines = frequent().replace(" ", "\t").splitlines(keepends=True)
    yield FOLDER / spelling.FREQUENCIES, "".join(sorted(lines))


def frequent() -> str:
    """The frequent words of English, a word and how often it is used a line, as they ship."""
    text = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text("utf-8-sig")
    return text.rstrip("\n") + "\n"


if __name__ == "__main__":
    for written, content in made():
        written.write_text(content, encoding="utf-8")
