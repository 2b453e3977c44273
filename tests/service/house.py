"""A whole router in this process, on a journal in memory, and a client beside it.

The server, the channel and the messages are real; only disk and clock are not. The
clock is the real one, and can be moved forward by hand.
"""

import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from router.clock import Clock
from router.context.contexts import Contexts, open_contexts
from router.engine.commands import PublishPolicy, Tick
from router.engine.engine import Engine
from router.host import Host
from router.journal.memory import MemoryJournal, MemoryStore
from router.journal.replay import batch_of, recover
from router.matching.worker import SolverProcess
from router.policy.load import load_policy
from router.service.context_desk import ContextDesk
from router.service.context_doors import ContextDoors
from router.service.feed import Feed
from router.service.server import Server
from router.service.start_up import erased_on, versions_on
from router.settings import Address, Settings
from router.v1.admin_service_pb2_grpc import AdminServiceStub
from router.v1.agent_pb2 import LINK_GATEWAY
from router.v1.agent_service_pb2 import AcceptOfferRequest, SignInRequest
from router.v1.agent_service_pb2_grpc import AgentServiceStub
from router.v1.context_service_pb2_grpc import ContextServiceStub
from router.v1.interaction_pb2 import CHANNEL_VOICE, Interaction
from router.v1.routing_service_pb2 import (
    CompleteInteractionRequest,
    EnqueueInteractionRequest,
    GetInteractionRequest,
)
from router.v1.routing_service_pb2_grpc import RoutingServiceStub

SMALL = """
policy: small
skills: [billing, english, trainee]
groups: [front, back]
presence_reasons: [break]
channels:
  voice: {weight: 3, limit: 1, exclusive: true}
  chat: {weight: 1, limit: 2}
  email: {weight: 1, limit: 3, interruptible: true}
capacity: 3
agents:
  - {id: ann, name: Ann Öz, skills: {billing: 4, english: 3}, groups: [front]}
  - {id: bob, skills: {billing: 2}, groups: [back]}
  - {id: eve, skills: {english: 5, trainee: 1}, groups: [front], limits: {chat: 0}}
queues:
  support: {wrap_up: 30s, hold_back_max: 5m}
  billing: {needs: {all_of: {billing: 3}, none_of: {trainee: 1}}}
  front desk: {groups: [front]}
  tiny: {limit: 1}
  stubborn: {exclude_decliner: true}
"""


@dataclass(frozen=True)
class Refusal:
    """How a call failed, as a client sees it."""

    code: str
    reason: str
    fields: tuple[str, ...]
    retry_ms: int
    message: str


def refusal_of(failure: grpc.aio.AioRpcError) -> Refusal:
    """Reads everything the failed call carried."""
    reason, fields, retry_ms = "", [], 0
    for key, value in failure.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        for detail in Status.FromString(value).details:
            info, bad, retry = ErrorInfo(), BadRequest(), RetryInfo()
            if detail.Unpack(info):
                assert "santral" == info.domain
                reason = info.reason
            if detail.Unpack(bad):
                fields = [violation.field for violation in bad.field_violations]
            if detail.Unpack(retry):
                retry_ms = retry.retry_delay.ToMilliseconds()
    details = failure.details() or ""
    return Refusal(failure.code().name, reason, tuple(fields), retry_ms, details)


async def refused(call: Any) -> Refusal:
    """Awaits a call (or reads a stream) that must fail, and says how it did."""
    try:
        if hasattr(call, "read"):
            while await call.read() is not grpc.aio.EOF:
                pass
        else:
            await call
    except grpc.aio.AioRpcError as failure:
        return refusal_of(failure)
    raise AssertionError("the call was not refused")


def refusal_in(result: Any) -> tuple[str, str, str]:
    """Code, reason and field of one result of the fast door."""
    return code_pb2.Code.Name(result.code), result.reason, result.field


def a_request_id() -> str:
    return str(uuid.uuid4())


def seconds(count: float) -> Duration:
    duration = Duration()
    duration.FromMilliseconds(int(count * 1000))
    return duration


class MovableClock(Clock):
    """The real clock, and what a test has moved it by."""

    moved_ms = 0

    def now(self) -> int:
        return super().now() + self.moved_ms


class House:
    """Everything a test of the service needs to hold on to."""

    host: Host
    feed: Feed
    server: Server
    channel: grpc.aio.Channel

    def __init__(self, policy: str, settings: dict[str, Any], options: Any) -> None:
        self.policy_text = policy
        self._kept = TemporaryDirectory(prefix="santral-house-")
        self.folder = Path(self._kept.name)
        self.options = options
        self.store = MemoryStore()
        self.clock = MovableClock()
        self.inbox_max = settings.pop("inbox_max", 20_000)
        self.settings = Settings(
            Path("small.yaml"), "memory:", Address("127.0.0.1", 0), **settings
        )

    async def open(self, journal: MemoryJournal | None = None) -> None:
        """Recover, start and serve, as `app` does."""
        self.journal = journal or MemoryJournal(self.store)
        head = self.journal.open("house")
        engine = recover(self.journal.reader()).engine
        self.host = Host(
            engine,
            self.journal,
            head,
            self.clock,
            inbox_max=self.inbox_max,
            solver=SolverProcess(),
        )
        self.feed = Feed(lambda: self.host.engine, self.journal.reader)
        self.desk = ContextDesk(self.host, self.contexts(engine))
        self.doors = ContextDoors.at(self.desk)
        self.feed.with_context = self.desk.offered
        self.host.before_append = self.desk.before_append
        self.server = Server(
            self.host,
            self.feed,
            self.journal.reader,
            self.old_policy,
            self.settings,
            self.doors,
        )
        self.host.listeners += [
            self.feed.on_batch,
            self.desk.on_batch,
            self.doors.outreach.on_batch,
        ]
        await self.host.start()
        if engine.policy is None:
            policy = load_policy(self.policy_text)
            await self.host.submit(PublishPolicy(policy, self.policy_text))
        await self.desk.finish_erasures()
        await self.server.start()
        self.target = f"127.0.0.1:{self.server.port}"
        self.channel = grpc.aio.insecure_channel(self.target, options=self.options)
        self.routing = RoutingServiceStub(self.channel)
        self.agents = AgentServiceStub(self.channel)
        self.admin = AdminServiceStub(self.channel)
        self.context = ContextServiceStub(self.channel)

    def contexts(self, engine: Engine) -> Contexts:
        """The store as `app` opens it; its files outlive a restart."""
        contexts = open_contexts(f"sqlite:{self.folder / 'house.context.db'}")
        contexts.privacy.apply_tombstones(erased_on(engine))
        contexts.conversations.discard_after(versions_on(engine))
        return contexts

    async def close(self) -> None:
        await self.channel.close()
        await self.host.drain()
        await self.server.stop(0)
        self.desk.close()

    async def restart(self) -> None:
        await self.close()
        await self.open()

    def old_policy(self, version: int) -> tuple[int, int, str] | None:
        for stored in self.journal.reader().read(0):
            batch = batch_of(stored.blob)
            for kind, name, text in batch.documents:
                if (kind, name) == ("policy", str(version)):
                    return version, int(batch.events["at"][-1]), text
        return None

    async def pass_time(self, seconds: float) -> None:
        """Move the clock, and let time cause what is due."""
        self.clock.moved_ms += int(seconds * 1000)
        await self.host.submit(Tick())

    async def sign_in(self, agent: str, **more: Any) -> Any:
        more = {"link": LINK_GATEWAY, **more}
        return await self.agents.SignIn(SignInRequest(agent_id=agent, **more))

    async def enqueue(
        self,
        interaction: str,
        queue: str = "support",
        channel: int = CHANNEL_VOICE,
        **more: Any,
    ) -> Any:
        request = EnqueueInteractionRequest(
            interaction_id=interaction, queue=queue, channel=channel, **more
        )
        return await self.routing.EnqueueInteraction(request)

    async def look(self, interaction: str) -> Interaction:
        request = GetInteractionRequest(interaction_id=interaction)
        return (await self.routing.GetInteraction(request)).interaction

    async def accept(self, interaction: str) -> Any:
        offered = await self.look(interaction)
        request = AcceptOfferRequest(agent_id=offered.agent, offer_id=offered.offer_id)
        return await self.agents.AcceptOffer(request)

    async def active(self, interaction: str, agent: str = "ann", **more: Any) -> None:
        """An interaction that this agent is handling."""
        await self.sign_in(agent)
        await self.enqueue(interaction, **more)
        await self.accept(interaction)

    async def wrapping(self, interaction: str, agent: str = "ann") -> None:
        await self.active(interaction, agent)
        await self.routing.CompleteInteraction(
            CompleteInteractionRequest(interaction_id=interaction)
        )

    async def sequence(self) -> int:
        return self.host.engine.sequence


@asynccontextmanager
async def a_house(policy: str = SMALL, *, options: Any = (), **settings: Any) -> Any:
    """A running house; `settings` as in `Settings`, and `inbox_max` of the host."""
    house = House(policy, settings, options)
    await house.open()
    try:
        yield house
    finally:
        await house.close()
