"""Writes what the settings are, as `bot/config.py` says, where operators read it.

Run it after a change of the settings: `python -m tests.settings`. It rewrites `.env.example` and
the table in `deploy/OPERATING.md`; a test fails when that was forgotten.
"""

import re
import sys
import textwrap
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from bot.config import Settings
from tests.conftest import ROOT

EXAMPLE, PAGE = ROOT / ".env.example", ROOT / "deploy" / "OPERATING.md"
HEAD = "Copy this file to .env and fill in what you need. The environment wins over this file, and an empty setting counts as not set."  # noqa: E501 - one sentence that is wrapped below
TABLE = re.compile("(?<=<!-- settings -->\n).*?(?=<!-- /settings -->)", re.DOTALL)
WIDTH = 88


def default_of(setting: Field[Any]) -> str:
    """A setting's default as one would write it in the environment; "" for none."""
    match setting.default:
        case bool():
            return str(setting.default).lower()
        case int() | str() | Path():
            return str(setting.default)
        case _:
            return ""


def example() -> str:
    """The file to copy to `.env`."""
    parts = [_comment(HEAD)]
    for setting in fields(Settings):
        about = setting.metadata["about"]
        if shown := setting.metadata["shown"]:
            about += f" Default: {shown}."
        parts.append(
            f"{_comment(re.sub('[`*]', '', about))}\n{setting.name.upper()}={default_of(setting)}"
        )
    return "\n\n".join(parts) + "\n"


def table() -> str:
    """The rows of the operator's page."""
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    for setting in fields(Settings):
        default = default_of(setting)
        shown = setting.metadata["shown"] or (f"`{default}`" if default else "")
        rows.append(f"| `{setting.name.upper()}` | {shown} | {setting.metadata['about']} |")
    return "\n".join(rows) + "\n"


def page() -> str:
    """The operator's page with the table as it should be."""
    return TABLE.sub(lambda _: table(), PAGE.read_text("utf-8"))


def _comment(text: str) -> str:
    return "\n".join(textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# "))


def main() -> int:
    EXAMPLE.write_text(example(), "utf-8")
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
