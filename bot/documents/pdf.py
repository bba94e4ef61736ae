"""PDF to blocks: lines with their places on the page become paragraphs, lists, tables, headings.

The text is that of the pages, with line ends as blanks and line-end hyphens removed. PDFium is not
thread-safe, and is C++ on files that anybody may have written: read in one thread at a time.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from threading import Lock
from typing import Any

from bot.documents.fields import sane
from bot.documents.pdf_blocks import blocks
from bot.documents.pdf_lines import Line, lines_of
from bot.documents.pdf_pieces import Outline
from bot.documents.tree import Tree
from bot.errors import CorpusError
from bot.model import Page

# More pages are an archive, not a document.
MAX_PAGES = 5_000
MAX_OUTLINE = 20_000
# Running heads and feet are among so many outermost lines of a page, on such a share of the pages.
OUTERMOST = 3
RUNNING_SHARE = 1 / 8
# They stand in so much of the height that any page uses, above or below.
EDGE = 0.12

_READING = Lock()
_COUNTED = re.compile(r"\d+|\b[ivxlc]+\b", re.I)
_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")


def read(content: bytes, shown: str) -> Tree:
    """The blocks of a PDF. Raises CorpusError when it cannot be read, or has no text.

    Of more than MAX_PAGES pages, the first are read.
    """
    import pypdfium2
    import pypdfium2.raw as raw

    with _READING:
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            locked = error.err_code == raw.FPDF_ERR_PASSWORD
            raise (
                CorpusError.encrypted(shown) if locked else CorpusError.broken(shown, "a PDF")
            ) from None
        try:
            return _read(document, shown)
        except pypdfium2.PdfiumError:
            raise CorpusError.broken(shown, "a PDF") from None
        finally:
            document.close()


def _read(document: Any, shown: str) -> Tree:
    count = len(document)
    read, labels, unread = list[list[Line]](), list[str](), list[int]()
    for number in range(min(count, MAX_PAGES)):
        lines = _page(document, number)
        if lines is None:
            unread.append(number + 1)
        read.append(lines or [])
        label = document.get_page_label(number) or ""
        labels.append(label if label != str(number + 1) else "")
    if not any(read):
        raise CorpusError.no_text(shown)
    pages = _without_running_lines(read)
    text, found, starts = blocks(pages, _outline(document))
    numbered = tuple(Page(start, number, labels[number - 1]) for start, number in starts)
    warnings = list[str]()
    if count > MAX_PAGES:
        warnings.append(f"has {count:,} pages; the first {MAX_PAGES:,} are read")
    if unread:
        warnings.append(f"cannot be read on {_numbers(unread)}")
    empty = [number for number, lines in enumerate(read, start=1) if not lines]
    if len(empty) - len(unread) > 0 and 2 * len(empty) >= len(read):
        warnings.append(f"has no text on {_numbers(empty)}; are they scans?")
    if strange := [number for number, lines in enumerate(pages, start=1) if _is_strange(lines)]:
        warnings.append(f"layout not understood on {_numbers(strange)}")
    return Tree(text, found, tuple(_fields(document).items()), tuple(warnings), numbered)


def _page(document: Any, number: int) -> list[Line] | None:
    """The lines of a page; None when it cannot be read."""
    import pypdfium2

    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return None
    try:
        return lines_of(page, number + 1)
    except pypdfium2.PdfiumError:
        return None
    finally:
        page.close()


def _without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without what stands at the edge of many of them, but for its numbers."""
    heights = [line.top for lines in pages for line in lines]
    lowest, highest = min(heights), max(heights)
    margin = EDGE * (highest - lowest)
    foot, head = lowest + margin, highest - margin
    # What stands at the top of one page and at the foot of another is not repeated.
    seen = Counter(
        key
        for lines in pages
        for key in {(_key(line), line.top >= head) for line in _outermost(lines, foot, head)}
    )
    least, offset = max(2, RUNNING_SHARE * len(pages)), _offset(pages)
    kept = list[list[Line]]()
    for place, lines in enumerate(pages):
        near = (*pages[max(0, place - 2) : place], *pages[place + 1 : place + 3])
        running = {
            line
            for line in _outermost(lines, foot, head)
            if seen[_key(line), line.top >= head] >= least
            or (line in _edges(lines) and _is_running(line, near, offset))
        }
        body = [line for line in lines if line not in running]
        kept.append(body or list(lines))
    return kept


def _is_running(line: Line, near: Sequence[Sequence[Line]], offset: int | None) -> bool:
    """Whether the first or last line of a page has its number, or stands on a page nearby too."""
    if offset is not None and offset in _offsets(line):
        return True
    return any(
        _key(line) == _key(other) and abs(line.top - other.top) < 1
        for lines in near
        for other in _edges(lines)
    )


def _edges(lines: Sequence[Line]) -> list[Line]:
    """The lines that stand highest and lowest on a page that has others too."""
    by_height = sorted(lines, key=lambda line: -line.top)
    return [by_height[0], by_height[-1]] if len(lines) > 2 else []


def _offsets(line: Line) -> set[int]:
    """The numbers that a line begins or ends with, counted from its page."""
    words = line.words.split()
    return {
        int(word) - line.page
        for word in (words[0], words[-1])
        if word.isdecimal() and len(word) < 6
    }


def _offset(pages: Sequence[Sequence[Line]]) -> int | None:
    """What printed page numbers are more than the pages' own; None where none are seen."""
    found = Counter(
        offset for lines in pages for offset in {o for e in _edges(lines) for o in _offsets(e)}
    )
    offset, number = found.most_common(1)[0] if found else (0, 0)
    return offset if number >= max(3, len(pages) / 4) else None


def _outermost(lines: Sequence[Line], foot: float, head: float) -> list[Line]:
    """The lines that stand highest and lowest on a page, above the head and below the foot."""
    by_height = sorted(lines, key=lambda line: -line.top)
    highest = [line for line in by_height[:OUTERMOST] if line.top >= head]
    return [*highest, *(line for line in by_height[-OUTERMOST:] if line.top <= foot)]


def _key(line: Line) -> tuple[str, int]:
    # With its size: what heads the first page may be repeated, smaller, above the others.
    return _COUNTED.sub("#", line.words), round(line.size)


def _is_strange(lines: Sequence[Line]) -> bool:
    """Whether the lines of a page come in no order that a reader follows."""
    jumps = sum(below.top > above.bottom + 3 * above.size for above, below in pairwise(lines))
    return jumps > max(3, len(lines) / 8)


def _outline(document: Any) -> Iterator[Outline]:
    """The entries of the outline: title, page from 1, and level from 1."""
    import pypdfium2

    try:
        for entry, _ in zip(document.get_toc(), range(MAX_OUTLINE), strict=False):
            destination = entry.get_dest()
            index = destination.get_index() if destination is not None else None
            if index is not None and index >= 0:
                yield Outline(entry.get_title(), index + 1, entry.level + 1)
    except (pypdfium2.PdfiumError, ValueError, RecursionError):
        return


def _fields(document: Any) -> dict[str, str]:
    about = document.get_metadata_dict()
    changed = _DATE.match(about.get("ModDate") or about.get("CreationDate") or "")
    return sane(
        title=about.get("Title") or "",
        author=about.get("Author") or "",
        date="-".join(changed.groups()) if changed else "",
    )


def _numbers(pages: Sequence[int]) -> str:
    """Pages as people write them: `page 3`, `pages 4-9 and 12`."""
    runs = list[list[int]]()
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    named = [f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    if len(named) > 5:
        named = [*named[:5], "others"]
    listed = ", ".join(named[:-1]) + (" and " if len(named) > 1 else "") + named[-1]
    return f"page{'s' if len(pages) > 1 else ''} {listed}"
