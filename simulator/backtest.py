"""Days that are known, simulated as if they were not, and what came of it.

The first days of a log are fitted, the others held back. Each held-back day is simulated
many times and compared with what happened, interval by interval:

- `known`: the arrivals of the day are replayed, with the staff seen at work on it. Tests
  routing, handle times and patience.
- `forecast`: arrivals are drawn from the fitted curves, with the staff of the day.
- `blind`: arrivals and staff are both forecasts; nothing of the day is known.

Who was at work is estimated from the log in every case (`simulator.fit.presence`).
"""

import csv
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from simulator.fit.classes import classes_of
from simulator.fit.fitting import Fitted, fit_log
from simulator.fit.log import DAY_MS, EPOCH, Floats, Log, day_of, weekday_of
from simulator.fit.mapping import Mapping
from simulator.fit.presence import Presence, presence_of
from simulator.fit.routing import own_routing
from simulator.fit.scenario_writer import policy_text, scenario_text, scenario_values
from simulator.fit.staff_writer import expected_staff, staff_of_day
from simulator.plan import Plan, plan_of
from simulator.records import Column
from simulator.run import run_once
from simulator.scenario.load import Loaded, load_scenario

MODES: Final = ("known", "forecast", "blind")
WITHIN_S: Final = 20
"""Threshold of the service level that is compared; the fitted policy has the same."""
COLUMNS: Final = (
    Column.ARRIVED, Column.ANSWERED, Column.ABANDONED, Column.IN_TARGET,
    Column.ANSWERED_WAIT_MS,
)  # fmt: skip
OFFERED, ANSWERED, ABANDONED, IN_TARGET, WAIT_S = range(len(COLUMNS))
Listener = Callable[[int, int], None]
"""Hears how many of how many simulations are done."""


@dataclass(frozen=True, slots=True)
class DayRun:
    """One held-back day in one mode. Arrays: [interval, ...] with the columns offered,
    answered, abandoned, answered in time, and waits of the answered in seconds.
    """

    mode: str
    day: int
    actual: Floats
    """[interval, column]"""
    simulated: Floats
    """[replication, interval, column]"""


@dataclass(frozen=True, slots=True)
class Backtest:
    """All held-back days in all modes."""

    every_ms: int
    fitted_days: int
    replications: int
    seed: int
    runs: tuple[DayRun, ...]

    def of(self, mode: str) -> tuple[DayRun, ...]:
        return tuple(run for run in self.runs if run.mode == mode)

    @property
    def modes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(run.mode for run in self.runs))


def backtest(
    log: Log,
    mapping: Mapping,
    held_back: Sequence[int],
    *,
    modes: Sequence[str] = MODES,
    replications: int = 100,
    seed: int = 1,
    workers: int | None = None,
    growth: bool = True,
    progress: Listener | None = None,
) -> Backtest:
    """Fit the days of `log` before the held-back ones, and simulate those.

    Raises ValueError where there is nothing to fit or to compare with.
    """
    first = min(held_back)
    before = [day for day in log.days() if day < first]
    if not before or not np.isin(log.day, before).any():
        raise ValueError("there is no day before those held back")
    held = log.within(held_back)
    if not len(held):
        raise ValueError("the days held back have no rows")
    fitted = fit_log(log.within(before), mapping, growth=growth)
    if not len(fitted.presence.sessions):
        raise ValueError("the log names no agents, so who was at work is not known")
    there = _with_known_skills(presence_of(held), fitted.presence)
    days = [day for day in held_back if (held.day == day).any()]
    actual = {day: actual_of(held, day, fitted.every_ms) for day in days}
    with tempfile.TemporaryDirectory(prefix="santral-backtest-") as folder:
        tasks = [
            (mode, day, loaded_of(fitted, held, there, mode, day, Path(folder)))
            for mode in modes
            for day in days
        ]
        plans = [plan_of(loaded) for _, _, loaded in tasks]
        runs = tuple(
            DayRun(mode, day, actual[day], simulated[:, 0])
            for (mode, day, _), simulated in zip(
                tasks,
                simulate(plans, replications, seed, workers, progress),
                strict=True,
            )
        )
    return Backtest(fitted.every_ms, len(before), replications, seed, runs)


def backtest_scenario(
    loaded: Loaded,
    log: Log,
    *,
    replications: int = 100,
    seed: int = 1,
    workers: int | None = None,
    progress: Listener | None = None,
) -> Backtest:
    """Simulate a scenario over the days of `log`, from the day on which it starts.

    Service levels are compared only as far as the policy's threshold is that of the log's.
    Raises ValueError when no row of the log is on or after that day.
    """
    starts = day_of(EPOCH.fromisoformat(loaded.scenario.calendar.starts))
    days = sorted({int(day) for day in np.unique(log.day) if day >= starts})
    if not days:
        raise ValueError(
            f"the log has no row from {loaded.scenario.calendar.starts} on, where the "
            "scenario starts"
        )
    scenario = loaded.scenario.model_copy(update={"days": days[-1] - starts + 1})
    plan = plan_of(replace(loaded, scenario=scenario))
    every_ms = scenario.every
    (simulated,) = simulate([plan], replications, seed, workers, progress)
    within = loaded.policy.queues[next(iter(scenario.demand.values())).queue]
    target_ms = within.service_level.within_ms
    runs = tuple(
        DayRun(
            "scenario",
            day,
            actual_of(log, day, every_ms, target_ms / 1000),
            simulated[:, day - starts],
        )
        for day in days
    )
    return Backtest(every_ms, 0, replications, seed, runs)


def actual_of(log: Log, day: int, every_ms: int, within_s: float = WITHIN_S) -> Floats:
    """[interval, column]: what happened on a day, by when customers got in line."""
    mine = log.only(log.day == day)
    counts = np.zeros((DAY_MS // every_ms, len(COLUMNS)))
    interval = (mine.queued_ms % DAY_MS) // every_ms
    answered = mine.answered
    for column, weight in (
        (OFFERED, np.ones(len(mine))),
        (ANSWERED, answered),
        (ABANDONED, mine.abandoned),
        (IN_TARGET, answered & (mine.wait_s <= within_s)),
        (WAIT_S, np.where(answered, mine.wait_s, 0)),
    ):
        np.add.at(counts[:, column], interval, weight)
    return counts


def loaded_of(
    fitted: Fitted, held: Log, there: Presence, mode: str, day: int, folder: Path
) -> Loaded:
    """The scenario of one held-back day, by what is known of it."""
    arrivals = None
    if mode == "known":
        arrivals = _replayed(fitted, held, day, folder)
    if mode == "blind":
        staff = expected_staff(
            fitted, own_routing(fitted.log.types, "policy.yaml"), weekday_of(day)
        )
    else:
        staff = staff_of_day(fitted, there.on(day), held.agents, day)
    values = scenario_values(
        fitted,
        policy="policy.yaml",
        first_day=day,
        days=1,
        staff=staff,
        arrivals=arrivals,
        retries=mode != "known",
    )
    return load_scenario(
        scenario_text(fitted, values), policy_text(fitted), folder=folder
    )


def _replayed(fitted: Fitted, held: Log, day: int, folder: Path) -> dict[str, Any]:
    """The arrivals of the day as a trace, written to `folder`."""
    rows = np.flatnonzero(held.day == day)
    streams = streams_of(fitted, held)[rows]
    name = f"arrivals_{day}.csv"
    instants = np.datetime_as_string(held.queued_ms[rows].astype("datetime64[ms]"))
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["at", "stream"])
        for at, stream in zip(instants.tolist(), streams.tolist(), strict=True):
            writer.writerow([at, fitted.streams[stream].name])
    return {
        stream.name: {"trace": {"file": name, "where": {"stream": stream.name}}}
        for stream in map(fitted.streams.__getitem__, sorted(set(streams.tolist())))
    }


def streams_of(fitted: Fitted, rows: Log) -> npt.NDArray[np.int64]:
    """Which fitted stream each row belongs to: of its type and priority, or else of its
    type, or else the largest.
    """
    classes = classes_of(rows)
    largest = max(fitted.streams, key=lambda stream: stream.rows)
    of_class = []
    for type_, level in classes.keys:
        alike = [one for one in fitted.streams if one.type == type_] or [largest]
        same = [one for one in alike if one.priority == level]
        chosen = (same or [max(alike, key=lambda stream: stream.rows)])[0]
        of_class.append(fitted.streams.index(chosen))
    return np.array(of_class, dtype=np.int64)[classes.of_row]


def _with_known_skills(there: Presence, before: Presence) -> Presence:
    """Agents can do what the fitted days say; newcomers what the held-back days do."""
    known = {
        agent: before.skills.get(agent, own) for agent, own in there.skills.items()
    }
    return replace(there, skills=known)


def simulate(
    plans: Sequence[Plan],
    replications: int,
    seed: int,
    workers: int | None = None,
    progress: Listener | None = None,
) -> Iterator[Floats]:
    """[replication, day, interval, column] of each plan, in their order."""
    parts = [
        (plan, seed, first, min(first + _PART, replications))
        for plan in plans
        for first in range(0, replications, _PART)
    ]
    count = min(workers or cpu_count() or 1, len(parts))
    total, done = len(plans) * replications, 0
    found: list[Floats] = []
    for (_, _, first, last), counts in zip(parts, _all(parts, count), strict=True):
        found.append(counts)
        done += last - first
        if progress is not None:
            progress(done, total)
        if last == replications:
            yield np.concatenate(found)
            found = []


_PART: Final = 25
"""Replications that a worker carries out at a time."""
_Part = tuple[Plan, int, int, int]


def _all(parts: list[_Part], workers: int) -> Iterator[Floats]:
    if workers == 1:
        yield from map(_replicated, parts)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_replicated, parts)


def _replicated(part: _Part) -> Floats:
    """Some replications of a plan: all streams together."""
    plan, seed, first, last = part
    found = []
    for replication in range(first, last):
        record = run_once(plan, seed=seed, replication=replication)
        counts = record.streams[:-1].sum(axis=1)[:, list(COLUMNS)]
        counts[:, WAIT_S] /= 1000
        found.append(counts.reshape(record.days, record.intervals, len(COLUMNS)))
    return np.array(found)
