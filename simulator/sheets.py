"""From the record of a replication to what a result keeps of it.

A `Sheet` is what one replication hands in: its totals, its figures by interval, its
waits by class. A `Ledger` adds sheets up in the order of their replications, so the
result is the same whoever worked them out. Totals are kept by replication; figures by
interval as sums of products, and their values only of the first replications, which
are a fair sample as all are alike: memory does not grow with the intervals times the
replications.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.figures import SERIES, Kind, queue_groups, stream_groups
from simulator.parts import Amounts, Table, tables
from simulator.records import Layout, RunRecord, Sums
from simulator.statistics import Moments

DAY_MS: Final = 86_400_000
SERIES_KINDS: Final[tuple[Kind, ...]] = tuple(SERIES)
KEPT_BYTES: Final = 64 * 2**20
"""How much the values by interval may take; at least 20 replications are kept."""
KEPT_LEAST: Final = 20
KEPT_MOST: Final = 1_000
BY_TIME: Final = ("mean_queue", "at_work", "busy")
"""Figures over the length of an interval: after the last midnight there is none."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one replication hands in."""

    replication: int
    streams: Sums
    """[stream, `Column`], of the whole run, as all below."""
    areas: Sums
    queues: Sums
    staff: Sums
    series: dict[Kind, npt.NDArray[np.float64]]
    """[part or whole, figure of `SERIES`, time, thing]"""
    waits: Sums
    """[waiter, whose, class]: cumulative; see `waiter_groups`."""
    events: int
    rounds: int
    ended_ms: int
    took_s: float


def sheet_of(record: RunRecord, layout: Layout) -> Sheet:
    """What is kept of a record."""
    by_time = tables(
        layout,
        Amounts(
            record.streams, record.areas, record.queues, record.staff, record.every_ms
        ),
    )
    groups = waiter_groups(layout)
    classes = record.waits.reshape(len(record.waits), -1).astype(float)
    waits = (groups @ classes).reshape(len(groups), *record.waits.shape[1:])
    waits[:, 1] += waits[:, 0]
    return Sheet(
        replication=record.replication,
        streams=record.streams.sum(axis=0),
        areas=record.areas.sum(axis=0),
        queues=record.queues.sum(axis=0).astype(float),
        staff=record.staff.sum(axis=0).astype(float),
        series={kind: _series(by_time[kind], SERIES[kind]) for kind in SERIES},
        waits=np.cumsum(waits, axis=-1),
        events=record.events,
        rounds=record.rounds,
        ended_ms=record.ended_ms,
        took_s=record.took_s,
    )


def waiter_groups(layout: Layout) -> Sums:
    """[waiter, stream]: whose waits are put together. The streams first, then the
    pairs, then the queues, then the house.
    """
    pairs = stream_groups(layout)
    count = len(layout.streams)
    return np.concatenate(
        [np.eye(count), pairs, queue_groups(layout) @ pairs, np.ones((1, count))]
    )


def _series(table: Table, names: tuple[str, ...]) -> Sums:
    whole_shape = table[names[0]].part.shape
    series = np.zeros((2, len(names), *whole_shape))
    for at, name in enumerate(names):
        series[0, at], series[1, at] = table[name]
        if name in BY_TIME:
            series[:, at, -1] = 0
    return series


class Ledger:
    """Sheets added up, in the order of their replications."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.count = 0
        self._room: dict[str, Sums] = {}
        self._series: dict[Kind, Moments] = {}
        self._kept: dict[Kind, list[npt.NDArray[np.float32]]] = {}
        self._waits: Moments | None = None
        self._keep_most = KEPT_MOST

    def add(self, sheet: Sheet) -> None:
        """Count one replication more."""
        if self._waits is None:
            self._begin(sheet)
        assert self._waits is not None
        for name in ("streams", "areas", "queues", "staff", "facts"):
            self._write(
                name, _facts(sheet) if name == "facts" else getattr(sheet, name)
            )
        for kind, series in sheet.series.items():
            self._series[kind].add(*series)
            if self.count < self._keep_most:
                with np.errstate(invalid="ignore", divide="ignore"):
                    values = series[0] / series[1]
                self._kept[kind].append(values.astype(np.float32))
        self._waits.add(sheet.waits, sheet.waits[..., -1:])
        self.count += 1

    def _begin(self, sheet: Sheet) -> None:
        self._waits = Moments(sheet.waits.shape)
        self._series = {k: Moments(s.shape[1:]) for k, s in sheet.series.items()}
        self._kept = {kind: [] for kind in sheet.series}
        size = sum(series[0].size * 4 for series in sheet.series.values())
        most = KEPT_BYTES // max(size, 1)
        self._keep_most = min(max(most, KEPT_LEAST), KEPT_MOST)

    def _write(self, name: str, values: Sums) -> None:
        room = self._room.get(name)
        if room is None:
            room = np.zeros((16, *values.shape))
        if self.count == len(room):
            room = np.concatenate([room, np.zeros_like(room)])
        room[self.count] = values
        self._room[name] = room

    def totals(self) -> "Totals":
        """What has been added up so far."""
        room = {name: values[: self.count] for name, values in self._room.items()}
        assert self._waits is not None, "there is no replication yet"
        return Totals(
            streams=room["streams"],
            areas=room["areas"],
            queues=room["queues"],
            staff=room["staff"],
            facts=room["facts"],
            series=self._series,
            kept={kind: np.stack(values) for kind, values in self._kept.items()},
            waits=self._waits,
        )


def _facts(sheet: Sheet) -> Sums:
    return np.array([sheet.events, sheet.rounds, sheet.ended_ms, sheet.took_s], float)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a result is made of; the first axis is the replication."""

    streams: Sums
    areas: Sums
    queues: Sums
    staff: Sums
    facts: Sums
    """[replication, (events, rounds, ended_ms, took_s)]"""
    series: Mapping[Kind, Moments]
    """Of [figure, time, thing]."""
    kept: Mapping[Kind, npt.NDArray[np.float32]]
    """[one of the first replications, figure, time, thing]"""
    waits: Moments
    """Of [waiter, whose, class]."""

    def amounts(self, length_ms: float) -> Amounts:
        return Amounts(self.streams, self.areas, self.queues, self.staff, length_ms)
