"""Gaps: questions that the documents did not answer, merged when they ask the same thing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.english import questions
from bot.english.text import words
from bot.model import Outcome
from bot.phrases import OUTCOMES, count
from bot.store.records import Unanswered

# Two wordings with the same closest passage are one gap if they share this part of their words.
ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Gap:
    """A question without an answer, perhaps asked by several people and in several wordings.

    `question` is the most common wording, "" if everybody asked in private. `down` counts the
    answers with a thumbs-down. `outcome`, `document` and `passage` are those of the last time it
    was asked: how it ended, and the closest passage ("" and 0 if there was none). `last_asked` is
    in seconds since 1970.
    """

    question: str
    times: int
    people: int
    down: int
    outcome: str
    document: str
    passage: int
    last_asked: float

    @property
    def about(self) -> str:
        """One line for people: how often it was asked, its outcome, votes and closest passage."""
        nearest = f"nearest: {self.document}, paragraph {self.passage}" if self.document else ""
        times = "once" if self.times == 1 else f"{self.times:,} times"
        parts = [
            f"asked {times}" + (f" by {self.people:,} people" if self.people > 1 else ""),
            OUTCOMES.get(self.outcome, self.outcome),
            f"{count(self.down, 'vote')} against the answer" if self.down else "",
            nearest,
        ]
        return " · ".join(filter(None, parts))


def what_is_asked(question: str) -> str:
    """A key for what a question asks: its content words as sorted stems, whatever the wording.

    A question without content words is its own key.
    """
    found = words(questions.normal(question))
    return " ".join(sorted({word.term for word in found if word.is_content})) or question.strip()


def gaps_in(asked: Iterable[Unanswered]) -> list[Gap]:
    """Merge questions into gaps, the most asked first. `asked` must be sorted latest first.

    Questions with the same `asks` are one gap, and so are those with the same closest passage
    that share at least half of their words (ALIKE).
    """
    by_digest: dict[str, list[Unanswered]] = {}
    for one in asked:
        by_digest.setdefault(one.asks, []).append(one)
    merged: list[tuple[set[str], list[Unanswered]]] = []
    for rows in by_digest.values():
        said = {term for row in rows for term in what_is_asked(row.question).split()}
        same = next((group for group in merged if _is_same(said, rows, *group)), None)
        if same is None:
            merged.append((said, list(rows)))
        else:
            same[1].extend(rows)
    found = [_gap(rows) for _, rows in merged]
    return sorted(found, key=lambda gap: (-gap.times, -gap.down, -gap.last_asked))


def _is_same(
    said: set[str], rows: Sequence[Unanswered], others: set[str], known: Sequence[Unanswered]
) -> bool:
    nearest = (rows[0].document, rows[0].passage)
    if not rows[0].document or nearest != (known[0].document, known[0].passage):
        return False
    return bool(said) and len(said & others) >= ALIKE * len(said | others)


def _gap(rows: Sequence[Unanswered]) -> Gap:
    # A thumbs-down on anything but an answer belongs to a question that is counted already.
    asked = [row for row in rows if not row.down or row.outcome == Outcome.ANSWERED]
    wordings = Counter(row.question for row in rows if row.question)
    latest = max(rows, key=lambda row: row.asked_at)
    return Gap(
        question=wordings.most_common(1)[0][0] if wordings else "",
        times=max(1, len(asked)),
        people=len({row.user for row in rows}),
        down=sum(row.down for row in rows),
        outcome=latest.outcome,
        document=latest.document,
        passage=latest.passage,
        last_asked=latest.asked_at,
    )
