"""A scenario from an interval table: counts and means, where the log itself is not at hand.

Arrival curves and their noise are fitted as from a log. A table has means only: handle
times are exponential, patience as well, and both say so. Patience is the time spent
waiting, as far as the table tells it, divided by the number who gave up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from router.model.time import format_duration
from simulator.fit.arrivals import ArrivalFit, fit_arrivals
from simulator.fit.log import DAY_MS, Floats, IntervalTable, date_of, weekday_of
from simulator.fit.routing import CHANNEL, Routing
from simulator.fit.scenario_writer import arrival_values
from simulator.fit.service import duration
from simulator.fit.staff_writer import rounded, shifts_of
from simulator.scenario.demand import WEEKDAYS

PATIENCE_S: Final = 300.0
"""Mean patience where a table does not say enough."""
SERVICE_S: Final = 300.0
"""Mean handle time where a table does not say any."""
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TableFit:
    """What an interval table says, by type."""

    table: IntervalTable
    arrivals: ArrivalFit
    handle_s: tuple[float, ...]
    patience_s: tuple[float, ...]
    at_work: Floats
    """[weekday, type, interval]: mean number of agents."""
    guessed: tuple[str, ...]
    """What the table does not say, in words."""


def fit_table(table: IntervalTable, *, growth: bool = True) -> TableFit:
    """Estimate what a table can tell. Raises ValueError when it has no arrival."""
    day = table.begins_ms // DAY_MS
    days = list(range(int(day.min()), int(day.max()) + 1))
    interval = (table.begins_ms % DAY_MS) // table.every_ms
    shape = (len(days), DAY_MS // table.every_ms, len(table.types))
    counts, agents = np.zeros(shape), np.full(shape, np.nan)
    where = (day - days[0], interval, table.type)
    np.add.at(counts, where, table.offered)
    agents[where] = table.agents
    arrivals = fit_arrivals(counts, days, table.every_ms, growth=growth)
    guessed: list[str] = []
    handle, patience = [], []
    for kind, name in enumerate(table.types):
        mine = table.type == kind
        handle.append(_weighted(table.aht_s[mine], table.answered[mine]))
        if np.isnan(handle[-1]):
            handle[-1] = SERVICE_S
            guessed.append(f"handle time of {name}: {SERVICE_S:.0f} s")
        patience.append(_patience(table, mine))
        if np.isnan(patience[-1]):
            patience[-1] = PATIENCE_S
            guessed.append(f"patience of {name}: {PATIENCE_S:.0f} s")
    if np.isnan(agents).all():
        guessed.append("staff: the offered load and its square root")
    weekdays = np.array([weekday_of(one) for one in days])
    at_work = _at_work(counts, agents, weekdays, np.array(handle), table.every_ms)
    return TableFit(
        table, arrivals, tuple(handle), tuple(patience), at_work, tuple(guessed)
    )


def _weighted(means: Floats, weights: Floats) -> float:
    """The mean of means that are known; NaN when none is."""
    known = ~np.isnan(means) & (weights > 0)
    if not known.any():
        return float("nan")
    return float(np.average(means[known], weights=weights[known]))


def _patience(table: IntervalTable, mine: Any) -> float:
    """Mean of an exponential patience; NaN when the table does not say.

    Everybody's time in line over the number who gave up; those who gave up are taken to
    have waited as long as the answered of their interval, for a table has no wait of
    theirs.
    """
    asa, offered, left = table.asa_s[mine], table.offered[mine], table.abandoned[mine]
    known = ~np.isnan(asa)
    waited = float((asa[known] * offered[known]).sum())
    gave_up = float(left[known].sum())
    return waited / gave_up if waited and gave_up >= 1 else float("nan")


def _at_work(
    counts: Floats, agents: Floats, weekdays: Any, handle_s: Floats, every_ms: int
) -> Floats:
    """[weekday, type, interval]: as the table says, or the load and its square root."""
    found = np.zeros((7, counts.shape[2], counts.shape[1]))
    for weekday in set(weekdays.tolist()):
        mine = weekdays == weekday
        load = counts[mine].mean(axis=0) * handle_s * 1000 / every_ms
        staffed = np.where(load > 0, np.ceil(load + np.sqrt(load)), 0)
        told = agents[mine]
        if not np.isnan(agents).all():
            known = ~np.isnan(told)
            total = np.where(known, told, 0).sum(axis=0)
            staffed = total / np.maximum(known.sum(axis=0), 1)
        found[weekday] = staffed.T
    return found


def table_scenario(
    fit: TableFit, routing: Routing, first_day: int, days: int
) -> Values:
    """The scenario of a table, from `first_day` on."""
    demand: Values = {}
    for position, name in enumerate(fit.table.types):
        demand[name] = {
            "queue": routing.queues[name],
            "channel": CHANNEL,
            "handle": {"exponential": duration(fit.handle_s[position])},
            "patience": {"exponential": duration(fit.patience_s[position])},
            "arrivals": arrival_values(fit.arrivals, position, first_day),
        }
    staff: Values = {}
    for weekday in range(7):
        counts = rounded(fit.at_work[weekday])
        for position, name in enumerate(fit.table.types):
            if counts[position].any():
                staff[f"{name[:58]} ({WEEKDAYS[weekday]})"] = {
                    "agents": int(counts[position].max()),
                    **routing.abilities([name]),
                    "shifts": shifts_of(
                        counts[position], fit.table.every_ms, WEEKDAYS[weekday]
                    ),
                }
    return {
        "scenario": f"fitted to {fit.table.file.rsplit('/', 1)[-1]}"[:64],
        "policy": routing.file,
        "calendar": {"starts": date_of(first_day).isoformat()},
        "days": days,
        "every": format_duration(fit.table.every_ms),
        "demand": demand,
        "staff": staff,
    }


def remarks_on_table(fit: TableFit) -> Mapping[tuple[str, ...], list[str]]:
    """Comments by the path of what they explain."""
    noise, table = fit.arrivals.noise, fit.table
    shape = (
        f"gamma of shape {noise.gamma_shape:.4g}" if noise.gamma_shape else "none found"
    )
    varies = (
        f"Day factor: {shape}; within the day: sd {noise.within_sd:.3f}, correlation "
        f"{noise.correlation:.2f} ({noise.days} days)."
    )
    head = [
        f"Fitted to {table.file.rsplit('/', 1)[-1]}: {len(table)} rows of intervals.",
        varies,
        "A table has means only: handle times and patience are exponential.",
    ]
    if fit.guessed:
        head.append(
            "Guessed, for the table does not say: " + "; ".join(fit.guessed) + "."
        )
    return {(): head}


def described_table(fit: TableFit) -> Values:
    """What was estimated, as plain values: the `--json` of `fit`."""
    noise = fit.arrivals.noise
    return {
        "file": fit.table.file,
        "rows": fit.table.left_out.rows,
        "used": len(fit.table),
        "ignored": dict(fit.table.left_out.ignored),
        "bad_rows": fit.table.left_out.bad,
        "streams": {
            name: {
                "offered": float(fit.table.offered[fit.table.type == kind].sum()),
                "handle_mean_s": fit.handle_s[kind],
                "patience_mean_s": fit.patience_s[kind],
            }
            for kind, name in enumerate(fit.table.types)
        },
        "arrivals": {
            "growth_a_day": fit.arrivals.growth_a_day,
            "day_gamma_shape": noise.gamma_shape,
            "within_day_sd": noise.within_sd,
            "within_day_correlation": noise.correlation,
            "dispersion": noise.dispersion,
        },
        "guessed": list(fit.guessed),
    }
