"""Intervals cover on days that the engine routed: M/M/c+M in the morning, closed at
night.

One run of many days is many days of their own, since nobody waits over night: far
cheaper than as many replications. They are dealt out into experiments of 10 and of 30
days, three times over.
"""

import numpy as np
import pytest

from simulator.parts import Amounts, stream_parts
from simulator.plan import plan_of
from simulator.run import run_once
from simulator.scenario.load import load_scenario
from simulator.statistics import intervals

DAYS, RUNS, DEALS = 3_000, 4, 3
LEAST, MOST = 0.93, 0.97
FIGURES = ("service_level", "abandonment", "asa_s", "p_wait", "offered")
POLICY = """\
policy: one queue
channels:
  voice: {weight: 1, limit: 1}
capacity: 1
queues:
  Calls:
    service_level: {target: 80, within: 20s}
    wrap_up: 0s
"""
SCENARIO = f"""\
scenario: mornings
policy: policy.yaml
days: {DAYS}
every: 24h
demand:
  Calls:
    queue: Calls
    channel: voice
    arrivals: {{per_hour: 60, from: 9h, until: 11h, day_factor: {{gamma_shape: 30}}}}
    handle: {{exponential: 5m}}
    patience: {{exponential: 5m}}
staff:
  Agents: {{agents: 6, shifts: [{{from: 9h, until: 12h}}]}}
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def figures():
    """Part and whole of each figure by day."""
    loaded = load_scenario(
        SCENARIO, POLICY, file="mornings.yaml", policy_file="policy.yaml", folder=None
    )
    plan = plan_of(loaded)
    records = [run_once(plan, seed=1, replication=number) for number in range(RUNS)]
    streams, areas = (
        np.concatenate([record.by_day(getattr(record, name)) for record in records])
        for name in ("streams", "areas")
    )
    nobody = np.zeros(0)
    amounts = Amounts(streams, areas, nobody, nobody, 86_400_000.0)
    table = stream_parts(plan.layout, amounts)
    return {
        name: np.broadcast_arrays(part[:, 0], np.ravel(whole))
        for name, (part, whole) in table.items()
        if name in FIGURES
    }


def test_the_days_are_busy_and_unlike(figures):
    level, whole = figures["service_level"]

    assert 100 < figures["offered"][0].mean() < 140
    assert 0.4 < level.sum() / whole.sum() < 0.9
    assert (level / whole).std() > 0.1


@pytest.mark.parametrize("days", [10, 30])
@pytest.mark.parametrize("figure", FIGURES)
def test_intervals_cover_what_many_days_come_to(figures, figure, days):
    part, whole = figures[figure]
    truth = part.sum() / whole.sum()
    rng = np.random.default_rng(1)
    dealt = np.concatenate([rng.permutation(len(part)) for _ in range(DEALS)])
    chosen = dealt.reshape(-1, days).T

    found = intervals(part[chosen], whole[chosen], 0.95)

    share = float(np.mean(np.abs(found.mean - truth) <= found.half_width))
    print(f"{figure}, {days} days, {found.mean.size} experiments: {share:.1%} covered")
    assert found.mean.size >= 1_000
    assert LEAST <= share <= MOST
