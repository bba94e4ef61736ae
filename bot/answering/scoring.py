"""Scores one passage for a query, in steps: each gives a closer upper bound, the last the score."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from bot.answering.lessons import Lesson
from bot.answering.matching import TermMatch, WeightedQuery
from bot.answering.meaning import Closeness
from bot.answering.pruning import ROUNDING, UpperBounds
from bot.answering.query import A_SECOND_STEP, Query
from bot.answering.quoting import Quote, QuoteChooser, texts_of
from bot.answering.vocabulary import subject_of
from bot.answering.weights import (
    CONFLICT,
    COVERAGE_BONUS,
    KIND_BONUS,
    NUMBER_BONUS,
    OF_ANOTHER,
    SAYS_NO_MORE,
    SENTENCE_BONUS,
)
from bot.english.conflicts import (
    Conflict,
    as_written,
    conflict,
    is_about,
    other_name,
    other_version,
    possible,
)
from bot.english.contrasts import Contrast
from bot.english.patterns import lazy_pattern
from bot.english.questions import Kind
from bot.english.statements import asks_about_changes, is_change_history
from bot.english.synonyms import Phrase
from bot.english.text import stem
from bot.index.analysis import Analysis, Sentence
from bot.model import Match, PassageKind, Span

# As stems: "is a", "are the", "means", "refers to", "stands for".
_IS_A = r"(?:(?:is|are|was|were) (?:a|an|the|one|ani)|mean|refer to|stand for)"
_ENDS_SENTENCE = lazy_pattern(r"[.!][\"'”’)\]]*$")


class ScoredPassage(NamedTuple):
    """A passage and why it was found. Its score is the sum of its matches' scores.

    - `quote`: the sentence with most of the question
    - `coverage`: share of the question that the passage covers, by information
    - `quote_coverage`: share that the quote covers, with the headings and leads above it
    - `own_coverage`: share that the quote covers with its leads, without the headings
    - `above_coverage`: share that the headings and leads cover without the quote
    - `own_words`: as `quote_coverage`, but without synonyms
    - `lacking`: names and numbers asked for that the passage has in no form
    - `says_more`: False if it only repeats the question or says where to look
    - `is_version`: whether it is another version of the passage before it
    - `conflict`: what it is about instead of what is asked
    - `span`: computes what to quote, a sentence or items of a list
    - `taught`: the lesson that it comes from, if any
    - `also`: computes the paths of other documents with the same passage
    """

    analysis: Analysis
    score: float
    matches: tuple[Match, ...]
    quote: Sentence
    coverage: float
    quote_coverage: float
    own_coverage: float
    above_coverage: float
    own_words: float
    lacking: tuple[str, ...]
    says_more: bool = True
    is_version: bool = False
    conflict: Conflict | None = None
    span: Callable[[], Span] | None = None
    taught: Lesson | None = None
    also: Callable[[], Sequence[str]] = tuple


class Candidate(NamedTuple):
    """A passage that matches something of the query, and an upper bound of its score."""

    analysis: Analysis
    matches: list[TermMatch]
    pair_bonus: float
    bound: float


class Quoted(NamedTuple):
    """A candidate with what to quote of it, and a closer upper bound of its score.

    `information` is how much of the question it covers.
    """

    candidate: Candidate
    matches: Sequence[Match]
    quote: Quote
    information: float
    bound: float


class Weighed(NamedTuple):
    """A candidate with all parts of its score, except the penalty for a conflict."""

    quoted: Quoted
    bonuses: Mapping[str, float]
    lacking: tuple[str, ...]
    says_more: bool
    bound: float


class Scorer:
    """Scores passages for one query."""

    def __init__(self, weighted: WeightedQuery, meaning: Closeness | None = None) -> None:
        self._weighted, self.query = weighted, weighted.query
        self._meaning = meaning
        self.bounds = UpperBounds(weighted)
        self._quotes = QuoteChooser(weighted)

    def candidate(
        self, analysis: Analysis, matches: list[TermMatch] | None = None
    ) -> Candidate | None:
        """A passage's matches and a bound from them; None if it matches nothing."""
        if matches is None:
            matches = self._weighted.matches(analysis)
        closeness = self.closeness(analysis)
        if not matches and not closeness:
            return None
        pairs = self._weighted.pair_bonus(analysis, self._weighted.forms.keys() & analysis.terms)
        bound = self.bounds.of_matches(matches) + pairs + self._weighted.most_bonus
        return Candidate(analysis, matches, pairs, bound + closeness)

    def closeness(self, analysis: Analysis) -> float:
        """A passage's score for closeness in meaning; 0 without `meaning`."""
        if self._meaning is None:
            return 0.0
        return self._meaning.score(analysis) * self._weighted.mass

    def in_full(self, analysis: Analysis) -> ScoredPassage | None:
        """A passage scored in full, whatever its bound; None if it matches nothing."""
        candidate = self.candidate(analysis)
        return None if candidate is None else self.score(self.weigh(self.quote(candidate)))

    def closer(
        self, analysis: Analysis, known: Candidate | Quoted | None
    ) -> Candidate | Quoted | Weighed | None:
        """The next step towards a passage's score; None if it matches nothing."""
        if known is None:
            return self.candidate(analysis)
        return self.quote(known) if isinstance(known, Candidate) else self.weigh(known)

    def quote(self, candidate: Candidate) -> Quoted:
        """Choose the sentence of a candidate to quote."""
        matches = self._weighted.best(candidate.matches)
        quote = self._quotes.choose(candidate.analysis, candidate.matches)
        information = sum(match.information for match in matches)
        bound = sum(match.score for match in matches) + SENTENCE_BONUS * quote.overlap
        bound += self._weighted.most_bonus + candidate.pair_bonus + COVERAGE_BONUS * information
        bound += self.closeness(candidate.analysis)
        return Quoted(candidate, matches, quote, information, bound)

    def weigh(self, quoted: Quoted) -> Weighed:
        """Add the bonuses and penalties for what a candidate says, except for a conflict."""
        query, analysis = self.query, quoted.candidate.analysis
        named = self._quotes.gives_kind(quoted.quote.sentence)
        bonuses = {
            "its best sentence": SENTENCE_BONUS * quoted.quote.overlap,
            "words side by side": quoted.candidate.pair_bonus,
            f"it gives {query.kind.value}": KIND_BONUS * named,
            "it has that number": NUMBER_BONUS * (self._quotes.numbered(analysis) is not None),
            "it says what it is": self._weighted.definition_bonus * self._defines(analysis),
            "how much of the question it has": COVERAGE_BONUS * quoted.information,
        }
        if self._meaning is not None:
            bonuses[self._meaning.said(analysis)] = self.closeness(analysis)
        words = sum(match.score for match in quoted.matches)
        says_more = self._says_more(analysis, named=named)
        if not says_more:
            worth = words + sum(bonuses.values())
            bonuses["it says nothing itself"] = (SAYS_NO_MORE - 1) * worth
        lacking = _lacking(query, quoted.matches)
        if not set(lacking).isdisjoint(query.titles):
            worth = words + sum(bonuses.values())
            bonuses["another document is about it"] = (OF_ANOTHER - 1) * worth
        return Weighed(quoted, bonuses, lacking, says_more, words + sum(bonuses.values()))

    def score(self, weighed: Weighed) -> ScoredPassage:
        """The full score of a passage, with the penalty for a conflict."""
        query, bonuses = self.query, dict(weighed.bonuses)
        candidate, matches, quote, information, _ = weighed.quoted
        other = self._conflict(candidate, quote.sentence)
        other = other or self._other_name(weighed.lacking, candidate.analysis, quote.sentence)
        if other is not None:
            name = f"it is about the other one: {other.found}, not {other.asked}"
            bonuses[name] = (CONFLICT - 1) * weighed.bound
        given = (Match(name, "", "", score) for name, score in bonuses.items() if score)
        every = (*matches, *given)
        every_word = max(query.information, ROUNDING)
        return ScoredPassage(
            candidate.analysis,
            sum(match.score for match in every),
            every,
            quote.sentence,
            information / query.information if query.information else 0.0,
            quote.together / every_word,
            quote.governed / every_word,
            quote.above / every_word,
            quote.own_words / every_word,
            weighed.lacking,
            weighed.says_more,
            conflict=other,
        )

    def _conflict(self, candidate: Candidate, quote: Sentence) -> Conflict | None:
        """What a passage is about instead of what is asked, as written; usually None.

        A word that a synonym covers counts as present, unless the synonym is itself the opposite.
        """
        query, analysis = self.query, candidate.analysis
        asked = possible(query.contrasts, analysis.words.joined, analysis.rest.text)
        if not asked:
            return None
        covered: dict[str, list[str]] = {}
        for (number, term), form, _ in candidate.matches:
            terms = query.groups[number].terms
            if form.via and form.via != A_SECOND_STEP:
                for one in terms if term is None else (terms[term],):
                    covered.setdefault(one.forms[0].phrase, []).extend(form.phrase.split())
        asked = [one for one in asked if one.others.issuperset(covered.get(one.asked, ()))]
        texts = texts_of(analysis, quote)
        other = conflict(asked, texts, query.near_forms)
        if other is None:
            return None
        passage = analysis.passage
        written = (quote.text, passage.text, *passage.headings, passage.document.title)
        found = as_written(other.found, *written)
        return Conflict(found, as_written(other.asked, query.question), other.of)

    def _other_name(
        self, lacking: Sequence[str], analysis: Analysis, quote: Sentence
    ) -> Conflict | None:
        """The name or number that the quote or a heading has in place of one that is asked for."""
        for name in lacking:
            found = other_name(name, self.query.question, quote.text)
            if found is None and "." in name:
                found = other_version(name, analysis.passage.headings)
            if found is not None:
                return Conflict(found, as_written(stem(name), self.query.question), None)
        return None

    def is_about(self, one: ScoredPassage, asked: Contrast) -> bool:
        """Whether a passage has the asked side of a contrast."""
        texts = texts_of(one.analysis, one.quote)
        return is_about(asked, texts, self.query.near_forms)

    def gives_kind(self, one: ScoredPassage) -> bool:
        """Whether a passage's quote gives the kind of thing asked for; False if none is."""
        return self._quotes.gives_kind(one.quote)

    def span(self, one: ScoredPassage) -> Span:
        """What to quote of a passage: its best sentence, or the best items of a list."""
        return self._quotes.span(one.quote, one.analysis)

    def _defines(self, analysis: Analysis) -> bool:
        """Whether a passage defines the question's subject, or begins a document about it."""
        subject = self.query.subject
        if not subject:
            return False
        if any(says_what_it_is(subject, one.joined) for one in analysis.sentences):
            return True
        _, number = analysis.rest.place
        return number == 1 and subject_of(analysis.passage.document.title) == subject

    def _says_more(self, analysis: Analysis, *, named: bool) -> bool:
        """Whether a passage says more than the question does, and more than where to look.

        A full sentence in the question's own words affirms it, so it counts. Anything else in these
        words is an entry of a table of contents, or the question itself, and counts only for a
        yes-or-no question. A heading counts only if it gives what is asked for (`named`), such as a
        date or a number.
        """
        if analysis.rest.points or self._is_of_history(analysis):
            return False
        if analysis.rest.kind is PassageKind.HEADING:
            return named
        own = analysis.words.own.split()
        if not own or any(word not in self.query.asked for word in own):
            return True
        if self.query.kind is Kind.YES_NO:
            return not analysis.plain.endswith("?")
        return bool(_ENDS_SENTENCE.search(analysis.plain))

    def _is_of_history(self, analysis: Analysis) -> bool:
        """Whether a row only tells what changed in a document, and no change is asked about."""
        if analysis.rest.kind is not PassageKind.ROW or asks_about_changes(self.query.question):
            return False
        text = analysis.passage.document.text
        leads = (text[start:end] for start, end, _ in analysis.passage.leads)
        return any(map(is_change_history, (*analysis.passage.headings[-1:], *leads)))


def says_what_it_is(subject: Phrase, joined: str) -> bool:
    """Whether the stems of a sentence begin with "X is a" or "an X is the"."""
    return bool(re.match(rf" (?:(?:a|an|the) )?{re.escape(subject)} {_IS_A} ", joined))


def _lacking(query: Query, matches: Iterable[Match]) -> tuple[str, ...]:
    if not query.strict:
        return ()
    matched = {word for match in matches for word in match.asked.split()}
    return tuple(word for word in query.strict if word not in matched)
