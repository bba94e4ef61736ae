"""The README: short, true, and without a dead end."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import quality
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text("utf-8")
PAGES = [
    path
    for folder in (ROOT, ROOT / ".github", ROOT / "deploy", ROOT / "tests", ROOT / "bot")
    for path in folder.glob("*.md")
] + sorted((ROOT / "bot").glob("*/README.md"))


def anchors(page: Path) -> set[str]:
    """The headings of a page as a code host links to them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", text)
    for link in (markdown or html for markdown, html in links):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_readme_is_read_in_a_few_minutes() -> None:
    assert len(README.splitlines()) <= 200
    assert len(README.split()) <= 2_000


@pytest.mark.parametrize(
    ("command", "printed"),
    re.findall(
        r"^\$ article-bot (.+)\n((?:(?!\$ |```).*\n)+)",
        "".join(re.findall(r"```console\n(.*?)```", README, re.DOTALL)),
        re.MULTILINE,
    ),
)
def test_an_exchange_in_the_readme_is_what_the_bot_prints(
    command: str, printed: str, tmp_path: Path
) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bot", *shlex.split(command)],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), "SEMANTIC": "off"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert ran.stdout.strip("\n") == printed.strip("\n")


@pytest.mark.slow
def test_the_readme_has_the_figures_of_today() -> None:
    found = quality.table([quality.measured(one) for one in quality.collections()])
    assert found in README, "run python -m tests.benchmarks.quality --write"
