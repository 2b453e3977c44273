"""Retrying with the same request id: one effect, one answer, for a quarter of an hour."""

import time
import uuid

import pytest

from router.v1 import admin_service_pb2 as admin
from router.v1 import agent_service_pb2 as agents
from router.v1 import routing_service_pb2 as routing
from router.v1.agent_pb2 import PRESENCE_AWAY, Agent
from router.v1.interaction_pb2 import CHANNEL_VOICE, Interaction
from tests.service.house import SMALL, a_house, a_request_id, refused, seconds


def uuid7(at_ms):
    """A version 7 UUID made at this instant."""
    digits = f"{at_ms:012x}7{uuid.uuid4().hex[13:]}"
    return str(uuid.UUID(digits))


async def test_a_repeat_has_no_second_effect(house):
    await house.active("call-1")
    request = routing.CompleteInteractionRequest(
        interaction_id="call-1", request_id=a_request_id()
    )

    first = await house.routing.CompleteInteraction(request)
    head = house.journal.head().sequence
    second = await house.routing.CompleteInteraction(request)

    assert first.interaction == second.interaction
    assert head == house.journal.head().sequence


async def test_a_declined_offer_may_be_declined_again_with_the_same_id(house):
    await house.sign_in("ann")
    offer_id = (await house.enqueue("call-1")).interaction.offer_id
    request = agents.DeclineOfferRequest(
        agent_id="ann", offer_id=offer_id, request_id=a_request_id()
    )

    first = await house.agents.DeclineOffer(request)
    second = await house.agents.DeclineOffer(request)

    assert first.offer == second.offer


async def test_a_repeat_after_a_restart_has_no_second_effect(house):
    await house.wrapping("call-1")
    request = agents.ExtendWrapUpRequest(
        interaction_id="call-1", extension=seconds(60), request_id=a_request_id()
    )
    first = await house.agents.ExtendWrapUp(request)

    await house.restart()
    second = await house.agents.ExtendWrapUp(request)

    assert first.interaction.next_deadline == second.interaction.next_deadline


async def test_a_refused_request_may_be_repeated_when_it_can_be_done(house):
    request_id = a_request_id()
    request = routing.CompleteInteractionRequest(
        interaction_id="call-1", request_id=request_id
    )
    await refused(house.routing.CompleteInteraction(request))
    await house.active("call-1")

    answer = await house.routing.CompleteInteraction(request)

    assert Interaction.STATE_WRAPPING == answer.interaction.state


async def test_the_same_id_may_name_requests_of_two_methods(house):
    request_id = a_request_id()
    await house.enqueue("call-1", request_id=request_id)

    answer = await house.routing.CancelInteraction(
        routing.CancelInteractionRequest(interaction_id="call-1", request_id=request_id)
    )

    assert Interaction.STATE_CANCELLED == answer.interaction.state


@pytest.mark.parametrize("bad", ["x", "018cc251f40070008000000000000000", "-" * 36])
async def test_a_request_id_is_a_uuid(house, bad):
    no = await refused(house.enqueue("call-1", request_id=bad))

    assert ("FIELD_INVALID", ("request_id",)) == (no.reason, no.fields)


async def test_a_fresh_uuid_of_version_7_is_honoured_and_an_old_one_is_not(house):
    now = int(time.time() * 1000)

    await house.enqueue("call-1", request_id=uuid7(now - 14 * 60_000))
    no = await refused(house.enqueue("call-2", request_id=uuid7(now - 16 * 60_000)))

    assert "REQUEST_ID_EXPIRED" == no.reason


async def test_an_id_that_was_answered_is_not_executed_anew_once_it_is_forgotten(house):
    request_id = uuid7(int(time.time() * 1000))
    await house.active("call-1")
    request = routing.CompleteInteractionRequest(
        interaction_id="call-1", request_id=request_id
    )
    await house.routing.CompleteInteraction(request)
    await house.pass_time(16 * 60)

    no = await refused(house.routing.CompleteInteraction(request))

    assert "REQUEST_ID_EXPIRED" == no.reason


async def test_a_repeat_about_something_forgotten_does_not_show_somebody_else():
    policy = SMALL + "\nretention: {ended: 0s, ended_max: 0}\n"
    async with a_house(policy) as house:
        await house.enqueue("call-1")
        request = routing.CancelInteractionRequest(
            interaction_id="call-1", request_id=a_request_id()
        )
        await house.routing.CancelInteraction(request)
        await house.enqueue("call-2")

        answer = await house.routing.CancelInteraction(request)

        assert "call-1" == answer.interaction.interaction_id


@pytest.mark.parametrize(
    ("service", "method", "request_"),
    [
        (
            "routing",
            "EnqueueInteraction",
            routing.EnqueueInteractionRequest(
                interaction_id="new", queue="support", channel=CHANNEL_VOICE
            ),
        ),
        (
            "routing",
            "AbandonInteraction",
            routing.AbandonInteractionRequest(interaction_id="waiting"),
        ),
        (
            "routing",
            "CancelInteraction",
            routing.CancelInteractionRequest(interaction_id="waiting"),
        ),
        (
            "routing",
            "TransferInteraction",
            routing.TransferInteractionRequest(
                interaction_id="active", to_queue="tiny"
            ),
        ),
        ("agents", "SignIn", agents.SignInRequest(agent_id="eve")),
        (
            "agents",
            "SetPresence",
            agents.SetPresenceRequest(agent_id="ann", presence=PRESENCE_AWAY),
        ),
        ("agents", "EndWrapUp", agents.EndWrapUpRequest(interaction_id="wrapping")),
        ("admin", "UpsertAgent", admin.UpsertAgentRequest(agent=Agent(agent_id="zoe"))),
        ("admin", "RemoveAgent", admin.RemoveAgentRequest(agent_id="eve")),
        ("admin", "ForceRequeue", admin.ForceRequeueRequest(interaction_id="active")),
        ("admin", "ForceEnd", admin.ForceEndRequest(interaction_id="wrapping")),
        (
            "admin",
            "PublishPolicy",
            admin.PublishPolicyRequest(yaml=SMALL.replace("30s", "31s")),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_every_mutation_has_one_effect_however_often_it_comes(
    house, service, method, request_
):
    await house.wrapping("wrapping")
    await house.active("active", "bob")
    await house.enqueue("waiting")
    call = getattr(getattr(house, service), method)
    request_.request_id = a_request_id()

    first = await call(request_)
    head = house.journal.head().sequence
    second = await call(request_)

    assert head == house.journal.head().sequence
    for field in ("interaction", "agent", "policy"):
        if field in first.DESCRIPTOR.fields_by_name:
            assert getattr(first, field) == getattr(second, field)
