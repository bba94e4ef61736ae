"""How well a passage fits a query, word by word, and which of its sentences to quote."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from bot.answering.matching import (
    Rarity,
    TermMatch,
    WeightedQuery,
    counted_rarities,
    estimated_rarities,
    forms_by_stem,
    search_weights,
    term_matches,
)
from bot.answering.pruning import ROUNDING, UpperBounds, is_below
from bot.answering.query import Group, Query
from bot.answering.weights import (
    ABOVE_ASKS,
    COVERAGE_BONUS,
    KIND_BONUS,
    SAYS_NO_MORE,
    SENTENCE_BONUS,
)
from bot.documents.reader import MARKDOWN
from bot.english.answer_types import names_what_is_asked
from bot.english.questions import Kind
from bot.index import Index
from bot.index.analysis import Analysis, Sentence, quoted_span
from bot.model import Match, PassageKind, Span

_WHOLE_LISTS = (Kind.STEPS, Kind.ALL, Kind.OTHER)
_ENDS_SENTENCE = re.compile(r"[.!][\"'”’)\]]*$")


class ScoredPassage(NamedTuple):
    """A passage and why it was found. Its score is the sum of its matches' scores.

    `quote` is the sentence that has most of the question. `coverage` is the share of the question
    that the passage has a form of, by information, `quote_coverage` that of the sentence with what
    stands above it, `own_coverage` that of the sentence alone and `above_coverage` that of the
    headings alone; `lacking` are the names and numbers asked for that the passage has no form of.
    `also` are the paths of the other documents that hold the same passage. `says_more` is false of
    one that says no more than the question, or only where to look. `span` is what to quote: the
    sentence, or the items of a list.
    """

    analysis: Analysis
    score: float
    matches: tuple[Match, ...]
    quote: Sentence
    coverage: float
    quote_coverage: float
    own_coverage: float
    above_coverage: float
    lacking: tuple[str, ...]
    says_more: bool = True
    span: Span | None = None
    also: tuple[str, ...] = ()


# The same passage in Markdown is shown, unless it scores so much less than in another file.
AS_GOOD = 0.8


class _Candidate(NamedTuple):
    """A passage that has something of the query, and what its score cannot exceed."""

    analysis: Analysis
    matches: list[TermMatch]
    pair_bonus: float
    bound: float


# A bound, and the candidate where that is known already.
_Bounded = tuple[float, Analysis, _Candidate | None]


def rank(query: Query, index: Index, most: int, top: int) -> tuple[ScoredPassage, ...]:
    """The best passages for the query, the best first: `top` of them, as far as there are.

    1. The index proposes `most` candidates by the weights of the query's terms.
    2. Each gets an upper bound of its score.
    3. They are scored in full by falling bound, until no bound reaches the top any more.

    A passage that stands in several documents is one.
    """
    rare = Rarity(index)
    forms = forms_by_stem(query, rare)
    found = index.candidates(search_weights(query, forms, index, most), most, query.within)
    bounded: Iterable[_Bounded]
    if query.within is None and len(found) < most:  # no other passage has a word of the query
        matches = [term_matches(forms, analysis, index.average) for analysis in found]
        rarities = counted_rarities(index.size, matches)
        scorer = _Scorer(WeightedQuery(query, forms, rarities, rare, index.average))
        candidates = map(scorer.candidate, found, matches)
        bounded = [(one.bound, one.analysis, one) for one in candidates if one is not None]
    else:
        rarities = estimated_rarities(query, index, rare)
        scorer = _Scorer(WeightedQuery(query, forms, rarities, rare, index.average))
        bounds = scorer.bounds.of_passages(found)
        bounded = [(bound, analysis, None) for bound, analysis in bounds]
    best = _beginning(scorer, _best(scorer, bounded, top), found)
    return tuple(
        one._replace(also=tuple(_others(one, found)), span=scorer.quoted(one)) for one in best
    )


def _beginning(
    scorer: "_Scorer", best: list[ScoredPassage], found: Sequence[Analysis]
) -> list[ScoredPassage]:
    """Under headings that ask the question, the section's first passage before the others of it.

    One that has less of the question than the best stays where it is.
    """
    if not best or best[0].above_coverage < ABOVE_ASKS:
        return best
    top = best[0]
    section = (one for one in found if one.section == top.analysis.section)
    for analysis in sorted(section, key=lambda one: one.rest.place):
        if analysis is top.analysis:
            break
        first = scorer.in_full(analysis)
        if first is not None and first.says_more and first.coverage >= top.coverage - ROUNDING:
            bonus = Match("its section begins with it", "", "", max(0.0, top.score - first.score))
            first = first._replace(score=first.score + bonus.score, matches=(*first.matches, bonus))
            return [first, *(one for one in best if one.analysis.plain != analysis.plain)]
    return best


def _best(scorer: "_Scorer", bounded: Iterable[_Bounded], top: int) -> list[ScoredPassage]:
    """The `top` best of the passages. One whose bound cannot reach them is not scored."""
    scored: dict[str, ScoredPassage] = {}
    enough = -math.inf
    for bound, analysis, known in sorted(bounded, key=lambda one: -one[0]):
        if is_below(bound, enough):
            break
        candidate = known or scorer.candidate(analysis)
        if candidate is None or is_below(candidate.bound, enough):
            continue
        passage = scorer.score(candidate, enough)
        if passage is None:
            continue
        same = scored.setdefault(analysis.plain, passage)
        if _is_better(passage, same):
            scored[analysis.plain] = passage
        if len(scored) >= top:
            enough = sorted(one.score for one in scored.values())[-top]
    return sorted(scored.values(), key=_order)[:top]


def _is_better(one: ScoredPassage, other: ScoredPassage) -> bool:
    """Which of two passages with the same words is shown: that in Markdown, if it is as good."""
    is_markdown = [passage.analysis.path.lower().endswith(MARKDOWN) for passage in (one, other)]
    if is_markdown[0] != is_markdown[1]:
        better = one.score / other.score if other.score > 0 else 1.0
        return better >= AS_GOOD if is_markdown[0] else better > 1 / AS_GOOD
    return _order(one) < _order(other)


def _order(passage: ScoredPassage) -> tuple[float, tuple[str, int]]:
    """The highest score first; of equals, the earlier in the corpus."""
    return -passage.score, passage.analysis.rest.place


def _others(passage: ScoredPassage, found: Sequence[Analysis]) -> list[str]:
    """The other documents that have the same passage."""
    own, text = passage.analysis.words.own, passage.analysis.plain
    same = (analysis for analysis in found if analysis.words.own == own)
    paths = {analysis.path for analysis in same if analysis.plain == text}
    return sorted(paths - {passage.analysis.path})


class _Scorer:
    """Scores passages for one query."""

    def __init__(self, weighted: WeightedQuery) -> None:
        self._weighted, self._query = weighted, weighted.query
        self.bounds = UpperBounds(weighted)

    def candidate(
        self, analysis: Analysis, matches: list[TermMatch] | None = None
    ) -> _Candidate | None:
        """What a passage has of the query, and a close bound; None when it has nothing."""
        if matches is None:
            matches = self._weighted.matches(analysis)
        if not matches:
            return None
        pairs = self._weighted.pair_bonus(analysis)
        bound = self.bounds.of_matches(matches) + pairs + self._weighted.kind_bonus
        return _Candidate(analysis, matches, pairs, bound)

    def in_full(self, analysis: Analysis) -> ScoredPassage | None:
        """A passage scored whatever it comes to; None when it has nothing of the query."""
        candidate = self.candidate(analysis)
        return None if candidate is None else self.score(candidate, -math.inf)

    def score(self, candidate: _Candidate, enough: float) -> ScoredPassage | None:
        """A passage scored in full; None when its best sentence does not bring it to `enough`."""
        query, kind_bonus = self._query, self._weighted.kind_bonus
        matches = self._matches(candidate.matches)
        quote, overlap, *shares = self._quote(candidate)
        information = sum(match.information for match in matches)
        bound = sum(match.score for match in matches) + SENTENCE_BONUS * overlap + kind_bonus
        if is_below(bound + candidate.pair_bonus + COVERAGE_BONUS * information, enough):
            return None
        named = bool(kind_bonus) and names_what_is_asked(query.kind, quote.text, query.asked)
        bonuses = {
            "its best sentence": SENTENCE_BONUS * overlap,
            "words side by side": candidate.pair_bonus,
            f"it gives {query.kind.value}": KIND_BONUS * named,
            "how much of the question it has": COVERAGE_BONUS * information,
        }
        says_more = self._says_more(candidate.analysis, named=named)
        if not says_more:
            worth = sum(match.score for match in matches) + sum(bonuses.values())
            bonuses["it says nothing itself"] = (SAYS_NO_MORE - 1) * worth
        given = (Match(name, "", "", score) for name, score in bonuses.items() if score)
        every = (*matches, *given)
        quoted, own, above = (share / max(query.information, ROUNDING) for share in shares)
        return ScoredPassage(
            candidate.analysis,
            sum(match.score for match in every),
            every,
            quote,
            information / query.information if query.information else 0.0,
            quoted,
            own,
            above,
            _lacking(query, matches),
            says_more,
        )

    def quoted(self, one: ScoredPassage) -> Span:
        """What to quote of a passage: its best sentence; of a list the items that are wanted.

        Those are the items with most of the question, from the first to the last. It is the whole
        list where no item has more of the question than what stands above them.
        """
        analysis = one.analysis
        if analysis.rest.kind is not PassageKind.LIST:
            return quoted_span(one.quote, analysis)
        items = analysis.sentences
        shares = [self._share(analysis, item.joined) for item in items]
        above = self._share(analysis, f"{analysis.above} {analysis.leads}")
        most = max(shares)
        if most <= ROUNDING or (self._query.kind in _WHOLE_LISTS and above >= most):
            return Span(items[0].span.start, items[-1].span.end)
        wanted = [n for n, share in enumerate(shares) if share >= most - ROUNDING]
        last = wanted[-1]
        if items[last].text.endswith(":"):  # what it introduces comes along
            parents = {last}
            while last + 1 < len(items) and analysis.parent(last + 1) in parents:
                last += 1
                parents.add(last)
        return Span(items[wanted[0]].span.start, items[last].span.end)

    def _share(self, analysis: Analysis, joined: str) -> float:
        """How much of the question stands in some of a passage's words."""
        forms = [m for m in self._weighted.matches(analysis) if f" {m.form.phrase} " in joined]
        return _worth(self._matches(forms)).information

    def _says_more(self, analysis: Analysis, *, named: bool) -> bool:
        """Whether a passage says more than the question, and more than where to look.

        A statement in the question's own words affirms it. What is no sentence is an entry in a
        table of contents, or the question itself; only a yes or no is answered by it. A heading
        answers when it gives what is asked for: a date, a number.
        """
        if analysis.rest.points:
            return False
        if analysis.rest.kind is PassageKind.HEADING:
            return named
        own = set(analysis.words.own.split())
        if not own or own - self._query.asked:
            return True
        if self._query.kind is Kind.YES_NO:
            return not analysis.plain.endswith("?")
        return bool(_ENDS_SENTENCE.search(analysis.plain))

    def _quote(self, candidate: _Candidate) -> tuple[Sentence, float, float, float, float]:
        """The sentence with most of the question, by rarity, and how much that is.

        What stands above a passage belongs to each of its sentences; of equals it is the one that
        has more itself, and then the first. After the overlap come the information of the sentence
        with what stands above it, of the sentence alone, and of what stands above it. The overlap
        is not divided by the sentence's length: of all that was tried on SQuAD, that quoted the
        right sentence most often.
        """
        analysis = candidate.analysis
        once = [(f" {m.form.phrase} ", m._replace(score=m.form.weight)) for m in candidate.matches]
        given = [match for phrase, match in once if phrase in analysis.above]
        above = _worth(self._matches(given))
        best, most, shares = analysis.sentences[0], (above.score, 0.0), (above.information, 0.0)
        for sentence in analysis.sentences:
            own = [match for phrase, match in once if phrase in sentence.with_leads]
            if not own:
                continue
            every = [*given, *own]
            if is_below(self.bounds.of_sentence(every), most[0]):
                continue
            governed = _worth(self._matches(own))
            together = _worth(self._matches(every)) if given else governed
            alone = governed
            if len(sentence.with_leads) > len(sentence.joined):
                alone = _worth(self._matches(m for p, m in once if p in sentence.joined))
            if (together.score, alone.score) > most:
                best, most = sentence, (together.score, alone.score)
                shares = (together.information, governed.information)
        if analysis.leads:
            leads = [match for phrase, match in once if phrase in analysis.leads]
            above = _worth(self._matches([*given, *leads]))
        return best, most[0], *shares, above.information

    def _matches(self, term_matches: Iterable[TermMatch]) -> list[Match]:
        """For each thing asked, the best of what stands for it."""
        best: dict[int, dict[int | None, TermMatch]] = {}
        for one in term_matches:
            group, term = one.asked
            there = best.setdefault(group, {})
            if term not in there or one.score > there[term].score:
                there[term] = one
        return [
            match
            for number, there in sorted(best.items())
            for match in self._of_group(self._query.groups[number], there)
        ]

    def _of_group(self, group: Group, best: Mapping[int | None, TermMatch]) -> list[Match]:
        """The group's words one by one, or the form for all of them that scores more."""
        words = [
            self._match(term.word, term.information, group.weight, best[number])
            for number, term in enumerate(group.terms)
            if number in best
        ]
        if None not in best:
            return words
        asked = " ".join(term.word for term in group.terms)
        information = sum(term.information for term in group.terms)
        whole = self._match(asked, information, group.weight, best[None])
        return [whole] if whole.score > sum(match.score for match in words) else words

    def _match(self, asked: str, information: float, weight: float, of: TermMatch) -> Match:
        score = weight * of.score * self._weighted.rarities[of.asked]
        covered = weight * information * of.form.covers
        return Match(asked, of.form.phrase, of.form.via, score, covered)


class _Worth(NamedTuple):
    score: float
    information: float


def _worth(matches: Sequence[Match]) -> _Worth:
    return _Worth(
        sum(match.score for match in matches), sum(match.information for match in matches)
    )


def _lacking(query: Query, matches: Iterable[Match]) -> tuple[str, ...]:
    if not query.strict:
        return ()
    matched = {word for match in matches for word in match.asked.split()}
    return tuple(word for word in query.strict if word not in matched)
