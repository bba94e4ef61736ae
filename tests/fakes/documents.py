"""A made-up shelf of any size, always the same for a seed: news-like, in words as English has them.

Words come in Zipf proportion from the list of frequent English words that the speller ships with;
people are introduced with an office and named again by their surname, so that aliases fire; of the
questions some ask in a synonym, some by an office, and one in twenty has a typing error.
"""

import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from bot.english.synonyms import shipped
from bot.english.text import STOP_WORDS, stem
from tests.frequent_words import FREQUENCIES

PER_DOCUMENT = 100
WORDS_A_PASSAGE = 60
MISSPELT = 0.05

_WORDS = [word for word in FREQUENCIES if word.isalpha()]
_CONTENT = [word for word in _WORDS if word not in STOP_WORDS and len(word) > 2]
# Zipf's law as Mandelbrot wrote it.
_WEIGHTS = list(accumulate(1 / (rank + 2.7) for rank in range(len(_WORDS))))
_FIRST = "Anna Boris Clara Dagny Edwin Farah Greta Hugo Irene Jonas Karim Lena Milan Nadia".split()
_ENDS = ("ov", "sen", "ic", "mann", "ski", "well", "ford", "ari", "escu", "berg", "son", "ak")
_OFFICES = ("president", "prime minister", "mayor", "finance minister", "spokesman", "treasurer")
_COUNTRIES = ("France", "Norway", "Latvia", "Kenya", "Chile", "Japan", "Ukraine", "Canada", "Peru")
_DAYS = ("Monday", "Tuesday", "Friday", "3 March", "12 May 2021", "last week")


class Person(NamedTuple):
    """Somebody, with what they are."""

    first: str
    last: str
    country: str
    office: str


def documents(passages: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """The path and text of each document, PER_DOCUMENT passages in each."""
    for number in range(-(-passages // PER_DOCUMENT)):
        yield _document(number, passages, seed)


def _document(number: int, passages: int, seed: int) -> tuple[str, str]:
    draw = random.Random(f"{seed} {number}")
    size = min(PER_DOCUMENT, passages - number * PER_DOCUMENT)
    name = "-".join(draw.choices(_CONTENT[:5000], k=3))
    return f"shelf-{number % 50:02}/{number:05}-{name}.txt", _text(draw, size)


def write(folder: Path, passages: int, seed: int = 1) -> None:
    """Write the documents below a folder."""
    for path, text in documents(passages, seed):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def questions(passages: int, many: int, seed: int = 1) -> list[str]:
    """Questions of 3 to 8 words, each about a passage of the documents."""
    draw = random.Random(f"questions {seed}")
    last = -(-passages // PER_DOCUMENT)
    texts = {}
    for number in sorted({draw.randrange(last) for _ in range(min(many, 200))}):
        texts[number] = _document(number, passages, seed)[1]
    return [_question(draw, draw.choice(list(texts.values()))) for _ in range(many)]


def _text(draw: random.Random, passages: int) -> str:
    people = [_person(draw) for _ in range(max(1, passages // 8))]
    return "\n".join(_passage(draw, people, number) for number in range(passages)) + "\n"


def _person(draw: random.Random) -> Person:
    last = draw.choice(_CONTENT[500:20_000]).capitalize() + draw.choice(_ENDS)
    return Person(draw.choice(_FIRST), last, draw.choice(_COUNTRIES), draw.choice(_OFFICES))


def _passage(draw: random.Random, people: list[Person], number: int) -> str:
    words = draw.choices(_WORDS, cum_weights=_WEIGHTS, k=WORDS_A_PASSAGE + draw.randint(-25, 25))
    sentences = []
    while words:
        length = draw.randint(8, 24)
        sentence, words = words[:length], words[length:]
        sentences.append(" ".join(sentence).capitalize() + ".")
    who = people[number % len(people)]
    if number < len(people):
        said = f"{who.first} {who.last}, {who.country}’s {who.office}, said so on {_day(draw)}."
        sentences.insert(0, said)
    elif draw.random() < 0.4:
        sentences.insert(draw.randint(0, 1), f"Mr {who.last} said so on {_day(draw)}.")
    return " ".join(sentences)


def _day(draw: random.Random) -> str:
    return draw.choice(_DAYS)


def _question(draw: random.Random, text: str) -> str:
    sentence = draw.choice(draw.choice(text.splitlines()).split(". "))
    said = [word.strip(".,").split("’")[0] for word in sentence.split()]
    content = [w for w in said if w.isalpha() and w.lower() not in STOP_WORDS and len(w) > 2]
    start = draw.randrange(max(1, len(content) - 8))
    words = content[start : start + draw.randint(2, 7)]
    for place, word in enumerate(words):
        others = shipped().of(stem(word.lower()))
        if others and draw.random() < 0.15:
            words[place] = draw.choice(others)
    if words and draw.random() < MISSPELT:
        place = draw.randrange(len(words))
        words[place] = _misspelt(draw, words[place])
    return " ".join([draw.choice(("what of", "what", "who", "when", "where", "why")), *words])


def _misspelt(draw: random.Random, word: str) -> str:
    if len(word) < 5:
        return word
    place = draw.randrange(1, len(word) - 1)
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    left_out = word[:place] + word[place + 1 :]
    doubled = word[:place] + word[place] + word[place:]
    return draw.choice((swapped, left_out, doubled))
