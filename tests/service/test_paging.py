"""Lists come in pages that neither lose nor repeat anything while the list changes."""

from itertools import chain

import pytest

from router.engine.errors import InvalidField
from router.service.paging import PAGE_MAX, page
from router.v1 import admin_service_pb2 as admin
from router.v1 import agent_service_pb2 as agents
from router.v1 import routing_service_pb2 as routing
from router.v1.agent_pb2 import Agent


async def pages(method, request, names):
    """Every page of a list, to its end."""
    found = []
    while True:
        answer = await method(request)
        found.append(names(answer))
        if not answer.next_page_token:
            return found
        request.page_token = answer.next_page_token


async def test_interactions_come_in_pages(house):
    for n in range(7):
        await house.enqueue(f"call-{n}")

    found = await pages(
        house.routing.ListInteractions,
        routing.ListInteractionsRequest(page_size=3),
        lambda answer: [one.interaction_id for one in answer.interactions],
    )

    assert [3, 3, 1] == [len(one) for one in found]
    assert [f"call-{n}" for n in range(7)] == list(chain(*found))


async def test_agents_come_in_pages(house):
    for name in ("zoe", "çağlar", "λύδια"):
        agent = Agent(agent_id=name)
        await house.admin.UpsertAgent(admin.UpsertAgentRequest(agent=agent))

    found = await pages(
        house.agents.ListAgents,
        agents.ListAgentsRequest(page_size=1),
        lambda answer: [one.agent_id for one in answer.agents],
    )

    assert ["ann", "bob", "eve", "zoe", "çağlar", "λύδια"] == list(chain(*found))


async def test_queues_come_in_pages(house):
    found = await pages(
        house.admin.ListQueues,
        admin.ListQueuesRequest(page_size=2),
        lambda answer: [one.queue for one in answer.queues],
    )

    assert [["billing", "front desk"], ["stubborn", "support"], ["tiny"]] == found


async def test_who_leaves_or_comes_between_two_pages_hides_nobody_else(house):
    first = await house.agents.ListAgents(agents.ListAgentsRequest(page_size=2))
    await house.admin.RemoveAgent(admin.RemoveAgentRequest(agent_id="bob"))
    await house.admin.UpsertAgent(
        admin.UpsertAgentRequest(agent=Agent(agent_id="adam"))
    )

    second = await house.agents.ListAgents(
        agents.ListAgentsRequest(page_size=2, page_token=first.next_page_token)
    )

    assert ["ann", "bob"] == [agent.agent_id for agent in first.agents]
    assert ["eve"] == [agent.agent_id for agent in second.agents]


def test_a_page_is_never_larger_than_the_most():
    rows, token = page(range(5_000), 4_000, "", lambda row: [row])

    assert PAGE_MAX == len(rows)
    assert list(range(1_000, 1_003)) == page(range(5_000), 3, token, lambda r: [r])[0]


@pytest.mark.parametrize("token", ["r12", "!", "bm8=", "ImEi", "e30=" * 400])
def test_a_token_that_was_never_given_is_refused(token):
    with pytest.raises(InvalidField, match="page_token"):
        page(range(5), 2, token, lambda row: [row, "x"] if row > 9 else [row])
