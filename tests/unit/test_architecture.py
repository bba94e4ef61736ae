"""Layers and import rules, enforced by import-linter; each rule is broken once to see it fail."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a copy of the package."""
    code = "from importlinter.cli import lint_imports_command as c; c()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_imports_keep_to_the_contracts(tree: Path) -> None:
    ran = lint(tree)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("documents/reader.py", "import watchfiles"),
        ("index/tantivy.py", "import numpy"),
        ("errors.py", "import slack_sdk"),
        ("answering/brand_new.py", "import sqlalchemy"),
        ("answering/brand_new.py", "from bot.slack import run"),
        ("english/text.py", "from bot.documents import reader"),
    ],
)
def test_a_stray_import_breaks_the_run(tree: Path, file: str, line: str) -> None:
    path = tree / "bot" / file
    there = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{there}\n{line}  # noqa\n", encoding="utf-8")
    ran = lint(tree)
    assert ran.returncode == 1, ran.stdout
    assert "BROKEN" in ran.stdout


def test_the_architecture_page_lists_the_layers_as_they_are_enforced() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [layers] = [
        contract["layers"]
        for contract in contracts["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    ]
    page = (ROOT / "bot" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\d+\. (.+?):", page, re.M)
    named = [" | ".join(re.findall(r"`(\w+)(?:/|\.py)?`", line)) for line in listed]
    assert named == layers


def test_every_file_named_on_the_architecture_page_exists() -> None:
    page = (ROOT / "bot" / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)*\.(?:py|txt|toml))`", page)
    assert len(named) >= 10
    assert [name for name in named if not (ROOT / "bot" / name).exists()] == []
