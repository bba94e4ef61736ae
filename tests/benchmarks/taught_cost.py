"""What many taught lines cost: the start of `ask`, and a question to a bot that runs.

python -m tests.benchmarks.taught_cost FOLDER QUESTIONS.jsonl LINES

Of a copy of the folder without and with so many lines: the median of `ask` in a process of its own,
the two in turns, and the processor time of a question, each asked once, the least of three times.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bot.learning.taught import Entry
from bot.live import LiveAnswerer
from bot.model import Question

STARTS = 21


def lines(folder: Path, number: int) -> str:
    """Made-up questions in the documents' own words, each with a passage that has them."""
    index = LiveAnswerer(folder, folder.parent / "data", "auto").answerer.index
    passages = [one for doc in index.documents for one in index.passages_of(doc.path)]
    rng = random.Random(1)
    found = []
    for _ in range(number):
        passage = rng.choice(passages)
        words = rng.sample(passage.text.split(), min(6, len(passage.text.split())))
        found.append(Entry.of(f"what about {' '.join(words)}?", passage, "U1").line)
    return "".join(f"{line}\n" for line in found)


def seconds_to_ask(folder: Path, question: str) -> float:
    """How long `ask` takes in a process of its own."""
    command = [sys.executable, "-m", "bot", "ask", "--json", "--corpus", str(folder), question]
    begun = time.perf_counter()
    env = {**os.environ, "DATA_DIR": str(folder.parent / "data")}
    subprocess.run(command, check=False, capture_output=True, env=env)
    return time.perf_counter() - begun


def seconds_a_question(folder: Path, asked: Sequence[str]) -> float:
    """How long a question takes, each asked once."""
    answerer = LiveAnswerer(folder, folder.parent / "data", "auto").answerer
    answerer.answer(Question("what is needed once?"))
    took = []
    for question in asked:
        begun = time.process_time()
        answerer.answer(Question(question))
        took.append(time.process_time() - begun)
    return sum(took) / len(took)


def main(argv: Sequence[str]) -> None:
    """Measure."""
    source, file, number = Path(argv[0]), Path(argv[1]), int(argv[2])
    asked = [json.loads(line)["question"] for line in file.read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as place:
        folders = {name: Path(place, name, "documents") for name in ("plain", "taught")}
        for folder in folders.values():
            shutil.copytree(source, folder)
        text = lines(folders["plain"], number)
        (folders["taught"] / "taught.jsonl").write_text(text, encoding="utf-8")
        starts: dict[str, list[float]] = {name: [] for name in folders}
        for _ in range(STARTS):
            for name, folder in folders.items():
                starts[name].append(seconds_to_ask(folder, asked[0]))
        for name, folder in folders.items():
            question = min(seconds_a_question(folder, asked) for _ in range(3))
            start = median(starts[name][1:])
            print(f"{name:7} ask {start * 1000:.0f} ms, a question {question * 1000:.2f} ms")
        print(f"{number:,} lines, {len(text) / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
