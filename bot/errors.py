"""What can go wrong, as a person can fix it.

::

    BotError                  its text is one sentence that says what to do
    ├── CorpusError           the documents cannot be read, or there are none
    │   └── SynonymError      the corpus's own synonyms.txt does not parse
    ├── EngineError           the index cannot be read or written
    │   ├── IndexBusy         another process writes it
    │   ├── IndexDamaged      it must be built again
    │   └── Unreachable       it is on machines that do not answer now
    ├── PosixOnly             a command does not run on Windows
    ├── SettingsError         a setting is missing or cannot be understood
    ├── QuestionSetError      a file of questions for `eval` does not parse
    ├── SlackError            Slack refuses the tokens, or cannot be reached
    └── StoreError            what must survive a restart cannot be read or written
        └── InboxFull         so many questions are due that no more are taken

The line that knows what happened raises, with the facts; the sentence stands here. The terminal and
Slack each translate in one place. What a database or OpenSearch says of itself has a table of
sentences beside it, in `store` and `index.opensearch`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self


class BotError(Exception):
    """A failure that the person in front of the program can fix."""


class CorpusError(BotError):
    """The documents cannot be read, or there are none. A `file` is as it is named to a person."""

    @classmethod
    def no_folder(cls, folder: Path) -> Self:
        """The folder of documents is not there."""
        return cls(f"{folder}: no such folder; name one with --corpus or CORPUS_DIR")

    @classmethod
    def no_documents(cls, folder: Path, problems: Sequence[str] = ()) -> Self:
        """No document is left to answer from, for these reasons if there are any."""
        nothing = f"{folder}: no document to answer from; put a .txt or .md file into it"
        return cls("; ".join(problems) or nothing)

    @classmethod
    def unreadable(cls, file: Path, error: OSError) -> Self:
        """The system does not let us read a file."""
        return cls(f"{file}: {error.strerror or error}; make it readable or remove it")

    @classmethod
    def unreadable_folder(cls, error: OSError) -> Self:
        """The system does not let us look into a folder, which the error names."""
        return cls(f"{error.filename}: {error.strerror}; make it readable")

    @classmethod
    def not_a_file(cls, path: Path) -> Self:
        """It is a pipe, a device or a folder."""
        return cls(f"{path}: not a regular file; remove it")

    @classmethod
    def not_utf8(cls, file: str, byte: int) -> Self:
        """The file is in another encoding, or broken at a byte, counted from 0."""
        return cls(f"{file}: not UTF-8 at byte {byte}; save it as UTF-8")

    @classmethod
    def not_text(cls, file: str) -> Self:
        """The file has a null character."""
        return cls(f"{file}: holds a null character, so it is not text; save it as UTF-8")

    @classmethod
    def no_paragraph(cls, file: str) -> Self:
        """The file is empty, or has only headings."""
        return cls(f"{file}: no paragraph in it; write one or remove the file")

    @classmethod
    def open_front_matter(cls, file: str) -> Self:
        """The front matter does not end."""
        return cls(
            f"{file}: the front matter that begins on line 1 has no closing ---; add the line"
        )

    @classmethod
    def broken_front_matter(cls, file: str, line: int | None) -> Self:
        """The front matter is not YAML, from this line on if it is known."""
        where = f" on line {line}" if line else ""
        return cls(f"{file}: the front matter is not YAML{where}; mend it")

    @classmethod
    def no_fields(cls, file: str) -> Self:
        """The front matter is YAML, but not a mapping."""
        return cls(f"{file}: the front matter must be lines of the form `title: ...`")

    @classmethod
    def wrong_field(cls, file: str, name: str) -> Self:
        """A field of the front matter is a list or a mapping."""
        return cls(f"{file}: `{name}` in the front matter must be a line of text")

    @classmethod
    def wrong_url(cls, file: str) -> Self:
        """The document's address is not one of the web."""
        return cls(f"{file}: `url` in the front matter must begin with http:// or https://")


class SynonymError(CorpusError):
    """A list of synonyms does not parse."""

    @classmethod
    def wrong_line(cls, name: str, number: int) -> Self:
        """A line of the list, counted from 1, is neither a group nor one-way."""
        return cls(f"{name}:{number}: not `a, b` or `a, b => c`; mend the line")


class EngineError(BotError):
    """The index cannot be read or written."""


class IndexBusy(EngineError):
    """Another process writes the index."""


class IndexDamaged(EngineError):
    """The index on disk cannot be used; it must be built again."""


class Unreachable(EngineError):
    """The index is on machines that do not answer now; asked again later, they may."""


class PosixOnly(BotError):
    """A command was run on Windows that needs Linux or macOS."""

    def __init__(self, command: str) -> None:
        super().__init__(
            f"`article-bot {command}` runs on Linux and macOS only; "
            "on Windows use ask, chat, corpus and eval"
        )


class SettingsError(BotError):
    """A setting is missing or cannot be understood."""

    @classmethod
    def of(cls, faults: Sequence[str], file: str) -> Self:
        """All that is wrong with the settings; `file` is where they may be set."""
        return cls(
            f"{'; '.join(faults)}. Set it in the environment or in {file} (see .env.example)"
        )

    @classmethod
    def unreadable(cls, file: str, error: Exception) -> Self:
        """The file of settings cannot be read."""
        return cls(f"{file} cannot be read: {error}; save it as UTF-8")


class QuestionSetError(BotError):
    """A file of questions does not parse."""

    @classmethod
    def unreadable(cls, file: Path, error: OSError) -> Self:
        """The system does not let us read the file."""
        return cls(f"{file}: {error.strerror}; name a file of questions")

    @classmethod
    def not_utf8(cls, file: Path, byte: int) -> Self:
        """The file is in another encoding, or broken at a byte, counted from 0."""
        return cls(f"{file}: not UTF-8 at byte {byte}; save it so")

    @classmethod
    def wrong_line(cls, file: Path, number: int, error: Exception) -> Self:
        """A line, counted from 1, is no question with its right answer."""
        return cls(
            f"{file}:{number}: not a question of a set ({error!r}); "
            "it needs id, question, kind, answerable, paragraphs and contains"
        )

    @classmethod
    def empty(cls, file: Path) -> Self:
        """All lines are blank."""
        return cls(f"{file}: no question in it")


class SlackError(BotError):
    """Slack refuses the tokens, or cannot be reached."""

    @classmethod
    def refused(cls, setting: str, reason: str) -> Self:
        """Slack does not take the token in a setting, for a reason in its own words or none."""
        why = reason or "no reason given"
        return cls(f"Slack refuses {setting} ({why}); copy the token from the app's page again")

    @classmethod
    def unreachable(cls, url: str, error: Exception) -> Self:
        """Nobody answers at Slack's address."""
        return cls(f"Slack cannot be reached at {url} ({error!r}); check the network")


class StoreError(BotError):
    """What must survive a restart cannot be read or written."""


class InboxFull(StoreError):
    """So many questions are due that no more are taken."""
