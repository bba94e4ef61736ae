"""Output to the terminal: styled and wrapped for a person, unwrapped lines for a program."""

import sys
from typing import Protocol

import click

# A paragraph as (text, style) pieces.
Pieces = list[tuple[str, str]]


class Page(Protocol):
    """Prints paragraphs. `marks` is true if a quote needs marks because no style shows it."""

    marks: bool

    def write(self, pieces: Pieces, indent: int = 0) -> None:
        """Print a paragraph, indented by `indent` columns."""


class Plain:
    """For a pipe or a file: lines of any length, unwrapped. Does not import Rich."""

    marks = True

    def write(self, pieces: Pieces, indent: int = 0) -> None:
        """Print a paragraph."""
        text = "".join(text for text, _ in pieces)
        click.echo("\n".join(" " * indent * bool(line) + line for line in text.split("\n")))


class Styled:
    """For a terminal, in colour if it supports that."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(highlight=False)
        self.marks = self._console.color_system is None

    def write(self, pieces: Pieces, indent: int = 0) -> None:
        """Print a paragraph, wrapped."""
        from rich.padding import Padding
        from rich.text import Text

        self._console.print(Padding(Text.assemble(*pieces), (0, 0, 0, indent)))


def page() -> Page:
    """The page for this process's standard output."""
    return Styled() if sys.stdout.isatty() else Plain()
