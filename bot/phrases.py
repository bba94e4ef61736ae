"""The wording that people read, shared by the terminal and Slack."""

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
# The reason given for a passage that was found by its meaning.
IN_MEANING = "close in meaning"
# Notes that begin with these say why a passage is only the closest, and are shown above it.
LACKED = "The closest passage"
LACKS = f"{LACKED} does not mention"
NOTHING_FOUND = "Nothing was found for"
WHOLE_LIST = "A whole list is asked for; there may be more than these passages."
# Shown above another version of a passage.
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

# The beginning of the reason for a taught answer; the day follows.
TAUGHT = "Taught on"
# How editors see the outcome of a question.
OUTCOMES = {"closest": "only something close", "not_found": "not found", "answered": "answered"}
IN_PRIVATE = "Asked in private; the words are not kept."

# The beginning of a suggested question.
ABOUT = "What do the documents say about"

# Replies to talk.
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
# Shown if no corpus folder was set.
ASKING_SAMPLE = "Asking the sample documents; name your own with --corpus DIR."
# How many documents the list of sources names.
MAX_SOURCES = 10

# How many documents with the same passage are named.
MAX_NAMED = 3

_MARKS = ",;:.?!()[]\"“”‘’'"
# A noun phrase such as "a Christmas bonus" ends before these, and at the end of the question.
_AFTER_A_PHRASE = {
    "",
    *"for in of at on to from with and or this next by when if here that".split(),
}
# Bidirectional control characters can make a quote look like other words.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_COMMANDS = re.compile("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Quoted(NamedTuple):
    """A citation's text as shown to people, in the document's words.

    Line feeds are its only control characters. `leads` are shown above the rest, each on a line,
    never bold. `before` and `after` are what the passage says around the quote. `more` says how
    many items of the list follow, "" for none.
    """

    leads: tuple[str, ...]
    before: str
    quote: str
    after: str
    more: str = ""


def place(citation: Citation) -> list[str]:
    """Where a quote is: title, headings, paragraph, page and date, as far as they are known."""
    passage = citation.passage
    document = passage.document
    of = f" of {document.paragraphs}" if document.paragraphs else ""
    page = page_of(citation.page)
    number = f"paragraph {passage.number}{of}"
    parts = [document.title, path(passage), number, page, document.date or ""]
    return [visible for part in parts if (visible := shown(part).strip())]


def page_of(page: Page | None) -> str:
    """A page by its number, and its printed label if that differs; "" for none."""
    if page is None:
        return ""
    return f"page {page.number}" + (f", printed {page.label}" if page.label else "")


def path(passage: Passage) -> str:
    """The headings above a passage, outermost first: `Release 1.70.0 › Fixes`; "" for none."""
    return " › ".join(passage.headings)


def kept_by(document: Document) -> str:
    """A document's owner and review date; "" if it gives neither."""
    owner = f"Owner: {document.owner}" if document.owner else ""
    review = f"review by {document.review}" if document.review else ""
    said = " · ".join(filter(None, (owner, review)))
    return shown(said[:1].upper() + said[1:])


def also_in(citation: Citation) -> str:
    """The other documents with the same passage, the first few by name; "" for none."""
    named = ", ".join(shown(path) for path in citation.also[:MAX_NAMED])
    more = len(citation.also) - MAX_NAMED
    return f"also in {named}{f' and {more} more' if more > 0 else ''}" if named else ""


def opening(answer: Closest, asked: str, unsure: str = NOT_CERTAIN) -> str:
    """The text above the closest passages: why they are only that."""
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
    """The remarks below an answer: the words that the documents do not have, and the notes.

    What `opening` says above the closest passages is not repeated.
    """
    if isinstance(answer, Closest):
        return [shown(note) for note in answer.notes if not _is_reason(note)]
    notes = [shown(note) for note in answer.notes]
    if answer.missing:
        notes.insert(0, f"Not in the documents: {', '.join(map(shown, answer.missing))}.")
    return notes


def not_mentioned(missing: Sequence[str], asked: str) -> str:
    """A list of missing words in readable form; adjacent words are joined.

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
    """A run of missing words as a noun phrase with its article, "a Christmas bonus"; "" if none.

    One word after the run may belong to the phrase: with a missing word, the whole is missing.
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
    """Where a run of adjacent missing words ends; punctuation ends it too."""
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
    """The reply to talk; `follows` tells whether its thread has a question."""
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
    """The reply with further passages, each as a quote and its place."""
    found = [f"“{in_one_line(one)}” {' · '.join(place(one))}" for one in citations]
    return (MORE, *found)


def sources(documents: Sequence[Document]) -> str:
    """How many documents there are, and the titles of the first."""
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
    """A count with its noun: `1 passage`, `2,000 passages`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def not_read(kinds: Mapping[str, int]) -> list[str]:
    """A sentence for each kind of file that is not read: `3 .pdf files are not read`."""
    said = []
    for suffix, number in kinds.items():
        files = count(number, f"{suffix} file".strip()) + ("" if suffix else " without a suffix")
        said.append(f"{files} {'is' if number == 1 else 'are'} not read")
    return said


def matched(match: Match, passage: Passage) -> str:
    """A match in words: what was asked, as what it was found, and how the two are related."""
    found = as_written(match.found, passage)
    found = "" if found.casefold() in ("", match.asked) else f" found as {found}"
    via = f" ({match.via})" if match.via else ""
    return f"{match.asked}{found}{via}"


def as_written(stems: str, passage: Passage) -> str:
    """The words with these stems as the passage, its leads or its headings write them.

    The stems themselves if they occur in none of these.
    """
    from bot.english.text import identifier_parts, words  # only needed to explain matches

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
    """The first citation of each part of the question with its heading line, and the others.

    The heading line is "" if all citations belong to one part.
    """
    firsts = {citation.part: citation for citation in reversed(citations)}
    if len(firsts) == 1:
        return [("", citations[0])], list(citations[1:])
    others = [citation for citation in citations if firsts[citation.part] is not citation]
    return [(_to_part(firsts[part]), firsts[part]) for part in sorted(firsts)], others


def _to_part(citation: Citation) -> str:
    """The line above the first citation of a part: `To the first and third part of the ...`."""
    numbers = sorted({citation.part, *citation.also_parts})
    named = " and ".join(ORDINALS[n - 1] for n in numbers if 0 < n <= len(ORDINALS))
    if not named:
        return ""
    return f"{'Closest to' if citation.is_closest else 'To'} the {named} part of the question:"


def above_others(
    firsts: Sequence[tuple[str, Citation]], others: Sequence[Citation], opening: str
) -> list[tuple[str, Citation]]:
    """Each further citation with the line above it: the opening once, or which version it is."""
    from bot.english.versions import compared  # only needed to show an answer

    found = []
    before, above = firsts[-1][1], ""
    for citation in others:
        said = VERSIONS.get(compared(citation.passage, before.passage), opening)
        found.append(("" if said == above == opening else said, citation))
        before, above = citation, said
    return found


def quoted(citation: Citation) -> Quoted:
    """The passage with the quote in it. A lead within the passage is not shown twice."""
    passage = citation.passage
    outside = [lead for lead in citation.leads if not passage.start <= lead.start < passage.end]
    return _quoted(citation, Span(passage.start, passage.end), outside)


def pieces(citation: Citation, quote: str) -> list[tuple[str, bool]]:
    """A shown quote in pieces, each with whether it answers; usually one piece that does.

    A quote that answers several parts may have sentences between them that answer none.
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
    """The quote by itself, with its leads."""
    return _quoted(citation, Span(citation.start, citation.end), citation.leads)


def whole(passage: Passage) -> Quoted:
    """All of a passage, as if it were quoted."""
    return alone(Citation(passage, passage.start, passage.end))


def in_one_line(citation: Citation) -> str:
    """The leads and the quote in a single line."""
    said = alone(citation)
    return one_line(" ".join((*said.leads, said.quote, said.more))).strip()


def _quoted(citation: Citation, stretch: Span, leads: Sequence[Span]) -> Quoted:
    """Show a stretch of the passage that contains the quote.

    In a table row quoted whole, each cell is paired with the name of its column, and the header row
    is not shown as a lead.
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
    """A row's cells, each after the name of its column; empty cells are skipped."""
    filled = [[shown(one_line(word)).strip() for word in pair] for pair in cells]
    return " · ".join(f"{column}: {cell}" if column else cell for column, cell in filled if cell)


def _in_lines(text: str) -> str:
    """Text without control characters, except line feeds."""
    return "\n".join(map(shown, text.split("\n")))


def shown(text: str) -> str:
    """A document's or an asker's text, safe to show: without control characters and line breaks.

    Each of these becomes a space; bidirectional control characters are removed.
    """
    return _COMMANDS.sub(" ", _TURNING.sub("", text))
