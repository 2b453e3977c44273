"""What random traffic and the state machine have found, told shortly, so that it stays
mended.

Each is the smallest floor on which a promise was once broken; the checks themselves are
those of `World.look`.
"""

import pytest

from router.engine import commands as c
from router.model.agent import Link, Presence
from router.model.channel import Channel
from router.model.interaction import State
from tests.invariants.world import World

SKILLS = {"billing": 5, "english": 5}


@pytest.fixture
def world():
    return World("steady")


def on_shift(world, *agents, link=Link.GATEWAY):
    for agent in agents:
        world.give(c.DefineAgent(agent, skills=SKILLS, groups=("front", "back")))
        world.give(c.SignIn(agent, link))
        if link == Link.STREAM:
            world.connect(agent)


def arrives(world, interaction, channel=Channel.VOICE, queue="billing", **more):
    assert None is world.give(c.Enqueue(interaction, queue, channel, **more))
    return world.second.interactions[world.engine.interaction_row(interaction)]


def accepts(world, x):
    assert None is world.give(c.AcceptOffer(world.agent_name(x.agent), x.offer))


@pytest.mark.parametrize("after", ["lean", "steady", "gathering"])
@pytest.mark.parametrize("channel", [Channel.CHAT, Channel.EMAIL, Channel.VOICE])
def test_a_policy_may_change_what_a_channel_takes_while_work_goes_on(channel, after):
    world = World("lean")
    on_shift(world, "ann")
    x = arrives(world, "i1", channel)
    accepts(world, x)

    world.publish(after)
    world.look()
    world.give(c.Complete("i1", 0))

    world.look()
    assert 0 == world.second.agent(0).load()


def test_whoever_is_transferred_does_not_overtake_those_who_wait(world):
    on_shift(world, "ann")
    served = arrives(world, "i1")
    accepts(world, served)
    world.advance(1_000)
    older = arrives(world, "i2", waited_ms=5_000)

    world.give(c.Transfer("i1", "billing"))

    assert (State.OFFERED, State.QUEUED) == (older.state, served.state)
    world.look()


def test_a_window_that_a_new_policy_closes_does_not_stay_due_for_ever():
    world = World("gathering")
    on_shift(world, "ann")
    x = arrives(world, "i1")
    assert State.QUEUED == x.state

    world.publish("steady")
    world.advance(1_000)

    assert State.OFFERED == x.state
    assert world.engine.next_wakeup() > world.now
    world.look()


def test_nobody_is_held_back_for_an_owner_who_is_not_there(world):
    on_shift(world, "ann", "bob")
    world.give(c.SetPresence("ann", Presence.OFFLINE))
    world.give(c.SetPresence("bob", Presence.AWAY, "break"))
    x = arrives(world, "i1")

    world.give(c.Update("i1", owner="ann", hold_until=world.now + 6_000))
    world.look()
    world.give(c.SetPresence("bob", Presence.AVAILABLE))

    assert State.OFFERED == x.state
    world.look()


def test_who_comes_back_through_a_gateway_after_a_restart_is_not_lost(world):
    on_shift(world, "ann", link=Link.STREAM)
    world.restart(0)

    world.give(c.SignIn("ann", Link.GATEWAY))
    world.advance(60_000)

    assert world.second.agent(0).reachable
    world.look()


@pytest.mark.parametrize("when_idle", [True, False])
def test_who_is_taken_off_the_roster_gets_no_new_work(world, when_idle):
    on_shift(world, "ann")
    accepts(world, arrives(world, "i1", Channel.CHAT))
    world.give(c.RemoveAgent("ann"))
    on_shift(world, "bob")  # else nobody could ever take the next one
    world.give(c.SetPresence("bob", Presence.AWAY, "break"))
    x = arrives(world, "i2", Channel.CHAT)

    world.give(c.SetPresence("ann", Presence.AVAILABLE, when_idle=when_idle))

    assert State.QUEUED == x.state


def test_an_owner_who_leaves_while_it_rings_elsewhere_holds_nothing_back(world):
    on_shift(world, "ann", "bob")
    world.give(c.SetPresence("ann", Presence.AWAY, "break"))
    x = arrives(world, "i1")
    assert (State.OFFERED, "bob") == (x.state, world.agent_name(x.agent))
    world.give(c.Update("i1", owner="ann", hold_until=world.now + 10_000))

    world.give(c.SetPresence("ann", Presence.OFFLINE))
    world.give(c.DeclineOffer("bob", x.offer))

    world.look()
