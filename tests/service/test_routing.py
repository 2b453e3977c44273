"""RoutingService, as it goes when all is well."""

import asyncio

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from router.v1 import routing_service_pb2 as pb
from router.v1.interaction_pb2 import (
    CHANNEL_CHAT,
    CHANNEL_VOICE,
    END_REASON_CANCELLED,
    END_REASON_CUSTOMER_LEFT,
    Interaction,
)
from router.v1.needs_pb2 import Needs, SkillNeed
from tests.service.house import refused, seconds


async def test_an_interaction_goes_from_arrival_to_completion(house):
    await house.sign_in("ann")

    offered = (await house.enqueue("call-1", conversation_id="c-1")).interaction
    accepted = (await house.accept("call-1")).offer
    wrapping = await house.routing.CompleteInteraction(
        pb.CompleteInteractionRequest(interaction_id="call-1")
    )
    await house.pass_time(31)
    done = await house.look("call-1")

    assert (Interaction.STATE_OFFERED, "ann") == (offered.state, offered.agent)
    assert "c-1" == offered.conversation_id
    assert offered.offer_id == accepted.offer_id
    assert Interaction.STATE_ACTIVE == accepted.interaction.state
    assert Interaction.STATE_WRAPPING == wrapping.interaction.state
    assert Interaction.STATE_COMPLETED == done.state


async def test_every_answer_carries_the_sequence_that_holds_its_effect(house):
    first = await house.enqueue("call-1")
    second = await house.enqueue("call-2")

    assert first.sequence < second.sequence
    assert second.sequence == house.journal.head().sequence


async def test_completing_without_wrap_up_ends_it_at_once(house):
    await house.active("call-1")

    answer = await house.routing.CompleteInteraction(
        pb.CompleteInteractionRequest(interaction_id="call-1", wrap_up=seconds(0))
    )

    assert Interaction.STATE_COMPLETED == answer.interaction.state


async def test_a_customer_who_leaves_is_abandoned_and_the_offer_revoked(house):
    await house.sign_in("ann")
    await house.enqueue("call-1")

    answer = await house.routing.AbandonInteraction(
        pb.AbandonInteractionRequest(interaction_id="call-1")
    )

    assert Interaction.STATE_ABANDONED == answer.interaction.state
    assert END_REASON_CUSTOMER_LEFT == answer.interaction.end_reason
    assert "" == answer.interaction.agent


async def test_a_withdrawn_interaction_is_cancelled_as_often_as_one_likes(house):
    await house.enqueue("call-1")
    request = pb.CancelInteractionRequest(interaction_id="call-1", reason="spam")

    first = await house.routing.CancelInteraction(request)
    second = await house.routing.CancelInteraction(request)

    assert Interaction.STATE_CANCELLED == first.interaction.state
    assert END_REASON_CANCELLED == first.interaction.end_reason
    assert first.interaction == second.interaction


async def test_an_update_changes_what_its_mask_names_and_nothing_else(house):
    await house.enqueue("call-1", priority=10)
    needs = Needs(all_of=[SkillNeed(skill="english", level=2)])
    changed = Interaction(interaction_id="call-1", priority=90, needs=needs)

    answer = await house.routing.UpdateInteraction(
        pb.UpdateInteractionRequest(
            interaction=changed, update_mask=FieldMask(paths=["needs"])
        )
    )

    assert 10 == answer.interaction.priority
    assert needs == answer.interaction.needs


async def test_a_transfer_to_a_queue_keeps_the_age(house):
    await house.active("call-1", waited=seconds(600))

    answer = await house.routing.TransferInteraction(
        pb.TransferInteractionRequest(interaction_id="call-1", to_queue="tiny")
    )

    assert "tiny" == answer.interaction.queue
    waiting = answer.interaction.state_time.ToMilliseconds()
    age_ms = waiting - answer.interaction.enqueue_time.ToMilliseconds()
    assert 600_000 <= age_ms


async def test_a_transfer_to_an_agent_waits_for_this_agent(house):
    await house.active("call-1")
    await house.sign_in("bob")

    answer = await house.routing.TransferInteraction(
        pb.TransferInteractionRequest(interaction_id="call-1", to_agent="bob")
    )

    assert "bob" == answer.interaction.agent
    assert Interaction.STATE_OFFERED == answer.interaction.state


async def test_interactions_are_listed_oldest_first_and_by_what_is_asked(house):
    await house.enqueue("old", waited=seconds(60))
    await house.enqueue("young")
    await house.enqueue("oldest", "tiny", CHANNEL_CHAT, waited=seconds(600))
    await house.routing.CancelInteraction(
        pb.CancelInteractionRequest(interaction_id="young")
    )

    async def listed(**asked):
        request = pb.ListInteractionsRequest(**asked)
        answer = await house.routing.ListInteractions(request)
        return [one.interaction_id for one in answer.interactions]

    assert ["oldest", "old", "young"] == await listed()
    assert ["oldest"] == await listed(queue="tiny")
    assert ["young"] == await listed(states=[Interaction.STATE_CANCELLED])
    assert [] == await listed(agent="ann")


async def test_a_watch_shows_every_state_and_closes_after_the_end(house):
    await house.sign_in("ann")
    await house.enqueue("call-1")
    watch = house.routing.WatchInteraction(
        pb.WatchInteractionRequest(interaction_id="call-1")
    )

    first = await watch.read()
    await house.accept("call-1")
    await house.routing.CompleteInteraction(
        pb.CompleteInteractionRequest(interaction_id="call-1", wrap_up=seconds(0))
    )
    states = [first.interaction.state]
    sequences = [first.sequence]
    while (message := await watch.read()) is not grpc.aio.EOF:
        states.append(message.interaction.state)
        sequences.append(message.sequence)

    assert Interaction.STATE_OFFERED == states[0]
    assert Interaction.STATE_COMPLETED == states[-1]
    assert sorted(set(sequences)) == sequences


async def test_a_watch_resumes_with_what_is_new_or_with_nothing(house):
    seen = (await house.enqueue("call-1")).interaction.sequence
    watch = house.routing.WatchInteraction(
        pb.WatchInteractionRequest(interaction_id="call-1", after_sequence=seen)
    )
    silence = asyncio.ensure_future(watch.read())
    await house.enqueue("call-2")

    done, _ = await asyncio.wait({silence}, timeout=0.1)
    assert set() == done
    await house.routing.CancelInteraction(
        pb.CancelInteractionRequest(interaction_id="call-1")
    )
    assert Interaction.STATE_CANCELLED == (await silence).interaction.state


async def test_a_watch_of_something_ended_shows_it_and_closes(house):
    await house.enqueue("call-1")
    await house.routing.CancelInteraction(
        pb.CancelInteractionRequest(interaction_id="call-1")
    )

    watch = house.routing.WatchInteraction(
        pb.WatchInteractionRequest(interaction_id="call-1")
    )

    states = [message.interaction.state async for message in watch]
    assert [Interaction.STATE_CANCELLED] == states


async def test_an_estimate_comes_from_what_was_handled(house):
    await house.active("call-1")
    await house.pass_time(60)
    await house.routing.CompleteInteraction(
        pb.CompleteInteractionRequest(interaction_id="call-1", wrap_up=seconds(0))
    )
    free = await house.routing.EstimateWait(
        pb.EstimateWaitRequest(queue="support", channel=CHANNEL_VOICE)
    )
    await house.enqueue("call-2")
    await house.accept("call-2")
    await house.enqueue("call-3")
    waiting = await house.routing.EstimateWait(
        pb.EstimateWaitRequest(interaction_id="call-3")
    )

    assert 0 == free.estimate.ToMilliseconds()
    assert 1 == waiting.position
    assert 55 <= waiting.estimate.ToSeconds() <= 65


@pytest.mark.parametrize("ended_max", [0, 1])
async def test_nobody_is_shown_who_took_the_row_of_one_forgotten(ended_max):
    from tests.service.house import SMALL, a_house

    policy = SMALL + f"\nretention: {{ended: 0s, ended_max: {ended_max}}}\n"
    async with a_house(policy) as house:
        await house.enqueue("call-1", customer_id="customer-1")
        cancel = pb.RouteCommand(
            cancel=pb.CancelInteractionRequest(interaction_id="call-1")
        )
        enqueue = pb.RouteCommand(
            enqueue=pb.EnqueueInteractionRequest(
                interaction_id="call-2", queue="support", channel=CHANNEL_VOICE
            )
        )
        door = house.routing.RouteInteractions()
        await door.write(pb.RouteInteractionsRequest(commands=[cancel, enqueue]))
        results = (await door.read()).results
        door.cancel()

        assert [0, 0] == [result.code for result in results]
        assert results[0].state in (
            Interaction.STATE_CANCELLED,
            Interaction.STATE_UNSPECIFIED,
        )
        assert "" == (await house.look("call-2")).customer_id
        gone = pb.GetInteractionRequest(interaction_id="call-3")
        no = await refused(house.routing.GetInteraction(gone))
        assert "UNKNOWN_INTERACTION" == no.reason
