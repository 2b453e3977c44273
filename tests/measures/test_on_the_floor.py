"""The measures beside a real engine: what they say of now is what its floor says."""

import random
from contextlib import suppress

import numpy as np
import pytest

from router.engine import commands as c
from router.engine.errors import Refused
from router.measures import AgentState, Measures
from router.model.agent import Link, Presence
from router.model.interaction import State
from router.telemetry.gauges import agents_by_state, oldest_waiting_ms, waiting
from tests.factories import NINE, a_call, a_chat, a_policy, an_agent, an_engine

AGENTS = ("ann", "bob", "çiğdem")


def a_busy_engine(seed, steps=300):
    """An engine, measures that have followed it from its first event, and the time."""
    draw = random.Random(seed)
    engine = an_engine(
        a_policy(
            support={"wrap_up": "10s", "max_wait": "2m", "on_max_wait": "backup"},
            backup={"service_level": {"within": "45s"}, "attempts_max": 2},
        )
    )
    measures = Measures()
    measures.start_from(engine.floor)
    now = NINE
    for agent in AGENTS:
        engine.perform(an_agent(agent))
    for step in range(steps):
        now += draw.choice((0, 500, 4_000, 15_000))
        engine.begin(now)
        engine.perform(c.Tick())
        with suppress(Refused):
            engine.perform(some_command(draw, engine, step))
        batch = engine.take()
        if batch is not None:
            measures.fold(batch.events, engine.floor)
    return engine, measures, now


def some_command(draw, engine, step):
    agent = draw.choice(AGENTS)
    rows = engine.floor.interactions
    names = engine.names.interactions.texts
    offered = [row for row in names if rows[row].state == State.OFFERED]
    active = [row for row in names if rows[row].state == State.ACTIVE]
    what = draw.random()
    if what < 0.35:
        make = draw.choice((a_call, a_chat))
        return make(f"i-{step}", draw.choice(("support", "backup")))
    if what < 0.45:
        return c.SignIn(agent, Link.GATEWAY, Presence.AVAILABLE)
    if what < 0.5:
        return c.SetPresence(agent, draw.choice((Presence.AWAY, Presence.AVAILABLE)))
    if what < 0.75 and offered:
        row = draw.choice(offered)
        holder = engine.names.agents.texts[int(rows[row].agent)]
        answer = draw.choice((c.AcceptOffer, c.AcceptOffer, c.DeclineOffer))
        return answer(holder, int(rows[row].offer))
    if active and what < 0.9:
        return c.Complete(names[draw.choice(active)])
    if active and what < 0.93:
        return c.Transfer(names[draw.choice(active)], queue="backup")
    return c.Abandon(names[draw.choice(sorted(names))]) if names else c.Tick()


def waiting_on(floor):
    queues = np.asarray(floor.queues)
    counts = queues["waiting"] + queues["offered"]
    return {int(row): int(counts[row]) for row in np.flatnonzero(counts)}


def by_queue(figures):
    found = {}
    for (queue, _), count in figures.items():
        found[queue] = found.get(queue, 0) + count
    return {queue: count for queue, count in found.items() if count}


@pytest.mark.parametrize("seed", range(6))
def test_they_agree_about_who_waits_and_what_agents_do(seed):
    engine, measures, _ = a_busy_engine(seed)
    figures = {pair: both.waiting for pair, both in measures.queues(None).items()}
    states = [measures.agent_state(row) for row in range(len(AGENTS))]

    assert waiting_on(engine.floor) == by_queue(figures)
    assert waiting_on(engine.floor) == by_queue(waiting(engine.floor))
    assert agents_by_state(engine.floor) == {
        state: states.count(state) for state in AgentState
    }
    assert measures.account().balanced
    assert 20 < measures.queue().offered


@pytest.mark.parametrize("seed", range(3))
def test_measures_that_start_late_know_what_is_going_on(seed):
    engine, followed, _ = a_busy_engine(seed)
    late = Measures()

    late.start_from(engine.floor)

    account = late.account()
    assert (sum(waiting_on(engine.floor).values()), 0) == (
        account.carried,
        account.offered,
    )
    assert account.balanced
    assert [followed.agent_state(row) for row in range(len(AGENTS))] == [
        late.agent_state(row) for row in range(len(AGENTS))
    ]


def test_thresholds_follow_a_published_policy():
    engine, measures, now = a_busy_engine(1, steps=5)
    row = engine.names.queues.rows["backup"]
    assert 45_000 == measures.targets[row].target_ms

    engine.begin(now + 1)
    backup = {"service_level": {"within": "9s", "target": 70}}
    engine.perform(c.PublishPolicy(a_policy(support={}, backup=backup), "new"))
    measures.fold(engine.take().events, engine.floor)

    assert (9_000, 70) == (
        measures.targets[row].target_ms,
        measures.targets[row].target_percent,
    )


def test_the_oldest_is_the_one_that_has_waited_longest():
    engine = an_engine(a_policy(), an_agent("ann"))
    engine.perform(c.SetPresence("ann", Presence.AWAY))
    engine.perform(a_call("first"))
    engine.begin(NINE + 3_000)
    engine.perform(a_call("second"))

    ages = oldest_waiting_ms(engine.floor, NINE + 5_000)

    assert [5_000] == list(ages.values())
    assert [2] == list(waiting(engine.floor).values())
