"""Write again what is made of word lists beforehand: `python -m tests.word_lists`.

To be done when thesaurus.txt or places.txt changes, or how a word is stemmed.
"""

from collections.abc import Iterator
from pathlib import Path

from bot.english import synonyms
from bot.english.synonyms import COMPILED, Synonyms

FOLDER = Path(synonyms.__file__).parent


def made() -> Iterator[tuple[Path, str]]:
    """Each file that is made, and what is to stand in it."""
    for names, file in COMPILED.items():
        text = "\n".join((FOLDER / name).read_text("utf-8") for name in names)
        yield FOLDER / file, Synonyms(text).compiled()


if __name__ == "__main__":
    for written, content in made():
        written.write_text(content, encoding="utf-8")
