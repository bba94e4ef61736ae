"""The rate limit: a number of questions per person and minute, one notice, then silence."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum

MINUTE = 60.0
# People are forgotten once they asked nothing for a minute, or when more than this many asked.
MAX_PEOPLE = 10_000


class Pace(Enum):
    """Whether a question is within the rate limit; the first one above it gets a notice."""

    FAIR = "fair"
    TOO_FAST = "too fast"
    TOLD = "too fast, and told so"


@dataclass(slots=True)
class _Person:
    """When each question of the last minute came, and which one got the notice."""

    came: OrderedDict[Hashable, float] = field(default_factory=OrderedDict)
    told: tuple[Hashable, float] | None = None
    last: float = 0.0

    def forget(self, until: float) -> None:
        while self.came and next(iter(self.came.values())) <= until:
            self.came.popitem(last=False)
        if self.told and self.told[1] <= until:
            self.told = None


def pace_of(number: int, most: int) -> Pace:
    """The pace of a person's question that is the `number`th of its minute, from 1."""
    if number <= most:
        return Pace.FAIR
    return Pace.TOO_FAST if number == most + 1 else Pace.TOLD


class PaceMaker:
    """Counts each person's questions of the last minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._people: OrderedDict[Hashable, _Person] = OrderedDict()

    def of(self, person: Hashable, question: Hashable, now: float) -> Pace:
        """Count a question asked `now`, in seconds on any monotonic clock.

        The same question within a minute counts once: Slack redelivers what could not be stored.
        """
        self._forget(now - MINUTE)
        known = self._people.setdefault(person, _Person())
        self._people.move_to_end(person)
        known.last = now
        known.forget(now - MINUTE)
        if question in known.came or len(known.came) < self._most:
            known.came.setdefault(question, now)
            return Pace.FAIR
        if known.told is None:
            known.told = question, now
        return Pace.TOO_FAST if known.told[0] == question else Pace.TOLD

    def _forget(self, until: float) -> None:
        while self._people:
            first = next(iter(self._people.values()))
            if first.last > until and len(self._people) <= MAX_PEOPLE:
                return
            self._people.popitem(last=False)
