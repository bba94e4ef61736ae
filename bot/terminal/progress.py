"""How far long work is: a bar for a person who watches, a line now and then for a log."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")

# So many questions take a moment.
MANY_QUESTIONS = 500
# What is done sooner needs no bar.
SECONDS_UNTIL_SHOWN = 1.0
SECONDS_BETWEEN_LINES = 10.0


def indexing() -> Callable[[int, int], None]:
    """What is told how many bytes are indexed, of how many."""
    return Bar() if sys.stderr.isatty() else Lines()


def asking(questions: Sequence[T]) -> Iterable[T]:
    """The questions, with a bar on the terminal while many are asked."""
    if len(questions) < MANY_QUESTIONS or not sys.stderr.isatty():
        return questions
    from rich.console import Console
    from rich.progress import track

    return track(questions, "Asking", console=Console(stderr=True), transient=True)


class Lines:
    """A line on standard error every ten seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, size: int) -> None:
        """So much is done."""
        now = time.monotonic()
        if now - self._last >= SECONDS_BETWEEN_LINES:
            self._last = now
            click.echo(f"article-bot: {done * 100 // max(1, size)}% indexed", err=True)


class Bar:
    """A bar on standard error, when the work takes longer than a moment."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._bar: Progress | None = None

    def __call__(self, done: int, size: int) -> None:
        """So much is done."""
        if self._bar is None and time.monotonic() - self._begun > SECONDS_UNTIL_SHOWN:
            self._bar = self._shown(size)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done, total=size)
            if done >= size:
                self._bar.stop()
                self._bar = None

    def _shown(self, size: int) -> "Progress":
        from rich.console import Console
        from rich.progress import Progress

        bar = Progress(console=Console(stderr=True), transient=True)
        bar.add_task("Indexing", total=size)
        bar.start()
        return bar
