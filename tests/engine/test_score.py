"""Each term of the score, reckoned by hand."""

import numpy as np
import pytest

from router.engine import commands as c
from router.engine.kinds import Kind
from router.engine.score import TERM_NAMES, terms
from router.engine.tables import TERMS
from router.model.channel import Channel
from router.model.needs import Needs, SkillNeed
from tests.factories import (
    a_call,
    a_chat,
    a_policy,
    an_agent,
    an_engine,
    facts,
    needing,
    on_shift,
)

ALONE = {"needs": {"all_of": {"stocks": 5}}, "unroutable": "alarm", "wrap_up": 0}
"""Nobody here trades: whatever comes stays in line, and the terms can be read."""


def term(engine, name, interaction="call-1", agent="ann"):
    values = np.zeros(TERMS, np.int64)
    i = engine.interaction_row(interaction)
    terms(engine.floor, i, engine.names.agents.rows[agent], engine.now, values)
    return int(values[TERM_NAMES.index(name)])


def held(engine, interaction="held", **more):
    """The agents' hands are full: ann has accepted a chat."""
    engine.perform(a_chat(interaction, "easy", **more))
    engine.perform(c.AcceptOffer("ann", int(engine.floor.house[0].next_offer) - 1))


def an_engine_where_it_waits(*agents, **settings):
    return an_engine(a_policy(support=ALONE, easy={}, settings=settings), *agents)


@pytest.mark.parametrize(
    ("level", "needed", "expected"),
    [
        (3, 3, 800),
        (4, 3, 1000),
        (5, 3, 900),
        (5, 2, 800),
        (5, 1, 700),
        (2, 3, 200),
        (0, 5, 0),
    ],
)
def test_skill_fit_likes_one_level_to_spare(level, needed, expected):
    policy = a_policy(support={"unroutable": "alarm"})
    engine = an_engine(policy)
    engine.perform(an_agent(skills={"billing": level}))
    engine.perform(a_call(needs=needing(billing=needed)))

    assert expected == term(engine, "skill_fit")


def test_skill_fit_is_the_mean_over_the_needs_and_takes_the_best_of_an_any_of():
    engine = an_engine(a_policy(support={"unroutable": "alarm"}))
    engine.perform(an_agent(skills={"billing": 3, "english": 5, "french": 2}))
    choice = (SkillNeed("english", 1), SkillNeed("french", 1))
    engine.perform(
        a_call(needs=Needs(all_of=(SkillNeed("billing", 3),), any_of=(choice,)))
    )

    assert (800 + 1000) // 2 == term(engine, "skill_fit")


def test_skill_fit_is_neutral_where_nothing_is_asked():
    engine = an_engine()
    engine.perform(an_agent())
    engine.perform(a_call())

    assert 500 == term(engine, "skill_fit")


@pytest.mark.parametrize(
    ("waited_ms", "expected"),
    [(0, 0), (10_000, 500), (20_000, 1000), (900_000, 10_000)],
)
def test_waiting_is_a_thousand_when_the_target_is_due(waited_ms, expected):
    within_20s = {**ALONE, "service_level": {"within": "20s"}}
    engine = an_engine(a_policy(support=within_20s), an_agent())
    engine.perform(a_call(waited_ms=waited_ms))

    assert expected == term(engine, "waiting")


def test_priority_is_in_thousandths_of_a_hundred():
    engine = an_engine_where_it_waits(an_agent())
    engine.perform(a_call(priority=73))

    assert 730 == term(engine, "priority")


def test_ownership_is_all_or_nothing():
    engine = an_engine_where_it_waits(an_agent("ann"), an_agent("bob"))
    engine.perform(a_call(owner="ann"))

    assert 1000 == term(engine, "ownership", agent="ann")
    assert 0 == term(engine, "ownership", agent="bob")


def test_idle_time_is_full_after_ten_minutes_and_nothing_with_any_load():
    engine = an_engine_where_it_waits(an_agent("ann"))
    engine.perform(a_call())
    engine.begin(engine.now + 60_000)
    assert 100 == term(engine, "idle")
    engine.begin(engine.now + 3_600_000)
    assert 1000 == term(engine, "idle")

    held(engine)
    assert 0 == term(engine, "idle")


def test_fairness_is_the_mean_of_the_free_share_of_the_shift_and_the_room_left():
    engine = an_engine_where_it_waits(an_agent("ann", capacity=4))
    engine.perform(a_call())
    assert 1000 == term(engine, "fairness")

    engine.begin(engine.now + 60_000)
    held(engine)
    engine.begin(engine.now + 60_000)
    # Half of two minutes with load; three of four units are free.
    assert (500 + 750) // 2 == term(engine, "fairness")


def test_scarcity_is_the_price_of_a_skill_that_this_work_does_not_need():
    queues = {
        "support": {**ALONE, "needs": {"all_of": {"stocks": 5}}},
        "rare": {"needs": {"all_of": {"french": 2}}, "unroutable": "alarm"},
    }
    engine = an_engine(a_policy(**queues), an_agent("ann", skills={"french": 2}))
    on_shift(engine, an_agent("low", skills={"french": 1}))
    engine.perform(a_call())
    assert -1000 == term(engine, "scarcity", agent="ann")
    assert 0 == term(engine, "scarcity", agent="low")

    on_shift(engine, an_agent("bob", skills={"french": 5}))
    assert -500 == term(engine, "scarcity", agent="ann")
    for number in range(6):
        on_shift(engine, an_agent(f"more-{number}", skills={"french": 3}))
    assert -1000 // 8 == term(engine, "scarcity", agent="ann")
    on_shift(engine, an_agent("ninth", skills={"french": 3}))
    assert 0 == term(engine, "scarcity", agent="ann")


def test_scarcity_costs_nothing_where_the_skill_is_needed():
    engine = an_engine(a_policy(rare={"needs": {"all_of": {"french": 2}}}))
    engine.perform(an_agent("ann", skills={"french": 2}))
    engine.perform(a_call(queue="rare"))
    on_shift(engine, an_agent("ann", skills={"french": 2}))

    assert 0 == term(engine, "scarcity")


def test_channel_fit_falls_by_rank_and_is_middling_without_preferences():
    chosen = an_agent("ann", prefers=(Channel.CHAT, Channel.VOICE))
    engine = an_engine_where_it_waits(chosen, an_agent("bob"))
    engine.perform(a_call("call-1"))
    engine.perform(a_chat("chat-1"))

    assert 1000 == term(engine, "channel_fit", "chat-1", "ann")
    assert 750 == term(engine, "channel_fit", "call-1", "ann")
    assert 500 == term(engine, "channel_fit", "call-1", "bob")


def test_the_score_of_an_offer_is_the_weighted_sum_of_its_terms():
    weights = {name: number for number, name in enumerate(TERM_NAMES, start=1)}
    engine = an_engine(a_policy(settings={"score": weights}), an_agent())
    engine.perform(a_call(priority=40, waited_ms=10_000))
    ((_, issued),) = [fact for fact in facts(engine) if fact[0] == Kind.OFFER_ISSUED]

    # Neutral fit, half the target, priority 400, no owner, idle 0, all free, no price.
    assert 1 * 500 + 2 * 500 + 3 * 400 + 6 * 1000 + 8 * 500 == issued["score"]


def test_every_term_has_a_weight_in_the_policy():
    assert set(TERM_NAMES) == set(type(a_policy().score).model_fields)
    assert TERMS == len(TERM_NAMES)
