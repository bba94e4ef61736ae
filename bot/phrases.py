"""What a person reads, in the terminal and in Slack alike."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NamedTuple

from bot.layout import laid_out, one_line
from bot.model import (
    ORDINALS,
    Answer,
    Citation,
    Closest,
    Document,
    Match,
    Page,
    Passage,
    Role,
    Span,
    Talk,
)

NOT_CERTAIN = "I'm not sure this answers it."
CLOSEST = "The closest I found:"
NOT_FOUND = "The documents do not answer this."
ALSO = "See also:"
ALSO_NEAR = "Also close:"
# What a passage has that is found by its meaning, and how much of it.
IN_MEANING = "close in meaning"
# Notes that begin so say why a passage is only the closest, and stand above it.
LACKED = "The closest passage"
LACKS = f"{LACKED} does not mention"
NOTHING_FOUND = "Nothing was found for"
WHOLE_LIST = "A whole list is asked for; there may be more than these passages."
# Above the same words with other numbers or dates, of a document of another day.
VERSIONS = {"earlier": "An earlier version says:", "later": "A later version says:"}
WHAT_I_DO = (
    "I answer questions with passages from the documents I was given, word for word and with "
    "their place."
)
GUIDE = f"{WHAT_I_DO} Mention me in a channel, write to me directly, or use /ask."
MORE_GUIDE = (
    "/ask answers for you alone, /ask sources lists the documents, and “Find the source” in the "
    "menu of any message looks for the passage that says it."
)

# Begins the reason for an answer that an editor taught; the day follows.
TAUGHT = "Taught on"
# How a question that was not answered ended, for editors.
OUTCOMES = {"closest": "only something close", "not_found": "not found", "answered": "answered"}
IN_PRIVATE = "Asked in private; the words are not kept."

# A suggestion begins so.
ABOUT = "What do the documents say about"

# What is said to talk.
HELLO = "Hello. Ask me anything about the documents."
HELLO_AGAIN = "Hello again. What would you like to know?"
WELCOME = "Happy to help. Ask me whenever you need something from the documents."
HONEST = "I can only quote the documents. “Why this passage” shows how I found it."
CANNOT_READ = (
    "I can't read what was said before in this thread. Choose “Find the source” in the menu of the "
    "message that you mean, or ask me in full."
)
MORE = "There is also this:"
NO_MORE = "I found nothing more. Ask about another detail, and I will look for it."
ASK_FIRST = "Ask me about the documents first; then I can show you more."
# Said where nobody has named documents of their own.
ASKING_SAMPLE = "Asking the sample documents; name your own with --corpus DIR."
# So many documents are named to who asks for the sources.
MAX_SOURCES = 10

# Of the documents that hold the same passage, so many are named.
MAX_NAMED = 3

_MARKS = ",;:.?!()[]\"“”‘’'"
# "a Christmas bonus" ends before these, and at the end of the question.
_AFTER_A_PHRASE = {
    "",
    *"for in of at on to from with and or this next by when if here that".split(),
}
# Marks that turn the direction of what follows can make a quote look like other words.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_COMMANDS = re.compile("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Quoted(NamedTuple):
    """A citation's text as people see it; the words are the document's.

    A line of it ends with a line feed, and no other control character is left. `leads` are
    shown above the rest, each on a line, never bold. `before` and `after` are what the passage says
    around the quote. `more` says how many items of the list follow, "" for none.
    """

    leads: tuple[str, ...]
    before: str
    quote: str
    after: str
    more: str = ""


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


def kept_by(document: Document) -> str:
    """Who keeps a document right, and when they look at it again; "" where it does not say."""
    owner = f"Owner: {document.owner}" if document.owner else ""
    review = f"review by {document.review}" if document.review else ""
    said = " · ".join(filter(None, (owner, review)))
    return shown(said[:1].upper() + said[1:])


def also_in(citation: Citation) -> str:
    """The other documents that hold the same passage, the first few by name; "" for none."""
    named = ", ".join(shown(path) for path in citation.also[:MAX_NAMED])
    more = len(citation.also) - MAX_NAMED
    return f"also in {named}{f' and {more} more' if more > 0 else ''}" if named else ""


def opening(answer: Closest, asked: str, unsure: str = NOT_CERTAIN) -> str:
    """What stands above the closest passages: why they are only that."""
    reasons = [note for note in answer.notes if _is_reason(note)]
    if answer.missing:
        reasons.insert(0, f"The documents don't mention {not_mentioned(answer.missing, asked)}.")
    *others, last = reasons or [unsure]
    if last.startswith(LACKS):
        said = [*others, f"{CLOSEST[:-1]}{last.removeprefix(LACKED)[:-1]}:"]
    else:
        said = [*others, last, CLOSEST]
    return shown(" ".join(said))


def remarks(answer: Answer) -> list[str]:
    """What is said below an answer: the words that are not in the documents, and the notes.

    What stands above the closest passages is not said again.
    """
    if isinstance(answer, Closest):
        return [shown(note) for note in answer.notes if not _is_reason(note)]
    notes = [shown(note) for note in answer.notes]
    if answer.missing:
        notes.insert(0, f"Not in the documents: {', '.join(map(shown, answer.missing))}.")
    return notes


def not_mentioned(missing: Sequence[str], asked: str) -> str:
    """Words of a question as one would say them; those side by side in it are said together.

    >>> not_mentioned(["christmas", "bonus", "turkey"], "Is there a Christmas bonus? Or Turkey?")
    'a Christmas bonus or “Turkey”'
    """
    wanted = {word.casefold() for word in missing}
    runs: dict[str, str] = {}
    found: set[str] = set()
    tokens = [(token, token.strip(_MARKS)) for token in asked.split()]
    start = 0
    while start < len(tokens):
        end = _end_of_run(tokens, start, wanted)
        if end > start:
            run = " ".join(word for _, word in tokens[start:end])
            runs.setdefault(run.casefold(), _with_article(tokens, start, end) or f"“{run}”")
            found.update(word.casefold() for _, word in tokens[start:end])
        start = max(end, start + 1)
    said = [*runs.values(), *(f"“{word}”" for word in missing if word.casefold() not in found)]
    *others, last = said
    return f"{', '.join(others)} or {last}" if others else last


def _with_article(tokens: Sequence[tuple[str, str]], start: int, end: int) -> str:
    """A run of words as a whole phrase, "a Christmas bonus"; "" where it is none.

    The word after the run may belong to it: what holds a missing word is missing as a whole.
    """
    if start == 0 or tokens[start - 1][0].casefold() not in ("a", "an"):
        return ""
    for last in (end, end + 1):
        if last > len(tokens):
            return ""
        after = tokens[last][0].casefold() if last < len(tokens) else ""
        if tokens[last - 1][0][-1] in _MARKS or after in _AFTER_A_PHRASE:
            words = [tokens[start - 1][0].casefold(), *(word for _, word in tokens[start:last])]
            return "" if words[-1].endswith("ed") else " ".join(words)
    return ""


def _end_of_run(tokens: Sequence[tuple[str, str]], start: int, wanted: AbstractSet[str]) -> int:
    """Where words that stand side by side end; a mark ends them too."""
    end = start
    while end < len(tokens) and tokens[end][1].casefold() in wanted:
        end += 1
        if tokens[end - 1][0][-1] in _MARKS:
            break
    return end


def _is_reason(note: str) -> bool:
    return note.startswith((LACKS, NOTHING_FOUND, WHOLE_LIST))


def reply(
    talk: Talk,
    follows: bool,
    example: Sequence[str],
    examples: Sequence[str],
    documents: Sequence[Document],
) -> tuple[str, ...]:
    """What is said to talk; `follows` is whether its thread has a question."""
    match talk:
        case Talk.GREETING:
            return (HELLO_AGAIN,) if follows else (_with_examples(HELLO, example),)
        case Talk.THANKS:
            return (WELCOME,)
        case Talk.GUIDE | Talk.AROUND:
            return (_with_examples(WHAT_I_DO, examples),)
        case Talk.SOURCES:
            return (sources(documents),)
        case Talk.REMARK:
            return (HONEST,)
        case Talk.MORE:
            return (NO_MORE if follows else ASK_FIRST,)


def more(citations: Sequence[Citation]) -> tuple[str, ...]:
    """The next passages, each as its quote and where it stands."""
    found = [f"“{in_one_line(one)}” {' · '.join(place(one))}" for one in citations]
    return (MORE, *found)


def sources(documents: Sequence[Document]) -> str:
    """The documents, the first of them by title."""
    named = ", ".join(shown(document.title) for document in documents[:MAX_SOURCES])
    more = len(documents) - MAX_SOURCES
    return (
        f"I answer from {count(len(documents), 'document')}: {named}"
        f"{f' and {more:,} more' if more > 0 else ''}."
    )


def _with_examples(said: str, examples: Sequence[str]) -> str:
    asked = " ".join(map(shown, examples))
    return f"{said} For example: {asked}" if asked else said


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
    from bot.english.text import identifier_parts, words  # only for who wants to know why

    sought = stems.split()
    leads = [passage.document.text[lead.start : lead.end] for lead in reversed(passage.leads)]
    for text in (passage.text, *leads, *reversed(passage.headings), passage.document.title):
        found = (*words(text), *identifier_parts(text))
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
    return [(_to_part(firsts[part]), firsts[part]) for part in sorted(firsts)], others


def _to_part(citation: Citation) -> str:
    """What to say above the first citation of a part: `To the first and third part of the ...`."""
    numbers = sorted({citation.part, *citation.also_parts})
    named = " and ".join(ORDINALS[n - 1] for n in numbers if 0 < n <= len(ORDINALS))
    if not named:
        return ""
    return f"{'Closest to' if citation.is_closest else 'To'} the {named} part of the question:"


def above_others(
    firsts: Sequence[tuple[str, Citation]], others: Sequence[Citation], opening: str
) -> list[tuple[str, Citation]]:
    """Each further citation with what to say above it: the opening once, or which version it is."""
    from bot.english.versions import compared  # only for who shows an answer

    found = []
    before, above = firsts[-1][1], ""
    for citation in others:
        said = VERSIONS.get(compared(citation.passage, before.passage), opening)
        found.append(("" if said == above == opening else said, citation))
        before, above = citation, said
    return found


def quoted(citation: Citation) -> Quoted:
    """The passage with the quote in it. A lead that stands in the passage is not shown again."""
    passage = citation.passage
    outside = [lead for lead in citation.leads if not passage.start <= lead.start < passage.end]
    return _quoted(citation, Span(passage.start, passage.end), outside)


def pieces(citation: Citation, quote: str) -> list[tuple[str, bool]]:
    """A quote as it is shown, in pieces, and whether each answers; with none marked it is all.

    Only of one that answers several parts do some sentences between not.
    """
    found: list[tuple[str, bool]] = []
    rest = quote
    for start, end in sorted(set(citation.answers)):
        answer = alone(replace(citation, start=start, end=end, answers=()))
        before, there, after = rest.partition(answer.quote.strip())
        if not there:  # two overlap, or the quote was cut
            return [(quote, True)]
        found += [(before, not before.strip()), (there, True)]
        rest = after
    return [(text, is_answer) for text, is_answer in [*found, (rest, not found)] if text]


def alone(citation: Citation) -> Quoted:
    """The quote by itself, with what governs it."""
    return _quoted(citation, Span(citation.start, citation.end), citation.leads)


def whole(passage: Passage) -> Quoted:
    """All of a passage, as if it were quoted."""
    return alone(Citation(passage, passage.start, passage.end))


def in_one_line(citation: Citation) -> str:
    """The quote after what governs it, for where there is only a line."""
    said = alone(citation)
    return one_line(" ".join((*said.leads, said.quote, said.more))).strip()


def _quoted(citation: Citation, stretch: Span, leads: Sequence[Span]) -> Quoted:
    """How a stretch of the passage that holds the quote is shown, wherever that is.

    A row's cells are paired with the names of their columns, and its header row is no lead then.
    """
    passage, text = citation.passage, citation.passage.document.text
    cells = passage.cells if citation.quote == passage.text else ()
    if cells:
        header = next(lead.start for lead in passage.leads if lead.role is Role.HEADER)
        leads = [lead for lead in leads if lead.start != header]
        said = ("", _paired(cells), "")
    else:
        quote = Span(citation.start, citation.end)
        before, quoted, after = map(_in_lines, laid_out(passage, stretch, quote))
        said = (before, quoted, after)
    above = tuple(shown(one_line(text[lead.start : lead.end])).strip() for lead in leads)
    return Quoted(above, *said, f"… and {citation.more:,} more" if citation.more else "")


def _paired(cells: Sequence[tuple[str, str]]) -> str:
    """A row's cells, each after the name of its column; an empty one is left out."""
    filled = [[shown(one_line(word)).strip() for word in pair] for pair in cells]
    return " · ".join(f"{column}: {cell}" if column else cell for column, cell in filled if cell)


def _in_lines(text: str) -> str:
    """Text with its line ends, and no other control character."""
    return "\n".join(map(shown, text.split("\n")))


def shown(text: str) -> str:
    """A document's or an asker's text as it may be shown: no control character, no line break.

    What a terminal or a reader would take for a command is gone; every other character stays.
    """
    return _COMMANDS.sub(" ", _TURNING.sub("", text))
