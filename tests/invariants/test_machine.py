"""A machine that does anything to the engine in any order, and believes nothing it says.

After every step: the journal checker finds no broken promise in what the step caused,
its second floor equals the engine's, replay gives the same floor, names and state hash,
nothing is stuck, and no pair that could come together is left waiting. What each order
should come to is said here, from the words of the contract.

Two profiles. `make test` draws the same examples each time; `SANTRAL_NIGHTLY=1` draws
new ones, many more and longer, and prints how to repeat a failure.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from router.engine import commands as c
from router.engine.errors import ContextConflict, OfferGone, Refused, WrongState
from router.engine.floor import differences
from router.engine.snapshot import capture, restore
from router.model.agent import AgentKind, Link, Presence
from router.model.channel import Channel
from router.model.conversation import Purpose, Relation
from router.model.interaction import State
from tests.invariants.policies import QUEUES, TEXTS, read
from tests.invariants.traffic import CHANNELS, OWN_NEEDS, PRESENT
from tests.invariants.world import World, none_of

NIGHTLY = bool(os.environ.get("SANTRAL_NIGHTLY"))
TEAM = ("ann", "bob", "cem", "dia")

COMMON = settings(
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
# Without shrinking, which can take longer than all the rest: the night run shrinks.
IN_CI = settings(
    COMMON,
    max_examples=500,
    stateful_step_count=50,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
AT_NIGHT = settings(
    COMMON, max_examples=5_000, stateful_step_count=100, print_blob=True
)

levels = st.integers(0, 5)
agents = st.integers(0, 10**6)
customers = st.sampled_from(("ayşe", "burak", "çağla", "δήμητρα"))
durations = st.one_of(
    st.integers(0, 3_000), st.sampled_from((2_000, 4_000, 5_000, 7_000, 15_000, 30_000))
)


class Floor(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.world: World | None = None
        self.arrivals = 0
        self.answered: list[tuple[str, int]] = []

    # ---------------------------------------------------------------- who is there

    @initialize(policy=st.sampled_from(sorted(TEXTS)), data=st.data())
    def opens(self, policy, data):
        self.world = World(policy)
        for agent in TEAM[: data.draw(st.integers(2, 4))]:
            self.world.give(self.definition(agent, data))
            self.world.give(c.SignIn(agent, data.draw(st.sampled_from(Link))))
            self.world.connect(agent)

    def definition(self, agent, data):
        groups = data.draw(
            st.sampled_from((("front",), ("back",), ("front", "back"), ()))
        )
        return c.DefineAgent(
            agent,
            skills={"billing": data.draw(levels), "english": data.draw(levels)},
            groups=groups,
            capacity=data.draw(st.sampled_from((None, None, 2, 5))),
            limits={Channel.EMAIL: 1} if data.draw(st.booleans()) else {},
            kind=data.draw(st.sampled_from((*[AgentKind.HUMAN] * 5, AgentKind.BOT))),
        )

    def pick(self, number, *states):
        there = self.world.those(*states)
        return there[number % len(there)] if there else None

    def somebody(self, number):
        people = sorted(self.world.people)
        return people[number % len(people)]

    def name(self, x):
        return self.world.name_of(x.row)

    # ---------------------------------------------------------------- interactions

    @rule(
        queue=st.sampled_from(QUEUES), channel=st.sampled_from(CHANNELS),
        needs=st.sampled_from(OWN_NEEDS), priority=st.sampled_from((None, None, 80)),
        owner=st.none() | agents, excluded=st.none() | st.none() | agents,
        waited_ms=st.sampled_from((0, 0, 12_000)), known=st.booleans(),
        customer=customers, due_in=st.sampled_from((0, 0, 0, 8_000)),
    )  # fmt: skip
    def somebody_calls(
        self, queue, channel, needs, priority, owner, excluded, waited_ms, known,
        customer, due_in,
    ):  # fmt: skip
        self.arrivals += 1
        order = c.Enqueue(
            f"i{self.arrivals}", queue, channel, priority=priority, needs=needs,
            owner="" if owner is None else self.somebody(owner),
            hold_back_ms=0 if owner is None else 8_000,
            excluded=() if excluded is None else (self.somebody(excluded),),
            waited_ms=waited_ms,
            conversation=f"{customer}-need" if known else "",
            customer=customer if known or waited_ms else "",
            due_at=self.world.now + due_in if due_in else 0,
        )  # fmt: skip
        refused = self.world.give(order)
        if refused is None:
            sequence = self.world.engine.sequence
            assert None is self.world.give(order), "the same order again is no news"
            assert sequence == self.world.engine.sequence

    @rule(number=agents)
    def an_agent_accepts(self, number):
        x = self.pick(number, State.OFFERED)
        if x is not None:
            agent, offer = self.world.agent_name(x.agent), x.offer
            assert None is self.world.give(c.AcceptOffer(agent, offer))
            assert State.ACTIVE == x.state
            self.answered.append((agent, offer))

    @rule(number=agents)
    def an_agent_declines(self, number):
        x = self.pick(number, State.OFFERED)
        if x is not None:
            agent, offer = self.world.agent_name(x.agent), x.offer
            assert None is self.world.give(c.DeclineOffer(agent, offer, "no"))
            refused = self.world.give(c.AcceptOffer(agent, offer))
            assert isinstance(refused, OfferGone), refused

    @precondition(lambda self: self.answered)
    @rule(number=agents)
    def an_agent_declines_what_was_answered(self, number):
        agent, offer = self.answered[number % len(self.answered)]
        refused = self.world.give(c.DeclineOffer(agent, offer))
        assert isinstance(refused, Refused), "an answered offer cannot be declined"

    @rule(number=agents)
    def an_offer_lapses(self, number):
        x = self.pick(number, State.OFFERED)
        if x is not None:
            agent, offer = self.world.agent_name(x.agent), x.offer
            self.world.advance(x.deadline - self.world.now)
            refused = self.world.give(c.AcceptOffer(agent, offer))
            assert isinstance(refused, Refused), "at its very deadline an offer is gone"

    @rule(number=agents, wrap_up_ms=st.sampled_from((None, 0, 9_000)))
    def work_is_completed(self, number, wrap_up_ms):
        x = self.pick(number, *State)
        if x is not None:
            state = x.state
            refused = self.world.give(c.Complete(self.name(x), wrap_up_ms))
            if state in (State.ACTIVE, State.WRAPPING, State.COMPLETED):
                assert refused is None
                assert x.state in (State.WRAPPING, State.COMPLETED)
            else:
                assert isinstance(refused, WrongState), refused

    @rule(number=agents, extend=st.booleans())
    def wrap_up_goes_on_or_ends(self, number, extend):
        x = self.pick(number, State.WRAPPING)
        if x is None:
            return
        if extend:
            self.world.give(c.ExtendWrapUp(self.name(x), 3_000))
        else:
            assert None is self.world.give(c.EndWrapUp(self.name(x)))
            assert State.COMPLETED == x.state

    @rule(number=agents)
    def a_customer_leaves(self, number):
        x = self.pick(number, *PRESENT)
        if x is not None:
            waited = x.state in (State.QUEUED, State.OFFERED)
            assert None is self.world.give(c.Abandon(self.name(x)))
            assert (State.ABANDONED == x.state) is waited

    @rule(number=agents)
    def somebody_cancels(self, number):
        x = self.pick(number, *State)
        if x is not None:
            may = x.state in (State.QUEUED, State.OFFERED, State.CANCELLED)
            refused = self.world.give(c.Cancel(self.name(x)))
            assert (refused is None) is may, refused
            assert (State.CANCELLED == x.state) is may

    @rule(
        number=agents, queue=st.sampled_from(("", *QUEUES)), agent=st.none() | agents,
        needs=st.sampled_from((None, *OWN_NEEDS)),
    )  # fmt: skip
    def work_is_transferred(self, number, queue, agent, needs):
        x = self.pick(number, *PRESENT)
        if x is not None:
            to = "" if agent is None else self.somebody(agent)
            was = x.state
            refused = self.world.give(c.Transfer(self.name(x), queue, to, needs))
            assert refused is not None or was != State.WRAPPING

    @rule(
        number=agents, priority=st.sampled_from((None, 10, 90)),
        needs=st.sampled_from((None, *OWN_NEEDS)), excluded=st.none() | agents,
        owner=st.none() | agents,
    )  # fmt: skip
    def a_wish_changes(self, number, priority, needs, excluded, owner):
        x = self.pick(number, State.QUEUED, State.OFFERED)
        if x is not None:
            self.world.give(
                c.Update(
                    self.name(x), priority, needs,
                    None if excluded is None else (self.somebody(excluded),),
                    None if owner is None else self.somebody(owner),
                    self.world.now + 6_000,
                )
            )  # fmt: skip

    @rule(
        number=agents, channel=st.sampled_from(CHANNELS),
        queue=st.sampled_from(("", *QUEUES)), keep_open=st.booleans(),
        due_in=st.sampled_from((0, 0, 9_000)), consent=st.booleans(),
        relation=st.sampled_from(list(Relation)[1:]),
    )  # fmt: skip
    def a_conversation_goes_on(
        self, number, channel, queue, keep_open, due_in, consent, relation
    ):
        x = self.pick(number, *PRESENT)
        if x is None:
            return
        self.arrivals += 1
        order = c.HandOff(
            self.name(x), f"i{self.arrivals}", channel, queue, keep_open=keep_open,
            due_at=self.world.now + due_in if due_in else 0, consent=consent,
            relation=relation,
        )  # fmt: skip
        was = x.state
        refused = self.world.give(order)
        assert refused is not None or was != State.WRAPPING
        if refused is None:
            assert keep_open or State.HANDED_OFF == x.state
            y = self.world.second.interactions[x.successors[-1]]
            assert self.name(y) == order.successor
            sequence = self.world.engine.sequence
            assert None is self.world.give(order), "the same handoff again is no news"
            assert sequence == self.world.engine.sequence

    @rule(
        number=agents, expected=st.sampled_from((None, None, 0, 1)), seen=st.booleans()
    )
    def something_is_said(self, number, expected, seen):
        x = self.pick(number, *PRESENT)
        if x is None or x.conversation < 0:
            return
        names, book = self.world.engine.names, self.world.second.book
        conversation = names.conversations.texts[x.conversation]
        version = book.conversations[x.conversation].version
        if seen and x.state != State.QUEUED:
            agent = self.world.agent_name(x.agent)
            refused = self.world.give(
                c.AcknowledgeContext(self.name(x), agent, version)
            )
            assert (refused is None) is (version > 0), refused
            return
        customer = names.customers.texts[x.customer]
        refused = self.world.give(
            c.AppendContext(conversation, customer, 1, 77, expected)
        )
        if refused is None:
            assert version + 1 == book.conversations[x.conversation].version
        elif isinstance(refused, ContextConflict):
            assert version == refused.version != expected

    @rule(one=customers, other=customers, apart=st.booleans())
    def customers_are_one_or_two(self, one, other, apart):
        verb = c.UnmergeCustomers if apart else c.MergeCustomers
        self.world.give(verb(one, other))

    @rule(customer=customers, purpose=st.sampled_from(Purpose), granted=st.booleans())
    def a_customer_allows(self, customer, purpose, granted):
        self.world.give(c.SetConsent(customer, purpose, granted))

    @rule(customer=customers, restricted=st.booleans())
    def a_customer_is_restricted(self, customer, restricted):
        self.world.give(c.SetRestricted(customer, restricted))

    @rule(customer=customers, confirm=st.booleans())
    def a_customer_is_erased(self, customer, confirm):
        if confirm:
            self.world.give(c.ConfirmErasure(customer))
        else:
            assert None is self.world.give(c.RequestErasure(customer))

    @rule(customer=customers, agent=st.none() | agents, team=st.booleans())
    def an_account_gets_an_owner(self, customer, agent, team):
        name = "" if agent is None else self.somebody(agent)
        self.world.give(c.SetAccountOwner(customer, name, "front" if team else ""))

    @rule(number=agents, to=st.none() | agents)
    def a_shift_is_handed_over(self, number, to):
        name = "" if to is None else self.somebody(to)
        self.world.give(c.HandOver(self.somebody(number), name))

    @rule(number=agents, end=st.booleans())
    def an_administrator_steps_in(self, number, end):
        x = self.pick(number, *PRESENT, State.DEAD_LETTERED)
        if x is not None:
            force = c.ForceEnd if end else c.ForceRequeue
            self.world.give(force(self.name(x), "at the desk"))

    # ---------------------------------------------------------------- agents

    @rule(
        number=agents, presence=st.sampled_from(Presence), when_idle=st.booleans()
    )  # fmt: skip
    def an_agent_turns(self, number, presence, when_idle):
        reason = "break" if presence == Presence.AWAY else ""
        name = self.somebody(number)
        self.world.give(c.SetPresence(name, presence, reason, when_idle))

    @rule(number=agents, link=st.sampled_from(Link), presence=st.sampled_from(Presence))
    def an_agent_signs_in(self, number, link, presence):
        name = self.somebody(number)
        self.world.give(c.SignIn(name, link, presence))

    @rule(number=agents)
    def a_stream_opens(self, number):
        self.world.connect(self.somebody(number))

    @rule(number=agents)
    def a_stream_breaks(self, number):
        agent = self.somebody(number)
        session = self.world.second.agent(self.world.people[agent].row).session
        self.world.give(c.Disconnect(agent, max(0, session)))

    @rule(number=agents, data=st.data())
    def an_agent_learns(self, number, data):
        self.world.give(self.definition(TEAM[number % len(TEAM)], data))

    @rule(number=agents)
    def an_agent_is_removed(self, number):
        self.world.give(c.RemoveAgent(self.somebody(number)))

    # ---------------------------------------------------------------- the house

    @rule(duration_ms=durations)
    def time_passes(self, duration_ms):
        self.world.advance(duration_ms)

    @rule(policy=st.sampled_from(sorted(TEXTS)))
    def a_policy_is_published(self, policy):
        self.world.publish(policy)

    @rule(down_ms=st.sampled_from((0, 500, 20_000)))
    def the_router_is_killed(self, down_ms):
        self.world.restart(down_ms)

    @rule()
    def a_snapshot_is_taken(self):
        taken = capture(self.world.engine)
        again = restore(taken.pack(), read)
        none_of(differences(self.world.engine.floor, again.floor))
        assert taken.state_hash == capture(again).state_hash

    @invariant()
    def everybody_agrees(self):
        if self.world is not None:
            self.world.look()

    def teardown(self):
        if self.world is not None:
            none_of(self.world.checker.finish())


@pytest.mark.slow
@pytest.mark.timeout(0 if NIGHTLY else 400)
def test_whatever_happens_every_promise_is_kept():
    run_state_machine_as_test(Floor, settings=AT_NIGHT if NIGHTLY else IN_CI)
