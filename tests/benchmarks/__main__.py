"""How fast, beside what people would use instead, at every size: `python -m tests.benchmarks`.

At 13, 1,000, 10,000 and 100,000 passages in under 15 minutes on two processors; a million too with
`--million`, in an hour more. Writes the table between the marks in README.md and the chart beside
it. The ratios travel from machine to machine, the times do not.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import beside, speed
from tests.benchmarks.chart import chart
from tests.fakes import documents

ROOT = Path(__file__).parents[2]
README, CHART = ROOT / "README.md", ROOT / ".github" / "images" / "speed.svg"
SIZES, MILLION = (13, 1_000, 10_000, 100_000), 1_000_000
BEGIN, END = "<!-- speed -->", "<!-- /speed -->"

# What `beside` measures, in the order of the table; and what `sizes` does of the index on disk.
TIMES = (
    beside.RANK_BM25, beside.BM25S, beside.FTS5, beside.TANTIVY, beside.MEMORY, beside.DISK
)  # fmt: skip
COSTS = {
    "start": ("`ask` as a process, on disk, s", ".2f"),
    "memory": ("memory beyond the page cache, MB", ".0f"),
    "disk": ("index on disk, MB", ".3g"),
    "index": ("to index, seconds", ".3g"),
}
HAS_99TH = (beside.MEMORY, beside.DISK)
NAMES = {beside.TANTIVY: "tantivy, 100 best with their terms"}

Json = dict[str, Any]


def main() -> None:
    """Measure, and write the table and the chart."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--million", action="store_true", help="a million passages too")
    parser.add_argument("--sizes", help="other sizes, with commas between them")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where what is made is kept")
    chosen = parser.parse_args()
    sizes = [int(size) for size in chosen.sizes.split(",")] if chosen.sizes else [*SIZES]
    sizes += [MILLION] if chosen.million else []
    begun = time.monotonic()
    first = speed.first_answer()
    start = speed.start_of_ask()
    with tempfile.TemporaryDirectory() as temporary:
        found = {size: _measured(chosen.keep or Path(temporary), size) for size in sizes}
    written = f"{table(found)}\n\n{start}; {first}."
    print(f"\n{written}\n\nmeasured in {(time.monotonic() - begun) / 60:.0f} minutes")
    CHART.parent.mkdir(exist_ok=True)
    CHART.write_text(picture(found), encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    if BEGIN in text and END in text:
        README.write_text(between_marks(text, written), encoding="utf-8")
    else:
        print(f"README.md has no {BEGIN} … {END} to write it between")


def _measured(kept: Path, size: int) -> Json:
    """What everything takes at one size, each part in a process of its own."""
    folder = kept / f"shelf{size}"
    if not (folder / "corpus").exists():
        documents.write(folder / "corpus", size)
    costs = _run("tests.benchmarks.sizes", "--one", "disk", str(size), str(folder))
    times = _run("tests.benchmarks.beside", str(size), str(folder))
    found = {"costs": costs, "times": times}
    print(json.dumps({"passages": size} | found), file=sys.stderr, flush=True)
    return found


def _run(*command: str) -> Json:
    ran = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    measured: Json = json.loads(ran.stdout)
    return measured


def table(found: Mapping[int, Json]) -> str:
    """The table in Markdown, a size a column."""
    rows = [["passages", *(f"{size:,}" for size in found)], ["---"] * (len(found) + 1)]
    for name in TIMES:
        cells = [_time(one["times"].get(name), both=name in HAS_99TH) for one in found.values()]
        said = f"{NAMES.get(name, name)}, ms{' (99% within)' if name in HAS_99TH else ''}"
        rows.append([said, *cells])
    rows.append(["rank-bm25's time by article-bot's", *map(_ratio, found.values())])
    for key, (said, form) in COSTS.items():
        costs = [one["costs"].get(key) for one in found.values()]
        rows.append([said, *("" if cost is None else format(cost, form) for cost in costs)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _time(measured: Sequence[float] | None, *, both: bool) -> str:
    if measured is None:
        return ""
    median, most = (f"{value:.2f}" if value < 1 else f"{value:.3g}" for value in measured)
    return f"{median} ({most})" if both else median


def _ratio(one: Json) -> str:
    """How many times faster than rank-bm25 it is: in memory where that is chosen, else on disk."""
    times = one["times"]
    if beside.RANK_BM25 not in times:
        return ""
    ours = min(times[name][0] for name in HAS_99TH if name in times)
    return f"{times[beside.RANK_BM25][0] / ours:.2g} ×"


def picture(found: Mapping[int, Json]) -> str:
    """The medians as a chart, ours first."""
    series = {
        name: [(size, one["times"][name][0]) for size, one in found.items() if name in one["times"]]
        for name in reversed(TIMES)
    }
    drawn = {name: line for name, line in series.items() if line}
    return chart("A question asked for the first time", "passages", "ms", drawn)


def between_marks(text: str, written: str) -> str:
    """A text with what stands between the marks written anew."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{written}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    main()
