"""Large joint rounds are solved next door; the loop goes on, and all is checked again."""

import asyncio
from collections import Counter

import pytest

from router import host as host_module
from router.engine import commands as c
from router.engine import joint
from router.engine.kinds import Kind
from router.matching.worker import SolverProcess
from router.model.agent import Link
from router.model.interaction import State
from tests.factories import a_call, a_policy, an_agent

AGENTS = 8
CALLS = 20


@pytest.fixture
async def busy(home):
    """A house in which many wait and many come free at once: a round next door."""
    rounds = {"window": "200ms", "inline_pairs_max": 0}
    policy = a_policy(settings={"rounds": rounds})
    agents = [an_agent(f"agent-{n}") for n in range(AGENTS)]
    house = await home(policy, *agents, solver=SolverProcess())
    for agent in agents:
        await house.host.submit(c.SignIn(agent.agent, Link.GATEWAY))
    for n in range(CALLS):
        await house.host.submit(a_call(f"call-{n}"))
    house.clock.at += 200
    return house


def states(house):
    table = house.host.engine.floor.interactions
    found = Counter(State(int(state)) for state in table["state"][:CALLS])
    return found[State.QUEUED], found[State.OFFERED]


async def back(house):
    async with asyncio.timeout(20):
        while house.host.engine.machine.round_is_out:
            await asyncio.sleep(0.005)


def kinds_of(house):
    return [Kind(int(event["kind"])) for b in house.batches for event in b.events]


async def test_a_round_goes_out_and_comes_back_with_offers(busy):
    await busy.host.submit(c.Tick())
    out = busy.host.engine.machine.round_is_out
    before = states(busy)
    await back(busy)

    assert out
    assert (CALLS, 0) == before
    assert (CALLS - AGENTS, AGENTS) == states(busy)
    assert 1 == kinds_of(busy).count(Kind.MATCH_ROUND_SOLVED)


async def test_the_round_is_durable_before_anybody_hears_of_it(busy):
    await busy.host.submit(c.Tick())
    busy.diary.entries.clear()
    await back(busy)

    assert ["append", "publish"] == busy.diary.entries[:2]


async def test_what_has_left_meanwhile_is_offered_to_nobody(busy):
    await busy.host.submit(c.Tick())
    for n in range(CALLS // 2):
        await busy.host.submit(c.Abandon(f"call-{n}"))
    for n in range(AGENTS // 2):
        await busy.host.submit(c.RemoveAgent(f"agent-{n}"))
    await back(busy)
    busy.clock.at += 200
    await busy.host.submit(c.Tick())
    await back(busy)

    waiting, offered = states(busy)
    assert AGENTS // 2 == offered
    assert CALLS // 2 - offered == waiting
    table = busy.host.engine.floor.interactions
    held = [int(a) for a in table["agent"][:CALLS] if a >= 0]
    assert len(set(held)) == len(held)


async def test_the_loop_is_free_between_the_slices_of_a_round(busy, monkeypatch):
    monkeypatch.setattr(host_module, "ROUND_ROWS", 1)
    monkeypatch.setattr(host_module, "ROUND_SLICE_US", -1)
    monkeypatch.setattr(host_module, "ROUND_PAIRS", 3)
    turns = 0
    await busy.host.submit(c.Tick())
    busy.batches.clear()
    while not busy.host._rounds:
        turns += 1
        await asyncio.sleep(0)
    await back(busy)

    assert turns >= CALLS
    assert (CALLS - AGENTS, AGENTS) == states(busy)
    offers = [
        sum(int(event["kind"]) == Kind.OFFER_ISSUED for event in batch.events)
        for batch in busy.batches
    ]
    assert [3, 3, 2] == offers
    assert 1 == kinds_of(busy).count(Kind.MATCH_ROUND_SOLVED)


async def test_a_round_whose_callers_have_all_left_is_let_go(busy, monkeypatch):
    engine, draft = busy.host.engine, busy.host.engine.draft

    def all_have_left():
        for n in range(CALLS):
            engine.perform(c.Abandon(f"call-{n}"))
        return draft()

    monkeypatch.setattr(engine, "draft", all_have_left)
    await busy.host.submit(c.Tick())
    await back(busy)

    assert (0, 0) == states(busy)
    assert Kind.MATCH_ROUND_SOLVED not in kinds_of(busy)
    assert {} == busy.host._rounds


async def test_a_journal_that_fails_between_two_slices_stops_the_host(
    busy, monkeypatch
):
    monkeypatch.setattr(host_module, "ROUND_PAIRS", 3)
    failures = []
    busy.host.on_failure = failures.append

    def fail(batch, engine):
        busy.journal.fails = "before"

    await busy.host.submit(c.Tick())
    busy.batches.clear()
    busy.host.listeners.append(fail)
    async with asyncio.timeout(20):
        while not failures:
            await asyncio.sleep(0.005)
    await asyncio.sleep(0.05)

    assert 1 == len(failures)
    assert 1 == len(busy.batches)


@pytest.mark.parametrize("what", ["draft", "submit", "conclude"])
async def test_a_fault_on_the_way_costs_one_round(busy, monkeypatch, caplog, what):
    def fault(*_, **__):
        raise RuntimeError("a fault of ours")

    at = {
        "draft": busy.host.engine.machine,
        "submit": busy.host._solver,
        "conclude": joint,
    }
    with monkeypatch.context() as broken:
        broken.setattr(at[what], what, fault)
        await busy.host.submit(c.Tick())
        await back(busy)
    assert "a large round was lost" in caplog.text
    assert {} == busy.host._rounds
    await busy.host.submit(a_call("one-more"))
    busy.clock.at += 200
    await busy.host.submit(c.Tick())
    await back(busy)

    assert AGENTS == states(busy)[1]


async def test_a_solver_that_dies_is_answered_for_greedily(busy):
    await busy.host.submit(c.Tick())
    busy.host._solver.restart()
    await back(busy)

    assert (CALLS - AGENTS, AGENTS) == states(busy)


async def test_a_journal_that_fails_under_a_round_stops_the_host(busy):
    failures = []
    busy.host.on_failure = failures.append
    await busy.host.submit(c.Tick())
    busy.journal.fails = "before"
    busy.batches.clear()
    await back(busy)

    assert 1 == len(failures)
    assert [] == busy.batches


async def test_a_stop_does_not_wait_for_a_round(busy):
    await busy.host.submit(c.Tick())

    async with asyncio.timeout(5):
        await busy.host.drain()

    assert (CALLS, 0) == states(busy)
