"""Text to words and sentences with their offsets: the one analyser, for documents and questions."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import sentencex
import Stemmer

# Function words by their part of speech. They say how a sentence is built, not what it is about.
STOP_WORDS = frozenset(
    """
    a an the this that these those
    i me my mine myself we us our ours ourselves you your yours yourself yourselves
    1
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

_WORD = re.compile(r"\d+(?:[.,]\d+)+|(?:[^\W\d_]\.){2,}(?!\w)|[^\W_]+(?:['’ʼ][^\W_]+)*")
_CLITIC = re.compile(r"(?<=\w)(?:n't|'(?:s|re|ll|ve|d|m))$")
# A number is looked up as its digits; "one" is mostly no number.
NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        """
        two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen twenty
        """.split(),
        start=2,
    )
}
# In capitals it is the country; "us" is the pronoun.
_UNITED_STATES = frozenset(("US", "U.S", "U.S."))
_stemmer = Stemmer.Stemmer("english")


class Word(NamedTuple):
    """A word at `text[start:end]`: as it is looked up (`plain`), and its stem (`term`)."""

    plain: str
    term: str
    start: int
    end: int

    @property
    def is_content(self) -> bool:
        """Says what a text is about, rather than how a sentence is built."""
        return self.plain not in STOP_WORDS


class Span(NamedTuple):
    """A stretch of a text, `text[start:end]`."""

    start: int
    end: int


@lru_cache(maxsize=65536)
def plain(word: str) -> str:
    """The word in lower case, without accents, points, and what an apostrophe adds to it.

    A number is its digits.

    >>> [plain(word) for word in ("Élysée", "Ukraine’s", "U.S.", "what's", "seven", "2,500")]
    ['elysee', 'ukraine', 'us', 'what', '7', '2500']
    """
    if word[:1].isdigit():
        return word.casefold().replace(",", "")
    folded = word.casefold().replace("’", "'").replace("ʼ", "'").replace(".", "")
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded)
        folded = "".join(c for c in decomposed if not unicodedata.combining(c))
    bare = _CLITIC.sub("", folded)
    return NUMBERS.get(bare, bare)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The word's stem by the Snowball rules for English (Porter 2); `word` is plain already."""
    return str(_stemmer.stemWord(word))


def stems(words: Sequence[str]) -> list[str]:
    """The stem of each of many words, in one call, which is faster than one by one."""
    found: list[str] = _stemmer.stemWords(
        [
            word if word.isascii() and word.islower() and word not in NUMBERS else plain(word)
            for word in words
        ]
    )
    return found


FUNCTION_TERMS = frozenset(stem(word) for word in STOP_WORDS)


@lru_cache(maxsize=1024)
def words(text: str) -> tuple[Word, ...]:
    """Each word with its place. A hyphen divides words, an apostrophe does not."""
    found = []
    for match in _WORD.finditer(text):
        written = match.group()
        form = "usa" if written in _UNITED_STATES else plain(written)
        found.append(Word(form, stem(form), match.start(), match.end()))
    return tuple(found)


def sentences(text: str) -> list[Span]:
    """Where each sentence stands, without the space around it."""
    found = []
    for boundary in sentencex.get_sentence_boundaries("en", text):
        start, end = boundary["start_index"], boundary["end_index"]
        sentence = text[start:end]
        start += len(sentence) - len(sentence.lstrip())
        end -= len(sentence) - len(sentence.rstrip())
        if start < end:
            found.append(Span(start, end))
    return found


# What only says where to look: "See the section on X.", "For more, see X."
_POINTER = re.compile(
    r"""(?:for\s[^.!]*?,?\s(?:please\s)?|please\s|\(\s?|(?:also|but)\s)?
    (?:see|refer\ to|go\ to|read|consult|check(?:\ out)?)\ (?:also\ )?
    (?:the\ |our\ |this\ |its\ |these\ |that\ )?
    (?:[^.!]*\b(?:section|question|chapter|page|guide|handbook|document|entry|answer|appendix|article|below|above)\b
      |[^.!]*\bfor\ (?:more|further|additional|details|the\ (?:details|full|complete)|information))
    [^.!]*[.!)]*""",
    re.I | re.X,
)
# Longer, it says something of its own.
MAX_POINTER_LENGTH = 200


def points_elsewhere(text: str) -> bool:
    """Whether a text says nothing but where to look.

    >>> points_elsewhere("See the section on parking for more."), points_elsewhere("See a doctor!")
    (True, False)
    """
    said = " ".join(text.split())
    return len(said) <= MAX_POINTER_LENGTH and bool(_POINTER.fullmatch(said))
