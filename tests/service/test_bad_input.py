"""Whatever comes over the wire: documented codes, nothing half-done, the server lives.

The malformed bytes are drawn from a fixed seed; a raw channel sends them as they are.
"""

import asyncio
import os
import random

import grpc
import pytest

from router.service.server import SERVICES
from router.v1 import admin_service_pb2, agent_service_pb2, routing_service_pb2
from router.v1.interaction_pb2 import CHANNEL_VOICE
from router.v1.routing_service_pb2 import (
    EnqueueInteractionRequest,
    EnqueueInteractionResponse,
)
from tests.contract.test_reasons import explained
from tests.service.house import refusal_of, refused, seconds

SEED = 7
ROUNDS = int(os.environ.get("SANTRAL_FUZZ_ROUNDS", "2000"))
"""Of random calls to each method; ten thousand pass as well and take two minutes."""
AT_ONCE = 100
STREAM_S = 0.02
"""How long a stream that was accepted is listened to before it is let go."""

MODULES = (routing_service_pb2, agent_service_pb2, admin_service_pb2)
METHODS = {
    f"/{service.full_name}/{method.name}": method
    for module in MODULES
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}
# The codes of the contract's table, and those that gRPC gives by itself.
CODES = {"OK", "CANCELLED", "DEADLINE_EXCEEDED", *explained().values()}
UNREADABLE = "INVALID_ARGUMENT"


def is_stream(method):
    return method.GetOptions() is not None and method.name in (
        "WatchInteraction",
        "WatchOffers",
        "WatchEvents",
        "RouteInteractions",
    )


async def outcome(channel, path, body):
    """Code and message of one raw call."""
    method = METHODS[path]
    try:
        if method.name == "RouteInteractions":
            call = channel.stream_stream(path)()
            await call.write(body)
            await call.done_writing()
            async for _ in call:
                pass
        elif is_stream(method):
            call = channel.unary_stream(path)(body, timeout=STREAM_S)
            async for _ in call:
                pass
        else:
            await channel.unary_unary(path)(body, timeout=10)
    except grpc.aio.AioRpcError as failure:
        return failure.code().name, failure
    return "OK", None


def malformed(chance, method):
    """Bytes at random, or a real message that was cut, bent or doubled."""
    if chance.random() < 0.5:
        return chance.randbytes(chance.randrange(0, 80))
    fields = list(method.input_type.fields)
    parts = []
    for _ in range(chance.randrange(1, 6)):
        number = chance.choice(fields).number if fields else 1
        wire = chance.choice([0, 1, 2, 5])
        tag = number << 3 | wire
        parts.append(
            bytes([tag & 0x7F | 0x80, tag >> 7]) if tag > 127 else bytes([tag])
        )
        if wire == 0:
            parts.append(chance.randbytes(chance.randrange(1, 9)) + b"\x01")
        elif wire == 2:
            text = chance.choice([b"call-1", b"ann", b"support", b"\xff\xfe", b"\x00"])
            parts.append(bytes([len(text)]) + text)
        else:
            parts.append(chance.randbytes({1: 8, 5: 4}[wire]))
    body = b"".join(parts)
    return body[: chance.randrange(len(body) + 1)] if chance.random() < 0.2 else body


@pytest.mark.slow
@pytest.mark.parametrize("path", METHODS)
async def test_malformed_bytes_end_in_a_documented_code(house, path):
    # Streams stay open for a moment when they are understood, so fewer are sent there.
    chance = random.Random(f"{SEED} {path}")
    rounds = ROUNDS // 10 if is_stream(METHODS[path]) else ROUNDS
    await house.sign_in("ann")
    await house.enqueue("call-1")
    codes: dict[str, int] = {}
    for _ in range(rounds // AT_ONCE):
        bodies = [malformed(chance, METHODS[path]) for _ in range(AT_ONCE)]
        calls = [outcome(house.channel, path, body) for body in bodies]
        for code, failure in await asyncio.gather(*calls):
            codes[code] = codes.get(code, 0) + 1
            assert code in CODES, failure
            if code not in ("OK", "CANCELLED", "DEADLINE_EXCEEDED"):
                no = refusal_of(failure)
                assert explained()[no.reason] == code, failure

    await house.enqueue("still here")
    assert codes
    assert "" == house.host.failure


async def test_unknown_fields_are_passed_over(house):
    request = EnqueueInteractionRequest(
        interaction_id="call-1", queue="support", channel=CHANNEL_VOICE
    )
    from_the_future = b"\xc2\x3e\x05hello"  # field 1000, a text
    path = "/router.v1.RoutingService/EnqueueInteraction"

    body = request.SerializeToString() + from_the_future
    raw = await house.channel.unary_unary(path)(body)

    answer = EnqueueInteractionResponse.FromString(raw)
    assert "call-1" == answer.interaction.interaction_id


@pytest.mark.parametrize("text", [b"\xff\xfe", b"\xed\xa0\x80", b"\xc3"])
async def test_text_that_is_not_utf_8_is_refused(house, text):
    path = "/router.v1.RoutingService/EnqueueInteraction"

    code, failure = await outcome(
        house.channel, path, b"\x12" + bytes([len(text)]) + text
    )

    assert UNREADABLE == code
    assert "FIELD_INVALID" == refusal_of(failure).reason
    assert 0 == len(house.host.engine.names.interactions)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"interaction_id": "x" * 129}, "interaction_id"),
        ({"interaction_id": "tab\there"}, "interaction_id"),
        ({"interaction_id": "nul\0"}, "interaction_id"),
        ({"interaction_id": "rtl\u202e"}, "interaction_id"),
        ({"conversation_id": "x" * 129}, "conversation_id"),
        ({"customer_id": "\n"}, "customer_id"),
        ({"channel": 0}, "channel"),
        ({"channel": 99}, "channel"),
        ({"channel": 7}, "channel"),
        ({"priority": -1}, "priority"),
        ({"priority": 2**31 - 1}, "priority"),
        ({"waited": seconds(-1)}, "waited"),
        ({"waited": seconds(3e9)}, "waited"),
        ({"hold_back": seconds(-5)}, "hold_back"),
        ({"excluded_agents": list("abcdefghi")}, "excluded_agents"),
        ({"excluded_agents": ["nobody"]}, "excluded_agents"),
        ({"owner": "nobody"}, "owner"),
        ({"needs": {"all_of": [{"skill": "billing", "level": 6}]}}, "needs"),
        ({"needs": {"all_of": [{"skill": "billing", "level": -2}]}}, "needs"),
        ({"needs": {"any_of": [{}]}}, "needs"),
        ({"needs": {"all_of": [{"skill": ""}]}}, "needs"),
        ({"request_id": "not-a-uuid"}, "request_id"),
    ],
)
async def test_impossible_values_name_their_field_and_change_nothing(
    house, fields, field
):
    request = EnqueueInteractionRequest(
        **{
            "interaction_id": "call-1",
            "queue": "support",
            "channel": CHANNEL_VOICE,
            **fields,
        }
    )

    no = await refused(house.routing.EnqueueInteraction(request))

    assert (field,) == no.fields
    assert no.code in ("INVALID_ARGUMENT", "NOT_FOUND")
    assert 0 == len(house.host.engine.names.interactions)


async def test_an_oversize_message_is_refused_by_its_size(house):
    path = "/router.v1.RoutingService/EnqueueInteraction"
    body = b"\x12" + b"\x80\x80\x80\x08" + b"x" * (16 * 1024 * 1024)

    code, _ = await outcome(house.channel, path, body)

    assert "RESOURCE_EXHAUSTED" == code
    await house.enqueue("still here")


async def test_a_metadata_bomb_is_refused_before_it_is_read(house):
    metadata = [(f"bomb-{n}", "x" * 1_000) for n in range(1_000)]
    request = EnqueueInteractionRequest(interaction_id="call-1")

    no = await refused(
        house.routing.EnqueueInteraction(request, metadata=metadata, timeout=10)
    )

    assert no.code in ("RESOURCE_EXHAUSTED", "UNAVAILABLE", "INTERNAL")
    await house.enqueue("still here")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_method_that_is_not_there_is_unimplemented(house, service):
    call = house.channel.unary_unary(f"/{service}/Dance")

    assert "UNIMPLEMENTED" == (await refused(call(b""))).code


async def test_deep_nesting_is_refused(house):
    path = "/router.v1.RoutingService/RouteInteractions"
    body = b""
    for _ in range(2_000):
        length = len(body)
        varint = bytes([length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14])
        body = b"\x0a" + varint + body

    code, _ = await outcome(house.channel, path, body)

    assert code in (UNREADABLE, "OK")
    await house.enqueue("still here")
