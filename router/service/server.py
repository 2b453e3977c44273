"""The gRPC server: services, health, reflection, and limits that suit many long
streams.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from router.host import Host
from router.journal.contract import JournalReader
from router.service.admin import Admin, PublishedPolicy
from router.service.agents import Agents
from router.service.calls import forgiving
from router.service.context_doors import ContextDoors, Contexts
from router.service.explaining import Explainer
from router.service.feed import Feed
from router.service.giving_way import giving_way
from router.service.routing import Routing
from router.settings import Settings, SettingsWrong
from router.v1 import (
    admin_service_pb2,
    admin_service_pb2_grpc,
    agent_service_pb2,
    agent_service_pb2_grpc,
    context_service_pb2,
    context_service_pb2_grpc,
    routing_service_pb2,
    routing_service_pb2_grpc,
)

SERVICES = tuple(
    module.DESCRIPTOR.services_by_name[name].full_name
    for module, name in (
        (routing_service_pb2, "RoutingService"),
        (agent_service_pb2, "AgentService"),
        (admin_service_pb2, "AdminService"),
        (context_service_pb2, "ContextService"),
    )
)


def options(settings: Settings) -> list[tuple[str, int]]:
    """What the server is told beyond gRPC's defaults, which drop part of a burst of
    streams and never look for clients that have silently gone.
    """
    return [
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", settings.message_bytes_max),
        ("grpc.max_metadata_size", 8 * 1024),
        ("grpc.absolute_max_metadata_size", 16 * 1024),
        ("grpc.max_concurrent_streams", 20_000),
        ("grpc.server.max_pending_requests", 20_000),
        ("grpc.server.max_pending_requests_hard_limit", 30_000),
        ("grpc.keepalive_time_ms", int(settings.keepalive_s * 1000)),
        ("grpc.keepalive_timeout_ms", int(settings.keepalive_timeout_s * 1000)),
        # What really ends a connection whose ping stays unanswered; left alone it is a
        # minute, whatever stands above.
        ("grpc.http2.ping_timeout_ms", int(settings.keepalive_timeout_s * 1000)),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.http2.max_ping_strikes", 2),
    ]


class Plainly:
    """A server as services see it when they register: by name only.

    gRPC would also keep a call ready for every single method, and its asyncio server
    waits for all of them anew at every call: with some thirty-five methods that costs a
    fifth of what a call costs.
    """

    def __init__(self, server: grpc.aio.Server) -> None:
        self._server = server

    def add_generic_rpc_handlers(
        self, handlers: Sequence[grpc.GenericRpcHandler]
    ) -> None:
        """Not needed: `add_registered_method_handlers` comes with the same methods."""

    def add_registered_method_handlers(
        self, service_name: str, method_handlers: Mapping[str, Any]
    ) -> None:
        """Add a service by its name; ours answer for bytes that cannot be read
        themselves.
        """
        handlers = (
            forgiving(method_handlers)
            if service_name in SERVICES
            else dict(method_handlers)
        )
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service_name, handlers),)
        )


class Server:
    """One port with everything on it."""

    def __init__(
        self,
        host: Host,
        feed: Feed,
        reader: Callable[[], JournalReader],
        old_policy: Callable[[int], PublishedPolicy | None],
        settings: Settings,
        doors: ContextDoors,
    ) -> None:
        self._settings = settings
        with giving_way():
            self._server = grpc.aio.server(options=options(settings))
        self._health = health.aio.HealthServicer()
        self.agents = Agents(host, feed, doors.desk)
        door: Any = Plainly(self._server)
        routing_service_pb2_grpc.add_RoutingServiceServicer_to_server(
            Routing(host, feed, Explainer(host, reader), doors), door
        )
        agent_service_pb2_grpc.add_AgentServiceServicer_to_server(self.agents, door)
        admin_service_pb2_grpc.add_AdminServiceServicer_to_server(
            Admin(host, feed, old_policy, doors.desk), door
        )
        context_service_pb2_grpc.add_ContextServiceServicer_to_server(
            Contexts(host, doors), door
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, door)
        reflection.enable_server_reflection(
            (*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), door
        )
        self.port = self._bind()

    def _bind(self) -> int:
        address = self._settings.listen
        try:
            port = self._server.add_insecure_port(str(address))
        except RuntimeError as problem:
            raise SettingsWrong(
                f"--listen {address}: the address cannot be had; is another router running there? Choose "
                "another port, or 0 for any"
            ) from problem
        return int(port)

    async def start(self) -> None:
        """Open the door."""
        await self._server.start()
        await self._say(health_pb2.HealthCheckResponse.SERVING)

    async def _say(self, status: health_pb2.HealthCheckResponse.ServingStatus) -> None:
        for service in ("", *SERVICES):
            await self._health.set(service, status)

    async def leave(self) -> None:
        """Tell balancers that this router is about to go."""
        await self._say(health_pb2.HealthCheckResponse.NOT_SERVING)

    async def stop(self, grace_s: float) -> None:
        """Close the door; calls that are under way may end."""
        await self._server.stop(grace_s)
