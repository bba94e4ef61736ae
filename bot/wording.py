"""What a person reads, in the terminal and in Slack alike."""

import unicodedata

from bot.model import Answer, Citation, Passage

NOT_CERTAIN = "No passage answers this for certain. The nearest:"
NOT_FOUND = "The documents do not answer this."
ALSO = "It also bears on this:"
ALSO_NEAR = "Also near:"

# Marks that turn the direction of what follows can make a quote look like other words.
_TURNING = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


def place(passage: Passage) -> list[str]:
    """Where a passage stands, from the document down: title, heading, paragraph, page."""
    page = f"page {passage.page}" if passage.page is not None else ""
    parts = [passage.document.title, passage.heading or "", f"paragraph {passage.number}", page]
    return [shown(part) for part in parts if part]


def remarks(answer: Answer) -> list[str]:
    """What is said below an answer: the words that are not in the documents, and the notes."""
    missing = [f"Not in the documents: {', '.join(map(shown, answer.missing))}."]
    return [*(missing if answer.missing else []), *map(shown, answer.notes)]


def quoted(citation: Citation) -> tuple[str, str, str]:
    """The passage in three: before the quote, the quote, after it, as it is shown."""
    before, after = citation.around
    return shown(before), shown(citation.quote), shown(after)


def shown(text: str) -> str:
    """A document's or an asker's text as it may be shown: no control character, no line break.

    What a terminal or a reader would take for a command is gone; every other character stays.
    """
    visible = text.replace("\r\n", " ").translate(_TURNING)
    return "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in visible)
