"""An agent's stream: snapshot, offers, resume, replacement, heartbeat."""

import asyncio

from router.v1 import agent_service_pb2 as pb
from router.v1.agent_pb2 import LINK_STREAM
from router.v1.interaction_pb2 import (
    END_REASON_AGENT_LOST,
    END_REASON_INTERACTION_LEFT,
    END_REASON_MISSED_OFFER,
    Interaction,
)
from router.v1.offer_pb2 import Offer
from router.v1.routing_service_pb2 import AbandonInteractionRequest
from tests.service.house import a_house, refused


def watch(house, agent="ann", after=0):
    request = pb.WatchOffersRequest(agent_id=agent, after_sequence=after)
    return house.agents.WatchOffers(request)


async def read(stream, count=1):
    return [await asyncio.wait_for(stream.read(), 5) for _ in range(count)]


async def drained(stream, wait_s=0.15):
    """Everything that comes until nothing comes any more."""
    found = []
    while True:
        try:
            found.append(await asyncio.wait_for(stream.read(), wait_s))
        except TimeoutError:
            return found


def said(message):
    """A message in short: what it tells, and about whom."""
    what = message.WhichOneof("update")
    if what in ("issued", "ended"):
        offer = getattr(message, what)
        return what, offer.interaction_id, Offer.State.Name(offer.state)
    if what == "interaction":
        one = message.interaction
        return what, one.interaction_id, Interaction.State.Name(one.state)
    return (what,)


async def test_it_begins_with_everything_there_is(house):
    await house.active("call-1")
    await house.sign_in("eve", link=LINK_STREAM)

    (mine,) = await read(watch(house))
    (hers,) = await read(watch(house, "eve"))

    assert ["call-1"] == [one.interaction_id for one in mine.snapshot.active]
    assert [] == list(mine.snapshot.open)
    assert ([], []) == (list(hers.snapshot.open), list(hers.snapshot.active))


async def test_what_connecting_causes_is_in_the_snapshot_and_nowhere_else(house):
    await house.sign_in("ann", link=LINK_STREAM)
    await house.enqueue("call-1")

    stream = watch(house)
    (first,) = await read(stream)
    await house.accept("call-1")
    rest = await read(stream, 2)

    assert ["call-1"] == [offer.interaction_id for offer in first.snapshot.open]
    assert [
        ("ended", "call-1", "STATE_ACCEPTED"),
        ("interaction", "call-1", "STATE_ACTIVE"),
    ] == [said(message) for message in rest]
    assert rest[0].sequence > first.sequence


async def test_an_offer_is_told_with_its_interaction_and_its_deadline(house):
    await house.sign_in("ann")
    stream = watch(house)
    await read(stream)

    answer = await house.enqueue("call-1", customer_id="customer-7")
    (message,) = await read(stream)

    offer = message.issued
    assert (answer.interaction.offer_id, 1) == (offer.offer_id, offer.attempt)
    assert "customer-7" == offer.interaction.customer_id
    ring_ms = offer.expire_time.ToMilliseconds() - offer.issue_time.ToMilliseconds()
    assert 20_000 == ring_ms


async def test_offers_end_with_their_reason(house):
    await house.sign_in("ann")
    stream = watch(house)
    await read(stream)

    await house.enqueue("call-1")
    await house.routing.AbandonInteraction(
        AbandonInteractionRequest(interaction_id="call-1")
    )
    await house.enqueue("call-2")
    await house.pass_time(21)
    ended = [m.ended for m in await drained(stream) if m.HasField("ended")]

    assert [
        ("call-1", Offer.STATE_REVOKED, END_REASON_INTERACTION_LEFT),
        ("call-2", Offer.STATE_EXPIRED, END_REASON_MISSED_OFFER),
    ] == [(offer.interaction_id, offer.state, offer.reason) for offer in ended]


async def test_a_stream_that_comes_back_goes_on_where_it_was(house):
    await house.sign_in("ann")
    stream = watch(house)
    (snapshot,) = await read(stream)
    await house.enqueue("call-1")
    (issued,) = await read(stream)
    await house.accept("call-1")
    whole = [snapshot, issued, *await drained(stream)]

    again = await drained(watch(house, after=snapshot.sequence))
    later = await drained(watch(house, after=issued.sequence))

    assert [said(m) for m in whole[1:]] == [said(m) for m in again[:3]]
    assert [said(m) for m in whole[2:]] == [said(m) for m in later[:2]]


async def test_one_who_was_never_there_before_gets_a_snapshot_whatever_they_say(house):
    signed_in = await house.sign_in("ann")
    await house.enqueue("call-1")

    first = await read(watch(house, after=signed_in.sequence))
    second = await read(watch(house, after=signed_in.sequence))

    assert [("snapshot",)] == [said(message) for message in first]
    assert [("snapshot",)] == [said(message) for message in second]


async def test_after_a_restart_a_stream_begins_with_a_snapshot(house):
    await house.sign_in("ann")
    await house.enqueue("call-1")
    await house.accept("call-1")
    seen = house.host.engine.sequence

    await house.restart()
    (message,) = await read(watch(house, after=seen))

    assert ["call-1"] == [one.interaction_id for one in message.snapshot.active]


async def test_a_second_stream_replaces_the_first(house):
    await house.sign_in("ann", link=LINK_STREAM)
    first = watch(house)
    await read(first)
    second = watch(house)
    await read(second)

    no = await refused(first)
    await house.enqueue("call-1")

    assert "replaces" in no.message
    assert [("issued", "call-1", "STATE_OPEN")] == [
        said(message) for message in await drained(second)
    ]


async def test_a_stream_that_breaks_gives_the_offer_back_with_its_age(house):
    await house.sign_in("ann", link=LINK_STREAM)
    await house.sign_in("bob")
    stream = watch(house)
    await read(stream)
    offered = (await house.enqueue("call-1", "front desk")).interaction

    stream.cancel()
    while (back := await house.look("call-1")).agent == "ann":
        await asyncio.sleep(0.005)

    assert "ann" == offered.agent
    assert Interaction.STATE_QUEUED == back.state
    assert offered.enqueue_time == back.enqueue_time
    again = watch(house)
    (snapshot,) = await read(again)
    assert [] == list(snapshot.snapshot.open)
    assert END_REASON_AGENT_LOST  # what a gateway's stream would have been told


async def test_a_silent_stream_is_given_signs_of_life():
    async with a_house(heartbeat_s=0.05) as house:
        await house.sign_in("ann")
        beat = asyncio.create_task(house.server.agents.beat(0.05))
        stream = watch(house)

        messages = await read(stream, 3)
        beat.cancel()

        assert [("snapshot",), ("heartbeat",), ("heartbeat",)] == [
            said(message) for message in messages
        ]
        assert messages[-1].heartbeat.time.ToMilliseconds() > 0
        assert messages[-1].sequence >= messages[0].sequence


async def test_sequences_never_fall_within_a_stream(house):
    await house.sign_in("ann")
    stream = watch(house)
    for n in range(5):
        await house.enqueue(f"call-{n}")
    for n in range(5):
        await house.accept(f"call-{n}")
        await house.routing.AbandonInteraction(
            AbandonInteractionRequest(interaction_id=f"call-{n}")
        )
        await house.agents.EndWrapUp(pb.EndWrapUpRequest(interaction_id=f"call-{n}"))

    sequences = [message.sequence for message in await drained(stream)]

    assert len(sequences) > 15
    assert sorted(sequences) == sequences
