"""Questions about a document itself: its author, date, source and licence."""

import re
from enum import Enum
from typing import NamedTuple

from bot.english.patterns import lazy_pattern
from bot.english.text import stem


class Detail(Enum):
    """A detail of a document. The value is the wording for a document that does not give it."""

    AUTHOR = "who wrote it"
    DATE = "when it was published"
    SOURCE = "where it comes from"
    RIGHTS = "under which licence it is"


class DetailAsked(NamedTuple):
    """A detail, and the words that name the document: "the article", "it"; "" for none."""

    detail: Detail
    what: str

    @property
    def points(self) -> bool:
        """Whether only a pronoun names it, which may mean the document or an earlier subject."""
        return self.what in ("", "it", "this", "that")


_WHAT = r"(?P<what>\w[\w'&+#./ -]{0,80}?)"
# Used where a title could also be a subject: "where does tea come from?" does not mean a file.
_SELF = r"""(?P<what>it|this|(?:the|this|that)\ (?:article|document|doc|text|file|piece|story
    |report|paper|page|post|guide|manual|handbook|policy|newsletter|memo|faq|blog)(?:\ post)?)"""
_OF = rf"(?:\ (?:of|for|to|on|in|from|behind)\ {_WHAT})?"
_IS = r"(?:\ is|\ are|\ was|\ were|'s)"
_WRITTEN = r"(?:(?:first|last|originally)\ )?(?:written|published|posted|updated|revised|dated)"
_MADE = r"(?:created|made|drafted|compiled|prepared|modified|changed|printed|issued|released)"
_LICENCE = r"(?:licen[cs]e|copyright)"
# Each alternative matches a whole question. The first detail that matches wins.
_DETAILS = {
    Detail.AUTHOR: rf"""
        who\ (?:wrote|authored|penned|drafted|compiled|prepared|reported)\ {_WHAT}
        | who{_IS}\ (?:the|its|this)?\ ?(?:author|writer|journalist|reporter)s?{_OF}
        | who{_IS}\ {_WHAT}\ (?:written\ )?by | by\ whom{_IS}\ {_WHAT}\ written
        | who\ has\ written\ {_WHAT}
        | what{_IS}\ the\ (?:name\ of\ the\ )?(?:author|writer)(?:'s\ name)?{_OF}
        | (?:the\ )?author(?:\ of\ {_WHAT})?""",
    Detail.DATE: rf"""
        (?:when|(?:what|which|on\ (?:what|which))\ (?:date|day|year)){_IS}\ {_WHAT}
            \ {_WRITTEN}
        | when{_IS}\ {_SELF}\ {_MADE}
        | when\ did\ {_SELF}\ (?:come\ out|appear|get\ published)
        | when{_IS}\ {_SELF}\ from | how\ (?:old|recent|current){_IS}\ {_SELF}
        | (?:what{_IS}\ )?(?:the|its)?\ ?(?:publication|publishing)\ date{_OF}
        | what{_IS}\ (?:the|its)\ date\ (?:of|on)\ {_SELF} | what\ date{_IS}\ {_SELF}""",
    Detail.SOURCE: rf"""
        what{_IS}\ (?:the|its)\ (?:original\ )?(?:source|link|url|web\ address){_OF}
        | (?:the\ )?(?:source|link|url){_OF}
        | where\ (?:does|did)\ {_SELF}\ come\ from | where{_IS}\ {_SELF}\ (?:taken\ )?from
        | where{_IS}\ {_WHAT}\ (?:first\ |originally\ )?(?:published|posted)
        | where\ can\ i\ (?:read|find|see)\ {_WHAT}\ online
        | who\ (?:has\ )?published\ {_WHAT}
        | which\ (?:news)?(?:paper|site|outlet|magazine){_IS}\ {_WHAT}\ from
        | (?:do\ you\ have|is\ there)\ (?:a|the)\ (?:link|source|url){_OF}""",
    Detail.RIGHTS: rf"""
        what{_IS}\ (?:the|its)\ {_LICENCE}{_OF}
        | (?:under\ )?(?:what|which)\ licen[cs]e\ (?:is|does|covers|applies\ to|has)\ {_WHAT}
            (?:\ (?:published|released|available|have|use|come))?(?:\ (?:under|with))?
        | who\ (?:owns|holds|has)\ the\ (?:copyright|rights){_OF}
        | is\ {_WHAT}\ (?:copyrighted|under\ copyright|in\ the\ public\ domain)
        | (?:the\ )?{_LICENCE}{_OF}""",
}
# A fast filter: every question about a document has one of these.
_TELLS = lazy_pattern(
    r"author|writ|wrote|penned|draft|compil|prepar|report|journalist|\bby\b|publi|post|updat|revis"
    r"|date|creat|made|modif|chang|print|issu|releas|\bout\b|appear|\bfrom\b|\bold\b|recent|current"
    r"|source|link|url|address|online|licen|copyright|rights"
)
_BEFORE = lazy_pattern(r"(?:(?:and|but|so|ok|okay|also|well|hi|hey|please)\b[ ,]*)+")

# Words that mean a document whatever its title; and words that often do, but may be a subject.
ANY_DOCUMENT = frozenset(stem(word) for word in "article document doc text file faq".split())
OFTEN_A_DOCUMENT = ANY_DOCUMENT | frozenset(
    stem(word)
    for word in """
    piece story report paper page post guide manual handbook policy newsletter memo blog
    """.split()
)


def detail_asked(question: str) -> DetailAsked | None:
    """The detail of a document that a question in normal form asks for; None for other questions.

    The caller must check whether `what` names a document.

    >>> detail_asked("who wrote the article?")
    DetailAsked(detail=<Detail.AUTHOR: 'who wrote it'>, what='the article')
    """
    if not _TELLS.search(question):
        return None
    asked = _BEFORE.sub("", question.strip(), count=1).rstrip(" ?!.,").removesuffix("please")
    asked = asked.rstrip(" ,")
    for detail, pattern in _DETAILS.items():
        for one in _alternatives(pattern):
            if found := re.fullmatch(one, asked, re.X):
                return DetailAsked(detail, found.groupdict().get("what") or "")
    return None


def _alternatives(pattern: str) -> list[str]:
    """The alternatives of a pattern, tried one by one since each may have a group `what`."""
    return re.split(r"\s\|\s", pattern.strip())
