"""Confidence intervals over independent replications: of ratios of sums, of paired
differences, of quantiles. Arrays in, arrays out; nothing here knows what is measured.

**Every figure is a ratio of sums**: service level is answers in time over what ended,
ASA is waits over answers, a mean count is a count over 1 a replication. The estimate is
the ratio of the totals over all replications (never the mean of the ratios, which would
give a quiet day the weight of a busy one).

**Its interval** rests on the jackknife: the influence of a replication is how far the
ratio moves without it. The influences give standard error and skewness, and the half
width is half the length of Hall's interval, which takes the skewness out of Student's
t by a monotone cubic (P. Hall, 1992, "On the removal of skewness by transformation",
J. R. Statist. Soc. B 54). Busy days make service levels skewed, and that is why:
nominal 95 % intervals of ten such days covered 92 to 93 % by the delta method and by the
plain jackknife. The standard error is taken wider by n / (n - 1) in variance, as ten days
seldom hold the worst one. So made, 93 to 97 % are covered
(`tests/simulator/test_coverage.py` measures it).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from simulator.records import Sums
from simulator.student import student_t


@dataclass(frozen=True, slots=True)
class Intervals:
    """Estimates and half widths of one shape. NaN where there is nothing to estimate,
    or where fewer than two replications say nothing about the spread.
    """

    mean: Sums
    half_width: Sums


def intervals(parts: Sums, wholes: Sums | float, confidence: float) -> Intervals:
    """Of the ratios of sums over the first axis, the replications."""
    mean, influence = influences(parts, wholes)
    return Intervals(mean, _half_widths(influence, confidence))


def influences(parts: Sums, wholes: Sums | float) -> tuple[Sums, Sums]:
    """The ratios, and by replication how far each moves them: jackknife pseudo-values
    less the ratio, about mean 0.
    """
    parts, wholes = np.broadcast_arrays(parts, wholes)
    count = len(parts)
    part, whole = parts.sum(axis=0), wholes.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = part / whole
        if count < 2:
            return mean, np.full(parts.shape, np.nan)
        without = (part - parts) / (whole - wholes)
        without = np.where(np.isfinite(without), without, np.nan)
        return mean, (count - 1) * (without.mean(axis=0) - without)


def _half_widths(influence: Sums, confidence: float) -> Sums:
    """Of means of influences, over the first axis: half the length of the interval."""
    count = len(influence)
    if count < 2:
        return np.full(influence.shape[1:], np.nan)
    room = sqrt(count / (count - 1))
    spread = ((room * influence) ** 2).sum(axis=0)
    skew = ((room * influence) ** 3).sum(axis=0)
    below, above = _hall(count, spread, skew, confidence)
    return (below + above) / 2


def _hall(count: int, spread: Sums, skew: Sums, confidence: float) -> tuple[Sums, Sums]:
    """How far Hall's interval goes below the mean and above it: of sums of squares and
    cubes about the mean.
    """
    deviation = np.sqrt(np.maximum(spread, 0) / (count - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        tilt = skew / count / deviation**3 / sqrt(count)
    tilt = np.where(deviation > 0, tilt, 0.0)
    tilt = np.where(np.abs(tilt) < 1e-4, 1e-4, tilt)
    straight = student_t((1 + confidence) / 2, count - 1)
    unit = 3 / tilt * deviation / sqrt(count)
    below = unit * (np.cbrt(1 + tilt * (straight - tilt / 6)) - 1)
    above = unit * (1 - np.cbrt(1 - tilt * (straight + tilt / 6)))
    return below, above


@dataclass(frozen=True, slots=True)
class Difference:
    """The second plan less the first, over pairs of replications that met the same
    customers.
    """

    mean: Sums
    half_width: Sums
    variance_reduction: Sums
    """How many times more replications plans of their own would have needed: the sum
    of both variances over the variance of the difference. NaN when nothing varies.
    """


def differences(
    first: tuple[Sums, Sums | float],
    second: tuple[Sums, Sums | float],
    confidence: float,
) -> Difference:
    """Of two ratios (parts, wholes), paired by replication."""
    mean_a, a = influences(*first)
    mean_b, b = influences(*second)
    apart = (a**2).sum(axis=0) + (b**2).sum(axis=0)
    together = ((b - a) ** 2).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        reduction = np.where(together > 0, apart / together, np.nan)
    return Difference(mean_b - mean_a, _half_widths(b - a, confidence), reduction)


class Moments:
    """Sums of products of parts and wholes up to the third order, added up replication
    by replication: intervals of ratios in memory that does not grow.

    Leaving one out needs the replications themselves, so the influences are those of
    the delta method here.
    """

    POWERS = ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3))

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.count = 0
        self.sums: Sums = np.zeros((len(self.POWERS), *shape))

    def add(self, parts: Sums, wholes: Sums) -> None:
        """Count one replication more."""
        self.count += 1
        for sums, (i, j) in zip(self.sums, self.POWERS, strict=True):
            sums += parts**i * wholes**j

    def intervals(self, confidence: float) -> Intervals:
        """Means and half widths."""
        mean, low, high = self.ends(confidence)
        return Intervals(mean, (high - low) / 2)

    def ends(self, confidence: float) -> tuple[Sums, Sums, Sums]:
        """Means, and the ends of Hall's interval, which leans as the sample does."""
        count = self.count
        x, y, xx, xy, yy, xxx, xxy, xyy, yyy = self.sums
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = x / y
            if count < 2:
                unknown = np.full(mean.shape, np.nan)
                return mean, unknown, unknown
            scale = count / y * sqrt(count / (count - 1))
            spread = (xx - 2 * mean * xy + mean**2 * yy) * scale**2
            skew = xxx - 3 * mean * xxy + 3 * mean**2 * xyy - mean**3 * yyy
            skew *= scale**3
        # What rounding leaves of figures that do not vary is no spread.
        spread = np.where(spread < 1e-13 * count * mean**2, 0.0, spread)
        below, above = _hall(count, spread, skew, confidence)
        return mean, mean - below, mean + above


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile and its interval, which is not symmetric. NaN without observations;
    `high` is infinite when the sample has no end of it in sight.
    """

    value: float
    low: float
    high: float


def quantiles(
    bounds: Sums, ends: tuple[Sums, Sums, Sums], shares: Sequence[float]
) -> tuple[Quantile, ...]:
    """Of a distribution known by classes: where its estimated distribution function,
    and the ends of the function's interval (`Moments.ends`), cross each share (R. S.
    Woodruff, 1952, "Confidence intervals for medians and other position measures", J.
    Amer. Statist. Ass. 47). `bounds` are upper ends of classes; within a class it is
    linear.
    """
    middle, low, high = ends
    if np.isnan(middle[-1]):
        return tuple(Quantile(np.nan, np.nan, np.nan) for _ in shares)
    early = np.maximum.accumulate(np.clip(np.nan_to_num(high, nan=1.0), 0, 1))
    late = np.maximum.accumulate(np.clip(np.nan_to_num(low, nan=0.0), 0, 1))
    return tuple(
        Quantile(
            _crossing(bounds, middle, share),
            _crossing(bounds, early, share),
            _crossing(bounds, late, share),
        )
        for share in shares
    )


def _crossing(bounds: Sums, function: Sums, share: float) -> float:
    """Where a distribution function reaches a share."""
    at = int(np.searchsorted(function, share - 1e-12))
    if at == len(bounds):
        return float("inf")
    if at == 0:
        return float(bounds[0])
    below, above = function[at - 1], function[at]
    part = (share - below) / (above - below)
    return float(bounds[at - 1] + min(part, 1.0) * (bounds[at] - bounds[at - 1]))
