"""Handoffs, waiting for owners, and what bots spare: counted from the events alone."""

from router.engine import commands as c
from router.measures import Entry, Measures
from router.model.agent import AgentKind
from router.model.channel import Channel
from tests.factories import a_chat, a_policy, an_agent, an_engine, later, on_shift

FAST = {"wrap_up": 0, "continuity_value": "2m"}


class Shift:
    def __init__(self, *agents, **queue):
        self.engine = an_engine(a_policy(support={**FAST, **queue}))
        self.measures = Measures()
        for agent in agents:
            on_shift(self.engine, agent)
        self.take()

    def take(self):
        batch = self.engine.take()
        if batch is not None:
            self.measures.fold(batch.events, self.engine.floor)

    def give(self, *orders):
        for order in orders:
            self.engine.perform(order)
            self.take()

    def accept(self, interaction):
        row = self.engine.interaction_row(interaction)
        offered = self.engine.floor.interactions[row]
        agent = self.engine.names.agents.texts[int(offered.agent)]
        self.give(c.AcceptOffer(agent, int(offered.offer)))
        return agent

    def pass_time(self, by_ms):
        later(self.engine, by_ms)
        self.take()

    def figures(self):
        return self.measures.queue(entry=None)


def a_need(interaction, **more):
    return a_chat(interaction, conversation="need-1", customer="cus-1", **more)


def test_a_handoff_that_its_owner_answers_is_continuity():
    shift = Shift(an_agent("ann"), an_agent("bob"))
    shift.give(a_need("chat-1"))
    owner = shift.accept("chat-1")
    shift.give(c.HandOff("chat-1", "call-1", Channel.VOICE))
    assert owner == shift.accept("call-1")
    figures = shift.figures()

    assert (1, 1, 1, 1) == (
        figures.handoffs,
        figures.handoffs_answered,
        figures.handoffs_owned,
        figures.handoffs_to_owner,
    )
    assert 1.0 == figures.continuity
    assert 1 == figures.handled


def test_a_handoff_that_another_answers_is_none():
    shift = Shift(an_agent("ann"))
    shift.give(a_need("chat-1"))
    shift.accept("chat-1")
    on_shift(shift.engine, an_agent("bob"))
    shift.give(c.HandOff("chat-1", "call-1", Channel.VOICE))
    offered = shift.engine.floor.interactions[shift.engine.interaction_row("call-1")]
    shift.give(c.DeclineOffer("ann", int(offered.offer)))
    assert "bob" == shift.accept("call-1")

    assert 0.0 == shift.figures().continuity


def test_whoever_is_handed_off_while_waiting_has_left_the_line_and_nothing_is_lost():
    shift = Shift(an_agent("ann"))
    shift.give(c.SetPresence("ann", c.Presence.AWAY))
    shift.give(a_need("chat-1"), c.HandOff("chat-1", "sms-1", Channel.SMS))
    for channel in (Channel.CHAT, Channel.SMS):
        assert shift.measures.queue(0, int(channel)).account().balanced

    assert 1 == shift.measures.queue(0, int(Channel.CHAT)).handed_off
    assert 1 == shift.measures.queue(0, int(Channel.SMS)).waiting


def test_the_wait_for_an_owner_is_summed():
    shift = Shift(an_agent("ann"))
    shift.give(a_need("chat-1"))
    shift.accept("chat-1")
    shift.give(c.Complete("chat-1"))
    shift.give(c.Enqueue("call-1", "support", Channel.VOICE))
    shift.accept("call-1")
    on_shift(shift.engine, an_agent("bob"))
    shift.give(a_need("chat-2"))
    shift.pass_time(1_000)
    shift.give(c.Complete("call-1"))
    assert "ann" == shift.accept("chat-2")
    figures = shift.figures()

    assert (1, 1_000) == (figures.held_back, figures.held_back_ms)


def test_what_a_bot_completes_alone_is_deflected_and_what_it_hands_on_is_not():
    bot = an_agent("botti", kind=AgentKind.BOT, capacity=9, limits={Channel.CHAT: 9})
    shift = Shift(bot)
    shift.give(a_chat("chat-1"))
    shift.accept("chat-1")
    shift.give(a_chat("chat-2"))
    shift.accept("chat-2")
    shift.give(c.Complete("chat-1"))
    shift.give(c.HandOff("chat-2", "call-2", Channel.VOICE))
    figures = shift.figures()

    assert (2, 1) == (figures.answered_by_bots, figures.deflected)
    assert 0.5 == figures.deflection


def test_a_colleague_who_is_asked_is_no_handoff():
    shift = Shift(an_agent("ann"), an_agent("bob"))
    shift.give(a_need("chat-1"))
    shift.accept("chat-1")
    ask = c.HandOff(
        "chat-1", "call-1", Channel.VOICE, keep_open=True, relation=c.Relation.CONSULT
    )
    shift.give(ask)

    assert 0 == shift.figures().handoffs


def test_a_scheduled_interaction_waits_from_the_hour_it_was_scheduled_for():
    shift = Shift(an_agent("ann"))
    shift.give(a_chat("chat-1", due_at=shift.engine.now + 60_000))
    shift.pass_time(62_000)
    shift.accept("chat-1")

    assert 2_000 == shift.measures.queue(entry=Entry.ARRIVAL).answered_wait_ms
