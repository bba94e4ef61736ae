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

from bot.config import SEMANTIC, names

# Fields that hold a hash, which says which documents and which program answered, not what.
HASHES = ("corpus", "engine")
MAX_SHOWN = 5


def main() -> int:
    options = _options()
    if options.compare:
        return compare(*options.compare, hashes=not options.without_hashes)
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
    ours = {"ENGINE": options.engine, "SEMANTIC": options.semantic}
    ours |= {"DATA_DIR": str(data), "PYTHONPATH": checkout}
    inherited = {name: value for name, value in os.environ.items() if name not in names()}
    command = [*shlex.split(options.bot), "ask", "--json", "--explain", "--corpus", str(corpus)]
    asked = questions.read_bytes()
    done = subprocess.run(
        [*command, "-"], input=asked, capture_output=True, cwd=checkout, env=inherited | ours
    )
    answers = [line for line in done.stdout.decode().split("\n") if line]
    wanted = len(asked.splitlines())
    if done.returncode or len(answers) != wanted:
        sys.exit(f"{questions}: {len(answers)} answers of {wanted}\n{done.stderr.decode()}")
    for number, answer in enumerate(answers, start=1):
        place = f"{questions.parent.name}/{questions.name}:{number}"
        line = f'{{"at": {json.dumps(place)}, {answer[1:]}'  # the answer's own bytes
        yield _without_hashes(line) if options.without_hashes else line


def compare(before: str, after: str, *, hashes: bool) -> int:
    """Print in how many lines and bytes two dumps differ, and the first of them; 1 if they do."""
    files = (Path(file).read_text(encoding="utf-8").strip("\n") for file in (before, after))
    old, new = (map(str if hashes else _without_hashes, file.split("\n")) for file in files)
    pairs = list(zip_longest(old, new, fillvalue="{}"))
    differing = [(one, other) for one, other in pairs if one != other]
    size = sum(_bytes_between(one, other) for one, other in differing)
    print(f"{len(differing):,} of {len(pairs):,} lines differ, by {size:,} bytes")
    for one, other in differing[:MAX_SHOWN]:
        _show(json.loads(one), json.loads(other))
    return 1 if differing else 0


def _without_hashes(line: str) -> str:
    values = json.loads(line)
    return json.dumps({name: value for name, value in values.items() if name not in HASHES})


def _bytes_between(one: str, other: str) -> int:
    """How many bytes of the longer line stand between what both begin and end with."""
    short, long = sorted((one.encode(), other.encode()), key=len)
    begin = _same(short, long)
    return len(long) - begin - _same(short[begin:][::-1], long[begin:][::-1])


def _same(one: bytes, other: bytes) -> int:
    """How many bytes both have in common at the beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _show(one: dict[str, Any], other: dict[str, Any]) -> None:
    print(one.get("at") or other.get("at"), one.get("question") or other.get("question"))
    for name in one | other:
        if one.get(name) != other.get(name):
            for sign, values in (("-", one), ("+", other)):
                print(f"  {sign} {name}: {json.dumps(values.get(name), ensure_ascii=False):.300}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--compare", nargs=2, metavar=("BEFORE", "AFTER"))
    parser.add_argument("--engine", choices=("memory", "disk"), default="memory")
    parser.add_argument("--semantic", choices=SEMANTIC, default="off")
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
