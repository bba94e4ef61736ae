"""What a sentence states: of whom, under which condition, and whether it still holds."""

import re
from collections.abc import Collection, Sequence
from itertools import zip_longest

from bot.english.patterns import lazy_pattern
from bot.english.text import MONTHS, Word, stem, words

# Auxiliaries after which a question names who does something.
_DO = frozenset("do does did will would can could may might must should shall".split())
_AUXILIARIES = _DO | frozenset("is are was were has have had".split())
_CLAUSES = frozenset("if when while because before after unless that which who".split())
# Whoever these stand for is not named.
_NOBODY = frozenset(
    "i we you they he she it there this that these those one anyone anybody someone".split()
)


def subject_asked(question: str) -> str:
    """The stem of who or what a question in normal form is about; "" if it does not say.

    >>> subject_asked("do students travel free?"), subject_asked("can i park here?")
    ('student', '')
    """
    after = _after_auxiliary(question)
    while after and after[0].plain in ("the", "a", "an", "all", "my", "our", "your"):
        after = after[1:]
    if not after or not after[0].is_content or after[0].plain in _NOBODY:
        return ""
    return after[0].term


def _after_auxiliary(question: str) -> Sequence[Word]:
    """The words after the first auxiliary, up to a clause; "is" and "has" count only as the first.

    "Is X ...?", "does X ...?", "how often does X ...?", but not "what is X?".
    """
    found = words(question)
    for place, word in enumerate(found[:4]):
        if word.plain in (_AUXILIARIES if place == 0 else _DO):
            after = found[place + 1 :]
            end = next((n for n, one in enumerate(after) if one.plain in _CLAUSES), len(after))
            return after[:end]
    return ()


_BE = frozenset(map(stem, "is are was were be been being".split()))
# How many terms a verb is from whoever does it, at most.
_REACH = 5


def says_it_the_other_way_round(question: str, said: Sequence[str]) -> bool:
    """Whether a sentence, given as stems, has who does something and to whom swapped.

    >>> says_it_the_other_way_round("did ketler sue halden?", "halden sue ketler".split())
    True
    >>> says_it_the_other_way_round("did halden sue ketler?", "halden sue ketler".split())
    False
    """
    if not subject_asked(question):
        return False
    after = [word.term for word in _after_auxiliary(question) if word.is_content]
    is_open = question.startswith(("who ", "whom "))
    for at in range(1, len(after)):
        one, verb, other = after[at - 1], after[at], after[at + 1 :]
        if verb in said and (other or is_open):
            return _is_swapped(one, verb, other[:1], said)
    return False


def _is_swapped(one: str, verb: str, other: Sequence[str], said: Sequence[str]) -> bool:
    """Whether `one` undergoes the verb that it is asked to do, to the `other` if that is named."""
    place = said.index(verb)
    before, after = said[:place], said[place + 1 : place + 1 + _REACH]
    by = after.index("by") if "by" in after else len(after)
    if not _BE.isdisjoint(before[-2:]):  # passive: the other one did it
        return one in before and bool(other) and all(term in after[by:] for term in other)
    if one in before or one not in after[:by]:
        return False
    return all(term in before and term not in said[place:] for term in other)


_CONDITION = lazy_pattern(
    r"\b(?:if|unless|provided|subject to|as long as|on condition|in case|depend(?:s|ing) on"
    r"|needs?|requires?)\b[^,.;:]*",
    re.I,
)
# Questions about what is or was so, not about what may be done.
_ASKS_A_FACT = lazy_pattern(r"(?:when )?(?:is|are|was|were|did|has|have|had)\b")
_ASKS_A_CONDITION = lazy_pattern(r"\b(?:if|unless|when(?! (?:was|were|did))|case)\b")


def is_only_a_condition(question: str, asked: Collection[str], sentence: str) -> bool:
    """Whether a sentence has the words of a question for a fact only in a condition.

    `asked` are the question's stems.

    >>> is_only_a_condition("did the state pay half?", {"state", "pay", "half"},
    ...     "The line opens in May if the state pays half.")
    True
    """
    if not _ASKS_A_FACT.match(question) or _ASKS_A_CONDITION.search(question):
        return False
    inside = [word.term for part in _CONDITION.findall(sentence) for word in words(part)]
    outside = [word.term for word in words(_CONDITION.sub(" ", sentence))]
    return len(set(asked).intersection(inside)) > 1 and set(asked).isdisjoint(outside)


_HAS_CONDITION = lazy_pattern(
    r"\b(?:if|unless|when|whenever|while|once|where|after|before|until)\b", re.I
)
_BEGINS_IF = lazy_pattern(r"\W{0,3}(?:if|unless)\b", re.I)
_BEGINS_CONDITION = lazy_pattern(r"(?:if|unless|when|where|in case|outside|after|for)\b", re.I)


def begins_with_condition(sentence: str) -> bool:
    """Whether a sentence begins "If", "When" or the like.

    >>> begins_with_condition("If you work abroad, core hours remain UK time.")
    True
    """
    return bool(_BEGINS_CONDITION.match(sentence))


_NO_LONGER = frozenset(map(stem, "former previous outgoing ex erstwhile".split()))
_WAS_UNTIL = lazy_pattern(r"\b(?:was|were)\b.{0,80}\buntil\b", re.I)
_PRESENT = lazy_pattern(r"\bwho(?: is|'s| are)\b")


def begins_with_if(sentence: str) -> bool:
    """Whether a sentence begins with "if" or "unless", so that it holds only in some cases."""
    return bool(_BEGINS_IF.match(sentence))


def has_condition(sentence: str) -> bool:
    """Whether a sentence tells under which condition something is so."""
    return bool(_HAS_CONDITION.search(sentence))


def is_no_longer_so(question: str, asked: Collection[str], sentence: str) -> bool:
    """Whether a sentence tells who was something, and the question asks who is.

    >>> is_no_longer_so("who is the mayor?", {"mayor"}, "The former mayor, Ilse Kott, sang.")
    True
    """
    if not _PRESENT.search(question):
        return False
    terms = [word.term for word in words(sentence)]
    if not _NO_LONGER.isdisjoint(asked):
        return False
    for place, term in enumerate(terms):
        if term in _NO_LONGER and not set(asked).isdisjoint(terms[place + 1 : place + 4]):
            return True
    return bool(_WAS_UNTIL.search(sentence))


_HISTORY = lazy_pattern(
    r"\b(?:change|revision|version|document) (?:history|log|control|record)\b"
    r"|\b(?:version|revision|issue)\b.*\bdate\b.*\b(?:changes?|description|summary|reason)\b",
    re.I | re.S,
)
_ASKS_CHANGES = lazy_pattern(
    r"\b(?:chang|add|updat|revis|version|histor|remov|rais|replac|introduc|new\b|when\b|last\b)"
)


_BELIEVED = lazy_pattern(
    r"\b(?:believed|assumed|suspected|thought|was (?:said|expected)|were expected)\b", re.I
)


def is_only_believed(question: str, sentence: str) -> bool:
    """Whether a sentence tells what somebody believes, and the question whether it is so.

    >>> is_only_believed("does it drop messages?", "We believed that it drops messages.")
    True
    """
    believed = _BELIEVED.search(sentence)
    return bool(believed) and not _BELIEVED.search(question)


def is_change_history(title: str) -> bool:
    """Whether a heading, or a row of column names, is that of the changes of a document.

    >>> is_change_history("Change history"), is_change_history("Version | Date | Change | Author")
    (True, True)
    """
    return bool(_HISTORY.search(title))


def asks_about_changes(question: str) -> bool:
    """Whether a question in normal form may ask what changed, and when."""
    return bool(_ASKS_CHANGES.search(question))


_SAID_ABOUT = lazy_pattern(r"\b(?:say|said|tell|told|think|thought) (?:us )?about (.{1,100})")


def said_about(question: str) -> tuple[str, ...]:
    """The words for what somebody is asked to have spoken about, in plain form; () for none.

    >>> said_about("what did haddad say about the new tunnel?")
    ('new', 'tunnel')
    """
    match = _SAID_ABOUT.search(question)
    return tuple(word.plain for word in words(match[1]) if word.is_content) if match else ()


_UNWANTED = lazy_pattern(r"\bi (?:do not|don't|would not|wouldn't|never) want\b")
_OTHERWISE = lazy_pattern(
    r"\b(?:not|no|never|without|instead|unless|if|except|opt|rather|alternative\w*|nobody)\b|n['’]t\b",
    re.I,
)


def is_what_is_not_wanted(question: str, sentence: str) -> bool:
    """Whether a question begins "I don't want", and a sentence has no way around it.

    >>> is_what_is_not_wanted("i don't want to share a room", "You share a room.")
    True
    """
    return bool(_UNWANTED.search(question)) and not _OTHERWISE.search(sentence)


_YEAR = lazy_pattern(r"(?:19|20)\d\d")
_LIMITING = tuple(f"{one} " for one in "by until till before after from since to through".split())
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_PERIODS = (frozenset(map(stem, MONTHS)), frozenset(map(stem, _DAYS)))


def other_period(question: str, said: str, known: str) -> tuple[str, str] | None:
    """A month, weekday or year that a quote has, and the asked one that it has not; or None.

    `known` is all that stands above the quote too: a heading may have the month.

    >>> other_period("how many came in july?", "In May 40 came.", "In May 40 came.")
    ('May', 'July')
    """
    asked = [
        word
        for word in words(question)
        if any(_is_in(word.term, member) for member in (*_PERIODS, None))
        and (word.plain != "may" or _is_month(question))
        and question[word.end - 1 : word.end] != "s"  # "1970s"
    ]
    if not asked:
        return None
    there = [
        word
        for word in words(said)
        if (said[word.start].isupper() or word.plain.isdigit())
        and not said[: word.start].casefold().endswith(_LIMITING)  # it is within "by Wednesday"
    ]
    above = {word.term for word in words(known)}
    for member in (*_PERIODS, None):
        wanted = [word for word in asked if _is_in(word.term, member)]
        other = [word for word in there if _is_in(word.term, member)]
        if wanted and other and above.isdisjoint(word.term for word in wanted):
            return said[other[0].start : other[0].end], wanted[0].plain.capitalize()
    return None


_AMOUNT_OF = r"""
    (?P<sign>[£$€])?\ ?(?P<number>\d[\d,]{0,15}(?:\.\d{1,9})?)(?P<times>[km]\b)?
    \ ?(?P<unit>%|[a-z]{2,20})?"""
_AMOUNT = lazy_pattern(rf"(?<![\w.]){_AMOUNT_OF}", re.I | re.X)
_LIMIT = lazy_pattern(
    rf"""\b(?:(?P<upper>up\ to|under|below|less\ than|fewer\ than|at\ most|(?:no|not)\ more\ than
        |maximum\ of)|over|above|more\ than|at\ least|minimum\ of)\ {_AMOUNT_OF}""",
    re.I | re.X,
)


def is_beyond(question: str, sentence: str) -> tuple[str, str] | None:
    """A limit in a sentence that a number of the question is beyond, and that number; or None.

    Only numbers of the same unit are compared, and one limit that holds is enough.

    >>> is_beyond("may i accept a gift worth £150?", "Gifts up to £40 may be accepted.")
    ('up to £40', '£150')
    """
    limits = list(_LIMIT.finditer(sentence))
    for asked in _AMOUNT.finditer(question) if limits else ():
        alike = [one for one in limits if _unit(one) == _unit(asked) != ""]
        if alike and not any(_holds(one, asked) for one in alike):
            return _bare(alike[0]), _bare(asked)
    return None


def _holds(limit: re.Match[str], asked: re.Match[str]) -> bool:
    most, number = _value(limit), _value(asked)
    return number <= most if limit["upper"] else number >= most


def _value(match: re.Match[str]) -> float:
    number = float(match["number"].replace(",", ""))
    return number * {"k": 1_000, "m": 1_000_000}.get((match["times"] or "").lower(), 1)


def _unit(match: re.Match[str]) -> str:
    return str(match["sign"] or stem((match["unit"] or "").lower()))


def _bare(match: re.Match[str]) -> str:
    """An amount as written; without the word after a sum of money."""
    end = match.end("number") if match["sign"] else match.end()
    return match.string[match.start() : end].strip()


# What tells two products of one name apart, after it: "X20" and "X20 Pro".
_MODELS = frozenset(
    "pro mini max plus lite air ultra premium basic starter enterprise xl se ii iii".split()
)


def other_model(question: str, sentence: str, above: Sequence[str]) -> str:
    """The product that a sentence is about, if the question is about another of the name; or "".

    `above` are the headings above the sentence, of which one may name the model.

    >>> other_model("how many cameras has the x20?", "The X20 Pro has two.", [])
    'X20 Pro'
    >>> other_model("how much memory does lumo mini need?", "Lumo needs 8 GB.", [])
    'Lumo'
    """
    asked = {word.plain for word in words(question)}
    models, alone = _models_in(sentence)
    for (name, model), written in models.items():
        is_name = written.rpartition(" ")[2][:1].isupper()  # not "cover air"
        if is_name and name in asked and model not in asked and name not in alone:
            return written
    for name, model in _models_in(question)[0]:
        is_above = any(
            (name, model) in found and name not in bare for found, bare in map(_models_in, above)
        )
        written = alone.get(name, "")
        if written[:1].isupper() and (name, model) not in models and not is_above:
            return written
    return ""


def _models_in(text: str) -> tuple[dict[tuple[str, str], str], dict[str, str]]:
    """The names with a model, ("x20", "pro"), and the other words, each as written."""
    models, alone, found = {}, {}, words(text)
    for word, after in zip_longest(found, found[1:]):
        if after and after.plain in _MODELS:
            models[word.plain, after.plain] = text[word.start : after.end]
        else:
            alone[word.plain] = text[word.start : word.end]
    return models, alone


def has_other_name(sentence: str, known: Collection[str]) -> bool:
    """Whether a sentence has a name, a capital after its first word, that is not among some stems.

    >>> has_other_name("The Kiel clinic has a lift.", {"bonn"})
    True
    """
    return any(
        sentence[word.start].isupper() and word.is_content and word.term not in known
        for word in words(sentence)[1:]
    )


def _is_in(term: str, period: Collection[str] | None) -> bool:
    return bool(_YEAR.fullmatch(term)) if period is None else term in period


def _is_month(question: str) -> bool:
    """Whether "may" is the month: "in may", "may 2024", but not "may I"."""
    return bool(re.search(r"\b(?:in|of|by|since|until|last|next|this) may\b|\bmay \d", question))


# A sentence that continues the one before it: "Students do not.", "The supplier has no such right",
# "Cleaners are eligible as well."
_CONTINUES = lazy_pattern(
    r"""(?:\S+\ ){1,7}(?:do|does|did|is|are|was|were|has|have|can|may|must|will)
        (?:\ not|n['’]t)(?:\ so)?[.!]?
    | (?:\S+\ ){1,7}(?:has|have|had)\ no\ such\ .{1,40}
    | (?:\S+\ ){1,7}(?:is|are)\ (?:not\ )?(?:exempt|excluded|included|covered|excepted)[.!]?
    | .{1,160}\b(?:too|as\ well|either|likewise)[.!]?""",
    re.I | re.S | re.X,
)
_PROPOSED = lazy_pattern(
    r"""\b(?:propos(?:e|es|ed|al)|suggest(?:s|ed)?|asked\ (?:for|to)|wanted|requested|recommended
        |discussed|considered|moved\ (?:to|that))\b""",
    re.I | re.X,
)
_DECIDED = lazy_pattern(
    r"""\b(?:decided|decision|agreed|approved|rejected|voted|turned\ down|declined|postponed
        |refused|accepted|adopted|withdrawn|withdrew|carried|dropped)\b""",
    re.I | re.X,
)


def continues(sentence: str) -> bool:
    """Whether a sentence is understood only with the one before it.

    >>> continues("Students do not."), continues("Students do not pay for it.")
    (True, False)
    """
    return bool(_CONTINUES.fullmatch(sentence))


def settles(sentence: str, proposal: str) -> bool:
    """Whether a sentence tells what became of a proposal in an earlier one.

    >>> settles("The board voted it down.", "Ann proposed a fee.")
    True
    """
    return bool(_PROPOSED.search(proposal)) and bool(_DECIDED.search(sentence))
