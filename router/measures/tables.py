"""The tables of one `Measures`: how they grow, how they are copied, added up and
compared.

Rows are queues, interactions and agents, as in the events. Knows no event and no
formula.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Self

import numpy as np

from router.engine.kinds import Kind
from router.engine.tables import Record
from router.measures.directory import FlatTables
from router.measures.shapes import (
    CHANNEL_ROWS,
    COUNT,
    COUNT_NAMES,
    HANDLE_BOUNDS_MS,
    PROGRESS,
    SHIFT,
    WAIT_BOUNDS_MS,
    WRAP_UP_BOUNDS_MS,
    AgentState,
    Entry,
    Outcome,
    Phase,
)
from router.model.time import seconds

TARGET_MS = seconds(20)
"""Threshold of a queue for which none is known."""
SHORT_ABANDON_MS = seconds(5)
"""The same for short abandonments."""
CARRIED = COUNT_NAMES.index("carried")


def _classes(bounds: Record, *more: int) -> Record:
    """Histograms: a class for each bound, one beyond them, and the sum."""
    return np.zeros((0, CHANNEL_ROWS, *more, len(bounds) + 2), np.int64)


@dataclass(slots=True, eq=False)
class Tables:
    """What has been counted, and what is remembered about what is going on."""

    counts: Record = field(
        default_factory=lambda: np.zeros((0, CHANNEL_ROWS, len(Entry)), COUNT)
    )
    thresholds: Record = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    waits: Record = field(
        default_factory=lambda: _classes(WAIT_BOUNDS_MS, len(Outcome))
    )
    handles: Record = field(default_factory=lambda: _classes(HANDLE_BOUNDS_MS))
    wrap_ups: Record = field(default_factory=lambda: _classes(WRAP_UP_BOUNDS_MS))
    progress: Record = field(default_factory=lambda: np.zeros(0, PROGRESS))
    shifts: Record = field(default_factory=lambda: np.zeros(0, SHIFT))
    state_ms: Record = field(
        default_factory=lambda: np.zeros((0, len(AgentState)), np.int64)
    )
    seen: Record = field(default_factory=lambda: np.zeros(max(Kind) + 1, np.int64))

    _flat: FlatTables | None = field(default=None, init=False, repr=False)

    def flat(self) -> FlatTables:
        """The same tables as compiled code sees them."""
        if self._flat is None:
            self._flat = FlatTables(tuple(self._all()))
        return self._flat

    def make_room(self, queues: int, interactions: int, agents: int) -> None:
        """See to it that there are at least so many rows; they double at least."""
        self._flat = None
        have = len(self.counts)
        if queues > have:
            rows = max(queues, 2 * have)
            for name in ("counts", "thresholds", "waits", "handles", "wrap_ups"):
                setattr(self, name, longer(getattr(self, name), rows))
            self.thresholds[have:] = TARGET_MS, SHORT_ABANDON_MS
        if interactions > len(self.progress):
            rows = max(interactions, 2 * len(self.progress))
            self.progress = longer(self.progress, rows)
        if agents > len(self.shifts):
            rows = max(agents, 2 * len(self.shifts))
            self.shifts = longer(self.shifts, rows)
            self.state_ms = longer(self.state_ms, rows)

    def matrix(self) -> Record:
        """The counts as integers by queue, channel, entry, column; a view."""
        return self.counts.view(np.int64).reshape(*self.counts.shape, len(COUNT_NAMES))

    def waiting(self) -> Record:
        """Who is queued or offered now, by queue, channel and entry.

        Counted anew from what is going on and not derived from other counts, so that an
        account which balances says something.
        """
        phase = self.progress["phase"]
        now = self.progress[(phase == Phase.WAITING) | (phase == Phase.OFFERED)]
        where = np.ravel_multi_index(
            (now["queue"], now["channel"], now["entry"]), self.counts.shape
        )
        counted = np.bincount(where, minlength=self.counts.size)
        return counted.reshape(self.counts.shape)

    def copy(self) -> Self:
        """The same tables, independent of these."""
        return type(self)(*(table.copy() for table in self._all()))

    def following(self) -> "Tables":
        """Nothing counted, the same going on; whoever waits is carried."""
        after = Tables()
        after.make_room(len(self.counts), len(self.progress), len(self.shifts))
        after.thresholds[:] = self.thresholds
        after.progress[:] = self.progress
        after.shifts[:] = self.shifts
        after.matrix()[..., CARRIED] = self.waiting()
        return after

    def then(self, later: "Tables") -> "Tables":
        """Both together, where `later` goes on from these."""
        both = later.copy()
        both.make_room(len(self.counts), len(self.progress), len(self.shifts))
        # What the later ones carried still waited in the earlier: it came in only once.
        both.matrix()[..., CARRIED] = 0
        for mine, sums in zip(self._sums(), both._sums(), strict=True):
            sums[: len(mine)] += mine
        return both

    def same(self, other: "Tables") -> bool:
        """Whether both say the same; rows that one does not have count as empty."""
        pairs = zip(self._said(), other._said(), strict=True)
        return all(_equal(mine, theirs) for mine, theirs in pairs)

    def _all(self) -> Iterator[Record]:
        return (getattr(self, part.name) for part in fields(self) if part.init)

    def _sums(self) -> tuple[Record, ...]:
        histograms = self.waits, self.handles, self.wrap_ups
        return (self.matrix(), *histograms, self.state_ms, self.seen)

    def _said(self) -> tuple[Record, ...]:
        return (*self._sums(), self.progress, self.shifts)


def longer(table: Record, rows: int) -> Record:
    """A copy of the table with so many rows, the new ones blank."""
    enlarged = np.zeros((rows, *table.shape[1:]), table.dtype)
    enlarged[: len(table)] = table
    return enlarged


def _equal(one: Record, other: Record) -> bool:
    rows = max(len(one), len(other))
    return bool(np.array_equal(longer(one, rows), longer(other, rows)))
