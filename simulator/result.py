"""What an experiment found: figures with their confidence intervals, and where they
come from.

Reports, backtests and comparisons read a `Result` and work nothing out themselves. A
*kind* says of what a figure is: `"queue"` (all channels of a queue together), `"pair"`
(queue and channel), `"stream"`, `"staff"` or `"house"` (everything together, one thing
called "all"). Which figures there are, and what each means, stands in
`simulator.figures`: `DEFINITIONS`, and by interval `SERIES`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from simulator.figures import SERIES, Kind, names_of
from simulator.parts import Table, tables
from simulator.records import Layout, Sums, class_bounds_ms
from simulator.sheets import DAY_MS, Totals
from simulator.statistics import Intervals, Quantile, intervals, quantiles

PERCENTILES = (50, 80, 90, 95, 99)
"""Percentiles of waits in every report."""
Whose = Literal["everybody", "answered"]
"""Whose waits: of the answered and the abandoned, or of the answered alone."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over the replications, and half its confidence interval.

    `mean` is None when there was nothing to have a share of; `half_width` is None when
    one replication alone says nothing about the spread.
    """

    mean: float | None
    half_width: float | None

    def as_values(self) -> dict[str, float | None]:
        return {"mean": self.mean, "half_width": self.half_width}


@dataclass(frozen=True, slots=True)
class Worst:
    """An interval that stands out, of a queue and channel."""

    pair: int
    time: int
    """Which interval of the run."""
    label: str
    """When it begins."""
    estimate: Estimate


@dataclass(frozen=True)
class Result:
    """The figures of one scenario over its replications."""

    scenario: str
    layout: Layout
    totals: Totals
    seed: int
    asked: int
    """Replications that were asked for, at most."""
    confidence: float
    engine: str
    """Digest of the engine's sources."""
    digests: dict[str, str] = field(default_factory=dict)
    """Of the inputs, by their name."""
    partial: bool = False
    """It was stopped: fewer replications than were asked for, each of them complete."""
    precision: float | None = None
    """Half width of service levels that was asked for."""
    warnings: tuple[str, ...] = ()
    elapsed_s: float = 0.0
    """Wall-clock seconds; nothing else in here depends on the machine."""

    @property
    def replications(self) -> int:
        """Complete replications."""
        return len(self.totals.streams)

    @property
    def run_ms(self) -> int:
        """Length of what is counted, without what came after the last midnight."""
        return self.layout.days * DAY_MS - self.layout.warm_up_ms

    def names(self, kind: Kind) -> tuple[str, ...]:
        """What the things of a kind are called, in the order of their numbers."""
        return names_of(kind, self.layout)

    # ------------------------------------------------------------ figures of the run

    @cached_property
    def tables(self) -> dict[Kind, Table]:
        """Parts and wholes of every figure, [replication, thing]."""
        return tables(self.layout, self.totals.amounts(self.run_ms))

    def parts(self, kind: Kind, figure: str) -> tuple[Sums, Sums]:
        """Part and whole by replication, [replication, thing]."""
        part, whole = np.broadcast_arrays(*self.tables[kind][figure])
        return part, whole

    def figures(self, kind: Kind) -> tuple[str, ...]:
        """The figures that a kind has."""
        return tuple(self.tables[kind])

    def intervals(self, kind: Kind, figure: str) -> Intervals:
        """Means and half widths over the replications, [thing]."""
        part, whole = self.tables[kind][figure]
        return intervals(part, whole, self.confidence)

    def estimate(self, kind: Kind, thing: int | str, figure: str) -> Estimate:
        """One figure of one thing, by its number or its name."""
        at = self.number(kind, thing)
        return estimate_of(self.intervals(kind, figure), at)

    def estimates(self, kind: Kind, thing: int | str) -> dict[str, Estimate]:
        """Every figure of one thing."""
        return {name: self.estimate(kind, thing, name) for name in self.figures(kind)}

    def number(self, kind: Kind, thing: int | str) -> int:
        """The number of a thing by its name; ValueError if there is none."""
        return thing if isinstance(thing, int) else self.names(kind).index(thing)

    # ------------------------------------------------------------ figures by interval

    @property
    def times(self) -> int:
        """Intervals of the run, and one more for what came after the last midnight."""
        return self.layout.days * (DAY_MS // self.layout.every_ms) + 1

    def time_label(self, time: int) -> str:
        """When an interval begins, such as "day 2, 08:30"."""
        return time_label(time, self.layout)

    def by_interval(self, kind: Kind, figure: str) -> Intervals:
        """Means and half widths over the replications, [time, thing]."""
        at = SERIES[kind].index(figure)
        every = self._series[kind]
        return Intervals(every.mean[at], every.half_width[at])

    @cached_property
    def _series(self) -> dict[Kind, Intervals]:
        moments = self.totals.series
        return {kind: moments[kind].intervals(self.confidence) for kind in moments}

    def kept(self, kind: Kind, figure: str) -> npt.NDArray[np.float32]:
        """Values of the first replications, [replication, time, thing]; NaN where there
        was nothing. As many as fit in memory: `len` says how many.
        """
        return self.totals.kept[kind][:, SERIES[kind].index(figure)]

    def bands(
        self, kind: Kind, figure: str, shares: Sequence[float] = (0.1, 0.5, 0.9)
    ) -> Sums:
        """Quantiles over the replications, [share, time, thing]: where the figure of
        one day lies, not how well its mean is known. NaN where there was nothing.
        """
        values = self.kept(kind, figure)
        known = ~np.isnan(values).all(axis=0)
        found = np.full((len(shares), *values.shape[1:]), np.nan)
        if known.any():
            found[:, known] = np.nanquantile(values[:, known], shares, axis=0)
        return found

    def worst(
        self, figure: Literal["service_level", "mean_queue"], count: int = 5
    ) -> tuple[Worst, ...]:
        """The intervals with the lowest service level, or the longest queue, of all
        queues and channels. Intervals with less than one arrival by run are left out.
        """
        return worst_intervals(self, figure, count)

    # ------------------------------------------------------------ waits

    def waits(
        self, kind: Kind, thing: int | str, whose: Whose = "everybody"
    ) -> tuple[Sums, Intervals]:
        """Upper bounds in seconds, and the share of waits up to each with its half
        width. Of streams, pairs, queues and the house.
        """
        mean, low, high = self._wait_shares_of(kind, thing, whose)
        return class_bounds_ms() / 1000, Intervals(mean, (high - low) / 2)

    def wait_quantiles(
        self,
        kind: Kind,
        thing: int | str,
        whose: Whose = "everybody",
        percentiles: Sequence[float] = PERCENTILES,
    ) -> tuple[Quantile, ...]:
        """Quantiles of waits in seconds with their intervals, by percentile."""
        return quantiles(
            class_bounds_ms() / 1000,
            self._wait_shares_of(kind, thing, whose),
            [value / 100 for value in percentiles],
        )

    @cached_property
    def _wait_shares(self) -> tuple[Sums, Sums, Sums]:
        return self.totals.waits.ends(self.confidence)

    def _wait_shares_of(
        self, kind: Kind, thing: int | str, whose: Whose
    ) -> tuple[Sums, Sums, Sums]:
        order: tuple[Kind, ...] = ("stream", "pair", "queue", "house")
        before = order[: order.index(kind)]
        at = sum(len(self.names(one)) for one in before) + self.number(kind, thing)
        side = 0 if whose == "answered" else 1
        mean, low, high = (array[at, side] for array in self._wait_shares)
        return mean, low, high

    # ------------------------------------------------------------ how sure

    @property
    def widest(self) -> float:
        """The widest half width of a queue's service level; NaN before it is known."""
        widths = self.intervals("queue", "service_level").half_width
        known = widths[~np.isnan(widths)]
        return float(known.max()) if len(known) else float("nan")

    @property
    def precise(self) -> bool | None:
        """Whether the precision that was asked for is reached; None if none was."""
        return None if self.precision is None else self.widest <= self.precision

    def summary(self) -> dict[str, Any]:
        """The whole result as plain values: what `--json` prints."""
        from simulator.summary import summary_of

        return summary_of(self)


def estimate_of(found: Intervals, at: int | tuple[int, ...]) -> Estimate:
    """One of several estimates; NaN is None."""
    mean, half = float(found.mean[at]), float(found.half_width[at])
    return Estimate(
        mean if np.isfinite(mean) else None, half if np.isfinite(half) else None
    )


def time_label(time: int, layout: Layout) -> str:
    """When an interval begins; the last holds what came after the last midnight."""
    a_day = DAY_MS // layout.every_ms
    day, interval = divmod(time, a_day)
    if day >= layout.days:
        return "after the last midnight"
    minutes = interval * layout.every_ms // 60_000
    clock = f"{minutes // 60:02}:{minutes % 60:02}"
    return clock if layout.days == 1 else f"day {day + 1}, {clock}"


def worst_intervals(result: Result, figure: str, count: int) -> tuple[Worst, ...]:
    """See `Result.worst`."""
    found = result.by_interval("pair", figure)
    offered = result.by_interval("pair", "offered").mean
    rank = found.mean if figure == "service_level" else -found.mean
    counted = (offered >= 1) & np.isfinite(rank)
    order = np.argsort(np.where(counted, rank, np.inf), axis=None, kind="stable")
    worst = []
    for flat in order[: min(count, int(counted.sum()))]:
        time, pair = divmod(int(flat), rank.shape[1])
        label = result.time_label(time)
        worst.append(Worst(pair, time, label, estimate_of(found, (time, pair))))
    return tuple(worst)
