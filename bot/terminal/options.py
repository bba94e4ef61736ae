"""Options that several commands share, and how their values are checked."""

import re
from pathlib import Path

import click


def _folder(_: click.Context, __: click.Parameter, value: str | None) -> Path | None:
    if value == "":  # an unset shell variable; as a path it would be this folder
        raise click.BadParameter("it is empty; name a folder.")
    return None if value is None else Path(value)


def member(_: click.Context, __: click.Parameter, value: str) -> str:
    """Check a Slack member ID. Raises BadParameter."""
    if not re.fullmatch(r"[UW][A-Z0-9]+", value):
        raise click.BadParameter("a member ID begins with U or W, like U012AB3CD.")
    return value


def span(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """Convert a duration such as 12h, 7d or 4w to seconds. Raises BadParameter."""
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,4})([hdw])", value)
    if found is None:
        raise click.BadParameter("say how long, like 12h, 7d or 4w.")
    return int(found[1]) * {"h": 3600.0, "d": 86400.0, "w": 604800.0}[found[2]]


# Overrides CORPUS_DIR in every command.
corpus_option = click.option(
    "--corpus",
    callback=_folder,
    metavar="DIR",
    help="The folder of documents.  [default: CORPUS_DIR, or ./corpus]",
)

port_option = click.option(
    "--port", type=click.IntRange(1, 65535), metavar="N", help="Where to listen.  [default: 3000]"
)
