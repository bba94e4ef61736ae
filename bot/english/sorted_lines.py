"""A word list that is searched on disk, so that startup need not read it."""

from mmap import ACCESS_READ, mmap
from pathlib import Path


class SortedLines:
    """A memory-mapped file with lines of a word, a tab and a value, sorted by the word's bytes."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            self._text = mmap(opened.fileno(), 0, access=ACCESS_READ)

    def of(self, word: str) -> str | None:
        """The value of a word, found by binary search; None if the word is not in the file."""
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
