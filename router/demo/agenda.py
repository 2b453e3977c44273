"""What is still to happen in a replay, in the order of its virtual clock."""

import heapq
from dataclasses import dataclass
from enum import IntEnum


class Step(IntEnum):
    """What can be due. At one instant the lower number goes first."""

    SHIFT_BEGINS = 1
    RETURN = 2
    """An agent whom the router has set away is back."""
    FINISH = 3
    ANSWER = 4
    DECLINE = 5
    ARRIVE = 6
    GIVE_UP = 7
    SHIFT_ENDS = 8


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One thing that happens at one instant."""

    at_ms: int
    step: Step
    serial: int
    """The order of planning: equal things happen in it."""
    subject: str
    """An interaction's id or an agent's."""
    offer_id: int = 0


class Agenda:
    """Earliest first."""

    def __init__(self) -> None:
        self.now_ms = 0
        """The virtual clock: the latest instant anything has been taken for."""
        self._due: list[Due] = []
        self._serial = 0

    def __len__(self) -> int:
        return len(self._due)

    def plan(self, at_ms: int, step: Step, subject: str, offer_id: int = 0) -> None:
        self._serial += 1
        heapq.heappush(self._due, Due(at_ms, step, self._serial, subject, offer_id))

    @property
    def next(self) -> Due | None:
        return self._due[0] if self._due else None

    def pop(self) -> Due:
        """Take the next thing, and turn the clock to it."""
        due = heapq.heappop(self._due)
        self.now_ms = max(self.now_ms, due.at_ms)
        return due
