"""Clients that go on whatever happens to the router, and write down what they saw.

Each call keeps its request id over all its tries, as the contract asks. Agents sign in
through a gateway, so that the load needs few streams.
"""

import asyncio
import itertools
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from router.v1.admin_service_pb2 import WatchEventsRequest
from router.v1.admin_service_pb2_grpc import AdminServiceStub
from router.v1.agent_pb2 import LINK_GATEWAY, PRESENCE_AVAILABLE
from router.v1.agent_service_pb2 import (
    AcceptOfferRequest,
    DeclineOfferRequest,
    SetPresenceRequest,
    SignInRequest,
)
from router.v1.agent_service_pb2_grpc import AgentServiceStub
from router.v1.event_pb2 import RoutingEvent
from router.v1.interaction_pb2 import CHANNEL_VOICE
from router.v1.routing_service_pb2 import (
    AbandonInteractionRequest,
    CompleteInteractionRequest,
    EnqueueInteractionRequest,
)
from router.v1.routing_service_pb2_grpc import RoutingServiceStub
from tests.end_to_end.history import History, fail, ok
from tests.service.house import refusal_of

AGENTS = ("ayse.yilmaz", "mehmet.kaya", "fatma.demir", "zeynep.sahin", "sule.gunes")
QUEUE = "Bireysel Bankacılık"
PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.CANCELLED,
}
_OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 200),
)


class Clients:
    """A small centre of callers and agents on one channel."""

    def __init__(self, target: str, history: History) -> None:
        self.history = history
        self.channel = grpc.aio.insecure_channel(target, options=_OPTIONS)
        self.routing = RoutingServiceStub(self.channel)
        self.agents = AgentServiceStub(self.channel)
        self.admin = AdminServiceStub(self.channel)
        self._numbers = itertools.count(1)
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    async def call(self, method: Any, request: Any, subject: str) -> Any:
        """One request, tried until it is answered or the run is over; None if not ok."""
        request.request_id = str(uuid.uuid4())
        name = type(request).__name__.removesuffix("Request")
        entry = self.history.invoke(request.request_id, name, subject)
        while not self._stopping:
            try:
                answer = await method(request, timeout=5)
            except grpc.aio.AioRpcError as failure:
                if failure.code() in PASSING:
                    await asyncio.sleep(0.02)
                    continue
                fail(entry, refusal_of(failure).reason)
                return None
            ok(entry, answer.sequence)
            return answer
        return None

    async def sign_in(self, agent: str) -> None:
        request = SignInRequest(agent_id=agent, link=LINK_GATEWAY)
        await self.call(self.agents.SignIn, request, agent)

    async def arrive(self) -> str:
        interaction = f"call-{next(self._numbers)}"
        request = EnqueueInteractionRequest(
            interaction_id=interaction, queue=QUEUE, channel=CHANNEL_VOICE
        )
        await self.call(self.routing.EnqueueInteraction, request, interaction)
        return interaction

    # ------------------------------------------------------------------ under load

    def begin(self, callers: int = 4) -> None:
        """Callers arrive one after the other; agents answer what the feed tells."""
        self._tasks = [asyncio.create_task(self._calls(n)) for n in range(callers)]
        self._tasks.append(asyncio.create_task(self._answering()))

    async def end(self, linger_s: float = 0.3) -> None:
        """Stop arriving, give the last calls a moment, and let go."""
        await asyncio.sleep(linger_s)
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.channel.close()

    async def _calls(self, caller: int) -> None:
        while not self._stopping:
            interaction = await self.arrive()
            if len(interaction) % 2 and caller == 0:
                request = AbandonInteractionRequest(interaction_id=interaction)
                await self.call(self.routing.AbandonInteraction, request, interaction)
            await asyncio.sleep(0.002)

    async def _answering(self) -> None:
        """Follow the feed over every restart, and answer each offer once."""
        told: list[int] = []
        self.history.told.append(told)
        working: set[asyncio.Task[None]] = set()
        for agent in AGENTS:
            await self.sign_in(agent)
        after = 0
        while not self._stopping:
            watch = self.admin.WatchEvents(WatchEventsRequest(after_sequence=after))
            try:
                async for message in watch:
                    for event in message.events:
                        told.append(event.sequence)
                        if event.kind == RoutingEvent.KIND_OFFER_ISSUED:
                            task = asyncio.create_task(self._answer(event))
                            working.add(task)
                            task.add_done_callback(working.discard)
                    after = max(after, message.sequence)
            except grpc.aio.AioRpcError:
                await asyncio.sleep(0.02)

    async def _answer(self, event: RoutingEvent) -> None:
        agent, interaction = event.agent_id, event.interaction_id
        if event.offer_id % 7 == 0:
            decline = DeclineOfferRequest(agent_id=agent, offer_id=event.offer_id)
            await self.call(self.agents.DeclineOffer, decline, interaction)
            return
        accept = AcceptOfferRequest(agent_id=agent, offer_id=event.offer_id)
        if await self.call(self.agents.AcceptOffer, accept, interaction) is None:
            await self._ready_again(agent)
            return
        complete = CompleteInteractionRequest(interaction_id=interaction)
        complete.wrap_up.FromMilliseconds(0)
        await self.call(self.routing.CompleteInteraction, complete, interaction)

    async def _ready_again(self, agent: str) -> None:
        """Whoever missed an offer was set away, and comes back."""
        request = SetPresenceRequest(agent_id=agent, presence=PRESENCE_AVAILABLE)
        await self.call(self.agents.SetPresence, request, agent)


async def until(true: Callable[[], Awaitable[bool]], wait_s: float = 20) -> None:
    """Wait until something is so; the test ends if it does not come to that."""
    async with asyncio.timeout(wait_s):
        while not await true():
            await asyncio.sleep(0.02)
