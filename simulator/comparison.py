"""Two plans that met the same customers: what the second changes.

Differences are taken replication by replication, so what both have in common, such as
a busy day, cancels out of them.
"""

from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np

from simulator.figures import Kind
from simulator.records import Sums
from simulator.result import Estimate, Result
from simulator.statistics import Difference, differences

COMPARED: tuple[Kind, ...] = ("queue", "pair", "stream", "staff", "house")


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of one thing under both plans, and the second less the first."""

    first: Estimate
    second: Estimate
    difference: Estimate
    variance_reduction: float | None
    """How many times more replications would have been needed with customers of their
    own for each plan. None when nothing varies.
    """

    @property
    def significant(self) -> bool:
        """Whether the interval of the difference leaves out 0."""
        mean, half = self.difference.mean, self.difference.half_width
        return mean is not None and half is not None and abs(mean) > half


@dataclass(frozen=True)
class Comparison:
    """Two results over the same replications of the same seed."""

    first: Result
    second: Result

    @property
    def replications(self) -> int:
        """Complete pairs."""
        return self.first.replications

    @property
    def partial(self) -> bool:
        return self.first.partial

    @property
    def confidence(self) -> float:
        return self.first.confidence

    def names(self, kind: Kind) -> tuple[str, ...]:
        """The things that both have, in the order of the first."""
        others = set(self.second.names(kind))
        return tuple(name for name in self.first.names(kind) if name in others)

    def left_out(self, kind: Kind) -> tuple[str, ...]:
        """The things that only one of the two has."""
        both = set(self.names(kind))
        every = (*self.first.names(kind), *self.second.names(kind))
        return tuple(name for name in dict.fromkeys(every) if name not in both)

    def figures(self, kind: Kind) -> tuple[str, ...]:
        return self.first.figures(kind)

    def change(self, kind: Kind, thing: str, figure: str) -> Change:
        """One figure of one thing that both have."""
        at = self.names(kind).index(thing)
        found = self._differences[kind, figure]
        return Change(
            first=self.first.estimate(kind, thing, figure),
            second=self.second.estimate(kind, thing, figure),
            difference=Estimate(_known(found.mean[at]), _known(found.half_width[at])),
            variance_reduction=_known(found.variance_reduction[at]),
        )

    def changes(self, kind: Kind, thing: str) -> dict[str, Change]:
        """Every figure of one thing that both have."""
        return {
            figure: self.change(kind, thing, figure) for figure in self.figures(kind)
        }

    @cached_property
    def _differences(self) -> dict[tuple[Kind, str], Difference]:
        found = {}
        for kind in COMPARED:
            names = self.names(kind)
            for figure in self.figures(kind):
                sides = [
                    _ordered(result, kind, figure, names)
                    for result in (self.first, self.second)
                ]
                found[kind, figure] = differences(sides[0], sides[1], self.confidence)
        return found

    @property
    def widest(self) -> float:
        """The widest half width of a difference in a queue's service level."""
        widths = self._differences["queue", "service_level"].half_width
        known = widths[~np.isnan(widths)]
        return float(known.max()) if len(known) else float("nan")

    @property
    def precise(self) -> bool | None:
        """Whether the precision that was asked for is reached; None if none was."""
        precision = self.first.precision
        return None if precision is None else self.widest <= precision

    def summary(self) -> dict[str, Any]:
        """The whole comparison as plain values: what `compare --json` prints."""
        from simulator.summary import comparison_values

        return comparison_values(self)


def _ordered(
    result: Result, kind: Kind, figure: str, names: tuple[str, ...]
) -> tuple[Sums, Sums]:
    order = [result.number(kind, name) for name in names]
    part, whole = result.parts(kind, figure)
    return part[:, order], whole[:, order]


def _known(value: float) -> float | None:
    return float(value) if isfinite(value) else None
