"""Handle times: the family that fits best, how well it does, or else what was seen."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from simulator.fit.families import Estimate, distribution_of, estimate
from simulator.fit.log import Floats

CANDIDATES: Final = ("exponential", "lognormal", "gamma", "weibull")
ABSURD_TIMES: Final = 5.0
"""A time this many times longer than 99 % of the others is taken for a slip of the log,
when it is over an hour as well."""
DISTANCE_MAX: Final = 0.04
"""Greatest Kolmogorov-Smirnov distance of a family that is good enough to plan with. With
thousands of rows a test refuses every family, however close."""
SAMPLE: Final = 200
"""Values that stand for what was seen where no family is good enough."""
ROWS_MIN: Final = 30
"""With fewer rows a family is not fitted: exponential, with their mean."""


@dataclass(frozen=True, slots=True)
class TimeFit:
    """A random time as estimated, ready to be written into a scenario."""

    chosen: str
    """The family, or `empirical`."""
    best: Estimate | None
    """The best family, even where it was not good enough; None for too few rows."""
    aic: dict[str, float]
    distance: float
    """Kolmogorov-Smirnov: the greatest distance between the best family and the sample."""
    rows: int
    mean_s: float
    cv: float
    trimmed: tuple[float, ...] = ()
    """Absurd times left out, in seconds."""
    sample: tuple[float, ...] = ()
    """For `empirical`: equally likely values in seconds."""
    note: str = ""

    def written(self) -> dict[str, Any]:
        """As a scenario has it."""
        if self.chosen == "empirical":
            return {"empirical": {"values": [duration(value) for value in self.sample]}}
        if self.best is None:
            return {"exponential": duration(self.mean_s)}
        return written(self.best)


def written(best: Estimate) -> dict[str, Any]:
    """A fitted family as a scenario has it."""
    p = best.parameters
    if best.family == "exponential":
        return {"exponential": duration(p["mean_s"])}
    if best.family == "hyperexponential":
        parts = (
            (p["share"], p["mean_s"]),
            (1 - p["share"], p["other_mean_s"]),
        )
        return {
            "mixture": [
                {"share": round(share, 6), "time": {"exponential": duration(mean)}}
                for share, mean in parts
            ]
        }
    if best.family == "weibull":
        return {
            "weibull": {"scale": duration(p["scale_s"]), "shape": _near(p["shape"])}
        }
    other = "cv" if best.family == "lognormal" else "shape"
    return {best.family: {"mean": duration(p["mean_s"]), other: _near(p[other])}}


def _near(value: float) -> float:
    return float(f"{value:.4g}")


def duration(seconds: float) -> str:
    """Seconds as a duration in whole milliseconds, at least one."""
    return f"{max(round(seconds * 1000), 1)}ms"


def fit_service(times_s: Floats) -> TimeFit:
    """The handle time behind `times_s`, in seconds; NaN for what is not known.

    Logs count whole seconds, so no time at all is taken for half a second. Raises
    ValueError when nothing is known.
    """
    known = times_s[~np.isnan(times_s)]
    if not len(known):
        raise ValueError("no handle time is known")
    known = np.maximum(known, 0.5)
    limit = max(3600.0, ABSURD_TIMES * float(np.quantile(known, 0.99)))
    trimmed = tuple(sorted(known[known > limit].tolist()))
    kept = np.sort(known[known <= limit])
    mean = float(kept.mean())
    cv = float(kept.std() / mean)
    if len(kept) < ROWS_MIN:
        note = f"only {len(kept)} rows: exponential with their mean"
        return TimeFit(
            "exponential", None, {}, 0.0, len(kept), mean, cv, trimmed, (), note
        )
    tried = [estimate(family, kept) for family in CANDIDATES]
    best = min(tried, key=lambda one: one.aic)
    distance = distance_to(best, kept)
    good = distance <= max(DISTANCE_MAX, 1.36 / np.sqrt(len(kept)))
    return TimeFit(
        chosen=best.family if good else "empirical",
        best=best,
        aic={one.family: one.aic for one in tried},
        distance=distance,
        rows=len(kept),
        mean_s=mean,
        cv=cv,
        trimmed=trimmed,
        sample=() if good else thinned(kept),
    )


def distance_to(best: Estimate, ordered: Floats) -> float:
    """Kolmogorov-Smirnov distance to a sorted sample of whole seconds.

    Seconds are counted down, so the sample's share up to and with x is compared with the
    family's at x + 1/2.
    """
    values, counts = np.unique(ordered, return_counts=True)
    seen = np.cumsum(counts) / len(ordered)
    return float(
        np.max(np.abs(seen - distribution_of(best.family, best.values)(values + 0.5)))
    )


def thinned(ordered: Floats) -> tuple[float, ...]:
    """A few equally likely values with the mean of the sorted sample."""
    if len(ordered) <= SAMPLE:
        return tuple(ordered.tolist())
    at = (np.arange(SAMPLE) + 0.5) / SAMPLE
    values = np.quantile(ordered, at)
    return tuple((values * (ordered.mean() / values.mean())).tolist())
