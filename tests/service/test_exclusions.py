"""ExplainExclusion: why not this agent. Every rule, reached."""

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from router.v1 import agent_service_pb2 as agents
from router.v1 import explain_pb2 as explain
from router.v1 import routing_service_pb2 as pb
from router.v1.admin_service_pb2 import UpsertAgentRequest
from router.v1.agent_pb2 import LINK_STREAM, PRESENCE_AWAY, Agent
from router.v1.interaction_pb2 import CHANNEL_CHAT, CHANNEL_EMAIL, CHANNEL_VOICE
from router.v1.needs_pb2 import Needs, SkillNeed
from tests.service.house import seconds

RULES = explain.ExclusionRule


async def why_not(house, agent, interaction="call-1", **more):
    request = pb.ExplainExclusionRequest(
        interaction_id=interaction, agent_id=agent, **more
    )
    return await house.routing.ExplainExclusion(request)


async def not_signed_in(house):
    await house.enqueue("call-1")


async def unreachable(house):
    await house.sign_in("ann", link=LINK_STREAM)
    await house.enqueue("call-1")


async def not_available(house):
    await house.sign_in("ann", presence=PRESENCE_AWAY)
    await house.enqueue("call-1")


async def open_offer(house):
    await house.sign_in("ann")
    await house.enqueue("chat-1", channel=CHANNEL_CHAT)
    await house.enqueue("call-1", channel=CHANNEL_CHAT)


async def group(house):
    await house.admin.UpsertAgent(
        UpsertAgentRequest(agent=Agent(agent_id="ann", groups=["back"]))
    )
    await house.sign_in("ann")
    await house.enqueue("call-1", "front desk")


async def missing_skill(house):
    await house.sign_in("ann")
    needs = Needs(all_of=[SkillNeed(skill="english", level=5)])
    await house.enqueue("call-1", needs=needs)


async def forbidden_skill(house):
    await house.sign_in("ann")
    needs = Needs(none_of=[SkillNeed(skill="billing", level=3)])
    await house.enqueue("call-1", needs=needs)


async def channel_not_taken(house):
    await house.admin.UpsertAgent(
        UpsertAgentRequest(
            agent=Agent(
                agent_id="ann",
                channel_limits=[{"channel": CHANNEL_CHAT, "limit": 0}],
            )
        )
    )
    await house.sign_in("ann")
    await house.enqueue("call-1", channel=CHANNEL_CHAT)


async def excluded(house):
    await house.sign_in("ann")
    await house.enqueue("call-1", excluded_agents=["ann"])


async def declined_before(house):
    await house.sign_in("ann")
    await decline(house, "stubborn")


async def cooling_down(house):
    await house.sign_in("ann")
    await decline(house, "support")


async def decline(house, queue):
    offer_id = (await house.enqueue("call-1", queue)).interaction.offer_id
    request = agents.DeclineOfferRequest(agent_id="ann", offer_id=offer_id)
    await house.agents.DeclineOffer(request)


async def held_for_owner(house):
    await house.active("call-0", "bob")
    await house.sign_in("ann")
    await house.enqueue("call-1", owner="bob", hold_back=seconds(120))


async def channel_limit(house):
    await house.active("chat-1", channel=CHANNEL_CHAT)
    await house.enqueue("chat-2", channel=CHANNEL_CHAT)
    await house.accept("chat-2")
    await house.enqueue("call-1", channel=CHANNEL_CHAT)


async def exclusive_channel(house):
    await house.active("call-0", channel=CHANNEL_VOICE)
    await house.enqueue("call-1", channel=CHANNEL_CHAT)


async def capacity(house):
    await house.active("chat-0", channel=CHANNEL_CHAT)
    await house.enqueue("call-1", channel=CHANNEL_VOICE)


async def interaction_not_waiting(house):
    await house.enqueue("call-1", channel=CHANNEL_EMAIL)
    await house.routing.AbandonInteraction(
        pb.AbandonInteractionRequest(interaction_id="call-1")
    )
    await house.sign_in("ann")


async def not_due(house):
    await house.sign_in("ann")
    due = Timestamp()
    due.FromMilliseconds(house.host.now() + 60_000)
    await house.enqueue("call-1", channel=CHANNEL_CHAT, due_time=due)


async def held_for_companion(house):
    await house.sign_in("bob")
    await house.enqueue("chat-1", channel=CHANNEL_CHAT, customer_id="cus-1")
    await house.accept("chat-1")
    away = agents.SetPresenceRequest(agent_id="bob", presence=PRESENCE_AWAY)
    await house.agents.SetPresence(away)
    await house.sign_in("ann")
    await house.enqueue("call-1", channel=CHANNEL_CHAT, customer_id="cus-1")


SITUATIONS = [
    not_signed_in,
    unreachable,
    not_available,
    open_offer,
    group,
    missing_skill,
    forbidden_skill,
    channel_not_taken,
    excluded,
    declined_before,
    cooling_down,
    held_for_owner,
    channel_limit,
    exclusive_channel,
    capacity,
    interaction_not_waiting,
    not_due,
    held_for_companion,
]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda made: made.__name__)
async def test_the_first_rule_against_an_agent_is_named(house, situation):
    await situation(house)

    answer = await why_not(house, "ann")

    expected = f"EXCLUSION_RULE_{situation.__name__.upper()}"
    assert expected == RULES.Name(answer.rule), answer.detail
    assert not answer.eligible
    assert len(answer.detail) > 5


def test_every_rule_is_reached():
    reached = {f"EXCLUSION_RULE_{made.__name__.upper()}" for made in SITUATIONS}

    assert set(RULES.keys()) - {"EXCLUSION_RULE_UNSPECIFIED"} == reached


async def test_who_was_beaten_learns_by_how_much(house):
    await house.sign_in("ann")
    await house.sign_in("bob")
    winner = (await house.enqueue("call-1")).interaction.agent
    loser = {"ann": "bob", "bob": "ann"}[winner]

    answer = await why_not(house, loser)

    assert answer.eligible
    assert winner == answer.winner_agent_id
    assert answer.winner_score - answer.score == answer.gap
    assert answer.gap >= 0


async def test_the_winner_is_beaten_by_nobody(house):
    await house.sign_in("ann")
    await house.enqueue("call-1")

    answer = await why_not(house, "ann")

    assert answer.eligible
    assert ("ann", 0) == (answer.winner_agent_id, answer.gap)


async def test_the_past_can_be_asked_by_the_sequence_of_an_offer(house):
    await house.sign_in("ann")
    offered = await house.enqueue("call-1")
    await house.accept("call-1")
    await house.sign_in("bob")

    then = await why_not(house, "bob", sequence=offered.sequence)

    assert RULES.EXCLUSION_RULE_NOT_SIGNED_IN == then.rule
    assert offered.sequence == then.sequence
