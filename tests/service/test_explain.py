"""Explain tells what was decided, as it was decided, however much has happened since."""

import asyncio

import pytest

from router.v1 import admin_service_pb2 as admin
from router.v1 import routing_service_pb2 as pb
from router.v1.explain_pb2 import Round
from router.v1.routing_service_pb2 import (
    AbandonInteractionRequest,
    CompleteInteractionRequest,
)
from tests.service.house import SMALL, a_house, seconds


async def offers_of(house, interaction):
    """Every offer of an interaction, as the event feed told it: id to score."""
    stream = house.admin.WatchEvents(admin.WatchEventsRequest(after_sequence=0))
    last, found = house.host.engine.sequence, {}
    while True:
        message = await asyncio.wait_for(stream.read(), 10)
        for event in message.events:
            if event.kind == 40 and event.interaction_id == interaction:
                found[event.offer_id] = event.score
        if message.sequence >= last:
            stream.cancel()
            return found


async def explained(house, **subject):
    request = pb.ExplainDecisionRequest(**subject)
    return (await house.routing.ExplainDecision(request)).decision


def sound(decision, score):
    """What holds for every decision: the sums are sums, the winner has its score."""
    by_agent = {candidate.agent_id: candidate for candidate in decision.candidates}
    weights = {weight.term: weight.weight for weight in decision.weights}
    for candidate in decision.candidates:
        assert sum(term.points for term in candidate.terms) == candidate.score
        assert {term.name: term.weight for term in candidate.terms} == weights
        assert all(t.points == t.value * t.weight for t in candidate.terms)
    assert score == by_agent[decision.agent_id].score
    scores = [candidate.score for candidate in decision.candidates]
    assert sorted(scores, reverse=True) == scores


async def test_an_arrival_chose_the_best_of_the_free_agents(house):
    for agent in ("ann", "bob", "eve"):
        await house.sign_in(agent)
    offered = (await house.enqueue("call-1")).interaction
    (score,) = (await offers_of(house, "call-1")).values()

    decision = await explained(house, interaction_id="call-1")

    assert (offered.offer_id, offered.agent) == (decision.offer_id, decision.agent_id)
    assert Round.KIND_SINGLE_INTERACTION == decision.round.kind
    assert {"ann", "bob", "eve"} == {c.agent_id for c in decision.candidates}
    assert 3 == decision.eligible
    sound(decision, score)
    best, second = [candidate.score for candidate in decision.candidates][:2]
    assert best - second == decision.margin


async def test_an_agent_chose_the_best_of_those_who_waited(house):
    await house.enqueue("call-1", priority=10)
    await house.enqueue("call-2", priority=90)
    await house.enqueue("call-3", priority=50)
    await house.sign_in("ann")
    (score,) = (await offers_of(house, "call-2")).values()

    decision = await explained(house, interaction_id="call-2")

    assert Round.KIND_SINGLE_AGENT == decision.round.kind
    assert {"call-1", "call-3"} == {rival.interaction_id for rival in decision.rivals}
    sound(decision, score)
    assert score - max(rival.score for rival in decision.rivals) == decision.margin


async def test_a_joint_round_is_told_with_its_objective():
    policy = SMALL + "\nrounds: {window: 100ms}\n"
    async with a_house(policy) as house:
        await house.sign_in("ann")
        await house.sign_in("bob")
        for n in range(4):
            await house.enqueue(f"call-{n}")
        await house.pass_time(1)
        decisions = []
        for n in range(4):
            if (await house.look(f"call-{n}")).offer_id:
                (score,) = (await offers_of(house, f"call-{n}")).values()
                decision = await explained(house, interaction_id=f"call-{n}")
                sound(decision, score)
                decisions.append((decision, score))

        assert 2 == len(decisions)
        for decision, _ in decisions:
            assert Round.KIND_JOINT == decision.round.kind
            assert 4 == decision.round.interactions
        objective = decisions[0][0].round.objective
        assert sum(score for _, score in decisions) <= objective


async def busy(house, calls):
    for n in range(calls):
        await house.enqueue(f"later-{n}")
        await house.accept(f"later-{n}")
        await house.routing.CompleteInteraction(
            CompleteInteractionRequest(interaction_id=f"later-{n}", wrap_up=seconds(0))
        )


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
async def test_an_old_decision_is_told_as_it_was_decided(house, restarted):
    for agent in ("ann", "bob"):
        await house.sign_in(agent)
    offered = (await house.enqueue("call-1")).interaction
    then = await explained(house, offer_id=offered.offer_id)
    await house.routing.AbandonInteraction(
        AbandonInteractionRequest(interaction_id="call-1")
    )
    await house.admin.PublishPolicy(
        admin.PublishPolicyRequest(yaml=SMALL + "\nscore: {priority: 1, idle: 900}\n")
    )
    await house.admin.RemoveAgent(admin.RemoveAgentRequest(agent_id="eve"))
    await house.pass_time(10)
    await busy(house, 60)
    if restarted:
        await house.restart()

    now = await explained(house, offer_id=offered.offer_id)

    assert then == now
    assert 1 == now.policy_version


async def test_each_offer_of_one_interaction_has_its_own_decision(house):
    await house.sign_in("ann")
    await house.sign_in("bob")
    await house.enqueue("call-1")
    await house.pass_time(21)
    offers = await offers_of(house, "call-1")

    assert 2 == len(offers)
    agents = []
    for offer_id, score in offers.items():
        decision = await explained(house, offer_id=offer_id)
        sound(decision, score)
        agents.append(decision.agent_id)
    assert {"ann", "bob"} == set(agents)


async def test_those_kept_out_are_counted_under_their_first_rule(house):
    await house.sign_in("ann")
    await house.enqueue("call-1")

    decision = await explained(house, interaction_id="call-1")

    counts = {one.rule: one.count for one in decision.exclusions}
    assert {1: 2} == counts  # bob and eve are not signed in
