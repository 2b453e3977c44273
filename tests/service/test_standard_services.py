"""Health and reflection, as any tool of the gRPC world expects them."""

import asyncio

from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from router.service.server import SERVICES

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def test_every_service_is_healthy_until_the_router_leaves(house):
    stub = health_pb2_grpc.HealthStub(house.channel)

    async def health():
        checks = [health_pb2.HealthCheckRequest(service=s) for s in ("", *SERVICES)]
        return {(await stub.Check(check)).status for check in checks}

    before = await health()
    await house.server.leave()
    after = await health()

    assert ({SERVING}, {NOT_SERVING}) == (before, after)


async def test_a_balancer_that_watches_hears_of_it(house):
    stub = health_pb2_grpc.HealthStub(house.channel)
    watch = stub.Watch(health_pb2.HealthCheckRequest(service=SERVICES[0]))
    first = await watch.read()

    await house.server.leave()
    second = await asyncio.wait_for(watch.read(), 5)
    watch.cancel()

    assert (SERVING, NOT_SERVING) == (first.status, second.status)


async def asked(house, **question):
    stub = reflection_pb2_grpc.ServerReflectionStub(house.channel)
    call = stub.ServerReflectionInfo()
    await call.write(reflection_pb2.ServerReflectionRequest(**question))
    answer = await call.read()
    await call.done_writing()
    return answer


async def test_reflection_lists_every_service(house):
    answer = await asked(house, list_services="")

    listed = {service.name for service in answer.list_services_response.service}
    assert {*SERVICES, "grpc.health.v1.Health"} <= listed


async def test_reflection_describes_the_contract(house):
    answer = await asked(house, file_containing_symbol="router.v1.RoutingService")

    assert answer.file_descriptor_response.file_descriptor_proto
