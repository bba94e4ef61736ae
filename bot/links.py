"""A citation to a link that opens its page at the quoted sentence.

The end of the link is a text fragment, `#:~:text=[prefix-,]start[,end][,-suffix]`, as the WICG's
*URL Fragment Text Directives* has it: https://wicg.github.io/scroll-to-text-fragment/. What is
said here about browsers was tried in Chromium.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple
from unicodedata import category, normalize
from urllib.parse import quote as percent_encoded

from bot.model import Citation, Passage

MAX_LINK_LENGTH = 2000
# A longer sentence is named by its first and last words.
MAX_TERM_LENGTH = 300
# How many words name an end of a long sentence, or stand around a repeated one, as they are tried.
# One word is for scripts without spaces, where a word of ours is all up to the next comma.
ENDS = (5, 10, 20, 1)
AROUND = (2, 4, 8, 16)

# No term reaches over the end of a block. A browser counts <br>, a line of <pre> and a table's cell
# as one; whether a line of ours is wrapped or broken there cannot be known.
_BREAK = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]|(?<!\S)\|(?!\S)")
# A list's own marks are drawn by the browser and are no text of the page.
_LIST_MARK = re.compile(r"(?:[-*•–—]|\d{1,3}[.)])(?:\s+|\Z)")
_LINES_MARK = re.compile(rf"^[ \t]*{_LIST_MARK.pattern}", re.M)
_WORD = re.compile(r"\S+?(?:[、。，；：！？]+|(?=\s)|\Z)")


class Directive(NamedTuple):
    """What a browser looks for: `start` alone, or all from `start` to the next `end`."""

    start: str
    end: str = ""
    prefix: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        prefix, start, end, suffix = map(_encoded, (self.prefix, self.start, self.end, self.suffix))
        terms = (prefix and f"{prefix}-", start, end, suffix and f"-{suffix}")
        return ",".join(term for term in terms if term)

    def finds_only(self, quote: str, letters: str) -> bool:
        """Whether it finds this quote and nothing else in the document with these letters."""
        start, end, whole = (
            _letters(self.start),
            _letters(self.end),
            _letters(_LINES_MARK.sub("", quote)),
        )
        ends_there = not end or whole.find(end, len(start)) == len(whole) - len(end)
        return ends_there and self.lands_only(letters)

    def lands_only(self, letters: str) -> bool:
        """Whether what it finds can begin at one place only of the document with these letters."""
        sought = _letters(self.prefix + self.start + self.suffix)
        return 0 <= letters.find(sought) == letters.rfind(sought)


def link_to(citation: Citation) -> str | None:
    """The document's url, ending in a text fragment that lands on the quote; None without a url.

    A quote that stands in the document more than once takes words from around it along. Where
    they do not tell it apart either, the link lands on the first of its kind. A fragment that the
    url has is kept; what would make the link too long is left out. Nothing in the link can end it
    where it stands in a text: no space, no control character, no `<`, `>` or `|`.
    """
    document = citation.passage.document
    if not citation.url:
        return None
    url = "".join(c if _is_plain(c) else percent_encoded(c, errors="replace") for c in citation.url)
    if citation.page is not None:
        return url  # what shows a file of pages looks for no text
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
    if not isinstance(document.text, str):  # the quote may stand elsewhere too: with its context
        directives.sort(key=lambda directive: not (directive.prefix or directive.suffix))
    best = (one for one in directives if one.finds_only(quote, letters))
    next_best = (one for one in directives if one.lands_only(letters))  # it ends too early
    directive = next(chain(best, next_best, directives), None)
    return f"{head}{directive}" if directive else url


def _at_hand(passage: Passage) -> tuple[str, int]:
    """The text to look for a quote in, and where it begins in the document.

    That is the whole text, or of a document that is not held whole the passage.
    """
    text = passage.document.text
    return (text, 0) if isinstance(text, str) else (passage.text, passage.start)


def _directives(before: str, quote: str, after: str) -> Iterator[Directive]:
    """The ways to name the quote, the best first: whole, then by its ends; bare, then in context.

    A suffix is no help to what has an end: where it does not follow, a browser goes on to the next
    `end`, and marks all from the first `start` to there.
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
    """What may be prefix and suffix: nothing, words of the same line, of the lines next to it.

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
    """Where the quote begins and ends, without a list's mark before it, and with the words whole.

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
    """The letters and digits, without case and accents.

    A browser ignores case, accents and white space as well, but not punctuation: what is found
    only once among the letters, it finds only once.
    """
    return "".join(filter(str.isalnum, normalize("NFKD", text).casefold()))


def _encoded(term: str) -> str:
    """A term with single spaces; all but letters, digits, `.`, `_` and `~` is percent-encoded."""
    spaced = " ".join(term.split())
    return percent_encoded(spaced.encode("utf-8", "replace"), safe="").replace("-", "%2D")


def _is_plain(character: str) -> bool:
    return character not in '<>|"' and category(character)[0] not in "ZC"
