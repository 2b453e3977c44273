"""What a restart means for people: fresh time for open offers, and agents who return."""

import asyncio
import re

import pytest

from router.v1.agent_pb2 import LINK_STREAM
from router.v1.agent_service_pb2 import (
    GetAgentRequest,
    SignInRequest,
    WatchOffersRequest,
)
from router.v1.interaction_pb2 import Interaction
from router.v1.routing_service_pb2 import GetInteractionRequest
from tests.end_to_end.history import History
from tests.end_to_end.load import Clients
from tests.end_to_end.process import POLICY
from tests.service.house import refused

pytestmark = [pytest.mark.kill, pytest.mark.timeout(60)]
AGENT = "ayse.yilmaz"


async def look(clients, interaction):
    request = GetInteractionRequest(interaction_id=interaction)
    return (await clients.routing.GetInteraction(request)).interaction


async def test_an_offer_open_at_the_kill_gets_fresh_time(start, tmp_path):
    # The offer would have fallen due while no router was there.
    policy = tmp_path / "quick.yaml"
    bank = POLICY.read_text(encoding="utf-8")
    policy.write_text(re.sub(r"offer_timeout: \d+s", "offer_timeout: 2s", bank))
    first = start(policy=policy).ready()
    clients = Clients(first.target, History())
    await clients.sign_in(AGENT)
    await clients.arrive()
    before = await look(clients, "call-1")
    first.kill()
    await asyncio.sleep(2)

    second = start(policy=policy).ready()
    again = Clients(second.target, History())
    after = await look(again, "call-1")

    assert (Interaction.STATE_OFFERED, AGENT) == (after.state, after.agent)
    assert before.offer_id == after.offer_id
    assert before.enqueue_time == after.enqueue_time
    gained = (
        after.next_deadline.ToMilliseconds() - before.next_deadline.ToMilliseconds()
    )
    assert gained >= 1_000


async def test_an_agent_with_a_stream_comes_back_and_goes_on(start):
    first = start().ready()
    clients = Clients(first.target, History())
    await clients.agents.SignIn(SignInRequest(agent_id=AGENT, link=LINK_STREAM))
    watch = clients.agents.WatchOffers(WatchOffersRequest(agent_id=AGENT))
    await watch.read()
    first.kill()

    second = start().ready()
    again = Clients(second.target, History())
    back = again.agents.WatchOffers(WatchOffersRequest(agent_id=AGENT))
    await back.read()
    agent = (await again.agents.GetAgent(GetAgentRequest(agent_id=AGENT))).agent
    await again.arrive()
    offered = await back.read()

    assert agent.reachable
    assert "call-1" == offered.issued.interaction_id


async def test_a_planned_stop_answers_tells_and_leaves_a_snapshot(start):
    first = start().ready()
    clients = Clients(first.target, History())
    await clients.sign_in(AGENT)
    watch = clients.agents.WatchOffers(WatchOffersRequest(agent_id=AGENT))
    await watch.read()
    door = clients.routing.RouteInteractions()
    arriving = [asyncio.create_task(clients.arrive()) for _ in range(200)]
    await asyncio.sleep(0.03)

    status = await asyncio.to_thread(first.terminate)
    clients._stopping = True
    await asyncio.gather(*arriving)

    assert 0 == status
    assert "stopped as planned" in first.said()[-1]
    assert ["DRAINING"] * 2 == [(await refused(one)).reason for one in (watch, door)]
    second = start().ready()
    events, replayed = second.replayed
    assert (True, 0) == (events > 0, replayed)
    answered = clients.history.count("ok") - 1
    again = Clients(second.target, History())
    found = [
        call.subject
        for call in clients.history.calls
        if call.outcome == "ok" and call.method == "EnqueueInteraction"
    ]
    assert answered == len(found)
    for interaction in found:
        await look(again, interaction)


async def test_a_planned_stop_does_not_wait_for_idle_gateways(start):
    router = start().ready()
    clients = Clients(router.target, History())
    doors = [clients.routing.RouteInteractions() for _ in range(5)]
    await clients.sign_in(AGENT)
    await asyncio.sleep(0.1)

    started = asyncio.get_running_loop().time()
    status = await asyncio.to_thread(router.terminate)

    assert 0 == status
    assert asyncio.get_running_loop().time() - started < 5
    assert {"DRAINING"} == {(await refused(door)).reason for door in doors}
