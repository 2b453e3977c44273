"""Ties are broken on purpose: longest idle, then by row; oldest, then by arrival."""

import pytest

from router.engine import commands as c
from router.engine.kinds import Kind
from router.model.agent import Presence
from tests.factories import (
    a_call,
    a_policy,
    an_agent,
    an_engine,
    facts,
    needing,
    on_shift,
)

FLAT = {"score": dict.fromkeys(("idle", "fairness", "waiting", "scarcity"), 0)}


def offers(engine):
    return [fact for kind, fact in facts(engine) if kind == Kind.OFFER_ISSUED]


def an_engine_without_taste(*agents):
    return an_engine(a_policy(settings=FLAT), *agents)


@pytest.mark.parametrize("first", ["ann", "bob"])
def test_equal_agents_by_who_has_been_idle_longest(first):
    engine = an_engine_without_taste()
    second = "bob" if first == "ann" else "ann"
    engine.perform(an_agent("ann"))
    engine.perform(an_agent("bob"))
    on_shift(engine, an_agent(first))
    engine.begin(engine.now + 1)
    on_shift(engine, an_agent(second))
    engine.perform(a_call())

    (offer,) = offers(engine)
    assert engine.names.agents.rows[first] == offer["agent"]
    assert engine.names.agents.rows[second] == offer["other"]
    assert offer["score"] == offer["value"]


def test_equally_idle_agents_by_row():
    engine = an_engine_without_taste(an_agent("zoe"), an_agent("ann"))
    engine.perform(a_call())

    (offer,) = offers(engine)
    assert engine.names.agents.rows["zoe"] == offer["agent"]


def test_equal_interactions_by_age_then_by_arrival():
    engine = an_engine_without_taste()
    engine.perform(an_agent())
    for name, waited_ms in (("late", 0), ("old", 5_000), ("twin", 5_000)):
        engine.perform(a_call(name, waited_ms=waited_ms))
    served = []
    for _ in range(3):
        on_shift(engine, an_agent())
        (offer,) = offers(engine)
        served.append(engine.names.interactions.texts[offer["interaction"]])
        engine.perform(c.Cancel(served[-1]))
        # Cancelling frees ann, who is offered the next at once: look at it there.
        facts(engine)
        engine.perform(c.SetPresence("ann", Presence.AWAY))
        engine.begin(engine.now + 60_000)
        engine.perform(c.Tick())
        facts(engine)

    assert ["old", "twin", "late"] == served


def test_two_lines_with_equal_scores_by_age():
    engine = an_engine(a_policy(settings=FLAT, east={}, west={}))
    engine.perform(an_agent())
    engine.perform(a_call("call-1", "west"))
    engine.perform(a_call("call-2", "east", waited_ms=1))
    on_shift(engine, an_agent())

    (offer,) = offers(engine)
    assert engine.interaction_row("call-2") == offer["interaction"]


def test_an_offer_says_how_many_were_looked_at_and_how_many_could():
    able = an_agent("ann", skills={"billing": 3})
    engine = an_engine(a_policy(), able, an_agent("bob"), an_agent("cem"))
    engine.perform(a_call("call-1", needs=needing(billing=3)))
    (offer,) = offers(engine)
    assert (3, 1) == (offer["count"], offer["eligible"])

    engine.perform(a_call("call-2"))
    (offer,) = offers(engine)
    assert (2, 2) == (offer["count"], offer["eligible"])
