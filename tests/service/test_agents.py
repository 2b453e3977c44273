"""AgentService, as it goes when all is well."""

from router.v1 import agent_service_pb2 as pb
from router.v1.agent_pb2 import (
    LINK_GATEWAY,
    LINK_STREAM,
    PRESENCE_AVAILABLE,
    PRESENCE_AWAY,
    PRESENCE_OFFLINE,
)
from router.v1.interaction_pb2 import Interaction
from router.v1.offer_pb2 import Offer
from tests.service.house import seconds


async def test_signing_in_through_a_gateway_makes_an_agent_reachable(house):
    answer = await house.sign_in("ann")

    assert LINK_GATEWAY == answer.agent.link
    assert PRESENCE_AVAILABLE == answer.agent.presence
    assert answer.agent.reachable
    assert "Ann Öz" == answer.agent.display_name


async def test_an_agent_with_a_stream_is_reachable_while_it_is_open(house):
    signed_in = await house.sign_in("ann", link=LINK_STREAM)
    watch = house.agents.WatchOffers(pb.WatchOffersRequest(agent_id="ann"))
    await watch.read()

    agent = (await house.agents.GetAgent(pb.GetAgentRequest(agent_id="ann"))).agent

    assert not signed_in.agent.reachable
    assert agent.reachable


async def test_presence_changes_now_or_when_the_work_is_done(house):
    await house.active("call-1")

    later = await house.agents.SetPresence(
        pb.SetPresenceRequest(
            agent_id="ann",
            presence=PRESENCE_AWAY,
            reason="break",
            when=pb.SetPresenceRequest.WHEN_IDLE,
        )
    )
    now = await house.agents.SetPresence(
        pb.SetPresenceRequest(agent_id="ann", presence=PRESENCE_AWAY, reason="break")
    )

    assert PRESENCE_AVAILABLE == later.agent.presence
    assert (PRESENCE_AWAY, "break") == (
        later.agent.requested_presence,
        later.agent.requested_reason,
    )
    assert (PRESENCE_AWAY, "break") == (now.agent.presence, now.agent.presence_reason)
    assert ["call-1"] == list(now.agent.interactions)


async def test_offline_signs_out(house):
    await house.sign_in("ann")

    answer = await house.agents.SetPresence(
        pb.SetPresenceRequest(agent_id="ann", presence=PRESENCE_OFFLINE)
    )

    assert PRESENCE_OFFLINE == answer.agent.presence
    assert not answer.agent.HasField("sign_in_time")


async def test_accepting_the_same_offer_again_gives_the_same_answer(house):
    await house.sign_in("ann")
    offer_id = (await house.enqueue("call-1")).interaction.offer_id
    request = pb.AcceptOfferRequest(agent_id="ann", offer_id=offer_id)

    first = await house.agents.AcceptOffer(request)
    second = await house.agents.AcceptOffer(request)

    assert Offer.STATE_ACCEPTED == first.offer.state
    assert first.offer == second.offer


async def test_a_declined_interaction_waits_again(house):
    await house.sign_in("ann")
    offer_id = (await house.enqueue("call-1")).interaction.offer_id

    answer = await house.agents.DeclineOffer(
        pb.DeclineOfferRequest(agent_id="ann", offer_id=offer_id, reason="no headset")
    )

    assert Offer.STATE_DECLINED == answer.offer.state
    assert Interaction.STATE_QUEUED == answer.offer.interaction.state
    assert 1 == answer.offer.interaction.attempts


async def test_wrap_up_ends_early_or_takes_longer(house):
    await house.wrapping("call-1")
    before = (await house.look("call-1")).next_deadline.ToMilliseconds()

    longer = await house.agents.ExtendWrapUp(
        pb.ExtendWrapUpRequest(interaction_id="call-1", extension=seconds(60))
    )
    done = await house.agents.EndWrapUp(pb.EndWrapUpRequest(interaction_id="call-1"))

    assert 60_000 == longer.interaction.next_deadline.ToMilliseconds() - before
    assert Interaction.STATE_COMPLETED == done.interaction.state


async def test_agents_are_listed_by_id_and_by_what_is_asked(house):
    await house.sign_in("eve")
    await house.sign_in("bob", presence=PRESENCE_AWAY)

    async def listed(**asked):
        answer = await house.agents.ListAgents(pb.ListAgentsRequest(**asked))
        return [agent.agent_id for agent in answer.agents]

    assert ["ann", "bob", "eve"] == await listed()
    assert ["eve"] == await listed(presence=PRESENCE_AVAILABLE)
    assert ["ann", "bob"] == await listed(skill="billing")
    assert ["ann", "eve"] == await listed(group="front")
    assert ["ann"] == await listed(group="front", skill="billing")
