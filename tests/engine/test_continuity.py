"""Questions about conversations: lineage, ownership, customers, and why somebody waits."""

import pytest

from router.engine import commands as c
from router.engine.errors import ContextConflict, ForeignConversation
from router.engine.explain import candidates, claim_on, verdict
from router.engine.kinds import Rule
from router.engine.lineage import customer_state, lineage, owned_by, owner_of
from router.model.channel import Channel
from router.model.conversation import Mark, Purpose, Relation, Source
from tests.factories import a_call, a_chat, a_policy, an_agent, an_engine, later

VALUED = a_policy(support={"wrap_up": 0, "continuity_value": "3m"})


def accepted(engine, interaction):
    offered = engine.floor.interactions[engine.interaction_row(interaction)]
    agent = engine.names.agents.texts[int(offered.agent)]
    engine.perform(c.AcceptOffer(agent, int(offered.offer)))
    return agent


@pytest.fixture
def engine():
    made = an_engine(VALUED, an_agent("ann"), an_agent("bob"))
    made.perform(a_chat("chat-1", conversation="need-1", customer="cus-ayşe"))
    assert "ann" == accepted(made, "chat-1")
    return made


def test_lineage_tells_initial_previous_successors_and_related(engine):
    engine.perform(c.HandOff("chat-1", "sms-1", Channel.SMS, keep_open=True))
    engine.perform(
        c.HandOff(
            "chat-1", "call-1", Channel.VOICE, keep_open=True, relation=Relation.CONSULT
        )
    )
    accepted(engine, "sms-1")
    engine.perform(c.HandOff("sms-1", "call-2", Channel.VOICE))
    first, last = lineage(engine, "chat-1"), lineage(engine, "call-2")

    assert ("sms-1", "call-1") == first.successors
    assert ("chat-1", "sms-1") == (last.initial, last.previous)
    assert Relation.CONTINUATION == last.relation
    assert {"chat-1", "sms-1", "call-1"} == set(last.related)
    assert Relation.CONSULT == lineage(engine, "call-1").relation


def test_a_transfer_keeps_the_lineage(engine):
    engine.perform(c.HandOff("chat-1", "sms-1", Channel.SMS))
    accepted(engine, "sms-1")
    engine.perform(c.Transfer("sms-1", agent="bob"))

    assert "chat-1" == lineage(engine, "sms-1").previous
    assert ("sms-1",) == lineage(engine, "chat-1").successors


def test_the_list_at_the_end_of_a_shift_has_live_work_first(engine):
    engine.perform(a_chat("chat-2", conversation="need-2", customer="cus-δήμητρα"))
    engine.perform(c.Update("chat-2", excluded=("bob",)))
    assert "ann" == accepted(engine, "chat-2")
    engine.perform(c.Complete("chat-1"))
    later(engine, 3_600_000)

    found = owned_by(engine, "ann", engine.now)

    assert ["need-2", "need-1"] == [owned.conversation for owned in found]
    assert [1, 0] == [owned.live for owned in found]
    assert all(0 < owned.strength < 1000 for owned in found)


def test_whose_a_conversation_is_comes_with_source_and_strength(engine):
    owner = owner_of(engine, "need-1", "", engine.now)
    assert ("ann", Source.CONVERSATION, 1000) == (
        owner.agent, owner.source, owner.strength,
    )  # fmt: skip

    other = owner_of(engine, "need-9", "cus-ayşe", engine.now)
    assert ("ann", Source.LAST_AGENT, 700) == (
        other.agent, other.source, other.strength,
    )  # fmt: skip
    assert owner_of(engine, "need-9", "cus-nobody", engine.now) is None


def test_a_customer_is_everybody_they_were_merged_with(engine):
    engine.perform(c.MergeCustomers("cus-ayşe", "cus-ayse"))
    engine.perform(c.SetConsent("cus-ayse", Purpose.PROACTIVE, True))
    engine.perform(c.SetConsent("cus-ayşe", Purpose.CARRY_OVER, False))
    engine.perform(c.RequestErasure("cus-ayse"))
    state = customer_state(engine, "cus-ayse")

    assert ("cus-ayşe", ("cus-ayşe",)) == (state.root, state.merged)
    assert Mark.ERASURE_REQUESTED == state.marks
    assert {Purpose.PROACTIVE} == state.granted
    assert {Purpose.CARRY_OVER} == state.withdrawn
    assert ("chat-1",) == state.live
    assert customer_state(engine, "cus-unseen") is None


def test_a_wrong_version_is_told_the_right_one(engine):
    append = c.AppendContext("need-1", "cus-ayşe", 1, 77, 0, b"sealed")
    assert 1 == engine.perform(append)
    with pytest.raises(ContextConflict) as conflict:
        engine.perform(append)

    assert 1 == conflict.value.version == engine.context_version("need-1")
    [sealed] = engine.take().sealed
    assert ("need-1", "cus-ayşe", 1, b"sealed") == (
        sealed.conversation, sealed.customer, sealed.version, sealed.content,
    )  # fmt: skip


def test_a_conversation_is_one_customer_s(engine):
    with pytest.raises(ForeignConversation):
        engine.perform(a_chat("chat-9", conversation="need-1", customer="cus-burak"))

    engine.perform(c.MergeCustomers("cus-ayşe", "cus-burak"))
    engine.perform(a_chat("chat-9", conversation="need-1", customer="cus-burak"))


def test_explain_tells_the_sum_of_a_hold_back(engine):
    engine.perform(c.Complete("chat-1"))
    engine.perform(a_call("call-0", excluded=("bob",)))
    assert "ann" == accepted(engine, "call-0")
    engine.perform(a_chat("chat-2", conversation="need-1", customer="cus-ayşe"))
    row, bob = engine.interaction_row("chat-2"), engine.agent_row("bob")
    claim = claim_on(engine.floor, engine.names, row, engine.now)
    told = verdict(engine.floor, engine.names, row, bob, engine.now)

    assert ("ann", Source.CONVERSATION) == (claim.owner, claim.source)
    assert 180_000 == claim.worth_ms > claim.with_owner_ms - claim.without_owner_ms
    assert engine.now < claim.held_until
    assert not claim.hold_back_over
    assert Rule.HELD_FOR_OWNER == told.rule
    assert "worth 180 s of wait" in told.detail


def test_explain_tells_whom_a_second_channel_waits_for(engine):
    engine.perform(c.SetPresence("ann", c.Presence.AWAY))
    engine.perform(a_call("call-1", customer="cus-ayşe"))
    engine.perform(a_call("call-2", due_at=engine.now + 9_000))
    bob = engine.agent_row("bob")
    told = [
        verdict(engine.floor, engine.names, engine.interaction_row(x), bob, engine.now)
        for x in ("call-1", "call-2")
    ]
    _, kept_out = candidates(engine.floor, engine.interaction_row("call-1"), engine.now)

    assert [Rule.HELD_FOR_COMPANION, Rule.NOT_DUE] == [one.rule for one in told]
    assert "ann has the customer on another channel" in told[0].detail
    assert "due in 9 s" in told[1].detail
    assert 1 == kept_out[Rule.HELD_FOR_COMPANION]
