"""The engine's face: a refusal changes nothing, a batch holds all that replay needs."""

import pytest

from router.engine import commands as c
from router.engine import errors
from router.engine.engine import Engine, TablesUnfit
from router.engine.floor import used_rows
from router.engine.kinds import Kind
from router.model.agent import Link, Presence
from router.model.channel import Channel
from router.policy.load import load_policy
from tests.engine.invariants import faults_of_replay
from tests.factories import (
    NINE,
    a_call,
    a_chat,
    a_policy,
    an_agent,
    an_engine,
    facts,
    later,
    needing,
)


@pytest.fixture
def busy():
    """Ann is on call-1 and has been offered chat-2; chat-3 waits; bob is at home."""
    policy = a_policy(support={"limit": 1}, strict={"needs": {"all_of": {"stocks": 5}}})
    engine = an_engine(policy, an_agent("ann", capacity=10))
    engine.perform(an_agent("bob"))
    engine.perform(a_chat("chat-1"))
    engine.perform(c.AcceptOffer("ann", 1))
    engine.perform(a_chat("chat-2"))
    engine.perform(a_chat("chat-3"))
    engine.perform(an_agent("gone"))
    engine.take()
    return engine


def tables(engine):
    return {
        name: getattr(engine.floor, name).tobytes() for name in used_rows(engine.floor)
    }


REFUSED = [
    (c.Abandon("nobody"), errors.UnknownInteraction),
    (a_call("chat-1"), errors.AlreadyEnqueued),
    (a_call("call-9", "nowhere"), errors.UnknownQueue),
    (a_chat("chat-9"), errors.QueueFull),
    (a_call("call-9", channel=Channel.VIDEO, priority=101), errors.InvalidField),
    (a_chat("chat-9", needs=needing(juggling=1)), errors.UnknownSkill),
    (a_chat("chat-9", excluded=("nobody",)), errors.UnknownAgent),
    (a_chat("chat-9", excluded=("ann",) * 9), errors.InvalidField),
    (a_chat("chat-9", owner="nobody"), errors.UnknownAgent),
    (c.AcceptOffer("ann", 99), errors.UnknownOffer),
    (c.AcceptOffer("ann", 0), errors.UnknownOffer),
    (c.AcceptOffer("bob", 2), errors.OfferGone),
    (c.DeclineOffer("ann", 1), errors.OfferGone),
    (c.Complete("chat-2"), errors.WrongState),
    (c.Cancel("chat-1"), errors.WrongState),
    (c.EndWrapUp("chat-1"), errors.WrongState),
    (c.ExtendWrapUp("chat-1", 1_000), errors.WrongState),
    (c.ExtendWrapUp("chat-1", 0), errors.InvalidField),
    (c.Transfer("chat-1", queue="nowhere"), errors.UnknownQueue),
    (c.Transfer("chat-1", queue="support"), errors.QueueFull),
    (c.Transfer("chat-1", agent="bob"), errors.NotSignedIn),
    (c.Update("chat-1", priority=3), errors.WrongState),
    (c.Update("chat-3", priority=101), errors.InvalidField),
    (c.Update("chat-3", priority=3, excluded=("nobody",)), errors.UnknownAgent),
    (c.Update("chat-3", priority=3, owner="nobody"), errors.UnknownAgent),
    (c.SignIn("nobody"), errors.UnknownAgent),
    (c.SetPresence("ann", Presence.OFFLINE), errors.AgentBusy),
    (c.SetPresence("bob", Presence.AVAILABLE), errors.NotSignedIn),
    (c.SetPresence("ann", Presence.AWAY, "juggling"), errors.InvalidField),
    (an_agent("ann", skills={"juggling": 1}), errors.UnknownSkill),
    (an_agent("ann", skills={"billing": 6}), errors.InvalidField),
    (an_agent("ann", groups=("circus",)), errors.UnknownGroup),
    (an_agent("ann", capacity=0), errors.InvalidField),
    (c.RemoveAgent("nobody"), errors.UnknownAgent),
    (c.PublishPolicy(a_policy(other={}), "other"), errors.QueueInUse),
]


@pytest.mark.parametrize(
    ("command", "refusal"),
    REFUSED,
    ids=lambda x: x.__name__ if isinstance(x, type) else type(x).__name__,
)
def test_a_refusal_changes_nothing_and_says_what_to_do(busy, command, refusal):
    before, sequence = tables(busy), busy.sequence

    with pytest.raises(refusal) as answer:
        busy.perform(command)

    assert len(str(answer.value)) > 20
    assert before == tables(busy)
    assert (sequence, None) == (busy.sequence, busy.take())


def test_every_code_of_the_machine_has_its_words():
    assert set(errors.BY_CODE) == set(type(next(iter(errors.BY_CODE)))) - {0}


def test_time_never_goes_back(busy):
    busy.begin(NINE + 1_000)
    busy.perform(c.Tick())
    busy.perform(c.Abandon("chat-3"))
    busy.begin(NINE)

    assert NINE + 1_000 == busy.now
    ((_, fact),) = facts(busy)
    assert NINE + 1_000 == fact["at"]


def test_an_idle_engine_wakes_for_nothing():
    engine = an_engine(None, an_agent())

    assert engine.next_wakeup() is None
    engine.perform(c.Tick())
    assert engine.take() is None


def test_batches_follow_one_another_without_a_gap():
    engine = Engine()
    engine.begin(NINE)
    engine.perform(c.PublishPolicy(a_policy(), "small"))
    first = engine.take()
    engine.perform(an_agent())
    engine.perform(a_call())
    second = engine.take()

    assert (1, first.last_sequence + 1) == (first.first_sequence, second.first_sequence)
    assert engine.sequence == second.last_sequence


def test_the_policy_in_force_comes_back_with_its_text():
    text = "policy: tiny\nqueues: {support: {offer_timeout: 7s}}\n"
    engine = Engine()
    engine.begin(NINE)
    engine.perform(c.PublishPolicy(load_policy(text), text))
    fresh = Engine()
    fresh.replay(engine.take())
    fresh.recall(load_policy)

    assert load_policy(text) == fresh.policy
    assert text == fresh.policy_text


def test_a_replayed_engine_goes_on_as_the_live_one_does():
    text = "policy: tiny\nqueues: {support: {}, sales: {}}\n"
    live = Engine()
    live.begin(NINE)
    live.perform(c.PublishPolicy(load_policy(text), text))
    live.perform(c.DefineAgent("ann"))
    live.perform(c.SignIn("ann", Link.GATEWAY))
    live.perform(a_call("call-1"))
    fresh = Engine()
    fresh.replay(live.take())
    fresh.recall(load_policy)
    for engine in (live, fresh):
        engine.begin(NINE + 1_000)
        engine.perform(c.AcceptOffer("ann", 1))
        engine.perform(a_call("call-2", "sales", priority=60))
        later(engine, 60_000)

    one, other = live.take(), fresh.take()
    assert one.events.tobytes() == other.events.tobytes()
    assert (one.names, one.payload) == (other.names, other.payload)


def test_what_comes_and_is_forgotten_within_one_batch_leaves_no_name():
    engine, fresh = Engine(), Engine()
    engine.begin(NINE)
    policy = a_policy(settings={"retention": {"ended_max": 0}})
    engine.perform(c.PublishPolicy(policy, "small"))
    engine.perform(an_agent())
    for name in ("call-1", "call-2"):
        engine.perform(a_call(name, conversation=f"of-{name}"))
        engine.perform(c.Abandon(name))
    engine.perform(a_call("call-3"))
    fresh.replay(engine.take())

    assert {"call-3"} == set(engine.names.interactions.rows)
    assert [] == faults_of_replay(engine, fresh)


def test_who_has_been_transferred_has_no_offer_any_more():
    engine = an_engine(a_policy(support={"wrap_up": 0}, sales={}), an_agent())
    engine.perform(an_agent("sam", skills={"stocks": 3}))
    engine.perform(a_call())
    engine.perform(c.AcceptOffer("ann", 1))
    engine.perform(c.Transfer("call-1", queue="sales", needs=needing(stocks=3)))
    engine.take()
    engine.perform(c.Abandon("call-1"))

    (event,) = engine.take().events
    assert Kind.INTERACTION_ABANDONED == event["kind"]
    assert 0 == event["offer"]


def test_rows_written_by_an_engine_with_other_tables_are_not_read():
    engine = an_engine(a_policy())
    engine.perform(an_agent("sam"))
    batch = engine.take()
    batch.documents = [("tables", "0123456789abcdef", "")]

    with pytest.raises(TablesUnfit, match="read this journal with the release"):
        Engine().replay(batch)
