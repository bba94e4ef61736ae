"""Finds the question in a message, without the chat around it.

First everything without meaning is removed: mentions of people and channels, emoji, bullets, a
signature, quoted lines. Then the pieces of each sentence that are talk or chat are removed. The
sentences that ask are the question, and the others are its context, which it may lean on.
"""

import re
import unicodedata
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from bot.english import questions
from bot.english.patterns import lazy_pattern
from bot.english.talk import (
    ASKING_WORDS,
    ORDER,
    covered,
    is_one_of,
    kind_of,
    may_begin,
    may_end,
    words_of,
)
from bot.english.text import words
from bot.model import Talk

# How many of a long message's last characters are read, and how many of its last questions.
MAX_READ = 4000
MAX_ASKING = 3
# In characters: the longest signature or preface, and the longest lead-in of a question.
_END = 120
MAX_LEAD_IN = 100
_MAX_PHRASE = 6

_MARKUP = re.compile(r"<[@#!][^<>\n]{0,200}>")
_EMOJI_NAME = re.compile(
    r"(?<![\w:]):(?:\+1|-1|100|[a-z][a-z0-9_+-]{1,40})(?:::?skin-tone-\d)?:(?!\w)"
)
_EMOTICON = re.compile(
    r"(?<![\w:])(?:[:;=]['^-]?[)(DPpOo|/*\\]{1,4}|[xX]D+|<3{1,4}|\^_{0,2}\^|¯\\\S{1,9}/¯|-_-)(?!\w)"
)
_MENTION = re.compile(r"(?<![\w@.])[@#][^\W\d_][\w.-]{0,80}")
_BULLET = re.compile(r"^\s*(?:[-*•‣▪–+]|\(?\d{1,2}[.)]|\(?[a-hA-H]\))\s+(?=\S)")
_FIRST = re.compile(r"\s{0,9}\(?1[.)]\s")
_SECOND = re.compile(r"\s\(?2[.)]\s")
_NEXT_NUMBER = re.compile(r"\s(?=\(?\d{1,2}[.)]\s)")
_QUOTED = re.compile(r"^\s*>+ ?")
_COPIES = re.compile(r"(?:^|(?<=[\s(.?!]))(?:cc|bcc|cc'ing|ccing)\b[:\s]*(?=[@#<A-Z\s]|$)", re.I)
_NAMES = r"[A-Z][\w.'’-]{0,30}(?:,?\ [A-Z][\w.'’&-]{0,30}){0,4}"
_SIGNED = re.compile(
    rf"""(?:^|(?<=[\n.?!,)\s]))
    (?:(?:--+|—|–|~|-)\s{{0,5}}{_NAMES}
    |(?:(?:kind|best|warm|warmest|many|with\ best)\ )?(?:regards|wishes|thanks|thank\ you|cheers
      |sincerely|yours|best|br|thx|rgds)[,.!]?\s{{1,5}}(?:--?|—|–)?\s{{0,5}}{_NAMES}
    |sent\ from\ my\ [^\n]{{1,30}}|get\ outlook\ for\ \w{{1,10}})[\s.!]{{0,20}}\Z""",
    re.I | re.X,
)
_NAMED = lazy_pattern(rf"{_NAMES}[\s.!]{{0,20}}\Z")
_BRACKETS = re.compile(r"\s?[(\[]([^()\[\]\n]{1,120})[)\]]")
_BETWEEN = re.compile(r"[,;:!](?=\s|$)|…|\.{2,}|\s[-–—|/]+(?=\s)|—")
_AND = re.compile(r"^(?:but|and|so)\s+(?=\w)", re.I)
# Chat that follows a question without a full stop: "where do I park need it by 5pm".
_GOES_ON = re.compile(
    r"\s(?=(?:i\ )?(?:really\ )?need\ (?:it|this|that|to\ know|an\ answer|the\ answer|info)\b"
    r"|asking\ for\b|sorry\ |no\ rush|not\ urgent|would\ appreciate|i'd\ appreciate|appreciate"
    r"|my\ (?:boss|manager)\b|let\ me\ know|thanks\ |thank\ you)",
    re.I,
)
_WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_EDGE = " \t,;:-–—…|/"
_BREAK = re.compile(
    r"(?<=[?!])\s+|\n+|\s—\s|(?<!\.)\.{3,}\s|…\s"
    r"|(?<=[^\W_][^\W_]\.)\s+|(?<=[)\]\"'\d]\.)\s+(?=[A-Z])"
)
# Abbreviations whose full stop does not end a sentence.
_SHORT = lazy_pattern(
    r"(?:^|[\s(])(?:mr|mrs|ms|dr|st|vs|etc|approx|incl|fig|sec|art|no|nr|prof)\.$", re.I
)
# Lead-ins to a question: "my boss wants to know", "does anyone have an idea".
_LEAD_IN = re.compile(
    r"""(?:(?:hi|hey|hello|so|ok|okay|and|but|also|please|sorry|well|just|um)[\s,:-]+)*
    (?:(?:i|we|im|i'm|we're|my|our|the|a|an|one|some|someone|somebody|anyone|anybody|people|who\ can
      |please|just|not|no|wondering|curious|asking|trying|want|wanted|need|would|could|can|do|does|did|any
      |he|she|they|tell|remind|help|question|let)\b
      [^?.!;:\n]{0,80}?)
    \b(?:know|knows|ask|asks|asked|asking|tell\ (?:me|us|him|her|them)|remind\ (?:me|us)
      |wonder|wonders|wondering|wondered|curious|find\ out|figure\ out|understand|remember|sure
      |clear|idea|clue
      |explain(?:\ to\ me)?|confirm|check|question\ is|interested\ in|forgot|forget|hint)
    (?:\ (?:about|on|of))?[\s,:-]+
    (?=(?:who|whom|whose|what|which|when|where|why|how|if|whether|wat|wen|hw)\b)""",
    re.I | re.X,
)
_PREFACE = re.compile(
    r"[^:?!.;\n]{0,80}?\b(?:ask|asks|asked|asking|questions?|qs?|knows?|wonder|wondering|wants?)\b"
    r"[^:?!.;\n]{0,20}?(?::|\s[-–—]+)\s+",
    re.I,
)
# A lead-in that begins like this is itself the question: "does the form ask who ...".
_ASKS_ITSELF = lazy_pattern(
    r"(?:(?:do|does|did|can|could|would)\s+(?!you\b|u\b|any|some)|(?:the|a|an)\s+(?!boss|manager))",
    re.I,
)
_MEANT = lazy_pattern(
    r"(?:(?:oh|oops|ah|no|sorry|wait|hm+)\b[,.! ]{0,3}){0,4}i (?:actually )?mean(?:t)?\b"
    r"(?: to (?:ask|say))?[,: ]{0,3}(?!(?:that|this|it|what i)\b)(?=\w)",
    re.I,
)
_REQUEST = lazy_pattern(
    r"(?:please\ )?(?:list|name|give|tell|explain|describe|show|find|define|compare|summari[sz]e)\b"
)
_AWAY = frozenset("👎 😠 😡 🤬 😤".split())


class Message(NamedTuple):
    """A message split into its question and the rest.

    `talk` is set if it asks nothing; then `question` is empty. `context` is the text beside the
    question, which helps to understand it but is not searched for by itself. `shortened` tells
    whether a long message was cut.
    """

    question: str
    context: str = ""
    talk: Talk | None = None
    shortened: bool = False


def read(text: str, longest: int) -> Message:
    """Find the question in a message.

    If it has more than `longest` characters, the last few sentences that ask are read, or its
    beginning if none does. Takes linear time for any text.

    >>> read("Hi team, quick q: where do I park? (need it by 5pm) thanks :)", 1000).question
    'where do I park?'
    >>> read("thanks a lot :)", 1000).talk
    <Talk.THANKS: 'thanks'>
    """
    if len(text) <= longest:
        return _read(text)
    asking = [
        said for said in _sentences(_bare(text[-MAX_READ:])) if len(said) < longest and _asks(said)
    ][-MAX_ASKING:]
    if not asking:
        return _read(cut(text, longest).question)._replace(shortened=True)
    return _read("\n".join(asking)[-longest:])


def as_meant(text: str) -> str:
    """A message that corrects the one before it, as a question: "i meant Ulm".

    >>> as_meant("oh sorry, i meant Ulm"), as_meant("i meant something else")
    ('what about Ulm', 'i meant something else')
    """
    match = _MEANT.match(text[:MAX_LEAD_IN])
    rest = text[match.end() :] if match else ""
    if not any(word.is_content for word in words(rest[:MAX_LEAD_IN])):
        return text
    return rest if _asks(rest[:MAX_READ]) else f"what about {rest}"


def cut(text: str, longest: int) -> Message:
    """The first `longest` characters of a message, cut after a word, and otherwise unchanged."""
    if len(text) <= longest:
        return Message(text)
    return Message(text[:longest].rpartition(" ")[0] or text[:longest], shortened=True)


def _read(text: str) -> Message:
    own, quoted = _own_and_quoted(text)
    found = _of_lines(own)
    if quoted and not (found.question and _asks(found.question)):
        of_quote = _of_lines(quoted)
        pointing = found.talk is Talk.AROUND or not _bare(own).strip()  # "same question"
        if of_quote.question and (pointing or _asks(of_quote.question)):
            return of_quote
    if not found.question and _is_only_marks(text):
        return found._replace(talk=_of_marks(text))
    return found


def _own_and_quoted(text: str) -> tuple[str, str]:
    """The lines that the sender wrote, and those quoted with ">", without the mark."""
    if ">" not in text:
        return text, ""
    lines = text.split("\n")
    quoted = [line for line in lines if line.lstrip().startswith(">") and len(line.strip()) > 1]
    if not quoted:
        return text, ""
    own = [line for line in lines if not line.lstrip().startswith(">")]
    return "\n".join(own), "\n".join(_QUOTED.sub("", line, count=1) for line in quoted)


def _of_lines(text: str) -> Message:
    """Split a text's sentences, without chat, into the question and its context."""
    said = [_peeled(sentence) for sentence in _sentences(_bare(_unsigned(text)))]
    kinds: set[Talk | None] = {kind for _, _, kind in said}
    asking, beside, talk = [], [], set()
    for core, asks, _ in said:
        kind = kind_of(core) if core else None
        if kind:
            talk.add(kind)
        if core and asks and (kind is None or kind is Talk.MORE):
            asking.append((core, kind))
        elif core and not (asks and kind):
            beside.append((core, kind))
    if all(kind for _, kind in (*asking, *beside)):
        pleased = Talk.THANKS in kinds and talk <= {Talk.THANKS, Talk.REMARK}
        return Message("", talk=_first(kinds if pleased else kinds | talk))
    if asking:
        return Message(_joined(asking), _joined(beside))
    return Message(_joined([(core, kind) for core, kind in beside if kind is None]))


def _joined(said: Sequence[tuple[str, Talk | None]]) -> str:
    return " ".join(core for core, _ in said)


def _first(kinds: AbstractSet[Talk | None]) -> Talk:
    """The kind of talk to reply to, if there are several; GUIDE for none."""
    return next((kind for kind in ORDER if kind in kinds), Talk.GUIDE)


def _bare(text: str) -> str:
    """A text without mentions at its ends, emoji, bullets and "cc" lines."""
    text = _EMOJI_NAME.sub(" ", _MARKUP.sub(" ", text.replace("\r", "\n").replace("’", "'")))
    if not text.isascii():
        text = "".join(" " if _is_emoji(letter) else letter for letter in text)
    text = _EMOTICON.sub(" ", text)
    text = "\n".join(map(_numbered_apart, text.split("\n")))
    lines = [_without_mentions(_BULLET.sub("", line, count=1)) for line in text.split("\n")]
    return "\n".join(lines)


def _numbered_apart(line: str) -> str:
    """Split a numbered list in one line into a line for each item."""
    if not _FIRST.match(line) or not _SECOND.search(line):
        return line
    return _NEXT_NUMBER.sub("\n", line)


def _without_mentions(line: str) -> str:
    """A line without mentions at its ends; within it a name may be what is asked about."""
    copies = _COPIES.search(line)
    if copies and "?" not in line[copies.start() :]:
        line = line[: copies.start()].rstrip("( ")
    if "@" not in line and "#" not in line:
        return line
    while match := _MENTION.search(line):
        before = line[: match.start()]
        if words_of(before) and not covered(before):
            break
        line = f"{before.rstrip(' ,')} {line[match.end() :].lstrip(' ,:')}".strip()
    for match in reversed(list(_MENTION.finditer(line))):
        before, after = line[: match.start()], line[match.end() :]
        if after.strip(" ,.?!") and not after.strip().startswith("("):
            break
        if not any(word.is_content for word in words(before)):
            break
        line = before.rstrip(" ,") + after
    return line


def _is_emoji(letter: str) -> bool:
    return (
        letter > "\u2190"
        and (unicodedata.category(letter) in ("So", "Sk") or letter in "\ufe0f\u20e3")
    ) or letter == "\ufe0f"


def _is_only_marks(text: str) -> bool:
    return not words_of(_bare(text))


def _of_marks(text: str) -> Talk:
    """The kind of talk that emoji alone are; GUIDE for an empty message or only "?"."""
    if any(mark in text for mark in _AWAY) or re.search(r":(?:-1|thumbsdown|angry|rage)\b", text):
        return Talk.REMARK
    if "👋" in text or ":wave" in text:
        return Talk.GREETING
    named = _EMOJI_NAME.search(text) or _EMOTICON.search(text)
    return Talk.THANKS if named or any(map(_is_emoji, text)) else Talk.GUIDE


def _unsigned(text: str) -> str:
    """A text without its signature: a name after a dash or a closing, or all below "--"."""
    head, line, _ = text.rpartition("\n--")
    if line and head.strip() and len(text) - len(head) < 4 * _END:
        text = head
    text = text.rstrip()
    end = text[-_END:]
    signed = _SIGNED.search(end)
    if signed and words_of(text[: len(text) - len(end) + signed.start()]):  # not only a signature
        names = _NAMED.search(end, signed.start())
        if names or "sent from" in end.casefold() or "outlook" in end.casefold():
            return text[: len(text) - len(end) + signed.start()]
    return text


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    for part in _BREAK.split(text):
        if found and _SHORT.search(found[-1][-8:]):
            found[-1] += f" {part}"
        elif part.strip():
            found.append(part.strip())
    return found


def _asks(sentence: str) -> bool:
    said = questions.normal(sentence.strip())
    return questions.asks(said) or bool(_REQUEST.match(said))


def _peeled(sentence: str) -> tuple[str, bool, Talk | None]:
    """A sentence without the chat around it, whether it asks, and the kind of the chat."""
    whole = covered(sentence)
    if whole is Talk.MORE:  # "It seems slow. Why is that?"
        return sentence, True, whole
    if whole is Talk.AROUND:  # "I'll ask someone else"
        whole = kind_of(sentence) or whole
    if whole is not None:
        return "", False, whole
    sentence = _BRACKETS.sub(lambda match: " " if covered(match[1]) else match[0], sentence)
    asked = sentence.rstrip(" \"')!").endswith("?")
    pieces, start = [], 0
    for match in _BETWEEN.finditer(sentence):
        pieces.append((start, match.start()))
        start = match.end()
    pieces.append((start, len(sentence)))
    kinds: list[Talk] = []
    while pieces and (kind := _chat(sentence, pieces[0])):
        kinds += kind
        pieces.pop(0)
    while pieces and (kind := _chat(sentence, pieces[-1])):
        kinds += kind
        pieces.pop()
    if not pieces:
        talk = _first(set(kinds)) if kinds else None
        return "", False, talk
    core = sentence[pieces[0][0] : pieces[-1][1]].strip(_EDGE)
    if pieces[0][0]:  # "dumb question, but where do I park?"
        core = _AND.sub("", core)
    core = _without_preface(core)
    core, led = _without_lead_in(core)
    if kind_of(core) is None:
        core = _without_closings(_without_openings(core))
    if asked and not core.rstrip("\"')").endswith("?"):
        core = core.rstrip(_EDGE + ".") + "?"
    if not any(letter.isalnum() for letter in core):
        return "", False, _first(set(kinds)) if kinds else None
    return core, asked or led or _asks(core), _first(set(kinds)) if kinds else None


def _chat(sentence: str, piece: tuple[int, int]) -> list[Talk]:
    """The kind of a piece between two commas if it is empty or only chat, else an empty list."""
    said = sentence[piece[0] : piece[1]].strip(" ?.!-")
    if not said:
        return [Talk.AROUND]
    kind = covered(said)
    whole = piece == (0, len(sentence))
    if kind is None and _is_greeting_by_name(said, whole=whole):
        kind = Talk.GREETING
    greets = kind is Talk.GREETING and piece[0] == 0  # "how are you, where do I park?"
    if not greets and not ASKING_WORDS.isdisjoint(words_of(said)):
        return []
    is_keyword = kind in (Talk.GUIDE, Talk.SOURCES, Talk.MORE) and " " not in said
    return [kind] if kind and not is_keyword else []


def _is_greeting_by_name(said: str, *, whole: bool) -> bool:
    """Whether a piece greets somebody; a whole sentence needs a capital: "Hey Anna"."""
    found, named = words_of(said), said.split()[1:]
    if not 1 < len(found) <= 3 or found[0] not in ("hi", "hello", "hey", "dear", "thanks"):
        return False
    return not whole or all(name.istitle() for name in named)


def _without_preface(core: str) -> str:
    """A question without its preface: "a client just asked me this: who pays?"."""
    match = _PREFACE.match(core[:_END])
    return core[match.end() :] if match and _asks(core[match.end() :]) else core


def _without_lead_in(core: str) -> tuple[str, bool]:
    match = _LEAD_IN.match(core[: MAX_LEAD_IN + 20])
    if match is None or match.end() > MAX_LEAD_IN or _ASKS_ITSELF.match(match.group()):
        return core, False
    return core[match.end() :], True


def _without_openings(core: str) -> str:
    """A question without opening chat: "hello there where do I park"."""
    while True:
        found = list(_WORDS.finditer(core[:_END]))
        most = min(_MAX_PHRASE, len(found) - 1)
        ends = [found[length].start() for length in (1, most) if most > 0]
        if not may_begin("opening", *(words_of(core[:end]) for end in ends)):
            return core
        for length in range(most, 0, -1):
            end = found[length].start()
            if _opens(words_of(core[:end]), core[end:]):
                core = core[end:]
                break
        else:
            return core


def _opens(said: list[str], rest: str) -> bool:
    """Whether words are an opening: an interjection always, "question" only before a question."""
    return is_one_of("opening", said) and (is_one_of("closing", said) or _asks(rest))


def _without_closings(core: str) -> str:
    """A question without closing chat: "where do I park lol"."""
    for match in _GOES_ON.finditer(core, max(0, len(core) - _END)):
        content = sum(word.is_content for word in words(core[: match.start()]))
        if content and kind_of(core[match.end() :]):
            return _without_closings(core[: match.start()].rstrip(_EDGE + "("))
    while True:
        tail = max(0, len(core) - _END)
        found = list(_WORDS.finditer(core, tail))
        most = min(_MAX_PHRASE, len(found) - 1)
        starts = [found[-length].start() for length in (1, most) if most > 0]
        if not may_end("closing", *(words_of(core[start:]) for start in starts)):
            return core
        for length in range(most, 0, -1):
            start = found[-length].start()
            rest = core[:start].rstrip(_EDGE + "(")
            closes = is_one_of("closing", words_of(core[start:]))
            if closes and any(word.is_content for word in words(rest)):
                core = rest
                break
        else:
            return core
