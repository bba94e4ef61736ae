"""The single path from a question to an answer, shared by the terminal, Slack, web and MCP."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeVar

from bot import phrases
from bot.answering.details import detail_of, document_meant, is_certain
from bot.answering.evidence import Verdict, judge
from bot.answering.lessons import Lesson, Lessons
from bot.answering.meaning import Meaning
from bot.answering.overview import MAX_PASSAGES, overview
from bot.answering.query import Query
from bot.answering.query_reader import QueryReader
from bot.answering.question_parser import MAX_KEPT, NOT_ENGLISH, ParsedQuestion, QuestionParser
from bot.answering.ranking import rank
from bot.answering.scoring import ScoredPassage
from bot.answering.suggestions import suggestions
from bot.answering.vocabulary import Vocabulary
from bot.answering.weights import (
    BEARS_ON_IT,
    MAX_CANDIDATES,
    MAX_NEAREST,
    MAX_RANKED,
    RANKED,
    Thresholds,
)
from bot.english import questions
from bot.english.about_document import DetailAsked
from bot.english.questions import Overview
from bot.english.text import stem, words
from bot.errors import EngineError
from bot.index import SENTENCE_MODEL, Index, idf
from bot.learning.taught import Entry, Taught
from bot.model import (
    Answer,
    Answered,
    Citation,
    Closest,
    NoQuestion,
    NotFound,
    Outcome,
    Passage,
    Question,
    QuestionPart,
    Span,
    Talk,
)

T = TypeVar("T")

# The best passage and up to two related ones.
MAX_CITATIONS = 3
# How many passages "tell me more" shows at a time.
MAX_MORE = 2

IN_ENGLISH = "Your question seems to be in another language; these passages come closest to it."
COMPARES = "I can't compare, but this is what the documents say about each."
NO_WORD = "I need a few words of English to search for. For example: who approves travel?"


class Part(NamedTuple):
    """One part of a question: its query, the passages found, the verdict, and its wording.

    `text` is "" unless the message asks several questions.
    """

    query: Query
    found: tuple[ScoredPassage, ...]
    verdict: Verdict
    text: str = ""


class Answerer:
    """Answers questions from the index of a corpus.

    An answerer and its cached answers belong to one state of the documents. It is safe to share
    between threads. After an EngineError, `failure` holds its message.

    Raises SynonymError when the corpus's own list of synonyms does not parse.
    """

    def __init__(
        self,
        index: Index,
        thresholds: Thresholds | None = None,
        meaning: Meaning | None = None,
        taught: Taught | None = None,
    ) -> None:
        self.index = index
        self.meaning = meaning
        self.failure: str | None = None
        self._thresholds = thresholds or Thresholds()
        self.vocabulary = Vocabulary(index)
        reader = QueryReader(self.vocabulary, self._knows, lambda term: idf(index, term))
        self.taught = taught or Taught()
        self.lessons = Lessons(index, self.taught, reader.is_word, reader.as_meant)
        self._parser = QuestionParser(index, reader, self.lessons, self._knows)
        self._answers = lru_cache(MAX_KEPT)(self._asked)

    @property
    def model(self) -> str:
        """The name of the sentence model in use; "" for search by words alone."""
        return SENTENCE_MODEL if self.meaning is not None else ""

    def answer(self, question: Question) -> Answer:
        """Answer a question, whatever its text. Raises EngineError when the index breaks."""
        return self._guarded(self._answers, question)

    def find(self, text: str) -> Answer:
        """Answer from the words of a message, without treating any of it as talk to the bot."""
        return self._guarded(self._found, Question(text))

    def nearest(self, question: Question) -> Answer:
        """The closest passages to a question, answered or not; NotFound if there are none.

        Raises EngineError when the index breaks.
        """
        parts = self._guarded(self.examine, question)
        near = (_citation(one) for part in parts for one in part.found[:MAX_CITATIONS])
        citations = _one_a_passage(near)[:MAX_CITATIONS]
        missing = tuple(_distinct(word for part in parts for word in part.query.missing))
        if not citations:
            return NotFound(corpus=self._hash, missing=missing)
        notes = tuple(_distinct(note for part in parts for note in part.query.notes))
        return Closest(citations=citations, corpus=self._hash, missing=missing, notes=notes)

    def examine(self, question: Question, top: int = RANKED) -> list[Part]:
        """Each part of a question, with what was found for it and why; empty for an overview.

        For each at least the `top` best passages, if there are as many.
        """
        return self._weighed(self._parser.parse(question), top)

    def taught_for(self, text: str) -> list[Entry]:
        """The newest entry of each folder that was taught for exactly these words."""
        return self._parser.taught_for(text)

    def _guarded(self, ask: Callable[[Question], T], question: Question) -> T:
        """Ask the index, and record in `failure` what breaks it, so that it gets rebuilt."""
        try:
            return ask(question)
        except EngineError as error:
            self.failure = str(error)
            raise

    def _asked(self, question: Question) -> Answer:
        asked = self._parser.parse(question)
        if asked.talk is not None:
            earlier, pages = self._parser.earlier(question), self._parser.more_before(question)
            return self._reply(asked.talk, earlier, pages)
        return self._answered(asked)

    def _found(self, question: Question) -> Answer:
        return self._answered(self._parser.parse_plainly(question.text))

    def _answered(self, asked: ParsedQuestion) -> Answer:
        if asked.foreign and (near := self._in_english(asked)) is not None:
            return near
        if asked.foreign:
            missing = _as_written(asked.queries[0].missing, asked.written)
            return NotFound(corpus=self._hash, missing=missing, notes=asked.notes)
        if asked.overview is not None:
            return self._overview(asked.overview, asked.within, asked.notes)
        parts = self._weighed(asked)
        told = self._of_details(asked, parts)
        if told is not None:
            return told
        if not _is_answered(parts) and (each := self._of_compared(asked, parts)) is not None:
            return each
        if not _is_answered(parts) and self._reads_foreign(asked):
            near = self._in_english(asked)
            if near is not None:
                return near
        return self._answer(parts, asked.notes, asked.written)

    def _of_compared(self, asked: ParsedQuestion, parts: Sequence[Part]) -> Answer | None:
        """The closest passages on the two things that a question compares, then on both; or None.

        None if it compares nothing, or the documents have nothing on one of them.
        """
        if len(parts) != 1 or not parts[0].query.compared:
            return None
        sides = [self._weigh(side, "") for side in self._parser.sides(parts[0].query)]
        if not all(map(_has_passages, sides)):
            return None
        best = (_citation(part.found[0]) for part in (*sides, *parts) if part.found)
        notes = (*asked.notes, *_distinct(note for part in sides for note in part.query.notes))
        notes = (*notes, COMPARES)
        return Closest(citations=_one_a_passage(best), corpus=self._hash, notes=notes)

    def _reads_foreign(self, asked: ParsedQuestion) -> bool:
        return all(questions.reads_foreign(query.question, self._knows) for query in asked.queries)

    def _in_english(self, asked: ParsedQuestion) -> Answer | None:
        """The closest passages by meaning to a question in another language, if any."""
        if self.meaning is None or len(asked.queries) != 1:
            return None
        [query] = asked.queries
        closeness = self.meaning.closeness(query)
        if closeness is None:
            return None
        found = rank(query, self.index, MAX_CANDIDATES, MAX_NEAREST, closeness)
        near = sorted(found, key=lambda one: -closeness.of(one.analysis))[:MAX_CITATIONS]
        notes = (*(note for note in asked.notes if note != NOT_ENGLISH), IN_ENGLISH)
        cited = tuple(map(_citation, near))
        return Closest(citations=cited, corpus=self._hash, notes=notes) if cited else None

    def _of_details(self, asked: ParsedQuestion, parts: Sequence[Part]) -> Answer | None:
        """An answer from the documents' own metadata; None if the question may mean the text."""
        if not asked.details:
            return None
        told = [
            self._detail(detail, part, asked.within)
            for detail, part in zip(asked.details, parts, strict=False)
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
        """What a document's metadata says; None where its text is the better answer."""
        document = document_meant(asked, self.index, within)
        if document is None:
            return None
        if not is_certain(asked, document, self.index) and _is_literal_answer(part):
            return None
        told = detail_of(asked.detail, document, self.index)
        # "What is the link?" may mean a link that the text mentions.
        is_other = not asked.what and any(map(self._knows, part.query.asked))
        return None if is_other and isinstance(told, NotFound) else told

    def _weighed(self, asked: ParsedQuestion, top: int = RANKED) -> list[Part]:
        texts = asked.texts or ("",)
        return [self._weigh(*one, top) for one in zip(asked.queries, texts, strict=False)]

    def _weigh(self, query: Query, text: str, top: int = RANKED) -> Part:
        lessons = self.lessons.of(query)
        found = rank(query, self.index, MAX_CANDIDATES, top, lessons=lessons)
        verdict = judge(query, found, self._thresholds)
        is_same = bool(found and found[0].taught and found[0].taught.is_same)
        is_answered = is_same or verdict.outcome is Outcome.ANSWERED
        closeness = self.meaning.closeness(query) if self.meaning and not is_answered else None
        if closeness is not None:
            by_words = found
            found = rank(query, self.index, MAX_CANDIDATES, MAX_RANKED, closeness, lessons)
            verdict = judge(query, found, self._thresholds, closeness, by_words)
        lesson = found[0].taught if found else None
        if lesson is not None:
            query, verdict = _as_taught(lesson, query, verdict)
        return Part(query, found, verdict, text)

    def _knows(self, term: str) -> bool:
        return self.index.frequency(term) > 0

    def _answer(self, parts: Sequence[Part], notes: tuple[str, ...], written: str) -> Answer:
        """Merge the parts into one answer, whose outcome is that of the best part."""
        outcomes = {part.verdict.outcome for part in parts}
        asked = tuple(QuestionPart(p.text, p.verdict.outcome) for p in parts if p.text)
        notes += tuple(_distinct(note for part in parts for note in part.query.notes))
        missing = _as_written((word for part in parts for word in part.query.missing), written)
        lacking = _as_written((word for part in parts for word in part.verdict.lacking), written)
        reasons = tuple(_distinct(why for part in parts for why in part.verdict.reasons))
        if outcomes == {Outcome.NOT_FOUND}:
            if not any(part.query.groups for part in parts):
                notes += (NO_WORD,)
            return NotFound(
                corpus=self._hash, missing=missing, notes=notes, reasons=reasons, parts=asked
            )
        notes += tuple(_distinct(_unanswered(parts)))
        if lacking:
            is_answer = Outcome.ANSWERED in outcomes
            begin = "The passage does not mention" if is_answer else phrases.LACKS
            notes += (f"{begin} {_listed(lacking)}.",)
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

    @cached_property
    def examples(self) -> tuple[str, ...]:
        """Some questions that the documents answer."""
        # Search by words alone: a greeting must not load the sentence model.
        by_words = self if self.meaning is None else Answerer(self.index, self._thresholds)
        return suggestions(by_words.answer, self.index, self.vocabulary)

    def _reply(self, talk: Talk, earlier: Sequence[str], pages: int) -> Answer:
        """The reply to talk. "Tell me more" gets passages that earlier answers did not show."""
        if talk is Talk.MORE and earlier and (more := self._more(earlier, pages)):
            return NoQuestion(corpus=self._hash, talk=talk, notes=phrases.more(more))
        examples = self.examples if talk in (Talk.GUIDE, Talk.AROUND) else ()
        notes = phrases.reply(
            talk, bool(earlier), self.examples[:1], examples, self.index.documents
        )
        return NoQuestion(corpus=self._hash, talk=talk, notes=notes, examples=examples)

    def _more(self, earlier: Sequence[str], pages: int) -> Sequence[Citation]:
        """The next passages for the last question, after its answer and `pages` more pages."""
        last = Question(earlier[-1], tuple(earlier[:-1]))
        shown = {citation.passage for citation in self.answer(last).citations}
        found = [
            _citation(one)
            for part in self.examine(last, MAX_RANKED)
            for one in part.found
            if one.own_coverage
        ]
        others = [citation for citation in found if citation.passage not in shown]
        return others[pages * MAX_MORE : (pages + 1) * MAX_MORE] if shown else ()

    @property
    def _hash(self) -> str:
        return self.index.documents_hash


def _as_taught(lesson: Lesson, query: Query, verdict: Verdict) -> tuple[Query, Verdict]:
    """Apply a lesson: the very question is answered; a similar one lacks none of its words."""
    missing = tuple(word for word in query.missing if stem(word) not in lesson.words)
    query = replace(query, missing=() if lesson.is_same else missing)
    why = f"{phrases.TAUGHT} {lesson.on}."
    if lesson.is_same:
        return query, Verdict(Outcome.ANSWERED, (), (why,))
    return query, verdict._replace(reasons=(why, *verdict.reasons))


def _citations(parts: Sequence[Part]) -> Iterable[Citation]:
    """The citations of an answer, without repeats: the best of each part first.

    Answered parts come before parts that have only a closest passage.
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


def _is_literal_answer(part: Part) -> bool:
    """Whether the best passage answers and has every word of the question itself."""
    if part.verdict.outcome is not Outcome.ANSWERED:
        return False
    own = {m.asked for m in part.found[0].matches if m.information and not m.via}
    return own >= {term.word for group in part.query.groups for term in group.terms}


def _of_both(one: Citation, other: Citation) -> Citation:
    """Merge two citations of a passage that answers two parts: from the first quote to the last."""
    return replace(
        one,
        start=min(one.start, other.start),
        end=max(one.end, other.end),
        also_parts=(*one.also_parts, other.part),
        answers=(*(one.answers or (Span(one.start, one.end),)), Span(other.start, other.end)),
    )


def _is_answered(parts: Sequence[Part]) -> bool:
    return any(part.verdict.outcome is Outcome.ANSWERED for part in parts)


def _has_passages(part: Part) -> bool:
    return part.verdict.outcome is not Outcome.NOT_FOUND


def _unanswered(parts: Sequence[Part]) -> Iterable[str]:
    """Notes on the parts that are not answered, and on those for which nothing was found."""
    is_answered = _is_answered(parts)
    for part in parts:
        if part.verdict.outcome is Outcome.CLOSEST:
            if is_answered:
                yield f"I'm not sure about “{part.text}”."
            yield from part.verdict.missing
        if part.verdict.outcome is Outcome.NOT_FOUND:
            yield f"{phrases.NOTHING_FOUND} “{part.text}”."


def _bearing(part: Part) -> list[ScoredPassage]:
    """The best passages; after an answer, only another version of it and related passages."""
    best, *others = part.found[:MAX_CITATIONS]
    if part.verdict.outcome is Outcome.ANSWERED:
        versions = [one for one in others[:1] if one.is_version]
        others = versions + [
            one
            for one in others[len(versions) :]
            if one.own_coverage and one.score >= BEARS_ON_IT * best.score
        ]
    return [best, *others]


def _citation(one: ScoredPassage) -> Citation:
    span = one.span() if one.span else one.quote.span
    return Citation(one.analysis.passage, *span, also=tuple(one.also()), why=one.matches)


def _one_a_passage(cited: Iterable[Citation]) -> tuple[Citation, ...]:
    """The first citation of each passage."""
    found: dict[Passage, Citation] = {}
    for citation in cited:
        found.setdefault(citation.passage, citation)
    return tuple(found.values())


def _as_written(asked: Iterable[str], written: str) -> tuple[str, ...]:
    """Words of a question as the asker wrote them, without repeats."""
    typed: dict[str, str] = {}
    for word in words(written):
        typed.setdefault(word.plain, written[word.start : word.end])
    if "us" in typed:  # the country, as a question is read
        typed.setdefault("usa", typed["us"])
    found = (typed.get(word, word) for word in asked)
    return tuple({word.casefold(): word for word in reversed([*found])}.values())[::-1]


def _listed(words: Sequence[str]) -> str:
    *others, last = (f"“{word}”" for word in words)
    return f"{', '.join(others)} or {last}" if others else last


def _distinct(texts: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(texts)
