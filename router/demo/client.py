"""One channel to a router, and calls that survive its restarts.

A call that meets a router that is down, draining or overloaded is repeated with the
same request id until it is answered, or until nobody has answered for a minute. That is
the whole secret of surviving `kill -9`: the router remembers what it has answered.
Everything else that goes wrong is passed on as it is.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from router.demo.errors import RouterGone
from router.v1.admin_service_pb2_grpc import AdminServiceStub
from router.v1.agent_service_pb2_grpc import AgentServiceStub
from router.v1.context_service_pb2_grpc import ContextServiceStub
from router.v1.routing_service_pb2_grpc import RoutingServiceStub

PATIENCE_MS = 60_000
"""How long a router may be gone before the demonstration gives up."""
_CALL_TIMEOUT_S = 10.0
_PAUSE_S_MAX = 1.0

PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}
"""Codes after which the same request may be sent again."""
PASSING_NUMBERS = {code.value[0] for code in PASSING}

_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    # Five hundred agents on one connection must not wait for one another's streams.
    ("grpc.max_concurrent_streams", 10_000),
)

Request = TypeVar("Request", bound=Message, contravariant=True)
Answer = TypeVar("Answer", covariant=True)


class Method(Protocol[Request, Answer]):
    """A unary method of a stub."""

    def __call__(
        self, request: Request, *, timeout: float | None = None
    ) -> Awaitable[Answer]: ...


@dataclass(slots=True)
class Troubles:
    """What had to be done twice; shown in the account."""

    retries: int = 0
    """Calls and commands that were sent again."""
    reconnects: int = 0
    """Streams that were lost and opened again."""
    round_trips_s: list[float] = field(default_factory=list)
    """How long the answered try of each unary call took."""

    def round_trip_ms(self, share: float) -> float:
        """The round trip that this share of the calls did not exceed."""
        ordered = sorted(self.round_trips_s) or [0.0]
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Patience:
    """How long a thing that keeps failing is tried again, and at which pace."""

    def __init__(self, target: str, patience_ms: int) -> None:
        self._target = target
        self._patience_ms = patience_ms
        self.calm()

    def calm(self) -> None:
        """It worked: the next failure is a first one."""
        self._since: float | None = None
        self._pause_s = 0.05

    async def wait(self, failure: grpc.aio.AioRpcError) -> None:
        """Wait before the next try, or raise `RouterGone` after long enough."""
        now = time.monotonic()
        self._since = self._since or now
        gone_ms = 1000 * (now - self._since)
        if gone_ms > self._patience_ms:
            raise RouterGone(
                f"the router at {self._target} has not answered for "
                f"{gone_ms / 1000:.0f} s ({failure.code().name}: {failure.details()}); "
                "is it running there?"
            ) from failure
        await asyncio.sleep(self._pause_s)
        self._pause_s = min(_PAUSE_S_MAX, 2 * self._pause_s)


class Router:
    """A running router, seen from outside. Use as `async with Router(target) as
    router`.
    """

    def __init__(self, target: str, patience_ms: int = PATIENCE_MS) -> None:
        self.target = target
        self.troubles = Troubles()
        self._patience_ms = patience_ms

    async def __aenter__(self) -> Self:
        self._channel = grpc.aio.insecure_channel(self.target, options=_OPTIONS)
        self.routing = RoutingServiceStub(self._channel)
        self.agents = AgentServiceStub(self._channel)
        self.admin = AdminServiceStub(self._channel)
        self.contexts = ContextServiceStub(self._channel)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._channel.close()

    def patience(self) -> Patience:
        return Patience(self.target, self._patience_ms)

    async def call(self, method: Method[Request, Answer], request: Request) -> Answer:
        """Call until it is answered; every try is the same request.

        Raises `RouterGone` after a minute without any answer, and the router's own
        `AioRpcError` for a refusal.
        """
        name_request(request)
        patience = self.patience()
        while True:
            began = time.monotonic()
            try:
                answer = await method(request, timeout=_CALL_TIMEOUT_S)
                self.troubles.round_trips_s.append(time.monotonic() - began)
                return answer
            except grpc.aio.AioRpcError as failure:
                if failure.code() not in PASSING:
                    raise
                self.troubles.retries += 1
                await patience.wait(failure)


def name_request(request: Any) -> None:
    """Give a mutation the request id that all its tries will carry."""
    if "request_id" in request.DESCRIPTOR.fields_by_name and not request.request_id:
        request.request_id = str(uuid.uuid4())


def reason_of(failure: grpc.aio.AioRpcError) -> str:
    """The router's reason for a refusal, such as `OFFER_GONE`; empty if none."""
    for key, value in failure.trailing_metadata() or ():
        if key != "grpc-status-details-bin" or not isinstance(value, bytes):
            continue
        for detail in Status.FromString(value).details:
            info = ErrorInfo()
            if detail.Unpack(info):
                return str(info.reason)
    return ""


def plainly(failure: grpc.aio.AioRpcError) -> str:
    """A failure as a line to read."""
    reason = reason_of(failure) or failure.code().name
    return f"{reason}: {failure.details()}"


async def tolerating(call: Awaitable[Answer], *reasons: str) -> Answer | None:
    """Await a call whose refusal for one of these reasons is no surprise: None then."""
    try:
        return await call
    except grpc.aio.AioRpcError as failure:
        if reason_of(failure) in reasons:
            return None
        raise


Listener = Callable[[Any], None]
