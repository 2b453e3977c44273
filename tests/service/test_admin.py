"""AdminService, as it goes when all is well: the roster, the queues, the ways out."""

from router.v1 import admin_service_pb2 as pb
from router.v1.agent_pb2 import Agent, AgentSkill, ChannelLimit
from router.v1.interaction_pb2 import (
    CHANNEL_CHAT,
    END_REASON_ADMINISTRATOR,
    Interaction,
)
from tests.service.house import SMALL


def new_agent(agent_id="zoë", **more):
    return pb.UpsertAgentRequest(agent=Agent(agent_id=agent_id, **more))


async def test_an_agent_is_defined_and_defined_anew_as_a_whole(house):
    skills = [AgentSkill(skill="english", level=4)]
    limits = [ChannelLimit(channel=CHANNEL_CHAT, limit=1)]
    more = {"display_name": "Zoë Ö.", "groups": ["back"], "capacity": 5}

    first = await house.admin.UpsertAgent(
        new_agent(skills=skills, channel_limits=limits, **more)
    )
    second = await house.admin.UpsertAgent(new_agent(display_name="Zoë"))

    assert skills == list(first.agent.skills)
    assert ("Zoë Ö.", 5) == (first.agent.display_name, first.agent.capacity)
    assert ["back"] == list(first.agent.groups)
    chats = {one.channel: one.limit for one in first.agent.channel_limits}
    assert 1 == chats[CHANNEL_CHAT]
    assert [] == list(second.agent.skills)
    assert ("Zoë", 3) == (second.agent.display_name, second.agent.capacity)


async def test_an_id_is_the_same_however_it_was_typed(house):
    decomposed = "zoe\u0308"
    await house.admin.UpsertAgent(new_agent(decomposed))

    answer = await house.sign_in("zo\u00eb")

    assert "zo\u00eb" == answer.agent.agent_id
    assert "zo\u00eb" == (await house.sign_in(decomposed)).agent.agent_id


async def test_a_removed_agent_stays_removed_however_often(house):
    await house.sign_in("ann")

    first = await house.admin.RemoveAgent(pb.RemoveAgentRequest(agent_id="ann"))
    second = await house.admin.RemoveAgent(pb.RemoveAgentRequest(agent_id="ann"))

    assert first.agent.removed
    assert first.agent == second.agent


async def test_an_agent_with_work_is_marked_as_removed_and_finishes(house):
    await house.active("call-1")

    answer = await house.admin.RemoveAgent(pb.RemoveAgentRequest(agent_id="ann"))

    assert answer.agent.removed
    assert ["call-1"] == list(answer.agent.interactions)


async def test_a_queue_shows_its_figures_right_now(house):
    await house.active("call-1")
    await house.enqueue("call-2")
    await house.enqueue("call-3")

    queue = (await house.admin.GetQueue(pb.GetQueueRequest(queue="support"))).queue

    assert (2, 0, 1) == (queue.waiting, queue.offered, queue.active)
    assert (80, 10_000) == (queue.service_level_target_percent, queue.limit)
    assert (await house.look("call-2")).enqueue_time == queue.oldest_enqueue_time
    assert 0 == queue.free_eligible_agents


async def test_queues_are_listed_in_the_order_of_the_policy(house):
    answer = await house.admin.ListQueues(pb.ListQueuesRequest())

    names = [queue.queue for queue in answer.queues]
    assert ["billing", "front desk", "stubborn", "support", "tiny"] == names


async def test_a_forced_requeue_takes_it_from_whoever_has_it(house):
    await house.active("call-1")

    answer = await house.admin.ForceRequeue(
        pb.ForceRequeueRequest(interaction_id="call-1", reason="wrong queue")
    )

    assert "call-1" == answer.interaction.interaction_id
    assert Interaction.STATE_ACTIVE != answer.interaction.state


async def test_a_dead_letter_comes_back_by_force(house):
    policy = SMALL.replace("  tiny: {limit: 1}", "  tiny: {attempts_max: 1}")
    await house.admin.PublishPolicy(pb.PublishPolicyRequest(yaml=policy))
    await house.sign_in("ann")
    await house.enqueue("call-1", "tiny")
    await house.pass_time(21)
    dead = await house.look("call-1")

    answer = await house.admin.ForceRequeue(
        pb.ForceRequeueRequest(interaction_id="call-1")
    )

    assert Interaction.STATE_DEAD_LETTERED == dead.state
    assert Interaction.STATE_QUEUED == answer.interaction.state


async def test_a_forced_end_ends_anything_and_again_changes_nothing(house):
    await house.active("call-1")
    request = pb.ForceEndRequest(interaction_id="call-1", reason="stuck")

    first = await house.admin.ForceEnd(request)
    second = await house.admin.ForceEnd(request)

    assert Interaction.STATE_COMPLETED == first.interaction.state
    assert END_REASON_ADMINISTRATOR == first.interaction.end_reason
    assert first.interaction == second.interaction
