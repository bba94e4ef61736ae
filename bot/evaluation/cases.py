"""A set of questions with their right answers, and how many of them a corpus gets right."""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bot.errors import QuestionSetError
from bot.json_lines import question_from
from bot.model import Answer, Citation, Outcome, Question

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Case:
    """A question, and what a right answer to it is.

    Any of `paragraphs` (numbers within `document`, or within the only one) is a right first
    passage; a right quote holds one of the strings in `contains`. A whole answer to a question of
    several parts shows each of `all_of`.
    """

    name: str
    question: Question
    kind: str
    answerable: bool
    paragraphs: frozenset[int]
    contains: tuple[str, ...]
    all_of: frozenset[int]
    document: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What was answered to a case, and whether it was right."""

    case: Case
    answer: Answer

    @property
    def outcome(self) -> Outcome:
        """What the answer is to the question."""
        return self.answer.outcome

    @property
    def first(self) -> bool:
        """The first passage is a right one."""
        return self._right_among(1)

    @property
    def among_three(self) -> bool:
        """One of the first three passages is a right one."""
        return self._right_among(3)

    @property
    def whole(self) -> bool:
        """All the passages of a whole answer are shown."""
        shown = {c.passage.number for c in self.answer.citations if self._here(c)}
        return self.case.all_of <= shown

    @property
    def quote(self) -> bool:
        """The first quote holds the words that answer."""
        quotes = [citation.quote for citation in self.answer.citations[:1]]
        return any(words in quote for quote in quotes for words in self.case.contains)

    def _right_among(self, most: int) -> bool:
        return any(
            citation.passage.number in self.case.paragraphs and self._here(citation)
            for citation in self.answer.citations[:most]
        )

    def _here(self, citation: Citation) -> bool:
        return self.case.document in (None, citation.passage.document.path)


class Share(NamedTuple):
    """Hits of so many, and the 95% interval of their share by the bootstrap (Efron 1979)."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share; of nothing it is nought."""
        return self.hits / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of some results. What has a right answer is answerable.

    `whole`: of the questions of several parts, those of which every part is shown.
    """

    kind: str
    questions: int
    outcomes: dict[Outcome, int]
    first: Share
    among_three: Share
    quote: Share
    whole: Share
    right_of_answered: Share
    answered_rightly: Share
    unanswerable_answered: Share
    answerable_not_found: Share


def read_cases(file: Path) -> list[Case]:
    """Read a question set, an object a line. Raises QuestionSetError naming file and line."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise QuestionSetError(f"{file}: {error.strerror}; name a file of questions") from None
    except UnicodeDecodeError as error:
        raise QuestionSetError(f"{file}: not UTF-8 at byte {error.start}; save it so") from None
    cases = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            cases.append(_case(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise QuestionSetError(
                f"{file}:{number}: not a question of a set ({error!r}); "
                "it needs id, question, kind, answerable, paragraphs and contains"
            ) from None
    if not cases:
        raise QuestionSetError(f"{file}: no question in it")
    return cases


def evaluate(cases: Iterable[Case], answer: Callable[[Question], Answer]) -> list[Result]:
    """Ask every question."""
    return [Result(case, answer(case.question)) for case in cases]


def scores(results: Sequence[Result]) -> list[Score]:
    """The figures of each kind, in the order in which the kinds first come, and of all."""
    kinds = dict.fromkeys(result.case.kind for result in results)
    by_kind = [_score(kind, [r for r in results if r.case.kind == kind]) for kind in kinds]
    return [*by_kind, _score("all", results)]


def _score(kind: str, results: Sequence[Result]) -> Score:
    answerable = [result for result in results if result.case.answerable]
    unanswerable = [result for result in results if not result.case.answerable]
    answered = [result for result in results if result.outcome == Outcome.ANSWERED]
    outcomes = [result.outcome for result in results]
    return Score(
        kind=kind,
        questions=len(results),
        outcomes={outcome: outcomes.count(outcome) for outcome in Outcome},
        first=_share(result.first for result in answerable),
        among_three=_share(result.among_three for result in answerable),
        quote=_share(result.quote for result in answerable),
        whole=_share(result.whole for result in answerable if result.case.all_of),
        right_of_answered=_share(result.first for result in answered),
        answered_rightly=_share(r.first and r.outcome == Outcome.ANSWERED for r in answerable),
        unanswerable_answered=_share(r.outcome == Outcome.ANSWERED for r in unanswerable),
        answerable_not_found=_share(r.outcome == Outcome.NOT_FOUND for r in answerable),
    )


def _share(hits: Iterable[bool]) -> Share:
    counted = list(hits)
    if not counted:
        return Share(0, 0, 0.0, 0.0)
    draw = random.Random(RESAMPLES)  # the same interval every time
    means = sorted(sum(draw.choices(counted, k=len(counted))) for _ in range(RESAMPLES))
    low, high = means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES)]
    return Share(sum(counted), len(counted), low / len(counted), high / len(counted))


def _case(value: dict[str, object]) -> Case:
    if value["answerable"] and not value["paragraphs"]:
        raise ValueError("an answerable question needs paragraphs")
    return Case(
        name=str(value["id"]),
        question=question_from(value),
        kind=str(value["kind"]),
        answerable=_truth(value["answerable"]),
        paragraphs=_numbers(value["paragraphs"]),
        contains=tuple(str(words) for words in _list(value["contains"])),
        all_of=_numbers(value.get("all_of", [])),
        document=None if value.get("document") is None else str(value["document"]),
    )


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("answerable is true or false")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("a list is needed")
    return value


def _numbers(value: object) -> frozenset[int]:
    return frozenset(int(str(number)) for number in _list(value))
