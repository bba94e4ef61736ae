"""The numbers that Word shows before headings, clauses and items: `2.1`, `(a)`.

A Word file stores no such number, only that a paragraph has one; here they are counted and written
into the text between NUMBER_OPENS and NUMBER_ENDS.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import NamedTuple
from xml.etree import ElementTree

from bot.documents.html_words import NUMBER_ENDS, NUMBER_OPENS

# No reader shows more levels.
MAX_LEVEL = 9
# Larger numbers are written in digits, since letters would fill pages.
MAX_IN_LETTERS = 4_999
# Styles based on one another, at most; a longer chain is a circle.
_MAX_CHAIN = 20

_DOCUMENT, _NUMBERING, _STYLES = "word/document.xml", "word/numbering.xml", "word/styles.xml"
# Parts that hold no text.
_NO_TEXT = ("word/media/", "word/embeddings/", "word/fonts/")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# The beginnings of a paragraph, of its properties and of its words.
_TAG = re.compile(rb"<w:(p|pPr|t)(?:\s[^<>]*)?(?<!/)>")
_END_OF_PROPERTIES = b"</w:pPr>"
_STYLE = re.compile(rb"<w:pStyle\s[^>]*w:val=\"([^\"]*)\"")
_NUMBER = re.compile(rb"<w:numId\s[^>]*w:val=\"(\d{1,9})\"")
_LEVEL = re.compile(rb"<w:ilvl\s[^>]*w:val=\"(\d)\"")
_PLACE = re.compile(r"%([1-9])")
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"))


class _Level(NamedTuple):
    """A level of a numbering: its first number, and how numbers are written."""

    start: int
    kind: str
    text: str
    style: str


class _List(NamedTuple):
    """A numbering in use: the name of what it counts, its levels, and where it starts anew."""

    counted: str
    levels: Mapping[int, _Level]
    restarts: Mapping[int, int]


class _Numbering(NamedTuple):
    """Which list a paragraph is in: the list's number and, unless it follows from it, the level."""

    number: str
    level: int | None


def written_out(content: bytes) -> bytes:
    """The Word file with its numbers in the text and without its pictures.

    A file without numbers is returned as it is.
    """
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        if _NUMBERING not in names or _DOCUMENT not in names:
            return content
        lists = _lists(archive.read(_NUMBERING))
        styles = _styles(archive.read(_STYLES)) if _STYLES in names else {}
        document = archive.read(_DOCUMENT)
        numbered = b"".join(_with_numbers(document, _Counter(lists, styles)))
        if numbered == document:
            return content
        made = BytesIO()
        with zipfile.ZipFile(made, "w") as copy:
            for name in names:
                if name == _DOCUMENT:
                    copy.writestr(name, numbered)
                elif not name.startswith(_NO_TEXT):
                    copy.writestr(name, archive.read(name))
    return made.getvalue()


def _with_numbers(document: bytes, counter: "_Counter") -> Iterator[bytes]:
    """The pieces of the document with each number right before its paragraph's first words."""
    place, after, number = 0, 0, ""
    for tag in _TAG.finditer(document):
        if tag.start() < after:
            continue  # earlier properties, in a tracked change
        match tag[1]:
            case b"p":
                number = ""
            case b"pPr":
                after = document.find(_END_OF_PROPERTIES, tag.end())
                if after < 0:
                    break
                number = counter.number_of(document[tag.end() : after])
            case _ if number:
                yield document[place : tag.end()]
                yield f"{NUMBER_OPENS}{_escaped(number)}{NUMBER_ENDS}".encode()
                place, number = tag.end(), ""
    yield document[place:]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


class _Counter:
    """Counts the paragraphs of each list."""

    def __init__(self, lists: Mapping[str, _List], styles: Mapping[str, _Numbering]) -> None:
        self._lists, self._styles = lists, styles
        self._reached: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def number_of(self, properties: bytes) -> str:
        """The number of the next paragraph, which has these properties; "" if it has none."""
        style, number, level = (
            found[1].decode("utf-8", "replace") if found else ""
            for found in (one.search(properties) for one in (_STYLE, _NUMBER, _LEVEL))
        )
        by_style = self._styles.get(style, _Numbering("", None))
        which = self._lists.get(number or by_style.number)
        if which is None:
            return ""
        at = int(level) if level else by_style.level
        if at is None:
            at = next((n for n, one in which.levels.items() if one.style == style), 0)
        return self._count(number or by_style.number, which, at)

    def _count(self, number: str, which: _List, at: int) -> str:
        reached = self._reached.setdefault(which.counted, {})
        if at in which.restarts and (number, at) not in self._begun:
            reached[at] = which.restarts[at] - 1
        self._begun.add((number, at))
        for level in range(at + 1):
            start = which.levels[level].start if level in which.levels else 1
            reached.setdefault(level, start - (level == at))
        reached[at] += 1
        for level in [one for one in reached if one > at]:
            del reached[level]
        own = which.levels.get(at)
        if own is None or own.kind in ("bullet", "none"):
            return ""
        return _PLACE.sub(lambda found: self._written(which, int(found[1]) - 1), own.text).strip()

    def _written(self, which: _List, level: int) -> str:
        kind = which.levels[level].kind if level in which.levels else "decimal"
        return _in(kind, self._reached[which.counted].get(level, 1))


def _in(kind: str, number: int) -> str:
    """A number as a list of this kind writes it."""
    if number > MAX_IN_LETTERS:
        return str(number)
    match kind:
        case "lowerLetter" | "upperLetter":
            letters = chr(ord("a") + (number - 1) % 26) * (1 + (number - 1) // 26)
            return letters.upper() if kind == "upperLetter" else letters
        case "lowerRoman" | "upperRoman":
            return _roman(number).upper() if kind == "upperRoman" else _roman(number)
        case "decimalZero":
            return f"{number:02}"
        case _:
            return str(number)


def _roman(number: int) -> str:
    written = ""
    for value, letters in (*_ROMAN, (1, "i")):
        written += letters * (number // value)
        number %= value
    return written


def _lists(xml: bytes) -> dict[str, _List]:
    """The lists of a document by their numbers."""
    root = ElementTree.fromstring(xml)
    kinds = {
        _value(one, "abstractNumId", own=True): {
            _number(level, "ilvl", own=True): _level(level) for level in one.iter(f"{_W}lvl")
        }
        for one in root.iter(f"{_W}abstractNum")
    }
    found = dict[str, _List]()
    for one in root.iter(f"{_W}num"):
        counted = _value(one, "abstractNumId")
        restarts = {
            _number(other, "ilvl", own=True): _number(other, "startOverride")
            for other in one.iter(f"{_W}lvlOverride")
            if other.find(f"{_W}startOverride") is not None
        }
        found[_value(one, "numId", own=True)] = _List(counted, kinds.get(counted, {}), restarts)
    return found


def _level(xml: ElementTree.Element) -> _Level:
    start = _number(xml, "start", otherwise=1)
    return _Level(start, _value(xml, "numFmt"), _value(xml, "lvlText"), _value(xml, "pStyle"))


def _styles(xml: bytes) -> dict[str, _Numbering]:
    """The list that each style of paragraphs puts them in, also by the style it is based on."""
    known = {
        _value(style, "styleId", own=True): style
        for style in ElementTree.fromstring(xml).iter(f"{_W}style")
    }
    found = dict[str, _Numbering]()
    for name in known:
        base = name
        for _ in range(_MAX_CHAIN):
            style = known.get(base)
            numbering = style.find(f".//{_W}numPr") if style is not None else None
            if numbering is not None and _value(numbering, "numId"):
                has_level = numbering.find(f"{_W}ilvl") is not None
                level = _number(numbering, "ilvl") if has_level else None
                found[name] = _Numbering(_value(numbering, "numId"), level)
                break
            base = _value(style, "basedOn") if style is not None else ""
    return found


def _value(xml: ElementTree.Element, name: str, *, own: bool = False) -> str:
    """The value of a child element, or of an `own` attribute; "" if there is none."""
    if own:
        return xml.get(f"{_W}{name}") or ""
    child = xml.find(f"{_W}{name}")
    return (child.get(f"{_W}val") or "") if child is not None else ""


def _number(xml: ElementTree.Element, name: str, *, own: bool = False, otherwise: int = 0) -> int:
    value = _value(xml, name, own=own)
    return int(value) if value.isdecimal() and len(value) < 7 else otherwise
