"""What a log says once it has been read: one table, whatever telephone system wrote it.

Instants are milliseconds of the wall clock where the log was written, counted from
1970-01-01 00:00 there. Arrays of one table have the same length and order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

DAY_MS: Final = 86_400_000
EPOCH: Final = date(1970, 1, 1)
UNKNOWN: Final = -1
"""Stands for an agent or customer whom the log does not name."""


class Outcome(IntEnum):
    """How a wait ended."""

    ABANDONED = 0
    ANSWERED = 1
    TAKEN_OUT = 2
    """The queue gave up, not the customer: a time-out, a key pressed, nobody there."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that are in the file and not in the table."""

    rows: int
    """Rows of the file."""
    ignored: tuple[tuple[str, int], ...] = ()
    """Left out because the mapping says so: which, and how many."""
    bad: int = 0
    """Left out because they could not be read."""


@dataclass(frozen=True, slots=True)
class Log:
    """One row an interaction that was offered to a queue."""

    file: str
    types: tuple[str, ...]
    agents: tuple[str, ...]
    left_out: LeftOut
    line: Ints
    arrived_ms: Ints
    queued_ms: Ints
    """When it got in line: waits and arrivals count from here."""
    wait_s: Floats
    outcome: Ints
    service_s: Floats
    """Time with an agent; NaN where there was none or it is not known."""
    type: Ints
    """Position in `types`."""
    priority: Ints
    customer: Ints
    """A number for each customer; `UNKNOWN` for those not identified."""
    agent: Ints
    """Position in `agents`; `UNKNOWN` where nobody is named."""

    def __len__(self) -> int:
        return len(self.line)

    @property
    def day(self) -> Ints:
        """Days since 1970-01-01 on which each got in line."""
        return self.queued_ms // DAY_MS

    @property
    def answered(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.outcome == Outcome.ANSWERED)

    @property
    def abandoned(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.outcome == Outcome.ABANDONED)

    @property
    def answered_ms(self) -> Ints:
        """When the wait ended, whichever way."""
        return self.queued_ms + np.round(self.wait_s * 1000).astype(np.int64)

    def days(self) -> list[int]:
        """Every day from the first to the last, those without a row included."""
        if not len(self):
            return []
        return list(range(int(self.day.min()), int(self.day.max()) + 1))

    def only(self, chosen: npt.NDArray[Any]) -> "Log":
        """The rows that `chosen` marks or lists."""
        return replace(self, **{name: getattr(self, name)[chosen] for name in _COLUMNS})

    def within(self, days: Sequence[int]) -> "Log":
        """The rows of these days."""
        return self.only(np.isin(self.day, np.asarray(days, dtype=np.int64)))


_COLUMNS: Final = (
    "line", "arrived_ms", "queued_ms", "wait_s", "outcome", "service_s", "type",
    "priority", "customer", "agent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class IntervalTable:
    """One row an interval and type, as reports export it."""

    file: str
    types: tuple[str, ...]
    left_out: LeftOut
    every_ms: int
    line: Ints
    begins_ms: Ints
    type: Ints
    offered: Floats
    answered: Floats
    abandoned: Floats
    aht_s: Floats
    """NaN where the table does not say."""
    asa_s: Floats
    agents: Floats

    def __len__(self) -> int:
        return len(self.line)


def date_of(day: int) -> date:
    """The date of a day counted from 1970-01-01."""
    return EPOCH + timedelta(days=int(day))


def day_of(when: date) -> int:
    """The reverse of `date_of`."""
    return (when - EPOCH).days


def weekday_of(day: int) -> int:
    """0 is Monday."""
    return (int(day) + 3) % 7
