"""The least number of agents that keeps a plan's bounds, by any of the models.

One more agent never makes waits, abandonment or occupancy worse, so the search doubles
until the bounds are met and then halves; each step is an exact solution. Only blocking
may grow with the agents: where patience is shorter than the handle time, and there it is
looked at last, with the fewest agents that keep the other bounds.
"""

import math
from dataclasses import dataclass
from typing import Final

from router.model.service_level import Definition
from simulator.erlang.demand import (
    AGENTS_MAX,
    Demand,
    SystemWrong,
    counted,
    least_stable,
)
from simulator.erlang.line import Line, no_negative
from simulator.erlang.models import solve

_SHARES: Final = ("service_level", "abandonment", "occupancy", "blocking")


class OutOfReach(SystemWrong):
    """No number of agents keeps the bounds."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a plan promises; None bounds nothing, and all that is given is to hold."""

    service_level: float | None = None
    """At least this share, by `definition`, within `within_s`."""
    definition: Definition = Definition.WITHIN_OF_ANSWERED_AND_ABANDONED
    within_s: float = 20.0
    short_abandon_s: float | None = None
    """As in `Line.service_level`."""
    asa_s: float | None = None
    """At most this mean wait of the answered."""
    abandonment: float | None = None
    """At most this share gives up."""
    occupancy: float | None = None
    """At most this share of agents' time is busy."""
    blocking: float | None = None
    """At most this share of arrivals finds every place taken."""

    def __post_init__(self) -> None:
        """Refuse what bounds nothing, or cannot be kept by anybody."""
        for name in _SHARES:
            share = getattr(self, name)
            if share is not None and not 0 < share < 1:
                raise SystemWrong(
                    f"{name.replace('_', ' ')} must be between 0 % and 100 %, "
                    f"it is {share:.10g} as a share"
                )
        if self.asa_s is not None and not self.asa_s > 0:
            raise SystemWrong(f"ASA must be above 0 seconds, it is {self.asa_s:g}")
        no_negative(self.within_s, "the time to answer within")
        given = [getattr(self, name) for name in (*_SHARES, "asa_s")]
        if all(bound is None for bound in given):
            raise SystemWrong(
                "nothing is bounded: give a service level, an ASA, an abandonment, "
                "an occupancy or a blocking"
            )

    def met_by(self, line: Line) -> bool:
        """Whether `line` keeps every bound."""
        return self.served_by(line) and self.let_in_by(line)

    def served_by(self, line: Line) -> bool:
        """Whether `line` keeps every bound on those it lets in."""
        at_most = (
            (self.asa_s, line.asa_s),
            (self.abandonment, line.p_abandon),
            (self.occupancy, line.occupancy),
        )
        if any(bound is not None and figure > bound for bound, figure in at_most):
            return False
        return self.service_level is None or self.service_level <= line.service_level(
            self.definition, self.within_s, self.short_abandon_s
        )

    def let_in_by(self, line: Line) -> bool:
        """Whether `line` keeps the bound on blocking."""
        return self.blocking is None or line.p_block <= self.blocking


def least_agents(demand: Demand, bounds: Bounds) -> Line:
    """The line with the fewest agents that keeps `bounds`; its `agents` says how many.

    Raises OutOfReach where no number of agents keeps them.
    """
    clogs = _clogs(demand)
    met = bounds.served_by if clogs else bounds.met_by
    few = fewest(demand)
    most = AGENTS_MAX if demand.lines is None or not demand.waits else demand.lines
    many = min(max(few, math.ceil(demand.offered_erlang)), most)
    while not met(line := solve(demand, many)):
        if many == most:
            raise _out_of_reach(line)
        few, many = many + 1, min(2 * many, most)
    while few < many:
        middle = (few + many) // 2
        tried = solve(demand, middle)
        if met(tried):
            line, many = tried, middle
        else:
            few = middle + 1
    if clogs and not bounds.let_in_by(line):
        raise _out_of_reach(line)
    return line


def _clogs(demand: Demand) -> bool:
    """Whether more agents block more: somebody answered then holds a line for longer
    than somebody who waits and gives up.
    """
    limited = demand.waits and demand.lines is not None
    return limited and (demand.patience_s or math.inf) < demand.aht_s


def fewest(demand: Demand) -> int:
    """The fewest agents with whom the line settles."""
    endless = demand.patience_s is None and demand.lines is None and demand.waits
    return least_stable(demand.offered_erlang) if endless else 1


def _out_of_reach(line: Line) -> OutOfReach:
    return OutOfReach(
        f"no number of agents keeps the bounds; {counted(line.agents, 'agent')} would "
        f"block {line.p_block:.2%} of arrivals at an occupancy of {line.occupancy:.2%}; "
        "more lines or looser bounds are needed"
    )
