"""The one path from a question to an answer, for the terminal and for Slack alike."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple, TypeVar

from bot.answering.details import detail_of, document_meant, is_certain
from bot.answering.evidence import Verdict, judge
from bot.answering.overview import MAX_PASSAGES, overview
from bot.answering.query import Query, QueryReader
from bot.answering.ranking import ScoredPassage, rank
from bot.answering.vocabulary import Vocabulary
from bot.answering.weights import BEARS_ON_IT, MAX_CANDIDATES, MAX_RANKED, Thresholds
from bot.documents.scope import narrowed
from bot.english import questions
from bot.english.about_document import DetailAsked, detail_asked
from bot.english.questions import Overview
from bot.errors import EngineError
from bot.index import Index, idf
from bot.model import (
    MAX_EARLIER,
    ORDINALS,
    Answer,
    Answered,
    Citation,
    Closest,
    NotFound,
    Outcome,
    Question,
    QuestionPart,
)

T = TypeVar("T")

# Nobody asks in more; what is longer is a paste. Said to the asker when it is cut.
MAX_QUESTION_LENGTH = 1000
# One strong quote, and two more that may bear on it.
MAX_CITATIONS = 3

# How many questions are remembered as they were understood.
MAX_UNDERSTOOD = 500

NOT_ENGLISH = "I read English only, and this seems to be another language."
NO_WORD = "There is no word in that to look for; ask in a few words of English."


class Part(NamedTuple):
    """One question of several asked in one: its words, what was looked for, found, and made of it.

    `text` is "" where the question is only one.
    """

    query: Query
    found: tuple[ScoredPassage, ...]
    verdict: Verdict
    text: str = ""


class Understood(NamedTuple):
    """What a question asks: a query for each of its parts, or an overview; and what to say of it.

    `texts` are the parts as they were asked, where there are several. `within` is the document or
    folder that the overview is of. `details` are what its parts ask of a document itself.
    """

    notes: tuple[str, ...]
    queries: tuple[Query, ...] = ()
    texts: tuple[str, ...] = ()
    overview: Overview | None = None
    within: str | None = None
    foreign: bool = False
    details: tuple[DetailAsked, ...] = ()


class Answerer:
    """Answers questions from the index of a corpus. Build it once; `answer` changes nothing.

    Several threads may ask at a time. `failure` is what broke the index while it was asked.

    Raises SynonymError when the corpus's own list of synonyms does not parse.
    """

    def __init__(
        self,
        index: Index,
        thresholds: Thresholds | None = None,
    ) -> None:
        self.index = index
        self.failure: str | None = None
        self._thresholds = thresholds or Thresholds()
        self.vocabulary = Vocabulary(index)
        self._reader = QueryReader(self.vocabulary, self._knows, lambda term: idf(index, term))
        # The same question comes again: an example that is offered, the one of the day.
        self._understood = lru_cache(MAX_UNDERSTOOD)(self._understand)

    def answer(self, question: Question) -> Answer:
        """Find, quote, judge. Raises nothing for any text; EngineError when the index breaks."""
        return self._guarded(self._asked, question)

    def nearest(self, question: Question) -> Answer:
        """The passages that share most with a question, answered or not; NotFound for none.

        Raises EngineError as `answer` does.
        """
        parts = self._guarded(self.examine, question)
        near = [_citation(one) for part in parts for one in part.found[:MAX_CITATIONS]]
        distinct = {(c.passage.document.path, c.start): c for c in reversed(near)}
        citations = tuple(reversed(distinct.values()))[:MAX_CITATIONS]
        missing = tuple(_distinct(word for part in parts for word in part.query.missing))
        if not citations:
            return NotFound(corpus=self._hash, missing=missing)
        return Closest(citations=citations, corpus=self._hash, missing=missing)

    def examine(self, question: Question) -> list[Part]:
        """Each part of a question, with what was found for it and why; none for an overview."""
        return self._weighed(self._understood(question))

    def _guarded(self, ask: Callable[[Question], T], question: Question) -> T:
        """Ask the index; what breaks it is remembered, so that it is built again."""
        try:
            return ask(question)
        except EngineError as error:
            self.failure = str(error)
            raise

    def _asked(self, question: Question) -> Answer:
        asked = self._understood(question)
        if asked.foreign:
            missing = asked.queries[0].missing
            return NotFound(corpus=self._hash, missing=missing, notes=asked.notes)
        if asked.overview is not None:
            return self._overview(asked.overview, asked.within, asked.notes)
        return self._of_details(asked) or self._answer(self._weighed(asked), asked.notes)

    def _of_details(self, asked: Understood) -> Answer | None:
        """What the files say of the documents themselves; None where another thing may be meant."""
        told = [
            self._detail(detail, part, asked.within)
            for detail, part in zip(asked.details, self._weighed(asked), strict=False)
        ]
        answers = [one for one in told if one is not None]
        if not answers or len(answers) < len(told):
            return None
        outcomes = tuple(map(QuestionPart, asked.texts, (one.outcome for one in answers)))
        notes = (*asked.notes, *(note for one in answers for note in one.notes))
        cited = {(c.passage, c.start): c for one in answers for c in one.citations}
        if not cited:
            return NotFound(corpus=self._hash, notes=notes, parts=outcomes)
        citations = tuple(cited.values())
        return Answered(citations=citations, corpus=self._hash, notes=notes, parts=outcomes)

    def _detail(self, asked: DetailAsked, part: Part, within: str | None) -> Answer | None:
        """What a file says of its document. Where the text has all of the question, it answers."""
        document = document_meant(asked, self.index, within)
        if document is None:
            return None
        if not is_certain(asked, document, self.index) and _is_literal_answer(part):
            return None
        told = detail_of(asked.detail, document, self.index)
        # "What is the link?" may be one that the text speaks of.
        is_other = not asked.what and any(map(self._knows, part.query.asked))
        return None if is_other and isinstance(told, NotFound) else told

    def _understand(self, question: Question) -> Understood:
        text, notes = _readable(question.text)
        text, within = narrowed(text)
        lines = questions.normal(text, self._reader.is_word)
        asked = lines.replace("\n", " ")
        before = [narrowed(_readable(text)[0]) for text in question.after[-MAX_EARLIER:]]
        earlier = tuple(questions.normal(text, self._reader.is_word) for text, _ in before)
        if within is None and before and questions.leans(asked):
            within = before[-1][1]
        if within is not None and not self.index.has_scope(within):
            notes += (f"No document or folder is called *{within}*; I looked in all of them.",)
            within = None
        if questions.is_foreign(asked):
            query = self._reader.read(asked)
            return Understood((*notes, NOT_ENGLISH), (query,), foreign=True)
        parts = questions.parts(lines)
        details = _details(parts, earlier)
        wanted = None if details else questions.overview(asked, self._knows)
        if wanted is not None and not (earlier and questions.continues(asked)):
            return Understood(notes, overview=wanted, within=within)
        if len(parts) > len(ORDINALS):
            notes += (f"I read only the first {len(ORDINALS)} of your questions.",)
        parts = parts[: len(ORDINALS)]
        texts = tuple(_as_asked(part, text) for part in parts) if len(parts) > 1 else ()
        queries = self._queries(parts, earlier, within)
        return Understood(notes, queries, texts, within=within, details=details)

    def _queries(
        self, parts: list[str], earlier: tuple[str, ...], within: str | None
    ) -> tuple[Query, ...]:
        """A query for each part of a question in normal form.

        A later part may lean on those before it, as a question does on the thread's earlier ones.
        `within` is the document or folder to look in.
        """
        return tuple(
            self._reader.read(part, (*earlier, *parts[:n]), within) for n, part in enumerate(parts)
        )

    def _weighed(self, asked: Understood) -> list[Part]:
        texts = asked.texts or ("",)
        return [self._weigh(*one) for one in zip(asked.queries, texts, strict=False)]

    def _weigh(self, query: Query, text: str) -> Part:
        found = rank(query, self.index, MAX_CANDIDATES, MAX_RANKED)
        return Part(query, found, judge(query, found, self._thresholds), text)

    def _knows(self, term: str) -> bool:
        return self.index.frequency(term) > 0

    def _answer(self, parts: Sequence[Part], notes: tuple[str, ...]) -> Answer:
        """What was found for the parts of a question; its outcome is that of the best of them."""
        outcomes = {part.verdict.outcome for part in parts}
        asked = tuple(QuestionPart(p.text, p.verdict.outcome) for p in parts if p.text)
        notes += tuple(_distinct(note for part in parts for note in part.query.notes))
        missing = tuple(_distinct(word for part in parts for word in part.query.missing))
        reasons = tuple(_distinct(why for part in parts for why in part.verdict.reasons))
        if outcomes == {Outcome.NOT_FOUND}:
            if not any(part.query.groups for part in parts):
                notes += (NO_WORD,)
            return NotFound(
                corpus=self._hash, missing=missing, notes=notes, reasons=reasons, parts=asked
            )
        notes += tuple(_distinct(_unanswered(parts)))
        answer = Answered if Outcome.ANSWERED in outcomes else Closest
        return answer(
            citations=tuple(_citations(parts)),
            corpus=self._hash,
            missing=missing,
            notes=notes,
            reasons=reasons,
            parts=asked,
        )

    def _overview(self, wanted: Overview, within: str | None, notes: tuple[str, ...]) -> Answer:
        is_common = self.vocabulary.synonyms.begins
        looked_at = self.index.beginning(MAX_PASSAGES, within)
        found = overview(wanted, looked_at, is_common, lambda term: idf(self.index, term))
        notes += found.notes
        if not found.citations:
            return NotFound(corpus=self._hash, notes=notes)
        return Answered(citations=found.citations, corpus=self._hash, notes=notes)

    @property
    def _hash(self) -> str:
        return self.index.documents_hash


def _citations(parts: Sequence[Part]) -> Iterable[Citation]:
    """The best passages; of several parts each one's best first, and no passage twice.

    The parts that are answered come before those for which there is only something near.
    """
    if len(parts) == 1:
        return [_citation(one) for one in _bearing(parts[0])]
    numbered = [(n, part) for n, part in enumerate(parts, start=1) if _has_passages(part)]
    numbered.sort(key=lambda one: one[1].verdict.outcome is not Outcome.ANSWERED)
    is_answered = numbered[0][1].verdict.outcome is Outcome.ANSWERED
    found: dict[tuple[str, int], Citation] = {}
    for place in range(MAX_CITATIONS):
        for number, part in numbered:
            is_closest = is_answered and part.verdict.outcome is Outcome.CLOSEST
            shown = _bearing(part)[:1] if is_closest else _bearing(part)
            for one in shown[place : place + 1]:
                citation = replace(_citation(one), part=number, is_closest=is_closest)
                key = (citation.passage.document.path, citation.passage.start)
                known = found.setdefault(key, citation)
                if place == 0 and known.part != number and known.is_closest == is_closest:
                    found[key] = _of_both(known, citation)
    return list(found.values())[: max(MAX_CITATIONS, len(parts))]


def _details(parts: Sequence[str], earlier: Sequence[str]) -> tuple[DetailAsked, ...]:
    """What the parts of a question ask of a document itself; none where one of them does not.

    After an earlier question "it" is what that was about.
    """
    found = [detail for part in parts if (detail := detail_asked(part)) is not None]
    if len(found) < len(parts) or (earlier and any(one.points for one in found)):
        return ()
    return tuple(found)


def _is_literal_answer(part: Part) -> bool:
    """Whether a passage answers in the question's very words."""
    if part.verdict.outcome is not Outcome.ANSWERED:
        return False
    own = {m.asked for m in part.found[0].matches if m.information and not m.via}
    return own >= {term.word for group in part.query.groups for term in group.terms}


def _of_both(one: Citation, other: Citation) -> Citation:
    """One citation of a passage that answers two parts: from the first quote to the last."""
    return replace(
        one,
        start=min(one.start, other.start),
        end=max(one.end, other.end),
        also_parts=(*one.also_parts, other.part),
    )


def _has_passages(part: Part) -> bool:
    return part.verdict.outcome is not Outcome.NOT_FOUND


def _unanswered(parts: Sequence[Part]) -> Iterable[str]:
    """What is missing of the parts that are not answered, and for which nothing was found."""
    is_answered = any(part.verdict.outcome is Outcome.ANSWERED for part in parts)
    for part in parts:
        if part.verdict.outcome is Outcome.CLOSEST:
            if is_answered:
                yield f"I'm not sure about “{part.text}”."
            yield from part.verdict.missing
        if part.verdict.outcome is Outcome.NOT_FOUND:
            yield f"Nothing was found for “{part.text}”."


def _as_asked(part: str, question: str) -> str:
    """A part in the asker's own letters, where it stands in the question as it was read."""
    written = question.replace("\n", " ")
    start = written.casefold().find(part.strip())
    if start < 0 or len(written) != len(written.casefold()):
        return part.strip()
    return written[start : start + len(part.strip())]


def _bearing(part: Part) -> list[ScoredPassage]:
    """The best passages; below an answer only those that bear on the question as well."""
    best, *others = part.found[:MAX_CITATIONS]
    if part.verdict.outcome is Outcome.ANSWERED:
        others = [
            one for one in others if one.own_coverage and one.score >= BEARS_ON_IT * best.score
        ]
    return [best, *others]


def _citation(one: ScoredPassage) -> Citation:
    span = one.span or one.quote.span
    return Citation(one.analysis.passage, *span, also=one.also, why=one.matches)


def _distinct(texts: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(texts)


def _readable(text: str) -> tuple[str, tuple[str, ...]]:
    """The question without control characters but line ends, in its bounds, and what to say."""
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(c) == "Cc" and c != "\n" else c for c in text)
    clean = text.strip()
    if len(clean) <= MAX_QUESTION_LENGTH:
        return clean, ()
    note = (
        f"Your question is longer than {MAX_QUESTION_LENGTH:,} characters; I read only the first."
    )
    return clean[:MAX_QUESTION_LENGTH].rpartition(" ")[0] or clean[:MAX_QUESTION_LENGTH], (note,)
