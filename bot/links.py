"""Builds links that open a cited page at the quoted sentence.

A link ends with a text fragment, `#:~:text=[prefix-,]start[,end][,-suffix]`, as defined by the
WICG's *URL Fragment Text Directives*: https://wicg.github.io/scroll-to-text-fragment/. Claims here
about browsers were tested in Chromium.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple
from unicodedata import category, normalize
from urllib.parse import quote as percent_encoded

from bot.model import Citation, Passage

MAX_LINK_LENGTH = 2000
# A longer sentence is matched by its first and last words.
MAX_TERM_LENGTH = 300
# How many words to try, in order, for each end of a long sentence and for the context of a repeated
# one. One word is for scripts without spaces, where _WORD matches up to the next comma.
ENDS = (5, 10, 20, 1)
AROUND = (2, 4, 8, 16)

# A term must not cross the end of a block. A browser treats <br>, a line of <pre> and a table cell
# as blocks. A line break in the document may be such an end or not, so it always counts as one.
_BREAK = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]|(?<!\S)\|(?!\S)")
# The browser draws the marks of list items; they are not part of the page's text.
_LIST_MARK = re.compile(r"(?:[-*•–—]|\d{1,3}[.)])(?:\s+|\Z)")
_LINES_MARK = re.compile(rf"^[ \t]*{_LIST_MARK.pattern}", re.M)
_WORD = re.compile(r"\S+?(?:[、。，；：！？]+|(?=\s)|\Z)")


class Directive(NamedTuple):
    """What a browser searches for: `start` alone, or everything from `start` to the next `end`."""

    start: str
    end: str = ""
    prefix: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        prefix, start, end, suffix = map(_encoded, (self.prefix, self.start, self.end, self.suffix))
        terms = (prefix and f"{prefix}-", start, end, suffix and f"-{suffix}")
        return ",".join(term for term in terms if term)

    def finds_only(self, quote: str, letters: str) -> bool:
        """Whether it matches this quote and nothing else in a document with these `letters`."""
        start, end, whole = (
            _letters(self.start),
            _letters(self.end),
            _letters(_LINES_MARK.sub("", quote)),
        )
        ends_there = not end or whole.find(end, len(start)) == len(whole) - len(end)
        return ends_there and self.lands_only(letters)

    def lands_only(self, letters: str) -> bool:
        """Whether its match can begin at only one place in a document with these `letters`."""
        sought = _letters(self.prefix + self.start + self.suffix)
        return 0 <= letters.find(sought) == letters.rfind(sought)


def link_to(citation: Citation) -> str | None:
    """The document's URL with a text fragment that opens it at the quote; None without a URL.

    If the quote occurs more than once in the document, words around it are included; if that is not
    enough, the link opens at the first occurrence. An existing fragment is kept. No text fragment
    is added to a document with pages, or if the link would exceed MAX_LINK_LENGTH. The link
    contains no space, control character, `"`, `<`, `>` or `|`, so it is safe to embed in text.
    """
    document = citation.passage.document
    if not citation.url:
        return None
    url = "".join(c if _is_plain(c) else percent_encoded(c, errors="replace") for c in citation.url)
    if citation.page is not None:
        return url  # viewers of paged files ignore text fragments
    page = url.partition(":~:")[0]
    head = page + ("" if "#" in page else "#") + ":~:text="
    text, offset = _at_hand(citation.passage)
    start, end = _whole_words(text, citation.start - offset, citation.end - offset)
    before, quote, after = text[:start], text[start:end], text[end:]
    letters = _letters(_LINES_MARK.sub("", text))
    directives = [
        directive
        for directive in _directives(before, quote, after)
        if len(head) + len(str(directive)) <= MAX_LINK_LENGTH
    ]
    if not isinstance(document.text, str):  # the quote may recur elsewhere: prefer some context
        directives.sort(key=lambda directive: not (directive.prefix or directive.suffix))
    best = (one for one in directives if one.finds_only(quote, letters))
    next_best = (one for one in directives if one.lands_only(letters))  # may end too early
    directive = next(chain(best, next_best, directives), None)
    return f"{head}{directive}" if directive else url


def _at_hand(passage: Passage) -> tuple[str, int]:
    """The text to search for the quote, and its offset in the document.

    This is the whole text or, if the document is not in memory, the passage.
    """
    text = passage.document.text
    return (text, 0) if isinstance(text, str) else (passage.text, passage.start)


def _directives(before: str, quote: str, after: str) -> Iterator[Directive]:
    """Directives for the quote, best first: whole, then by its ends; bare, then with context.

    A directive with an `end` gets no suffix: if the suffix does not follow, a browser continues to
    the next `end` and marks everything from the first `start` to there.
    """
    lines = [_unmarked(line) for line in _BREAK.split(quote) if _letters(_unmarked(line))]
    lines = lines or quote.splitlines()[:1]
    contexts = list(_contexts(before, after))
    if len(lines) == 1 and lines[0].strip() and len(lines[0]) <= MAX_TERM_LENGTH:
        yield from (Directive(lines[0], "", prefix, suffix) for prefix, suffix in contexts)
    for number in ENDS:
        start, end = _first(lines[0], number), _last(lines[-1], number)
        if len(lines) > 1 or 0 < len(start) + len(end) < len(lines[0]):
            yield from (Directive(start, end, prefix) for prefix, suffix in contexts if not suffix)


def _contexts(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Pairs of prefix and suffix to try: none, from the same line, from the adjacent lines.

    The same line comes first, since a page may have a picture or a notice between two paragraphs.
    """
    yield "", ""
    left, right = _BREAK.split(before), _BREAK.split(after)
    next_left = next((line for line in map(_unmarked, reversed(left)) if line), "")
    next_right = next((line for line in map(_unmarked, right) if line), "")
    for to_left, to_right in ((_unmarked(left[-1]), right[0]), (next_left, next_right)):
        for number in AROUND:
            prefix, suffix = _last(to_left, number), _first(to_right, number)
            yield from ((prefix, ""), ("", suffix), (prefix, suffix))


def _unmarked(line: str) -> str:
    """A line without the blanks around it, and without a list's mark."""
    words = line.strip()
    mark = _LIST_MARK.match(words)
    return words[mark.end() :] if mark else words


def _first(line: str, number: int) -> str:
    words = list(_WORD.finditer(line))[:number]
    return line[: words[-1].end()].strip() if words else ""


def _last(line: str, number: int) -> str:
    words = list(_WORD.finditer(line))[-number:]
    return line[words[0].start() :].strip() if words else ""


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The quote's span without a leading list mark, extended to whole words.

    A browser finds nothing that begins or ends inside a word. Quotation marks do no harm.
    """
    mark = _LIST_MARK.match(text, start, end)
    if mark and mark.end() < end:
        start = mark.end()
    while start > 0 and _in_word(text[start - 1]) and _in_word(text[start]):
        start -= 1
    while end < len(text) and _in_word(text[end - 1]) and _in_word(text[end]):
        end += 1
    return start, end


def _in_word(character: str) -> bool:
    return character == "_" or category(character)[0] in "LMN"


def _letters(text: str) -> str:
    """The letters and digits of a text, without case and accents.

    A browser also ignores case, accents and white space, but not punctuation. So what occurs once
    among the letters is found only once by the browser.
    """
    return "".join(filter(str.isalnum, normalize("NFKD", text).casefold()))


def _encoded(term: str) -> str:
    """A term with single spaces, percent-encoded except ASCII letters, digits, `.`, `_`, `~`."""
    spaced = " ".join(term.split())
    return percent_encoded(spaced.encode("utf-8", "replace"), safe="").replace("-", "%2D")


def _is_plain(character: str) -> bool:
    return character not in '<>|"' and category(character)[0] not in "ZC"
