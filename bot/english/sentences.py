"""Splits a text into sentences: sentencex finds them, and this module corrects its mistakes."""

import re
from collections.abc import Iterator

import sentencex

from bot.english.patterns import lazy_pattern
from bot.model import Span

# Longer sentences are cut at a space. sentencex also gets at most this much text at a time, since
# its time is quadratic in the length for scripts without spaces.
MAX_SENTENCE_LENGTH = 2_000


# A sentence continues after these.
_NEVER_LAST = frozenset(
    """
    approx. e.g. eg. i.e. ie. cf. vs. viz. mr. mrs. ms. mx. dr. prof. rev. hon. sgt. capt. figs.
    incl. excl. resp.
    """.split()
)
# And after these, unless the next word is one that begins sentences.
_BEFORE_NAMES = frozenset("st. mt. fig. eq. gen. sen. rep. gov. pres. dept. univ.".split())
# These end a sentence if the next word is one that begins sentences; sentencex decides the rest.
_MAY_BE_LAST = _BEFORE_NAMES | frozenset(
    """
    inc. ltd. co. corp. llc. plc. jr. sr. etc. al. a.m. p.m. u.s. u.k. e.u. u.n. ph.d. b.c. a.d.
    """.split()
)
# A sentence continues after these if a number follows: "no. 5", "max. 20", "Jan. 3".
_BEFORE_NUMBERS = frozenset(
    """
    no. nos. nr. p. pp. ch. chap. sec. sect. vol. par. para. ver. ext. tel. max. min. ca. est.
    """.split()
)
_OF_DATES = frozenset(
    """
    Jan. Feb. Mar. Apr. Jun. Jul. Aug. Sep. Sept. Oct. Nov. Dec.
    Mon. Tue. Tues. Wed. Thu. Thurs. Fri. Sat. Sun.
    """.split()
)
_SHORT = _NEVER_LAST | _MAY_BE_LAST | _BEFORE_NUMBERS | {word.casefold() for word in _OF_DATES}
_DAY = lazy_pattern(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day")
_BEGINNINGS = frozenset(
    """
    The A An It Its This That These Those He She We They You I If In On At For From But And When
    While As To Then There Here Please Do Does Is Are Was Were Our Your My His Her Their All Each
    Every No Not Yes Who What Where Why How After Before Until Since With Without By Some Any
    """.split()
)
# What follows the dot of a file name or a domain.
_ENDINGS = frozenset(
    """
    com org net io dev gov edu uk de eu info app ai txt md pdf doc docx xls xlsx ppt csv json xml
    html htm js ts py java rb go rs sh exe zip png jpg jpeg gif svg yml yaml toml ini log cfg conf
    sql php cpp cs
    """.split()
)

_POINT = re.compile(r"\.\s+(?=[A-Z])")
_NO_BLANK = re.compile(r"[.!?](?=[^\W\d_])")
_WORD = lazy_pattern(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NUMBER = re.compile(r"\d[\d.,]+")
_CODE = re.compile(r"[/@\\=_:<>{}#&`~|*+$]")
_OPENING, _CLOSING = "([{“\"'‘«", ")]}”\"'’»%"


def sentences(text: str) -> list[Span]:
    """The span of each sentence, without the space around it, at most MAX_SENTENCE_LENGTH long.

    >>> text = "It takes approx. 3 days with .NET. It ends here.Next begins."
    >>> [text[start:end] for start, end in sentences(text)]
    ['It takes approx. 3 days with .NET.', 'It ends here.', 'Next begins.']
    """
    found: list[Span] = []
    start = 0
    for cut in (*_cuts(text), len(text)):
        sentence = text[start:cut]
        first = start + len(sentence) - len(sentence.lstrip())
        last = start + len(sentence.rstrip())
        found += _bounded(text, first, last)
        start = cut
    return found


def _cuts(text: str) -> list[int]:
    """The offsets at which the second and each later sentence begins."""
    proposed = _proposed(text)
    cuts = {cut for cut in proposed if not _goes_on(text, cut)}
    for match in _POINT.finditer(text):
        if match.end() not in proposed and _is_overlooked(text, match.end()):
            cuts.add(match.end())
    for match in _NO_BLANK.finditer(text):
        if match.end() not in proposed and _lacks_blank(text, match.end()):
            cuts.add(match.end())
    return sorted(cuts)


def _proposed(text: str) -> set[int]:
    """The offsets that sentencex finds."""
    found: set[int] = set()
    start = 0
    while start < len(text):
        piece = text[start : start + MAX_SENTENCE_LENGTH]
        begins = [
            start + boundary["start_index"]
            for boundary in sentencex.get_sentence_boundaries("en", piece)
        ]
        found.update(begins[1:])
        # The last sentence may continue after the piece, so the next piece begins with it.
        is_last = start + len(piece) == len(text)
        start = start + len(piece) if is_last or len(begins) < 2 else begins[-1]
    return found


def _goes_on(text: str, cut: int) -> bool:
    """Whether a sentence continues although sentencex ends it here."""
    if not text[cut - 1].isspace():
        return text[cut - 1] in ".!?" and text[cut].isascii() and not _lacks_blank(text, cut)
    start, word = _word_before(text, cut)
    lowered = word.casefold()
    if lowered in _NEVER_LAST:
        return True
    if lowered in _BEFORE_NAMES:
        return _first_word(text, cut) not in _BEGINNINGS
    if lowered in ("a.m.", "p.m."):
        return bool(_DAY.match(text, cut))
    if lowered in _BEFORE_NUMBERS or word in _OF_DATES:
        return any(character.isdigit() for character in _token_after(text, cut))
    return word[:-1].isdigit() and _is_label(text, start, word)


def _is_label(text: str, start: int, word: str) -> bool:
    """Whether a number is the label of the next sentence: "1.", "Step 2."."""
    if len(word) > len("100."):
        return False
    _, before = _word_before(text, start)
    if not before or "\n" in text[start - 1 : start] or before.casefold() == "step":
        return True
    return before[-1] in ".!?" and before.casefold() not in _SHORT


def _is_overlooked(text: str, cut: int) -> bool:
    """Whether a sentence ends here although sentencex sees only an abbreviation."""
    _, word = _word_before(text, cut)
    lowered = word.casefold()
    if lowered == "no.":
        return not any(character.isdigit() for character in _token_after(text, cut))
    return lowered in _MAY_BE_LAST and _first_word(text, cut) in _BEGINNINGS


def _lacks_blank(text: str, cut: int) -> bool:
    """Whether a sentence ends here without a space before the next.

    False inside addresses, versions, file names, names with a dot, and code.
    """
    _, left = _word_before(text, cut)
    right = _token_after(text, cut)
    if not right[:1].isupper() or _CODE.search(left + right) or not _WORD.fullmatch(right):
        return False
    word = left.rstrip(".!?").rstrip(_CLOSING)
    if left[-1] != "." or left.endswith("..."):
        return bool(word)
    begins = right in _BEGINNINGS
    if _NUMBER.fullmatch(word):
        return begins
    lowered = f"{word.casefold()}."
    if not _WORD.fullmatch(word) or len(word) < 2 or lowered in _NEVER_LAST | _BEFORE_NAMES:
        return False
    is_name = word[0].isupper() or right.casefold() in _ENDINGS or not right[1:].islower()
    return begins or not is_name


def _word_before(text: str, cut: int) -> tuple[int, str]:
    """Where the word before an offset begins, and the word without opening marks."""
    before = text[max(0, cut - 80) : cut].rstrip()
    word = before[max(before.rfind(" "), before.rfind("\n")) + 1 :]
    start = max(0, cut - 80) + len(before) - len(word)
    bare = word.lstrip(_OPENING)
    return start, bare


def _token_after(text: str, cut: int) -> str:
    """The text from an offset to the next space, without closing marks."""
    parts = text[cut : cut + 80].split(maxsplit=1)
    return parts[0].rstrip(f",;:.!?{_CLOSING}") if parts else ""


def _first_word(text: str, cut: int) -> str:
    match = _WORD.match(text, cut)
    return match[0] if match else ""


def _bounded(text: str, start: int, end: int) -> Iterator[Span]:
    """A sentence in pieces of at most MAX_SENTENCE_LENGTH, cut at spaces if possible."""
    while end - start > MAX_SENTENCE_LENGTH:
        limit = start + MAX_SENTENCE_LENGTH
        blank = max(text.rfind(" ", start + 1, limit), text.rfind("\n", start + 1, limit))
        cut = blank if blank > start else limit
        yield Span(start, start + len(text[start:cut].rstrip()))
        start = cut + len(text[cut:limit]) - len(text[cut:limit].lstrip())
    if start < end:
        yield Span(start, end)
