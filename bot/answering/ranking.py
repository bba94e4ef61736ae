"""Ranks passages for a query: the best of an index's candidates, in the order to show them."""

import math
from collections.abc import Iterable, Sequence
from functools import cache, partial
from heapq import heapify, heappop, heappush

from bot.answering.lessons import Lesson
from bot.answering.matching import (
    Rarity,
    WeightedQuery,
    counted_rarities,
    estimated_rarities,
    forms_by_stem,
    search_weights,
    term_matches,
)
from bot.answering.meaning import Closeness
from bot.answering.pruning import ROUNDING, is_below
from bot.answering.query import Query
from bot.answering.scoring import Candidate, Quoted, ScoredPassage, Scorer, Weighed
from bot.answering.versions import in_order
from bot.answering.weights import ABOVE_ASKS, BEARS_ON_IT, MAX_DEFINITIONS, MAX_RANKED
from bot.documents.folder import MARKDOWN
from bot.index import Index
from bot.index.analysis import Analysis
from bot.model import Match, Span

# Of identical passages the one in a Markdown file is shown, unless its score is below this share
# of the other's.
AS_GOOD = 0.8
# Passages that share this much of their words are repetitions.
_SAME = 0.8

# A passage with its bound, and its candidate if that is known already.
_Bounded = tuple[float, Analysis, Candidate | None]


def rank(
    query: Query,
    index: Index,
    most: int,
    top: int,
    meaning: Closeness | None = None,
    lessons: Sequence[Lesson] = (),
) -> tuple[ScoredPassage, ...]:
    """The best passages for the query, best first: `top` of them or more.

    There are up to MAX_RANKED if the first `top` do not tell how far the best one is ahead.

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
    if query.subject:  # its definition may be beyond the first hundred passages that have it
        most = max(most, min(MAX_DEFINITIONS, min(map(index.frequency, query.subject.split()))))
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
        scorer = Scorer(weighted, meaning)
        candidates = map(scorer.candidate, found, matches)
        bounded = [(one.bound, one.analysis, one) for one in candidates if one is not None]
    else:
        rarities = estimated_rarities(forms, index)
        weighted = WeightedQuery(query, forms, rarities, rare, index.average, index.size)
        scorer = Scorer(weighted, meaning)
        bounds = scorer.bounds.of_passages(found)
        if meaning is not None:
            bounds = ((bound + scorer.closeness(one), one) for bound, one in bounds)
        bounded = [(bound, one, None) for bound, one in bounds]
    search = _Search(scorer, bounded)
    best = _reordered(scorer, search, top, found, lessons)
    if top < MAX_RANKED and not _tells_enough(best, top):
        best = _reordered(scorer, search, MAX_RANKED, found, lessons)
    return tuple(
        one._replace(
            also=partial(_others, one, found), span=one.span or cache(partial(scorer.span, one))
        )
        for one in best
    )


def competes(one: ScoredPassage, best: ScoredPassage) -> bool:
    """Whether a passage could be the answer in place of the best one.

    Passages of the same section, versions and repetitions do not compete with it, nor does a
    passage with a conflict.
    """
    return one.conflict is None and not (
        one.is_version or is_of_section(one, best) or _repeats(one, best)
    )


def is_of_section(one: ScoredPassage, best: ScoredPassage) -> bool:
    """Whether two passages are under the same headings; without headings they never are."""
    if one is best:
        return True
    return best.analysis.rest.headed and one.analysis.section == best.analysis.section


def _repeats(one: ScoredPassage, best: ScoredPassage) -> bool:
    """Whether two passages have nearly the same words."""
    these, those = (set(passage.analysis.words.own.split()) for passage in (one, best))
    return len(these & those) >= _SAME * len(these | those)


def _tells_enough(best: Sequence[ScoredPassage], top: int) -> bool:
    """Whether further passages change neither the first `top` nor how far the best is ahead."""
    own = [one for one in best if one.coverage]
    if len(own) < top or best[0].conflict is not None:
        return False
    return any(competes(one, best[0]) for one in own[1:])


def _reordered(
    scorer: Scorer,
    search: "_Search",
    top: int,
    found: Sequence[Analysis],
    lessons: Sequence[Lesson],
) -> list[ScoredPassage]:
    """The `top` best passages, in the order to show them."""
    best = search.best(top)
    best = _with_similar(scorer, best, lessons)[:top] if lessons else best
    if best and best[0].taught is None and best[0].above_coverage >= ABOVE_ASKS:
        best = _beginning(scorer, best, found)
    if best and best[0].taught is None:
        best = _introduced(scorer, best, found)
    best = _asked_first(scorer, _newest_first(scorer, best, found))
    return _same_first(scorer, best, lessons)


def _with_similar(
    scorer: Scorer, best: list[ScoredPassage], lessons: Sequence[Lesson]
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
    scorer: Scorer, best: list[ScoredPassage], lessons: Sequence[Lesson]
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
    scorer: Scorer, best: list[ScoredPassage], found: Sequence[Analysis]
) -> list[ScoredPassage]:
    """The best passages, with the first passage of the best one's section moved to the top.

    It moves only if it covers as much of the question as the best passage. Unless the heading is a
    question, it must also give the kind of thing asked for, if the best passage does: below
    "Warehouse move", the date of the move may come later.
    """
    top = best[0]
    is_question = any(heading.endswith("?") for heading in top.analysis.passage.headings)
    needs_kind = scorer.gives_kind(top) and not is_question
    section = (one for one in found if one.section == top.analysis.section)
    for analysis in sorted(section, key=lambda one: one.rest.place):
        if analysis is top.analysis:
            break
        first = scorer.in_full(analysis)
        if first is None or first.conflict or (needs_kind and not scorer.gives_kind(first)):
            continue
        if first.says_more and first.coverage >= top.coverage - ROUNDING:
            return _moved_up(first, "its section begins with it", best)
    return best


def _introduced(
    scorer: Scorer, best: list[ScoredPassage], found: Sequence[Analysis]
) -> list[ScoredPassage]:
    """The best passages, with what the best one's sentence introduces moved to the top."""
    top = best[0]
    if not top.quote.text.rstrip().endswith(":"):
        return best
    path, number = top.analysis.rest.place
    inside = (one for one in found if one.document == top.analysis.document)
    after = next((one for one in inside if one.rest.place == (path, number + 1)), None)
    first = scorer.in_full(after) if after is not None and after.leads else None
    if first is None or first.conflict or not first.says_more:
        return best
    return _moved_up(first, "the best sentence introduces it", best)


def _moved_up(first: ScoredPassage, why: str, best: list[ScoredPassage]) -> list[ScoredPassage]:
    """The best passages, with another one before them, which then scores as much as the best."""
    bonus = Match(why, "", "", max(0.0, best[0].score - first.score))
    first = first._replace(score=first.score + bonus.score, matches=(*first.matches, bonus))
    return [first, *(one for one in best if one.analysis.plain != first.analysis.plain)]


def _newest_first(
    scorer: Scorer, best: list[ScoredPassage], found: Sequence[Analysis]
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


def _asked_first(scorer: Scorer, best: list[ScoredPassage]) -> list[ScoredPassage]:
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


class _Search:
    """A best-first search for the best passages, which can be continued for more of them.

    The passage with the highest bound gets a closer bound, in up to three steps, and is scored once
    its closest bound is the highest. One whose bound cannot reach the best ones is not scored.
    """

    def __init__(self, scorer: Scorer, bounded: Iterable[_Bounded]) -> None:
        self._scorer = scorer
        self._scored: dict[str, ScoredPassage] = {}
        self._queue: list[tuple[float, int, Analysis, Candidate | Quoted | Weighed | None]] = [
            (-bound, place, one, known) for place, (bound, one, known) in enumerate(bounded)
        ]
        heapify(self._queue)

    def best(self, top: int) -> list[ScoredPassage]:
        """The `top` best passages, best first."""
        scorer, scored, queue = self._scorer, self._scored, self._queue
        enough = self._last_of(top)
        while queue and not is_below(-queue[0][0], enough):
            _, place, analysis, known = heappop(queue)
            if isinstance(known, Weighed):
                passage = scorer.score(known)
                same = scored.setdefault(analysis.plain, passage)
                if _is_better(passage, same):
                    scored[analysis.plain] = passage
                enough = self._last_of(top)
            elif (closer := scorer.closer(analysis, known)) is not None:
                heappush(queue, (-closer.bound, place, analysis, closer))
        return sorted(scored.values(), key=_order)[:top]

    def _last_of(self, top: int) -> float:
        """The score that another passage must reach to be among the `top` best."""
        if len(self._scored) < top:
            return -math.inf
        return sorted(one.score for one in self._scored.values())[-top]


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
