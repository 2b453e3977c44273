"""Quantiles of Student's t, without SciPy: what confidence intervals are measured by."""

from functools import lru_cache
from math import atan, exp, lgamma, pi, sqrt, tan
from statistics import NormalDist

import numpy as np


@lru_cache(maxsize=1024)
def student_t(probability: float, dof: int) -> float:
    """The quantile of Student's t with `dof` degrees of freedom.

    Newton's method on the finite series of Abramowitz and Stegun, 26.7.3 and 26.7.4,
    from the normal quantile; right to about 12 digits. ValueError for a probability
    outside 0 to 1 or fewer than one degree of freedom.
    """
    if not 0 < probability < 1 or dof < 1:
        raise ValueError(
            f"Student's t has no quantile {probability} with {dof} degrees of freedom"
        )
    if probability < 0.5:
        return -student_t(1 - probability, dof)
    if dof == 1:
        return tan(pi * (probability - 0.5))
    t = NormalDist().inv_cdf(probability)
    for _ in range(200):
        step = (_within(t, dof) / 2 + 0.5 - probability) / _density(t, dof)
        t -= step
        if abs(step) <= 1e-14 * max(1.0, t):
            break
    return t


def _within(t: float, dof: int) -> float:
    """The probability that |T| is below t."""
    angle = atan(t / sqrt(dof))
    sine, cosine = t / sqrt(dof + t * t), sqrt(dof / (dof + t * t))
    k = np.arange(1.0, (dof - 1) // 2 + 1)
    if dof % 2:
        terms = np.cumprod(
            np.append(cosine, 2 * (k[:-1]) / (2 * k[:-1] + 1) * cosine**2)
        )
        return 2 / pi * (angle + sine * float(terms.sum()))
    terms = np.cumprod(np.append(1.0, (2 * k - 1) / (2 * k) * cosine**2))
    return sine * float(terms.sum())


def _density(t: float, dof: int) -> float:
    """Of Student's t."""
    scale = exp(lgamma((dof + 1) / 2) - lgamma(dof / 2)) / sqrt(dof * pi)
    return scale * float((1 + t * t / dof) ** (-(dof + 1) / 2))
