"""The simulator as `bench_simulator` asks for it, and the only place that knows how.

Every model is a scenario and a policy as anybody would write them, through the whole
engine: offers, timers, scores. `seconds` of a result are those from the first arrival to
the last event: what was compiled, read and built before is not in them. The first
`WARM_UP` interactions are simulated and not counted. Nothing here imports a peer, so a
process that only wants a first result loads nothing else.
"""

import math

from bench.centres import PATIENCE_S, SERVICE_S, Centre
from bench.peers.models import AGENTS_A, POOL_1, POOL_2, WARM_UP, A, N
from bench.peers.result import Result
from simulator.plan import Plan, plan_of
from simulator.records import Column
from simulator.run import run_once
from simulator.scenario.load import load_scenario

_EXPONENTIAL = f"{{exponential: {SERVICE_S:g}s}}"
_PATIENCE = f"{{exponential: {PATIENCE_S:g}s}}"
_NOTHING_ELSE = "priority: 0, ownership: 0, fairness: 0, scarcity: 0, channel_fit: 0"
_LONGEST_IDLE = f"{{skill_fit: 0, waiting: 10, idle: 1, {_NOTHING_ELSE}}}"
_OWN_POOL = f"{{skill_fit: 100, waiting: 10, idle: 1, {_NOTHING_ELSE}}}"


def model_a(interactions: int, seed: int) -> Result:
    """M/M/100+M of `peers.models` through the full engine: offers, timers, scores."""
    staff = [(AGENTS_A, {"t0": 1})]
    return _run(_voice([A.per_hour], staff, _LONGEST_IDLE, interactions), seed)


def model_n(interactions: int, seed: int) -> Result:
    """The two-skill model of `peers.models` through the full engine."""
    # One level to spare fits best: pool 1 goes first for its own type.
    staff = [(POOL_1, {"t0": 2}), (POOL_2, {"t0": 1, "t1": 1})]
    half = N.per_hour / 2
    return _run(_voice([half, half], staff, _OWN_POOL, interactions), seed)


def centre(floor: Centre, interactions: int, seed: int) -> Result:
    """Types and groups in any number; the result's counts are by type."""
    staff = [
        (group.agents, {f"t{kind}": 1 for kind in group.types})
        for group in floor.groups
    ]
    return _run(_voice(list(floor.per_hour), staff, _LONGEST_IDLE, interactions), seed)


def omnichannel_day(agents: int, interactions: int, seed: int) -> int:
    """A day of voice, chat and e-mail with owners and concurrent chats.

    Returns how many interactions arrived. The caller's clock covers all of it, building
    the floor and summing up included.
    """
    record = run_once(_omnichannel(agents, interactions), seed, 0)
    return round(float(record.streams[..., Column.ARRIVED].sum()))


def first_result() -> float:
    """What a planner does first: a small scenario, one replication; its ASA, s."""
    return _run(_voice([60.0], [(6, {"t0": 1})], _LONGEST_IDLE, 6_000), 1).asa_s[0]


def days(count: int, seed: int) -> int:
    """So many days of one floor on end, carrying over; how many interactions arrived."""
    plan = _voice([600.0], [(52, {"t0": 1})], _LONGEST_IDLE, 600 * 24 * count)
    return round(float(run_once(plan, seed, 0).streams[..., Column.ARRIVED].sum()))


def _run(plan: Plan, seed: int) -> Result:
    record = run_once(plan, seed, 0)
    counts = record.streams.sum(axis=0)

    def by_type(column: Column) -> tuple[int, ...]:
        return tuple(round(float(one)) for one in counts[:, column])

    return Result(
        interactions=record.arrivals,
        seconds=record.took_s,
        served=by_type(Column.ANSWERED),
        abandoned=by_type(Column.ABANDONED),
        waited=by_type(Column.WAITED),
        wait_served_s=tuple(
            float(one) / 1000 for one in counts[:, Column.ANSWERED_WAIT_MS]
        ),
    )


def _voice(
    per_hour: list[float],
    staff: list[tuple[int, dict[str, int]]],
    score: str,
    interactions: int,
) -> Plan:
    """Calls of several types around the clock, a queue each, for as many days as it takes."""
    types = range(len(per_hour))
    policy = [
        "policy: measured",
        f"skills: [{', '.join(f't{kind}' for kind in types)}]",
        "channels: {voice: {weight: 1, limit: 1, exclusive: true}}",
        "capacity: 1",
        "retention: {ended: 0s}",
        f"score: {score}",
        "queues:",
        *(
            f"  q{kind}: {{service_level: {{target: 80, within: 20s}}, needs: {{all_of: {{t{kind}: 1}}}}, "
            "wrap_up: 0s}"
            for kind in types
        ),
    ]
    hours = interactions / sum(per_hour)
    every_h = 6 if hours >= 48 else 1
    warm_up_h = every_h * math.ceil(WARM_UP / sum(per_hour) / every_h)
    scenario = [
        "scenario: measured",
        "policy: measured.yaml",
        f"days: {max(1, math.ceil(hours / 24))}",
        f"every: {every_h}h",
        "ends: at_midnight",
        f"warm_up: {warm_up_h}h",
        "demand:",
        *(
            f"  {kind}: {{queue: q{kind}, channel: voice, arrivals: {{per_hour: {rate!r}, until: "
            f"{_until(hours)}}}, handle: {_EXPONENTIAL}, patience: {_PATIENCE}}}"
            for kind, rate in enumerate(per_hour)
        ),
        "staff:",
        *(
            f"  g{number}: {{agents: {agents}, skills: {_mapping(skills)}}}"
            for number, (agents, skills) in enumerate(staff)
        ),
    ]
    return _plan(scenario, policy)


def _until(hours: float) -> str:
    """A run of less than a day ends with the last arrival wanted."""
    return "24h" if hours >= 24 else f"{math.ceil(hours * 3600)}s"


def _omnichannel(agents: int, interactions: int) -> Plan:
    """Voice, chat and e-mail from 8 to 20 o'clock; the policy's own weights of the score."""
    policy = [
        "policy: omnichannel",
        "skills: [speech, writing, letters]",
        "channels:",
        "  voice: {weight: 3, limit: 1, exclusive: true}",
        "  chat: {weight: 1, limit: 3}",
        "  email: {weight: 1, limit: 2, interruptible: true}",
        "capacity: 3",
        "queues:",
        "  Calls: {needs: {all_of: {speech: 1}}, wrap_up: 20s}",
        "  Chats: {needs: {all_of: {writing: 1}}, wrap_up: 0s, hold_back_max: 3m}",
        "  Letters: {needs: {all_of: {letters: 1}}, wrap_up: 0s, hold_back_max: 1h, max_wait: 3d}",
    ]
    each = interactions / 12
    stream = "arrivals: {{per_hour: {:.3f}, from: 8h, until: 20h}}"
    scenario = [
        "scenario: omnichannel",
        "policy: omnichannel.yaml",
        "demand:",
        f"  calls: {{queue: Calls, channel: voice, {stream.format(0.4 * each)},",
        "    handle: {lognormal: {mean: 40m, cv: 1}}, patience: {exponential: 5m},",
        "    ownership: {share: 0.2, hold: 1m}}",
        f"  chats: {{queue: Chats, channel: chat, {stream.format(0.4 * each)},",
        "    handle: {lognormal: {mean: 90m, cv: 1}}, patience: {exponential: 4m},",
        "    ownership: {share: 0.3, hold: 3m}}",
        f"  letters: {{queue: Letters, channel: email, {stream.format(0.2 * each)},",
        "    handle: {exponential: 60m}, ownership: {share: 0.3, hold: 1h}}",
        "slow_down: [{channels: [chat], factors: [1, 1.2, 1.5]}]",
        "staff:",
    ]
    kinds = [{"speech": 3}, {"speech": 2, "writing": 3}, {"writing": 2, "letters": 3}]
    for number in range(12):
        held = kinds[number % 3]
        scenario.append(
            f"  g{number}: {{agents: {agents // 12 + (number < agents % 12)}, skills: {_mapping(held)}, "
            "shifts: [{from: 8h, until: 20h}]}"
        )
    return _plan(scenario, policy)


def _plan(scenario: list[str], policy: list[str]) -> Plan:
    return plan_of(load_scenario("\n".join(scenario), "\n".join(policy)))


def _mapping(skills: dict[str, int]) -> str:
    return "{" + ", ".join(f"{name}: {level}" for name, level in skills.items()) + "}"
