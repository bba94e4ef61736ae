"""Talk to the bot, told from questions to the documents by what it is made of.

A message is talk when all of it is sayings ("thanks", "who made you") and the words that stand
beside them ("so much, mate"), or has a shape in which nobody asks a document: a statement about
the bot or its answer, a question whose every word is about a bot. One word of another kind makes
it a question. The sayings and the words are data in talk.txt.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bot.english.spelling import SHORTHAND
from bot.model import Talk

# What is longer asks or tells something.
MAX_WORDS = 20
MAX_LENGTH = 200
# A statement about the bot or its answer may be so long, whatever its words are.
MAX_STATEMENT = 10

# Of several kinds in one message, the first is answered.
ORDER = (
    Talk.GUIDE,
    Talk.SOURCES,
    Talk.REMARK,
    Talk.MORE,
    Talk.THANKS,
    Talk.GREETING,
    Talk.AROUND,
)
_WORD = re.compile(r"\+1(?!\d)|[^\W_]+(?:['’][^\W_]+)*")
_CLITICS = {
    "n't": " not", "'re": " are", "'s": " is", "'ll": " will", "'ve": " have", "'m": " am",
    "'d": " would",
}  # fmt: skip
# Shorthand of chat beside that which a question may have.
_CHAT = SHORTHAND | {
    "btw": "btw", "q": "q", "bw": "bw", "bn": "bn", "r": "are", "cant": "can not",
    "cannot": "can not", "youre": "you are", "ur": "you are", "whatre": "what are", "id": "i would",
    "ill": "i will", "wasnt": "was not", "arent": "are not", "gud": "good", "gr8": "great",
    "thks": "thanks", "thnks": "thanks", "thankss": "thanks", "tnx": "thanks", "thanku": "thanks",
    "pls": "please", "plz": "please", "okey": "ok", "lets": "let us", "d'you": "do you",
    "y'all": "you", "ain't": "is not", "aint": "is not", "won't": "will not", "can't": "can not",
    "wassup": "what is up", "whatsup": "what is up", "sup": "what is up", "hru": "how are you",
    "wru": "who are you", "wyd": "what are you doing", "tyvm": "thanks", "+1": "agreed",
}  # fmt: skip
ASKING_WORDS = frozenset("who whom whose what which when where why how".split())
_AUXILIARY = frozenset(
    """
    is are was were am do does did has have had will would can could should shall may might must
    """.split()
)
_YOU = frozenset("you your yours yourself yourselves bot chatbot".split())
_BACK = frozenset("it this that these those them they there".split())
# After a question to the bot these go on to what it is about: "how do I ask for leave".
_ONWARD = _BACK | frozenset("for about with to from in on at of by".split())
_STATEMENT = re.compile(
    r"(?:(?:but|and|so|no|yes|ok|hey|hi|well|oh|wow|sorry|hmm|i think|i guess|i mean)\ )*"
    r"(?:you\b|your\ (?:answer|reply|response)|(?:this|the|a|what\ a)\ (?:\w+\ )?"
    r"(?:bot|answer|reply|response)\b"
    r"|(?:this|that|it|these|those)\ (?:(?:really|just|also|still|so|all)\ )?"
    r"(?:is|was|are|were|does|did|has|had|will|would|can|could|should|seems?|looks?|sounds?|feels?"
    r"|makes?|made|helps?|helped|works?|worked|answers?|answered|sucks?|says?|said)\b)",
    re.X,
)
_THANKS = re.compile(
    r"(?:(?:ok|okay|oh|wow|great|perfect|cool|no|yes|ah|well|hey|and|so|many|big|i|we|really|much"
    r"|just|wanted|want|to|say|would|like|a)\ )*(?:thanks|thank|thx|appreciate|appreciated|cheers"
    r"|grateful|congrats|congratulations)\b"
)
_ASKS_AFTER = re.compile(
    r"(?:\b(?:but|and|so|also|now|then)\ |[,;:.!-]\ *)"
    r"(?:who|what|which|when|where|why|how|is|are|do|does|can|could|will|would|should)\b"
)


class _Lists(NamedTuple):
    sayings: Mapping[str, Talk]
    words: Mapping[str, frozenset[str]]
    phrases: Mapping[str, frozenset[str]]
    longest: int


def words_of(text: str) -> list[str]:
    """The words as they are compared with the sayings: small, shorthand written out.

    >>> words_of("Thx, what's UP?? sooooo cool")
    ['thanks', 'what', 'is', 'up', 'so', 'cool']
    """
    found: list[str] = []
    for match in _WORD.finditer(text[:MAX_LENGTH].casefold().replace("’", "'")):
        word = match.group()
        word = _CHAT.get(word, word)
        for clitic, written in _CLITICS.items():
            if word.endswith(clitic):
                word = word.removesuffix(clitic) + written
        found += map(_unstretched, word.split())
    return found


def kind_of(text: str) -> Talk | None:
    """What kind of talk a sentence or a piece of one is; None for what may ask the documents.

    >>> kind_of("thanks for the quick reply!"), kind_of("thanks, who pays?"), kind_of("r u a bot?")
    (<Talk.THANKS: 'thanks'>, None, <Talk.GUIDE: 'guide'>)
    """
    if len(text) > MAX_LENGTH:
        return None
    said = words_of(text)
    if not said or len(said) > MAX_WORDS:
        return None
    kind = _covered(said)
    if kind is not None and kind is not Talk.AROUND:
        return kind
    return _about_the_bot(said, text) or _statement(said, text) or kind


def covered(text: str) -> Talk | None:
    """The same, for nothing but sayings and the words beside them."""
    said = words_of(text) if len(text) <= MAX_LENGTH else []
    return _covered(said) if 0 < len(said) <= MAX_WORDS else None


def is_one_of(section: str, words: Sequence[str]) -> bool:
    """Whether words are a whole entry of a section of the list."""
    return " ".join(words) in _lists().phrases[section]


def _covered(said: Sequence[str]) -> Talk | None:
    """The kind of the sayings when nothing but them and the words beside them is there."""
    lists = _lists()
    function = lists.words["function"]
    beside = function | lists.words["beside"]
    kinds: set[Talk] = set()
    sure, alone, denied = False, True, False
    start = 0
    while start < len(said):
        length, kind = _saying_at(said, start, lists)
        if kind is not None:
            kinds.add(kind)
            sure = sure or length > 1 or said[start] not in function
            asks = said[start] in ASKING_WORDS and length > 1
            if asks and {*said[start + length : start + length + 1]} & _ONWARD:
                return None
        elif said[start] in beside or (said[start][0].isdigit() and Talk.AROUND in kinds):
            length, alone = 1, False
            denied = denied or said[start] == "not"
        else:
            return None
        start += length
    if not (sure or alone):  # "so is it this one?" goes on from an earlier question
        return None
    if denied and kinds <= {Talk.THANKS, Talk.AROUND}:
        return Talk.REMARK
    return next((kind for kind in ORDER if kind in kinds), None)


def _saying_at(said: Sequence[str], start: int, lists: _Lists) -> tuple[int, Talk | None]:
    """How many words the longest saying has that begins here, and its kind."""
    for length in range(min(lists.longest, len(said) - start), 0, -1):
        kind = lists.sayings.get(" ".join(said[start : start + length]))
        asks = length == 1 and said[start] in ASKING_WORDS and start + 1 < len(said)
        if kind is not None and not asks:
            return length, kind
    return 0, None


def _about_the_bot(said: Sequence[str], text: str) -> Talk | None:
    """A question to the bot about itself, or about what it answers from."""
    lists = _lists()
    found = set(said)
    if not found & _YOU:
        return None
    function = lists.words["function"]
    if found & lists.words["material"] and found <= (
        lists.words["material"] | lists.words["in_material"] | function
    ):
        return Talk.SOURCES
    asks = text.rstrip(" )\"'").endswith("?") or bool({*said[:3]} & (ASKING_WORDS | _AUXILIARY))
    if asks and not found & _BACK and found <= lists.words["bot"] | function | _YOU:
        return Talk.GUIDE
    return None


def _statement(said: Sequence[str], text: str) -> Talk | None:
    """A statement about the bot, its answer or thanks for it, in which nothing is asked."""
    spoken = " ".join(said)
    if "?" in text or _ASKS_AFTER.search(text.casefold()):
        return None
    if _THANKS.match(spoken):
        return Talk.THANKS
    if len(said) > MAX_STATEMENT or set(said) & ASKING_WORDS or not _STATEMENT.match(spoken):
        return None
    kinds = {_lists().sayings.get(word) for word in said}
    pleased = Talk.THANKS in kinds and not kinds & {Talk.REMARK} and "not" not in said
    return Talk.THANKS if pleased else Talk.REMARK


def _unstretched(word: str) -> str:
    """A word without letters that were held down: *thaaanks*, *soooo*."""
    short = re.sub(r"([^\W\d_])\1{2,}", r"\1", word)
    double = re.sub(r"([^\W\d_])\1{2,}", r"\1\1", word)
    return double if double != short and _is_known(double) and not _is_known(short) else short


def _is_known(word: str) -> bool:
    lists = _lists()
    return word in lists.sayings or any(word in words for words in lists.words.values())


@cache
def _lists() -> _Lists:
    sections = _sections()
    sayings: dict[str, Talk] = {}
    for kind in Talk:
        for saying in sections.get(kind.value, ()):
            sayings.setdefault(" ".join(_written_out(saying)), kind)
    phrases = {
        name: frozenset(" ".join(_written_out(saying)) for saying in sections[name])
        for name in ("opening", "closing")
    }
    words = {
        name: frozenset(word for line in sections[name] for word in line.split())
        for name in ("function", "beside", "bot", "material", "in_material")
    }
    longest = max(saying.count(" ") + 1 for saying in sayings)
    return _Lists(sayings, words, phrases, longest)


def _written_out(saying: str) -> list[str]:
    return [word for one in saying.split() for word in _CHAT.get(one, one).split()]


def _sections() -> dict[str, list[str]]:
    """The entries of each section of the list."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in Path(__file__).with_name("talk.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            found[name] = []
        elif line and not line.startswith("#"):
            found[name] += [entry.strip() for entry in line.split(";")]
    return found
