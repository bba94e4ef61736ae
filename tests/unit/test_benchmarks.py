"""The README table and the chart that `python -m tests.benchmarks` makes of its figures."""

from typing import Any
from xml.etree import ElementTree

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import beside
from tests.benchmarks.chart import LINE, chart

COSTS = {"start": 0.3, "change": 0.25, "memory": 66, "disk": 3.2, "index cpu": 1.0, "index": 0.6}
FOUND: dict[int, dict[str, Any]] = {
    13: {"costs": COSTS, "times": {beside.RANK_BM25: [0.05, 0.1], beside.DISK: [0.5, 2.0]}},
    1_000: {"costs": {}, "times": {beside.RANK_BM25: [1.5, 3.0], beside.DISK: [0.75, 9.0]}},
}


def test_the_table_has_a_size_a_column_and_says_how_many_times_faster_it_is() -> None:
    lines = benchmarks.table(FOUND).splitlines()
    assert lines[0] == "| passages | 13 | 1,000 |"
    assert "| article-bot on disk, ms (99% within) | 0.50 (2) | 0.75 (9) |" in lines
    assert "| rank-bm25's time by article-bot's | 0.1 × | 2 × |" in lines
    assert {line.count("|") for line in lines} == {4}


def test_only_the_text_between_the_marks_is_replaced() -> None:
    text = "Before.\n<!-- speed -->\nold\n<!-- /speed -->\nAfter.\n"
    once = benchmarks.between_marks(text, "new")
    assert once == "Before.\n<!-- speed -->\nnew\n<!-- /speed -->\nAfter.\n"
    assert benchmarks.between_marks(once, "new") == once


def test_the_chart_is_one_that_a_browser_reads_and_no_two_names_overlap() -> None:
    lines = {"A & B": [(13, 0.1), (1000, 2.0)], "C": [(13, 0.2), (1000, 2.01)], "D": [(13, 5.0)]}
    drawn = ElementTree.fromstring(chart("Speed", "passages", "ms", lines))
    named = {
        text.text: float(text.attrib["y"])
        for text in drawn.iter("{http://www.w3.org/2000/svg}text")
        if text.text in lines
    }
    assert named.keys() == lines.keys()
    assert abs(named["A & B"] - named["C"]) >= LINE - 0.1
    ends = [line.attrib["points"] for line in drawn.iter("{http://www.w3.org/2000/svg}polyline")]
    [(_, low), (_, high)] = [tuple(map(float, end.split(","))) for end in ends[0].split()]
    assert high < low  # what takes longer stands higher
