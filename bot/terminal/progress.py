"""Progress: a bar on a terminal, lines on standard error otherwise; nothing for short work."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")

# Fewer questions need no bar.
MANY_QUESTIONS = 500
# Work that finishes sooner needs no bar.
SECONDS_UNTIL_SHOWN = 1.0
SECONDS_BETWEEN_LINES = 10.0


def indexing() -> Callable[[int, int], None]:
    """A callback for (bytes_done, bytes_total) that shows the progress of indexing."""
    return Bar() if sys.stderr.isatty() else Lines()


def asking(questions: Sequence[T]) -> Iterable[T]:
    """Iterate over the questions, with a bar on the terminal if there are many."""
    if len(questions) < MANY_QUESTIONS or not sys.stderr.isatty():
        return questions
    from rich.console import Console
    from rich.progress import track

    return track(questions, "Asking", console=Console(stderr=True), transient=True)


class Lines:
    """Prints a line on standard error every SECONDS_BETWEEN_LINES."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, size: int) -> None:
        """Report that `done` of `size` bytes are indexed."""
        now = time.monotonic()
        if now - self._last >= SECONDS_BETWEEN_LINES:
            self._last = now
            click.echo(f"article-bot: {done * 100 // max(1, size)}% indexed", err=True)


class Bar:
    """Shows a bar on standard error once the work has taken SECONDS_UNTIL_SHOWN."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._bar: Progress | None = None

    def __call__(self, done: int, size: int) -> None:
        """Report that `done` of `size` bytes are indexed."""
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
