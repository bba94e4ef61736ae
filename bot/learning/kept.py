"""Kept answers: small Markdown documents, in which everything that people typed is escaped."""

import json
import re
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import PurePosixPath

# A file name in `answers/`, or in a folder directly below it.
_NAME = re.compile(r"(?:[^/\\\0]{1,200}/)?[a-z0-9-]{1,80}\.md")
_NO_WORD = re.compile("[^a-z0-9]+")
MAX_SLUG_LENGTH = 60
# Markdown markup: anywhere, and at the beginning of a line.
_INLINE = re.compile(r"[\\`*_\[\]<>&|~$:^=!{}()#\"']")
_AT_START = re.compile(r"^(?:[-+%.]|\d+(?=[.)]))")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that somebody wrote to a question; `source` identifies the message."""

    question: str
    answer: str
    author: str
    date: str
    url: str
    folder: str
    source: str

    @property
    def key(self) -> str:
        """A short digest of `source`, part of the file name so that a message is found again."""
        return blake2b(self.source.encode(), digest_size=4).hexdigest()

    @property
    def name(self) -> str:
        """Its file name below `answers/`."""
        plain = unicodedata.normalize("NFKD", self.question.casefold())
        slug = _NO_WORD.sub("-", plain)[:MAX_SLUG_LENGTH].strip("-") or "answer"
        return str(PurePosixPath(self.folder, f"{slug}-{self.key}.md"))

    @property
    def text(self) -> str:
        """The document: front matter, the question as its heading, and the answer."""
        about = {"author": self.author, "date": self.date, "url": self.url}
        lines = [
            f"{name}: {json.dumps(_in_line(value), ensure_ascii=False)}"
            for name, value in about.items()
            if value
        ]
        front = "\n".join(["---", *lines, "---"])
        return f"{front}\n\n# {_literal(_in_line(self.question))}\n\n{_paragraphs(self.answer)}\n"

    @staticmethod
    def key_in(name: str) -> str:
        """The key at the end of a file name."""
        return PurePosixPath(name).stem.rpartition("-")[2]


def is_name(name: str) -> bool:
    """Whether this is a valid name below `answers/`, which cannot point outside of it."""
    return bool(_NAME.fullmatch(name)) and not name.startswith(".")


def _paragraphs(text: str) -> str:
    """The text, each line escaped; an empty line ends a paragraph."""
    return "\n".join(_literal(_in_line(line)) for line in text.strip().splitlines())


def _in_line(text: str) -> str:
    shown = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    return " ".join(shown.split())


def _literal(line: str) -> str:
    """A line, escaped so that Markdown reads every character literally."""
    escaped = _INLINE.sub(lambda mark: f"\\{mark[0]}", line)
    return _AT_START.sub(_escaped_start, escaped)


def _escaped_start(found: re.Match[str]) -> str:
    start = found[0]
    return f"{start}\\" if start.isdigit() else f"\\{start}"
