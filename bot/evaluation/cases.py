"""A set of questions with their right answers, and a corpus's answer to each."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.errors import QuestionSetError
from bot.json_lines import question_from
from bot.model import Answer, Citation, Outcome, Question


@dataclass(frozen=True, slots=True)
class Case:
    """A question and its right answer.

    Any of `paragraphs` is a right first passage; the numbers count within `document`, or within the
    only document if that is None. A right quote contains one of the strings in `contains`. A whole
    answer to a question of several parts shows every paragraph in `all_of`.
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
    """The answer to a case, and whether it is right."""

    case: Case
    answer: Answer

    @property
    def outcome(self) -> Outcome:
        """The outcome of the answer."""
        return self.answer.outcome

    @property
    def first(self) -> bool:
        """Whether the first passage is a right one."""
        return self._right_among(1)

    @property
    def among_three(self) -> bool:
        """Whether one of the first three passages is a right one."""
        return self._right_among(3)

    @property
    def whole(self) -> bool:
        """Whether every paragraph in `all_of` is shown."""
        shown = {c.passage.number for c in self.answer.citations if self._here(c)}
        return self.case.all_of <= shown

    @property
    def quote(self) -> bool:
        """Whether the first quote contains one of the strings in `contains`."""
        quotes = [citation.quote for citation in self.answer.citations[:1]]
        return any(words in quote for quote in quotes for words in self.case.contains)

    def _right_among(self, most: int) -> bool:
        return any(
            citation.passage.number in self.case.paragraphs and self._here(citation)
            for citation in self.answer.citations[:most]
        )

    def _here(self, citation: Citation) -> bool:
        return self.case.document in (None, citation.passage.document.path)


def read_cases(file: Path) -> list[Case]:
    """Read a question set, one JSON object per line.

    Raises QuestionSetError, which names the file and the line.
    """
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise QuestionSetError.unreadable(file, error) from None
    except UnicodeDecodeError as error:
        raise QuestionSetError.not_utf8(file, error.start) from None
    cases = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            cases.append(_case(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise QuestionSetError.wrong_line(file, number, error) from None
    if not cases:
        raise QuestionSetError.empty(file)
    return cases


def evaluate(cases: Iterable[Case], answer: Callable[[Question], Answer]) -> list[Result]:
    """Ask every question; returns the results in order."""
    return [Result(case, answer(case.question)) for case in cases]


def _case(value: object) -> Case:
    if not isinstance(value, dict):
        raise TypeError("it is not an object")
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
        raise TypeError("answerable must be true or false")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("expected a list")
    return value


def _numbers(value: object) -> frozenset[int]:
    return frozenset(int(str(number)) for number in _list(value))
