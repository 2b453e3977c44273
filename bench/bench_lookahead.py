"""Forecasts from a live floor: what they cost, and how often they are right.

The bank's day is watched on some seeds; from the same instants of each a forecast of the
next half hour is made and compared with what then happened. A band that is meant to hold
80 % should do so. What makes half hours of the day busier than their neighbours is not
known to the forecast.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from bench.calibration import Moment, Places, coverage, moments, places
from bench.rows import Row, row
from router.engine import commands as c
from router.engine.engine import Engine
from router.model.agent import Link, Presence
from router.model.channel import Channel
from simulator.lookahead import simulate_from
from simulator.scenario.load import Loaded, load_scenario, read_scenario

BANK = Path(__file__).parents[1] / "examples/scenarios/bank_day.yaml"
HALF_HOUR = 1_800_000
BUSIEST = 20
"""Half hours of the day, counted from 0; this one ends when the busiest begins."""
INSTANTS = (17, BUSIEST, 23, 27, 30, 33, 39)
SEEDS = 8
REPLICATIONS = 50
AGENTS, WAITING = 100, 1_000


def measure() -> list[Row]:
    bank = read_scenario(BANK)
    seen = [one for seed in range(SEEDS) for one in moments(bank, seed, INSTANTS)]
    return [*_costs(bank, seen), *_crowd(), *_coverage(bank, seen)]


def _costs(bank: Loaded, seen: list[Moment]) -> list[Row]:
    busy = [one.engine for one in seen if one.at_ms // HALF_HOUR % 48 == BUSIEST + 1]
    each = [
        _ms(partial(simulate_from, engine, bank, HALF_HOUR, replications=20)) / 20
        for engine in busy
        for _ in range(3)
    ]
    of = "forecast of 30 min, bank at its busiest"
    return [row(f"{of}: one replication, p50", median(each), "ms")]


def _crowd() -> list[Row]:
    """What is done once for all replications, on a floor that is full of people."""
    engine, forecast = crowded()
    copies = [
        _ms(lambda: simulate_from(engine, forecast, HALF_HOUR, replications=0))
        for _ in range(15)
    ]
    each = [
        _ms(lambda: simulate_from(engine, forecast, HALF_HOUR, replications=5)) / 5
        for _ in range(5)
    ]
    of = f"forecast of 30 min, {AGENTS} agents, {WAITING} waiting"
    return [
        row(f"{of}: floor copied and planned, p50", median(copies), "ms"),
        row(f"{of}: one replication, p50", median(each), "ms"),
    ]


def _coverage(bank: Loaded, seen: list[Moment]) -> list[Row]:
    by_instant = {
        at: places(bank, [one for one in seen if one.at_ms == at], REPLICATIONS)
        for at in sorted({one.at_ms for one in seen})
    }
    of = "forecast of 30 min, bank: 80 % band holds the truth"
    rows = []
    for what, taken in _WHAT.items():
        every = [place for found in by_instant.values() for place in taken(found)]
        rows.append(row(f"{of}, {what}", 100 * coverage(every), "%"))
    for at, found in by_instant.items():
        minutes = at // 60_000 % 1_440
        clock = f"{minutes // 60:02}:{minutes % 60:02}"
        rows.append(row(f"{of}, mean wait, {clock}", 100 * coverage(found.wait), "%"))
    return rows


_WHAT: dict[str, Callable[[Places], list[float]]] = {
    "mean wait": lambda found: found.wait,
    "share abandoned": lambda found: found.abandoned,
    "remaining wait": lambda found: found.remaining,
}


def crowded() -> tuple[Engine, Loaded]:
    """A hundred agents who all talk, a thousand customers who wait, and a forecast."""
    policy = (
        "policy: crowd\nskills: [a]\nchannels: {voice: {weight: 1, limit: 1}}\n"
        "queues: {First: {service_level: {target: 80, within: 20s}, needs: {all_of: {a: 1}}}}\n"
    )
    scenario = (
        "scenario: crowd\npolicy: policy\ncalendar: {starts: 2026-03-02}\ndemand:\n"
        "  Calls: {queue: First, channel: voice, arrivals: {per_hour: 1200},\n"
        "          handle: {exponential: 5m}, patience: {exponential: 20m}}\n"
        f"staff: {{Desk: {{agents: {AGENTS}, skills: {{a: 1}}}}}}\n"
    )
    forecast = load_scenario(scenario, policy)
    engine = Engine()
    engine.begin(_NINE)
    engine.perform(c.PublishPolicy(forecast.policy, forecast.policy_text))
    for k in range(AGENTS):
        engine.perform(c.DefineAgent(f"Desk.{k + 1}", skills={"a": 1}))
        engine.perform(c.SignIn(f"Desk.{k + 1}", Link.GATEWAY, Presence.AVAILABLE))
    for k in range(AGENTS + WAITING):
        engine.perform(c.Enqueue(f"i-{k}", "First", Channel.VOICE))
    offered = engine.floor.interactions[: AGENTS + WAITING]
    agents = engine.names.agents.texts
    for offer, agent in zip(
        offered["offer"].tolist(), offered["agent"].tolist(), strict=True
    ):
        if offer:
            engine.perform(c.AcceptOffer(agents[agent], offer))
    engine.take()
    engine.begin(_NINE + 60_000)
    return engine, forecast


_NINE = 1_772_442_000_000
"""Nine o'clock of the forecast's first day."""


def _ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1_000
