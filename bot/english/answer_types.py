"""Whether a sentence has the kind of thing that a question asks for: a date, a place, a name."""

import re
from collections.abc import Callable, Collection

from bot.english.patterns import lazy_pattern
from bot.english.questions import Kind
from bot.english.synonyms import PLACES, shipped
from bot.english.text import STOP_WORDS, Word, plain, stem, words

# The patterns are strings, which `re` compiles and caches on first use. Compiling them here would
# make every start slower than the answer itself.
_FLAGS = re.I | re.X
_NUMBER_WORD = """
    two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen
    |seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?
    |thousands?|millions?|billions?|dozens?|half|third|quarter|double|twice"""
_NUMBER = rf"(?: \d[\d.,]{{0,30}} | \b(?:{_NUMBER_WORD})\b )"
# Not "second" alone: "in a second phase" is no duration.
_UNIT = "(?:seconds|minute|hour|day|night|weekend|week|fortnight|month|year|decade|centur)"
_DAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
# "May" and "March" are months only with a capital; otherwise they are verbs.
_MONTH = """
    (?:january|february|april|june|july|august|september|october|november|december
    |(?-i:March|May))"""
_DURATION = rf"""
    (?: {_NUMBER} | \b(?:one|an?|several|few|whole|full)\b ) [ -] (?:\w+[ -])? {_UNIT}
    | \b(?:indefinite|permanent|temporar|forever|until|throughout)"""
_MONEY = rf"""
    [£$€¥₹]\ ?\d | \b(?:gbp|usd|eur|chf|jpy|cad|aud)\ ?\d
    | {_NUMBER} (?:[ ]\w+)? \ ?(?:[£$€¥₹%]
        |\b(?:pounds?|dollars?|euros?|pence|cents?|francs?|yen|rupees?|crowns?|per\ cent|percent
            |gbp|usd|eur|chf|jpy|cad|aud)\b)
    | \b(?:free|for\ nothing|no\ charge|without\ charge)\b
    | \b(?:costs?|prices?|fees?|fares?|charges?|charged|rent|rate|pays?|paid|salary|fine|deposit)\b
        .{{0,60}} {_NUMBER} (?![ -]?(?:\w+[ -])?{_UNIT})"""
_PHONE = r"""
    (?<![\w.]) (?: [+(]? \d (?:[ ()/-]{0,2}\d){2,19} | \d{2,4} (?:\.\d{2,4}){2,4} ) (?!\.?\w)"""
_TIME = rf"""
    \b{_DAY}\b | \b{_MONTH}\b | \b(?:1[89]|20)\d\d\b | \b\d{{1,2}}:\d\d\b
    | \b\d{{1,2}}\ ?(?:[ap]m\b|[ap]\.m\.)
    | \b(?:today|yesterday|tomorrow|tonight|noon|midnight|morning|afternoon|evening|weekend)\b
    | \b(?:last|next|this|early|late|earlier|later|every|each|by|since|until|within|after|before
        |first|second|third|final)\ (?:\w+\ )?(?:{_UNIT}|phase|stage|step)
    | {_NUMBER}\ {_UNIT}s?\ (?:ago|later|after|before)
    | \b(?:before|after|once|as\ soon\ as|until)\ \w"""
_REASON = r"""
    \b(?: because|since|so\ that|so\ as|in\ order|due\ to|owing\ to|thanks\ to|as\ a\ result
    | for\ fear|therefore|thus|hence|reason|given\ that|after|by\ \w+ing|believ\w+|would|for
    | to\ (?!the\b|an?\b|this\b|that\b|his\b|her\b|their\b|its\b|mr\b)[a-z]{2,} )\b"""
# What follows a name that is introduced.
_INTRODUCES = r"""
    (?:['’]s)?(?: ,\ (?:the|an?|his|her|its|our|head|chief|[\w-]+(?:\ [\w-]+){0,3}['’]s)\b
    | ,\ (?:\w+\ ){0,3}(?:of|for|at)\b | \ \( | \ (?:is|was|became|becomes)\ (?:the|an?)\b )"""
# Where things are in offices and houses, after a preposition: "in the top drawer".
_PLACE = r"""
    (?:attic|bank|basement|building|cabinet|cafeteria|canteen|car\ park|cellar|clinic|corridor
    |counter|cupboard|depot|desk|directory|door|drawer|entrance|exit|floor|folder|fridge|garage|garden
    |gate|hall|hallway|hospital|hotel|inbox|intranet|kitchen|lab|laboratory|library|lobby|locker
    |lounge|menu|office|page|parking\ lot|pharmacy|portal|rack|reception|restaurant|room|safe|school
    |settings|shelf|shop|stairwell|station|stockroom|storeroom|tab|ward|warehouse|website|wiki|wing|workshop
    |yard)"""
_IN_A_PLACE = rf"""
    \b(?:in|inside|at|on|to|from|via|outside|behind|beside|near|opposite|under|above|below
        |next\ to)\ (?:[\w'’-]{{1,20}}\ ){{0,3}}? ({_PLACE})s?\b"""
_YES_OR_NO = lazy_pattern(r"(?:A(?:nswer)?[:.] )?(?:yes|no)\b\W{0,3}", re.I)
_MEASURE = rf"""
    (?: -?{_UNIT} | (?:{_MONTH}) | (?:euros?|dollars?|pounds?|cents?|percent|per\ cent|degrees?)\b
    | (?:eur|usd|gbp|chf|[kmgt]b|[kcm]?m|k?g|k?w|ml|l|[ap]\.?m\.?|st|nd|rd|th)\b
    | [%°€$£¥] | o['’]clock )"""
_COUNT = rf"""
    (?<![\w.:/$£€¥-]) {_NUMBER} (?![.,:/-]?\d | \ ?{_MEASURE})
    | \b(?:one|no|none|both|several|many|few|dozens|unlimited|single|any\ number)\b"""
_CALENDAR = rf"{_DAY}|{_MONTH}"
# Numbers that name a thing instead of counting it: "floors 2 and 3", "room 12".
_LABEL = r"""
    \b(?:articles?|clauses?|floors?|levels?|lines?|numbers?|pages?|phases?|rooms?|sections?|steps?
        |units?|versions?)\ \d[\w.]{0,10}(?:\ ?(?:,|and|to|or|–|-)\ ?\d[\w.]{0,10}){0,5}
    | \b\d{1,4}\ (?-i:[A-Z]\w+\ ){1,2}
        (?:lane|street|road|avenue|square|place|drive|way|court|close)\b"""
# A capitalized word after one of these is usually a place.
_BEFORE_A_PLACE = frozenset("in at near from to outside".split())

# What a thing of a kind says without these words: "15 euros" is a price, "ext. 4411" a number.
IMPLIED = {
    Kind.PRICE: frozenset(map(stem, "cost price charge pay paid fee amount worth".split())),
    Kind.PHONE: frozenset(map(stem, "phone telephone mobile contact number".split())),
    Kind.EMAIL: frozenset(map(stem, "email mail address".split())),
}


def gives_count(sentence: str, counted: str) -> bool:
    """Whether a sentence has a number that may count something, not a date, price or measure.

    These count only if the measure is what is counted: "how many euros?".

    >>> gives_count("It has four doors.", "doors"), gives_count("It cost 3 euros", "doors")
    (True, False)
    """
    measures = re.finditer(rf"{_NUMBER}\ ?(\w{{1,40}})", sentence, _FLAGS)
    if any(measure[1].casefold() == counted for measure in measures):
        return True
    return bool(re.search(_COUNT, re.sub(_LABEL, " ", sentence, flags=_FLAGS), _FLAGS))


# Narrower than _REASON: what only a reason has.
_GIVES_REASON = r"""
    \b(?: because|since|so\ that|so\ as|in\ order|due\ to|owing\ to|thanks\ to|result(?:s|ed|ing)?
    | for\ fear|therefore|thus|hence|reasons?|given\ that|caus(?:e[sd]?|ing)|le(?:ads?|d)\ to
    | stems?\ from|depend\w*|blam(?:e[sd]?|ing)|means?|otherwise|amid|following|so\ \w+\ that
    | too\ \w+|allow\w*|enabl\w*|avoid\w*|whereas|believ\w+|fear\w*|want\w*|need\w*|worr\w+
    | concern\w*|would|could|may|might|if|unless|can(?:no|['’])t|not|no(?!\.)|only
    | after\ (?!\d|\w+\ (?:years?|months?|weeks?|days?|hours?)\b)|over\ (?!\d)|(?:for|by)\ \w+ing
    | as\ (?:it|they|he|she|we|you|there|this|that|the|an?)\b
    | to\ (?!the\b|an?\b|this\b|that\b|his\b|her\b|their\b|its\b)(?-i:[a-z]{2,}) )\b"""
_FREQUENCY = rf"""
    \b(?:every|each|per|once|twice|thrice|times|always|never|rarely|seldom|regularly|continuous\w*
    |constantly|whenever|intervals?|daily|weekly|monthly|yearly|annual\w*|quarterly|hourly|nightly
    |fortnightly|bi-?(?:weekly|monthly|annual\w*)|any\ time)\b
    | \ban?\ {_UNIT} | \b{_DAY}s\b | \bon\ (?:an?\ )?{_DAY}\b"""
_HOURS = r"\b\d{1,2}\ ?(?:to|and|–|-)\ ?\d{1,2}\b"
_SOME_TIME = rf"{_TIME} | {_FREQUENCY} | {_HOURS} | \b\d{{3,4}}s?\b | \b{_UNIT}"
_SPAN = rf"{_HOURS} | \b(?:within|after|in|takes?|to|least)\ {_NUMBER}[ -](?:\w+[ -])?{_UNIT}"


def gives_span(text: str) -> bool:
    """Whether a text has hours or a number of days.

    >>> gives_span("from 9 to 5"), gives_span("within two weeks"), gives_span("soon")
    (True, True, False)
    """
    return bool(re.search(_SPAN, text, _FLAGS))


def gives_clock_time(text: str) -> bool:
    """Whether a text has a time of day."""
    return bool(re.search(r"\d|\b(?:noon|midnight|midday)\b", text, _FLAGS))


def gives_reason(text: str) -> bool:
    """Whether a text can say why: it has more than what happened and when.

    >>> gives_reason("It fell on Sunday."), gives_reason("It fell because a bolt had rusted.")
    (False, True)
    """
    return bool(re.search(_GIVES_REASON, text, _FLAGS))


def gives_time(text: str) -> bool:
    """Whether a text says when, or how often.

    >>> gives_time("Born in Leeds."), gives_time("In 1072."), gives_time("They run nightly.")
    (False, True, True)
    """
    text = re.sub(r"(?<!\d)\d++(?:\.\d++)++", "", text)  # "until 8.3" is a version
    return bool(re.search(_SOME_TIME, text, _FLAGS))


def gives_length(text: str) -> bool:
    """Whether a text can say how long something is or takes: it has a number, or "until".

    >>> gives_length("At least 14 characters."), gives_length("It is a last resort.")
    (True, False)
    """
    return bool(re.search(rf"{_NUMBER} | {_DURATION}", text, _FLAGS))


def gives_frequency(text: str) -> bool:
    """Whether a text says how often.

    >>> gives_frequency("Within two days."), gives_frequency("Every two days.")
    (False, True)
    """
    return bool(re.search(_FREQUENCY, text, _FLAGS))


_INSTRUCTS = r"""
    (?:\d{1,3}[.)]\s)? (?:add|apply|ask|call|change|check|choose|click|contact|create|delete
        |download|edit|email|enter|fill|go|install|log|open|pick|press|remove|request|run|see|select|send|set
        |sign|submit|tap|turn|type|update|upload|use|write)\b"""


def instructs(text: str) -> bool:
    """Whether a sentence tells the reader what to do, and so names nobody who does it.

    >>> instructs("Select Request refund."), instructs("Only the owner can ask.")
    (True, False)
    """
    return bool(re.match(_INSTRUCTS, text, _FLAGS))


# Verbs of saying and thinking, and quotation marks.
_SAYING = r"""
    ["“”«»] | \b(?:sa(?:y|id)|t(?:ell|old)|th(?:ink|ought)|announce|insist|warn|claim|add(?:s|ed)\b
        |state[sd]?\b|declare|reveal|suggest|propos|describ|call|promis|pledg|urge|argue|stress|agree
        |believ|expect|hope|want|fear|ask|admit|den(?:y|ie)|compar|explain|according\ to\b)"""


def tells_what_was_said(sentence: str) -> bool:
    """Whether a sentence tells what somebody said or thought.

    >>> tells_what_was_said("Ann warned of rain."), tells_what_was_said("Ann has a plan.")
    (True, False)
    """
    return bool(re.search(_SAYING, sentence, _FLAGS))


def names_what_is_asked(kind: Kind, sentence: str, asked: Collection[str]) -> bool:
    """Whether a sentence could answer a question of this kind.

    `asked` are the question's own stems; repeating them is not an answer.
    """
    return _TESTS[kind](sentence, asked)


def says_only_yes_or_no(sentence: str) -> bool:
    """Whether a sentence is a yes or a no without more: "A: No."."""
    return bool(_YES_OR_NO.fullmatch(sentence))


def _any(_: str, __: Collection[str]) -> bool:
    return True


def _matching(pattern: str) -> Callable[[str, Collection[str]], bool]:
    return lambda sentence, _: bool(re.search(pattern, sentence, _FLAGS))


def _number(sentence: str, asked: Collection[str]) -> bool:
    found = (match.group() for match in re.finditer(_NUMBER, sentence, _FLAGS))
    return any(plain(number) not in asked for number in found)


def _name(sentence: str, asked: Collection[str]) -> bool:
    """Whether a person, office or body is named that was not asked about; pronouns do not count."""
    return any(
        _is_name(sentence, word)
        and word.term not in asked
        and not re.fullmatch(rf"(?:{_CALENDAR})s?", sentence[word.start : word.end], _FLAGS)
        for word in words(sentence)
    )


def _introduction(sentence: str, asked: Collection[str]) -> bool:
    """Whether somebody asked about is introduced: "NAME, the ...", "NAME is a ..."."""
    return any(
        word.term in asked and re.match(_INTRODUCES, sentence[word.end :], _FLAGS)
        for word in words(sentence)
    )


def _is_name(sentence: str, word: Word) -> bool:
    return sentence[word.start].isupper() and word.plain not in STOP_WORDS


def _place(sentence: str, asked: Collection[str]) -> bool:
    """Whether a place that was not asked about is named.

    That is a known one, a capital after "in", or a room or the like: "in the top drawer".
    """
    rooms = re.finditer(_IN_A_PLACE, sentence, _FLAGS)
    if any(stem(plain(room[1])) not in asked for room in rooms):
        return True
    places = shipped(PLACES)
    for word in words(sentence):
        if word.term in asked or not _is_name(sentence, word):
            continue
        before = sentence[: word.start].rstrip().rpartition(" ")[2].casefold()
        if (places.begins(word.term) or before in _BEFORE_A_PLACE) and not re.fullmatch(
            _CALENDAR, sentence[word.start : word.end], _FLAGS
        ):
            return True
    return False


_TESTS: dict[Kind, Callable[[str, Collection[str]], bool]] = {
    Kind.WHO: _name,
    Kind.WHO_IS: _introduction,
    Kind.WHEN: _matching(_TIME),
    Kind.HOW_LONG: _matching(_DURATION),
    Kind.HOW_MANY: _number,
    Kind.PRICE: _matching(_MONEY),
    Kind.PHONE: _matching(_PHONE),
    Kind.EMAIL: _matching(r"\w@\w"),
    Kind.WHERE: _place,
    Kind.WHY: _matching(_REASON),
    Kind.STEPS: _any,
    Kind.YES_NO: _any,
    Kind.ALL: _any,
    Kind.OTHER: _any,
}
