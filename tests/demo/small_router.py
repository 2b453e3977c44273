"""A router small enough to be read: first come, first served, and everything in memory.

It keeps the promises the demonstration leans on and no others: sequences, an event feed
that resumes, repeated commands answered as before. Its memory outlives its server, so a
test may kill the server and start it again, as a journal would allow.
"""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc

from router.v1 import admin_service_pb2, agent_service_pb2, routing_service_pb2
from router.v1.admin_service_pb2_grpc import (
    AdminServiceServicer,
    add_AdminServiceServicer_to_server,
)
from router.v1.agent_pb2 import (
    PRESENCE_AVAILABLE,
    PRESENCE_OFFLINE,
    Agent,
)
from router.v1.agent_service_pb2_grpc import (
    AgentServiceServicer,
    add_AgentServiceServicer_to_server,
)
from router.v1.event_pb2 import RoutingEvent
from router.v1.interaction_pb2 import Interaction
from router.v1.queue_pb2 import Queue
from router.v1.routing_service_pb2 import RouteResult
from router.v1.routing_service_pb2_grpc import (
    RoutingServiceServicer,
    add_RoutingServiceServicer_to_server,
)

QUEUES = (
    "Bireysel Bankacılık",
    "English Desk",
    "Borsa",
    "Yeni Müşteri",
    "İnternet Destek",
    "Dış Arama",
)


@dataclass
class Memory:
    """What a journal would have kept."""

    events: list[RoutingEvent] = field(default_factory=list)
    interactions: dict[str, Interaction] = field(default_factory=dict)
    presence: dict[str, int] = field(default_factory=dict)
    leaving: set[str] = field(default_factory=set)
    answers: dict[str, RouteResult] = field(default_factory=dict)
    offers: int = 0
    grown: asyncio.Event = field(default_factory=asyncio.Event)
    commands_left: int | None = None
    """The server dies after so many commands, having carried out the last unheard."""
    died: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, kind, **fields) -> None:
        self.events.append(
            RoutingEvent(sequence=len(self.events) + 1, kind=kind, **fields)
        )

    def publish(self) -> None:
        self.grown.set()
        self.grown = asyncio.Event()

    def kinds(self, kind) -> list[RoutingEvent]:
        return [event for event in self.events if event.kind == kind]

    # ------------------------------------------------------------------ what happens

    def pair(self) -> None:
        busy = {one.agent for one in self.interactions.values() if one.agent}
        free = sorted(
            agent
            for agent, presence in self.presence.items()
            if presence == PRESENCE_AVAILABLE
            and agent not in busy
            and agent not in self.leaving
        )
        for one in self.interactions.values():
            if one.state == Interaction.STATE_QUEUED and free:
                self.offers += 1
                one.agent, one.offer_id = free.pop(0), self.offers
                one.state = Interaction.STATE_OFFERED
                one.attempts += 1
                self.note(
                    RoutingEvent.KIND_OFFER_ISSUED,
                    interaction_id=one.interaction_id,
                    agent_id=one.agent,
                    queue=one.queue,
                    offer_id=one.offer_id,
                    attempt=one.attempts,
                )

    def leave(self, one: Interaction, state, kind) -> None:
        agent, one.agent, one.state = one.agent, "", state
        self.note(kind, interaction_id=one.interaction_id, offer_id=one.offer_id)
        if agent in self.leaving:
            self.leaving.discard(agent)
            self.presence[agent] = PRESENCE_OFFLINE

    def lose_open_offers(self) -> None:
        """What a restart does: nobody can say whether an open offer was ever seen."""
        for one in self.interactions.values():
            if one.state == Interaction.STATE_OFFERED:
                self.note(
                    RoutingEvent.KIND_OFFER_REVOKED,
                    interaction_id=one.interaction_id,
                    offer_id=one.offer_id,
                )
                one.agent, one.state = "", Interaction.STATE_QUEUED
        self.pair()
        self.publish()

    def command(self, command) -> RouteResult:
        kind = command.WhichOneof("command")
        request = getattr(command, kind)
        known = self.answers.get(request.request_id)
        if known is None:
            known = getattr(self, "_" + kind)(request)
            self.pair()
            if not known.code:
                known.sequence = len(self.events)
            self.answers[request.request_id] = known
        return (
            RouteResult(tag=command.tag) if known is None else _tagged(known, command)
        )

    def _enqueue(self, request) -> RouteResult:
        self.interactions[request.interaction_id] = Interaction(
            interaction_id=request.interaction_id,
            queue=request.queue,
            state=Interaction.STATE_QUEUED,
        )
        self.note(
            RoutingEvent.KIND_INTERACTION_ENQUEUED,
            interaction_id=request.interaction_id,
            queue=request.queue,
        )
        return RouteResult(state=Interaction.STATE_QUEUED)

    def _abandon(self, request) -> RouteResult:
        one = self.interactions[request.interaction_id]
        if one.state in (Interaction.STATE_QUEUED, Interaction.STATE_OFFERED):
            self.leave(
                one,
                Interaction.STATE_ABANDONED,
                RoutingEvent.KIND_INTERACTION_ABANDONED,
            )
        return RouteResult(state=one.state)

    def _accept(self, request) -> RouteResult:
        for one in self.interactions.values():
            if one.offer_id == request.offer_id and one.agent == request.agent_id:
                one.state = Interaction.STATE_ACTIVE
                self.note(
                    RoutingEvent.KIND_OFFER_ACCEPTED,
                    interaction_id=one.interaction_id,
                    offer_id=one.offer_id,
                    agent_id=one.agent,
                )
                return RouteResult(state=one.state)
        return RouteResult(code=9, reason="OFFER_GONE")

    def _decline(self, request) -> RouteResult:
        for one in self.interactions.values():
            if one.offer_id == request.offer_id:
                self.leave(
                    one, Interaction.STATE_QUEUED, RoutingEvent.KIND_OFFER_DECLINED
                )
        return RouteResult(state=Interaction.STATE_QUEUED)

    def _complete(self, request) -> RouteResult:
        one = self.interactions[request.interaction_id]
        self.leave(
            one, Interaction.STATE_COMPLETED, RoutingEvent.KIND_INTERACTION_COMPLETED
        )
        return RouteResult(state=one.state)

    def _set_presence(self, request) -> RouteResult:
        busy = {one.agent for one in self.interactions.values() if one.agent}
        if request.presence == PRESENCE_OFFLINE and request.agent_id in busy:
            self.leaving.add(request.agent_id)
        else:
            self.presence[request.agent_id] = request.presence
        self.note(
            RoutingEvent.KIND_AGENT_PRESENCE_CHANGED,
            agent_id=request.agent_id,
            presence=request.presence,
        )
        return RouteResult()


def _tagged(result: RouteResult, command) -> RouteResult:
    answer = RouteResult()
    answer.CopyFrom(result)
    answer.tag = command.tag
    return answer


class SmallRouting(RoutingServiceServicer):
    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    async def RouteInteractions(self, requests, context):
        async for request in requests:
            results = []
            for command in request.commands:
                results.append(self.memory.command(command))
                if self.memory.commands_left is not None:
                    self.memory.commands_left -= 1
                    if self.memory.commands_left == 0:
                        self.memory.died.set()
                        await asyncio.Event().wait()
            self.memory.publish()
            yield routing_service_pb2.RouteInteractionsResponse(results=results)


class SmallAgents(AgentServiceServicer):
    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    async def SignIn(self, request, context):
        memory = self.memory
        memory.leaving.discard(request.agent_id)
        memory.presence[request.agent_id] = PRESENCE_AVAILABLE
        memory.note(RoutingEvent.KIND_AGENT_SIGNED_IN, agent_id=request.agent_id)
        memory.pair()
        memory.publish()
        return agent_service_pb2.SignInResponse(sequence=len(memory.events))

    async def SetPresence(self, request, context):
        self.memory._set_presence(request)
        return agent_service_pb2.SetPresenceResponse(sequence=len(self.memory.events))


class SmallAdmin(AdminServiceServicer):
    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    async def ListQueues(self, request, context):
        queues = [Queue(queue=name, service_level_target_percent=80) for name in QUEUES]
        for queue in queues:
            queue.service_level_threshold.FromSeconds(20)
        return admin_service_pb2.ListQueuesResponse(
            queues=queues, sequence=len(self.memory.events)
        )

    async def UpsertAgent(self, request, context):
        return admin_service_pb2.UpsertAgentResponse(
            agent=Agent(agent_id=request.agent.agent_id)
        )

    async def WatchEvents(self, request, context):
        told = request.after_sequence
        while True:
            grown, news = self.memory.grown, self.memory.events[told:]
            if news:
                told += len(news)
                yield admin_service_pb2.WatchEventsResponse(events=news, sequence=told)
            else:
                await grown.wait()


async def start(memory: Memory, port: int = 0):
    """A server on this memory, and the port it listens at."""
    server = grpc.aio.server()
    add_RoutingServiceServicer_to_server(SmallRouting(memory), server)
    add_AgentServiceServicer_to_server(SmallAgents(memory), server)
    add_AdminServiceServicer_to_server(SmallAdmin(memory), server)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    return server, port


@asynccontextmanager
async def small_router(memory: Memory):
    """A running small router: yields its address."""
    server, port = await start(memory)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(0)
