"""What a question asks for: its kind, its parts, an overview, or more on an earlier question."""

import re
import unicodedata
from collections.abc import Callable
from enum import Enum
from itertools import takewhile

from bot.english.patterns import lazy_pattern
from bot.english.spelling import SHORTHAND, is_english
from bot.english.text import STOP_WORDS, stem, words


class Kind(Enum):
    """The kind of thing that a question asks for."""

    WHO = "a name"
    WHO_IS = "who somebody is"
    WHEN = "a date or a time"
    HOW_LONG = "a duration"
    HOW_MANY = "a number"
    PRICE = "an amount of money"
    PHONE = "a phone number"
    EMAIL = "an e-mail address"
    WHERE = "a place"
    WHY = "a reason"
    STEPS = "what to do"
    YES_NO = "a yes or a no"
    ALL = "a whole list"
    OTHER = "nothing of a certain kind"


class Overview(Enum):
    """What a question about a whole document asks to see of it."""

    POINTS = "the main points"
    PEOPLE = "the people"
    PLACES = "the places"
    HEADINGS = "the headings"


# Patterns are strings, which `re` compiles and caches on first use. The first kind that matches
# wins.
_KINDS = {
    Kind.ALL: r"""
        \b(?:list|name|enumerate)\b .{0,200} \b(?:all|every|each|everything|everyone)\b
        | \ball\ (?:of\ )?the\ (?:\w+\ )?(?:names|leaders|members|countries|people|ways|reasons)\b
        | \bwhat\ (?:are|were)\ all\b""",
    Kind.HOW_LONG: r"""
        \bhow\ long\b | \bwhat\ (?:is\ the\ )?(?:duration|length)\b
        | \bhow\ many\ (?:\w+\ )?(?:seconds|minutes|hours|days|weeks|months|years)\b""",
    Kind.PRICE: r"""
        \bhow\ (?:much|expensive|costly)\b(?!\ (?:\w+\ )?(?:leave|time|holiday|vacation)\b)
            .{0,100} \b(?:costs?|costing|pay(?:s|ing)?|charged?|spend|spent|owe|earn|worth|prices?
            |fees?|refunded|fares?|rent|salar(?:y|ies)|wages?|bonus(?:es)?
            |paid(?!\ (?:leave|time|days?|holidays?|vacation|sick|parental)))\b
        | \bhow\ (?:expensive|costly)\b
        | \bwhat\ (?:does|do|did|will|would|can|could)\ .{0,100} \bcost\b
        | \bwhat\ (?:is|are|was|were)\ (?:the\ |an?\ )?(?:\w+\ ){0,2}
            (?:prices?|costs?|fees?|fare|rent|salary|deposit|fine\ for)\b""",
    Kind.HOW_MANY: r"""
        \bhow\ (?:many|much|big|large|high|tall|old|far|fast|often|frequently
            |heavy|deep|wide)\b
        | \bwhat\ (?:is\ the\ )?(?:total\ )?(?:number|amount|share|percentage)\b""",
    Kind.WHEN: r"""
        \bwhen\b | \bhow\ (?:soon|early|late)\b
        | \b(?:what|which)\ (?:date|day|time|year|month|week|weekday|decade|century)\b""",
    Kind.WHERE: r"""
        \bwhere\b | \b(?:what|which)\ (?:place|city|town|venue|location|capital)\b""",
    Kind.WHY: r"""
        \bwhy\b | \bhow\ come\b | \bto\ what\ end\b | \bwhat\ (?:\w+\ ){0,20}for\W{0,20}$
        | \bwhat\ (?:is|was)\ the\ (?:reason|point|purpose|aim|goal)\b""",
    Kind.WHO: r"""
        \bwho(?:se|m)?\b
        | \bwhich\ (?:\w+\ )?(?:person|people|countr(?:y|ies)|compan(?:y|ies)|part(?:y|ies)
            |(?:leader|politician|official|minister|president|government|nation|head\ of\ state
                |organi[sz]ation|team)s?)\b""",
    Kind.STEPS: r"""
        \bhow\ (?:do|does|can|could|should|would|must|shall|to|is|are)\b
        | \bwhat\ (?:are\ the\ )?(?:steps|instructions)\b
        | \bwhat\ (?:should|must|do)\ (?:i|we|you)\ do\b
        | \b(?:the\ )?(?:steps|procedure|process|instructions)\ (?:to|for|of|when)\b""",
    Kind.PHONE: r"""
        ^what\ (?:is|are)\ (?:[\w'.-]{1,30}\ ){0,4}
            (?:(?:tele)?phone|mobile|cell|fax|contact|hotline|emergency)\ numbers?\b""",
    Kind.EMAIL: r"""
        ^what\ (?:is|are)\ (?:[\w'.-]{1,30}\ ){0,4} e-?mail\ address(?:es)?\b
        | ^what\ is\ (?:the|your|our|his|her|their|(?:\w{1,30}\ ){0,2}\w{1,30}'s)
            \ (?:\w{1,30}\ )?e-?mail
            (?:\ (?:of|for)\b .{0,80})? \W{0,3}$""",
    Kind.YES_NO: r"""
        ^(?:(?:so|and|but|well)\b[ ,]*)* (?:is|are|was|were|do|does|did|has|have|had|will|would
            |can|could|should|shall|may|might|must|am)(?:n't)?\b""",
}


_DIMENSIONS = tuple("big large high tall old far fast heavy deep wide".split())
# Kinds that a word of the question may name, as "year" in "in which year".
_NAMED_BY_A_WORD = frozenset(
    (Kind.HOW_LONG, Kind.HOW_MANY, Kind.WHEN, Kind.WHERE, Kind.WHO, Kind.PHONE, Kind.EMAIL)
)


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


# Words about the document itself, the asker, or the asking. A question with no other words has
# nothing to search for, and may ask for an overview.
ABOUT_THE_TEXT = _stems("""
    article story piece text document doc report paper page post thread news newspaper reporter
    read write written author topic subject section heading matter context background
    summary summarise summarize sum gist overview outline recap brief briefing note nutshell digest
    synopsis abstract tldr takeaway take lowdown rundown highlight headline bottom line essence
    version short long quick simple plain english basic core main key major big important essential
    general central overall whole entire full single sentence word paragraph bullet line minute
    second bring 2 3 4 5 couple point idea message fact thing stuff deal detail info information
    catch caught speed fill break boil down miss missed skim skip
    date tell told give show explain describe get got know knew say said talk speak mean understand
    want need make help let look see care worth interest interesting
    go come happen occur involve mention name appear feature cover contain include concern discuss
    compare comparison difference differ versus
    people today tonight yesterday weekend week latest new supposed like list
""")
_PEOPLE = _stems("people person politician leader figure character player")
_PLACES = _stems("countries nations cities locations places")
_HEADINGS = _stems("ask topic section heading question")
_PLURAL_PLACES = re.compile(r"\b(?:countries|places|nations|cities|locations)\b")
_ASKS_OVERVIEW = r"""
    \babout\b | \bgoing\ on\b | \bhappen | \bsumm | \bsum\ (?:it|this|that)?\ ?up\b | \bgist\b
    | \boverview\b | \brecap | \btldr\b | \bpoints?\b | \btake\ ?aways?\b | \bnutshell\b
    | \b(?:catch|fill)\b.{0,200}\b(?:up|in)\b | \bbrief | \bnews\b | \bheadlines?\b | \bstory\b
    | \barticle\b | \bpiece\b | \bdocument\b | \bmention | \btopics?\b
    | \bup\ to\ speed\b | \brundown\b | \boutline\b | \bhighlights?\b | \bdigest\b | \blowdown\b
    | \bsynopsis\b | \bcover | \bshort\ version\b | \bmiss(?:ed)?\b | \bthe\ deal\b | \bboil
    | \bbreak\b.{0,200}\bdown\b | \bneed\ to\ know\b | \bbottom\ line\b | \bessence\b
    | \blatest\b"""

_ALSO_TOO = r"(?:(?:and|but|so|ok|okay|also|then|or|well|hi|hey|please)\b[ ,]{0,3}){0,4}"
_SOME_OVERVIEW = (
    r"\b(?:summary|tldr|gist|overview|recap|digest|outline|synopsis|rundown|news|updates?"
    r"|(?:main|key)\ \w|take\ ?aways?|highlights)\b"
)
_CLEARLY_OVERVIEW = r"""
    \bsummar | \btldr\b | \bgist\b | \bnutshell\b | \boverview\b | \brecap | \btake\ ?aways?\b
    | \b(?:main|key)\ points?\b | \bcatch\ me\ up\b | \bup\ to\ speed\b | \b(?:big|main)\ news\b
    | \bshort\ version\b | \brundown\b | \bwhat\ is\ (?:this|it)\ (?:all\ )?about\b"""

# Questions for the people, places or headings of the whole. "What do people say?" is not one.
_ASKS_WHOM = r"""
    ^(?!.{0,200}\b(?:do|does|did|can|could|should|must|may|will|would)\ (?:the\ )?people\b)
    (?=.{0,200}(?:\b(?:which|what|list|name|show|give|tell|all|every|any)\b
        |\b(?:main|key|important)\ \w|\bwho\ (?:are|were)\b|^(?:the\ )?\w{1,30}\W{0,9}$))"""
_ASKS_WHO = rf"""
    ^{_ALSO_TOO}who(?:\ all)?\ (?:is|are|was|were|gets?|got|else\ is)\b.{{0,200}}
    \b(?:(?:mentioned|named|involved|featured|covered|discussed)\b | about\W{{0,9}}$)"""
_ASKS_HEADINGS = r"""
    \b(?:can|could|may|should|might)\ (?:i|we|you|people|one)\ (?:\w{1,30}\ )?ask\b
    | \b(?:what|which|list|name|show|give|all|the)\ (?:\w{1,30}\ ){0,3}
        (?:topics|sections|headings|questions)\b | ^(?:topics|sections|headings)\W{0,9}$"""
# Questions for something specific, although they may have no word to search for: when, where, why,
# how, whether; what I must do; and anything about him or her.
_ASKS_SOMETHING = rf"""
    ^{_ALSO_TOO}(?:
        when|where|why|whose|whom|who
        |how\ (?:do|does|did|to|many|much|long|often|old|soon|far|is|are|was|were|come)\b
        |how\ (?:can|could|should|would|must|may)\ (?!you)
        |(?:is|are|was|were|do|does|did|has|have|had|should|must|may|am)\b(?!.{{0,200}}{_SOME_OVERVIEW})
        |(?:can|could|will|would|shall)\ (?!you\b)(?!.{{0,200}}{_SOME_OVERVIEW})
        |what\ (?:do|should|must|can|could)\ (?:i|we|you)\ (?!know|need|ask|take|miss)
    )
    | \bwhat\ (?:\w+\ ){{0,4}}(?:not|never|excluded)\b | \bwhat\ \w+n['’]t\b
    | \b(?:he|she|him|her|his|hers|himself|herself)\b"""

# Each part of a question begins like a question. Parts are separated by a question mark, a
# semicolon, a comma, "and" or a line break.
_ASKING = r"(?:who|whose|whom|what|which|when|where|why|how)\b"
_BE = r"(?:is|are|was|were|do|does|did|will|would|can|could|has|have|had|should|must|may|might)"
_SOMEBODY = r"(?:i|we|you|they|he|she|it|there|this|that|my|our|any)"
_BEGINS = rf"""
    (?:(?:and|but|so|also|hi|hey|please)\b[ ,]{{0,3}}){{0,4}}
    (?:{_ASKING}|(?:{_BE}|tell\ me)\b)"""
# After a comma "who", "when" and "which" may also begin a clause: "the fund, which is closed".
_INVERTED = rf"""
    (?: (?:what|how|whose|whom)\b | (?:when|where|why|who)\ {_BE}\b
    | which\ (?!{_BE}\b)(?:\w{{1,30}}\ ){{1,3}}?{_BE}\b | {_BE}\ (?:{_SOMEBODY}|the|a|an)\b )"""
_CLAUSE = rf"\b(?:{_ASKING}|{_BE}\b|if\b|(?:i|we|you|they|he|she|it|there)\b)"
_GLUE = r"(?:(?:and|but|also|plus|then)\b[ ,]{0,3}){0,3}"
_BETWEEN = rf"""
    \s{{0,3}}[?;]{{1,9}}\s{{0,3}}{_GLUE}(?={_BEGINS})
    | \s{{0,3}},?\s{{0,3}}\b(?:and|plus|but)\b(?:\s{{1,3}}also\b)?[ ,]{{0,3}}
        (?={_ASKING}|{_BE}\ {_SOMEBODY}\b)"""
_COMMA = rf"{_BETWEEN} | \s{{0,3}},\s{{0,3}}(?={_INVERTED})"
_COMMA_WHO = rf"{_COMMA} | \s{{0,3}},\s{{0,3}}(?=who\b)"
# A list item's number or bullet.
_ITEM = re.compile(r"(?:^|(?<=\s))(?:\(?(\d{1,2})[.):]|[-*•–—·])[^\S\n]", re.M)
_ALSO = r"(?:and|but|so|ok(?:ay)?|also|then|or|well)\b[ ,]*"
_WHAT_ABOUT = rf"(?:{_ALSO})*(?:what|how)\ (?:about|of)\b"
_WHAT_ABOUT_FIRST = lazy_pattern(rf"^{_WHAT_ABOUT}")
_FOLLOWS = lazy_pattern(rf"{_WHAT_ABOUT}|(?:and|but|also|then|or)\b")
_POINTS_BACK = lazy_pattern(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|those|these|there|that|this|then"
    r"|else|same|others?|latter|former)\b"
)
_PRONOUN = lazy_pattern(r"\b(?:it|its|they|them|their|those|these|that)\b")
# In content words: a longer question itself contains what its pronouns refer to.
_MAX_WORDS_POINTING_BACK = 3
_MIN_WORDS_ALONE = 2

# After one of these "us" is the pronoun: "tell us more".
_PRONOUN_BEFORE = frozenset(
    """
    tell tells told give gives gave show shows let lets help helps remind teach
    send get bring inform brief update between of all both
    """.split()
)


# In characters: how far from "us" its neighbours are searched, to keep the time linear.
_WORD_AND_SIGNS = 40
_LAST_WORD = lazy_pattern(r"(?<![\w'])([\w']+)[^\w']*$")
_NEXT_WORD = lazy_pattern(r"[\W_]{0,2}([\w']{1,40})")

# URLs, and the markup of chat programs.
_NO_WORDS = re.compile(r"<(?:[@#!]|https?:|mailto:)[^<>]*>|https?://\S+")


# Function words of other languages, except those that may also be English words or names.
_FOREIGN = frozenset(
    """
    quel quelle quels quelles est sont etait les des une qui que quoi ou pourquoi comment combien
    quand dans avec cette ces pour il elle
    und das ist sind wie warum wann wer wo welche welcher welches wurde wird nicht mit fur auf eine
    einen dem uber hat haben kann
    quien cuando donde como por cual cuales esta estan los las una del para con
    che chi dove perche quale quali sono gli della delle nel quando
    wat waarom wanneer waar hoe welke het een zijn niet voor met
    quem onde qual sao nao os uma
    kto gdzie kiedy dlaczego jak jest czy
""".split()
)


# A question with at least this share of unknown words is in another language: 35 of 40 questions in
# four languages have it, and one misspelt question of 750 in English.
_MOSTLY_FOREIGN = 0.35


def is_foreign(question: str) -> bool:
    """Whether a question in normal form is not in English.

    It then has at least two function words of other languages, and more of them than English ones,
    or most of its letters are not Latin.
    """
    letters = [] if question.isascii() else [c for c in question if c.isalpha()]
    latin = sum("LATIN" in unicodedata.name(c, "") for c in letters)
    if letters and 2 * latin < len(letters):
        return True
    found = [word.plain for word in words(question)]
    foreign = sum(word in _FOREIGN for word in found)
    return foreign >= 2 and foreign > sum(word in STOP_WORDS for word in found)


def reads_foreign(question: str, knows: Callable[[str], bool]) -> bool:
    """Whether many words of a question in normal form are unknown to English and the documents.

    `knows` tells whether the documents have a term. Many are at least two, and at least
    _MOSTLY_FOREIGN of all words; a misspelt English question has fewer.
    """
    found = [word for word in words(question) if word.plain.isalpha()]
    odd = [word for word in found if not (is_english(word.plain) or knows(word.term))]
    return len(odd) >= 2 and len(odd) >= _MOSTLY_FOREIGN * len(found)


# The separator between two sentences.
_ENDS_SENTENCE = re.compile(r"[.?!:]\s|\n")


def normal(question: str, is_name: Callable[[str], bool] = lambda _: False) -> str:
    """The normal form of a question: lower case, shorthand expanded, and *US* as "usa".

    Function words that are names keep their capitals: WHO, grade A. `is_name` tells whether the
    documents have a word as written, so that it is not shorthand.

    >>> normal("wats the US plan abt Kyiv?"), normal("is the WHO form green?")
    ('what is the usa plan about kyiv?', 'is the WHO form green?')
    """
    text = _NO_WORDS.sub(" ", question)
    text = (text if text.strip() else question).replace("’", "'")
    if text.upper() == text:  # all in capitals, so they do not tell names
        text = text.lower()
    text = re.sub(r"\b([^\W\d_])\ &\ ([^\W\d_])\b", r"\1&\2", text)
    text = re.sub(
        r"(?<![\w'/.&-])(?:w/o?|\w+)(?![\w'@&/+#]|\.\w|-\d)",
        lambda match: _written_out(match.group(), is_name),
        text,
        flags=re.I,
    )
    text = _lower(text).replace("u.s.", "usa ")
    text = re.sub(r"\b(tl)[;,: ]+(dr)\b", "tldr", text)
    text = re.sub(r"\by/n\b", "", text)
    text = re.sub(r"\b(does \S+) stand for\b", r"\1 mean", text)
    text = re.sub(r"\s[+&]\s", " and ", text)
    return re.sub(r"\bus\b", lambda match: _country_or_pronoun(match, text), text)


def capitals(question: str) -> dict[str, bool]:
    """The capitalized words of a question, in lower case, each with whether it must be a name.

    A capital does not make a name at the start of a sentence, or if all words have one.

    >>> capitals("Does Kowalsky pay? Who else?")
    {'does': False, 'kowalsky': True, 'who': False}
    """
    found: dict[str, bool] = {}
    every = words(question)
    is_title = all(question[word.start].isupper() for word in every)
    ends = (0, *(word.end for word in every))
    for before, word in zip(ends, every, strict=False):
        if question[word.start].isupper():
            between = question[before : word.start]
            begins = not before or bool(_ENDS_SENTENCE.search(between))
            plain = word.plain.casefold()
            found[plain] = found.get(plain, False) or not (begins or is_title)
    return found


def _lower(question: str) -> str:
    """A question in lower case, except words that are names only in capitals."""
    parts, start = [], 0
    for word in words(question):
        if not word.plain.islower() and word.plain.isalpha():
            parts += [question[start : word.start].casefold(), question[word.start : word.end]]
            start = word.end
    return "".join((*parts, question[start:].casefold()))


def _written_out(word: str, is_name: Callable[[str], bool]) -> str:
    meant = SHORTHAND.get(word.casefold())
    return word if meant is None or is_name(word) else meant


def _country_or_pronoun(match: re.Match[str], text: str) -> str:
    """*us* is the country after "the" or before a content word ("us exports"), else a pronoun."""
    start, end = match.span()
    before = _LAST_WORD.search(text, max(0, start - _WORD_AND_SIGNS), start)
    after = _NEXT_WORD.match(text, end)
    word_before = before[1] if before else ""
    if word_before == "the" or text[end : end + 1] == "-":
        return "usa"
    says_something = after is not None and after[1] not in STOP_WORDS
    return "usa" if says_something and word_before not in _PRONOUN_BEFORE else "us"


def kind(question: str) -> Kind:
    """The kind of thing that a question in normal form asks for."""
    return _kind_and_where(question)[0]


# Words that begin a request: "can you explain how ...", "I need help with ...", "is it true that".
_NOUN_FOLLOWS = r"(?=(?:the|all|every|each|any|some|our|your|my|an?|me|us)\b)"
_REQUEST = rf"""
    (?:(?:please|and|so|but|ok|okay|hi|hey)\b[ ,]{{0,3}}){{0,4}}
    (?:(?:can|could|would|will)\ (?:you|someone|somebody|anyone|anybody)\ (?:please\ )?)?
    (?:
        (?:tell|show|give|remind|send|teach)\ (?:me|us)(?:\ again)?
        (?:\ (?:more|everything|all|something))?(?:\ about)?
        | (?:explain|describe|summari[sz]e|clarify|define)(?:\ (?:to|for)\ (?:me|us))?
        | (?:find|locate|look\ up|look\ for|search\ for)(?:\ (?:me|us))?
        | (?:list|name|quote|outline|show|check)\ {_NOUN_FOLLOWS}
        | help(?:\ (?:me|us))?\ (?:with|find|understand)
        | (?:(?:i'm|i\ am|we're|we\ are)\ )?looking\ for
        | (?:(?:i|we)\ )?(?:need|want|have)\ (?:some\ |any\ |more\ |an?\ )?
          (?:help|information|details|advice|question)\ (?:with|on|about|regarding|for)
        | (?:i|we)\ (?:need|want|would\ like)\ to\ (?:know|understand|find|see|read|learn)
        | is\ it\ (?:true|correct|right)\ that
        | am\ i\ (?:right|correct)\ (?:that|in\ (?:thinking|assuming)\ that)
    )(?:\b|(?<=\ ))"""


def end_of_request(question: str) -> int:
    """The offset at which the words end that only introduce a question; 0 for none.

    >>> end_of_request("can you explain how cycles work?"), end_of_request("name badges")
    (15, 0)
    """
    match = re.match(_REQUEST, question, re.X)
    return match.end() if match else 0


def end_of_kind(question: str) -> int:
    """The offset at which the word ends that names the kind of thing asked for; 0 for none.

    An answer need not have that word: "often" in "how often?", "year" in "in which year?". It does
    need the word for a dimension, which is not counted here: 300 m is how tall a tower is, not how
    old.

    >>> end_of_kind("how often does it leave?"), end_of_kind("how old is the tower?")
    (9, 0)
    """
    kind, end = _kind_and_where(question)
    is_dimension = question[:end].endswith(_DIMENSIONS)
    return end if kind in _NAMED_BY_A_WORD and not is_dimension else 0


def _kind_and_where(question: str) -> tuple[Kind, int]:
    for kind, pattern in _KINDS.items():
        if match := re.search(pattern, question, re.X):
            return kind, match.end()
    return Kind.OTHER, 0


# "How many" as the first question word; and what is counted, up to the first plural: "new drivers",
# but not "drivers came".
_COUNTED = lazy_pattern(
    rf"(?:(?!\b{_ASKING}).){{0,200}}\bhow many (\w{{1,40}}(?:(?<!s) \w{{1,40}})?)"
)


def counted(question: str) -> tuple[str, ...]:
    """The words that say what a question for a count counts, in plain form; () for any other.

    >>> counted("how many new drivers came?"), counted("how do I change how many come?")
    (('new', 'drivers'), ())
    """
    match = _COUNTED.match(question)
    found = takewhile(lambda word: word.is_content, words(match[1])) if match else ()
    return tuple(word.plain for word in found)


_WHEN = lazy_pattern(rf"(?:{_ALSO})*(?:when {_BE}\b|(?:what|which) (?:date|day|time)\b)")
_WHAT_TIME = lazy_pattern(rf"(?:{_ALSO})*(?:at )?(?:what|which) time\b")
_WHO_VERB = lazy_pattern(rf"(?:{_ALSO})*who (?!{_BE}\b|\w+s?\W*$)(\w+)\b")
_HOW_TO_VERB = lazy_pattern(
    rf"(?:{_ALSO})*(?:how|where) (?:(?:do|can|could|should|must|may) (?:i|we|you|one)|to) (\w+)\b"
)
_HOW_OFTEN = lazy_pattern(r"\bhow (?:often|frequently|many times)\b")
_HOW_LARGE = lazy_pattern(r"\bhow (?:high|tall|old|heavy|deep|wide|hot|cold)\b")
_ON_WHAT_CONDITION = lazy_pattern(r"when (?:is|are|do|does|can|could|may|must|should)\b")
_WHOM_TO_ASK = lazy_pattern(r"\bwhom? (?:else )?(?:do|should|can|could|must|may) (?:i|we|you)\b")
_PERSONAL = lazy_pattern(r"\b(?:he|she|they|him|her|them|his|their)\b")
_WHY = lazy_pattern(r"\b(?:why|how come|reasons?|what caused)\b")
_ATTRIBUTES = (
    lazy_pattern(r"\bhow (big|deep|heavy|high|large|old|tall|wide)\b"),
    lazy_pattern(
        r"\bwhat (?:is|are|was|were) (?:the )?(?:\w+ )?(?!(?:example|kind|name|type) )(\w+) of "
    ),
    lazy_pattern(r"'s (\w+(?: \w+)?)\W*$"),
)


def asks_when(question: str) -> bool:
    """Whether a question in normal form asks for a day or a time."""
    return bool(_WHEN.match(question))


def asks_the_time(question: str) -> bool:
    """Whether a question in normal form asks for a time of day."""
    return bool(_WHAT_TIME.match(question))


def who_verb(question: str) -> str:
    """The word for what somebody did in "who wrote it?", in plain form; "" for none.

    >>> who_verb("who wrote the report?"), who_verb("who is the head?")
    ('wrote', '')
    """
    match = _WHO_VERB.match(question)
    return match[1] if match else ""


def how_to_verb(question: str) -> str:
    """The word for what somebody wants to do in "how do i treat X?", in plain form; "" for none.

    >>> how_to_verb("how do i treat scarlet fever?"), how_to_verb("what is it?")
    ('treat', '')
    """
    match = _HOW_TO_VERB.match(question)
    return match[1] if match else ""


def asks_how_often(question: str) -> bool:
    """Whether a question in normal form asks for a frequency."""
    return bool(_HOW_OFTEN.search(question))


def asks_on_what_condition(question: str) -> bool:
    """Whether a question in normal form may ask for a condition: "when is a ticket closed?"."""
    return bool(_ON_WHAT_CONDITION.match(question))


def asks_whom_to_ask(question: str) -> bool:
    """Whether a question in normal form asks whom to turn to: "who do I call?"."""
    return bool(_WHOM_TO_ASK.search(question))


def is_of_a_person(question: str) -> bool:
    """Whether a question in normal form has "he", "she" or "they" for somebody named before."""
    return bool(_PERSONAL.search(question))


def asks_why(question: str) -> bool:
    """Whether a question in normal form asks for a reason; "what is it for?" does not."""
    return bool(_WHY.search(question))


def attributes(question: str) -> tuple[str, ...]:
    """The words for what is asked about somebody or something, in plain form.

    >>> attributes("how tall is the tower?"), attributes("what is ann roth's phone number?")
    (('tall',), ('phone', 'number'))
    """
    found = (pattern.search(question) for pattern in _ATTRIBUTES)
    texts = (match[1] for match in found if match)
    return tuple(word.plain for text in texts for word in words(text) if word.is_content)


def asks_a_measure(question: str) -> bool:
    """Whether a question in normal form asks for a size, an age, a distance or the like."""
    return bool(_HOW_LARGE.search(question))


_SPEAKER = lazy_pattern(
    r"\bwhat (?:did |has |have )?([^.,;:?!]{1,40}?) (?:say|said|tell|told|think|thought)\b"
)


def speaker(question: str) -> tuple[str, ...]:
    """The words for whoever is asked to have said something, in plain form; () for none.

    >>> speaker("what did mr macron say about the truce?"), speaker("what does it cover?")
    (('mr', 'macron'), ())
    """
    match = _SPEAKER.search(question)
    return tuple(word.plain for word in words(match[1])) if match else ()


def parts(question: str) -> list[str]:
    """The parts of a question, or the question itself if it has only one.

    Parts may be items of a list, on lines of their own, or one after another.

    >>> parts("who proposed it and when would soldiers go in?")
    ['who proposed it', 'when would soldiers go in?']
    >>> parts("1. who proposed it? 2. when would soldiers go in?")
    ['who proposed it?', 'when would soldiers go in?']
    """
    apart = _items(question) or _on_lines(question)
    if apart:
        return [part for one in apart for part in parts(one)]
    return _joined(question) or [question.replace("\n", " ")]


def _items(question: str) -> list[str]:
    """The items of a list of questions; empty if there is no such list.

    A subject named above the list is added to the first item: "the ferry: 1. who ...".
    """
    marks = list(_ITEM.finditer(question))
    numbers = [mark for mark in marks if mark[1]]
    if numbers:
        marks = numbers
        if [int(mark[1]) for mark in marks] != list(range(1, len(marks) + 1)):
            return []
    ends = [*(mark.start() for mark in marks[1:]), len(question)]
    found = [question[m.end() : end].strip() for m, end in zip(marks, ends, strict=False)]
    is_list = bool(numbers) or all(_starts_line(mark, question) for mark in marks)
    if len(found) < 2 or not all(is_list or _begins(one) for one in found):
        return []
    return _below(question[: marks[0].start()], found)


def _on_lines(question: str) -> list[str]:
    """The questions that are each on a line of their own; empty if not all lines ask."""
    above, *below = [line.strip() for line in question.split("\n") if line.strip()] or [""]
    if below and all(_begins(line) for line in below):
        if _begins(above):
            return _below("", [above, *below])
        if above.endswith(":"):
            return _below(above, below)
    return []


def _below(above: str, found: list[str]) -> list[str]:
    """The items of a list, the first with the subject above; empty if some item asks nothing."""
    if not all(_says_something(one) for one in found):
        return []
    content = {word.term for word in words(above) if word.is_content}
    introduces_only = content <= ABOUT_THE_TEXT | _HEADINGS
    return found if introduces_only else [f"{above.strip()} {found[0]}", *found[1:]]


def _joined(question: str) -> list[str]:
    """The questions that follow each other in one line; empty if there is only one."""
    comma = _COMMA_WHO if question.startswith("who") else _COMMA
    for between in (comma, _BETWEEN):
        found = re.split(between, question.replace("\n", " "), flags=re.X)
        closed = between is comma and any("," in part for part in found[1:])
        if len(found) > 1 and not closed and all(map(_is_question, found)):
            return found
    return []


def _is_question(part: str) -> bool:
    return _begins(part) and _says_something(part)


def _begins(part: str) -> bool:
    return bool(re.match(_BEGINS, part.strip(), re.X))


def _starts_line(mark: re.Match[str], question: str) -> bool:
    return question[: mark.start()].rpartition("\n")[2].strip() == ""


def overview(question: str, is_subject: Callable[[str], bool]) -> Overview | None:
    """The overview that a question in normal form asks for; None if it asks something specific.

    `is_subject` tells whether a stem can be searched for. Beside a clear request for an overview,
    other words are chat: "give me the gist, my train leaves in a minute".
    """
    content = {word.term for word in words(question) if word.is_content}
    if re.match(_ASKS_WHO, question, re.X) and content <= ABOUT_THE_TEXT:
        return Overview.PEOPLE
    if re.search(_ASKS_SOMETHING, question, re.X):
        return None
    subjects = {stem for stem in content - ABOUT_THE_TEXT if is_subject(stem)}
    of_people = content & _PEOPLE and re.search(_ASKS_WHOM, question, re.X)
    if of_people and content <= ABOUT_THE_TEXT | _PEOPLE:
        return Overview.PEOPLE
    if _PLURAL_PLACES.search(question) and content <= ABOUT_THE_TEXT | _PLACES:
        return Overview.PLACES
    of_headings = re.search(_ASKS_HEADINGS, question, re.X)
    if of_headings and content <= ABOUT_THE_TEXT | _HEADINGS:
        return Overview.HEADINGS
    if re.search(_ASKS_OVERVIEW, question, re.X) and (
        content <= ABOUT_THE_TEXT or _clearly(question, subjects)
    ):
        return Overview.POINTS
    return None


def _clearly(question: str, subjects: set[str]) -> bool:
    return not subjects and bool(re.search(_CLEARLY_OVERVIEW, question, re.X))


def continues(question: str) -> bool:
    """Whether a question in normal form continues an earlier one: "and where?".

    One with a pronoun does too ("what does it cover?"), unless it clearly asks for an overview.
    """
    if _FOLLOWS.match(question):
        return True
    return bool(_PRONOUN.search(question)) and not re.search(_CLEARLY_OVERVIEW, question, re.X)


def asks(question: str) -> bool:
    """Whether a message in normal form reads like a question.

    >>> asks("and when would they go in"), asks("thanks, that is what i needed")
    (True, False)
    """
    said = question.strip().strip("\"'”’)").rstrip(" !.")
    return said.endswith("?") or bool(re.match(rf"{_BEGINS}|{_WHAT_ABOUT}", said, re.X))


def leans(question: str) -> bool:
    """Whether a question in normal form may need an earlier one to be understood."""
    content = sum(word.is_content for word in words(question))
    if content < _MIN_WORDS_ALONE or bool(_FOLLOWS.match(question)):
        return True
    return content <= _MAX_WORDS_POINTING_BACK and bool(_POINTS_BACK.search(question))


def is_fragment(question: str) -> bool:
    """Whether a question in normal form only names something: "and the chess club?".

    >>> is_fragment("and for contractors?"), is_fragment("and when does it close?")
    (True, False)
    """
    return not re.search(_CLAUSE, _WHAT_ABOUT_FIRST.sub("", question), re.X)


def points_back(question: str) -> bool:
    """Whether a question in normal form cannot be understood without the text around it."""
    content = [word for word in words(question) if word.is_content]
    if all(word.term in ABOUT_THE_TEXT for word in content):
        return True
    return len(content) <= _MAX_WORDS_POINTING_BACK and bool(_POINTS_BACK.search(question))


def _says_something(part: str) -> bool:
    return any(word.is_content for word in words(part))
