"""A result along the day: its intervals, with several days laid over each other.

A figure at a time of day is the ratio of the sums over all days and replications; its
band is where the figure of single days lies. What came after the last midnight has no
time of day and is left out.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.figures import SERIES, Kind
from simulator.records import Sums
from simulator.report.drawing import MINUTE_MS
from simulator.report.words import DAY_MS
from simulator.result import Result

BAND: Final = (0.1, 0.5, 0.9)
SHARE_LEAST: Final = 5
A_DAY_LEAST: Final = 0.5
BAND_LEAST: Final = 5
"""A band over fewer days than these would be no band."""


def sums_by_interval(result: Result, kind: Kind, figure: str) -> tuple[Sums, Sums]:
    """Parts and wholes over all replications, [day, interval, thing]."""
    at = SERIES[kind].index(figure)
    parts, wholes = result.totals.series[kind].sums[:2, at, :-1]
    shape = (result.layout.days, -1, parts.shape[-1])
    return parts.reshape(shape), wholes.reshape(shape)


def ratio(parts: Sums, wholes: Sums) -> Sums:
    """NaN where there is nothing to have a share of."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Sums = np.where(wholes > 0, parts / wholes, np.nan)
    return found


def telling(
    wholes: Sums, days: Sums | float, replications: int
) -> npt.NDArray[np.bool_]:
    """Whether there was enough to have a share of, over so many days of a run: a few
    waits in all, and not only one in many days.
    """
    enough: npt.NDArray[np.bool_] = (wholes >= SHARE_LEAST) & (
        wholes >= A_DAY_LEAST * days * replications
    )
    return enough


def shares_over_the_day(result: Result, kind: Kind, figure: str) -> Sums:
    """[interval, thing], of all days together; NaN where there was hardly anything."""
    parts, wholes = (
        sums.sum(axis=0) for sums in sums_by_interval(result, kind, figure)
    )
    enough = telling(wholes, result.layout.days, result.replications)
    found: Sums = np.where(enough, ratio(parts, wholes), np.nan)
    return found


def over_the_day(result: Result, kind: Kind, figure: str) -> Sums:
    """[interval, thing], of all days together."""
    parts, wholes = sums_by_interval(result, kind, figure)
    return ratio(parts.sum(axis=0), wholes.sum(axis=0))


def over_the_run(result: Result, kind: Kind, figure: str) -> Sums:
    """[interval of the run, thing]."""
    parts, wholes = sums_by_interval(result, kind, figure)
    found = ratio(parts, wholes)
    return found.reshape(-1, found.shape[-1])


def band_over_the_day(
    result: Result, kind: Kind, figure: str, shares: Sequence[float] = BAND
) -> Sums | None:
    """Quantiles over single days, [share, interval, thing]; None of too few days."""
    values = result.kept(kind, figure)[:, :-1]
    things = values.shape[-1]
    days = values.reshape(len(values) * result.layout.days, -1, things)
    if len(days) < BAND_LEAST:
        return None
    known = ~np.isnan(days).all(axis=0)
    found = np.full((len(shares), *days.shape[1:]), np.nan)
    if known.any():
        found[:, known] = np.nanquantile(days[:, known], shares, axis=0)
    return found


def opening(result: Result) -> range:
    """The intervals of the day in which anybody came or was at work; all of them if
    there are none.
    """
    offered, _ = sums_by_interval(result, "house", "offered")
    at_work, _ = sums_by_interval(result, "house", "at_work")
    alive = np.any((offered > 0) | (at_work > 0), axis=(0, 2))
    if not alive.any():
        return range(alive.size)
    found = np.flatnonzero(alive).tolist()
    return range(found[0], found[-1] + 1)


def minutes(result: Result, interval: int) -> int:
    """When an interval begins, in minutes since its first midnight."""
    return interval * result.layout.every_ms // MINUTE_MS


def intervals_a_day(result: Result) -> int:
    return DAY_MS // result.layout.every_ms


def busiest(result: Result, most: int) -> list[int]:
    """The numbers of the pairs with the most arrivals, busiest first; of equals, the
    first in the policy. Pairs at which nobody arrived are left out.
    """
    offered = result.intervals("pair", "offered").mean
    order = np.argsort(-offered, kind="stable")
    return [int(pair) for pair in order[:most] if offered[pair] > 0]
