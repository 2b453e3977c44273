"""Why this agent may not take this interaction: always the first rule that fails."""

import pytest

from router.engine import commands as c
from router.engine.eligibility import could_ever, rule_against
from router.engine.kinds import Rule
from router.model.agent import Link, Presence
from router.model.channel import Channel
from router.model.needs import Needs, SkillNeed
from tests.factories import (
    a_call,
    a_chat,
    a_policy,
    an_agent,
    an_engine,
    later,
    needing,
    on_shift,
)

ALARM = {"unroutable": "alarm", "wrap_up": 0}


def rule(engine, interaction, agent="ann"):
    i = engine.interaction_row(interaction)
    a = engine.names.agents.rows[agent]
    return Rule(rule_against(engine.floor, i, a, engine.now))


def waiting(engine, **more):
    """A call that waits because nobody was there when it came."""
    engine.perform(a_call("call-1", **more))
    return engine


def busy_with(engine, command, agent="ann"):
    """The agent has accepted this interaction."""
    engine.perform(command)
    offer = int(engine.floor.house[0].next_offer) - 1
    engine.perform(c.AcceptOffer(agent, offer))


@pytest.fixture
def engine():
    return an_engine(a_policy(support=ALARM, front={**ALARM, "groups": ["front"]}))


def test_nobody_who_is_not_signed_in(engine):
    engine.perform(an_agent())

    assert Rule.NOT_SIGNED_IN == rule(waiting(engine), "call-1")


def test_nobody_whose_stream_is_not_open(engine):
    engine.perform(an_agent())
    engine.perform(c.SignIn("ann", Link.STREAM))

    assert Rule.UNREACHABLE == rule(waiting(engine), "call-1")


def test_nobody_who_is_away(engine):
    on_shift(engine, an_agent())
    engine.perform(c.SetPresence("ann", Presence.AWAY, "lunch"))

    assert Rule.NOT_AVAILABLE == rule(waiting(engine), "call-1")


def test_nobody_who_has_asked_to_go(engine):
    on_shift(engine, an_agent(capacity=10))
    busy_with(engine, a_chat("chat-1"))
    engine.perform(c.SetPresence("ann", Presence.AWAY, "lunch", when_idle=True))

    assert Rule.NOT_AVAILABLE == rule(waiting(engine), "call-1")


def test_nobody_who_looks_at_an_offer(engine):
    on_shift(engine, an_agent())
    engine.perform(a_chat("chat-1"))

    assert Rule.OPEN_OFFER == rule(waiting(engine), "call-1")


def test_nobody_outside_the_groups(engine):
    on_shift(engine, an_agent(groups=("back",)))

    assert Rule.GROUP == rule(waiting(engine, queue="front"), "call-1")


@pytest.mark.parametrize(
    ("needs", "held"),
    [
        (needing(billing=3), {"billing": 2}),
        (needing(billing=3, english=1), {"billing": 5}),
        (
            Needs(any_of=((SkillNeed("english", 3), SkillNeed("french", 2)),)),
            {"english": 2, "french": 1},
        ),
    ],
)
def test_nobody_whose_skills_are_missing_or_too_low(engine, needs, held):
    on_shift(engine, an_agent(skills=held))

    assert Rule.MISSING_SKILL == rule(waiting(engine, needs=needs), "call-1")


def test_nobody_with_a_forbidden_skill(engine):
    needs = Needs(none_of=(SkillNeed("trainee", 2),))
    on_shift(engine, an_agent("ann", skills={"trainee": 2}))
    on_shift(engine, an_agent("bob", skills={"trainee": 1}, limits={Channel.VOICE: 0}))
    waiting(engine, needs=needs)

    assert Rule.FORBIDDEN_SKILL == rule(engine, "call-1", "ann")
    assert Rule.CHANNEL_NOT_TAKEN == rule(engine, "call-1", "bob")


def test_nobody_who_is_excluded(engine):
    on_shift(engine, an_agent())

    assert Rule.EXCLUDED == rule(waiting(engine, excluded=("ann",)), "call-1")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"exclude_decliner": True, "cool_down": "0s"}, Rule.DECLINED_BEFORE),
        ({"exclude_decliner": True, "cool_down": "30s"}, Rule.DECLINED_BEFORE),
        ({"cool_down": "30s"}, Rule.COOLING_DOWN),
    ],
)
def test_nobody_who_has_just_declined(settings, expected):
    engine = an_engine(a_policy(support=settings), an_agent())
    engine.perform(a_call())
    engine.perform(c.DeclineOffer("ann", 1))

    assert expected == rule(engine, "call-1")


def test_a_pair_rests_until_its_time_and_not_longer():
    policy = a_policy(support={"cool_down": "30s", "offer_timeout": "20s"})
    engine = an_engine(policy, an_agent())
    engine.perform(a_call())
    engine.perform(c.DeclineOffer("ann", 1))
    later(engine, 29_999)
    assert Rule.COOLING_DOWN == rule(engine, "call-1")

    engine.begin(engine.now + 1)
    assert Rule.NONE == rule(engine, "call-1")


def test_nobody_else_while_it_is_held_for_its_owner(engine):
    on_shift(engine, an_agent("ann"))
    engine.perform(c.SetPresence("ann", Presence.AWAY))
    on_shift(engine, an_agent("bob"))
    waiting(engine, owner="ann", hold_back_ms=10_000)

    assert Rule.HELD_FOR_OWNER == rule(engine, "call-1", "bob")
    later(engine, 10_000)
    # The hold-back is over, and bob has been offered it at once.
    assert Rule.OPEN_OFFER == rule(engine, "call-1", "bob")


def test_nobody_beyond_a_channel_limit(engine):
    on_shift(engine, an_agent(limits={Channel.CHAT: 1}))
    busy_with(engine, a_chat("chat-1"))
    engine.perform(a_chat("chat-2"))

    assert Rule.CHANNEL_LIMIT == rule(engine, "chat-2")


def test_nobody_who_is_on_an_exclusive_channel(engine):
    on_shift(engine, an_agent(capacity=10))
    busy_with(engine, a_call("call-1"))
    engine.perform(a_chat("chat-1"))

    assert Rule.EXCLUSIVE_CHANNEL == rule(engine, "chat-1")


def test_nobody_without_room(engine):
    on_shift(engine, an_agent(capacity=3))
    busy_with(engine, a_chat("chat-1"))

    assert Rule.CAPACITY == rule(waiting(engine), "call-1")


def test_nothing_that_does_not_wait(engine):
    on_shift(engine, an_agent("ann"))
    waiting(engine)
    on_shift(engine, an_agent("bob"))

    assert Rule.INTERACTION_NOT_WAITING == rule(engine, "call-1", "bob")


def test_the_first_rule_that_fails_is_the_answer(engine):
    on_shift(engine, an_agent(limits={Channel.VOICE: 0}))
    waiting(engine, needs=needing(billing=3), excluded=("ann",))
    assert Rule.MISSING_SKILL == rule(engine, "call-1")

    engine.perform(c.SetPresence("ann", Presence.AWAY))
    assert Rule.NOT_AVAILABLE == rule(engine, "call-1")


def test_could_ever_looks_at_every_rung_and_at_the_roster_only():
    ladder = [{"after": "1m", "lower": {"billing": 1}}]
    policy = a_policy(
        support={"needs": {"all_of": {"billing": 4}}, "relaxation": ladder}
    )
    engine = an_engine(policy)
    engine.perform(an_agent("ann", skills={"billing": 1}))
    engine.perform(an_agent("bob", skills={"french": 5}))
    engine.perform(an_agent("tiny", skills={"billing": 5}, capacity=1))
    engine.perform(a_call())

    line = int(engine.floor.interactions[0]["line"])
    able = [could_ever(engine.floor, line, a) for a in range(3)]

    assert [True, False, False] == able
