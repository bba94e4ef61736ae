"""How fast one person may ask: so many questions a minute, and one sentence about the rest."""

from collections import OrderedDict, deque
from enum import Enum
from typing import Any

MINUTE = 60.0
# People are forgotten when so many others have asked since.
MOST_PEOPLE = 10_000


class Pace(Enum):
    """Whether a question comes at a fair pace; the first that does not is told so."""

    FAIR = "fair"
    TOO_FAST = "too fast"
    TOLD = "too fast, and told so"


def pace_of(number: int, most: int) -> Pace:
    """The pace of a person's question, by which one of its minute it is."""
    if number <= most:
        return Pace.FAIR
    return Pace.TOO_FAST if number == most + 1 else Pace.TOLD


class PaceMaker:
    """Counts each person's questions of the last minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._asked: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._told: OrderedDict[tuple[str, str], float] = OrderedDict()

    def of(self, person: tuple[str, str], now: float) -> Pace:
        """Count a question that a person asks now, in seconds of any clock that only goes on."""
        asked = self._asked.setdefault(person, deque(maxlen=self._most))
        self._asked.move_to_end(person)
        if len(asked) < self._most or asked[0] <= now - MINUTE:
            asked.append(now)
            _forget(self._asked)
            return Pace.FAIR
        if self._told.get(person, -MINUTE) > now - MINUTE:
            return Pace.TOLD
        self._told[person] = now
        _forget(self._told)
        return Pace.TOO_FAST


def _forget(people: OrderedDict[tuple[str, str], Any]) -> None:
    if len(people) > MOST_PEOPLE:
        people.popitem(last=False)
