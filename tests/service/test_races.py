"""Answers, deadlines and leavers at the same moment: exactly one of them wins (F22)."""

import asyncio

import pytest

from router.v1.admin_service_pb2 import ForceEndRequest
from router.v1.agent_service_pb2 import AcceptOfferRequest, DeclineOfferRequest
from router.v1.interaction_pb2 import Interaction
from router.v1.routing_service_pb2 import (
    AbandonInteractionRequest,
    CancelInteractionRequest,
)
from tests.service.house import a_request_id, refused

LOST = {"OFFER_GONE", "WRONG_STATE", "UNKNOWN_OFFER"}


async def outcomes(*calls):
    """`ok` or the reason of each call, all under way at once."""

    async def one(call):
        answer = await asyncio.gather(call, return_exceptions=True)
        if not isinstance(answer[0], Exception):
            return "ok"
        return (await refused(call)).reason

    return await asyncio.gather(*(one(call) for call in calls))


async def test_fifty_clients_accept_one_offer_and_one_assignment_comes_of_it(house):
    await house.sign_in("ann")
    await house.sign_in("bob")
    offered = (await house.enqueue("call-1")).interaction
    other = {"ann": "bob", "bob": "ann"}[offered.agent]

    def accept(agent):
        request = AcceptOfferRequest(
            agent_id=agent, offer_id=offered.offer_id, request_id=a_request_id()
        )
        return house.agents.AcceptOffer(request)

    calls = [accept(offered.agent if n % 2 else other) for n in range(50)]
    told = await outcomes(*calls)

    # The holder's repeats are the same answer; the other agent never gets it.
    assert {"ok"} == set(told[1::2])
    assert set(told[0::2]) <= LOST
    now = await house.look("call-1")
    assert (Interaction.STATE_ACTIVE, offered.agent) == (now.state, now.agent)


def opposite_of(house, against, name, offer):
    """The call that wants the contrary of an acceptance."""
    about = {"interaction_id": name}
    if against == "decline":
        return house.agents.DeclineOffer(DeclineOfferRequest(**offer))
    if against == "abandon":
        return house.routing.AbandonInteraction(AbandonInteractionRequest(**about))
    if against == "cancel":
        return house.routing.CancelInteraction(CancelInteractionRequest(**about))
    return house.admin.ForceEnd(ForceEndRequest(**about))


@pytest.mark.parametrize("against", ["decline", "abandon", "cancel", "force end"])
async def test_an_acceptance_and_its_opposite_end_in_one_definite_state(house, against):
    await house.sign_in("ann")
    won = set()
    for n in range(20):
        name = f"call-{n}"
        offered = (await house.enqueue(name)).interaction
        offer = {"agent_id": "ann", "offer_id": offered.offer_id}
        accept = house.agents.AcceptOffer(AcceptOfferRequest(**offer))
        opposite = opposite_of(house, against, name, offer)
        calls = [accept, opposite] if n % 2 else [opposite, accept]
        told = await outcomes(*calls)

        assert set(told) <= {"ok"} | LOST
        assert "ok" in told
        won.add((await house.look(name)).state)
        await house.admin.ForceEnd(ForceEndRequest(interaction_id=name))
        await house.pass_time(35)

    assert Interaction.STATE_OFFERED not in won
