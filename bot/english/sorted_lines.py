"""A file of words that is searched where it lies, so that no start waits until it is read."""

from mmap import ACCESS_READ, mmap
from pathlib import Path


class SortedLines:
    """A word, a tab and what is known of it a line, in the order of the words' bytes."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            self._text = mmap(opened.fileno(), 0, access=ACCESS_READ)

    def of(self, word: str) -> str | None:
        """What is known of a word, by a binary search; None when it is not there."""
        text, sought = self._text, word.encode(errors="replace")
        low, high = 0, len(text)
        while low < high:
            start = text.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = text.find(b"\n", start)
            here, _, known = text[start:end].partition(b"\t")
            if here == sought:
                return known.decode()
            if here < sought:
                low = end + 1
            else:
                high = start
        return None
