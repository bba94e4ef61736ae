"""An answer that is kept: a small Markdown document. Nothing that people typed is markup in it."""

import json
import re
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import PurePosixPath

# A name in `answers/`, perhaps below one folder of it.
_NAME = re.compile(r"(?:[^/\\\0]{1,200}/)?[a-z0-9-]{1,80}\.md")
_NO_WORD = re.compile("[^a-z0-9]+")
MAX_SLUG_LENGTH = 60
# Means something in Markdown wherever it stands, or at the beginning of a line.
_INLINE = re.compile(r"[\\`*_\[\]<>&|~$:^=!{}()#\"']")
_AT_START = re.compile(r"^(?:[-+%.]|\d+(?=[.)]))")


@dataclass(frozen=True, slots=True)
class Kept:
    """What somebody wrote as the answer to a question; `source` tells the message from others."""

    question: str
    answer: str
    author: str
    date: str
    url: str
    folder: str
    source: str

    @property
    def key(self) -> str:
        """A short digest of the message: saved twice, it is one document."""
        return blake2b(self.source.encode(), digest_size=4).hexdigest()

    @property
    def name(self) -> str:
        """Its file's name below `answers/`."""
        plain = unicodedata.normalize("NFKD", self.question.casefold())
        slug = _NO_WORD.sub("-", plain)[:MAX_SLUG_LENGTH].strip("-") or "answer"
        return str(PurePosixPath(self.folder, f"{slug}-{self.key}.md"))

    @property
    def text(self) -> str:
        """The document."""
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
        """The key in a name."""
        return PurePosixPath(name).stem.rpartition("-")[2]


def is_name(name: str) -> bool:
    """Whether a name is one of ours, and leads nowhere else."""
    return bool(_NAME.fullmatch(name)) and not name.startswith(".")


def _paragraphs(text: str) -> str:
    """The words line by line; an empty line ends a paragraph."""
    return "\n".join(_literal(_in_line(line)) for line in text.strip().splitlines())


def _in_line(text: str) -> str:
    shown = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    return " ".join(shown.split())


def _literal(line: str) -> str:
    """A line of which Markdown reads every character as it is."""
    escaped = _INLINE.sub(lambda mark: f"\\{mark[0]}", line)
    return _AT_START.sub(_escaped_start, escaped)


def _escaped_start(found: re.Match[str]) -> str:
    start = found[0]
    return f"{start}\\" if start.isdigit() else f"\\{start}"
