"""The simulator is the router: the same orders give the same events, byte for byte."""

from pathlib import Path

import numpy as np
import pytest

from router.engine.kinds import Kind
from simulator.plan import plan_of
from simulator.scenario.load import load_scenario
from simulator.world import World
from tests.simulator.live import lived

POLICIES = Path(__file__).parents[2] / "examples/policies"
BUSY = Path(__file__).parent / "busy"


def events_of(world):
    heard = []
    world._on_events = lambda events: heard.append(events.copy())
    record = world.run()
    return record, np.concatenate(heard)


def without_caller_words(events):
    """`value` of an arrival is a digest of what the caller wrote, which is not routing."""
    events = events.copy()
    arrivals = np.isin(events["kind"], [Kind.INTERACTION_ENQUEUED])
    events["value"][arrivals] = 0
    # Joint rounds say at which sequence they were prepared; the router has counted what
    # came before the day as well.
    events["offer"][events["kind"] == Kind.MATCH_ROUND_SOLVED] = 0
    return events[~np.isin(events["kind"], [Kind.ROUTER_STARTED, Kind.ROW_DEFINED])]


@pytest.mark.parametrize("policy", ["help_desk", "bank", "night_shift", "sneaker_shop"])
async def test_the_same_orders_give_the_same_events_live_and_simulated(policy):
    text = (POLICIES / f"{policy}.yaml").read_text(encoding="utf-8")
    scenario = (BUSY / f"{policy}.yaml").read_text(encoding="utf-8")
    loaded = load_scenario(scenario, text)
    plan = plan_of(loaded)
    world = World(plan, seed=7, replication=0, trace=1_000)

    record, simulated = events_of(world)
    orders = np.asarray(world.scene.trace)[: int(world.scene.clock[0].traced)]
    live = await lived(plan, loaded.policy, text, orders)

    assert record.streams.sum() > 0
    mine, theirs = without_caller_words(simulated), without_caller_words(live)
    assert len(mine) == len(theirs)
    differ = np.flatnonzero(mine != theirs)
    assert mine.tobytes() == theirs.tobytes(), (
        f"first difference at event {differ[:1]}: {mine[differ[:1]]} / {theirs[differ[:1]]}"
    )
    kinds = {Kind(int(kind)) for kind in np.unique(simulated["kind"])}
    assert {
        Kind.OFFER_ACCEPTED,
        Kind.OFFER_EXPIRED,
        Kind.INTERACTION_ABANDONED,
    } <= kinds
