"""How often a forecast is right: days that are watched, and forecasts from within them.

A day of a scenario is run; at some instants its floor is put into an engine of its own,
a forecast is made from there, and what then happened is found among what was foreseen.
Where a forecast is right on average, the place of the truth among what was foreseen is
uniform from 0 to 1 (its probability integral transform; Dawid 1984), and a band of 80 %
holds it in 80 % of all cases.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from router.engine import commands as c
from router.engine.engine import Engine
from router.engine.floor import fork
from router.engine.kinds import Kind
from router.engine.tables import Floor
from simulator.forecast import Forecast
from simulator.lookahead import simulate_from
from simulator.plan import Plan, agent_ids_of, plan_of
from simulator.records import Column
from simulator.scenario.load import Loaded
from simulator.world import World

ENDS = (
    Kind.OFFER_ACCEPTED, Kind.INTERACTION_ABANDONED, Kind.INTERACTION_DEAD_LETTERED,
    Kind.INTERACTION_CANCELLED, Kind.INTERACTION_HANDED_OFF,
)  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """An instant of a day that was watched, and what happened after it."""

    at_ms: int
    seed: int
    engine: Engine
    """Stands at the instant, as a live one would."""
    counts: npt.NDArray[np.float64]
    """[stream, `Column`] of those who arrived in the next interval, as they stood another
    interval later."""
    remaining_ms: dict[int, int]
    """By row: how much longer whoever waited there did, two intervals at most."""


@dataclass(frozen=True)
class Places:
    """Where the truth lay among what was foreseen, from 0 to 1, one for each case."""

    wait: list[float]
    """Mean wait of a stream's arrivals."""
    abandoned: list[float]
    """Share of them who left."""
    remaining: list[float]
    """Remaining wait of one who waited."""


def opened(loaded: Loaded, now: int) -> Engine:
    """An engine with the scenario's policy and agents, and nobody at work."""
    engine = Engine()
    engine.begin(now)
    engine.perform(c.PublishPolicy(loaded.policy, loaded.policy_text))
    for name, staff in loaded.scenario.staff.items():
        if staff.roster is None:
            for agent_id in agent_ids_of(name, staff):
                engine.perform(
                    c.DefineAgent(
                        agent_id, skills=dict(staff.skills), groups=staff.groups,
                        capacity=staff.capacity, limits=dict(staff.limits), prefers=staff.prefers,
                        kind=staff.kind,
                    )
                )  # fmt: skip
    engine.take()
    return engine


def engine_with(floor: Floor, plan: Plan, loaded: Loaded, now: int) -> Engine:
    """An engine that has come to this floor by itself, the names of interactions aside."""
    engine = opened(loaded, plan.origin_ms)
    for key in plan.line_keys:
        engine.writer.lines.line(*key)
    engine.take()
    engine.machine.floor = fork(floor)
    engine.begin(now)
    return engine


def moments(loaded: Loaded, seed: int, intervals: Sequence[int]) -> list[Moment]:
    """The ends of these intervals of the first day, counted from 0; none of its last two."""
    plan = plan_of(loaded)
    every, streams = plan.layout.every_ms, len(plan.layout.streams)
    ends: list[npt.NDArray[Any]] = []
    engines: dict[int, Engine] = {}
    counts: dict[int, npt.NDArray[np.float64]] = {}

    def note(events: Any) -> None:
        kept = events[np.isin(events["kind"], ENDS)]
        ends.append(np.stack([kept["interaction"], kept["at"]], axis=1))

    def look(_: float) -> None:
        k = len(passed)
        passed.append(k)
        now = plan.origin_ms + (k + 1) * every
        if k in intervals:
            engines[k] = engine_with(world.floor, plan, loaded, now)
        if k - 2 in engines:
            table = np.asarray(world.scene.counts).reshape(-1, streams, len(Column))
            counts[k - 2] = table[k - 1].copy()

    passed: list[int] = []
    world = World(plan, seed, 0, on_events=note)
    world.run(look)
    ended = np.concatenate(ends)
    return [
        Moment(
            at_ms=engine.now, seed=seed, engine=engine, counts=counts[k],
            remaining_ms=dict(_remaining(engine, ended, 2 * every)),
        )
        for k, engine in engines.items()
    ]  # fmt: skip


def _remaining(engine: Engine, ended: Any, most_ms: int) -> Iterator[tuple[int, int]]:
    state = engine.floor.interactions.view(np.ndarray)["state"]
    later = ended[ended[:, 1] >= engine.now]
    for row in np.flatnonzero((state == 1) | (state == 2)).tolist():
        own = later[later[:, 0] == row, 1]
        left = int(own[0]) - engine.now if len(own) else most_ms
        yield row, min(left, most_ms)


def place(truth: float, foreseen: npt.NDArray[Any], chance: Any) -> float:
    """Where the truth lies among what was foreseen; ties are settled by chance."""
    below = int((foreseen < truth).sum())
    same = int((foreseen == truth).sum()) + 1
    return float((below + chance.random() * same) / (len(foreseen) + 1))


def places(
    loaded: Loaded, seen: Sequence[Moment], replications: int, least: float = 1.0
) -> Places:
    """Make the forecasts and compare. Only streams of which `least` arrivals are foreseen
    count, and cases in which somebody came.
    """
    chance = np.random.default_rng(4)
    found = Places([], [], [])
    for number, moment in enumerate(seen):
        every = int(loaded.scenario.every)
        forecast = simulate_from(
            moment.engine, loaded, every, seed=1_000 + number, replications=replications
        )
        for s, name in enumerate(forecast.layout.streams):
            foreseen = forecast.mean_wait_ms(name)
            some = ~np.isnan(foreseen)
            truth = moment.counts[s]
            ended = truth[Column.ANSWERED] + truth[Column.ABANDONED]
            arrived = forecast.counts[:, s, Column.ARRIVED].mean()
            if arrived < least or ended == 0 or some.sum() < 10:
                continue
            wait = truth[Column.ANSWERED_WAIT_MS] + truth[Column.ABANDONED_WAIT_MS]
            found.wait.append(place(wait / ended, foreseen[some], chance))
            left = _share_who_left(forecast, s)[some]
            found.abandoned.append(place(truth[Column.ABANDONED] / ended, left, chance))
        for k, row in enumerate(forecast.waiting_rows.tolist()):
            foreseen = forecast.remaining_ms[:, k]
            found.remaining.append(place(moment.remaining_ms[row], foreseen, chance))
    return found


def _share_who_left(forecast: Forecast, s: int) -> npt.NDArray[np.float64]:
    counts = forecast.counts[:, s]
    ended = counts[:, Column.ANSWERED] + counts[:, Column.ABANDONED]
    with np.errstate(invalid="ignore"):
        return np.asarray(counts[:, Column.ABANDONED] / ended)


def coverage(found: Sequence[float], share: float = 0.8) -> float:
    """How often the middle band of so large a share held the truth."""
    inside = [abs(one - 0.5) <= share / 2 for one in found]
    return float(np.mean(inside))
