"""What a look-ahead found out: how the floor may go on, many times over.

Nothing is worked out here that could not be counted from the arrays. What a figure means
stands in `router.measures.figures`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from router.measures.figures import share_in_time
from router.model.service_level import Definition
from simulator.records import Column, Counts, Layout, Sums, class_bounds_ms

ANSWERED, ABANDONED, LEFT_OTHERWISE, STILL_WAITS = range(4)
"""How a wait ended: by an answer, by the customer, in another way, or not at all while
it was watched."""
ENDINGS = ("answered", "abandoned", "left_otherwise", "still_waits")


class ForecastUnfit(Exception):
    """The forecast does not fit the floor; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """How a floor may go on from an instant.

    Whoever arrives within the horizon, and whoever waits at its beginning, is watched
    until the horizon has passed twice; arrivals go on all the while.
    """

    at_ms: int
    """Engine time at which it begins."""
    horizon_ms: int
    seed: int
    layout: Layout
    """Names of streams, their targets; times of the scenario, not of the horizon."""
    counts: Sums
    """[replication, stream, `Column`] of those who arrive within the horizon."""
    waits: npt.NDArray[np.int32]
    """[replication, stream, answered or abandoned, class] of the same."""
    waiting: tuple[str, ...]
    """Ids of those who wait at the beginning, in the order of their rows."""
    waiting_rows: Counts
    waited_ms: Counts
    """How long each of them has waited since their arrival."""
    remaining_ms: Counts
    """[replication, waiting]: how much longer; where it is still going on, so long at
    least."""
    ended: npt.NDArray[np.int8]
    """[replication, waiting]: `ANSWERED`, `ABANDONED`, `LEFT_OTHERWISE`, `STILL_WAITS`."""
    took_s: float
    """Wall-clock seconds, copying the floor included."""
    complete: bool = True
    """False when it was stopped: there are fewer replications than were asked for."""

    @property
    def replications(self) -> int:
        return len(self.counts)

    def wait_quantile(self, stream: str, share: float) -> float | None:
        """How long (ms) so large a share of a stream's arrivals waits at most, answered or
        not, over all replications; None where nobody arrived.
        """
        by_class = self.waits[:, self._stream(stream)].sum(axis=(0, 1))
        total = int(by_class.sum())
        if total == 0:
            return None
        bounds, reached = class_bounds_ms(), np.cumsum(by_class) / total
        at = int(np.searchsorted(reached, share - 1e-12))
        if at == 0:
            return 0.0
        part = (share - reached[at - 1]) / (reached[at] - reached[at - 1])
        return float(bounds[at - 1] + part * (bounds[at] - bounds[at - 1]))

    def mean_wait_ms(self, stream: str) -> Sums:
        """[replication]: mean wait of the answered and the abandoned; NaN for none."""
        counts = self.counts[:, self._stream(stream)]
        ended = counts[:, Column.ANSWERED] + counts[:, Column.ABANDONED]
        waits = counts[:, Column.ANSWERED_WAIT_MS] + counts[:, Column.ABANDONED_WAIT_MS]
        found: Sums = np.divide(
            waits, ended, out=np.full(len(counts), np.nan), where=ended > 0
        )
        return found

    def service_level(self, stream: str) -> Sums:
        """[replication]: share in time as the policy defines it; NaN for nobody."""
        s = self._stream(stream)
        counts = self.counts[:, s]
        pair = self.layout.stream_queues[s], self.layout.stream_channels[s]
        definition = self.layout.pair_definition[self.layout.pairs.index(pair)]
        abandoned = counts[:, Column.ABANDONED]
        answered = counts[:, Column.ANSWERED]
        had = answered + abandoned + counts[:, Column.DEAD_LETTERED]
        part, whole = share_in_time(
            Definition(definition),
            within=counts[:, Column.IN_TARGET],
            answered=answered,
            abandoned=abandoned,
            abandoned_within=counts[:, Column.ABANDONED_IN_TARGET],
            short_abandoned=counts[:, Column.SHORT_ABANDONED],
            had=had,
        )
        found: Sums = np.divide(
            part, whole, out=np.full(len(counts), np.nan), where=whole > 0
        )
        return found

    def remaining(
        self, who: str | int, shares: tuple[float, ...] = (0.1, 0.5, 0.9)
    ) -> Sums:
        """Quantiles (ms) of how much longer one of those who wait will wait, however it
        ends; infinite beyond what was watched. `who` is an id or a row; KeyError for one
        who does not wait.
        """
        place = self._place(who)
        left = self.remaining_ms[:, place].astype(np.float64)
        left[self.ended[:, place] == STILL_WAITS] = np.inf
        found: Sums = np.quantile(left, shares, method="inverted_cdf")
        return found

    def endings(self, who: str | int) -> dict[str, float]:
        """How likely each end of one's wait is. KeyError for one who does not wait."""
        ended = self.ended[:, self._place(who)]
        return {
            name: float(np.mean(ended == code)) for code, name in enumerate(ENDINGS)
        }

    def _stream(self, stream: str) -> int:
        return self.layout.streams.index(stream)

    def _place(self, who: str | int) -> int:
        if isinstance(who, str):
            known = list(self.waiting)
        else:
            known = self.waiting_rows.tolist()
        if who not in known:
            raise KeyError(who)
        return known.index(who)
