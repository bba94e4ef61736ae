"""Questions and answers as JSON lines: the format of `ask --json` and of question sets."""

import json
import re
from collections.abc import Sequence
from typing import Any

from bot.english.patterns import lazy_pattern
from bot.english.versions import compared
from bot.model import Answer, Citation, Document, Question

# Characters that control a terminal, that some readers take for a line end, or that cannot be
# encoded.
_UNSEEN = lazy_pattern("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def answer_line(question: str, answer: Answer, engine: str | None = None) -> str:
    """The answer as one line of JSON; with the `engine` hash, also why it was found."""
    if engine is None:
        values = answer_object(question, answer)
    else:
        values = explained_object(question, answer, engine)
    return as_line(values)


def as_line(values: dict[str, Any]) -> str:
    """Plain values as one line of JSON, safe to print on a terminal."""
    return _UNSEEN.sub(_escaped, json.dumps(values, ensure_ascii=False))


def answer_object(question: str, answer: Answer) -> dict[str, Any]:
    """The answer as plain values, as `bot/README.md` describes them."""
    return {
        "question": question,
        "outcome": answer.outcome,
        "parts": [{"text": part.text, "outcome": part.outcome} for part in answer.parts],
        "citations": _citations(answer.citations),
        "missing": list(answer.missing),
        "notes": list(answer.notes),
        "corpus": answer.corpus,
    }


def explained_object(question: str, answer: Answer, engine: str) -> dict[str, Any]:
    """Like `answer_object`, with the reasons for the outcome and why each passage was found."""
    plain = answer_object(question, answer)
    for citation, values in zip(answer.citations, plain["citations"], strict=True):
        values["why"] = [
            {"asked": m.asked, "found": m.found, "via": m.via, "worth": m.score}
            for m in citation.why
        ]
    return plain | {"engine": engine, "reasons": list(answer.reasons)}


def _citations(citations: Sequence[Citation]) -> list[dict[str, Any]]:
    """Citations as plain values; a version of the previous one is marked earlier or later."""
    found = []
    before = None
    for citation in citations:
        version = compared(citation.passage, before)
        found.append(citation_object(citation) | ({"version": version} if version else {}))
        before = citation.passage
    return found


def document_object(document: Document) -> dict[str, Any]:
    """What a document says of itself, as plain values; without its passages."""
    return {
        "document": document.path,
        "title": document.title,
        "date": document.date,
        "author": document.author,
        "url": document.url,
        "rights": document.rights,
    }


def citation_object(citation: Citation) -> dict[str, Any]:
    """A citation as plain values; `passage` and `quote` are cut from the document."""
    passage = citation.passage
    page = citation.page
    return {
        "document": passage.document.path,
        "title": passage.document.title,
        "heading": passage.heading,
        "headings": list(passage.headings),
        "leads": lead_objects(citation),
        "paragraph": passage.number,
        "page": page.number if page else None,
        "page_label": (page.label or None) if page else None,
        "anchor": passage.anchor or None,
        "lines": list(passage.lines) if passage.lines else None,
        "passage": passage.text,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "more": citation.more,
        "url": citation.url,
        "part": citation.part,
        "also": list(citation.also),
    }


def lead_objects(citation: Citation) -> list[dict[str, Any]]:
    """The leads of a quote as plain values, outermost first, each cut from the document."""
    text = citation.passage.document.text
    return [
        {"text": text[lead.start : lead.end], "start": lead.start, "end": lead.end}
        for lead in citation.leads
    ]


def read_question(line: bytes) -> Question:
    """A question from a line: its text, or an object with `question` and perhaps `after`.

    Raises ValueError with a message for the user if it is neither.
    """
    try:
        text = line.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise ValueError(f"The line is not UTF-8 at byte {error.start}.") from None
    if not text:
        raise ValueError("The line is blank; there is no question in it.")
    if not text.startswith("{"):
        return Question(text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("The line begins like a JSON object but is not one.") from None
    return question_from(value)


def question_from(value: dict[str, Any]) -> Question:
    """A question from its JSON object. Raises ValueError with a message for the user."""
    text, after = value.get("question"), value.get("after") or []
    if not isinstance(text, str):
        raise ValueError('The object has no "question" that is text.')
    if not isinstance(after, list) or not all(isinstance(earlier, str) for earlier in after):
        raise ValueError('"after" must be a list of texts.')
    return Question(text, tuple(after))
