"""Arrival curves by weekday and interval, and how much busier than that a day may be.

A count of day d and interval i is Poisson with mean F_d * G_di * m(weekday, i) for each
stream: F_d is gamma with mean 1 (the day's factor), G_di has mean 1, a standard deviation
and a correlation of neighbours that fades as powers (the noise within the day). Both are
shared by all streams. Estimates are by the method of moments with the Poisson part taken
out; see Avramidis, Deslauriers and L'Ecuyer (2004), "Modeling daily arrivals to a
telephone call center".
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from simulator.fit.log import Floats, weekday_of

OPEN_SHARE: Final = 0.002
"""An interval with at least this share of the weekday's arrivals is open."""
ALIKE: Final = 0.8
"""Weekdays whose open intervals agree to this share have one shape, up to what is seen."""
GROWTH_DAYS_MIN: Final = 10
GROWTH_T_MIN: Final = 2.5
"""A trend counts when it is so many standard errors from none."""
GAMMA_SHAPE_MAX: Final = 10_000.0


@dataclass(frozen=True, slots=True)
class Noise:
    """How counts vary beyond chance, shared by all streams."""

    day_variance: float
    """Of the day's factor; 0 where days vary no more than chance explains."""
    within_sd: float
    correlation: float
    """Of neighbouring intervals within a day."""
    dispersion: float
    """Variance of interval counts over their mean; 1 for a Poisson process."""
    neighbours: float
    """Correlation of neighbouring counts, all causes together."""
    days: int

    @property
    def gamma_shape(self) -> float | None:
        """Of the day's factor; None where it does not vary."""
        if self.day_variance <= 1 / GAMMA_SHAPE_MAX:
            return None
        return 1 / self.day_variance


@dataclass(frozen=True, slots=True)
class ArrivalFit:
    """Mean counts and their noise."""

    every_ms: int
    profiles: Floats
    """[weekday, interval, stream]: mean counts on `reference_day`'s level."""
    seen: tuple[int, ...]
    """Days of the log by weekday; 0 means that the profile is that of all days."""
    reference_day: int
    growth_a_day: float
    growth_error: float
    growth_found: bool
    """Whether the growth counts, or is no more than chance."""
    noise: Noise
    own_shape: tuple[float, ...]
    """By weekday: the weight of its own shape against that of weekdays alike."""

    def mean(self, day: int) -> Floats:
        """[interval, stream]: mean counts on a day."""
        growth = (1 + self.growth_a_day) ** (day - self.reference_day)
        return np.asarray(self.profiles[weekday_of(day)] * growth, dtype=float)


def fit_arrivals(
    counts: Floats, days: list[int], every_ms: int, *, growth: bool = True
) -> ArrivalFit:
    """Curves and noise from `counts` [day, interval, stream] of successive `days`.

    The reference day is the one after the last. Raises ValueError without any arrival.
    """
    counts = np.asarray(counts, dtype=float)
    if not counts.sum():
        raise ValueError("there is no arrival to fit")
    weekday = np.array([weekday_of(day) for day in days])
    reference = days[-1] + 1
    slope, error = _slope(counts, np.array(days), weekday) if growth else (0.0, np.nan)
    found = bool(np.isfinite(error) and abs(slope) > GROWTH_T_MIN * error)
    rate = float(np.expm1(slope)) if found else 0.0
    level = (1 + rate) ** (np.array(days) - reference)
    levelled = counts / level[:, None, None]
    alike = _classes(levelled, weekday)
    profiles = np.zeros((7, *counts.shape[1:]))
    own = [0.0] * 7
    everyday = levelled.mean(axis=0)
    for one in range(7):
        mine = weekday == one
        if not mine.any():
            profiles[one] = everyday
            continue
        shape, own[one], _ = _shape(levelled, weekday, one, alike)
        profiles[one] = shape * levelled[mine].sum() / mine.sum()
    parameters = len(set(weekday.tolist())) + found
    expected = profiles[weekday] * level[:, None, None]
    return ArrivalFit(
        every_ms=every_ms,
        profiles=profiles,
        seen=tuple(int((weekday == one).sum()) for one in range(7)),
        reference_day=reference,
        growth_a_day=rate,
        growth_error=float(error),
        growth_found=found,
        noise=_noise(
            counts.sum(axis=2),
            levelled,
            expected.sum(axis=2),
            weekday,
            alike,
            parameters,
        ),
        own_shape=tuple(own),
    )


def _slope(counts: Floats, days: Floats, weekday: Floats) -> tuple[float, float]:
    """Growth of log daily totals by day, given the weekday, and its standard error."""
    totals = counts.sum(axis=(1, 2))
    use = totals > 0
    kinds = sorted(set(weekday[use].tolist()))
    design = np.array([[float(w == k) for k in kinds] for w in weekday[use]])
    design = np.column_stack([design, days[use] - days.mean()])
    free = int(use.sum()) - design.shape[1]
    if use.sum() < GROWTH_DAYS_MIN or free < 3:
        return 0.0, float("nan")
    # Small days are noisier: each weighs by the root of its total.
    weight = np.sqrt(totals[use])
    answer, *_ = np.linalg.lstsq(
        design * weight[:, None], np.log(totals[use]) * weight, rcond=None
    )
    rest = (np.log(totals[use]) - design @ answer) * weight
    variance = float(rest @ rest) / free
    inverse = np.linalg.pinv((design * weight[:, None]).T @ (design * weight[:, None]))
    scale = float(
        stats.t.ppf(0.975, free) / 1.96
    )  # few days make an error less certain
    return float(answer[-1]), float(np.sqrt(variance * inverse[-1, -1])) * scale


def _classes(levelled: Floats, weekday: Floats) -> dict[int, tuple[int, ...]]:
    """For each weekday those, itself included, that are open at the same hours."""
    opens: dict[int, npt.NDArray[np.bool_]] = {}
    for one in sorted(set(weekday.tolist())):
        by_interval = levelled[weekday == one].sum(axis=(0, 2))
        opens[one] = by_interval >= OPEN_SHARE * max(by_interval.sum(), 1e-9)
    alike = {}
    for one, mine in opens.items():
        alike[one] = tuple(
            other
            for other, theirs in opens.items()
            if (mine & theirs).sum() >= ALIKE * max((mine | theirs).sum(), 1)
        )
    return alike


def _shape(
    levelled: Floats, weekday: Floats, one: int, alike: dict[int, tuple[int, ...]]
) -> tuple[Floats, float, float]:
    """The weekday's shape (sums to 1), the weight of its own days, and how many days that
    is worth: its own shape is drawn towards that of its class as far as its days differ
    from it by no more than they differ among themselves (empirical Bayes).
    """
    mine = weekday == one
    group = np.isin(weekday, alike[one])
    total = levelled.sum(axis=(1, 2))
    usable = total > 0
    own_days, group_days = mine & usable, group & usable
    if not group_days.any():
        size = levelled.shape[1] * levelled.shape[2]
        return np.full(levelled.shape[1:], 1 / size), 0.0, 1.0
    shapes = levelled / np.maximum(total, 1e-9)[:, None, None]
    pooled = levelled[group_days].sum(axis=0) / total[group_days].sum()
    n_own, n_group = int(own_days.sum()), int(group_days.sum())
    if not n_own or n_own == n_group:
        return pooled, 1.0 if n_own else 0.0, float(n_group)
    own = levelled[own_days].sum(axis=0) / total[own_days].sum()
    spread, free = 0.0, 0
    for other in alike[one]:
        days = (weekday == other) & usable
        if days.sum() > 1:
            spread += float(((shapes[days] - shapes[days].mean(axis=0)) ** 2).sum())
            free += int(days.sum()) - 1
    by_chance = spread / free if free else (1 - float((pooled**2).sum())) / total.mean()
    noise = by_chance * (1 / n_own - 1 / n_group)
    differs = float(((own - pooled) ** 2).sum())
    weight = max(0.0, 1 - noise / differs) if differs > 0 else 0.0
    worth = 1 / (weight**2 / n_own + (1 - weight**2) / n_group)
    return weight * own + (1 - weight) * pooled, weight, worth


def _noise(
    counts: Floats,
    levelled: Floats,
    expected: Floats,
    weekday: Floats,
    alike: dict[int, tuple[int, ...]],
    parameters: int,
) -> Noise:
    """The components of variance of interval counts [day, interval]."""
    totals, means = counts.sum(axis=1), expected.sum(axis=1)
    n = len(totals)
    free = max(n - parameters, 1)
    squares = float(((totals - means) ** 2).sum()) * n / free
    all_days = max(0.0, (squares - float(means.sum())) / float((means**2).sum()))
    around, beside, weights = _within(counts, levelled, weekday, alike)
    sd, correlation, common = _unconditioned(around, beside, weights)
    rest = (counts - expected)[:, expected.sum(axis=0) > 0]
    base = expected[:, expected.sum(axis=0) > 0]
    busy = base > 1
    dispersion = (
        float((rest[busy] ** 2).sum() / base[busy].sum()) * n / free
        if busy.any()
        else 1.0
    )
    pairs = busy[:, 1:] & busy[:, :-1]
    left, right = (
        (rest / np.sqrt(np.maximum(base, 1e-9)))[:, :-1],
        (rest / np.sqrt(np.maximum(base, 1e-9)))[:, 1:],
    )
    neighbours = (
        float(np.corrcoef(left[pairs], right[pairs])[0, 1]) if pairs.sum() > 10 else 0.0
    )
    return Noise(
        day_variance=max(0.0, all_days - common * sd**2),
        within_sd=sd,
        correlation=correlation,
        dispersion=dispersion,
        neighbours=neighbours,
        days=n,
    )


def _within(
    counts: Floats, levelled: Floats, weekday: Floats, alike: dict[int, tuple[int, ...]]
) -> tuple[float, float, Floats]:
    """Relative variance of intervals and covariance of neighbours given the day's total,
    Poisson part taken out, each day against the shape of the others; and mean shares.
    """
    square = beside = square_base = beside_base = 0.0
    shares = np.zeros(counts.shape[1])
    for day in range(len(counts)):
        total = counts[day].sum()
        others = np.arange(len(counts)) != day
        if total < 1 or not np.isin(weekday[others], alike[int(weekday[day])]).any():
            continue
        shape, _, worth = _shape(
            levelled[others], weekday[others], int(weekday[day]), alike
        )
        s = shape.sum(axis=1)
        rest = counts[day] - total * s
        inflated = 1 + 1 / worth  # the shape is an estimate itself
        square += float((rest**2).sum() / inflated - (total * s * (1 - s)).sum())
        square_base += float(((total * s) ** 2).sum())
        product = s[:-1] * s[1:]
        beside += float(
            (rest[:-1] * rest[1:]).sum() / inflated + (total * product).sum()
        )
        beside_base += float((total**2 * product).sum())
        shares += s * total
    if not square_base or not beside_base:
        return 0.0, 0.0, shares
    return square / square_base, beside / beside_base, shares / shares.sum()


def _unconditioned(
    around: float, beside: float, shares: Floats
) -> tuple[float, float, float]:
    """Standard deviation and correlation of the noise, and what share of its variance the
    whole day has in common, from moments that were taken given the day's total.
    """
    if around <= 0:
        return 0.0, 0.0, 0.0
    s = shares[shares > 0]
    apart = np.abs(np.subtract.outer(np.arange(len(s)), np.arange(len(s))))

    def moments(correlation: float) -> tuple[float, float, float]:
        power = correlation**apart
        to_day = power @ s
        common = float(s @ to_day)
        given = power - to_day[:, None] - to_day[None, :] + common
        own = float((s**2 * np.diag(given)).sum() / (s**2).sum())
        pair = s[:-1] * s[1:]
        near = float((pair * np.diag(given, 1)).sum() / pair.sum())
        return own, near, common

    def off(correlation: float) -> float:
        own, near, _ = moments(correlation)
        return near / own - beside / around

    low, high = 0.0, 0.95
    if off(low) >= 0:
        correlation = low
    elif off(high) <= 0:
        correlation = high
    else:
        correlation = float(optimize.brentq(off, low, high, xtol=1e-4))
    own, _, common = moments(correlation)
    return float(min(np.sqrt(around / own), 1.0)), correlation, common
