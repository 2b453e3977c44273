"""Running a case: how long, cut into which batches, and what came of it.

A system in balance is one long run (or several, where 3,000 days are not enough), of which
the beginning is dropped and the rest cut into stretches; days that begin empty are run one
after the other. Random numbers depend on the seed and the case's text alone.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

from simulator.plan import Plan, plan_of
from simulator.records import Layout, RunRecord
from simulator.reference.batches import BATCHES, Sums, groups_of_days, stretches
from simulator.reference.estimates import Estimate, estimates, quantile_of
from simulator.reference.reading import Case
from simulator.reference.registry import setup_of
from simulator.reference.setup import Setup
from simulator.reference.times import NotExpressed
from simulator.run import run_once
from simulator.scenario.load import ScenarioInvalid, load_scenario

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000
DAYS_AT_ONCE: Final = 3_000
ROWS_AT_ONCE: Final = 200_000
"""Of days: so many intervals times streams of one run are kept in memory, or 50 MB."""
ROWS_IN_ALL: Final = 1_000_000
"""The same for all batches together."""
BATCHES_OF_DAYS: Final = 400
BATCHES_MIN: Final = 60
UNITS_MIN: Final = 30
"""Of days or weeks: without so many nobody knows how much they vary."""
WHOLE_RUNS: Final = 64
"""Where outputs are quantiles, which are known for whole runs alone."""
DROPPED: Final = 0.05
"""Of a long run: what the beginning is at least."""
FORGOTTEN_AFTER: Final = 20
"""How many times its slowest mean time the beginning is at least."""
EVERY_MIN: Final = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480,
                    720, 1440)  # fmt: skip

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of a case."""

    id: str
    group: str
    expressed: bool
    reason: str = ""
    interactions: int = 0
    took_s: float = 0.0
    outputs: dict[str, Estimate] | None = None


def verdict_of(
    case: Case, interactions: int, seed: int, progress: Progress | None = None
) -> Verdict:
    """Express the case, run it and compare. Cases that cannot be expressed say why."""
    began = perf_counter()
    try:
        setup = setup_of(case)
        if setup.kind == "days":
            layout, batches, every_ms = _days(setup, interactions, seed, progress)
        else:
            whole = any(quantile_of(name) is not None for name in case.outputs)
            layout, batches, every_ms = _stretches(
                setup, interactions, seed, progress, WHOLE_RUNS if whole else 1
            )
    except NotExpressed as why:
        return Verdict(case.id, case.group, expressed=False, reason=str(why))
    except ScenarioInvalid as invalid:
        reason = f"the language refuses it: {invalid}".replace("\n", "; ")
        return Verdict(case.id, case.group, expressed=False, reason=reason)
    except Exception as broken:  # noqa: BLE001 one case must not take the others along
        reason = f"the run broke: {broken!r}"
        return Verdict(case.id, case.group, expressed=False, reason=reason)
    counted = round(sum(float(batch.days[1]) for batch in batches))
    return Verdict(
        case.id,
        case.group,
        expressed=True,
        interactions=counted,
        took_s=perf_counter() - began,
        outputs=estimates(case, setup, layout, batches, every_ms),
    )


def _planned(setup: Setup, days: int, every_ms: int, warm_up_ms: int) -> Plan:
    loaded = load_scenario(
        setup.scenario_text(days, every_ms, warm_up_ms),
        setup.policy_text(),
        file="scenario.yaml",
        policy_file="policy.yaml",
    )
    return plan_of(loaded)


Ran = tuple[Layout, list[Sums], int]


def _stretches(
    setup: Setup,
    interactions: int,
    seed: int,
    progress: Progress | None,
    runs_min: int,
) -> Ran:
    wanted_h = interactions / setup.per_hour
    dropped_h = max(DROPPED * wanted_h, FORGOTTEN_AFTER * setup.slowest_s / 3600)
    runs = max(runs_min, math.ceil((wanted_h + dropped_h) / 24 / DAYS_AT_ONCE))
    if runs_min > 1:
        dropped_h = FORGOTTEN_AFTER * setup.slowest_s / 3600
    hours = wanted_h / runs
    each = math.ceil(BATCHES / runs) if runs < WHOLE_RUNS else 1
    every_ms = 60_000 * max(
        minutes for minutes in EVERY_MIN if minutes <= max(1.0, hours * 15 / each)
    )
    skip = math.ceil(dropped_h * HOUR_MS / every_ms)
    after = math.ceil(FORGOTTEN_AFTER * setup.slowest_s * 1000 / every_ms)
    until = skip + each * max(1, math.ceil(hours * HOUR_MS / every_ms / each))
    days = math.ceil((until + after) * every_ms / DAY_MS)
    if days == 1:
        setup.end_arrivals((until + after) * every_ms)
    else:
        # Whole days are run anyway, so all of them are used but for the end.
        until = days * (DAY_MS // every_ms) - after
    plan = _planned(setup, days, every_ms, skip * every_ms)
    batches: list[Sums] = []
    for run in range(runs):
        record = _run(plan, seed, run, runs, progress)
        batches += stretches(record, skip, until, each)
    return plan.layout, batches, every_ms


def _days(setup: Setup, interactions: int, seed: int, progress: Progress | None) -> Ran:
    units = max(UNITS_MIN, math.ceil(interactions / setup.per_unit))
    rows = DAY_MS // setup.every_ms * len(setup.demand)
    at_once = max(1, min(DAYS_AT_ONCE, ROWS_AT_ONCE // rows))
    at_once = max(1, at_once // setup.unit_days)
    count = max(BATCHES_MIN, min(BATCHES_OF_DAYS, ROWS_IN_ALL // rows))
    each = max(1, units // count)
    runs = math.ceil(units / max(each, at_once // each * each))
    units_a_run = math.ceil(units / runs / each) * each
    plan = _planned(setup, units_a_run * setup.unit_days, setup.every_ms, 0)
    batches: list[Sums] = []
    for run in range(runs):
        record = _run(plan, seed, run, runs, progress)
        batches += groups_of_days(record, setup.unit_days, each)
    return plan.layout, batches, setup.every_ms


def _run(
    plan: Plan, seed: int, run: int, runs: int, progress: Progress | None
) -> RunRecord:
    def told(share: float) -> None:
        if progress is not None:
            progress((run + share) / runs)

    return run_once(plan, seed, run, told)


def as_values(verdict: Verdict) -> dict[str, Any]:
    """The verdict as plain values for JSON."""
    values: dict[str, Any] = {
        "id": verdict.id,
        "group": verdict.group,
        "expressed": verdict.expressed,
    }
    if not verdict.expressed:
        return {**values, "reason": verdict.reason, "outputs": {}}
    values["interactions"] = verdict.interactions
    values["took_s"] = round(verdict.took_s, 3)
    values["outputs"] = {
        name: _output(estimate) for name, estimate in (verdict.outputs or {}).items()
    }
    return values


def _output(estimate: Estimate) -> dict[str, Any]:
    if estimate.reason:
        return {
            "exact": estimate.exact,
            "simulated": None,
            "z": None,
            "reason": estimate.reason,
        }
    return {
        "exact": estimate.exact,
        "simulated": _each(estimate.compared, "simulated"),
        "standard_error": _each(estimate.compared, "error"),
        "z": _each(estimate.compared, "z"),
    }


def _each(parts: Any, name: str) -> Any:
    if isinstance(parts, list):
        return [_each(part, name) for part in parts]
    value = getattr(parts, name)
    return None if math.isnan(value) else value
