"""Random times, drawn by name: the families of `scenario.times` as rows of one table.

Inversion wherever there is an inverse, so that a longer mean makes every draw longer and
compared plans stay in step; gamma by Marsaglia & Tsang (2000). The normal quantile is
Wichura's AS 241 (1988), accurate to 16 digits.
"""

import math
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.compiled import compiled
from simulator.scenario.times import RandomTime
from simulator.streams import unit

NEVER_MS = float(2**60)
"""Longer than any run."""


class Family(IntEnum):
    """How a row is drawn."""

    CONSTANT = 0
    EXPONENTIAL = 1
    LOGNORMAL = 2
    GAMMA = 3
    WEIBULL = 4
    UNIFORM = 5
    EMPIRICAL = 6
    MIXTURE = 7
    SUM = 8


TIME = np.dtype(
    [
        ("family", "i4"),
        ("first", "i4"),
        ("count", "i4"),
        ("a", "f8"),
        ("b", "f8"),
        ("upto", "f8"),
    ],
    align=True,
)
"""`a` and `b` are parameters in milliseconds where they are times; `first` and `count` are
rows of parts, or places in the sample; `upto` is a part's share, added up."""

NOTHING = -1
"""In place of a row: there is no such time."""


class Times:
    """Collects random times and lays them out as rows."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, int, float, float, float]] = []
        self._samples: list[float] = []
        self._known: dict[str, int] = {}

    def row(self, time: RandomTime | None) -> int:
        """The row of a time; the same for equal ones. `NOTHING` for none."""
        if time is None:
            return NOTHING
        text = time.model_dump_json(exclude_none=True)
        if text not in self._known:
            (self._known[text],) = self._lay_out([(time, 1.0)])
        return self._known[text]

    def _lay_out(self, times: Sequence[tuple[RandomTime, float]]) -> range:
        """Rows one after the other; parts of parts come behind them."""
        first = len(self._rows)
        self._rows += [(0, 0, 0, 0.0, 0.0, 0.0)] * len(times)
        for place, (time, upto) in enumerate(times, first):
            self._rows[place] = (*self._parameters(time), upto)
        return range(first, first + len(times))

    def _parameters(self, time: RandomTime) -> tuple[int, int, int, float, float]:
        if time.constant is not None:
            return Family.CONSTANT, 0, 0, float(time.constant), 0.0
        if time.exponential is not None:
            return Family.EXPONENTIAL, 0, 0, float(time.exponential.mean), 0.0
        if time.lognormal is not None:
            variance = math.log1p(time.lognormal.cv**2)
            mu = math.log(time.lognormal.mean) - variance / 2
            return Family.LOGNORMAL, 0, 0, mu, math.sqrt(variance)
        if time.gamma is not None:
            return (
                Family.GAMMA,
                0,
                0,
                time.gamma.mean / time.gamma.shape,
                time.gamma.shape,
            )
        if time.weibull is not None:
            return (
                Family.WEIBULL,
                0,
                0,
                float(time.weibull.scale),
                1 / time.weibull.shape,
            )
        if time.uniform is not None:
            low, high = time.uniform.low, time.uniform.high
            return Family.UNIFORM, 0, 0, float(low), float(high - low)
        if time.empirical is not None:
            first = len(self._samples)
            self._samples += sorted(map(float, time.empirical.values))
            return Family.EMPIRICAL, first, len(time.empirical.values), 0.0, 0.0
        if time.mixture is not None:
            total, parts = 0.0, []
            for part in time.mixture:
                total += part.share
                parts.append((part.time, total))
            rows = self._lay_out(parts)
            return Family.MIXTURE, rows.start, len(rows), 0.0, 0.0
        rows = self._lay_out([(part, 1.0) for part in time.sum or ()])
        return Family.SUM, rows.start, len(rows), 0.0, 0.0

    def tables(self) -> tuple[npt.NDArray[Any], npt.NDArray[np.float64]]:
        """The rows, and the sorted samples that they refer to."""
        rows = np.array(self._rows, TIME) if self._rows else np.zeros(1, TIME)
        return rows, np.array(self._samples or [0.0], np.float64)


def mean_ms(time: RandomTime) -> float:
    """The mean of a random time in milliseconds."""
    if time.constant is not None:
        return float(time.constant)
    for family in (time.exponential, time.lognormal, time.gamma):
        if family is not None:
            return float(family.mean)
    if time.weibull is not None:
        return time.weibull.scale * math.gamma(1 + 1 / time.weibull.shape)
    if time.uniform is not None:
        return (time.uniform.low + time.uniform.high) / 2
    if time.empirical is not None:
        # Between neighbours of the sorted sample every value is as likely.
        values = sorted(time.empirical.values)
        if len(values) == 1:
            return float(values[0])
        return (math.fsum(values) - (values[0] + values[-1]) / 2) / (len(values) - 1)
    if time.mixture is not None:
        return math.fsum(part.share * mean_ms(part.time) for part in time.mixture)
    return math.fsum(mean_ms(part) for part in time.sum or ())


@compiled
def normal_quantile(p):
    """The standard normal value below which a share `p` lies (AS 241, PPND16)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = (
            (
                (
                    (
                        (
                            (2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r
                            + 6.7265770927008700853e4
                        )
                        * r
                        + 4.5921953931549871457e4
                    )
                    * r
                    + 1.3731693765509461125e4
                )
                * r
                + 1.9715909503065514427e3
            )
            * r
            + 1.3314166789178437745e2
        ) * r + 3.3871328727963666080e0
        bottom = (
            (
                (
                    (
                        (
                            (5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r
                            + 3.9307895800092710610e4
                        )
                        * r
                        + 2.1213794301586595867e4
                    )
                    * r
                    + 5.3941960214247511077e3
                )
                * r
                + 6.8718700749205790830e2
            )
            * r
            + 4.2313330701600911252e1
        ) * r + 1.0
        return q * top / bottom
    r = p if q < 0 else 1 - p
    r = math.sqrt(-math.log(r))
    if r <= 5:
        r -= 1.6
        top = (
            (
                (
                    (
                        (
                            (7.74545014278341407640e-4 * r + 2.27238449892691845833e-2)
                            * r
                            + 2.41780725177450611770e-1
                        )
                        * r
                        + 1.27045825245236838258e0
                    )
                    * r
                    + 3.64784832476320460504e0
                )
                * r
                + 5.76949722146069140550e0
            )
            * r
            + 4.63033784615654529590e0
        ) * r + 1.42343711074968357734e0
        bottom = (
            (
                (
                    (
                        (
                            (1.05075007164441684324e-9 * r + 5.47593808499534494600e-4)
                            * r
                            + 1.51986665636164571966e-2
                        )
                        * r
                        + 1.48103976427480074590e-1
                    )
                    * r
                    + 6.89767334985100004550e-1
                )
                * r
                + 1.67638483018380384940e0
            )
            * r
            + 2.05319162663775882187e0
        ) * r + 1.0
    else:
        r -= 5
        top = (
            (
                (
                    (
                        (
                            (2.01033439929228813265e-7 * r + 2.71155556874348757815e-5)
                            * r
                            + 1.24266094738807843860e-3
                        )
                        * r
                        + 2.65321895265761230930e-2
                    )
                    * r
                    + 2.96560571828504891230e-1
                )
                * r
                + 1.78482653991729133580e0
            )
            * r
            + 5.46378491116411436990e0
        ) * r + 6.65790464350110377720e0
        bottom = (
            (
                (
                    (
                        (
                            (2.04426310338993978564e-15 * r + 1.42151175831644588870e-7)
                            * r
                            + 1.84631831751005468180e-5
                        )
                        * r
                        + 7.86869131145613259100e-4
                    )
                    * r
                    + 1.48753612908506148525e-2
                )
                * r
                + 1.36929880922735805310e-1
            )
            * r
            + 5.99832206555887937690e-1
        ) * r + 1.0
    value = top / bottom
    return -value if q < 0 else value


@compiled
def _gamma(scale, shape, draw):
    """Marsaglia & Tsang (2000); a shape below 1 by the power of a uniform number."""
    boost = 1.0
    trial = 0
    if shape < 1.0:
        boost = unit(draw, trial) ** (1.0 / shape)
        shape += 1.0
        trial += 1
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal_quantile(unit(draw, trial))
        v = 1.0 + c * x
        u = unit(draw, trial + 1)
        trial += 2
        if v > 0:
            v = v * v * v
            if math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v):
                return scale * boost * d * v


@compiled
def _basic(times, samples, row, draw):
    time = times[row]
    if time.family == Family.EXPONENTIAL:
        return -time.a * math.log(unit(draw, 0))
    if time.family == Family.CONSTANT:
        return time.a
    if time.family == Family.LOGNORMAL:
        return math.exp(time.a + time.b * normal_quantile(unit(draw, 0)))
    if time.family == Family.GAMMA:
        return _gamma(time.a, time.b, draw)
    if time.family == Family.WEIBULL:
        return time.a * (-math.log(unit(draw, 0))) ** time.b
    if time.family == Family.UNIFORM:
        return time.a + time.b * unit(draw, 0)
    place = unit(draw, 0) * (time.count - 1)
    below = int(place)
    above = min(below + 1, time.count - 1)
    low = samples[time.first + below]
    return low + (place - below) * (samples[time.first + above] - low)


@compiled
def drawn_ms(times, samples, row, draw):
    """Draw the time of a row, in milliseconds. `draw` names it."""
    if times[row].family == Family.MIXTURE:
        share = unit(draw, 1_000_003)
        part = times[row].first
        last = part + times[row].count - 1
        while part < last and share >= times[part].upto:
            part += 1
        row = part
    if times[row].family != Family.SUM:
        return _basic(times, samples, row, draw)
    total = 0.0
    for k in range(times[row].count):
        part_draw = draw + np.uint64(0xD1B54A32D192ED03) * np.uint64(k + 1)
        total += _basic(times, samples, times[row].first + k, part_draw)
    return total
