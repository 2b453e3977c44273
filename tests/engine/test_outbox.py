"""More facts than fit into the outbox: what is left over comes with a later batch, and
nothing is written beyond its end.
"""

import numpy as np
import pytest

from router.engine import commands as c
from router.engine.floor import OUTBOX_MAX
from router.model.agent import Presence
from tests.factories import NINE, a_chat, a_policy, an_agent, an_engine, on_shift

MANY = OUTBOX_MAX + 4_000
PATIENT = {"continuity_value": "10m", "hold_back_max": "30m", "limit": 100_000}


def policy(on_sign_out):
    return a_policy(
        support=PATIENT, settings={"ownership": {"on_sign_out": on_sign_out}}
    )


def enqueue_for(engine, owner):
    for n in range(MANY):
        if n % 1_000 == 0:
            engine.take()
            engine.begin(NINE + n)
        engine.perform(a_chat(f"chat-{n}", owner=owner))
    engine.take()


def held(engine):
    return int(np.count_nonzero(engine.floor.interactions["weighed_until"]))


def run_until_quiet(engine, now):
    """Ticks as a driver gives them; how many events came at once, at most."""
    most = 0
    for _ in range(100):
        if (engine.next_wakeup() or now + 1) > now:
            return most
        engine.begin(now)
        engine.perform(c.Tick())
        batch = engine.take()
        most = max(most, len(batch.events) if batch else 0)
    raise AssertionError("time stands still")


@pytest.fixture
def waiting():
    """A floor on which many wait for ann, who has gone home, and bob is there."""
    engine = an_engine(policy("wait"), an_agent("ann"))
    on_shift(engine, an_agent("bob"))
    enqueue_for(engine, "ann")
    assert held(engine) > OUTBOX_MAX
    return engine


def test_a_policy_that_lets_go_of_more_than_fit_takes_a_few_batches(waiting):
    waiting.begin(NINE + 60_000)
    waiting.perform(c.PublishPolicy(policy("lapse"), "brisk"))
    waiting.take()

    most = run_until_quiet(waiting, NINE + 60_000)

    assert 0 == held(waiting)
    assert most <= OUTBOX_MAX


@pytest.mark.parametrize("leaves", [Presence.OFFLINE, Presence.AWAY])
def test_an_agent_for_whom_more_wait_than_fit_turns_away(leaves):
    engine = an_engine(policy("lapse"))
    on_shift(engine, an_agent("ann"))
    on_shift(engine, an_agent("bob"))
    enqueue_for(engine, "ann")
    assert held(engine) > OUTBOX_MAX

    engine.begin(NINE + 60_000)
    engine.perform(c.SetPresence("ann", leaves))
    events = len(engine.take().events)
    run_until_quiet(engine, NINE + 2 * 60_000)

    assert events <= OUTBOX_MAX
    assert 0 == held(engine)
