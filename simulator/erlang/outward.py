"""Long products of ratios, taken outward from their largest term.

The probabilities of a queue with thousands of agents span more powers of ten than a
float has. Started at the largest term and followed both ways until they no longer
matter, they neither overflow nor lose digits, and far terms simply end.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.erlang.demand import SystemWrong

Floats = NDArray[np.float64]

NEGLIGIBLE: Final = 1e-25
"""A term below this share of the largest ends the walk."""

TERMS_MAX: Final = 5_000_000
"""Most terms followed. A queue so long would take days to settle."""

_FIRST_STEPS: Final = 256


def outward(
    ratio: Callable[[Floats], Floats], peak: int, most: int | None
) -> tuple[int, Floats]:
    """Terms t[i] with t[i] = t[i-1] ratio(i) and t[peak] = 1: the first index kept, and
    the terms from there on.

    `ratio` must be at least 1 up to `peak` and at most 1 after it; indices run from 0 to
    `most`. Raises SystemWrong when too many terms matter.
    """
    if peak >= TERMS_MAX:
        raise _too_long()
    end = TERMS_MAX if most is None else most
    below = _walk(lambda steps: 1 / ratio(peak + 1 - steps), peak)
    above = _walk(lambda steps: ratio(peak + steps), end - peak)
    if most is None and len(above) == end - peak and above[-1] > NEGLIGIBLE:
        raise _too_long()
    return peak - len(below), np.concatenate((below[::-1], (1.0,), above))


def _walk(factor: Callable[[Floats], Floats], most: int) -> Floats:
    """Products of factor(1), factor(2), … until they are negligible, at most `most`."""
    parts: list[Floats] = []
    last, done, steps = 1.0, 0, _FIRST_STEPS
    while done < most and last > NEGLIGIBLE:
        until = min(most, done + steps)
        numbers = np.arange(done + 1, until + 1, dtype=np.float64)
        parts.append(np.asarray(last * np.cumprod(factor(numbers)), np.float64))
        last, done, steps = float(parts[-1][-1]), until, 2 * steps
    return np.concatenate(parts) if parts else np.empty(0)


def _too_long() -> SystemWrong:
    return SystemWrong(
        f"more than {TERMS_MAX:,} interactions would wait at a time before patience "
        "limits the queue: give more agents, shorter patience or a limit of lines"
    )
