"""Ten thousand agents at work, seen from outside: the load of `bench_offers`.

Most agents are behind a gateway, which hears of their offers on the event feed and
answers on a command stream. A few hundred have streams of their own. There is always
more waiting than agents, so an agent who completes a call is ready and gets the next
offer at once: the time from sending that completion to reading the offer on the agent's
own stream is what is measured. Reads its orders from standard input as JSON.
"""

import json
import random
import select
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from bench import messages
from bench.wire import DATA, Messages, Wire
from router.v1 import admin_service_pb2 as admin
from router.v1 import agent_service_pb2 as agents
from router.v1 import routing_service_pb2 as routing
from router.v1.event_pb2 import RoutingEvent
from router.v1.interaction_pb2 import CHANNEL_VOICE

ACCEPT = "/router.v1.AgentService/AcceptOffer"
COMPLETE = "/router.v1.RoutingService/CompleteInteraction"
WATCH_EVENTS = "/router.v1.AdminService/WatchEvents"
COMMANDS_MAX = 100
SETTLE_S = 30.0
STREAMED_SHARE = 0.2
"""Of all completions, those by agents with a stream: enough for a percentile."""


@dataclass(slots=True)
class Desk:
    """Everything the load knows while it runs."""

    orders: dict[str, Any]
    draw: random.Random = field(default_factory=lambda: random.Random(11))
    numbers: int = 0
    commands: list[routing.RouteCommand] = field(default_factory=list)
    live: list[str] = field(default_factory=list)
    """Interactions that agents of the gateway are serving."""
    live_streamed: list[tuple[str, str]] = field(default_factory=list)
    """Interaction and agent, where the agent has a stream."""
    ready_at: dict[str, float] = field(default_factory=dict)
    took_ms: list[float] = field(default_factory=list)
    measuring: bool = False
    refused: int = 0
    offers: int = 0
    complaint: str = ""

    def enqueue(self) -> None:
        self.numbers += 1
        request = routing.EnqueueInteractionRequest(
            interaction_id=f"desk-{self.numbers:09}",
            queue=f"q{self.draw.randrange(messages.QUEUES)}",
            channel=CHANNEL_VOICE,
            priority=self.draw.choice((40, 50, 60)),
        )
        self.commands.append(routing.RouteCommand(tag=1, enqueue=request))

    def accept(self, agent: str, offer: int) -> None:
        request = agents.AcceptOfferRequest(agent_id=agent, offer_id=offer)
        self.commands.append(routing.RouteCommand(tag=2, accept=request))

    def complete(self) -> tuple[str, str] | None:
        """Somebody's call ends; returns it when the agent has a stream."""
        if self.live_streamed and self.draw.random() < STREAMED_SHARE:
            return _drawn(self.draw, self.live_streamed)
        if self.live:
            interaction = _drawn(self.draw, self.live)
            request = routing.CompleteInteractionRequest(interaction_id=interaction)
            self.commands.append(routing.RouteCommand(tag=3, complete=request))
        return None


def _drawn(draw: random.Random, some: list[Any]) -> Any:
    k = draw.randrange(len(some))
    some[k], some[-1] = some[-1], some[k]
    return some.pop()


class Line:
    """The connections: gateway, event feed, agents' streams."""

    def __init__(self, desk: Desk) -> None:
        orders = desk.orders
        self.desk = desk
        self.streamed = {
            messages.agent_id(number): Messages()
            for number in range(orders["first_streamed"], orders["agents"])
        }
        self.gateway, self.feed = Wire(orders["port"]), Wire(orders["port"])
        self.desks = [Wire(orders["port"]) for _ in range(4)]
        self.route = self.gateway.open(messages.ROUTE)
        self.answers = Messages()
        watch = admin.WatchEventsRequest(kinds=[RoutingEvent.KIND_OFFER_ISSUED])
        self.events = self.feed.call(WATCH_EVENTS, watch.SerializeToString())
        self.chunks = Messages()
        self.agent_of: dict[tuple[int, int], str] = {}
        for number, agent in enumerate(self.streamed):
            wire = self.desks[number % len(self.desks)]
            request = agents.WatchOffersRequest(agent_id=agent)
            stream = wire.call(messages.WATCH_OFFERS, request.SerializeToString())
            self.agent_of[number % len(self.desks), stream] = agent
        self.wires = [self.gateway, self.feed, *self.desks]
        self.joined: set[int | tuple[int, int]] = set()
        """Streams that have told something: the feed (0) and the agents'."""

    def join(self) -> None:
        """Until everybody listens: what happens before is told to nobody."""
        until = time.perf_counter() + SETTLE_S
        while len(self.joined) <= len(self.agent_of):
            if time.perf_counter() > until:
                raise SystemExit(f"only {len(self.joined)} streams were joined")
            self.step(0.05)

    def step(self, wait_s: float) -> None:
        """Send what is due, take in what has come."""
        desk = self.desk
        while desk.commands:
            some = desk.commands[:COMMANDS_MAX]
            del desk.commands[:COMMANDS_MAX]
            message = routing.RouteInteractionsRequest(commands=some)
            self.gateway.say(self.route, message.SerializeToString())
        for wire in self.wires:
            wire.flush()
        for wire in select.select(self.wires, (), (), max(0.0, wait_s))[0]:
            if wire is self.gateway:
                self._gateway_told()
            elif wire is self.feed:
                self._feed_told()
            else:
                self._agents_told(self.desks.index(wire))
            wire.flush()

    def end_call(self, interaction: str, agent: str) -> None:
        """An agent with a stream completes a call: from here on they are ready."""
        request = routing.CompleteInteractionRequest(interaction_id=interaction)
        wire = self.desks[0]
        self.desk.ready_at[agent] = time.perf_counter()
        wire.call(COMPLETE, request.SerializeToString())
        wire.flush()

    def _gateway_told(self) -> None:
        for frame in self.gateway.receive():
            if frame.kind == DATA:
                for message in self.answers.of(frame.payload):
                    told = routing.RouteInteractionsResponse.FromString(message)
                    for result in told.results:
                        if result.code:
                            self.desk.refused += 1
                            self.desk.complaint = result.message
            elif frame.ends:
                raise SystemExit(f"the command stream ended: {frame.payload[:300]!r}")

    def _feed_told(self) -> None:
        for frame in self.feed.receive():
            if frame.kind == DATA:
                self.joined.add(0)
                for message in self.chunks.of(frame.payload):
                    chunk = admin.WatchEventsResponse.FromString(message)
                    for event in chunk.events:
                        self.desk.offers += 1
                        if event.agent_id not in self.streamed:
                            self.desk.accept(event.agent_id, event.offer_id)
                            self.desk.live.append(event.interaction_id)
            elif frame.ends:
                raise SystemExit(f"the event feed ended: {frame.payload[:300]!r}")

    def _agents_told(self, which: int) -> None:
        for frame in self.desks[which].receive():
            agent = self.agent_of.get((which, frame.stream))
            if agent is None:
                continue
            if frame.ends:
                raise SystemExit(f"{agent}'s stream ended: {frame.payload[:300]!r}")
            if frame.kind == DATA:
                self.joined.add((which, frame.stream))
                now = time.perf_counter()
                for message in self.streamed[agent].of(frame.payload):
                    self._offered(which, agent, message, now)

    def _offered(self, which: int, agent: str, message: bytes, now: float) -> None:
        update = agents.WatchOffersResponse.FromString(message)
        if not update.HasField("issued"):
            return
        desk, offer = self.desk, update.issued
        since = desk.ready_at.pop(agent, None)
        if since is not None and desk.measuring:
            desk.took_ms.append((now - since) * 1000)
        request = agents.AcceptOfferRequest(agent_id=agent, offer_id=offer.offer_id)
        self.desks[which].call(ACCEPT, request.SerializeToString())
        desk.live_streamed.append((offer.interaction_id, agent))


def run(orders: dict[str, Any]) -> dict[str, Any]:
    desk = Desk(orders)
    line = Line(desk)
    line.join()
    everybody, backlog = orders["agents"], orders["backlog"]
    until = time.perf_counter() + SETTLE_S
    while time.perf_counter() < until:
        short = everybody - len(desk.live) - len(desk.live_streamed)
        if short <= 0 or desk.numbers > 3 * everybody:
            break
        if desk.numbers < everybody + backlog:
            for _ in range(COMMANDS_MAX):
                desk.enqueue()
        line.step(0.02)
    for _ in range(20):
        line.step(0.05)
    _steady(desk, line)
    busy = len(desk.live) + len(desk.live_streamed)
    if busy < everybody * 0.95:
        raise SystemExit(f"only {busy} of {everybody} agents were at work")
    for _ in range(orders["waiting"] // COMMANDS_MAX):
        for _ in range(COMMANDS_MAX):
            desk.enqueue()
        line.step(0.002)
    for _ in range(60):
        line.step(0.05)
    return {
        "took_ms": desk.took_ms,
        "refused": desk.refused,
        "complaint": desk.complaint,
        "offers": desk.offers,
        "busy": busy,
        "enqueued": desk.numbers,
        "unanswered": len(desk.ready_at),
    }


def _steady(desk: Desk, line: Line) -> None:
    """Arrivals and completions at Poisson instants, equally many."""
    rate, seconds = desk.orders["rate"], desk.orders["seconds"]
    began = time.perf_counter()
    arrival = completion = began
    while (now := time.perf_counter()) < began + seconds:
        desk.measuring = now > began + 1.0
        while arrival <= now:
            desk.enqueue()
            arrival += desk.draw.expovariate(rate)
        while completion <= now:
            ended = desk.complete()
            if ended is not None:
                line.end_call(*ended)
            completion += desk.draw.expovariate(rate)
        line.step(min(arrival, completion) - time.perf_counter())
    desk.measuring = False


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
