"""The one path from a question to an answer, for the terminal and for Slack alike."""

import unicodedata

from bot.answering.evidence import Evidence, weigh
from bot.corpus.reading import Corpus
from bot.engines.memory import MemoryEngine
from bot.language.text import Word, content_words
from bot.model import Answer, Answered, Citation, Closest, NotFound, Passage, Question

# Nobody asks in more; what is longer is a paste. Said to the asker when it is cut.
LONGEST_QUESTION = 1000
# One strong quote, and two more that may bear on it.
MOST_CITATIONS = 3
# How many passages are looked at closely. More changes no answer, and costs.
MOST_CANDIDATES = 100


class Answerer:
    """Answers questions from one corpus. Build it once; `answer` changes nothing."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._engine = MemoryEngine([_searched(passage) for passage in corpus.passages])

    def answer(self, question: Question) -> Answer:
        """Search, quote, judge. Raises nothing for any text."""
        text, notes = _readable(question.text)
        asked = {word.term: word for word in reversed(content_words(text))}
        missing = self._missing(asked)
        found = self._search(asked)
        if not found:
            if not asked:
                notes += ("There is no word in that to look for; ask in a few words of English.",)
            return NotFound(corpus=self._hash, missing=missing, notes=notes)
        citations = tuple(Citation(e.passage, e.quote.start, e.quote.end) for e in found)
        outcome = Answered if found[0].covered.issuperset(asked) else Closest
        return outcome(citations=citations, corpus=self._hash, missing=missing, notes=notes)

    @property
    def _hash(self) -> str:
        return self.corpus.content_hash

    def _search(self, asked: dict[str, Word]) -> list[Evidence]:
        weights = dict.fromkeys(asked, 1.0)
        positions = self._engine.candidates(weights, MOST_CANDIDATES)[:MOST_CITATIONS]
        passages = [self.corpus.passages[position] for position in positions]
        return [weigh(passage, asked, self._engine.idf) for passage in passages]

    def _missing(self, asked: dict[str, Word]) -> tuple[str, ...]:
        unknown = (word for term, word in asked.items() if not self._engine.knows(term))
        return tuple(word.plain for word in sorted(unknown, key=lambda word: word.start))


def _searched(passage: Passage) -> list[str]:
    """The terms that a passage is found by: its heading's and its own.

    A heading alone steals the first place and is never an answer, so it stands with what follows.
    """
    return [word.term for word in content_words(f"{passage.heading or ''}\n{passage.text}")]


def _readable(text: str) -> tuple[str, tuple[str, ...]]:
    """The question without control characters, in its bounds, and what to say of it."""
    clean = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text).strip()
    if len(clean) <= LONGEST_QUESTION:
        return clean, ()
    note = f"Your question is longer than {LONGEST_QUESTION:,} characters; I read only the first."
    return clean[:LONGEST_QUESTION], (note,)
