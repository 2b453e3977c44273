"""A live floor run forward: what is foreseen is what then happens, as often as it says.

The day that happens is a day of a scenario; the forecast is the same scenario with other
chances, from the floor as it stands at an instant of that day.
"""

from pathlib import Path

import numpy as np
import pytest

from bench.calibration import coverage, engine_with, moments, opened, places
from router.engine.engine import Engine
from router.engine.floor import fork
from router.engine.snapshot import capture
from simulator.forecast import STILL_WAITS, ForecastUnfit
from simulator.lookahead import simulate_from
from simulator.plan import plan_of
from simulator.records import Column
from simulator.scenario.load import load_scenario, read_scenario
from simulator.world import World
from tests.simulator.live import stood

EXAMPLES = Path(__file__).parents[2] / "examples"
HALF_HOUR = 1_800_000
HOUR = 3_600_000
BANK = read_scenario(EXAMPLES / "scenarios/bank_day.yaml")


# ------------------------------------------------------------------ the proof


@pytest.fixture(scope="module")
def seen():
    """The bank's floor at half past ten, at two, at half past three (when shifts change)
    and at five, on four days.
    """
    return [one for seed in range(4) for one in moments(BANK, seed, (20, 27, 30, 33))]


@pytest.fixture(scope="module")
def found(seen):
    return places(BANK, seen, replications=30)


def test_the_band_of_80_percent_holds_what_then_happened_in_about_80_percent(found):
    assert len(found.wait) > 80
    assert 0.68 <= coverage(found.wait) <= 0.92
    assert 0.68 <= coverage(found.abandoned) <= 0.92


def test_who_waits_now_waits_on_as_it_was_foreseen(found, seen):
    assert len(found.remaining) > 40
    assert 0.68 <= coverage(found.remaining) <= 0.92
    # As often longer as shorter, and no pile at either end. Those who wait at the same
    # instant share their fate, so it is instants that count (Kolmogorov, 5 %).
    ordered = np.sort(found.remaining)
    distance = np.abs(ordered - np.linspace(0, 1, len(ordered))).max()
    assert distance < 1.36 / np.sqrt(len(seen))


def test_a_forecast_that_takes_calls_for_longer_than_they_are_is_found_out(seen):
    text = (EXAMPLES / "scenarios/bank_day.yaml").read_text(encoding="utf-8")
    slow = text.replace("{roster:", "{handle_factor: 1.5, roster:")
    wrong = load_scenario(slow, BANK.policy_text)

    found = places(wrong, seen, replications=20)

    assert coverage(found.wait) < 0.68
    assert np.mean(found.wait) < 0.4


# ------------------------------------------------------------------ the live host


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("counts", "waits", "waiting_rows", "remaining_ms", "ended")
    )


async def test_the_live_hosts_floor_is_looked_ahead_from_and_left_as_it_was():
    plan = plan_of(BANK)
    at = plan.origin_ms + 21 * HALF_HOUR
    passed, stands = [], []

    def look(_):
        passed.append(0)
        if len(passed) == 21:
            orders = np.asarray(world.scene.trace)[: int(world.scene.clock[0].traced)]
            stands.append((orders.copy(), fork(world.floor)))

    world = World(plan, seed=3, replication=0, trace=1_000)
    world.run(look)
    [(orders, floor)] = stands
    live = await stood(plan, BANK.policy, BANK.policy_text, orders)
    live.begin(at)
    before = capture(live).state_hash

    forecast = simulate_from(live, BANK, HALF_HOUR, replications=5)

    assert capture(live).state_hash == before
    assert len(forecast.waiting) >= 3
    assert all(forecast.waiting)
    who = forecast.waiting[0]
    row = live.interaction_row(who)
    assert np.array_equal(forecast.remaining(who), forecast.remaining(row))
    assert sum(forecast.endings(who).values()) == pytest.approx(1)
    simulated = engine_with(floor, plan, BANK, at)
    assert same(forecast, simulate_from(simulated, BANK, HALF_HOUR, replications=5))


# ------------------------------------------------------------------ the same, and not


def test_the_same_seed_gives_the_same_forecast_and_another_another(seen):
    engine = seen[0].engine

    one = simulate_from(engine, BANK, HALF_HOUR, seed=5, replications=3)

    assert same(one, simulate_from(engine, BANK, HALF_HOUR, seed=5, replications=3))
    assert not same(one, simulate_from(engine, BANK, HALF_HOUR, seed=6, replications=3))


def test_replications_differ_and_a_stop_leaves_those_that_are_done(seen):
    asked = []

    def stop():
        asked.append(1)
        return len(asked) > 3

    forecast = simulate_from(seen[0].engine, BANK, HALF_HOUR, stop=stop)

    assert not forecast.complete
    assert forecast.replications == 3
    assert len(np.unique(forecast.counts[:, 0, Column.ARRIVED])) > 1


def test_the_day_and_the_clock_may_be_others_than_the_scenarios_own():
    """A week later it is a Monday again; in Istanbul it is nine when it is six in UTC."""
    plan = plan_of(BANK)
    nine = plan.origin_ms + 9 * HOUR

    def arrived(now, ahead_ms=0):
        engine = opened(BANK, now)
        forecast = simulate_from(
            engine, BANK, HALF_HOUR, replications=2, local_ahead_ms=ahead_ms
        )
        return forecast.counts[..., Column.ARRIVED].tolist()

    assert sum(map(sum, arrived(nine))) > 50
    assert arrived(nine + 7 * 24 * HOUR) == arrived(nine)
    assert arrived(nine - 3 * HOUR, 3 * HOUR) == arrived(nine)


# ------------------------------------------------------------------ the edges


def test_on_an_empty_floor_nobody_waits_and_nobody_answers_before_a_shift_begins():
    engine = opened(BANK, plan_of(BANK).origin_ms + 9 * HOUR)

    forecast = simulate_from(engine, BANK, HALF_HOUR, replications=3)

    assert forecast.waiting == ()
    assert forecast.remaining_ms.shape == (3, 0)
    assert forecast.counts[..., Column.ARRIVED].sum() > 100
    # Whoever begins at ten answers those who came before and still wait.
    assert (
        forecast.counts[..., Column.IN_TARGET].sum()
        < forecast.counts[..., Column.ABANDONED].sum()
    )


def test_a_horizon_of_nothing_foresees_nothing(seen):
    forecast = simulate_from(seen[0].engine, BANK, 0, replications=2)

    assert forecast.counts.sum() == 0
    assert forecast.wait_quantile("Bireysel", 0.9) is None
    assert (forecast.ended == STILL_WAITS).all()
    assert np.isinf(forecast.remaining(int(forecast.waiting_rows[0]))).all()


def test_another_policy_than_the_one_in_force_is_refused():
    text = BANK.policy_text.replace("target: 80", "target: 81", 1)
    other = load_scenario(
        (EXAMPLES / "scenarios/bank_day.yaml").read_text(encoding="utf-8"), text
    )
    assert other.policy.digest != BANK.policy.digest

    with pytest.raises(ForecastUnfit, match=other.policy.digest):
        simulate_from(opened(BANK, 0), other, HALF_HOUR)
    with pytest.raises(ForecastUnfit, match="no policy is in force"):
        simulate_from(Engine(), BANK, HALF_HOUR)
