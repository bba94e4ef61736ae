"""Where a terminal's text goes: styled and wrapped for a person, whole lines for a program."""

import sys
from typing import Protocol

import click

# A paragraph in pieces, each with its style.
Pieces = list[tuple[str, str]]


class Page(Protocol):
    """Prints paragraphs. `marks` says that a quote must be marked, since no style shows it."""

    marks: bool

    def write(self, pieces: Pieces, indent: int = 0) -> None:
        """Print a paragraph."""


class Plain:
    """For a pipe or a file: lines as they are, however long. Rich is not even imported."""

    marks = True

    def write(self, pieces: Pieces, indent: int = 0) -> None:
        """Print a paragraph."""
        text = "".join(text for text, _ in pieces)
        click.echo("\n".join(" " * indent * bool(line) + line for line in text.split("\n")))


class Styled:
    """For a terminal, in colours where it has them."""

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
