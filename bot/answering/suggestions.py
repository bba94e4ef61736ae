"""Questions that a corpus does answer, for the guide: each is tried before it is offered."""

from collections.abc import Iterator

from bot.answering.answerer import Answerer
from bot.english.names import people
from bot.model import Answered, Passage, Question

# Enough tries to find a few, and a bound for a corpus that suggests nothing.
MAX_TRIES = 60
# What nobody would type is no suggestion.
LONGEST = 150


def suggestions(answerer: Answerer, most: int = 3) -> tuple[str, ...]:
    """Up to `most` questions that the corpus answers, each from another passage."""
    found: dict[Passage, str] = {}
    short = (question for question in _candidates(answerer) if len(question) <= LONGEST)
    for tries, question in enumerate(short):
        if len(found) == most or tries == MAX_TRIES:
            break
        answer = answerer.answer(Question(question))
        if isinstance(answer, Answered):
            found.setdefault(answer.citations[0].passage, question)
    return tuple(found.values())


def _candidates(answerer: Answerer) -> Iterator[str]:
    """Headings first, as what an editor thought worth asking; then people; then how texts begin."""
    passages = [analysis.passage for analysis in answerer.index.beginning(MAX_TRIES)]
    headings = dict.fromkeys(passage.heading for passage in passages if passage.heading)
    for heading in headings:
        yield heading if heading.endswith("?") else f"What about “{heading}”?"
    is_common = answerer.vocabulary.synonyms.begins
    text = "\n".join(passage.text for passage in passages)
    for person in people(text, is_common):
        yield f"What is said of {person.text}?"
    for passage in passages:
        yield f"What about “{' '.join(passage.text.split(maxsplit=6)[:6])}”?"
