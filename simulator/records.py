"""What one simulated run leaves behind: counts by interval, and nothing worked out.

Every array has time as its first axis: the intervals of the run's days one after the
other, and one more at the end for whatever happened after the last midnight. What a
figure means stands in `router.measures.figures`; `simulator.statistics` makes figures,
means and confidence intervals of these counts.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Sums = npt.NDArray[np.float64]


class Column(IntEnum):
    """What is counted of a stream, by the interval in which the interaction arrived.

    An attempt that fails and is made again counts as another arrival of its own kind:
    `RETRIED` says how many of the arrivals were such.
    """

    ARRIVED = 0
    """Whoever reached out: first attempts, retries, repeats, callbacks, successors."""
    RETRIED = 1
    """Of the arrived: those who came back after a failed attempt."""
    FOLLOWED = 2
    """Of the arrived: successors of a handoff, repeats, and callbacks."""
    REFUSED = 3
    """Found no room: queue or house full, channel down, nobody for it on the roster."""
    BALKED = 4
    """Left at once: all agents busy, or the announced wait too long."""
    CALLED_BACK = 5
    """Took the offer of a callback instead of waiting."""
    ANSWERED = 6
    ABANDONED = 7
    WAITED = 8
    """Of those who got in line: not answered at the very instant."""
    IN_TARGET = 9
    """Answered within the queue's threshold."""
    ABANDONED_IN_TARGET = 10
    """Abandoned within the queue's threshold."""
    SHORT_ABANDONED = 11
    """Abandoned sooner than the queue's `short_abandon`."""
    ANSWERED_WAIT_MS = 12
    """Waits of the answered, together."""
    ANSWERED_WAIT_SQUARES = 13
    """Their squares, in seconds squared."""
    ABANDONED_WAIT_MS = 14
    ABANDONED_WAIT_SQUARES = 15
    FINISHED = 16
    """Pieces of service that ended, transfers included."""
    TALK_MS = 17
    """Of the finished: from acceptance to the end of the conversation."""
    WRAP_UP_MS = 18
    OWNED = 19
    """Answered, and had an owner."""
    TO_OWNER = 20
    """Of those: answered by the owner."""
    TRANSFERRED = 21
    """Went to another queue after service."""
    HANDED_OFF = 22
    """Went on as an interaction of another stream after service."""
    DEFLECTED = 23
    """Finished by a bot, and nothing followed."""
    DEAD_LETTERED = 24
    WAITS_ENDED = 25
    """Further waits of the same interaction that were answered, after a transfer."""
    FURTHER_WAIT_MS = 26
    """Those waits, together."""
    FURTHER_IN_TARGET = 27
    """Of those: answered within the threshold of their queue."""
    FURTHER_WAITED = 28
    """Of those: not answered at the very instant."""
    FURTHER_ABANDONED = 29
    """Further waits that the customer ended; they are not in `ABANDONED`, as those
    answered are not in `ANSWERED`."""
    FURTHER_ABANDONED_WAIT_MS = 30


class Area(IntEnum):
    """Time integrals by the interval in which the time passed, in milliseconds of one
    interaction; divided by the interval's length they are mean numbers.
    """

    WAITING = 0
    SERVING = 1
    WRAPPING = 2
    AWAY = 3
    """Between a failed attempt and the next."""


GROWTH = 1.03
"""From one class of the wait histograms to the next: quantiles are within 1.5 %."""
CLASSES = 760
"""Class 0 is no wait at all; class k up to `GROWTH**(k-1)` ms; the last what is longer."""


def class_bounds_ms() -> Sums:
    """The upper bounds of the classes of a wait histogram, in milliseconds."""
    return np.concatenate([[0.0], GROWTH ** np.arange(CLASSES - 1)])


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The counts of one replication."""

    replication: int
    seed: int
    every_ms: int
    days: int
    streams: Sums
    """[time, stream, `Column`], by the interval of arrival."""
    areas: Sums
    """[time, stream, `Area`], by the interval in which the time passed."""
    queues: Counts
    """[time, queue and channel, way of entry, column of `measures.shapes.COUNT_NAMES`], by
    the interval in which it happened; `Layout.pairs` names the second axis."""
    staff: Counts
    """[time, staff, `measures.AgentState`]: milliseconds of all agents of an entry."""
    waits: Counts
    """[stream, answered or abandoned, class]: all waits of the run that were counted."""
    events: int
    """Events the engine stated."""
    rounds: int
    """Joint rounds that were solved outside of compiled code."""
    ended_ms: int
    """When the last counted thing happened, from the first midnight on."""
    took_s: float
    """Wall-clock seconds."""
    complete: bool = True
    """False when the run was cancelled: it ends in mid-run then."""
    arrivals: int = 0
    """First attempts in all, those of the warm-up included."""

    @property
    def intervals(self) -> int:
        """Intervals of a day."""
        return 86_400_000 // self.every_ms

    def by_day(self, counts: Sums | Counts) -> Sums | Counts:
        """Sums by day of any of the arrays above; what came after counts for the last."""
        whole = counts[:-1].reshape(self.days, self.intervals, *counts.shape[1:])
        days: Sums | Counts = whole.sum(axis=1)
        days[-1] += counts[-1]
        return days


@dataclass(frozen=True, slots=True)
class Layout:
    """What the axes of a record are called."""

    streams: tuple[str, ...]
    stream_queues: tuple[str, ...]
    stream_channels: tuple[str, ...]
    staff: tuple[str, ...]
    staff_cost_per_hour: tuple[float, ...]
    pairs: tuple[tuple[str, str], ...]
    """Queue and channel."""
    target_ms: tuple[int, ...]
    """Threshold of the service level, by stream."""
    pair_target_ms: tuple[int, ...]
    pair_target_percent: tuple[int, ...]
    pair_definition: tuple[str, ...]
    """The definition that the policy names for the queue."""
    every_ms: int
    days: int
    warm_up_ms: int = 0
    """So much of the beginning is not counted: whole intervals."""
