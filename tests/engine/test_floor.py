"""Floors grow without anybody noticing, and a fork runs on by itself."""

import numpy as np
import pytest

from router.engine import commands as c
from router.engine import entry
from router.engine.floor import (
    RESERVE,
    differences,
    enlarged,
    fork,
    joined,
    new_floor,
    used_rows,
)
from router.engine.kinds import Order
from router.engine.tables import EVENT, NEVER, NOBODY
from tests.engine.invariants import faults, faults_of_replay
from tests.factories import (
    NINE,
    a_call,
    a_chat,
    a_policy,
    an_agent,
    an_engine,
    later,
    needing,
    on_shift,
)


def replayed(engine, batches):
    fresh = type(engine)()
    for batch in batches:
        fresh.replay(batch)
    return fresh


def test_a_floor_grows_with_agents_queues_lines_and_interactions():
    queues = {
        f"queue-{n}": {"unroutable": "alarm", "limit": 1_000_000} for n in range(40)
    }
    engine = type(an_engine())()
    engine.begin(NINE)
    batches = []

    def take():
        batches.append(engine.take())

    engine.perform(c.PublishPolicy(a_policy(**queues), "wide"))
    for n in range(150):
        on_shift(engine, an_agent(f"agent-{n}", skills={"billing": 1 + n % 5}))
    take()
    for n in range(5_000):
        if n % 1_000 == 0:
            engine.begin(engine.now + 1)
        needs = needing(billing=1 + n % 5)
        engine.perform(
            a_call(f"call-{n}", f"queue-{n % 40}", priority=n % 3, needs=needs)
        )
        if n % 1_000 == 999:
            take()

    assert [] == faults(engine)
    assert 5_000 == int(engine.floor.house[0].interactions)
    assert 150 == int((engine.floor.agents["load"] > 0).sum())
    assert [] == faults_of_replay(engine, replayed(engine, [b for b in batches if b]))


def test_growing_keeps_what_is_there_and_blanks_what_is_new():
    floor = new_floor(agents=4, interactions=8)
    floor.agents[3]["load"] = 7
    larger = enlarged(floor, "agents", 5)

    assert 8 == len(larger.agents) == len(larger.roster) == len(larger.free)
    assert 7 == larger.agents[3]["load"]
    assert [NOBODY] * 4 == larger.agents[4:]["first_work"].tolist()
    assert NEVER == larger.agents[4]["due_at"]
    assert len(larger.agents) + len(larger.interactions) <= len(larger.timers)


@pytest.mark.parametrize("times", [2, RESERVE, RESERVE + 1, 5 * RESERVE])
def test_interactions_lose_nothing_within_their_reserve_and_beyond(times):
    floor = new_floor(interactions=8)
    floor.interactions["content"] = range(8)
    larger = enlarged(floor, "interactions", 8 * times)

    assert 8 * times <= len(larger.interactions) == len(larger.spare)
    assert [*range(8)] == larger.interactions["content"][:8].tolist()
    assert not larger.interactions["content"][8:].any()
    assert len(larger.agents) + len(larger.interactions) <= len(larger.timers)


@pytest.mark.parametrize("times", [2, RESERVE, RESERVE + 1, 5 * RESERVE])
@pytest.mark.parametrize("what", ["conversations", "customers"])
def test_whatever_grows_with_the_traffic_has_a_reserve(what, times):
    floor = new_floor(conversations=8, customers=8)
    getattr(floor, what)["live"] = range(8)
    getattr(floor, f"spare_{what}")[:] = range(8)
    larger = enlarged(floor, what, 8 * times)
    rows, spare = getattr(larger, what), getattr(larger, f"spare_{what}")

    assert 8 * times <= len(rows) == len(spare)
    assert [*range(8)] == rows["live"][:8].tolist() == spare[:8].tolist()
    assert not rows["live"][8:].any()
    assert not spare[8:].any()
    is_within = times <= RESERVE
    assert is_within == np.shares_memory(rows, getattr(floor, what))


def test_a_fork_does_not_grow_into_the_reserve_of_the_original():
    floor = new_floor(interactions=8)
    grown = enlarged(fork(floor), "interactions", 9)
    grown.interactions["content"] = 7
    grown.spare[:] = 7
    grown.timers[:] = 7
    larger = enlarged(floor, "interactions", 9)

    assert not larger.interactions["content"].any()
    assert not larger.spare.any()
    assert not larger.timers.any()


def test_runs_of_events_are_joined_byte_for_byte():
    blots = np.frombuffer(bytes(range(256)) * 8, np.uint8)
    runs = [blots[: n * EVENT.itemsize].view(EVENT) for n in (1, 3, 2)]
    together = joined(runs)

    assert b"".join(run.tobytes() for run in runs) == together.tobytes()
    assert EVENT == together.dtype


def test_a_floor_that_is_large_enough_stays_the_same_object():
    floor = new_floor(agents=4)

    assert floor is enlarged(floor, "agents", 4)


def test_a_fork_runs_forward_without_the_original_noticing():
    engine = an_engine(None, an_agent("ann"), an_agent("bob"))
    engine.perform(a_call("call-1"))
    engine.perform(a_chat("chat-1"))
    engine.take()
    before = {
        name: getattr(engine.floor, name).tobytes() for name in used_rows(engine.floor)
    }

    copy = fork(engine.floor)
    assert [] == differences(engine.floor, copy)
    # A minute passes on the fork alone: its offers expire.
    entry.give(copy, int(Order.TICK), engine.now + 60_000)

    assert before == {name: getattr(engine.floor, name).tobytes() for name in before}
    assert {"agents", "interactions", "house"} <= set(differences(engine.floor, copy))


def test_the_original_runs_on_without_the_fork_noticing():
    engine = an_engine(None, an_agent("ann"))
    engine.perform(a_call("call-1"))
    copy = fork(engine.floor)
    before = copy.interactions.tobytes()
    later(engine, 60_000)

    assert before == copy.interactions.tobytes()


def test_two_forks_told_the_same_become_the_same():
    engine = an_engine(None, an_agent("ann"))
    engine.perform(a_call("call-1"))
    engine.perform(a_chat("chat-1"))
    one, other = fork(engine.floor), fork(engine.floor)
    for floor in (one, other):
        entry.give(floor, int(Order.TICK), engine.now + 25_000)

    assert [] == differences(one, other)
    assert one.outbox[:9].tobytes() == other.outbox[:9].tobytes()


def test_differences_name_the_tables():
    engine = an_engine(None, an_agent("ann"))
    copy = fork(engine.floor)
    copy.agents[0]["load"] = 2

    assert ["agents"] == differences(engine.floor, copy)


def test_ended_interactions_are_forgotten_and_their_rows_used_again():
    engine = an_engine(a_policy(settings={"retention": {"ended_max": 4}}))
    engine.perform(an_agent())
    for n in range(200):
        engine.begin(engine.now + 1_000)
        engine.perform(a_call(f"call-{n}", waited_ms=n))
        engine.perform(c.Abandon(f"call-{n}"))

    assert int(engine.floor.house[0].interactions) <= 8
    assert [] == faults(engine)


@pytest.mark.parametrize("table", ["interactions", "agents", "heads"])
def test_equal_histories_leave_equal_bytes(table):
    floors = []
    for _ in range(2):
        engine = an_engine(
            a_policy(settings={"retention": {"ended_max": 0}}), an_agent()
        )
        for n in range(20):
            engine.perform(a_call(f"call-{n}"))
            engine.perform(c.Cancel(f"call-{n}"))
        floors.append(getattr(engine.floor, table))

    assert np.array_equal(floors[0].view(np.uint8), floors[1].view(np.uint8))
