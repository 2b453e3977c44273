"""A reader who does not read hurts itself only: it is cut, the others go on."""

import asyncio

import grpc

from router.service import feed, mailbox
from router.v1 import admin_service_pb2 as admin
from router.v1.agent_service_pb2 import AcceptOfferRequest, WatchOffersRequest
from router.v1.interaction_pb2 import CHANNEL_VOICE
from router.v1.routing_service_pb2 import (
    CompleteInteractionRequest,
    EnqueueInteractionRequest,
    RouteCommand,
    RouteInteractionsRequest,
    WatchInteractionRequest,
)
from tests.service.house import SMALL, a_house, refused

# Small windows, so that a reader who stands still is noticed after kilobytes.
SMALL_WINDOWS = (
    ("grpc.http2.lookahead_bytes", 1024),
    ("grpc.http2.bdp_probe", 0),
)


async def test_a_slow_reader_of_events_is_cut_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr(feed, "EVENTS_BOX_MAX", 300)
    monkeypatch.setattr(mailbox, "STUCK_S", 0.2)
    async with a_house(options=SMALL_WINDOWS) as house:
        slow = house.admin.WatchEvents(admin.WatchEventsRequest())
        quick = house.admin.WatchEvents(admin.WatchEventsRequest())
        await slow.read()
        seen = []

        async def read_on():
            async for message in quick:
                seen.extend(event.sequence for event in message.events)

        reading = asyncio.create_task(read_on())
        for n in range(1_500):
            await house.enqueue(f"call-{n}", conversation_id="c" * 100)
            if house.feed.cut:
                break
        last = house.host.engine.sequence
        while not seen or seen[-1] < last:
            await asyncio.sleep(0.01)
        reading.cancel()

        assert 1 == house.feed.cut
        while house.feed.counts()["events"] > 1:
            await asyncio.sleep(0.01)
        no = await refused(slow)
        assert ("RESOURCE_EXHAUSTED", "SLOW_READER") == (no.code, no.reason), no


async def test_an_old_story_that_nobody_reads_holds_up_no_other(monkeypatch):
    monkeypatch.setattr(feed, "STUCK_S", 0.2)
    monkeypatch.setattr(mailbox, "STUCK_S", 0.1)
    async with a_house(options=SMALL_WINDOWS) as house:
        for n in range(1_200):
            await house.enqueue(f"call-{n}")
        stuck = [
            house.admin.WatchEvents(admin.WatchEventsRequest(after_sequence=0))
            for _ in range(3)
        ]
        await asyncio.sleep(0.3)

        reader = house.admin.WatchEvents(admin.WatchEventsRequest(after_sequence=0))
        reached = 0
        while reached < house.host.engine.sequence:
            message = await asyncio.wait_for(reader.read(), 20)
            reached = message.sequence

        assert house.feed.cut >= 2
        for stream in stuck:
            stream.cancel()


async def test_a_slow_desktop_is_cut_with_its_reason(monkeypatch):
    monkeypatch.setattr(feed, "OFFERS_BOX_MAX", 3)
    async with a_house() as house:
        await house.sign_in("ann")
        stream = house.agents.WatchOffers(WatchOffersRequest(agent_id="ann"))
        await stream.read()
        door = house.routing.RouteInteractions()

        # One batch in which more happens to ann than the stream keeps for her.
        enqueue = EnqueueInteractionRequest(
            interaction_id="call-1", queue="support", channel=CHANNEL_VOICE
        )
        accept = AcceptOfferRequest(agent_id="ann", offer_id=1)
        complete = CompleteInteractionRequest(interaction_id="call-1")
        commands = [
            RouteCommand(enqueue=enqueue),
            RouteCommand(accept=accept),
            RouteCommand(complete=complete),
        ]
        await door.write(RouteInteractionsRequest(commands=commands))
        results = (await door.read()).results

        assert [0, 0, 0] == [result.code for result in results]
        no = await refused(stream)
        assert ("RESOURCE_EXHAUSTED", "SLOW_READER") == (no.code, no.reason)
        assert no.retry_ms > 0


async def test_a_slow_watcher_of_one_interaction_is_cut_with_its_reason(monkeypatch):
    monkeypatch.setattr(feed, "INTERACTION_BOX_MAX", 1)
    async with a_house() as house:
        await house.enqueue("call-1")
        request = WatchInteractionRequest(interaction_id="call-1")
        stream = house.routing.WatchInteraction(request)
        await stream.read()

        # Two agents, one after the other, miss it: one batch, several facts about it.
        await house.sign_in("ann")
        await house.sign_in("bob")
        await house.pass_time(25)

        assert "SLOW_READER" == (await refused(stream)).reason


async def test_who_comes_back_after_a_cut_misses_nothing(monkeypatch):
    monkeypatch.setattr(feed, "EVENTS_BOX_MAX", 40)
    async with a_house(SMALL) as house:
        stream = house.admin.WatchEvents(admin.WatchEventsRequest(after_sequence=0))
        seen: list[int] = []
        cuts = 0

        async def story():
            for n in range(300):
                await house.enqueue(f"call-{n}")

        going_on = asyncio.create_task(story())
        while not going_on.done() or seen[-1] < house.host.engine.sequence - 1:
            try:
                message = await asyncio.wait_for(stream.read(), 5)
            except grpc.aio.AioRpcError:
                cuts += 1
                request = admin.WatchEventsRequest(after_sequence=seen[-1])
                stream = house.admin.WatchEvents(request)
                continue
            seen += [event.sequence for event in message.events]
            if len(seen) % 50 == 0 and house.feed._events:
                house.feed._cut(next(iter(house.feed._events)))
                await asyncio.sleep(0.02)

        assert sorted(set(seen)) == seen
        whole = house.admin.WatchEvents(admin.WatchEventsRequest(after_sequence=0))
        everything: list[int] = []
        while not everything or everything[-1] < seen[-1]:
            everything += [e.sequence for e in (await whole.read()).events]
        assert everything == seen
