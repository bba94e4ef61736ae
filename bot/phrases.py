"""What a person reads, in the terminal and in Slack alike."""

import re
from collections.abc import Mapping, Sequence

from bot.model import ORDINALS, Answer, Answered, Citation, Match, Page, Passage

NOT_CERTAIN = "No passage answers this for certain. The nearest:"
NOT_FOUND = "The documents do not answer this."
ALSO = "It also bears on this:"
ALSO_NEAR = "Also near:"
GUIDE = (
    "I answer questions with passages from the documents I was given, word for word and with "
    "their place. Mention me in a channel, write to me directly, or use /ask."
)
MORE_GUIDE = (
    "/ask answers for you alone, /ask sources lists the documents, and “Find the source” in the "
    "menu of any message looks for the passage that says it."
)
PARTS = {
    number: f"To the {ordinal} part of the question:"
    for number, ordinal in enumerate(ORDINALS, start=1)
}

# Of the documents that hold the same passage, so many are named.
MAX_NAMED = 3

# Marks that turn the direction of what follows can make a quote look like other words.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_COMMANDS = re.compile("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def place(citation: Citation) -> list[str]:
    """Where a quote stands, from the document down: title, headings, paragraph, page, date."""
    passage = citation.passage
    document = passage.document
    of = f" of {document.paragraphs}" if document.paragraphs else ""
    page = page_of(citation.page)
    number = f"paragraph {passage.number}{of}"
    parts = [document.title, path(passage), number, page, document.date or ""]
    return [visible for part in parts if (visible := shown(part).strip())]


def page_of(page: Page | None) -> str:
    """A page by its number, and what is printed on it where that is another; "" for none."""
    if page is None:
        return ""
    return f"page {page.number}" + (f", printed {page.label}" if page.label else "")


def path(passage: Passage) -> str:
    """The headings above a passage, outermost first: `Release 1.70.0 › Fixes`; "" for none."""
    return " › ".join(passage.headings)


def also_in(citation: Citation) -> str:
    """The other documents that hold the same passage, the first few by name; "" for none."""
    named = ", ".join(shown(path) for path in citation.also[:MAX_NAMED])
    more = len(citation.also) - MAX_NAMED
    return f"also in {named}{f' and {more} more' if more > 0 else ''}" if named else ""


def remarks(answer: Answer) -> list[str]:
    """What is said below an answer: the words that are not in the documents, and the notes.

    Below a passage that answers in other words than the question's, those are no news.
    """
    notes = [shown(note) for note in answer.notes]
    if answer.missing and not isinstance(answer, Answered):
        notes.insert(0, f"Not in the documents: {', '.join(map(shown, answer.missing))}.")
    return notes


def count(number: int, what: str) -> str:
    """A number of things, in words: `1 passage`, `2,000 passages`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def not_read(kinds: Mapping[str, int]) -> list[str]:
    """A sentence on the files of each kind that is not read: `3 .pdf files are not read`."""
    said = []
    for suffix, number in kinds.items():
        files = count(number, f"{suffix} file".strip()) + ("" if suffix else " without a suffix")
        said.append(f"{files} {'is' if number == 1 else 'are'} not read")
    return said


def matched(match: Match, passage: Passage) -> str:
    """What a match is, in words: what was asked, as what it was found, and how they belong."""
    found = as_written(match.found, passage)
    found = "" if found.casefold() in ("", match.asked) else f" found as {found}"
    via = f" ({match.via})" if match.via else ""
    return f"{match.asked}{found}{via}"


def as_written(stems: str, passage: Passage) -> str:
    """The words of a passage, or of what stands above it, that have these stems."""
    from bot.english.text import words  # only for who wants to know why

    sought = stems.split()
    for text in (passage.text, *reversed(passage.headings), passage.document.title):
        found = words(text)
        for first in range(len(found) - len(sought) + 1 if sought else 0):
            run = found[first : first + len(sought)]
            if [word.term for word in run] == sought:
                return text[run[0].start : run[-1].end]
    return stems


def score(citation: Citation) -> float:
    """A passage's score for the question: the sum of its matches."""
    return sum(match.score for match in citation.why)


def by_part(citations: Sequence[Citation]) -> tuple[list[tuple[str, Citation]], list[Citation]]:
    """The first citation of each part of the question, with what to say above it, and the others.

    Where one passage is for all of the question, nothing stands above it.
    """
    firsts = {citation.part: citation for citation in reversed(citations)}
    if len(firsts) == 1:
        return [("", citations[0])], list(citations[1:])
    others = [citation for citation in citations if firsts[citation.part] is not citation]
    return [(PARTS.get(part, ""), firsts[part]) for part in sorted(firsts)], others


def quoted(citation: Citation) -> tuple[str, str, str]:
    """The passage in three: before the quote, the quote, after it, as it is shown."""
    before, after = citation.around
    return shown(before), shown(citation.quote), shown(after)


def shown(text: str) -> str:
    """A document's or an asker's text as it may be shown: no control character, no line break.

    What a terminal or a reader would take for a command is gone; every other character stays.
    """
    return _COMMANDS.sub(" ", _TURNING.sub("", text))
