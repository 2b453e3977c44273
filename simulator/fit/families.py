"""Families of random times and their maximum likelihood, censored or not.

Parameters are those that a scenario writes, so standard errors are theirs as well. What
is known to be longer than some time counts with the probability of that (right
censoring): Lawless, Statistical Models and Methods for Lifetime Data, chapter 3.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import optimize, stats

from simulator.fit.log import Floats

Parameters = tuple[float, ...]
TINY: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Family:
    """One family: what its parameters are called, and its two logarithms."""

    name: str
    parameters: tuple[str, ...]
    log_density: Callable[[Floats, Parameters], Floats]
    log_survival: Callable[[Floats, Parameters], Floats]
    start: Callable[[float, float], Parameters]
    """Where the search begins, from a mean and a coefficient of variation."""
    shares: tuple[str, ...] = ()
    """Of the parameters: those between 0 and 1; the others are above 0."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One family fitted."""

    family: str
    parameters: dict[str, float]
    errors: dict[str, float]
    """Standard errors, from the curvature of the likelihood; NaN where it is flat."""
    log_likelihood: float
    rows: int
    ended: int
    """Of the rows: those that were not censored."""

    @property
    def aic(self) -> float:
        """Akaike's criterion: less is better."""
        return 2 * len(self.parameters) - 2 * self.log_likelihood

    @property
    def values(self) -> Parameters:
        return tuple(self.parameters.values())


def _lognormal(p: Parameters) -> Any:
    sigma = float(np.sqrt(np.log1p(p[1] ** 2)))
    return stats.lognorm(sigma, scale=p[0] * np.exp(-(sigma**2) / 2))


def _gamma(p: Parameters) -> Any:
    return stats.gamma(p[1], scale=p[0] / p[1])


def _weibull(p: Parameters) -> Any:
    return stats.weibull_min(p[1], scale=p[0])


def _two_densities(x: Floats, p: Parameters) -> Floats:
    share, first, second = p
    value = share / first * np.exp(-x / first) + (1 - share) / second * np.exp(
        -x / second
    )
    return np.asarray(np.log(np.maximum(value, TINY)))


def _two_survivals(x: Floats, p: Parameters) -> Floats:
    share, first, second = p
    value = share * np.exp(-x / first) + (1 - share) * np.exp(-x / second)
    return np.asarray(np.log(np.maximum(value, TINY)))


FAMILIES: Final[dict[str, Family]] = {
    family.name: family
    for family in (
        Family(
            "exponential", ("mean_s",),
            lambda x, p: -x / p[0] - np.log(p[0]),
            lambda x, p: -x / p[0],
            lambda mean, cv: (mean,),
        ),
        Family(
            "lognormal", ("mean_s", "cv"),
            lambda x, p: np.asarray(_lognormal(p).logpdf(x)),
            lambda x, p: np.asarray(_lognormal(p).logsf(x)),
            lambda mean, cv: (mean, cv),
        ),
        Family(
            "gamma", ("mean_s", "shape"),
            lambda x, p: np.asarray(_gamma(p).logpdf(x)),
            lambda x, p: np.asarray(_gamma(p).logsf(x)),
            lambda mean, cv: (mean, 1 / cv**2),
        ),
        Family(
            "weibull", ("scale_s", "shape"),
            lambda x, p: np.asarray(_weibull(p).logpdf(x)),
            lambda x, p: np.asarray(_weibull(p).logsf(x)),
            lambda mean, cv: (mean, 1 / max(cv, 0.2)),
        ),
        Family(
            "hyperexponential", ("share", "mean_s", "other_mean_s"),
            _two_densities, _two_survivals,
            lambda mean, cv: (0.3, mean / 4, mean * 1.5),
            shares=("share",),
        ),
    )
}  # fmt: skip


def distribution_of(family: str, p: Parameters) -> Callable[[Floats], Floats]:
    """The distribution function P(X <= x) of a fitted family."""
    survival = FAMILIES[family].log_survival
    return lambda x: -np.expm1(survival(np.asarray(x, dtype=float), p))


def estimate(family: str, values: Floats, censored: Floats | None = None) -> Estimate:
    """Fit one family to `values` (all above 0), and to others known to be longer than
    `censored`. Times in seconds.
    """
    kind = FAMILIES[family]
    censored = np.empty(0) if censored is None else censored
    x, n_x = np.unique(values, return_counts=True)
    c, n_c = np.unique(censored, return_counts=True)

    def loss(free: Floats) -> float:
        p = _bound(kind, free)
        with np.errstate(all="ignore"):  # far from the best, a density is 0 or endless
            total = np.dot(kind.log_density(x, p), n_x)
            if len(c):
                total = total + np.dot(kind.log_survival(c, p), n_c)
        return float(-total) if np.isfinite(total) else 1e300

    mean = float(values.sum() + censored.sum()) / len(values)
    cv = float(np.std(values) / np.mean(values)) if len(values) > 1 else 1.0
    first = _free(kind, kind.start(mean, min(max(cv, 0.05), 20.0)))
    found = optimize.minimize(
        loss, first, method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-7, "maxiter": 4_000, "maxfev": 8_000},
    )  # fmt: skip
    best = np.asarray(found.x, dtype=float)
    p = _bound(kind, best)
    errors = _errors(loss, best)
    scale = [
        value * (1 - value) if name in kind.shares else value
        for name, value in zip(kind.parameters, p, strict=True)
    ]
    return Estimate(
        family=family,
        parameters=dict(zip(kind.parameters, p, strict=True)),
        errors={
            name: float(error * by)
            for name, error, by in zip(kind.parameters, errors, scale, strict=True)
        },
        log_likelihood=-loss(best),
        rows=len(values) + len(censored),
        ended=len(values),
    )


def _bound(kind: Family, free: Floats) -> Parameters:
    """Parameters from numbers that may take any value."""
    return tuple(
        float(1 / (1 + np.exp(-value)))
        if name in kind.shares
        else float(np.exp(np.clip(value, -50, 50)))
        for name, value in zip(kind.parameters, free, strict=True)
    )


def _free(kind: Family, p: Parameters) -> Floats:
    return np.array(
        [
            np.log(value / (1 - value)) if name in kind.shares else np.log(value)
            for name, value in zip(kind.parameters, p, strict=True)
        ]
    )


def _errors(loss: Callable[[Floats], float], best: Floats) -> list[float]:
    """Roots of the diagonal of the inverse Hessian, by central differences."""
    size, step = len(best), 1e-3
    hessian = np.empty((size, size))
    unit = np.eye(size) * step
    for i in range(size):
        for j in range(size):
            hessian[i, j] = (
                loss(best + unit[i] + unit[j])
                - loss(best + unit[i] - unit[j])
                - loss(best - unit[i] + unit[j])
                + loss(best - unit[i] - unit[j])
            ) / (4 * step**2)
    try:
        variances = np.diag(np.linalg.inv(hessian))
    except np.linalg.LinAlgError:
        return [float("nan")] * size
    return [float(np.sqrt(v)) if v > 0 else float("nan") for v in variances]
