"""What every model of a waiting line says of it, and the service level it makes.

The models differ in how they find the waits (`delay`, `abandonment`); they share these
figures and, with `router.measures`, the four named definitions of service level.

Shares and waits are those of the interactions that were let in: a blocked arrival never
reached the queue, and the router could not count it. `p_block` says how many those are.
"""

import math
from abc import ABC, abstractmethod
from typing import Final

from router.model.service_level import Definition
from simulator.erlang.demand import Demand, SystemWrong

_BISECTIONS: Final = 200


class Line(ABC):
    """A waiting line in its steady state. Times are in seconds."""

    demand: Demand
    agents: int
    model: str
    """The model's name, such as "Erlang A (M/M/c+M)"."""
    p_block: float
    """The share of arrivals that finds every place taken."""
    p_wait: float
    """The share that cannot be served at once."""
    p_abandon: float
    answered: float
    """The share that an agent answers: 1 - p_abandon, without loss of digits."""
    mean_wait_s: float
    """The mean wait of all, whether they were answered or gave up."""
    asa_s: float
    """The mean wait of the answered; those who did not wait count with 0."""
    wait_sd_s: float
    """The standard deviation of the waits of the answered."""
    mean_wait_abandoned_s: float | None
    """The mean wait of those who gave up; None where nobody does."""
    mean_queue: float
    """The mean number waiting."""
    occupancy: float
    """Busy agents / agents, on average over time."""

    @abstractmethod
    def answered_within(self, within_s: float) -> float:
        """The share of all that is answered after `within_s` or sooner."""

    @abstractmethod
    def abandoned_within(self, within_s: float) -> float:
        """The share of all that gives up after `within_s` or sooner."""

    def service_level(
        self,
        definition: Definition,
        within_s: float,
        short_abandon_s: float | None = None,
    ) -> float:
        """The service level by a named definition.

        `short_abandon_s` matters to one definition only: who gives up sooner does not
        count. None takes `within_s`, as most formulas in print do.
        """
        within = self.answered_within(within_s)
        match definition:
            case Definition.WITHIN_OF_ANSWERED_AND_ABANDONED:
                return within
            case Definition.WITHIN_AND_ABANDONED_WITHIN_OF_OFFERED:
                return min(1.0, within + self.abandoned_within(within_s))
            case Definition.WITHIN_OF_OFFERED_LESS_SHORT_ABANDONED:
                short_s = within_s if short_abandon_s is None else short_abandon_s
                return min(1.0, within / (1 - self.abandoned_within(short_s)))
            case Definition.WITHIN_OF_ANSWERED:
                return min(1.0, within / self.answered)

    def service_levels(
        self, within_s: float, short_abandon_s: float | None = None
    ) -> dict[Definition, float]:
        """The service level by every definition."""
        return {
            definition: self.service_level(definition, within_s, short_abandon_s)
            for definition in Definition
        }

    def answered_wait_s(self, share: float) -> float:
        """The wait that `share` of the answered does not exceed, such as 0.9."""
        if not 0 < share < 1:
            raise SystemWrong(f"a share must be between 0 and 1, it is {share:g}")
        wanted = share * self.answered
        if self.answered_within(0.0) >= wanted:
            return 0.0
        low, high = 0.0, max(self.asa_s, self.wait_sd_s)
        while self.answered_within(high) < wanted:
            low, high = high, 2 * high
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            if not low < middle < high:
                break
            if self.answered_within(middle) < wanted:
                low = middle
            else:
                high = middle
        return high


def no_negative(seconds: float, name: str) -> float:
    """`seconds`, if it is a time."""
    if not (math.isfinite(seconds) and seconds >= 0):
        raise SystemWrong(f"{name} must be 0 seconds or more, it is {seconds:g}")
    return seconds
