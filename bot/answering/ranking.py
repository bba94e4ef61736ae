"""Ranks passages for a query, and picks the sentence of each to quote."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from bot.answering.lessons import Lesson
from bot.answering.matching import (
    Asked,
    Rarity,
    TermMatch,
    WeightedQuery,
    counted_rarities,
    estimated_rarities,
    forms_by_stem,
    search_weights,
    term_matches,
)
from bot.answering.meaning import Closeness
from bot.answering.pruning import ROUNDING, UpperBounds, is_below
from bot.answering.query import A_SECOND_STEP, SYNONYMS, Group, Query
from bot.answering.versions import in_order
from bot.answering.vocabulary import subject_of
from bot.answering.weights import (
    ABOVE_ASKS,
    BEARS_ON_IT,
    CONFLICT,
    COVERAGE_BONUS,
    DEFINITION_BONUS,
    KIND_BONUS,
    OF_ANOTHER,
    SAYS_NO_MORE,
    SENTENCE_BONUS,
)
from bot.documents.folder import MARKDOWN
from bot.english.answer_types import names_what_is_asked
from bot.english.contrasts import (
    Conflict,
    Contrast,
    Texts,
    as_written,
    conflict,
    is_about,
    merged,
    other_name,
    possible,
    terms_of,
)
from bot.english.questions import Kind
from bot.english.synonyms import Phrase
from bot.english.text import stem
from bot.index import Index
from bot.index.analysis import Analysis, Sentence, quoted_span
from bot.model import Match, PassageKind, Span

_WHOLE_LISTS = (Kind.STEPS, Kind.ALL, Kind.OTHER)
# As stems: "is a", "are the", "means", "refers to", "stands for".
_IS_A = r"(?:(?:is|are|was|were) (?:a|an|the|one|ani)|mean|refer to|stand for)"
_ENDS_SENTENCE = re.compile(r"[.!][\"'”’)\]]*$")


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


# Of identical passages the one in a Markdown file is shown, unless its score is below this share
# of the other's.
AS_GOOD = 0.8


class _Candidate(NamedTuple):
    """A passage that matches something of the query, and an upper bound of its score."""

    analysis: Analysis
    matches: list[TermMatch]
    pair_bonus: float
    bound: float


class _Quoted(NamedTuple):
    """A candidate with the sentence to quote, and a closer upper bound of its score."""

    candidate: _Candidate
    matches: Sequence[Match]
    quote: Sentence
    overlap: float
    shares: Sequence[float]
    information: float
    bound: float


class _Weighed(NamedTuple):
    """A candidate with all parts of its score, except the penalty for a conflict."""

    quoted: _Quoted
    bonuses: Mapping[str, float]
    lacking: tuple[str, ...]
    says_more: bool
    bound: float


# A passage with its bound, and its candidate if that is known already.
_Bounded = tuple[float, Analysis, _Candidate | None]


def rank(
    query: Query,
    index: Index,
    most: int,
    top: int,
    meaning: Closeness | None = None,
    lessons: Sequence[Lesson] = (),
) -> tuple[ScoredPassage, ...]:
    """The best passages for the query, best first, about `top` of them.

    1. The index proposes `most` candidates by the weights of the query's terms.
    2. Each gets an upper bound of its score.
    3. They are scored in full in the order of their bounds, until no bound can reach the top.
    4. They are reordered: the section that asks the question from its beginning, newer versions
       before earlier ones, a passage about what is asked before one about the other thing.

    A passage that occurs in several documents counts once. With `meaning`, the passages closest in
    meaning are candidates too, and all score for closeness. A passage from `lessons` is scored as
    if its taught question stood above it; one taught for this very question comes first.
    """
    rare = Rarity(index)
    forms = forms_by_stem(query, rare)
    found = index.candidates(search_weights(query, forms, index, most), most, query.within)
    are_all = query.within is None and len(found) < most
    if meaning is not None:
        known = {analysis.id for analysis in found}
        found = [*found, *(one for one in meaning.nearest(index) if one.id not in known)]
    bounded: list[_Bounded]
    if are_all:  # no other passage has a word of the query
        matches = [term_matches(forms, analysis, index.average) for analysis in found]
        rarities = counted_rarities(index.size, matches)
        for lesson in lessons:  # its question may have a word that the documents do not have
            for match in term_matches(forms, lesson.analysis, index.average):
                rarities.setdefault(match.asked, math.log(index.size + 1))
        weighted = WeightedQuery(query, forms, rarities, rare, index.average, index.size)
        scorer = _Scorer(weighted, meaning)
        candidates = map(scorer.candidate, found, matches)
        bounded = [(one.bound, one.analysis, one) for one in candidates if one is not None]
    else:
        rarities = estimated_rarities(query, index, rare)
        weighted = WeightedQuery(query, forms, rarities, rare, index.average, index.size)
        scorer = _Scorer(weighted, meaning)
        bounds = scorer.bounds.of_passages(found)
        bounded = [(bound + scorer.closeness(one), one, None) for bound, one in bounds]
    best = _best(scorer, bounded, top)
    best = _with_similar(scorer, best, lessons)[:top] if lessons else best
    if best and best[0].taught is None and best[0].above_coverage >= ABOVE_ASKS:
        best = _beginning(scorer, best, found)
    best = _asked_first(scorer, _newest_first(scorer, best, found))
    best = _same_first(scorer, best, lessons)
    return tuple(
        one._replace(
            also=partial(_others, one, found), span=one.span or partial(scorer.quoted, one)
        )
        for one in best
    )


def _with_similar(
    scorer: "_Scorer", best: list[ScoredPassage], lessons: Sequence[Lesson]
) -> list[ScoredPassage]:
    """The best passages merged with those that were taught for a similar question."""
    found = {one.analysis.plain: one for one in best}
    for lesson in lessons:
        scored = None if lesson.is_same else scorer.in_full(lesson.analysis)
        known = found.get(lesson.analysis.plain)
        if scored is not None and (known is None or scored.score > known.score):
            span = partial(_taught_span, lesson)
            found[lesson.analysis.plain] = scored._replace(taught=lesson, span=span)
    return sorted(found.values(), key=_order)


def _same_first(
    scorer: "_Scorer", best: list[ScoredPassage], lessons: Sequence[Lesson]
) -> list[ScoredPassage]:
    """The best passages, after the one that was taught for this very question, if any."""
    lesson = next((one for one in lessons if one.is_same), None)
    if lesson is None:
        return best
    analysis = lesson.analysis
    first = scorer.in_full(analysis) or _without_words(analysis)
    more = max(0.0, best[0].score - first.score) if best else 0.0
    matches = (*first.matches, Match(f"taught on {lesson.on}", "", "", more))
    first = first._replace(
        score=first.score + more, matches=matches, taught=lesson, span=partial(_taught_span, lesson)
    )
    return [first, *(one for one in best if one.analysis.plain != analysis.plain)]


def _taught_span(lesson: Lesson) -> Span:
    return lesson.span


def _without_words(analysis: Analysis) -> ScoredPassage:
    """A passage that matches no word of the question, with score 0."""
    return ScoredPassage(analysis, 0.0, (), analysis.sentence(0), *(0.0,) * 5, ())


def _beginning(
    scorer: "_Scorer", best: list[ScoredPassage], found: Sequence[Analysis]
) -> list[ScoredPassage]:
    """The best passages, with the first passage of the best one's section moved to the top.

    It moves only if it covers as much of the question as the best passage.
    """
    top = best[0]
    section = (one for one in found if one.section == top.analysis.section)
    for analysis in sorted(section, key=lambda one: one.rest.place):
        if analysis is top.analysis:
            break
        first = scorer.in_full(analysis)
        if first is None or first.conflict:
            continue
        if first.says_more and first.coverage >= top.coverage - ROUNDING:
            bonus = Match("its section begins with it", "", "", max(0.0, top.score - first.score))
            first = first._replace(score=first.score + bonus.score, matches=(*first.matches, bonus))
            return [first, *(one for one in best if one.analysis.plain != analysis.plain)]
    return best


def _newest_first(
    scorer: "_Scorer", best: list[ScoredPassage], found: Sequence[Analysis]
) -> list[ScoredPassage]:
    """Replace each passage by its newest version, followed by the next version that differs."""
    if all(one.analysis.passage.document.date is None for one in best):
        return best
    known = {one.analysis: one for one in best}
    shown: list[ScoredPassage] = []
    seen: set[Analysis] = set()
    for one in best:
        if one.analysis not in seen:
            first, *others = in_order(scorer.query, one.analysis, found)
            seen.update((first, *others))
            others = [other for other in others if other.plain != first.plain][:1]
            scored = [known.get(each) or scorer.in_full(each) for each in (first, *others)]
            shown += [
                passage._replace(is_version=place > 0)
                for place, passage in enumerate(scored)
                if passage is not None
            ]
    return shown


def _asked_first(scorer: "_Scorer", best: list[ScoredPassage]) -> list[ScoredPassage]:
    """If the best passage has a conflict, move up one about what is asked, if it scores enough.

    Only contrasts of function words ("on" and "off") need this, since these weigh nothing.
    """
    conflict = best[0].conflict if best else None
    if conflict is None or conflict.of is None or conflict.of.anywhere:
        return best
    enough = BEARS_ON_IT * best[0].score
    for place, one in enumerate(best):
        if one.conflict is None and one.score >= enough and scorer.is_about(one, conflict.of):
            bonus = Match("it is about what is asked", "", "", best[0].score - one.score)
            one = one._replace(score=best[0].score, matches=(*one.matches, bonus))
            return [one, *best[:place], *best[place + 1 :]]
    return best


def _best(scorer: "_Scorer", bounded: Iterable[_Bounded], top: int) -> list[ScoredPassage]:
    """The `top` best passages. A passage whose bound cannot reach them is not scored.

    Best-first search: the passage with the highest bound gets a closer bound, in up to three steps,
    and is scored once its closest bound is the highest.
    """
    scored: dict[str, ScoredPassage] = {}
    enough = -math.inf
    queue: list[tuple[float, int, Analysis, _Candidate | _Quoted | _Weighed | None]] = [
        (-bound, place, one, known) for place, (bound, one, known) in enumerate(bounded)
    ]
    heapify(queue)
    while queue and not is_below(-queue[0][0], enough):
        _, place, analysis, known = heappop(queue)
        if not isinstance(known, _Weighed):
            closer = scorer.closer(analysis, known)
            if closer is not None:
                heappush(queue, (-closer.bound, place, analysis, closer))
            continue
        passage = scorer.score(known)
        same = scored.setdefault(analysis.plain, passage)
        if _is_better(passage, same):
            scored[analysis.plain] = passage
        if len(scored) >= top:
            enough = sorted(one.score for one in scored.values())[-top]
    return sorted(scored.values(), key=_order)[:top]


def _is_better(one: ScoredPassage, other: ScoredPassage) -> bool:
    """Whether to show `one` rather than an identical passage: Markdown wins if about as good."""
    is_markdown = [passage.analysis.path.lower().endswith(MARKDOWN) for passage in (one, other)]
    if is_markdown[0] != is_markdown[1]:
        better = one.score / other.score if other.score > 0 else 1.0
        return better >= AS_GOOD if is_markdown[0] else better > 1 / AS_GOOD
    return _order(one) < _order(other)


def _order(passage: ScoredPassage) -> tuple[float, tuple[str, int]]:
    """Sort key: the highest score first; among equals, the earlier in the corpus."""
    return -passage.score, passage.analysis.rest.place


def _others(passage: ScoredPassage, found: Sequence[Analysis]) -> list[str]:
    """The other documents that have the same passage."""
    own, text = passage.analysis.words.own, passage.analysis.plain
    same = (analysis for analysis in found if analysis.words.own == own)
    paths = {analysis.path for analysis in same if analysis.plain == text}
    return sorted(paths - {passage.analysis.path})


class _Scorer:
    """Scores passages for one query."""

    def __init__(self, weighted: WeightedQuery, meaning: Closeness | None = None) -> None:
        self._weighted, self.query = weighted, weighted.query
        self._meaning = meaning
        self.bounds = UpperBounds(weighted)
        # Keyed by what is asked and the form's id(), since hashing a form is slower.
        self._once: dict[tuple[Asked, int], _Once] = {}

    def candidate(
        self, analysis: Analysis, matches: list[TermMatch] | None = None
    ) -> _Candidate | None:
        """A passage's matches and a bound from them; None if it matches nothing."""
        if matches is None:
            matches = self._weighted.matches(analysis)
        closeness = self.closeness(analysis)
        if not matches and not closeness:
            return None
        pairs = self._weighted.pair_bonus(analysis, self._weighted.forms.keys() & analysis.terms)
        bound = self.bounds.of_matches(matches) + pairs + self._weighted.most_bonus
        return _Candidate(analysis, matches, pairs, bound + closeness)

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
        self, analysis: Analysis, known: _Candidate | _Quoted | None
    ) -> _Candidate | _Quoted | _Weighed | None:
        """The next step towards a passage's score; None if it matches nothing."""
        if known is None:
            return self.candidate(analysis)
        return self.quote(known) if isinstance(known, _Candidate) else self.weigh(known)

    def quote(self, candidate: _Candidate) -> _Quoted:
        """Choose the sentence of a candidate to quote."""
        matches = self._matches(candidate.matches)
        quote, overlap, *shares = self._quote(candidate)
        place = self._about_asked(candidate.analysis, quote)
        if place is None:
            place = self._giving_kind(candidate, quote, overlap)
        if place is not None:
            quote, overlap, *shares = self._quote(candidate, place)
        information = sum(match.information for match in matches)
        bound = sum(match.score for match in matches) + SENTENCE_BONUS * overlap
        bound += self._weighted.most_bonus + candidate.pair_bonus + COVERAGE_BONUS * information
        bound += self.closeness(candidate.analysis)
        return _Quoted(candidate, matches, quote, overlap, shares, information, bound)

    def weigh(self, quoted: _Quoted) -> _Weighed:
        """Add the bonuses and penalties for what a candidate says, except for a conflict."""
        query, analysis = self.query, quoted.candidate.analysis
        named = bool(self._weighted.kind_bonus) and names_what_is_asked(
            query.kind, quoted.quote.text, query.asked
        )
        bonuses = {
            "its best sentence": SENTENCE_BONUS * quoted.overlap,
            "words side by side": quoted.candidate.pair_bonus,
            f"it gives {query.kind.value}": KIND_BONUS * named,
            "it says what it is": DEFINITION_BONUS * self._defines(analysis),
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
        return _Weighed(quoted, bonuses, lacking, says_more, words + sum(bonuses.values()))

    def score(self, weighed: _Weighed) -> ScoredPassage:
        """The full score of a passage, with the penalty for a conflict."""
        query, bonuses = self.query, dict(weighed.bonuses)
        candidate, matches, quote, _, shares, information, _ = weighed.quoted
        other = self._conflict(candidate, quote) or self._other_name(weighed.lacking, quote)
        if other is not None:
            name = f"it is about the other one: {other.found}, not {other.asked}"
            bonuses[name] = (CONFLICT - 1) * weighed.bound
        given = (Match(name, "", "", score) for name, score in bonuses.items() if score)
        every = (*matches, *given)
        within, own, above, direct = (share / max(query.information, ROUNDING) for share in shares)
        return ScoredPassage(
            candidate.analysis,
            sum(match.score for match in every),
            every,
            quote,
            information / query.information if query.information else 0.0,
            within,
            own,
            above,
            direct,
            weighed.lacking,
            weighed.says_more,
            conflict=other,
        )

    def _conflict(self, candidate: _Candidate, quote: Sentence) -> Conflict | None:
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
        texts = _texts(analysis, quote)
        other = conflict(asked, texts, query.near_forms)
        if other is None:
            return None
        passage = analysis.passage
        written = (quote.text, passage.text, *passage.headings, passage.document.title)
        found = as_written(other.found, *written)
        return Conflict(found, as_written(other.asked, query.question), other.of)

    def _other_name(self, lacking: Sequence[str], quote: Sentence) -> Conflict | None:
        """The name or number that the quote has in place of one that is asked for."""
        for name in lacking:
            found = other_name(name, self.query.question, quote.text)
            if found is not None:
                return Conflict(found, as_written(stem(name), self.query.question), None)
        return None

    def is_about(self, one: ScoredPassage, asked: Contrast) -> bool:
        """Whether a passage has the asked side of a contrast."""
        texts = _texts(one.analysis, one.quote)
        return is_about(asked, texts, self.query.near_forms)

    def _defines(self, analysis: Analysis) -> bool:
        """Whether a passage defines the question's subject, or begins a document about it."""
        subject = self.query.subject
        if not subject:
            return False
        if any(_says_what_it_is(subject, one.joined) for one in analysis.sentences):
            return True
        _, number = analysis.rest.place
        return number == 1 and subject_of(analysis.passage.document.title) == subject

    def quoted(self, one: ScoredPassage) -> Span:
        """What to quote of a passage: its best sentence, or the best items of a list.

        These are the items with most of the question, and all between them. The whole list is
        quoted if no item has more of the question than the headings and leads above.
        """
        analysis = one.analysis
        if analysis.rest.kind is not PassageKind.LIST:
            return quoted_span(one.quote, analysis)
        items = analysis.sentences
        shares = [self._share(analysis, item.joined) for item in items]
        above = self._share(analysis, f"{analysis.above} {analysis.leads}")
        most = max(shares)
        if most <= ROUNDING or (self.query.kind in _WHOLE_LISTS and above >= most):
            return Span(items[0].span.start, items[-1].span.end)
        wanted = [n for n, share in enumerate(shares) if share >= most - ROUNDING]
        last = wanted[-1]
        if items[last].text.endswith(":"):  # include the items that it introduces
            parents = {last}
            while last + 1 < len(items) and analysis.parent(last + 1) in parents:
                last += 1
                parents.add(last)
        return Span(items[wanted[0]].span.start, items[last].span.end)

    def _share(self, analysis: Analysis, joined: str) -> float:
        """The information of the question's words that `joined`, a part of a passage, has."""
        forms = [m for m in self._weighted.matches(analysis) if f" {m.form.phrase} " in joined]
        return self._worth([self._found_once(match) for match in forms]).information

    def _says_more(self, analysis: Analysis, *, named: bool) -> bool:
        """Whether a passage says more than the question does, and more than where to look.

        A full sentence in the question's own words affirms it, so it counts. Anything else in these
        words is an entry of a table of contents, or the question itself, and counts only for a
        yes-or-no question. A heading counts only if it gives what is asked for (`named`), such as a
        date or a number.
        """
        if analysis.rest.points:
            return False
        if analysis.rest.kind is PassageKind.HEADING:
            return named
        own = analysis.words.own.split()
        if not own or any(word not in self.query.asked for word in own):
            return True
        if self.query.kind is Kind.YES_NO:
            return not analysis.plain.endswith("?")
        return bool(_ENDS_SENTENCE.search(analysis.plain))

    def _about_asked(self, analysis: Analysis, quote: Sentence) -> int | None:
        """If the quote has a conflict, the place of a sentence about what is asked, else None.

        "Full-time staff get 28 days. Part-time staff get 14."
        """
        asked = possible(self.query.contrasts, quote.joined, quote.text)
        if not asked or len(analysis.units) < 2:
            return None
        conflicting = conflict(asked, _alone(analysis, quote), self.query.near_forms)
        if conflicting is None or conflicting.of is None:
            return None
        for place, sentence in enumerate(analysis.sentences):
            texts = _alone(analysis, sentence)
            if is_about(conflicting.of, texts, self.query.near_forms):
                return place
        return None

    def _giving_kind(self, candidate: _Candidate, quote: Sentence, overlap: float) -> int | None:
        """The place of a sentence that gives the kind of thing asked for, if it scores more.

        None if the quote gives it already, or its words are worth more than that.
        """
        if not self._weighted.kind_bonus or self._gives_kind(quote):
            return None
        best, most = None, SENTENCE_BONUS * overlap
        for place, sentence in enumerate(candidate.analysis.sentences):
            if self._gives_kind(sentence):
                _, shared, *_ = self._quote(candidate, place)
                if shared and SENTENCE_BONUS * shared + KIND_BONUS > most:
                    best, most = place, SENTENCE_BONUS * shared + KIND_BONUS
        return best

    def _gives_kind(self, sentence: Sentence) -> bool:
        return names_what_is_asked(self.query.kind, sentence.text, self.query.asked)

    def _quote(
        self, candidate: _Candidate, only: int | None = None
    ) -> tuple[Sentence, float, float, float, float, float]:
        """The sentence with most of the question, or the one at `only`, and what it covers.

        Returns the sentence, its overlap with the question, and the information covered by the
        sentence with the headings and leads, by the sentence with its leads, by the headings and
        leads alone, and by the first of these without synonyms.

        Headings and leads count for every sentence. Ties go to the sentence that has more itself,
        then to the first. The overlap is not divided by the sentence's length: of everything tried
        on SQuAD, that quoted the right sentence most often.
        """
        analysis = candidate.analysis
        once = [self._found_once(match) for match in candidate.matches]
        given = [one for one in once if one.padded in analysis.above]
        above = self._worth(given) if given else _NOTHING
        best, most, shares = only or 0, (above.score, 0.0), (above.information, 0.0)
        quoted = given
        for place, (joined, with_leads) in enumerate(analysis.units):
            own = [one for one in once if one.padded in with_leads]
            if not own:
                continue
            every = [*given, *own] if given else own
            together = self._worth(every)
            if only not in (None, place) or together.score < most[0]:
                continue
            governed = self._worth(own) if given else together
            alone = governed
            if len(with_leads) > len(joined):
                alone = self._worth([one for one in once if one.padded in joined])
            if (together.score, alone.score) > most:
                best, most, quoted = place, (together.score, alone.score), every
                shares = (together.information, governed.information)
        if analysis.leads:
            leads = [one for one in once if one.padded in analysis.leads]
            above = self._worth([*given, *leads])
        direct = [one.information for one in self._best_of(quoted) if one.via not in SYNONYMS]
        return analysis.sentence(best), most[0], *shares, above.information, sum(direct)

    def _found_once(self, match: TermMatch) -> "_Once":
        """What a form is worth in a sentence, however often it occurs there."""
        form, key = match.form, (match.asked, id(match.form))
        found = self._once.get(key)
        if found is None:
            number, term = match.asked
            group = self.query.groups[number]
            if term is None:
                information = sum(term.information for term in group.terms)
            else:
                information = group.terms[term].information
            of = self._match("", information, group, match._replace(score=form.weight))
            worth = (form.weight, of.score, of.information)
            found = _Once(match.asked, f" {form.phrase} ", *worth, form.via)
            self._once[key] = found
        return found

    def _worth(self, found: Sequence["_Once"]) -> "_Worth":
        best = self._best_of(found)
        return _Worth(sum(one.score for one in best), sum(one.information for one in best))

    def _best_of(self, found: Sequence["_Once"]) -> Sequence["_Once"]:
        """As `_matches`, for the forms in a sentence."""
        if len(found) == 1 and found[0].asked[1] is not None:
            return found
        best: dict[int, dict[int | None, _Once]] = {}
        for one in found:
            group, term = one.asked
            there = best.setdefault(group, {})
            if term not in there or one.weight > there[term].weight:
                there[term] = one
        return [one for group in sorted(best) for one in _either(best[group])]

    def _matches(self, term_matches: Iterable[TermMatch]) -> list[Match]:
        """For each thing asked, the match with the highest score."""
        best: dict[int, dict[int | None, TermMatch]] = {}
        for one in term_matches:
            group, term = one.asked
            there = best.setdefault(group, {})
            if term not in there or one.score > there[term].score:
                there[term] = one
        return [
            match
            for number, there in sorted(best.items())
            for match in self._of_group(self.query.groups[number], there)
        ]

    def _of_group(self, group: Group, best: Mapping[int | None, TermMatch]) -> list[Match]:
        """The matches of a group's words, or of one form for all of them if that scores more."""
        words = [
            self._match(term.word, term.information, group, best[number])
            for number, term in enumerate(group.terms)
            if number in best
        ]
        if None not in best:
            return words
        asked = " ".join(term.word for term in group.terms)
        information = sum(term.information for term in group.terms)
        whole = self._match(asked, information, group, best[None])
        return [whole] if whole.score > sum(match.score for match in words) else words

    def _match(self, asked: str, information: float, group: Group, of: TermMatch) -> Match:
        score = group.weight * of.score * self._weighted.rarities[of.asked]
        covered = group.weight * information * of.form.covers * self.query.counts(group)
        return Match(asked, of.form.phrase, of.form.via, score, covered)


class _Once(NamedTuple):
    """A form in a sentence, and what it is worth there; `padded` has a space on either side."""

    asked: Asked
    padded: str
    weight: float
    score: float
    information: float
    via: str


def _either(best: Mapping[int | None, _Once]) -> list[_Once]:
    """The words of a group, or one form for all of them if that scores more."""
    words = [best[term] for term in sorted(term for term in best if term is not None)]
    whole = best.get(None)
    if whole is not None and whole.score > sum(one.score for one in words):
        return [whole]
    return words


class _Worth(NamedTuple):
    score: float
    information: float


_NOTHING = _Worth(0.0, 0.0)


def _texts(analysis: Analysis, quote: Sentence) -> Texts:
    others = (one for one in analysis.sentences if one is not quote)
    return _alone(analysis, quote)._replace(others=[terms_of(o.joined, o.text) for o in others])


def _alone(analysis: Analysis, sentence: Sentence) -> Texts:
    leads = merged(sentence.with_leads.removesuffix(sentence.joined).split())
    own = terms_of(sentence.joined, sentence.text)
    return Texts([*leads, *own], merged(analysis.above.split()), [])


def _says_what_it_is(subject: Phrase, joined: str) -> bool:
    """Whether the stems of a sentence begin with "X is a" or "an X is the"."""
    return bool(re.match(rf" (?:(?:a|an|the) )?{re.escape(subject)} {_IS_A} ", joined))


def _lacking(query: Query, matches: Iterable[Match]) -> tuple[str, ...]:
    if not query.strict:
        return ()
    matched = {word for match in matches for word in match.asked.split()}
    return tuple(word for word in query.strict if word not in matched)
