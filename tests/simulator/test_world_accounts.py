"""What must hold of every run, whatever the scenario: nobody is lost or counted twice, the
engine's own measures agree, and the same customers come whatever the staffing.
"""

import copy
import dataclasses
from typing import Any

import numpy as np
import pytest

from router.engine.kinds import Kind
from router.measures.shapes import COUNT_NAMES
from router.model.interaction import State
from simulator.records import Area, Column, RunRecord
from simulator.run import run_once
from simulator.world import World
from tests.simulator.everything import POLICY, SMALL_DAY, any_day, plan_for
from tests.simulator.tiny import DESK, calls, policy, ran, told

SEEDS = range(12)
AT = {name: k for k, name in enumerate(COUNT_NAMES)}


@dataclasses.dataclass
class Some:
    """A run of some scenario, and the world it left behind."""

    scenario: dict[str, Any]
    world: World
    record: RunRecord

    @property
    def totals(self):
        """By stream and column, over all time."""
        return totals(self.record)

    @property
    def still_waiting(self):
        """By stream: how many of the counted wait where the run ends."""
        interactions = self.world.floor.interactions.view(np.ndarray)
        waits = (interactions["used"] != 0) & np.isin(
            interactions["state"], (State.QUEUED, State.OFFERED)
        )
        people = np.asarray(self.world.scene.people)[: len(waits)][waits]
        counted = people[people["counted"] != 0]
        return np.bincount(counted["stream"], minlength=len(self.totals))


def _some(seed, **kind):
    scenario, by = any_day(seed, **kind)
    world = World(plan_for(scenario, by), seed, 0)
    return Some(scenario, world, world.run())


@pytest.fixture(scope="module", params=SEEDS)
def run(request):
    return _some(request.param)


@pytest.fixture(scope="module", params=SEEDS)
def whole(request):
    return _some(100 + request.param, whole=True)


def totals(record):
    """By stream and column, over all time."""
    return record.streams.sum(axis=0)


def test_everybody_who_came_is_accounted_for(run):
    counts, waiting = run.totals, run.still_waiting
    ended = counts[
        :,
        [
            Column.REFUSED,
            Column.BALKED,
            Column.CALLED_BACK,
            Column.ANSWERED,
            Column.WAITS_ENDED,
            Column.ABANDONED,
            Column.FURTHER_ABANDONED,
            Column.DEAD_LETTERED,
        ],
    ].sum(axis=1)
    came = counts[:, Column.ARRIVED]
    goes_on = counts[:, Column.TRANSFERRED]

    assert came.sum() > 50
    assert came.sum() + goes_on.sum() == ended.sum() + waiting.sum()
    # Only the second line gets transfers, and all of them come from retail.
    second = list(run.scenario["demand"]).index("Second line")
    for s in range(len(counts)):
        transferred_in = goes_on.sum() if s == second else 0
        assert came[s] + transferred_in == ended[s] + waiting[s]


def test_time_is_accounted_for(whole):
    """Little's law without the division: time integrals are sums of waits."""
    counts, areas = whole.totals, whole.record.areas.sum(axis=0)
    waits = [
        Column.ANSWERED_WAIT_MS,
        Column.FURTHER_WAIT_MS,
        Column.ABANDONED_WAIT_MS,
        Column.FURTHER_ABANDONED_WAIT_MS,
    ]
    lost = counts[:, Column.DEAD_LETTERED] > 0
    waited = counts[:, waits].sum(axis=1)

    assert whole.still_waiting.sum() == 0
    assert np.array_equal(areas[~lost, Area.WAITING], waited[~lost])
    assert np.all(areas[lost, Area.WAITING] >= waited[lost])
    assert np.array_equal(areas[:, Area.SERVING], counts[:, Column.TALK_MS])
    assert np.array_equal(areas[:, Area.WRAPPING], counts[:, Column.WRAP_UP_MS])


def test_the_measures_of_the_live_router_count_the_same(whole):
    mine = whole.totals.sum(axis=0)
    theirs = whole.record.queues.sum(axis=(0, 1, 2))

    assert mine[Column.ANSWERED] + mine[Column.WAITS_ENDED] == theirs[AT["answered"]]
    abandoned = theirs[AT["abandoned_queued"]] + theirs[AT["abandoned_ringing"]]
    assert mine[Column.ABANDONED] + mine[Column.FURTHER_ABANDONED] == abandoned
    lost = theirs[AT["dead_lettered"]] + theirs[AT["cancelled"]]
    assert mine[Column.DEAD_LETTERED] == lost
    waits = mine[Column.ANSWERED_WAIT_MS] + mine[Column.FURTHER_WAIT_MS]
    assert waits == theirs[AT["answered_wait_ms"]]
    gave_up = mine[Column.ABANDONED_WAIT_MS] + mine[Column.FURTHER_ABANDONED_WAIT_MS]
    assert gave_up == theirs[AT["abandoned_wait_ms"]]
    in_time = mine[Column.IN_TARGET] + mine[Column.FURTHER_IN_TARGET]
    assert in_time == theirs[AT["within_target"]]
    assert mine[Column.ABANDONED_IN_TARGET] <= theirs[AT["abandoned_within"]]
    assert mine[Column.SHORT_ABANDONED] <= theirs[AT["short_abandoned"]]
    assert mine[Column.TRANSFERRED] == theirs[AT["transferred"]]
    assert mine[Column.HANDED_OFF] == theirs[AT["handoffs"]]
    assert mine[Column.WRAP_UP_MS] == theirs[AT["wrap_up_ms"]]


def test_columns_that_are_parts_of_others_are_no_more_than_they(run):
    counts = run.totals
    parts = (
        (Column.IN_TARGET, Column.ANSWERED),
        (Column.ABANDONED_IN_TARGET, Column.ABANDONED),
        (Column.TO_OWNER, Column.OWNED),
        (Column.OWNED, Column.ANSWERED),
        (Column.FURTHER_IN_TARGET, Column.WAITS_ENDED),
        (Column.FURTHER_WAITED, Column.WAITS_ENDED),
    )
    for part, whole in parts:
        assert np.all(counts[:, part] <= counts[:, whole]), part.name
    came = counts[:, Column.RETRIED] + counts[:, Column.FOLLOWED]
    assert np.all(came <= counts[:, Column.ARRIVED])
    assert np.all(run.record.streams >= 0)
    assert np.all(run.record.areas >= 0)


def test_waits_in_classes_are_the_waits_that_were_counted(run):
    counts, waits = run.totals, run.record.waits.sum(axis=2)

    assert np.array_equal(waits[:, 0], counts[:, Column.ANSWERED])
    assert np.array_equal(waits[:, 1], counts[:, Column.ABANDONED])


def test_agents_spend_every_millisecond_somehow(run):
    record = run.record
    per_interval = record.staff[:-1].sum(axis=2)
    skipped = 21 if "warm_up" in run.scenario else 0
    for k, staff in enumerate(run.scenario["staff"].values()):
        assert (per_interval[skipped:, k] == staff["agents"] * record.every_ms).all()
        assert (per_interval[:skipped, k] == 0).all()
    assert (record.staff >= 0).all()


def test_nobody_is_left_over_inside(whole):
    world, record = whole.world, whole.record
    clock = world.scene.clock[0]
    house = world.floor.house[0]

    assert int(clock.in_house) == 0
    assert int(house.waiting) == 0
    assert not np.any(np.asarray(world.scene.people)["phase"])
    assert int(clock.prompts) == 0
    assert record.ended_ms > 10 * 3_600_000


# ------------------------------------------------------------------ the same again


def same(one, other):
    """Whether two records say the same, but for the time they took."""
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in dataclasses.fields(one)
        if field.name not in ("took_s", "replication", "seed")
    )


def test_the_same_seed_gives_the_same_record_and_another_one_does_not():
    plan = plan_for(SMALL_DAY)
    record = run_once(plan, 5, 2)

    assert same(record, run_once(plan, 5, 2))
    assert same(record, run_once(plan_for(SMALL_DAY), 5, 2, lambda share: None))
    assert not same(record, run_once(plan, 6, 2))
    assert not same(record, run_once(plan, 5, 3))
    assert not same(record, run_once(plan, 2, 5))


def lives(plan, seed):
    """By stream and number of first attempts: when each came, how long it was served, and
    how long it waited in vain.
    """
    world_facts = told(plan, seed).facts
    content, came, served, gave_up, answered = {}, {}, {}, {}, {}
    for event in world_facts:
        kind, row, at = int(event["kind"]), int(event["interaction"]), int(event["at"])
        if kind == Kind.INTERACTION_ENQUEUED:
            content[row] = (int(event["line"]), int(event["value"]))
            came[content[row]] = at
        elif kind == Kind.OFFER_ACCEPTED:
            answered[content[row]] = at
        elif kind == Kind.INTERACTION_COMPLETED:
            served[content[row]] = at - answered[content[row]]
        elif kind == Kind.INTERACTION_ABANDONED:
            gave_up[content[row]] = at - came[content[row]]
    return came, served, gave_up


def test_one_agent_more_meets_the_same_customers():
    scenario = copy.deepcopy(SMALL_DAY)
    retail = scenario["demand"]["Retail"]
    for key in ("then", "callback", "balking", "retry", "customers", "handle_by"):
        del retail[key]
    retail["wrap_up"] = "0s"
    scenario["demand"] = {"Retail": retail}
    scenario["staff"] = {"Desk": {"agents": 2, "skills": {"a": 3}}}
    for key in ("lines", "outages", "slow_down", "warm_up"):
        del scenario[key]
    by = copy.deepcopy(POLICY)
    by["queues"]["Calls"].update(limit=1_000, wrap_up="0s", overflow="refuse")
    came, served, gave_up = lives(plan_for(scenario, by), 4)
    scenario["staff"]["Desk"]["agents"] = 3
    came_3, served_3, gave_up_3 = lives(plan_for(scenario, by), 4)

    assert came == came_3
    assert len(served) < len(served_3)
    both = served.keys() & served_3.keys()
    assert len(both) > 50
    assert {key: served[key] for key in both} == {key: served_3[key] for key in both}
    in_vain = gave_up.keys() & gave_up_3.keys()
    assert len(in_vain) > 10
    assert [gave_up[key] for key in in_vain] == [gave_up_3[key] for key in in_vain]


# ------------------------------------------------------------------ large, and jointly


def test_a_day_outgrows_every_table_and_nobody_is_lost(tmp_path):
    # Nothing is forgotten, everybody is known, and half of them come again.
    scenario = {
        "scenario": "large",
        "policy": "p.yaml",
        "every": "24h",
        "demand": {
            "Calls": {
                "queue": "First",
                "channel": "voice",
                "arrivals": {"per_hour": 6_000, "exactly": True},
                "handle": "1s",
                "patience": "0s",
                "customers": 60_000,
                "retry": {"probability": 0.9, "delay": "1h", "attempts_max": 2},
            }
        },
        "staff": {"Desk": {**DESK, "agents": 2}},
    }
    by = policy(retention={"ended": "30d", "ended_max": 1_000_000})
    world = World(plan_for(scenario, by), 1, 0)
    record = world.run()
    [counts] = totals(record)

    assert counts[Column.ARRIVED] - counts[Column.RETRIED] == 144_000
    assert counts[Column.RETRIED] > 10_000
    assert counts[Column.ANSWERED] + counts[Column.ABANDONED] == counts[Column.ARRIVED]
    assert len(world.floor.interactions) > 131_072
    assert int(world.floor.house[0].customers) > 50_000


def test_several_who_wait_and_several_who_are_free_meet_in_a_joint_round(tmp_path):
    by = policy(rounds={"window": "1s"})
    run = ran(
        tmp_path,
        {"Calls": calls(0, 0.1, 0.2, 0.3, 10)},
        {"Desk": {**DESK, "agents": 3}},
        by=by,
    )

    solved = [event for event in run.facts if event["kind"] == Kind.MATCH_ROUND_SOLVED]
    met = [(int(event["count"]), int(event["eligible"])) for event in solved]
    assert met == [(4, 3), (2, 3)]
    assert run.record.rounds == 2
    # The window ends a second after the first; those who end their work open another.
    takes = [line.split()[0] for line in run.story("takes")]
    assert takes == ["1"] * 3 + ["62"] * 2


def test_a_round_of_thousands_fits_however_much_is_told_of_it(tmp_path):
    by = policy(rounds={"window": "1s"}, First={"limit": 50_000})
    staff = {
        "Desk": {
            **DESK,
            "agents": 2_000,
            "at_work": {"from": "9h", "every": "1h", "counts": [2_000]},
        }
    }
    run = ran(tmp_path, {"Calls": calls(*[0] * 3_000)}, staff, by=by)

    assert run.record.rounds >= 2
    assert run.count("Calls", Column.ANSWERED) == 3_000
    assert {line.split()[0] for line in run.story("takes")} == {"3601", "3662"}
