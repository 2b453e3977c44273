"""Records cut into batches: stretches of one long run, or days and weeks that are alike.

Estimates come from the sum of all batches, and their errors from leaving out one batch
after the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from simulator.records import Area, Column, RunRecord

BATCHES: Final = 100
"""How many stretches a long run is cut into."""
DAY_MS: Final = 86_400_000
Values = npt.NDArray[np.float64]
NO_WAITS: Final[Values] = np.zeros(0)


@dataclass(frozen=True, slots=True)
class Sums:
    """What happened, added up. The first axis of the tables is the interval of the day;
    of a stretch of a long run there is only one.
    """

    streams: Values
    """[interval, stream, `Column`]"""
    areas: Values
    """[interval, stream, `Area`]"""
    queues: Values
    """[interval, queue and channel, way of entry, count]"""
    staff: Values
    """[interval, staff, `AgentState`]"""
    lasted_ms: Values
    """How long an interval lasted, all batches together. One number."""
    units: Values
    """How many days, or weeks. One number."""
    days: Values
    """[1, arrivals, their squares], summed by day."""
    last_ms: Values
    """By day, when the last service ended after the day began, summed. One number."""
    waits: Values
    """[stream, answered or abandoned, class of wait] of a whole run; else nothing."""

    def __add__(self, other: "Sums") -> "Sums":
        """Both together."""
        return self._with(other, 1.0)

    def __sub__(self, other: "Sums") -> "Sums":
        """The rest without `other`."""
        return self._with(other, -1.0)

    def _with(self, other: "Sums", sign: float) -> "Sums":
        return Sums(
            *(
                getattr(self, part.name) + sign * getattr(other, part.name)
                for part in fields(self)
            )
        )


def stretches(record: RunRecord, skip: int, until: int, count: int) -> Iterator[Sums]:
    """A long run in `count` stretches, the intervals before `skip` and from `until` on left
    out.
    """
    each = (until - skip) // count
    for k in range(count):
        span = slice(skip + k * each, skip + (k + 1) * each)
        streams = record.streams[span].sum(axis=0, keepdims=True)
        arrived = float(streams[0, :, Column.ARRIVED].sum())
        yield Sums(
            streams=streams,
            areas=record.areas[span].sum(axis=0, keepdims=True),
            queues=record.queues[span].sum(axis=0, keepdims=True).astype(float),
            staff=record.staff[span].sum(axis=0, keepdims=True).astype(float),
            lasted_ms=np.array(float(each * record.every_ms)),
            units=np.array(1.0),
            days=np.array([1.0, arrived, arrived * arrived]),
            last_ms=np.array(0.0),
            waits=record.waits.astype(float) if count == 1 else NO_WAITS,
        )


def groups_of_days(record: RunRecord, unit_days: int, each: int) -> Iterator[Sums]:
    """A run of days in groups of `each` units of `unit_days` days."""
    intervals = record.intervals
    size = unit_days * each
    tables = {
        name: _by_day(getattr(record, name), record.days, intervals)
        for name in ("streams", "areas", "queues", "staff")
    }
    serving = tables["areas"][:, :, :, Area.SERVING].sum(axis=2) > 0
    steps = np.arange(1, intervals + 1)
    last_ms = ((serving * steps).max(axis=1) - 0.5) * record.every_ms
    arrived = tables["streams"][:, :, :, Column.ARRIVED].sum(axis=(1, 2))
    for first in range(0, record.days - size + 1, size):
        days = slice(first, first + size)
        yield Sums(
            **{name: table[days].sum(axis=0) for name, table in tables.items()},
            lasted_ms=np.array(float(size * record.every_ms)),
            units=np.array(float(each)),
            days=np.array([size, arrived[days].sum(), (arrived[days] ** 2).sum()]),
            last_ms=np.array(last_ms[days].sum()),
            waits=NO_WAITS,
        )


def _by_day(counts: npt.NDArray[Any], days: int, intervals: int) -> Values:
    """[day, interval, ...]; what came after the last midnight counts for its last interval."""
    table = counts[:-1].reshape(days, intervals, *counts.shape[1:]).astype(float)
    table[-1, -1] += counts[-1]
    return table


def total(batches: Sequence[Sums]) -> Sums:
    """All of them together."""
    together = batches[0]
    for batch in batches[1:]:
        together = together + batch
    return together
