"""WatchEvents: everything that happens, in order, without gap or double, from anywhere."""

import asyncio

from router.v1 import admin_service_pb2 as pb
from router.v1.event_pb2 import RoutingEvent
from router.v1.routing_service_pb2 import (
    AbandonInteractionRequest,
    CompleteInteractionRequest,
    WatchInteractionRequest,
)
from tests.service.house import SMALL, a_house, seconds


async def a_busy_morning(house):
    """Arrivals, answers, leavers, changes of the roster and of the policy."""
    for agent in ("ann", "bob", "eve"):
        await house.sign_in(agent)
    for n in range(6):
        await house.enqueue(f"call-{n}", "tiny" if n == 5 else "support")
    await house.accept("call-0")
    await house.routing.AbandonInteraction(
        AbandonInteractionRequest(interaction_id="call-1")
    )
    await house.admin.PublishPolicy(
        pb.PublishPolicyRequest(yaml=SMALL.replace("wrap_up: 30s", "wrap_up: 5s"))
    )
    await house.routing.CompleteInteraction(
        CompleteInteractionRequest(interaction_id="call-0", wrap_up=seconds(0))
    )
    await house.pass_time(25)
    await house.pass_time(25)


async def events_until(stream, sequence):
    """The events of a stream up to a sequence, and the sequences it claimed to reach."""
    events, reached = [], []
    while not reached or reached[-1] < sequence:
        message = await asyncio.wait_for(stream.read(), 10)
        events += message.events
        reached.append(message.sequence)
    return events, reached


def watch(house, after=None, **filters):
    request = pb.WatchEventsRequest(after_sequence=after, **filters)
    return house.admin.WatchEvents(request)


async def test_from_the_beginning_everything_comes_in_order(house):
    await a_busy_morning(house)
    last = house.host.engine.sequence

    events, reached = await events_until(watch(house, 0), last)

    sequences = [event.sequence for event in events]
    assert sorted(set(sequences)) == sequences
    assert sorted(reached) == reached
    kinds = {RoutingEvent.Kind.Name(event.kind) for event in events}
    assert {"KIND_POLICY_PUBLISHED", "KIND_OFFER_EXPIRED"} <= kinds
    assert {f"call-{n}" for n in range(6)} <= {e.interaction_id for e in events}


async def test_what_is_told_later_is_what_was_told_live(house):
    live = watch(house)
    await live.read()
    began = house.host.engine.sequence
    await a_busy_morning(house)
    last = house.host.engine.sequence

    told, _ = await events_until(live, last)
    read_later, _ = await events_until(watch(house, began), last)

    assert told == read_later


async def test_it_resumes_anywhere_without_gap_or_double(house):
    await a_busy_morning(house)
    last = house.host.engine.sequence
    whole, _ = await events_until(watch(house, 0), last)

    for after in range(0, last, 3):
        stream = watch(house, after)
        rest, _ = await events_until(stream, last)
        stream.cancel()
        assert [e for e in whole if e.sequence > after] == rest, after


async def test_it_joins_the_live_events_without_a_seam(house):
    async def arrivals():
        for n in range(60):
            await house.enqueue(f"call-{n}")
            if n % 7 == 0:
                await asyncio.sleep(0)

    coming = asyncio.create_task(arrivals())
    streams = []
    while not coming.done():
        streams.append(watch(house, 0))
        await streams[-1].read()
    last = house.host.engine.sequence

    for stream in streams[:6]:
        events, _ = await events_until(stream, last)
        arrived = [e.interaction_id for e in events if e.kind == 1]
        assert [f"call-{n}" for n in range(60)] == arrived


async def test_from_now_on_the_past_is_not_told(house):
    await house.enqueue("call-1")
    stream = watch(house)
    beginning = await stream.read()
    answer = await house.enqueue("call-2")

    events, _ = await events_until(stream, answer.sequence)

    assert [] == list(beginning.events)
    assert {"call-2"} == {event.interaction_id for event in events}


async def test_filters_are_joined_by_and(house):
    kinds = [RoutingEvent.KIND_INTERACTION_ENQUEUED, RoutingEvent.KIND_OFFER_ISSUED]
    stream = watch(house, 0, kinds=kinds, queues=["tiny"])
    await a_busy_morning(house)

    events, _ = await events_until(stream, house.host.engine.sequence)

    assert events
    assert {"tiny"} == {event.queue for event in events}
    assert {event.kind for event in events} <= set(kinds)


async def test_it_goes_on_over_a_restart(house):
    await a_busy_morning(house)
    seen = house.host.engine.sequence
    await house.restart()
    answer = await house.enqueue("call-99")

    events, _ = await events_until(watch(house, seen), answer.sequence)

    arrived = [event.interaction_id for event in events if event.kind == 1]
    assert ["call-99"] == arrived


async def test_a_quiet_stream_says_how_far_it_has_come():
    async with a_house() as house:
        beat = asyncio.create_task(house.server.agents.beat(0.05))
        await house.enqueue("call-1")
        events = watch(house)
        one = house.routing.WatchInteraction(
            WatchInteractionRequest(interaction_id="call-1")
        )
        await events.read()
        await one.read()

        quiet = await asyncio.wait_for(events.read(), 5)
        still = await asyncio.wait_for(one.read(), 5)
        beat.cancel()

        assert ([], house.host.engine.sequence) == (list(quiet.events), quiet.sequence)
        assert not still.HasField("interaction")
        assert house.host.engine.sequence == still.sequence
