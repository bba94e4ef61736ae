"""Questions that a corpus does answer, for the guide: each is tried before it is offered.

They are questions that a person would ask; none is better than a bad one.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from bot.answering.answerer import Answerer
from bot.english.names import people
from bot.english.text import words
from bot.model import Answered, Document, Passage, Question
from bot.phrases import ABOUT

# Enough tries to find a few, and a bound for a corpus that suggests nothing.
MAX_TRIES = 60
# What nobody would type is no suggestion.
LONGEST = 100
MAX_WORDS = 4

# Documents that people call by these words: "the handbook".
_CALLED = frozenset("handbook guide manual policy agreement contract plan report charter".split())
# Headings that are no subject of a question, alone or as a first word.
_NO_SUBJECT = frozenset(
    """
    about add addendum allow annex answer apply appendix ask avoid background book build buy call
    change changelog check choose claim complete conclusion connect contents create credit default
    delete demo do enter example faq find fix follow general get glossary go handle help how index
    install introduction keep know learn licence license link list log make manage miscellaneous
    move new note open order other overview pay preface quick read reference remove report request
    resource return run save see select send set share sign start step stop submit summary switch
    take tell todo try turn update upload use view what when where who why write
    """.split()
)
# Words that make a sentence of a heading, and marks of one that is a label.
_IN_A_SENTENCE = frozenset("a an the to is are was be you your my our we i it not do does".split())
_SUBJECT = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*(?: [^\W\d_]+(?:['’-][^\W\d_]+)*)*")
# These need no article: "annual leave".
_UNCOUNTED = frozenset(
    """
    access advice care childcare clothing conduct data discipline email energy equipment food fuel
    furniture hardware health hospitality hygiene insurance leave luggage mail overtime pay post
    privacy safety security sickness software storage support travel waste water wifi work
    """.split()
)


class Candidate(NamedTuple):
    """A question to try, and the words that must stand in what answers it, or above that."""

    question: str
    subject: str


def suggestions(answerer: Answerer, most: int = 3) -> tuple[str, ...]:
    """Up to `most` questions that the corpus answers, each from another passage."""
    found: dict[Passage, str] = {}
    short = (one for one in _candidates(answerer) if len(one.question) <= LONGEST)
    for tries, candidate in enumerate(short):
        if len(found) == most or tries == MAX_TRIES:
            break
        answer = answerer.answer(Question(candidate.question))
        if isinstance(answer, Answered) and _is_on(answer.citations[0].passage, candidate.subject):
            found.setdefault(answer.citations[0].passage, candidate.question)
    return tuple(found.values())


def _candidates(answerer: Answerer) -> Iterator[Candidate]:
    """Headings first, as what an editor thought worth asking; then people."""
    passages = [analysis.passage for analysis in answerer.index.beginning(MAX_TRIES)]
    headings = {one.heading: one for one in reversed(passages) if one.heading}
    headings = dict(reversed(headings.items()))
    for heading in headings:
        if heading.endswith("?"):
            yield Candidate(heading, heading)
        elif re.match(r"how to \w", heading, re.I):
            yield Candidate(f"How do I {heading[7:].rstrip('.')}?", heading)
    called = Counter(_called(document) for document in answerer.index.documents)
    for heading, passage in headings.items():
        if _is_subject(heading):
            name = _called(passage.document)
            about = f"What does the {name} say about" if name and called[name] == 1 else ABOUT
            yield Candidate(f"{about} {_in_a_question(answerer, heading)}?", heading)
    text = "\n".join(passage.text for passage in passages)
    for person in people(text, answerer.vocabulary.synonyms.begins):
        yield Candidate(f"{ABOUT} {person.text}?", person.text)


def _is_on(passage: Passage, subject: str) -> bool:
    """Whether a passage, or a heading above it that is the subject, has the subject's words."""
    wanted = {word.term for word in words(subject) if word.is_content}
    there = {word.term for word in words(passage.text)}
    if subject.endswith("?"):
        return subject in passage.headings
    return bool(wanted) and bool(wanted & there)


def _called(document: Document) -> str:
    """What people call a document by its title, such as "handbook"; "" for nothing."""
    last = document.title.casefold().rpartition(" ")[2]
    return last if last in _CALLED else ""


def _is_subject(heading: str) -> bool:
    """Whether a heading names something: "Parking", and not "Demos", "Add a user" or "Step 2"."""
    if not _SUBJECT.fullmatch(heading):
        return False
    found = heading.casefold().split()
    first = found[0].removesuffix("s")
    return (
        len(found) <= MAX_WORDS
        and first not in _NO_SUBJECT
        and found[0] not in _NO_SUBJECT
        and _IN_A_SENTENCE.isdisjoint(found)
    )


def _in_a_question(answerer: Answerer, heading: str) -> str:
    """A heading within a sentence: small letters but for names, with an article if it needs one."""
    found = words(heading)
    names = [answerer.vocabulary.is_name(word.term) for word in found]
    parts = [
        part if is_name or part.isupper() else part[:1].casefold() + part[1:]
        for part, is_name in zip(heading.split(), names, strict=False)
    ]
    text = " ".join(parts) if len(parts) == len(heading.split()) else heading
    last = text.rpartition(" ")[2]
    bare = last[:1].isupper() or last in _UNCOUNTED or re.search(r"(?:[^iosu]s|ing|ism)$", last)
    return text if bare else f"the {text}"
