"""What a document's file says of the document itself: author, date, source, rights."""

import re

from bot.documents.scope import names_of
from bot.english.about_document import ANY_DOCUMENT, OFTEN_A_DOCUMENT, Detail, DetailAsked
from bot.english.text import sentences, words
from bot.index import Index
from bot.model import Answer, Answered, Citation, Document, NotFound, Passage, PassageKind

# A byline or a licence stands in so many passages at the top of a text, or at its end.
EDGE = 3

_SAYS = {
    Detail.AUTHOR: "The file says that {} wrote it.",
    Detail.DATE: "The file gives its date as {}.",
    Detail.SOURCE: "The file gives its source as {}",
    Detail.RIGHTS: "The file says of its rights: {}",
}
# A sentence that says it of the text in which it stands.
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
_IN_THE_TEXT = {detail: re.compile(pattern, re.X) for detail, pattern in _SENTENCES.items()}


def document_meant(asked: DetailAsked, index: Index, within: str | None) -> Document | None:
    """The document that a question is about: named in it, by `in:`, or the only one there is."""
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
    """What the file says: its front matter, with its first passage, or a sentence of its text."""
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
    """Whether it is the document that is called so, and no folder."""
    folders = document.path.casefold().split("/")[:-1]
    return name in names_of(document) and name not in folders


def _may_mean(asked: DetailAsked, document: Document, index: Index) -> bool:
    """Whether words may stand for a document: "it", its title, "the article".

    A report or a page may also be one that the text speaks of.
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
    """Whether nothing in the text can be meant: "it", "this page", "the article" if it has none."""
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
    """The names, as `in:` has them, of a document that may be meant by these words."""
    found = [word for word in re.split(r"[\s_-]+", what.strip("/.")) if word]
    if found[:1] and found[0] in ("the", "this", "our", "your"):
        found = found[1:]
    whole = "-".join(found)
    last = {word.term for word in words(found[-1])} if len(found) > 1 else set()
    return [whole, "-".join(found[:-1])] if last & OFTEN_A_DOCUMENT else [whole] if whole else []
