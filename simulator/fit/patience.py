"""Patience, from waits that answers cut short.

Who is answered would have waited longer: the wait is censored. The Kaplan-Meier curve
shows the share still willing to wait without assuming a family (Kaplan and Meier 1958,
variance by Greenwood); families are fitted by maximum likelihood (Brown et al. 2005 do so
for the same bank). Who was answered at once says nothing and does not count.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from simulator.fit.families import Estimate, distribution_of, estimate
from simulator.fit.log import Floats
from simulator.fit.service import duration, written

CANDIDATES: Final = ("exponential", "weibull", "hyperexponential")
SHOWN_S: Final = (5, 10, 20, 30, 60, 120, 180, 300, 600, 1200)
QUICK_S: Final = 3.0
"""Who leaves sooner than this hardly waited at all: the "zero" of the mixture."""
QUICK_MIN: Final = 0.01
"""Least share of them, beyond what the family says, to be a part of its own."""
DISTANCE_MAX: Final = 0.03
"""Greatest distance of a family from the Kaplan-Meier curve to plan with it."""
AT_RISK_MIN: Final = 30
"""Where fewer are still waiting the curve is too uncertain to judge a family by."""
LEFT_MIN: Final = 30
"""Fewest abandonments from which patience is estimated."""
SAMPLE: Final = 200


@dataclass(frozen=True, slots=True)
class Curve:
    """A Kaplan-Meier curve: the share willing to wait longer than each time."""

    times_s: Floats
    survival: Floats
    error: Floats
    """Standard errors."""
    at_risk: Floats

    def at(self, time_s: float) -> tuple[float, float]:
        """Share willing to wait longer than `time_s`, and its standard error."""
        place = int(np.searchsorted(self.times_s, time_s, side="right")) - 1
        if place < 0:
            return 1.0, 0.0
        return float(self.survival[place]), float(self.error[place])


@dataclass(frozen=True, slots=True)
class PatienceFit:
    """Patience as estimated."""

    chosen: str
    """The family, `kaplan_meier` where none is good enough, or `quick and ...`."""
    best: Estimate
    tried: tuple[Estimate, ...]
    curve: Curve
    distance: float
    """Greatest distance between the best family and the curve, where it is certain."""
    quick_share: float
    """Share that leaves within three seconds, as a part of its own; 0 if it is none."""
    quick_s: float
    waited: int
    """Rows with a wait."""
    left: int
    """Of those: abandoned."""
    sample: tuple[float, ...] = ()

    def shown(self) -> list[dict[str, float]]:
        """The curve at a few times, with standard errors."""
        points = []
        for time_s in SHOWN_S:
            if time_s <= self.curve.times_s[-1]:
                share, error = self.curve.at(time_s)
                points.append({"s": time_s, "willing": share, "error": error})
        return points

    def written(self) -> dict[str, Any]:
        """As a scenario has it."""
        if self.chosen == "kaplan_meier":
            return {"empirical": {"values": [duration(value) for value in self.sample]}}
        rest = written(self.best)
        if not self.quick_share:
            return rest
        share = round(self.quick_share, 6)
        quick = {"share": share, "time": {"constant": duration(self.quick_s)}}
        parts = rest.get("mixture", [{"share": 1.0, "time": rest}])
        others = [
            {"share": round(part["share"] * (1 - share), 6), "time": part["time"]}
            for part in parts
        ]
        others[-1]["share"] = round(1 - share - sum(p["share"] for p in others[:-1]), 6)
        return {"mixture": [quick, *others]}


def kaplan_meier(waits_s: Floats, left: npt.NDArray[np.bool_]) -> Curve:
    """The curve of waits of which `left` ended in abandonment.

    S(t) is the product of 1 - d/n over the times up to t, its variance Greenwood's
    S(t)^2 times the sum of d / (n (n - d)): d left then, of n still waiting.
    """
    times, place = np.unique(waits_s, return_inverse=True)
    ended = np.bincount(place, weights=left, minlength=len(times))
    at_risk = len(waits_s) - np.searchsorted(np.sort(waits_s), times, side="left")
    survival = np.cumprod(1 - ended / at_risk, dtype=np.float64)
    rest = np.maximum(at_risk - ended, 1)
    error = survival * np.sqrt(np.cumsum(ended / (at_risk * rest)))
    return Curve(times, survival, error, at_risk.astype(float))


def fit_patience(waits_s: Floats, left: npt.NDArray[np.bool_]) -> PatienceFit | None:
    """Patience behind `waits_s` of which `left` ended in abandonment; None when too few
    left. Times in seconds.
    """
    waited = waits_s > 0
    waits_s, left = waits_s[waited], left[waited]
    if left.sum() < LEFT_MIN:
        return None
    curve = kaplan_meier(waits_s, left)
    tried = _tried(waits_s, left)
    best = min(tried, key=lambda one: one.aic)
    quick = 1 - curve.at(QUICK_S)[0]
    expected = float(distribution_of(best.family, best.values)(np.array([QUICK_S]))[0])
    quick_s, quick_share = 0.0, 0.0
    if quick - expected > QUICK_MIN:
        quick_share = quick
        quick_s = float(waits_s[left & (waits_s <= QUICK_S)].mean())
        later = waits_s > QUICK_S
        tried = _tried(waits_s[later], left[later])
        best = min(tried, key=lambda one: one.aic)
    distance = _distance(curve, best, quick_share)
    good = distance <= max(DISTANCE_MAX, 1.36 / np.sqrt(left.sum()))
    name = ("quick and " if quick_share else "") + best.family
    return PatienceFit(
        chosen=name if good else "kaplan_meier",
        best=best,
        tried=tried,
        curve=curve,
        distance=distance,
        quick_share=quick_share,
        quick_s=quick_s,
        waited=len(waits_s),
        left=int(left.sum()),
        sample=() if good else _sample(curve),
    )


def _tried(waits_s: Floats, left: npt.NDArray[np.bool_]) -> tuple[Estimate, ...]:
    return tuple(estimate(f, waits_s[left], waits_s[~left]) for f in CANDIDATES)


def _distance(curve: Curve, best: Estimate, quick_share: float) -> float:
    certain = curve.at_risk >= AT_RISK_MIN
    if quick_share:
        certain &= curve.times_s > QUICK_S
    if not certain.any():
        return 0.0
    fitted = distribution_of(best.family, best.values)(curve.times_s[certain])
    survival = (1 - quick_share) * (1 - fitted)
    return float(np.max(np.abs(survival - curve.survival[certain])))


def _sample(curve: Curve) -> tuple[float, ...]:
    """Equally likely values of the curve; beyond it the hazard of its second half goes on."""
    certain = curve.at_risk >= AT_RISK_MIN
    times, survival = curve.times_s[certain], curve.survival[certain]
    end, floor = float(times[-1]), float(survival[-1])
    middle = int(np.searchsorted(times, end / 2))
    steps = np.log(max(survival[middle], 1e-9) / max(floor, 1e-9))
    hazard = max(float(steps) / max(end - float(times[middle]), 1.0), 1e-5)
    share = 1 - (np.arange(SAMPLE) + 0.5) / SAMPLE
    order = np.argsort(survival, kind="stable")
    inside = np.interp(share, survival[order], times[order])
    beyond = end + np.log(max(floor, 1e-9) / share) / hazard
    return tuple(np.where(share >= floor, inside, beyond).tolist())
