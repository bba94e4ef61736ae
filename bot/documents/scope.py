"""The names by which `in:NAME` narrows a question to a document or a folder."""

import re
from pathlib import PurePosixPath

from bot.model import Document

# A single quote inside a word is an apostrophe.
_QUOTED = (
    r"[\"“”„](?P<double>[^\"“”„]+)[\"“”]",
    r"['‘’‚](?P<single>[^\"“”„«»]{1,300}?)['‘’](?!\w)",
    r"[«»](?P<angled>[^«»]+)[«»]",
    r"[‹›](?P<angle>[^‹›]+)[‹›]",
)
_IN = re.compile(rf"(?<!\S)in:(?:{'|'.join(_QUOTED)}|(?P<bare>[^\s\"“”„«»‹›?!,;]+))", re.I)


def names_of(document: Document) -> frozenset[str]:
    """The names of a document: path and file name, with and without suffix; title; its folders.

    >>> sorted(names_of(Document("hr/travel.md", "", "Going places")))
    ['going-places', 'hr', 'hr/travel', 'hr/travel.md', 'travel', 'travel.md']
    """
    path = PurePosixPath(document.path)
    names = {str(path), str(path.with_suffix("")), path.name, path.stem, document.title}
    for folder in path.parents:
        names |= {str(folder), folder.name}
    return frozenset(_name(name) for name in names) - {"", "."}


def narrowed(question: str) -> tuple[str, str | None]:
    """The question without its `in:NAME`, and the name as `names_of` spells it, or None.

    >>> narrowed("who pays in:HR/Travel?")
    ('who pays ?', 'hr/travel')
    """
    found = _IN.search(question)
    if found is None:
        return question, None
    return _IN.sub("", question), _name(found[found.lastgroup or 0]) or None


def parted(message: str) -> tuple[str, str]:
    """A message without its `in:NAME`, and that as it was written, wherever it stands; or "".

    >>> parted("in:travel who pays? Thanks!"), parted("Who pays? in:travel")
    (('who pays? Thanks!', 'in:travel'), ('Who pays?', 'in:travel'))
    """
    found = _IN.search(message)
    if found is None:
        return message, ""
    return _IN.sub("", message).strip(), found.group()


def _name(written: str) -> str:
    return re.sub(r"[\s_-]+", "-", written.strip().strip("/.").casefold())
