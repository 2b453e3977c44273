"""A planner's question and its exact answer: so many agents, or how many, and what the
numbers around would give.

It stands on `staffing` and `safety` and prints nothing: `simulator.commands.erlang` does.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

from simulator.erlang.demand import AGENTS_MAX, Demand
from simulator.erlang.line import Line
from simulator.erlang.models import solve
from simulator.erlang.safety import safety_of, square_root_agents
from simulator.erlang.staffing import Bounds, fewest, least_agents

AROUND: Final = 5
"""So many agents fewer and more stand in the table."""

_QUANTILES: Final = (50, 90, 95, 99)


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer."""

    chosen: Line
    table: tuple[Line, ...]
    """`chosen` among its neighbours, by agents; it alone when the agents were given."""
    within_s: float
    short_abandon_s: float
    bounds: Bounds | None
    """What was asked for; None where only the agents were given."""

    @property
    def square_root(self) -> int | None:
        """What the square-root rule says to the same service level, if one was asked."""
        if self.bounds is None or self.bounds.service_level is None:
            return None
        demand = self.chosen.demand
        return square_root_agents(demand, self.bounds.service_level, self.within_s)

    @property
    def safety(self) -> float:
        """The chosen agents beyond the offered load, in roots of it."""
        return safety_of(self.chosen.demand, self.chosen.agents)

    @property
    def met(self) -> bool | None:
        """Whether the chosen agents keep the bounds."""
        return self.bounds.met_by(self.chosen) if self.bounds else None


def planned(
    demand: Demand,
    *,
    agents: int | None,
    bounds: Bounds | None,
    within_s: float,
    short_abandon_s: float,
) -> Plan:
    """The plan for `agents`, or for the fewest agents that keep `bounds`.

    One of the two must be given. Raises SystemWrong.
    """
    if agents is not None:
        chosen = solve(demand, agents)
        table: tuple[Line, ...] = (chosen,)
    else:
        assert bounds is not None, "agents or bounds are given"
        chosen = least_agents(demand, bounds)
        most = demand.lines if demand.waits and demand.lines else AGENTS_MAX
        first = max(fewest(demand), chosen.agents - AROUND)
        last = min(most, chosen.agents + AROUND)
        table = tuple(
            chosen if number == chosen.agents else solve(demand, number)
            for number in range(first, last + 1)
        )
    return Plan(chosen, table, within_s, short_abandon_s, bounds)


def as_values(plan: Plan) -> dict[str, Any]:
    """The plan as JSON has it.

    `model`; the question (`interactions_per_hour`, `aht_s`, `patience_s`, `lines`,
    `within_s`, `short_abandon_s`, and in `bounds` what was asked for, or null);
    `offered_erlang`; `agents` (given or found); `met`, whether they keep the bounds;
    `safety` and `square_root_agents` (see `safety`); `answered_wait_s`, the waits that
    50, 90, 95 and 99 % of the answered do not exceed; `figures` of these agents, and
    `table`, the same for the agents around. Shares are from 0 to 1. Keys of `figures`
    stand in `figures_of`.
    """
    chosen, demand = plan.chosen, plan.chosen.demand
    bounds = None
    if plan.bounds is not None:
        given = asdict(plan.bounds)
        named = ("service_level", "asa_s", "abandonment", "occupancy", "blocking")
        bounds = {name: given[name] for name in named if given[name] is not None}
        if "service_level" in bounds:
            bounds["definition"] = plan.bounds.definition.value
    return {
        "model": chosen.model,
        "interactions_per_hour": demand.interactions_per_hour,
        "aht_s": demand.aht_s,
        "patience_s": demand.patience_s,
        "lines": demand.lines,
        "within_s": plan.within_s,
        "short_abandon_s": plan.short_abandon_s,
        "bounds": bounds,
        "offered_erlang": demand.offered_erlang,
        "agents": chosen.agents,
        "met": plan.met,
        "safety": plan.safety,
        "square_root_agents": plan.square_root,
        "answered_wait_s": {
            str(percent): chosen.answered_wait_s(percent / 100)
            for percent in _QUANTILES
        },
        "figures": figures_of(chosen, plan),
        "table": [figures_of(line, plan) for line in plan.table],
    }


def figures_of(line: Line, plan: Plan) -> dict[str, Any]:
    """`agents`, `occupancy`, `p_wait`, `p_block`, `abandonment`, `abandoned_within`,
    `asa_s`, `wait_sd_s` (both of the answered), `mean_wait_s` (of all),
    `mean_wait_abandoned_s` (null where nobody gives up), `mean_queue`, and
    `service_level` by the name of each definition. All but `p_block` are of those let in.
    """
    levels = line.service_levels(plan.within_s, plan.short_abandon_s)
    return {
        "agents": line.agents,
        "occupancy": line.occupancy,
        "p_wait": line.p_wait,
        "p_block": line.p_block,
        "abandonment": line.p_abandon,
        "abandoned_within": line.abandoned_within(plan.within_s),
        "asa_s": line.asa_s,
        "wait_sd_s": line.wait_sd_s,
        "mean_wait_s": line.mean_wait_s,
        "mean_wait_abandoned_s": line.mean_wait_abandoned_s,
        "mean_queue": line.mean_queue,
        "service_level": {name.value: level for name, level in levels.items()},
    }
