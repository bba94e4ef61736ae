"""A file's metadata: title, author, date and URL, without values that make no sense."""

import re

MAX_LENGTH = 200

_DATE = re.compile(r"(?:19[89]|2[01]\d)\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_URL = re.compile(r"https?://[^\s<>|\"\\]+")
# What programs write if nobody entered a title or an author.
_NO_TITLE = re.compile(
    r"microsoft (?:word|excel|powerpoint) -.*|untitled.*|document ?\d*|word document|slide \d+"
    r"|presentation\d*|(?:new )?page|home|index|\S+\.\w{2,5}",
    re.I,
)
_NOBODY = frozenset(
    """
    admin administrator anonymous (anonymous) author owner root unknown user python-docx openpyxl
    un-named microsoft_office_user windows_user
    """.split()
)


def sane(title: str = "", author: str = "", date: str = "", url: str = "") -> dict[str, str]:
    """The fields that make sense, each on one line; the date as an ISO 8601 day."""
    title, author, url = (" ".join(_printable(one).split()) for one in (title, author, url))
    day = _DATE.match(date.strip())
    found = {
        "title": title if _is_title(title) else "",
        "author": author
        if author.casefold().replace(" ", "_") not in _NOBODY and _is_name(author)
        else "",
        "date": day[0] if day else "",
        "url": url if _URL.fullmatch(url) else "",
    }
    return {name: value for name, value in found.items() if value}


def _is_title(words: str) -> bool:
    return not _NO_TITLE.fullmatch(words) and _is_name(words)


def _is_name(words: str) -> bool:
    return 3 <= len(words) <= MAX_LENGTH and sum(map(str.isalpha, words)) >= 3


def _printable(text: str) -> str:
    return re.sub("[\0-\x1f\x7f-\x9f\ud800-\udfff]", " ", text)
