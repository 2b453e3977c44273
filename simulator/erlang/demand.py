"""What is asked of the agents of one queue, and what may be wrong with the question.

The lowest file of `simulator.erlang`: it knows no formula beyond the offered load.
"""

import math
from dataclasses import dataclass
from typing import Final

AGENTS_MAX: Final = 1_000_000
"""Most agents, and most lines, that the formulas take."""

SECONDS_AN_HOUR: Final = 3_600.0


class SystemWrong(ValueError):
    """The formulas have no answer, for a reason that the text gives."""


class Unstable(SystemWrong):
    """More work comes in than the agents can do, and nobody gives up."""

    def __init__(self, offered_erlang: float, agents: int) -> None:
        """Refuse `agents` for `offered_erlang`, and say how many would do."""
        self.least_agents = least_stable(offered_erlang)
        super().__init__(
            f"{offered_erlang:.10g} Erlang are offered to {counted(agents, 'agent')}: "
            "without abandonment the queue grows without end; at least "
            f"{counted(self.least_agents, 'agent')} are needed"
        )


def counted(count: int, noun: str) -> str:
    """`1 agent`, `2 agents`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def least_stable(offered_erlang: float) -> int:
    """The least number of agents with whom a line without abandonment settles."""
    return math.floor(offered_erlang) + 1


def positive(value: float, name: str) -> float:
    """`value`, if it is a finite number above 0; `name` is for the complaint."""
    if not (math.isfinite(value) and value > 0):
        raise SystemWrong(f"{name} must be a number above 0, it is {value:g}")
    return value


def whole_agents(agents: int) -> int:
    """`agents`, if the formulas take so many."""
    if not 1 <= agents <= AGENTS_MAX:
        raise SystemWrong(f"agents must be from 1 to {AGENTS_MAX}, they are {agents}")
    return agents


@dataclass(frozen=True, slots=True)
class Demand:
    """Poisson arrivals with exponential handle times and, where patience is given,
    exponential patience.
    """

    interactions_per_hour: float
    aht_s: float
    patience_s: float | None = None
    """The mean time after which a waiting customer gives up; None for never."""
    lines: int | None = None
    """Places for interactions in service and waiting together (trunks); None for no
    limit. An arrival that finds them all taken is blocked.
    """
    waits: bool = True
    """False where an arrival that finds no free agent is blocked at once (Erlang B)."""

    def __post_init__(self) -> None:
        """Refuse what is no demand."""
        positive(self.interactions_per_hour, "interactions per hour")
        positive(self.aht_s, "AHT in seconds")
        if self.patience_s is not None:
            positive(self.patience_s, "patience in seconds")
        if self.lines is not None and not 1 <= self.lines <= AGENTS_MAX:
            raise SystemWrong(
                f"lines must be from 1 to {AGENTS_MAX}, they are {self.lines}"
            )
        if self.offered_erlang > AGENTS_MAX:
            raise SystemWrong(
                f"{self.offered_erlang:.10g} Erlang are offered; "
                f"the formulas take at most {AGENTS_MAX}"
            )

    @property
    def offered_erlang(self) -> float:
        """The offered load: the agents who would be busy if nobody ever waited."""
        return self.interactions_per_hour * self.aht_s / SECONDS_AN_HOUR

    @property
    def arrivals_per_second(self) -> float:
        return self.interactions_per_hour / SECONDS_AN_HOUR

    def waiting_places(self, agents: int) -> int | None:
        """How many may wait when `agents` are there; None for any number."""
        if not self.waits:
            return 0
        if self.lines is None:
            return None
        if self.lines < agents:
            raise SystemWrong(
                f"{counted(self.lines, 'line')} cannot keep {agents} agents busy: "
                f"give at least {agents} lines or at most "
                f"{counted(self.lines, 'agent')}"
            )
        return self.lines - agents
