"""What a bot answers to whole files of questions, a line each, and where two bots differ.

    python -m tests.dump --engine disk after.jsonl corpus=tests/questions/article-dev.jsonl ...
    python -m tests.dump --compare before.jsonl after.jsonl

To dump another checkout's answers: `--checkout DIR`, or `--bot COMMAND` for an installed bot.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from bot.config import names

# Fields that hold a hash, which says which documents and which program answered, not what.
HASHES = ("corpus", "engine")
MAX_SHOWN = 5


def main() -> int:
    options = _options()
    if options.compare:
        return compare(*options.compare)
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, job in enumerate(options.job):
            corpus, _, questions = job.rpartition("=")
            data = Path(scratch, str(number))
            lines += dump(options, Path(corpus).resolve(), Path(questions).resolve(), data)
    Path(options.out).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"{options.out}: {len(lines):,} answers of the {options.engine} engine")
    return 0


def dump(options: argparse.Namespace, corpus: Path, questions: Path, data: Path) -> Iterator[str]:
    """Ask every question of a file; each answer is a line of JSON that names its file."""
    checkout = str(options.checkout.resolve())
    ours = {"ENGINE": options.engine, "DATA_DIR": str(data), "PYTHONPATH": checkout}
    inherited = {name: value for name, value in os.environ.items() if name not in names()}
    command = [*shlex.split(options.bot), "ask", "--json", "--explain", "--corpus", str(corpus)]
    asked = questions.read_bytes()
    done = subprocess.run(
        [*command, "-"], input=asked, capture_output=True, cwd=checkout, env=inherited | ours
    )
    answers = [json.loads(line) for line in done.stdout.decode().split("\n") if line]
    wanted = len(asked.splitlines())
    if done.returncode or len(answers) != wanted:
        sys.exit(f"{questions}: {len(answers)} answers of {wanted}\n{done.stderr.decode()}")
    for number, answer in enumerate(answers, start=1):
        if options.without_hashes:
            answer = {name: value for name, value in answer.items() if name not in HASHES}
        place = f"{questions.parent.name}/{questions.name}:{number}"
        yield json.dumps({"at": place} | answer, ensure_ascii=False)


def compare(before: str, after: str) -> int:
    """Print in how many lines and bytes two dumps differ, and the first of them; 1 if they do."""
    old, new = (Path(file).read_text(encoding="utf-8").splitlines() for file in (before, after))
    pairs = list(zip_longest(old, new, fillvalue="{}"))
    differing = [(one, other) for one, other in pairs if one != other]
    size = sum(_bytes_between(one, other) for one, other in differing)
    print(f"{len(differing):,} of {len(pairs):,} lines differ, by {size:,} bytes")
    for one, other in differing[:MAX_SHOWN]:
        _show(json.loads(one), json.loads(other))
    return 1 if differing else 0


def _bytes_between(one: str, other: str) -> int:
    """How many bytes of the longer line stand between what both begin and end with."""
    short, long = sorted((one.encode(), other.encode()), key=len)
    begin = _same(short, long)
    return len(long) - begin - _same(short[begin:][::-1], long[begin:][::-1])


def _same(one: bytes, other: bytes) -> int:
    """How many bytes both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _show(one: dict[str, Any], other: dict[str, Any]) -> None:
    print(one.get("at") or other.get("at"), one.get("question") or other.get("question"))
    for name in one | other:
        if one.get(name) != other.get(name):
            print(f"  - {name}: {_shown(one.get(name))}\n  + {name}: {_shown(other.get(name))}")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}…"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--compare", nargs=2, metavar=("BEFORE", "AFTER"))
    parser.add_argument("--engine", choices=("memory", "disk"), default="memory")
    parser.add_argument("--without-hashes", action="store_true")
    parser.add_argument("--checkout", type=Path, default=Path.cwd(), metavar="DIR")
    parser.add_argument("--bot", default=f"{shlex.quote(sys.executable)} -m bot", metavar="COMMAND")
    parser.add_argument("out", nargs="?", metavar="OUT")
    parser.add_argument("job", nargs="*", metavar="CORPUS=QUESTIONS.jsonl")
    options = parser.parse_args()
    if not options.compare and not options.job:
        parser.error("name a file to write, and at least one CORPUS=QUESTIONS.jsonl")
    return options


if __name__ == "__main__":
    sys.exit(main())
