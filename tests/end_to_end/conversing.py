"""Customers who chat and go on by SMS while the router is killed, and what they saw.

Every call keeps its request id over all its tries. Each conversation is written to and
read by one customer, so what must be there at any moment is known exactly: what was
acknowledged, and what is being asked.
"""

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any

import grpc

from router.v1 import context_service_pb2 as pb
from router.v1 import conversation_pb2 as said
from router.v1 import customer_pb2 as who
from router.v1.admin_service_pb2 import WatchEventsRequest
from router.v1.agent_service_pb2 import AcceptOfferRequest
from router.v1.context_service_pb2_grpc import ContextServiceStub
from router.v1.event_pb2 import RoutingEvent
from router.v1.interaction_pb2 import CHANNEL_CHAT, CHANNEL_SMS
from router.v1.routing_service_pb2 import (
    CompleteInteractionRequest,
    EnqueueInteractionRequest,
    HandOffInteractionRequest,
)
from tests.end_to_end.history import History
from tests.end_to_end.load import Clients

AGENTS = ("canan.acar", "tolga.yildirim", "pinar.aktas")
QUEUE = "Sohbet"


@dataclass
class Talk:
    """One conversation, as its customer knows it."""

    name: str
    written: dict[int, str] = field(default_factory=dict)
    """What was acknowledged, by version."""
    seen: list[int] = field(default_factory=list)
    """Versions of the context in the order in which they were read."""
    handed_off: list[tuple[str, str]] = field(default_factory=list)
    """Acknowledged handoffs: who, and the successor."""


class Conversing(Clients):
    """A small centre whose customers change the channel in the middle."""

    def __init__(self, target: str, history: History) -> None:
        super().__init__(target, history)
        self.contexts = ContextServiceStub(self.channel)
        self.talks: list[Talk] = []
        self._talk_numbers = itertools.count(1)

    def begin(self, callers: int = 4) -> None:
        self._tasks = [asyncio.create_task(self._talking()) for _ in range(callers)]
        self._tasks.append(asyncio.create_task(self._taking()))

    async def _talking(self) -> None:
        while not self._stopping:
            talk = Talk(f"con-{next(self._talk_numbers)}")
            self.talks.append(talk)
            await self._chat(talk)

    async def _chat(self, talk: Talk) -> None:
        chat, sms = f"{talk.name}-chat", f"{talk.name}-sms"
        await self.write(talk, "Merhaba, καλημέρα")
        request = EnqueueInteractionRequest(
            interaction_id=chat,
            queue=QUEUE,
            channel=CHANNEL_CHAT,
            conversation_id=talk.name,
            customer_id=f"cus-{talk.name}",
        )
        await self.call(self.routing.EnqueueInteraction, request, chat)
        await self.write(talk, "çıkmam gerekiyor")
        await self.look(talk)
        request = HandOffInteractionRequest(
            interaction_id=chat, successor_interaction_id=sms, channel=CHANNEL_SMS
        )
        answer = await self.call(self.routing.HandOffInteraction, request, chat)
        if answer is not None:
            talk.handed_off.append((chat, answer.successor.interaction_id))
        await self.write(talk, "SMS ile devam")
        await self.look(talk)

    async def write(self, talk: Talk, text: str) -> None:
        """Add an entry that expects to be the next one."""
        expected = max(talk.written, default=0)
        text = f"{text} {talk.name}/{expected + 1}"
        request = pb.AppendContextRequest(
            conversation_id=talk.name,
            customer_id=f"cus-{talk.name}",
            expected_version=expected,
            entry=said.ContextEntry(
                message=said.TextContent(text=text), writer=said.WRITER_CUSTOMER
            ),
        )
        answer = await self.call(self.contexts.AppendContext, request, talk.name)
        if answer is not None:
            talk.written[answer.version] = text

    async def look(self, talk: Talk) -> dict[int, str]:
        """Read the whole conversation; note how far it is."""
        while True:
            try:
                answer = await self.contexts.GetConversation(
                    pb.GetConversationRequest(
                        conversation_id=talk.name,
                        purpose=who.READ_PURPOSE_SERVING,
                        reader="test",
                        page_size=200,
                    ),
                    timeout=5,
                )
            except grpc.aio.AioRpcError as failure:
                if self._stopping or failure.code() == grpc.StatusCode.NOT_FOUND:
                    return {}
                await asyncio.sleep(0.02)
                continue
            talk.seen.append(answer.conversation.context_version)
            return {
                entry.version: entry.message.text for entry in answer.package.entries
            }

    async def _taking(self) -> None:
        """Agents accept what they are offered, and finish what came by SMS."""
        told: list[int] = []
        self.history.told.append(told)
        working: set[asyncio.Task[None]] = set()
        for agent in AGENTS:
            await self.sign_in(agent)
        after = 0
        while not self._stopping:
            watch = self.admin.WatchEvents(WatchEventsRequest(after_sequence=after))
            try:
                async for update in watch:
                    for event in update.events:
                        told.append(event.sequence)
                        if event.kind == RoutingEvent.KIND_OFFER_ISSUED:
                            task = asyncio.create_task(self._take(event))
                            working.add(task)
                            task.add_done_callback(working.discard)
                    after = max(after, update.sequence)
            except grpc.aio.AioRpcError:
                await asyncio.sleep(0.02)

    async def _take(self, event: RoutingEvent) -> None:
        agent, interaction = event.agent_id, event.interaction_id
        accept = AcceptOfferRequest(agent_id=agent, offer_id=event.offer_id)
        if await self.call(self.agents.AcceptOffer, accept, interaction) is None:
            await self._ready_again(agent)
        elif interaction.endswith("-sms"):
            done = CompleteInteractionRequest(interaction_id=interaction)
            done.wrap_up.FromMilliseconds(0)
            await self.call(self.routing.CompleteInteraction, done, interaction)

    async def faults(self) -> list[str]:
        """What was promised to customers and is not so, looked up in a running router
        once everybody has fallen silent.
        """
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        found: list[str] = []
        for talk in self.talks:
            if sorted(talk.seen) != talk.seen:
                found.append(f"I10 {talk.name}: the version went back: {talk.seen}")
            kept = await self.look(talk) if talk.written else {}
            for version, text in talk.written.items():
                if kept.get(version) != text:
                    found.append(f"I10 {talk.name}: version {version} is lost or other")
            if sorted(kept) != list(range(1, len(kept) + 1)):
                found.append(f"I10 {talk.name}: versions {sorted(kept)} have gaps")
            if len(kept) > len(talk.written) + 1:
                found.append(f"I13 {talk.name}: an entry was added twice")
        return found


def successors_in(events: Any, names: dict[int, str]) -> dict[str, list[str]]:
    """By interaction, every successor the journal knows."""
    found: dict[str, list[str]] = {}
    for before, after in events:
        found.setdefault(names[before], []).append(names[after])
    return found
