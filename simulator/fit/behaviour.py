"""Coming back: after giving up (retries), and after service (repeats).

Only identified customers can be seen to come back; what is estimated from them stands for
the others as well. Where a log names only customers who had to wait, a retry that was
answered at once is not seen, and the probability is somewhat too low.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.fit.log import UNKNOWN, Floats, Log
from simulator.fit.service import TimeFit, fit_service

WINDOW_S: Final = 3_600.0
"""Whoever comes back sooner after giving up tries again."""


@dataclass(frozen=True, slots=True)
class Returns:
    """Customers who come back within the window, after giving up or after service."""

    after: int
    """Ends of identified customers that were followed."""
    came_back: int
    delay: TimeFit | None
    """From the end to the next arrival; None where nobody came back."""
    window_s: float

    @property
    def probability(self) -> float:
        return self.came_back / self.after if self.after else 0.0

    @property
    def error(self) -> float:
        """Standard error of the probability."""
        p = self.probability
        return float(np.sqrt(p * (1 - p) / self.after)) if self.after else float("nan")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Everything of the kind that the log shows."""

    identified: float
    """Share of interactions whose customer is known."""
    retries: Returns
    repeats: Returns
    is_retry: npt.NDArray[np.bool_]
    """For each row of the log: an attempt after one that was given up."""


def behaviour_of(log: Log) -> Behaviour:
    """What the rows of `log` show."""
    order = np.lexsort((log.queued_ms, log.customer))
    order = order[log.customer[order] != UNKNOWN]
    first, then = order[:-1], order[1:]
    same = log.customer[first] == log.customer[then]
    ended = log.answered_ms + np.nan_to_num(log.service_s * 1000).astype(np.int64)
    delay_s = (log.arrived_ms[then] - ended[first]) / 1000
    soon = same & (delay_s >= 0) & (delay_s <= WINDOW_S)
    gave_up = log.abandoned[first]
    is_retry = np.zeros(len(log), dtype=bool)
    is_retry[then[soon & gave_up]] = True
    known = log.customer != UNKNOWN
    return Behaviour(
        identified=float(known.mean()) if len(log) else 0.0,
        retries=_returns(int((known & log.abandoned).sum()), delay_s[soon & gave_up]),
        repeats=_returns(
            int((known & log.answered).sum()), delay_s[soon & log.answered[first]]
        ),
        is_retry=is_retry,
    )


def _returns(after: int, delays_s: Floats) -> Returns:
    fit = fit_service(delays_s) if len(delays_s) else None
    return Returns(after, len(delays_s), fit, WINDOW_S)
