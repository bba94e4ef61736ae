"""Answers about a document itself: its author, date, source and rights."""

import re

from bot.documents.scope import names_of
from bot.english.about_document import ANY_DOCUMENT, OFTEN_A_DOCUMENT, Detail, DetailAsked
from bot.english.patterns import lazy_pattern
from bot.english.text import sentences, words
from bot.index import Index
from bot.model import Answer, Answered, Citation, Document, NotFound, Passage, PassageKind

# A byline or a licence is looked for in this many passages at the top and at the end of a text.
EDGE = 3

_SAYS = {
    Detail.AUTHOR: "The file says that {} wrote it.",
    Detail.DATE: "The file gives its date as {}.",
    Detail.SOURCE: "The file gives its source as {}",
    Detail.RIGHTS: "The file says of its rights: {}",
}
# How a sentence gives a detail of the text that contains it.
_SENTENCES = {
    Detail.AUTHOR: r"""
        (?i:authors?|written\ by|reporter)\s?:\s?\S | (?i:by)(?:\ (?:and\ )?[A-Z]\S+)+$""",
    Detail.DATE: r"""(?i)
        (?:th(?:is|e)\ \w+\ (?:was|is)\ )?(?:last\ |first\ )?
        (?:updated|published|posted|revised|reviewed|issued|modified|dated|date)\b.{0,60}\d""",
    Detail.SOURCE: r"(?i)(?:source|original|link|url)\s?:\s?\S",
    Detail.RIGHTS: r"""(?i)
        (?:licen[cs]e|copyright|rights)\s*: | copyright\b.{0,60}\d | © | \(c\)\ \d
        | .{0,200}\blicen[cs]ed\ under\b | .{0,200}\ball\ rights\ reserved\b""",
}
_IN_THE_TEXT = {detail: lazy_pattern(pattern, re.X) for detail, pattern in _SENTENCES.items()}


def document_meant(asked: DetailAsked, index: Index, within: str | None) -> Document | None:
    """The document that a question is about, or None.

    It is the one that `in:` or the question names, or the only one in the corpus.
    """
    found = index.beginning(1, within)
    if within is not None or len(index.documents) == 1:
        document = found[0].passage.document if found else None
        if document is None or (within is not None and not _is_name(within, document)):
            return None
        return document if _may_mean(asked, document, index) else None
    for name in _names(asked.what):
        if index.has_scope(name):
            document = index.beginning(1, name)[0].passage.document
            return document if _is_name(name, document) else None
    return None


def detail_of(detail: Detail, document: Document, index: Index) -> Answer:
    """Answer from the file's front matter, citing its first passage, or from a sentence in it."""
    passages = index.passages_of(document.path)
    corpus = index.documents_hash
    if said := _field(detail, document):
        note = _SAYS[detail].format(said)
        text = (passage for passage in passages if passage.kind is not PassageKind.HEADING)
        first = next(text, passages[0])
        return Answered(citations=(_beginning(first),), corpus=corpus, notes=(note,))
    if citation := _in_the_text(detail, passages):
        return Answered(citations=(citation,), corpus=corpus)
    return NotFound(corpus=corpus, notes=(f"The file does not say {detail.value}.",))


def _field(detail: Detail, document: Document) -> str | None:
    match detail:
        case Detail.AUTHOR:
            return document.author
        case Detail.DATE:
            return document.date
        case Detail.SOURCE:
            return document.url
        case Detail.RIGHTS:
            return document.rights


def _in_the_text(detail: Detail, passages: tuple[Passage, ...]) -> Citation | None:
    edges = dict.fromkeys((*passages[:EDGE], *passages[-EDGE:]))
    for passage in edges:
        for start, end in sentences(passage.text):
            if _IN_THE_TEXT[detail].match(passage.text[start:end]):
                return Citation(passage, passage.start + start, passage.start + end)
    return None


def _beginning(passage: Passage) -> Citation:
    start, end = next(iter(sentences(passage.text)), (0, len(passage.text)))
    return Citation(passage, passage.start + start, passage.start + end)


def _is_name(name: str, document: Document) -> bool:
    """Whether the name belongs to the document itself and not to a folder above it."""
    folders = document.path.casefold().split("/")[:-1]
    return name in names_of(document) and name not in folders


def _may_mean(asked: DetailAsked, document: Document, index: Index) -> bool:
    """Whether the question's words may mean the document: "it", its title, "the article".

    "The report" or "the page" may instead be one that the text mentions.
    """
    if asked.points:
        return True
    others = _besides_title(asked, document)
    if asked.what.startswith("this "):
        return others <= OFTEN_A_DOCUMENT
    known = {one for one in others if index.frequency(one)}
    by_kind = others <= OFTEN_A_DOCUMENT and known <= ANY_DOCUMENT
    return by_kind and (bool(others) or _content(document.title) <= _content(asked.what))


def is_certain(asked: DetailAsked, document: Document, index: Index) -> bool:
    """Whether only the document can be meant: "it", "this page", or words that no passage has."""
    if asked.what.startswith("this ") or (asked.what and asked.points):
        return True
    others = _besides_title(asked, document)
    return bool(others) and not any(index.frequency(one) for one in others)


def _besides_title(asked: DetailAsked, document: Document) -> set[str]:
    if asked.points:
        return set()
    return _content(asked.what) - _content(document.title)


def _content(text: str) -> set[str]:
    return {word.term for word in words(text) if word.is_content}


def _names(what: str) -> list[str]:
    """The names, spelled as for `in:`, of a document that these words may mean."""
    found = [word for word in re.split(r"[\s_-]+", what.strip("/.")) if word]
    if found[:1] and found[0] in ("the", "this", "our", "your"):
        found = found[1:]
    whole = "-".join(found)
    last = {word.term for word in words(found[-1])} if len(found) > 1 else set()
    return [whole, "-".join(found[:-1])] if last & OFTEN_A_DOCUMENT else [whole] if whole else []
