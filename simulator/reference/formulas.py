"""What a published staffing says beside its plan: its cost, and how many agents formulas
would take for each class alone. Computed here, not simulated.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from simulator.erlang.demand import Demand
from simulator.erlang.staffing import Bounds, least_agents
from simulator.reference.times import mean_s

_TARGET: Final = re.compile(r"([0-9]{1,2})/[0-9]+")
TARGET: Final = 0.8
SECONDS_AN_HOUR: Final = 3600.0


def published(
    said: str,
    agents: Sequence[int],
    costs: Sequence[float] | None,
    rates: Sequence[float],
    times: Sequence[tuple[Mapping[str, Any], Mapping[str, Any] | None]],
    within_s: float | None,
) -> dict[str, Any]:
    """By output. `times` has service and patience by class."""
    found: dict[str, Any] = {}
    if costs is not None and len(costs) == len(agents):
        found["cost"] = sum(n * cost for n, cost in zip(agents, costs, strict=True))
    if within_s is None:
        return found
    target = _TARGET.search(said)
    share = int(target.group(1)) / 100 if target else TARGET
    bounds = Bounds(service_level=share, within_s=within_s)
    for name, gives_up in (
        ("erlang_a_separately", True),
        ("erlang_c_separately", False),
    ):
        found[name] = [
            least_agents(
                Demand(
                    rate,
                    mean_s(dict(service)),
                    mean_s(dict(patience)) if patience and gives_up else None,
                ),
                bounds,
            ).agents
            for rate, (service, patience) in zip(rates, times, strict=True)
        ]
    return found
