"""How far a simulated value is from a known one, in standard errors of both.

The error of the simulated value is found by leaving out batches (jackknife; Quenouille
1949, Tukey 1958), which also holds for ratios. Stretches of one run that still depend on
their neighbours make it too small, and it is widened by what their first autocorrelation
says.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

Z_MAX: Final = 999.0
"""What stands for a difference without any error."""
CORRELATED_FROM: Final = 2.0
"""Autocorrelations of so many of their standard errors count."""


@dataclass(frozen=True, slots=True)
class Known:
    """A known value, with its own error where it is an estimate itself."""

    value: float
    error: float = 0.0
    """Standard error of a published estimate."""
    rounding: float = 0.0
    """Half a unit of the last digit that is told, of printed results."""
    sample: float = 0.0
    """An estimate from so many days or weeks whose error nobody tells."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One number against another."""

    exact: float
    simulated: float
    error: float
    """Standard error of the difference."""
    z: float


def spread(
    values: Sequence[float] | np.ndarray, together: float, correlated: bool
) -> float:
    """The standard error of `together`, from the values without each batch."""
    left_out = np.asarray(values, float)
    count = len(left_out)
    if count < 2 or not np.all(np.isfinite(left_out)):
        return math.nan
    pseudo = count * together - (count - 1) * left_out
    variance = float(pseudo.var(ddof=1)) / count
    if correlated and variance > 0:
        centred = pseudo - pseudo.mean()
        first = float((centred[1:] * centred[:-1]).sum() / (centred * centred).sum())
        if first * math.sqrt(count) > CORRELATED_FROM:
            variance *= (1 + first) / (1 - first)
    return math.sqrt(variance)


def compared(known: Known, simulated: float, error: float, units: float) -> Compared:
    """`z` is 0 within the known value's rounding, and counts from its edge. `units` are
    the days or weeks that were simulated: a sample of another size has another error.
    """
    theirs = known.error
    if known.sample and not theirs:
        theirs = error * math.sqrt(units / known.sample)
    both = math.hypot(error, theirs)
    apart = simulated - known.value
    beyond = max(0.0, abs(apart) - known.rounding - 1e-9 * abs(known.value))
    if math.isnan(both) or math.isnan(apart):
        z = math.nan
    elif beyond == 0:
        z = 0.0
    else:
        z = math.copysign(min(Z_MAX, beyond / both if both > 0 else Z_MAX), apart)
    return Compared(known.value, simulated, both, z)


def half_unit(value: float) -> float:
    """Half a unit of the last digit with which a number is written: 0.0005 for 0.031."""
    text = json.dumps(value)
    if "e" in text or "E" in text:
        return 0.0
    digits = len(text.partition(".")[2]) if not text.endswith(".0") else 1
    return 0.5 * 10.0**-digits
