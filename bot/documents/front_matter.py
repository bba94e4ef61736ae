"""Front matter above a document's text: YAML, TOML, or the title block of pandoc.

Invalid front matter never makes a document unreadable: at worst a field is ignored.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from bot.english.patterns import lazy_pattern

FIELDS = ("title", "url", "date", "author", "rights", "owner", "review")
# A longer block (in characters) is text. This bounds the time that parsing takes.
MAX_LENGTH = 65_536
# Integers with more bits are ignored.
MAX_BITS = 1000

_END = r"(?:\r\n|\r|\n|\Z)"
_PERCENT = rf"%[ \t]*([^\r\n]*(?:(?:\r\n|\r|\n)[ \t]+\S[^\r\n]*)*){_END}"
_PANDOC = re.compile(rf"(?=%[ \t]+\S){_PERCENT}(?:{_PERCENT})?(?:{_PERCENT})?")
_LINE = lazy_pattern(r"^([\w-]+)[ \t]*[:=](?:[ \t]+|$)(.*)$", re.MULTILINE)
_FIRST_LINES = lazy_pattern(r"[ \t]*(?:#[^\r\n]*[\r\n]+)*[\w.-]+[ \t]*[:=]")
_QUOTED = re.compile(r"([\"'])(.*)\1")
_URL = re.compile(r"https?://[^\s<>|\"\\]+")


class FrontMatter(NamedTuple):
    """The known fields as text, the offset where the document's text begins, and warnings."""

    fields: dict[str, str]
    end: int
    warnings: tuple[str, ...] = ()


class _Kind(NamedTuple):
    """A format of front matter: its name, its opening and closing lines, and its parser."""

    name: str
    opening: re.Pattern[str]
    closing: re.Pattern[str]
    parse: Callable[[str], Any]


def read(text: str) -> FrontMatter:
    """Read the front matter of a text without a byte order mark; no fields if it has none.

    A first line `---` is a horizontal rule if no line closes it, or if what follows is not front
    matter.
    """
    if pandoc := _PANDOC.match(text):
        return _title_block(pandoc)
    for kind in _KINDS:
        if opening := kind.opening.match(text):
            first = opening.end()
            closing = kind.closing.search(text, first, first + MAX_LENGTH)
            if closing:
                return _fenced(kind, text[first : closing.start()], closing.end())
    return FrontMatter({}, 0)


def _title_block(found: re.Match[str]) -> FrontMatter:
    if not found.string[found.end() :].strip():
        return FrontMatter({}, 0)  # just a text that begins with a percent sign
    title, authors, date = (part or "" for part in found.groups())
    author = ", ".join(filter(None, (one.strip() for one in re.split(r"[;\r\n]+", authors))))
    fields, _ = _known({"title": title, "author": author, "date": date})
    return FrontMatter(fields, found.end())


def _fenced(kind: _Kind, block: str, end: int) -> FrontMatter:
    found: Any = None
    broken: tuple[str, ...] = ()
    try:
        found = kind.parse(block)
    except Exception:  # a library may raise anything
        broken = (f"the front matter is not {kind.name}; its lines were read one by one",)
    is_parsed = isinstance(found, dict)
    if not is_parsed:
        found = dict(_lines(block))
    fields, ignored = _known(found)
    signs = (bool(_FIRST_LINES.match(block)), bool(fields or ignored))
    is_front_matter = any(signs) if is_parsed else all(signs)
    if block.strip() and not is_front_matter:
        return FrontMatter({}, 0)
    return FrontMatter(fields, end, broken + ignored)


def _yaml(block: str) -> Any:
    """Parse YAML, keeping every scalar as text: no types are guessed.

    Aliases share one object, so nested ones do not multiply.
    """
    import yaml  # only for files that have it

    try:
        # Prefer libyaml where it is installed: it is faster.
        return yaml.load(block, getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _toml(block: str) -> Any:
    import tomllib  # only for files that have it

    return tomllib.loads(block.replace("\r\n", "\n").replace("\r", "\n"))


_KINDS = tuple(
    _Kind(
        name,
        re.compile(rf"{opening}[ \t]*(?:\r\n|\r|\n)"),
        lazy_pattern(rf"(?<=[\r\n])(?:{closing})[ \t]*{_END}"),
        parse,
    )
    for name, opening, closing, parse in (
        ("YAML", "---", r"-{3,}|\.{3}", _yaml),
        ("TOML", r"\+\+\+", r"\+{3,}", _toml),
    )
)


def _lines(block: str) -> Iterator[tuple[str, str]]:
    """The name and value of each line like `name: value` or `name = value`, as text."""
    for name, value in _LINE.findall(re.sub(r"\r\n?", "\n", block)):
        bare = value.strip()
        quoted = _QUOTED.fullmatch(bare)
        yield name, quoted[2] if quoted else bare


def _known(found: dict[Any, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The known fields, and a sentence about each that is ignored because of its value.

    Unknown fields belong to other tools and are skipped silently.
    """
    fields: dict[str, str] = {}
    ignored = []
    for key, value in found.items():
        name = "author" if str(key).lower() == "authors" else str(key).lower()
        if name not in FIELDS or name in fields:
            continue
        words = _words(value, name)
        if words is None:
            ignored.append(f"`{name}` in the front matter is ignored; it must be a line of text")
        elif name == "url" and words and not _URL.fullmatch(words):
            ignored.append(
                f"`{name}` in the front matter is ignored; it must begin with http:// or https://"
            )
        elif words:
            fields[name] = words
    return fields, tuple(ignored)


def _words(value: Any, name: str) -> str | None:
    """A value as one line of text, authors joined by commas; None if it is not text."""
    if name == "author" and isinstance(value, list):
        authors = [_words(one, name) for one in value if not isinstance(one, list)]
        return ", ".join(author for author in authors if author) or None
    if name == "author" and isinstance(value, dict):
        value = value.get("name", [])
    if isinstance(value, list | dict):
        return None
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        return None  # Python limits how long an integer it converts to text
    written = "" if value in (None, "~", "null") else str(value)
    # An escape in the value may produce a lone surrogate or NUL.
    whole = written.encode("utf-8", "replace").decode().replace("\0", " ")
    return " ".join(whole.split())
