"""The yardstick: a server that does nothing, on the very stack the router stands on.

grpc.aio and uvloop, the router's own channel options, switch interval and threads that
give way; it reads the request as protobuf and answers with a message of the size that
the router's has. Run as `python -m bench.echo PORT`; never part of the service.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc.aio
import uvloop

from bench.messages import enqueued, routed
from router.app import SWITCH_INTERVAL_S
from router.service.giving_way import giving_way
from router.service.server import Plainly, options
from router.settings import Address, Settings
from router.v1 import routing_service_pb2 as pb
from router.v1.routing_service_pb2_grpc import (
    RoutingServiceServicer,
    add_RoutingServiceServicer_to_server,
)


class Echo(RoutingServiceServicer):
    """Answers at once, always the same."""

    def __init__(self) -> None:
        self._enqueued = enqueued()
        self._routed = {1: routed(1), 50: routed(50)}

    async def EnqueueInteraction(  # noqa: N802 - the contract's name
        self, request: pb.EnqueueInteractionRequest, context: Any
    ) -> pb.EnqueueInteractionResponse:
        return self._enqueued

    async def RouteInteractions(  # noqa: N802 - the contract's name
        self, stream: AsyncIterator[pb.RouteInteractionsRequest], context: Any
    ) -> AsyncIterator[pb.RouteInteractionsResponse]:
        async for message in stream:
            yield self._routed[len(message.commands)]


async def serve(port: int) -> None:
    """Serve until killed."""
    settings = Settings(Path(), "memory:", Address("127.0.0.1", port))
    with giving_way():
        server = grpc.aio.server(options=options(settings))
    door: Any = Plainly(server)
    add_RoutingServiceServicer_to_server(Echo(), door)
    server.add_insecure_port(str(settings.listen))
    await server.start()
    print("echo is ready", file=sys.stderr, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1])))
