"""The analyser for documents and questions: text to words and sentences with their offsets."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import Stemmer

from bot.english.patterns import lazy_pattern
from bot.english.sentences import sentences as sentences

# Function words by part of speech. They show how a sentence is built, not what it is about.
STOP_WORDS = frozenset(
    """
    a an the this that these those
    i me my mine myself we us our ours ourselves you your yours yourself yourselves
    he him his himself she her hers herself it its itself they them their theirs themselves
    one ones someone somebody anyone anybody everyone everybody something anything everything
    who whom whose which what when where why how whoever whatever whichever
    am is are was were be been being do does did doing done have has had having
    will would shall should can could may might must ought ca wo sha ain
    not no nor yes
    and or but if then else so than as because while although though whether unless until
    of in on at by for with about against between into through during before after above below
    to from up down out off over under again further within without upon toward towards via per
    across along around behind beside besides beyond near since despite like
    here there now just only also too very more most much many some any each every both either
    neither such other another same own all few several rather quite even still yet ever really
    according supposed
    please thanks thank ok okay hi hello hey
    mr mrs ms miss sir dr lord lady dame
    """.split()
)

# Characters inside a word that do not change its meaning: combining accents, soft hyphens,
# zero-width characters.
_MARKS = "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff"
_GAP = "[ \u00a0\u2009\u202f]"
# Units that may follow a number without a space, in any case, since questions are in lower case.
_UNITS = (
    "(?i:[kmgt]b|[kmg]?[glmwv]|[ckm]m|[km]?wh|h|hrs?|mins?|secs?|s|ms|k|bn|mn|eur|usd|gbp"
    "|days?|hours?|minutes?|weeks?|months?|years?)"
)
_NUMBER = "|".join(
    (
        r"\d{4}-\d\d-\d\d(?!\w)",
        rf"\d{{1,2}}(?:[:.]\d\d)?{_GAP}?(?:[aApP][mM](?!\w)|[aApP]\.[mM]\.?(?!\w))",
        r"\d{1,2}:\d\d(?![\w:])",
        rf"\d{{1,3}}(?:{_GAP}\d{{3}})+(?!{_GAP}?\d|\w)",
        r"\d+(?:[.,'’]\d+)+",
        rf"\d+(?=(?:{_UNITS})(?!\w))",
    )
)
_SYMBOLS = "|".join(
    (
        r"[^\W\d_]{1,8}(?:\+\+|\#)(?!\w)",  # C++, C#
        r"[A-Z]\+(?!\w)",  # grade A+
        r"[vV]\d+(?:\.\d+)*(?!\w)",  # v2.3.1
        r"(?:[^\W\d_]\.){2,}(?!\w)",  # U.K.
        r"[^\W\d_]{1,3}&[^\W\d_]{1,3}(?!\w)|[^\W\d_]\ &\ [^\W\d_](?!\w)",  # R&D
        r"[^\W\d_]/[^\W\d_](?![\w/])",  # A/B
    )
)
# The first alternative is a fast path: most words are letters that end before one of these.
_WORD = re.compile(
    rf"""[A-Za-z][a-z]+(?=[ ,;:)\n]|\.\s)
    | (?=\d)(?:{_NUMBER})
    | (?=[^\W\d_][+\#.&/\d\ ]|[^\W\d_]{{2,8}}[+\#&])(?<![^\W_])(?:{_SYMBOLS})
    | [^\W_]+(?:(?:['’ʼ]|-\n(?=[a-z])|[{_MARKS}]+)[^\W_]+)*[\u0300-\u036f]*
    | (?<![\w.])\.(?:NET|net)(?!\w)
    | [$£€](?={_GAP}?\d) | (?<=\d)[$£€%] | (?<=\d{_GAP})[£€%]""",
    re.X,
)
_CLITIC = re.compile(r"(?<=\w)(?:n't|'(?:s|re|ll|ve|d|m))$")
_NOTHING = re.compile(rf"[{_MARKS}]|-\n")
_TIME = lazy_pattern(r"(\d+)(?:[:.](\d\d))?\W?(?:([ap])\.?m\.?)?")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_TENS = {
    word: str(number)
    for number, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
# Numbers are looked up as digits. "one" is not listed, because it is usually a pronoun.
NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        """
        two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen
        """.split(),
        start=2,
    )
} | {word: f"{digit}0" for word, digit in _TENS.items()}
_ORDINALS = {
    word: str(number)
    for number, word in enumerate(
        """
        fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
        fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
        """.split(),
        start=4,
    )
}
# One spelling for words that are written in several ways.
_SAME = {
    **NUMBERS, **_ORDINALS, "1st": "first", "2nd": "second", "3rd": "third",
    "kb": "kilobyte", "mb": "megabyte", "gb": "gigabyte", "tb": "terabyte",
    "kg": "kilogram", "kgs": "kilogram", "kilo": "kilogram", "kilos": "kilogram",
    "km": "kilometre", "cm": "centimetre", "mm": "millimetre", "kilometer": "kilometre",
    "kilometers": "kilometre", "centimeter": "centimetre", "centimeters": "centimetre",
    "kwh": "kilowatthour", "hr": "hour", "hrs": "hour", "mins": "minute", "secs": "second",
    "eur": "euro", "usd": "dollar", "gbp": "pound", "bn": "billion",
    "€": "euro", "$": "dollar", "£": "pound", "%": "percent",
}  # fmt: skip
# The same, but only after a number.
_AFTER_A_NUMBER = {
    "h": "hour", "min": "minute", "s": "second", "sec": "second", "m": "metre", "meter": "metre",
    "meters": "metre", "g": "gram", "l": "litre", "ms": "millisecond", "liter": "litre",
    "liters": "litre",
}  # fmt: skip
# Words whose meaning depends on the words beside them; digits do too, but are not listed.
IN_CONTEXT = frozenset((*_AFTER_A_NUMBER, "one", "k", "may", "first", "second", "third"))
# Things that are numbered or lettered: in "building one", "one" is a number.
COUNTED = frozenset(
    """
    building floor room level phase step part section chapter gate wing grade severity tier zone
    stage platform terminal team class type appendix annex article block door line group option
    band hall lane priority plan form page table figure rule
    """.split()
)
MONTHS = """
    january february march april May june july august september october november december
    """.split()
_MONTH_NEXT = re.compile(rf"(?: of)? (?:{'|'.join(MONTHS)})(?!\w)", re.I)
_BEFORE_MAY = frozenset("in of by since until till last next early late mid before after".split())
# In capitals these are emphasis; any other function word in capitals is a name: WHO, IT, OR.
_STRESSED = frozenset(
    """
    a an the i this that these those is are was were be am do does did have has will would shall
    should can could may might must not no nor yes and but if then than because unless until to
    for with without before after up down out off over under again only also too very more most
    all any each every both either neither such other same own never now here please ok
    """.split()
)
# In capitals this is the country; "us" is the pronoun.
_UNITED_STATES = frozenset(("US", "U.S", "U.S."))
_stemmer = Stemmer.Stemmer("english")


class Word(NamedTuple):
    """A word at `text[start:end]`: its normal form (`plain`) and its stem (`term`)."""

    plain: str
    term: str
    start: int
    end: int

    @property
    def is_content(self) -> bool:
        """Whether it says what a text is about: it is not a stop word."""
        return self.plain not in STOP_WORDS


@lru_cache(maxsize=65536)
def plain(word: str) -> str:
    """The normal form of a word: lower case, without accents, dots and clitics such as "'s".

    Numbers become digits, times of day use the 24-hour clock, versions lose their "v", and each
    unit has one spelling.

    >>> [plain(word) for word in ("Élysée", "Ukraine’s", "U.S.", "what's", "seven", "2,500")]
    ['elysee', 'ukraine', 'us', 'what', '7', '2500']
    >>> [plain(word) for word in ("9 a.m.", "09:00", "v2.3.1", "10 000", "14th", "25MB", "C++")]
    ['9:00', '9:00', '2.3.1', '10000', '14', '25mb', 'c++']
    """
    folded = word.casefold()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded)
        folded = "".join(c for c in decomposed if not unicodedata.combining(c))
        folded = folded.replace("’", "'").replace("ʼ", "'").casefold()
    folded = _NOTHING.sub("", folded)
    if folded[:1].isdigit():
        return _SAME.get(folded) or _number(folded)
    if folded[:1] == "v" and folded[1:2].isdigit() and folded[1:].replace(".", "").isdigit():
        return folded[1:]
    if folded[:1] == ".":
        return folded
    folded = folded.replace(".", "").replace(" ", "")
    bare = _CLITIC.sub("", folded)
    return _SAME.get(bare, bare)


def _number(written: str) -> str:
    if ":" in written or written.rstrip(".")[-1:] == "m":
        time = _TIME.fullmatch(written)
        if time and (":" in written or time[3]):
            hour = int(time[1])
            if time[3]:
                hour = hour % 12 + (12 if time[3] == "p" else 0)
            return f"{hour}:{time[2] or '00'}"
    ordinal = _ORDINAL.fullmatch(written)
    return ordinal[1] if ordinal else written.translate(_IN_A_NUMBER)


_IN_A_NUMBER = str.maketrans("", "", ", '")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The Snowball (Porter 2) stem of a word that is in `plain` form."""
    return str(_stemmer.stemWord(word))


def stems(words: Sequence[str]) -> list[str]:
    """The stems of many words; faster than calling `stem` for each."""
    found: list[str] = _stemmer.stemWords(
        [
            word
            if word.isascii() and word.isalpha() and word.islower() and word not in _SAME
            else plain(word)
            for word in words
        ]
    )
    return found


# "sessionTimeout", but not "iPhone". Two short parts with a capital first may be a name, as
# "YouTube" is; "QueueDepth" is an identifier.
_IDENTIFIER = lazy_pattern(
    r"(?<![^\W_])(?:[a-z]{2,}\d*(?:[A-Z]+[a-z0-9]*)+|(?:[A-Z][a-z0-9]+){3,}"
    r"|[A-Z][a-z]{4,}[A-Z][a-z]{4,})(?![^\W_])"
)
_HUMP = re.compile(r"[a-z0-9][A-Z]")
_PART = lazy_pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


@lru_cache(maxsize=1024)
def identifier_parts(text: str) -> tuple[Word, ...]:
    """The words inside each identifier of a text, each with the identifier's span.

    >>> [part.plain for part in identifier_parts("set sessionTimeout on YouTube, QueueDepth")]
    ['session', 'timeout', 'queue', 'depth']
    """
    if not _HUMP.search(text):
        return ()
    return tuple(
        word._replace(start=match.start(), end=match.end())
        for match in _IDENTIFIER.finditer(text)
        for word in words(" ".join(_PART.findall(match.group())))
    )


_EMAIL = lazy_pattern(r"(?<![\w.+@-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?![\w@])")


def addresses(text: str) -> tuple[Word, ...]:
    """The word "email" for each e-mail address in a text, with the address's span.

    >>> [word.plain for word in addresses("Payroll: pay@mill.example")]
    ['email']
    """
    if "@" not in text:
        return ()
    found = _EMAIL.finditer(text)
    return tuple(Word("email", stem("email"), match.start(), match.end()) for match in found)


FUNCTION_TERMS = frozenset(stem(word) for word in STOP_WORDS)
# Verbs that add little to their object: a meeting is held, a decision made.
LIGHT_VERBS = frozenset(
    stem(word)
    for word in """
    held came come happen happened occur occurred get got gotten make made give gave given
    """.split()
)


@lru_cache(maxsize=1024)
def words(text: str) -> tuple[Word, ...]:
    """The words of a text with their spans. A hyphen separates words, an apostrophe does not."""
    found: list[Word] = []
    for match in _WORD.finditer(text):
        form, term, ambiguous = _looked_up(match.group())
        if ambiguous:
            _add_in_context(found, text, match, form)
        else:
            found.append(Word(form, term, match.start(), match.end()))
    return tuple(found)


@lru_cache(maxsize=65536)
def _looked_up(written: str) -> tuple[str, str, bool]:
    """A word's plain form and stem, and whether they depend on the words beside it."""
    if written in _UNITED_STATES:
        return "usa", stem("usa"), False
    form = plain(written)
    ambiguous = (
        form in IN_CONTEXT
        or (len(form) == 1 and form.isdigit() and not written[0].isdigit())
        or (written.isupper() and form in STOP_WORDS)
        or (written[0].isdigit() and written[4:5] == "-")
    )
    return form, stem(form), ambiguous


def _add_in_context(found: list[Word], text: str, match: re.Match[str], form: str) -> None:
    """Append a word whose form depends on the words beside it; dates become three words."""
    written, (start, end) = match.group(), match.span()
    before = found[-1] if found and start - found[-1].end <= 1 else None
    if written[4:5] == "-":
        year, month, day = written.split("-")
        name = MONTHS[int(month) - 1] if 1 <= int(month) <= len(MONTHS) else month
        found.append(Word(year, year, start, start + 4))
        found.append(Word(name, stem(name), start + 5, start + 7))
        form, start = day.lstrip("0") or "0", start + 8
    elif before and before.plain[0].isdigit() and form == "k" and before.end == start:
        found.pop()
        form, start = _thousands(before.plain), before.start
    elif before and before.plain[0].isdigit() and form in _AFTER_A_NUMBER:
        form = _AFTER_A_NUMBER[form]
    elif before and (form == "one" or form.isdigit()):
        unit = "1" if form == "one" else form
        if text[before.start : before.end].casefold() in _TENS:
            found.pop()
            form, start = before.plain[0] + unit, before.start
        elif before.plain in COUNTED:
            form = unit
    elif form in ("first", "second", "third"):
        if _MONTH_NEXT.match(text, end) or (before and before.plain in MONTHS):
            form = str(("first", "second", "third").index(form) + 1)
    elif form == "may" and _is_month(found, text, match):
        form = "May"
    elif written == "A" and before and _is_letter(before, text, match):
        form = "A"
    elif written.isupper() and form not in _STRESSED and _is_name(found, text, match):
        form = written.replace(".", "")
    found.append(Word(form, stem(form), start, end))


def _thousands(number: str) -> str:
    try:
        return f"{float(number) * 1000:.0f}"
    except ValueError:  # a version: 1.2.3k
        return number


_NEXT = re.compile(r"\W{0,2}(\w{1,20})")


def _next(text: str, end: int) -> str:
    match = _NEXT.match(text, end)
    return match[1] if match else ""


def _is_month(found: Sequence[Word], text: str, match: re.Match[str]) -> bool:
    after = _next(text, match.end())
    before = found[-1] if found else None
    if after[:1].isdigit():
        return True
    if before is None or text[before.end : match.start()] not in (" ", ", ", "-"):
        return False
    if before.plain in _BEFORE_MAY:
        return True
    return match.group() == "May" and not after[:1].isupper()


def _is_letter(before: Word, text: str, match: re.Match[str]) -> bool:
    """Whether this "A" is a letter, as in "grade A"."""
    return before.is_content and not _next(text, match.end())[:1].isupper()


def _is_name(found: Sequence[Word], text: str, match: re.Match[str]) -> bool:
    """Whether a word is in capitals and the words beside it are not."""
    after = _next(text, match.end())
    if not found:
        return bool(after) and not after.isupper() and after.casefold() not in STOP_WORDS
    before = text[found[-1].start : found[-1].end]
    return not any(len(word) > 1 and word.isupper() for word in (before, after))


# Text that only points elsewhere: "See the section on X.", "For more, see X."
_POINTER = re.compile(
    r"""(?:for\s[^.!]*?,?\s(?:please\s)?|please\s|\(\s?|(?:also|but)\s)?
    (?:see|refer\ to|go\ to|read|consult|check(?:\ out)?):?\ (?:also\ )?
    (?:the\ |our\ |this\ |its\ |these\ |that\ )?
    (?:[^.!]*\b(?:section|question|chapter|page|guide|handbook|document|entry|answer|appendix|article|below|above)\b
      |[^.!]*\bfor\ (?:more|further|additional|details|the\ (?:details|full|complete)|information)
      |[^.!?]*\?)
    [^.!]*[.!)]*
    | for\ (?:more|further|additional|details|(?:the\ )?(?:full|complete))\b
      [^.!]*\b(?:see|read|refer|consult|check|visit)\b[^!]*
    | (?:for\ )?(?:more|further|additional|(?:the\ )?(?:full|complete))
      \ (?:information|details?|guidance)\ (?:is|are|can\ be|may\ be)\b[^!]*""",
    re.I | re.X,
)
# Longer text says something of its own.
MAX_POINTER_LENGTH = 200


def points_elsewhere(text: str) -> bool:
    """Whether a text only points elsewhere.

    >>> points_elsewhere("For details, see Parking."), points_elsewhere("See a doctor!")
    (True, False)
    """
    said = " ".join(text.split())
    return len(said) <= MAX_POINTER_LENGTH and bool(_POINTER.fullmatch(said))
