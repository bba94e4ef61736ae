"""PDF to blocks: lines with their positions become paragraphs, lists, tables and headings.

The text is that of the pages, with spaces for line ends and without line-end hyphens. PDFium is not
thread-safe, so one thread reads at a time.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
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
# A page without text that has so many drawings may have its letters among them.
MANY_DRAWINGS = 100
# A running head or foot is among this many outermost lines of at least this share of the pages.
OUTERMOST = 3
RUNNING_SHARE = 1 / 8
# It stands apart from the text, by this many font sizes, or its very words are at the edge of at
# least this share of the pages.
APART = 1.5
SAME_WORDS_SHARE = 1 / 2
# It is within this share, at the top or bottom, of the height that the pages use.
EDGE = 0.12

_READING = Lock()
_COUNTED = re.compile(r"\d+|\b[ivxlc]+\b", re.I)
_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")


def read(content: bytes, shown: str) -> Tree:
    """The blocks of a PDF. Raises CorpusError if it cannot be read or has no text.

    At most MAX_PAGES pages are read.
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
    read, labels = list[list[Line]](), list[str]()
    unread, scanned = list[int](), list[int]()
    for number in range(min(count, MAX_PAGES)):
        lines = _page(document, number)
        if lines is None:
            unread.append(number + 1)
        elif not lines and _is_picture(document, number):
            scanned.append(number + 1)
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
    if 2 * len(scanned) >= len(read):
        warnings.append(f"has no text on {_numbers(scanned)}; are they scans?")
    if strange := [number for number, lines in enumerate(pages, start=1) if _is_strange(lines)]:
        warnings.append(f"layout not understood on {_numbers(strange)}")
    return Tree(text, found, tuple(_fields(document).items()), tuple(warnings), numbered)


def _page(document: Any, number: int) -> list[Line] | None:
    """The lines of the page at an index from 0; None if it cannot be read."""
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


def _is_picture(document: Any, number: int) -> bool:
    """Whether the page at an index has a picture, or text as drawings; blank pages have not."""
    import pypdfium2
    import pypdfium2.raw as raw

    try:
        found = list(islice(document[number].get_objects(max_depth=2), MANY_DRAWINGS))
        return len(found) == MANY_DRAWINGS or any(
            one.type == raw.FPDF_PAGEOBJ_IMAGE for one in found
        )
    except pypdfium2.PdfiumError:
        return False


def _without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without running heads and feet: lines repeated, except numbers, at many edges.

    Without space between them and the text, they are repeated word for word: the rows of a table,
    too, differ only in their numbers.
    """
    heights = [line.top for lines in pages for line in lines]
    lowest, highest = min(heights), max(heights)
    margin = EDGE * (highest - lowest)
    foot, head = lowest + margin, highest - margin
    # A line at the top of one page and at the bottom of another does not count as repeated.
    seen, same = Counter[tuple[tuple[str, int], bool]](), Counter[tuple[str, bool]]()
    for lines in pages:
        edge = _outermost(lines, foot, head)
        seen.update({(_key(line), line.top >= head) for line in _apart(lines, edge)})
        same.update({(line.words, line.top >= head) for line in edge})
    least, offset = max(2, RUNNING_SHARE * len(pages)), _offset(pages)
    least_same = max(3, SAME_WORDS_SHARE * len(pages))
    kept = list[list[Line]]()
    for place, lines in enumerate(pages):
        near = (*pages[max(0, place - 2) : place], *pages[place + 1 : place + 3])
        edge = _outermost(lines, foot, head)
        running = {
            line
            for line in _apart(lines, edge)
            if seen[_key(line), line.top >= head] >= least
            or (line in _edges(lines) and _is_running(line, near, offset))
        }
        running |= {line for line in edge if same[line.words, line.top >= head] >= least_same}
        body = [line for line in lines if line not in running]
        kept.append(body or list(lines))
    return kept


def _is_running(line: Line, near: Sequence[Sequence[Line]], offset: int | None) -> bool:
    """Whether an edge line has the page's number, or is also at the edge of a nearby page."""
    if offset is not None and offset in _offsets(line):
        return True
    return any(
        _key(line) == _key(other) and abs(line.top - other.top) < 1
        for lines in near
        for other in _edges(lines)
    )


def _edges(lines: Sequence[Line]) -> list[Line]:
    """The highest and the lowest line of a page with more than two."""
    by_height = sorted(lines, key=lambda line: -line.top)
    return [by_height[0], by_height[-1]] if len(lines) > 2 else []


def _offsets(line: Line) -> set[int]:
    """The numbers at the beginning and end of a line, less the number of its page."""
    words = line.words.split()
    return {
        int(word) - line.page
        for word in (words[0], words[-1])
        if word.isdecimal() and len(word) < 6
    }


def _offset(pages: Sequence[Sequence[Line]]) -> int | None:
    """How far printed page numbers are ahead of the real ones; None if none are printed."""
    found = Counter(
        offset for lines in pages for offset in {o for e in _edges(lines) for o in _offsets(e)}
    )
    offset, number = found.most_common(1)[0] if found else (0, 0)
    return offset if number >= max(3, len(pages) / 4) else None


def _outermost(lines: Sequence[Line], foot: float, head: float) -> list[Line]:
    """The highest lines of a page from `head` upwards, and the lowest from `foot` downwards."""
    by_height = sorted(lines, key=lambda line: -line.top)
    highest = [line for line in by_height[:OUTERMOST] if line.top >= head]
    return [*highest, *(line for line in by_height[-OUTERMOST:] if line.top <= foot)]


def _apart(lines: Sequence[Line], edge: Sequence[Line]) -> list[Line]:
    """Those of the outermost lines of a page with space between them and the rest of it."""
    downwards = sorted(lines, key=lambda line: -line.top)
    upwards = sorted(lines, key=lambda line: line.bottom)
    first = _set_apart([(-one.top, -one.bottom, one.size) for one in downwards[: OUTERMOST + 1]])
    last = _set_apart([(one.bottom, one.top, one.size) for one in upwards[: OUTERMOST + 1]])
    found = {*downwards[:first], *upwards[:last]}
    return [line for line in edge if line in found]


def _set_apart(places: Sequence[tuple[float, float, float]]) -> int:
    """How many of the first lines have space after them; each is (begin, end, font size)."""
    number, end = 0, 0.0
    for at, (below, above) in enumerate(pairwise(places), start=1):
        end = max(end, below[1]) if at > 1 else below[1]
        if above[0] - end > APART * max(below[2], above[2]):
            number = at
    return number


def _key(line: Line) -> tuple[str, int]:
    # With its size: the title on the first page may be repeated, smaller, above the other pages.
    return _COUNTED.sub("#", line.words), round(line.size)


def _is_strange(lines: Sequence[Line]) -> bool:
    """Whether the lines of a page jump back up too often to be in reading order."""
    jumps = sum(below.top > above.bottom + 3 * above.size for above, below in pairwise(lines))
    return jumps > max(3, len(lines) / 8)


def _outline(document: Any) -> Iterator[Outline]:
    """The entries of the outline, up to MAX_OUTLINE or the first corrupt one."""
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
    """Page numbers in words: `page 3`, `pages 4–9 and 12`."""
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
