"""Tells talk to the bot from questions to the documents.

A message is talk if it consists only of sayings ("thanks", "who made you") and the words that go
with them ("so much, mate"), or has a form in which nobody asks about documents: a statement about
the bot or its answer, or a question in which every word is about a bot. Any other word makes it a
question. The sayings and the words are data in talk.txt.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from bot.english.patterns import lazy_pattern
from bot.english.spelling import SHORTHAND
from bot.model import Talk

# Longer messages, in words or characters, are never talk.
MAX_WORDS = 20
MAX_LENGTH = 200
# In words: the longest statement about the bot or its answer.
MAX_STATEMENT = 10
# Size of the cache of messages' words: the same pieces of a question are examined repeatedly.
MAX_CACHED = 200

# If a message has several kinds of talk, the first of these gets the reply.
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
# Chat shorthand, including that of questions.
_CHAT = SHORTHAND | {
    "btw": "btw", "q": "q", "bw": "bw", "bn": "bn", "r": "are", "cant": "can not",
    "cannot": "can not", "youre": "you are", "ur": "you are", "whatre": "what are", "id": "i would",
    "ill": "i will", "wasnt": "was not", "arent": "are not", "gud": "good", "gr8": "great",
    "thks": "thanks", "thnks": "thanks", "thankss": "thanks", "tnx": "thanks", "thanku": "thanks",
    "pls": "please", "plz": "please", "okey": "ok", "lets": "let us", "d'you": "do you",
    "y'all": "you", "ain't": "is not", "aint": "is not", "won't": "will not", "can't": "can not",
    "wassup": "what is up", "whatsup": "what is up", "sup": "what is up", "hru": "how are you",
    "wru": "who are you", "wyd": "what are you doing", "tyvm": "thanks", "+1": "agreed",
    "gotta": "got to", "c'mon": "come on", "imma": "i will", "gimme": "give me",
    "whatcha": "what are you", "whaddya": "what do you", "dunno": "do not know",
    "kinda": "kind of",
}  # fmt: skip
ASKING_WORDS = frozenset("who whom whose what which when where why how".split())
_AUXILIARY = frozenset(
    """
    is are was were am do does did has have had will would can could should shall may might must
    """.split()
)
# "This tool" is the bot.
_CALLED_BOT = frozenset("app tool thing assistant chatbot robot chat program service".split())
_LAUGHTER = re.compile(r"a?(?:ha|he|hi|ah|ja|lo|ho){2,}[hl]?")
# In a question with only these words, "that" is what the bot said.
_SPEECH = frozenset(
    """
    say said saying talk talking mean meaning meant make made making invent invented understand
    understood read reading answer answered answering know lie lying lied kidding joking check
    checked try trying think thinking guess guessing tell telling told get got look looked
    """.split()
)
_YOU = frozenset("you your yours yourself yourselves bot chatbot".split())
_BACK = frozenset("it this that these those them they there".split())
# If one of these follows a saying, the message has a subject: "how do I ask for leave".
_ONWARD = _BACK | frozenset("for about with to from in on at of by".split())
_STATEMENT = lazy_pattern(
    r"(?:(?:what a|but|and|so|no|yes|ok|hey|hi|well|oh|wow|sorry|hmm|i think|i guess|i mean)\ )*"
    r"(?:you\b(?!\ (?:must|may|should|need|have\ to|can|will|shall|are\ (?:required|allowed)))"
    r"|your\ (?:answer|reply|response)|(?:this|the|a|what\ a)\ (?:\w+\ )?"
    r"(?:bot|answer|reply|response)\b"
    r"|(?:this|that|it|these|those)\ (?:(?:really|just|also|still|so|all)\ )?"
    r"(?:is|was|are|were|does|did|has|had|will|would|can|could|should|seems?|looks?|sounds?|feels?"
    r"|makes?|made|helps?|helped|works?|worked|answers?|answered|sucks?|has|explains?|explained|solves?|solved|clears?|goes|says?|said)\b)",
    re.X,
)
_INTRODUCES = lazy_pattern(
    r"\W*(?:(?:hi|hello|hey)\W+)?(?:i'm|i am|im|my name is|my name's|this is|it's)\ "
    r"(?-i:[A-Z][a-z]{1,15}(?:\ [A-Z][a-z]{1,15})?)(?:\ here|\ speaking)?\W*$",
    re.I,
)
# Orders to the bot, which do not ask about the documents.
_ORDER_TO_THE_BOT = lazy_pattern(
    r"""(?:(?:please|now|bot|ok|just|can\ you|could\ you|and)\ )*
    (?:(?:sing|dance)(?:$|\ (?:for|with|a|me|us|now|along)\b)|pretend|imagine|roleplay
    |act\ (?:as|like)|say\b(?!\ more)|repeat\ after|make\ me\b
    |write\ (?:me\ )?an?\ (?:poem|song|story|haiku|joke|rap|limerick)
    |tell\ (?:me|us)\ an?(?:other)?\ (?:\w+\ )?(?:joke|story|secret|riddle|poem|fact)\b
    |(?:ignore|forget|disregard)\ (?:all|any|previous|prior|your|my|that|this|me|everything
      |the\ above|what)\b
    |(?:print|reveal|show\ me|tell\ me|repeat|give\ me)\ your\ (?:system\ )?
      (?:prompt|instructions|rules|secrets?)\b
    |(?:do|try|check|read|look|think|answer)\ (?:(?:it|that|this)\ )?again\b)""",
    re.X,
)
_I_WILL = lazy_pattern(
    r"(?:(?:but|and|so|no|yes|ok|well|oh|then|maybe)\ )*(?:i|we)\ (?:(?:just|already|really)\ )?"
    r"(?:will|found|figured|guess|hope|see|knew|thought|meant|asked|agree|believe|disagree|doubt"
    r"|did\ not\ (?:mean|ask|say|want)|do\ not\ (?:believe|think|agree|care|like|trust))\b"
)
_THANKS = lazy_pattern(
    r"(?:(?:ok|okay|oh|wow|great|perfect|cool|no|yes|ah|well|hey|and|so|many|big|i|we|really|much"
    r"|just|wanted|want|to|say|would|like|a)\ )*(?:thanks|thank|thx|appreciate|appreciated|cheers"
    r"|grateful|congrats|congratulations)\b(?:\ you\b)?"
)
_ASKS_AFTER = lazy_pattern(
    r"(?:\b(?:but|and|so|also|now|then)\ |[,;:.!-]\ *)"
    r"(?:who|what|which|when|where|why|how|is|are|do|does|can|could|will|would|should)\b"
)


class _Lists(NamedTuple):
    sayings: Mapping[str, Talk]
    words: Mapping[str, frozenset[str]]
    phrases: Mapping[str, frozenset[str]]
    firsts: Mapping[str, frozenset[str]]
    lasts: Mapping[str, frozenset[str]]
    longest: int


def words_of(text: str) -> list[str]:
    """The words in the form of the sayings: in lower case, with shorthand expanded.

    >>> words_of("Thx, what's UP?? sooooo cool")
    ['thanks', 'what', 'is', 'up', 'so', 'cool']
    """
    return list(_words_of(text[:MAX_LENGTH]))


@lru_cache(MAX_CACHED)
def _words_of(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for match in _WORD.finditer(text.casefold().replace("’", "'")):
        found += _spelt_out(match.group())
    found = " ".join(found).replace("article bot", "bot").split()
    for place in range(1, len(found)):
        if found[place] in _CALLED_BOT and found[place - 1] in ("this", "your"):
            found[place] = "bot"
    return tuple(found)


def kind_of(text: str) -> Talk | None:
    """The kind of talk that a sentence or a piece of one is; None if it may ask the documents.

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
    """The kind of talk of a text with only sayings and the words that go with them, or None."""
    said = words_of(text) if len(text) <= MAX_LENGTH else []
    return _covered(said) if 0 < len(said) <= MAX_WORDS else None


def is_one_of(section: str, words: Sequence[str]) -> bool:
    """Whether words are a whole entry of a section of talk.txt."""
    return " ".join(words) in _lists().phrases[section]


def may_begin(section: str, *words: Sequence[str]) -> bool:
    """Whether any entry of a section begins with the first word of one of these."""
    return any(one[0] in _lists().firsts[section] for one in words if one)


def may_end(section: str, *words: Sequence[str]) -> bool:
    """Whether any entry of a section ends with the last word of one of these."""
    return any(one[-1] in _lists().lasts[section] for one in words if one)


def _covered(said: Sequence[str]) -> Talk | None:
    """The kind of talk of words that are only sayings and the words that go with them, or None."""
    lists = _lists()
    function = lists.words["function"]
    address = function | lists.words["address"]
    beside = address | lists.words["beside"]
    kinds: set[Talk] = set()  # function words such as "really" count only by themselves (`weak`)
    weak: set[Talk] = set()
    alone, denied = True, False
    start = 0
    while start < len(said):
        length, kind = _saying_at(said, start, lists)
        if kind is not None:
            (weak if length == 1 and said[start] in function else kinds).add(kind)
            if said[start] in ASKING_WORDS and length > 1:  # a question takes no further words
                beside = address
                if {*said[start + length : start + length + 1]} & _ONWARD:
                    return None
        elif said[start] in beside or (said[start][0].isdigit() and Talk.AROUND in kinds):
            length, alone = 1, False
            denied = denied or said[start] == "not"
        else:
            return None
        start += length
    if not kinds:
        if not alone:  # "so is it this one?" continues an earlier question
            return None
        kinds = weak & {Talk.THANKS} or weak
    if denied and kinds <= {Talk.THANKS, Talk.AROUND}:
        return Talk.REMARK
    return next((kind for kind in ORDER if kind in kinds), None)


def _saying_at(said: Sequence[str], start: int, lists: _Lists) -> tuple[int, Talk | None]:
    """The length in words of the longest saying that begins here, and its kind; (0, None)."""
    for length in range(min(lists.longest, len(said) - start), 0, -1):
        kind = lists.sayings.get(" ".join(said[start : start + length]))
        asks = length == 1 and said[start] in ASKING_WORDS and start + 1 < len(said)
        if kind is not None and not asks:
            return length, kind
    return 0, None


def _about_the_bot(said: Sequence[str], text: str) -> Talk | None:
    """The kind of a question about the bot itself or its sources, or None."""
    lists = _lists()
    found = {word for word in said if not word.isdigit()}
    if not found & _YOU or said[:2] == ["what", "a"]:
        return None
    function = lists.words["function"]
    if found & lists.words["material"] and found <= (
        lists.words["material"] | lists.words["in_material"] | function
    ):
        return Talk.SOURCES
    if not (text.rstrip(" )\"'").endswith("?") or {*said[:3]} & (ASKING_WORDS | _AUXILIARY)):
        return None
    of_speech = found & _SPEECH and found & {"did", "are", "have", "were"}
    if of_speech and found <= _SPEECH | function | _YOU | ASKING_WORDS | {"up"}:
        return Talk.REMARK
    on_itself = "bot" in found or not found & _BACK
    return Talk.GUIDE if on_itself and found <= lists.words["bot"] | function | _YOU else None


def _statement(said: Sequence[str], text: str) -> Talk | None:
    """The kind of a statement that thanks, or is about the bot or its answer; None if it asks."""
    spoken = " ".join(said)
    if "?" in text or _ASKS_AFTER.search(text.casefold()):
        return None
    thanked = _THANKS.match(spoken)
    if thanked:
        lists = _lists()
        after = spoken[thanked.end() :].split()[:1]
        known = lists.words["function"] | lists.words["beside"] | lists.words["address"]
        return Talk.THANKS if not after or after[0] in known or after[0] in lists.sayings else None
    if _INTRODUCES.match(text):
        return Talk.GREETING
    if len(said) > MAX_STATEMENT or (
        set(said) & ASKING_WORDS and said[:2] != ["what", "a"] and "what i " not in spoken
    ):
        return None
    if _ORDER_TO_THE_BOT.match(spoken):
        return Talk.REMARK
    if _I_WILL.match(spoken):
        return Talk.REMARK if "not" in said else Talk.THANKS
    if not _STATEMENT.match(spoken):
        return None
    kinds = {_lists().sayings.get(word) for word in said}
    if said[0] in ("it", "these") and kinds == {None}:  # "it is raining in the office"
        return None
    pleased = Talk.THANKS in kinds and not kinds & {Talk.REMARK} and "not" not in said
    return Talk.THANKS if pleased else Talk.REMARK


@lru_cache(4096)
def _spelt_out(word: str) -> tuple[str, ...]:
    """A word with shorthand and contractions expanded."""
    word = _CHAT.get(word, word)
    for clitic, written in _CLITICS.items():
        if word.endswith(clitic):
            word = word.removesuffix(clitic) + written
    return tuple(map(_unstretched, word.split()))


def _unstretched(word: str) -> str:
    """A word without repeated letters: *thaaanks*, *soooo*."""
    if _LAUGHTER.fullmatch(word):
        return "haha"
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
            sayings.setdefault(_written_out(saying), kind)
    phrases = {
        name: frozenset(map(_written_out, sections[name])) for name in ("opening", "closing")
    }
    words = {
        name: frozenset(word for line in sections[name] for word in line.split())
        for name in ("function", "beside", "address", "bot", "material", "in_material")
    }
    firsts, lasts = (
        {name: frozenset(one.split()[place] for one in phrases[name]) for name in phrases}
        for place in (0, -1)
    )
    longest = max(saying.count(" ") + 1 for saying in sayings)
    return _Lists(sayings, words, phrases, firsts, lasts, longest)


def _written_out(saying: str) -> str:
    said = saying.split()
    if not _CHAT.keys().isdisjoint(said):
        said = [_CHAT.get(word, word) for word in said]
    return " ".join(said)


def _sections() -> dict[str, list[str]]:
    """The entries of each section of talk.txt."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in Path(__file__).with_name("talk.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            found[name] = []
        elif line and not line.startswith("#"):
            found[name] += [entry.strip() for entry in line.split(";")]
    return found
