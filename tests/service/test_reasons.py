"""Every reason that the contract documents, reached, with its code and its details.

One situation a reason; the last test compares them with the table of proto/README.md,
so a reason that is added there has to be reached here.
"""

import asyncio
import sqlite3
import uuid

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from router.host import Draining
from router.service import rights
from router.v1 import admin_service_pb2 as admin
from router.v1 import agent_service_pb2 as agents
from router.v1 import context_service_pb2 as context
from router.v1 import routing_service_pb2 as routing
from router.v1.agent_pb2 import PRESENCE_AVAILABLE, PRESENCE_OFFLINE
from router.v1.interaction_pb2 import CHANNEL_VOICE, Interaction
from router.v1.needs_pb2 import Needs, SkillNeed
from tests.contract.test_reasons import explained
from tests.host.journals import WatchedJournal
from tests.service.conversations import (
    append,
    chat,
    consent,
    conversation,
    customer,
    erase,
    link,
    message,
    phone,
)
from tests.service.house import SMALL, House, a_house, refused, seconds

SITUATIONS = {}


def reason(name, *fields, retry=False):
    """Registers a situation that ends in this reason, naming these fields."""

    def register(situation):
        SITUATIONS[name] = (situation, fields, retry)
        return situation

    return register


@reason("UNKNOWN_INTERACTION", "interaction_id")
async def _(house):
    request = routing.GetInteractionRequest(interaction_id="nobody")
    return await refused(house.routing.GetInteraction(request))


@reason("UNKNOWN_AGENT", "agent_id")
async def _(house):
    return await refused(house.sign_in("nobody"))


@reason("UNKNOWN_QUEUE", "queue")
async def _(house):
    return await refused(house.enqueue("call-1", "suport"))


@reason("UNKNOWN_SKILL", "needs")
async def _(house):
    needs = Needs(all_of=[SkillNeed(skill="biling", level=1)])
    return await refused(house.enqueue("call-1", needs=needs))


@reason("UNKNOWN_OFFER", "offer_id")
async def _(house):
    request = agents.AcceptOfferRequest(agent_id="ann", offer_id=7)
    return await refused(house.agents.AcceptOffer(request))


@reason("WRONG_STATE", "interaction_id")
async def _(house):
    await house.enqueue("call-1")
    request = routing.CompleteInteractionRequest(interaction_id="call-1")
    return await refused(house.routing.CompleteInteraction(request))


@reason("OFFER_GONE")
async def _(house):
    await house.sign_in("ann")
    offer_id = (await house.enqueue("call-1")).interaction.offer_id
    await house.pass_time(20)
    request = agents.AcceptOfferRequest(agent_id="ann", offer_id=offer_id)
    return await refused(house.agents.AcceptOffer(request))


@reason("ALREADY_ENQUEUED", "interaction_id")
async def _(house):
    await house.enqueue("call-1", priority=1)
    return await refused(house.enqueue("call-1", priority=2))


@reason("UNROUTABLE")
async def _(house):
    needs = Needs(all_of=[SkillNeed(skill="billing", level=5)])
    return await refused(house.enqueue("call-1", needs=needs))


@reason("QUEUE_FULL", retry=True)
async def _(house):
    await house.enqueue("call-1", "tiny")
    return await refused(house.enqueue("call-2", "tiny"))


@reason("OVERLOAD", retry=True)
async def _(house):
    house.host._inbox_max = 0
    return await refused(house.enqueue("call-1"))


@reason("FIELD_INVALID", "interaction_id")
async def _(house):
    return await refused(house.enqueue(""))


@reason("REQUEST_ID_REUSED", "request_id")
async def _(house):
    request_id = str(uuid.uuid4())
    await house.enqueue("call-1", request_id=request_id)
    return await refused(house.enqueue("call-2", request_id=request_id))


@reason("REQUEST_ID_EXPIRED", "request_id")
async def _(house):
    # A UUID of version 7 from the first days of 2024.
    old = "018cc251-f400-7000-8000-000000000000"
    return await refused(house.enqueue("call-1", request_id=old))


@reason("NOT_SIGNED_IN")
async def _(house):
    request = agents.SetPresenceRequest(agent_id="ann", presence=PRESENCE_AVAILABLE)
    return await refused(house.agents.SetPresence(request))


@reason("AGENT_BUSY")
async def _(house):
    await house.active("call-1")
    request = agents.SetPresenceRequest(agent_id="ann", presence=PRESENCE_OFFLINE)
    return await refused(house.agents.SetPresence(request))


@reason("QUEUE_IN_USE", "yaml")
async def _(house):
    await house.enqueue("call-1", "tiny")
    text = SMALL.replace("  tiny: {limit: 1}\n", "")
    return await refused(
        house.admin.PublishPolicy(admin.PublishPolicyRequest(yaml=text))
    )


@reason("POLICY_INVALID", "yaml")
async def _(house):
    request = admin.PublishPolicyRequest(yaml="policy: [")
    return await refused(house.admin.PublishPolicy(request))


@reason("DRAINING", retry=True)
async def _(house):
    await house.host.drain()
    return await refused(house.enqueue("call-1"))


@reason("JOURNAL_DOWN", retry=True)
async def _(house):
    house.journal.fails = "before"
    return await refused(house.enqueue("call-1"))


@reason("SLOW_READER", retry=True)
async def _(house):
    watch = house.agents.WatchOffers(agents.WatchOffersRequest(agent_id="ann"))
    await watch.read()
    house.feed._cut(next(iter(house.feed._offers.values())))
    return await refused(watch.read())


@reason("SEQUENCE_GONE")
async def _(house):
    request = admin.WatchEventsRequest(after_sequence=10_000)
    return await refused(house.admin.WatchEvents(request))


@reason("DECISION_GONE")
async def _(house):
    await house.enqueue("call-1")
    request = routing.ExplainDecisionRequest(interaction_id="call-1")
    return await refused(house.routing.ExplainDecision(request))


@reason("TOO_MANY_COMMANDS")
async def _(house):
    door = house.routing.RouteInteractions()
    commands = [routing.RouteCommand(tag=tag) for tag in range(201)]
    await door.write(routing.RouteInteractionsRequest(commands=commands))
    return await refused(door.read())


@reason("ESTIMATE_UNKNOWN")
async def _(house):
    request = routing.EstimateWaitRequest(queue="support", channel=CHANNEL_VOICE)
    return await refused(house.routing.EstimateWait(request))


@reason("UNKNOWN_CONVERSATION", "conversation_id")
async def _(house):
    return await refused(conversation(house))


@reason("UNKNOWN_CUSTOMER", "customer_id")
async def _(house):
    return await refused(customer(house))


@reason("CUSTOMER_ERASED", "customer_id")
async def _(house):
    await append(house)
    await erase(house)
    return await refused(customer(house))


@reason("CUSTOMER_RESTRICTED", "customer_id")
async def _(house):
    await append(house)
    await house.context.SetRestricted(
        context.SetRestrictedRequest(customer_id="cus-1", restricted=True)
    )
    return await refused(append(house))


@reason("CONSENT_WITHDRAWN")
async def _(house):
    for _ in range(3):
        await append(house)
    token = (await conversation(house, page_size=1)).next_page_token
    await consent(house, granted=False)
    return await refused(conversation(house, page_token=token))


@reason("FOREIGN_CUSTOMER", "conversation_id")
async def _(house):
    await append(house)
    return await refused(append(house, customer="cus-2"))


@reason("CONTEXT_CONFLICT", "expected_version")
async def _(house):
    await append(house)
    return await refused(append(house, expected_version=0))


@reason("CONTEXT_FULL", "entry")
async def _(house):
    return await refused(append(house, message("ş" * 20_000)))


@reason("CONTEXT_DAMAGED")
async def _(house):
    await append(house)
    with sqlite3.connect(house.folder / "house.context.db") as other:
        other.execute("UPDATE entry SET sealed = randomblob(length(sealed))")
    return await refused(conversation(house))


@reason("IDENTITY_TAKEN", "identity")
async def _(house):
    await link(house, phone(), "cus-1")
    return await refused(link(house, phone(), "cus-2"))


@reason("TOO_MANY_IDENTITIES")
async def _(house):
    for n in range(50):
        await link(house, chat(f"elif.{n}"), "cus-1")
    return await refused(link(house, phone(), "cus-1"))


@reason("ALREADY_MERGED", "merged_customer_id")
async def _(house):
    for n in "123":
        await link(house, chat(f"elif.{n}"), f"cus-{n}")
    for into, last in (("cus-1", False), ("cus-3", True)):
        call = house.context.MergeCustomers(
            context.MergeCustomersRequest(customer_id=into, merged_customer_id="cus-2")
        )
        if last:
            return await refused(call)
        await call
    return None


@reason("NOT_MERGED", "merged_customer_id")
async def _(house):
    for n in "12":
        await append(house, conversation=f"con-{n}", customer=f"cus-{n}")
    return await refused(
        house.context.UnmergeCustomers(
            context.UnmergeCustomersRequest(
                customer_id="cus-1", merged_customer_id="cus-2"
            )
        )
    )


@reason("EXPORT_TOO_LARGE")
async def _(house):
    await append(house, message("x" * 16_000))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rights, "EXPORT_BYTES_MAX", 10_000)
        return await refused(
            house.context.ExportCustomer(
                context.ExportCustomerRequest(customer_id="cus-1", reader="ann")
            )
        )


@pytest.fixture
async def watched_house():
    house = House(SMALL, {}, ())
    journal = WatchedJournal()
    await house.open(journal)
    yield house
    journal.fails = ""
    await house.close()


@pytest.mark.parametrize("name", SITUATIONS)
async def test_it_is_reached_with_its_code_and_its_details(name, watched_house):
    situation, fields, retry = SITUATIONS[name]

    no = await situation(watched_house)

    assert (explained()[name], name) == (no.code, no.reason)
    assert fields == no.fields
    assert retry == (no.retry_ms > 0)
    assert len(no.message) > 10


def test_every_documented_reason_is_reached():
    assert set(explained()) == set(SITUATIONS)


# ------------------------------------------------------------- the same, elsewhere


@pytest.mark.parametrize(
    ("method", "request_", "name"),
    [
        ("WatchInteraction", {"interaction_id": "nobody"}, "UNKNOWN_INTERACTION"),
        ("WatchInteraction", {"interaction_id": ""}, "FIELD_INVALID"),
        ("ListInteractions", {"queue": "suport"}, "UNKNOWN_QUEUE"),
        ("ListInteractions", {"agent": "nobody"}, "UNKNOWN_AGENT"),
        ("ListInteractions", {"page_size": -1}, "FIELD_INVALID"),
        ("ListInteractions", {"page_token": "r!"}, "FIELD_INVALID"),
        ("AbandonInteraction", {"interaction_id": "nobody"}, "UNKNOWN_INTERACTION"),
        ("CancelInteraction", {"interaction_id": "nobody"}, "UNKNOWN_INTERACTION"),
        ("TransferInteraction", {"interaction_id": "call-1"}, "FIELD_INVALID"),
        ("TransferInteraction", {"interaction_id": "x"}, "FIELD_INVALID"),
        (
            "TransferInteraction",
            {"interaction_id": "call-1", "to_queue": "suport"},
            "UNKNOWN_QUEUE",
        ),
        (
            "TransferInteraction",
            {"interaction_id": "call-1", "to_agent": "bob"},
            "NOT_SIGNED_IN",
        ),
        ("EstimateWait", {"queue": "suport"}, "UNKNOWN_QUEUE"),
        ("EstimateWait", {"queue": "support"}, "FIELD_INVALID"),
        ("EstimateWait", {"interaction_id": "nobody"}, "UNKNOWN_INTERACTION"),
        ("ExplainDecision", {}, "FIELD_INVALID"),
        ("ExplainDecision", {"offer_id": 99}, "UNKNOWN_OFFER"),
        ("ExplainDecision", {"interaction_id": "nobody"}, "UNKNOWN_INTERACTION"),
        (
            "ExplainExclusion",
            {"interaction_id": "call-1", "agent_id": "nobody"},
            "UNKNOWN_AGENT",
        ),
        (
            "ExplainExclusion",
            {"interaction_id": "call-1", "agent_id": "ann", "sequence": 10_000},
            "DECISION_GONE",
        ),
        (
            "ExplainExclusion",
            {"interaction_id": "call-1", "agent_id": "ann", "sequence": -1},
            "FIELD_INVALID",
        ),
    ],
)
async def test_routing_says_what_is_wrong(house, method, request_, name):
    await house.enqueue("call-1")
    kind = getattr(routing, f"{method}Request")

    no = await refused(getattr(house.routing, method)(kind(**request_)))

    assert name == no.reason


@pytest.mark.parametrize(
    ("method", "request_", "name"),
    [
        ("SignIn", {"agent_id": "ann", "presence": PRESENCE_OFFLINE}, "FIELD_INVALID"),
        ("SetPresence", {"agent_id": "ann"}, "FIELD_INVALID"),
        ("SetPresence", {"agent_id": "x", "presence": 2}, "UNKNOWN_AGENT"),
        ("WatchOffers", {"agent_id": "x"}, "UNKNOWN_AGENT"),
        ("WatchOffers", {"agent_id": "ann", "after_sequence": -1}, "FIELD_INVALID"),
        ("WatchOffers", {"agent_id": "ann", "after_sequence": 9999}, "SEQUENCE_GONE"),
        ("AcceptOffer", {"agent_id": "x", "offer_id": 1}, "UNKNOWN_AGENT"),
        ("DeclineOffer", {"agent_id": "ann", "offer_id": -4}, "UNKNOWN_OFFER"),
        ("EndWrapUp", {"interaction_id": "call-1"}, "WRONG_STATE"),
        (
            "ExtendWrapUp",
            {"interaction_id": "call-1", "extension": seconds(5)},
            "WRONG_STATE",
        ),
        ("ExtendWrapUp", {"interaction_id": "call-1"}, "FIELD_INVALID"),
        ("GetAgent", {"agent_id": "x"}, "UNKNOWN_AGENT"),
        ("GetAgent", {}, "FIELD_INVALID"),
        ("ListAgents", {"skill": "biling"}, "UNKNOWN_SKILL"),
        ("ListAgents", {"group": "fornt"}, "FIELD_INVALID"),
        ("ListAgents", {"presence": 77}, "FIELD_INVALID"),
    ],
)
async def test_agents_says_what_is_wrong(house, method, request_, name):
    await house.enqueue("call-1")
    kind = getattr(agents, f"{method}Request")

    no = await refused(getattr(house.agents, method)(kind(**request_)))

    assert name == no.reason


@pytest.mark.parametrize(
    ("method", "request_", "name"),
    [
        ("UpsertAgent", {}, "FIELD_INVALID"),
        ("UpsertAgent", {"agent": {"agent_id": "x", "capacity": -1}}, "FIELD_INVALID"),
        (
            "UpsertAgent",
            {"agent": {"agent_id": "x", "skills": [{"skill": "no", "level": 1}]}},
            "UNKNOWN_SKILL",
        ),
        (
            "UpsertAgent",
            {"agent": {"agent_id": "x", "skills": [{"skill": "billing", "level": 6}]}},
            "FIELD_INVALID",
        ),
        ("UpsertAgent", {"agent": {"agent_id": "x", "groups": ["?"]}}, "FIELD_INVALID"),
        ("RemoveAgent", {"agent_id": "x"}, "UNKNOWN_AGENT"),
        ("GetQueue", {"queue": "suport"}, "UNKNOWN_QUEUE"),
        ("ListQueues", {"page_size": -5}, "FIELD_INVALID"),
        ("GetPolicy", {"version": 7}, "FIELD_INVALID"),
        ("ForceRequeue", {"interaction_id": "x"}, "UNKNOWN_INTERACTION"),
        ("ForceEnd", {"interaction_id": "x"}, "UNKNOWN_INTERACTION"),
        ("ForceEnd", {"interaction_id": "x", "reason": "y" * 200}, "FIELD_INVALID"),
        ("WatchEvents", {"queues": ["suport"]}, "UNKNOWN_QUEUE"),
        ("WatchEvents", {"after_sequence": -1}, "FIELD_INVALID"),
    ],
)
async def test_admin_says_what_is_wrong(house, method, request_, name):
    kind = getattr(admin, f"{method}Request")

    no = await refused(getattr(house.admin, method)(kind(**request_)))

    assert name == no.reason


async def test_an_update_says_what_is_wrong(house):
    await house.enqueue("call-1")

    async def no(interaction_id, *paths, **fields):
        given = Interaction(interaction_id=interaction_id, **fields)
        mask = FieldMask(paths=paths)
        request = routing.UpdateInteractionRequest(interaction=given, update_mask=mask)
        refusal = await refused(house.routing.UpdateInteraction(request))
        return refusal.reason, *refusal.fields

    assert ("FIELD_INVALID", "update_mask") == await no("call-1")
    assert ("FIELD_INVALID", "update_mask") == await no("call-1", "queue")
    assert ("UNKNOWN_INTERACTION", "interaction_id") == await no("x", "priority")
    assert ("FIELD_INVALID", "priority") == await no("call-1", "priority", priority=101)
    assert ("UNKNOWN_AGENT", "owner") == await no("call-1", "owner", owner="nobody")


async def test_a_planned_stop_tells_every_stream(house):
    await house.enqueue("call-1")
    door = house.routing.RouteInteractions()
    await door.write(routing.RouteInteractionsRequest())
    await door.read()
    streams = [
        house.agents.WatchOffers(agents.WatchOffersRequest(agent_id="ann")),
        house.admin.WatchEvents(admin.WatchEventsRequest()),
        house.routing.WatchInteraction(
            routing.WatchInteractionRequest(interaction_id="call-1")
        ),
    ]
    for stream in streams:
        await stream.read()
    ends = [asyncio.ensure_future(refused(stream)) for stream in (*streams, door)]
    await asyncio.sleep(0.05)

    house.feed.close(Draining("the router is stopping; resume later"))

    assert 4 * ["DRAINING"] == [(await end).reason for end in ends]


async def test_an_offer_that_was_never_anybody_s_is_unknown_to_everybody(house):
    await house.sign_in("ann")
    offer_id = (await house.enqueue("call-1")).interaction.offer_id

    request = agents.AcceptOfferRequest(agent_id="bob", offer_id=offer_id)
    no = await refused(house.agents.AcceptOffer(request))

    assert no.reason in ("UNKNOWN_OFFER", "OFFER_GONE")
    assert Interaction.STATE_OFFERED == (await house.look("call-1")).state


async def test_a_limit_of_the_whole_floor_is_overload_too():
    async with a_house(inbox_max=1) as house:
        door = house.routing.RouteInteractions()
        enqueue = routing.EnqueueInteractionRequest(
            interaction_id="a", queue="support", channel=CHANNEL_VOICE
        )
        commands = [routing.RouteCommand(enqueue=enqueue)] * 2
        await door.write(routing.RouteInteractionsRequest(commands=commands))

        assert "OVERLOAD" == (await refused(door.read())).reason
