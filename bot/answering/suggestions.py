"""Example questions for the guide; each one is tried first, so the corpus does answer it.

They should be questions that a person would ask: no example is better than a bad one.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bot.answering.vocabulary import Vocabulary
from bot.english.names import people
from bot.english.patterns import lazy_pattern
from bot.english.text import words
from bot.index import Index
from bot.model import Answer, Answered, Document, Passage, Question
from bot.phrases import ABOUT

# Enough to find a few, and a bound for a corpus that yields none.
MAX_TRIES = 60
# Longer questions than anybody would type make no example.
LONGEST = 100
MAX_WORDS = 4

# Words by which people refer to a document: "the handbook".
_CALLED = frozenset("handbook guide manual policy agreement contract plan report charter".split())
# Words that, as a heading or as its first word, make no subject of a question.
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
# A heading with one of these words is a sentence; one that does not match _SUBJECT is a label.
_IN_A_SENTENCE = frozenset("a an the to is are was be you your my our we i it not do does".split())
_SUBJECT = lazy_pattern(r"[^\W\d_]+(?:['’-][^\W\d_]+)*(?: [^\W\d_]+(?:['’-][^\W\d_]+)*)*")
# These need no article: "annual leave".
_UNCOUNTED = frozenset(
    """
    access advice care childcare clothing conduct data discipline email energy equipment food fuel
    furniture hardware health hospitality hygiene insurance leave luggage mail overtime pay post
    privacy safety security sickness software storage support travel waste water wifi work
    """.split()
)


class Candidate(NamedTuple):
    """A question to try, and the subject that its answer must be about; see `_is_on`."""

    question: str
    subject: str


def suggestions(
    answer: Callable[[Question], Answer], index: Index, vocabulary: Vocabulary, most: int = 3
) -> tuple[str, ...]:
    """Up to `most` questions that `answer` answers, each from a different passage."""
    found: dict[Passage, str] = {}
    short = (one for one in _candidates(index, vocabulary) if len(one.question) <= LONGEST)
    for tries, candidate in enumerate(short):
        if len(found) == most or tries == MAX_TRIES:
            break
        given = answer(Question(candidate.question))
        if isinstance(given, Answered) and _is_on(given.citations[0].passage, candidate.subject):
            found.setdefault(given.citations[0].passage, candidate.question)
    return tuple(found.values())


def _candidates(index: Index, vocabulary: Vocabulary) -> Iterator[Candidate]:
    """Headings first, since an editor found them worth asking about; then people."""
    passages = [analysis.passage for analysis in index.beginning(MAX_TRIES)]
    headings = {one.heading: one for one in reversed(passages) if one.heading}
    headings = dict(reversed(headings.items()))
    for heading in headings:
        if heading.endswith("?"):
            yield Candidate(heading, heading)
        elif re.match(r"how to \w", heading, re.I):
            yield Candidate(f"How do I {heading[7:].rstrip('.')}?", heading)
    called = Counter(_called(document) for document in index.documents)
    for heading, passage in headings.items():
        if _is_subject(heading):
            name = _called(passage.document)
            about = f"What does the {name} say about" if name and called[name] == 1 else ABOUT
            yield Candidate(f"{about} {_in_a_question(vocabulary, heading)}?", heading)
    text = "\n".join(passage.text for passage in passages)
    for person in people(text, vocabulary.synonyms.begins):
        yield Candidate(f"{ABOUT} {person.text}?", person.text)


def _is_on(passage: Passage, subject: str) -> bool:
    """Whether a passage shares a word with the subject, or is below it if that is a question."""
    wanted = {word.term for word in words(subject) if word.is_content}
    there = {word.term for word in words(passage.text)}
    if subject.endswith("?"):
        return subject in passage.headings
    return bool(wanted) and bool(wanted & there)


def _called(document: Document) -> str:
    """What people call a document, such as "handbook", by the last word of its title; or ""."""
    last = document.title.casefold().rpartition(" ")[2]
    return last if last in _CALLED else ""


def _is_subject(heading: str) -> bool:
    """Whether a heading names a subject: "Parking", but not "Demos", "Add a user" or "Step 2"."""
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


def _in_a_question(vocabulary: Vocabulary, heading: str) -> str:
    """A heading as part of a sentence: in lower case except names, with "the" if it needs one."""
    found = words(heading)
    names = [vocabulary.is_name(word.term) for word in found]
    parts = [
        part if is_name or part.isupper() else part[:1].casefold() + part[1:]
        for part, is_name in zip(heading.split(), names, strict=False)
    ]
    text = " ".join(parts) if len(parts) == len(heading.split()) else heading
    last = text.rpartition(" ")[2]
    bare = last[:1].isupper() or last in _UNCOUNTED or re.search(r"(?:[^iosu]s|ing|ism)$", last)
    return text if bare else f"the {text}"
